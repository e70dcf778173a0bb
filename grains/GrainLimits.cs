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

    /// <summary>
    /// Open warnings of one subject as they stand in its state, JSON, bytes. Past that the longest keep of their readings only the first, without its picture: whoever was told has all of them. A subject has some twenty kinds, and few that are open at a time.
    /// </summary>
    public const int OpenWarningBytes = 36 * 1024;

    /// <summary>So many open warnings never come near <see cref="OpenWarningBytes"/>.</summary>
    public const int OpenWarningsUnmeasured = 8;

    /// <summary>A longer address of a picture is not cited, UTF-8 bytes: it would crowd a state, and the reading itself stays in the journal.</summary>
    public const int CitedUrlBytes = 512;

    /// <summary>Tanks of an enterprise that are part of its state; further ones are keyed rows. With the longest names and addresses, and every kind of warning open, a state of this many stays below <see cref="StateBytes"/>. A state of before tanks had a memory of their own may have 36.</summary>
    public const int UnitsInState = 20;

    /// <summary>Substances of an enterprise's ledger that are part of its state; further ones are keyed rows.</summary>
    public const int SubstancesInState = 32;

    /// <summary>Sources that speak of one entry of a register; the word of a further one is refused until one of them has nothing more to say.</summary>
    public const int SourcesPerEntry = 8;

    /// <summary>Statements of one source about one entry, each of another beginning; the latest beginnings stay, and all stay in the journal.</summary>
    public const int StatementsPerSource = 8;

    /// <summary>Fields of all statements of an entry, bytes; past that those with the earliest beginnings go.</summary>
    public const int StatementBytes = 40 * 1024;

    /// <summary>Spans of an entry that its row shows and its subject is told; the latest stay.</summary>
    public const int SpansPerEntry = 16;

    /// <summary>Spans of its registration that a vehicle knows; the latest stay.</summary>
    public const int BuildsPerVehicle = 8;

    /// <summary>Permits that a vehicle knows; those that end last stay.</summary>
    public const int PermitsPerVehicle = 8;

    /// <summary>Waybills that a vehicle knows; those that depart last stay.</summary>
    public const int WaybillsPerVehicle = 4;
    /// <summary>Spans of its registration that an enterprise knows; the latest stay.</summary>
    public const int SitesPerEnterprise = 8;

    /// <summary>Permits for one substance, and tanks for one, that an enterprise knows; those that end last stay. They are a row by substance.</summary>
    public const int EntriesPerSubstance = 64;

    /// <summary>Substances of which an enterprise watches what is stored; further ones have their ledger alone.</summary>
    public const int SubstancesWatched = 32;

    /// <summary>Orders of cases to stop its production that an enterprise keeps; the newest stay, so that lines which come late are judged as well.</summary>
    public const int StopOrders = 4;

    /// <summary>Kinds of waste whose age an enterprise watches.</summary>
    public const int WastesKept = 16;

    /// <summary>Days on which waste of one kind came in that are kept apart; past that the two oldest are one.</summary>
    public const int WasteLots = 64;

    /// <summary>Shipments that an enterprise keeps, sent and expected, each; the oldest go first, and what was open of them is counted.</summary>
    public const int ShipmentsKept = 4_096;

    /// <summary>Shipments that fall due and are looked at in one turn; the rest follow at once.</summary>
    public const int ShipmentsPerTurn = 64;

    /// <summary>Enterprises that say they sent one waybill's goods; more of them are not answered.</summary>
    public const int ShippersPerReceipt = 4;

    /// <summary>Shipments that the explanation of a warning names one by one; also substances.</summary>
    public const int ShipmentsExplained = 4;

    /// <summary>Clock hours of which a source keeps how much it delivered.</summary>
    public const int MeteredHours = 24;

    /// <summary>Days of which a source keeps how much it delivered.</summary>
    public const int MeteredDays = 14;

    /// <summary>The shortest time between two rows of a resource for its figures alone, ms: five minutes, so that 80,000 cameras that report all the time are some 270 rows a second.</summary>
    public const long ResourceRowEveryMs = 5 * 60 * 1000;

    /// <summary>The shortest silence that is derived from an expected rate, ms: looking for it costs one record each time it is over.</summary>
    public const long SilenceDerivedMs = 5 * 60 * 1000;

    /// <summary>A look for silence that comes so late, ms, says that nobody listened meanwhile: the source gets its time once more.</summary>
    public const long SilenceLateMs = 60 * 1000;

    /// <summary>Tanks that the explanation of a warning names one by one.</summary>
    public const int TanksExplained = 4;

    /// <summary>Readings of one open overload warning that are each told at once, with their figures.</summary>
    public const int OverloadsToldAtOnce = 10;

    /// <summary>Beyond <see cref="OverloadsToldAtOnce"/>, an overload no graver than before is only counted if the last one told is younger than this, s.</summary>
    public const int OverloadTellEveryS = 10;

    /// <summary>Sightings before stations whose weighing a vehicle waits for, or was warned of for want of one.</summary>
    public const int AwaitedWeighings = 4;

    /// <summary>Spans of ten minutes at a loading or unloading place that a truck remembers.</summary>
    public const int SiteVisits = 8;

    /// <summary>Scenes in force: each event of a camera is held against all of them.</summary>
    public const int Scenes = 32;

    /// <summary>Scenes that there ever were, those withdrawn included: each id is kept for ever, and with it the number of its last warning at each subject.</summary>
    public const int ScenesEver = 64;

    /// <summary>Id of a scene, characters: each subject that it ever warned of keeps it.</summary>
    public const int SceneIdChars = 24;

    /// <summary>Name of a scene in one language, characters: its warnings are explained with it.</summary>
    public const int SceneNameChars = 60;

    /// <summary>Districts that one scene names.</summary>
    public const int SceneDistricts = 32;

    /// <summary>Scenes, or scenes by camera, of which one subject remembers what counted: some hundred bytes each. Past that the one that was quiet longest is forgotten.</summary>
    public const int SceneTracks = 6;

    /// <summary>Warnings of scenes that are open at one subject at a time. Each is about a KiB of its state; further scenes open theirs once one of these is over.</summary>
    public const int SceneWarnings = 6;

    /// <summary>The same of an enterprise, whose state has tanks, substances and some twenty other kinds of warning.</summary>
    public const int SceneWarningsOfEnterprise = 2;

    /// <summary>Entries of a scene's history; the oldest go first, and stay in the journal.</summary>
    public const int SceneHistory = 50;

    /// <summary>Why a scene was returned or withdrawn, characters.</summary>
    public const int SceneNoteChars = 300;

    /// <summary>What a back-test of a scene found, as JSON, bytes: the scene keeps it.</summary>
    public const int SceneTestBytes = 16 * 1024;

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

    /// <summary>Rules of the responsibility matrix that are added over the API.</summary>
    public const int DecidedRules = 100;

    /// <summary>Offers of rules that are kept as dismissed; of more, those dismissed first are offered again.</summary>
    public const int DismissedOffers = 200;

    /// <summary>The longest time within which a completion may be called hasty, minutes: a day.</summary>
    public const int MostHastyMinutes = 24 * 60;

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

    /// <summary>Entries of a case's record in one row, bytes; past that the turn shows another.</summary>
    public const int RecordRowBytes = 12 * 1024;

    /// <summary>Warnings that join a case each with an entry of its own; past that every so many have one, and the count goes on.</summary>
    public const int WarningsSealed = 2_000;

    /// <summary>Things that a case keeps a copy of, attachments included.</summary>
    public const int CopiesPerCase = 200;

    /// <summary>Of those, so many of the first are copied at once: what a case opens with.</summary>
    public const int CopiesAtOnce = 4;

    /// <summary>The later ones are gathered for up to so long, ms; well below what any journal keeps.</summary>
    public const long CopiesGatheredMs = 60_000;

    /// <summary>The newest readings of which a case remembers that it wanted a copy.</summary>
    public const int ReadingsRemembered = 64;

    /// <summary>Files that come with one action.</summary>
    public const int FilesPerAction = 5;

    /// <summary>Files that people attach to one case.</summary>
    public const int FilesPerCase = 100;

    /// <summary>Name of an attached file, characters.</summary>
    public const int FileNameChars = 120;

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

    /// <summary>Changes of one caller that were begun and of whose end the audit waits to be told; past that the oldest is not waited for any more.</summary>
    public const int ChangesUnderWay = 256;

    /// <summary>Notices that one case sends to its subject at most: a department asks, it does not pester.</summary>
    public const int NoticesPerCase = 20;

    /// <summary>Notices of one case that wait for an answer at a time; closing the case withdraws each, and one turn's effects are bounded.</summary>
    public const int OpenNoticesPerCase = 8;

    /// <summary>What a department asks of a subject in a notice, characters.</summary>
    public const int NoticeTextChars = 500;

    /// <summary>Clients' keys of actions that a case remembers: an action sent again within so many others is done once.</summary>
    public const int ActionKeys = 32;

    /// <summary>Characters of such a key.</summary>
    public const int ActionKeyChars = 64;

    /// <summary>Fields of a stage's record.</summary>
    public const int RecordFields = 8;

    /// <summary>Characters of what is said in one.</summary>
    public const int RecordChars = 300;

    /// <summary>Spans of hours of a routing rule.</summary>
    public const int DutySpans = 8;

    /// <summary>Characters of a person's name in a work order.</summary>
    public const int PersonChars = 64;

    /// <summary>A work order is extended or parked at most so far from now, days.</summary>
    public const int MostExtensionDays = 180;

    /// <summary>A closed case can be opened again for so long, days. Later a new one is opened.</summary>
    public const int ReopenDays = 90;

    /// <summary>Text of a report, characters.</summary>
    public const int ReportTextChars = 2000;

    /// <summary>Address of a report, characters.</summary>
    public const int ReportAddressChars = 200;

    /// <summary>Name of who reported, and likewise how to reach them, characters.</summary>
    public const int ReporterChars = 100;

    /// <summary>Pictures of one report.</summary>
    public const int ReportPictures = 4;

    /// <summary>Cases that a report names that it was in before.</summary>
    public const int EarlierCasesOfReport = 8;

    /// <summary>Reports of one case; what comes then opens another one, which names it.</summary>
    public const int ReportsPerCase = 100;

    /// <summary>Reports that a case tells something in one turn; the others follow at once.</summary>
    public const int ReportsToldAtOnce = 50;

    /// <summary>Subjects of cases that were merged into one.</summary>
    public const int SubjectsMerged = 16;

    /// <summary>Reports and warnings that are kept for one place to be compared with; the longest ago goes first.</summary>
    public const int MergeCandidates = 32;

    /// <summary>Characters of a text that are kept to be compared with.</summary>
    public const int MergeTextChars = 160;

    /// <summary>Roads, and plates, of one report that it is looked for by.</summary>
    public const int MergeNames = 2;

    /// <summary>Earlier cases that a new one names.</summary>
    public const int EarlierCases = 5;

    /// <summary>Closed cases that are kept for one place or subject and kind.</summary>
    public const int EarlierCasesKept = 8;

    /// <summary>What has expired in a dispatcher's index and is taken off in one turn: more than one turn adds.</summary>
    public const int IndexRowsSwept = 24;

    /// <summary>How long a subject has to answer, hours, where a department does not say: three days.</summary>
    public const int NoticeAnswerHours = 72;

    /// <summary>The longest time to answer, hours: ninety days.</summary>
    public const int MostNoticeAnswerHours = 90 * 24;

    /// <summary>Channels that one notice goes out by, beside its link.</summary>
    public const int NoticeChannels = 4;

    /// <summary>Name of a channel, characters.</summary>
    public const int NoticeChannelChars = 64;

    /// <summary>Why an attempt to deliver a notice failed, characters; what is longer is cut.</summary>
    public const int NoticeReasonChars = 200;

    /// <summary>Subscriptions of one persistent session.</summary>
    public const int SubscriptionsPerSession = 64;

    /// <summary>QoS 2 publishes of one session that are taken and not released. The endpoint announces as much as Receive Maximum; kept as a bit each at worst, they take 8 KiB of the state.</summary>
    public const int PublishesTaken = 16 * 1024;

    /// <summary>Items on their way to the client of one session.</summary>
    public const int DeliveriesInFlight = 256;

    /// <summary>Payload of a message between clients, bytes. It is copied for each session that it goes to.</summary>
    public const int MessageBytes = 64 * 1024;

    /// <summary>Payload and properties of a will that a session keeps, bytes: it is part of its state.</summary>
    public const int WillBytes = 4 * 1024;

    /// <summary>A topic filter of messages between clients, UTF-8 bytes.</summary>
    public const int TopicFilterBytes = 256;

    /// <summary>Subscriptions to topics of messages between clients, in the whole city.</summary>
    public const int TopicSubscriptions = 20_000;

    /// <summary>Subscriptions to topics of one session; its state names them.</summary>
    public const int TopicSubscriptionsPerSession = 64;

    /// <summary>Sessions that one turn sends a message to; a message for more goes by way of relays.</summary>
    public const int CopiesPerTurn = 150;

    /// <summary>Actors that a message for many sessions goes by way of, each with its share of the sessions: <see cref="TopicSubscriptions"/> are 125 a relay, which one turn's effects have room for.</summary>
    public const int Relays = 160;

    /// <summary>Retained messages of the whole city.</summary>
    public const int RetainedMessages = 4096;

    /// <summary>Bytes of retained messages, of the whole city: topics, properties and payloads. With <see cref="DeliveryBytes"/> and <see cref="MessagesPerDelivery"/> all of them fit into one turn's effects.</summary>
    public const int RetainedBytes = 8 * 1024 * 1024;

    /// <summary>Retained messages that are told to a session at once; it shows each, and one turn's effects are bounded.</summary>
    public const int MessagesPerDelivery = 100;

    /// <summary>Bytes of retained messages after which the next go in another telling.</summary>
    public const int DeliveryBytes = 64 * 1024;

    /// <summary>Messages in the queue of one session. Full, the newest is dropped and counted. No fewer than there can be retained ones.</summary>
    public const int QueuedMessages = 4096;

    /// <summary>Bytes of messages in the queue of one session.</summary>
    public const int QueuedBytes = 8 * 1024 * 1024;

    /// <summary>A topic filter, characters.</summary>
    public const int FilterChars = 256;

    /// <summary>The severity of danger to life, which nothing holds back unless a silence says so.</summary>
    public const int GravestSeverity = 4;

    /// <summary>Groups of storms, and inhibitions, each: every warning is held against them.</summary>
    public const int StormRules = 32;

    /// <summary>Kinds in one of them.</summary>
    public const int StormKinds = 16;

    /// <summary>The longest time in one of them, minutes: a day.</summary>
    public const int StormMinutes = 24 * 60;

    /// <summary>Messages that sum up what joined, beside the work order itself: three messages to a person.</summary>
    public const int StormSumUps = 2;

    /// <summary>Warnings of others that join one case; the next opens another.</summary>
    public const int StormMembers = 10_000;

    /// <summary>Warnings of a storm that its case names.</summary>
    public const int StormShown = 20;

    /// <summary>So many joins of a storm are each shown at once; later ones at most every <see cref="StormRowEveryMs"/>.</summary>
    public const int StormShownAtOnce = 5;

    /// <summary>The shortest time between two rows of a case for what joins, ms.</summary>
    public const long StormRowEveryMs = 5_000;

    /// <summary>Members of closed cases, or held warnings, that a dispatcher goes through in one turn; the rest follow at once.</summary>
    public const int StormStepsPerTurn = 48;

    /// <summary>Warnings of one district that are held back at a time; one more is not held.</summary>
    public const int HeldWarnings = 20_000;

    /// <summary>Silences that are kept: in force, and the newest of those that are over.</summary>
    public const int Silences = 100;

    /// <summary>Of them, in force at a time: every warning is held against them.</summary>
    public const int SilencesInForce = 64;

    /// <summary>Dead letters that a webhook keeps; the oldest go first, and stay in the feed.</summary>
    public const int DeadLetters = 1_000;

    /// <summary>The longest silence that a rulebook may allow, days.</summary>
    public const int MostSilenceDays = 90;
}
