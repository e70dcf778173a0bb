using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Readings;
using Streaming.Tests.Learned;
using Streaming.Tests.Rules;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Subjects;

/// <summary>Axles that fit no usual vehicle, by a model of all vehicles together, as rulebooks of before there were histories name it.</summary>
public sealed class AxleSignatureTests
{
    private const string Plate = "粤H12345-yellow";
    private const long Noon = 1_795_262_400_000;

    /// <summary>Four axles twelve metres apart: several vehicles that a station took for one.</summary>
    private static readonly (int, int)[] Joined = [(5_000, 0), (5_000, 12_000), (5_000, 24_000), (5_000, 36_000)];

    private static readonly (int, int)[] SixAxles = [(6_000, 0), (8_000, 3_300), (8_000, 4_650), (7_000, 10_600), (7_000, 11_900), (7_000, 13_200)];

    private const string Name = "axle-signature/e148bd796a84";

    private static readonly LearnedModel Model = TrainedModels.Shipped.Find(Name)!;

    private readonly SubjectStage truck = new(ActorKind.Vehicle, Plate) { Rules = City(new AnomalyRule { Model = Name }) };
    private int readings;

    [Fact]
    public void Several_vehicles_in_one_record_warn_with_score_threshold_model_and_the_axles_that_do_not_fit()
    {
        truck.Play(WeighAxles("1", Noon, SixAxles));
        Assert.True(truck.ToldNobody);
        truck.Play(WeighAxles("2", Noon + 1_000, Joined));

        Warning warning = truck.Shown;
        Assert.Equal(("axle-signature", 1, 0.3, Name, WarningChange.Opened), (warning.Kind, warning.Severity, warning.Confidence, warning.Model, truck.Told.Change));
        Assert.Equal(Math.Round(Score(Joined), 4), warning.Evidence.Figures["score"]);
        Assert.Equal(Math.Round(Model.Threshold, 4), warning.Evidence.Figures["threshold"]);
        Assert.Equal(3, warning.Evidence.Figures.Keys.Count(name => AxleSignatureFeatures.Set.IndexOf(name) >= 0));
        Assert.Contains($"fit no usual vehicle: score {Math.Round(Score(Joined), 3):0.###}", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains($"(learned model {Name})", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("would fit the rest. ", warning.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("其轴荷与轴距不符合常见车型", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.Contains("请核对号牌、车辆与称重设备。", warning.Explanation.Zh, StringComparison.Ordinal);
        Assert.DoesNotContain("penalty", warning.Explanation.En, StringComparison.OrdinalIgnoreCase);
        Assert.Null(warning.Evidence.LegalSource);
    }

    [Fact]
    public void A_score_at_the_threshold_warns_and_one_just_below_does_not()
    {
        truck.Rules = City(new AnomalyRule { Model = Name, Threshold = Score(Joined) + 1e-9 });
        truck.Play(WeighAxles("1", Noon, Joined));
        Assert.True(truck.ToldNobody);
        truck.Rules = City(new AnomalyRule { Model = Name, Threshold = Score(Joined) });
        truck.Play(WeighAxles("2", Noon + 1_000, Joined));
        Assert.Equal("axle-signature", truck.Shown.Kind);
    }

    [Fact]
    public void Without_the_section_or_enabled_or_the_model_nothing_is_judged()
    {
        foreach (Rulebook rules in new[] { new Rulebook { Version = 1 }, City(new AnomalyRule { Model = Name, Enabled = false }), City(new AnomalyRule { Model = "axle-signature/000000000000" }) })
        {
            truck.Rules = rules;
            truck.Play(WeighAxles($"{++readings}", Noon, Joined));
            Assert.Equal(0, truck.Effects);
        }
    }

    [Theory]
    [InlineData(VehicleClass.Bus)]
    [InlineData(VehicleClass.Car)]
    public void A_bus_or_car_is_not_judged(VehicleClass body)
    {
        (int, int)[] light = [.. Joined.Select(axle => (axle.Item1 / 6, axle.Item2))];
        truck.Rules = City(new AnomalyRule { Model = Name, MinimumKg = 0 });
        truck.Play(WeighAxles("1", Noon, light, body));
        Assert.True(truck.ToldNobody);
        truck.Play(WeighAxles("2", Noon + 1_000, light, VehicleClass.Rigid));
        Assert.Equal("axle-signature", truck.Shown.Kind);
    }

    [Fact]
    public void One_kilogram_below_the_mass_from_which_it_judges_it_does_not()
    {
        truck.Rules = City(new AnomalyRule { Model = Name, MinimumKg = 20_001 });
        truck.Play(WeighAxles("1", Noon, Joined));
        Assert.True(truck.ToldNobody);
        truck.Rules = City(new AnomalyRule { Model = Name, MinimumKg = 20_000 });
        truck.Play(WeighAxles("2", Noon + 1_000, Joined));
        Assert.False(truck.ToldNobody);
    }

    [Fact]
    public void It_is_one_warning_until_its_case_is_closed_whatever_comes_late_or_twice()
    {
        truck.Play(WeighAxles("1", Noon, Joined));
        string id = truck.Shown.Id;
        truck.Reload();
        truck.Play(WeighAxles("0", Noon - 60_000, Joined));
        Assert.Equal((id, 2, "1"), (truck.Shown.Id, truck.Shown.Count, truck.Shown.Evidence.Readings[0].Id));
        byte[] state = truck.State;
        truck.Play(WeighAxles("1", Noon, Joined));
        Assert.Equal((0, Convert.ToHexString(state)), (truck.Effects, Convert.ToHexString(truck.State)));

        truck.Play(Tell(MessageKind.CaseClosed, Noon + 10_000, new CaseClosed("north-1", Plate, ActorKind.Vehicle, "axle-signature", id, "false-alarm"), GrainsJson.Default.CaseClosed));
        truck.Play(WeighAxles("late", Noon - 1_000_000, Joined) with { NowMs = Noon + 20_000 });
        Assert.Equal(($"{Plate}/axle-signature/2", false), (truck.Shown.Id, truck.Shown.Live));
    }

    [Fact]
    public void A_usual_vehicle_makes_no_more_than_where_nothing_is_judged()
    {
        Assert.Equal(Allocated(new Rulebook { Version = 1 }), Allocated(City(new AnomalyRule { Model = Name })));

        static long Allocated(Rulebook rules)
        {
            SubjectStage stage = new(ActorKind.Vehicle, Plate) { Rules = rules };
            ScriptStep[] steps = [.. Enumerable.Range(0, 60).Select(i => WeighAxles($"{i:00}", Noon + (i * 1_000), SixAxles))];
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

    [Fact]
    public void The_section_of_a_rulebook_names_its_model_and_one_that_is_not_there_is_said()
    {
        string shipped = CityRules.Shipped.Learned.AxleSignature!.Model;
        Assert.StartsWith("axle-history/", shipped, StringComparison.Ordinal);
        Assert.Equal(CityRules.Shipped.Learned, Rulebook.Parse(CityRules.Shipped.ToJson()).Learned);
        Assert.DoesNotContain("\"learned\"", System.Text.Encoding.UTF8.GetString(new Rulebook { Version = 1 }.ToJson()), StringComparison.Ordinal);

        Assert.Null(Rulebook.Load(CityRules.Files("limits.json", shipped, "axle-signature/000000000000"), out IReadOnlyList<RulebookProblem> problems));
        RulebookProblem problem = Assert.Single(problems);
        Assert.Equal(("$.learned.axle-signature.model", "\"axle-signature/000000000000\""), (problem.Path, problem.Found));
        Assert.Contains(Name, problem.Expected, StringComparison.Ordinal);
        Assert.Equal(4, new LearnedRules { AxleSignature = new() { Model = Name, Threshold = 0, MinimumKg = -1, Severity = 5, Confidence = 2 } }.Problems().Count());
    }

    [Fact]
    public void A_model_that_was_decided_on_judges_in_place_of_the_files_and_one_in_shadow_is_heard()
    {
        LearnedModel other = MadeModels.Signatures();
        byte[] file = ModelFile.Write(other);
        string name = TrainedModels.NameOf(other, file);
        UploadedModel uploaded = MadeModels.Uploaded(name, System.Text.Encoding.UTF8.GetString(file));
        ModelDecisions shadow = new ModelDecisions { Uploaded = [uploaded] }.PutInShadow("axle-signature", new ChosenModel { Model = name, AtMs = 1, By = "chief", Reason = "r" }, Name, out _)!;
        truck.Rules = City(new AnomalyRule { Model = Name }).With(new RulebookDecisions { Models = shadow });
        truck.Play(WeighAxles("1", Noon, Joined));
        Assert.Equal([(Name, "judge"), (name, "shadow")], truck.Shown.Scores!.Select(score => (score.Model, score.Part)));
        Assert.Equal(Name, truck.Shown.Model);

        ModelDecisions promoted = shadow.Promote("axle-signature", new ChosenModel { Model = name, Threshold = 1e-9, AtMs = 2, By = "chief", Reason = "r" }, Name, out _)!;
        truck.Rules = City(new AnomalyRule { Model = Name }).With(new RulebookDecisions { Models = promoted });
        truck.Play(WeighAxles("2", Noon + 1_000, SixAxles));
        Assert.Equal((name, 1e-9), (truck.Shown.Model, Math.Round(truck.Shown.Scores![0].Threshold!.Value, 12)));
        Assert.Equal([(name, "judge"), (Name, "shadow")], truck.Shown.Scores.Select(score => (score.Model, score.Part)));
    }

    private static Rulebook City(AnomalyRule rule) => new() { Version = 1, Learned = new LearnedRules { AxleSignature = rule } };

    private static double Score((int MassKg, int OffsetMm)[] axles)
    {
        WeighReading weighing = new() { GrossKg = axles.Sum(axle => axle.MassKg), AxleCount = axles.Length };
        for (int i = 0; i < axles.Length; i++)
        {
            weighing.Axles[i] = new Axle { MassKg = axles[i].MassKg, OffsetMm = axles[i].OffsetMm };
        }

        float[] vector = new float[AxleSignatureFeatures.Set.Count];
        Assert.True(AxleSignatureFeatures.TryFill(weighing, vector));
        return Model.Score(vector);
    }
}
