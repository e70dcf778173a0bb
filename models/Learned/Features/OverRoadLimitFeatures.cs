using Streaming.Models.Limits;
using Streaming.Models.Readings;

namespace Streaming.Models.Learned.Features;

/// <summary>What is known of a weighing beside its reading.</summary>
/// <param name="AtMs">Time of the weighing, ms since 1970.</param>
/// <param name="AccuracyPct">Accuracy of the station, ± percent of the gross mass; 0 or less where unknown.</param>
/// <param name="UtcOffsetMinutes">What the city's clock is ahead of UTC, minutes, from -840 to 840.</param>
public readonly record struct WeighingContext(long AtMs, double AccuracyPct, int UtcOffsetMinutes);

/// <summary>What the confidence in an overload is learned from: will the department find this true?</summary>
public static class OverRoadLimitFeatures
{
    private const int MinutesOfDay = 1440;
    private const long MinuteMs = 60_000;

    /// <summary>Ranges are wider than what stations report; speed and accuracy where absent are the middle of a city's traffic and the coarsest class in use. None is verified.</summary>
    public static FeatureSet Set { get; } = new("over-road-limit", 1, LearningTask.Confidence,
    [
        new("overPct", 0, 300, 0),
        new("accuracyPct", 0.1f, 50, 10),
        new("overInAccuracies", 0, 100, 0),
        new("axles", 1, Axles.Capacity, 1),
        new("speedKmh", 0, 200, 40),
        new("leftRightDeviationPct", 0, 100, 0),
        new("plateConfidence", 0, 1, 1),
        new("axleSumDeviationPct", 0, 100, 0),
        new("heaviestAxlePct", 0, 100, 50),
        new("hour", 0, 24, 12),
        new("hoursFromNoon", 0, 12, 6),
    ]);

    /// <summary>Writes the vector of a weighing. False, and nothing written, where it is not over a limit: then there is nothing to be confident of.</summary>
    /// <param name="reading">The weighing.</param>
    /// <param name="judgement">What the limits say of it.</param>
    /// <param name="context">What else is known.</param>
    /// <param name="vector">As long as <see cref="Set"/>.</param>
    public static bool TryFill(in WeighReading reading, in RoadJudgement judgement, in WeighingContext context, Span<float> vector)
    {
        if (!judgement.IsOver || !judgement.IsJudged || reading.GrossKg <= 0)
        {
            return false;
        }

        (double sumDeviationPct, double heaviestPct) = AxleFigures(reading);
        double accuracyPct = context.AccuracyPct > 0 ? context.AccuracyPct : double.NaN;
        double overPct = judgement.OverPct;
        float accuracy = Set.Features[1].Of(accuracyPct);

        // Minutes are counted in whole numbers: a remainder of doubles could fall on either side of midnight.
        long minute = FloorDivide(context.AtMs, MinuteMs) + context.UtcOffsetMinutes;
        double hour = (minute - (FloorDivide(minute, MinutesOfDay) * MinutesOfDay)) / 60.0;

        ReadOnlySpan<double> figures =
        [
            overPct,
            accuracyPct,
            overPct / accuracy,
            reading.AxleCount > 0 ? reading.AxleCount : double.NaN,
            reading.SpeedTenthKmh >= 0 ? reading.SpeedTenthKmh / 10.0 : double.NaN,
            reading.LeftRightPermille >= 0 ? Math.Abs(reading.LeftRightPermille - 1000) / 10.0 : double.NaN,
            reading.PlatePermille / 1000.0,
            sumDeviationPct,
            heaviestPct,
            hour,
            Math.Abs(hour - 12),
        ];
        for (int i = 0; i < figures.Length; i++)
        {
            vector[i] = Set.Features[i].Of(figures[i]);
        }

        return true;
    }

    private static (double SumDeviationPct, double HeaviestPct) AxleFigures(in WeighReading reading)
    {
        long sumKg = 0;
        int heaviestKg = 0;
        for (int i = 0; i < Math.Min(reading.AxleCount, Axles.Capacity); i++)
        {
            sumKg += reading.Axles[i].MassKg;
            heaviestKg = Math.Max(heaviestKg, reading.Axles[i].MassKg);
        }

        // Stations that count axles without weighing them send masses of 0: not measured, not light.
        return sumKg > 0 ? (Math.Abs(sumKg - reading.GrossKg) * 100.0 / reading.GrossKg, heaviestKg * 100.0 / reading.GrossKg) : (double.NaN, double.NaN);
    }

    private static long FloorDivide(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);
}
