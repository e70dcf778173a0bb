using System.Collections.Immutable;
using Streaming.Silo.Journal.Archives;

namespace Streaming.Silo.Journal;

/// <summary>A segment file: the position it begins at, its length and when it was begun.</summary>
internal readonly record struct Segment(long FirstPosition, long Bytes, long CreatedMs)
{
    public string Name => JournalLayout.SegmentName(FirstPosition);
}

/// <summary>The file that holds a position: a segment, or the archive of one.</summary>
/// <param name="Name">The file.</param>
/// <param name="IsArchive">True for an archive.</param>
/// <param name="First">Its first position.</param>
/// <param name="Last">Its last; of the newest segment, which still grows, the largest there is.</param>
internal readonly record struct JournalFile(string Name, bool IsArchive, long First, long Last);

/// <summary>Where the next block goes, as recovery found it.</summary>
/// <param name="Offset">Where in the newest segment.</param>
/// <param name="SegmentCrc">CRC of the newest segment's header.</param>
/// <param name="LastCrc">CRC of the last block.</param>
/// <param name="LastTimeMs">Time of the last record, in ms.</param>
internal readonly record struct JournalTail(long Offset, uint SegmentCrc, uint LastCrc, long LastTimeMs);

/// <summary>
/// The segment files that the journal writes: the newest, and a spare that is already allocated and becomes the next. So the disk can be full and
/// the records that accepted inputs still lead to have a segment to go to.
/// </summary>
/// <remarks>
/// Not thread-safe but for figures, lookups, retiring and what archives need, which take <c>listGate</c>: the journal's flusher and its retry timer come one at a time, under the journal's disk lock. Retiring
/// and archiving touch sealed segments alone, which the flusher never looks at again; that one does not take away what the other is about to replace, <c>filesGate</c> sees to, which is held for
/// renaming and deleting and taken before <c>listGate</c>.
/// Archives reach from the oldest position kept to some sealed segment without a gap, and segments from there, or from an earlier one that replay still needs, to the end.
/// A new segment's header is on disk before the file gets its name, and the name before the first block is written. So a file with a segment's name and no
/// sound header was damaged, unless nothing at all is in it.
/// </remarks>
internal sealed class SegmentStore : IDisposable
{
    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly IDisk disk;
    private readonly JournalOptions options;
    private readonly TimeProvider time;
    private readonly Lock listGate = new();
    private readonly Lock filesGate = new();
    private readonly List<Segment> segments;
    private ImmutableArray<ArchiveHeader> archives;

    /// <summary>The file that is being deleted, which is the oldest of its kind: it stays on its list until it is gone for certain, and nobody is sent to it any more.</summary>
    private string? retiring;
    private IDiskFile? current;
    private long currentBytes;
    private IDiskFile? spare;
    private long spareZeroed;
    private JournalTail tail;
    private long bytesWritten;
    private long syncs;
    private double lastSyncMs;
    private double slowSyncMs;
    private long slowSyncAt;

    public SegmentStore(IDisk disk, JournalOptions options, TimeProvider time, RecoveredJournal recovered)
    {
        this.disk = disk;
        this.options = options;
        this.time = time;
        segments = recovered.Segments;
        archives = recovered.Archives;
        tail = recovered.Tail;
        if (segments.Count > 0)
        {
            current = disk.Open(segments[^1].Name);
            currentBytes = current.Length;
        }
    }

    public bool HasSpare => spare is not null;

    public bool HasSegments => current is not null;

    public IDisk Disk => disk;

    /// <summary>The archives, oldest first. A list that was taken never changes.</summary>
    public ImmutableArray<ArchiveHeader> Archives
    {
        get
        {
            lock (listGate)
            {
                return archives;
            }
        }
    }

    /// <summary>Position of the oldest record of which anything is kept; <paramref name="next"/> where there is no file yet.</summary>
    public long OldestPosition(long next)
    {
        lock (listGate)
        {
            return archives.Length > 0 ? Math.Min(archives[0].FirstPosition, segments.Count > 0 ? segments[0].FirstPosition : next)
                : segments.Count > 0 ? segments[0].FirstPosition
                : next;
        }
    }

    /// <summary>The first position from which every record is kept, if perhaps without its raw payload; <paramref name="next"/> where there is no file yet.</summary>
    public long FirstPosition(long next)
    {
        lock (listGate)
        {
            return FirstWhole(archives, segments, next);
        }
    }

    /// <summary>The first position from which every record is kept. A segment that is still there holds what its archive may have lost.</summary>
    internal static long FirstWhole(ImmutableArray<ArchiveHeader> archives, List<Segment> segments, long next)
    {
        long first = segments.Count > 0 ? segments[0].FirstPosition : next;
        for (int i = archives.Length - 1; i >= 0; i--)
        {
            if (archives[i].FirstPosition >= first)
            {
                continue;
            }

            if (!archives[i].HasEveryRecord)
            {
                break;
            }

            first = archives[i].FirstPosition;
        }

        return first;
    }

    /// <summary>The file that holds a position, or the first behind it; false where there is none. Where both are there, the archive comes first if <paramref name="archived"/>, else the segment.</summary>
    public bool TryLocate(long position, bool archived, out JournalFile file)
    {
        lock (listGate)
        {
            bool inArchive = TryLocateArchive(position, out JournalFile archive);
            bool inSegment = TryLocateSegment(position, out JournalFile segment);
            bool archiveHolds = inArchive && archive.First <= position;
            bool segmentHolds = inSegment && segment.First <= position;
            bool takeArchive = archiveHolds != segmentHolds ? archiveHolds
                : inArchive != inSegment ? inArchive
                : archiveHolds || archive.First == segment.First ? archived
                : archive.First < segment.First;
            file = takeArchive ? archive : segment;
            return inArchive || inSegment;
        }
    }

    /// <summary>The oldest sealed segment that has no archive yet, and its last position; false where there is none.</summary>
    public bool TryFindUnarchived(out Segment segment, out long last)
    {
        lock (listGate)
        {
            long archivedThrough = archives.Length > 0 ? archives[^1].LastPosition : 0;
            for (int i = 0; i + 1 < segments.Count; i++)
            {
                if (segments[i].FirstPosition > archivedThrough)
                {
                    segment = segments[i];
                    last = segments[i + 1].FirstPosition - 1;
                    return true;
                }
            }
        }

        segment = default;
        last = 0;
        return false;
    }

    /// <summary>
    /// Gives a whole archive, which is on disk under its temporary name, its own name, and makes that durable. It follows the newest archive, or takes the place of one that is there. False where that has been
    /// retired meanwhile; then the file is deleted.
    /// </summary>
    public bool Put(ArchiveHeader header, bool isNew)
    {
        lock (filesGate)
        {
            bool wanted;
            lock (listGate)
            {
                wanted = isNew ? segments.Any(segment => segment.FirstPosition == header.FirstPosition) : archives.Any(archive => archive.FirstPosition == header.FirstPosition);
            }

            if (!wanted)
            {
                disk.Delete(ArchiveLayout.TemporaryName);
                return false;
            }

            disk.Replace(ArchiveLayout.TemporaryName, header.Name);
            disk.SyncDirectory();
            lock (listGate)
            {
                ArchiveHeader? replaced = archives.FirstOrDefault(archive => archive.FirstPosition == header.FirstPosition);
                archives = replaced is null ? archives.Add(header) : archives.Replace(replaced, header);
            }

            return true;
        }
    }

    /// <summary>Reads the records from one position, which is kept, to another, which is on disk.</summary>
    public JournalReplay Read(long from, long through) => new(this, from, through, whole: false);

    /// <summary>True where <see cref="Retire(long)"/> would delete something if nobody needed a record before <paramref name="before"/>.</summary>
    public bool HasRetirable(long before)
    {
        lock (listGate)
        {
            return ToRetire(before) is not null;
        }
    }

    /// <summary>Deletes what is left of an archive that was being written when the process ended.</summary>
    public void RemoveTemporary()
    {
        if (disk.List().Contains(ArchiveLayout.TemporaryName))
        {
            disk.Delete(ArchiveLayout.TemporaryName);
        }
    }

    /// <summary>
    /// Makes the spare where there is none. Returns why that did not succeed, or null. One left behind by an earlier run is taken again if nothing was written to it behind the header.
    /// </summary>
    public string? TryMakeSpare()
    {
        if (spare is not null)
        {
            return null;
        }

        spareZeroed = 0;
        if (disk.List().Contains(JournalLayout.SpareName))
        {
            SegmentReader found = new(JournalLayout.SpareName, disk.Open(JournalLayout.SpareName));
            if (found.File.Length == options.SegmentBytes && found.FindNonZero(JournalLayout.SegmentHeaderBytes) < 0)
            {
                spare = found.File;
                return null;
            }

            found.Dispose();
            disk.Delete(JournalLayout.SpareName);
        }

        try
        {
            spare = disk.Create(JournalLayout.SpareName, options.SegmentBytes);
        }
        catch (IOException exception)
        {
            return exception.Message;
        }

        disk.SyncDirectory();
        return null;
    }

    /// <summary>
    /// Writes zeros over the next part of the spare, where that was not done yet. A file system notes of an allocated block whether it was ever written, and a sync after the first write has to
    /// make that note durable as well, through the file system's own journal, which others load too; what was written before is synced without it. Called while there is
    /// nothing else to do, so that under full load the disk writes records alone. Where it fails, the spare serves as it is.
    /// </summary>
    public void ZeroSpare()
    {
        if (spare is null || spareZeroed >= options.SegmentBytes)
        {
            return;
        }

        int bytes = (int)Math.Min(Zeros.Length, options.SegmentBytes - spareZeroed);
        try
        {
            spare.Write(spareZeroed, Zeros.AsSpan(0, bytes));
            spare.BeginSync(spareZeroed, bytes);
            spareZeroed += bytes;
        }
        catch (IOException)
        {
            spareZeroed = options.SegmentBytes;
        }
    }

    /// <summary>Makes the spare the segment that begins at <paramref name="firstPosition"/>.</summary>
    public void Roll(long firstPosition)
    {
        IDiskFile next = spare ?? throw new JournalFailedException(
            $"The journal's last segment is full and there was no room on the disk for another of {options.SegmentBytes} bytes. Free some space and start again; nothing that was acknowledged is lost.");
        SegmentHeader header = new()
        {
            FirstPosition = firstPosition,
            PreviousCrc = tail.LastCrc,
            CreatedMs = Math.Max(tail.LastTimeMs, time.GetUtcNow().ToUnixTimeMilliseconds()),
            PreviousTimeMs = tail.LastTimeMs,
        };
        Span<byte> bytes = stackalloc byte[JournalLayout.SegmentHeaderBytes];
        uint crc = header.Write(bytes);
        next.Write(0, bytes);
        next.Sync();
        string name = JournalLayout.SegmentName(firstPosition);
        disk.Rename(JournalLayout.SpareName, name);
        disk.SyncDirectory();
        spare = null;
        current?.Dispose();
        current = next;
        currentBytes = next.Length;
        tail = tail with { Offset = JournalLayout.SegmentHeaderBytes, SegmentCrc = crc };
        lock (listGate)
        {
            segments.Add(new Segment(firstPosition, currentBytes, header.CreatedMs));
            bytesWritten += bytes.Length;
            syncs++;
        }
    }

    /// <summary>Completes a block (its records being in place), writes it in one piece and syncs it. When this returns, it is durable.</summary>
    public void Append(Span<byte> block, int contentBytes, int records, long firstPosition, long durableThrough, long lastTimeMs)
    {
        if (tail.Offset + block.Length > currentBytes)
        {
            Roll(firstPosition);
        }

        BlockHeader header = new()
        {
            ContentBytes = contentBytes,
            Records = records,
            FirstPosition = firstPosition,
            DurableThrough = durableThrough,
            PreviousCrc = tail.LastCrc,
        };
        uint crc = header.Complete(block, tail.SegmentCrc);
        current!.Write(tail.Offset, block);
        long started = time.GetTimestamp();
        current.Sync();
        tail = tail with { Offset = tail.Offset + block.Length, LastCrc = crc, LastTimeMs = lastTimeMs };
        lock (listGate)
        {
            bytesWritten += block.Length;
            syncs++;
            lastSyncMs = time.GetElapsedTime(started).TotalMilliseconds;
            if (lastSyncMs > SiloLimits.JournalSlowSyncMs)
            {
                slowSyncMs = Math.Max(lastSyncMs, SlowSyncMs);
                slowSyncAt = time.GetTimestamp();
            }
        }
    }

    /// <summary>
    /// Deletes files that nobody needs, all their records lying before <paramref name="before"/>: segments that are archived, and the oldest of all while more than the retention size is kept. The newest segment stays.
    /// Each deletion is made durable before the next: were a later one kept and an earlier one lost, a hole would be left. Returns how many went.
    /// </summary>
    public int Retire(long before) => Retire(() => ToRetire(before));

    /// <summary>Deletes the oldest archives whose every section has outlived its age at <paramref name="nowMs"/>, as far as nobody needs a record of them.</summary>
    public int RetireAged(long before, RetentionAges ages, long nowMs) => Retire(() =>
        archives.Length > 0 && archives[0].LastPosition < before && (segments.Count == 0 || archives[0].FirstPosition < segments[0].FirstPosition) && ages.AllOver(archives[0], nowMs)
            ? archives[0].Name
            : null);

    private int Retire(Func<string?> choose)
    {
        int deleted = 0;
        while (true)
        {
            lock (filesGate)
            {
                string? name;
                lock (listGate)
                {
                    name = choose();
                    retiring = name ?? retiring;
                }

                if (name is null)
                {
                    return deleted;
                }

                // It stays on the list until it is gone for certain, so that a failed deletion is tried again and leaves no gap.
                if (disk.List().Contains(name))
                {
                    disk.Delete(name);
                }

                disk.SyncDirectory();
                lock (listGate)
                {
                    if (archives.Length > 0 && archives[0].Name == name)
                    {
                        archives = archives.RemoveAt(0);
                    }
                    else
                    {
                        segments.RemoveAt(0);
                    }

                    retiring = null;
                }
            }

            deleted++;
        }
    }

    /// <summary>The file to delete next, or null. Under <c>listGate</c>.</summary>
    private string? ToRetire(long before)
    {
        bool segmentIsFree = segments.Count >= 2 && segments[1].FirstPosition <= before;
        bool archivesComeFirst = archives.Length > 0 && archives[0].FirstPosition < segments[0].FirstPosition;
        if (segmentIsFree && archives.Length > 0 && segments[0].FirstPosition <= archives[^1].LastPosition)
        {
            return segments[0].Name;
        }

        if (DiskBytes <= options.RetentionBytes)
        {
            return null;
        }

        return archivesComeFirst
            ? archives[0].LastPosition < before ? archives[0].Name : null
            : segmentIsFree ? segments[0].Name : null;
    }

    private bool TryLocateArchive(long position, out JournalFile file)
    {
        (int low, int high) = (archives.Length > 0 && archives[0].Name == retiring ? 1 : 0, archives.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (archives[middle].LastPosition < position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        file = low < archives.Length ? new JournalFile(archives[low].Name, IsArchive: true, archives[low].FirstPosition, archives[low].LastPosition) : default;
        return low < archives.Length;
    }

    private bool TryLocateSegment(long position, out JournalFile file)
    {
        int oldest = segments.Count > 0 && segments[0].Name == retiring ? 1 : 0;
        for (int i = segments.Count - 1; i >= oldest; i--)
        {
            if (segments[i].FirstPosition <= position || i == oldest)
            {
                file = new JournalFile(segments[i].Name, IsArchive: false, segments[i].FirstPosition, i + 1 < segments.Count ? segments[i + 1].FirstPosition - 1 : long.MaxValue);
                return true;
            }
        }

        file = default;
        return false;
    }

    public JournalFigures Figures()
    {
        lock (listGate)
        {
            return new JournalFigures
            {
                DiskBytes = DiskBytes,
                Segments = segments.Count,
                Syncs = syncs,
                BytesWritten = bytesWritten,
                LastSyncMs = lastSyncMs,
                SlowSyncMs = SlowSyncMs,
                OldestMs = archives.Length > 0 ? archives[0].CreatedMs : segments.Count > 0 ? segments[0].CreatedMs : 0,
                Archives = archives.Length,
                ArchiveBytes = archives.Sum(archive => archive.FileBytes),
                ArchivedBytes = archives.Sum(archive => archive.ContentBytes),
            };
        }
    }

    public void Dispose()
    {
        current?.Dispose();
        spare?.Dispose();
    }

    private double SlowSyncMs => slowSyncMs > 0 && time.GetElapsedTime(slowSyncAt).TotalMilliseconds < SiloLimits.JournalSlowSyncForMs ? slowSyncMs : 0;

    private long DiskBytes
    {
        get
        {
            long bytes = spare is null ? 0 : options.SegmentBytes;
            foreach (Segment segment in segments)
            {
                bytes += segment.Bytes;
            }

            foreach (ArchiveHeader archive in archives)
            {
                bytes += archive.FileBytes;
            }

            return bytes;
        }
    }
}
