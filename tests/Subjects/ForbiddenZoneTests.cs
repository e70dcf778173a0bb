using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Driving;
using Streaming.Models.Readings;
using Streaming.Tests.Registers;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Subjects;

/// <summary>A truck of dangerous goods and zones that are closed to it; noon in UTC is 20:00 in the city, minute 1,200 of its day.</summary>
public sealed class ForbiddenZoneTests
{
    private const string Plate = "粤H12345-yellow";
    private const string Kind = "forbidden-zone";
    private static readonly Rulebook Rules = new() { Version = 1, Vehicles = new VehicleRules { ForbiddenZones = new ForbiddenZoneRules() } };
    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate) { Rules = Rules };
    private readonly SubjectStage permit = new(ActorKind.Entry, "permits/P1");
    private readonly SubjectStage vehicle = new(ActorKind.Entry, $"vehicles/{Plate}");
    private int number;

    [Fact]
    public void A_truck_in_a_closed_zone_is_warned_of_by_the_second_reading_and_the_warning_explains_itself()
    {
        Drives(0, new RoadZone("Z-water"));
        Assert.True(truck.ToldNobody);
        truck.Reload();
        Drives(30, new RoadZone("Z-water"));
        Warning warning = truck.Shown;
        Assert.Equal((Kind, 3, "forbidden-zone/1", WarningChange.Opened, "危险货物道路运输安全管理办法 Arts. 47-49"), (warning.Kind, warning.Severity, warning.Model, truck.Told.Change, warning.Evidence.LegalSource));
        Assert.Contains("was in zone Z-water, which is closed to trucks of dangerous goods. No permit that opens the zone", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("车辆位于区域Z-water内，该区域禁止危险货物运输车辆通行", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Equal((23.1, 50.0), (warning.Evidence.Figures["latitudeDeg"], warning.Evidence.Figures["speedKmh"]));
        Drives(60, new RoadZone("Z-water"));
        Assert.True(truck.ToldNobody);
        Assert.Equal(2, truck.Described.GetProperty("openWarnings")[0].GetProperty("count").GetInt32());
    }

    [Fact]
    public void One_reading_inside_is_a_position_that_jumped_and_a_reading_of_which_nobody_could_tell_changes_nothing()
    {
        Drives(0, new RoadZone("Z"));
        Drives(30);
        Drives(60, new RoadZone("Z"));
        Play(90, null);
        Assert.Empty(Open());
        Drives(120, new RoadZone("Z"));
        Assert.Equal([Kind], Open());
    }

    [Fact]
    public void It_is_cleared_once_the_truck_is_outside_and_not_by_one_reading()
    {
        Drives(0, new RoadZone("Z"));
        Drives(30, new RoadZone("Z"));
        Drives(60);
        Assert.Equal([Kind], Open());
        truck.Reload();
        Drives(90);
        Assert.Equal(WarningChange.Cleared, truck.Told.Change);
        Assert.Contains("Cleared: the vehicle has left zone Z.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("已解除：车辆已驶离区域Z。", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    /// <summary>20:00 to 22:00 local time is 12:00 to 14:00 in UTC; the first minute is within, the last is not.</summary>
    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(7_199, true)]
    [InlineData(7_200, false)]
    public void Hours_are_local_and_end_with_their_last_minute(int afterS, bool closed)
    {
        foreach (ZoneRule rule in new[] { ZoneRule.Restricted, ZoneRule.Hours })
        {
            SubjectStage stage = new(ActorKind.Vehicle, Plate) { Rules = new Rulebook { Version = 1, Vehicles = new VehicleRules { ForbiddenZones = new ForbiddenZoneRules { Readings = 1 } } } };
            stage.Play(OnRoad("1", Noon + (afterS * 1_000L), 500, [new RoadZone("Z", rule, 0, 1, 1_200, 1_320)]));
            Assert.Equal(closed, !stage.ToldNobody);
        }
    }

    [Fact]
    public void Hours_over_midnight_hold_on_both_sides_of_it_and_a_warning_says_when_they_are_over()
    {
        RoadZone night = new("Z", ZoneRule.Hours, 0, 1, 1_320, 360);
        long evening = 2 * 3_600;
        Drives(evening - 60, night);
        Drives(evening - 30, night);
        Assert.Empty(Open());
        Drives(evening, night);
        Drives(evening + (7 * 3_600), night);
        Assert.Equal([Kind], Open());
        Assert.Contains("closed to trucks of dangerous goods at this time of the day", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Drives(evening + (8 * 3_600), night);
        Drives(evening + (8 * 3_600) + 30, night);
        Assert.Contains("Cleared: zone Z is not closed to the vehicle any more.", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zone_closed_at_hours_that_nobody_named_is_closed_at_none_and_a_slow_one_at_none_either()
    {
        for (int i = 0; i < 3; i++)
        {
            Drives(i * 30, new RoadZone("Z", ZoneRule.Hours), new RoadZone("S", ZoneRule.Slow, 30));
        }

        Assert.Empty(Open());
    }

    [Fact]
    public void A_zone_for_other_vehicles_accuses_none_but_them()
    {
        RoadZone forRigid = new("Z", ZoneRule.Restricted, 0, 1u << (int)VehicleClass.Rigid);
        Drives(0, forRigid);
        Drives(30, forRigid);
        Assert.Empty(Open());
        TellOf(vehicle.Play(Say(Source("police", "vehicles"), $$"""{"plate":"{{Plate}}","vehicleClass":"rigid"}""", Noon + 500_000)), truck);
        Drives(600, forRigid);
        Drives(630, forRigid);
        Assert.Contains("closed to its class of vehicle", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vehicle_that_is_registered_as_not_for_dangerous_goods_may_enter()
    {
        TellOf(vehicle.Play(Say(Source("police", "vehicles"), $$"""{"plate":"{{Plate}}","vehicleClass":"tanker","hazmat":"no"}""")), truck);
        truck.Reload();
        Drives(600, new RoadZone("Z"));
        Drives(630, new RoadZone("Z"));
        Assert.Empty(Open());
    }

    [Fact]
    public void A_permit_that_names_the_zone_opens_it_and_one_for_another_zone_or_time_does_not()
    {
        Permits("""{"number":"P1","plate":"粤H12345-yellow","zones":"Z-1 Z-2","validFrom":"2026-11-01","validTo":"2026-12-01"}""");
        truck.Reload();
        Drives(600, new RoadZone("Z-2"));
        Drives(630, new RoadZone("Z-2"));
        Assert.Empty(Open());
        Drives(660, new RoadZone("Z-3"));
        Drives(690, new RoadZone("Z-3"));
        Assert.Equal([Kind], Open());

        SubjectStage later = new(ActorKind.Vehicle, Plate) { Rules = Rules };
        TellOf(permit, later);
        later.Play(OnRoad("1", Noon + (30L * 86_400_000), 500, [new RoadZone("Z-2")])).Play(OnRoad("2", Noon + (30L * 86_400_000) + 30_000, 500, [new RoadZone("Z-2")]));
        Assert.Equal(Kind, later.Shown.Kind);
    }

    [Fact]
    public void A_permit_that_is_registered_late_clears_the_warning_and_does_not_raise_the_limit_of_the_road()
    {
        Drives(0, new RoadZone("Z-1"));
        Drives(30, new RoadZone("Z-1"));
        truck.Reload();
        Permits("""{"number":"P1","plate":"粤H12345-yellow","zones":"Z-1","validFrom":"2026-11-01","validTo":"2026-12-01"}""");
        Assert.Equal((WarningChange.Cleared, Kind), (truck.Told.Change, truck.Shown.Kind));
        Assert.Contains("Cleared, since transport changed the entry permits/P1: permit P1 opens zone Z-1.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("许可P1允许进入区域Z-1", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        truck.Play(Weigh("w", Noon + 900_000, 60_000, 6, VehicleClass.Combination));
        Assert.Equal("over-road-limit", truck.Shown.Kind);
    }

    [Fact]
    public void A_late_reading_moves_nothing_and_a_rulebook_without_the_section_judges_nothing()
    {
        Drives(600);
        Drives(0, new RoadZone("Z"));
        Drives(30, new RoadZone("Z"));
        Assert.Empty(Open());

        SubjectStage old = new(ActorKind.Vehicle, Plate);
        old.Play(OnRoad("1", Noon, 900, [new RoadZone("Z")], alarmBits: uint.MaxValue)).Play(OnRoad("2", Noon + 30_000, 900, [new RoadZone("Z")], alarmBits: uint.MaxValue));
        Assert.True(old.ToldNobody);
        Assert.Empty(old.Reminders);
    }

    private void Permits(string json) => TellOf(permit.Play(Say(Source("transport", "permits"), json)), truck);

    private void Drives(long afterS, params RoadZone[] zones) => Play(afterS, zones);

    private void Play(long afterS, RoadZone[]? zones) => truck.Play(OnRoad($"d{++number}", Noon + (afterS * 1_000), 500, zones));

    private string[] Open() => [.. truck.Described.GetProperty("openWarnings").EnumerateArray().Select(warning => warning.GetProperty("kind").GetString()!)];
}
