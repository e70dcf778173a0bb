using Streaming.Models.Tanks;

namespace Streaming.Models.Learned.Features;

/// <summary>
/// How a tank moves when it moves. Which figures go together in ordinary life (sun: pressure with temperature; filling: level with pressure) is learned over all tanks; how much is much, each tank's own <see cref="TankBehaviour"/> knows.
/// </summary>
public static class TankBehaviourFeatures
{
    /// <summary>
    /// A reading in which nothing is this many standard deviations off is not described. Principal components know directions alone: of a tank at rest they would judge its noise. Not verified.
    /// </summary>
    public const double LeastDeviation = 4;

    /// <summary>Deviations beyond this are taken for it.</summary>
    private const float Most = 25;

    /// <summary>In standard deviations of the tank itself. The order is that of <see cref="TankDeviations"/>.</summary>
    public static FeatureSet Set { get; } = new("tank-behaviour", 1, LearningTask.Anomaly,
    [
        new("pressureAtRestSd", -Most, Most, 0),
        new("pressureChangeSd", -Most, Most, 0),
        new("pressureExpectedSd", -Most, Most, 0),
        new("temperatureChangeSd", -Most, Most, 0),
        new("contentChangeSd", -Most, Most, 0),
        new("contentLongChangeSd", -Most, Most, 0),
        new("gasSd", 0, Most, 0),
    ]);

    /// <summary>Writes the vector of a reading. False, and nothing written, where the tank is at rest or not known yet.</summary>
    /// <param name="deviations">Of the reading.</param>
    /// <param name="vector">As long as <see cref="Set"/>.</param>
    public static bool TryFill(in TankDeviations deviations, Span<float> vector)
    {
        if (deviations.Greatest < LeastDeviation)
        {
            return false;
        }

        for (int i = 0; i < Set.Count; i++)
        {
            vector[i] = Set.Features[i].Of(deviations[i]);
        }

        return true;
    }

    /// <summary>What a feature is called in an explanation.</summary>
    public static string English(int place) => place switch
    {
        0 => "pressure beyond what its temperature explains",
        1 => "change of pressure",
        2 => "pressure that its temperature explains",
        3 => "change of temperature",
        4 => "change of content",
        5 => "change of content in half an hour",
        _ => "gas above its mean",
    };

    public static string Chinese(int place) => place switch
    {
        0 => "温度无法解释的压力",
        1 => "压力变化",
        2 => "温度可解释的压力",
        3 => "温度变化",
        4 => "存量变化",
        5 => "半小时存量变化",
        _ => "气体高于均值",
    };
}
