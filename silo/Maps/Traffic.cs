using System.Collections.Concurrent;
using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Silo.Maps;

/// <summary>A truck of dangerous goods by its last telemetry.</summary>
/// <param name="AtMs">When that was, ms since 1970, by the truck.</param>
/// <param name="SpeedTenthKmh">Speed in tenths of km/h; -1 where it does not say.</param>
internal readonly record struct TruckSeen(GeoPosition Position, long AtMs, int SpeedTenthKmh);

/// <summary>
/// What comes in just now: how many readings a second, and where the trucks of dangerous goods are. Told by the projector of every durable PUBLISH, kept in memory alone: after a restart a truck is there again with its next telemetry, seconds later.
/// </summary>
/// <remarks>One thread tells, any may ask: a truck is one immutable value under its key, the counts of seconds are read as they stand, and one that is being counted may be a little behind.</remarks>
internal sealed class Traffic(TimeProvider time)
{
    private const int Seconds = 16;

    /// <summary>Seconds over which readings are averaged.</summary>
    private const int Over = 10;

    private readonly ConcurrentDictionary<string, TruckSeen> trucks = new(StringComparer.Ordinal);

    /// <summary>By second, as a ring: the second and what was counted in it.</summary>
    private readonly (long Second, long Readings)[] counts = new (long, long)[Seconds];
    private readonly Lock counting = new();
    private long version;

    /// <summary>Rises with everything that moves a truck.</summary>
    public long Version => Volatile.Read(ref version);

    /// <summary>The trucks that were heard of last, some of them too long ago.</summary>
    public IEnumerable<KeyValuePair<string, TruckSeen>> Trucks => trucks;

    /// <summary>Readings a second that became durable, over the last ten full seconds.</summary>
    public double ReadingsPerSecond
    {
        get
        {
            long now = Second();
            long sum = 0;
            lock (counting)
            {
                foreach ((long second, long readings) in counts)
                {
                    sum += second < now && second >= now - Over ? readings : 0;
                }
            }

            return sum / (double)Over;
        }
    }

    /// <summary>Takes in a reading about a vehicle. Projector only.</summary>
    public void Collect(scoped in ReadingElement reading)
    {
        if (reading.Kind == ReadingKind.Truck)
        {
            Truck(reading);
        }
    }

    /// <summary>Counts readings that became durable. Projector only.</summary>
    public void Count(int readings)
    {
        long second = Second();
        lock (counting)
        {
            ref (long Second, long Readings) slot = ref counts[second % Seconds];
            slot = (second, (slot.Second == second ? slot.Readings : 0) + readings);
        }
    }

    /// <summary>Forgets trucks that are not to be shown any more.</summary>
    public void Sweep()
    {
        long oldest = time.GetUtcNow().ToUnixTimeMilliseconds() - MapLimits.TruckMs;
        foreach ((string plate, TruckSeen truck) in trucks)
        {
            if (truck.AtMs < oldest && trucks.TryRemove(new KeyValuePair<string, TruckSeen>(plate, truck)))
            {
                Interlocked.Increment(ref version);
            }
        }
    }

    private void Truck(in ReadingElement reading)
    {
        ByteReader body = new(reading.Body);
        TruckReading truck = TruckReading.Read(ref body);
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!truck.Position.IsKnown || reading.Header.AtMs < nowMs - MapLimits.TruckMs || reading.Header.AtMs > nowMs + MapLimits.AheadMs)
        {
            return;
        }

        Span<char> text = stackalloc char[256];
        if (reading.Key.Length > text.Length)
        {
            return;
        }

        ReadOnlySpan<char> plate = text[..Encoding.UTF8.GetChars(reading.Key, text)];
        TruckSeen seen = new(truck.Position, reading.Header.AtMs, truck.SpeedTenthKmh);
        ConcurrentDictionary<string, TruckSeen>.AlternateLookup<ReadOnlySpan<char>> byPlate = trucks.GetAlternateLookup<ReadOnlySpan<char>>();
        bool known = byPlate.TryGetValue(plate, out TruckSeen before);
        if (known && before.AtMs > seen.AtMs)
        {
            return;
        }

        if (!known && trucks.Count >= MapLimits.Trucks)
        {
            Sweep();
            if (trucks.Count >= MapLimits.Trucks)
            {
                return;
            }
        }

        byPlate[plate] = seen;
        Interlocked.Increment(ref version);
    }

    private long Second() => (long)time.GetElapsedTime(0).TotalSeconds;
}
