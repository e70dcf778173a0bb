namespace Streaming.Models.Learned.Training;

/// <summary>What the trainers of anomalies have in common.</summary>
public static class AnomalyThreshold
{
    /// <summary>Share of the usual rows that may pass the threshold. Not verified: at a station with 1,000 vehicles a day ten notices.</summary>
    public const double UsualShare = 0.01;

    /// <summary>Components for a number of features: a third, at least one. Not verified; with all of them nothing would be unusual.</summary>
    public static int Rank(int features) => Math.Max(1, features / 3);

    /// <summary>The score that <see cref="UsualShare"/> of the usual rows reach. At most 1.</summary>
    public static double Of(IScorer scorer, IReadOnlyList<float[]> usual)
    {
        double[] scores = [.. usual.Select(vector => scorer.Score(vector))];
        Array.Sort(scores);
        return scores.Length == 0 ? 1 : scores[Math.Min(scores.Length - 1, (int)(scores.Length * (1 - UsualShare)))];
    }
}
