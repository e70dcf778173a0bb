using System.Text.Json.Serialization;

namespace Streaming.Grains.Rules;

/// <summary>A name in the two languages of the console.</summary>
public sealed record LocalName(string En, string Zh);

/// <summary>A district of the city, which has a dispatcher, or a street of one, which has not (<see cref="DistrictPath"/>).</summary>
public sealed record District(string Id, LocalName Name);

/// <summary>A department that handles work orders.</summary>
public sealed record Department(string Id, LocalName Name);

/// <summary>A code that a work order may be completed with.</summary>
/// <param name="Result">True where it says how the case itself ended (a penalty, a false alarm); false for a step on the way (confirmed, notified).</param>
/// <param name="Found">What it says of the warning, for models to learn from: true where it was found to be so, false where not; null where it says nothing of it.</param>
public sealed record OutcomeCode(string Code, LocalName Name, bool Result, bool? Found = null);

/// <summary>One line of the responsibility matrix. An empty list means "any".</summary>
/// <param name="Name">Named in the reason that a case keeps for its routing.</param>
/// <param name="Kinds">Kinds of warning; a trailing <c>*</c> stands for any ending.</param>
/// <param name="Districts">Districts.</param>
/// <param name="MinSeverity">Least severity, 1 to 4.</param>
/// <param name="HomeProvinces">Province of the plate: its first character, <c>local</c> or <c>other</c>. Only vehicles have one.</param>
/// <param name="Lead">Department that leads.</param>
/// <param name="CoHandlers">Departments that work beside it.</param>
/// <param name="Workflow">Workflow of the case.</param>
/// <param name="OpensWhenLate">True where a reading that came in over ten minutes late still opens a case: an overload stays an offence, a pressure that was high an hour ago is nobody's errand.</param>
public sealed record RoutingRule(
    string Name,
    string[] Kinds,
    string[] Districts,
    int MinSeverity,
    string[] HomeProvinces,
    string Lead,
    string[] CoHandlers,
    string Workflow,
    bool OpensWhenLate)
{
    /// <summary>In <see cref="HomeProvinces"/>: the city's own province.</summary>
    public const string LocalProvince = "local";

    /// <summary>In <see cref="HomeProvinces"/>: any but the city's own.</summary>
    public const string OtherProvince = "other";

    /// <summary>When it holds, by the moment at which the case is routed; null for always.</summary>
    public DutyHours[]? Hours { get; init; }

    /// <summary>Departments that may claim the case (点派) until its lead has accepted it; null for none. It is the lead's until one does, so that it always has an owner.</summary>
    public string[]? OfferedTo { get; init; }
}

/// <summary>Which days a span of hours is meant for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DutyDays>))]
public enum DutyDays : byte
{
    /// <summary>Every day.</summary>
    [JsonStringEnumMemberName("any")]
    Any = 0,

    /// <summary>Days that the calendar has as worked.</summary>
    [JsonStringEnumMemberName("working")]
    Working = 1,

    /// <summary>Weekends and holidays.</summary>
    [JsonStringEnumMemberName("off")]
    Off = 2,
}

/// <summary>Hours of the day, by the city's clock.</summary>
/// <param name="From">The first hour, 0 to 23.</param>
/// <param name="To">The first hour after it, 1 to 24; not after <paramref name="From"/> where it goes over midnight, and each hour then counts by its own day.</param>
/// <param name="Days">On which days.</param>
public sealed record DutyHours(int From, int To, DutyDays Days)
{
    /// <summary>True where a moment is within it.</summary>
    public bool Has(WorkingCalendar calendar, long atMs)
    {
        (bool worked, int hour) = calendar.LocalHour(atMs);
        return (From < To ? hour >= From && hour < To : hour >= From || hour < To) && (Days == DutyDays.Any || worked == (Days == DutyDays.Working));
    }
}

/// <summary>The stages that a case goes through; it begins with the first.</summary>
public sealed record Workflow(string Id, LocalName Name, Stage[] Stages)
{
    /// <summary>What a case follows where its workflow was taken out of the rulebook between routing and opening: nothing is lost, and any end is possible.</summary>
    public static Workflow Fallback { get; } = new(
        Rulebook.SimpleWorkflow,
        new LocalName("Simple", "简易处置"),
        [
            new Stage(
                "handling",
                new LocalName("Handling", "处置"),
                Stage.LeadDepartment,
                [Stage.RoutedCoHandlers],
                JointSignOff: false,
                Deadline: null,
                CoHandlerDeadline: null,
                [new StageOutcome("corrected", Stage.Close), new StageOutcome("false-alarm", Stage.Close)],
                DefaultOutcome: null,
                ["handled", "noted"],
                new OverduePolicy(24, 120)),
        ]);

    /// <summary>The stage of this id, or null.</summary>
    public Stage? Find(string stage) => Array.Find(Stages, candidate => candidate.Id == stage);
}

/// <summary>One stage: the lead's work order ends it.</summary>
/// <param name="Id">Unique within the workflow.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Department"><see cref="LeadDepartment"/> for the case's lead, or a named department.</param>
/// <param name="CoHandlers">Who gets a work order beside it: named departments, or <see cref="RoutedCoHandlers"/> for those the matrix named.</param>
/// <param name="JointSignOff">True where the lead may complete only after every co-handler has; false where the co-handlers' work does not hold the stage up.</param>
/// <param name="Deadline">Clock of the lead's work order; null for none.</param>
/// <param name="CoHandlerDeadline">Clock of the co-handlers' work orders; null for the lead's.</param>
/// <param name="Outcomes">What the lead may complete with, and where each leads.</param>
/// <param name="DefaultOutcome">What completing without naming an outcome means; null where one must be named.</param>
/// <param name="CoHandlerOutcomes">What a co-handler may complete with.</param>
/// <param name="Overdue">What happens once a deadline has passed.</param>
/// <param name="Notice">What the subject is asked as the stage is entered; null for nothing.</param>
/// <param name="AcceptWithin">Clock of accepting (签收时限), for each of its work orders; null for none.</param>
/// <param name="OnReturn">The stage that a lead's first return leads back to; null where it goes by the matrix. The second time the command centre decides.</param>
/// <param name="OnLapse">The stage that follows by itself once the lead's deadline has passed; null where the work stays due and is urged.</param>
/// <param name="Record">What the lead has to say as it completes; null for nothing.</param>
public sealed record Stage(
    string Id,
    LocalName Name,
    string Department,
    string[] CoHandlers,
    bool JointSignOff,
    Deadline? Deadline,
    Deadline? CoHandlerDeadline,
    StageOutcome[] Outcomes,
    string? DefaultOutcome,
    string[] CoHandlerOutcomes,
    OverduePolicy Overdue,
    StageNotice? Notice = null,
    Deadline? AcceptWithin = null,
    string? OnReturn = null,
    string? OnLapse = null,
    RecordField[]? Record = null)
{
    /// <summary>Stands for the department that leads the case.</summary>
    public const string LeadDepartment = "lead";

    /// <summary>Stands for the co-handlers that the responsibility matrix named.</summary>
    public const string RoutedCoHandlers = "routed";

    /// <summary>In place of a next stage: the case is closed.</summary>
    public const string Close = "close";
}

/// <summary>One thing that a stage's record has to say: a case must not be closed in a minute with nothing said.</summary>
/// <param name="Id">Its name in a command, unique within the stage.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Choices">What may be said; null for any text of 1 to <see cref="GrainLimits.RecordChars"/> characters.</param>
/// <param name="Outcomes">Outcomes that need it; null for every one.</param>
public sealed record RecordField(string Id, LocalName Name, string[]? Choices = null, string[]? Outcomes = null)
{
    /// <summary>True where completing with an outcome needs it.</summary>
    public bool IsFor(string outcome) => Outcomes is null || Array.IndexOf(Outcomes, outcome) >= 0;
}

/// <summary>A notice to the subject, sent as a stage is entered. Its answer is told to the lead, which decides.</summary>
/// <param name="AnswerHours">Clock hours that the subject has to answer.</param>
/// <param name="Text">What is asked of it; null where the warning says all.</param>
public sealed record StageNotice(int AnswerHours, LocalName? Text = null);

/// <summary>An outcome code of a stage, and the stage that follows (<see cref="Stage.Close"/> for none).</summary>
public sealed record StageOutcome(string Code, string Next);

/// <summary>What a deadline counts.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeadlineCalendar>))]
public enum DeadlineCalendar : byte
{
    /// <summary>Every hour.</summary>
    [JsonStringEnumMemberName("clock")]
    Clock = 1,

    /// <summary>The 24 hours of each working day; weekends and holidays are skipped.</summary>
    [JsonStringEnumMemberName("working")]
    Working = 2,
}

/// <summary>What a deadline counts from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeadlineStart>))]
public enum DeadlineStart : byte
{
    /// <summary>The work order's issue.</summary>
    [JsonStringEnumMemberName("stage")]
    Stage = 1,

    /// <summary>The reading that opened the warning.</summary>
    [JsonStringEnumMemberName("capture")]
    Capture = 2,
}

/// <summary>A time limit.</summary>
public sealed record Deadline(int Hours, DeadlineCalendar Calendar, DeadlineStart From)
{
    /// <summary>The moment the limit falls due, milliseconds since 1970-01-01T00:00Z.</summary>
    public long DueMs(WorkingCalendar calendar, long issuedMs, long capturedMs)
    {
        long fromMs = From == DeadlineStart.Capture ? capturedMs : issuedMs;
        return Calendar == DeadlineCalendar.Working
            ? calendar.AddWorkingHours(fromMs, Hours)
            : fromMs + (Hours * WorkingCalendar.HourMs);
    }
}

/// <summary>What happens once a deadline has passed: the department is urged again and again, then the command centre hears of it.</summary>
/// <param name="UrgeEveryHours">Clock hours from the deadline to the first urging, and between urgings.</param>
/// <param name="EscalateAfterHours">Clock hours from the deadline to the escalation, after which nothing more is sent.</param>
/// <param name="WarnBeforeHours">Clock hours before the deadline at which the department is told that it is near; null for not.</param>
public sealed record OverduePolicy(int UrgeEveryHours, int EscalateAfterHours, int? WarnBeforeHours = null);

/// <summary>When what nothing is heard of any more is forgotten, if nothing of it is open. The journal and the lists keep what they keep.</summary>
public sealed record ExpiryRules
{
    /// <summary>A vehicle, place, closed case or MQTT session that got no input for so many days is forgotten.</summary>
    public int KeepDays { get; init; } = 400;

    /// <summary>A vehicle or place of which there was one reading only, and never a warning, goes sooner: most of those are plates that were misread.</summary>
    public int KeepOnceSeenDays { get; init; } = 7;

    public bool Keeps(long idleMs, bool onceSeen, bool warned) => idleMs < DayMs * (onceSeen && !warned ? KeepOnceSeenDays : warned ? Math.Max(KeepDays, GrainLimits.WarnedKeepDays) : KeepDays);

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (KeepDays is < GrainLimits.LeastKeepDays or > GrainLimits.MostKeepDays)
        {
            yield return $"expiry.keepDays is {KeepDays}; it must be {GrainLimits.LeastKeepDays} to {GrainLimits.MostKeepDays}.";
        }

        if (KeepOnceSeenDays < GrainLimits.LeastKeepDays || KeepOnceSeenDays > KeepDays)
        {
            yield return $"expiry.keepOnceSeenDays is {KeepOnceSeenDays}; it must be {GrainLimits.LeastKeepDays} to keepDays, which is {KeepDays}.";
        }
    }

    private const long DayMs = 24L * 60 * 60 * 1000;
}
