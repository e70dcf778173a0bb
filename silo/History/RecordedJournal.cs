using System.Buffers.Binary;
using Streaming.Silo.Journal;
using Streaming.Silo.Journal.Archives;

namespace Streaming.Silo.History;

/// <summary>
/// Reads a whole recorded journal from the first record kept, in order, and changes nothing; a process may be running on the directory. It ends where the newest segment ended when that was read.
/// </summary>
/// <remarks>
/// Where a segment and its archive lie side by side, the segment is read. What retention dropped of an archive is passed over. A file that is gone by the time it is opened was archived, or retired: then whatever holds the position now
/// is read. What looks wrong in a file that is being written to is looked at again, and at the newest end it is the block under way; anywhere else it is damage.
/// </remarks>
internal sealed class RecordedJournal(IDisk disk)
{
    private byte[] copy = [];
    private long expected;
    private uint previousCrc;

    /// <summary>Begins with the newest file before which everything is older than a time, instead of the oldest: what is in between costs a look at each file's head.</summary>
    public void BeginAt(long timeMs)
    {
        string[] names = [.. Files().OrderBy(file => file.First).ThenByDescending(file => file.IsSegment).Select(file => file.Name)];
        for (int i = names.Length - 1; i > 0; i--)
        {
            if (Head(names[i]) is { } head && head.PreviousTimeMs < timeMs)
            {
                (expected, previousCrc) = (head.First, head.PreviousCrc);
                return;
            }
        }
    }

    /// <summary>Position and checksum that a file begins with, and the time of the last record before it; null where it is gone or not to be read.</summary>
    private (long First, uint PreviousCrc, long PreviousTimeMs)? Head(string name)
    {
        bool archived = ArchiveLayout.TryParseName(name, out _);
        if (!TryOpen(name, archived, out ArchiveReader? archive, out SegmentReader? segment))
        {
            return null;
        }

        using (archive)
        using (segment)
        {
            return archive is not null ? (archive.Header.FirstPosition, archive.Header.PreviousCrc, archive.Header.PreviousTimeMs)
                : segment!.ReadHeader() is null ? (segment.Header.FirstPosition, segment.Header.PreviousCrc, segment.Header.PreviousTimeMs)
                : null;
        }
    }

    /// <summary>Runs of whole records and the position of the first of each. The bytes are valid until the next run is asked for. Asked for once.</summary>
    /// <exception cref="JournalDamagedException">The journal is not what was written.</exception>
    public IEnumerable<(long First, ReadOnlyMemory<byte> Records)> Runs()
    {
        while (NextFile() is { } name)
        {
            bool archived = ArchiveLayout.TryParseName(name, out _);
            if (!TryOpen(name, archived, out ArchiveReader? archive, out SegmentReader? segment))
            {
                continue;
            }

            long before = expected;
            foreach ((long First, ReadOnlyMemory<byte> Records) run in archived ? Archived(archive!) : Segment(segment!))
            {
                yield return run;
            }

            if (expected == before)
            {
                // The newest segment, and nothing in it behind what was read: the end.
                yield break;
            }
        }
    }

    private bool TryOpen(string name, bool archived, out ArchiveReader? archive, out SegmentReader? segment)
    {
        archive = null;
        segment = null;
        try
        {
            if (archived)
            {
                archive = ArchiveReader.Open(disk, name);
            }
            else
            {
                segment = new SegmentReader(name, disk.Open(name));
            }

            return true;
        }
        catch (FileNotFoundException) when (!disk.List().Contains(name))
        {
            return false;
        }
    }

    private IEnumerable<(long First, ReadOnlyMemory<byte> Records)> Archived(ArchiveReader archive)
    {
        using (archive)
        {
            if (expected != 0 && (archive.Header.FirstPosition != expected || archive.Header.PreviousCrc != previousCrc))
            {
                throw ArchiveReader.Damaged(archive.Name, 0, $"the archive does not follow position {expected - 1}.");
            }

            ArchiveRecords records = new(archive, archive.Header.FirstPosition);
            while (records.TryRead(out ReadOnlySpan<byte> run, out long first, out _))
            {
                yield return (first, Copy(run));
            }

            expected = archive.Header.LastPosition + 1;
            previousCrc = archive.Header.LastCrc;
        }
    }

    private IEnumerable<(long First, ReadOnlyMemory<byte> Records)> Segment(SegmentReader reader)
    {
        using (reader)
        {
            if (reader.ReadHeader() is { } flaw)
            {
                if (IsNewest(reader.Name) && expected != 0)
                {
                    yield break;
                }

                throw Damaged(reader, flaw);
            }

            if (expected != 0 && (reader.Header.FirstPosition != expected || reader.Header.PreviousCrc != previousCrc))
            {
                throw Damaged(reader, $"the segment does not follow position {expected - 1}.");
            }

            expected = reader.Header.FirstPosition;
            previousCrc = reader.Header.PreviousCrc;
            bool again = false;
            while (true)
            {
                if (TryRead(reader, out long first, out ReadOnlyMemory<byte> run, out string wrong))
                {
                    again = false;
                    yield return (first, run);
                    continue;
                }

                bool newest = IsNewest(reader.Name);
                bool ends = newest ? reader.FindDurable(reader.Offset, expected) < 0 : wrong.Length == 0;
                if (!again && !(newest && ends))
                {
                    // It may have been written to since it was read, up to the moment at which the next segment was begun.
                    again = true;
                    reader.Refresh();
                    continue;
                }

                if (!ends)
                {
                    throw Damaged(reader, wrong.Length > 0 ? wrong : $"after position {expected - 1} there are zeros, and then bytes that no block before them accounts for.");
                }

                yield break;
            }
        }
    }

    /// <summary>Splits the first record off; the whole of it.</summary>
    public static ReadOnlyMemory<byte> Next(ref ReadOnlyMemory<byte> records)
    {
        ReadOnlyMemory<byte> record = records[..(4 + BinaryPrimitives.ReadInt32LittleEndian(records.Span))];
        records = records[record.Length..];
        return record;
    }

    private bool TryRead(SegmentReader reader, out long first, out ReadOnlyMemory<byte> run, out string flaw)
    {
        first = expected;
        run = default;
        if (reader.Read(expected, previousCrc, out BlockHeader header, out ReadOnlySpan<byte> records, out flaw) != BlockFound.Block)
        {
            return false;
        }

        run = Copy(records);
        expected = header.LastPosition + 1;
        previousCrc = header.Crc;
        return true;
    }

    private ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> records)
    {
        if (copy.Length < records.Length)
        {
            copy = new byte[Math.Max(records.Length, 2 * copy.Length)];
        }

        records.CopyTo(copy);
        return copy.AsMemory(0, records.Length);
    }

    /// <summary>The file that begins at the position expected, or the next one there is, so that a hole is found; where a segment and its archive begin there, the segment. Null at the end.</summary>
    private string? NextFile() => Files()
        .Where(file => file.First >= Math.Max(expected, 1))
        .OrderBy(file => file.First).ThenByDescending(file => file.IsSegment)
        .Select(file => file.Name)
        .FirstOrDefault();

    private IEnumerable<(string Name, bool IsSegment, long First)> Files() => disk.List()
        .Select(name => (Name: name, IsSegment: JournalLayout.TryParseSegmentName(name, out long first), First: first))
        .Select(file => file.IsSegment || !ArchiveLayout.TryParseName(file.Name, out long first) ? file : (file.Name, IsSegment: false, First: first))
        .Where(file => file.First > 0);

    private bool IsNewest(string segment) => disk.List().All(name => !JournalLayout.TryParseSegmentName(name, out _) || string.CompareOrdinal(name, segment) <= 0);

    private static JournalDamagedException Damaged(SegmentReader reader, string flaw) =>
        new(reader.Name, reader.Offset, flaw, "Run verify on the directory to see all of the damage, and restore the files named from a copy.");
}
