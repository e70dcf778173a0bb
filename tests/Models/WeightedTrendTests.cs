using Streaming.Models.Encoding;
using Streaming.Models.Statistics;
using Xunit;

namespace Streaming.Tests.Models;

public sealed class WeightedTrendTests
{
    private static readonly TrendSettings Settings = new(600, 900, 0.01);
    private TrendDecay decay;

    [Fact]
    public void A_straight_rise_has_its_own_slope_and_stands_at_its_newest_reading()
    {
        WeightedTrend trend = default;
        for (int i = 0; i <= 20; i++)
        {
            trend.Take(100 + (0.5 * i * 10), i * 10_000, Settings, ref decay);
        }

        TrendFit fit = trend.Fit(Settings.Resolution);
        Assert.Equal(0.5, fit.SlopePerS, 4);
        Assert.Equal(200, fit.Level, 2);
        Assert.Equal((21, 200.0), (fit.Readings, fit.SpanS));
    }

    /// <summary>Against sums over all readings at once: weights e^(-age/600), textbook weighted least squares.</summary>
    [Fact]
    public void It_agrees_with_weighted_least_squares_over_all_readings_at_once()
    {
        Random random = new(7);
        List<(double S, double Value)> readings = [];
        WeightedTrend trend = default;
        double s = 0;
        for (int i = 0; i < 200; i++)
        {
            s += Math.Round(5 + (random.NextDouble() * 40), 3);
            double value = 700 + (0.02 * s) + (random.NextDouble() * 6) - 3;
            readings.Add((s, value));
            trend.Take(value, (long)Math.Round(s * 1000), Settings, ref decay);
        }

        double[] weights = [.. readings.Select(reading => Math.Exp((reading.S - s) / 600))];
        double all = weights.Sum();
        double meanS = readings.Select((reading, i) => weights[i] * reading.S).Sum() / all;
        double mean = readings.Select((reading, i) => weights[i] * reading.Value).Sum() / all;
        double squares = readings.Select((reading, i) => weights[i] * (reading.S - meanS) * (reading.S - meanS)).Sum();
        double slope = readings.Select((reading, i) => weights[i] * (reading.S - meanS) * (reading.Value - mean)).Sum() / squares;
        TrendFit fit = trend.Fit(Settings.Resolution);
        Assert.Equal(slope, fit.SlopePerS, 5);
        Assert.Equal(mean + (slope * (s - meanS)), fit.Level, 2);
    }

    [Fact]
    public void The_error_of_a_slope_is_that_of_the_textbook_while_nothing_is_old()
    {
        // Values 0, 1, 0, 1, ... over ten readings ten seconds apart: Σ(t-T)² = 8,250, Σ(t-T)(y-Y) = 25, Σ(y-Y)² = 2.5; eight degrees of freedom.
        WeightedTrend trend = default;
        TrendSettings settings = Settings with { TimeConstantS = 1e9 };
        for (int i = 0; i < 10; i++)
        {
            trend.Take(i % 2, i * 10_000, settings, ref decay);
        }

        TrendFit fit = trend.Fit(0.01);
        Assert.Equal(25.0 / 8_250, fit.SlopePerS, 6);
        Assert.Equal(Math.Sqrt((2.5 - (25.0 / 8_250 * 25)) / 8 / 8_250), fit.ErrorPerS, 6);
    }

    [Fact]
    public void One_reading_far_off_is_left_aside_and_two_begin_a_new_line()
    {
        WeightedTrend trend = default;
        for (int i = 0; i < 20; i++)
        {
            trend.Take(700 + (i % 2), i * 10_000, Settings, ref decay);
        }

        trend.Take(900, 200_000, Settings, ref decay);
        Assert.Equal(20, trend.Readings);
        Assert.InRange(trend.Fit(Settings.Resolution).Level, 699, 702);
        trend.Take(701, 210_000, Settings, ref decay);
        Assert.Equal(21, trend.Readings);

        trend.Take(900, 220_000, Settings, ref decay);
        trend.Take(901, 230_000, Settings, ref decay);
        Assert.Equal(1, trend.Readings);
        Assert.Equal(901, trend.Fit(Settings.Resolution).Level, 3);
    }

    [Fact]
    public void A_gap_begins_a_new_line_and_what_was_not_measured_changes_nothing()
    {
        WeightedTrend trend = default;
        trend.Take(700, 0, Settings, ref decay);
        trend.Take(double.NaN, 1_000, Settings, ref decay);
        Assert.Equal(1, trend.Readings);
        trend.Take(700, 900_000, Settings, ref decay);
        Assert.Equal(2, trend.Readings);
        trend.Take(700, 1_800_001, Settings, ref decay);
        Assert.Equal(1, trend.Readings);
    }

    [Fact]
    public void What_is_written_is_read_back_to_the_same_bits()
    {
        WeightedTrend trend = default;
        for (int i = 0; i < 300; i++)
        {
            trend.Take(700 + (i * i % 17), i * 7_001, Settings, ref decay);
        }

        trend.Take(5_000, 300 * 7_001, Settings, ref decay);
        ByteWriter first = new();
        trend.Write(first);
        ByteReader reader = new(first.Written);
        WeightedTrend read = WeightedTrend.Read(ref reader);
        ByteWriter second = new();
        read.Write(second);
        Assert.True(reader.AtEnd);
        Assert.Equal(first.Written.ToArray(), second.Written.ToArray());
        Assert.Equal(trend.Fit(0.01), read.Fit(0.01));
    }
}
