using Streaming.Models.Encoding;

namespace Streaming.Grains.Access;

/// <summary>
/// Which messages a session still has to send, by number and size; the messages themselves are rows of a list, which the endpoint reads. A number is done with when its exchange is over, or when it was passed without one: sent at QoS 0,
/// expired, or too large for the client.
/// </summary>
internal sealed class MessageQueue
{
    private readonly List<(long Number, int Bytes)> waiting = [];
    private long hidden;

    /// <summary>The newest number given.</summary>
    public long Last { get; private set; }

    /// <summary>Everything up to here was sent, or is in flight.</summary>
    public long Passed { get; private set; }

    /// <summary>Messages that found no room.</summary>
    public long Dropped { get; private set; }

    public int Count => waiting.Count;

    public long Bytes { get; private set; }

    /// <summary>The number of a message of this size; null where there is no room for it, which is counted.</summary>
    public long? Add(int bytes)
    {
        if (waiting.Count >= GrainLimits.QueuedMessages || Bytes + bytes > GrainLimits.QueuedBytes)
        {
            Dropped++;
            return null;
        }

        Last++;
        waiting.Add((Last, bytes));
        Bytes += bytes;
        return Last;
    }

    public bool Contains(long number) => Find(number) >= 0;

    /// <summary>Everything up to the number is sent or in flight.</summary>
    public void Pass(long number) => Passed = Math.Max(Passed, Math.Min(number, Last));

    public void Remove(long number)
    {
        int index = Find(number);
        if (index >= 0)
        {
            Bytes -= waiting[index].Bytes;
            waiting.RemoveAt(index);
        }
    }

    /// <summary>Removes everything up to the number but what is in flight.</summary>
    public void RemoveThrough(long number, Predicate<long> isInFlight)
    {
        waiting.RemoveAll(entry =>
        {
            bool goes = entry.Number <= number && !isInFlight(entry.Number);
            Bytes -= goes ? entry.Bytes : 0;
            return goes;
        });
    }

    /// <summary>The number up to which rows of the list are of no use any more; null where that has not moved.</summary>
    public long? Hide()
    {
        long through = waiting.Count > 0 ? waiting[0].Number - 1 : Last;
        if (through <= hidden)
        {
            return null;
        }

        hidden = through;
        return through;
    }

    public void Write(ByteWriter writer)
    {
        writer.WriteVar((ulong)Last);
        writer.WriteVar((ulong)Passed);
        writer.WriteVar((ulong)hidden);
        writer.WriteVar((ulong)Dropped);
        writer.WriteVar((uint)waiting.Count);
        long before = 0;
        foreach ((long number, int bytes) in waiting)
        {
            writer.WriteVar((ulong)(number - before));
            writer.WriteVar((uint)bytes);
            before = number;
        }
    }

    public void Read(ref ByteReader reader)
    {
        Last = (long)reader.ReadVar();
        Passed = (long)reader.ReadVar();
        hidden = (long)reader.ReadVar();
        Dropped = (long)reader.ReadVar();
        int count = checked((int)reader.ReadVar());
        long before = 0;
        for (int i = 0; i < count; i++)
        {
            before += (long)reader.ReadVar();
            int bytes = checked((int)reader.ReadVar());
            waiting.Add((before, bytes));
            Bytes += bytes;
        }
    }

    private int Find(long number)
    {
        int low = 0;
        int high = waiting.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (waiting[middle].Number == number)
            {
                return middle;
            }

            if (waiting[middle].Number < number)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return -1;
    }
}
