using System.Buffers;

namespace Streaming.Silo.Journal;

/// <summary>What lies where a block could begin.</summary>
internal enum BlockFound
{
    Block,

    /// <summary>Zeros, or too little room for a block: the segment's records end here.</summary>
    End,

    /// <summary>Something that is not the block that has to follow.</summary>
    Flaw,
}

/// <summary>Reads one segment from its beginning, block by block, and searches it. Used at the start, for replay and by <c>verify</c>.</summary>
internal sealed class SegmentReader(string name, IDiskFile file) : IDisposable
{
    private const int WindowBytes = 1024 * 1024;

    private readonly long length = file.Length;
    private byte[] window = [];
    private long windowStart;
    private int windowBytes;

    public string Name { get; } = name;

    public IDiskFile File => file;

    public SegmentHeader Header { get; private set; }

    /// <summary>Where the next block is expected.</summary>
    public long Offset { get; private set; }

    /// <summary>Time of the last record read, in ms.</summary>
    public long LastTimeMs { get; private set; }

    /// <summary>Opens a segment whose header is sound. Throws <see cref="FileNotFoundException"/> where it is gone, and <see cref="JournalDamagedException"/>.</summary>
    public static SegmentReader Open(IDisk disk, string name)
    {
        SegmentReader reader = new(name, disk.Open(name));
        string? flaw = reader.ReadHeader();
        if (flaw is null)
        {
            return reader;
        }

        reader.Dispose();
        throw new JournalDamagedException(name, 0, flaw, "Restore this file from a copy of the directory, or run `verify` on it to see all of the damage.");
    }

    /// <summary>Returns what is wrong with the segment's header, or null.</summary>
    public string? ReadHeader()
    {
        string? flaw = SegmentHeader.Read(View(0, JournalLayout.SegmentHeaderBytes), out SegmentHeader header);
        Header = header;
        if (flaw is not null)
        {
            return flaw;
        }

        LastTimeMs = header.PreviousTimeMs;
        Offset = JournalLayout.SegmentHeaderBytes;
        return JournalLayout.SegmentName(header.FirstPosition) == Name ? null : $"its header says that it begins at position {header.FirstPosition}, its name says otherwise.";
    }

    /// <summary>Reads the block at <see cref="Offset"/>, which has to begin at <paramref name="expected"/> and follow a block with <paramref name="previousCrc"/>, and goes past it.</summary>
    public BlockFound Read(long expected, uint previousCrc, out BlockHeader header, out ReadOnlySpan<byte> records, out string flaw)
    {
        header = default;
        records = default;
        flaw = "";
        ReadOnlySpan<byte> unit = View(Offset, JournalLayout.Alignment);
        if (unit.Length < JournalLayout.Alignment || unit[..JournalLayout.Alignment].IndexOfAnyExcept((byte)0) < 0)
        {
            return BlockFound.End;
        }

        if (!BlockHeader.TryRead(unit, out header) || !TryReadBlock(Offset, out header, out ReadOnlySpan<byte> block))
        {
            flaw = $"the block for position {expected} is incomplete or was changed (its checksum does not match).";
            return BlockFound.Flaw;
        }

        if (header.FirstPosition != expected || header.PreviousCrc != previousCrc || header.DurableThrough >= header.FirstPosition)
        {
            flaw = $"the block for position {expected} is expected; a block for position {header.FirstPosition} that does not follow the one before lies there.";
            return BlockFound.Flaw;
        }

        records = block.Slice(JournalLayout.BlockHeaderBytes, header.ContentBytes);
        string? recordFlaw = JournalLayout.CheckRecords(records, out int count, out long lastTimeMs);
        if (recordFlaw is not null || count != header.Records)
        {
            flaw = $"in the block for position {expected} " + (recordFlaw ?? $"there are {count} records where its header says {header.Records}.");
            return BlockFound.Flaw;
        }

        LastTimeMs = lastTimeMs;
        Offset += header.BlockBytes;
        return BlockFound.Block;
    }

    /// <summary>
    /// Searches from <paramref name="from"/> on for a sound block that says that <paramref name="position"/> was durable when it was written. Returns its offset, or -1.
    /// </summary>
    public long FindDurable(long from, long position)
    {
        for (long offset = FindNonZero(from); offset >= 0; offset = FindNonZero(offset + JournalLayout.Alignment))
        {
            if (BlockHeader.TryRead(View(offset, JournalLayout.Alignment), out BlockHeader candidate)
                && candidate.DurableThrough >= position
                && TryReadBlock(offset, out _, out _))
            {
                return offset;
            }
        }

        return -1;
    }

    /// <summary>The first place from <paramref name="from"/> on, a multiple of the alignment, that is not all zeros; -1 where all is zero.</summary>
    public long FindNonZero(long from)
    {
        while (from < length)
        {
            ReadOnlySpan<byte> part = View(from, 1);
            int index = part.IndexOfAnyExcept((byte)0);
            if (index >= 0)
            {
                return from + (index & -JournalLayout.Alignment);
            }

            from += part.Length;
        }

        return -1;
    }

    /// <summary>Behind the last byte from <paramref name="from"/> on that is not zero; <paramref name="from"/> where all is zero.</summary>
    public long FindEndOfNonZero(long from)
    {
        long end = from;
        while (from < length)
        {
            ReadOnlySpan<byte> part = View(from, 1);
            int index = part.LastIndexOfAnyExcept((byte)0);
            if (index >= 0)
            {
                end = from + index + 1;
            }

            from += part.Length;
        }

        return end;
    }

    /// <summary>Goes to a block that was found earlier.</summary>
    public void Seek(long offset) => Offset = offset;

    /// <summary>Forgets what was read ahead: the file may have changed.</summary>
    public void Refresh() => windowBytes = 0;

    public void Dispose()
    {
        GiveBack();
        file.Dispose();
    }

    /// <summary>A start reads hundreds of segments; their windows would keep the garbage collector busy with large objects.</summary>
    private void GiveBack()
    {
        if (window.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(window);
            window = [];
            windowBytes = 0;
        }
    }

    /// <summary>The whole block at an offset, where its checksum is right. The position is not looked at.</summary>
    private bool TryReadBlock(long offset, out BlockHeader header, out ReadOnlySpan<byte> block)
    {
        block = default;
        if (!BlockHeader.TryRead(View(offset, JournalLayout.Alignment), out header) || header.BlockBytes > length - offset)
        {
            return false;
        }

        block = View(offset, header.BlockBytes);
        if (block.Length < header.BlockBytes)
        {
            return false;
        }

        block = block[..header.BlockBytes];

        // The header that counts is the one under the checksum: the file may have been written to between the two looks.
        return BlockHeader.TryRead(block, out BlockHeader again) && again == header && header.Matches(block, Header.Crc);
    }

    /// <summary>The bytes at an offset: at least <paramref name="count"/> of them, unless the file ends before; more where they are at hand.</summary>
    private ReadOnlySpan<byte> View(long offset, int count)
    {
        count = (int)Math.Min(count, length - offset);
        if (count <= 0)
        {
            return default;
        }

        if (offset < windowStart || offset + count > windowStart + windowBytes)
        {
            if (window.Length < count)
            {
                GiveBack();
                window = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, Math.Max(WindowBytes, count)));
            }

            windowStart = offset;
            windowBytes = 0;
            while (windowBytes < window.Length)
            {
                int read = file.Read(offset + windowBytes, window.AsSpan(windowBytes));
                if (read == 0)
                {
                    break;
                }

                windowBytes += read;
            }
        }

        return window.AsSpan((int)(offset - windowStart), windowBytes - (int)(offset - windowStart));
    }
}
