using Streaming.Models.Readings;

namespace Streaming.Models.Learned.Features;

/// <summary>What is known of a weighing beside its reading.</summary>
/// <param name="AtMs">Time of the weighing, ms since 1970.</param>
/// <param name="AccuracyPct">Accuracy of the station, ± percent of the gross mass; 0 or less where unknown.</param>
/// <param name="UtcOffsetMinutes">What the city's clock is ahead of UTC, minutes, from -840 to 840.</param>
public readonly record struct WeighingContext(long AtMs, double AccuracyPct, int UtcOffsetMinutes);

/// <summary>The weighing of the same vehicle before the one that is judged, by the time of both; the default value where there is none.</summary>
/// <param name="AtMs">Its time, ms since 1970.</param>
/// <param name="GrossKg">Gross mass, kg; 0 for none.</param>
/// <param name="AccuracyPct">Accuracy of its station, ± percent of the gross mass; 0 or less where unknown.</param>
public readonly record struct EarlierWeighing(long AtMs, int GrossKg, double AccuracyPct)
{
    private const double HourMs = 3_600_000;

    /// <summary>How long before another time it was, hours; not a number where there is none, or where it was not before it: what comes late is not told by what followed.</summary>
    public double HoursBefore(long atMs) => GrossKg > 0 && AtMs < atMs ? (atMs - AtMs) / HourMs : double.NaN;
}

/// <summary>
/// What the confidence in an overload is learned from: will the department find this true? The figures are the same for the limit of the road and for the rated load; what is learned is not, as there are other reasons for being wrong.
/// </summary>
public static class OverloadFeatures
{
    /// <summary>A weighing from longer before tells nothing, hours.</summary>
    public const double LongestBeforeH = 24;

    /// <summary>For so long a truck is taken to weigh what it weighed, hours: two weighings within it count as one by two stations. Not verified.</summary>
    public const double SameLoadH = 1;

    private const int MinutesOfDay = 1440;
    private const long MinuteMs = 60_000;

    /// <summary>Excess over the limit of the road. Version 1 had nothing of the weighing before.</summary>
    public static FeatureSet RoadLimit { get; } = Make("over-road-limit", 2);

    /// <summary>Excess over the rated load, as the gross mass that rated load and curb mass allow.</summary>
    public static FeatureSet RatedLoad { get; } = Make("over-rated-load", 1);

    /// <summary>Writes the vector of a weighing. False, and nothing written, where its gross mass is not over a limit: then there is nothing to be confident of.</summary>
    /// <param name="reading">The weighing.</param>
    /// <param name="limitKg">The gross mass that is allowed, kg; 0 where none is known.</param>
    /// <param name="context">What else is known.</param>
    /// <param name="before">The weighing before.</param>
    /// <param name="vector">As long as either set.</param>
    public static bool TryFill(in WeighReading reading, int limitKg, in WeighingContext context, in EarlierWeighing before, Span<float> vector)
    {
        if (limitKg <= 0 || reading.GrossKg <= limitKg)
        {
            return false;
        }

        FeatureSet set = RoadLimit;
        (double sumDeviationPct, double heaviestPct) = AxleFigures(reading);
        double overPct = OverPct(reading.GrossKg, limitKg);
        double accuracyPct = Accuracy(context.AccuracyPct);
        double hoursBefore = before.HoursBefore(context.AtMs);
        bool isKnown = hoursBefore <= LongestBeforeH;
        double beforeOverPct = isKnown ? OverPct(before.GrossKg, limitKg) : double.NaN;
        double beforeAccuracyPct = Accuracy(before.AccuracyPct);

        // Minutes are counted in whole numbers: a remainder of doubles could fall on either side of midnight.
        long minute = FloorDivide(context.AtMs, MinuteMs) + context.UtcOffsetMinutes;
        double hour = (minute - (FloorDivide(minute, MinutesOfDay) * MinutesOfDay)) / 60.0;

        ReadOnlySpan<double> figures =
        [
            overPct,
            context.AccuracyPct > 0 ? context.AccuracyPct : double.NaN,
            overPct / accuracyPct,
            reading.AxleCount > 0 ? reading.AxleCount : double.NaN,
            reading.SpeedTenthKmh >= 0 ? reading.SpeedTenthKmh / 10.0 : double.NaN,
            reading.LeftRightPermille >= 0 ? Math.Abs(reading.LeftRightPermille - 1000) / 10.0 : double.NaN,
            reading.PlatePermille / 1000.0,
            sumDeviationPct,
            heaviestPct,
            hour,
            Math.Abs(hour - 12),
            isKnown ? hoursBefore : double.NaN,
            isKnown ? beforeOverPct / beforeAccuracyPct : double.NaN,
            isKnown && hoursBefore <= SameLoadH ? Joint(overPct, accuracyPct, beforeOverPct, beforeAccuracyPct) : overPct / accuracyPct,
        ];
        for (int i = 0; i < figures.Length; i++)
        {
            vector[i] = set.Features[i].Of(figures[i]);
        }

        return true;
    }

    /// <summary>Ranges are wider than what stations report; speed and accuracy where absent are the middle of a city's traffic and the coarsest class in use. None is verified.</summary>
    private static FeatureSet Make(string kind, int version) => new(kind, version, LearningTask.Confidence,
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
        new("beforeH", 0, (float)LongestBeforeH, (float)LongestBeforeH),
        new("beforeOverInAccuracies", -100, 100, 0),
        new("jointOverInAccuracies", -100, 100, 0),
    ]);

    /// <summary>What two weighings of one mass say together, in accuracies of both: each counts by the inverse of its variance.</summary>
    private static double Joint(double overPct, double accuracyPct, double beforeOverPct, double beforeAccuracyPct)
    {
        double weight = 1 / (accuracyPct * accuracyPct);
        double beforeWeight = 1 / (beforeAccuracyPct * beforeAccuracyPct);
        return ((overPct * weight) + (beforeOverPct * beforeWeight)) / Math.Sqrt(weight + beforeWeight);
    }

    private static double OverPct(int grossKg, int limitKg) => (grossKg - limitKg) * 100.0 / limitKg;

    /// <summary>The accuracy as a vector has it.</summary>
    private static double Accuracy(double pct) => RoadLimit.Features[1].Of(pct > 0 ? pct : double.NaN);

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
