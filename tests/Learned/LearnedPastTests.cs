using Streaming.Models.Encoding;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Streaming.Models.Vehicles;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Learned;

/// <summary>The shipped models that hold a subject against its own past, and what they go by.</summary>
public sealed class LearnedPastTests
{
    private static readonly LearnedModel History = CityRules.Shipped.Learned.AxleSignature!.Judge()!;
    private static readonly LearnedModel Norm = CityRules.Shipped.TankAnomalies.Judge()!;

    [Fact]
    public void The_shipped_models_name_the_made_rows_that_they_were_trained_on()
    {
        foreach ((LearnedModel model, TrainingSet rows) in new[] { (History, TruckHistories.Training()), (Norm, MadeTanks.Training()) })
        {
            TrainingLines.WriteWhereAsked(rows);
            Assert.Equal(rows.Sha256(), model.Card.DataSha256);
            Assert.StartsWith("mlnet-", model.Card.Trainer, StringComparison.Ordinal);
            Assert.Contains("made t", model.Card.Data, StringComparison.Ordinal);
            Assert.True(model.Card.Metrics.Auc > 0.96, $"{model.Features.Kind} AUC {model.Card.Metrics.Auc}");
        }
    }

    [Fact]
    public void Vehicles_and_tanks_that_the_training_has_not_seen_are_told_apart_at_the_thresholds_of_the_city()
    {
        Check("axle-history", Enumerable.Range(0, 300).SelectMany(i => TruckHistories.Rows(i, 77_000_000 + i)), History, CityRules.Shipped.Learned.AxleSignature!.Threshold!.Value);
        Check("tank-norm", Enumerable.Range(0, 40).SelectMany(i => MadeTanks.Rows(i, 77_000 + i, i % 2 == 0 ? TankOff.Nothing : (TankOff)(1 + (i / 2 % 5)), 3.5)), Norm, CityRules.Shipped.TankAnomalies.Threshold!.Value);

        static void Check(string what, IEnumerable<TrainingRow> made, LearnedModel model, double threshold)
        {
            TrainingRow[] rows = [.. made];
            int found = rows.Count(row => row.Label && model.Score(row.Vector) >= threshold);
            int wrong = rows.Count(row => !row.Label && model.Score(row.Vector) >= threshold);
            Assert.True(found > 0.75 * rows.Count(row => row.Label), $"{what}: found {found} of {rows.Count(row => row.Label)}");
            Assert.True(wrong < 0.15 * rows.Count(row => !row.Label), $"{what}: wrong {wrong} of {rows.Count(row => !row.Label)}");
        }
    }

    [Fact]
    public void A_history_and_a_norm_are_read_back_to_the_same_bits()
    {
        WeighReading reading = new() { AxleCount = 3, GrossKg = 20_000, VehicleClass = VehicleClass.Rigid };
        AxleHistory? history = null;
        TankNorm norm = new();
        MadeTanks tank = new(5);
        for (int i = 0; i < 40; i++)
        {
            for (int axle = 0; axle < 3; axle++)
            {
                reading.Axles[axle] = new Axle { MassKg = 5_000 + (axle * 1_234) + (i * 77 % 1_000), OffsetMm = axle * 3_333 };
            }

            history ??= AxleHistory.Begin(reading);
            history!.Look(reading, 5);
            history.Learn(reading, 5, i % 9 == 8);
            norm.Learn(tank.At(i * 300, out _), i * 300_000L, 7, i % 9 == 8);
        }

        ByteWriter first = new();
        AxleHistory.Write(history, first);
        TankNorm.Write(norm, first);
        ByteReader reader = new(first.Written);
        AxleHistory readHistory = AxleHistory.Read(ref reader)!;
        TankNorm readNorm = TankNorm.Read(ref reader)!;
        Assert.True(reader.AtEnd);
        Assert.Equal(history!.Look(reading, 5), readHistory.Look(reading, 5));
        TankFigures next = tank.At(12_000, out _);
        Assert.Equal(norm.Look(next, 0), readNorm.Look(next, 0));
        ByteWriter second = new();
        AxleHistory.Write(readHistory, second);
        TankNorm.Write(readNorm, second);
        Assert.Equal(first.Written.ToArray(), second.Written.ToArray());

        ByteWriter none = new();
        AxleHistory.Write(null, none);
        TankNorm.Write(null, none);
        Assert.Equal(2, none.Length);
    }
}
