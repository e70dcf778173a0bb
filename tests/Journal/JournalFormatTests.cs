using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Silo.Journal;
using Streaming.Tests.Simulation;
using Xunit;
using static Streaming.Tests.Journal.JournalSetup;

namespace Streaming.Tests.Journal;

/// <summary>What is on disk is read by later versions: these bytes never change.</summary>
public sealed class JournalFormatTests
{
    private static readonly JournalOptions Tiny = Small with { SegmentBytes = 2112, BufferBytes = 1024, BlockBytes = 1024 };

    [Theory]
    [InlineData("", 0u)]
    [InlineData("a", 0xC1D04330u)]
    [InlineData("123456789", 0xE3069283u)]
    public void The_checksum_is_crc_32c(string text, uint crc) => Assert.Equal(crc, Crc32C.Append(0, Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void The_checksum_matches_the_vectors_of_rfc_3720_and_continues_over_pieces()
    {
        byte[] bytes = new byte[32];
        Assert.Equal(0x8A9136AAu, Crc32C.Append(0, bytes));
        Array.Fill(bytes, (byte)0xFF);
        Assert.Equal(0x62A8AB43u, Crc32C.Append(0, bytes));
        for (int i = 0; i < 32; i++)
        {
            bytes[i] = (byte)i;
        }

        Assert.Equal(0x46DD794Eu, Crc32C.Append(0, bytes));
        for (int cut = 0; cut <= 32; cut++)
        {
            Assert.Equal(0x46DD794Eu, Crc32C.Append(Crc32C.Append(0, bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        }
    }

    [Fact]
    public void A_journal_of_this_version_has_exactly_the_golden_bytes()
    {
        SimulatedDisk disk = Write();
        StringBuilder hex = new();
        foreach (string name in disk.List().Where(name => name != JournalLayout.SpareName))
        {
            hex.Append(name).Append('\n');
            byte[] bytes = disk.Snapshot(name);
            for (int offset = 0; offset < bytes.Length; offset += 32)
            {
                hex.Append(Convert.ToHexStringLower(bytes.AsSpan(offset, Math.Min(32, bytes.Length - offset)))).Append('\n');
            }
        }

        Assert.Equal(File.ReadAllText(GoldenPath()), hex.ToString());
    }

    [Fact]
    public void The_golden_journal_is_read_back()
    {
        SimulatedDisk disk = new(1);
        string? name = null;
        List<byte> bytes = [];
        foreach (string line in File.ReadAllLines(GoldenPath()).Append("journal-end"))
        {
            if (!line.StartsWith("journal-", StringComparison.Ordinal))
            {
                bytes.AddRange(Convert.FromHexString(line));
                continue;
            }

            if (name is not null)
            {
                disk.Plant(name, [.. bytes]);
            }

            name = line;
            bytes.Clear();
        }

        VerifyResult verified = JournalVerifier.Verify(disk);
        Assert.Empty(verified.Damages);
        Assert.Equal((2, 5L, 1L, 5L), (verified.Segments, verified.Records, verified.First, verified.Last));
        AssertNumbered(ReadBack(disk, Tiny), 1, 5);
    }

    [Fact]
    public void Kinds_of_records_in_journals_keep_their_numbers() =>
        Assert.Equal(
            [(1, "Publish"), (2, "Command"), (3, "Reminder"), (4, "Rules"), (5, "Told"), (6, "Shown"), (7, "LookedUp")],
            Enum.GetValues<InputKind>().Take(7).Select(kind => ((int)kind, kind.ToString())));

    [Fact]
    public void Segments_are_named_by_their_first_position()
    {
        Assert.Equal("journal-00000000000000000001.seg", JournalLayout.SegmentName(1));
        Assert.True(JournalLayout.TryParseSegmentName(JournalLayout.SegmentName(long.MaxValue), out long position));
        Assert.Equal(long.MaxValue, position);
        foreach (string other in new[] { "spare.seg", "journal-1.seg", "journal-00000000000000000000.seg", "journal-0000000000000000000x.seg", "journal-00000000000000000001.bak", "journal--0000000000000000001.seg" })
        {
            Assert.False(JournalLayout.TryParseSegmentName(other, out _), other);
        }
    }

    private static SimulatedDisk Write()
    {
        SimulatedDisk disk = new(1);
        ManualTime time = new(StartMs);
        using InputJournal journal = OpenReady(disk, Tiny, time);
        journal.AppendInternal(Batch(1, 2, 40));
        time.NowMs += 7;
        journal.AppendInternal(Batch(3, 1, 50));
        FlushAll(journal);
        time.NowMs += 100;
        journal.AppendInternal(Batch(4, 1, 900));
        FlushAll(journal);
        time.NowMs += 1000;
        journal.AppendInternal(Batch(5, 1, 920));
        FlushAll(journal);
        return disk;
    }

    /// <summary>The file in the repository that the tests were built from.</summary>
    private static string GoldenPath()
    {
        string relative = Path.Combine("tests", "Journal", "golden", "journal-v1.hex");
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
