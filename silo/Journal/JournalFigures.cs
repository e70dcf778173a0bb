namespace Streaming.Silo.Journal;

/// <summary>How far a step of the replay came.</summary>
internal enum ReplayProgress
{
    /// <summary>The next block is in the chain.</summary>
    Loaded,

    /// <summary>Nothing was loaded: the followers have to catch up first.</summary>
    Behind,

    /// <summary>Everything found on disk is in the chain; appends are allowed.</summary>
    Done,
}

/// <summary>The journal's figures for metrics and <c>/health</c>, since it was opened unless it says otherwise.</summary>
internal readonly record struct JournalFigures
{
    /// <summary>Bytes that segments, archives and the spare occupy on disk now.</summary>
    public long DiskBytes { get; init; }

    /// <summary>Segment files now, without the spare.</summary>
    public int Segments { get; init; }

    /// <summary>Blocks written.</summary>
    public long Blocks { get; init; }

    /// <summary>Times that a block was synced to disk.</summary>
    public long Syncs { get; init; }

    /// <summary>Bytes written to segments, headers and padding included.</summary>
    public long BytesWritten { get; init; }

    /// <summary>Records appended.</summary>
    public long Records { get; init; }

    /// <summary>Bytes of records appended and not on disk yet, now.</summary>
    public long UnflushedBytes { get; init; }

    /// <summary>How many bytes the slowest follower is behind, now.</summary>
    public long LagBytes { get; init; }

    /// <summary>Appends that wait, now.</summary>
    public int WaitingAppends { get; init; }

    /// <summary>How long the last sync took, in ms.</summary>
    public double LastSyncMs { get; init; }

    /// <summary>The longest of the latest slow syncs, in ms (<see cref="SiloLimits.JournalSlowSyncMs"/>); 0 where there was none for some time.</summary>
    public double SlowSyncMs { get; init; }

    /// <summary>The first position from which every record is kept.</summary>
    public long FirstPosition { get; init; }

    /// <summary>Archives now.</summary>
    public int Archives { get; init; }

    /// <summary>Bytes of their files.</summary>
    public long ArchiveBytes { get; init; }

    /// <summary>Bytes of the records that they were made from.</summary>
    public long ArchivedBytes { get; init; }

    /// <summary>When the oldest segment of which anything is kept was begun, in ms since 1970.</summary>
    public long OldestMs { get; init; }
}
