using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>The resident actors of one worker by kind and UTF-8 key: a chained hash table, so that a lookup from record bytes allocates nothing.</summary>
internal sealed class ActorTable
{
    private ActorCell?[] buckets = new ActorCell?[1024];

    public int Count { get; private set; }

    public ActorCell? Find(ActorKind kind, ReadOnlySpan<byte> key, ulong hash)
    {
        for (ActorCell? cell = buckets[hash & (ulong)(buckets.Length - 1)]; cell is not null; cell = cell.Next)
        {
            if (cell.Hash == hash && cell.Kind == kind && key.SequenceEqual(cell.KeyUtf8))
            {
                return cell;
            }
        }

        return null;
    }

    public void Add(ActorCell cell)
    {
        if (Count >= buckets.Length)
        {
            Grow();
        }

        ref ActorCell? bucket = ref buckets[cell.Hash & (ulong)(buckets.Length - 1)];
        cell.Next = bucket;
        bucket = cell;
        Count++;
    }

    /// <summary>
    /// Looks at some buckets, beginning at <paramref name="cursor"/>, and lets go of the actors for which <paramref name="mayGo"/> says so.
    /// Returns where the next sweep begins.
    /// </summary>
    public int Sweep(int cursor, int bucketsToLookAt, Func<ActorCell, bool> mayGo)
    {
        for (int i = 0; i < bucketsToLookAt; i++)
        {
            cursor = (cursor + 1) & (buckets.Length - 1);
            ref ActorCell? link = ref buckets[cursor];
            ActorCell? previous = null;
            for (ActorCell? cell = link; cell is not null; cell = cell.Next)
            {
                if (!mayGo(cell))
                {
                    previous = cell;
                    continue;
                }

                if (previous is null)
                {
                    link = cell.Next;
                }
                else
                {
                    previous.Next = cell.Next;
                }

                Count--;
            }
        }

        return cursor;
    }

    private void Grow()
    {
        ActorCell?[] old = buckets;
        buckets = new ActorCell?[old.Length * 2];
        foreach (ActorCell? head in old)
        {
            ActorCell? cell = head;
            while (cell is not null)
            {
                ActorCell? next = cell.Next;
                ref ActorCell? bucket = ref buckets[cell.Hash & (ulong)(buckets.Length - 1)];
                cell.Next = bucket;
                bucket = cell;
                cell = next;
            }
        }
    }
}
