using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;
using Xunit;

namespace Streaming.Tests.Learned;

public sealed class ScorerTests
{
    private static readonly Standardisation Two = new([1, 2], [2, 4]);

    [Fact]
    public void Logistic_regression_weighs_standardised_features()
    {
        LogisticScorer scorer = new(Two, [0.5, -1], 0.25);

        // (5-1)/2 = 2, (10-2)/4 = 2: 0.25 + 1 - 2 = -0.75.
        Assert.Equal(1 / (1 + Math.Exp(0.75)), scorer.Score([5, 10]), 1e-15);
    }

    [Fact]
    public void A_value_on_the_threshold_goes_left_and_calibration_comes_last()
    {
        DecisionTree tree = new(2, [0, 1], [1.5f, 3], [~0, ~1], [1, ~2], [0.1, 0.2, 0.4]);
        DecisionTree leaf = new(1, [], [], [], [], [0.05]);
        TreeScorer scorer = new(2, [tree, leaf], 0.5, -3, 0.1);
        Assert.Equal(Calibrated(0.5 + 0.2 + 0.05), scorer.Score([1.5f, 9]), 1e-15);
        Assert.Equal(Calibrated(0.5 + 0.4 + 0.05), scorer.Score([1.6f, 3]), 1e-15);
        Assert.Equal(Calibrated(0.5 + 0.8 + 0.05), scorer.Score([1.6f, 3.1f]), 1e-15);

        static double Calibrated(double sum) => 1 / (1 + Math.Exp((-3 * sum) + 0.1));
    }

    [Fact]
    public void Principal_components_leave_what_is_off_their_directions()
    {
        PcaScorer scorer = new(Two, [0, 0], [[1, 0]]);
        Assert.Equal(0, scorer.Score([9, 2]));
        Assert.Equal(1, scorer.Score([1, 9]));
        Assert.Equal(Math.Sqrt(0.5), scorer.Score([3, 6]), 1e-15);
        Assert.Equal(0, scorer.Score([1, 2]));
    }

    [Theory]
    [InlineData("baseline-logistic")]
    [InlineData("baseline-pca")]
    [InlineData("trees")]
    public void Scoring_allocates_nothing(string which)
    {
        DecisionTree tree = new(1, [0, 1], [1.5f, 3], [~0, ~1], [1, ~2], [0.1, 0.2, 0.4]);
        IScorer scorer = which switch
        {
            "baseline-logistic" => new BaselineTrainer().Train(MadeRows.Overloads(200)).Scorer,
            "baseline-pca" => new BaselinePcaTrainer().Train(MadeRows.Signatures(200)).Scorer,
            _ => new TreeScorer(11, [.. Enumerable.Repeat(tree, 100)], 0, -1, 0),
        };
        float[] vector = [.. Enumerable.Range(0, scorer.Features).Select(i => (float)i)];
        double sum = scorer.Score(vector);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            sum += scorer.Score(vector);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(double.IsFinite(sum));
    }
}
