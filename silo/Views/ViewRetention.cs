namespace Streaming.Silo.Views;

/// <summary>How long the lists keep what is over. What is open stays, however old; the journal keeps what it keeps.</summary>
internal sealed record ViewRetention
{
    /// <summary>Days that a warning stays after it was cleared, or closed with its case.</summary>
    public int ClearedWarningDays { get; init; } = 90;

    /// <summary>Days that a case stays after it was closed, and a work order after it was finished.</summary>
    public int ClosedCaseDays { get; init; } = 400;

    /// <summary>Days that an entry of the audit stays, unless there are more than <see cref="AuditRows"/>; <see cref="ViewLimits.LeastAuditDays"/> to <see cref="ViewLimits.MostAuditDays"/>.</summary>
    public int AuditDays { get; init; } = 400;

    /// <summary>Newest entries of the audit that are kept.</summary>
    public int AuditRows { get; init; } = ViewLimits.AuditRows;

    /// <summary>Days that an item of a feed stays.</summary>
    public int FeedDays { get; init; } = 90;

    /// <summary>Newest items that every feed keeps, however old.</summary>
    public int FeedItems { get; init; } = 1_000;

    /// <summary>Days that the scoreboard goes back.</summary>
    public int ScoreDays { get; init; } = Supervision.SupervisionLimits.ScoreDays;

    /// <summary>Days that a vehicle is found after it was seen last; a registered one is always.</summary>
    public int PlateDays { get; init; } = 400;

    /// <summary>Days of which it is known who used a resource.</summary>
    public int UseDays { get; init; } = 31;
}
