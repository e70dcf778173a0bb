using Streaming.Models.Tanks;
using Xunit;

namespace Streaming.Tests.Models;

public sealed class TankLimitsTests
{
    private static readonly TankThresholds Pressure = new() { LowLow = 50, Low = 100, High = 1_000, HighHigh = 1_200, Hysteresis = 40 };

    [Theory]
    [InlineData(TankBand.Normal, 999.9, TankBand.Normal)]
    [InlineData(TankBand.Normal, 1_000, TankBand.High)]
    [InlineData(TankBand.Normal, 1_200, TankBand.HighHigh)]
    [InlineData(TankBand.High, 960.1, TankBand.High)]
    [InlineData(TankBand.High, 960, TankBand.Normal)]
    [InlineData(TankBand.HighHigh, 1_160.1, TankBand.HighHigh)]
    [InlineData(TankBand.HighHigh, 1_160, TankBand.High)]
    [InlineData(TankBand.HighHigh, 970, TankBand.High)]
    [InlineData(TankBand.HighHigh, 960, TankBand.Normal)]
    [InlineData(TankBand.HighHigh, 100, TankBand.Low)]
    [InlineData(TankBand.Normal, 100.1, TankBand.Normal)]
    [InlineData(TankBand.Normal, 100, TankBand.Low)]
    [InlineData(TankBand.Normal, 50, TankBand.LowLow)]
    [InlineData(TankBand.LowLow, 89.9, TankBand.LowLow)]
    [InlineData(TankBand.LowLow, 90, TankBand.Low)]
    [InlineData(TankBand.LowLow, 139.9, TankBand.Low)]
    [InlineData(TankBand.Low, 140, TankBand.Normal)]
    [InlineData(TankBand.LowLow, 1_300, TankBand.HighHigh)]
    [InlineData(TankBand.High, double.NaN, TankBand.High)]
    public void A_limit_is_entered_at_once_and_left_past_the_hysteresis(TankBand current, double value, TankBand next) =>
        Assert.Equal(next, Pressure.Next(current, value));

    [Fact]
    public void A_figure_that_trembles_on_its_limit_stays_outside()
    {
        TankBand band = TankBand.Normal;
        int changes = 0;
        for (int i = 0; i < 100; i++)
        {
            TankBand next = Pressure.Next(band, i % 2 == 0 ? 1_001 : 975);
            changes += next == band ? 0 : 1;
            band = next;
        }

        Assert.Equal(1, changes);
    }

    [Fact]
    public void A_limit_that_is_taken_away_lets_go()
    {
        TankThresholds without = new() { High = 1_000, Hysteresis = 40 };
        Assert.Equal(TankBand.High, without.Next(TankBand.HighHigh, 1_190));
        Assert.Equal(TankBand.Normal, without.Next(TankBand.LowLow, 40));
    }

    [Fact]
    public void A_tank_goes_before_its_substance_and_that_before_the_default()
    {
        TankLimits limits = new()
        {
            Default = new TankProfile { PressureKpa = new() { High = 1 }, TemperatureC = new() { High = 2 }, LevelPct = new() { High = 3 } },
            Substances = new(StringComparer.Ordinal) { ["UN1017"] = new TankProfile { PressureKpa = new() { High = 10 }, TemperatureC = new() { High = 20 } } },
            Tanks = new(StringComparer.Ordinal) { ["E1/T1"] = new TankProfile { PressureKpa = new() { High = 100 } } },
        };
        TankProfile profile = limits.Of("E1/T1", "UN1017");

        Assert.Equal(100, profile.PressureKpa!.High);
        Assert.Equal(20, profile.TemperatureC!.High);
        Assert.Equal(3, profile.LevelPct!.High);
        Assert.Null(profile.GasPpm);
        Assert.Equal(10, limits.Of("E1/T2", "UN1017").PressureKpa!.High);
        Assert.Equal(1, limits.Of("E1/T2", "").PressureKpa!.High);
    }

    [Fact]
    public void Combustible_gas_has_its_levels_at_25_and_50_percent_and_chlorine_at_its_exposure_limit()
    {
        TankProfile chlorine = new TankLimits().Of("", "UN1017");

        Assert.Equal((25, 50), (chlorine.GasPctLel!.High, chlorine.GasPctLel.HighHigh));
        Assert.Equal((0.5, 1), (chlorine.GasPpm!.High, chlorine.GasPpm.HighHigh));
    }

    [Fact]
    public void What_is_shipped_has_no_problems() => Assert.Empty(new TankLimits().Problems());

    [Fact]
    public void Each_wrong_figure_is_named_with_its_path()
    {
        TankLimits wrong = new()
        {
            Default = new TankProfile
            {
                PressureKpa = new() { High = 10, HighHigh = 10 },
                TemperatureC = new(),
                LevelPct = new() { Low = 40, High = 60, Hysteresis = 10 },
                GasPpm = new() { High = 1, Hysteresis = -1, HighSeverity = 5 },
            },
            Substances = new(StringComparer.Ordinal) { ["UN1"] = new TankProfile { GasPctLel = new() { High = double.PositiveInfinity } } },
            ValveStandingKmh = 30,
            Confidence = 0,
        };
        string problems = string.Join('\n', wrong.Problems());

        Assert.Contains("tankLimits.default.pressureKpa.highHigh is 10", problems, StringComparison.Ordinal);
        Assert.Contains("tankLimits.default.temperatureC has no limit", problems, StringComparison.Ordinal);
        Assert.Contains("tankLimits.default.levelPct.hysteresis is 10", problems, StringComparison.Ordinal);
        Assert.Contains("tankLimits.default.gasPpm.hysteresis is -1", problems, StringComparison.Ordinal);
        Assert.Contains("tankLimits.default.gasPpm.highSeverity is 5", problems, StringComparison.Ordinal);
        Assert.Contains("tankLimits.substances.UN1.gasPctLel.high", problems, StringComparison.Ordinal);
        Assert.Contains("valveStandingKmh", problems, StringComparison.Ordinal);
        Assert.Contains("tankLimits.confidence is 0", problems, StringComparison.Ordinal);
    }
}
