namespace Streaming.Models.Learned.Training;

/// <summary>Rows whose probability was within one tenth, for calibration: of rows that were given 0.8, eight in ten should be true.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Positives">How many of them are labelled true.</param>
/// <param name="MeanScore">Their mean probability; 0 where there are none.</param>
public readonly record struct CalibrationBin(int Rows, int Positives, double MeanScore);

/// <summary>How a model's scores and a file's labels agree.</summary>
public sealed record Metrics
{
    /// <summary>Bins of calibration: tenths of probability, a score of exactly 1 in the last.</summary>
    public const int Bins = 10;

    public required int TruePositives { get; init; }

    public required int FalsePositives { get; init; }

    public required int FalseNegatives { get; init; }

    public required int TrueNegatives { get; init; }

    /// <summary>
    /// Area under the ROC curve: the probability that a true row scores above a false one, equal scores counting half (Hanley and McNeil, Radiology 143, 1982). Null where the rows have one label only.
    /// </summary>
    public required double? Auc { get; init; }

    /// <summary>Mean squared distance of probability and label (Brier, 1950); 0 is best. Null where the score is no probability.</summary>
    public required double? Brier { get; init; }

    /// <summary><see cref="Bins"/> of them; empty where the score is no probability.</summary>
    public required IReadOnlyList<CalibrationBin> Calibration { get; init; }

    public int Rows => TruePositives + FalsePositives + FalseNegatives + TrueNegatives;

    public int Positives => TruePositives + FalseNegatives;

    /// <summary>Share of the rows called true that are; null where none was called true.</summary>
    public double? Precision => Share(TruePositives, TruePositives + FalsePositives);

    /// <summary>Share of the true rows that were called true; null where there are none.</summary>
    public double? Recall => Share(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Harmonic mean of precision and recall; null where there is neither a true row nor one called true.</summary>
    public double? F1 => Share(2 * TruePositives, (2 * TruePositives) + FalsePositives + FalseNegatives);

    /// <summary>Calculates all of them.</summary>
    /// <param name="scores">0 to 1, by row.</param>
    /// <param name="labels">By row.</param>
    /// <param name="threshold">From this score on a row is called true.</param>
    /// <param name="probability">True where the scores are probabilities.</param>
    public static Metrics Of(IReadOnlyList<double> scores, IReadOnlyList<bool> labels, double threshold, bool probability)
    {
        int truePositives = 0, falsePositives = 0, falseNegatives = 0, trueNegatives = 0;
        double squares = 0;
        (int Rows, int Positives, double Sum)[] bins = new (int, int, double)[Bins];
        for (int i = 0; i < scores.Count; i++)
        {
            (double score, bool label) = (scores[i], labels[i]);
            bool called = score >= threshold;
            truePositives += called && label ? 1 : 0;
            falsePositives += called && !label ? 1 : 0;
            falseNegatives += !called && label ? 1 : 0;
            trueNegatives += !called && !label ? 1 : 0;
            double distance = score - (label ? 1 : 0);
            squares += distance * distance;
            ref (int Rows, int Positives, double Sum) bin = ref bins[Math.Clamp((int)(score * Bins), 0, Bins - 1)];
            bin = (bin.Rows + 1, bin.Positives + (label ? 1 : 0), bin.Sum + score);
        }

        return new Metrics
        {
            TruePositives = truePositives,
            FalsePositives = falsePositives,
            FalseNegatives = falseNegatives,
            TrueNegatives = trueNegatives,
            Auc = AucOf(scores, labels),
            Brier = probability && scores.Count > 0 ? squares / scores.Count : null,
            Calibration = probability ? [.. bins.Select(bin => new CalibrationBin(bin.Rows, bin.Positives, bin.Rows > 0 ? bin.Sum / bin.Rows : 0))] : [],
        };
    }

    private static double? AucOf(IReadOnlyList<double> scores, IReadOnlyList<bool> labels)
    {
        int[] order = [.. Enumerable.Range(0, scores.Count)];
        Array.Sort(order, (left, right) => scores[left].CompareTo(scores[right]));
        long positives = 0, negatives = 0;

        // Twice the pairs that are in the right order, so that half pairs stay whole numbers.
        long pairs = 0;
        for (int i = 0; i < order.Length;)
        {
            int same = i;
            long positivesHere = 0;
            for (; same < order.Length && scores[order[same]] == scores[order[i]]; same++)
            {
                positivesHere += labels[order[same]] ? 1 : 0;
            }

            long negativesHere = same - i - positivesHere;
            pairs += positivesHere * ((2 * negatives) + negativesHere);
            positives += positivesHere;
            negatives += negativesHere;
            i = same;
        }

        return positives > 0 && negatives > 0 ? pairs / 2.0 / positives / negatives : null;
    }

    private static double? Share(int part, int whole) => whole > 0 ? (double)part / whole : null;
}
