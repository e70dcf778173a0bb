namespace Streaming.Silo.Journal;

/// <summary>Reads the blocks found on disk once more, in order, from the one that holds a position to the last. They were checked a moment ago, and are again.</summary>
internal sealed class JournalReplay(IDisk disk, RecoveredJournal recovered, long from) : IDisposable
{
    // The store changes its own list as segments come and go.
    private readonly Segment[] segments = [.. recovered.Segments];
    private SegmentReader? reader;
    private int next = -1;
    private long expected;
    private uint previousCrc;

    /// <summary>Position of the first record that somebody needs.</summary>
    public long From => from;

    public bool Begun => next >= 0;

    /// <summary>Reads the next block; false where there is no more. The records are valid until the next call.</summary>
    public bool TryRead(out BlockHeader header, out ReadOnlySpan<byte> records)
    {
        header = default;
        records = default;
        if (from > recovered.End)
        {
            return false;
        }

        if (next < 0)
        {
            next = 0;
            while (next + 1 < segments.Length && segments[next + 1].FirstPosition <= from)
            {
                next++;
            }

            expected = segments[next].FirstPosition;
        }

        while (expected <= recovered.End)
        {
            reader ??= Open();
            switch (reader.Read(expected, previousCrc, out header, out records, out string flaw))
            {
                case BlockFound.Block:
                    expected = header.LastPosition + 1;
                    previousCrc = header.Crc;
                    if (header.LastPosition >= from)
                    {
                        return true;
                    }

                    break;
                case BlockFound.End when next < segments.Length:
                    reader.Dispose();
                    reader = null;
                    break;
                default:
                    throw Changed(reader.Name, reader.Offset, flaw);
            }
        }

        return false;
    }

    public void Dispose()
    {
        reader?.Dispose();
        reader = null;
    }

    private SegmentReader Open()
    {
        string name = segments[next].Name;
        next++;
        SegmentReader opened = new(name, disk.Open(name));
        string? flaw = opened.ReadHeader();
        if (flaw is not null)
        {
            opened.Dispose();
            throw Changed(name, 0, flaw);
        }

        previousCrc = opened.Header.PreviousCrc;
        return opened;
    }

    private static JournalDamagedException Changed(string file, long offset, string flaw) =>
        new(file, offset, flaw + " It was sound when the start checked it.", "Make sure that nothing else writes to the directory, check the disk, and start again.");
}
