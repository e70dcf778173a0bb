using System.Text.Json.Serialization;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Messages;

/// <summary>
/// A device as registered. <see cref="SecretHash"/> is the SHA-256 of a generated secret as <c>sha256:{hex}</c>, or a slow hash of a chosen password as <c>pbkdf2:{iterations}:{salt hex}:{hash hex}</c>; it never leaves by the API. Empty where the device
/// has only a certificate.
/// </summary>
/// <param name="Certificate">SHA-256 of the certificate that alone lets it in without a password, 64 lower-case hexadecimal digits; null where one that names it and comes from a known authority does.</param>
/// <param name="ReadingsPerSecond">Readings a second that it may send for long; null for the endpoint's default.</param>
/// <param name="BytesPerSecond">Bytes a second that it may send for long; null for the endpoint's default.</param>
/// <param name="PayloadBytes">Largest payload; null for the endpoint's own bound.</param>
/// <param name="Disabled">True while an administrator has cut it off; otherwise absent.</param>
/// <param name="Receives">Filters of topics of messages between clients that it may subscribe to; null for none.</param>
/// <param name="Register">Name of the register that it speaks of; null where it is no department's register.</param>
/// <param name="Mapping">What its columns and words mean there; null where it uses the register's own.</param>
/// <param name="Expected">How much is expected of it; null where nothing is, and so it is never silent.</param>
/// <param name="Joined">True where its owner asks to be told what was joined with its data; otherwise absent.</param>
/// <param name="AccuracyClass">Its class of accuracy, as <see cref="Streaming.Models.Limits.AccuracyClass"/> names it, which gives its accuracy where no percentage is given; null for none.</param>
public sealed record SourceRegistration(
    string Id,
    string Kind,
    string[] Topics,
    string District,
    double? AccuracyPct,
    string SecretHash,
    string? Enterprise = null,
    string? Place = null,
    double? Latitude = null,
    double? Longitude = null,
    string? Owner = null,
    string? Certificate = null,
    int? ReadingsPerSecond = null,
    int? BytesPerSecond = null,
    int? PayloadBytes = null,
    bool? Disabled = null,
    string[]? Receives = null,
    string? Register = null,
    RegisterMapping? Mapping = null,
    ResourceExpectation? Expected = null,
    bool? Joined = null,
    string? AccuracyClass = null)
{
    /// <summary>What the register of stations says of it now; null where it says nothing. Shown with the registration, and no part of the command.</summary>
    public RegisteredStation? Station { get; init; }
}

/// <summary>What the register of stations says of a weigh station.</summary>
/// <param name="AccuracyPct">Accuracy of the gross mass, by percentage or class, ± percent; null where neither is said.</param>
/// <param name="CalibrationDue">When its calibration runs out, or ran out; null where that is not said.</param>
public sealed record RegisteredStation(double? AccuracyPct, DateTimeOffset? CalibrationDue);

/// <summary>What a source of a register calls what the register calls otherwise.</summary>
/// <param name="Columns">Its columns that have another name in the register.</param>
/// <param name="Words">Its words that have another name in the register.</param>
/// <param name="UtcOffsetMinutes">How far its clock is ahead of UTC, for days and times that do not say; null for 0.</param>
public sealed record RegisterMapping(MappedName[]? Columns = null, MappedWord[]? Words = null, int? UtcOffsetMinutes = null);

/// <summary>A column of a source and the field that it is.</summary>
public sealed record MappedName(string Column, string Field);

/// <summary>A word that a source has in a field, and the register's own.</summary>
public sealed record MappedWord(string Field, string Word, string Means);

/// <summary>A bearer token as issued: <see cref="Hash"/> is <c>sha256:{hex}</c> of the token.</summary>
/// <param name="Publishes">Filters of topics of messages between clients that it may publish on; null for none.</param>
/// <param name="Receives">Filters of topics of messages between clients that it may subscribe to; null for none.</param>
public sealed record TokenRegistration(
    string Name, string Role, string? Department, string District, string Hash, long IssuedMs, string[]? Publishes = null, string[]? Receives = null)
{
    /// <summary>By whom it was given for a time; null for one that an administrator issued.</summary>
    public Delegation? Delegation { get; init; }
}

/// <summary>Rights given for a time.</summary>
/// <param name="By">Name of the token that gave them.</param>
/// <param name="BySinceMs">When that token was issued, ms since 1970: where it has been issued anew since, they have ended.</param>
/// <param name="Until">When they end.</param>
/// <param name="Reason">Why they were given, for the audit.</param>
public sealed record Delegation(string By, long BySinceMs, DateTimeOffset Until, string Reason);

/// <summary>A text in the two languages of the console.</summary>
public sealed record Explanation(string En, string Zh);

/// <summary>A reading that a warning cites.</summary>
public sealed record CitedReading(string Source, string Id, DateTimeOffset At, string? Image = null, string? ImageSha256 = null);

/// <summary>What a warning rests on. Figures are by name with the unit last; limits carry where they come from.</summary>
public sealed record Evidence(
    CitedReading[] Readings,
    SortedDictionary<string, double> Figures,
    string? Limit,
    string? LegalSource)
{
    /// <summary>Sorted by ordinal: a dictionary that comes from JSON would sort by culture, and its order is part of states and rows.</summary>
    public SortedDictionary<string, double> Figures { get; init; } = new(Figures ?? [], StringComparer.Ordinal);
}

/// <summary>One open, updated or cleared warning of a subject.</summary>
/// <param name="Id"><c>{subject key}/{kind}/{number}</c>.</param>
/// <param name="Subject">The subject's key alone, as in its API address.</param>
/// <param name="SubjectKind"><c>vehicle</c>, <c>enterprise</c>, <c>place</c> or <c>source</c>.</param>
/// <param name="Kind">As <c>over-road-limit</c>.</param>
/// <param name="Severity">1 (notice) to 4 (danger to life).</param>
/// <param name="Confidence">Probability that it is true, 0 to 1.</param>
/// <param name="Model">Name and version of the model that judged, as <c>road-limit/1</c>.</param>
/// <param name="Rulebook">Version of the rulebook.</param>
/// <param name="District">District, or street of one, of the source that first reported it; the district's dispatcher has it.</param>
/// <param name="Since">Time of the oldest reading that supports it.</param>
/// <param name="Updated">Time of the newest reading that supports or clears it.</param>
/// <param name="Count">Readings that support it.</param>
/// <param name="Open">False once cleared.</param>
/// <param name="Live">False where the reading came in over ten minutes late: no live alert, only the record.</param>
public sealed record Warning(
    string Id,
    string Subject,
    string SubjectKind,
    string Kind,
    int Severity,
    double Confidence,
    string Model,
    int Rulebook,
    string District,
    DateTimeOffset Since,
    DateTimeOffset Updated,
    int Count,
    bool Open,
    bool Live,
    Explanation Explanation,
    Evidence Evidence)
{
    public string? Case { get; init; }

    /// <summary>How often it was judged anew because a register had changed; null where it never was.</summary>
    public int? Revised { get; init; }

    /// <summary>What every model said of the reading that its words and figures are about; null where no learned model scores the kind.</summary>
    public ModelScore[]? Scores { get; init; }
}

/// <summary>What one model said of a warning. Only the judge's is what people are told.</summary>
/// <param name="Model">Name and version.</param>
/// <param name="Part"><see cref="Judge"/>, <see cref="Shadow"/>, or <see cref="BuiltIn"/> for what the kind has without a model.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="Threshold">From this score on it says yes; null of what has none.</param>
public sealed record ModelScore(string Model, string Part, double Score, double? Threshold = null)
{
    public const string Judge = "judge";
    public const string Shadow = "shadow";
    public const string BuiltIn = "built-in";
}

/// <summary>How a warning changed.</summary>
public enum WarningChange : byte
{
    Opened = 1,
    Updated = 2,
    Cleared = 3,
}

/// <summary>Body of <see cref="MessageKind.WarningChanged"/> and <see cref="MessageKind.WarningJoined"/>.</summary>
/// <param name="SilencedBy">Id of the silence by which it alerts nobody; null where there is none. The dispatcher says so to a case.</param>
/// <param name="Why">Why it joins a case that was not opened by its subject; null where it was.</param>
public sealed record WarningChanged(WarningChange Change, ActorKind SubjectKind, Warning Warning, string? SilencedBy = null, MergeReason? Why = null);

/// <summary>Body of <see cref="MessageKind.CaseOpened"/>: what the dispatcher decided.</summary>
/// <param name="Report">The report that it opens with; null where a warning opens it.</param>
/// <param name="Why">Why the report opens it.</param>
/// <param name="Earlier">Closed cases of the same place or subject and kind, the newest first; null for none.</param>
public sealed record CaseOpened(
    string Id,
    string District,
    ActorKind SubjectKind,
    Warning Warning,
    string Workflow,
    string Lead,
    string[] CoHandlers,
    string Reason,
    ReportFacts? Report = null,
    MergeReason? Why = null,
    string[]? Earlier = null)
{
    /// <summary>Departments that may claim it until its lead has accepted it; null for none.</summary>
    public string[]? OfferedTo { get; init; }
}

/// <summary>Body of <see cref="MessageKind.CaseClosed"/>.</summary>
/// <param name="MergedInto">The case that has what was its own; null where it was not merged.</param>
public sealed record CaseClosed(string Id, string Subject, ActorKind SubjectKind, string Kind, string WarningId, string Outcome, string? MergedInto = null);

/// <summary>
/// What a department sees live: one line of its feed. The number is the feed's, rising by one without a hole. <see cref="Live"/> is false where the reading behind it came in over ten
/// minutes late: work to be done, but nothing to be woken for.
/// </summary>
public sealed record Alert(
    long Number,
    string Type,
    string Department,
    string District,
    string Case,
    string WorkOrder,
    string Subject,
    string SubjectKind,
    string Kind,
    int Severity,
    double Confidence,
    string Stage,
    string Role,
    DateTimeOffset At,
    DateTimeOffset? Deadline,
    Explanation Explanation,
    Evidence Evidence,
    bool Live)
{
    /// <summary>How far the chain over the case's record reached when it was told; on the way out the signature of that is added. Null where there is no chain.</summary>
    public CaseChainHead? Chain { get; init; }
}

/// <summary>Command on a work order, by its department.</summary>
/// <param name="WorkOrder">Work order id, <c>{case}-w{number}</c>.</param>
/// <param name="Action">One of <see cref="Dispatch.WorkOrderActions"/>; the note of <c>notify</c> is what is asked of the subject.</param>
/// <param name="By">Name of the token.</param>
/// <param name="Department">Department of the token; null for an administrator.</param>
/// <param name="AnswerUntil">Of <c>notify</c>: when the time to answer is over; null for <see cref="GrainLimits.NoticeAnswerHours"/> from now.</param>
/// <param name="To">Of <c>assign</c> a person, of <c>hand-on</c> and <c>rule</c> a department.</param>
/// <param name="Departments">Of <c>ask</c> and <c>rule</c>: co-handlers.</param>
/// <param name="Until">Of <c>extend</c> the new deadline, of <c>park</c> when it goes on, of <c>rule</c> when the lead has to have accepted.</param>
/// <param name="Key">The client's own key of this action: sent again with it, the action is done once.</param>
/// <param name="Decides">True for who decides what departments ask for: the command centre's people and administrators.</param>
public sealed record WorkOrderAction(
    string WorkOrder,
    string Action,
    string By,
    string? Department,
    string? Note,
    string? Outcome,
    string[]? Evidence,
    DateTimeOffset? AnswerUntil = null,
    string? To = null,
    string[]? Departments = null,
    DateTimeOffset? Until = null,
    string? Key = null,
    bool Decides = false,
    SortedDictionary<string, string>? Record = null)
{
    /// <summary>Random digits that the hash of what is written is made with.</summary>
    public string? Salt { get; init; }

    /// <summary>Files that come with it, kept already.</summary>
    public Attachment[]? Attachments { get; init; }
}

/// <summary>Command on a case that is closed: <c>reopen</c>, <c>call-back</c> or <c>archive</c>.</summary>
/// <param name="Action">One of <see cref="Dispatch.CaseActions"/>.</param>
/// <param name="By">Name of the token.</param>
/// <param name="Department">Department of the token; null for an administrator.</param>
/// <param name="Note">Why, or what was said.</param>
/// <param name="Outcome">Of <c>call-back</c>: <c>satisfied</c> or <c>dissatisfied</c>.</param>
/// <param name="Key">The client's own key of this action: sent again with it, the action is done once.</param>
/// <param name="Decides">True for the command centre's people and administrators.</param>
/// <param name="Report">Of <c>call-back</c>: the report that it is for.</param>
public sealed record CaseAction(string Action, string By, string? Department, string? Note, string? Outcome, string? Key, bool Decides, string? Report = null)
{
    /// <summary>Random digits that the hash of what is written is made with.</summary>
    public string? Salt { get; init; }
}

/// <summary>Body of <see cref="MessageKind.CaseReopened"/>, to the dispatcher: what joins its subject and kind joins the case again.</summary>
/// <param name="Subjects">What else its warnings are about, from cases that were merged into it.</param>
/// <param name="NotInto">Of a merging that could not be: the case that it did not go into, which was given its subjects.</param>
/// <param name="NotIntoIsClosed">That case is closed.</param>
public sealed record CaseReopened(string Id, string Subject, ActorKind SubjectKind, string Kind, CaseSubject[]? Subjects = null, string? NotInto = null, bool NotIntoIsClosed = false);

/// <summary>What a department asks for about a work order, and waits for.</summary>
/// <param name="Kind"><c>extend</c> or <c>park</c>.</param>
/// <param name="Until">The new deadline, or when the work goes on.</param>
public sealed record WorkOrderRequest(string Kind, string By, DateTimeOffset At, DateTimeOffset Until, string Reason);

/// <summary>One line of a case's history.</summary>
public sealed record HistoryEntry(DateTimeOffset At, string What, string By, string? Note, string? WorkOrder, string[]? Evidence = null);

/// <summary>A work order as lists and cases show it.</summary>
public sealed record WorkOrderRow(
    string Id,
    string Case,
    string Department,
    string District,
    string Role,
    string Stage,
    string State,
    string Subject,
    string Kind,
    int Severity,
    DateTimeOffset Issued,
    DateTimeOffset? Deadline,
    bool Overdue,
    string? AcceptedBy,
    string? Outcome,
    string? Note,
    string[] Allowed)
{
    /// <summary>The person of the department who does it.</summary>
    public string? Assignee { get; init; }

    /// <summary>When it has to be accepted; null where there is no such time.</summary>
    public DateTimeOffset? AcceptBy { get; init; }

    /// <summary>What the department asks for, and nobody has decided yet.</summary>
    public WorkOrderRequest? Request { get; init; }

    /// <summary>Until when it is parked.</summary>
    public DateTimeOffset? ParkedUntil { get; init; }

    /// <summary>How often its deadline was extended; absent where never.</summary>
    public int? Extensions { get; init; }

    /// <summary>How often it was parked; absent where never.</summary>
    public int? Parkings { get; init; }

    /// <summary>Departments that may claim it now; absent for none.</summary>
    public string[]? OfferedTo { get; init; }

    /// <summary>What was said as it was completed, by field of the stage's record; absent for nothing.</summary>
    public SortedDictionary<string, string>? Record { get; init; }

    /// <summary>What has to be said to complete it; absent for nothing.</summary>
    public RecordField[]? Asks { get; init; }

    /// <summary>Home province of the vehicle that it is about; absent of anything else.</summary>
    public string? Province { get; init; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset? Accepted { get; init; }

    /// <summary>When it was completed, returned or withdrawn.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Who completed or returned it.</summary>
    public string? FinishedBy { get; init; }

    /// <summary>While it is parked: since when.</summary>
    public DateTimeOffset? ParkedSince { get; init; }

    /// <summary>Pieces of evidence that the department brought; absent where none.</summary>
    public int? Attached { get; init; }
}

/// <summary>A case as lists show it; the case itself says the same and more.</summary>
public sealed record CaseRow(
    string Id,
    string Subject,
    string SubjectKind,
    string Kind,
    string District,
    string State,
    string Stage,
    string Workflow,
    int Severity,
    double Confidence,
    string Lead,
    string[] Departments,
    DateTimeOffset Opened,
    DateTimeOffset? Deadline,
    bool Overdue,
    string? Outcome,
    int Warnings,
    WorkOrderRow[] WorkOrders,
    HistoryEntry[] History,
    Warning Warning,
    string Reason)
{
    /// <summary>How often it was opened again; absent where never.</summary>
    public int? Reopened { get; init; }

    /// <summary>Warnings of other subjects or kinds that are kept with it; absent where there are none.</summary>
    public CaseStormRow? Storm { get; init; }

    /// <summary>When it was closed; absent while it is open.</summary>
    public DateTimeOffset? Closed { get; init; }

    /// <summary>The command centre's newest ruling of whose it is; absent where there was none.</summary>
    public CaseRuling? Ruling { get; init; }

    /// <summary>Its reports, the newest last; of many a row of a list has the newest. Absent where there are none.</summary>
    public CaseReport[]? Reports { get; init; }

    /// <summary>How many reports there are; absent where none.</summary>
    public int? ReportCount { get; init; }

    /// <summary>Once it is closed: how many of its reporters were not called back yet; absent where none.</summary>
    public int? CallBacksDue { get; init; }

    /// <summary>Closed cases of the same place or subject and kind, the newest first; absent for none.</summary>
    public string[]? Earlier { get; init; }

    /// <summary>The case that it was merged into.</summary>
    public string? MergedInto { get; init; }

    /// <summary>Cases that were merged into it; absent for none.</summary>
    public string[]? MergedFrom { get; init; }

    /// <summary>The case that its reports were split off from.</summary>
    public string? SplitFrom { get; init; }

    /// <summary>How far the chain over its record reaches; absent where there is none yet.</summary>
    public CaseChainHead? Chain { get; init; }
}

/// <summary>The command centre's ruling of whose a case is.</summary>
/// <param name="Why"><c>unmatched</c>, <c>disputed</c> or <c>returned</c>: why it came to the centre.</param>
/// <param name="By">Name of the token.</param>
/// <param name="CoHandlers">Departments beside the lead, ordinal.</param>
public sealed record CaseRuling(string Why, string By, DateTimeOffset At, string Lead, string[] CoHandlers);

/// <summary>Command to a session: its client has connected, and the session is there until it ends.</summary>
/// <param name="ExpirySeconds">How long it outlives the connection; 0 where it ends with it.</param>
/// <param name="Will">What to publish if the client goes without a word; null for nothing.</param>
/// <param name="Tracked">True where the session is told when the client goes (<see cref="SessionLeft"/>): it then ends by itself.</param>
public sealed record SessionOpened(long ExpirySeconds, SessionWill? Will = null, bool Tracked = false);

/// <summary>Command to a session that is tracked: its client has gone.</summary>
/// <param name="KeepsWill">False where the client said good-bye, and its will is not to be published.</param>
/// <param name="ExpirySeconds">How long the session lasts from now on; 0: it ends.</param>
public sealed record SessionLeft(bool KeepsWill, long ExpirySeconds);

/// <summary>A message that is published when its client has been gone for a while.</summary>
/// <param name="Topic">Topic name, not one of the city's own.</param>
/// <param name="Qos">0, 1 or 2.</param>
/// <param name="Retain">It is retained.</param>
/// <param name="DelaySeconds">How long the client has to be gone; the end of its session is soon enough.</param>
/// <param name="MessageExpirySeconds">How long it is worth sending, from its publishing; null for ever.</param>
/// <param name="Properties">MQTT 5 properties that are handed on; null for none.</param>
/// <param name="Payload">The payload.</param>
public sealed record SessionWill(string Topic, int Qos, bool Retain, long DelaySeconds, long? MessageExpirySeconds, byte[]? Properties, byte[] Payload);

/// <summary>Command to a session: its subscription to a department's feed begins, or is taken up again.</summary>
/// <param name="Filter">Topic filter as the client gave it.</param>
/// <param name="Feed"><c>{department}/{district}</c>.</param>
/// <param name="From">Feed number after which a new subscription begins.</param>
/// <param name="Qos">0, 1 or 2.</param>
/// <param name="Identifier">The subscription identifier that goes with its deliveries; null for none.</param>
public sealed record SessionSubscribed(string Filter, string Feed, long From, int Qos, int? Identifier = null);

/// <summary>Command to a session: everything up to this feed number was sent at QoS 0, passed over, or acknowledged by the client; <see cref="Number"/> -1 ends the subscription.</summary>
public sealed record SessionAcknowledged(string Filter, long Number);

/// <summary>A subscription that outlives its connection.</summary>
/// <param name="Filter">Topic filter as the client gave it.</param>
/// <param name="Feed"><c>{department}/{district}</c>.</param>
/// <param name="Qos">0, 1 or 2.</param>
/// <param name="Acknowledged">Everything up to this feed number is done with.</param>
/// <param name="Sent">Everything up to this feed number is done with or in flight; null where nothing is in flight.</param>
/// <param name="Identifier">The subscription identifier; null for none.</param>
public sealed record SessionSubscription(string Filter, string Feed, int Qos, long Acknowledged, long? Sent = null, int? Identifier = null)
{
    /// <summary>The number behind which new items begin.</summary>
    [JsonIgnore]
    public long Passed => Sent ?? Acknowledged;
}

/// <summary>An item on its way to the client under a packet identifier.</summary>
/// <param name="Id">Packet identifier.</param>
/// <param name="Filter">The subscription that it is sent for; null where that has ended.</param>
/// <param name="Feed">The feed that it is from.</param>
/// <param name="Number">Its number there.</param>
/// <param name="Qos">1 or 2.</param>
/// <param name="Received">At QoS 2: PUBREC has come, so PUBREL is owed and the item itself is not sent again.</param>
public sealed record SessionDelivery(int Id, string? Filter, string Feed, long Number, int Qos, bool Received);

/// <summary>A session as the endpoint needs it on reconnect.</summary>
/// <param name="Key"><c>{user}/{clientId}</c>.</param>
/// <param name="Subscriptions">To feeds, in the order they began.</param>
/// <param name="ExpirySeconds">How long it outlives its connection; null where it was never said.</param>
/// <param name="Taken">Identifiers of QoS 2 publishes that were taken and not released, in rising order; null for none. Told by the session itself, not in lists.</param>
/// <param name="InFlight">What is on its way to the client, in the order it was first sent; null for nothing. Told by the session itself, not in lists.</param>
/// <param name="Topics">To topics of messages between clients, in the order they began; null for none.</param>
public sealed record SessionRow(
    string Key, SessionSubscription[] Subscriptions, long? ExpirySeconds = null, int[]? Taken = null, SessionDelivery[]? InFlight = null, TopicSubscription[]? Topics = null)
{
    /// <summary>Everything in the queue up to this number was sent or is in flight. Told by the session itself, not in lists.</summary>
    public long? QueuePassed { get; init; }

    /// <summary>True where the session has been told that its client is there.</summary>
    public bool? Connected { get; init; }

    /// <summary>True where the session has been told that its client has gone, and ends by itself.</summary>
    public bool? Left { get; init; }

    /// <summary>Messages in the queue; null for none. Told by the session itself, not in lists.</summary>
    public int? Queued { get; init; }

    /// <summary>Messages that found the queue full; null for none. Told by the session itself, not in lists.</summary>
    public long? Dropped { get; init; }
}

/// <summary>The queue of a session, in marks and deliveries, where those of a feed name the subscription and the feed. No subscription to a feed can be named so.</summary>
public static class SessionQueue
{
    public const string Name = "$queue";
}

/// <summary>A message in the queue of a session, as the endpoint sends it.</summary>
/// <param name="Topic">Topic name.</param>
/// <param name="Qos">QoS that it is sent at.</param>
/// <param name="Retain">The flag that it is sent with.</param>
/// <param name="Identifiers">Subscription identifiers; null for none.</param>
/// <param name="ExpiresMs">When it is no longer to be sent, ms since 1970; null for never.</param>
/// <param name="Properties">MQTT 5 properties as they came; null for none.</param>
/// <param name="Payload">The payload.</param>
public sealed record QueuedMessage(string Topic, int Qos, bool Retain, int[]? Identifiers, long? ExpiresMs, byte[]? Properties, byte[] Payload);

/// <summary>A subscription to topics of messages between clients.</summary>
/// <param name="Filter">Topic filter as the client gave it.</param>
/// <param name="Qos">0, 1 or 2.</param>
/// <param name="NoLocal">Nothing that the session's own client published.</param>
/// <param name="RetainAsPublished">Copies keep the retain flag of the publish.</param>
/// <param name="Identifier">The subscription identifier; null for none.</param>
public sealed record TopicSubscription(string Filter, int Qos, bool NoLocal = false, bool RetainAsPublished = false, int? Identifier = null);

/// <summary>Session to topics: the client of a session with shared subscriptions came or went.</summary>
public sealed record SubscriberMoved(string Session, bool Away);

/// <summary>Command to topics: a session subscribes.</summary>
/// <param name="Session">Session key.</param>
/// <param name="Subscription">What to.</param>
/// <param name="RetainHandling">0: send what is retained; 1: only where the subscription is new; 2: never.</param>
public sealed record TopicSubscribed(string Session, TopicSubscription Subscription, int RetainHandling);

/// <summary>Command to topics, and from there to the session: a subscription ends.</summary>
public sealed record TopicUnsubscribed(string Session, string Filter);

/// <summary>Session to topics: it has ended, and with it all its subscriptions.</summary>
public sealed record SubscriberEnded(string Session);
