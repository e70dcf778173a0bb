using Streaming.Models.Encoding;

namespace Streaming.Models.Statistics;

/// <summary>The line through a figure's newest readings. The default value has no reading.</summary>
/// <param name="Readings">Readings that it goes through; more than 255 count as 255.</param>
/// <param name="SpanS">From the first of them to the newest, s.</param>
/// <param name="SlopePerS">By how much the figure changes in a second.</param>
/// <param name="ErrorPerS">Standard error of the slope.</param>
/// <param name="Level">Where the line is at the newest reading.</param>
/// <param name="Deviation">Standard deviation of the readings from the line.</param>
public readonly record struct TrendFit(int Readings, double SpanS, double SlopePerS, double ErrorPerS, double Level, double Deviation)
{
    /// <summary>The slope in standard errors, 0 or more: how surely it is not scatter alone.</summary>
    public double Errors => ErrorPerS > 0 ? Math.Abs(SlopePerS) / ErrorPerS : 0;
}

/// <summary>How a trend takes readings in.</summary>
/// <param name="TimeConstantS">A reading this old counts 1/e of a new one, s.</param>
/// <param name="RestartAfterS">After a gap longer than this the line begins anew, s.</param>
/// <param name="Resolution">What the sensor can tell apart: scatter below it is taken for it, in the figure's unit, above 0.</param>
public readonly record struct TrendSettings(double TimeConstantS, double RestartAfterS, double Resolution);

/// <summary>How much the past counts after a time, as it was calculated last: figures of one tank are mostly read together, so that it is the same for all of them.</summary>
public struct TrendDecay
{
    private double sinceS;
    private double timeConstantS;
    private double weight;

    /// <summary>e^(-since/constant).</summary>
    /// <param name="sinceS">Since the reading before, s, 0 or more.</param>
    /// <param name="timeConstantS">The time after which 1/e is left, s, above 0.</param>
    public double Of(double sinceS, double timeConstantS)
    {
        if (sinceS != this.sinceS || timeConstantS != this.timeConstantS)
        {
            (this.sinceS, this.timeConstantS, weight) = (sinceS, timeConstantS, Logistic.ExpOfNegative(-sinceS / timeConstantS));
        }

        return weight;
    }
}

/// <summary>
/// Least squares of a figure over time, each reading weighted by e^(-age/constant): constant size, one reading after the other by rising time. The standard error of the slope is that of independent readings with as many of them as
/// (Σw)²/Σw²; with a long past it comes out up to √2 too great, so a slope is rather missed than made up.
/// </summary>
/// <remarks>
/// One reading far off the line is left aside, and forgotten if the next lies on the line: a sensor's hiccup has no slope. If the next lies off to the same side, the figure jumped or bent, and the line begins anew with it:
/// otherwise a step would pass for a slope for as long as the past is remembered. Sums are kept about their means, in single precision, calculated in double.
/// </remarks>
public struct WeightedTrend
{
    /// <summary>A reading this many standard deviations off the line is left aside. Not verified.</summary>
    private const double FarDeviations = 5;

    /// <summary>With fewer readings nothing is far off: the line is not known yet.</summary>
    private const int KnownReadings = 6;

    private long newestMs;
    private byte readings;
    private sbyte aside;
    private float spanS;
    private float weights;
    private float weightSquares;
    private float meanTimeS;
    private float meanValue;
    private float timeSquares;
    private float products;
    private float valueSquares;

    /// <summary>Readings of the line.</summary>
    public readonly int Readings => readings;

    /// <summary>Takes in a reading no older than those before; a value that is not a number changes nothing.</summary>
    /// <param name="value">The figure, in its unit.</param>
    /// <param name="atMs">When it was taken, ms since 1970.</param>
    /// <param name="settings">How.</param>
    /// <param name="decay">Shared with the trends of other figures of the same reading.</param>
    public void Take(double value, long atMs, in TrendSettings settings, ref TrendDecay decay)
    {
        if (double.IsNaN(value))
        {
            return;
        }

        double sinceS = (atMs - newestMs) / 1000.0;
        if (readings == 0 || sinceS > settings.RestartAfterS)
        {
            Begin(value, atMs);
            return;
        }

        int side = FarSide(value, sinceS, settings);
        if (side != 0)
        {
            if (side == aside)
            {
                Begin(value, atMs);
            }
            else
            {
                aside = (sbyte)side;
            }

            return;
        }

        aside = 0;
        double left = decay.Of(sinceS, settings.TimeConstantS);
        double before = left * weights;
        double all = before + 1;
        double time = sinceS - meanTimeS;
        double difference = value - meanValue;
        meanTimeS = (float)((time / all) - time);
        meanValue = (float)(meanValue + (difference / all));
        timeSquares = (float)((left * timeSquares) + (before / all * time * time));
        products = (float)((left * products) + (before / all * time * difference));
        valueSquares = (float)((left * valueSquares) + (before / all * difference * difference));
        weights = (float)all;
        weightSquares = (float)((left * left * weightSquares) + 1);
        spanS += (float)sinceS;
        newestMs = atMs;
        readings = (byte)Math.Min(byte.MaxValue, readings + 1);
    }

    /// <summary>The line as it stands; the default value, but for the readings, where it has none yet.</summary>
    public readonly TrendFit Fit(double resolution)
    {
        double count = weightSquares > 0 ? (double)weights * weights / weightSquares : 0;
        if (readings < 3 || timeSquares <= 0 || count <= 2)
        {
            return new TrendFit(readings, spanS, 0, 0, meanValue, 0);
        }

        double slope = (double)products / timeSquares;
        double rest = Math.Max(0, valueSquares - (slope * products));
        double variance = Math.Max(rest / weights * count / (count - 2), resolution * resolution);
        double error = Math.Sqrt(variance / (timeSquares / weights * count));
        return new TrendFit(readings, spanS, slope, error, meanValue - (slope * meanTimeS), Math.Sqrt(variance));
    }

    public readonly void Write(ByteWriter writer)
    {
        writer.WriteByte(readings);
        if (readings == 0)
        {
            return;
        }

        writer.WriteInt64(newestMs);
        writer.WriteByte((byte)aside);
        foreach (float sum in (ReadOnlySpan<float>)[spanS, weights, weightSquares, meanTimeS, meanValue, timeSquares, products, valueSquares])
        {
            writer.WriteInt32(BitConverter.SingleToInt32Bits(sum));
        }
    }

    public static WeightedTrend Read(scoped ref ByteReader reader)
    {
        WeightedTrend trend = new() { readings = reader.ReadByte() };
        if (trend.readings > 0)
        {
            trend.newestMs = reader.ReadInt64();
            trend.aside = (sbyte)reader.ReadByte();
            trend.spanS = Single(ref reader);
            trend.weights = Single(ref reader);
            trend.weightSquares = Single(ref reader);
            trend.meanTimeS = Single(ref reader);
            trend.meanValue = Single(ref reader);
            trend.timeSquares = Single(ref reader);
            trend.products = Single(ref reader);
            trend.valueSquares = Single(ref reader);
        }

        return trend;
    }

    private static float Single(scoped ref ByteReader reader) => BitConverter.Int32BitsToSingle(reader.ReadInt32());

    private void Begin(double value, long atMs) =>
        this = new WeightedTrend { readings = 1, newestMs = atMs, weights = 1, weightSquares = 1, meanValue = (float)value };

    /// <summary>1 where the value lies far above the line, -1 where far below, 0 where it lies on it or nobody can tell.</summary>
    private readonly int FarSide(double value, double sinceS, in TrendSettings settings)
    {
        TrendFit fit = Fit(settings.Resolution);
        if (readings < KnownReadings || fit.Deviation <= 0)
        {
            return 0;
        }

        // The line itself is the less sure the further ahead it is drawn.
        double ahead = sinceS - meanTimeS;
        double deviation = Math.Sqrt((fit.Deviation * fit.Deviation) + (fit.ErrorPerS * fit.ErrorPerS * ahead * ahead));
        double off = value - (fit.Level + (fit.SlopePerS * sinceS));
        return Math.Abs(off) <= FarDeviations * deviation ? 0 : off > 0 ? 1 : -1;
    }
}
