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

/// <summary>Overloads found true over and over, and permits that have run out.</summary>
public sealed class VehicleStandingTests
{
    private const string Plate = "粤H12345-yellow";
    private const long Day = 86_400_000;

    private static readonly Rulebook Rules = new()
    {
        Version = 1,
        Outcomes = [new OutcomeCode("penalty", new LocalName("Penalty", "处罚"), true, true), new OutcomeCode("false-alarm", new LocalName("False alarm", "误报"), true, false), new OutcomeCode("no-action", new LocalName("None", "无"), true)],
        Vehicles = new VehicleRules { RepeatOffences = new RepeatOffenceRules(), ExpiredPermits = new ExpiredPermitRules() },
    };

    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate) { Rules = Rules };
    private readonly SubjectStage permit = new(ActorKind.Entry, "permits/P1");
    private readonly SubjectStage vehicle = new(ActorKind.Entry, $"vehicles/{Plate}");
    private readonly Dictionary<string, int> numbers = [];
    private int number;

    /// <summary>Art. 46: more than three a year.</summary>
    [Fact]
    public void The_fourth_overload_within_a_year_that_was_found_true_makes_a_repeat_offender_with_its_dates()
    {
        Offends(0);
        Offends(100);
        Offends(200);
        Assert.Empty(Open());
        truck.Reload();
        Offends(364);
        Warning warning = Assert.Single(truck.AllTold, told => told.Warning.Kind == "repeat-offender").Warning;
        Assert.Equal((3, "repeat-offender/1", 4.0, 3.0, true, "north", "超限运输车辆行驶公路管理规定 Art. 46"), (warning.Severity, warning.Model, warning.Evidence.Figures["offences"], warning.Evidence.Figures["limitOffences"], warning.Live, warning.District, warning.Evidence.LegalSource));
        Assert.Contains("found overloaded 4 times within 365 days, on 2026-11-21, 2027-03-01, 2027-06-09, 2027-11-20", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("365天内经查实违法超限超载4次，日期：2026-11-21, 2027-03-01, 2027-06-09, 2027-11-20", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Equal(["repeat-offender"], Open());
    }

    [Fact]
    public void Four_within_more_than_a_year_or_of_which_one_was_a_false_alarm_make_none()
    {
        Offends(0);
        Offends(100);
        Offends(200);
        Offends(365);
        Assert.Empty(Open());
        Offends(366, "false-alarm");
        Offends(367, "no-action");
        Assert.Empty(Open());
        Offends(368);
        Assert.Equal(["repeat-offender"], Open());
    }

    [Fact]
    public void It_is_raised_once_for_each_crossing_and_one_that_is_open_gets_the_further_dates()
    {
        for (int i = 0; i < 5; i++)
        {
            Offends(i * 10);
        }

        Assert.Contains(truck.AllTold, told => told is { Change: WarningChange.Updated, Warning.Kind: "repeat-offender" });
        Close("repeat-offender", 45, "penalty");
        truck.Reload();
        Offends(50);
        Assert.Empty(Open());
        Offends(500);
        Offends(510);
        Offends(520);
        Assert.Empty(Open());
        Offends(530);
        Assert.Equal(["repeat-offender"], Open());
    }

    [Fact]
    public void Road_and_rated_load_broken_in_one_weighing_are_one_offence()
    {
        TellOf(vehicle.Play(Say(Source("police", "vehicles"), $$"""{"plate":"{{Plate}}","vehicleClass":"combination","axles":6,"ratedLoadKg":20000,"curbKg":15000}""")), truck);
        for (int i = 1; i <= 3; i++)
        {
            truck.Play(Weigh($"w{i}", Noon + (i * 10 * Day), 60_000, 6, VehicleClass.Combination));
            Assert.Equal(2, Open().Length);
            Close("over-road-limit", (i * 10) + 1, "penalty");
            Close("over-rated-load", (i * 10) + 1, "penalty");
        }

        Assert.Empty(Open());
    }

    [Fact]
    public void An_over_limit_permit_that_ran_out_is_named_where_it_would_have_allowed_the_mass()
    {
        Permits("2026-11-01", "2026-11-15");
        truck.Play(Weigh("1", Noon, 48_000, 6, VehicleClass.Combination));
        Assert.Empty(Open());
        truck.Play(Weigh("2", Noon + 60_000, 79_000, 6, VehicleClass.Combination));
        Warning warning = truck.AllTold.Single(told => told.Warning.Kind == "expired-permit").Warning;
        Assert.Equal((2, 80_000.0, 6.0), (warning.Severity, warning.Evidence.Figures["permitKg"], warning.Evidence.Figures["expiredDays"]));
        Assert.Contains("permit P1 for 80,000 kg ran out at 2026-11-15T", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("超限运输车辆通行证P1（80,000 kg）已于2026-11-15T", warning.Explanation.Zh, StringComparison.Ordinal);

        truck.Reload();
        Permits("2026-11-01", "2026-12-15");
        Assert.Contains("Cleared, since transport changed the entry permits/P1: it was valid at the time.", truck.AllTold.Single(told => told.Warning.Kind == "expired-permit").Warning.Explanation.En, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-11-19", 79_000)]
    [InlineData("2026-11-15", 81_000)]
    [InlineData("2025-11-01", 79_000)]
    [InlineData("2026-12-01", 79_000)]
    public void A_permit_is_not_named_within_the_grace_or_for_more_than_it_allowed_or_after_a_year_or_while_it_is_valid(string to, int grossKg)
    {
        Permits("2025-01-01", to);
        truck.Play(Weigh("1", Noon, grossKg, 6, VehicleClass.Combination));
        Assert.DoesNotContain("expired-permit", Open());
    }

    [Fact]
    public void A_licence_for_dangerous_goods_that_ran_out_is_named_while_the_truck_works_and_its_renewal_clears_that()
    {
        Licences("2026-11-10");
        truck.Reload();
        truck.Play(OnRoad("1", Noon, 0)).Play(OnRoad("2", Noon + 30_000, 500, levelPct: 0));
        Assert.Empty(Open());
        truck.Play(OnRoad("3", Noon + 60_000, 500));
        Assert.Equal(("expired-permit", 11.0), (truck.Shown.Kind, truck.Shown.Evidence.Figures["expiredDays"]));
        Assert.Contains("was under way with a load at 2026-11-21T12:01:00.000Z. By the register of vehicles its licence for dangerous goods ran out at 2026-11-10T", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("危险货物运输资质已于2026-11-10T", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        Licences("2027-11-10");
        Assert.Equal(WarningChange.Cleared, truck.Told.Change);

        SubjectStage seen = new(ActorKind.Vehicle, Plate) { Rules = Rules };
        Licences("2026-11-10", seen);
        seen.Play(Sight("s1", Noon + 600_000, VideoEvent.Vehicle, 900, "33/1203"));
        Assert.True(seen.ToldNobody);
        seen.Play(Sight("s2", Noon + 660_000, VideoEvent.Vehicle, 960, "33/1203"));
        Assert.Contains("showed an orange plate", seen.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vehicle_that_never_had_a_licence_in_the_register_has_none_that_ran_out()
    {
        TellOf(vehicle.Play(Say(Source("police", "vehicles"), $$"""{"plate":"{{Plate}}","vehicleClass":"tanker"}""")), truck);
        truck.Play(OnRoad("1", Noon + 600_000, 500));
        Assert.Empty(Open());
    }

    /// <summary>Weighed too heavy on a day, and the case of it closed the day after.</summary>
    private void Offends(int day, string outcome = "penalty")
    {
        truck.Play(Weigh($"w{++number}", Noon + (day * Day), 60_000, 6, VehicleClass.Combination));
        Close("over-road-limit", day + 1, outcome);
    }

    private void Close(string kind, int day, string outcome)
    {
        string id = truck.Described.GetProperty("openWarnings").EnumerateArray().Single(warning => warning.GetProperty("kind").GetString() == kind).GetProperty("id").GetString()!;
        numbers[kind] = numbers.GetValueOrDefault(kind) + 1;
        truck.Play(Tell(MessageKind.CaseClosed, Noon + (day * Day), new CaseClosed($"north-{numbers[kind]}", Plate, ActorKind.Vehicle, kind, id, outcome), GrainsJson.Default.CaseClosed));
    }

    private void Permits(string from, string to) => TellOf(permit.Play(Say(Source("transport", "permits"), $$"""{"number":"P1","plate":"{{Plate}}","grossKg":80000,"validFrom":"{{from}}","validTo":"{{to}}","at":"2026-11-1{{number++}}"}""")), truck);

    private void Licences(string to, SubjectStage? of = null) => TellOf(
        (of is null ? vehicle : new SubjectStage(ActorKind.Entry, $"vehicles/{Plate}")).Play(Say(Source("police", "vehicles"), $$"""{"plate":"{{Plate}}","vehicleClass":"tanker","hazmat":"yes","validFrom":"2025-01-01","validTo":"{{to}}","at":"2026-11-1{{number++}}"}""")), of ?? truck);

    private string[] Open() => [.. truck.Described.GetProperty("openWarnings").EnumerateArray().Select(warning => warning.GetProperty("kind").GetString()!)];
}
