using Streaming.Ingest;
using Streaming.Silo;
using Streaming.Silo.Journal;
using Streaming.Silo.Journal.Archives;
using Streaming.Tests.Simulation;
using Xunit;
using static Streaming.Tests.Journal.Archives.ArchiveSetup;
using static Streaming.Tests.Journal.JournalSetup;

namespace Streaming.Tests.Journal.Archives;

public sealed class ArchiverTests
{
    [Fact]
    public async Task A_disk_that_takes_no_archive_harms_no_intake_and_work_resumes_by_itself()
    {
        SimulatedDisk disk = new(1);
        ManualTime time = new(StartMs);
        using InputJournal journal = OpenReady(disk, Options, time);
        ArchiveSetup setup = new(1);
        setup.Fill(journal, time, 600);
        ListLogger log = new();
        using Archiver archiver = ArchiverOf(journal, time, logger: log);
        disk.CapacityBytes = disk.List().Sum(name => (long)disk.Snapshot(name).Length) + 1000;
        while (archiver.Trouble is null)
        {
            archiver.Step();
        }

        Assert.Contains("Free space", archiver.Trouble, StringComparison.Ordinal);
        Assert.DoesNotContain(ArchiveLayout.TemporaryName, disk.List());
        Assert.False(archiver.Step());
        Assert.Null(journal.Refusal);
        Appended appended = await journal.AppendAsync(setup.Next(time.NowMs), default);
        Assert.Null(appended.Refusal);
        Assert.True(journal.FlushStep());
        disk.CapacityBytes = long.MaxValue;
        time.Advance((int)SiloLimits.ArchiverRetryMs - 1);
        Assert.False(archiver.Step());
        time.Advance(1);
        while (archiver.Step())
        {
        }

        Assert.Null(archiver.Trouble);
        Assert.Equal(journal.Figures.Segments - 1, journal.Figures.Archives);
        Assert.Equal(2, log.Lines.Count(line => !line.StartsWith("Debug", StringComparison.Ordinal)));
        Assert.Empty(JournalVerifier.Verify(disk).Damages);
    }

    [Fact]
    public void A_failed_sync_leaves_no_archive_and_no_segment_goes()
    {
        SimulatedDisk disk = new(1);
        ManualTime time = new(StartMs);
        using InputJournal journal = OpenReady(disk, Options, time);
        long end = new ArchiveSetup(2).Fill(journal, time, 600);
        using Archiver archiver = ArchiverOf(journal, time);
        disk.FailSyncs = true;
        for (int i = 0; i < 1_000; i++)
        {
            archiver.Step();
        }

        Assert.NotNull(archiver.Trouble);
        Assert.Equal(0, journal.Figures.Archives);
        journal.Retire(long.MaxValue);
        disk.FailSyncs = false;
        Assert.Equal(end, Read(journal, 1, end).Count);
    }

    [Fact]
    public void A_damaged_segment_is_named_and_archives_of_the_sound_ones_before_it_are_made()
    {
        SimulatedDisk disk = new(1);
        ManualTime time = new(StartMs);
        using InputJournal journal = OpenReady(disk, Options, time);
        new ArchiveSetup(3).Fill(journal, time, 900);
        string second = disk.List().Where(name => JournalLayout.TryParseSegmentName(name, out _)).ElementAt(1);
        byte[] bytes = disk.Snapshot(second);
        bytes[3000] ^= 1;
        disk.Plant(second, bytes);
        using Archiver archiver = ArchiverOf(journal, time);
        for (int i = 0; i < 1_000; i++)
        {
            archiver.Step();
        }

        Assert.Contains(second, archiver.Trouble, StringComparison.Ordinal);
        Assert.Equal(1, journal.Figures.Archives);
        Assert.Null(journal.Refusal);
    }

    [Fact]
    public void While_inputs_come_fast_it_keeps_to_its_share_of_one_core_and_otherwise_it_does_not_rest()
    {
        SimulatedDisk disk = new(1);
        ManualTime time = new(StartMs);
        JournalOptions options = Options with { SegmentBytes = 4 * 1024 * 1024, BufferBytes = 256 * 1024, BlockBytes = 512 * 1024, UnflushedBytes = 64 << 20 };
        using InputJournal journal = OpenReady(disk, options, time);
        ArchiveSetup setup = new(4);
        byte[] batch = Enumerable.Range(0, 300).SelectMany(_ => setup.Next(time.NowMs)).ToArray();
        void Append(long bytes)
        {
            for (long at = 0; at < bytes; at += batch.Length)
            {
                journal.AppendInternal(batch);
                journal.FlushStep();
            }
        }

        Append(12 << 20);
        using Archiver archiver = ArchiverOf(journal, time, options);

        // Every write of an archive takes a millisecond by this clock.
        bool archiving = false;
        disk.Before = operation => time.NowMs += archiving && operation == "write" ? 1 : 0;
        long worked = 0;
        long began = time.NowMs;
        long nextInputs = time.NowMs;
        while (time.NowMs < began + 2_000)
        {
            for (; nextInputs <= time.NowMs; nextInputs += 100)
            {
                Append(SiloLimits.ArchiverBusyBytesPerSecond / 8);
            }

            long before = time.NowMs;
            archiving = true;
            archiver.Step();
            archiving = false;
            worked += time.NowMs - before > 0 && time.NowMs - began > SiloLimits.ArchiverRateMs ? time.NowMs - before : 0;
            time.NowMs++;
        }

        double share = (double)worked / (time.NowMs - began - SiloLimits.ArchiverRateMs);
        Assert.InRange(share, SiloLimits.ArchiverShare / 2, SiloLimits.ArchiverShare * 1.3);
        Assert.InRange(archiver.Worked.TotalMilliseconds, worked, worked + SiloLimits.ArchiverRateMs);

        // Nothing comes any more.
        time.NowMs += 10_000;
        archiver.Step();
        time.NowMs += 10_000;
        int rested = 0;
        archiving = true;
        while (journal.Files.TryFindUnarchived(out _, out _))
        {
            rested += archiver.Step() ? 0 : 1;
            Assert.True(rested <= 2, "it rests though nothing comes.");
        }
    }

    [Fact]
    public void Stopped_it_does_nothing_more()
    {
        SimulatedDisk disk = new(1);
        ManualTime time = new(StartMs);
        using InputJournal journal = OpenReady(disk, Options, time);
        new ArchiveSetup(5).Fill(journal, time, 600);
        using Archiver archiver = ArchiverOf(journal, time);
        Assert.True(archiver.Step());
        archiver.Stop();
        Assert.False(archiver.Step());
    }
}
