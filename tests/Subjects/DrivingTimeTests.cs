using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Driving;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Subjects;

/// <summary>Art. 62: no more than 4 h without a rest of 20 minutes. Readings come every five minutes.</summary>
public sealed class DrivingTimeTests
{
    private const string Plate = "粤H12345-yellow";
    private const string Kind = "driving-time";
    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate) { Rules = new Rulebook { Version = 1, Vehicles = new VehicleRules { DrivingTime = new DrivingTimeRules() } } };
    private long afterS;
    private int number;

    [Fact]
    public void Four_hours_at_speed_are_allowed_and_more_are_warned_of_with_the_words_to_it()
    {
        Drives(0);
        Drives(14_400);
        Assert.Empty(Open());
        truck.Reload();
        Drives(300);
        Warning warning = truck.Shown;
        Assert.Equal((Kind, 3, "driving-time/1", 245.0, 240.0, 20.0), (warning.Kind, warning.Severity, warning.Model, warning.Evidence.Figures["drivenMin"], warning.Evidence.Figures["limitMin"], warning.Evidence.Figures["restMin"]));
        Assert.Contains("was driven for 4.08 h since 2026-11-21T12:00:00.000Z without a rest of 20 min; 4 h are allowed (道路交通安全法实施条例 Art. 62)", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("已行驶4.08小时，期间未休息满20分钟，限值为4小时", warning.Explanation.Zh, StringComparison.Ordinal);
        Drives(300);
        Assert.True(truck.ToldNobody);
    }

    [Fact]
    public void A_rest_of_twenty_minutes_begins_anew_and_a_shorter_one_neither_counts_nor_ends_anything()
    {
        Drives(0);
        Drives(7_200);
        Stands(0);
        Stands(1_198);
        Drives(1);
        Drives(7_200);
        Assert.Empty(Open());
        Drives(300);
        Assert.Equal([Kind], Open());

        SubjectStage rested = new(ActorKind.Vehicle, Plate) { Rules = truck.Rules };
        rested.Play(OnRoad("1", Noon, 500));
        for (int i = 1; i <= 24; i++)
        {
            rested.Play(OnRoad($"d{i}", Noon + (i * 300_000L), 500));
        }

        rested.Play(OnRoad("s1", Noon + 7_200_000, 0)).Play(OnRoad("s2", Noon + 7_800_000, 0)).Play(OnRoad("s3", Noon + 8_400_000, 500));
        for (int i = 1; i <= 48; i++)
        {
            rested.Play(OnRoad($"e{i}", Noon + 8_400_000 + (i * 300_000L), 500));
            Assert.True(rested.ToldNobody);
        }

        rested.Play(OnRoad("end", Noon + 8_400_000 + (49 * 300_000L), 500));
        Assert.Equal(Kind, rested.Shown.Kind);
    }

    [Fact]
    public void A_rest_or_another_driver_clears_the_warning()
    {
        Drives(0);
        Drives(14_700);
        Assert.Equal([Kind], Open());
        Stands(0);
        Stands(1_199);
        Assert.Equal([Kind], Open());
        truck.Reload();
        Stands(1);
        Assert.Equal(WarningChange.Cleared, truck.Told.Change);
        Assert.Contains("which counts as a rest", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("视为已休息", truck.Shown.Explanation.Zh, StringComparison.Ordinal);

        Drives(1);
        Drives(14_700);
        Assert.Equal([Kind], Open());
        truck.Play(OnRoad("other", Noon + (afterS * 1_000) + 60_000, 500, driver: "D2"));
        Assert.Contains("Cleared: another driver has taken over.", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    /// <summary>Ten minutes are the longest that counts; a longer silence is rest, in the driver's favour.</summary>
    [Fact]
    public void A_gap_in_telemetry_is_taken_for_rest()
    {
        for (int i = 0; i < 40; i++)
        {
            truck.Play(OnRoad($"d{i}", Noon + (i * 601_000L), 500));
            Assert.True(truck.ToldNobody);
        }

        for (int i = 0; i < 25; i++)
        {
            truck.Play(OnRoad($"e{i}", Noon + 30_000_000 + (i * 600_000L), 500));
        }

        Assert.True(truck.ToldNobody);
        truck.Play(OnRoad("over", Noon + 30_000_000 + (25 * 600_000L), 500));
        Assert.Equal([Kind], Open());
    }

    [Fact]
    public void A_late_reading_adds_nothing()
    {
        Drives(0);
        Drives(14_400);
        truck.Play(OnRoad("late", Noon + 1_000, 0));
        Assert.Empty(Open());
        Drives(1);
        Assert.Equal([Kind], Open());
    }

    /// <summary>JT/T 808: bit 2 fatigue, bit 18 the day's driving.</summary>
    [Fact]
    public void The_terminals_own_alarm_counts_when_it_rises_says_that_it_is_the_terminals_and_clears_with_it()
    {
        Says(0, 0);
        Says(60, 1u << 2);
        Assert.Equal((Kind, 0.6, 4.0), (truck.Shown.Kind, truck.Shown.Confidence, truck.Shown.Evidence.Figures["terminalAlarms"]));
        Assert.Contains("The terminal itself reports a tired driver (JT/T 808, alarm 2); by its telemetry the truck was driven for 0.02 h", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("车载终端自行上报疲劳驾驶", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        truck.Reload();
        Says(120, 1u << 2);
        Assert.True(truck.ToldNobody);
        Says(180, 0);
        Assert.Contains("Cleared: the terminal's alarm is off.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Says(240, 1u << 18);
        Assert.Contains("that the day's driving time is over", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void What_rests_on_both_is_cleared_when_both_are_over()
    {
        Drives(0);
        Drives(14_700);
        long fromS = afterS;
        Says(fromS + 60, 1u << 2);
        Assert.Contains("was driven for 4.1 h", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("The terminal itself reports a tired driver (JT/T 808, alarm 2).", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Says(fromS + 120, 0);
        Assert.Equal([Kind], Open());
        truck.Play(OnRoad("stop", Noon + ((fromS + 180) * 1_000), 0)).Play(OnRoad("stop2", Noon + ((fromS + 1_380) * 1_000), 0));
        Assert.Empty(Open());
    }

    /// <summary>At speed for so long, a reading every five minutes.</summary>
    private void Drives(long s) => Pass(s, 500);

    private void Stands(long s) => Pass(s, 0);

    private void Pass(long s, int speedTenthKmh)
    {
        for (long end = afterS + s; afterS < end || s == 0; s = 1)
        {
            afterS = Math.Min(end, afterS + 300);
            truck.Play(OnRoad($"d{++number}", Noon + (afterS * 1_000), speedTenthKmh));
        }
    }

    private void Says(long s, uint alarmBits) => truck.Play(OnRoad($"a{++number}", Noon + (s * 1_000), 500, alarmBits: alarmBits));

    private string[] Open() => [.. truck.Described.GetProperty("openWarnings").EnumerateArray().Select(warning => warning.GetProperty("kind").GetString()!)];
}
