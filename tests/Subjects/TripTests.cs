using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Driving;
using Streaming.Models.Readings;
using Streaming.Models.Tanks;
using Streaming.Tests.Registers;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Subjects;

/// <summary>Speed, the terminal's alarms, stops and silence of a truck of dangerous goods.</summary>
public sealed class TripTests
{
    private const string Plate = "粤H12345-yellow";
    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate)
    {
        Rules = new Rulebook { Version = 1, Vehicles = new VehicleRules { Speed = new SpeedRules(), Routes = new RouteRules(), Stops = new StopRules(), Silence = new SilenceRules { AfterS = 1_200 }, TerminalAlarms = new TerminalAlarmRules() } },
    };

    private int number;

    /// <summary>Art. 46: 80 km/h on expressways, 60 elsewhere, lower where posted; 3 km/h are left to the receiver. Of an unknown road the higher limit.</summary>
    [Theory]
    [InlineData(RoadKind.Expressway, 0, 830, null)]
    [InlineData(RoadKind.Expressway, 0, 831, 80.0)]
    [InlineData(RoadKind.Expressway, 120, 831, 80.0)]
    [InlineData(RoadKind.Urban, 0, 630, null)]
    [InlineData(RoadKind.Urban, 0, 631, 60.0)]
    [InlineData(RoadKind.Trunk, 40, 431, 40.0)]
    [InlineData(RoadKind.Unsaid, 0, 830, null)]
    [InlineData(RoadKind.Unknown, 0, 831, 80.0)]
    [InlineData(RoadKind.Nowhere, 0, 790, null)]
    public void A_truck_is_held_to_the_limit_of_its_road(RoadKind road, int postedKmh, int speedTenthKmh, double? limitKmh)
    {
        Drives(0, speedTenthKmh, road, postedKmh);
        Assert.True(truck.ToldNobody);
        Drives(30, speedTenthKmh, road, postedKmh);
        Assert.Equal(limitKmh is not null ? ["speed"] : [], Open());
        if (limitKmh is { } limit)
        {
            Assert.Equal((limit, speedTenthKmh / 10.0), (truck.Shown.Evidence.Figures["limitKmh"], truck.Shown.Evidence.Figures["speedKmh"]));
            Assert.Equal("危险货物道路运输安全管理办法 Art. 46", truck.Shown.Evidence.LegalSource);
        }
    }

    [Fact]
    public void A_zone_may_be_slower_still_within_its_hours()
    {
        RoadZone school = new("Z", ZoneRule.Slow, 30, 1, 1_200, 1_260);
        Drives(0, 340, RoadKind.Urban, zones: school);
        Drives(30, 340, RoadKind.Urban, zones: school);
        Assert.Equal(30, truck.Shown.Evidence.Figures["limitKmh"]);
        Assert.Contains("over the limit of 30 km/h of the zone that it is in", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Drives(3_600, 340, RoadKind.Urban, zones: school);
        Assert.Equal(WarningChange.Cleared, truck.Told.Change);
    }

    [Fact]
    public void A_warning_of_speed_explains_itself_rises_with_it_and_clears_below_the_limit_only()
    {
        Drives(0, 850, RoadKind.Expressway);
        Drives(30, 900, RoadKind.Expressway);
        Assert.Equal(("speed", 2, "speed/1"), (truck.Shown.Kind, truck.Shown.Severity, truck.Shown.Model));
        Assert.Contains("drives at 90 km/h, 12.5 % over the limit of 80 km/h on the expressway G4 (危险货物道路运输安全管理办法 Art. 46). It was over the limit in 2 readings in a row, for 30 s; the fastest was 90 km/h", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("车速90 km/h，超过限速80 km/h（高速公路G4）12.5 %", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        truck.Reload();
        Drives(60, 970, RoadKind.Expressway);
        Assert.Equal((3, 21.3), (truck.Shown.Severity, truck.Shown.Evidence.Figures["overPct"]));
        Drives(90, 790, RoadKind.Expressway);
        Assert.Equal(["speed"], Open());
        Drives(120, 780, RoadKind.Expressway);
        Assert.Empty(Open());
        Assert.Contains("Cleared: the truck drives at 78 km/h, within 80 km/h.", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void Readings_that_are_not_in_a_row_or_came_late_are_no_speeding()
    {
        Drives(0, 900, RoadKind.Expressway);
        Drives(30, 820, RoadKind.Expressway);
        Drives(60, 900, RoadKind.Expressway);
        Drives(60 + 181, 900, RoadKind.Expressway);
        Assert.Empty(Open());
        Drives(230, 900, RoadKind.Expressway);
        Assert.Empty(Open());
        Drives(270, -1, RoadKind.Expressway);
        Assert.Empty(Open());
        Drives(300, 900, RoadKind.Expressway);
        Assert.Equal(["speed"], Open());
    }

    /// <summary>JT/T 808: bit 0 the button, 29 collision, 30 rollover.</summary>
    [Fact]
    public void An_alarm_of_the_terminal_counts_when_it_rises_and_ends_with_its_case()
    {
        Says(0, 0);
        Says(30, 1);
        Assert.Equal(("terminal-alarm", 4, 1.0), (truck.Shown.Kind, truck.Shown.Severity, truck.Shown.Evidence.Figures["alarmBits"]));
        Assert.Contains("The truck's terminal reports: the emergency button was pressed (JT/T 808", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("紧急报警按钮已触发", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        truck.Reload();
        Says(60, 1);
        Assert.True(truck.ToldNobody);
        Says(90, 1 | (1u << 29));
        Assert.Equal((WarningChange.Updated, 1.0 + (1u << 29)), (truck.Told.Change, truck.Shown.Evidence.Figures["alarmBits"]));
        Says(120, 0);
        Assert.Equal(["terminal-alarm"], Open());
        Close("terminal-alarm", "handled");
        Says(150, 1u << 28);
        Assert.Equal((WarningChange.Opened, 2, (double)(1u << 28)), (truck.Told.Change, truck.Shown.Severity, truck.Shown.Evidence.Figures["alarmBits"]));
    }

    [Fact]
    public void Alarms_that_nobody_judges_say_nothing()
    {
        Says(0, (1u << 1) | (1u << 13) | (1u << 19));
        Assert.Empty(Open());
    }

    [Fact]
    public void Off_the_route_is_cleared_when_the_terminal_is_back_on_it_and_an_area_that_was_entered_is_not()
    {
        Says(0, 1u << 23);
        Assert.Equal(("route-deviation", 3), (truck.Shown.Kind, truck.Shown.Severity));
        Assert.Contains("the truck is off its route", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("路线偏离", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        truck.Reload();
        Says(30, 0);
        Assert.Equal(WarningChange.Cleared, truck.Told.Change);

        Says(60, 1u << 20);
        Assert.Equal(1, truck.Shown.Severity);
        Says(90, 1u << 23);
        Assert.Equal(3, truck.Shown.Severity);
        Says(120, 0);
        Assert.Equal(["route-deviation"], Open());
    }

    [Fact]
    public void A_loaded_truck_that_stands_for_an_hour_where_no_place_is_registered_is_warned_of_and_one_that_drives_on_is_not_any_more()
    {
        for (int i = 0; i < 12; i++)
        {
            Stands(i * 300, "");
        }

        Assert.Empty(Open());
        truck.Reload();
        Stands(3_600, "");
        Assert.Equal(("hazmat-stop", 60.0), (truck.Shown.Kind, truck.Shown.Evidence.Figures["standingMin"]));
        Assert.Contains("at no registered place since 2026-11-21T12:00:00.000Z, 60 min; 60 min are allowed", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("停于已登记场所之外，已60分钟", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        Stands(3_900, null);
        Assert.Equal(["hazmat-stop"], Open());
        Drives(4_200, 300, site: "");
        Assert.Contains("Cleared: the truck has driven on.", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("depot", 60.0, 300)]
    [InlineData(null, 60.0, 300)]
    [InlineData("", 5.0, 300)]
    [InlineData("", 60.0, 1_201)]
    public void A_stop_at_a_place_or_where_nobody_could_tell_or_without_a_load_or_with_gaps_is_none(string? site, double levelPct, int everyS)
    {
        for (int i = 0; i < 20; i++)
        {
            truck.Play(OnRoad($"s{i}", Noon + (i * everyS * 1_000L), 0, levelPct: levelPct, site: site));
            Assert.True(truck.ToldNobody);
        }
    }

    [Fact]
    public void A_loaded_truck_that_falls_silent_on_its_way_is_warned_of_and_its_next_reading_clears_that()
    {
        Drives(0, 500);
        long dueMs = truck.Reminders["telemetry-silence"];
        Drives(600, 500);
        Assert.Equal(dueMs, truck.Reminders["telemetry-silence"]);
        truck.Reload();
        truck.Remind("telemetry-silence");
        Assert.Empty(Open());
        Assert.Equal(Noon + 602_000 + 1_200_000, truck.Reminders["telemetry-silence"]);
        truck.Remind("telemetry-silence");
        Warning warning = truck.Shown;
        Assert.Equal(("telemetry-silence", 20.0, true, "north"), (warning.Kind, warning.Evidence.Figures["silentMin"], warning.Live, truck.ToldDistrict));
        Assert.Equal(("S07", "d2"), (warning.Evidence.Readings[0].Source, warning.Evidence.Readings[0].Id));
        Assert.Contains("drove at 50 km/h with dangerous goods when it was last heard of, at 2026-11-21T12:10:00.000Z; since then nothing came for 20 min", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("此后20分钟无任何数据", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Empty(truck.Reminders);
        truck.Reload();
        Drives(3_600, 500);
        Assert.Contains("Cleared: the truck is heard of again, after 50 min.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.NotEmpty(truck.Reminders);
    }

    [Theory]
    [InlineData(0, 60.0, null)]
    [InlineData(500, 5.0, null)]
    [InlineData(500, 60.0, "depot")]
    public void A_truck_that_stands_is_empty_or_at_a_place_may_fall_silent(int speedTenthKmh, double levelPct, string? site)
    {
        Drives(0, 500);
        truck.Play(OnRoad("last", Noon + 60_000, speedTenthKmh, levelPct: levelPct, site: site));
        truck.Remind("telemetry-silence");
        Assert.True(truck.ToldNobody);
        Assert.Empty(truck.Reminders);
    }

    [Fact]
    public void A_reminder_that_comes_late_gives_the_truck_its_time_once_more()
    {
        Drives(0, 500);
        truck.Remind("telemetry-silence", truck.Reminders["telemetry-silence"] + 61_000);
        Assert.Empty(Open());
        truck.Remind("telemetry-silence");
        Assert.Equal(["telemetry-silence"], Open());
    }

    [Fact]
    public void An_empty_truck_on_a_registered_waybill_is_under_way_too()
    {
        SubjectStage waybill = new(ActorKind.Entry, "waybills/W1");
        TellOf(waybill.Play(Say(Source("transport", "waybills"), $$"""{"number":"W1","plate":"{{Plate}}","departure":"2026-11-21T10:00:00Z","arrival":"2026-11-21T16:00:00Z"}""")), truck);
        truck.Play(OnRoad("1", Noon + 600_000, 500, levelPct: 0));
        truck.Remind("telemetry-silence");
        Assert.Equal(["telemetry-silence"], Open());
    }

    private void Drives(long afterS, int speedTenthKmh, RoadKind road = RoadKind.Unknown, int postedKmh = 0, string? site = null, params RoadZone[] zones) =>
        truck.Play(OnRoad($"d{++number}", Noon + (afterS * 1_000), speedTenthKmh, zones, road, postedKmh, site: site));

    private void Says(long afterS, uint alarmBits) => truck.Play(OnRoad($"a{++number}", Noon + (afterS * 1_000), 0, alarmBits: alarmBits));

    private void Stands(long afterS, string? site) => truck.Play(OnRoad($"s{++number}", Noon + (afterS * 1_000), number % 4 * 10, site: site));

    private void Close(string kind, string outcome) => truck.Play(Tell(
        MessageKind.CaseClosed, Noon + 130_000, new CaseClosed("north-1", Plate, ActorKind.Vehicle, kind, $"{Plate}/{kind}/1", outcome), GrainsJson.Default.CaseClosed));

    private string[] Open() => [.. truck.Described.GetProperty("openWarnings").EnumerateArray().Select(warning => warning.GetProperty("kind").GetString()!)];
}
