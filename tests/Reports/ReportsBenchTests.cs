using Streaming.Silo.Bench.Reports;
using Xunit;

namespace Streaming.Tests.Reports;

/// <summary>The measure of the merging. Nothing was tuned on the judged texts, nor on seeds from 1000 on.</summary>
public sealed class ReportsBenchTests
{
    [Theory]
    [InlineData(1001)]
    [InlineData(1002)]
    public void Judged_reports_are_brought_together_no_worse_than_was_measured(int seed)
    {
        MergeScore score = ReportsBench.Measure(seed, 200, JudgedWording.Set, out string examples, CancellationToken.None);

        // The target, 0.98, is not met on every seed yet: 0.990 and 0.961 were measured. This is a floor, not the target.
        Assert.True(score.Precision >= 0.955, $"Seed {seed}: precision {score.Precision:F4}. {examples}");
        Assert.True(score.Recall >= ReportsBench.LeastRecall, $"Seed {seed}: recall {score.Recall:F4}. {examples}");
        Assert.True(score.Pairs > 300, $"Seed {seed}: {score.Pairs} pairs.");
    }

    [Fact]
    public void The_sets_have_the_same_kinds_and_what_is_judged_has_no_text_in_common_with_what_was_built_on()
    {
        Assert.All(BuildingWording.Sets, set =>
        {
            Assert.Equal(JudgedWording.Set.Kinds.Select(kind => (kind.Kind, kind.Details.Length)), set.Kinds.Select(kind => (kind.Kind, kind.Details.Length)));
            Assert.Empty(Texts(set).Intersect(Texts(JudgedWording.Set)));
        });
    }

    [Fact]
    public void The_same_seed_gives_the_same_score_and_another_seed_another_play()
    {
        Assert.Equal(ReportsBench.Measure(7, 40, BuildingWording.Set, out _, CancellationToken.None), ReportsBench.Measure(7, 40, BuildingWording.Set, out _, CancellationToken.None));
        Assert.NotEqual(ReportPlay.Make(7, 40, BuildingWording.Set).Select(item => item.Text), ReportPlay.Make(8, 40, BuildingWording.Set).Select(item => item.Text));
    }

    private static IEnumerable<string> Texts(Wording wording) => [.. wording.Kinds.SelectMany(kind => kind.Chinese.Concat(kind.English)), .. wording.AtChinese, .. wording.AtEnglish, .. wording.ByChinese, .. wording.ByEnglish];
}
