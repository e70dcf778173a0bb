using Streaming.Silo.Journal;
using Streaming.Tests.Simulation;
using Xunit;
using static Streaming.Tests.Journal.JournalSetup;

namespace Streaming.Tests.Journal;

public sealed class JournalRecoveryTests
{
    private const string FirstSegment = "journal-00000000000000000001.seg";

    [Fact]
    public void A_torn_end_is_cut_with_a_line_in_the_log_and_earlier_records_survive()
    {
        SimulatedDisk disk = Written(blocks: 5);
        byte[] bytes = disk.Snapshot(FirstSegment);
        List<int> offsets = BlockOffsets(bytes);
        Assert.Equal(6, offsets.Count);
        bytes.AsSpan(offsets[4] + 70, 20).Clear();
        disk.Plant(FirstSegment, bytes);

        ListLogger log = new();
        AssertNumbered(ReadBack(disk, logger: log), 1, 4);
        string line = Assert.Single(log.Lines);
        Assert.Contains(FirstSegment, line, StringComparison.Ordinal);
        Assert.Contains($"byte {offsets[4]},", line, StringComparison.Ordinal);
        Assert.Equal(-1, disk.Snapshot(FirstSegment).AsSpan(offsets[4]).IndexOfAnyExcept((byte)0));

        ListLogger second = new();
        AssertNumbered(ReadBack(disk, logger: second), 1, 4);
        Assert.Empty(second.Lines);
    }

    [Fact]
    public void At_every_point_where_the_last_block_may_be_cut_the_earlier_ones_survive_and_appending_goes_on()
    {
        byte[] whole = Written(blocks: 3, bytes: 200).Snapshot(FirstSegment);
        List<int> offsets = BlockOffsets(whole);
        for (int cut = offsets[2]; cut < offsets[3]; cut++)
        {
            byte[] bytes = whole.ToArray();
            bytes.AsSpan(cut).Clear();
            SimulatedDisk disk = new(cut);
            disk.Plant(FirstSegment, bytes);
            bool lost = !bytes.AsSpan().SequenceEqual(whole);
            using (InputJournal journal = OpenReady(disk))
            {
                Assert.Equal(lost ? 2 : 3, journal.RecoveredEnd);
                Assert.Equal(journal.RecoveredEnd, journal.DurablePosition);
                Assert.Equal(journal.RecoveredEnd + 1, journal.AppendInternal(Batch(journal.RecoveredEnd + 1)));
                FlushAll(journal);
            }

            disk.Crash();
            AssertNumbered(ReadBack(disk), 1, lost ? 3 : 4);
        }
    }

    [Fact]
    public void A_file_that_ends_within_the_last_block_is_read_up_to_there()
    {
        byte[] whole = Written(blocks: 3, bytes: 200).Snapshot(FirstSegment);
        List<int> offsets = BlockOffsets(whole);
        for (int length = offsets[2]; length < offsets[3]; length++)
        {
            SimulatedDisk disk = new(length);
            disk.Plant(FirstSegment, whole[..length]);
            AssertNumbered(ReadBack(disk), 1, 2);
        }
    }

    [Fact]
    public void A_flipped_byte_anywhere_before_the_last_block_stops_the_start_with_file_and_offset()
    {
        byte[] whole = Written(blocks: 3, bytes: 100).Snapshot(FirstSegment);
        List<int> offsets = BlockOffsets(whole);
        for (int at = 0; at < offsets[2]; at++)
        {
            byte[] bytes = whole.ToArray();
            bytes[at] ^= 0x40;
            SimulatedDisk disk = new(at);
            disk.Plant(FirstSegment, bytes);
            int block = offsets.FindLastIndex(offset => offset <= at);
            JournalDamagedException damage = Assert.Throws<JournalDamagedException>(() => ReadBack(disk));
            Assert.Equal(FirstSegment, damage.File);
            Assert.Equal(block < 0 ? 0 : offsets[block], damage.Offset);
            Assert.Contains(FirstSegment, damage.Message, StringComparison.Ordinal);
            Assert.Equal(bytes, disk.Snapshot(FirstSegment));
            Assert.NotEmpty(JournalVerifier.Verify(disk).Damages);
        }
    }

    [Fact]
    public void A_flipped_byte_in_an_earlier_segment_stops_the_start()
    {
        SimulatedDisk disk = Written(blocks: 400);
        string[] names = [.. disk.List().Where(name => name != JournalLayout.SpareName)];
        Assert.True(names.Length >= 3);
        byte[] bytes = disk.Snapshot(names[0]);
        int last = BlockOffsets(bytes)[^2];
        bytes[last + 50] ^= 1;
        disk.Plant(names[0], bytes);
        JournalDamagedException damage = Assert.Throws<JournalDamagedException>(() => ReadBack(disk));
        Assert.Equal((names[0], last), (damage.File, damage.Offset));
    }

    [Fact]
    public void Zeros_where_the_last_blocks_of_an_earlier_segment_were_stop_the_start()
    {
        SimulatedDisk disk = Written(blocks: 400);
        string name = disk.List()[0];
        byte[] bytes = disk.Snapshot(name);
        List<int> offsets = BlockOffsets(bytes);
        bytes.AsSpan(offsets[^3]).Clear();
        disk.Plant(name, bytes);
        JournalDamagedException damage = Assert.Throws<JournalDamagedException>(() => ReadBack(disk));
        Assert.Equal((name, offsets[^3]), (damage.File, damage.Offset));
        Assert.Contains(JournalVerifier.Verify(disk).Damages, found => found.What.Contains("does not follow", StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_segment_in_the_middle_stops_the_start()
    {
        SimulatedDisk disk = Written(blocks: 400);
        string[] names = [.. disk.List().Where(name => name != JournalLayout.SpareName)];
        disk.Remove(names[1]);
        JournalDamagedException damage = Assert.Throws<JournalDamagedException>(() => ReadBack(disk));
        Assert.Equal(names[0], damage.File);
        Assert.Contains("missing", damage.What, StringComparison.Ordinal);
        Assert.NotEmpty(JournalVerifier.Verify(disk).Damages);
    }

    [Fact]
    public void Remains_after_zeros_are_cut_when_nothing_says_that_they_were_durable()
    {
        SimulatedDisk disk = Written(blocks: 2);
        byte[] bytes = disk.Snapshot(FirstSegment);
        int end = BlockOffsets(bytes)[^1];
        bytes[end + 700] = 1;
        disk.Plant(FirstSegment, bytes);
        ListLogger log = new();
        AssertNumbered(ReadBack(disk, logger: log), 1, 2);
        Assert.Contains($"byte {end}, 701 bytes", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_torn_header_of_a_newest_segment_that_was_never_used_is_made_anew()
    {
        SimulatedDisk disk = Written(blocks: 2);
        string next = JournalLayout.SegmentName(3);
        byte[] torn = new byte[Small.SegmentBytes];
        torn[3] = 0x44;
        disk.Plant(next, torn);
        using (InputJournal journal = OpenReady(disk))
        {
            Assert.Equal(2, journal.RecoveredEnd);
            for (int i = 3; i <= 300; i++)
            {
                journal.AppendInternal(Batch(i));
                journal.FlushStep();
            }
        }

        AssertNumbered(ReadBack(disk), 1, 300);
    }

    [Fact]
    public void A_bad_header_on_a_segment_that_holds_something_stops_the_start()
    {
        SimulatedDisk disk = Written(blocks: 300);
        string newest = disk.List().Last(name => name != JournalLayout.SpareName);
        byte[] bytes = disk.Snapshot(newest);
        bytes[20] ^= 1;
        disk.Plant(newest, bytes);
        JournalDamagedException damage = Assert.Throws<JournalDamagedException>(() => ReadBack(disk));
        Assert.Equal((newest, 0), (damage.File, damage.Offset));
    }

    [Fact]
    public void A_lost_end_before_an_unused_segment_with_a_torn_header_stops_the_start()
    {
        SimulatedDisk disk = Written(blocks: 3);
        disk.Plant(JournalLayout.SegmentName(4), new byte[Small.SegmentBytes]);
        byte[] bytes = disk.Snapshot(FirstSegment);
        bytes.AsSpan(BlockOffsets(bytes)[2]).Clear();
        disk.Plant(FirstSegment, bytes);
        Assert.Throws<JournalDamagedException>(() => ReadBack(disk));
    }

    [Fact]
    public void An_end_that_lists_were_already_built_from_is_not_cut()
    {
        SimulatedDisk disk = Written(blocks: 5);
        byte[] bytes = disk.Snapshot(FirstSegment);
        List<int> offsets = BlockOffsets(bytes);
        bytes[offsets[4] + 60] ^= 1;
        disk.Plant(FirstSegment, bytes);
        JournalDamagedException damage = Assert.Throws<JournalDamagedException>(() => Open(disk, replayFrom: 6));
        Assert.Equal(offsets[4], damage.Offset);
        Assert.Equal(bytes, disk.Snapshot(FirstSegment));

        using InputJournal journal = Open(disk, replayFrom: 5);
        Assert.Equal(4, journal.RecoveredEnd);
    }

    [Fact]
    public void A_journal_that_ends_before_or_begins_after_what_is_asked_for_is_damaged()
    {
        Assert.Throws<JournalDamagedException>(() => Open(new SimulatedDisk(1), replayFrom: 2));
        SimulatedDisk disk = Written(blocks: 400);
        Assert.Throws<JournalDamagedException>(() => Open(disk, replayFrom: 402));
        string first = disk.List()[0];
        disk.Remove(first);
        Assert.Throws<JournalDamagedException>(() => Open(disk, replayFrom: 1));
        Assert.True(JournalLayout.TryParseSegmentName(disk.List()[0], out long oldest));
        AssertNumbered(ReadBack(disk, replayFrom: oldest), oldest, 400);
    }

    [Fact]
    public void A_segment_of_another_format_version_is_refused_by_name()
    {
        SimulatedDisk disk = Written(blocks: 1);
        byte[] bytes = disk.Snapshot(FirstSegment);
        bytes[8] = 9;
        uint crc = Crc32C.Append(0, bytes.AsSpan(0, 60));
        BitConverter.TryWriteBytes(bytes.AsSpan(60), crc);
        bytes.AsSpan(64).Clear();
        disk.Plant(FirstSegment, bytes);
        JournalDamagedException damage = Assert.Throws<JournalDamagedException>(() => Open(disk));
        Assert.Contains("version 9", damage.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sound_block_of_another_segment_is_not_taken_for_one_of_this()
    {
        SimulatedDisk disk = Written(blocks: 2);
        byte[] other = Written(blocks: 3, bytes: 61).Snapshot(FirstSegment);
        byte[] bytes = disk.Snapshot(FirstSegment);
        int end = BlockOffsets(bytes)[2];
        List<int> others = BlockOffsets(other);
        other.AsSpan(others[2], others[3] - others[2]).CopyTo(bytes.AsSpan(end));
        disk.Plant(FirstSegment, bytes);

        // Its position fits and its checksum is right; only the chain tells that it follows another block. It does claim that what is before it was durable, but not itself.
        AssertNumbered(ReadBack(disk), 1, 2);
    }

    [Fact]
    public void Followers_at_different_positions_each_get_what_comes_after_theirs()
    {
        SimulatedDisk disk = Written(blocks: 60, recordsPerBlock: 10);
        using InputJournal journal = Open(disk, followers: 4, replayFrom: 95);
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.Follow(93, durableOnly: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.Follow(601, durableOnly: false));
        long[] afters = [94, 100, 373, 600];
        JournalFollower[] followers = [.. afters.Select((after, i) => journal.Follow(after, durableOnly: i % 2 == 0))];
        SortedDictionary<long, long>[] seen = [[], [], [], []];
        void TakeAll()
        {
            for (int i = 0; i < 4; i++)
            {
                Take(followers[i], seen[i]);
            }
        }

        while (journal.ReplayStep() != ReplayProgress.Done)
        {
            TakeAll();
        }

        TakeAll();
        journal.AppendInternal(Batch(601, 9));
        FlushAll(journal);
        TakeAll();
        for (int i = 0; i < 4; i++)
        {
            AssertNumbered(seen[i], afters[i] + 1, 609);
            Assert.Equal(609, followers[i].Position);
        }
    }

    [Fact]
    public void Replay_waits_for_followers_that_are_far_behind_and_says_when_it_can_go_on()
    {
        SimulatedDisk disk = Written(blocks: 60, recordsPerBlock: 10);
        using InputJournal journal = Open(disk, Small with { LagBytes = 3000 }, followers: 1);
        JournalFollower follower = journal.Follow(0, durableOnly: false);
        int caughtUp = 0;
        journal.CaughtUp += () => caughtUp++;
        SortedDictionary<long, long> seen = [];
        int behind = 0;
        for (ReplayProgress step = journal.ReplayStep(); step != ReplayProgress.Done; step = journal.ReplayStep())
        {
            Assert.True(journal.Figures.LagBytes < 3000 + 600);
            if (step == ReplayProgress.Behind)
            {
                behind++;
                Assert.Equal(ReplayProgress.Behind, journal.ReplayStep());
                Take(follower, seen);
                Assert.Equal(behind, caughtUp);
            }
        }

        Assert.True(behind > 5);
        AssertNumbered(Take(follower, seen), 1, 600);
    }

    [Fact]
    public void What_was_written_and_never_synced_before_a_kill_is_synced_before_it_is_called_durable()
    {
        SimulatedDisk disk = Written(blocks: 2);
        InputJournal journal = OpenReady(disk);
        journal.AppendInternal(Batch(3));
        disk.Before = operation =>
        {
            if (operation == "sync")
            {
                throw new SimulatedCrashException(operation);
            }
        };
        Assert.Throws<JournalFailedException>(() => journal.FlushStep());
        disk.Before = null;
        disk.Kill();

        using (InputJournal again = OpenReady(disk))
        {
            Assert.Equal(3, again.RecoveredEnd);
        }

        disk.Crash();
        AssertNumbered(ReadBack(disk), 1, 3);
    }

    [Fact]
    public void What_a_failed_sync_dropped_is_written_again_before_it_is_called_durable()
    {
        SimulatedDisk disk = Written(blocks: 2, bytes: 600);
        InputJournal journal = OpenReady(disk);
        journal.AppendInternal(Batch(3, 1, 600));
        disk.FailSyncs = true;
        Assert.Throws<JournalFailedException>(() => journal.FlushStep());
        disk.FailSyncs = false;
        disk.Kill();

        using (InputJournal again = OpenReady(disk))
        {
            Assert.Equal(3, again.RecoveredEnd);
        }

        disk.Crash();
        AssertNumbered(ReadBack(disk), 1, 3);
    }

    [Fact]
    public void Only_the_newest_part_is_checked_where_the_journal_is_long()
    {
        SimulatedDisk disk = Written(blocks: 600);
        string oldest = disk.List()[0];
        byte[] bytes = disk.Snapshot(oldest);
        bytes[100] ^= 1;
        disk.Plant(oldest, bytes);
        using (InputJournal journal = Open(disk, Small with { CheckBytes = Small.SegmentBytes }, replayFrom: 600))
        {
            Assert.Equal(600, journal.RecoveredEnd);
        }

        Assert.Throws<JournalDamagedException>(() => Open(disk, replayFrom: 600));
        Assert.Equal(oldest, Assert.Single(JournalVerifier.Verify(disk).Damages).File);
    }
}
