using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;

namespace Streaming.Models.MlNet;

/// <summary>ML.NET's boosted trees, calibrated after Platt by the trainer itself.</summary>
public sealed class FastTreeTrainer : ITrainer
{
    private const int NumberOfTrees = 100;
    private const int NumberOfLeaves = 20;
    private const int LeastRowsOfLeaf = 10;

    public string Name => "mlnet-fasttree";

    public string Detail => $"{MlNetRows.Version} FastTree, {NumberOfTrees} trees of {NumberOfLeaves} leaves with {LeastRowsOfLeaf} rows, one thread, seed {MlNetRows.Seed}";

    public LearningTask Task => LearningTask.Confidence;

    public TrainedScorer Train(TrainingSet rows)
    {
        int features = rows.Features.Count;
        MLContext context = MlNetRows.Context();
        IDataView view = MlNetRows.View(context, rows.Rows.Select(row => new MlNetRow { Features = row.Vector, Label = row.Label }), features);
        BinaryPredictionTransformer<CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator>> model = context.BinaryClassification.Trainers
            .FastTree(new FastTreeBinaryTrainer.Options
            {
                NumberOfThreads = 1,
                Seed = MlNetRows.Seed,
                FeatureSelectionSeed = MlNetRows.Seed,
                NumberOfTrees = NumberOfTrees,
                NumberOfLeaves = NumberOfLeaves,
                MinimumExampleCountPerLeaf = LeastRowsOfLeaf,
            })
            .Fit(view);
        RegressionTreeEnsemble ensemble = model.Model.SubModel.TrainedTreeEnsemble;
        PlattCalibrator platt = model.Model.Calibrator;
        TreeScorer scorer = new(features, [.. ensemble.Trees.Select((tree, i) => Exported(tree, ensemble.TreeWeights[i]))], ensemble.Bias, platt.Slope, platt.Offset);
        PredictionEngine<MlNetRow, MlNetScore> engine = MlNetRows.Engine<MlNetScore>(context, model, features);
        return new TrainedScorer(scorer, 0.5, vector => engine.Predict(new MlNetRow { Features = vector }).Probability);
    }

    private static DecisionTree Exported(RegressionTree tree, double weight) =>
        new(weight, [.. tree.NumericalSplitFeatureIndexes], [.. tree.NumericalSplitThresholds], [.. tree.LeftChild], [.. tree.RightChild], [.. tree.LeafValues]);
}
