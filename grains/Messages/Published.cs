using System.Runtime.CompilerServices;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Models.Sources;

namespace Streaming.Grains.Messages;

/// <summary>How long after they were taken readings came in: counts by band, of which each begins where the one before ends. A reading from the future is in the first.</summary>
[InlineArray(Bands)]
public struct LatenessBands
{
    /// <summary>Below a second, ten seconds, a minute, ten minutes, an hour, and later.</summary>
    public const int Bands = 6;

    /// <summary>The first band over ten minutes.</summary>
    public const int Over = 4;

    private int first;

    /// <summary>The band of a lateness in ms.</summary>
    public static int Of(long lateMs) => lateMs switch
    {
        < 1_000 => 0,
        < 10_000 => 1,
        < 60_000 => 2,
        < 600_000 => 3,
        < 3_600_000 => 4,
        _ => 5,
    };
}

/// <summary>Refusals by <see cref="RejectReason"/>; slot 0 is for reasons that this version does not know.</summary>
[InlineArray(Slots)]
public struct RejectCounts
{
    public const int Slots = 16;

    private int first;

    /// <summary>The slot of a reason.</summary>
    public static int Of(RejectReason reason) => (byte)reason < Slots ? (byte)reason : 0;
}

/// <summary>Front axles of combinations, by how many axles those have.</summary>
[InlineArray(Slots)]
public struct SteeringAxles
{
    /// <summary>Five axles, and six.</summary>
    public const int Slots = 2;

    private (int Count, int SumKg) first;

    /// <summary>The slot of a number of axles; -1 where it has none.</summary>
    public static int Of(int axles) => axles is 5 or 6 ? axles - 5 : -1;
}

/// <summary>
/// Body of <see cref="MessageKind.Published"/>: what one PUBLISH brought. It is no part of the journal but follows from the record whenever it is read, so it may change between versions.
/// </summary>
public struct Published
{
    private LatenessBands late;
    private RejectCounts reasons;
    private SteeringAxles steering;

    public Published(int accepted, int rejected, LoadChunk? chunk = null)
    {
        Accepted = accepted;
        Rejected = rejected;
        Chunk = chunk;
    }

    /// <summary>Readings that fit.</summary>
    public int Accepted { get; private set; }

    /// <summary>Elements that were quarantined.</summary>
    public int Rejected { get; private set; }

    /// <summary>Which part of a table it was; null where it was none.</summary>
    public LoadChunk? Chunk { get; private set; }

    /// <summary>The accepted ones that come from over <see cref="SourceRules.AheadMs"/> ahead.</summary>
    public int Ahead { get; private set; }

    /// <summary>The accepted ones by how late they came in.</summary>
    public readonly LatenessBands Late => late;

    /// <summary>The rejected ones by why.</summary>
    public readonly RejectCounts Reasons => reasons;

    /// <summary>Front axles of the combinations that were weighed, late ones left out.</summary>
    public readonly SteeringAxles Steering => steering;

    /// <summary>What a record of a PUBLISH brought. A statement of a register is as late as it is long ago that it was made.</summary>
    /// <param name="publish">The record.</param>
    /// <param name="timeMs">When it was appended, ms since 1970.</param>
    public static Published Of(scoped in PublishRecord publish, long timeMs)
    {
        Published published = new(publish.Readings, publish.Rejections, LoadChunk.OfTopic(publish.Topic));
        foreach (ReadingElement reading in publish.GetReadings())
        {
            long lateMs = timeMs - TakenMs(reading);
            int band = LatenessBands.Of(lateMs);
            published.CountLate(band, 1);
            published.Ahead += lateMs < -SourceRules.AheadMs ? 1 : 0;
            if (reading.Kind == ReadingKind.Weigh && band < LatenessBands.Over)
            {
                published.Steer(reading.Body);
            }
        }

        if (publish.Rejections > 0)
        {
            foreach (Rejection rejection in publish.GetRejections())
            {
                published.CountReason(rejection.Reason, 1);
            }
        }

        return published;
    }

    /// <summary>Counts readings of a band of lateness.</summary>
    public void CountLate(int band, int count) => late[band] += count;

    /// <summary>Counts readings from ahead.</summary>
    public void CountAhead(int count) => Ahead += count;

    /// <summary>Counts the front axle of a combination.</summary>
    public void CountSteering(int axles, int massKg)
    {
        int slot = SteeringAxles.Of(axles);
        if (slot >= 0 && massKg is >= DriftRule.PlausibleFromKg and <= DriftRule.PlausibleUpToKg)
        {
            steering[slot] = (steering[slot].Count + 1, steering[slot].SumKg + massKg);
        }
    }

    /// <summary>Counts rejections of a reason.</summary>
    public void CountReason(RejectReason reason, int count) => reasons[RejectCounts.Of(reason)] += count;

    public readonly void Write(ByteWriter writer)
    {
        writer.WriteVar((uint)Accepted);
        writer.WriteVar((uint)Rejected);
        for (int band = 0; band < LatenessBands.Bands; band++)
        {
            writer.WriteVar((uint)late[band]);
        }

        if (Rejected > 0)
        {
            for (int slot = 0; slot < RejectCounts.Slots; slot++)
            {
                writer.WriteVar((uint)reasons[slot]);
            }
        }

        writer.WriteVar((uint)Ahead);
        for (int slot = 0; slot < SteeringAxles.Slots; slot++)
        {
            writer.WriteVar((uint)steering[slot].Count);
            if (steering[slot].Count > 0)
            {
                writer.WriteVar((uint)steering[slot].SumKg);
            }
        }

        Chunk?.Write(writer);
    }

    public static Published Read(scoped ref ByteReader reader)
    {
        Published published = new((int)reader.ReadVar(), (int)reader.ReadVar());
        for (int band = 0; band < LatenessBands.Bands; band++)
        {
            published.late[band] = (int)reader.ReadVar();
        }

        if (published.Rejected > 0)
        {
            for (int slot = 0; slot < RejectCounts.Slots; slot++)
            {
                published.reasons[slot] = (int)reader.ReadVar();
            }
        }

        published.Ahead = (int)reader.ReadVar();
        for (int slot = 0; slot < SteeringAxles.Slots; slot++)
        {
            int count = (int)reader.ReadVar();
            published.steering[slot] = (count, count > 0 ? (int)reader.ReadVar() : 0);
        }

        published.Chunk = reader.Rest.IsEmpty ? null : LoadChunk.Read(ref reader);
        return published;
    }

    private void Steer(ReadOnlySpan<byte> body)
    {
        ByteReader reader = new(body);
        WeighReading weighing = WeighReading.Read(ref reader);
        if (weighing.VehicleClass is VehicleClass.Combination or VehicleClass.Tanker or VehicleClass.Unknown)
        {
            CountSteering(weighing.AxleCount, weighing.Axles[0].MassKg);
        }
    }

    private static long TakenMs(scoped in ReadingElement reading)
    {
        if (reading.Kind != ReadingKind.Register)
        {
            return reading.Header.AtMs;
        }

        ByteReader body = new(reading.Body);
        return RegisterStatement.Read(ref body).SaidMs;
    }
}
