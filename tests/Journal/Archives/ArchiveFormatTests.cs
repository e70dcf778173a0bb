using Streaming.Silo.Journal;
using Streaming.Silo.Journal.Archives;
using Streaming.Tests.Simulation;
using Xunit;
using static Streaming.Tests.Journal.Archives.ArchiveSetup;
using static Streaming.Tests.Journal.JournalSetup;

namespace Streaming.Tests.Journal.Archives;

/// <summary>Archives are read by later versions: these bytes never change. What the compressor makes of a frame may differ from one version of the runtime to the next, so frames are compared by what is in them.</summary>
public sealed class ArchiveFormatTests
{
    [Fact]
    public void Names_are_those_of_segments_but_for_their_end()
    {
        Assert.Equal("journal-00000000000000000017.arc", ArchiveLayout.Name(17));
        Assert.True(ArchiveLayout.TryParseName(ArchiveLayout.Name(long.MaxValue), out long position));
        Assert.Equal(long.MaxValue, position);
        foreach (string other in new[] { "archive.tmp", "journal-1.arc", "journal-00000000000000000000.arc", "journal-00000000000000000001.seg" })
        {
            Assert.False(ArchiveLayout.TryParseName(other, out _), other);
        }
    }

    [Fact]
    public void The_golden_archives_are_read_back()
    {
        (SimulatedDisk disk, SortedDictionary<long, byte[]> truth) = Write();
        (SimulatedDisk golden, List<string> names) = ReadGolden();
        foreach (string segment in disk.List().Where(name => JournalLayout.TryParseSegmentName(name, out _)))
        {
            golden.Plant(segment, disk.Snapshot(segment));
        }

        VerifyResult verified = JournalVerifier.Verify(golden);
        Assert.Empty(verified.Damages);
        Assert.Equal(names.Count, verified.Archives);
        Assert.Contains("weigh.raw", verified.Dropped.Keys);
        using InputJournal journal = OpenReady(golden, Options, new ManualTime(StartMs));
        SortedDictionary<long, byte[]> read = Read(journal, 1, truth.Keys.Max());
        foreach ((long position, byte[] record) in truth)
        {
            Assert.True(record.AsSpan().SequenceEqual(read[position]) || WithoutRaw(record).AsSpan().SequenceEqual(read[position]), $"Position {position} differs.");
        }
    }

    [Fact]
    public void Archives_of_this_version_have_the_golden_layout()
    {
        (SimulatedDisk disk, _) = Write();
        (SimulatedDisk golden, List<string> names) = ReadGolden();
        Assert.Equal(names, disk.List().Where(name => ArchiveLayout.TryParseName(name, out _)));
        foreach (string name in names)
        {
            using ArchiveReader made = ArchiveReader.Open(disk, name);
            using ArchiveReader kept = ArchiveReader.Open(golden, name);
            Assert.Equal(Comparable(kept.Header), Comparable(made.Header));
            Assert.Equal(kept.Header.Sections.ToArray(), made.Header.Sections.ToArray());
            Assert.Equal(kept.Frames.ToArray().Select(Comparable), made.Frames.ToArray().Select(Comparable));
            FrameContent left = new();
            FrameContent right = new();
            for (int frame = 0; frame < kept.Frames.Length; frame++)
            {
                kept.Load(frame, left);
                made.Load(frame, right);
                Assert.Equal(left.Positions.ToArray(), right.Positions.ToArray());
                for (int record = 0; record < left.Records; record++)
                {
                    Assert.True(left.Body(record).SequenceEqual(right.Body(record)), $"{name}, frame {frame}, record {record}.");
                }
            }

            // Header, directory and index stand at the same places with the same bytes, but for where frames end and their checksums.
            byte[] index = disk.Snapshot(name)[(int)made.Header.SubjectsOffset..];
            Assert.Equal(golden.Snapshot(name)[(int)kept.Header.SubjectsOffset..], index);
        }
    }

    private static ArchiveHeader Comparable(ArchiveHeader header) => header with { DirectoryOffset = 0, DirectoryCrc = 0, FileBytes = 0, Sections = [] };

    private static ArchiveFrame Comparable(ArchiveFrame frame) => frame with { Offset = 0, StoredBytes = 0, Crc = 0 };

    /// <summary>Two archives: of the first the raw payloads are dropped.</summary>
    private static (SimulatedDisk Disk, SortedDictionary<long, byte[]> Truth) Write()
    {
        SimulatedDisk disk = new(1);
        ManualTime time = new(StartMs);
        JournalOptions options = Options with { SegmentBytes = 33 * 1024, Keep = ArchiveTests.Ages("raw=1d") };
        using InputJournal journal = OpenReady(disk, options, time);
        ArchiveSetup setup = new(40);
        while (journal.Figures.Segments < 2)
        {
            setup.Fill(journal, time, 1);
        }

        ArchiveAll(journal, time, options);
        time.NowMs += 2 * DayMs;
        while (journal.Figures.Segments < 3)
        {
            setup.Fill(journal, time, 1);
        }

        ArchiveAll(journal, time, options);
        SortedDictionary<long, byte[]> truth = Read(journal, 1, journal.End);
        journal.Retire(long.MaxValue);
        return (disk, truth);
    }

    private static (SimulatedDisk Disk, List<string> Names) ReadGolden()
    {
        SimulatedDisk disk = new(1);
        List<string> names = [];
        List<byte> bytes = [];
        foreach (string line in File.ReadAllLines(GoldenPath()).Append("journal-end"))
        {
            if (!line.StartsWith("journal-", StringComparison.Ordinal))
            {
                bytes.AddRange(Convert.FromHexString(line));
                continue;
            }

            if (names.Count > 0)
            {
                disk.Plant(names[^1], [.. bytes]);
            }

            names.Add(line);
            bytes.Clear();
        }

        names.RemoveAt(names.Count - 1);
        return (disk, names);
    }

    /// <summary>The file in the repository that the tests were built from.</summary>
    private static string GoldenPath()
    {
        string relative = Path.Combine("tests", "Journal", "golden", "archive-v1.hex");
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string path = Path.Combine(directory.FullName, relative);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"{relative} was not found above {AppContext.BaseDirectory}.");
    }
}
