namespace Streaming.Models.Learned.Training;

/// <summary>What the trainers of anomalies have in common.</summary>
public static class AnomalyThreshold
{
    /// <summary>Share of the usual rows that may pass the threshold. Not verified: at a station with 1,000 vehicles a day ten notices.</summary>
    public const double UsualShare = 0.01;

    /// <summary>
    /// Components for a number of features: half of them, rounded up. With all of them nothing would be unusual. Of two to nine components of the eleven features of axle signatures six told made anomalies best from usual trucks
    /// (AUC 0.76 against 0.71 with a third), and found fewest recorded trucks unusual.
    /// </summary>
    public static int Rank(int features) => (features + 1) / 2;

    /// <summary>The score that <see cref="UsualShare"/> of the usual rows reach. At most 1.</summary>
    public static double Of(IScorer scorer, IReadOnlyList<float[]> usual)
    {
        double[] scores = [.. usual.Select(vector => scorer.Score(vector))];
        Array.Sort(scores);
        return scores.Length == 0 ? 1 : scores[Math.Min(scores.Length - 1, (int)(scores.Length * (1 - UsualShare)))];
    }
}
