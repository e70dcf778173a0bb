using Streaming.Silo.Journal.Archives;

namespace Streaming.Silo.Journal;

/// <summary>Sizes and bounds of a journal. The defaults are those of <see cref="SiloLimits"/>; tests and the simulation use small ones.</summary>
internal sealed record JournalOptions
{
    /// <summary>Size of a new segment file. Existing ones keep theirs.</summary>
    public int SegmentBytes { get; init; } = SiloLimits.JournalSegmentBytes;

    /// <summary>Size of the buffers that records are collected in.</summary>
    public int BufferBytes { get; init; } = SiloLimits.JournalBufferBytes;

    /// <summary>The longest block, its header included. A record has to fit into one.</summary>
    public int BlockBytes { get; init; } = SiloLimits.JournalBlockBytes;

    /// <summary>Records not yet on disk, in bytes, past which outside inputs wait.</summary>
    public long UnflushedBytes { get; init; } = SiloLimits.JournalUnflushedBytes;

    /// <summary>How many bytes the slowest follower may be behind before outside inputs, and the replay, wait for it.</summary>
    public long LagBytes { get; init; } = SiloLimits.JournalLagBytes;

    /// <summary>Appends that may wait at a time; more are refused.</summary>
    public int WaitingAppends { get; init; } = SiloLimits.JournalWaitingAppends;

    /// <summary>Size on disk past which the oldest segments and archives that nobody needs are deleted, whatever their age.</summary>
    public long RetentionBytes { get; init; } = SiloLimits.JournalRetentionBytes;

    /// <summary>How long archives keep each stream.</summary>
    public RetentionAges Keep { get; init; } = RetentionAges.Default;

    /// <summary>Records of one section of an archive that are compressed together, bytes.</summary>
    public int ArchiveFrameBytes { get; init; } = SiloLimits.ArchiveFrameBytes;

    /// <summary>How much is checked at the start, beyond the segments that are replayed.</summary>
    public long CheckBytes { get; init; } = SiloLimits.JournalCheckBytes;

    /// <summary>Sealed segments that are checked at a time at the start. More than one only where the disk may be read by several threads.</summary>
    public int ChecksAtOnce { get; init; } = 1;

    /// <summary>Lets whoever waits go on within <see cref="InputJournal.FlushStep"/> itself instead of on the thread pool: the simulation has one thread, and one order of events.</summary>
    public bool InlineContinuations { get; init; }

    /// <summary>Throws <see cref="ArgumentException"/> where the sizes do not go together.</summary>
    public void Check()
    {
        Require(BlockBytes >= 1024 && BlockBytes % JournalLayout.Alignment == 0, $"{nameof(BlockBytes)} is {BlockBytes}; it must be a multiple of {JournalLayout.Alignment}, at least 1024.");
        Require(BufferBytes <= BlockBytes && BufferBytes >= 1024 && BufferBytes % JournalLayout.Alignment == 0, $"{nameof(BufferBytes)} is {BufferBytes}; it must be a multiple of {JournalLayout.Alignment}, from 1024 to {nameof(BlockBytes)} ({BlockBytes}).");
        Require(SegmentBytes >= JournalLayout.SegmentHeaderBytes + (2L * BlockBytes), $"{nameof(SegmentBytes)} is {SegmentBytes}; two of the longest blocks ({BlockBytes}) must fit.");
        Require(UnflushedBytes > 0, $"{nameof(UnflushedBytes)} must be above 0.");
        Require(LagBytes > 0, $"{nameof(LagBytes)} must be above 0.");
        Require(WaitingAppends >= 0, $"{nameof(WaitingAppends)} must not be negative.");
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new ArgumentException(message);
        }
    }
}
