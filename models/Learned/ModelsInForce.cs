using Streaming.Models.Learned.Features;
using Streaming.Models.Tanks;

namespace Streaming.Models.Learned;

/// <summary>A model that scores what is judged.</summary>
/// <param name="Name">Kind and version.</param>
/// <param name="Model">The model.</param>
/// <param name="Threshold">From this score on it says yes, 0 to 1.</param>
public sealed record ScoringModel(string Name, LearnedModel Model, double Threshold);

/// <summary>
/// The models that a rulebook names, found once: who judges each kind, and who scores beside it in shadow. A turn looks up an object here and never a file, and the same rulebook gives the same models in every process of a build that has them. Immutable.
/// </summary>
public sealed class ModelsInForce
{
    private readonly Entry[] entries;

    private ModelsInForce(Entry[] entries) => this.entries = entries;

    private readonly record struct Entry(FeatureSet Set, ScoringModel? Judge, ScoringModel? Shadow);

    /// <summary>Who judges a kind; null where no model does.</summary>
    public ScoringModel? Judge(FeatureSet set) => Find(set).Judge;

    /// <summary>Who scores a kind in shadow; null where none does.</summary>
    public ScoringModel? Shadow(FeatureSet set) => Find(set).Shadow;

    /// <summary>True where a model scores the kind, as a judge or in shadow.</summary>
    public bool Any(FeatureSet set) => Find(set) is not { Judge: null, Shadow: null };

    /// <summary>Finds what the sections of a rulebook name, and what was decided since.</summary>
    /// <param name="learned">The section <c>learned</c>.</param>
    /// <param name="tanks">The section <c>tankAnomalies</c>.</param>
    /// <param name="decisions">What people decided.</param>
    public static ModelsInForce Of(LearnedRules learned, TankAnomalies tanks, ModelDecisions decisions)
    {
        // A file is read once, though it may judge and be in shadow by turns; one that nobody needs is not read.
        Dictionary<string, LearnedModel?> uploaded = new(StringComparer.Ordinal);
        return new ModelsInForce(
        [
            .. FeatureSet.All.Select(set =>
            {
                KindModels? decided = decisions.Of(set.Kind);
                NamedModel? named = NamedBy(learned, tanks, set);
                ScoringModel? judge = named is { Enabled: false } ? null
                    : decided?.Judge is { } chosen ? Scoring(chosen.Model, chosen.Threshold)
                    : named is { } model ? Scoring(model.Name, model.Threshold) : null;
                return new Entry(set, judge, decided?.Shadow is { } shadow ? Scoring(shadow.Model, shadow.Threshold) : null);
            }),
        ]);

        ScoringModel? Scoring(string name, double? threshold)
        {
            LearnedModel? model = TrainedModels.Shipped.Find(name);
            if (model is null && !uploaded.TryGetValue(name, out model))
            {
                model = decisions.Read(name);
                uploaded.Add(name, model);
            }

            return model is null ? null : new ScoringModel(name, model, threshold ?? model.Threshold);
        }
    }

    /// <summary>The model that the files of a rulebook name for a kind; null where they name none.</summary>
    public static NamedModel? NamedBy(LearnedRules learned, TankAnomalies tanks, FeatureSet set)
    {
        if (set == TankBehaviourFeatures.Set)
        {
            return new NamedModel(tanks.Model, tanks.Enabled, tanks.Threshold);
        }

        if (set == AxleSignatureFeatures.Set)
        {
            return learned.AxleSignature is { } rule ? new NamedModel(rule.Model, rule.Enabled, rule.Threshold) : null;
        }

        ConfidenceRule? confidence = set == OverloadFeatures.RoadLimit ? learned.OverRoadLimit : set == OverloadFeatures.RatedLoad ? learned.OverRatedLoad : null;
        return confidence is null ? null : new NamedModel(confidence.Model, confidence.Enabled, null);
    }

    /// <summary>The same with another shadow for a kind, for who listens to what is scored.</summary>
    public ModelsInForce WithShadow(FeatureSet set, ScoringModel? shadow) => new([.. entries.Select(entry => ReferenceEquals(entry.Set, set) ? entry with { Shadow = shadow } : entry)]);

    private Entry Find(FeatureSet set)
    {
        foreach (ref readonly Entry entry in entries.AsSpan())
        {
            if (ReferenceEquals(entry.Set, set))
            {
                return entry;
            }
        }

        return default;
    }
}

/// <summary>What the files of a rulebook say of a kind.</summary>
/// <param name="Name">Kind and version of the model.</param>
/// <param name="Enabled">False where no model judges, whatever was decided.</param>
/// <param name="Threshold">Their threshold; null for the model's own.</param>
public sealed record NamedModel(string Name, bool Enabled, double? Threshold);
