namespace Streaming.Silo.Views;

/// <summary>Every bound of the lists, in one place.</summary>
internal static class ViewLimits
{
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

    /// <summary>Rows of a page of a list.</summary>
    public const int PageRows = 1000;

    /// <summary>Rows of a page of the quarantine list, whose rows carry payloads.</summary>
    public const int QuarantinePageRows = 200;

    /// <summary>Connections that read the lists at the same time.</summary>
    public const int Readers = 4;

    /// <summary>Prepared statements that a reading connection keeps.</summary>
    public const int StatementsPerReader = 64;

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
