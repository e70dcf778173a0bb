namespace Streaming.Models.Learned.Training;

/// <summary>How a model did at one station.</summary>
public sealed record StationMetrics(string Source, Metrics Metrics);

/// <summary>A model on rows that it was not trained on.</summary>
/// <param name="Model">With its card.</param>
/// <param name="Stations">By station, in ordinal order.</param>
/// <param name="FileBytes">Size of its file.</param>
public sealed record ComparedModel(LearnedModel Model, IReadOnlyList<StationMetrics> Stations, int FileBytes);

/// <summary>Every trainer of a kind on the same earlier rows, compared on the same later ones.</summary>
public sealed class Comparison
{
    /// <summary>Share of the rows, the latest ones, that nothing is trained on.</summary>
    public const double LaterShare = 0.3;

    /// <summary>Rows whose scores by the trainer itself go into the file.</summary>
    private const int GoldenRows = 32;

    private Comparison(FeatureSet features, TrainingSet later, IReadOnlyList<ComparedModel> models)
    {
        Features = features;
        Models = models;
        double share = later.Rows.Count > 0 ? (double)later.Positives / later.Rows.Count : 0;
        BrierOfShare = share * (1 - share);
    }

    public FeatureSet Features { get; }

    /// <summary>In the order of the trainers.</summary>
    public IReadOnlyList<ComparedModel> Models { get; }

    /// <summary>Brier score of whoever says the share of the positives, no more and no less, of each later row: a model that is not below has learned nothing.</summary>
    public double BrierOfShare { get; }

    /// <summary>Trains and compares. Null where the rows do not allow it.</summary>
    /// <param name="rows">All rows of the kind.</param>
    /// <param name="trainers">Those whose task is not the kind's are passed over.</param>
    /// <param name="problem">Why not, as a sentence.</param>
    /// <param name="data">What the rows are, for the card.</param>
    public static Comparison? Run(TrainingSet rows, IEnumerable<ITrainer> trainers, out string? problem, string? data = null)
    {
        (TrainingSet earlier, TrainingSet later) = rows.Split(LaterShare);
        problem = Problem(rows, earlier, later);
        if (problem is not null)
        {
            return null;
        }

        string hash = rows.Sha256();
        List<ComparedModel> models = [];
        foreach (ITrainer trainer in trainers.Where(trainer => trainer.Task == rows.Features.Task))
        {
            TrainedScorer training = trainer.Train(earlier);
            double[] scores = [.. later.Rows.Select(row => training.Scorer.Score(row.Vector))];
            ModelCard card = new()
            {
                Trainer = trainer.Name,
                TrainerDetail = trainer.Detail,
                DateMs = rows.Rows[^1].AtMs,
                DataSha256 = hash,
                Data = data,
                Trained = earlier.OnCard(),
                Compared = later.OnCard(),
                Metrics = MetricsOf(Enumerable.Range(0, scores.Length)),
            };
            LearnedModel model = new(rows.Features, training.Scorer, training.Threshold, card, Golden(training, earlier));
            StationMetrics[] stations =
            [
                .. Enumerable.Range(0, scores.Length).GroupBy(i => later.Rows[i].Source, StringComparer.Ordinal).OrderBy(station => station.Key, StringComparer.Ordinal)
                    .Select(station => new StationMetrics(station.Key, MetricsOf(station))),
            ];
            models.Add(new ComparedModel(model, stations, ModelFile.Write(model).Length));

            Metrics MetricsOf(IEnumerable<int> which)
            {
                int[] places = [.. which];
                return Metrics.Of([.. places.Select(i => scores[i])], [.. places.Select(i => later.Rows[i].Label)], training.Threshold, training.Scorer.IsProbability);
            }
        }

        return new Comparison(rows.Features, later, models);
    }

    /// <summary>
    /// The best of the models and the figure that says so: the Brier score of a confidence, because a warning shows it as a probability, and the AUC of an anomaly. Where two are equal, the smaller file; null where the later rows
    /// do not tell.
    /// </summary>
    public (ComparedModel Model, string By)? Best()
    {
        bool confidence = Features.Task == LearningTask.Confidence;
        ComparedModel? best = Models
            .Where(model => Figure(model) is not null)
            .OrderBy(model => confidence ? Figure(model) : -Figure(model))
            .ThenBy(model => model.FileBytes)
            .FirstOrDefault();
        return best is null ? null : (best, confidence ? "Brier score" : "AUC");

        double? Figure(ComparedModel model) => confidence ? model.Model.Card.Metrics.Brier : model.Model.Card.Metrics.Auc;
    }

    private static string? Problem(TrainingSet rows, TrainingSet earlier, TrainingSet later)
    {
        string kind = rows.Features.Kind;
        if (rows.Rows.Count < ModelLimits.TrainingLeastRows)
        {
            return $"{kind} has {rows.Rows.Count} rows; at least {ModelLimits.TrainingLeastRows} expected.";
        }

        if (later.Rows.Count == 0)
        {
            return $"The latest rows of {kind} are all of one time, so none are left to compare on. Give each row the time of its reading.";
        }

        if (rows.Features.Task == LearningTask.Confidence && (earlier.Positives == 0 || earlier.Positives == earlier.Rows.Count))
        {
            string label = earlier.Positives == 0 ? "false" : "true";
            return $"All {earlier.Rows.Count} earlier rows of {kind} are labelled {label}, so there is nothing to tell apart. Add rows that were found {(earlier.Positives == 0 ? "true" : "false")}, of before the latest 30 %.";
        }

        return rows.Features.Task == LearningTask.Anomaly && earlier.Positives == earlier.Rows.Count
            ? $"All {earlier.Rows.Count} earlier rows of {kind} are labelled true, so there is nothing usual to learn from."
            : null;
    }

    /// <summary>Rows at even distances over the whole time, with the trainer's own scores.</summary>
    private static List<GoldenRow> Golden(TrainedScorer training, TrainingSet rows)
    {
        List<GoldenRow> golden = [];
        int count = Math.Min(GoldenRows, rows.Rows.Count);
        for (int i = 0; i < count; i++)
        {
            float[] vector = rows.Rows[(int)((long)i * rows.Rows.Count / count)].Vector;
            double score = training.OwnScore(vector);
            if (double.IsFinite(score))
            {
                golden.Add(new GoldenRow(vector, score));
            }
        }

        return golden;
    }
}
