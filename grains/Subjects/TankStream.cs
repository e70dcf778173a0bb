using System.Runtime.CompilerServices;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;

namespace Streaming.Grains.Subjects;

/// <summary>Which band each figure of a tank is in.</summary>
[InlineArray(TankFigureNames.Count)]
internal struct TankBands
{
    private TankBand first;
}

/// <summary>The telemetry of one tank, of a truck or a plant: what was heard last and where each figure stands.</summary>
internal sealed class TankStream
{
    private RecentReadings recent;
    private KeptReading last;
    private TankBands bands;
    private byte[] substance = [];

    /// <summary>The limits in force, kept until rulebook or substance change. It follows from both, so it is no part of the state.</summary>
    private TankProfile? profile;
    private TankLimits? profileOf;

    /// <summary>Readings accepted, late ones included.</summary>
    public long Readings { get; private set; }

    /// <summary>Readings older than one heard before them. They count, but bands go by the order of time, so these change none.</summary>
    public long Late { get; private set; }

    /// <summary>The newest reading.</summary>
    public ref readonly KeptReading Last => ref last;

    /// <summary>The substance heard of last, UTF-8; empty where none was.</summary>
    public ReadOnlySpan<byte> Substance => substance;

    /// <summary>What is remembered beyond the newest reading; null as long as there was none. It is written apart, behind what older versions wrote.</summary>
    public TankWatch? Watch { get; set; }

    public TankBand Band(TankFigure figure) => bands[(int)figure];

    public Recognition Recognise(scoped in Turn turn, scoped in Message message) => recent.Recognise(message.Header, message.SeenBefore, turn.NowMs);

    /// <summary>Takes in a new reading; false where it is older than the newest, which it then leaves as it was.</summary>
    public bool Accept(scoped in Turn turn, scoped in Message message, ReadOnlySpan<byte> substanceRead)
    {
        recent.Accept(message.Header, turn.NowMs);
        Readings++;
        if (message.Header.AtMs < last.AtMs)
        {
            Late++;
            return false;
        }

        last.Keep(message);
        if (substanceRead.Length > 0 && !substanceRead.SequenceEqual(substance))
        {
            substance = substanceRead.ToArray();
            profileOf = null;
        }

        return true;
    }

    /// <summary>The limits of this tank.</summary>
    /// <param name="limits">As the rulebook has them.</param>
    /// <param name="subject">The subject's key.</param>
    /// <param name="unit">The tank within it; empty for a truck, which has one.</param>
    public TankProfile Profile(TankLimits limits, string subject, string unit)
    {
        if (profile is null || !ReferenceEquals(profileOf, limits))
        {
            profile = limits.Of(unit.Length > 0 ? $"{subject}/{unit}" : subject, System.Text.Encoding.UTF8.GetString(substance));
            profileOf = limits;
        }

        return profile;
    }

    /// <summary>Moves a figure to the band that the reading puts it in; returns the band before.</summary>
    public TankBand Move(TankFigure figure, double value, TankThresholds? thresholds)
    {
        TankBand before = bands[(int)figure];
        bands[(int)figure] = thresholds?.Next(before, value) ?? TankBand.Normal;
        return before;
    }

    public void Write(ByteWriter writer)
    {
        recent.Write(writer);
        last.Write(writer);
        for (int i = 0; i < TankFigureNames.Count; i++)
        {
            writer.WriteByte((byte)bands[i]);
        }

        writer.WriteBytes(substance);
        writer.WriteVar((ulong)Readings);
        writer.WriteVar((ulong)Late);
    }

    public static TankStream Read(scoped ref ByteReader reader)
    {
        TankStream stream = new() { recent = RecentReadings.Read(ref reader), last = KeptReading.Read(ref reader) };
        for (int i = 0; i < TankFigureNames.Count; i++)
        {
            stream.bands[i] = (TankBand)reader.ReadByte();
        }

        stream.substance = reader.ReadBytes().ToArray();
        stream.Readings = (long)reader.ReadVar();
        stream.Late = (long)reader.ReadVar();
        return stream;
    }
}
