using System.Runtime.InteropServices;
using Streaming.Grains.Inputs;
using Streaming.Silo.Journal;
using Streaming.Silo.Journal.Archives;

namespace Streaming.Silo.History;

/// <summary>
/// Which blocks of the segments that are not archived yet hold something about a subject. It is made when first asked for, each byte being read once, and grows with the newest segment. Its memory is bounded: a
/// segment that no longer fits is not indexed, and whoever asks reads it from end to end.
/// </summary>
/// <remarks>One lock is held while a segment is read on; a question after that costs a look through an array.</remarks>
internal sealed class TailIndex(InputJournal journal, long mostBytes)
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<long, IndexedSegment> segments = [];
    private readonly List<ulong> hashes = [];
    private readonly HashSet<ulong> inBlock = [];

    /// <summary>Memory of the arrays, now.</summary>
    public long Bytes
    {
        get
        {
            lock (gate)
            {
                return segments.Values.Sum(segment => segment.Bytes);
            }
        }
    }

    /// <summary>Blocks read for the index so far.</summary>
    public long BlocksRead { get; private set; }

    /// <summary>
    /// The blocks of a segment that hold records of the subject and positions of the range, in order; every block of the range where <paramref name="hash"/> is null. False where the segment is not indexed.
    /// </summary>
    /// <param name="file">The segment.</param>
    /// <param name="hash">The subject's hash.</param>
    /// <param name="from">First position.</param>
    /// <param name="through">Last position, durable.</param>
    /// <param name="blocks">Gets the blocks.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public bool TryFind(JournalFile file, ulong? hash, long from, long through, List<IndexedBlock> blocks, CancellationToken cancellation)
    {
        blocks.Clear();
        lock (gate)
        {
            Forget();
            if (!segments.TryGetValue(file.First, out IndexedSegment? segment))
            {
                segment = new IndexedSegment(file.First);
                segments.Add(file.First, segment);
            }

            if (!segment.GaveUp)
            {
                ReadOn(segment, file, Math.Min(through, file.Last), cancellation);
            }

            if (segment.GaveUp)
            {
                return false;
            }

            segment.Find(hash, from, through, blocks);
            return true;
        }
    }

    /// <summary>Lets go of segments that are archived or gone; an archive answers for them.</summary>
    private void Forget()
    {
        while (segments.Count > 0)
        {
            long first = segments.First().Key;
            if (journal.Files.TryLocate(first, archived: true, out JournalFile file) && !file.IsArchive && file.First == first)
            {
                return;
            }

            segments.Remove(first);
        }
    }

    private void ReadOn(IndexedSegment segment, JournalFile file, long through, CancellationToken cancellation)
    {
        if (segment.Next > through)
        {
            return;
        }

        using SegmentReader reader = SegmentReader.Open(journal.Files.Disk, file.Name);
        if (segment.Next > file.First)
        {
            reader.Seek(segment.Offset);
        }
        else
        {
            segment.Offset = reader.Offset;
            segment.PreviousCrc = reader.Header.PreviousCrc;
        }

        while (segment.Next <= through)
        {
            cancellation.ThrowIfCancellationRequested();
            if (segments.Values.Sum(each => each.Bytes) > mostBytes)
            {
                segment.GiveUp();
                return;
            }

            if (reader.Read(segment.Next, segment.PreviousCrc, out BlockHeader header, out ReadOnlySpan<byte> records, out string flaw) != BlockFound.Block)
            {
                throw ArchiveReader.Damaged(file.Name, segment.Offset, flaw.Length > 0 ? flaw : $"the segment ends before position {through}.");
            }

            segment.Add(header, records, hashes, inBlock);
            segment.Offset = reader.Offset;
            segment.PreviousCrc = header.Crc;
            segment.Next = header.LastPosition + 1;
            BlocksRead++;
        }
    }

    private sealed class IndexedSegment(long firstPosition)
    {
        private readonly List<IndexedBlock> blocks = [];
        private readonly List<ulong> subjects = [];
        private readonly List<int> places = [];

        /// <summary>Position behind what was read.</summary>
        public long Next { get; set; } = firstPosition;

        public long Offset { get; set; }

        public uint PreviousCrc { get; set; }

        public bool GaveUp { get; private set; }

        public long Bytes => ((long)subjects.Capacity * 12) + ((long)blocks.Capacity * 32);

        /// <summary>Notes which subjects a block holds something about, each once.</summary>
        public void Add(in BlockHeader header, ReadOnlySpan<byte> records, List<ulong> found, HashSet<ulong> inBlock)
        {
            ReadOnlySpan<byte> rest = records;
            long timeMs = Record.Next(ref rest).TimeMs;
            inBlock.Clear();
            while (records.Length > 0)
            {
                rest = records;
                _ = Record.Next(ref rest);
                found.Clear();
                RecordParts.CollectSubjects(records[..^rest.Length], found);
                records = rest;
                foreach (ulong subject in found)
                {
                    if (inBlock.Add(subject))
                    {
                        subjects.Add(subject);
                        places.Add(blocks.Count);
                    }
                }
            }

            blocks.Add(new IndexedBlock(Offset, header.FirstPosition, header.LastPosition, PreviousCrc, timeMs));
        }

        public void Find(ulong? hash, long from, long through, List<IndexedBlock> into)
        {
            if (hash is not { } wanted)
            {
                into.AddRange(blocks.Where(block => block.LastPosition >= from && block.FirstPosition <= through));
                return;
            }

            ReadOnlySpan<ulong> rest = CollectionsMarshal.AsSpan(subjects);
            int passed = 0;
            for (int at = rest.IndexOf(wanted); at >= 0; at = rest.IndexOf(wanted))
            {
                IndexedBlock block = blocks[places[passed + at]];
                if (block.LastPosition >= from && block.FirstPosition <= through)
                {
                    into.Add(block);
                }

                passed += at + 1;
                rest = rest[(at + 1)..];
            }
        }

        public void GiveUp()
        {
            GaveUp = true;
            blocks.Clear();
            subjects.Clear();
            places.Clear();
            blocks.TrimExcess();
            subjects.TrimExcess();
            places.TrimExcess();
        }
    }
}

/// <summary>A block of a segment that was read once.</summary>
/// <param name="Offset">Where it begins in the file.</param>
/// <param name="FirstPosition">Of its records.</param>
/// <param name="LastPosition">Of its records.</param>
/// <param name="PreviousCrc">CRC of the block before.</param>
/// <param name="TimeMs">Time of its first record.</param>
internal readonly record struct IndexedBlock(long Offset, long FirstPosition, long LastPosition, uint PreviousCrc, long TimeMs);
