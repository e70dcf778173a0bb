using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Inputs;
using Streaming.Models.Encoding;
using Streaming.Silo.Journal;
using Streaming.Tests.Simulation;
using Xunit;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Journal;

/// <summary>What the journal's tests share: small sizes, records with a number inside, and reading everything a follower has.</summary>
internal static class JournalSetup
{
    public const long StartMs = 1_760_000_000_000;

    public static readonly JournalOptions Small = new()
    {
        SegmentBytes = 16 * 1024,
        BufferBytes = 2048,
        BlockBytes = 4096,
        UnflushedBytes = 1 << 20,
        LagBytes = 1 << 20,
        RetentionBytes = long.MaxValue,
        InlineContinuations = true,
    };

    /// <summary>Records whose bodies begin with the numbers <paramref name="first"/> and up, each <paramref name="bytes"/> long in all.</summary>
    public static byte[] Batch(long first, int count = 1, int bytes = 60)
    {
        ByteWriter writer = new();
        for (int i = 0; i < count; i++)
        {
            int start = Record.Begin(writer, InputKind.Publish, partition: (byte)((first + i) % 64));
            writer.WriteInt64(first + i);
            Span<byte> filling = writer.Take(bytes - Record.HeaderBytes - 8);
            for (int j = 0; j < filling.Length; j++)
            {
                filling[j] = (byte)(((first + i) * 31) + j + 1);
            }

            Record.End(writer, start);
        }

        return writer.Written.ToArray();
    }

    /// <summary>The number inside a record.</summary>
    public static long NumberOf(in Record record) => BinaryPrimitives.ReadInt64LittleEndian(record.Body);

    public static InputJournal Open(IDisk disk, JournalOptions? options = null, TimeProvider? time = null, int followers = 0, long replayFrom = 1, ILogger? logger = null) =>
        InputJournal.Open(disk, options ?? Small, time ?? new ManualTime(StartMs), followers, replayFrom, logger ?? NullLogger.Instance);

    /// <summary>Opens a journal without followers, ready for appends.</summary>
    public static InputJournal OpenReady(IDisk disk, JournalOptions? options = null, TimeProvider? time = null)
    {
        InputJournal journal = Open(disk, options, time);
        Assert.Equal(ReplayProgress.Done, journal.ReplayStep());
        return journal;
    }

    /// <summary>Opens a journal with one follower, ready for appends.</summary>
    public static (InputJournal Journal, JournalFollower Follower) OpenFollowed(IDisk disk, JournalOptions? options = null, TimeProvider? time = null, bool durableOnly = false)
    {
        InputJournal journal = Open(disk, options, time, followers: 1);
        JournalFollower follower = journal.Follow(0, durableOnly);
        Assert.Equal(ReplayProgress.Done, journal.ReplayStep());
        return (journal, follower);
    }

    public static void FlushAll(InputJournal journal)
    {
        while (journal.FlushStep())
        {
        }
    }

    /// <summary>Takes everything a follower has: number inside each record, by position.</summary>
    public static SortedDictionary<long, long> Take(JournalFollower follower, SortedDictionary<long, long>? into = null)
    {
        into ??= [];
        while (follower.TryRead(out ReadOnlySpan<byte> records, out long position, out int count))
        {
            int seen = 0;
            while (records.Length > 0)
            {
                Record record = Record.Next(ref records);
                into.Add(position + seen, NumberOf(record));
                seen++;
            }

            Assert.Equal(count, seen);
        }

        return into;
    }

    /// <summary>Everything that a journal on disk gives a follower that begins at the oldest record.</summary>
    public static SortedDictionary<long, long> ReadBack(IDisk disk, JournalOptions? options = null, ILogger? logger = null, long replayFrom = 1)
    {
        using InputJournal journal = Open(disk, options, followers: 1, replayFrom: replayFrom, logger: logger);
        JournalFollower follower = journal.Follow(replayFrom - 1, durableOnly: true);
        SortedDictionary<long, long> all = [];
        while (journal.ReplayStep() != ReplayProgress.Done)
        {
            Take(follower, all);
        }

        return Take(follower, all);
    }

    /// <summary>A journal with one block per append of one record, numbered as its position; returns the disk.</summary>
    public static SimulatedDisk Written(int blocks, int recordsPerBlock = 1, int bytes = 60, int seed = 1)
    {
        SimulatedDisk disk = new(seed);
        using InputJournal journal = OpenReady(disk);
        for (int i = 0; i < blocks; i++)
        {
            journal.AppendInternal(Batch(1 + ((long)i * recordsPerBlock), recordsPerBlock, bytes));
            Assert.True(journal.FlushStep());
        }

        return disk;
    }

    /// <summary>Offset of each block in a segment of sound blocks, and behind the last where the next would begin.</summary>
    public static List<int> BlockOffsets(byte[] segment)
    {
        List<int> offsets = [JournalLayout.SegmentHeaderBytes];
        while (offsets[^1] + JournalLayout.Alignment <= segment.Length && BlockHeader.TryRead(segment.AsSpan(offsets[^1]), out BlockHeader header))
        {
            offsets.Add(offsets[^1] + header.BlockBytes);
        }

        return offsets;
    }

    public static void AssertNumbered(SortedDictionary<long, long> records, long first, long last)
    {
        Assert.Equal(last - first + 1, records.Count);
        long expected = first;
        foreach ((long position, long number) in records)
        {
            Assert.Equal(expected, position);
            Assert.Equal(expected, number);
            expected++;
        }
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class ListLogger : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add($"{logLevel}: {formatter(state, exception)}");
}
