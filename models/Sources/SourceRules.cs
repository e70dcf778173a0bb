namespace Streaming.Models.Sources;

/// <summary>When a source is warned of because nothing comes from it.</summary>
public sealed record SilenceRule
{
    /// <summary>False where silence is shown in the catalogue alone.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Severity of the warning, 1 to 4. Not verified.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>How sure it is that the source, and not the line to it, is at fault, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.9;
}

/// <summary>When a source is warned of because too great a share of what it sends is not as it should be. The figures are not verified.</summary>
public sealed record ShareRule
{
    /// <summary>False where nothing is warned of.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>A window with at least this share is one against the source, percent.</summary>
    public double OpenPct { get; init; } = 20;

    /// <summary>A window with at most this share clears the warning, percent.</summary>
    public double ClearPct { get; init; } = 5;

    /// <summary>Severity of the warning, 1 to 4.</summary>
    public int Severity { get; init; } = 1;

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems(string where)
    {
        if (!(ClearPct >= 0 && ClearPct < OpenPct && OpenPct <= 100))
        {
            yield return $"{where}.clearPct must be 0 or more and below openPct, which is at most 100.";
        }

        if (Severity is < 1 or > 4)
        {
            yield return $"{where}.severity is {Severity}; severities are 1 to 4.";
        }
    }

    /// <summary>True where a share is one to warn of.</summary>
    public bool IsBad(long some, long all) => some * 100.0 >= all * OpenPct;

    /// <summary>True where a share ends the warning.</summary>
    public bool IsGood(long some, long all) => some * 100.0 <= all * ClearPct;
}

/// <summary>What becomes of a weigh station whose calibration has run out by the register of stations.</summary>
public sealed record CalibrationRule
{
    /// <summary>Severity of the warning about the station, 1 to 4. Not verified.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>How sure it is that what is registered is the newest calibration, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.9;

    /// <summary>Severity that warnings of too much mass have at most while they rest on such a station, 1 to 4. Not verified.</summary>
    public int AdvisorySeverity { get; init; } = 1;

    /// <summary>Where the duty to be calibrated comes from. Not verified.</summary>
    public string LegalSource { get; init; } = "计量法 Art. 9";
}

/// <summary>
/// When a station's scale is said to have drifted: by the mean steering axle of combinations of a number of axles. It varies little with the load, so its mean over many trucks says more of the scale than of them.
/// </summary>
public sealed record DriftRule
{
    /// <summary>A front axle outside these two is no steering axle of a laden tractor, or not weighed rightly: it is left out of the mean, kg. Not verified.</summary>
    public const int PlausibleFromKg = 2_000;

    /// <summary>As <see cref="PlausibleFromKg"/>, kg.</summary>
    public const int PlausibleUpToKg = 12_000;

    /// <summary>8.5 kip, kg (1 kip = 453.59237 kg).</summary>
    private const double Least = 3_855.5;

    /// <summary>12 kip, kg.</summary>
    private const double Most = 5_443.1;

    /// <summary>Axles of the combinations that are looked at, 5 or 6.</summary>
    public int Axles { get; init; } = 5;

    /// <summary>Least mean of a station in order, kg. A US figure, not verified: 8.5 kip. Other fleets have other tractors, so a city sets its own.</summary>
    public double LeastKg { get; init; } = Least;

    /// <summary>Greatest mean of a station in order, kg. A US figure, not verified: 12 kip.</summary>
    public double MostKg { get; init; } = Most;

    /// <summary>How far within the band a mean has to be to clear, kg. Not verified.</summary>
    public double HysteresisKg { get; init; } = 100;

    /// <summary>Trucks of a mean. Not verified.</summary>
    public int Trucks { get; init; } = 50;

    /// <summary>Means outside the band, one after another, that it takes. Not verified.</summary>
    public int Means { get; init; } = 2;

    /// <summary>Severity, 1 to 4. Not verified.</summary>
    public int Severity { get; init; } = 1;

    /// <summary>How sure it is that the scale and not the traffic is other than usual, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.6;

    /// <summary>True where a mean, kg, lies outside the band.</summary>
    public bool IsOutside(double meanKg) => meanKg < LeastKg || meanKg > MostKg;

    /// <summary>True where a mean, kg, lies within the band for good.</summary>
    public bool IsWithin(double meanKg) => meanKg >= LeastKg + HysteresisKg && meanKg <= MostKg - HysteresisKg;

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Axles is not (5 or 6))
        {
            yield return $"sources.drift.axles is {Axles}; it must be 5 or 6.";
        }

        if (!(LeastKg > 0 && HysteresisKg >= 0 && LeastKg + HysteresisKg < MostKg - HysteresisKg && MostKg <= ModelLimits.GrossKg))
        {
            yield return "sources.drift.leastKg must be above 0, and the band up to mostKg wider than twice hysteresisKg.";
        }

        if (Trucks is < 10 or > 100_000)
        {
            yield return $"sources.drift.trucks is {Trucks}; it must be 10 to 100000.";
        }

        if (Means is < 1 or > 100)
        {
            yield return $"sources.drift.means is {Means}; it must be 1 to 100.";
        }

        if (Severity is < 1 or > 4)
        {
            yield return $"sources.drift.severity is {Severity}; severities are 1 to 4.";
        }

        if (!(Confidence is > 0 and <= 1))
        {
            yield return $"sources.drift.confidence is {Confidence}; it must be above 0 and at most 1.";
        }
    }
}

/// <summary>
/// Warnings about sources themselves. Shares are those of windows, one after another: of at least <see cref="WindowS"/> and at least <see cref="LeastReadings"/>, and it takes <see cref="BadWindows"/> bad ones, so that a station that
/// was offline and sends its backlog at once is not one that is always late.
/// </summary>
public sealed record SourceRules
{
    /// <summary>A reading is late for <see cref="Lateness"/> from here on, ms: one of the edges between the bands that are measured.</summary>
    public const long LateMs = 60_000;

    /// <summary>A reading from further ahead is one of a clock that is off, ms. Those from over ten minutes ahead are rejected, and count as well.</summary>
    public const long AheadMs = 60_000;

    /// <summary>Nothing comes.</summary>
    public SilenceRule Silence { get; init; } = new();

    /// <summary>Readings come in over a minute after they were taken.</summary>
    public ShareRule Lateness { get; init; } = new() { OpenPct = 50, ClearPct = 10 };

    /// <summary>What comes does not decode or fit, other than by its time.</summary>
    public ShareRule Rejects { get; init; } = new() { OpenPct = 10, ClearPct = 2 };

    /// <summary>Readings come from the future, or with a time that is none.</summary>
    public ShareRule Clock { get; init; } = new() { OpenPct = 10, ClearPct = 2 };

    /// <summary>The calibration has run out.</summary>
    public CalibrationRule Calibration { get; init; } = new();

    /// <summary>The scale has drifted; null where that is not looked for, since the band is a city's own.</summary>
    public DriftRule? Drift { get; init; }

    /// <summary>Least length of a window, s. Not verified.</summary>
    public int WindowS { get; init; } = 3_600;

    /// <summary>Fewest readings, rejected ones included, of a window. Not verified.</summary>
    public int LeastReadings { get; init; } = 30;

    /// <summary>Bad windows, one after another, that it takes. Not verified.</summary>
    public int BadWindows { get; init; } = 2;

    /// <summary>What is still so when its case has been closed for so long is warned of again, hours: silence, and a calibration that has run out. Not verified.</summary>
    public int AgainAfterHours { get; init; } = 24;

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (Silence is null || Calibration is null || Lateness is null || Rejects is null || Clock is null)
        {
            yield return "sources has a part that is null.";
            yield break;
        }

        foreach ((string name, int severity) in new[] { ("silence.severity", Silence.Severity), ("calibration.severity", Calibration.Severity), ("calibration.advisorySeverity", Calibration.AdvisorySeverity) })
        {
            if (severity is < 1 or > 4)
            {
                yield return $"sources.{name} is {severity}; severities are 1 to 4.";
            }
        }

        foreach ((string name, double confidence) in new[] { ("silence", Silence.Confidence), ("calibration", Calibration.Confidence) })
        {
            if (!(confidence is > 0 and <= 1))
            {
                yield return $"sources.{name}.confidence is {confidence}; it must be above 0 and at most 1.";
            }
        }

        if (AgainAfterHours is < 1 or > 24 * 366)
        {
            yield return $"sources.againAfterHours is {AgainAfterHours}; it must be 1 to 8784.";
        }

        if (string.IsNullOrWhiteSpace(Calibration.LegalSource))
        {
            yield return "sources.calibration.legalSource is empty: a warning has to cite where its limit comes from.";
        }

        foreach (string problem in Lateness.Problems("sources.lateness").Concat(Rejects.Problems("sources.rejects")).Concat(Clock.Problems("sources.clock")).Concat(Drift?.Problems() ?? []))
        {
            yield return problem;
        }

        if (WindowS is < 60 or > ModelLimits.RuleSeconds)
        {
            yield return $"sources.windowS is {WindowS}; it must be 60 to {ModelLimits.RuleSeconds}.";
        }

        if (LeastReadings is < 1 or > 1_000_000)
        {
            yield return $"sources.leastReadings is {LeastReadings}; it must be 1 to 1000000.";
        }

        if (BadWindows is < 1 or > 100)
        {
            yield return $"sources.badWindows is {BadWindows}; it must be 1 to 100.";
        }
    }
}
