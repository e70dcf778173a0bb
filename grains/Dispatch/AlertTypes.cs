namespace Streaming.Grains.Dispatch;

/// <summary>
/// What a line of a department's feed says. Together they tell everything that happens to a department's work orders, so that a department's own
/// system that follows the feed knows its queue. Persisted and published: names are never reused. <c>gap</c> is taken: the feed itself says so to a reader that was away for longer than items are kept.
/// </summary>
internal static class AlertTypes
{
    /// <summary>A work order was issued to the department.</summary>
    public const string WorkOrder = "work-order";

    /// <summary>A work order of the department was completed.</summary>
    public const string Completed = "completed";

    /// <summary>A work order was returned: to the department that returned it, and to the lead of the case.</summary>
    public const string Returned = "returned";

    /// <summary>A work order of the department needs no more work: the case was closed, or another department took over.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>A deadline of the department has passed.</summary>
    public const string Overdue = "overdue";

    /// <summary>A work order is still overdue.</summary>
    public const string Urge = "urge";

    /// <summary>A work order stayed overdue: the command centre hears of it, and the department sees that it does.</summary>
    public const string Escalated = "escalated";

    /// <summary>The warning behind an open work order became more severe.</summary>
    public const string WarningUpdated = "warning-updated";

    /// <summary>The subject has answered a notice.</summary>
    public const string NoticeAnswered = "notice-answered";

    /// <summary>A notice to the subject was taken by no channel.</summary>
    public const string NoticeFailed = "notice-failed";

    /// <summary>A case in which the department had a part was closed.</summary>
    public const string CaseClosed = "case-closed";
}

/// <summary>The part of a department in a stage. Persisted and published: names are never reused.</summary>
internal static class Roles
{
    public const string Lead = "lead";
    public const string CoHandler = "co-handler";

    /// <summary>A department that is told of another's work order and has nothing to do itself.</summary>
    public const string Informed = "informed";

    /// <summary>The command centre, in an escalation.</summary>
    public const string Supervisor = "supervisor";
}

/// <summary>States of a work order. Persisted and published: names are never reused.</summary>
internal static class WorkOrderStates
{
    public const string Issued = "issued";
    public const string Accepted = "accepted";
    public const string Completed = "completed";
    public const string Returned = "returned";
    public const string Withdrawn = "withdrawn";
}

/// <summary>What a department may do with a work order.</summary>
internal static class WorkOrderActions
{
    public const string Accept = "accept";
    public const string Return = "return";
    public const string Complete = "complete";
    public const string Comment = "comment";

    /// <summary>Ask the subject of the case.</summary>
    public const string Notify = "notify";
}
