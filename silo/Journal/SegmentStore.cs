namespace Streaming.Silo.Journal;

/// <summary>A segment file: the position it begins at, its length and when it was begun.</summary>
internal readonly record struct Segment(long FirstPosition, long Bytes, long CreatedMs)
{
    public string Name => JournalLayout.SegmentName(FirstPosition);
}

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
/// Not thread-safe but for the figures and <see cref="Retire"/>, which take <c>listGate</c>: the journal's flusher and its retry timer come one at a time, under the journal's disk lock. Retiring
/// touches sealed segments alone, which the flusher never looks at again.
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
    private readonly List<Segment> segments;
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

    public SegmentStore(IDisk disk, JournalOptions options, TimeProvider time, List<Segment> segments, JournalTail tail)
    {
        this.disk = disk;
        this.options = options;
        this.time = time;
        this.segments = segments;
        this.tail = tail;
        if (segments.Count > 0)
        {
            current = disk.Open(segments[^1].Name);
            currentBytes = current.Length;
        }
    }

    public bool HasSpare => spare is not null;

    public bool HasSegments => current is not null;

    /// <summary>Position of the oldest record kept; <paramref name="next"/> where there is no segment yet.</summary>
    public long FirstPosition(long next)
    {
        lock (listGate)
        {
            return segments.Count > 0 ? segments[0].FirstPosition : next;
        }
    }

    /// <summary>Reads the records from one position, which is kept, to another, which is on disk.</summary>
    public JournalReplay Read(long from, long through)
    {
        lock (listGate)
        {
            return new JournalReplay(disk, new RecoveredJournal([.. segments], default, through), from);
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
    /// Deletes the oldest segments as long as nobody needs them (all their records lie before <paramref name="before"/>) and more than the retention size is kept. The newest stays.
    /// Each deletion is made durable before the next: were a later one kept and an earlier one lost, a hole would be left. Returns how many went.
    /// </summary>
    public int Retire(long before)
    {
        int deleted = 0;
        while (true)
        {
            Segment oldest;
            lock (listGate)
            {
                if (segments.Count < 2 || segments[1].FirstPosition > before || DiskBytes <= options.RetentionBytes)
                {
                    return deleted;
                }

                oldest = segments[0];
            }

            // It stays on the list until it is gone for certain, so that a failed deletion is tried again and leaves no gap. One thread retires.
            if (disk.List().Contains(oldest.Name))
            {
                disk.Delete(oldest.Name);
            }

            disk.SyncDirectory();
            lock (listGate)
            {
                segments.RemoveAt(0);
            }

            deleted++;
        }
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
                OldestMs = segments.Count > 0 ? segments[0].CreatedMs : 0,
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

            return bytes;
        }
    }
}
