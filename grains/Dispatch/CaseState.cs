using System.Globalization;
using System.Text.Json.Serialization;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>A work order as its case keeps it.</summary>
internal sealed class WorkOrder
{
    /// <summary>Number within the case, from 1.</summary>
    public int Number { get; set; }

    public string Department { get; set; } = "";

    /// <summary><see cref="Roles.Lead"/> or <see cref="Roles.CoHandler"/>.</summary>
    public string Role { get; set; } = "";

    /// <summary>Id of the stage that it belongs to.</summary>
    public string Stage { get; set; } = "";

    /// <summary>How many stages the case had entered, this one included: it tells two visits to the same stage apart.</summary>
    public int StageVisit { get; set; }

    /// <summary>One of <see cref="WorkOrderStates"/>.</summary>
    public string State { get; set; } = WorkOrderStates.Issued;

    public long IssuedMs { get; set; }

    public long? DueMs { get; set; }

    public bool Overdue { get; set; }

    /// <summary>True once the command centre has heard that it stayed overdue; nothing follows.</summary>
    public bool Escalated { get; set; }

    /// <summary>When the outstanding reminder is due; null where there is none.</summary>
    public long? RemindMs { get; set; }

    public string? AcceptedBy { get; set; }

    /// <summary>The person of the department who does it.</summary>
    public string? Assignee { get; set; }

    /// <summary>When it has to be accepted; null where there is no such time.</summary>
    public long? AcceptByMs { get; set; }

    /// <summary>What the department asks for, and nobody has decided yet.</summary>
    public WorkOrderRequest? Request { get; set; }

    /// <summary>While it is parked: since when.</summary>
    public long? ParkedMs { get; set; }

    public int Extensions { get; set; }

    public int Parkings { get; set; }

    public string? Outcome { get; set; }

    public string? Note { get; set; }

    /// <summary>What was said as it was completed, by field of the stage's record.</summary>
    public SortedDictionary<string, string>? Record { get; set; }

    /// <summary>When it was accepted; null where it never was, or before version 4.</summary>
    public long? AcceptedMs { get; set; }

    /// <summary>When it was completed, returned or withdrawn.</summary>
    public long? FinishedMs { get; set; }

    /// <summary>Who completed or returned it.</summary>
    public string? FinishedBy { get; set; }

    /// <summary>Pieces of evidence that the department brought.</summary>
    public int Attached { get; set; }

    /// <summary>The entry of the record that <see cref="Note"/> was written in; null where there is none, or it was written before there were chains.</summary>
    public long? NoteEntry { get; set; }

    [JsonIgnore]
    public bool IsOpen => State is WorkOrderStates.Issued or WorkOrderStates.Accepted or WorkOrderStates.Parked;

    [JsonIgnore]
    public bool IsLead => Role == Roles.Lead;

    /// <summary>Name of its reminder, unique within the case.</summary>
    [JsonIgnore]
    public string ReminderName => ReminderPrefix + Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Name of the reminder of its time to be accepted.</summary>
    [JsonIgnore]
    public string AcceptReminderName => AcceptReminderPrefix + Number.ToString(CultureInfo.InvariantCulture);

    public const string ReminderPrefix = "due:w";

    public const string AcceptReminderPrefix = "accept:w";
}

/// <summary>One line of a case's history. Readings that join one after another share a line, so that they cannot push out what people did.</summary>
internal sealed class CaseEntry
{
    public long AtMs { get; set; }

    public string What { get; set; } = "";

    public string By { get; set; } = "";

    public string? Note { get; set; }

    /// <summary>Number of the work order concerned.</summary>
    public int? WorkOrder { get; set; }

    public string[]? Evidence { get; set; }

    /// <summary>How many events the line stands for, where more than one.</summary>
    public int? Times { get; set; }

    /// <summary>Its number in the record under the chain, the last where it stands for several; 0 for a line of before there were chains.</summary>
    public long Number { get; set; }
}

/// <summary>Everything a case knows. The workflow is a copy: a case keeps the one that it began with, whatever the rulebook says later.</summary>
internal sealed class CaseState
{
    public string Id { get; set; } = "";

    public string District { get; set; } = "";

    public ActorKind SubjectKind { get; set; }

    public required Warning Warning { get; set; }

    public required Workflow Workflow { get; set; }

    public string Lead { get; set; } = "";

    /// <summary>Co-handlers that the responsibility matrix named.</summary>
    public string[] CoHandlers { get; set; } = [];

    public string Reason { get; set; } = "";

    public string Stage { get; set; } = "";

    /// <summary>How many stages were entered so far.</summary>
    public int StageVisit { get; set; }

    /// <summary>Times that the lead's work order of this visit was returned.</summary>
    public int Returns { get; set; }

    /// <summary>Departments that have said, as lead, that the case is not theirs.</summary>
    public List<string> ReturnedBy { get; set; } = [];

    /// <summary>The highest severity so far: a case does not become less grave because a later reading was lower.</summary>
    public int Severity { get; set; }

    /// <summary>
    /// False as long as every reading behind the case came in too late for a live alert. Then the first stage's work orders ring for nobody; what happens later (a deadline missed, the next
    /// stage) happens now, and does.
    /// </summary>
    public bool Live { get; set; }

    /// <summary>Time of the reading that opened the warning.</summary>
    public long CapturedMs { get; set; }

    public long OpenedMs { get; set; }

    public long? ClosedMs { get; set; }

    /// <summary>The newest outcome that says how the case ended.</summary>
    public string? Outcome { get; set; }

    /// <summary>Changes of the warning so far, the opening included.</summary>
    public int Warnings { get; set; }

    public int LastWorkOrder { get; set; }

    /// <summary>Departments that had a work order, in the order of their first.</summary>
    public List<string> Departments { get; set; } = [];

    public List<WorkOrder> WorkOrders { get; set; } = [];

    public List<CaseEntry> History { get; set; } = [];

    /// <summary>Entries that were dropped from the front of the history.</summary>
    public int HistoryDropped { get; set; }

    /// <summary>Notices that went to the subject so far.</summary>
    public int LastNotice { get; set; }

    /// <summary>Numbers of those that wait for an answer.</summary>
    public List<int> OpenNotices { get; set; } = [];

    /// <summary>How often it was opened again.</summary>
    public int Reopened { get; set; }

    /// <summary>True where nothing more is to happen to it.</summary>
    public bool Archived { get; set; }

    /// <summary>Clients' keys of the newest actions.</summary>
    public List<string> Keys { get; set; } = [];

    /// <summary>Departments that may claim the work order of number <see cref="OfferedOrder"/> until its lead has accepted it.</summary>
    public string[] OfferedTo { get; set; } = [];

    public int OfferedOrder { get; set; }

    /// <summary>Warnings of others that are kept with it; null where there are none.</summary>
    public CaseStorm? Storm { get; set; }

    /// <summary>Why the command centre leads, one of <see cref="RulingReasons"/>; null where it does so by the matrix, or not at all.</summary>
    public string? CentreBecause { get; set; }

    /// <summary>The command centre's newest ruling of whose the case is.</summary>
    public CaseRuling? Ruling { get; set; }

    /// <summary>Its reports, in the order in which they came.</summary>
    public List<CaseReportRef> Reports { get; set; } = [];

    /// <summary>What cases that were merged into it were about.</summary>
    public List<CaseSubject> Subjects { get; set; } = [];

    /// <summary>Closed cases of the same place or subject and kind.</summary>
    public string[] Earlier { get; set; } = [];

    /// <summary>The case that it goes on in.</summary>
    public string? MergedInto { get; set; }

    /// <summary>Cases that go on in it.</summary>
    public List<string> MergedFrom { get; set; } = [];

    /// <summary>The case that its reports were split off from.</summary>
    public string? SplitFrom { get; set; }

    /// <summary>Entries of the record under the chain.</summary>
    public long ChainEntries { get; set; }

    /// <summary>Hash of the last of them; null where there is none yet.</summary>
    public string? ChainHead { get; set; }

    /// <summary>Version of the rulebook that was sealed last.</summary>
    public int SealedRulebook { get; set; }

    /// <summary>Number of the newest thing that the case keeps a copy of, or wants to.</summary>
    public int LastItem { get; set; }

    /// <summary>Numbers of the copies that are still to be made.</summary>
    public List<int> Wanted { get; set; } = [];

    /// <summary>The newest readings of which a copy was wanted, each as 16 digits of a hash.</summary>
    public List<string> ReadingsWanted { get; set; } = [];

    /// <summary>True once it was said that no more copies are made.</summary>
    public bool CopiesFull { get; set; }

    /// <summary>Files that people attached.</summary>
    public int Files { get; set; }

    [JsonIgnore]
    public bool IsOpen => ClosedMs is null;

    /// <summary>The stage that the case is in.</summary>
    [JsonIgnore]
    public Stage Current => Workflow.Find(Stage) ?? throw new InvalidDataException($"Case {Id} is in a stage {Stage} that its workflow does not have.");

    /// <summary>Unfinished co-handlers' work orders of the stage as it is visited now.</summary>
    public IEnumerable<WorkOrder> AwaitedCoHandlers() =>
        WorkOrders.Where(order => order.IsOpen && !order.IsLead && order.StageVisit == StageVisit);
}
