namespace Streaming.Grains.Dispatch;

/// <summary>
/// What a line of a department's feed says. Together they tell everything that happens to a department's work orders, so that a department's own
/// system that follows the feed knows its queue. Persisted and published: names are never reused. <c>gap</c> is taken: the feed itself says so to a reader that was away for longer than items are kept.
/// </summary>
public static class AlertTypes
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

    /// <summary>A deadline of the department is near.</summary>
    public const string DueSoon = "due-soon";

    /// <summary>A work order was not accepted in time.</summary>
    public const string NotAccepted = "not-accepted";

    /// <summary>A department asks whoever hears this for more time, or to park a work order.</summary>
    public const string Requested = "requested";

    /// <summary>What the department asked for is granted.</summary>
    public const string Approved = "approved";

    /// <summary>What the department asked for is not granted.</summary>
    public const string Refused = "refused";

    /// <summary>A parked work order goes on.</summary>
    public const string Resumed = "resumed";

    /// <summary>A case in which the department had a part is open again.</summary>
    public const string Reopened = "reopened";

    /// <summary>The warning behind an open work order became more severe.</summary>
    public const string WarningUpdated = "warning-updated";

    /// <summary>Warnings of other subjects joined the case of an open work order: how many since the last message.</summary>
    public const string WarningsJoined = "warnings-joined";

    /// <summary>The subject has answered a notice.</summary>
    public const string NoticeAnswered = "notice-answered";

    /// <summary>A notice to the subject was taken by no channel.</summary>
    public const string NoticeFailed = "notice-failed";

    /// <summary>A case is led by another department, and this one may claim it until that one accepts.</summary>
    public const string Offered = "offered";

    /// <summary>Another department has claimed what was offered, or led so far.</summary>
    public const string Claimed = "claimed";

    /// <summary>A deadline of the department has passed, and the case went on to its next stage without it.</summary>
    public const string Lapsed = "lapsed";

    /// <summary>A case in which the department had a part was closed.</summary>
    public const string CaseClosed = "case-closed";

    /// <summary>All of them.</summary>
    public static readonly string[] All =
        [WorkOrder, Completed, Returned, Withdrawn, Overdue, Urge, Escalated, DueSoon, NotAccepted, Requested, Approved, Refused, Resumed, Reopened, WarningUpdated, WarningsJoined, NoticeAnswered, NoticeFailed, CaseClosed];
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

    /// <summary>Its deadline passed, and the case went on without it.</summary>
    public const string Lapsed = "lapsed";

    /// <summary>It waits for something outside the department, until a date; its clock stands still.</summary>
    public const string Parked = "parked";
}

/// <summary>What can be done with a work order.</summary>
internal static class WorkOrderActions
{
    public const string Accept = "accept";
    /// <summary>A person takes it on for himself; or a department that it is offered to takes it from the lead.</summary>
    public const string Claim = "claim";
    public const string Return = "return";
    public const string Complete = "complete";
    public const string Comment = "comment";

    /// <summary>Ask the subject of the case.</summary>
    public const string Notify = "notify";

    /// <summary>Give it to a person of the department.</summary>
    public const string Assign = "assign";

    /// <summary>Another department should do it, which is named; the second time it is the command centre's to say.</summary>
    public const string HandOn = "hand-on";

    /// <summary>It is nobody's, or several departments': the command centre is to rule.</summary>
    public const string Dispute = "dispute";

    /// <summary>The command centre names the lead, co-handlers, and when it has to be accepted.</summary>
    public const string Rule = "rule";

    /// <summary>The lead asks other departments to work beside it.</summary>
    public const string Ask = "ask";

    /// <summary>The department asks for a later deadline.</summary>
    public const string Extend = "extend";

    /// <summary>The department asks to let it rest until a date.</summary>
    public const string Park = "park";

    /// <summary>It goes on before the date until which it was parked.</summary>
    public const string Resume = "resume";

    /// <summary>Grant what was asked for.</summary>
    public const string Approve = "approve";

    /// <summary>Do not.</summary>
    public const string Refuse = "refuse";

    /// <summary>All of them, in the order in which they are named to people.</summary>
    public static readonly string[] All = [Accept, Claim, Return, Complete, Comment, Notify, Assign, HandOn, Dispute, Rule, Ask, Extend, Park, Resume, Approve, Refuse];
}

/// <summary>Why a case came to the command centre. Persisted and published: names are never reused.</summary>
internal static class RulingReasons
{
    /// <summary>No rule of the matrix named a department.</summary>
    public const string Unmatched = "unmatched";

    /// <summary>A department said that it is nobody's, or several departments'.</summary>
    public const string Disputed = "disputed";

    /// <summary>Departments pushed it on.</summary>
    public const string Returned = "returned";
}

/// <summary>What can be done with a case that is closed.</summary>
internal static class CaseActions
{
    /// <summary>It was not over: it begins again at its first stage.</summary>
    public const string Reopen = "reopen";

    /// <summary>Who reported it, or suffers from it, was asked whether it is over; where not, it is opened again.</summary>
    public const string CallBack = "call-back";

    /// <summary>Nothing more is to happen to it.</summary>
    public const string Archive = "archive";

    public static readonly string[] All = [Reopen, CallBack, Archive];
}
