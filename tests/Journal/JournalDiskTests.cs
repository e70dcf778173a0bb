using Streaming.Ingest;
using Streaming.Silo.Journal;
using Streaming.Tests.Simulation;
using Xunit;
using static Streaming.Tests.Journal.JournalSetup;

namespace Streaming.Tests.Journal;

public sealed class JournalDiskTests
{
    [Fact]
    public async Task A_full_disk_refuses_outside_inputs_takes_internal_ones_and_work_resumes_by_itself()
    {
        SimulatedDisk disk = new(1) { CapacityBytes = 2 * Small.SegmentBytes };
        ManualTime time = new(StartMs);
        ListLogger log = new();
        using InputJournal journal = Open(disk, time: time, logger: log);
        journal.ReplayStep();
        long taken = 0;
        while (journal.Refusal is null)
        {
            Appended appended = await journal.AppendAsync(Batch(taken + 1), default);
            Assert.Null(appended.Refusal);
            taken++;
            Assert.Equal(taken, appended.LastPosition);
            journal.FlushStep();
        }

        Assert.Contains("disk is full", journal.Refusal, StringComparison.Ordinal);
        Assert.Equal(2, journal.Figures.Segments);
        Appended refused = await journal.AppendAsync(Batch(0), default);
        Assert.Equal(journal.Refusal, refused.Refusal);
        Assert.Equal(taken + 1, journal.AppendInternal(Batch(taken + 1)));
        Assert.True(journal.FlushStep());
        Assert.Equal(taken + 1, journal.DurablePosition);

        time.Advance(5000);
        Assert.NotNull(journal.Refusal);
        disk.CapacityBytes = 3 * Small.SegmentBytes;
        time.Advance(1000);
        Assert.Null(journal.Refusal);
        Assert.Equal(taken + 2, (await journal.AppendAsync(Batch(taken + 2), default)).LastPosition);
        FlushAll(journal);
        Assert.Equal(2, log.Lines.Count);
        journal.Dispose();
        AssertNumbered(ReadBack(disk), 1, taken + 2);
    }

    [Fact]
    public async Task Inputs_that_wait_when_the_disk_gets_full_are_refused()
    {
        SimulatedDisk disk = new(1) { CapacityBytes = 2 * Small.SegmentBytes };
        using InputJournal journal = OpenReady(disk, Small with { UnflushedBytes = 1 });
        journal.AppendInternal(Batch(1, 1, 1800));
        List<Task<Appended>> waiting = [];
        for (int i = 2; i <= 60; i++)
        {
            waiting.Add(journal.AppendAsync(Batch(i, 1, 1800), default).AsTask());
        }

        while (journal.Refusal is null)
        {
            Assert.True(journal.FlushStep());
        }

        FlushAll(journal);
        Appended[] outcomes = await Task.WhenAll(waiting);
        int accepted = outcomes.Count(outcome => outcome.Refusal is null);
        Assert.InRange(accepted, 5, 20);
        Assert.All(outcomes.Take(accepted), outcome => Assert.Null(outcome.Refusal));
        Assert.All(outcomes.Skip(accepted), outcome => Assert.Contains("disk is full", outcome.Refusal, StringComparison.Ordinal));
        Assert.Equal(accepted + 1, journal.DurablePosition);
    }

    [Fact]
    public void A_full_spare_ends_the_journal_with_what_was_durable_kept()
    {
        SimulatedDisk disk = new(1) { CapacityBytes = 2 * Small.SegmentBytes };
        InputJournal journal = OpenReady(disk);
        void WriteForEver()
        {
            for (int i = 1; ; i++)
            {
                journal.AppendInternal(Batch(i));
                journal.FlushStep();
            }
        }

        JournalFailedException failed = Assert.Throws<JournalFailedException>((Action)WriteForEver);
        Assert.Contains("no room", failed.Message, StringComparison.Ordinal);
        long durable = journal.DurablePosition;
        Assert.NotNull(journal.Refusal);
        journal.Dispose();
        disk.Crash();
        AssertNumbered(ReadBack(disk), 1, durable);
    }

    [Fact]
    public void A_start_on_a_full_disk_reads_everything_and_refuses_new_inputs()
    {
        SimulatedDisk disk = Written(blocks: 10);
        disk.Remove(JournalLayout.SpareName);
        disk.CapacityBytes = Small.SegmentBytes;
        using InputJournal journal = OpenReady(disk);
        Assert.Equal(10, journal.RecoveredEnd);
        Assert.Contains("disk is full", journal.Refusal, StringComparison.Ordinal);
        Assert.Equal(11, journal.AppendInternal(Batch(11)));
        Assert.True(journal.FlushStep());
        disk.CapacityBytes = long.MaxValue;
        Assert.False(journal.FlushStep());
        Assert.Null(journal.Refusal);
    }

    [Fact]
    public void The_very_first_start_on_a_full_disk_says_so() =>
        Assert.Contains("no room", Assert.Throws<JournalFailedException>(() => Open(new SimulatedDisk(1) { CapacityBytes = 0 })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_failed_sync_or_write_nothing_is_taken_or_called_durable_any_more(bool sync)
    {
        SimulatedDisk disk = new(1);
        (InputJournal journal, JournalFollower follower) = OpenFollowed(disk, Small with { UnflushedBytes = 1 }, durableOnly: true);
        journal.AppendInternal(Batch(1));
        FlushAll(journal);
        journal.AppendInternal(Batch(2));
        Task durable = journal.WaitDurableAsync(2).AsTask();
        Task future = journal.WaitDurableAsync(9).AsTask();
        Task<Appended> waiting = journal.AppendAsync(Batch(3), default).AsTask();
        disk.FailSyncs = sync;
        disk.FailWrites = !sync;
        Assert.Throws<JournalFailedException>(() => journal.FlushStep());
        disk.FailSyncs = false;
        disk.FailWrites = false;

        int syncs = disk.Syncs;
        await Assert.ThrowsAsync<JournalFailedException>(() => durable);
        await Assert.ThrowsAsync<JournalFailedException>(() => future);
        await Assert.ThrowsAsync<JournalFailedException>(async () => await journal.WaitDurableAsync(2));
        Assert.NotNull((await waiting).Refusal);
        Assert.NotNull((await journal.AppendAsync(Batch(4), default)).Refusal);
        Assert.Throws<JournalFailedException>(() => journal.AppendInternal(Batch(4)));
        Assert.Throws<JournalFailedException>(() => journal.FlushStep());
        Assert.Equal(syncs, disk.Syncs);
        Assert.Equal(1, journal.DurablePosition);
        AssertNumbered(Take(follower), 1, 1);
        journal.Dispose();
    }

    [Fact]
    public void Segments_that_nobody_needs_go_once_the_retention_size_is_exceeded()
    {
        SimulatedDisk disk = new(1);
        JournalOptions options = Small with { RetentionBytes = 4 * Small.SegmentBytes };
        ManualTime time = new(StartMs);
        InputJournal journal = OpenReady(disk, options, time);
        int i = 0;
        while (journal.Figures.Segments < 6)
        {
            time.NowMs++;
            journal.AppendInternal(Batch(++i));
            FlushAll(journal);
        }

        long needed = 200;
        journal.Retire(1);
        Assert.Equal(6, journal.Figures.Segments);
        journal.Retire(needed);
        Assert.InRange(journal.FirstPosition, 2, needed);
        Assert.Equal(journal.FirstPosition, journal.Figures.FirstPosition);
        JournalFigures figures = journal.Figures;
        Assert.Equal(5, figures.Segments);
        Assert.True(figures.OldestMs > StartMs);

        journal.Retire(long.MaxValue);
        Assert.Equal(3, journal.Figures.Segments);
        Assert.Equal(4 * Small.SegmentBytes, journal.Figures.DiskBytes);
        long first = journal.FirstPosition;
        disk.Crash();
        journal.Dispose();
        AssertNumbered(ReadBack(disk, options, replayFrom: first), first, i);
        Assert.Empty(JournalVerifier.Verify(disk).Damages);
        Assert.Throws<JournalDamagedException>(() => Open(disk, options, replayFrom: first - 1));
    }

    [Fact]
    public void Retiring_gives_a_full_disk_room_at_once()
    {
        SimulatedDisk disk = new(1) { CapacityBytes = 3 * Small.SegmentBytes };
        using InputJournal journal = OpenReady(disk, Small with { RetentionBytes = Small.SegmentBytes });
        for (int i = 1; journal.Refusal is null; i++)
        {
            journal.AppendInternal(Batch(i));
            FlushAll(journal);
        }

        journal.Retire(journal.DurablePosition);
        Assert.Null(journal.Refusal);
    }

    [Fact]
    public void A_spare_left_behind_is_used_again_and_one_that_holds_anything_is_replaced()
    {
        SimulatedDisk disk = Written(blocks: 1);
        disk.CapacityBytes = 2 * Small.SegmentBytes;
        using (InputJournal journal = OpenReady(disk))
        {
            Assert.Null(journal.Refusal);
        }

        byte[] used = new byte[Small.SegmentBytes];
        used[5000] = 1;
        disk.Plant(JournalLayout.SpareName, used);
        using (InputJournal journal = OpenReady(disk))
        {
            Assert.Null(journal.Refusal);
            Assert.Equal(-1, disk.Snapshot(JournalLayout.SpareName).AsSpan().IndexOfAnyExcept((byte)0));
        }
    }

    [Fact]
    public void Figures_count_what_was_done()
    {
        SimulatedDisk disk = new(1);
        (InputJournal journal, JournalFollower follower) = OpenFollowed(disk);
        journal.AppendInternal(Batch(1, 4));
        Assert.Equal((4L, 240L, 240L), (journal.Figures.Records, journal.Figures.UnflushedBytes, journal.Figures.LagBytes));
        FlushAll(journal);
        Take(follower);
        JournalFigures figures = journal.Figures;
        Assert.Equal((1L, 0L, 0L), (figures.Blocks, figures.UnflushedBytes, figures.LagBytes));
        Assert.Equal(JournalLayout.BlockBytes(240) + JournalLayout.SegmentHeaderBytes, figures.BytesWritten);
        Assert.Equal(2 * Small.SegmentBytes, figures.DiskBytes);
        journal.Dispose();
    }

    [Fact]
    public void Zeroing_the_spare_while_idle_leaves_records_alone_and_does_no_harm_where_it_fails()
    {
        SimulatedDisk disk = new(1);
        InputJournal journal = OpenReady(disk, Small with { SegmentBytes = 100 * 1024 });
        int writes = disk.Writes;
        Assert.False(journal.FlushStep());
        Assert.False(journal.FlushStep());
        Assert.False(journal.FlushStep());
        Assert.Equal(writes + 2, disk.Writes);
        int i = 0;
        while (journal.Figures.Segments < 3)
        {
            journal.AppendInternal(Batch(++i));
            Assert.True(journal.FlushStep());
            disk.FailWrites = true;
            Assert.False(journal.FlushStep());
            disk.FailWrites = false;
            Assert.False(journal.FlushStep());
        }

        journal.Dispose();
        disk.Crash();
        AssertNumbered(ReadBack(disk), 1, i);
    }
}
