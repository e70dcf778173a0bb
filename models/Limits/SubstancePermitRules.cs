namespace Streaming.Models.Limits;

/// <summary>Warnings by the permits of enterprises for substances. That a permit is needed is law; which law and the figures here were not verified.</summary>
public sealed record SubstancePermitRules
{
    /// <summary>A stock is within its permit again at this share of it, percent. Not verified.</summary>
    public double ClearAtPct { get; init; } = 98;

    /// <summary>A stock over its permit by at most this share is severity 2, percent; above, 3. Not verified.</summary>
    public double Severity2UpToPct { get; init; } = 10;

    /// <summary>Severity of a substance without a valid permit, 1 to 4.</summary>
    public int UnpermittedSeverity { get; init; } = 3;

    /// <summary>How sure it is that no permit is registered because there is none, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.9;

    /// <summary>The shortest time between two tellings of one open warning, s.</summary>
    public int UpdateEveryS { get; init; } = 3_600;

    /// <summary>Where the duty to have a permit comes from. Not verified.</summary>
    public string LegalSource { get; init; } = "危险化学品安全管理条例";

    /// <summary>True where a stock is over its permit.</summary>
    /// <param name="stockGrams">What is stored, grams.</param>
    /// <param name="permittedGrams">What may be, grams.</param>
    /// <param name="wasOver">It was over before: it then has to fall to <see cref="ClearAtPct"/>.</param>
    public bool IsOver(long stockGrams, long permittedGrams, bool wasOver) =>
        stockGrams > (wasOver ? permittedGrams * (decimal)ClearAtPct / 100 : permittedGrams);

    /// <summary>Severity of a stock over its permit.</summary>
    public int Severity(long stockGrams, long permittedGrams) =>
        (stockGrams - permittedGrams) * 100m <= permittedGrams * (decimal)Severity2UpToPct ? 2 : 3;

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(ClearAtPct is > 0 and <= 100))
        {
            yield return $"substancePermits.clearAtPct is {ClearAtPct}; it must be above 0 and at most 100.";
        }

        if (!(Severity2UpToPct is >= 0 and <= ModelLimits.RatedLoadPct))
        {
            yield return $"substancePermits.severity2UpToPct is {Severity2UpToPct}; it must be 0 to {ModelLimits.RatedLoadPct}.";
        }

        if (UnpermittedSeverity is < 1 or > 4)
        {
            yield return $"substancePermits.unpermittedSeverity is {UnpermittedSeverity}; severities are 1 to 4.";
        }

        if (!(Confidence is > 0 and <= 1))
        {
            yield return $"substancePermits.confidence is {Confidence}; it must be above 0 and at most 1.";
        }

        if (UpdateEveryS is < 1 or > ModelLimits.RuleSeconds)
        {
            yield return $"substancePermits.updateEveryS is {UpdateEveryS}; it must be 1 to {ModelLimits.RuleSeconds}.";
        }

        if (string.IsNullOrWhiteSpace(LegalSource))
        {
            yield return "substancePermits.legalSource is empty: a warning has to cite where its limit comes from.";
        }
    }
}
