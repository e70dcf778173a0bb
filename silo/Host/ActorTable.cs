using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>The resident actors of one worker by kind and UTF-8 key: a chained hash table, so that a lookup from record bytes allocates nothing.</summary>
/// <remarks>
/// One thread changes it. Another may call <see cref="Find"/> and <see cref="LetGoCount"/> meanwhile: chains are never a circle, since a cell is linked only before cells that were linked earlier, so a look ends; while the
/// table grows it may miss a cell that is there, and right after one was let go it may still find it.
/// </remarks>
internal sealed class ActorTable
{
    private const int LetGoCounts = 4096;

    private readonly uint[] letGo = new uint[LetGoCounts];
    private ActorCell?[] buckets = new ActorCell?[1024];

    public int Count { get; private set; }

    public ActorCell? Find(ActorKind kind, ReadOnlySpan<byte> key, ulong hash)
    {
        ActorCell?[] table = Volatile.Read(ref buckets);
        for (ActorCell? cell = table[hash & (ulong)(table.Length - 1)]; cell is not null; cell = cell.Next)
        {
            if (cell.Hash == hash && cell.Kind == kind && key.SequenceEqual(cell.KeyUtf8))
            {
                return cell;
            }
        }

        return null;
    }

    /// <summary>How often a cell was let go whose hash is near this one's: as long as it stays the same, whoever was resident still is.</summary>
    public uint LetGoCount(ulong hash) => Volatile.Read(ref letGo[hash % LetGoCounts]);

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
    /// Looks at a share of the buckets, one in <paramref name="share"/>, beginning at <paramref name="cursor"/>, and lets go of the actors for which <paramref name="mayGo"/> says so.
    /// Returns where the next sweep begins.
    /// </summary>
    public int Sweep(int cursor, int share, Func<ActorCell, bool> mayGo)
    {
        for (int i = 0; i <= buckets.Length / share; i++)
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

                // Before the cell goes: who still sees the old count finds the cell.
                Volatile.Write(ref letGo[cell.Hash % LetGoCounts], letGo[cell.Hash % LetGoCounts] + 1);
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
        ActorCell?[] larger = new ActorCell?[old.Length * 2];
        foreach (ActorCell? head in old)
        {
            ActorCell? cell = head;
            while (cell is not null)
            {
                ActorCell? next = cell.Next;
                ref ActorCell? bucket = ref larger[cell.Hash & (ulong)(larger.Length - 1)];
                cell.Next = bucket;
                bucket = cell;
                cell = next;
            }
        }

        Volatile.Write(ref buckets, larger);
    }
}
