using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Streaming.Tests.Rules;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

/// <summary>A tank that is elsewhere than in its last day, reported every five minutes; of which half a day is learned. Pressure is 700 kPa within 0.4 %, temperature 20 °C within 0.2.</summary>
public sealed class TankNormTests
{
    private const long Noon = 1_795_262_400_000;
    private const long StepMs = 300_000;
    private const int HalfADay = 144;
    private readonly SubjectStage plant = new(ActorKind.Enterprise, "914403001922038216") { Rules = Norm };
    private long atMs = Noon;
    private int number;

    private static Rulebook Norm => new() { Version = 1, TankAnomalies = CityRules.Shipped.TankAnomalies with { LearningS = 40_000 }, TankForecasts = new TankForecasts { HorizonMin = 0 } };

    [Fact]
    public void Pressure_that_goes_elsewhere_and_stays_warns_with_what_would_be_usual_in_both_languages()
    {
        Rest(HalfADay);
        int readings = 0;
        while (plant.ToldNobody && readings < 20)
        {
            Reads(784, 20);
            readings++;
        }

        Warning warning = plant.Shown;
        Assert.Equal(("tank-anomaly", 2, WarningChange.Opened, 0.6, 5), (warning.Kind, warning.Severity, plant.Told.Change, warning.Confidence, readings));
        Assert.Equal(CityRules.Shipped.TankAnomalies.Model, warning.Model);
        Assert.Equal(784, warning.Evidence.Figures["T1.pressureKpa"]);
        Assert.InRange(warning.Evidence.Figures["T1.pressureUsualKpa"], 696, 704);
        Assert.InRange(warning.Evidence.Figures["T1.pressureOffPct"], 11, 13);
        Assert.Contains("5 of its last 10 readings (reported by S07)", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("By this tank's own last day: pressure 784 kPa, where ", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains(" kPa would be usual at its temperature and filling (+12 %, +", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("no limit is broken by that alone", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("与该罐最近一天相比：压力784 kPa，按其温度与存量通常为", warning.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void Temperature_that_goes_elsewhere_and_stays_warns()
    {
        Rest(HalfADay);
        for (int i = 0; i < 5; i++)
        {
            Reads(700, 27);
        }

        Assert.Contains("temperature 27 °C, where 20", plant.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("温度27 °C，通常为20", plant.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void One_percent_of_pressure_or_half_a_degree_is_not_told()
    {
        Rest(HalfADay);
        for (int i = 0; i < 24; i++)
        {
            Reads(707 + (i % 3), 20.5);
            Assert.True(plant.ToldNobody, $"reading {i}");
        }
    }

    [Fact]
    public void Four_unusual_readings_are_no_warning()
    {
        Rest(HalfADay);
        for (int i = 0; i < 20; i++)
        {
            Reads(i is > 3 and < 8 ? 784 : 700, 20);
            Assert.True(plant.ToldNobody, $"reading {i}");
        }
    }

    [Fact]
    public void A_warm_noon_that_the_pressure_follows_and_another_filling_are_not_told()
    {
        for (int i = 0; i < 5 * HalfADay; i++)
        {
            // Eight degrees more at noon, fourteen kPa a degree; from the fourth half day on ten percent less in it, within the hour.
            double hour = i % 288 / 12.0;
            double warmer = hour < 12 ? hour * 8 / 12 : (24 - hour) * 8 / 12;
            Reads(700 + (14 * warmer) + (i % 4) - 1.5, 20 + warmer + (i % 3 / 10.0), 70 - (10 * Math.Clamp((i - (3 * HalfADay)) / 12.0, 0, 1)));
            Assert.True(plant.ToldNobody, $"reading {i}");
        }
    }

    [Fact]
    public void It_clears_when_the_tank_is_back_also_after_its_state_was_written_and_read()
    {
        Rest(HalfADay);
        Off(24);
        plant.Reload();
        Assert.Equal(1, Open);
        int readings = 0;
        for (; Open > 0 && readings < 30; readings++)
        {
            Reads(700, 20);
        }

        Assert.Equal((9, WarningChange.Cleared), (readings, plant.Told.Change));
        Assert.Contains("no more than 1 were unusual", plant.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("异常的不超过1个", plant.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_unusual_is_not_usual_after_hours_and_is_after_a_day()
    {
        Rest(HalfADay);
        Off(23 * 12);
        Assert.Equal(1, Open);
        Off(3 * 12);
        Assert.Equal(0, Open);

        // And what was usual is not any more.
        for (int i = 0; i < 5; i++)
        {
            Reads(700, 20);
        }

        Assert.Equal(1, Open);
    }

    [Fact]
    public void Late_readings_neither_warn_nor_teach()
    {
        Rest(HalfADay);
        for (int i = 0; i < 20; i++)
        {
            plant.Play(Tank($"late{i}", Noon + (i * 7), "T1", TankFigures.None with { PressureKpa = 5, TemperatureC = -20 }, substance: "") with { SeenBefore = false });
            Assert.True(plant.ToldNobody);
        }

        Assert.Equal(20, plant.Described.GetProperty("units")[0].GetProperty("late").GetInt32());
        Off(5);
        Assert.InRange(plant.Shown.Evidence.Figures["T1.pressureUsualKpa"], 696, 704);
    }

    [Fact]
    public void Nothing_is_said_before_the_tank_is_known_of_another_substance_without_a_model_or_where_the_rulebook_says_so()
    {
        Rest(100);
        Off(12);
        Assert.Equal(0, Open);
        Rest(HalfADay);
        for (int i = 0; i < 12; i++)
        {
            plant.Play(Tank($"s{i}", atMs += StepMs, "T1", TankFigures.None with { PressureKpa = 900, TemperatureC = 20 }, substance: "UN1005"));
        }

        Assert.Equal(0, Open);
        foreach (TankAnomalies rules in new[] { new TankAnomalies(), Norm.TankAnomalies with { Enabled = false }, Norm.TankAnomalies with { Model = "tank-norm/000000000000" } })
        {
            plant.Rules = new Rulebook { Version = 2, TankAnomalies = rules };
            Off(12);
            Assert.Equal(0, Open);
        }
    }

    [Fact]
    public void A_section_names_no_model_by_default_and_one_that_is_not_there_is_said()
    {
        Assert.Equal("", new TankAnomalies().Model);
        Assert.Empty(new TankAnomalies().Problems());
        Assert.Contains(CityRules.Shipped.TankAnomalies.Model, Assert.Single(new TankAnomalies { Model = "tank-norm/000000000000" }.Problems()), StringComparison.Ordinal);
        Assert.Single(new TankAnomalies { Model = "axle-history/0eeb96274d43" }.Problems());
        Assert.Equal(CityRules.Shipped.TankAnomalies, Rulebook.Parse(CityRules.Shipped.ToJson()).TankAnomalies);
        Assert.Empty(new TankAnomalies { Model = "tank-behaviour/d8162768749b" }.Problems());
    }

    [Fact]
    public void Judging_a_reading_of_a_truck_allocates_nothing()
    {
        SubjectStage truck = new(ActorKind.Vehicle, "粤H12345-yellow") { Rules = Norm };
        ScriptStep[] steps = [.. Enumerable.Range(0, 600).Select(i => Drive($"{i:000}", Noon + (i * StepMs), TankFigures.None with { PressureKpa = 700 + (i % 7), TemperatureC = 25 + (i % 3), GasPpm = 0.02, LevelPct = 60 }, 500))];
        Assert.InRange(TankForecastTests.SteadyBytes(truck, steps), 0, 64);
    }

    [Fact]
    public void A_truck_is_held_against_its_own_day_as_a_plant_is()
    {
        SubjectStage truck = new(ActorKind.Vehicle, "粤H12345-yellow") { Rules = Norm };
        for (int i = 0; i < HalfADay + 5; i++)
        {
            truck.Play(Drive($"{i:000}", Noon + (i * StepMs), TankFigures.None with { PressureKpa = (i < HalfADay ? 700 : 784) + (i % 3), TemperatureC = 20 + (i % 2 / 10.0) }, 500));
            if (i == HalfADay)
            {
                truck.Reload();
            }
        }

        Assert.Equal("tank-anomaly", truck.Shown.Kind);
    }

    private int Open => plant.Described.GetProperty("openWarnings").GetArrayLength();

    private void Rest(int readings)
    {
        for (int i = 0; i < readings; i++)
        {
            Reads(700 + (number * 31 % 7 - 3), 20 + (number % 3 / 10.0));
        }
    }

    private void Off(int readings)
    {
        for (int i = 0; i < readings; i++)
        {
            Reads(784 + (number * 31 % 7 - 3), 20 + (number % 3 / 10.0));
        }
    }

    private void Reads(double pressureKpa, double temperatureC, double levelPct = double.NaN)
    {
        plant.Play(Tank($"r{number++}", atMs, "T1", TankFigures.None with { PressureKpa = pressureKpa, TemperatureC = temperatureC, LevelPct = levelPct }, substance: ""));
        atMs += StepMs;
    }
}
