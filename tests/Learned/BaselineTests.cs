using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;
using Xunit;

namespace Streaming.Tests.Learned;

public sealed class BaselineTests
{
    [Fact]
    public void Without_features_that_tell_anything_the_probability_is_the_share_of_positives()
    {
        TrainingSet rows = new(OverloadFeatures.RoadLimit, Enumerable.Range(0, 100).Select(i => new TrainingRow(i, "S", new float[14], i < 20)));
        Assert.Equal(0.2, new BaselineTrainer().Train(rows).Scorer.Score(new float[14]), 1e-6);
    }

    [Fact]
    public void At_the_best_weights_the_penalised_gradient_is_nothing()
    {
        TrainingSet rows = MadeRows.Overloads(500);
        LogisticScorer scorer = Assert.IsType<LogisticScorer>(new BaselineTrainer().Train(rows).Scorer);
        for (int i = 0; i < 11; i++)
        {
            double gradient = scorer.Weights[i] + rows.Rows.Sum(row => (scorer.Score(row.Vector) - (row.Label ? 1 : 0)) * scorer.Standardisation.At(i, row.Vector[i]));
            Assert.Equal(0, gradient, 1e-5);
        }
    }

    [Fact]
    public void Labels_that_one_feature_separates_still_have_an_end()
    {
        TrainingSet rows = new(OverloadFeatures.RoadLimit, Enumerable.Range(0, 100).Select(i => new TrainingRow(i, "S", [i, .. new float[13]], i >= 50)));
        IScorer scorer = new BaselineTrainer().Train(rows).Scorer;
        Assert.True(scorer.Score([0, .. new float[13]]) < 0.05);
        Assert.True(scorer.Score([99, .. new float[13]]) > 0.95);
    }

    [Fact]
    public void Rows_of_one_minute_say_nothing_of_the_hour()
    {
        // Sixty rows whose plate tells all; the last of them, a false one, stands in the next minute.
        TrainingSet rows = new(OverloadFeatures.RoadLimit, Enumerable.Range(0, 60).Select(i => new TrainingRow(i, "S", Vector(i % 2 == 0, i / 59), i % 2 == 0)));
        IScorer scorer = new BaselineTrainer().Train(rows).Scorer;
        foreach (int minute in (int[])[0, 1, 5, 60])
        {
            Assert.True(scorer.Score(Vector(true, minute)) > 0.5, $"true, {minute} min later: {scorer.Score(Vector(true, minute))}");
            Assert.True(scorer.Score(Vector(false, minute)) < 0.5, $"false, {minute} min later: {scorer.Score(Vector(false, minute))}");
        }

        static float[] Vector(bool clear, int minute)
        {
            float hour = 10 + (minute / 60f);
            return [20, 10, 2, 6, 60, 0, clear ? 0.98f : 0.62f, 0, 17, hour, 12 - hour, 24, 0, 2];
        }
    }

    [Fact]
    public void Principal_components_are_at_right_angles_and_find_what_was_put_together()
    {
        TrainingSet rows = MadeRows.Signatures(1_000);
        TrainedScorer trained = new BaselinePcaTrainer().Train(rows);
        PcaScorer scorer = Assert.IsType<PcaScorer>(trained.Scorer);
        for (int i = 0; i < scorer.Components.Count; i++)
        {
            for (int j = 0; j < scorer.Components.Count; j++)
            {
                Assert.Equal(i == j ? 1 : 0, scorer.Components[i].Zip(scorer.Components[j], (left, right) => left * right).Sum(), 1e-12);
            }
        }

        Metrics metrics = Metrics.Of([.. rows.Rows.Select(row => scorer.Score(row.Vector))], [.. rows.Rows.Select(row => row.Label)], trained.Threshold, false);
        Assert.True(metrics.Auc > 0.9, $"AUC {metrics.Auc}");
        Assert.InRange((double)metrics.FalsePositives / (metrics.Rows - metrics.Positives), 0, 0.02);
    }

    [Fact]
    public void Figures_follow_from_scores_and_labels()
    {
        Metrics metrics = Metrics.Of([0.1, 0.4, 0.4, 0.8, 1], [false, true, false, true, true], 0.5, true);
        Assert.Equal((2, 0, 1, 2), (metrics.TruePositives, metrics.FalsePositives, metrics.FalseNegatives, metrics.TrueNegatives));
        Assert.Equal(1, metrics.Precision);
        Assert.Equal(2 / 3.0, metrics.Recall);
        Assert.Equal(0.8, metrics.F1!.Value, 1e-12);

        // Six pairs: five in order and one of equals.
        Assert.Equal(5.5 / 6, metrics.Auc!.Value, 1e-12);
        Assert.Equal((0.01 + 0.36 + 0.16 + 0.04 + 0) / 5, metrics.Brier!.Value, 1e-12);
        Assert.Equal(new CalibrationBin(2, 1, 0.4), metrics.Calibration[4]);
        Assert.Equal(new CalibrationBin(1, 1, 1), metrics.Calibration[9]);
    }

    [Fact]
    public void Figures_that_rows_of_one_label_do_not_have_are_not_made_up()
    {
        Metrics metrics = Metrics.Of([0.1, 0.2], [false, false], 0.5, false);
        Assert.Equal((null, null, null, null, null), (metrics.Precision, metrics.Recall, metrics.F1, metrics.Auc, metrics.Brier));
        Assert.Empty(metrics.Calibration);
    }

    [Fact]
    public void A_comparison_knows_its_stations_and_its_best()
    {
        Comparison comparison = Comparison.Run(MadeRows.Overloads(2_000), [new BaselineTrainer(), new BaselinePcaTrainer()], out _)!;
        ComparedModel only = Assert.Single(comparison.Models);
        Assert.Equal(["S00", "S01", "S02"], only.Stations.Select(station => station.Source));
        Assert.Equal(600, only.Stations.Sum(station => station.Metrics.Rows));
        Assert.Equal((1_400, 600), (only.Model.Card.Trained.Rows, only.Model.Card.Compared.Rows));
        Assert.Equal(MadeRows.BeginMs + (1_999 * 60_000), only.Model.Card.DateMs);
        Assert.Equal((only, "Brier score"), comparison.Best());
        Assert.True(only.Model.Card.Metrics.Brier < comparison.BrierOfShare);
    }
}
