using Streaming.Models.Vehicles;

namespace Streaming.Models.Learned.Features;

/// <summary>
/// How a weighing differs from the vehicle's own earlier ones. How much is much, the vehicle's <see cref="AxleHistory"/> and the accuracy of the station say; which of it ought to be looked into is learned over all vehicles.
/// </summary>
public static class AxleHistoryFeatures
{
    /// <summary>A vehicle is known from so many weighings on. Not verified.</summary>
    public const int LeastWeighings = 5;

    /// <summary>A weighing in which no share is so many deviations off, no distance <see cref="LeastSpacingM"/>, and that has no axle more is as usual, and not described. Not verified.</summary>
    public const double LeastSd = 3;

    /// <summary>What a station may measure a distance between axles wrong by, m. Not verified.</summary>
    public const double LeastSpacingM = 0.4;

    /// <summary>The score is the probability, among vehicles as they were made for the training, that the record is not of this vehicle as it is: a load that moved, an axle weighed wrong, two vehicles in one record, another vehicle.</summary>
    public static FeatureSet Set { get; } = new("axle-history", 1, LearningTask.Confidence,
    [
        new("shareOffSd", 0, 25, 0),
        new("sharesOffSd", 0, 25, 0),
        new("shareOffPct", 0, 50, 0),
        new("spacingOffM", 0, 10, 0),
        new("axlesMore", 0, 10, 0),
        new("gapM", 0, 20, 0),
        new("becameCombination", 0, 1, 0),
        new("weighings", 0, 30, 0),
    ]);

    /// <summary>Writes the vector of a weighing. False, and nothing written, where it is as usual or the vehicle is not known.</summary>
    /// <param name="departure">Of the weighing.</param>
    /// <param name="vector">As long as <see cref="Set"/>.</param>
    public static bool TryFill(in AxleDeparture departure, Span<float> vector)
    {
        if (departure.Weighings < LeastWeighings || (Math.Abs(departure.WorstSd) < LeastSd && departure.SpacingOffM < LeastSpacingM && departure.AxlesMore == 0))
        {
            return false;
        }

        ReadOnlySpan<double> figures =
        [
            Math.Abs(departure.WorstSd),
            departure.RmsSd,
            Math.Abs(departure.WorstShare - departure.UsualShare) * 100,
            departure.SpacingOffM,
            departure.AxlesMore,
            departure.GapM,
            departure.BecameCombination ? 1 : 0,
            departure.Weighings,
        ];
        for (int i = 0; i < figures.Length; i++)
        {
            vector[i] = Set.Features[i].Of(figures[i]);
        }

        return true;
    }
}
