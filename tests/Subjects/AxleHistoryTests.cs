using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Learned;
using Streaming.Models.Readings;
using Streaming.Tests.Rules;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

/// <summary>Axles that are not as the vehicle's own usually are. The truck is rigid, of four axles: 12,700 kg empty, and a load of which 15, 15, 35 and 35 % rest on them. Stations are of ±5 %.</summary>
public sealed class AxleHistoryTests
{
    private const string Plate = "粤H12345-yellow";
    private const long Noon = 1_795_262_400_000;
    private const long HourMs = 3_600_000;
    private static readonly string Name = CityRules.Shipped.Learned.AxleSignature!.Model;

    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate) { Rules = City(CityRules.Shipped.Learned.AxleSignature!) };
    private int number;

    [Fact]
    public void A_load_that_moved_to_the_first_axle_warns_with_what_would_be_usual_in_both_languages()
    {
        Usual(9);
        Weighed(14_000, 0.14);

        Warning warning = truck.Shown;
        Assert.Equal(("axle-signature", 1, 0.3, Name, WarningChange.Opened), (warning.Kind, warning.Severity, warning.Confidence, warning.Model, truck.Told.Change));
        Assert.Equal((1.0, 9.0, 0.0), (warning.Evidence.Figures["axle"], warning.Evidence.Figures["weighingsKnown"], warning.Evidence.Figures["axlesMore"]));

        // 3,400 + 15 % of 14,000 of 26,700 kg.
        Assert.InRange(warning.Evidence.Figures["usualSharePct"], 19.6, 21.6);
        Assert.InRange(warning.Evidence.Figures["sharePct"], 34, 35.2);
        Assert.True(warning.Evidence.Figures["score"] >= warning.Evidence.Figures["threshold"]);
        Assert.Contains("are not as this vehicle's usually are, by 9 of its weighings: score ", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains($"(learned model {Name})", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("Axle 1 carries 34.6 % of it, and 20.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("其轴荷与轴距同该车以往9次称重不符", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Contains("第1轴占总质量34.6 %，在此载荷下通常为20.", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Null(warning.Evidence.LegalSource);
    }

    [Fact]
    public void A_load_two_points_further_to_the_front_than_ever_is_not_told()
    {
        Usual(9);
        Weighed(14_000, 0.02);
        Weighed(0, 0.02);
        Assert.True(truck.ToldNobody);
    }

    [Fact]
    public void Empty_after_eight_times_laden_is_another_load_and_not_told()
    {
        for (int i = 0; i < 8; i++)
        {
            Weighed(14_000 + (i * 100), 0);
        }

        // The first axle has 26.8 % instead of 20.5.
        Weighed(0, 0);
        Assert.True(truck.ToldNobody);
    }

    [Fact]
    public void Four_weighings_are_not_enough_to_know_a_vehicle_and_five_are()
    {
        Usual(4);
        Weighed(14_000, 0.2);
        Assert.True(truck.ToldNobody);
        Usual(1);
        Weighed(14_000, 0.2);
        Assert.Equal("axle-signature", truck.Shown.Kind);
    }

    [Fact]
    public void Two_axles_of_the_next_vehicle_in_the_record_are_told_and_a_trailer_of_what_is_now_a_combination_is_not()
    {
        Usual(9);
        Play([.. Axles(8_000, 0), (2_600, 13_300), (2_500, 18_000)], VehicleClass.Combination);
        Assert.True(truck.ToldNobody);
        Play([.. Axles(8_000, 0), (2_600, 13_300), (2_500, 18_000)], VehicleClass.Rigid);
        Assert.Equal((2.0, 6.5), (truck.Shown.Evidence.Figures["axlesMore"], truck.Shown.Evidence.Figures["gapM"]));
        Assert.Contains("Its 4 axles stand as ever, and 2 more begin 6.5 m behind them", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("其4根车轴位置如常，其后6.5 m处另有2根车轴", truck.Shown.Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void An_axle_less_is_neither_told_nor_learned()
    {
        Usual(9);
        string before = Shares();
        Play(Axles(8_000, 0)[..3], VehicleClass.Rigid);
        Assert.Equal((true, before), (truck.ToldNobody, Shares()));
    }

    [Fact]
    public void A_late_weighing_is_skipped_and_counted()
    {
        Usual(9);
        string before = Shares();
        truck.Play(WeighAxles("late", Noon - HourMs, Axles(14_000, 0.2), VehicleClass.Rigid) with { NowMs = Noon + (100 * HourMs) });
        Assert.Equal((true, before, 1), (truck.ToldNobody, Shares(), History("late")));
    }

    [Fact]
    public void What_is_unusual_teaches_nothing_until_eight_weighings_in_a_row_say_that_the_vehicle_has_changed()
    {
        Usual(9);
        string before = Shares();
        for (int i = 0; i < 7; i++)
        {
            Weighed(14_000, 0.14);
            Assert.Equal((9, before), (History("weighings"), Shares()));
        }

        Weighed(14_000, 0.14);
        Assert.Equal(1, History("weighings"));
        Close();
        for (int i = 0; i < 8; i++)
        {
            Weighed(13_000 + (i * 100), 0.14);
            Assert.True(truck.ToldNobody);
        }
    }

    [Fact]
    public void It_is_one_warning_until_its_case_is_closed_also_after_its_state_was_written_and_read()
    {
        Usual(9);
        Weighed(14_000, 0.14);
        string id = truck.Shown.Id;
        truck.Reload();
        Weighed(12_000, 0.14);
        Assert.Equal((id, 2), (truck.Shown.Id, truck.Shown.Count));
        Close();
        Weighed(12_000, 0.14);
        Assert.Equal($"{Plate}/axle-signature/2", truck.Shown.Id);
    }

    [Fact]
    public void A_vehicle_that_was_weighed_once_has_no_history_nor_has_any_where_none_is_asked_for()
    {
        Weighed(8_000, 0);
        Assert.False(truck.Described.TryGetProperty("axleHistory", out _));
        truck.Rules = new Rulebook { Version = 1 };
        Usual(9);
        Assert.False(truck.Described.TryGetProperty("axleHistory", out _));
        truck.Rules = City(CityRules.Shipped.Learned.AxleSignature!);
        Usual(1);
        Assert.Equal(2, History("weighings"));
    }

    [Fact]
    public void A_usual_weighing_allocates_no_more_than_where_nothing_is_judged() =>
        Assert.Equal(Allocated(new Rulebook { Version = 1 }), Allocated(City(CityRules.Shipped.Learned.AxleSignature!)));

    private static long Allocated(Rulebook rules)
    {
        SubjectStage stage = new(ActorKind.Vehicle, Plate) { Rules = rules };
        ScriptStep[] steps = [.. Enumerable.Range(0, 60).Select(i => WeighAxles($"{i:00}", Noon + (i * HourMs), Axles(8_000 + (i % 5 * 1_000), 0), VehicleClass.Rigid))];
        foreach (ScriptStep step in steps[..40])
        {
            stage.Play(step);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (ScriptStep step in steps[40..])
        {
            stage.Play(step);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static Rulebook City(AnomalyRule rule) => new() { Version = 1, Learned = new LearnedRules { AxleSignature = rule } };

    /// <summary>Its axles under a load, a part of the gross mass more than usual on the first, off the others in proportion.</summary>
    private static (int MassKg, int OffsetMm)[] Axles(int loadKg, double moved)
    {
        double[] kg = [3_400 + (0.15 * loadKg), 3_300 + (0.15 * loadKg), 3_000 + (0.35 * loadKg), 3_000 + (0.35 * loadKg)];
        double gross = kg.Sum();
        double keeps = 1 - (moved * gross / (gross - kg[0]));
        int[] offsets = [0, 1_950, 5_450, 6_800];
        return [.. kg.Select((mass, i) => ((int)Math.Round(i == 0 ? mass + (moved * gross) : mass * keeps), offsets[i]))];
    }

    /// <summary>Weighings between empty and laden, each a little off as scales are.</summary>
    private void Usual(int weighings)
    {
        for (int i = 0; i < weighings; i++)
        {
            Weighed(number * 7 % 5 * 3_400, (number * 3 % 5 - 2) / 1_000.0);
        }
    }

    private void Weighed(int loadKg, double moved) => Play(Axles(loadKg, moved), VehicleClass.Rigid);

    private void Play((int, int)[] axles, VehicleClass body) => truck.Play(WeighAxles($"w{number}", Noon + (number++ * HourMs), axles, body));

    private void Close() => truck.Play(Tell(
        MessageKind.CaseClosed, Noon + (number * HourMs) - 1, new CaseClosed("north-1", Plate, ActorKind.Vehicle, "axle-signature", $"{Plate}/axle-signature/1", "false-alarm"), GrainsJson.Default.CaseClosed));

    private int History(string name) => truck.Described.GetProperty("axleHistory").GetProperty(name).GetInt32();

    private string Shares() => truck.Described.GetProperty("axleHistory").GetProperty("usualSharesPct").GetRawText();
}
