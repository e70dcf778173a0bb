using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Silo.History;
using Streaming.Silo.Journal;
using Streaming.Silo.Journal.Archives;
using Streaming.Tests.Journal;
using Streaming.Tests.Journal.Archives;
using Streaming.Tests.Simulation;
using Xunit;
using static Streaming.Tests.Journal.Archives.ArchiveSetup;
using static Streaming.Tests.Journal.JournalSetup;

namespace Streaming.Tests.History;

/// <summary>Looking a subject up through the indexes gives what reading everything gives.</summary>
public sealed class SubjectHistoryTests
{
    private static readonly (ActorKind Kind, string Key)[] Subjects =
    [
        .. Enumerable.Range(0, 41).Select(number => (ActorKind.Vehicle, Vehicle(number))),
        .. Enumerable.Range(0, 6).Select(number => (ActorKind.Enterprise, $"E{number}")),
        (ActorKind.Source, "wim-1"),
        (ActorKind.Source, "video-1"),
        (ActorKind.Case, "harbour-3"),
        (ActorKind.Place, "nobody knows it"),
    ];

    [Theory]
    [InlineData(1, long.MaxValue)]
    [InlineData(2, long.MaxValue)]
    [InlineData(3, 0)]
    [InlineData(4, 3_000)]
    public void It_gives_what_a_scan_gives_archived_or_not_dropped_or_not(int seed, long indexBytes)
    {
        Random random = new(seed);
        SimulatedDisk disk = new(seed);
        Streaming.Tests.Journal.ManualTime time = new(StartMs);
        JournalOptions options = Options with { Keep = ArchiveTests.Ages("video=5d,tank=10d,raw=2d") };
        using InputJournal journal = OpenReady(disk, options, time);
        ArchiveSetup setup = new(seed);
        SubjectHistory history = new(journal, indexBytes);
        AssertLikeScan(journal, history, random);

        // Nothing archived; then partly; then with what has outlived its age dropped, and more behind it.
        setup.Fill(journal, time, 500);
        AssertLikeScan(journal, history, random);
        using Archiver archiver = ArchiverOf(journal, time, options);
        while (journal.Figures.Archives < 2)
        {
            archiver.Step();
        }

        AssertLikeScan(journal, history, random);
        journal.Retire(journal.Files.Archives[0].LastPosition + 1);
        setup.Fill(journal, time, 300);
        AssertLikeScan(journal, history, random);
        time.NowMs += 7 * DayMs;
        while (archiver.Step())
        {
        }

        Assert.Contains(journal.Files.Archives, archive => !archive.Has(JournalStream.Video));
        AssertLikeScan(journal, history, random);
        setup.Fill(journal, time, 300);
        journal.Retire(journal.DurablePosition);
        AssertLikeScan(journal, history, random);
        time.NowMs += 400 * DayMs;
        setup.Fill(journal, time, 10);
        AssertLikeScan(journal, history, random);
    }

    [Fact]
    public void What_is_not_archived_is_read_once_for_the_index()
    {
        SimulatedDisk disk = new(1);
        Streaming.Tests.Journal.ManualTime time = new(StartMs);
        using InputJournal journal = OpenReady(disk, Options, time);
        ArchiveSetup setup = new(1);
        setup.Fill(journal, time, 400);
        SubjectHistory history = new(journal);
        int first = Ask();
        long blocks = history.Tail.BlocksRead;
        Assert.Equal(journal.Figures.Blocks, blocks);
        Assert.Equal(first, Ask());
        Assert.Equal(blocks, history.Tail.BlocksRead);
        setup.Fill(journal, time, 50);
        Assert.True(Ask() > first);
        Assert.Equal(journal.Figures.Blocks, history.Tail.BlocksRead);
        Assert.True(history.Tail.Bytes > 0);

        // What is archived needs no memory any more.
        long before = history.Tail.Bytes;
        ArchiveAll(journal, time);
        Ask();
        Assert.True(history.Tail.Bytes < before / 2);
        int Ask() => history.Read(ActorKind.Source, "wim-1", 1, long.MaxValue, newestFirst: true, CancellationToken.None).Count();
    }

    [Fact]
    public void A_reader_goes_on_while_segments_are_archived_and_retired_under_it()
    {
        foreach (bool newestFirst in new[] { false, true })
        {
            SimulatedDisk disk = new(1);
            Streaming.Tests.Journal.ManualTime time = new(StartMs);
            using InputJournal journal = OpenReady(disk, Options, time);
            long end = new ArchiveSetup(2).Fill(journal, time, 900);
            SubjectHistory history = new(journal);
            List<long> expected = [.. Scan(journal, Read(journal, 1, end), ActorKind.Source, "wim-1", 1, end).Select(record => record.Position)];
            List<long> read = [];
            using Archiver archiver = ArchiverOf(journal, time);
            foreach (SubjectRecord record in history.Read(ActorKind.Source, "wim-1", 1, end, newestFirst, CancellationToken.None))
            {
                read.Add(record.Position);
                archiver.Step();
                journal.Retire(journal.DurablePosition);
            }

            Assert.True(journal.Figures.Archives > 0);
            Assert.Equal(expected, newestFirst ? [.. read.AsEnumerable().Reverse()] : read);
        }
    }

    [Fact]
    public void A_page_costs_a_page()
    {
        SimulatedDisk disk = new(1);
        Streaming.Tests.Journal.ManualTime time = new(StartMs);
        using InputJournal journal = OpenReady(disk, Options, time);
        long end = new ArchiveSetup(3).Fill(journal, time, 900);
        ArchiveAll(journal, time);
        journal.Retire(long.MaxValue);
        SubjectHistory history = new(journal);

        // The oldest archive is damaged, and nobody who reads the newest records comes to it.
        string oldest = journal.Files.Archives[0].Name;
        byte[] bytes = disk.Snapshot(oldest);
        bytes.AsSpan(ArchiveLayout.HeaderBytes, 200).Clear();
        disk.Plant(oldest, bytes);
        Assert.Equal(20, history.Read(ActorKind.Source, "wim-1", 1, end, newestFirst: true, CancellationToken.None).Take(20).Count());
        Assert.Equal(oldest, Assert.Throws<JournalDamagedException>(() => history.Read(ActorKind.Source, "wim-1", 1, end, newestFirst: true, CancellationToken.None).Count()).File);
    }

    [Fact]
    public void It_reaches_back_as_far_as_the_streams_of_the_kind_are_kept()
    {
        SimulatedDisk disk = new(1);
        Streaming.Tests.Journal.ManualTime time = new(StartMs);
        JournalOptions options = Options with { Keep = ArchiveTests.Ages("tank=5d") };
        using InputJournal journal = OpenReady(disk, options, time);
        ArchiveSetup setup = new(4);
        setup.Fill(journal, time, 900);
        SubjectHistory history = new(journal);
        Assert.Equal(new HistoryReach(1, StartMs), history.Reach(ActorKind.Enterprise));
        time.NowMs += 6 * DayMs;
        ArchiveAll(journal, time, options);

        long whole = journal.Files.Archives[^1].LastPosition + 1;
        HistoryReach reach = history.Reach(ActorKind.Enterprise);
        Assert.Equal(whole, reach.Position);
        Assert.Equal(TimeOf(Read(journal, whole, whole)[whole]), reach.TimeMs);
        Assert.Equal(whole, history.Reach(ActorKind.Source).Position);
        Assert.Equal(new HistoryReach(1, StartMs), history.Reach(ActorKind.Vehicle));
        Assert.Equal(new HistoryReach(1, StartMs), history.Reach(ActorKind.Case));
    }

    private static long TimeOf(byte[] record) => System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(8));

    private static void AssertLikeScan(InputJournal journal, SubjectHistory history, Random random)
    {
        long end = journal.DurablePosition;
        SortedDictionary<long, byte[]> all = Read(journal, 1, Math.Max(end, 1) - (end == 0 ? 1 : 0));
        foreach ((ActorKind kind, string key) in Subjects)
        {
            (long from, long through) = random.Next(2) == 0 ? (1, long.MaxValue) : (random.NextInt64(0, end + 2), random.NextInt64(0, end + 2));
            List<SubjectRecord> expected = [.. Scan(journal, all, kind, key, from, through)];
            List<SubjectRecord> forward = [.. history.Read(kind, key, from, through, newestFirst: false, CancellationToken.None)];
            AssertSame(expected, forward, $"{kind} {key} from {from} to {through}");
            AssertSame(expected, [.. history.Read(kind, key, from, through, newestFirst: true, CancellationToken.None).Reverse()], $"{kind} {key} from {through} down to {from}");
        }

        // A time: of a record, beside one, before all and behind all.
        SortedDictionary<long, byte[]> visible = new(all.Where(record => IsVisible(journal, record.Key, record.Value)).ToDictionary());
        long[] times = [.. visible.Values.Select(TimeOf)];
        long[] positions = [.. visible.Keys];
        for (int i = 0; i < 40 && times.Length > 0; i++)
        {
            long at = i switch { 0 => 0, 1 => long.MaxValue, _ => times[random.Next(times.Length)] + random.Next(-1, 2) };
            int behind = times.Count(time => time <= at);
            long found = history.PositionAt(at);

            // Where the record itself was dropped, its position or that of one before it is as good.
            long least = behind == 0 ? 0 : positions[behind - 1];
            long most = behind == positions.Length ? end : positions[behind] - 1;
            Assert.True(found >= least && found <= most, $"At {at} the last record is at {least} to {most}; {found} was found.");
        }
    }

    /// <summary>Reads everything there is and looks at each record, as it is read from archives first.</summary>
    private static IEnumerable<SubjectRecord> Scan(InputJournal journal, SortedDictionary<long, byte[]> all, ActorKind kind, string key, long from, long through)
    {
        ulong hash = Partition.HashOf(kind, key);
        List<ulong> subjects = [];
        foreach ((long position, byte[] record) in all)
        {
            subjects.Clear();
            RecordSubjects.Collect(record, subjects);
            Assert.Equal(subjects.Count, subjects.Distinct().Count());

            if (position >= from && position <= through && subjects.Contains(hash) && IsVisible(journal, position, record))
            {
                bool rawDropped = ArchiveOf(journal, position) is { } archive && archive.Sections[new ArchiveSection(RecordParts.Of(record).Stream, raw: true).Number].Dropped;
                yield return new SubjectRecord(position, rawDropped ? WithoutRaw(record) : record);
            }
        }
    }

    /// <summary>The replay takes a segment that is still there; history takes its archive, which may have lost a stream already.</summary>
    private static bool IsVisible(InputJournal journal, long position, byte[] record) => ArchiveOf(journal, position) is not { } archive || archive.Has(RecordParts.Of(record).Stream);

    private static ArchiveHeader? ArchiveOf(InputJournal journal, long position) =>
        journal.Files.TryLocate(position, archived: true, out JournalFile file) && file.IsArchive ? journal.Files.Archives.First(archive => archive.FirstPosition == file.First) : null;

    private static void AssertSame(List<SubjectRecord> expected, List<SubjectRecord> found, string what)
    {
        Assert.True(expected.Select(record => record.Position).SequenceEqual(found.Select(record => record.Position)), $"{what}: {expected.Count} records are there, {found.Count} were found.");
        foreach ((SubjectRecord right, SubjectRecord record) in expected.Zip(found))
        {
            Assert.True(right.Bytes.Span.SequenceEqual(record.Bytes.Span), $"{what}: position {record.Position} differs.");
        }
    }
}
