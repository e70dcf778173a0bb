using Streaming.Models.Tanks;

namespace Streaming.Models.Learned.Features;

/// <summary>
/// How far a tank is from its own usual figures of about a day. How much is much, each tank's own <see cref="TankNorm"/> says; which of it is ordinary life (a pump runs, the sun shines, it was filled) is learned over all tanks.
/// </summary>
public static class TankNormFeatures
{
    /// <summary>A reading in which nothing is so many standard deviations off is as usual, and not described. Not verified.</summary>
    public const double LeastDeviation = 4;

    /// <summary>Of pressure and temperature without their sign. The score is the probability, among tanks as they were made for the training, that something is wrong with the tank.</summary>
    public static FeatureSet Set { get; } = new("tank-norm", 1, LearningTask.Confidence,
    [
        new("pressureOffSd", 0, 50, 0),
        new("pressureOffPct", 0, 100, 0),
        new("temperatureOffSd", 0, 50, 0),
        new("temperatureOffC", 0, 100, 0),
        new("contentOffPct", 0, 100, 0),
        new("contentMovesPct", 0, 100, 0),
        new("gasSd", 0, 50, 0),
    ]);

    /// <summary>Writes the vector of a reading. False, and nothing written, where it is as usual or the tank is not known yet.</summary>
    /// <param name="departure">Of the reading.</param>
    /// <param name="vector">As long as <see cref="Set"/>.</param>
    public static bool TryFill(in TankDeparture departure, Span<float> vector)
    {
        if (Math.Max(Math.Abs(departure.PressureSd), Math.Max(Math.Abs(departure.TemperatureSd), departure.GasSd)) < LeastDeviation)
        {
            return false;
        }

        ReadOnlySpan<double> figures =
        [
            Math.Abs(departure.PressureSd),
            Math.Abs(departure.PressurePct),
            Math.Abs(departure.TemperatureSd),
            Math.Abs(departure.TemperatureC),
            Math.Abs(departure.ContentPct),
            Math.Abs(departure.ContentMovesPct),
            departure.GasSd,
        ];
        for (int i = 0; i < figures.Length; i++)
        {
            vector[i] = Set.Features[i].Of(figures[i]);
        }

        return true;
    }
}
