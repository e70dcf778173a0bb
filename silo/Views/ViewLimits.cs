namespace Streaming.Silo.Views;

/// <summary>Every bound of the lists, in one place.</summary>
internal static class ViewLimits
{
    /// <summary>Vehicles that can be searched for; of more, those seen last. Some 17 MB of plates and 40 MB of what is known of them.</summary>
    public const int Plates = 1_000_000;

    /// <summary>The day that is kept of a vehicle is brought forward when it is older than 20 days to this many, by the vehicle: so that not every vehicle has a row written on every day, nor all of them on one.</summary>
    public const int PlateDayWithin = 40;

    /// <summary>Vehicles above <see cref="Plates"/> before the list of them is cut, so that it does not have to be done for every one.</summary>
    public const int PlatesSlack = 100_000;

    /// <summary>How often the overloads of a district are counted at most.</summary>
    public static readonly TimeSpan OverloadsEvery = TimeSpan.FromSeconds(10);

    /// <summary>Districts whose overloads are remembered.</summary>
    public const int OverloadsKept = 1_000;

    /// <summary>Closed cases that models are compared on; of more, those closed last.</summary>
    public const int ScoredCases = 10_000;

    /// <summary>
    /// How long a call that changed something waits for the lists to show it. What it did is durable by then, so past this the answer is given all the same.
    /// </summary>
    public static readonly TimeSpan ListsWait = TimeSpan.FromSeconds(10);

    /// <summary>Changes in one transaction while the projector is behind.</summary>
    public const int ChangesPerBatch = 4096;

    /// <summary>Bytes of rows and payloads in one transaction.</summary>
    public const int BytesPerBatch = 8 * 1024 * 1024;

    /// <summary>Rows that one PUBLISH may add to the quarantine list; the last of them says how many more there were.</summary>
    public const int QuarantineRowsPerRecord = 100;

    /// <summary>Bytes kept of one quarantined payload.</summary>
    public const int QuarantinePayloadBytes = 64 * 1024;

    /// <summary>Newest rows that the quarantine list keeps.</summary>
    public const int QuarantineRows = 100_000;

    /// <summary>Bytes of payload, topic and detail that the quarantine list keeps.</summary>
    public const long QuarantineBytes = 256L * 1024 * 1024;

    /// <summary>Newest entries that the list of the audit keeps, some 20 GB. Where there are more, the oldest go before their time; the list says how far back it reaches, and the journal has them.</summary>
    public const int AuditRows = 20_000_000;

    /// <summary>The shortest time that the list of the audit may be told to keep an entry, days.</summary>
    public const int LeastAuditDays = 30;

    /// <summary>The longest, days: ten years.</summary>
    public const int MostAuditDays = 3_660;

    /// <summary>Entries of the audit may be in the journal in another order than they have times, by no more than this, ms: turns of different callers run side by side.</summary>
    public const long AuditDisorderMs = 10 * 60 * 1000;

    /// <summary>Newest topics that are kept of those that nobody is registered for; further ones are only counted.</summary>
    public const int UnregisteredRows = 1_000;

    /// <summary>Rows above <see cref="UnregisteredRows"/> before the oldest are taken off, so that it does not have to be done for every row.</summary>
    public const int UnregisteredSlack = 200;

    /// <summary>Characters kept of a topic that nobody is registered for.</summary>
    public const int UnregisteredTopicChars = 256;

    /// <summary>Up to where entries are counted that sources contradict one another about.</summary>
    public const int DifferingCounted = 10_000;

    /// <summary>Rows of a page of a list.</summary>
    public const int PageRows = 1000;

    /// <summary>Rows of a page of the quarantine list, whose rows carry payloads.</summary>
    public const int QuarantinePageRows = 200;

    /// <summary>Connections that read the lists at the same time.</summary>
    public const int Readers = 4;

    /// <summary>Prepared statements that a reading connection keeps.</summary>
    public const int StatementsPerReader = 256;

    /// <summary>Entries of an index by which the reader judges how dense it is: so few that looking costs a fraction of a millisecond.</summary>
    public const int WayEntries = 200;

    /// <summary>Of what is to be worked at, rows are found by text only where no more than so many have a pair of its signs; else all of it is gone through, which is few.</summary>
    public const int FewEntries = 2_000;

    /// <summary>Entries of the index of text that cost what one of another index does, whose row's words have to be read.</summary>
    public const int TextEntriesForOne = 8;

    /// <summary>Pairs of signs that the index of text is asked for at once: more leave hardly fewer rows, and each has to be looked for in all of its parts.</summary>
    public const int PairsAsked = 3;

    /// <summary>Newest items of a feed that are answered from memory.</summary>
    public const int RecentFeedItems = 16;

    /// <summary>Pages of the write-ahead log (16 MiB) past which a commit moves them into the database by itself.</summary>
    public const int LogPages = 4096;

    /// <summary>Rows that one trimming takes off each list, and off all feeds together.</summary>
    public const int TrimRows = 2000;

    /// <summary>How often the lists are trimmed.</summary>
    public static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(10);

    /// <summary>How long a transaction may collect changes while more records are waiting.</summary>
    public static readonly TimeSpan CollectFor = TimeSpan.FromMilliseconds(20);

    /// <summary>How often the position alone is stored while nothing changes in the lists.</summary>
    public static readonly TimeSpan PositionEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long the projector waits before it tries a failed transaction again.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>How often the city's figures are counted at most.</summary>
    public static readonly TimeSpan FiguresEvery = TimeSpan.FromMilliseconds(500);
}
