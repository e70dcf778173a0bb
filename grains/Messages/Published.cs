using System.Runtime.CompilerServices;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;

namespace Streaming.Grains.Messages;

/// <summary>How long after they were taken readings came in: counts by band, of which each begins where the one before ends. A reading from the future is in the first.</summary>
[InlineArray(Bands)]
public struct LatenessBands
{
    /// <summary>Below a second, ten seconds, a minute, ten minutes, an hour, and later.</summary>
    public const int Bands = 6;

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

/// <summary>
/// Body of <see cref="MessageKind.Published"/>: what one PUBLISH brought. It is no part of the journal but follows from the record whenever it is read, so it may change between versions.
/// </summary>
public struct Published
{
    private LatenessBands late;
    private RejectCounts reasons;

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

    /// <summary>The accepted ones by how late they came in.</summary>
    public readonly LatenessBands Late => late;

    /// <summary>The rejected ones by why.</summary>
    public readonly RejectCounts Reasons => reasons;

    /// <summary>What a record of a PUBLISH brought. A statement of a register is as late as it is long ago that it was made.</summary>
    /// <param name="publish">The record.</param>
    /// <param name="timeMs">When it was appended, ms since 1970.</param>
    public static Published Of(scoped in PublishRecord publish, long timeMs)
    {
        Published published = new(publish.Readings, publish.Rejections, LoadChunk.OfTopic(publish.Topic));
        foreach (ReadingElement reading in publish.GetReadings())
        {
            published.CountLate(LatenessBands.Of(timeMs - TakenMs(reading)), 1);
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

        published.Chunk = reader.Rest.IsEmpty ? null : LoadChunk.Read(ref reader);
        return published;
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
