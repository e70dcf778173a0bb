using System.Text;
using System.Text.Json.Nodes;
using Streaming.Ingest.Formats;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;
using Streaming.Models.Readings;
using Streaming.Tests.Formats;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Learned;

/// <summary>The models that are shipped: sound, of the rows that they say, and never replaced under their names.</summary>
public sealed class TrainedModelsTests
{
    private const string File = "wim-mon-24h.txt";
    private const string SignatureName = "axle-signature/e148bd796a84";
    private static readonly LearnedModel Signature = TrainedModels.Shipped.Find(SignatureName)!;

    [Fact]
    public void Every_shipped_model_holds_and_scores_as_its_trainer_did()
    {
        Assert.Empty(TrainedModels.Shipped.Problems);
        Assert.NotEmpty(TrainedModels.Shipped.All);
        foreach (TrainedModel shipped in TrainedModels.Shipped.All)
        {
            Assert.Null(shipped.Model.Verify());
            Assert.Matches($"^{shipped.Model.Features.Kind}/[0-9a-f]{{12}}$", shipped.Name);
            Assert.Same(shipped.Model, TrainedModels.Shipped.Find(shipped.Name));
        }

        Assert.Null(TrainedModels.Shipped.Find("axle-signature/000000000000"));
    }

    /// <summary>An older rulebook names an older model: a file may be added, none may change or go.</summary>
    [Fact]
    public void The_models_of_earlier_versions_are_there() =>
        Assert.Equal(
            ["axle-history/0eeb96274d43", "axle-signature/e148bd796a84", "over-rated-load/eb1a498a6eeb", "over-road-limit/7cfaa5c330c6", "tank-behaviour/d8162768749b", "tank-norm/28efb2f9b3a3"],
            TrainedModels.Shipped.All.Select(model => model.Name));

    [Fact]
    public void The_card_is_about_the_rows_that_the_tests_make()
    {
        LearnedModel model = Signature;
        TrainingSet rows = TruckRows.All(20_000);
        Assert.Equal(rows.Sha256(), model.Card.DataSha256);
        Assert.Equal((14_000, 6_000, 300), (model.Card.Trained.Rows, model.Card.Compared.Rows, model.Card.Compared.Positives));

        // The lines that it was trained from say the same.
        TrainingReader reader = new(null);
        reader.Read("rows", new MemoryStream(Encoding.UTF8.GetBytes(TrainingLines.Of(rows))));
        Assert.Equal(model.Card.DataSha256, reader.Of(AxleSignatureFeatures.Set)!.Sha256());

        // ML.NET's components and those that every build finds span the same.
        TrainedScorer baseline = new BaselinePcaTrainer().Train(rows.Split(Comparison.LaterShare).Earlier);
        Assert.All(rows.Rows.Take(500), row => Assert.Equal(baseline.Scorer.Score(row.Vector), model.Score(row.Vector), 0.02));
        Assert.InRange(model.Card.Metrics.Auc!.Value, 0.7, 1);
    }

    [Fact]
    public void A_file_that_does_not_score_as_it_says_or_is_none_is_not_used_and_said()
    {
        byte[] file = ModelFile.Write(Signature);
        JsonNode changed = JsonNode.Parse(file)!;
        changed["golden"]![3]!["score"] = changed["golden"]![3]!["score"]!.GetValue<double>() / 2;
        TrainedModels read = TrainedModels.Read([("good", file), ("improved", Encoding.UTF8.GetBytes(changed.ToJsonString())), ("none", "{}"u8.ToArray())]);

        Assert.Equal(SignatureName, Assert.Single(read.All).Name);
        Assert.Equal(2, read.Problems.Count);
        Assert.StartsWith("The model file improved is not used: Golden row 3 scores", read.Problems[0], StringComparison.Ordinal);
        Assert.StartsWith("The model file none is not used:", read.Problems[1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_components_leave_unexplained_is_what_the_score_is_made_of()
    {
        PcaScorer scorer = (PcaScorer)Signature.Scorer;
        double[] residuals = new double[scorer.Features];
        foreach (float[] vector in MadeRows.Anywhere(AxleSignatureFeatures.Set, 200, 3))
        {
            scorer.Residuals(vector, residuals);
            double left = 0;
            double all = 0;
            for (int i = 0; i < residuals.Length; i++)
            {
                left += Math.Pow(residuals[i] / scorer.Standardisation.Deviations[i], 2);
                all += Math.Pow(scorer.Standardisation.At(i, vector[i]) - scorer.Centre[i], 2);
            }

            Assert.Equal(scorer.Score(vector), Math.Sqrt(left / all), 1e-3);
        }
    }

    /// <summary>No truck of the recorded day was trained on: it is another country's traffic, of 1,090 goods vehicles of two to six axles.</summary>
    [RecordedDataFact(File)]
    public void Of_a_recorded_day_few_trucks_are_unusual()
    {
        LearnedModel model = Signature;
        string path = RecordedData.Get(File);
        float[] vector = new float[AxleSignatureFeatures.Set.Count];
        int trucks = 0;
        int unusual = 0;
        int gravely = 0;
        foreach (MonLine line in MonFile.Read(path, TimeSpan.FromHours(8), MonFile.ShiftToEndAt(path, TimeSpan.FromHours(8), DateTimeOffset.FromUnixTimeMilliseconds(Payloads.NowMs))))
        {
            WeighReading weighing = Payloads.Decode($"v1/wim/S07/{line.Lane}", line.Payload.Span).Only.Weigh;
            if (weighing.GrossKg >= 3_500 && AxleSignatureFeatures.TryFill(weighing, vector))
            {
                double score = model.Score(vector);
                trucks++;
                unusual += score >= model.Threshold ? 1 : 0;
                gravely += score >= 0.9 ? 1 : 0;
            }
        }

        Assert.InRange(trucks, 1_000, 1_300);
        Assert.InRange(unusual, 0, trucks * 3 / 100);
        Assert.InRange(gravely, 0, trucks / 100);
    }
}
