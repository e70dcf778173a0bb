using System.Text.Json;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Tests.Registers;
using Streaming.Tests.Rules;
using Xunit;
using static Streaming.Determinism.Readings;
using static Streaming.Tests.Registers.Statements;

namespace Streaming.Tests.Subjects;

/// <summary>
/// Axles over the limits of 96/53/EC: 11.5 t on a single axle that may be driven, 19 t on a tandem of 1.3 to 1.8 m that may be a motor vehicle's and 18 t on a trailer's; 18 t gross on two axles, 26 t on three.
/// </summary>
public sealed class AxleOverloadTests
{
    private const string Plate = "粤H12345-yellow";
    private const string Kind = "over-road-limit";
    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate) { Rules = City(new RoadLimits { Profile = "eu" }) };
    private readonly SubjectStage vehicles = new(ActorKind.Entry, $"vehicles/{Plate}");
    private readonly SubjectStage permits = new(ActorKind.Entry, "permits/P1");
    private long said = Noon;

    [Fact]
    public void An_axle_of_just_its_limit_does_not_warn_and_one_kilogram_more_does_though_the_road_would_carry_the_gross_mass()
    {
        Weighs("1", (6_000, 0), (11_500, 4_700));
        Assert.True(truck.ToldNobody);

        Weighs("2", (6_000, 0), (11_501, 4_700));
        Warning warning = truck.Shown;
        Assert.Equal((Kind, 1, "road-limit-axles/1", "96/53/EC Annex I"), (warning.Kind, warning.Severity, warning.Model, warning.Evidence.LegalSource));
        Assert.Equal("11,500 kg: single axle 2", warning.Evidence.Limit);
        Assert.Equal((17_501.0, 18_000.0, 0.0), (Figure("grossKg"), Figure("limitKg"), Figure("overKg")));
        Assert.Equal((2.0, 1.0, 11_501.0, 11_500.0, 1.0, 0.01), (Figure("axlesFirst"), Figure("axlesCount"), Figure("axlesKg"), Figure("axlesLimitKg"), Figure("axlesOverKg"), Figure("axlesOverPct")));
        Assert.False(warning.Evidence.Figures.ContainsKey("penaltyEstimateCny"));
        Assert.Contains("17,501 kg gross at station S07, lane 2 is within the road limit of 18,000 kg", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("11,501 kg on single axle 2: 1 kg (0.01 %) over the limit of 11,500 kg (96/53/EC Annex I).", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("总质量17,501 kg，未超过公路限值18,000 kg", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Contains("第2轴（单轴）测得11,501 kg，超过限值11,500 kg达1 kg（0.01 %）", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Equal(WarningChange.Opened, truck.Told.Change);
    }

    /// <summary>2.5 % over gross alone is severity 1; 10 % over on the axle is severity 2.</summary>
    [Fact]
    public void Of_gross_mass_and_axles_the_one_broken_worst_by_share_gives_severity_and_law_and_the_warning_says_both()
    {
        Weighs("1", (5_800, 0), (12_650, 4_700));

        Assert.Equal((2, "11,500 kg: single axle 2"), (truck.Shown.Severity, truck.Shown.Evidence.Limit));
        Assert.Equal((450.0, 2.5, 1_150.0, 10.0), (Figure("overKg"), Figure("overPct"), Figure("axlesOverKg"), Figure("axlesOverPct")));
        Assert.Contains("450 kg (2.50 %) over the road limit of 18,000 kg", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("1,150 kg (10.00 %) over the limit of 11,500 kg (96/53/EC Annex I), which is the limit broken worst", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("超出比例最大的一项", truck.Shown.Explanation.Zh, StringComparison.Ordinal);

        Weighs("2", (11_600, 0), (11_500, 4_700));
        Assert.Equal(("18,000 kg: rigid truck with 2 axles (body from the weigh record)", "96/53/EC Annex I"), (truck.Shown.Evidence.Limit, truck.Shown.Evidence.LegalSource));
        Assert.Equal((5_100.0, 100.0), (Figure("overKg"), Figure("axlesOverKg")));
        Assert.DoesNotContain("broken worst", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    /// <summary>1,150 kg over. ±11 % of a single axle in B+(7): 709.9 kg a deviation, 1.6198 of them, 94.74 %. By the gross mass's ±5 % it would be 3.5637 of them, 99.98 %.</summary>
    [Fact]
    public void How_sure_it_is_follows_from_the_class_for_axles_and_without_one_from_the_gross_accuracy_and_says_which()
    {
        truck.Rules = City(new RoadLimits { Profile = "eu", StationClasses = [new() { Station = "S08", Class = "A(5)" }, new() { Station = "S07", Class = "COST 323 B+(7)" }] });
        Weighs("1", (5_000, 0), (12_650, 4_700));
        Assert.Equal((0.9474, 11.0), (truck.Shown.Confidence, Figure("axlesAccuracyPct")));
        Assert.Contains("±11 % that its class COST 323 B+(7) has for them", truck.Shown.Explanation.En, StringComparison.Ordinal);

        SubjectStage other = new(ActorKind.Vehicle, Plate) { Rules = City(new RoadLimits { Profile = "eu" }) };
        other.Play(WeighAxles("1", Noon, [(5_000, 0), (12_650, 4_700)]));
        Assert.Equal((0.9998, 5.0), (other.Shown.Confidence, other.Shown.Evidence.Figures["axlesAccuracyPct"]));
        Assert.Contains("With the station's accuracy of ±5 % of the gross mass, as none for axles is known", other.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("轴荷准确度未知，按检测站总质量准确度±5 %计", other.Shown.Explanation.Zh, StringComparison.Ordinal);

        // OIML classes say nothing of axles.
        other.Rules = City(new RoadLimits { Profile = "eu", StationClasses = [new() { Station = "S07", Class = "OIML R134 5" }] });
        other.Play(WeighAxles("2", Noon + 1_000, [(5_000, 0), (12_650, 4_700)]));
        Assert.Equal(5.0, other.Shown.Evidence.Figures["axlesAccuracyPct"]);
    }

    [Fact]
    public void A_tandem_is_judged_as_a_group_and_a_trailers_has_the_lower_limit()
    {
        Weighs("1", (6_000, 0), (9_250, 4_300), (9_250, 5_650));
        Assert.True(truck.ToldNobody);
        Weighs("2", VehicleClass.Combination, (6_000, 0), (9_250, 4_300), (9_250, 5_650));
        Assert.Equal("18,000 kg: axles 2 and 3, a tandem", truck.Shown.Evidence.Limit);
        Assert.Equal((2.0, 18_500.0, 18_000.0), (Figure("axlesCount"), Figure("axlesKg"), Figure("axlesLimitKg")));
        Assert.Contains("第2、3轴（二联轴）测得18,500 kg", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    /// <summary>20,000 lb are 9,071.8 kg.</summary>
    [Fact]
    public void A_city_of_the_United_States_is_judged_by_its_own_limits()
    {
        truck.Rules = City(new RoadLimits { Profile = "us" });
        Weighs("1", (5_000, 0), (9_071, 4_700));
        Assert.True(truck.ToldNobody);
        Weighs("2", (5_000, 0), (9_072, 4_700));
        Assert.Equal(("9,071 kg: single axle 2", "23 U.S.C. 127, 23 CFR 658.17"), (truck.Shown.Evidence.Limit, truck.Shown.Evidence.LegalSource));
    }

    [Fact]
    public void Limits_that_were_not_verified_are_shown_and_nobody_is_accused_by_them()
    {
        truck.Rules = City(new RoadLimits { Profile = "cn" });
        Weighs("1", (5_000, 0), (12_900, 4_700));

        Assert.True(truck.ToldNobody);
        JsonElement group = Groups()[1];
        Assert.Equal((2, 12_900, 11_500, 1_400, true), (group.GetProperty("firstAxle").GetInt32(), group.GetProperty("massKg").GetInt32(), group.GetProperty("limitKg").GetInt32(), group.GetProperty("overKg").GetInt32(), group.GetProperty("advisory").GetBoolean()));

        // Over gross, advice stays out of the warning.
        Weighs("2", (5_000, 0), (13_900, 4_700));
        Assert.Equal(("road-limit/1", false), (truck.Shown.Model, truck.Shown.Evidence.Figures.ContainsKey("axlesKg")));
    }

    [Fact]
    public void Where_no_limits_of_axles_are_in_force_all_is_as_before()
    {
        truck.Rules = City(new RoadLimits());
        Weighs("1", (3_000, 0), (14_900, 4_700));
        Assert.True(truck.ToldNobody);
        Assert.False(truck.Described.GetProperty("lastWeighing").TryGetProperty("axleGroups", out _));

        truck.Rules = City(new RoadLimits { Profile = "eu" });
        truck.Play(Weigh("no-axles", Noon + 900_000, 30_000, 0));
        Assert.True(truck.ToldNobody);
        Assert.False(truck.Described.GetProperty("lastWeighing").TryGetProperty("axleGroups", out _));
    }

    [Fact]
    public void The_groups_of_the_last_weighing_are_in_the_state_and_go_with_it()
    {
        Weighs("1", VehicleClass.Combination, (6_000, 0), (9_250, 4_300), (9_250, 5_650));
        string before = truck.DescribedText;
        byte[] state = truck.State;
        truck.Reload();
        Assert.Equal((before, Convert.ToHexString(state)), (truck.DescribedText, Convert.ToHexString(truck.State)));
        Assert.Equal(2, Groups().GetArrayLength());
        Assert.Equal("axles 2 and 3, a tandem", Groups()[1].GetProperty("basis").GetString());

        truck.Play(Weigh("late", Noon - 1_000, 12_000, 2));
        Assert.Equal(2, Groups().GetArrayLength());
        truck.Play(Weigh("newer", Noon + 900_000, 12_000, 0));
        Assert.False(truck.Described.GetProperty("lastWeighing").TryGetProperty("axleGroups", out _));
    }

    [Fact]
    public void With_an_over_limit_permit_axles_are_not_judged_and_one_that_is_registered_later_clears_the_warning()
    {
        Weighs("1", (6_000, 0), (11_900, 4_700));
        Assert.True(truck.Shown.Open);
        truck.Reload();
        TellOf(permits.Play(Say(Source("transport", "permits"), """{"number":"P1","plate":"粤H12345-yellow","grossKg":30000}""", said += 1_000)), truck);

        Assert.Equal((WarningChange.Cleared, false), (truck.Told.Change, truck.Shown.Open));
        Assert.Contains("Judged anew, since transport changed the entry permits/P1: the limit is 18,000 kg", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Weighs("2", (6_000, 0), (11_900, 4_700));
        Assert.True(truck.ToldNobody);
    }

    [Fact]
    public void A_change_of_the_registered_body_gives_the_axles_another_limit_or_clears_the_warning()
    {
        Weighs("1", VehicleClass.Combination, (6_000, 0), (9_550, 4_300), (9_550, 5_650));
        Assert.Equal(18_000.0, Figure("axlesLimitKg"));
        Registers("""{"plate":"粤H12345-yellow","vehicleClass":"rigid"}""");
        Assert.Equal((WarningChange.Updated, 19_000.0, 100.0), (truck.Told.Change, Figure("axlesLimitKg"), Figure("axlesOverKg")));
        Assert.Contains("Of axles 2 and 3, a tandem, 19,100 kg is 100 kg over 19,000 kg.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("第2、3轴（二联轴）19,100 kg，超出限值19,000 kg达100 kg。", truck.Shown.Explanation.Zh, StringComparison.Ordinal);

        truck.Reload();
        Registers("""{"plate":"粤H12345-yellow","vehicleClass":"bus"}""");
        Assert.Equal(WarningChange.Cleared, truck.Told.Change);
    }

    [Fact]
    public void A_late_weighing_says_so_and_is_not_live_and_one_that_comes_twice_counts_once()
    {
        ScriptStep late = WeighAxles("late", Noon, [(6_000, 0), (11_900, 4_700)]) with { NowMs = Noon + 1_500_000 };
        truck.Play(late);
        Assert.False(truck.Shown.Live);
        byte[] state = truck.State;
        truck.Play(late);
        Assert.Equal((0, Convert.ToHexString(state)), (truck.Effects, Convert.ToHexString(truck.State)));
    }

    [Fact]
    public void A_weighing_within_its_axles_limits_makes_no_more_than_one_without_such_limits()
    {
        SubjectStage without = new(ActorKind.Vehicle, Plate) { Rules = City(new RoadLimits()) };
        Assert.Equal(Allocated(without), Allocated(truck));
    }

    private static long Allocated(SubjectStage stage)
    {
        ScriptStep[] steps = [.. Enumerable.Range(0, 40).Select(i => WeighAxles($"{i}", Noon + (i * 1_000), [(6_000, 0), (9_250, 4_300), (9_250, 5_650)], VehicleClass.Rigid))];
        foreach (ScriptStep step in steps[..30])
        {
            stage.Play(step);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (ScriptStep step in steps[30..])
        {
            stage.Play(step);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Fact]
    public void A_rulebook_names_the_class_of_a_station_and_one_that_does_not_exist_is_said()
    {
        RoadLimits wrong = new() { StationClasses = [new() { Station = "S07", Class = "B(10)" }, new() { Station = "S08", Class = "5" }, new() { Class = "B(10)" }] };
        Assert.Equal(
            [
                "roadLimits.stationClasses[1].class is \"5\"; it must be a class as \"COST 323 B+(7)\", \"ASTM E1318 Type I\" or \"OIML R134 5\".",
                "roadLimits.stationClasses[2].station is empty.",
            ],
            wrong.Problems());

        Rulebook? written = Rulebook.Load(CityRules.Files("limits.json", "\"roadLimits\": {", "\"roadLimits\": { \"stationClasses\": [{\"station\":\"S07\",\"class\":\"B(10)\"}],"), out _);
        Rulebook read = Rulebook.Parse(written!.ToJson());
        Assert.Equal("COST 323 B(10)", read.RoadLimits.ClassOf("S07"u8)?.Name);
        Assert.Null(read.RoadLimits.ClassOf("S08"u8));
    }

    private static Rulebook City(RoadLimits limits) => new() { Version = 1, RoadLimits = limits };

    private double Figure(string name) => truck.Shown.Evidence.Figures[name];

    private JsonElement Groups() => truck.Described.GetProperty("lastWeighing").GetProperty("axleGroups");

    private void Weighs(string id, params (int, int)[] axles) => Weighs(id, VehicleClass.Rigid, axles);

    private void Weighs(string id, VehicleClass body, params (int, int)[] axles) => truck.Play(WeighAxles(id, Noon + 600_000 + (id[0] * 1_000), axles, body));

    private void Registers(string words) => TellOf(vehicles.Play(Say(Source("police", "vehicles"), words, said += 1_000)), truck);
}
