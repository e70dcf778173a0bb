using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;
using Streaming.Silo.Views;

namespace Streaming.Silo.Training;

/// <summary>One model on the cases that two are compared on.</summary>
/// <param name="Model">Name and version.</param>
/// <param name="Part"><c>judge</c> or <c>shadow</c>, as it is now.</param>
/// <param name="Threshold">At which precision and recall are told.</param>
/// <param name="Metrics">On all of the cases.</param>
/// <param name="Stations">By source of the reading that was scored, in ordinal order.</param>
internal sealed record ModelOnCases(string Model, string Part, double Threshold, Metrics Metrics, IReadOnlyList<StationMetrics> Stations);

/// <summary>
/// Judge and shadow on the same later cases: those that were closed since the shadow began, that both had scored before anybody looked, and whose outcome says whether the warning was true. What an outcome means says the rulebook in force.
/// </summary>
internal sealed class ModelComparison
{
    /// <summary>Where nothing says otherwise, and for what has no threshold of its own.</summary>
    public const double DefaultThreshold = 0.5;

    private readonly List<(string Source, bool Found, double Judge, double Shadow)> compared = [];

    private ModelComparison()
    {
    }

    /// <summary>Cases of the kind that were closed in the time.</summary>
    public int Closed { get; private set; }

    /// <summary>Closed with an outcome that says nothing of the warning.</summary>
    public int Unlabelled { get; private set; }

    /// <summary>Labelled, but not scored by both: opened before the shadow was there, for one.</summary>
    public int Unscored { get; private set; }

    public int Compared => compared.Count;

    public int FoundTrue => compared.Count(each => each.Found);

    /// <summary>The judge first.</summary>
    public IReadOnlyList<ModelOnCases> Models { get; private set; } = [];

    /// <summary>Compares.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="judge">Name of the learned model that judges; null where the kind goes by what is built in.</param>
    /// <param name="shadow">Name of the model in shadow.</param>
    /// <param name="threshold">For both; null for each one's own.</param>
    /// <param name="cases">Closed cases of the kind.</param>
    /// <param name="outcomes">What outcomes mean.</param>
    public static ModelComparison Of(LearnedKind kind, ScoringModel? judge, ScoringModel shadow, double? threshold, IReadOnlyList<ScoredCase> cases, IReadOnlyList<OutcomeCode> outcomes)
    {
        ModelComparison comparison = new() { Closed = cases.Count };
        string builtIn = "";
        foreach (ScoredCase each in cases)
        {
            if (outcomes.FirstOrDefault(outcome => outcome.Code == each.Outcome)?.Found is not { } found)
            {
                comparison.Unlabelled++;
                continue;
            }

            ModelScore[] scores = each.Scores is { } json ? JsonSerializer.Deserialize(json, GrainsJson.Default.ModelScoreArray) ?? [] : [];
            ModelScore? its = Array.Find(scores, score => judge is null ? !kind.Has(score.Model) : score.Model == judge.Name);
            ModelScore? other = Array.Find(scores, score => score.Model == shadow.Name);
            if (its is null || other is null)
            {
                comparison.Unscored++;
                continue;
            }

            builtIn = judge is null ? its.Model : builtIn;
            comparison.compared.Add((each.Source ?? "", found, its.Score, other.Score));
        }

        bool isProbability = kind.Task == LearningTask.Confidence;
        comparison.Models =
        [
            comparison.On(judge?.Name ?? builtIn, ModelScore.Judge, threshold ?? judge?.Threshold ?? DefaultThreshold, isProbability, each => each.Judge),
            comparison.On(shadow.Name, ModelScore.Shadow, threshold ?? shadow.Threshold, isProbability, each => each.Shadow),
        ];
        return comparison;
    }

    private ModelOnCases On(string model, string part, double threshold, bool isProbability, Func<(string Source, bool Found, double Judge, double Shadow), double> score)
    {
        return new ModelOnCases(
            model, part, threshold, MetricsOf(compared),
            [.. compared.GroupBy(each => each.Source, StringComparer.Ordinal).OrderBy(station => station.Key, StringComparer.Ordinal).Select(station => new StationMetrics(station.Key, MetricsOf([.. station])))]);

        Metrics MetricsOf(List<(string Source, bool Found, double Judge, double Shadow)> cases) =>
            Metrics.Of([.. cases.Select(score)], [.. cases.Select(each => each.Found)], threshold, isProbability);
    }
}
