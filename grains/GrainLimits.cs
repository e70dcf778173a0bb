namespace Streaming.Grains;

/// <summary>Every bound of the actors, in one place.</summary>
public static class GrainLimits
{
    /// <summary>Length of an actor's key in UTF-8 bytes.</summary>
    public const int KeyBytes = 128;

    /// <summary>Partitions that the subjects are spread over. Persisted in records: it never changes.</summary>
    public const int Partitions = 64;

    /// <summary>Effects that one turn may ask for; the number of an effect within its turn is one byte.</summary>
    public const int EffectsPerTurn = 200;

    /// <summary>Length of a chain of turns, each told by the one before. A longer one is a loop between actors.</summary>
    public const int ChainDepth = 16;

    /// <summary>An actor's state, serialised. What can grow past it belongs in keyed rows.</summary>
    public const int StateBytes = 64 * 1024;

    /// <summary>The newest readings of which a subject knows time and id.</summary>
    public const int RecentReadings = 16;

    /// <summary>How far the time of a reading may lie ahead of its arrival, ms: ten minutes. What lies further ahead is quarantined when it is decoded.</summary>
    public const long ClockAheadMs = 10 * 60 * 1000;

    /// <summary>The shortest time that a subject is kept after its last reading, days. A rulebook may keep longer, never shorter: what begins anew relies on it (<see cref="Subjects.RecentReadings"/>).</summary>
    public const int LeastKeepDays = 1;

    /// <summary>The longest, days: ten years.</summary>
    public const int MostKeepDays = 3_660;

    /// <summary>
    /// A subject that ever had a warning is kept for at least so long after its last input, days, whatever the rulebook says; and numbers of warnings begin anew in each span of so many days (<see cref="Subjects.OpenWarnings"/>),
    /// so that a subject which was forgotten and comes back uses none twice.
    /// </summary>
    public const int WarnedKeepDays = 400;

    /// <summary>Numbers of one kind of warning within one span of <see cref="WarnedKeepDays"/>.</summary>
    public const int WarningNumbersPerSpan = 1_000_000;

    /// <summary>Readings that a warning cites: the one that opened it and the newest.</summary>
    public const int CitedReadings = 3;

    /// <summary>A longer address of a picture is not cited, UTF-8 bytes: it would crowd a state, and the reading itself stays in the journal.</summary>
    public const int CitedUrlBytes = 512;

    /// <summary>Tanks of an enterprise that are part of its state; further ones are keyed rows. With the longest names and addresses a state of this many stays below <see cref="StateBytes"/>.</summary>
    public const int UnitsInState = 36;

    /// <summary>Substances of an enterprise's ledger that are part of its state; further ones are keyed rows.</summary>
    public const int SubstancesInState = 32;

    /// <summary>Tanks that the explanation of a warning names one by one.</summary>
    public const int TanksExplained = 4;

    /// <summary>Readings of one open overload warning that are each told at once, with their figures.</summary>
    public const int OverloadsToldAtOnce = 10;

    /// <summary>Beyond <see cref="OverloadsToldAtOnce"/>, an overload no graver than before is only counted if the last one told is younger than this, s.</summary>
    public const int OverloadTellEveryS = 10;

    /// <summary>Reminders that one actor may have outstanding.</summary>
    public const int Reminders = 64;

    /// <summary>One file of the rulebook, bytes.</summary>
    public const int RuleFileBytes = 1024 * 1024;

    /// <summary>A text in the rulebook, characters.</summary>
    public const int RuleTextChars = 200;

    /// <summary>An id of a district, department, workflow, stage or outcome, characters.</summary>
    public const int RuleIdChars = 40;

    /// <summary>Items of one list in the rulebook.</summary>
    public const int RuleListItems = 1000;

    /// <summary>Stages of a workflow.</summary>
    public const int StagesPerWorkflow = 12;

    /// <summary>A workflow as JSON, bytes: a case keeps a copy of its own.</summary>
    public const int WorkflowBytes = 16 * 1024;

    /// <summary>Departments of the city: closing a case tells each that took part, and one turn's effects are bounded.</summary>
    public const int Departments = 40;

    /// <summary>Departments beside the lead, in a rule or a stage.</summary>
    public const int CoHandlers = 8;

    /// <summary>Length of a time limit, hours: two years.</summary>
    public const int DeadlineHours = 2 * 366 * 24;

    /// <summary>Length of one run of holidays, days.</summary>
    public const int HolidayDays = 31;

    /// <summary>Work orders that a case keeps; the oldest finished ones go first, and stay in the lists.</summary>
    public const int WorkOrdersPerCase = 40;

    /// <summary>Unfinished work orders of earlier stages that a case carries along; past that the oldest is withdrawn.</summary>
    public const int WorkOrdersCarried = 16;

    /// <summary>Entries of a case's history; the oldest go first, and stay in the journal.</summary>
    public const int HistoryEntries = 200;

    /// <summary>Newest entries of the history that the row of a list shows.</summary>
    public const int HistoryEntriesShown = 5;

    /// <summary>What a case's state is trimmed to, so that it keeps below <see cref="StateBytes"/> whatever people write.</summary>
    public const int CaseBytes = 56 * 1024;

    /// <summary>Readings that a case cites; the newest stay.</summary>
    public const int ReadingsCited = 16;

    /// <summary>A note on a work order, characters.</summary>
    public const int NoteChars = 1000;

    /// <summary>Pieces of evidence attached to one action.</summary>
    public const int EvidenceItems = 10;

    /// <summary>One piece of evidence: an address or a hash, characters.</summary>
    public const int EvidenceChars = 300;

    /// <summary>Subscriptions of one persistent session.</summary>
    public const int SubscriptionsPerSession = 64;

    /// <summary>A topic filter, characters.</summary>
    public const int FilterChars = 256;
}
