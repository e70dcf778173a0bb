namespace Streaming.Models.Enterprises;

/// <summary>Warnings of permits for substances that run out while the substance is still there. That a permit has an end is the register's word; the figures are not verified.</summary>
public sealed record PermitExpiryRule
{
    /// <summary>From so many days before the end on, while the substance is stored or moved; 0 for only once it has ended.</summary>
    public int WithinDays { get; init; } = 30;

    /// <summary>Severity before the end, 1 to 4. After it that of <c>substancePermits.unpermittedSeverity</c> counts.</summary>
    public int Severity { get; init; } = 1;
}

/// <summary>Warnings of activity while an order to stop production stands. The figures are not verified.</summary>
public sealed record StopOrderRule
{
    /// <summary>Outcomes of a case that order the production to stop.</summary>
    public IReadOnlyList<string> Outcomes { get; init; } = ["production-stopped"];

    /// <summary>The time for shutting down from the order on, hours, in which nothing is warned of.</summary>
    public double GraceHours { get; init; } = 24;

    /// <summary>How long an order of a case stands at the longest, days; 0 for until it is lifted.</summary>
    public int StandsDays { get; init; }

    /// <summary>A tank whose level moved by so much since the order has been worked with, percent of its height.</summary>
    public double LevelPct { get; init; } = 5;

    /// <summary>A tank whose mass moved by so much since the order has been worked with, kg.</summary>
    public double MassKg { get; init; } = 1_000;

    /// <summary>What cameras see at work, as they name it, and what is held against the order.</summary>
    public IReadOnlyList<string> Events { get; init; } = ["smoke"];

    /// <summary>Severity, 1 to 4.</summary>
    public int Severity { get; init; } = 3;

    /// <summary>How sure a line of the ledger makes, 0 to 1: it is the enterprise's own word.</summary>
    public double LedgerConfidence { get; init; } = 0.95;

    /// <summary>How sure a tank makes that moved, 0 to 1: what was there may have been taken away lawfully.</summary>
    public double TankConfidence { get; init; } = 0.6;

    /// <summary>How sure a camera makes, 0 to 1, however sure the camera is of what it saw.</summary>
    public double CameraConfidence { get; init; } = 0.5;

    /// <summary>The shortest time between two tellings of the open warning, s.</summary>
    public int UpdateEveryS { get; init; } = 3_600;

    /// <summary>Where the duty to obey comes from. Not verified.</summary>
    public string LegalSource { get; init; } = "安全生产法 Art. 70";
}

/// <summary>Warnings to where trucks are loaded, or whose they are, once several were found over their limits (货运源头治超). The figures are not verified.</summary>
public sealed record SourceControlRule
{
    /// <summary>Trucks found over a limit that it takes.</summary>
    public int Overloads { get; init; } = 3;

    /// <summary>The time that they are counted in, days.</summary>
    public int WithinDays { get; init; } = 30;

    /// <summary>A truck counts where it is at least so sure that it was over, 0 to 1.</summary>
    public double LeastConfidence { get; init; } = 0.9;

    /// <summary>Severity, 1 to 4; from twice the number on one more.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>Where the duty not to overload trucks comes from. Not verified.</summary>
    public string LegalSource { get; init; } = "公路安全保护条例 Art. 41";
}

/// <summary>Warnings of hazardous waste that is kept for too long.</summary>
public sealed record WasteRule
{
    /// <summary>The longest that waste may be kept, days. One year is common knowledge, not verified.</summary>
    public int Days { get; init; } = 365;

    /// <summary>Severity, 1 to 4. Not verified.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>How sure it is that what was taken away is in the ledger, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.8;

    /// <summary>Where the limit comes from. Not verified.</summary>
    public string LegalSource { get; init; } = "固体废物污染环境防治法 Art. 81";
}

/// <summary>Warnings about enterprises beside their tanks, ledgers and stocks.</summary>
public sealed record EnterpriseRules
{
    public PermitExpiryRule PermitExpiry { get; init; } = new();

    public StopOrderRule StopOrders { get; init; } = new();

    public SourceControlRule SourceControl { get; init; } = new();

    public WasteRule Waste { get; init; } = new();

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (PermitExpiry is null || StopOrders is not { Outcomes: not null, Events: not null } || SourceControl is null || Waste is null)
        {
            yield return "enterprises has a part that is null.";
            yield break;
        }

        foreach ((string name, double value, double least, double most) in new (string, double, double, double)[]
        {
            ("permitExpiry.withinDays", PermitExpiry.WithinDays, 0, 366),
            ("permitExpiry.severity", PermitExpiry.Severity, 1, 4),
            ("stopOrders.graceHours", StopOrders.GraceHours, 0, ModelLimits.LedgerHours),
            ("stopOrders.standsDays", StopOrders.StandsDays, 0, 3_660),
            ("stopOrders.levelPct", StopOrders.LevelPct, 0.1, 100),
            ("stopOrders.massKg", StopOrders.MassKg, 1, ModelLimits.StoredKg),
            ("stopOrders.severity", StopOrders.Severity, 1, 4),
            ("stopOrders.ledgerConfidence", StopOrders.LedgerConfidence, 0.01, 1),
            ("stopOrders.tankConfidence", StopOrders.TankConfidence, 0.01, 1),
            ("stopOrders.cameraConfidence", StopOrders.CameraConfidence, 0.01, 1),
            ("stopOrders.updateEveryS", StopOrders.UpdateEveryS, 1, ModelLimits.RuleSeconds),
            ("sourceControl.overloads", SourceControl.Overloads, 1, ModelLimits.OverloadsCounted),
            ("sourceControl.withinDays", SourceControl.WithinDays, 1, 366),
            ("sourceControl.leastConfidence", SourceControl.LeastConfidence, 0, 1),
            ("sourceControl.severity", SourceControl.Severity, 1, 4),
            ("waste.days", Waste.Days, 1, 3_660),
            ("waste.severity", Waste.Severity, 1, 4),
            ("waste.confidence", Waste.Confidence, 0.01, 1),
        })
        {
            if (!(value >= least && value <= most))
            {
                yield return $"enterprises.{name} is {value}; it must be {least} to {most}.";
            }
        }

        foreach ((string name, string source) in new[] { ("stopOrders", StopOrders.LegalSource), ("sourceControl", SourceControl.LegalSource), ("waste", Waste.LegalSource) })
        {
            if (string.IsNullOrWhiteSpace(source))
            {
                yield return $"enterprises.{name}.legalSource is empty: a warning has to cite where its limit comes from.";
            }
        }
    }
}
