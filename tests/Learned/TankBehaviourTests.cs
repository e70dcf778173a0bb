using Streaming.Models.Encoding;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Learned.Training;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Xunit;

namespace Streaming.Tests.Learned;

public sealed class TankBehaviourTests
{
    private static readonly TankAnomalies Rules = new() { Model = "tank-behaviour/d8162768749b" };

    [Fact]
    public void The_shipped_model_names_the_simulated_rows_that_it_was_trained_on()
    {
        TrainingSet rows = SimulatedTank.Training();
        TrainingLines.WriteWhereAsked(rows);
        ModelCard card = Rules.Judge()!.Card;
        Assert.Equal(rows.Sha256(), card.DataSha256);
        Assert.Equal("mlnet-pca", card.Trainer);
        Assert.Contains("simulated", card.Data, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shipped_model_is_sound_and_tells_trouble_from_ordinary_life()
    {
        LearnedModel model = Rules.Judge()!;
        Assert.Null(model.Verify());
        Assert.Same(model, Rules.Judge()!);
        Assert.True(model.Card.Metrics.Auc > 0.9, $"AUC {model.Card.Metrics.Auc}");

        // Tanks that the training has not seen, at the threshold of the rulebook. A runaway that warms its tank is not told from the sun: limits and forecasts are for that.
        double threshold = Rules.Threshold!.Value;
        foreach ((TankTrouble trouble, double days) in new[] { (TankTrouble.None, 1.5), (TankTrouble.PressureAlone, 1.04), (TankTrouble.Leak, 1.04), (TankTrouble.Gas, 1.04) })
        {
            TrainingRow[] rows = [.. Enumerable.Range(0, 8).SelectMany(i => SimulatedTank.Rows(i, 9_000 + i, days, trouble))];
            double share = rows.Count(row => model.Score(row.Vector) >= threshold) / (double)rows.Length;
            Assert.True(trouble == TankTrouble.None ? share < 0.05 : share > 0.7, $"{trouble}: {share:0.000} of {rows.Length} rows unusual");
        }
    }

    [Fact]
    public void A_tank_at_rest_is_not_described_however_noisy_its_sensors_are()
    {
        Random random = new(3);
        TankBehaviour behaviour = new();
        float[] vector = new float[TankBehaviourFeatures.Set.Count];
        int described = 0;
        for (int i = 0; i < 5_000; i++)
        {
            double noise = -6;
            for (int j = 0; j < 12; j++)
            {
                noise += random.NextDouble();
            }

            described += TankBehaviourFeatures.TryFill(behaviour.Take(TankFigures.None with { PressureKpa = 700 + (12 * noise) }, i * 30_000, 3_600), vector) ? 1 : 0;
        }

        Assert.InRange(described, 0, 20);
    }

    [Fact]
    public void Pressure_that_follows_its_temperature_leaves_little_over_and_pressure_alone_leaves_all()
    {
        TankBehaviour behaviour = new();
        TankDeviations last = default;
        for (int i = 0; i < 2_000; i++)
        {
            double temperatureC = 20 + (i % 100 < 50 ? i % 50 : 50 - (i % 50)) / 10.0;
            last = behaviour.Take(TankFigures.None with { PressureKpa = 700 + (20 * (temperatureC - 20)), TemperatureC = temperatureC }, i * 30_000, 3_600);
        }

        Assert.InRange(Math.Abs(last.PressureAtRest), 0, 2);
        for (int i = 0; i < 3; i++)
        {
            last = behaviour.Take(TankFigures.None with { PressureKpa = 850, TemperatureC = 20 }, (2_000 + i) * 30_000, 3_600);
        }

        Assert.True(last.PressureAtRest > 5, $"{last}");
    }

    [Fact]
    public void Nothing_is_said_before_the_tank_is_known_or_after_a_long_silence()
    {
        TankBehaviour behaviour = new();
        for (int i = 0; i < TankBehaviour.LearningReadings; i++)
        {
            Assert.Equal(default, behaviour.Take(TankFigures.None with { PressureKpa = 700 + (i % 2) }, i * 60_000, 3_600));
        }

        long lastMs = (TankBehaviour.LearningReadings + 1) * 60_000;
        behaviour.Take(TankFigures.None with { PressureKpa = 700 }, lastMs, 3_600);
        Assert.NotEqual(default, behaviour.Take(TankFigures.None with { PressureKpa = 900 }, lastMs + 60_000, 3_600));
        Assert.Equal(default, behaviour.Take(TankFigures.None with { PressureKpa = 300 }, lastMs + 60_000 + 3_600_001, 3_600));
    }

    [Fact]
    public void What_is_written_is_read_back_to_the_same_bits()
    {
        SimulatedTank tank = new(5);
        TankBehaviour behaviour = new();
        for (int i = 0; i < 500; i++)
        {
            behaviour.Take(tank.At(i * tank.EveryS), i * tank.EveryS * 1000L, 3_600);
        }

        ByteWriter first = new();
        TankBehaviour.Write(behaviour, first);
        ByteReader reader = new(first.Written);
        TankBehaviour read = TankBehaviour.Read(ref reader)!;
        ByteWriter second = new();
        TankBehaviour.Write(read, second);
        Assert.True(reader.AtEnd);
        Assert.Equal(first.Written.ToArray(), second.Written.ToArray());
        TankFigures next = tank.At(500 * tank.EveryS);
        Assert.Equal(behaviour.Take(next, 500 * tank.EveryS * 1000L, 3_600), read.Take(next, 500 * tank.EveryS * 1000L, 3_600));
    }
}
