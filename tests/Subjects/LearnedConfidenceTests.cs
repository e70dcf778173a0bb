using System.Text;
using System.Text.Json;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Readings;
using Streaming.Tests.Learned;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

/// <summary>How sure an overload is, by a model that knows the plate alone, so that what it has to say can be worked out by hand.</summary>
public sealed class LearnedConfidenceTests
{
    private const string Plate = "粤H12345-yellow";
    private const long Noon = 1_795_262_400_000;
    private static readonly (string Name, string File, LearnedModel Model) Judge = MadeModels.ByPlate(10, -8);
    private static readonly (string Name, string File, LearnedModel Model) Other = MadeModels.ByPlate(-10, 8);

    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate) { Rules = City(Judge, null) };

    [Fact]
    public void The_confidence_is_the_models_and_the_words_say_so_in_both_languages()
    {
        truck.Play(Weigh("1", Noon, 60_000, 6, VehicleClass.Combination));
        Warning warning = truck.Shown;

        // L(10 · 0.97 - 8) = L(1.7) = 0.845535.
        Assert.Equal(0.845535, warning.Confidence, 6);
        Assert.Equal(Judge.Name, warning.Model);
        Assert.Contains($"How sure the warning is, 84.55 %, the learned model {Judge.Name} says by what was found of others: it goes by the excess beside the accuracy of the station, the plate, which was read with 97 %, and no weighing within a day before.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains($"告警置信度84.55 %由学习模型{Judge.Name}根据以往案件的核查结果给出，依据为超出量与检测站准确度之比、号牌识别置信度97 %，以及之前一日内无其他称重。", warning.Explanation.Zh, StringComparison.Ordinal);

        // What was measured and the law say the same as without a model, and what is built in is kept beside it.
        SubjectStage plain = new(ActorKind.Vehicle, Plate);
        plain.Play(Weigh("1", Noon, 60_000, 6, VehicleClass.Combination));
        Assert.StartsWith(plain.Shown.Explanation.En, warning.Explanation.En, StringComparison.Ordinal);
        Assert.StartsWith(plain.Shown.Explanation.Zh, warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Equal((plain.Shown.Severity, plain.Shown.Evidence.Limit, plain.Shown.Evidence.LegalSource), (warning.Severity, warning.Evidence.Limit, warning.Evidence.LegalSource));
        Assert.Equal(
            [new ModelScore(Judge.Name, "judge", 0.845535, 0.5), new ModelScore("road-limit/1", "built-in", Math.Round(plain.Shown.Confidence, 6))],
            warning.Scores!.Select(score => score with { Score = Math.Round(score.Score, 6) }));
        Assert.Null(plain.Shown.Scores);
    }

    [Fact]
    public void The_weighing_before_is_told_with_its_figures()
    {
        truck.Play(Weigh("1", Noon, 48_000, 6, VehicleClass.Combination));
        truck.Play(Weigh("2", Noon + 720_000, 60_000, 6, VehicleClass.Combination));
        Warning warning = truck.Shown;
        Assert.Contains("and the weighing 12 min before, of 48,000 kg, which was within that limit.", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("以及12分钟前测得48,000 kg（未超过该限值）。", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Equal((48_000.0, 12.0, 5.0), (warning.Evidence.Figures["beforeKg"], warning.Evidence.Figures["beforeMin"], warning.Evidence.Figures["beforeAccuracyPct"]));
        truck.Play(Weigh("3", Noon + 780_000, 60_000, 6, VehicleClass.Combination));
        Assert.Contains("60,000 kg, which was over that limit too.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("（同样超过该限值）。", truck.Shown.Explanation.Zh, StringComparison.Ordinal);

        // One that comes late has nothing before it: what it is told with was after it.
        truck.Play(Weigh("late", Noon + 60_000, 61_000, 6, VehicleClass.Combination) with { NowMs = Noon + 800_000 });
        Assert.Equal("3", truck.Shown.Evidence.Readings[^2].Id);
        Assert.Contains("60,000 kg, which was over that limit too.", truck.Shown.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_reading_may_lower_the_confidence_and_a_late_one_does_not_touch_it()
    {
        truck.Play(Weigh("1", Noon, 60_000, 6, VehicleClass.Combination));
        truck.Play(Weigh("2", Noon + 60_000, 60_000, 6, VehicleClass.Combination, platePermille: 700));

        // L(10 · 0.7 - 8) = L(-1).
        Assert.Equal(0.268941, truck.Shown.Confidence, 6);
        truck.Play(Weigh("late", Noon + 30_000, 60_000, 6, VehicleClass.Combination, platePermille: 990) with { NowMs = Noon + 70_000 });
        Assert.Equal((0.268941, 3), (Math.Round(truck.Shown.Confidence, 6), truck.Shown.Count));
    }

    [Fact]
    public void A_model_in_shadow_is_heard_beside_the_judge_and_changes_nothing_that_is_told()
    {
        SubjectStage plain = new(ActorKind.Vehicle, Plate) { Rules = City(Judge, null) };
        truck.Rules = City(Judge, Other);
        ScriptStep step = Weigh("1", Noon, 60_000, 6, VehicleClass.Combination);
        plain.Play(step);
        truck.Play(step);

        // L(-10 · 0.97 + 8) = L(-1.7) = 0.154465.
        Assert.Equal(new ModelScore(Other.Name, "shadow", 0.154465, 0.5), truck.Shown.Scores![^1] with { Score = Math.Round(truck.Shown.Scores[^1].Score, 6) });
        Assert.Equal(Told(plain), Told(truck));

        // The dispatcher, and so the case, hears it too; and it is there after a restart.
        Assert.Equal(3, truck.Told.Warning.Scores!.Length);
        truck.Reload();
        Assert.Contains(Other.Name, truck.DescribedText, StringComparison.Ordinal);

        // With nothing learned to judge by, what is built in is the judge.
        truck.Rules = City(null, Other);
        truck.Play(Weigh("2", Noon + 60_000, 61_000, 6, VehicleClass.Combination));
        Assert.Equal(["judge", "shadow"], truck.Shown.Scores!.Select(score => score.Part));
        Assert.Equal("road-limit/1", truck.Shown.Model);
        Assert.DoesNotContain("learned", truck.Shown.Explanation.En, StringComparison.Ordinal);

        static string Told(SubjectStage stage) => JsonSerializer.Serialize(stage.Shown with { Scores = null }, GrainsJson.Default.Warning);
    }

    [Fact]
    public void A_load_over_the_rating_has_a_model_of_its_own()
    {
        (string Name, string File, LearnedModel Model) rated = MadeModels.ByPlate(5, 0, OverloadFeatures.RatedLoad);
        truck.Rules = new Rulebook { Version = 1 }.With(new RulebookDecisions { Models = Deciding("over-rated-load", rated, null) });
        truck.Play(Registered(Noon - 1_000, """{"vehicleClass":"combination","axles":6,"ratedLoadKg":20000,"curbKg":15000}"""));
        truck.Play(Weigh("1", Noon, 40_000, 6, VehicleClass.Combination));
        Warning warning = truck.Shown;
        Assert.Equal(("over-rated-load", rated.Name), (warning.Kind, warning.Model));

        // L(5 · 0.97) = L(4.85).
        Assert.Equal(0.992232, warning.Confidence, 6);
        Assert.Contains("rated load", warning.Explanation.En, StringComparison.Ordinal);
    }

    [Fact]
    public void Judged_anew_it_is_judged_by_the_weighing_before_that_it_was_told_with()
    {
        truck.Play(Weigh("1", Noon, 48_000, 6, VehicleClass.Combination));
        truck.Play(Weigh("2", Noon + 720_000, 60_000, 6, VehicleClass.Combination));
        truck.Reload();
        truck.Play(Registered(Noon + 800_000, """{"vehicleClass":"combination","axles":6,"driveAxles":1}"""));
        Assert.Equal((46_000.0, 48_000.0, 12.0), (truck.Shown.Evidence.Figures["limitKg"], truck.Shown.Evidence.Figures["beforeKg"], truck.Shown.Evidence.Figures["beforeMin"]));
        Assert.Contains("of 48,000 kg, which was over that limit too.", truck.Shown.Explanation.En, StringComparison.Ordinal);
        Assert.Equal(Judge.Name, truck.Shown.Model);
    }

    [Fact]
    public void A_weighing_within_the_limit_makes_no_more_than_without_models()
    {
        Assert.Equal(Allocated(new Rulebook { Version = 1 }), Allocated(City(Judge, Other)));

        static long Allocated(Rulebook rules)
        {
            SubjectStage stage = new(ActorKind.Vehicle, Plate) { Rules = rules };
            ScriptStep[] steps = [.. Enumerable.Range(0, 60).Select(i => Weigh($"{i:00}", Noon + (i * 1_000), 40_000, 6, VehicleClass.Combination))];
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
    }

    private static ScriptStep Registered(long nowMs, string values)
    {
        ByteWriter body = new();
        EntryChanged.Read(Encoding.UTF8.GetBytes($$"""{"register":"vehicles","key":"{{Plate}}","spans":[{"sources":{},"values":{{values}} }],"by":"police"}""")).Write(body);
        return new ScriptStep { Kind = MessageKind.EntryChanged, Body = body.Written.ToArray(), NowMs = nowMs };
    }

    private static Rulebook City((string Name, string File, LearnedModel Model)? judge, (string Name, string File, LearnedModel Model)? shadow) =>
        new Rulebook { Version = 1 }.With(new RulebookDecisions { Models = Deciding("over-road-limit", judge, shadow) });

    private static ModelDecisions Deciding(string kind, (string Name, string File, LearnedModel Model)? judge, (string Name, string File, LearnedModel Model)? shadow) => new()
    {
        Uploaded = [.. new[] { judge, shadow }.OfType<(string Name, string File, LearnedModel Model)>().Select(model => MadeModels.Uploaded(model.Name, model.File))],
        Kinds = [new KindModels { Kind = kind, Judge = Chosen(judge?.Name), Shadow = Chosen(shadow?.Name) }],
    };

    private static ChosenModel? Chosen(string? name) => name is null ? null : new ChosenModel { Model = name, AtMs = 1, By = "chief", Reason = "because" };
}
