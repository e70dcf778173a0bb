using Streaming.Grains.Inputs;
using Streaming.Ingest;
using Streaming.Silo.Journal;
using Streaming.Tests.Simulation;
using Streaming.Tests.Support;
using Xunit;
using static Streaming.Tests.Journal.JournalSetup;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Journal;

public sealed class InputJournalTests
{
    [Fact]
    public void A_follower_reads_records_before_they_are_on_disk_and_a_durable_one_only_after()
    {
        SimulatedDisk disk = new(1);
        using InputJournal journal = Open(disk, followers: 2);
        JournalFollower eager = journal.Follow(0, durableOnly: false);
        JournalFollower durable = journal.Follow(0, durableOnly: true);
        Assert.Equal(ReplayProgress.Done, journal.ReplayStep());

        Assert.Equal(3, journal.AppendInternal(Batch(1, 3)));
        AssertNumbered(Take(eager), 1, 3);
        Assert.Empty(Take(durable));
        Assert.Equal(0, journal.DurablePosition);

        Assert.True(journal.FlushStep());
        Assert.Equal(3, journal.DurablePosition);
        AssertNumbered(Take(durable), 1, 3);
        Assert.Empty(Take(eager));
        Assert.False(journal.FlushStep());
    }

    [Fact]
    public void A_block_being_read_while_it_fills_is_handed_out_in_runs_without_a_gap()
    {
        (InputJournal journal, JournalFollower follower) = OpenFollowed(new SimulatedDisk(1));
        SortedDictionary<long, long> seen = [];
        for (int i = 1; i <= 200; i++)
        {
            journal.AppendInternal(Batch(i));
            if (i % 3 == 0)
            {
                Take(follower, seen);
            }

            if (i % 7 == 0)
            {
                journal.FlushStep();
            }
        }

        AssertNumbered(Take(follower, seen), 1, 200);
        journal.Dispose();
    }

    [Fact]
    public void Position_counts_a_run_once_it_was_given_back()
    {
        (InputJournal journal, JournalFollower follower) = OpenFollowed(new SimulatedDisk(1));
        journal.AppendInternal(Batch(1, 5));
        Assert.True(follower.TryRead(out _, out long first, out int count));
        Assert.Equal((1L, 5), (first, count));
        Assert.Equal(0, follower.Position);
        follower.Release();
        Assert.Equal(5, follower.Position);
        follower.Release();
        Assert.Equal(5, follower.Position);
        journal.Dispose();
    }

    [Fact]
    public void Many_appends_are_made_durable_by_one_write_and_one_sync()
    {
        SimulatedDisk disk = new(1);
        using InputJournal journal = OpenReady(disk);
        int writes = disk.Writes;
        int syncs = disk.Syncs;
        for (int i = 1; i <= 25; i++)
        {
            journal.AppendInternal(Batch(i));
        }

        Assert.True(journal.FlushStep());
        Assert.Equal(25, journal.DurablePosition);
        Assert.Equal((writes + 1, syncs + 1), (disk.Writes, disk.Syncs));
    }

    [Fact]
    public void Waiting_for_the_disk_ends_after_the_sync_and_not_before()
    {
        SimulatedDisk disk = new(1);
        using InputJournal journal = OpenReady(disk);
        journal.AppendInternal(Batch(1, 2));
        Task first = journal.WaitDurableAsync(1).AsTask();
        Task second = journal.WaitDurableAsync(2).AsTask();
        Task future = journal.WaitDurableAsync(4).AsTask();
        bool doneAtSync = false;
        disk.Before = operation => doneAtSync |= operation == "sync" && (first.IsCompleted || second.IsCompleted);

        journal.FlushStep();
        Assert.False(doneAtSync);
        Assert.True(first.IsCompletedSuccessfully && second.IsCompletedSuccessfully);
        Assert.False(future.IsCompleted);
        Assert.True(journal.WaitDurableAsync(2).AsTask().IsCompletedSuccessfully);

        journal.AppendInternal(Batch(3, 1));
        journal.FlushStep();
        Assert.False(future.IsCompleted);
        journal.AppendInternal(Batch(4, 1));
        journal.FlushStep();
        Assert.True(future.IsCompletedSuccessfully);
    }

    [Fact]
    public void What_is_appended_during_a_flush_waits_for_the_next_one()
    {
        SimulatedDisk disk = new(1);
        (InputJournal journal, JournalFollower follower) = OpenFollowed(disk);
        journal.AppendInternal(Batch(1));
        disk.Before = operation =>
        {
            if (operation == "sync" && journal.End == 1)
            {
                journal.AppendInternal(Batch(2));
            }
        };
        Assert.True(journal.FlushStep());
        Assert.Equal((1L, 2L), (journal.DurablePosition, journal.End));
        Assert.True(journal.FlushStep());
        Assert.Equal(2, journal.DurablePosition);
        AssertNumbered(Take(follower), 1, 2);
        journal.Dispose();
    }

    [Fact]
    public void A_batch_longer_than_a_buffer_is_divided_between_records_and_a_longer_record_has_a_block_of_its_own()
    {
        SimulatedDisk disk = new(1);
        (InputJournal journal, JournalFollower follower) = OpenFollowed(disk);
        using (journal)
        {
            Assert.Equal(100, journal.AppendInternal(Batch(1, 100)));
            Assert.Equal(101, journal.AppendInternal(Batch(101, 1, bytes: 4096 - JournalLayout.BlockHeaderBytes)));
            Assert.Equal(102, journal.AppendInternal(Batch(102)));
            AssertNumbered(Take(follower), 1, 102);
            FlushAll(journal);
            Assert.Equal(102, journal.DurablePosition);
        }

        AssertNumbered(ReadBack(disk), 1, 102);
    }

    [Fact]
    public void A_batch_that_is_no_run_of_whole_records_is_not_taken()
    {
        using InputJournal journal = OpenReady(new SimulatedDisk(1));
        byte[] good = Batch(1, 2);
        byte[] wrongKind = Batch(1);
        wrongKind[4] = 200;
        byte[] wrongPartition = Batch(1);
        wrongPartition[6] = 64;
        foreach (byte[] bad in new[] { [], good[..^1], good[..7], wrongKind, wrongPartition, new byte[64], Batch(1, 1, bytes: 4097 - JournalLayout.BlockHeaderBytes) })
        {
            Assert.Throws<ArgumentException>(() => journal.AppendInternal(bad));
        }

        Assert.Equal(0, journal.End);
        Assert.False(journal.FlushStep());
    }

    [Fact]
    public void Time_never_runs_backwards_not_even_over_a_restart()
    {
        SimulatedDisk disk = new(1);
        ManualTime time = new(StartMs);
        (InputJournal journal, JournalFollower follower) = OpenFollowed(disk, time: time);
        List<long> times = [];
        foreach (int step in new[] { 0, 5, -100, 50 })
        {
            time.NowMs += step;
            journal.AppendInternal(Batch(1));
            Assert.True(follower.TryRead(out ReadOnlySpan<byte> records, out _, out _));
            times.Add(Record.Next(ref records).TimeMs - StartMs);
        }

        Assert.Equal([0, 5, 5, 5], times);
        FlushAll(journal);
        journal.Dispose();

        InputJournal again = Open(disk, time: new ManualTime(StartMs - 1000), followers: 1, replayFrom: 5);
        follower = again.Follow(4, durableOnly: false);
        Assert.Equal(ReplayProgress.Done, again.ReplayStep());
        again.AppendInternal(Batch(5));
        Assert.True(follower.TryRead(out ReadOnlySpan<byte> last, out long position, out _));
        Assert.Equal(5, position);
        Assert.Equal(StartMs + 5, Record.Next(ref last).TimeMs);
        again.Dispose();
    }

    [Fact]
    public async Task Outside_inputs_wait_while_too_much_is_not_on_disk_and_internal_records_do_not()
    {
        using InputJournal journal = OpenReady(new SimulatedDisk(1), Small with { UnflushedBytes = 500 });
        Assert.Equal(new Appended(10, null), await journal.AppendAsync(Batch(1, 10), default));
        Task<Appended> first = journal.AppendAsync(Batch(11), default).AsTask();
        Task<Appended> second = journal.AppendAsync(Batch(12), default).AsTask();
        Assert.False(first.IsCompleted || second.IsCompleted);
        Assert.Equal(2, journal.Figures.WaitingAppends);
        Assert.Equal(11, journal.AppendInternal(Batch(100)));

        Assert.True(journal.FlushStep());
        Assert.Equal(new Appended(12, null), await first);
        Assert.Equal(new Appended(13, null), await second);
        Assert.Equal(0, journal.Figures.WaitingAppends);
    }

    [Fact]
    public async Task Outside_inputs_wait_for_the_slowest_follower_in_the_order_they_came()
    {
        (InputJournal journal, JournalFollower follower) = OpenFollowed(new SimulatedDisk(1), Small with { LagBytes = 300 });
        Assert.Equal(5, (await journal.AppendAsync(Batch(1, 5), default)).LastPosition);
        FlushAll(journal);
        int told = 0;
        journal.Appended += () => told++;
        List<Task<Appended>> waiting = [.. Enumerable.Range(6, 3).Select(i => journal.AppendAsync(Batch(i), default).AsTask())];
        Assert.All(waiting, task => Assert.False(task.IsCompleted));

        Assert.True(follower.TryRead(out _, out _, out _));
        Assert.All(waiting, task => Assert.False(task.IsCompleted));
        follower.Release();
        Assert.Equal([6L, 7L, 8L], (await Task.WhenAll(waiting)).Select(appended => appended.LastPosition));
        Assert.True(told > 0);
        AssertNumbered(Take(follower), 6, 8);
        journal.Dispose();
    }

    [Fact]
    public async Task A_waiting_append_that_is_cancelled_leaves_nothing_behind()
    {
        using InputJournal journal = OpenReady(new SimulatedDisk(1), Small with { UnflushedBytes = 1 });
        await journal.AppendAsync(Batch(1), default);
        using CancellationTokenSource cancellation = new();
        Task<Appended> given = journal.AppendAsync(Batch(50), cancellation.Token).AsTask();
        Task<Appended> kept = journal.AppendAsync(Batch(2), default).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => given);
        Assert.Equal(1, journal.Figures.WaitingAppends);
        FlushAll(journal);
        Assert.Equal(2, (await kept).LastPosition);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await journal.AppendAsync(Batch(3), cancellation.Token));
        Assert.Equal(2, journal.End);
    }

    [Fact]
    public async Task More_waiting_appends_than_allowed_are_refused()
    {
        using InputJournal journal = OpenReady(new SimulatedDisk(1), Small with { UnflushedBytes = 1, WaitingAppends = 2 });
        await journal.AppendAsync(Batch(1), default);
        Task<Appended>[] waiting = [journal.AppendAsync(Batch(2), default).AsTask(), journal.AppendAsync(Batch(3), default).AsTask()];
        Appended refused = await journal.AppendAsync(Batch(4), default);
        Assert.Contains("behind", refused.Refusal, StringComparison.Ordinal);
        FlushAll(journal);
        Assert.All(await Task.WhenAll(waiting), appended => Assert.Null(appended.Refusal));
        Assert.Equal(3, journal.End);
    }

    [Fact]
    public async Task Stopping_refuses_outside_inputs_and_still_lets_what_was_taken_reach_the_disk()
    {
        using InputJournal journal = OpenReady(new SimulatedDisk(1), Small with { UnflushedBytes = 1 });
        await journal.AppendAsync(Batch(1), default);
        Task<Appended> waiting = journal.AppendAsync(Batch(2), default).AsTask();
        Task durable = journal.WaitDurableAsync(1).AsTask();
        journal.Stop();
        Assert.NotNull((await waiting).Refusal);
        Assert.NotNull((await journal.AppendAsync(Batch(3), default)).Refusal);
        Assert.NotNull(journal.Refusal);
        Assert.False(durable.IsCompleted);
        Assert.Equal(2, journal.AppendInternal(Batch(4)));
        FlushAll(journal);
        Assert.True(durable.IsCompletedSuccessfully);
        Assert.Equal(2, journal.DurablePosition);
    }

    [Fact]
    public async Task Closing_never_lets_a_waiter_believe_that_something_is_durable()
    {
        InputJournal journal = OpenReady(new SimulatedDisk(1));
        journal.AppendInternal(Batch(1));
        Task durable = journal.WaitDurableAsync(1).AsTask();
        journal.Dispose();
        await Assert.ThrowsAsync<JournalFailedException>(() => durable);
        Assert.Throws<JournalFailedException>(() => journal.AppendInternal(Batch(2)));
        journal.Dispose();
    }

    [Fact]
    public async Task Nothing_is_taken_before_the_replay_is_done()
    {
        using InputJournal journal = Open(new SimulatedDisk(1), followers: 1);
        Assert.Throws<InvalidOperationException>(() => journal.ReplayStep());
        journal.Follow(0, durableOnly: false);
        Assert.Throws<InvalidOperationException>(() => journal.Follow(0, durableOnly: false));
        Assert.NotNull((await journal.AppendAsync(Batch(1), default)).Refusal);
        Assert.Throws<InvalidOperationException>(() => journal.AppendInternal(Batch(1)));
        Assert.Equal(ReplayProgress.Done, journal.ReplayStep());
        Assert.Null(journal.Refusal);
        Assert.Null((await journal.AppendAsync(Batch(1), default)).Refusal);
    }

    [Fact]
    public void Small_commits_share_a_buffer_so_a_slow_follower_holds_little_memory()
    {
        JournalOptions options = Small with { SegmentBytes = 4 * 1024 * 1024, BufferBytes = 256 * 1024, BlockBytes = 256 * 1024 };
        (InputJournal journal, JournalFollower follower) = OpenFollowed(new SimulatedDisk(1), options);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i <= 2000; i++)
        {
            journal.AppendInternal(Batch(i));
            journal.FlushStep();
        }

        // 2,000 commits of one record each, all held by the follower: a few buffers, not 2,000 of 256 KiB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * 1024 * 1024);
        AssertNumbered(Take(follower), 1, 2000);
        journal.Dispose();
    }

    [Fact]
    public void In_the_steady_state_appending_flushing_and_following_allocate_nothing()
    {
        using TemporaryDirectory directory = new();
        using RealDisk disk = new(directory.Path);
        JournalOptions options = Small with { SegmentBytes = 8 * 1024 * 1024, BufferBytes = 64 * 1024, BlockBytes = 64 * 1024 };
        (InputJournal journal, JournalFollower follower) = OpenFollowed(disk, options);
        byte[] batch = Batch(1, 20, 450);
        void Round()
        {
            journal.AppendInternal(batch);
            journal.AppendInternal(batch);
            Assert.True(journal.FlushStep());
            while (follower.TryRead(out _, out _, out _))
            {
            }
        }

        for (int i = 0; i < 50; i++)
        {
            Round();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
        {
            Round();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1, journal.Figures.Segments);
        journal.Dispose();
    }

    [Fact]
    public async Task Writers_readers_and_the_flusher_run_at_the_same_time_and_every_record_arrives_once_in_order()
    {
        const int Writers = 4;
        const int Each = 4000;
        JournalOptions options = Small with { SegmentBytes = 256 * 1024, BufferBytes = 16 * 1024, BlockBytes = 32 * 1024, UnflushedBytes = 20_000, LagBytes = 30_000, InlineContinuations = false };
        SimulatedDisk disk = new(1);
        using InputJournal journal = Open(disk, options, TimeProvider.System, followers: 3);
        JournalFollower[] followers = [journal.Follow(0, false), journal.Follow(0, false), journal.Follow(0, true)];
        Assert.Equal(ReplayProgress.Done, journal.ReplayStep());
        using SemaphoreSlim work = new(0);
        using SemaphoreSlim news = new(0);
        using CancellationTokenSource finished = new();
        journal.Appended += () =>
        {
            work.Release();
            news.Release();
        };
        journal.DurableAdvanced += () => news.Release();
        Task flusher = Task.Run(async () =>
        {
            while (journal.DurablePosition < Writers * Each)
            {
                await work.WaitAsync();
                FlushAll(journal);
            }
        });
        Task<SortedDictionary<long, long>> reader = Task.Run(async () =>
        {
            SortedDictionary<long, long>[] seen = [[], [], []];
            while (seen.Any(one => one.Count < Writers * Each))
            {
                await news.WaitAsync();
                for (int i = 0; i < 3; i++)
                {
                    Take(followers[i], seen[i]);
                }
            }

            Assert.Equal(seen[0], seen[1]);
            Assert.Equal(seen[0], seen[2]);
            return seen[0];
        });
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < Each;)
            {
                int count = Math.Min(1 + (i % 7), Each - i);
                Appended appended = await journal.AppendAsync(Batch((writer * 1_000_000L) + i, count), finished.Token);
                Assert.Null(appended.Refusal);
                i += count;
                if (i % 5 == 0)
                {
                    await journal.WaitDurableAsync(appended.LastPosition);
                    Assert.True(journal.DurablePosition >= appended.LastPosition);
                }
            }
        }))];
        await Task.WhenAll([.. writers, flusher, reader]).WaitAsync(Waits.Longest);
        SortedDictionary<long, long> all = await reader;
        for (int writer = 0; writer < Writers; writer++)
        {
            Assert.Equal(Enumerable.Range(0, Each).Select(i => (writer * 1_000_000L) + i), all.Values.Where(number => number / 1_000_000 == writer));
        }

        journal.Dispose();
        disk.Crash();
        Assert.Equal(all, ReadBack(disk, options));
    }
}
