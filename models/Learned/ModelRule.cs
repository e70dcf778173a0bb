using System.Text.Json.Serialization;

namespace Streaming.Models.Learned;

/// <summary>By which learned model something is judged: what the sections of a rulebook that name one have in common.</summary>
public abstract record ModelRule
{
    /// <summary>
    /// Name and version of the model, as <see cref="TrainedModel.Name"/> has it. It stands in the rulebook, and so in the journal: a replay judges by the same model or, in a build that does not have it, by none, and never by another.
    /// No default names a model: what stands at its default is not journaled, and would be another with another build. The kind of the model says what is judged, and so an older model judges as it did.
    /// </summary>
    [JsonPropertyOrder(-3)]
    public string Model { get; init; } = "";

    /// <summary>False to leave the kind unjudged.</summary>
    [JsonPropertyOrder(-2)]
    public bool Enabled { get; init; } = true;

    /// <summary>From this score on something is unusual, 0 to 1; null for the model's own threshold.</summary>
    [JsonPropertyOrder(-1)]
    public double? Threshold { get; init; }

    /// <summary>The model itself, where it was decided over the API; see <see cref="ModelsInForce"/>.</summary>
    [JsonIgnore]
    public LearnedModel? Decided { get; init; }

    /// <summary>The model that is named; null for none, or for one that this build does not have.</summary>
    public LearnedModel? Find() => Decided ?? (Model.Length > 0 ? TrainedModels.Shipped.Find(Model) : null);

    /// <summary>The model that judges; null where none does.</summary>
    public LearnedModel? Judge() => Enabled ? Find() : null;

    /// <summary>What is wrong with model and threshold, one sentence each.</summary>
    /// <param name="where">The section.</param>
    /// <param name="optional">True where it may name no model.</param>
    /// <param name="kinds">Kinds of model that may stand there.</param>
    protected IEnumerable<string> ModelProblems(string where, bool optional, params string[] kinds)
    {
        string[] known = [.. TrainedModels.Shipped.All.Where(model => kinds.Contains(model.Model.Features.Kind, StringComparer.Ordinal)).Select(model => model.Name)];
        if (!known.Contains(Model, StringComparer.Ordinal) && !(optional && Model is ""))
        {
            yield return $"{where}.model is \"{Model}\"; it must be {(optional ? "empty for none, or " : "")}a model of this build: {string.Join(", ", known)}.";
        }

        if (Threshold is { } threshold && !(threshold > 0 && threshold <= 1))
        {
            yield return $"{where}.threshold is {FormattableString.Invariant($"{threshold}")}; it must be above 0 and at most 1.";
        }
    }
}
