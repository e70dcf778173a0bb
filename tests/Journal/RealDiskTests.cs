using Streaming.Silo.Journal;
using Xunit;
using static Streaming.Tests.Journal.JournalSetup;

namespace Streaming.Tests.Journal;

public sealed class RealDiskTests
{
    [Fact]
    public void A_journal_in_a_directory_is_written_retired_and_read_back()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "made", "journal");
        long first;
        using (RealDisk disk = new(path))
        {
            using InputJournal journal = OpenReady(disk, Small with { RetentionBytes = 3 * Small.SegmentBytes });
            for (int i = 1; i <= 600; i++)
            {
                journal.AppendInternal(Batch(i));
                journal.FlushStep();
            }

            Assert.Equal(0, JournalVerifier.Run(RealDisk.ForReading(path), TextWriter.Null));
            journal.Retire(500);
            first = journal.FirstPosition;
            Assert.True(first > 1);
            Assert.Equal(0, JournalVerifier.Run(RealDisk.ForReading(path), TextWriter.Null));
        }

        using RealDisk again = new(path);
        AssertNumbered(ReadBack(again, replayFrom: first), first, 600);
    }

    [Fact]
    public void A_new_file_has_its_length_and_is_all_zeros()
    {
        using TemporaryDirectory directory = new();
        using RealDisk disk = new(directory.Path);
        using IDiskFile file = disk.Create("new", 100_000);
        Assert.Equal(100_000, file.Length);
        byte[] bytes = [.. Enumerable.Repeat((byte)1, 100_001)];
        Assert.Equal(100_000, file.Read(0, bytes));
        Assert.Equal(-1, bytes.AsSpan(0, 100_000).IndexOfAnyExcept((byte)0));
        Assert.Throws<IOException>(() => disk.Create("new", 1));
        Assert.Equal(["new"], disk.List());
        disk.Rename("new", "old");
        disk.SyncDirectory();
        Assert.Equal(["old"], disk.List());
    }

    [Fact]
    public void A_file_for_which_there_is_no_room_is_not_left_behind()
    {
        using TemporaryDirectory directory = new();
        using RealDisk disk = new(directory.Path);
        long tooMuch = new DriveInfo(directory.Path).TotalSize + (1L << 40);
        Assert.Throws<IOException>(() => disk.Create("new", tooMuch));
        Assert.Empty(disk.List());
    }

    [Fact]
    public void Two_cannot_have_the_same_directory_and_one_may_read_it_meanwhile()
    {
        using TemporaryDirectory directory = new();
        using (RealDisk disk = new(directory.Path))
        {
            IOException refused = Assert.Throws<IOException>(() => new RealDisk(directory.Path));
            Assert.Contains(directory.Path, refused.Message, StringComparison.Ordinal);
            Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
            using RealDisk reading = RealDisk.ForReading(directory.Path);
            Assert.Empty(reading.List());
            Assert.Throws<InvalidOperationException>(() => reading.Create("x", 1));
            Assert.Throws<InvalidOperationException>(() => reading.Delete("x"));
        }

        new RealDisk(directory.Path).Dispose();
        Assert.Throws<DirectoryNotFoundException>(() => RealDisk.ForReading(Path.Combine(directory.Path, "nowhere")));
    }
}
