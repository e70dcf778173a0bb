using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;

namespace Streaming.Models.MlNet;

/// <summary>ML.NET's randomized principal components of the rows labelled false, over features that are standardised here: in single precision its score loses its digits where a mean is large beside its deviation.</summary>
public sealed class RandomizedPcaTrainer : ITrainer
{
    public string Name => "mlnet-pca";

    public string Detail => $"{MlNetRows.Version} RandomizedPca of the rows labelled false, a third of the features as rank, seed {MlNetRows.Seed}; threshold passed by 1 % of them";

    public LearningTask Task => LearningTask.Anomaly;

    public TrainedScorer Train(TrainingSet rows)
    {
        int features = rows.Features.Count;
        List<float[]> usual = [.. rows.Rows.Where(row => !row.Label).Select(row => row.Vector)];
        Standardisation standardisation = Standardisation.Of(usual, rows.Features);
        MLContext context = MlNetRows.Context();
        IDataView view = MlNetRows.View(context, usual.Select(vector => new MlNetRow { Features = standardisation.Apply(vector) }), features);
        AnomalyPredictionTransformer<PcaModelParameters> model = context.AnomalyDetection.Trainers
            .RandomizedPca(new Microsoft.ML.Trainers.RandomizedPcaTrainer.Options { Rank = AnomalyThreshold.Rank(features), Seed = MlNetRows.Seed, EnsureZeroMean = true })
            .Fit(view);
        VBuffer<float>[] vectors = [];
        model.Model.GetEigenVectors(ref vectors, out int rank);
        VBuffer<float> mean = default;
        model.Model.GetMean(ref mean);
        PcaScorer scorer = new(standardisation, Doubles(mean), [.. vectors.Take(rank).Select(vector => Doubles(vector))]);
        PredictionEngine<MlNetRow, MlNetAnomaly> engine = MlNetRows.Engine<MlNetAnomaly>(context, model, features);
        return new TrainedScorer(scorer, AnomalyThreshold.Of(scorer, usual), vector => engine.Predict(new MlNetRow { Features = standardisation.Apply(vector) }).Score);
    }

    private static double[] Doubles(VBuffer<float> buffer) => [.. buffer.DenseValues().Select(value => (double)value)];
}
