using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;
using Streaming.Models.MlNet;
using Streaming.Tests.Learned;
using Xunit;

namespace Streaming.Tests.MlNet;

/// <summary>The native scorer against ML.NET's own.</summary>
public sealed class MlNetParityTests
{
    private const int OtherRows = 10_000;

    private static readonly string[] Names = [.. Trainers.All.Select(trainer => trainer.Name).Where(name => name.StartsWith("mlnet-", StringComparison.Ordinal))];

    public static TheoryData<string> Trained => [.. Names];

    [Fact]
    public void There_are_three() => Assert.Equal(["mlnet-logistic", "mlnet-fasttree", "mlnet-pca"], Names);

    [Theory]
    [MemberData(nameof(Trained))]
    public void The_file_scores_as_its_trainer_does_on_its_golden_rows_and_on_others(string name)
    {
        ITrainer trainer = Trainer(name);
        LearnedModel model = ReadBack(trainer);
        Assert.Null(model.Verify());
        Assert.InRange(model.Golden.Count, 30, 32);

        TrainedScorer again = trainer.Train(Rows(trainer, 2_000, 1).Split(Comparison.LaterShare).Earlier);
        TrainingSet others = Rows(trainer, OtherRows / 2, 2);
        int compared = 0;
        double worst = 0;
        foreach (float[] vector in others.Rows.Select(row => row.Vector).Concat(MadeRows.Anywhere(model.Features, OtherRows / 2, 3)))
        {
            double own = again.OwnScore(vector);

            // ML.NET's components have no score where rounding leaves nothing to explain.
            if (double.IsFinite(own))
            {
                worst = Math.Max(worst, Math.Abs(model.Score(vector) - own));
                compared++;
            }
        }

        Assert.True(worst <= LearnedModel.GoldenTolerance, $"{name} is {worst:g3} off");
        Assert.InRange(compared, OtherRows - 10, OtherRows);
    }

    [Theory]
    [MemberData(nameof(Trained))]
    public void Training_twice_gives_the_same_file(string name) => Assert.Equal(ModelFile.Write(ReadBack(Trainer(name))), ModelFile.Write(ReadBack(Trainer(name))));

    [Fact]
    public void Both_regressions_agree_and_every_trainer_beats_the_share_of_positives()
    {
        Comparison comparison = Comparison.Run(MadeRows.Overloads(6_000), [new BaselineTrainer(), new LbfgsTrainer(), new FastTreeTrainer()], out _)!;
        Assert.All(comparison.Models, model => Assert.True(model.Model.Card.Metrics.Auc > 0.8, $"{model.Model.Card.Trainer} {model.Model.Card.Metrics.Auc}"));
        double straight = comparison.Models[0].Model.Card.Metrics.Brier!.Value;
        Assert.Equal(straight, comparison.Models[1].Model.Card.Metrics.Brier!.Value, 0.005);
        Assert.All(comparison.Models, model => Assert.True(model.Model.Card.Metrics.Brier < comparison.BrierOfShare));
    }

    [Fact]
    public void Scoring_an_exported_ensemble_allocates_nothing()
    {
        IScorer scorer = new FastTreeTrainer().Train(MadeRows.Overloads(1_000)).Scorer;
        float[] vector = MadeRows.Overloads(1).Rows[0].Vector;
        double sum = scorer.Score(vector);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            sum += scorer.Score(vector);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(sum, 0, 1_001);
    }

    private static ITrainer Trainer(string name) => Trainers.All.Single(trainer => trainer.Name == name);

    private static TrainingSet Rows(ITrainer trainer, int count, int seed) => trainer.Task == LearningTask.Confidence ? MadeRows.Overloads(count, seed) : MadeRows.Signatures(count, seed);

    private static LearnedModel ReadBack(ITrainer trainer)
    {
        Comparison comparison = Comparison.Run(Rows(trainer, 2_000, 1), [trainer], out string? problem) ?? throw new InvalidOperationException(problem);
        return ModelFile.Read(ModelFile.Write(comparison.Models[0].Model), out IReadOnlyList<string> problems) ?? throw new InvalidOperationException(string.Join('\n', problems));
    }
}
