namespace Streaming.Silo.Supervision;

/// <summary>What happened to a work order or a case, as the scoreboard counts it. Stored: names are never reused.</summary>
internal static class ScoreEvents
{
    public const string Received = "received";
    public const string Accepted = "accepted";
    public const string Completed = "completed";
    public const string Returned = "returned";
    public const string Withdrawn = "withdrawn";
    public const string Lapsed = "lapsed";
    public const string Parked = "parked";
    public const string Extended = "extended";
    public const string Overdue = "overdue";
    public const string CaseOpened = "case-opened";
    public const string CaseClosed = "case-closed";
    public const string Reopened = "reopened";
}

/// <summary>One thing that happened. Of a case the department is that which led it.</summary>
/// <param name="Position">Record that shows it, and <paramref name="Number"/>, from 0, which of its events.</param>
/// <param name="AtMs">When, ms since 1970: by the row where it says so, else by the record.</param>
/// <param name="BegunMs">When the work order was issued, or the case opened.</param>
/// <param name="Person">Who did it, or has it; null where nobody is named.</param>
/// <param name="Province">Home province of a vehicle; null for anything else.</param>
/// <param name="Ms">Of an acceptance, completion or closing: how long after the beginning.</param>
/// <param name="WorkedMs">Of a completion: how long after it was accepted, or issued where it never was.</param>
/// <param name="Late">Of a completion: after the deadline.</param>
/// <param name="Looked">Of a completion: somebody of the department looked at the evidence, or brought some.</param>
/// <param name="Code">Of a completion or closing: the outcome.</param>
internal sealed record ScoreEvent(
    long Position,
    int Number,
    long AtMs,
    string What,
    long BegunMs,
    string Department,
    string District,
    string? Person,
    string Kind,
    string? Province,
    long? Ms = null,
    long? WorkedMs = null,
    bool Late = false,
    bool Looked = false,
    string? Code = null);

/// <summary>A work order as it was shown last: what the next row is compared with.</summary>
internal sealed record OrderScore(
    string Id,
    string Case,
    string Department,
    string District,
    string Kind,
    string Subject,
    string? Province,
    string State,
    string? Person,
    long IssuedMs,
    long? AcceptedMs,
    long? EndedMs,
    bool Overdue,
    int Extensions,
    int Parkings,
    bool Looked);

/// <summary>A case as it was shown last.</summary>
/// <param name="Outcome">Of one that is closed.</param>
/// <param name="Model">Name and version of the model that raised its warning.</param>
/// <param name="Station">Source of the reading that its warning stands on.</param>
internal sealed record CaseScore(
    string Id,
    string Lead,
    string District,
    string Kind,
    string? Province,
    long OpenedMs,
    long? ClosedMs,
    string? Outcome,
    int Reopened,
    string? Model,
    string? Station);

/// <summary>What a station weighed on a day.</summary>
/// <param name="Day">Days since 1970, in the city's time.</param>
/// <param name="Weighings">Weighings that it sent.</param>
/// <param name="Over">Those of them that a vehicle was found over the road limit by.</param>
internal sealed record StationDay(long Day, string Station, string District, long Weighings, long Over);

/// <summary>Where the fold keeps what it knows: tables of the lists' file, or memory where a journal is folded anew.</summary>
internal interface IScoreBook
{
    /// <summary>The city's time minus UTC, minutes.</summary>
    int UtcOffsetMinutes { get; set; }

    /// <summary>The time of the first record that was folded, ms since 1970; 0 before there is one.</summary>
    long SinceMs { get; set; }

    OrderScore? FindOrder(string id);

    void Put(OrderScore order);

    /// <summary>Unfinished work orders of a department whose case or subject is this.</summary>
    IReadOnlyList<OrderScore> Unfinished(string caseOrSubject, string department);

    CaseScore? FindCase(string id);

    void Put(CaseScore of);

    /// <summary>How many readings supported a warning when it was shown last; 0 where it is not known, or over.</summary>
    int CountOf(string warning);

    /// <summary>0 forgets it.</summary>
    void PutCount(string warning, int count);

    void Add(ScoreEvent happened);

    void Add(StationDay weighed);
}
