using System.Buffers.Binary;
using Streaming.Silo.Views;

namespace Streaming.Silo.Journal;

/// <summary>
/// Reads the journal's records in order: first those from disk, then those appended, as soon as they are appended or, for a follower of what is durable, once they are
/// on disk. It never waits; <see cref="InputJournal.Appended"/> and <see cref="InputJournal.DurableAdvanced"/> say when there may be more.
/// </summary>
/// <remarks>
/// One thread at a time uses a follower; <see cref="Position"/> and <see cref="ConsumedBytes"/> may be read by any. They only rise, so a stale value makes
/// others believe the follower further behind than it is: the journal then keeps an input waiting or a segment on disk a little longer, and nothing else.
/// </remarks>
internal sealed class JournalFollower : IRecordSource
{
    private readonly InputJournal journal;
    private readonly BlockPool pool;
    private readonly bool durableOnly;
    private ChainBlock block;
    private long position;
    private long consumedBytes;
    private int readBytes;
    private int readCount;
    private bool runIsOut;

    internal JournalFollower(InputJournal journal, BlockPool pool, ChainBlock first, long after, bool durableOnly)
    {
        this.journal = journal;
        this.pool = pool;
        this.durableOnly = durableOnly;
        block = first;
        position = after;
    }

    /// <summary>Position of the last record consumed: the run last handed out counts once the next is asked for, or <see cref="Release"/> is called.</summary>
    public long Position => Volatile.Read(ref position);

    /// <summary>Bytes of records consumed or passed over since the journal was opened.</summary>
    internal long ConsumedBytes => Volatile.Read(ref consumedBytes);

    /// <summary>
    /// Hands out the next run of whole records, <paramref name="count"/> of them at <paramref name="firstPosition"/> and up; false where there is none now.
    /// The bytes are valid until the next call of this or of <see cref="Release"/>.
    /// </summary>
    public bool TryRead(out ReadOnlySpan<byte> records, out long firstPosition, out int count)
    {
        Release();
        while (true)
        {
            ChainBlock? next = block.Next;
            (int bytes, int blockCount) = block.Published;
            if (blockCount > readCount && (!durableOnly || block.FirstPosition + blockCount - 1 <= journal.DurablePosition))
            {
                PassOver(bytes, blockCount);
                if (blockCount > readCount)
                {
                    records = block.Content(readBytes, bytes - readBytes);
                    firstPosition = block.FirstPosition + readCount;
                    count = blockCount - readCount;
                    readBytes = bytes;
                    readCount = blockCount;
                    runIsOut = true;
                    return true;
                }
            }

            // The next block was looked for before the figures were read, so where there is one they are final: nothing of this block is left out.
            if (blockCount > readCount || next is null)
            {
                Consumed(block.StreamStart + readBytes);
                records = default;
                firstPosition = 0;
                count = 0;
                return false;
            }

            ChainBlock passed = block;
            block = next;
            readBytes = 0;
            readCount = 0;
            if (passed.LetGo())
            {
                pool.Return(passed);
            }
        }
    }

    /// <summary>Gives the run back: it is consumed.</summary>
    public void Release()
    {
        if (!runIsOut)
        {
            return;
        }

        runIsOut = false;
        Volatile.Write(ref position, block.FirstPosition + readCount - 1);
        Consumed(block.StreamStart + readBytes);
    }

    private void Consumed(long bytes)
    {
        if (bytes != consumedBytes)
        {
            Volatile.Write(ref consumedBytes, bytes);
            journal.FollowerAdvanced();
        }
    }

    /// <summary>Passes over the records that the follower was told to begin behind. After its first run that is none.</summary>
    private void PassOver(int bytes, int blockCount)
    {
        long firstUnread = block.FirstPosition + readCount;
        if (firstUnread > position)
        {
            return;
        }

        if (block.FirstPosition + blockCount - 1 <= position)
        {
            readBytes = bytes;
            readCount = blockCount;
            return;
        }

        while (block.FirstPosition + readCount <= position)
        {
            readBytes += 4 + BinaryPrimitives.ReadInt32LittleEndian(block.Content(readBytes, 4));
            readCount++;
        }
    }
}
