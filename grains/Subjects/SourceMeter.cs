using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Subjects;

/// <summary>
/// What a source delivered, measured: how much in each of the last hours and days (UTC), how late it came in, and why what was rejected was. Whole numbers alone and of a fixed size, by the time of the turns, so a replay measures the same. What is
/// delivered twice is counted twice: only the subject of a reading knows that it had it.
/// </summary>
internal sealed class SourceMeter
{
    private const long HourMs = 3_600_000;
    private const long DayMs = 24 * HourMs;

    private readonly VolumeRing hours = new(GrainLimits.MeteredHours);
    private readonly VolumeRing days = new(GrainLimits.MeteredDays);
    private readonly long[] late = new long[LatenessBands.Bands];
    private readonly long[] reasons = new long[RejectCounts.Slots];

    /// <summary>Since when it is measured, ms; 0 where it is not yet.</summary>
    public long SinceMs { get; private set; }

    /// <summary>Readings by how late they came in.</summary>
    public IReadOnlyList<long> Late => late;

    /// <summary>Nothing is expected of the time before.</summary>
    public void Begin(long nowMs) => SinceMs = SinceMs == 0 ? nowMs : SinceMs;

    public void Take(scoped in Published published, long nowMs)
    {
        Begin(nowMs);
        hours.Add(nowMs / HourMs, published);
        days.Add(nowMs / DayMs, published);
        LatenessBands bands = published.Late;
        for (int band = 0; band < late.Length; band++)
        {
            late[band] += bands[band];
        }

        if (published.Rejected > 0)
        {
            RejectCounts why = published.Reasons;
            for (int slot = 0; slot < reasons.Length; slot++)
            {
                reasons[slot] += why[slot];
            }
        }
    }

    /// <summary>Accepted and rejected in the clock hours up to and with that of a time.</summary>
    public (long Accepted, long Rejected) Within24H(long nowMs) => hours.Sum(nowMs / HourMs);

    /// <summary>How long that time has been so far, ms: from its first hour, or since it is measured.</summary>
    public long Measured24HMs(long nowMs) => nowMs - Math.Max(SinceMs, ((nowMs / HourMs) - GrainLimits.MeteredHours + 1) * HourMs);

    public void Write(ByteWriter writer)
    {
        writer.WriteSigned(SinceMs);
        hours.Write(writer);
        days.Write(writer);
        foreach (long count in late)
        {
            writer.WriteVar((ulong)count);
        }

        foreach (long count in reasons)
        {
            writer.WriteVar((ulong)count);
        }
    }

    public void Read(ref ByteReader reader)
    {
        SinceMs = reader.ReadSigned();
        hours.Read(ref reader);
        days.Read(ref reader);
        for (int band = 0; band < late.Length; band++)
        {
            late[band] = (long)reader.ReadVar();
        }

        for (int slot = 0; slot < reasons.Length; slot++)
        {
            reasons[slot] = (long)reader.ReadVar();
        }
    }

    /// <summary>Absent where nothing was measured yet.</summary>
    public void Describe(Utf8JsonWriter json)
    {
        if (SinceMs == 0)
        {
            return;
        }

        json.WriteStartObject("quality");
        ReadingJson.Time(json, "since", SinceMs);
        hours.Describe(json, "hours", HourMs);
        days.Describe(json, "days", DayMs);
        json.WriteStartArray("late");
        foreach (long count in late)
        {
            json.WriteNumberValue(count);
        }

        json.WriteEndArray();
        json.WriteStartObject("rejectedBy");
        for (int slot = 0; slot < reasons.Length; slot++)
        {
            if (reasons[slot] > 0)
            {
                json.WriteNumber(slot == 0 ? "other" : JsonNamingPolicy.CamelCase.ConvertName(((RejectReason)slot).ToString()), reasons[slot]);
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}

/// <summary>Counts of the newest spans of time of one length. Turn time does not run back, so only the newest one ever grows.</summary>
internal sealed class VolumeRing(int length)
{
    /// <summary>Made with the first publish: most that are registered in a test or a start have none.</summary>
    private Volume[] slots = [];

    /// <summary>Number of the newest span since 1970.</summary>
    private long newest;

    private struct Volume
    {
        public uint Publishes;
        public uint Accepted;
        public uint Rejected;
    }

    public void Add(long span, scoped in Published published)
    {
        if (slots.Length == 0)
        {
            slots = new Volume[length];
            newest = span;
        }

        for (long passed = Math.Max(newest + 1, span - length + 1); passed <= span; passed++)
        {
            slots[passed % length] = default;
        }

        newest = Math.Max(newest, span);
        ref Volume now = ref slots[newest % length];
        now.Publishes = Sum(now.Publishes, 1);
        now.Accepted = Sum(now.Accepted, (uint)published.Accepted);
        now.Rejected = Sum(now.Rejected, (uint)published.Rejected);
    }

    /// <summary>Of the spans up to and with the given one, as many as there are.</summary>
    public (long Accepted, long Rejected) Sum(long span)
    {
        long accepted = 0;
        long rejected = 0;
        for (long each = Math.Max(newest - length + 1, span - length + 1); slots.Length > 0 && each <= newest; each++)
        {
            accepted += slots[each % length].Accepted;
            rejected += slots[each % length].Rejected;
        }

        return (accepted, rejected);
    }

    /// <summary>Only spans in which something came.</summary>
    public void Write(ByteWriter writer)
    {
        int used = 0;
        for (int i = 0; i < slots.Length; i++)
        {
            used += slots[i].Publishes > 0 ? 1 : 0;
        }

        writer.WriteVar((uint)used);
        if (used == 0)
        {
            return;
        }

        writer.WriteSigned(newest);
        for (int i = 0; i < slots.Length; i++)
        {
            if (slots[i].Publishes > 0)
            {
                writer.WriteVar((uint)i);
                writer.WriteVar(slots[i].Publishes);
                writer.WriteVar(slots[i].Accepted);
                writer.WriteVar(slots[i].Rejected);
            }
        }
    }

    public void Read(ref ByteReader reader)
    {
        int used = (int)reader.ReadVar();
        if (used == 0)
        {
            return;
        }

        slots = new Volume[length];
        newest = reader.ReadSigned();
        for (; used > 0; used--)
        {
            int slot = (int)reader.ReadVar();
            slots[slot] = new Volume { Publishes = (uint)reader.ReadVar(), Accepted = (uint)reader.ReadVar(), Rejected = (uint)reader.ReadVar() };
        }
    }

    /// <summary>Oldest first.</summary>
    public void Describe(Utf8JsonWriter json, string name, long spanMs)
    {
        json.WriteStartArray(name);
        for (long span = newest - length + 1; slots.Length > 0 && span <= newest; span++)
        {
            Volume volume = slots[span % length];
            if (volume.Publishes > 0)
            {
                json.WriteStartObject();
                ReadingJson.Time(json, "from", span * spanMs);
                json.WriteNumber("publishes", volume.Publishes);
                json.WriteNumber("accepted", volume.Accepted);
                json.WriteNumber("rejected", volume.Rejected);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    /// <summary>Stays at its greatest value, which no hour and no day of a source reaches.</summary>
    private static uint Sum(uint one, uint other) => uint.MaxValue - one < other ? uint.MaxValue : one + other;
}
