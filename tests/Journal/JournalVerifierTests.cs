using Streaming.Grains.Inputs;
using Streaming.Silo.Journal;
using Streaming.Tests.Simulation;
using Xunit;
using static Streaming.Tests.Journal.JournalSetup;

namespace Streaming.Tests.Journal;

public sealed class JournalVerifierTests
{
    [Fact]
    public void A_sound_journal_is_counted_and_ends_with_code_0()
    {
        SimulatedDisk disk = Written(blocks: 300, recordsPerBlock: 2);
        VerifyResult result = JournalVerifier.Verify(disk);
        Assert.Empty(result.Damages);
        Assert.Null(result.OpenEnd);
        Assert.Equal((600L, 300L, 1L, 600L), (result.Records, result.Blocks, result.First, result.Last));
        Assert.Equal([new KeyValuePair<InputKind, long>(InputKind.Publish, 600)], result.Kinds);
        using StringWriter output = new();
        Assert.Equal(0, JournalVerifier.Run(disk, output));
        Assert.Contains("600 records", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("sound", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_reported_with_file_and_offset_and_code_1()
    {
        SimulatedDisk disk = Written(blocks: 600);
        string[] names = [.. disk.List().Where(name => name != JournalLayout.SpareName)];
        int Flip(string name)
        {
            byte[] bytes = disk.Snapshot(name);
            int offset = BlockOffsets(bytes)[10];
            bytes[offset + 45] ^= 2;
            disk.Plant(name, bytes);
            return offset;
        }

        int[] offsets = [Flip(names[0]), Flip(names[2])];
        VerifyResult result = JournalVerifier.Verify(disk);
        Assert.Equal([(names[0], offsets[0]), (names[2], offsets[1])], result.Damages.Select(damage => (damage.File, (int)damage.Offset)));
        using StringWriter output = new();
        Assert.Equal(1, JournalVerifier.Run(disk, output));
        Assert.Contains($"DAMAGED: {names[2]}, byte {offsets[1]}:", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_directory_and_an_empty_journal_are_sound()
    {
        SimulatedDisk disk = new(1);
        Assert.Empty(JournalVerifier.Verify(disk).Damages);
        OpenReady(disk).Dispose();
        using StringWriter output = new();
        Assert.Equal(0, JournalVerifier.Run(disk, output));
        Assert.Contains("no records", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_torn_end_is_an_open_end_and_no_damage()
    {
        SimulatedDisk disk = Written(blocks: 3);
        string name = disk.List()[0];
        byte[] bytes = disk.Snapshot(name);
        int last = BlockOffsets(bytes)[2];
        bytes[last + 60] ^= 1;
        disk.Plant(name, bytes);
        VerifyResult result = JournalVerifier.Verify(disk);
        Assert.Empty(result.Damages);
        Assert.Equal((name, (long)last), (result.OpenEnd!.Value.File, result.OpenEnd.Value.Offset));
        Assert.Equal(2, result.Last);
    }

    [Fact]
    public void It_stays_content_while_a_process_writes_and_retires()
    {
        SimulatedDisk disk = new(1);
        using InputJournal journal = OpenReady(disk, Small with { RetentionBytes = 3 * Small.SegmentBytes });
        int number = 0;
        void Write(int count)
        {
            for (int i = 0; i < count; i++)
            {
                journal.AppendInternal(Batch(++number));
                journal.FlushStep();
            }
        }

        Write(300);

        // Between any two of its looks at the disk, the process goes on: it writes blocks, begins segments and deletes old ones.
        foreach (int period in new[] { 1, 2, 3, 5, 8, 13 })
        {
            int looks = 0;
            VerifyResult result = JournalVerifier.Verify(new InterruptedDisk(disk, () =>
            {
                if (++looks % period == 0)
                {
                    Write(1 + (looks % 90));
                    journal.Retire(number - 100);
                }
            }));
            Assert.True(result.Damages.Count == 0, $"Period {period}: {string.Join("; ", result.Damages)}");
            Assert.True(looks > 3);
        }
    }

    [Fact]
    public void A_block_seen_half_written_is_looked_at_again_when_a_later_one_says_that_it_is_durable()
    {
        SimulatedDisk disk = Written(blocks: 6);
        string name = disk.List()[0];
        byte[] whole = disk.Snapshot(name);
        List<int> offsets = BlockOffsets(whole);
        byte[] half = whole.ToArray();
        half.AsSpan(offsets[3] + 50, 30).Clear();
        VerifyResult result = JournalVerifier.Verify(new HalfReadDisk(disk, half));
        Assert.Empty(result.Damages);
        Assert.Equal(6, result.Last);
    }

    /// <summary>Calls something before each look at the disk.</summary>
    private sealed class InterruptedDisk(SimulatedDisk disk, Action before) : ReadingDisk(disk)
    {
        protected override void Look() => before();
    }

    /// <summary>The first read of a file sees other bytes than the later ones.</summary>
    private sealed class HalfReadDisk(SimulatedDisk disk, byte[] first) : ReadingDisk(disk)
    {
        private bool read;

        protected override void Read(long offset, Span<byte> bytes)
        {
            if (!read && offset == 0)
            {
                read = true;
                first.AsSpan(0, bytes.Length).CopyTo(bytes);
            }
        }
    }

    private abstract class ReadingDisk(SimulatedDisk disk) : IDisk
    {
        public IReadOnlyList<string> List()
        {
            Look();
            return disk.List();
        }

        public IDiskFile Open(string name)
        {
            Look();
            return new ReadingFile(this, disk.Open(name));
        }

        public IDiskFile Create(string name, long bytes) => throw new InvalidOperationException();

        public void Rename(string from, string to) => throw new InvalidOperationException();

        public void Replace(string from, string to) => throw new InvalidOperationException();

        public void Delete(string name) => throw new InvalidOperationException();

        public void SyncDirectory() => throw new InvalidOperationException();

        protected virtual void Look()
        {
        }

        protected virtual void Read(long offset, Span<byte> bytes)
        {
        }

        private sealed class ReadingFile(ReadingDisk disk, IDiskFile file) : IDiskFile
        {
            public long Length => file.Length;

            public int Read(long offset, Span<byte> bytes)
            {
                disk.Look();
                int read = file.Read(offset, bytes);
                disk.Read(offset, bytes[..read]);
                return read;
            }

            public void Write(long offset, ReadOnlySpan<byte> bytes) => throw new InvalidOperationException();

            public void Sync() => throw new InvalidOperationException();

            public void SetLength(long bytes) => throw new InvalidOperationException();

            public void Dispose() => file.Dispose();
        }
    }
}
