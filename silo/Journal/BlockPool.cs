namespace Streaming.Silo.Journal;

/// <summary>Memory that one or more blocks lie in, one behind the other.</summary>
internal sealed class BlockBuffer(int bytes)
{
    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(bytes);

    /// <summary>Blocks that lie in it; guarded by the pool's lock.</summary>
    public int Uses { get; set; }
}

/// <summary>
/// A block in memory: records, with room before them for the header and behind them for the padding, so that it is written to disk as it lies here.
/// </summary>
/// <remarks>
/// Who may touch what. The appender (under the journal's lock) fills the last block of the chain and announces what it copied by <see cref="Publish"/>, a volatile
/// write; a reader that sees the new figure sees the bytes. Bytes once announced never change, but for header and padding, which no follower looks at and the flusher
/// writes after the block is sealed. <see cref="Next"/> is set when the block is sealed, after its last <see cref="Publish"/>: a reader that sees a next block and then
/// reads <see cref="Published"/> sees the final figure. The block is reused when everyone that holds it (each follower, and the flusher) has let go; whoever
/// holds a block holds, through <see cref="Next"/>, all later ones, since nobody else can pass them in its place.
/// </remarks>
internal sealed class ChainBlock
{
    private long published;
    private volatile ChainBlock? next;
    private int holds;

    public BlockBuffer? Buffer { get; set; }

    /// <summary>Where in the buffer the block's header begins.</summary>
    public int Start { get; set; }

    /// <summary>Bytes of records that fit.</summary>
    public int Room { get; set; }

    /// <summary>Position of the first record.</summary>
    public long FirstPosition { get; set; }

    /// <summary>Bytes of records in the chain before this block, since the journal was opened.</summary>
    public long StreamStart { get; set; }

    /// <summary>Time of the last record, in ms.</summary>
    public long LastTimeMs { get; set; }

    /// <summary>Completes when the block is on disk; made when someone waits. Guarded by the journal's lock.</summary>
    public TaskCompletionSource? OnDisk { get; set; }

    public ChainBlock? Next
    {
        get => next;
        set => next = value;
    }

    public (int Bytes, int Count) Published
    {
        get
        {
            long value = Volatile.Read(ref published);
            return ((int)value, (int)(value >> 32));
        }
    }

    /// <summary>Position of the last record; of the one before the first while the block is empty.</summary>
    public long LastPosition => FirstPosition + Published.Count - 1;

    public Span<byte> Content(int offset, int count) => Buffer!.Bytes.AsSpan(Start + JournalLayout.BlockHeaderBytes + offset, count);

    public void Publish(int bytes, int count) => Volatile.Write(ref published, ((long)count << 32) | (uint)bytes);

    public void Reset(int holders, long firstPosition, long streamStart)
    {
        holds = holders;
        FirstPosition = firstPosition;
        StreamStart = streamStart;
        LastTimeMs = 0;
        OnDisk = null;
        next = null;
        Volatile.Write(ref published, 0);
    }

    /// <summary>True where that was the last hold.</summary>
    public bool LetGo() => Interlocked.Decrement(ref holds) == 0;
}

/// <summary>
/// Keeps blocks and buffers for reuse. Several small blocks share a buffer: a group commit of one record costs its own bytes and not a whole buffer,
/// however many such blocks a slow follower is behind. Thread-safe.
/// </summary>
internal sealed class BlockPool(int bufferBytes)
{
    private const int FreeBlocks = 4096;

    private readonly Lock gate = new();
    private readonly Stack<ChainBlock> blocks = new();
    private readonly Stack<BlockBuffer> buffers = new();

    /// <summary>Bytes of records that fit into a block that has a buffer to itself.</summary>
    public int FullRoom => bufferBytes - JournalLayout.BlockHeaderBytes;

    /// <summary>A block with room for at least <paramref name="room"/> bytes, behind <paramref name="before"/> in its buffer where that has enough left.</summary>
    public ChainBlock Rent(ChainBlock? before, int room)
    {
        lock (gate)
        {
            ChainBlock block = blocks.Count > 0 ? blocks.Pop() : new ChainBlock();
            if (before is { Buffer: { } shared })
            {
                int start = before.Start + JournalLayout.BlockBytes(before.Published.Bytes);
                int left = shared.Bytes.Length - start - JournalLayout.BlockHeaderBytes;
                if (left >= room && left >= bufferBytes / 8)
                {
                    Place(block, shared, start);
                    return block;
                }
            }

            Place(block, RentBuffer(room), 0);
            return block;
        }
    }

    /// <summary>Gives an empty block more room. Nobody looks into the buffer of a block that has announced nothing.</summary>
    public void Enlarge(ChainBlock empty, int room)
    {
        lock (gate)
        {
            ReturnBuffer(empty.Buffer!);
            Place(empty, RentBuffer(room), 0);
        }
    }

    public void Return(ChainBlock block)
    {
        lock (gate)
        {
            ReturnBuffer(block.Buffer!);
            block.Buffer = null;
            block.OnDisk = null;
            block.Next = null;
            if (blocks.Count < FreeBlocks)
            {
                blocks.Push(block);
            }
        }
    }

    private static void Place(ChainBlock block, BlockBuffer buffer, int start)
    {
        buffer.Uses++;
        block.Buffer = buffer;
        block.Start = start;
        block.Room = buffer.Bytes.Length - start - JournalLayout.BlockHeaderBytes;
    }

    private BlockBuffer RentBuffer(int room)
    {
        int bytes = JournalLayout.BlockBytes(room);
        if (bytes > bufferBytes)
        {
            return new BlockBuffer(bytes);
        }

        return buffers.Count > 0 ? buffers.Pop() : new BlockBuffer(bufferBytes);
    }

    private void ReturnBuffer(BlockBuffer buffer)
    {
        buffer.Uses--;
        if (buffer.Uses == 0 && buffer.Bytes.Length == bufferBytes && buffers.Count < SiloLimits.JournalFreeBuffers)
        {
            buffers.Push(buffer);
        }
    }
}
