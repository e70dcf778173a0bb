using System.Buffers.Binary;
using System.Collections.Immutable;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Journal;
using Streaming.Silo.Journal.Archives;

namespace Streaming.Silo.History;

/// <summary>
/// History by index: in archives by the one that each has in its file, and in the segments that are not archived yet by one in memory (<see cref="TailIndex"/>). Files are opened one after the other, as the caller
/// goes on; one that is archived or retired meanwhile is read on as it was, and the next is looked for anew.
/// </summary>
/// <remarks>May be used by any number of threads; each enumeration by one.</remarks>
internal sealed class SubjectHistory(InputJournal journal, long indexBytes = SiloLimits.HistoryIndexBytes) : ISubjectHistory
{
    private const int TimeOffset = 8;

    private readonly TailIndex tail = new(journal, indexBytes);

    /// <summary>Of what is not archived yet.</summary>
    public TailIndex Tail => tail;

    /// <inheritdoc/>
    public HistoryReach Reach(ActorKind kind)
    {
        long position = Math.Max(journal.OldestPosition, 1);
        foreach (ArchiveHeader archive in journal.Files.Archives)
        {
            if (StreamsOf(kind).Any(stream => !archive.Has(stream)))
            {
                position = archive.LastPosition + 1;
            }
        }

        return new HistoryReach(position, TimeOf(position));
    }

    /// <inheritdoc/>
    public IEnumerable<SubjectRecord> Read(ActorKind kind, string key, long from, long through, bool newestFirst, CancellationToken cancellation) =>
        Read(Partition.HashOf(kind, key), Math.Max(from, 1), Math.Min(through, journal.DurablePosition), newestFirst, cancellation);

    /// <inheritdoc/>
    public long PositionAt(long timeMs)
    {
        long at = journal.DurablePosition;
        while (at >= 1 && journal.Files.TryLocate(at, archived: true, out JournalFile file) && file.First <= at)
        {
            if (file.IsArchive)
            {
                if (TryOpenArchive(file) is { } archive)
                {
                    using (archive)
                    {
                        if (archive.Header.PreviousTimeMs <= timeMs)
                        {
                            return archive.Header.LastTimeMs <= timeMs ? archive.Header.LastPosition : LastAt(archive, timeMs);
                        }
                    }

                    at = file.First - 1;
                }
            }
            else if (TryOpenSegment(file) is { } segment)
            {
                using (segment)
                {
                    if (segment.Header.PreviousTimeMs <= timeMs)
                    {
                        return LastAt(segment, file, at, timeMs);
                    }
                }

                at = file.First - 1;
            }
        }

        return 0;
    }

    /// <summary>The streams whose records may concern an actor of a kind. Every actor also has what the core keeps: commands, reminders, and what other actors told it.</summary>
    private static ImmutableArray<JournalStream> StreamsOf(ActorKind kind) => kind switch
    {
        ActorKind.Vehicle => [JournalStream.Core, JournalStream.Weigh, JournalStream.Video, JournalStream.Truck],
        ActorKind.Enterprise => [JournalStream.Core, JournalStream.Tank, JournalStream.Ledger, JournalStream.Video],
        ActorKind.Place => [JournalStream.Core, JournalStream.Video],
        ActorKind.Source => [JournalStream.Core, JournalStream.Weigh, JournalStream.Video, JournalStream.Truck, JournalStream.Tank, JournalStream.Ledger, JournalStream.Other],
        _ => [JournalStream.Core],
    };

    private IEnumerable<SubjectRecord> Read(ulong hash, long from, long through, bool newestFirst, CancellationToken cancellation)
    {
        // Frames are taken apart in the same memory from one archive to the next.
        ArchivePicker picker = new();
        while (from <= through)
        {
            if (!journal.Files.TryLocate(newestFirst ? through : from, archived: true, out JournalFile file) || file.First > through)
            {
                yield break;
            }

            long first = Math.Max(from, file.First);
            long last = Math.Min(through, file.Last);
            IEnumerable<SubjectRecord>? records = file.IsArchive ? InArchive(file, hash, first, last, newestFirst, picker, cancellation) : InSegment(file, hash, first, last, newestFirst, cancellation);
            if (records is null)
            {
                // Retired or archived since it was located.
                continue;
            }

            foreach (SubjectRecord record in records)
            {
                yield return record;
            }

            (from, through) = newestFirst ? (from, first - 1) : (last + 1, through);
        }
    }

    /// <summary>The records of an archive that concern a subject; null where it is gone.</summary>
    private IEnumerable<SubjectRecord>? InArchive(JournalFile file, ulong hash, long from, long through, bool newestFirst, ArchivePicker picker, CancellationToken cancellation)
    {
        ArchiveReader? archive = TryOpenArchive(file);
        if (archive is null)
        {
            return null;
        }

        List<uint> places = [];
        if (archive.TryFind(hash, places))
        {
            return Records(archive, places, from, through, newestFirst, picker, cancellation);
        }

        archive.Dispose();
        return [];
    }

    private static IEnumerable<SubjectRecord> Records(ArchiveReader archive, List<uint> places, long from, long through, bool newestFirst, ArchivePicker picker, CancellationToken cancellation)
    {
        using (archive)
        {
            picker.Begin(archive);
            for (int i = 0; i < places.Count; i++)
            {
                uint place = places[newestFirst ? places.Count - 1 - i : i];
                long position = archive.PositionOf(place);
                if (position >= from && position <= through)
                {
                    cancellation.ThrowIfCancellationRequested();
                    yield return new SubjectRecord(position, picker.Pick(place));
                }
            }
        }
    }

    /// <summary>The records of a segment that concern a subject; null where it is gone.</summary>
    private IEnumerable<SubjectRecord>? InSegment(JournalFile file, ulong hash, long from, long through, bool newestFirst, CancellationToken cancellation)
    {
        SegmentReader? segment = TryOpenSegment(file);
        if (segment is null)
        {
            return null;
        }

        bool handedOn = false;
        try
        {
            List<IndexedBlock> blocks = [];
            if (!tail.TryFind(file, hash, from, through, blocks, cancellation))
            {
                Scan(segment, file, hash, from, through, blocks, cancellation);
            }

            handedOn = true;
            return Records(segment, blocks, hash, from, through, newestFirst, cancellation);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        finally
        {
            if (!handedOn)
            {
                segment.Dispose();
            }
        }
    }

    private static IEnumerable<SubjectRecord> Records(SegmentReader segment, List<IndexedBlock> blocks, ulong hash, long from, long through, bool newestFirst, CancellationToken cancellation)
    {
        using (segment)
        {
            List<SubjectRecord> records = [];
            for (int i = 0; i < blocks.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                Pick(ReadBlock(segment, blocks[newestFirst ? blocks.Count - 1 - i : i]), blocks[newestFirst ? blocks.Count - 1 - i : i].FirstPosition, hash, from, through, records);
                if (newestFirst)
                {
                    records.Reverse();
                }

                foreach (SubjectRecord record in records)
                {
                    yield return record;
                }

                records.Clear();
            }
        }
    }

    /// <summary>Adds the records of a block that concern a subject.</summary>
    private static void Pick(ReadOnlySpan<byte> block, long position, ulong hash, long from, long through, List<SubjectRecord> records)
    {
        List<ulong> subjects = [];
        for (; block.Length > 0; position++)
        {
            ReadOnlySpan<byte> rest = block;
            _ = Record.Next(ref rest);
            ReadOnlySpan<byte> record = block[..^rest.Length];
            block = rest;
            if (position < from || position > through)
            {
                continue;
            }

            subjects.Clear();
            RecordParts.CollectSubjects(record, subjects);
            if (subjects.Contains(hash))
            {
                records.Add(new SubjectRecord(position, record.ToArray()));
            }
        }
    }

    /// <summary>Finds the blocks of a segment for which the index has no room by reading it from its beginning.</summary>
    private static void Scan(SegmentReader segment, JournalFile file, ulong? hash, long from, long through, List<IndexedBlock> blocks, CancellationToken cancellation)
    {
        List<SubjectRecord> records = [];
        long expected = file.First;
        uint previousCrc = segment.Header.PreviousCrc;
        while (expected <= through)
        {
            cancellation.ThrowIfCancellationRequested();
            long offset = segment.Offset;
            if (segment.Read(expected, previousCrc, out BlockHeader header, out ReadOnlySpan<byte> block, out string flaw) != BlockFound.Block)
            {
                throw ArchiveReader.Damaged(file.Name, offset, flaw.Length > 0 ? flaw : $"the segment ends before position {through}.");
            }

            records.Clear();
            if (hash is { } wanted)
            {
                Pick(block, header.FirstPosition, wanted, from, through, records);
            }

            if (hash is null || records.Count > 0)
            {
                ReadOnlySpan<byte> first = block;
                blocks.Add(new IndexedBlock(offset, header.FirstPosition, header.LastPosition, previousCrc, Record.Next(ref first).TimeMs));
            }

            expected = header.LastPosition + 1;
            previousCrc = header.Crc;
        }
    }

    private static ReadOnlySpan<byte> ReadBlock(SegmentReader segment, IndexedBlock block)
    {
        segment.Seek(block.Offset);
        return segment.Read(block.FirstPosition, block.PreviousCrc, out _, out ReadOnlySpan<byte> records, out string flaw) == BlockFound.Block
            ? records
            : throw ArchiveReader.Damaged(segment.Name, block.Offset, flaw.Length > 0 ? flaw : "the block is gone.");
    }

    /// <summary>The last record of an archive that came in at or before a time, which is not before the archive; the one before the archive where none did.</summary>
    private static long LastAt(ArchiveReader archive, long timeMs)
    {
        long found = archive.Header.FirstPosition - 1;
        FrameContent content = new();
        for (int stream = 0; stream < Streams.Count; stream++)
        {
            Range range = archive.FramesOf(new ArchiveSection((JournalStream)stream, raw: false));
            int frame = range.End.Value - 1;
            while (frame >= range.Start.Value && archive.Frames[frame].FirstTimeMs > timeMs)
            {
                frame--;
            }

            if (frame < range.Start.Value)
            {
                continue;
            }

            archive.Load(frame, content);
            for (int record = content.Records - 1; record >= 0; record--)
            {
                if (BinaryPrimitives.ReadInt64LittleEndian(content.Body(record)[TimeOffset..]) <= timeMs)
                {
                    found = Math.Max(found, content.Positions[record]);
                    break;
                }
            }
        }

        return found;
    }

    private long LastAt(SegmentReader segment, JournalFile file, long through, long timeMs)
    {
        List<IndexedBlock> blocks = [];
        if (!tail.TryFind(file, hash: null, file.First, through, blocks, CancellationToken.None))
        {
            Scan(segment, file, hash: null, file.First, through, blocks, CancellationToken.None);
        }

        int at = blocks.FindLastIndex(block => block.TimeMs <= timeMs);
        if (at < 0)
        {
            return file.First - 1;
        }

        ReadOnlySpan<byte> records = ReadBlock(segment, blocks[at]);
        long position = blocks[at].FirstPosition - 1;
        while (records.Length > 0 && Record.Next(ref records).TimeMs <= timeMs)
        {
            position++;
        }

        return Math.Min(position, through);
    }

    /// <summary>Time of a record, or of the first kept behind it; 0 where there is none.</summary>
    private long TimeOf(long position)
    {
        while (position <= journal.DurablePosition && journal.Files.TryLocate(position, archived: true, out JournalFile file))
        {
            if (file.IsArchive)
            {
                using ArchiveReader? archive = TryOpenArchive(file);
                if (archive is not null)
                {
                    return archive.Header.FirstTimeMs;
                }
            }
            else
            {
                using SegmentReader? segment = TryOpenSegment(file);
                if (segment is not null)
                {
                    return segment.Read(file.First, segment.Header.PreviousCrc, out _, out ReadOnlySpan<byte> records, out _) == BlockFound.Block ? Record.Next(ref records).TimeMs : segment.Header.CreatedMs;
                }
            }
        }

        return 0;
    }

    private ArchiveReader? TryOpenArchive(JournalFile file)
    {
        try
        {
            return ArchiveReader.Open(journal.Files.Disk, file.Name);
        }
        catch (FileNotFoundException) when (IsElsewhere(file))
        {
            return null;
        }
    }

    private SegmentReader? TryOpenSegment(JournalFile file)
    {
        try
        {
            return SegmentReader.Open(journal.Files.Disk, file.Name);
        }
        catch (FileNotFoundException) when (IsElsewhere(file))
        {
            return null;
        }
    }

    /// <summary>True where the journal does not name the file any more: another holds its positions now, or none.</summary>
    private bool IsElsewhere(JournalFile file) => !journal.Files.TryLocate(file.First, archived: true, out JournalFile now) || now.Name != file.Name;

    /// <summary>Takes single records out of an archive; those that lie in one frame cost its decompression once.</summary>
    private sealed class ArchivePicker
    {
        private readonly FrameContent[] decoded = [.. Enumerable.Range(0, Streams.Count).Select(_ => new FrameContent())];
        private readonly FrameContent[] raw = [.. Enumerable.Range(0, Streams.Count).Select(_ => new FrameContent())];
        private readonly ByteWriter record = new(1024);
        private ArchiveReader archive = null!;

        public void Begin(ArchiveReader next)
        {
            archive = next;
            foreach (FrameContent content in decoded.Concat(raw))
            {
                content.Forget();
            }
        }

        public byte[] Pick(uint place)
        {
            JournalStream stream = ArchiveReader.StreamOf(place);
            long position = archive.PositionOf(place);
            FrameContent content = decoded[(int)stream];
            int at = Find(new ArchiveSection(stream, raw: false), position, content);
            if (!content.Splits(at) || archive.Header.Sections[new ArchiveSection(stream, raw: true).Number].Dropped)
            {
                return content.Body(at).ToArray();
            }

            FrameContent payload = raw[(int)stream];
            int payloadAt = Find(new ArchiveSection(stream, raw: true), position, payload);
            record.Clear();
            RecordParts.WriteWithRaw(content.Body(at), payload.Body(payloadAt), record);
            return record.Written.ToArray();
        }

        private int Find(ArchiveSection section, long position, FrameContent content)
        {
            int frame = archive.FrameAt(section, position);
            int at = -1;
            if (frame >= 0)
            {
                archive.Load(frame, content);
                at = content.Positions.BinarySearch(position);
            }

            return at >= 0 ? at : throw ArchiveReader.Damaged(archive.Name, archive.Header.DirectoryOffset, $"the index names position {position}, which is not in section {section.Name}.");
        }
    }
}
