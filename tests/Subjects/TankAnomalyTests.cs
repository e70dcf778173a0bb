using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Streaming.Tests.Learned;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

/// <summary>A tank that moves as others do not, by the model that older rulebooks name; of the tank two hours are learned, and the forecast of its limits left out.</summary>
public sealed class TankAnomalyTests
{
    private const long Noon = 1_795_262_400_000;
    private const long StepMs = 30_000;
    private readonly SubjectStage plant = new(ActorKind.Enterprise, "914403001922038216") { Rules = Learning(7_200) };
    private long atMs = Noon;
    private int number;

    [Fact]
    public void Gas_that_rises_for_some_minutes_far_below_its_limit_is_unusual_and_the_warning_explains_itself()
    {
        Rest(300);
        int readings = 0;
        while (plant.ToldNobody && readings < 30)
        {
            Reads(700, 20, 0.02 + (0.03 * ++readings));
        }

        Warning warning = plant.Shown;
        Assert.Equal(("tank-anomaly", 2, WarningChange.Opened, 0.6), (warning.Kind, warning.Severity, plant.Told.Change, warning.Confidence));
        Assert.InRange(readings, 7, 20);
        Assert.True(warning.Evidence.Figures["T1.gasSd"] >= 4);
        Assert.True(warning.Evidence.Figures["T1.score"] >= 0.95);
        Assert.Equal((0.95, 10.0), (warning.Evidence.Figures["threshold"], warning.Evidence.Figures["windowReadings"]));
        Assert.Equal("tank-behaviour/1 (mlnet-pca)", warning.Model);
        Assert.Contains("of its last 10 readings (reported by S07)", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("Furthest from this tank's own past: gas above its mean +", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("no limit is broken by that alone", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("与该罐自身历史偏离最大的是：气体高于均值+", warning.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void It_clears_when_the_tank_is_usual_again_also_after_its_state_was_written_and_read()
    {
        Rest(300);
        for (int i = 1; i < 20; i++)
        {
            Reads(700, 20, 0.02 + (0.03 * i));
        }

        Assert.Equal(1, plant.Described.GetProperty("openWarnings").GetArrayLength());
        plant.Reload();
        int readings = 0;
        for (; plant.Described.GetProperty("openWarnings").GetArrayLength() > 0 && readings < 200; readings++)
        {
            Reads(700, 20, 0.02);
        }

        Assert.Equal((WarningChange.Cleared, "tank-anomaly"), (plant.Told.Change, plant.Shown.Kind));
        Assert.InRange(readings, 5, 30);
        Assert.Contains("no more than 1 were unusual", plant.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("异常的不超过1个", plant.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_unusual_readings_are_no_warning()
    {
        Rest(300);
        for (int i = 0; i < 60; i++)
        {
            Reads(700, 20, i is 20 or 21 ? 0.3 : 0.02);
            Assert.True(plant.ToldNobody, $"reading {i}");
        }
    }

    [Fact]
    public void Nothing_is_said_of_a_tank_that_is_not_known_yet_nor_where_the_rulebook_says_so()
    {
        plant.Rules = Learning(86_400);
        Rest(300);
        Rise();
        Assert.Equal(0, plant.Described.GetProperty("openWarnings").GetArrayLength());

        plant.Rules = new Rulebook { Version = 2, TankAnomalies = new TankAnomalies { Model = "tank-behaviour/d8162768749b", Enabled = false, LearningS = 0 }, TankForecasts = new TankForecasts { HorizonMin = 0 } };
        Rest(100);
        Rise();
        Assert.Equal(0, plant.Described.GetProperty("openWarnings").GetArrayLength());
    }

    [Fact]
    public void Late_readings_neither_warn_nor_clear()
    {
        Rest(300);
        for (int i = 0; i < 20; i++)
        {
            plant.Play(Tank($"late{i}", Noon + (i * 7), "T1", TankFigures.None with { PressureKpa = 5, TemperatureC = -20, GasPpm = 0.4 }) with { SeenBefore = false });
            Assert.True(plant.ToldNobody);
        }

        Assert.Equal(20, plant.Described.GetProperty("units")[0].GetProperty("late").GetInt32());
    }

    /// <summary>Tanks in ordinary life that the training has not seen: sun, filling, emptying, hiccups.</summary>
    [Fact]
    public void A_day_of_ordinary_life_warns_at_most_one_tank_in_five()
    {
        int warned = 0;
        for (int seed = 0; seed < 10; seed++)
        {
            SimulatedTank tank = new(20_000 + seed);
            SubjectStage truck = new(ActorKind.Vehicle, "粤H12345-yellow") { Rules = Learning(86_400) };
            bool any = false;
            for (long s = 0; s < 2 * 86_400; s += tank.EveryS)
            {
                truck.Play(Drive($"{s}", Noon + (s * 1_000), tank.At(s), 0, substance: ""));
                any |= truck.Effects > 0 && truck.Described.GetProperty("openWarnings").EnumerateArray().Any(warning => warning.GetProperty("kind").GetString() == "tank-anomaly");
            }

            warned += any ? 1 : 0;
        }

        Assert.InRange(warned, 0, 2);
    }

    [Fact]
    public void Judging_a_reading_allocates_nothing()
    {
        SubjectStage truck = new(ActorKind.Vehicle, "粤H12345-yellow") { Rules = Learning(3_600) };
        ScriptStep[] steps = [.. Enumerable.Range(0, 600).Select(i => Drive($"{i:000}", Noon + (i * 30_000), TankFigures.None with { PressureKpa = 700 + (i % 7), TemperatureC = 25 + (i % 3), GasPpm = 0.02, LevelPct = 60 }, 500))];
        Assert.InRange(TankForecastTests.SteadyBytes(truck, steps), 0, 64);
    }

    private static Rulebook Learning(int seconds) => new() { Version = 1, TankAnomalies = new TankAnomalies { Model = "tank-behaviour/d8162768749b", LearningS = seconds }, TankForecasts = new TankForecasts { HorizonMin = 0 } };

    private void Rise()
    {
        for (int i = 1; i < 30; i++)
        {
            Reads(700, 20, 0.02 + (0.03 * i));
        }
    }

    private void Rest(int readings)
    {
        for (int i = 0; i < readings; i++)
        {
            Reads(700 + (i % 3), 20 + (i % 2 / 10.0), 0.02);
        }
    }

    private void Reads(double pressureKpa, double temperatureC, double gasPpm)
    {
        plant.Play(Tank($"r{number++}", atMs, "T1", TankFigures.None with { PressureKpa = pressureKpa, TemperatureC = temperatureC, GasPpm = gasPpm }, substance: ""));
        atMs += StepMs;
    }
}
