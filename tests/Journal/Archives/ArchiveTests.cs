using Streaming.Grains.Inputs;
using Streaming.Silo.Journal;
using Streaming.Silo.Journal.Archives;
using Streaming.Tests.Simulation;
using Xunit;
using static Streaming.Tests.Journal.Archives.ArchiveSetup;
using static Streaming.Tests.Journal.JournalSetup;

namespace Streaming.Tests.Journal.Archives;

public sealed class ArchiveTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Records_come_back_byte_for_byte_from_any_position(int seed)
    {
        SimulatedDisk disk = new(seed);
        ManualTime time = new(StartMs);
        using InputJournal journal = OpenReady(disk, Options, time);
        long end = new ArchiveSetup(seed).Fill(journal, time, 900);
        SortedDictionary<long, byte[]> truth = Read(journal, 1, end);
        Assert.Equal(end, truth.Count);
        ArchiveAll(journal, time);
        Assert.True(journal.Figures.Archives >= 3, $"only {journal.Figures.Archives} archives: the test means nothing.");
        Assert.Equal(journal.Figures.Segments - 1, journal.Figures.Archives);
        journal.Retire(long.MaxValue);
        Assert.Equal(1, journal.Figures.Segments);
        Assert.Equal(1, journal.FirstPosition);
        Random random = new(seed);
        for (int i = 0; i < 20; i++)
        {
            long from = i == 0 ? 1 : random.NextInt64(1, end + 1);
            long through = i == 0 ? end : random.NextInt64(from, end + 1);
            AssertSame(truth, Read(journal, from, through), from, through);
        }

        Assert.True(journal.Figures.ArchiveBytes * 2 < journal.Figures.ArchivedBytes, "nothing was saved.");
        AssertSound(disk, end);
    }

    [Fact]
    public void Records_that_do_not_read_as_they_should_are_kept_as_they_are()
    {
        SimulatedDisk disk = Written(600, bytes: 90);
        ManualTime time = new(StartMs + 1_000_000);
        using (InputJournal journal = OpenReady(disk, Small, time))
        {
            ArchiveAll(journal, time, Small);
            Assert.True(journal.Figures.Archives > 2);
            journal.Retire(long.MaxValue);
        }

        AssertNumbered(ReadBack(disk), 1, 600);
        Assert.Empty(JournalVerifier.Verify(disk).Damages);
    }

    [Fact]
    public void A_segment_goes_once_it_is_archived_and_nobody_needs_it_whatever_space_there_is()
    {
        SimulatedDisk disk = new(1);
        ManualTime time = new(StartMs);
        using InputJournal journal = OpenReady(disk, Options, time);
        new ArchiveSetup(1).Fill(journal, time, 900);
        int sealedSegments = journal.Figures.Segments - 1;
        Assert.False(journal.HasRetirable(long.MaxValue));
        ArchiveAll(journal, time);
        long second = journal.Files.Archives[1].FirstPosition;
        Assert.True(journal.HasRetirable(second));
        Assert.False(journal.HasRetirable(second - 1));
        journal.Retire(second);
        Assert.Equal(sealedSegments, journal.Figures.Segments);
        Assert.Equal(1, journal.OldestPosition);
        journal.Retire(journal.DurablePosition);
        Assert.Equal((1, sealedSegments), (journal.Figures.Segments, journal.Figures.Archives));
    }

    [Fact]
    public void Raw_payloads_go_at_their_age_and_the_records_stay()
    {
        (SimulatedDisk disk, ManualTime time, SortedDictionary<long, byte[]> truth) = Archived(seed: 5);
        long end = truth.Keys.Max();
        JournalOptions options = Options with { Keep = Ages("raw=30d") };
        using InputJournal journal = OpenReady(disk, options, time);
        long before = journal.Figures.ArchiveBytes;
        time.NowMs += 29 * DayMs;
        ArchiveAll(journal, time, options);
        Assert.Equal(before, journal.Figures.ArchiveBytes);
        AssertSame(truth, Read(journal, 1, end), 1, end);
        time.NowMs += 2 * DayMs;

        // Raw payloads go even where replay may still come by.
        ArchiveAll(journal, time, options, neededFrom: 1);
        Assert.True(journal.Figures.ArchiveBytes < before);
        Assert.Equal(1, journal.FirstPosition);
        long archived = journal.Files.Archives[^1].LastPosition;
        SortedDictionary<long, byte[]> read = Read(journal, 1, end);
        Assert.Equal(end, read.Count);
        int kept = 0;
        foreach ((long position, byte[] record) in truth)
        {
            byte[] expected = position <= archived ? WithoutRaw(record) : record;
            Assert.True(expected.AsSpan().SequenceEqual(read[position]), $"Position {position} differs.");
            kept += expected.Length == record.Length && Grains.Inputs.Record.KindOf(record) == InputKind.Publish ? 1 : 0;
        }

        Assert.True(kept > 20, "no record with something quarantined was among them.");
        VerifyResult verified = AssertSound(disk, end);
        Assert.Contains("weigh.raw", verified.Dropped.Keys);
        Assert.DoesNotContain("weigh", verified.Dropped.Keys);
    }

    [Fact]
    public void Records_of_a_stream_go_at_their_age_and_the_others_stay_exact()
    {
        (SimulatedDisk disk, ManualTime time, SortedDictionary<long, byte[]> truth) = Archived(seed: 6);
        long end = truth.Keys.Max();
        JournalOptions options = Options with { Keep = Ages("weigh=10d,core=20d,raw=400d") };
        using (InputJournal journal = OpenReady(disk, options, time))
        {
            time.NowMs += 11 * DayMs;
            ArchiveAll(journal, time, options, neededFrom: 2);
            Assert.Equal(end, Read(journal, 1, end).Count);
            Assert.Equal(1, journal.FirstPosition);
            ArchiveAll(journal, time, options);
            long archived = journal.Files.Archives[^1].LastPosition;
            SortedDictionary<long, byte[]> read = Read(journal, 1, end);
            foreach ((long position, byte[] record) in truth)
            {
                bool dropped = position <= archived && RecordParts.Of(record).Stream == JournalStream.Weigh;
                Assert.True(dropped != read.TryGetValue(position, out byte[]? found), $"Position {position}.");
                Assert.True(dropped || record.AsSpan().SequenceEqual(found), $"Position {position} differs.");
            }

            // A full replay is possible only behind what was dropped; what is left of before is there all the same.
            Assert.Equal(archived + 1, journal.FirstPosition);
            Assert.Equal(1, journal.OldestPosition);
            AssertSound(disk, end);
        }

        JournalDamagedException needed = Assert.Throws<JournalDamagedException>(() => Open(disk, options, time, replayFrom: 1));
        Assert.Contains("from position 1 on are needed", needed.Message, StringComparison.Ordinal);
        Open(disk, options, time, replayFrom: end + 1).Dispose();
    }

    [Fact]
    public void An_archive_goes_when_everything_in_it_has_outlived_its_age()
    {
        (SimulatedDisk disk, ManualTime time, SortedDictionary<long, byte[]> truth) = Archived(seed: 7);
        long end = truth.Keys.Max();
        JournalOptions options = Options with { Keep = Ages("core=9d,weigh=9d,video=9d,truck=9d,tank=9d,ledger=9d,other=9d") };
        using InputJournal journal = OpenReady(disk, options, time);
        time.NowMs += 10 * DayMs;
        ArchiveAll(journal, time, options, neededFrom: 1);
        Assert.Equal(1, journal.OldestPosition);
        ArchiveAll(journal, time, options);
        Assert.Equal(0, journal.Figures.Archives);
        Assert.Equal(journal.FirstPosition, journal.OldestPosition);
        Assert.True(journal.FirstPosition > 1);
        AssertSame(truth, Read(journal, 1, end), journal.FirstPosition, end);
        AssertSound(disk, end);
    }

    [Fact]
    public void Past_the_size_kept_the_oldest_go_first_archived_or_not()
    {
        SimulatedDisk disk = new(1);
        ManualTime time = new(StartMs);
        JournalOptions options = Options with { RetentionBytes = 4 * Options.SegmentBytes };
        using InputJournal journal = OpenReady(disk, options, time);
        ArchiveSetup setup = new(8);
        setup.Fill(journal, time, 900);
        ArchiveAll(journal, time, options);
        setup.Fill(journal, time, 2_000);
        Assert.False(journal.HasRetirable(1));
        long before = journal.Files.Archives[^1].LastPosition;
        journal.Retire(journal.DurablePosition);
        Assert.True(journal.Figures.DiskBytes <= options.RetentionBytes);
        Assert.True(journal.OldestPosition > before, "an archive was kept while a younger segment went.");
        AssertSame(Read(journal, 1, journal.End), Read(journal, journal.OldestPosition, journal.End), journal.OldestPosition, journal.End);
        AssertSound(disk, journal.End);
    }

    [Fact]
    public void A_reader_in_a_file_that_goes_reads_on()
    {
        SimulatedDisk disk = new(1);
        ManualTime time = new(StartMs);
        JournalOptions options = Options with { RetentionBytes = 0 };
        using InputJournal journal = OpenReady(disk, options, time);
        long end = new ArchiveSetup(9).Fill(journal, time, 1_500);
        SortedDictionary<long, byte[]> truth = Read(journal, 1, end);
        using JournalReplay inSegment = journal.Read(1, end);
        Assert.True(inSegment.TryRead(out BlockHeader header, out _));
        ArchiveAll(journal, time, options);
        long secondSegment = journal.Files.Archives[1].FirstPosition;
        using JournalReplay inArchive = journal.Read(secondSegment, end);

        // The segment that is being read is archived and deleted; what follows is read from archives.
        journal.Retire(secondSegment);
        long next = header.LastPosition + 1;
        while (inSegment.TryRead(out header, out ReadOnlySpan<byte> records))
        {
            Assert.Equal(next, header.FirstPosition);
            Assert.Equal(truth[next].Length, 4 + System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(records));
            next = header.LastPosition + 1;
            if (next > secondSegment && journal.OldestPosition == 1)
            {
                Assert.True(inArchive.TryRead(out _, out _));
                journal.Retire(journal.Files.Archives[2].FirstPosition);
            }
        }

        Assert.Equal(end, next - 1);
    }

    [Fact]
    public void Every_flipped_byte_of_an_archive_is_found()
    {
        (SimulatedDisk disk, ManualTime time, _) = Archived(seed: 10, records: 250, options: Options with { SegmentBytes = 33 * 1024 });
        string name = disk.List().First(file => ArchiveLayout.TryParseName(file, out _));
        byte[] sound = disk.Snapshot(name);
        Assert.InRange(sound.Length, 4_000, 60_000);
        SimulatedDisk alone = new(1);
        for (int at = 0; at < sound.Length; at++)
        {
            byte[] flipped = [.. sound];
            flipped[at] ^= (byte)(1 << (at % 8));
            alone.Plant(name, flipped);
            Assert.True(IsDamaged(alone, name), $"Byte {at} of {sound.Length} was changed and nobody noticed.");
            if (at % 997 == 0)
            {
                disk.Plant(name, flipped);
                Assert.Equal(name, JournalVerifier.Verify(disk).Damages[0].File);
            }
        }

        alone.Plant(name, sound);
        Assert.False(IsDamaged(alone, name));

        // The start reads as much as it may, and beyond that only headers.
        disk.Plant(name, [.. sound[..2000], (byte)(sound[2000] ^ 1), .. sound[2001..]]);
        JournalDamagedException damaged = Assert.Throws<JournalDamagedException>(() => Open(disk, Options, time, replayFrom: End(disk)));
        Assert.Equal(name, damaged.File);
        Open(disk, Options with { CheckBytes = 0 }, time, replayFrom: End(disk)).Dispose();
        Assert.Throws<JournalDamagedException>(() => Open(disk, Options with { CheckBytes = 0 }, time, replayFrom: 1));
        disk.Plant(name, sound);
        Open(disk, Options, time).Dispose();
    }

    [Fact]
    public void A_missing_or_foreign_archive_stops_the_start_and_verify_names_it()
    {
        (SimulatedDisk disk, ManualTime time, SortedDictionary<long, byte[]> truth) = Archived(seed: 11);
        string[] archives = [.. disk.List().Where(file => ArchiveLayout.TryParseName(file, out _))];
        Assert.True(archives.Length >= 3);
        byte[] middle = disk.Snapshot(archives[1]);
        disk.Remove(archives[1]);
        Assert.Equal(archives[0], Assert.Throws<JournalDamagedException>(() => Open(disk, Options, time, replayFrom: truth.Keys.Max() + 1)).File);
        Assert.Equal(archives[2], Assert.Single(JournalVerifier.Verify(disk).Damages).File);
        (SimulatedDisk other, _, _) = Archived(seed: 12);
        disk.Plant(archives[1], middle);
        string foreign = other.List().First(file => ArchiveLayout.TryParseName(file, out _));
        Assert.Equal(archives[0], foreign);
        byte[] first = disk.Snapshot(foreign);
        disk.Plant(foreign, other.Snapshot(foreign));
        Assert.Throws<JournalDamagedException>(() => Open(disk, Options, time, replayFrom: truth.Keys.Max() + 1));
        Assert.NotEmpty(JournalVerifier.Verify(disk).Damages);
        disk.Plant(foreign, first);

        // The newest archive is what the segment follows.
        disk.Remove(archives[^1]);
        Assert.Equal(archives[^2], Assert.Throws<JournalDamagedException>(() => Open(disk, Options, time, replayFrom: truth.Keys.Max() + 1)).File);
        Assert.NotEmpty(JournalVerifier.Verify(disk).Damages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_crash_at_any_moment_of_writing_or_rewriting_leaves_the_old_or_the_new(bool rewriting)
    {
        bool done = false;
        for (int operations = 0; !done; operations++)
        {
            (SimulatedDisk disk, ManualTime time, SortedDictionary<long, byte[]> truth) = rewriting ? Archived(seed: 13, diskSeed: operations, records: 400) : Sealed(seed: 13, diskSeed: operations, records: 400);
            long end = truth.Keys.Max();
            JournalOptions options = Options with { Keep = Ages("raw=3d") };
            time.NowMs += rewriting ? 5 * DayMs : 0;
            InputJournal journal = OpenReady(disk, options, time);
            try
            {
                disk.DieAfter(operations);
                ArchiveAll(journal, time, options);
                journal.Retire(long.MaxValue);
                done = true;
            }
            catch (SimulatedCrashException)
            {
                // That is the moment.
            }

            disk.Crash();
            using InputJournal again = OpenReady(disk, options, time);
            Assert.DoesNotContain(ArchiveLayout.TemporaryName, disk.List());
            SortedDictionary<long, byte[]> read = Read(again, 1, end);
            Assert.Equal(end, read.Count);
            foreach ((long position, byte[] record) in truth)
            {
                Assert.True(record.AsSpan().SequenceEqual(read[position]) || (rewriting && WithoutRaw(record).AsSpan().SequenceEqual(read[position])), $"Position {position} differs after a crash at operation {operations}.");
            }

            // And it goes on from there.
            ArchiveAll(again, time, options);
            AssertSound(disk, end);
        }
    }

    [Fact]
    public void Many_lives_with_crashes_lose_nothing()
    {
        int archived = 0;
        for (int seed = 0; seed < 25; seed++)
        {
            Random random = new(seed);
            SimulatedDisk disk = new(seed);
            ManualTime time = new(StartMs);
            JournalOptions options = Options with { Keep = Ages("raw=1d") };
            ArchiveSetup setup = new(seed);
            SortedDictionary<long, byte[]> truth = [];
            for (int life = 0; life < 4; life++)
            {
                try
                {
                    disk.DieAfter(random.Next(1_500));
                    using InputJournal journal = OpenReady(disk, options, time);
                    Archiver archiver = ArchiverOf(journal, time, options);
                    for (int i = 0; i < 400; i++)
                    {
                        journal.AppendInternal(setup.Next(time.NowMs));
                        journal.FlushStep();
                        time.NowMs += random.Next(30) == 0 ? DayMs / 6 : 20;
                        archiver.Step();
                        if (random.Next(20) == 0)
                        {
                            journal.Retire(journal.DurablePosition);
                        }
                    }
                }
                catch (Exception failure) when (failure is SimulatedCrashException or JournalFailedException { InnerException: SimulatedCrashException })
                {
                    // That is how a life ends.
                }

                disk.Crash();
                using InputJournal next = OpenReady(disk, options, time);
                archived += next.Figures.Archives;
                SortedDictionary<long, byte[]> read = Read(next, 1, next.End);
                Assert.Equal(next.End, read.Count);
                foreach ((long position, byte[] record) in read)
                {
                    if (truth.TryGetValue(position, out byte[]? before))
                    {
                        Assert.True(before.AsSpan().SequenceEqual(record) || WithoutRaw(before).AsSpan().SequenceEqual(record), $"Seed {seed}: position {position} changed.");
                    }

                    truth[position] = record;
                }

                Assert.True(truth.Count == next.End, $"Seed {seed}: what was durable is gone.");
                Assert.Empty(JournalVerifier.Verify(disk).Damages);
            }
        }

        Assert.True(archived > 25, $"only {archived} archives came into being.");
    }

    private static bool IsDamaged(SimulatedDisk disk, string name)
    {
        try
        {
            using ArchiveReader reader = ArchiveReader.Open(disk, name);
            return new ArchiveVerifier(reader, static _ => { }).Verify() is not null;
        }
        catch (JournalDamagedException)
        {
            return true;
        }
    }

    internal static RetentionAges Ages(string text)
    {
        (RetentionAges ages, string? problem) = RetentionAges.Parse(text);
        Assert.Null(problem);
        return ages;
    }

    private static long End(SimulatedDisk disk) => JournalVerifier.Verify(disk).Last + 1;

    private static (SimulatedDisk Disk, ManualTime Time, SortedDictionary<long, byte[]> Truth) Sealed(int seed, int diskSeed = 1, int records = 900, JournalOptions? options = null)
    {
        SimulatedDisk disk = new(diskSeed);
        ManualTime time = new(StartMs);
        using InputJournal journal = OpenReady(disk, options ?? Options, time);
        long end = new ArchiveSetup(seed).Fill(journal, time, records);
        return (disk, time, Read(journal, 1, end));
    }

    private static (SimulatedDisk Disk, ManualTime Time, SortedDictionary<long, byte[]> Truth) Archived(int seed, int diskSeed = 1, int records = 900, JournalOptions? options = null)
    {
        (SimulatedDisk disk, ManualTime time, SortedDictionary<long, byte[]> truth) = Sealed(seed, diskSeed, records, options);
        using InputJournal journal = OpenReady(disk, options ?? Options, time);
        ArchiveAll(journal, time, options);
        Assert.True(journal.Figures.Archives > 0);
        journal.Retire(long.MaxValue);
        return (disk, time, truth);
    }

    private static void AssertSame(SortedDictionary<long, byte[]> truth, SortedDictionary<long, byte[]> read, long from, long through)
    {
        Assert.Equal(through - from + 1, read.Count);
        for (long position = from; position <= through; position++)
        {
            Assert.True(truth[position].AsSpan().SequenceEqual(read[position]), $"Position {position} differs.");
        }
    }

    private static VerifyResult AssertSound(SimulatedDisk disk, long end)
    {
        VerifyResult verified = JournalVerifier.Verify(disk);
        Assert.Empty(verified.Damages);
        Assert.Null(verified.OpenEnd);
        Assert.Equal(end, verified.Last);
        return verified;
    }
}
