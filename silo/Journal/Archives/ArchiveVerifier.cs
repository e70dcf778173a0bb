using System.Buffers.Binary;
using Streaming.Grains.Inputs;

namespace Streaming.Silo.Journal.Archives;

/// <summary>
/// Checks all of an archive: that every byte of the file is accounted for and as it was written, that the records are whole, in order, and as many as there were but for what was dropped, and that the index names
/// exactly the subjects of the records that are there.
/// </summary>
internal sealed class ArchiveVerifier(ArchiveReader archive, Action<InputKind> count)
{
    private readonly SubjectIndexBuilder index = new();
    private readonly List<ulong> subjects = [];
    private readonly FrameContent content = new();
    private uint contentCrc;
    private long found;

    /// <summary>Returns the first flaw and where it is, or null.</summary>
    public (long Offset, string What)? Verify()
    {
        try
        {
            archive.CheckBytes();
            return FindUncovered() is { } uncovered ? (uncovered, "bytes lie there that no frame accounts for, or two frames overlap.")
                : CompareSections() is { } section ? (archive.Header.DirectoryOffset, section)
                : ReadRecords() is { } record ? (ArchiveLayout.HeaderBytes, record)
                : CompareIndex() is { } flaw ? (archive.Header.SubjectsOffset, flaw)
                : null;
        }
        catch (JournalDamagedException damage)
        {
            return (damage.Offset, damage.What);
        }
        catch (InvalidDataException damage)
        {
            return (ArchiveLayout.HeaderBytes, damage.Message);
        }
    }

    private long? FindUncovered()
    {
        long at = ArchiveLayout.HeaderBytes;
        foreach (ArchiveFrame frame in archive.Frames.ToArray().OrderBy(frame => frame.Offset))
        {
            if (frame.Offset != at)
            {
                return at;
            }

            at += frame.StoredBytes;
        }

        return at == archive.Header.DirectoryOffset ? null : at;
    }

    /// <summary>Holds every section against what the header says was in it.</summary>
    private string? CompareSections()
    {
        for (int number = 0; number < Streams.Sections; number++)
        {
            ArchiveSection section = new((byte)number);
            SectionSummary summary = archive.Header.Sections[number];
            long records = 0;
            long bytes = 0;
            (int first, int end) = (archive.FramesOf(section).Start.Value, archive.FramesOf(section).End.Value);
            for (int frame = first; frame < end; frame++)
            {
                archive.Load(frame, content);
                if (frame > first && archive.Frames[frame - 1].LastPosition >= archive.Frames[frame].FirstPosition)
                {
                    return $"two frames of section {section.Name} hold the same positions.";
                }

                records += content.Records;
                for (int record = 0; record < content.Records; record++)
                {
                    bytes += content.Body(record).Length;
                }
            }

            (long, long) expected = summary.Dropped ? (0, 0) : (summary.Records, summary.Bytes);
            if ((records, bytes) != expected)
            {
                return $"section {section.Name} holds {records} records of {bytes} bytes; {expected} were written and not dropped.";
            }
        }

        return null;
    }

    private string? ReadRecords()
    {
        ArchiveHeader header = archive.Header;
        ArchiveRecords all = new(archive, header.FirstPosition);
        long timeMs = header.PreviousTimeMs;
        long next = header.FirstPosition;
        while (all.TryRead(out ReadOnlySpan<byte> records, out long position, out int said))
        {
            string? flaw = JournalLayout.CheckRecords(records, out int counted, out _);
            if (flaw is not null || counted != said)
            {
                return $"from position {position} on " + (flaw ?? $"there are {counted} records instead of {said}.");
            }

            if (position < next || position + counted - 1 > header.LastPosition)
            {
                return $"position {position} is not one of those that the archive holds.";
            }

            contentCrc = Crc32C.Append(contentCrc, records);
            found += counted;
            next = position + counted;
            while (records.Length > 0)
            {
                ReadOnlySpan<byte> record = records[..(BinaryPrimitives.ReadInt32LittleEndian(records) + 4)];
                Record read = Record.Next(ref records);
                if (read.TimeMs < timeMs || read.TimeMs > header.LastTimeMs || (position == header.FirstPosition && read.TimeMs != header.FirstTimeMs))
                {
                    return $"the record at position {position} has the time {read.TimeMs}; from {timeMs} to {header.LastTimeMs} is possible there.";
                }

                timeMs = read.TimeMs;
                Collect(record, position);
                count(read.Kind);
                position++;
            }
        }

        long dropped = header.Sections.Where((section, number) => section.Dropped && number % 2 == 0).Sum(section => section.Records);
        if (found + dropped != header.Records)
        {
            return $"{found} records are there and {dropped} were dropped; positions {header.FirstPosition} to {header.LastPosition} are {header.Records}.";
        }

        return header.Sections.Any(section => section.Dropped) || contentCrc == header.ContentCrc ? null : "the records are not those that the segment held (their checksum does not match).";
    }

    private void Collect(ReadOnlySpan<byte> record, long position)
    {
        subjects.Clear();
        RecordParts.CollectSubjects(record, subjects);
        uint place = ((uint)(position - archive.Header.FirstPosition) << ArchiveLayout.StreamBits) | (uint)RecordParts.Of(record).Stream;
        foreach (ulong subject in subjects)
        {
            index.Add(subject, place);
        }
    }

    private string? CompareIndex()
    {
        index.Build();
        return archive.HasIndex(index.Entries.Written, index.Lists.Written) ? null : "the index does not name the subjects of the records that are there.";
    }
}
