using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Evasion;
using Streaming.Models.Readings;
using Streaming.Tests.Registers;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Subjects;

/// <summary>What weighings show of evasion: one alone, and two beside one another.</summary>
public sealed class EvasionTests
{
    private const string Plate = "粤H12345-yellow";
    private const string FourAxles = """{"plate":"粤H12345-yellow","vehicleClass":"rigid","axles":4}""";

    private static readonly Rulebook City = new()
    {
        Version = 1,
        Evasion = new EvasionRules { Straddling = new(), Speed = new() { Stations = [new() { Station = "S08", LeastKmh = 30, MostKmh = 90 }] }, Disagreement = new(), AxleCount = new() },
    };

    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate) { Rules = City };
    private readonly SubjectStage vehicles = new(ActorKind.Entry, $"vehicles/{Plate}");
    private readonly SubjectStage permits = new(ActorKind.Entry, "permits/P1");
    private long said = Noon;
    private int readings;

    [Theory]
    [InlineData(599, true)]
    [InlineData(600, false)]
    [InlineData(1_667, false)]
    [InlineData(1_668, true)]
    [InlineData(-1, false)]
    public void Wheels_of_one_side_that_weigh_far_more_are_straddling(int leftRightPermille, bool warns)
    {
        Weighs(Noon, 20_000, leftRightPermille: leftRightPermille);
        Assert.Equal(!warns, truck.ToldNobody);
    }

    [Fact]
    public void Straddling_explains_itself_in_both_languages_with_ratio_band_and_law()
    {
        Weighs(Noon, 20_000, leftRightPermille: 450);
        Warning warning = truck.Shown;
        Assert.Equal(("evasion", "evasion/1", 2, 0.6), (warning.Kind, warning.Model, warning.Severity, warning.Confidence));
        Assert.Equal((0.45, 20_000.0), (Figure("leftRightRatio"), Figure("grossKg")));
        Assert.Equal(("left to right wheels 0.6 to 1.667", "公路安全保护条例 Art. 67 (not verified)"), (warning.Evidence.Limit, warning.Evidence.LegalSource));
        Assert.Contains("Evasion of weighing (straddling) at station S07, lane 2, 20,000 kg gross. Its left wheels weighed 0.45 times its right ones, outside 0.6 to 1.667", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("疑似规避称重（跨道或偏载通过秤台）", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Contains("左右轮荷之比为0.45，超出0.6至1.667", warning.Explanation.Zh, StringComparison.Ordinal);
    }

    /// <summary>10 mph are 16.09 km/h, 99 mph 159.3.</summary>
    [Theory]
    [InlineData(160, "S07", true)]
    [InlineData(161, "S07", false)]
    [InlineData(1_593, "S07", false)]
    [InlineData(1_594, "S07", true)]
    [InlineData(-1, "S07", false)]
    [InlineData(299, "S08", true)]
    [InlineData(300, "S08", false)]
    [InlineData(901, "S08", true)]
    public void A_speed_that_the_station_does_not_weigh_truly_at_warns(int speedTenthKmh, string station, bool warns)
    {
        Weighs(Noon, 20_000, speedTenthKmh: speedTenthKmh, station: station);
        Assert.Equal(!warns, truck.ToldNobody);
        if (warns)
        {
            Assert.Equal(speedTenthKmh / 10.0, Figure("speedKmh"));
            Assert.Contains("(speed)", truck.Shown.Explanation.En, StringComparison.Ordinal);
            Assert.Contains("车速异常", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Who_is_light_or_a_bus_has_nothing_to_evade()
    {
        Weighs(Noon, 11_999, leftRightPermille: 100, speedTenthKmh: 50);
        Assert.True(truck.ToldNobody);
        Weighs(Noon + 1_000, 20_000, leftRightPermille: 100, speedTenthKmh: 50, body: VehicleClass.Bus);
        Assert.True(truck.ToldNobody);
        Weighs(Noon + 2_000, 12_000, leftRightPermille: 100, speedTenthKmh: 50);
        Assert.Contains("(straddling, speed)", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("（跨道或偏载通过秤台、车速异常）", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    /// <summary>±5 % at both: 510.2 and 440.1 kg a deviation, 673.8 kg together; 2,750 kg are 4.081 of them, 99.998 %, of which 99.99 is the most that is said. 2,650 kg are 3.924, which is not enough though it is 13 %.</summary>
    [Fact]
    public void Two_stations_that_differ_by_more_than_they_err_warn_with_the_probability()
    {
        Weighs(Noon, 20_000);
        Weighs(Noon + 600_000, 17_350, station: "S08");
        Assert.True(truck.ToldNobody);

        SubjectStage other = new(ActorKind.Vehicle, Plate) { Rules = City };
        other.Play(Step(Noon, 20_000));
        other.Play(Step(Noon + 600_000, 17_250, station: "S08"));
        Assert.Equal((2, 0.9999), (other.Shown.Severity, other.Shown.Confidence));
        Assert.Equal((20_000.0, 2_750.0, 13.75, 600.0), (other.Shown.Evidence.Figures["earlierGrossKg"], other.Shown.Evidence.Figures["differenceKg"], other.Shown.Evidence.Figures["differencePct"], other.Shown.Evidence.Figures["apartS"]));
        Assert.Contains("Station S07 weighed 20,000 kg 600 s before: 2,750 kg (13.75 %) apart", other.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("the true masses differ with a probability of 99.99 %", other.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("检测站S07在600秒前测得20,000 kg，相差2,750 kg（13.75 %）", other.Shown.Explanation.Zh, StringComparison.Ordinal);
        Assert.Contains("各站称重结果不一致", other.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    /// <summary>Entry and exit weights that differ by more than 5 %: 1,000 of 20,000 kg are just 5 %. Both stations keep to ±1 %.</summary>
    [Fact]
    public void Stations_however_true_may_differ_by_five_percent()
    {
        Weighs(Noon, 20_000, accuracyHundredthPct: 100);
        Weighs(Noon + 600_000, 19_000, station: "S08", accuracyHundredthPct: 100);
        Assert.True(truck.ToldNobody);
        Weighs(Noon + 700_000, 20_001, accuracyHundredthPct: 100);
        Assert.Equal((1_001.0, 0.9999), (Figure("differenceKg"), truck.Shown.Confidence));
    }

    [Theory]
    [InlineData(1_200, "S08", true)]
    [InlineData(1_201, "S08", false)]
    [InlineData(600, "S07", false)]
    public void Only_other_stations_and_only_within_the_time_are_compared(int apartS, string station, bool warns)
    {
        Weighs(Noon, 30_000);
        Weighs(Noon + (apartS * 1_000L), 15_000, station: station);
        Assert.Equal(!warns, truck.ToldNobody);
    }

    [Fact]
    public void A_weighing_that_comes_after_a_newer_one_is_not_compared_and_counted()
    {
        Weighs(Noon, 30_000);
        Weighs(Noon - 60_000, 15_000, station: "S08");
        Assert.True(truck.ToldNobody);
        Assert.Equal(1, truck.Described.GetProperty("evasion").GetProperty("late").GetInt32());
        truck.Reload();
        Assert.Equal(1, truck.Described.GetProperty("evasion").GetProperty("late").GetInt32());
    }

    [Fact]
    public void Who_was_at_a_loading_place_in_between_is_not_accused_and_anywhere_else_he_is()
    {
        Weighs(Noon, 30_000);
        truck.Play(AtSite("t1", Noon + 300_000, SiteUses.Unload));
        truck.Reload();
        Weighs(Noon + 1_000_000, 15_000, station: "S08");
        Assert.True(truck.ToldNobody);

        SubjectStage other = new(ActorKind.Vehicle, Plate) { Rules = City };
        other.Play(Step(Noon, 30_000));
        other.Play(AtSite("t1", Noon + 300_000, SiteUses.None));
        other.Play(AtSite("t2", Noon - 3_600_000, SiteUses.Load));
        other.Play(Step(Noon + 1_000_000, 15_000, station: "S08"));
        Assert.Equal("evasion", other.Shown.Kind);
    }

    [Fact]
    public void Telemetry_that_comes_late_and_shows_a_loading_place_clears_the_warning_and_says_why()
    {
        Weighs(Noon, 30_000);
        Weighs(Noon + 1_000_000, 15_000, station: "S08");
        truck.Reload();
        truck.Play(AtSite("t1", Noon + 500_000, SiteUses.Load) with { NowMs = Noon + 1_100_000 });
        Assert.Equal((WarningChange.Cleared, false), (truck.Told.Change, truck.Shown.Open));
        Assert.Contains("Cleared: the truck was at the registered site quarry-3 between the two weighings.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("已解除：两次称重之间车辆曾在登记装卸点quarry-3停留。", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loading_place_does_not_explain_that_it_straddled_the_scale_as_well()
    {
        Weighs(Noon, 30_000);
        Weighs(Noon + 1_000_000, 15_000, station: "S08", leftRightPermille: 100);
        Assert.Contains("(straddling, stations disagreeing)", truck.Shown.Explanation.En, StringComparison.Ordinal);
        truck.Play(AtSite("t1", Noon + 500_000, SiteUses.Load) with { NowMs = Noon + 1_100_000 });
        Assert.True(truck.ToldNobody);
        Assert.Equal(1, truck.Described.GetProperty("openWarnings").GetArrayLength());
    }

    /// <summary>A 4-axle truck of 35.6 t passed as a 6-axle one: 31,000 kg are allowed on four axles, so 4,600 kg are hidden.</summary>
    [Fact]
    public void A_truck_of_four_axles_and_35_tonnes_that_passes_as_one_of_six_is_found_out()
    {
        Registers(FourAxles);
        Weighs(Noon + 600_000, 35_600, axles: 6);
        Assert.Equal(("evasion", 3, 0.6), (truck.Shown.Kind, truck.Shown.Severity, truck.Shown.Confidence));
        Assert.Equal((6.0, 4.0, 31_000.0, 4_600.0), (Figure("axles"), Figure("registeredAxles"), Figure("registeredLimitKg"), Figure("hiddenOverKg")));
        Assert.Contains("weighed with 6 axles and is registered as a rigid truck with 4, whose limit is 31,000 kg: 4,600 kg over that is hidden", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("称重轴数为6，登记为4轴载货汽车，其限值为31,000 kg：掩盖超限4,600 kg", truck.Shown.Explanation.Zh, StringComparison.Ordinal);

        SubjectStage light = new(ActorKind.Vehicle, Plate) { Rules = City };
        TellOf(new SubjectStage(ActorKind.Entry, $"vehicles/{Plate}").Play(Say(Source("police", "vehicles"), FourAxles, Noon)), light);
        light.Play(Step(Noon + 600_000, 31_000, axles: 6));
        Assert.Equal(2, light.Shown.Severity);
        Assert.Contains("nothing is hidden by it", light.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, VehicleClass.Rigid)]
    [InlineData(3, VehicleClass.Rigid)]
    [InlineData(6, VehicleClass.Combination)]
    public void Its_own_axles_fewer_ones_or_a_trailer_are_no_evasion(int axles, VehicleClass body)
    {
        Registers(FourAxles);
        Weighs(Noon + 600_000, 24_000, axles: axles, body: body);
        Assert.True(truck.ToldNobody);
    }

    [Fact]
    public void A_permit_that_covers_the_mass_leaves_nothing_to_evade()
    {
        Registers(FourAxles);
        TellOf(permits.Play(Say(Source("transport", "permits"), """{"number":"P1","plate":"粤H12345-yellow","grossKg":35600}""", said += 1_000)), truck);
        Weighs(Noon + 600_000, 35_600, axles: 6);
        Assert.True(truck.ToldNobody);
        Weighs(Noon + 601_000, 35_601, axles: 6);
        Assert.Equal("evasion", truck.Shown.Kind);
    }

    [Fact]
    public void A_register_that_is_mended_clears_the_accusation_of_axles()
    {
        Registers(FourAxles);
        Weighs(Noon + 600_000, 30_000, axles: 6);
        truck.Reload();
        Registers("""{"plate":"粤H12345-yellow","vehicleClass":"combination","axles":6}""");
        Assert.Equal((WarningChange.Cleared, false), (truck.Told.Change, truck.Shown.Open));
        Assert.Contains("since police changed the entry vehicles/粤H12345-yellow, the axles that were weighed raise no limit", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("所称轴数未使限值提高", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    /// <summary>20,000 and 21,000 kg are 4.76 % apart, 20,000 and 21,100 kg 5.21 %.</summary>
    [Theory]
    [InlineData(21_000, 6, true)]
    [InlineData(21_100, 6, false)]
    [InlineData(21_000, 4, false)]
    public void Stations_that_count_other_axles_at_the_same_mass_warn(int grossKg, int axles, bool warns)
    {
        Weighs(Noon, 20_000);
        Weighs(Noon + 60_000, grossKg, axles: axles, station: "S08");
        Assert.Equal(!warns, truck.ToldNobody);
        if (warns)
        {
            Assert.Equal((4.0, 6.0), (Figure("earlierAxles"), Figure("axles")));
            Assert.Contains("Station S07 counted 4 axles 60 s before and this one 6", truck.Shown.Explanation.En, StringComparison.Ordinal);
            Assert.Contains("站间轴数增减", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Whatever_the_ways_there_is_one_warning_and_after_its_case_the_next_opens_another()
    {
        Weighs(Noon, 20_000, leftRightPermille: 100);
        string first = truck.Shown.Id;
        Weighs(Noon + 60_000, 20_000, speedTenthKmh: 50, station: "S08");
        Assert.Equal((first, 2, WarningChange.Updated), (truck.Shown.Id, truck.Shown.Count, truck.Told.Change));
        truck.Play(Tell(MessageKind.CaseClosed, Noon + 70_000, new CaseClosed("north-1", Plate, ActorKind.Vehicle, "evasion", first, "penalty"), GrainsJson.Default.CaseClosed));
        truck.Reload();
        Weighs(Noon + 120_000, 20_000, leftRightPermille: 100);
        Assert.Equal($"{Plate}/evasion/2", truck.Shown.Id);
    }

    [Fact]
    public void A_weighing_that_comes_much_too_late_warns_without_a_live_alert()
    {
        truck.Play(Step(Noon, 20_000, leftRightPermille: 100) with { NowMs = Noon + 1_500_000 });
        Assert.False(truck.Shown.Live);
        Assert.Contains("25 min after", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_rulebook_says_nothing_of_evasion_nothing_is_judged()
    {
        truck.Rules = new Rulebook { Version = 1 };
        Registers(FourAxles);
        Weighs(Noon + 600_000, 30_000, axles: 6, leftRightPermille: 1, speedTenthKmh: 1);
        Weighs(Noon + 660_000, 15_000, axles: 6, station: "S08");
        truck.Play(AtSite("t1", Noon + 700_000, SiteUses.Load));
        Assert.Equal(0, truck.Described.GetProperty("openWarnings").GetArrayLength());
        Assert.False(truck.Described.TryGetProperty("evasion", out _));
    }

    [Fact]
    public void A_weighing_that_shows_nothing_makes_no_more_than_where_nothing_is_judged()
    {
        Assert.Equal(Allocated(new Rulebook { Version = 1 }), Allocated(City));

        static long Allocated(Rulebook rules)
        {
            SubjectStage stage = new(ActorKind.Vehicle, Plate) { Rules = rules };
            ScriptStep[] steps = [.. Enumerable.Range(0, 60).Select(i => WeighAxles($"{i:00}", Noon + (i * 1_000), [(6_000, 0), (14_000, 4_700)], VehicleClass.Unknown, station: i % 2 == 0 ? "S07" : "S08"))];
            foreach (ScriptStep step in steps[..40])
            {
                stage.Play(step with { });
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (ScriptStep step in steps[40..])
            {
                stage.Play(step);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private double Figure(string name) => truck.Shown.Evidence.Figures[name];

    private ScriptStep Step(long atMs, int grossKg, int axles = 4, string station = "S07", VehicleClass body = VehicleClass.Unknown, int speedTenthKmh = 635, int leftRightPermille = 1020, int accuracyHundredthPct = 500)
    {
        (int, int)[] masses = [.. Enumerable.Range(0, axles).Select(i => (i == 0 ? grossKg - (grossKg / axles * (axles - 1)) : grossKg / axles, i * 3_000))];
        return WeighAxles($"w{++readings}", atMs, masses, body, speedTenthKmh, leftRightPermille, station) with { AccuracyHundredthPct = accuracyHundredthPct };
    }

    private void Weighs(long atMs, int grossKg, int axles = 4, string station = "S07", VehicleClass body = VehicleClass.Unknown, int speedTenthKmh = 635, int leftRightPermille = 1020, int accuracyHundredthPct = 500) =>
        truck.Play(Step(atMs, grossKg, axles, station, body, speedTenthKmh, leftRightPermille, accuracyHundredthPct));

    private void Registers(string words) => TellOf(vehicles.Play(Say(Source("police", "vehicles"), words, said += 1_000)), truck);
}
