using Streaming.Grains.Inputs;
using Streaming.Silo.Journal.Archives;

namespace Streaming.Silo.Journal;

/// <summary>One thing that is wrong with a journal, and where.</summary>
internal readonly record struct JournalDamage(string File, long Offset, string What);

/// <summary>What <see cref="JournalVerifier.Verify"/> found.</summary>
internal sealed record VerifyResult
{
    public int Segments { get; set; }

    public long Blocks { get; set; }

    public long Records { get; set; }

    /// <summary>Bytes of blocks and headers, without what is allocated and not used yet.</summary>
    public long Bytes { get; set; }

    /// <summary>Position of the first record; 0 where there is none.</summary>
    public long First { get; set; }

    /// <summary>Position of the last record found sound; one before the first where there is none.</summary>
    public long Last { get; set; }

    public SortedDictionary<InputKind, long> Kinds { get; } = [];

    public int Archives { get; set; }

    /// <summary>Records in archives, beside those in segments; some may be in both.</summary>
    public long ArchivedRecords { get; set; }

    public long ArchiveBytes { get; set; }

    /// <summary>What retention took out of archives; that is no damage.</summary>
    public SortedDictionary<string, (long Records, long Through)> Dropped { get; } = new(StringComparer.Ordinal);

    /// <summary>Empty where all is well.</summary>
    public List<JournalDamage> Damages { get; } = [];

    /// <summary>The block at the end that was being written, or was when the process died; the next start cuts it off. That is no damage.</summary>
    public JournalDamage? OpenEnd { get; set; }
}

/// <summary>
/// Reads a whole journal and checks all of it: checksums and their chain, positions, lengths, kinds, times. It changes nothing, and a process may be running on the directory.
/// </summary>
/// <remarks>
/// While a process runs, the end moves and the oldest segments may go. What looks wrong is therefore looked at again before it is reported: a block that was being written is
/// whole by the time a block behind it says that it was durable, and a segment that vanished is fine if all before it vanished too.
/// </remarks>
internal sealed class JournalVerifier
{
    private readonly IDisk disk;
    private readonly VerifyResult result = new();
    private long expected;
    private uint previousCrc;
    private long timeMs;
    private string? before;
    private string? beforeArchive;
    private ArchiveHeader? archive;
    private bool wasNewest;

    private JournalVerifier(IDisk disk) => this.disk = disk;

    public static VerifyResult Verify(IDisk disk)
    {
        JournalVerifier verifier = new(disk);
        verifier.Walk();
        return verifier.result;
    }

    /// <summary>Verifies and prints a short report. Returns the exit code: 0 where nothing is damaged, 1 where something is.</summary>
    public static int Run(IDisk disk, TextWriter output)
    {
        VerifyResult result = Verify(disk);
        string positions = result.Records == 0 && result.Archives == 0 ? "no records" : $"positions {result.First} to {result.Last}";
        output.WriteLine($"{result.Segments} segments, {result.Blocks} blocks, {result.Records} records, {result.Bytes} bytes; {positions}.");
        if (result.Archives > 0)
        {
            output.WriteLine($"{result.Archives} archives, {result.ArchivedRecords} records, {result.ArchiveBytes} bytes.");
        }

        foreach ((string section, (long records, long through)) in result.Dropped)
        {
            output.WriteLine($"  {section}: {records} dropped by retention, up to position {through}");
        }

        foreach ((InputKind kind, long count) in result.Kinds)
        {
            output.WriteLine($"  {kind}: {count}");
        }

        if (result.OpenEnd is { } open)
        {
            output.WriteLine($"Open end: {open.File}, byte {open.Offset}: {open.What} It is being written, or was when the process died; nothing acknowledged is in it.");
        }

        foreach (JournalDamage damage in result.Damages)
        {
            output.WriteLine($"DAMAGED: {damage.File}, byte {damage.Offset}: {damage.What}");
        }

        output.WriteLine(result.Damages.Count == 0 ? "The journal is sound." : "The journal is damaged. Restore the files named from a copy of the directory.");
        return result.Damages.Count == 0 ? 0 : 1;
    }

    private void Walk()
    {
        WalkArchives();
        if (NextName() is null && archive is { } newest)
        {
            result.Damages.Add(new JournalDamage(newest.Name, 0, $"the archive ends with position {newest.LastPosition}, and the segment that the journal goes on in is missing."));
        }

        string? name;
        while ((name = NextName()) is not null)
        {
            // A segment that was missing from that list has an archive by now.
            WalkArchives();
            SegmentReader reader;
            try
            {
                reader = new SegmentReader(name, disk.Open(name));
            }
            catch (FileNotFoundException)
            {
                // Retired between listing and opening. Whatever is oldest now is where the journal begins.
                continue;
            }

            using (reader)
            {
                WalkSegment(reader);
            }

            before = name;

            // What a running process appended to this segment since its end was read, and the segments behind that, are left to the next time.
            if (wasNewest)
            {
                return;
            }
        }
    }

    /// <summary>Checks the archives behind those that were checked already.</summary>
    private void WalkArchives()
    {
        foreach (string name in disk.List())
        {
            if (!ArchiveLayout.TryParseName(name, out _) || string.CompareOrdinal(name, beforeArchive) <= 0)
            {
                continue;
            }

            try
            {
                using ArchiveReader reader = ArchiveReader.Open(disk, name);
                WalkArchive(reader);
            }
            catch (FileNotFoundException)
            {
                // Retired between listing and opening, with all before it.
                archive = null;
            }
            catch (JournalDamagedException damage)
            {
                result.Damages.Add(new JournalDamage(name, damage.Offset, damage.What));
                archive = null;
            }

            beforeArchive = name;
        }
    }

    private void WalkArchive(ArchiveReader reader)
    {
        ArchiveHeader header = reader.Header;
        if (archive is { } last && (header.FirstPosition != last.LastPosition + 1 || header.PreviousCrc != last.LastCrc))
        {
            result.Damages.Add(new JournalDamage(reader.Name, 0, $"the archive begins with position {header.FirstPosition} and does not follow {last.Name}, which ends with {last.LastPosition}."));
        }

        bool isCounted = !disk.List().Contains(JournalLayout.SegmentName(header.FirstPosition));
        if (new ArchiveVerifier(reader, kind => CountKind(kind, isCounted)).Verify() is (long offset, string what))
        {
            result.Damages.Add(new JournalDamage(reader.Name, offset, what));
        }

        for (int number = 0; number < header.Sections.Length; number++)
        {
            if (header.Sections[number].Dropped)
            {
                string section = new ArchiveSection((byte)number).Name;
                result.Dropped[section] = (result.Dropped.GetValueOrDefault(section).Records + header.Sections[number].Records, header.LastPosition);
            }
        }

        result.Archives++;
        result.ArchiveBytes += header.FileBytes;
        result.First = result.First == 0 ? header.FirstPosition : result.First;
        result.Last = Math.Max(result.Last, header.LastPosition);
        archive = header;
    }

    private void CountKind(InputKind kind, bool isCounted)
    {
        result.ArchivedRecords++;
        if (isCounted)
        {
            result.Kinds[kind] = result.Kinds.GetValueOrDefault(kind) + 1;
        }
    }

    /// <summary>Holds a segment against the archives: the newest of them is the one before it, or ends at or behind the segment's end, being its own or that of a later one.</summary>
    private string? CompareWithArchive(in SegmentHeader header)
    {
        if (archive is not { } newest || before is not null || header.FirstPosition <= newest.LastPosition)
        {
            return null;
        }

        bool follows = header.FirstPosition == newest.LastPosition + 1 && header.PreviousCrc == newest.LastCrc;
        return follows || !disk.List().Contains(newest.Name) ? null : $"the segment begins with position {header.FirstPosition} and does not follow {newest.Name}, which ends with {newest.LastPosition}.";
    }

    /// <summary>The segment after the last one read, as the directory is now.</summary>
    private string? NextName()
    {
        foreach (string name in disk.List())
        {
            if (JournalLayout.TryParseSegmentName(name, out _) && string.CompareOrdinal(name, before) > 0)
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>True where everything read so far has been retired since: the chain then begins anew with the segment at hand.</summary>
    private bool AllBeforeIsGone()
    {
        foreach (string name in disk.List())
        {
            if (JournalLayout.TryParseSegmentName(name, out _))
            {
                return string.CompareOrdinal(name, before) > 0;
            }
        }

        return true;
    }

    private void WalkSegment(SegmentReader reader)
    {
        wasNewest = false;
        string? flaw = reader.ReadHeader();
        if (flaw is not null)
        {
            bool unused = NextNameAfter(reader.Name) is null && reader.Header.FirstPosition == 0 && reader.FindNonZero(JournalLayout.SegmentHeaderBytes) < 0;
            if (unused)
            {
                result.OpenEnd = new JournalDamage(reader.Name, 0, flaw);
            }
            else
            {
                Damaged(reader, 0, flaw);
            }

            // The chain cannot be followed through this file; the next one is taken as it is.
            expected = 0;
            return;
        }

        SegmentHeader header = reader.Header;
        if (expected != 0 && (header.FirstPosition != expected || header.PreviousCrc != previousCrc) && !AllBeforeIsGone())
        {
            Damaged(reader, 0, $"the segment begins with position {header.FirstPosition} and does not follow {before}, which ends with {expected - 1}.");
        }

        if (CompareWithArchive(header) is { } broken)
        {
            Damaged(reader, 0, broken);
        }

        result.Segments++;
        result.Bytes += JournalLayout.SegmentHeaderBytes;
        expected = header.FirstPosition;
        previousCrc = header.PreviousCrc;
        timeMs = header.PreviousTimeMs;
        if (result.First == 0)
        {
            result.First = header.FirstPosition;
        }

        WalkBlocks(reader);
        result.Last = Math.Max(result.Last, expected - 1);
    }

    private void WalkBlocks(SegmentReader reader)
    {
        bool again = false;
        while (true)
        {
            long offset = reader.Offset;
            BlockFound found = reader.Read(expected, previousCrc, out BlockHeader header, out ReadOnlySpan<byte> records, out string flaw);
            if (found == BlockFound.Block)
            {
                again = false;
                Count(reader, offset, header, records);
                expected = header.LastPosition + 1;
                previousCrc = header.Crc;
                continue;
            }

            bool clean = found == BlockFound.End && reader.FindNonZero(offset) < 0;
            bool newest = NextNameAfter(reader.Name) is null;
            bool durable = !newest || (!clean && reader.FindDurable(offset, expected) >= 0);
            if (durable && !again)
            {
                // It may have been written since it was read.
                again = true;
                reader.Refresh();
                continue;
            }

            wasNewest = newest;
            if (clean)
            {
                return;
            }

            string what = found == BlockFound.Flaw ? flaw : $"after position {expected - 1} there are zeros, and then bytes that no block before them accounts for.";
            if (durable)
            {
                Damaged(reader, offset, what);

                // What follows in this file belongs to a chain that is broken; the next file is checked on its own.
                expected = 0;
            }
            else
            {
                result.OpenEnd = new JournalDamage(reader.Name, offset, what);
            }

            return;
        }
    }

    private string? NextNameAfter(string name)
    {
        foreach (string other in disk.List())
        {
            if (JournalLayout.TryParseSegmentName(other, out _) && string.CompareOrdinal(other, name) > 0)
            {
                return other;
            }
        }

        return null;
    }

    private void Count(SegmentReader reader, long offset, in BlockHeader header, ReadOnlySpan<byte> records)
    {
        long position = header.FirstPosition;
        while (records.Length > 0)
        {
            Record record = Record.Next(ref records);
            result.Kinds[record.Kind] = result.Kinds.GetValueOrDefault(record.Kind) + 1;
            if (record.TimeMs < timeMs)
            {
                Damaged(reader, offset, $"the record at position {position} has the time {record.TimeMs}, before that of the record ahead of it, {timeMs}.");
            }

            timeMs = record.TimeMs;
            position++;
        }

        result.Blocks++;
        result.Records += header.Records;
        result.Bytes += header.BlockBytes;
    }

    private void Damaged(SegmentReader reader, long offset, string what) => result.Damages.Add(new JournalDamage(reader.Name, offset, what));
}
