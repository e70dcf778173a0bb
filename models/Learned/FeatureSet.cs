using Streaming.Models.Learned.Features;

namespace Streaming.Models.Learned;

/// <summary>What is learned from the rows of a kind.</summary>
public enum LearningTask
{
    /// <summary>The probability, 0 to 1, that a warning is found true. Rows are labelled with what was found.</summary>
    Confidence,

    /// <summary>How far a row is from what is usual. Learned from rows that are labelled false, as usual; a true label marks what ought to be noticed.</summary>
    Anomaly,
}

/// <summary>One figure that a model goes by. Every figure is finite and within its range: there is no "not measured" in a vector.</summary>
/// <param name="Name">As model files and training files have it; the unit stands last.</param>
/// <param name="Least">The least value; what is less is taken for it.</param>
/// <param name="Most">The greatest value.</param>
/// <param name="WhenAbsent">Taken where the reading does not have the figure.</param>
public sealed record Feature(string Name, float Least, float Most, float WhenAbsent)
{
    /// <summary>The value as it goes into a vector: within the range, and <see cref="WhenAbsent"/> where it is not a number.</summary>
    public float Of(double value) => double.IsNaN(value) ? WhenAbsent : (float)Math.Clamp(value, Least, Most);
}

/// <summary>
/// The figures that the models of one kind of warning go by. Their order is that of the vector; a change of order, meaning or range is another <see cref="Version"/>, and a model
/// of another version is refused instead of misread.
/// </summary>
public sealed class FeatureSet
{
    public FeatureSet(string kind, int version, LearningTask task, IReadOnlyList<Feature> features)
    {
        if (features.Count is 0 or > ModelLimits.LearnedFeatures)
        {
            throw new ArgumentException($"A feature set has 1 to {ModelLimits.LearnedFeatures} features.", nameof(features));
        }

        Kind = kind;
        Version = version;
        Task = task;
        Features = features;
    }

    /// <summary>The kinds of which something is learned.</summary>
    public static IReadOnlyList<FeatureSet> All => Known.All;

    /// <summary>Kind of warning, as <c>over-road-limit</c>.</summary>
    public string Kind { get; }

    public int Version { get; }

    public LearningTask Task { get; }

    public IReadOnlyList<Feature> Features { get; }

    /// <summary>Length of a vector.</summary>
    public int Count => Features.Count;

    /// <summary>The set of a kind; null where nothing is learned of it.</summary>
    public static FeatureSet? Of(string? kind) => All.FirstOrDefault(set => set.Kind == kind);

    /// <summary>Place of a feature in the vector; -1 where the set has none of that name.</summary>
    public int IndexOf(string name)
    {
        for (int i = 0; i < Features.Count; i++)
        {
            if (Features[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>In a class of its own: the sets are made by other classes, and a list beside their constructor could be filled before they are there.</summary>
    private static class Known
    {
        public static readonly IReadOnlyList<FeatureSet> All =
            [OverloadFeatures.RoadLimit, OverloadFeatures.RatedLoad, AxleSignatureFeatures.Set, TankBehaviourFeatures.Set, AxleHistoryFeatures.Set, TankNormFeatures.Set];
    }
}
