using System.Text.Json.Serialization;
using Streaming.Models.Learned.Features;

namespace Streaming.Models.Learned;

/// <summary>By which learned models a city is judged. A kind that has none here is not judged, so that a rulebook of before there was this section judges as it did.</summary>
public sealed record LearnedRules
{
    /// <summary>Axles that are not as this vehicle's usually are, by a model of kind <c>axle-history</c>, or fit no usual vehicle, by one of kind <c>axle-signature</c>; null for not judged.</summary>
    [JsonPropertyName("axle-signature")]
    public AnomalyRule? AxleSignature { get; init; }

    /// <summary>How sure an overload of the road is; null for the accuracy of the station alone.</summary>
    [JsonPropertyName("over-road-limit")]
    public ConfidenceRule? OverRoadLimit { get; init; }

    /// <summary>How sure a load over the rating is; null for the accuracy of the station alone.</summary>
    [JsonPropertyName("over-rated-load")]
    public ConfidenceRule? OverRatedLoad { get; init; }

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems() =>
        (AxleSignature?.Problems("learned.axle-signature", AxleSignatureFeatures.Set.Kind, AxleHistoryFeatures.Set.Kind) ?? [])
            .Concat(OverRoadLimit?.Problems("learned.over-road-limit", "over-road-limit") ?? [])
            .Concat(OverRatedLoad?.Problems("learned.over-rated-load", "over-rated-load") ?? []);
}

/// <summary>Which learned model says how sure a warning is. What is warned of is not its matter.</summary>
public sealed record ConfidenceRule
{
    /// <summary>Name and version of the model; see <see cref="ModelRule.Model"/>.</summary>
    public string Model { get; init; } = "";

    /// <summary>False for the confidence that the kind has without a model.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>What is wrong with it, one sentence each.</summary>
    internal IEnumerable<string> Problems(string where, string kind)
    {
        string[] known = [.. TrainedModels.Shipped.All.Where(model => model.Model.Features.Kind == kind).Select(model => model.Name)];
        if (!known.Contains(Model))
        {
            yield return $"{where}.model is \"{Model}\"; it must be a model of this build: {string.Join(", ", known)}.";
        }
    }
}

/// <summary>When a learned model's score becomes a warning. No figure is verified.</summary>
public sealed record AnomalyRule : ModelRule
{
    /// <summary>A weighing below this is not judged, kg.</summary>
    public int MinimumKg { get; init; } = 3_500;

    /// <summary>Severity of the warning, 1 to 4.</summary>
    public int Severity { get; init; } = 1;

    /// <summary>How sure it is that something is behind it, 0 to 1: the score is no probability of that.</summary>
    public double Confidence { get; init; } = 0.3;

    /// <summary>What is wrong with it, one sentence each.</summary>
    internal IEnumerable<string> Problems(string where, params string[] kinds)
    {
        foreach (string problem in ModelProblems(where, optional: false, kinds))
        {
            yield return problem;
        }

        if (MinimumKg is < 0 or > ModelLimits.GrossKg)
        {
            yield return $"{where}.minimumKg is {MinimumKg}; it must be 0 to {ModelLimits.GrossKg}.";
        }

        if (Severity is < 1 or > 4)
        {
            yield return $"{where}.severity is {Severity}; severities are 1 to 4.";
        }

        if (!(Confidence > 0 && Confidence <= 1))
        {
            yield return $"{where}.confidence must be above 0 and at most 1.";
        }
    }
}
