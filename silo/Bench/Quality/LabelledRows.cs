using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;
using Streaming.Silo.Training;

namespace Streaming.Silo.Bench.Quality;

/// <summary>
/// Labelled rows for <c>train</c> of the overloads that a played city raises: what a model would have seen of each, and whether it was so. In place of departments that look, the play knows; what is over by less than can be told is so all the same, as a
/// department with a better scale would find.
/// </summary>
internal sealed class LabelledRows
{
    private static readonly FeatureSet[] Sets = [OverloadFeatures.RoadLimit, OverloadFeatures.RatedLoad];
    private readonly Dictionary<string, Ear> ears = Sets.ToDictionary(set => set.Kind, set => new Ear(set.Count), StringComparer.Ordinal);
    private readonly List<(RaisedWarning Warning, string Source, long AtMs, float[] Vector)> heard = [];

    /// <summary>The rulebook with somebody in shadow who writes down what is scored.</summary>
    public Rulebook Listening(Rulebook rules)
    {
        ModelsInForce models = rules.Judges;
        foreach (LearnedKind kind in (LearnedKind[])[LearnedKind.OverRoadLimit, LearnedKind.OverRatedLoad])
        {
            FeatureSet set = kind.Sets[0];
            ModelCard card = new() { Trainer = "none", TrainerDetail = "none", DateMs = 0, DataSha256 = "", Trained = default, Compared = default, Metrics = Metrics.Of([], [], 0.5, probability: true) };
            models = models.WithShadow(kind, new ScoringModel(set.Kind, new LearnedModel(set, ears[set.Kind], 0.5, card, []), 0.5));
        }

        return rules.WithJudges(models);
    }

    /// <summary>To be told of every change of a warning, right after the turn that made it.</summary>
    public void Told(RaisedWarning raised, Warning warning)
    {
        if (ears.GetValueOrDefault(warning.Kind)?.Take() is { } vector)
        {
            // A reading that came late is scored as well, but the warning goes on speaking of a newer one.
            heard.Add((raised, warning.Evidence.Readings[^1].Source, warning.Evidence.Readings[^1].At.ToUnixTimeMilliseconds(), vector));
        }
    }

    /// <summary>The rows of each kind, once it is known what stands behind the warnings.</summary>
    public IEnumerable<TrainingSet> Of(IReadOnlyList<KindScore> scores)
    {
        foreach (FeatureSet set in Sets)
        {
            Dictionary<string, bool> labels = scores.First(score => score.Kind == set.Kind).Judged.ToDictionary(pair => pair.Warning.Id, pair => pair.Truth is not null, StringComparer.Ordinal);
            yield return new TrainingSet(set, heard.Where(row => row.Warning.Kind == set.Kind).Select(row => new TrainingRow(row.AtMs, row.Source, row.Vector, labels[row.Warning.Id])));
        }
    }

    /// <summary>Writes the rows of all kinds.</summary>
    public void Write(Stream stream, IReadOnlyList<KindScore> scores)
    {
        foreach (TrainingSet rows in Of(scores))
        {
            HandledCases.Write(stream, rows);
        }
    }

    /// <summary>Scores nothing and keeps the vector.</summary>
    private sealed class Ear(int features) : IScorer
    {
        private float[]? vector;

        public string Algorithm => "none";

        public bool IsProbability => true;

        public int Features => features;

        public double Score(ReadOnlySpan<float> heard)
        {
            vector = heard.ToArray();
            return 0;
        }

        public float[]? Take()
        {
            float[]? taken = vector;
            vector = null;
            return taken;
        }
    }
}
