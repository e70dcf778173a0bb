using Streaming.Models.Encoding;
using Streaming.Models.Evasion;
using Streaming.Models.Limits;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>What one weighing shows of evasion, alone and beside the one before.</summary>
internal ref struct EvasionFinding
{
    /// <summary>Every way that it shows.</summary>
    public EvasionWays Ways;

    /// <summary>The gravest of them, 1 to 4.</summary>
    public int Severity;

    /// <summary>The surest of them, 0 to 1.</summary>
    public double Confidence;

    /// <summary>That the true masses at two stations differ, 0 to 1.</summary>
    public double Probability;

    /// <summary>The limit with the registered axles, kg.</summary>
    public int RegisteredLimitKg;

    /// <summary>The weighing before, where two are compared, and its station.</summary>
    public WeighedOnce Earlier;
    public ReadOnlySpan<byte> EarlierStation;

    /// <summary>Judges what a weighing shows by itself. One below the mass from which there is something to evade shows nothing.</summary>
    public static void JudgeAlone(EvasionRules rules, scoped in WeighedMass weighed, scoped ref EvasionFinding found)
    {
        WeighReading weighing = weighed.Weighing;
        if (weighing.GrossKg < rules.MinimumKg)
        {
            return;
        }

        if (rules.Straddling is { } straddling && straddling.Breaks(weighing.LeftRightPermille))
        {
            found.Add(EvasionWays.Straddling, straddling.Severity, straddling.Confidence);
        }

        if (rules.Speed is { } speed && speed.Breaks(weighed.Station, weighing.SpeedTenthKmh))
        {
            found.Add(EvasionWays.Speed, speed.Severity, speed.Confidence);
        }

        VehicleRegistration? registration = weighed.Registration;
        if (rules.AxleCount is { } axles
            && AxleCountRule.RaisesLimit(
                weighed.Rules.RoadLimits,
                weighing.GrossKg,
                weighing.AxleCount,
                weighing.VehicleClass,
                registration?.BuildAt(weighed.AtMs) ?? default,
                registration?.AxlesAt(weighed.AtMs) ?? 0,
                registration?.PermitAt(weighed.AtMs)?.GrossKg ?? 0,
                out int limitKg))
        {
            found.RegisteredLimitKg = limitKg;
            found.Add(EvasionWays.RegisteredAxles, weighing.GrossKg > limitKg ? axles.HidingSeverity : axles.Severity, axles.Confidence);
        }
    }

    /// <summary>Judges a weighing beside the one before, which was at another station.</summary>
    /// <param name="rules">By what it is judged.</param>
    /// <param name="weighed">The weighing.</param>
    /// <param name="last">The one before.</param>
    /// <param name="lastAccuracyHundredthPct">The accuracy that its station was registered with.</param>
    /// <param name="wasAtSite">The truck was at a place of loading or unloading between the two: another mass is no wonder then.</param>
    public void JudgePair(EvasionRules rules, scoped in WeighedMass weighed, in KeptReading last, int lastAccuracyHundredthPct, bool wasAtSite)
    {
        if (rules.Disagreement is null && rules.AxleCount is null)
        {
            return;
        }

        ByteReader reader = new(last.Body);
        WeighReading before = WeighReading.Read(ref reader);
        WeighReading weighing = weighed.Weighing;
        if (Math.Max(before.GrossKg, weighing.GrossKg) < rules.MinimumKg)
        {
            return;
        }

        double lastAccuracyPct = lastAccuracyHundredthPct > 0 ? lastAccuracyHundredthPct / 100.0 : weighed.Rules.RoadLimits.DefaultAccuracyPct;
        WeighedOnce earlier = new(last.AtMs, before.GrossKg, before.AxleCount, lastAccuracyPct);
        WeighedOnce later = new(weighed.AtMs, weighing.GrossKg, weighing.AxleCount, weighed.AccuracyPct);
        if (!wasAtSite && rules.Disagreement is { } disagreement && disagreement.Breaks(earlier, later, out double probability))
        {
            Probability = probability;
            Add(EvasionWays.Stations, disagreement.Severity, probability);
        }

        if (rules.AxleCount is { } axles && axles.Differs(earlier, later))
        {
            Add(EvasionWays.StationAxles, axles.Severity, axles.Confidence);
        }

        if ((Ways & (EvasionWays.Stations | EvasionWays.StationAxles)) != 0)
        {
            Earlier = earlier;
            EarlierStation = last.Source.ToArray();
        }
    }

    private void Add(EvasionWays way, int severity, double confidence) =>
        (Ways, Severity, Confidence) = (Ways | way, Math.Max(Severity, severity), Math.Max(Confidence, confidence));
}
