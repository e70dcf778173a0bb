using System.Runtime.CompilerServices;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Statistics;
using Streaming.Models.Tanks;

namespace Streaming.Grains.Subjects;

/// <summary>
/// What is remembered of a tank beyond its newest reading: where its figures are heading, how it usually behaves, and which of its newest readings were unusual. It goes by the order of time, so only readings that are the tank's newest come here. Made with the first of them; its size does not change.
/// </summary>
internal sealed class TankWatch
{
    private Trends trends;

    /// <summary>Figures whose limit is said to be near, one bit each.</summary>
    private byte expected;

    /// <summary>The newest readings, the newest in the lowest bit: set where it was unusual.</summary>
    private ushort unusual;

    /// <summary>Since when there are unusual ones among them.</summary>
    private long unusualMs;
    private TankBehaviour? behaviour;

    [InlineArray(TankFigureNames.Count)]
    private struct Trends
    {
        private WeightedTrend first;
    }

    /// <summary>True where the figure was said to reach its limit soon.</summary>
    public bool IsExpected(TankFigure figure) => (expected & (1 << (int)figure)) != 0;

    public void Expect(TankFigure figure, bool value) => expected = (byte)(value ? expected | (1 << (int)figure) : expected & ~(1 << (int)figure));

    /// <summary>True while the tank is said to behave unusually.</summary>
    public bool IsAnomalous { get; set; }

    /// <summary>What is usual for the tank over a day; null as long as no model asks for it. It is written apart, behind what older versions wrote.</summary>
    public TankNorm? Norm { get; set; }

    /// <summary>Takes a reading into how the tank moves; returns how far it is from that.</summary>
    public TankDeviations Learn(in TankFigures figures, long atMs, int learningS) => (behaviour ??= new TankBehaviour()).Take(figures, atMs, learningS);

    /// <summary>Notes whether the newest reading was unusual; returns how many of the newest ones were.</summary>
    /// <param name="isUnusual">Whether it was.</param>
    /// <param name="atMs">Its time.</param>
    /// <param name="window">How many are looked at.</param>
    /// <param name="lastsS">For how long there have been unusual ones among them, s.</param>
    public int Note(bool isUnusual, long atMs, int window, out double lastsS)
    {
        uint mask = (1u << window) - 1;
        unusualMs = (unusual & mask) == 0 ? atMs : unusualMs;
        unusual = unchecked((ushort)((unusual << 1) | (isUnusual ? 1 : 0)));
        lastsS = (atMs - unusualMs) / 1000.0;
        return System.Numerics.BitOperations.PopCount(unusual & mask);
    }

    /// <summary>Takes a value into the figure's trend, and gives the line through it.</summary>
    public TrendFit Follow(TankFigure figure, double value, long atMs, in TrendSettings settings, ref TrendDecay decay)
    {
        ref WeightedTrend trend = ref trends[(int)figure];
        trend.Take(value, atMs, settings, ref decay);
        return trend.Fit(settings.Resolution);
    }

    /// <summary>Forgets the trend of a figure that is not watched any more.</summary>
    public void Leave(TankFigure figure) => trends[(int)figure] = default;

    public static void Write(TankWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is null)
        {
            return;
        }

        writer.WriteByte(watch.expected);
        for (int i = 0; i < TankFigureNames.Count; i++)
        {
            watch.trends[i].Write(writer);
        }

        writer.WriteUInt16(watch.unusual);
        writer.WriteInt64(watch.unusualMs);
        writer.WriteBool(watch.IsAnomalous);
        TankBehaviour.Write(watch.behaviour, writer);
    }

    public static TankWatch? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        TankWatch watch = new() { expected = reader.ReadByte() };
        for (int i = 0; i < TankFigureNames.Count; i++)
        {
            watch.trends[i] = WeightedTrend.Read(ref reader);
        }

        watch.unusual = reader.ReadUInt16();
        watch.unusualMs = reader.ReadInt64();
        watch.IsAnomalous = reader.ReadBool();
        watch.behaviour = TankBehaviour.Read(ref reader);

        return watch;
    }
}
