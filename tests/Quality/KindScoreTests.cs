using Streaming.Silo.Bench.Quality;
using Streaming.Silo.Bench.Quality.Scenarios;
using Xunit;

namespace Streaming.Tests.Quality;

/// <summary>The scoring, with truths and warnings made by hand.</summary>
public sealed class KindScoreTests
{
    private const long Hour = 3_600_000;
    private static readonly Scenario Kind = new OverRoadLimit();

    [Fact]
    public void A_perfect_model_has_both_one()
    {
        Truth[] truths = [.. Enumerable.Range(0, 5).Select(i => Truth($"A{i}"))];
        KindScore score = KindScore.Of(Kind, truths, truths.Select(truth => Warning(truth.Subjects[0], truth.FromMs)));
        Assert.Equal((1.0, 1.0, 5, 5, 0, 0), (score.Precision, score.Recall, score.Truths, score.Raised, score.Missed, score.False));
    }

    [Fact]
    public void A_model_that_never_warns_has_neither()
    {
        KindScore score = KindScore.Of(Kind, [Truth("A"), Truth("B")], []);
        Assert.Equal((0.0, 0.0, 2, 0), (score.Precision, score.Recall, score.Truths, score.Missed - 2));
    }

    [Fact]
    public void Several_warnings_of_one_truth_find_it_once_and_are_not_false()
    {
        KindScore score = KindScore.Of(Kind, [Truth("A"), Truth("B")], [Warning("A", Hour), Warning("A", Hour + 1), Warning("A", 2 * Hour)]);
        Assert.Equal((1.0, 0.5, 3, 1, 0), (score.Precision, score.Recall, score.Raised, score.Found, score.False));
    }

    [Fact]
    public void A_warning_of_another_subject_or_at_another_time_is_false()
    {
        long slackMs = (long)Kind.Slack.TotalMilliseconds;
        KindScore score = KindScore.Of(Kind, [Truth("A")], [Warning("B", Hour), Warning("A", Hour - slackMs - 1), Warning("A", (2 * Hour) + slackMs + 1)]);
        Assert.Equal((0.0, 0.0, 3), (score.Precision, score.Recall, score.False));
        Assert.Equal(1.0, KindScore.Of(Kind, [Truth("A")], [Warning("A", Hour - slackMs)]).Recall);
    }

    [Fact]
    public void A_warning_that_began_false_finds_nothing_by_lasting_until_it_is_true()
    {
        RaisedWarning early = Warning("A", 0);
        early.UpdatedMs = 2 * Hour;
        KindScore score = KindScore.Of(Kind, [Truth("A")], [early]);
        Assert.Equal((0, 1), (score.Found, score.False));
    }

    [Fact]
    public void One_right_warning_finds_every_truth_that_it_lasted_through()
    {
        RaisedWarning lasting = Warning("A", Hour);
        lasting.UpdatedMs = 10 * Hour;
        KindScore score = KindScore.Of(Kind, [Truth("A"), Truth("A", 9 * Hour)], [lasting]);
        Assert.Equal((2, 0), (score.Found, score.Missed));
    }

    [Fact]
    public void A_warning_of_another_kind_counts_nowhere()
    {
        KindScore score = KindScore.Of(Kind, [Truth("A")], [new RaisedWarning("w", "over-rated-load", "A", Hour), new RaisedWarning("v", "over-rated-load", "B", Hour)]);
        Assert.Equal((0, 0), (score.Raised, score.Found));
    }

    [Fact]
    public void What_need_not_be_found_is_neither_missed_nor_false()
    {
        Truth tolerated = new(Kind.Kind, Hour, 2 * Hour, "A") { Wanted = false };
        tolerated.Show(true);
        Truth unseen = new(Kind.Kind, Hour, 2 * Hour, "B");
        unseen.Show(false);
        KindScore score = KindScore.Of(Kind, [tolerated, unseen], [Warning("A", Hour), Warning("B", Hour)]);
        Assert.Equal((0, 0, 2, 2), (score.Truths, score.False, score.Raised, score.Optional));
    }

    [Fact]
    public void Ranking_tells_precision_where_a_share_of_the_truths_is_found()
    {
        Truth[] truths = [Truth("A"), Truth("B")];
        RaisedWarning[] raised = [Warning("A", Hour, 0.9), Warning("X", Hour, 0.8), Warning("B", Hour, 0.7), Warning("Y", Hour, 0.6)];
        KindScore score = KindScore.Of(Kind, truths, raised);
        Assert.Equal([new RankedPoint(0.5, 1.0), new RankedPoint(1.0, 2.0 / 3)], score.Ranked(warning => warning.Confidence, 0.5, 1.0));

        // Another judge of the same warnings, who is less sure of what is right.
        Assert.Equal([new RankedPoint(0.5, 0.5), new RankedPoint(1.0, 0.5)], score.Ranked(warning => -warning.Confidence, 0.5, 1.0));
        Assert.Equal([new RankedPoint(1.0, null)], KindScore.Of(Kind, truths, raised[..1]).Ranked(warning => warning.Confidence, 1.0));
    }

    private static Truth Truth(string subject, long fromMs = Hour)
    {
        Truth truth = new(Kind.Kind, fromMs, fromMs + Hour, subject);
        truth.Show(true);
        return truth;
    }

    private static RaisedWarning Warning(string subject, long atMs, double confidence = 1) => new($"{subject}/{atMs}", Kind.Kind, subject, atMs) { Confidence = confidence };
}
