using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Learned;
using Streaming.Silo.Training;
using Streaming.Silo.Views;
using Streaming.Tests.Learned;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Training;

/// <summary>Judge and shadow on cases whose figures are known.</summary>
public sealed class ModelComparisonTests
{
    private static readonly (string Name, string File, LearnedModel Model) Judge = MadeModels.ByPlate(1, 0);
    private static readonly (string Name, string File, LearnedModel Model) Shadow = MadeModels.ByPlate(2, 0);
    private static readonly OutcomeCode[] Outcomes = [new("penalty", new LocalName("", ""), true, true), new("false-alarm", new LocalName("", ""), true, false), new("no-action", new LocalName("", ""), true)];

    [Fact]
    public void Precision_recall_brier_and_calibration_are_those_of_the_labelled_cases_that_both_scored()
    {
        ScoredCase[] cases =
        [
            Case("penalty", 0.9, 0.8, "S01"), Case("penalty", 0.4, 0.95, "S01"), Case("false-alarm", 0.7, 0.2, "S01"), Case("false-alarm", 0.3, 0.6, "S02"),
            Case("no-action", 0.9, 0.9, "S01"), new("penalty", null, "S01"), new("penalty", Scores((Judge.Name, "judge", 0.5)), "S01"),
        ];
        ModelComparison comparison = Compare(Scoring(Judge), cases);
        Assert.Equal((7, 1, 2, 4, 2), (comparison.Closed, comparison.Unlabelled, comparison.Unscored, comparison.Compared, comparison.FoundTrue));
        ModelOnCases judge = comparison.Models[0];
        ModelOnCases shadow = comparison.Models[1];
        Assert.Equal((Judge.Name, "judge", Shadow.Name, "shadow"), (judge.Model, judge.Part, shadow.Model, shadow.Part));

        // At 0.5 the judge says yes to 0.9 (true) and 0.7 (false) and misses 0.4; the shadow to 0.8, 0.95 (true) and 0.6 (false).
        Assert.Equal((0.5, 0.5), (judge.Metrics.Precision, judge.Metrics.Recall));
        Assert.Equal((2 / 3.0, 1.0), (shadow.Metrics.Precision!.Value, shadow.Metrics.Recall!.Value));
        Assert.Equal((0.01 + 0.36 + 0.49 + 0.09) / 4, judge.Metrics.Brier!.Value, 9);
        Assert.Equal((0.04 + 0.0025 + 0.04 + 0.36) / 4, shadow.Metrics.Brier!.Value, 9);
        Assert.Equal((1, 1, 0.95), (shadow.Metrics.Calibration[9].Rows, shadow.Metrics.Calibration[9].Positives, shadow.Metrics.Calibration[9].MeanScore));
        Assert.Equal(["S01", "S02"], judge.Stations.Select(station => station.Source));
        Assert.Equal((3, 2), (judge.Stations[0].Metrics.Rows, judge.Stations[0].Metrics.Positives));

        // At 0.9 the shadow misses one of the two and is right each time.
        ModelOnCases strict = Compare(Scoring(Judge), cases, 0.9).Models[1];
        Assert.Equal((0.9, 1.0, 0.5), (strict.Threshold, strict.Metrics.Precision!.Value, strict.Metrics.Recall!.Value));
    }

    [Fact]
    public void Where_no_model_judges_the_shadow_is_held_against_what_is_built_in()
    {
        ScoredCase[] cases = [new("penalty", Scores(("road-limit/1", "judge", 0.99), (Shadow.Name, "shadow", 0.7)), "S01"), new("false-alarm", Scores((Judge.Name, "judge", 0.2), ("road-limit/1", "built-in", 0.97), (Shadow.Name, "shadow", 0.1)), "S01")];
        ModelComparison comparison = Compare(null, cases);
        Assert.Equal((2, "road-limit/1"), (comparison.Compared, comparison.Models[0].Model));
        Assert.Equal((0.5, 1.0), (comparison.Models[0].Metrics.Precision!.Value, comparison.Models[1].Metrics.Precision!.Value));
    }

    [Fact]
    public void Models_are_known_by_name_so_the_comparison_goes_on_when_they_change_places()
    {
        ScoredCase[] cases = [Case("penalty", 0.9, 0.8, "S01"), new("false-alarm", Scores((Judge.Name, "shadow", 0.1), (Shadow.Name, "judge", 0.3)), "S01")];
        Assert.Equal(2, Compare(Scoring(Judge), cases).Compared);
    }

    [Fact]
    public async Task Only_cases_of_the_kind_that_were_closed_since_then_are_read_and_no_more_than_asked_for()
    {
        using ViewBench views = new("administrator");
        Warning scored = Rows.Warning() with { Scores = [new ModelScore("a/1", "judge", 0.5)] };
        long sinceMs = 0;
        for (int i = 0; i < 6; i++)
        {
            sinceMs = i == 3 ? views.Journal.NowMs : sinceMs;
            views.Journal.Show(View.Cases, $"c{i}", Rows.Case($"c{i}", state: i == 5 ? "open" : "closed") with { Outcome = $"o{i}", Warning = scored });
            views.Journal.Show(View.Cases, $"d{i}", Rows.Case($"d{i}", state: "closed", kind: "evasion") with { Outcome = "other" });
            views.Journal.NowMs += 1_000;
        }

        views.Run();
        IReadOnlyList<ScoredCase> read = await views.Store.Reader.ScoredCasesAsync("over-road-limit", sinceMs, 10, CancellationToken.None);
        Assert.Equal(["o4", "o3"], read.Select(each => each.Outcome));
        Assert.Equal(("S07", "a/1"), (read[0].Source, JsonSerializer.Deserialize(read[0].Scores!, GrainsJson.Default.ModelScoreArray)![0].Model));
        Assert.Equal("o4", Assert.Single(await views.Store.Reader.ScoredCasesAsync("over-road-limit", 0, 1, CancellationToken.None)).Outcome);
    }

    private static ModelComparison Compare(ScoringModel? judge, IReadOnlyList<ScoredCase> cases, double? threshold = null) =>
        ModelComparison.Of(LearnedKind.OverRoadLimit, judge, Scoring(Shadow), threshold, cases, Outcomes);

    private static ScoringModel Scoring((string Name, string File, LearnedModel Model) model) => new(model.Name, model.Model, 0.5);

    private static ScoredCase Case(string outcome, double judge, double shadow, string source) => new(outcome, Scores((Judge.Name, "judge", judge), ("road-limit/1", "built-in", 0.9), (Shadow.Name, "shadow", shadow)), source);

    private static string Scores(params (string Model, string Part, double Score)[] scores) =>
        JsonSerializer.Serialize([.. scores.Select(score => new ModelScore(score.Model, score.Part, score.Score, 0.5))], GrainsJson.Default.ModelScoreArray);
}
