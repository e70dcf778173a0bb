using Streaming.Models.Learned.Features;

namespace Streaming.Models.Learned;

/// <summary>A kind of warning that learned models judge, and the figures that they may go by. Most kinds have one set of them.</summary>
public sealed class LearnedKind
{
    private LearnedKind(string name, params FeatureSet[] sets) => (Name, Sets) = (name, sets);

    public static LearnedKind OverRoadLimit { get; } = new("over-road-limit", OverloadFeatures.RoadLimit);

    public static LearnedKind OverRatedLoad { get; } = new("over-rated-load", OverloadFeatures.RatedLoad);

    public static LearnedKind AxleSignature { get; } = new("axle-signature", AxleHistoryFeatures.Set, AxleSignatureFeatures.Set);

    public static LearnedKind TankAnomaly { get; } = new("tank-anomaly", TankNormFeatures.Set, TankBehaviourFeatures.Set);

    public static IReadOnlyList<LearnedKind> All { get; } = [OverRoadLimit, OverRatedLoad, AxleSignature, TankAnomaly];

    /// <summary>Name of the kind of warning, as <c>over-road-limit</c>.</summary>
    public string Name { get; }

    /// <summary>The sets that its models may go by.</summary>
    public IReadOnlyList<FeatureSet> Sets { get; }

    /// <summary>What is learned. All sets of a kind are of one task.</summary>
    public LearningTask Task => Sets[0].Task;

    /// <summary>The kind of a name; null where nothing is learned of it.</summary>
    public static LearnedKind? Of(string name) => All.FirstOrDefault(kind => kind.Name == name);

    /// <summary>The kind that a model judges, by the name of the model; null for none.</summary>
    public static LearnedKind? OfModel(string model) => All.FirstOrDefault(kind => kind.Has(model));

    /// <summary>True where a model of this name may judge the kind.</summary>
    public bool Has(string model)
    {
        foreach (FeatureSet set in Sets)
        {
            if (model.Length > set.Kind.Length && model[set.Kind.Length] == '/' && model.StartsWith(set.Kind, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
