using Streaming.Grains.Rules;
using Streaming.Models;
using Streaming.Models.Learned;
using Streaming.Models.Tanks;
using Xunit;

namespace Streaming.Tests.Learned;

/// <summary>What may be decided on models, and what each decision leads to.</summary>
public sealed class ModelDecisionsTests
{
    private const string Kind = "over-road-limit";
    private static readonly (string Name, string File, LearnedModel Model) First = MadeModels.ByPlate(1, 0);
    private static readonly (string Name, string File, LearnedModel Model) Second = MadeModels.ByPlate(2, 0);
    private static readonly ModelDecisions Both = new() { Uploaded = [MadeModels.Uploaded(First.Name, First.File), MadeModels.Uploaded(Second.Name, Second.File)] };

    [Fact]
    public void A_model_that_is_uploaded_judges_nothing_and_the_same_file_again_is_refused()
    {
        ModelDecisions one = ModelDecisions.None.Upload(MadeModels.Uploaded(First.Name, First.File), out _)!;
        Assert.Null(Judge(one));
        Assert.Null(one.Upload(MadeModels.Uploaded(First.Name, First.File), out string problem));
        Assert.Contains($"There is a model {First.Name} already", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_files_are_kept_as_the_limit_and_not_one_more()
    {
        ModelDecisions full = new() { Uploaded = [.. Enumerable.Range(0, ModelLimits.UploadedModels).Select(i => MadeModels.Uploaded($"{Kind}/{i:x12}", "{}"))] };
        Assert.Null(full.Upload(MadeModels.Uploaded(First.Name, First.File), out string problem));
        Assert.Contains("as many as are kept", problem, StringComparison.Ordinal);
        Assert.NotNull(full.Remove($"{Kind}/{0:x12}", out _)!.Upload(MadeModels.Uploaded(First.Name, First.File), out _));

        string most = new(' ', ModelLimits.UploadedModelBytes);
        Assert.NotNull(ModelDecisions.None.Upload(MadeModels.Uploaded("a/1", most), out _));
        Assert.Null(ModelDecisions.None.Upload(MadeModels.Uploaded("a/1", most + " "), out problem));
        Assert.Contains($"at most {ModelLimits.UploadedModelBytes} are taken", problem, StringComparison.Ordinal);
        ModelDecisions large = new() { Uploaded = [.. Enumerable.Range(0, ModelLimits.UploadedModelsBytes / ModelLimits.UploadedModelBytes).Select(i => MadeModels.Uploaded($"a/{i}", most))] };
        Assert.Null(large.Upload(MadeModels.Uploaded(First.Name, First.File), out problem));
        Assert.Contains($"at most {ModelLimits.UploadedModelsBytes} are kept", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_model_in_shadow_is_promoted_or_one_that_is_overridden_with_a_reason()
    {
        Assert.Null(Both.Promote(Kind, Chosen(First.Name), null, out string problem));
        Assert.Contains("is not in shadow", problem, StringComparison.Ordinal);
        ModelDecisions shadow = Both.PutInShadow(Kind, Chosen(First.Name), null, out _)!;
        Assert.Equal((null, First.Name), (Judge(shadow), Shadow(shadow)));
        ModelDecisions promoted = shadow.Promote(Kind, Chosen(First.Name), null, out _)!;
        Assert.Equal((First.Name, null), (Judge(promoted), Shadow(promoted)));
        Assert.Null(promoted.Of(Kind)!.Judge!.Overridden);
        ModelDecisions overridden = Both.Promote(Kind, Chosen(Second.Name) with { Overridden = true }, null, out _)!;
        Assert.True(overridden.Of(Kind)!.Judge!.Overridden);
        Assert.Equal(Second.Name, Judge(overridden));
    }

    [Fact]
    public void Who_judged_goes_into_shadow_and_a_roll_back_lets_it_judge_again()
    {
        ModelDecisions one = Both.Promote(Kind, Chosen(First.Name) with { Overridden = true, Threshold = 0.7 }, null, out _)!;
        ModelDecisions two = one.PutInShadow(Kind, Chosen(Second.Name), First.Name, out _)!.Promote(Kind, Chosen(Second.Name), First.Name, out _)!;
        Assert.Equal((Second.Name, First.Name), (Judge(two), Shadow(two)));
        ModelDecisions back = two.RollBack(Kind, Chosen("") with { Reason = "worse" }, null, out _)!;
        Assert.Equal((First.Name, null, 0.7, "worse"), (Judge(back), Shadow(back), back.Of(Kind)!.Judge!.Threshold, back.Of(Kind)!.Judge!.Reason));
        ModelDecisions none = back.RollBack(Kind, Chosen(""), null, out _)!;
        Assert.Null(Judge(none));
        Assert.Null(none.RollBack(Kind, Chosen(""), null, out string problem));
        Assert.Contains("No model was promoted", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_files_name_judges_until_a_decision_and_after_it_is_rolled_back()
    {
        LearnedRules files = new() { AxleSignature = new AnomalyRule { Model = "axle-signature/e148bd796a84", Threshold = 0.9 } };
        Assert.Equal("axle-signature/e148bd796a84", ModelsInForce.Of(files, new TankAnomalies(), ModelDecisions.None).Judge(LearnedKind.AxleSignature)!.Name);
        Assert.Equal(0.9, ModelsInForce.Of(files, new TankAnomalies(), ModelDecisions.None).AxleSignature!.Threshold);

        // Not in this build: then nobody judges, and never another.
        ModelDecisions decided = new() { Kinds = [new KindModels { Kind = "axle-signature", Judge = Chosen("axle-signature/000000000000"), Earlier = [new ChosenModel()] }] };
        Assert.Null(ModelsInForce.Of(files, new TankAnomalies(), decided).Judge(LearnedKind.AxleSignature));
        ModelDecisions back = decided.RollBack("axle-signature", Chosen(""), "axle-signature/e148bd796a84", out _)!;
        Assert.Equal("axle-signature/e148bd796a84", ModelsInForce.Of(files, new TankAnomalies(), back).Judge(LearnedKind.AxleSignature)!.Name);

        // The files have the last word on whether there is a judge at all.
        LearnedRules off = new() { AxleSignature = new AnomalyRule { Model = "axle-signature/e148bd796a84", Enabled = false } };
        Assert.Null(ModelsInForce.Of(off, new TankAnomalies(), back).Judge(LearnedKind.AxleSignature));
    }

    [Fact]
    public void A_model_with_a_part_is_not_removed_and_one_of_another_kind_gets_none()
    {
        ModelDecisions one = Both.Promote(Kind, Chosen(First.Name) with { Overridden = true }, null, out _)!.Promote(Kind, Chosen(Second.Name) with { Overridden = true }, First.Name, out _)!;
        foreach (string name in new[] { First.Name, Second.Name })
        {
            Assert.Null(one.Remove(name, out string problem));
            Assert.Contains($"judges {Kind}", problem, StringComparison.Ordinal);
        }

        ModelDecisions again = one.RollBack(Kind, Chosen(""), null, out _)!.Remove(Second.Name, out _)!;
        Assert.Equal(First.Name, Assert.Single(again.Uploaded).Name);
        Assert.Null(Both.PutInShadow("over-rated-load", Chosen(First.Name), null, out string wrong));
        Assert.Contains("is not one of over-rated-load", wrong, StringComparison.Ordinal);
        Assert.Null(Both.PutInShadow(Kind, Chosen($"{Kind}/000000000000"), null, out wrong));
        Assert.Contains("There is no model", wrong, StringComparison.Ordinal);
        Assert.Null(Both.PutInShadow(Kind, Chosen(First.Name), First.Name, out wrong));
        Assert.Contains("judges already", wrong, StringComparison.Ordinal);
        Assert.Null(Both.PutInShadow(Kind, Chosen(""), null, out wrong));
        Assert.Contains("Nothing is in shadow", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rulebook_carries_its_decisions_and_files_through_its_canonical_text()
    {
        ModelDecisions decided = Both.PutInShadow(Kind, Chosen(Second.Name), null, out _)!.Promote(Kind, Chosen(First.Name) with { Overridden = true, Threshold = 0.25 }, null, out _)!;
        Rulebook rules = Rules.CityRules.Shipped.With(new RulebookDecisions { Models = decided }).WithVersion(3);
        Rulebook read = Rulebook.Parse(rules.ToJson());
        Assert.Equal(rules.ToJson(), read.ToJson());
        Assert.Equal(rules.ContentHash, read.ContentHash);
        Assert.Empty(read.Check());
        Assert.Equal((First.Name, 0.25, Second.Name), (read.Judges.Judge(LearnedKind.OverRoadLimit)!.Name, read.Judges.Judge(LearnedKind.OverRoadLimit)!.Threshold, read.Judges.Shadow(LearnedKind.OverRoadLimit)!.Name));
        Assert.Equal(First.File, read.Decisions.Models.Uploaded[0].File);

        // The same decisions are the same version; files without them have none.
        Assert.NotEqual(Rules.CityRules.Shipped.ContentHash, rules.ContentHash);
        Assert.DoesNotContain("decisions", System.Text.Encoding.UTF8.GetString(Rules.CityRules.Shipped.ToJson()), StringComparison.Ordinal);
    }

    private static string? Judge(ModelDecisions decisions) => ModelsInForce.Of(new LearnedRules(), new TankAnomalies(), decisions).Judge(LearnedKind.OverRoadLimit)?.Name;

    private static string? Shadow(ModelDecisions decisions) => ModelsInForce.Of(new LearnedRules(), new TankAnomalies(), decisions).Shadow(LearnedKind.OverRoadLimit)?.Name;

    private static ChosenModel Chosen(string name) => new() { Model = name, AtMs = 5, By = "chief", Reason = "because" };
}
