using Streaming.Silo.Journal.Archives;

namespace Streaming.Silo.Journal;

/// <summary>
/// Reads the records on disk once more, in order, from one position to another: from segments, block by block, and from archives, as runs that are handed out like blocks. They were checked, and are again.
/// </summary>
internal sealed class JournalReplay : IDisposable
{
    private readonly SegmentStore store;
    private readonly long through;
    private readonly bool whole;
    private JournalFile file;
    private SegmentReader? segment;
    private ArchiveReader? archive;
    private ArchiveRecords? archived;
    private long next;
    private long expected;
    private uint previousCrc;

    /// <param name="store">Knows which file holds a position. It is asked for each file as it is come to, since files come and go meanwhile; one that is open is read to its end.</param>
    /// <param name="from">Position of the first record wanted.</param>
    /// <param name="through">The last.</param>
    /// <param name="whole">True where no record may be missing; else those that retention dropped are passed over.</param>
    public JournalReplay(SegmentStore store, long from, long through, bool whole)
    {
        this.store = store;
        this.through = through;
        this.whole = whole;
        From = from;
        next = from;
    }

    /// <summary>Position of the first record that somebody needs.</summary>
    public long From { get; }

    public bool Begun { get; private set; }

    /// <summary>Reads the next block or run; false where there is no more. The first may begin before the position wanted. The records are valid until the next call.</summary>
    public bool TryRead(out BlockHeader header, out ReadOnlySpan<byte> records)
    {
        header = default;
        records = default;
        if (next > through)
        {
            return false;
        }

        Begun = true;
        while (next <= through)
        {
            if (segment is null && archived is null && !TryOpen())
            {
                return false;
            }

            bool read = archived is not null ? TryReadRun(out header, out records) : TryReadBlock(out header, out records);
            if (!read)
            {
                Close();
                continue;
            }

            if (header.LastPosition < next)
            {
                continue;
            }

            if (whole && header.FirstPosition > next)
            {
                throw Missing(next, header.FirstPosition);
            }

            next = header.LastPosition + 1;
            return header.FirstPosition <= through;
        }

        return false;
    }

    public void Dispose() => Close();

    /// <summary>The next block of the segment; false at its end.</summary>
    private bool TryReadBlock(out BlockHeader header, out ReadOnlySpan<byte> records)
    {
        switch (segment!.Read(expected, previousCrc, out header, out records, out string flaw))
        {
            case BlockFound.Block:
                expected = header.LastPosition + 1;
                previousCrc = header.Crc;
                return true;
            case BlockFound.End when file.Last < long.MaxValue:
                next = Math.Max(next, file.Last + 1);
                return false;
            default:
                throw Changed(segment.Name, segment.Offset, flaw);
        }
    }

    /// <summary>The next run of the archive; false at its end.</summary>
    private bool TryReadRun(out BlockHeader header, out ReadOnlySpan<byte> records)
    {
        header = default;
        if (!archived!.TryRead(out records, out long firstPosition, out int count))
        {
            if (whole && next <= file.Last)
            {
                throw Missing(next, file.Last + 1);
            }

            next = Math.Max(next, file.Last + 1);
            return false;
        }

        header = new BlockHeader { ContentBytes = records.Length, Records = count, FirstPosition = firstPosition, DurableThrough = 0, PreviousCrc = 0 };
        return true;
    }

    private bool TryOpen()
    {
        while (store.TryLocate(next, archived: false, out file))
        {
            try
            {
                if (file.IsArchive)
                {
                    archive = ArchiveReader.Open(store.Disk, file.Name);
                    archived = new ArchiveRecords(archive, next);
                }
                else
                {
                    OpenSegment();
                }

                return true;
            }
            catch (FileNotFoundException)
            {
                // Retired since it was located, or archived. Unless it is still on the list, another file holds the position now.
                if (store.TryLocate(next, archived: false, out JournalFile again) && again == file)
                {
                    throw Changed(file.Name, 0, "the file is gone.");
                }
            }
        }

        return false;
    }

    private void OpenSegment()
    {
        SegmentReader opened = new(file.Name, store.Disk.Open(file.Name));
        string? flaw = opened.ReadHeader();
        if (flaw is not null)
        {
            opened.Dispose();
            throw Changed(file.Name, 0, flaw);
        }

        segment = opened;
        expected = file.First;
        previousCrc = opened.Header.PreviousCrc;
    }

    private void Close()
    {
        segment?.Dispose();
        segment = null;
        archive?.Dispose();
        archive = null;
        archived = null;
    }

    private JournalDamagedException Missing(long position, long found) =>
        new(file.Name, 0, $"records from position {position} on are needed, and the next one kept is {found}.", "Restore the stores and the journal from the same copy of the directory.");

    private static JournalDamagedException Changed(string file, long offset, string flaw) =>
        new(file, offset, flaw + " It was sound when the start checked it.", "Make sure that nothing else writes to the directory, check the disk, and start again.");
}
