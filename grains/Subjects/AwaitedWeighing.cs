using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Subjects;

/// <summary>
/// The weighings that are to follow sightings by cameras before stations, the newest sightings of a vehicle, at most <see cref="GrainLimits.AwaitedWeighings"/>. Buffers of those that came are used again for the next.
/// </summary>
internal struct AwaitedWeighings
{
    private Awaited[]? items;

    /// <summary>A sighting with what it takes to warn of it when its weighing does not come.</summary>
    internal struct Awaited
    {
        /// <summary>The sighting.</summary>
        public KeptReading Seen;

        /// <summary>The district of the camera, UTF-8.</summary>
        public byte[]? District;

        /// <summary>Until when, by the station's clock, the vehicle was to be weighed, ms since 1970.</summary>
        public long UntilMs;

        /// <summary>When it is to be judged, ms since 1970.</summary>
        public long DueMs;

        /// <summary>It did not come, and the warning says so.</summary>
        public bool Told;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    public readonly ref Awaited this[int index] => ref items![index];

    /// <summary>Takes one in. Where there is no room the oldest is let go, one that was told of before any other.</summary>
    public void Add(scoped in Message seen, long untilMs, long dueMs)
    {
        if (Count == GrainLimits.AwaitedWeighings)
        {
            int oldest = 0;
            for (int i = 1; i < Count; i++)
            {
                if (items![i].Told != items[oldest].Told ? items[i].Told : items[i].Seen.AtMs < items[oldest].Seen.AtMs)
                {
                    oldest = i;
                }
            }

            Remove(oldest);
        }

        if (items is null || items.Length == Count)
        {
            Array.Resize(ref items, Count + 1);
        }

        ref Awaited item = ref items[Count++];
        item.Seen.Keep(seen);
        if (!seen.Origin.District.SequenceEqual(item.District))
        {
            item.District = seen.Origin.District.ToArray();
        }

        (item.UntilMs, item.DueMs, item.Told) = (untilMs, dueMs, false);
    }

    /// <summary>Takes one away; the others keep their order.</summary>
    public void Remove(int index)
    {
        Awaited gone = items![index];
        for (int i = index; i < Count - 1; i++)
        {
            items[i] = items[i + 1];
        }

        items[--Count] = gone;
    }

    /// <summary>When the next of them is to be judged, ms since 1970; null where all are.</summary>
    public readonly long? NextDueMs
    {
        get
        {
            long? next = null;
            for (int i = 0; i < Count; i++)
            {
                if (!items![i].Told && !(items[i].DueMs >= next))
                {
                    next = items[i].DueMs;
                }
            }

            return next;
        }
    }

    public readonly void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)Count);
        for (int i = 0; i < Count; i++)
        {
            ref readonly Awaited item = ref items![i];
            item.Seen.Write(writer);
            writer.WriteBytes(item.District);
            writer.WriteSigned(item.UntilMs);
            writer.WriteSigned(item.DueMs);
            writer.WriteBool(item.Told);
        }
    }

    public static AwaitedWeighings Read(scoped ref ByteReader reader)
    {
        AwaitedWeighings read = new() { Count = reader.ReadByte() };
        read.items = read.Count > 0 ? new Awaited[read.Count] : null;
        for (int i = 0; i < read.Count; i++)
        {
            read.items![i] = new Awaited
            {
                Seen = KeptReading.Read(ref reader),
                District = reader.ReadBytes().ToArray(),
                UntilMs = reader.ReadSigned(),
                DueMs = reader.ReadSigned(),
                Told = reader.ReadBool(),
            };
        }

        return read;
    }
}
