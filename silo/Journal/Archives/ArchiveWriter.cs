using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using Streaming.Grains.Inputs;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Journal.Archives;

/// <summary>
/// Writes an archive of one segment, record by record; and the same again without the sections that retention drops. Its buffers stay for the next archive.
/// </summary>
internal sealed class ArchiveWriter(int frameBytes)
{
    private const int BrotliQuality = 1;
    private const int BrotliWindowBits = 18;

    private readonly SectionBuffer[] sections = [.. Enumerable.Range(0, Streams.Sections).Select(number => new SectionBuffer(new ArchiveSection((byte)number)))];
    private readonly SectionSummary[] summaries = new SectionSummary[Streams.Sections];
    private readonly List<ArchiveFrame> frames = [];
    private readonly List<ulong> subjects = [];
    private readonly SubjectIndexBuilder index = new();
    private readonly ByteWriter content = new(2 * frameBytes);
    private byte[] compressed = [];
    private SegmentHeader segment;
    private long next;
    private long firstTimeMs;
    private long lastTimeMs;
    private uint contentCrc;
    private long contentBytes;

    /// <summary>Begins with the records of a segment.</summary>
    public void Begin(in SegmentHeader of)
    {
        segment = of;
        next = of.FirstPosition;
        firstTimeMs = of.PreviousTimeMs;
        lastTimeMs = of.PreviousTimeMs;
        contentCrc = 0;
        contentBytes = 0;
        frames.Clear();
        index.Clear();
        Array.Clear(summaries);
        foreach (SectionBuffer section in sections)
        {
            section.Clear();
        }
    }

    /// <summary>Adds the next records of the segment, in whole frames to the file as they fill.</summary>
    public void Add(ReadOnlySpan<byte> records, ArchiveFile file)
    {
        contentCrc = Crc32C.Append(contentCrc, records);
        contentBytes += records.Length;
        while (records.Length > 0)
        {
            ReadOnlySpan<byte> record = records[..(BinaryPrimitives.ReadInt32LittleEndian(records) + 4)];
            records = records[record.Length..];
            Add(record, next, file);
            next++;
        }
    }

    /// <summary>Writes what is left, directory, index and header, and syncs the file, which has its temporary name still.</summary>
    public ArchiveHeader Complete(ArchiveFile file, uint lastCrc)
    {
        foreach (SectionBuffer section in sections)
        {
            Flush(section, file);
        }

        frames.Sort(ArchiveFrame.Compare);
        index.Build();
        ArchiveHeader header = new()
        {
            FirstPosition = segment.FirstPosition,
            LastPosition = next - 1,
            PreviousCrc = segment.PreviousCrc,
            LastCrc = lastCrc,
            CreatedMs = segment.CreatedMs,
            PreviousTimeMs = segment.PreviousTimeMs,
            FirstTimeMs = firstTimeMs,
            LastTimeMs = lastTimeMs,
            ContentCrc = contentCrc,
            ContentBytes = contentBytes,
            DirectoryOffset = 0,
            Frames = 0,
            DirectoryCrc = 0,
            Subjects = 0,
            ListBytes = 0,
            FileBytes = 0,
            Sections = [.. summaries],
        };
        return Complete(file, header);
    }

    /// <summary>Writes an archive once more without some of its sections. Nothing is compressed anew.</summary>
    public ArchiveHeader Rewrite(ArchiveReader archive, Func<ArchiveSection, bool> isDropped, ArchiveFile file)
    {
        frames.Clear();
        foreach (ArchiveFrame frame in archive.Frames)
        {
            if (!isDropped(frame.Section))
            {
                ReadOnlySpan<byte> stored = archive.Stored(frame);
                frames.Add(frame with { Offset = file.Offset });
                file.Append(stored);
            }
        }

        index.Clear();
        archive.VisitIndex((hash, place) =>
        {
            if (!isDropped(new ArchiveSection(ArchiveReader.StreamOf(place), raw: false)))
            {
                index.Add(hash, place);
            }
        });
        index.Build();
        ImmutableArray<SectionSummary> summary =
            [.. archive.Header.Sections.Select((section, number) => section with { Dropped = section.Dropped || (section.Records > 0 && isDropped(new ArchiveSection((byte)number))) })];
        return Complete(file, archive.Header with { Sections = summary });
    }

    private ArchiveHeader Complete(ArchiveFile file, ArchiveHeader header)
    {
        long directoryOffset = file.Offset;
        content.Clear();
        foreach (ArchiveFrame frame in frames)
        {
            frame.Write(content.Take(ArchiveLayout.FrameEntryBytes));
        }

        uint directoryCrc = Crc32C.Append(0, content.Written);
        file.Append(content.Written);
        file.AppendPages(index.Entries.Written);
        file.AppendPages(index.Lists.Written);
        header = header with
        {
            DirectoryOffset = directoryOffset,
            Frames = frames.Count,
            DirectoryCrc = directoryCrc,
            Subjects = index.Subjects,
            ListBytes = index.Lists.Length,
            FileBytes = file.Offset,
        };
        file.Complete(header);
        return header;
    }

    private void Add(ReadOnlySpan<byte> record, long position, ArchiveFile file)
    {
        long timeMs = BinaryPrimitives.ReadInt64LittleEndian(record[8..]);
        if (position == segment.FirstPosition)
        {
            firstTimeMs = timeMs;
        }

        lastTimeMs = timeMs;
        RecordParts parts = RecordParts.Of(record);
        SectionBuffer decoded = sections[new ArchiveSection(parts.Stream, raw: false).Number];
        decoded.Begin(position, timeMs, parts.Splits);
        if (parts.Splits)
        {
            SectionBuffer raw = sections[new ArchiveSection(parts.Stream, raw: true).Number];
            parts.WriteWithoutRaw(record, decoded.Bodies);
            raw.Begin(position, timeMs, parts.RawBytes);
            raw.Bodies.WriteRaw(parts.RawOf(record));
            FlushWhereFull(raw, file);
        }
        else
        {
            decoded.Bodies.WriteRaw(record);
        }

        FlushWhereFull(decoded, file);
        RecordParts.CollectSubjects(record, subjects);
        uint place = ((uint)(position - segment.FirstPosition) << ArchiveLayout.StreamBits) | (uint)parts.Stream;
        foreach (ulong hash in subjects)
        {
            index.Add(hash, place);
        }

        subjects.Clear();
    }

    private void FlushWhereFull(SectionBuffer section, ArchiveFile file)
    {
        if (section.Bytes >= frameBytes)
        {
            Flush(section, file);
        }
    }

    private void Flush(SectionBuffer section, ArchiveFile file)
    {
        if (section.Records == 0)
        {
            return;
        }

        content.Clear();
        content.WriteRaw(section.Columns.Written);
        content.WriteRaw(section.Bodies.Written);
        ReadOnlySpan<byte> whole = content.Written;
        int most = BrotliEncoder.GetMaxCompressedLength(whole.Length);
        if (compressed.Length < most)
        {
            compressed = GC.AllocateUninitializedArray<byte>(most);
        }

        bool smaller = BrotliEncoder.TryCompress(whole, compressed, out int bytes, BrotliQuality, BrotliWindowBits) && bytes < whole.Length;
        ReadOnlySpan<byte> stored = smaller ? compressed.AsSpan(0, bytes) : whole;
        frames.Add(new ArchiveFrame
        {
            Section = section.Section,
            Compressed = smaller,
            Records = section.Records,
            FirstPosition = section.FirstPosition,
            LastPosition = section.LastPosition,
            FirstTimeMs = section.FirstTimeMs,
            Offset = file.Offset,
            StoredBytes = stored.Length,
            Bytes = whole.Length,
            Crc = Crc32C.Append(0, stored),
        });
        file.Append(stored);
        ref SectionSummary summary = ref summaries[section.Section.Number];
        summary = new SectionSummary(summary.Records + (uint)section.Records, summary.Bytes + section.Bodies.Length, Dropped: false);
        section.Clear();
    }

    /// <summary>The frame of one section that fills.</summary>
    private sealed class SectionBuffer(ArchiveSection section)
    {
        public ArchiveSection Section => section;

        /// <summary>Of each record the position, as the difference to the one before, and the length of its raw payload or whether it was split off.</summary>
        public ByteWriter Columns { get; } = new(1024);

        public ByteWriter Bodies { get; } = new(1024);

        public int Records { get; private set; }

        public long FirstPosition { get; private set; }

        public long LastPosition { get; private set; }

        public long FirstTimeMs { get; private set; }

        public int Bytes => Columns.Length + Bodies.Length;

        /// <summary>The next record of a decoded section.</summary>
        public void Begin(long position, long timeMs, bool splits) => Columns.WriteVar(((ulong)Advance(position, timeMs) << 1) | (splits ? 1u : 0u));

        /// <summary>The next payload of a raw section.</summary>
        public void Begin(long position, long timeMs, int bytes)
        {
            Columns.WriteVar((ulong)Advance(position, timeMs));
            Columns.WriteVar((ulong)bytes);
        }

        public void Clear()
        {
            Columns.Clear();
            Bodies.Clear();
            Records = 0;
        }

        private long Advance(long position, long timeMs)
        {
            if (Records == 0)
            {
                FirstPosition = position;
                LastPosition = position;
                FirstTimeMs = timeMs;
            }

            long difference = position - LastPosition;
            LastPosition = position;
            Records++;
            return difference;
        }
    }
}
