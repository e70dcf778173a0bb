using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Messages;

/// <summary>Body of <see cref="MessageKind.Published"/>: what one PUBLISH brought.</summary>
public readonly record struct Published(int Accepted, int Rejected)
{
    public void Write(ByteWriter writer)
    {
        writer.WriteVar((uint)Accepted);
        writer.WriteVar((uint)Rejected);
    }

    public static Published Read(scoped ref ByteReader reader) => new((int)reader.ReadVar(), (int)reader.ReadVar());
}

/// <summary>
/// A device as registered. <see cref="SecretHash"/> is the SHA-256 of a generated secret as <c>sha256:{hex}</c>, or a slow hash of a chosen password as <c>pbkdf2:{iterations}:{salt hex}:{hash hex}</c>; it never leaves by the API.
/// </summary>
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
    string? Owner = null);

/// <summary>A bearer token as issued: <see cref="Hash"/> is <c>sha256:{hex}</c> of the token.</summary>
public sealed record TokenRegistration(string Name, string Role, string? Department, string District, string Hash, long IssuedMs);

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
/// <param name="District">District whose dispatcher has it.</param>
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
}

/// <summary>How a warning changed.</summary>
public enum WarningChange : byte
{
    Opened = 1,
    Updated = 2,
    Cleared = 3,
}

/// <summary>Body of <see cref="MessageKind.WarningChanged"/> and <see cref="MessageKind.WarningJoined"/>.</summary>
public sealed record WarningChanged(WarningChange Change, ActorKind SubjectKind, Warning Warning);

/// <summary>Body of <see cref="MessageKind.CaseOpened"/>: what the dispatcher decided.</summary>
public sealed record CaseOpened(string Id, string District, ActorKind SubjectKind, Warning Warning, string Workflow, string Lead, string[] CoHandlers, string Reason);

/// <summary>Body of <see cref="MessageKind.CaseClosed"/>.</summary>
public sealed record CaseClosed(string Id, string Subject, ActorKind SubjectKind, string Kind, string WarningId, string Outcome);

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
    bool Live);

/// <summary>Command on a work order, by its department.</summary>
/// <param name="WorkOrder">Work order id, <c>{case}-w{number}</c>.</param>
/// <param name="Action"><c>accept</c>, <c>return</c>, <c>complete</c> or <c>comment</c>.</param>
/// <param name="By">Name of the token.</param>
/// <param name="Department">Department of the token; null for an administrator.</param>
public sealed record WorkOrderAction(string WorkOrder, string Action, string By, string? Department, string? Note, string? Outcome, string[]? Evidence);

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
    string[] Allowed);

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
    string Reason);

/// <summary>Command to a session: its subscription to a department's feed begins, or is taken up again.</summary>
/// <param name="Filter">Topic filter as the client gave it.</param>
/// <param name="Feed"><c>{department}/{district}</c>.</param>
/// <param name="From">Feed number after which a new subscription begins.</param>
/// <param name="Qos">0 or 1.</param>
public sealed record SessionSubscribed(string Filter, string Feed, long From, int Qos);

/// <summary>Command to a session: everything up to this feed number was acknowledged by the client; <see cref="Number"/> -1 ends the subscription.</summary>
public sealed record SessionAcknowledged(string Filter, long Number);

/// <summary>A subscription that outlives its connection.</summary>
public sealed record SessionSubscription(string Filter, string Feed, int Qos, long Acknowledged);

/// <summary>A persistent MQTT session as the endpoint needs it on reconnect.</summary>
public sealed record SessionRow(string Key, SessionSubscription[] Subscriptions);
