namespace Streaming.Models.Ledgers;

/// <summary>The error of the meters that one substance is weighed by; what is left out is that of <see cref="BalanceRules"/>.</summary>
public sealed record SubstanceMeter
{
    /// <summary>Percent of what was moved.</summary>
    public double? MeterErrorPct { get; init; }

    /// <summary>What no meter tells apart, however little was moved, kg.</summary>
    public double? FloorKg { get; init; }
}

/// <summary>
/// When a ledger and what is stored are said to differ. That a difference beyond the error of the meters is to be looked into is practice; none of the figures here was verified.
/// </summary>
public sealed record BalanceRules
{
    /// <summary>Error of the meters, percent of what was moved since the last agreed stock. Not verified.</summary>
    public double MeterErrorPct { get; init; } = 1;

    /// <summary>A difference up to this is none, kg. Not verified.</summary>
    public double FloorKg { get; init; } = 100;

    /// <summary>Other meters, by UN number as "UN1017".</summary>
    public SortedDictionary<string, SubstanceMeter> Substances
    {
        get;
        init => field = value is null ? null! : new SortedDictionary<string, SubstanceMeter>(value, StringComparer.Ordinal);
    } = new(StringComparer.Ordinal);

    /// <summary>How long a ledger that does not agree with a stock-taking, or is below zero, is given for lines that are still to come before it is said, hours; 0 for none. Not verified.</summary>
    public double GraceHours { get; init; } = 12;

    /// <summary>For how long the tanks must differ from the ledger before it is said, hours: lines are written after the fact. Not verified.</summary>
    public double TankHours { get; init; } = 12;

    /// <summary>Tanks agree again once they differ by no more than this share of the meter error, percent. Not verified.</summary>
    public double AgreePct { get; init; } = 80;

    /// <summary>A difference above so many times the meter error is severity 3; below it is 2. A ledger below zero is 3. Not verified.</summary>
    public double GraveFromTimes { get; init; } = 5;

    /// <summary>How sure a difference is to be one, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.8;

    /// <summary>The shortest time between two tellings of one open warning, s.</summary>
    public int UpdateEveryS { get; init; } = 3_600;

    /// <summary>The difference that is none, grams.</summary>
    /// <param name="substance">UN number as "UN1017".</param>
    /// <param name="movedGrams">What went in and out since the stock was agreed, grams, 0 or more.</param>
    public long AllowedGrams(string substance, long movedGrams)
    {
        SubstanceMeter? own = Substances.GetValueOrDefault(substance);
        return MeterGrams(own?.MeterErrorPct ?? MeterErrorPct, own?.FloorKg ?? FloorKg, movedGrams);
    }

    /// <summary>So many percent of a mass and a floor, in whole grams. In decimals, so that it is the same everywhere.</summary>
    internal static long MeterGrams(double errorPct, double floorKg, long grams) =>
        (long)((grams * (decimal)errorPct / 100) + ((decimal)floorKg * 1000));

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (string problem in MeterProblems("balances", MeterErrorPct, FloorKg))
        {
            yield return problem;
        }

        if (Substances is null || Substances.Count > ModelLimits.TankProfiles)
        {
            yield return $"balances.substances must have at most {ModelLimits.TankProfiles} entries.";
        }

        foreach ((string un, SubstanceMeter meter) in Substances ?? [])
        {
            foreach (string problem in meter is null ? [$"balances.substances.{un} is null."] : MeterProblems($"balances.substances.{un}", meter.MeterErrorPct ?? 0, meter.FloorKg ?? 0))
            {
                yield return problem;
            }
        }

        if (!(GraceHours is >= 0 and <= ModelLimits.LedgerHours))
        {
            yield return $"balances.graceHours is {GraceHours}; it must be 0 to {ModelLimits.LedgerHours}.";
        }

        if (!(TankHours is >= 0 and <= ModelLimits.LedgerHours))
        {
            yield return $"balances.tankHours is {TankHours}; it must be 0 to {ModelLimits.LedgerHours}.";
        }

        if (!(AgreePct is > 0 and <= 100))
        {
            yield return $"balances.agreePct is {AgreePct}; it must be above 0 and at most 100.";
        }

        if (!(GraveFromTimes is >= 1 and <= 1_000))
        {
            yield return $"balances.graveFromTimes is {GraveFromTimes}; it must be 1 to 1000.";
        }

        if (!(Confidence is > 0 and <= 1))
        {
            yield return $"balances.confidence is {Confidence}; it must be above 0 and at most 1.";
        }

        if (UpdateEveryS is < 1 or > ModelLimits.RuleSeconds)
        {
            yield return $"balances.updateEveryS is {UpdateEveryS}; it must be 1 to {ModelLimits.RuleSeconds}.";
        }
    }

    internal static IEnumerable<string> MeterProblems(string where, double errorPct, double floorKg)
    {
        if (!(errorPct is >= 0 and <= 100))
        {
            yield return $"{where}.meterErrorPct is {errorPct}; it must be 0 to 100.";
        }

        if (!(floorKg is >= 0 and <= ModelLimits.MeterFloorKg))
        {
            yield return $"{where}.floorKg is {floorKg}; it must be 0 to {ModelLimits.MeterFloorKg}.";
        }
    }
}
