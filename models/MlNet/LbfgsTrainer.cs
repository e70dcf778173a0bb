using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;

namespace Streaming.Models.MlNet;

/// <summary>ML.NET's logistic regression by L-BFGS, over features that are standardised here, so that its file needs nothing of ML.NET's.</summary>
public sealed class LbfgsTrainer : ITrainer
{
    public string Name => "mlnet-logistic";

    public string Detail => $"{MlNetRows.Version} LbfgsLogisticRegression, L1 0, L2 1, one thread";

    public LearningTask Task => LearningTask.Confidence;

    public TrainedScorer Train(TrainingSet rows)
    {
        int features = rows.Features.Count;
        Standardisation standardisation = Standardisation.Of([.. rows.Rows.Select(row => row.Vector)], rows.Features);
        MLContext context = MlNetRows.Context();
        IDataView view = MlNetRows.View(context, rows.Rows.Select(row => new MlNetRow { Features = standardisation.Apply(row.Vector), Label = row.Label }), features);
        BinaryPredictionTransformer<CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>> model = context.BinaryClassification.Trainers
            .LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options { NumberOfThreads = 1, L1Regularization = 0, L2Regularization = 1 })
            .Fit(view);
        LinearBinaryModelParameters linear = model.Model.SubModel;
        PlattCalibrator platt = model.Model.Calibrator;

        // The calibrator is a logistic function again: it goes into weights and bias, and the file needs only one.
        LogisticScorer scorer = new(standardisation, [.. linear.Weights.Select(weight => -platt.Slope * weight)], -((platt.Slope * linear.Bias) + platt.Offset));
        PredictionEngine<MlNetRow, MlNetScore> engine = MlNetRows.Engine<MlNetScore>(context, model, features);
        return new TrainedScorer(scorer, 0.5, vector => engine.Predict(new MlNetRow { Features = standardisation.Apply(vector) }).Probability);
    }
}
