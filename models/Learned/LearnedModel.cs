using System.Globalization;

namespace Streaming.Models.Learned;

/// <summary>A vector with the score that the trainer itself gave it.</summary>
public sealed record GoldenRow(IReadOnlyList<float> Vector, double Score);

/// <summary>A trained model of one kind of warning: its arithmetic, the score from which on it says yes, where it comes from, and rows to check it by. Immutable.</summary>
public sealed class LearnedModel
{
    /// <summary>How far a score may be from the trainer's own. Trainers calculate in single precision.</summary>
    public const double GoldenTolerance = 1e-4;

    public LearnedModel(FeatureSet features, IScorer scorer, double threshold, ModelCard card, IReadOnlyList<GoldenRow> golden)
    {
        if (scorer.Features != features.Count)
        {
            throw new ArgumentException($"{features.Kind} has {features.Count} features, and the scorer takes {scorer.Features}.", nameof(scorer));
        }

        (Features, Scorer, Threshold, Card, Golden) = (features, scorer, threshold, card, golden);
    }

    public FeatureSet Features { get; }

    public IScorer Scorer { get; }

    /// <summary>From this score on it says yes, 0 to 1.</summary>
    public double Threshold { get; }

    public ModelCard Card { get; }

    public IReadOnlyList<GoldenRow> Golden { get; }

    /// <summary>Score of a vector that a feature function of <see cref="Features"/> filled, 0 to 1.</summary>
    public double Score(ReadOnlySpan<float> vector) => vector.Length == Features.Count
        ? Scorer.Score(vector)
        : throw new ArgumentException($"{Features.Kind} has {Features.Count} features, and the vector {vector.Length}.", nameof(vector));

    /// <summary>Scores the golden rows. Null where each is within <see cref="GoldenTolerance"/> of the trainer's own score; otherwise a sentence about the worst.</summary>
    public string? Verify()
    {
        int worst = -1;
        double worstBy = GoldenTolerance;
        for (int i = 0; i < Golden.Count; i++)
        {
            double by = Math.Abs(Score([.. Golden[i].Vector]) - Golden[i].Score);
            if (!(by <= worstBy))
            {
                (worst, worstBy) = (i, by);
            }
        }

        return worst < 0
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"Golden row {worst} scores {Score([.. Golden[worst].Vector]):0.000000}, and its trainer gave {Golden[worst].Score:0.000000}; at most {GoldenTolerance:0.0000} apart expected.");
    }
}
