using System.Text;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;

namespace Streaming.Tests.Learned;

/// <summary>Models whose arithmetic a test can do in its head.</summary>
internal static class MadeModels
{
    /// <summary>A model of overloads that knows one thing: how sure the plate is. It says L(bias + weight·plate).</summary>
    public static (string Name, string File, LearnedModel Model) ByPlate(double weight, double bias, FeatureSet? set = null)
    {
        FeatureSet features = set ?? OverloadFeatures.RoadLimit;
        double[] weights = new double[features.Count];
        weights[features.IndexOf("plateConfidence")] = weight;
        LogisticScorer scorer = new(new Standardisation(new double[features.Count], [.. Enumerable.Repeat(1.0, features.Count)]), weights, bias);
        float[] vector = new float[features.Count];
        ModelCard card = new()
        {
            Trainer = "by-hand",
            TrainerDetail = "written down",
            DateMs = MadeRows.BeginMs,
            DataSha256 = new string('0', 64),
            Data = "none",
            Trained = new CardRows(2, 1, MadeRows.BeginMs, MadeRows.BeginMs + 1),
            Compared = new CardRows(2, 1, MadeRows.BeginMs + 2, MadeRows.BeginMs + 3),
            Metrics = Metrics.Of([0.9, 0.1], [true, false], 0.5, probability: true),
        };
        LearnedModel model = new(features, scorer, 0.5, card, [new GoldenRow(vector, scorer.Score(vector))]);
        byte[] file = ModelFile.Write(model);
        return (TrainedModels.NameOf(model, file), Encoding.UTF8.GetString(file), model);
    }

    /// <summary>A model of unusual axles, of few made trucks.</summary>
    public static LearnedModel Signatures() => Comparison.Run(MadeRows.Signatures(300), [new BaselinePcaTrainer()], out _)!.Models[0].Model;

    /// <summary>A file as it is in the rulebook.</summary>
    public static UploadedModel Uploaded(string name, string file) => new() { Name = name, File = file, AtMs = 1, By = "chief" };
}
