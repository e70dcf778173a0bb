using Streaming.Models.Tanks;

namespace Streaming.Models.Learned;

/// <summary>A model that scores what is judged.</summary>
/// <param name="Name">Kind and version.</param>
/// <param name="Model">The model.</param>
/// <param name="Threshold">From this score on it says yes, 0 to 1.</param>
public sealed record ScoringModel(string Name, LearnedModel Model, double Threshold)
{
    /// <summary>SHA-256 of the model's file, as it is written, in 64 lower-case hexadecimal digits.</summary>
    public string FileSha256() => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(ModelFile.Write(Model)));
}

/// <summary>What the files of a rulebook say of a kind.</summary>
/// <param name="Name">Kind and version of the model.</param>
/// <param name="Enabled">False where no model judges, whatever was decided.</param>
/// <param name="Threshold">Their threshold; null for the model's own.</param>
public sealed record NamedModel(string Name, bool Enabled, double? Threshold);

/// <summary>
/// The models that a rulebook names, found once: who judges each kind, and who scores beside it in shadow. A turn looks up an object here and never a file, and the same rulebook gives the same models in every process of a build that has them. Immutable.
/// </summary>
public sealed class ModelsInForce
{
    private readonly Entry[] entries;

    private ModelsInForce(Entry[] entries) => this.entries = entries;

    private readonly record struct Entry(LearnedKind Kind, ScoringModel? Judge, ScoringModel? Shadow);

    /// <summary>When unusual axles become a warning, by the model that judges; null for not judged.</summary>
    public AnomalyRule? AxleSignature { get; private init; }

    /// <summary>When unusual tanks become a warning, by the model that judges.</summary>
    public TankAnomalies Tanks { get; private init; } = new();

    /// <summary>Who judges a kind; null where no model does.</summary>
    public ScoringModel? Judge(LearnedKind kind) => Find(kind).Judge;

    /// <summary>Who scores a kind in shadow; null where none does.</summary>
    public ScoringModel? Shadow(LearnedKind kind) => Find(kind).Shadow;

    /// <summary>True where a model scores the kind, as a judge or in shadow.</summary>
    public bool Any(LearnedKind kind) => Find(kind) is not { Judge: null, Shadow: null };

    /// <summary>Finds what the sections of a rulebook name, and what was decided since.</summary>
    /// <param name="learned">The section <c>learned</c>.</param>
    /// <param name="tanks">The section <c>tankAnomalies</c>.</param>
    /// <param name="decisions">What people decided.</param>
    public static ModelsInForce Of(LearnedRules learned, TankAnomalies tanks, ModelDecisions decisions)
    {
        // A file is read once, though it may have a part in several kinds; one that nobody needs is not read.
        Dictionary<string, LearnedModel?> uploaded = new(StringComparer.Ordinal);
        ModelsInForce models = new([.. LearnedKind.All.Select(EntryOf)]);
        return new ModelsInForce(models.entries)
        {
            AxleSignature = decisions.Of(LearnedKind.AxleSignature.Name)?.Judge is not null && models.Judge(LearnedKind.AxleSignature) is { } axles
                ? learned.AxleSignature! with { Model = axles.Name, Threshold = axles.Threshold, Decided = axles.Model }
                : learned.AxleSignature,
            Tanks = decisions.Of(LearnedKind.TankAnomaly.Name)?.Judge is not null && models.Judge(LearnedKind.TankAnomaly) is { } tank
                ? tanks with { Model = tank.Name, Threshold = tank.Threshold, Decided = tank.Model }
                : tanks,
        };

        Entry EntryOf(LearnedKind kind)
        {
            KindModels? decided = decisions.Of(kind.Name);
            NamedModel? named = NamedBy(learned, tanks, kind);

            // Of an anomaly the files have to say when it becomes a warning; how sure an overload is, a model says by itself.
            bool isJudged = named is not { Enabled: false } && (named is not null || kind.Task == LearningTask.Confidence);
            ScoringModel? judge = !isJudged ? null
                : decided?.Judge is { } chosen ? Scoring(chosen.Model, chosen.Threshold)
                : named is not null ? Scoring(named.Name, named.Threshold) : null;
            return new Entry(kind, judge, decided?.Shadow is { } shadow ? Scoring(shadow.Model, shadow.Threshold) : null);
        }

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
    public static NamedModel? NamedBy(LearnedRules learned, TankAnomalies tanks, LearnedKind kind) =>
        kind == LearnedKind.TankAnomaly ? Named(tanks.Model, tanks.Enabled, tanks.Threshold)
        : kind == LearnedKind.AxleSignature ? Named(learned.AxleSignature?.Model, learned.AxleSignature?.Enabled ?? false, learned.AxleSignature?.Threshold)
        : kind == LearnedKind.OverRoadLimit ? Named(learned.OverRoadLimit?.Model, learned.OverRoadLimit?.Enabled ?? false, null)
        : kind == LearnedKind.OverRatedLoad ? Named(learned.OverRatedLoad?.Model, learned.OverRatedLoad?.Enabled ?? false, null)
        : null;

    /// <summary>The same with another shadow for a kind, for who listens to what is scored.</summary>
    public ModelsInForce WithShadow(LearnedKind kind, ScoringModel? shadow) =>
        new([.. entries.Select(entry => ReferenceEquals(entry.Kind, kind) ? entry with { Shadow = shadow } : entry)]) { AxleSignature = AxleSignature, Tanks = Tanks };

    private static NamedModel? Named(string? name, bool enabled, double? threshold) => name is { Length: > 0 } ? new NamedModel(name, enabled, threshold) : null;

    private Entry Find(LearnedKind kind)
    {
        foreach (ref readonly Entry entry in entries.AsSpan())
        {
            if (ReferenceEquals(entry.Kind, kind))
            {
                return entry;
            }
        }

        return default;
    }
}
