using Streaming.Determinism;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

/// <summary>A truck of petrol, whose pressure limit is the default of 1,400 kPa, and plants of chlorine, whose limit is 1,100 kPa. A reading every 30 s.</summary>
public sealed class TankForecastTests
{
    private const string Plate = "粤H12345-yellow";
    private const string Kind = "tank-pressure-forecast";
    private const long Noon = 1_795_262_400_000;
    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate);
    private readonly SubjectStage plant = new(ActorKind.Enterprise, "914403001922038216");
    private long atMs = Noon;
    private int number;

    /// <summary>From 1,200 kPa by 10 kPa a minute: after the eighth reading, at 1,235 kPa, 165 kPa are left, 16.5 min.</summary>
    [Fact]
    public void A_pressure_that_rises_towards_its_limit_is_warned_of_before_it_is_there_and_the_warning_explains_itself()
    {
        for (int i = 0; i < 7; i++)
        {
            Reads(1_200 + (5 * i));
            Assert.True(truck.ToldNobody);
        }

        Reads(1_235);
        Warning warning = truck.Shown;
        Assert.Equal((Kind, 2, "tank-forecast/2", WarningChange.Opened), (warning.Kind, warning.Severity, warning.Model, truck.Told.Change));
        Assert.Equal((1_235.0, 1_400.0, 10.0, 16.5, 30.0), (Figure("pressureKpa"), Figure("limitKpa"), Figure("rateKpaPerMin"), Figure("limitInMin"), Figure("horizonMin")));
        Assert.Contains("Tank (UN1203): pressure 1,235 kPa, rising by 10 kPa a minute (reported by S07). At this rate the high limit of 1,400 kPa is reached in 16.5 min.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("储罐（UN1203）：压力1,235 kPa，每分钟上升10 kPa（由S07上报）。按此速度，16.5分钟后达到高限1,400 kPa。", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.InRange(warning.Confidence, 0.9, 0.95);
        Assert.Equal("pressure high 1,400 kPa not reached within 30 min", warning.Evidence.Limit);
    }

    /// <summary>By 5 kPa a minute from 1,200 kPa: 30 min are 150 kPa, so nothing up to 1,250 kPa.</summary>
    [Fact]
    public void A_limit_just_beyond_the_horizon_is_not_spoken_of()
    {
        for (int i = 0; i < 20; i++)
        {
            Reads(1_200 + (2.5 * i));
            Assert.True(truck.ToldNobody, $"at {1_200 + (2.5 * i)} kPa");
        }

        Reads(1_250.5);
        Assert.Equal(Kind, truck.Shown.Kind);
    }

    /// <summary>By 0.2 points a minute, each reading 0.3 points above or below the line: two minutes ahead of 90 % are 0.4 points, so nearly every other reading would be over the limit by then. Three deviations are 0.9 points, 4.5 min.</summary>
    [Fact]
    public void A_level_that_creeps_is_spoken_of_before_its_scatter_reaches_the_limit()
    {
        truck.Rules = new Rulebook { Version = 2, TankForecasts = new TankForecasts { NearDeviations = 3 } };
        double line = 85;
        for (; truck.ToldNobody; line += 0.1)
        {
            Assert.InRange(line, 85, 89.4);
            ReadsLevel(line + (number % 2 == 0 ? 0.3 : -0.3));
        }

        Assert.InRange(line, 89, 89.4);
        Assert.Equal(("tank-level-forecast", 90.0), (truck.Shown.Kind, Figure("limitPct")));
        Assert.InRange(Figure("limitInMin"), 3.5, 5);
        Assert.InRange(Figure("horizonMin"), Figure("limitInMin"), 5);
    }

    /// <summary>By a point a minute and next to no scatter: two minutes ahead, at 88 %.</summary>
    [Fact]
    public void A_tank_that_is_filled_quickly_is_spoken_of_two_minutes_ahead()
    {
        for (double level = 70; level < 87.9; level += 0.5)
        {
            ReadsLevel(level);
            Assert.True(truck.ToldNobody, $"at {level} %");
        }

        ReadsLevel(88.1);
        Assert.Equal(("tank-level-forecast", 2.0), (truck.Shown.Kind, Figure("horizonMin")));
    }

    [Fact]
    public void Noise_as_large_as_a_hundredth_of_the_figure_raises_nothing_in_ten_thousand_readings_close_to_the_limit()
    {
        Random random = new(42);
        for (int i = 0; i < 10_000; i++)
        {
            double noise = -6;
            for (int j = 0; j < 12; j++)
            {
                noise += random.NextDouble();
            }

            Reads(1_300 + (13 * noise));
            Assert.True(truck.ToldNobody || truck.Shown.Kind == "tank-pressure", $"reading {i}");
        }
    }

    [Fact]
    public void A_step_is_no_slope_and_neither_is_one_wrong_reading()
    {
        for (int i = 0; i < 100; i++)
        {
            Reads((i < 50 ? 900 : 1_250) + (i % 3) + (i == 20 ? 140 : 0));
            Assert.True(truck.ToldNobody, $"reading {i}");
        }
    }

    [Fact]
    public void It_is_taken_back_when_the_figure_stops_rising_and_not_before()
    {
        Rise(1_200, 10, 10);
        Assert.Contains(Kind, Open());
        truck.Reload();
        for (int i = 0; i < 20 && Open().Contains(Kind); i++)
        {
            Reads(1_245 + (i % 2));
        }

        Assert.Equal((WarningChange.Cleared, false, Kind), (truck.Told.Change, truck.Shown.Open, truck.Shown.Kind));
        Assert.Contains("not heading for its limit any more", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("不再趋近限值", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    /// <summary>Rising by 5 kPa a minute it opens at about 1,250 kPa, 30 min ahead; slowing to 4 kPa a minute the limit is some 37 min ahead, below the 45 min that take it back.</summary>
    [Fact]
    public void A_rise_that_slows_a_little_stays_warned_of()
    {
        Rise(1_210, 2.5, 24);
        Assert.Contains(Kind, Open());
        for (int i = 1; i < 8; i++)
        {
            Reads(1_267.5 + (2 * i));
        }

        Assert.Contains(Kind, Open());
    }

    [Fact]
    public void When_the_limit_is_reached_its_own_warning_takes_over()
    {
        Rise(1_200, 10, 20);
        Assert.Equal([Kind], Open());
        Reads(1_401);
        Assert.Equal(["tank-pressure"], Open());
    }

    [Fact]
    public void A_late_reading_moves_no_line()
    {
        Rise(1_200, 5, 7);
        byte[] before = truck.State;
        truck.Play(Drive("late", Noon + 1_000, TankFigures.None with { PressureKpa = 100 }, 500));
        Assert.True(truck.ToldNobody);
        Reads(1_235);
        Assert.Equal(Kind, truck.Shown.Kind);
        Assert.NotEqual(before, truck.State);
    }

    [Fact]
    public void A_falling_figure_heads_for_its_low_limit_only_where_it_has_one()
    {
        Rise(600, -10, 20);
        Assert.Empty(Open());

        SubjectStage low = new(ActorKind.Vehicle, Plate) { Rules = new Rulebook { Version = 1, TankLimits = new TankLimits { Tanks = new(StringComparer.Ordinal) { [Plate] = new TankProfile { PressureKpa = new TankThresholds { Low = 400, High = 1_400 } } } } } };
        for (int i = 0; i < 8; i++)
        {
            low.Play(Drive($"l{i}", Noon + (i * 30_000), TankFigures.None with { PressureKpa = 600 - (10 * i) }, 500));
        }

        Assert.Equal((Kind, 400.0, -20.0, 6.5), (low.Shown.Kind, low.Shown.Evidence.Figures["limitKpa"], low.Shown.Evidence.Figures["rateKpaPerMin"], low.Shown.Evidence.Figures["limitInMin"]));
        Assert.Contains("falling by 20 kPa a minute", low.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("低限400 kPa", low.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void The_horizon_is_the_rulebooks()
    {
        truck.Rules = new Rulebook { Version = 2, TankForecasts = new TankForecasts { HorizonMin = 16 } };
        Rise(1_200, 5, 8);
        Assert.Empty(Open());
        Reads(1_240);
        Assert.Equal([Kind], Open());
    }

    [Fact]
    public void Tanks_of_a_plant_are_one_warning_that_ends_with_the_last_whether_in_the_state_or_in_rows()
    {
        for (int i = 0; i < GrainLimits.UnitsInState; i++)
        {
            plant.Play(Tank($"u{i}", Noon + i, $"U{i:00}", TankFigures.None with { PressureKpa = 400 }));
        }

        string[] units = ["U00", "X1", "X2"];
        for (int i = 0; i < 8; i++)
        {
            foreach (string unit in units)
            {
                plant.Play(Tank($"{unit}{i}", Noon + 1_000_000 + (i * 30_000), unit, TankFigures.None with { PressureKpa = 900 + (5 * i) }));
            }
        }

        Assert.Equal(WarningChange.Updated, plant.Told.Change);
        Assert.Contains("Also heading for their limits: U00.", plant.Shown.Explanation.En, StringComparison.Ordinal);
        plant.Reload();
        int cleared = 0;
        for (int i = 8; i < 30; i++)
        {
            foreach (string unit in units)
            {
                plant.Play(Tank($"{unit}{i}", Noon + 1_000_000 + (i * 30_000), unit, TankFigures.None with { PressureKpa = unit == "X1" && i < 20 ? 900 + (5 * i) : 935 }));
                if (!plant.ToldNobody && plant.Told.Change == WarningChange.Cleared)
                {
                    cleared++;
                    Assert.Equal(("X1", true), (unit, i >= 20));
                }
            }
        }

        Assert.Equal(1, cleared);
    }

    [Fact]
    public void A_reading_that_heads_nowhere_allocates_nothing()
    {
        ScriptStep[] steps = [.. Enumerable.Range(0, 400).Select(i => Drive($"{i % 10}{i:000}", Noon + (i * 30_000), TankFigures.None with { PressureKpa = 700 + (i % 7), TemperatureC = 25, LevelPct = 60 }, 500))];
        Assert.InRange(SteadyBytes(truck, steps), 0, 64);
    }

    /// <summary>Bytes allocated a step by the later half of some steps.</summary>
    internal static long SteadyBytes(SubjectStage stage, ScriptStep[] steps)
    {
        foreach (ScriptStep step in steps.AsSpan(0, steps.Length / 2))
        {
            stage.Play(step);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (ScriptStep step in steps.AsSpan(steps.Length / 2))
        {
            stage.Play(step);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (steps.Length / 2);
    }

    private double Figure(string name) => truck.Shown.Evidence.Figures[name];

    private string[] Open() => [.. truck.Described.GetProperty("openWarnings").EnumerateArray().Select(warning => warning.GetProperty("kind").GetString()!)];

    private void Rise(double fromKpa, double byKpa, int readings)
    {
        for (int i = 0; i < readings; i++)
        {
            Reads(fromKpa + (byKpa * i));
        }
    }

    private void Reads(double pressureKpa) => Reads(TankFigures.None with { PressureKpa = pressureKpa });

    private void ReadsLevel(double levelPct) => Reads(TankFigures.None with { LevelPct = levelPct });

    private void Reads(in TankFigures figures)
    {
        truck.Play(Drive($"r{number++}", atMs, figures, 500));
        atMs += 30_000;
    }
}
