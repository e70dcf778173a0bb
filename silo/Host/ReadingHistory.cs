using Streaming.Models.Encoding;

namespace Streaming.Silo.Host;

/// <summary>
/// The identities of the readings that one worker's actors were given, newest part in memory, older ones in <see cref="HistoryFiles"/>.
/// It answers the question that a subject's ring of the 16 newest cannot: was this older reading seen before?
/// Used by its worker alone; parts that are full are handed to the checkpointer, which reads them and changes nothing in them.
/// </summary>
internal sealed class ReadingHistory(HistoryFiles files, int partCapacity)
{
    private const int ElementBits = HistoryPart.ElementBits;

    private readonly Queue<HistoryPart> saving = new();
    private readonly Stack<HistoryPart> empty = new();
    private HistoryPart active = new(partCapacity);

    /// <summary>First position whose readings are in no file yet, or null where all are.</summary>
    public long? UnsavedSince => saving.TryPeek(out HistoryPart? oldest) ? oldest.FirstPosition : active.Count > 0 ? active.FirstPosition : null;

    /// <summary>True where the active part should be handed over with <see cref="Seal"/>.</summary>
    public bool Full => active.Count >= partCapacity;

    public bool HasUnsealed => active.Count > 0;

    /// <summary>
    /// Where a reading stands among all: its record's position and its number within it, as one number that rises. So of one reading that a payload
    /// holds twice, the second finds the first.
    /// </summary>
    public static long Order(long position, int element) => (position << ElementBits) | (long)element;

    /// <summary>One number for subject and reading; two that differ have the same with probability 2^-64.</summary>
    public static ulong Identity(ulong subjectHash, ulong idHash) => StableHash.Combine(subjectHash, idHash);

    public void Add(ulong identity, long order, long atMs) => active.Add(identity, order, atMs);

    public bool Contains(ulong identity, long before)
    {
        if (active.Contains(identity, before))
        {
            return true;
        }

        foreach (HistoryPart part in saving)
        {
            if (part.Contains(identity, before))
            {
                return true;
            }
        }

        return files.Contains(identity, before);
    }

    /// <summary>Closes the active part; it stays searchable here until <see cref="Saved"/>.</summary>
    public HistoryPart Seal()
    {
        HistoryPart part = active;
        saving.Enqueue(part);
        active = empty.TryPop(out HistoryPart? reused) ? reused : new HistoryPart(partCapacity);
        return part;
    }

    /// <summary>The oldest sealed part is in a file now. Its memory is used again, which at full load spares tens of megabytes a second.</summary>
    public void Saved()
    {
        HistoryPart part = saving.Dequeue();
        part.Clear();
        empty.Push(part);
    }
}

/// <summary>A run of identities with the order they came in at (<see cref="ReadingHistory.Order"/>), rising.</summary>
internal sealed class HistoryPart(int capacity)
{
    /// <summary>Bits of an order that number the reading within its record; a payload holds fewer than 2^14 readings.</summary>
    public const int ElementBits = 14;

    /// <summary>Places that <see cref="CopySorted"/> divides a part into: a few entries each where the part is full.</summary>
    public const int Places = 1 << PlaceBits;
    private const int PlaceBits = 18;
    private const int FewInPlace = 24;

    private ulong[] identities = new ulong[Math.Min(capacity, 1024)];
    private long[] orders = new long[Math.Min(capacity, 1024)];
    private Dictionary<ulong, long>? firstSeen;
    private int indexed;

    public int Count { get; private set; }

    public long FirstPosition => orders[0] >> ElementBits;

    public long LastPosition => orders[Count - 1] >> ElementBits;

    /// <summary>The newest of the readings' own times, ms.</summary>
    public long NewestAtMs { get; private set; } = long.MinValue;

    public void Add(ulong identity, long order, long atMs)
    {
        NewestAtMs = Math.Max(NewestAtMs, atMs);
        if (Count == identities.Length)
        {
            Array.Resize(ref identities, Count * 2);
            Array.Resize(ref orders, Count * 2);
        }

        identities[Count] = identity;
        orders[Count] = order;
        Count++;
    }

    /// <summary>Looks the identity up. The table behind it is made only when somebody asks, and continued from there: most parts are never asked.</summary>
    public bool Contains(ulong identity, long before)
    {
        firstSeen ??= [];
        for (; indexed < Count; indexed++)
        {
            firstSeen.TryAdd(identities[indexed], orders[indexed]);
        }

        return firstSeen.TryGetValue(identity, out long order) && order < before;
    }

    /// <summary>
    /// Copies both columns, sorted by identity. Identities are hashes, so a first step by their first bits leaves a few in each place, which takes about a third of the time of a sort by comparison; whoever makes ids whose
    /// hashes crowd in one place gets that sort for it.
    /// </summary>
    /// <param name="keys">Gets the identities.</param>
    /// <param name="values">Gets their orders.</param>
    /// <param name="ends">Room for the number of places and one more.</param>
    public void CopySorted(Span<ulong> keys, Span<long> values, Span<int> ends)
    {
        int shift = 64 - PlaceBits;
        ends = ends[..(Places + 1)];
        ends.Clear();
        foreach (ulong identity in identities.AsSpan(0, Count))
        {
            ends[(int)(identity >> shift) + 1]++;
        }

        for (int place = 1; place <= Places; place++)
        {
            ends[place] += ends[place - 1];
        }

        for (int i = 0; i < Count; i++)
        {
            // What was the beginning of the place becomes its end.
            int at = ends[(int)(identities[i] >> shift)]++;
            keys[at] = identities[i];
            values[at] = orders[i];
        }

        int begin = 0;
        foreach (int end in ends[..Places])
        {
            if (end - begin > FewInPlace)
            {
                keys[begin..end].Sort(values[begin..end]);
            }
            else
            {
                SortFew(keys[begin..end], values[begin..end]);
            }

            begin = end;
        }
    }

    private static void SortFew(Span<ulong> keys, Span<long> values)
    {
        for (int i = 1; i < keys.Length; i++)
        {
            (ulong key, long value) = (keys[i], values[i]);
            int place = i;
            for (; place > 0 && keys[place - 1] > key; place--)
            {
                keys[place] = keys[place - 1];
                values[place] = values[place - 1];
            }

            (keys[place], values[place]) = (key, value);
        }
    }

    public void Clear()
    {
        Count = 0;
        NewestAtMs = long.MinValue;
        indexed = 0;
        firstSeen = null;
    }
}
