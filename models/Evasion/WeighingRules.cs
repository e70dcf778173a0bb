using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Models.Statistics;

namespace Streaming.Models.Evasion;

/// <summary>When left and right wheels say that a vehicle did not pass over the whole scale. No figure is verified.</summary>
public sealed record StraddlingRule
{
    /// <summary>Left over right below this is outside the band, per mille (1000 = even).</summary>
    public int LeastPermille { get; init; } = 600;

    /// <summary>Left over right above this is outside the band, per mille.</summary>
    public int MostPermille { get; init; } = 1_667;

    /// <summary>Severity of the warning, 1 to 4.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>How sure it is that the driver meant it, 0 to 1: a load may be skew.</summary>
    public double Confidence { get; init; } = 0.6;

    /// <summary>True where the weighing is outside the band; one that says nothing of left and right is not.</summary>
    public bool Breaks(int leftRightPermille) => leftRightPermille >= 0 && (leftRightPermille < LeastPermille || leftRightPermille > MostPermille);

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(LeastPermille >= 0 && LeastPermille < 1_000 && MostPermille > 1_000 && MostPermille <= ModelLimits.LeftRightPermille))
        {
            yield return $"evasion.straddling.leastPermille and mostPermille are {LeastPermille} and {MostPermille}; 1000 must lie between them, and they must be 0 to {ModelLimits.LeftRightPermille}.";
        }

        foreach (string problem in EvasionRules.Common("evasion.straddling", Severity, Confidence))
        {
            yield return problem;
        }
    }
}

/// <summary>The speeds that one station weighs truly at.</summary>
public sealed record StationSpeed
{
    /// <summary>Id of the station.</summary>
    public string Station { get; init; } = "";

    /// <summary>Slower than this it does not weigh truly, km/h.</summary>
    public double LeastKmh { get; init; }

    /// <summary>Faster than this it does not weigh truly, km/h.</summary>
    public double MostKmh { get; init; }
}

/// <summary>When a vehicle passed a scale at a speed that it does not weigh truly at.</summary>
public sealed record SpeedRule
{
    /// <summary>Slower than this a record is not valid, km/h: 10 mph (OpenWIM/pywim).</summary>
    public double LeastKmh { get; init; } = 16.1;

    /// <summary>Faster than this a record is not valid, km/h: 99 mph (OpenWIM/pywim).</summary>
    public double MostKmh { get; init; } = 159.3;

    /// <summary>Stations with another range.</summary>
    public IReadOnlyList<StationSpeed> Stations { get; init; } = [];

    /// <summary>Severity of the warning, 1 to 4. Not verified.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>How sure it is that the driver meant it, 0 to 1: there may have been a queue. Not verified.</summary>
    public double Confidence { get; init; } = 0.5;

    /// <summary>The range of a station, km/h.</summary>
    /// <param name="station">Its id, UTF-8.</param>
    public (double LeastKmh, double MostKmh) Of(ReadOnlySpan<byte> station)
    {
        for (int i = 0; i < Stations.Count; i++)
        {
            if (Encoding.Utf8Text.Is(station, Stations[i].Station))
            {
                return (Stations[i].LeastKmh, Stations[i].MostKmh);
            }
        }

        return (LeastKmh, MostKmh);
    }

    /// <summary>True where a speed, in tenths of km/h, is outside the station's range; -1, which is none, is not.</summary>
    public bool Breaks(ReadOnlySpan<byte> station, int speedTenthKmh)
    {
        if (speedTenthKmh < 0)
        {
            return false;
        }

        (double leastKmh, double mostKmh) = Of(station);
        return speedTenthKmh < Math.Round(leastKmh * 10) || speedTenthKmh > Math.Round(mostKmh * 10);
    }

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!Holds(LeastKmh, MostKmh))
        {
            yield return $"evasion.speed.leastKmh and mostKmh must rise in that order, from 0 to {ModelLimits.SpeedKmh}.";
        }

        if (Stations is null || Stations.Count > ModelLimits.SpeedStations)
        {
            yield return $"evasion.speed.stations must have at most {ModelLimits.SpeedStations} entries.";
            yield break;
        }

        for (int i = 0; i < Stations.Count; i++)
        {
            if (Stations[i] is not { Station.Length: > 0 } station || !Holds(station.LeastKmh, station.MostKmh))
            {
                yield return $"evasion.speed.stations[{i}] must name a station, and its leastKmh and mostKmh must rise in that order, from 0 to {ModelLimits.SpeedKmh}.";
            }
        }

        foreach (string problem in EvasionRules.Common("evasion.speed", Severity, Confidence))
        {
            yield return problem;
        }
    }

    private static bool Holds(double leastKmh, double mostKmh) => leastKmh >= 0 && leastKmh < mostKmh && mostKmh <= ModelLimits.SpeedKmh;
}

/// <summary>One of two weighings that are compared.</summary>
/// <param name="AtMs">Time of the weighing, ms since 1970.</param>
/// <param name="GrossKg">Gross mass, kg.</param>
/// <param name="AxleCount">Axles; 0 where the record has none.</param>
/// <param name="AccuracyPct">± percent of the gross mass that 95 % of the station's records keep to.</param>
public readonly record struct WeighedOnce(long AtMs, int GrossKg, int AxleCount, double AccuracyPct)
{
    /// <summary>Standard deviation of the station's error at this mass, kg.</summary>
    public double DeviationKg => GrossKg * AccuracyPct / 100 / NormalDistribution.TwoSided95;

    /// <summary>True where the other follows within a time.</summary>
    public bool IsFollowedBy(in WeighedOnce later, int withinS) => later.AtMs > AtMs && later.AtMs - AtMs <= withinS * 1000L;
}

/// <summary>When two stations weighed one vehicle differently by more than they err.</summary>
public sealed record DisagreementRule
{
    /// <summary>The two weighings are at most this far apart, seconds: time enough to come from one station to the other and too little to unload. Not verified.</summary>
    public int WithinS { get; init; } = 1_200;

    /// <summary>They differ by more than this share of the heavier one, percent: entry and exit weights that differ by more than 5 % are seen in practice.</summary>
    public double AbovePct { get; init; } = 5;

    /// <summary>And by at least this many standard deviations of what both stations' errors come to: four are passed by one honest pair in sixteen thousand, three by one in four hundred. Not verified.</summary>
    public double Deviations { get; init; } = 4;

    /// <summary>Severity of the warning, 1 to 4. Not verified.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>
    /// True where the two differ by more than either bound. Errors are taken as normal, in proportion to the mass and independent, and an accuracy as the deviation that 95 % of a station's records keep to.
    /// </summary>
    /// <param name="earlier">The first weighing.</param>
    /// <param name="later">The second, at another station.</param>
    /// <param name="probability">That the true masses differ in the direction that was measured, 0 to 0.9999, to four decimals.</param>
    public bool Breaks(in WeighedOnce earlier, in WeighedOnce later, out double probability)
    {
        probability = 0;
        int differenceKg = Math.Abs(earlier.GrossKg - later.GrossKg);
        if (!earlier.IsFollowedBy(later, WithinS) || differenceKg * 100.0 <= AbovePct * Math.Max(earlier.GrossKg, later.GrossKg))
        {
            return false;
        }

        double deviationKg = Math.Sqrt((earlier.DeviationKg * earlier.DeviationKg) + (later.DeviationKg * later.DeviationKg));
        if (!(differenceKg >= Deviations * deviationKg) || deviationKg <= 0)
        {
            return false;
        }

        probability = Math.Min(0.9999, Math.Round(NormalDistribution.Below(differenceKg / deviationKg), 4));
        return true;
    }

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (WithinS is < 1 or > ModelLimits.RuleSeconds)
        {
            yield return $"evasion.disagreement.withinS is {WithinS}; it must be 1 to {ModelLimits.RuleSeconds}.";
        }

        if (!(AbovePct >= 0 && AbovePct <= 100) || !(Deviations >= 0 && Deviations <= 40))
        {
            yield return "evasion.disagreement.abovePct must be 0 to 100, and deviations 0 to 40.";
        }

        foreach (string problem in EvasionRules.Common("evasion.disagreement", Severity, null))
        {
            yield return problem;
        }
    }
}

/// <summary>When a vehicle was weighed with axles that are not its own, or not all of them. No figure is verified but that of the same gross mass.</summary>
public sealed record AxleCountRule
{
    /// <summary>Two weighings of one vehicle whose axles are compared are at most this far apart, seconds.</summary>
    public int WithinS { get; init; } = 1_200;

    /// <summary>And differ in their gross mass by at most this share of the heavier one, percent; above, it is another load: 5 % is what entry and exit weights differ by in practice.</summary>
    public double SameGrossPct { get; init; } = 5;

    /// <summary>Severity where nothing is hidden by it, 1 to 4.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>Severity where the gross mass is over the limit that the vehicle has with its registered axles.</summary>
    public int HidingSeverity { get; init; } = 3;

    /// <summary>How sure it is that the driver meant it, 0 to 1: an axle may be miscounted, or lifted.</summary>
    public double Confidence { get; init; } = 0.6;

    /// <summary>
    /// True where a rigid truck was weighed with a number of axles that has a higher limit than those it is registered with. Not for what the record calls a combination: that is a trailer, which is no evasion; nor where a permit covers the mass anyway.
    /// </summary>
    /// <param name="limits">The limits of the road.</param>
    /// <param name="grossKg">Measured gross mass, kg.</param>
    /// <param name="axleCount">Axles weighed.</param>
    /// <param name="recordClass">Body as the record has it.</param>
    /// <param name="build">Body as registered.</param>
    /// <param name="registeredAxles">Axles as registered; 0 where unknown.</param>
    /// <param name="permitKg">Gross mass that an over-limit transport permit allows, kg; 0 where there is none.</param>
    /// <param name="limitKg">The limit with the registered axles, kg.</param>
    public static bool RaisesLimit(RoadLimits limits, int grossKg, int axleCount, VehicleClass recordClass, RegisteredBuild build, int registeredAxles, int permitKg, out int limitKg)
    {
        limitKg = 0;
        if (build.Class != VehicleClass.Rigid || registeredAxles <= 0 || axleCount <= 0 || axleCount == registeredAxles || recordClass == VehicleClass.Combination || permitKg >= grossKg)
        {
            return false;
        }

        RoadJudgement weighed = limits.Judge(grossKg, axleCount, recordClass, build);
        RoadJudgement registered = limits.Judge(grossKg, registeredAxles, recordClass, build);
        limitKg = registered.LimitKg;
        return weighed.IsJudged && registered.IsJudged && weighed.LimitKg > registered.LimitKg;
    }

    /// <summary>True where two stations counted axles differently at the same gross mass.</summary>
    public bool Differs(in WeighedOnce earlier, in WeighedOnce later) =>
        earlier.AxleCount > 0 && later.AxleCount > 0 && earlier.AxleCount != later.AxleCount && earlier.IsFollowedBy(later, WithinS)
        && Math.Abs(earlier.GrossKg - later.GrossKg) * 100.0 <= SameGrossPct * Math.Max(earlier.GrossKg, later.GrossKg);

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (WithinS is < 1 or > ModelLimits.RuleSeconds)
        {
            yield return $"evasion.axleCount.withinS is {WithinS}; it must be 1 to {ModelLimits.RuleSeconds}.";
        }

        if (!(SameGrossPct >= 0 && SameGrossPct <= 100))
        {
            yield return "evasion.axleCount.sameGrossPct must be 0 to 100.";
        }

        foreach (string problem in EvasionRules.Common("evasion.axleCount", Severity, Confidence).Concat(EvasionRules.Common("evasion.axleCount.hiding", HidingSeverity, null)))
        {
            yield return problem;
        }
    }
}

/// <summary>When a vehicle that a camera saw before a station was not weighed there. No figure is verified.</summary>
public sealed record UnweighedRule
{
    /// <summary>By how much the clocks of camera and station may differ, seconds: a weighing up to so much before the sighting is that of the same passage.</summary>
    public int ClockToleranceS { get; init; } = 5;

    /// <summary>Passages without a weighing that it takes: a single record is lost, or its plate misread, more often than a truck drives round a scale. Not verified.</summary>
    public int Repeats { get; init; } = 2;

    /// <summary>Time within which they must have been, h. Not verified.</summary>
    public int WithinHours { get; init; } = 24;

    /// <summary>Severity of the warning, 1 to 4.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>How sure it is, 0 to 1: it may have turned off, or its plate was not read at the station.</summary>
    public double Confidence { get; init; } = 0.5;

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (ClockToleranceS is < 0 or > 600)
        {
            yield return $"evasion.unweighed.clockToleranceS is {ClockToleranceS}; it must be 0 to 600.";
        }

        if (Repeats is < 1 or > 4)
        {
            yield return $"evasion.unweighed.repeats is {Repeats}; it must be 1 to 4.";
        }

        if (WithinHours is < 1 or > 24 * 365)
        {
            yield return $"evasion.unweighed.withinHours is {WithinHours}; it must be 1 to {24 * 365}.";
        }

        foreach (string problem in EvasionRules.Common("evasion.unweighed", Severity, Confidence))
        {
            yield return problem;
        }
    }
}
