using System.Text.Json;
using Streaming.Grains.Rules;
using Streaming.Models.Readings;
using Streaming.Models.Scenes;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Scenes;

public sealed class SceneRuleTests
{
    public static TheoryData<string> Examples => [.. Directory.GetFiles(Path.Combine(CityRules.Directory, "scenes"), "*.json").Select(path => Path.GetFileName(path)!)];

    [Fact]
    public void Every_problem_of_a_draft_is_named_with_its_place()
    {
        string[] found = Problems("""
            {"id":"Stall 3","name":{"en":"x"},"department":"nobody","districts":["harbour","nowhere"],"subjects":["vehicle"],
             "thresholds":{"events":["street-stall","vehicle"],"minimumPermille":1001,"times":13,"withinMinutes":0,"fromHour":8,"toHour":8,"days":"monday","severity":5,"clearAfterMinutes":-1},
             "route":{"lead":"none","coHandlers":["streets","streets"],"workflow":"none"}}
            """);
        Assert.Equal(
            [
                "$.scene.department", "$.scene.districts[1]", "$.scene.id", "$.scene.name.zh", "$.scene.route.coHandlers[1]", "$.scene.route.lead", "$.scene.route.workflow", "$.scene.subjects[0]", "$.scene.thresholds.clearAfterMinutes",
                "$.scene.thresholds.days", "$.scene.thresholds.events[1]", "$.scene.thresholds.minimumPermille", "$.scene.thresholds.severity", "$.scene.thresholds.times", "$.scene.thresholds.toHour", "$.scene.thresholds.withinMinutes",
            ],
            found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"id":"x","thresholds":{"minimumPermile":600}}""", "$.scene.thresholds.minimumPermile")]
    [InlineData("""{"id":"x","thresholds":{"times":"3"}}""", "$.scene.thresholds.times")]
    [InlineData("""{"id":"x","route":null}""", "$.scene.route")]
    [InlineData("""[]""", "$.scene")]
    public void What_is_no_scene_at_all_is_said_where(string json, string path) => Assert.Contains(path, Problems(json));

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_shipped_examples_hold_with_the_shipped_rulebook(string file)
    {
        SceneRule? scene = SceneRule.TryRead(JsonDocument.Parse(File.ReadAllText(Path.Combine(CityRules.Directory, "scenes", file))).RootElement, CityRules.Shipped, []);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), scene?.Id);
    }

    [Fact]
    public void A_draft_says_nothing_of_its_revision_or_approval()
    {
        SceneRule read = SceneRule.TryRead(JsonDocument.Parse(Stall.Rule.ToJson()).RootElement, CityRules.Shipped, [])!;
        Assert.Equal((0, "", 0), (read.Revision, read.ApprovedBy, read.ApprovedMs));
        Assert.True(read.SaysTheSame(Stall.Rule));
        Assert.False(read.SaysTheSame(Stall.With(asked => asked with { Times = 4 })));
    }

    [Fact]
    public void Scenes_in_force_are_part_of_the_rulebook_and_of_its_hash()
    {
        Rulebook rules = Stall.InForce(Stall.Rule);
        Rulebook read = Rulebook.Parse(rules.ToJson());
        Assert.Equal(rules.ToJson(), read.ToJson());
        Assert.Equal(Stall.Rule.ToJson(), read.FindScene(Stall.Id)!.ToJson());
        Assert.NotEqual(CityRules.Shipped.ContentHash, rules.ContentHash);
        Assert.Equal(CityRules.Shipped.ContentHash, Stall.InForce().ContentHash);
        Assert.Empty(rules.Check());
    }

    [Fact]
    public void A_scene_whose_department_is_no_more_and_one_that_is_there_twice_do_not_hold()
    {
        IReadOnlyList<RulebookProblem> problems = Stall.InForce(Stall.Rule, Stall.Rule with { Department = "gone" }).Check();
        Assert.Equal(["$.scenes[1].department", "$.scenes[1].id"], problems.Select(problem => problem.Path).Order(StringComparer.Ordinal));
        Assert.All(problems, problem => Assert.Equal("decisions", problem.File));
    }

    [Fact]
    public void A_scene_routes_by_its_own_route_before_the_matrix_and_by_the_matrix_once_its_lead_returned_it()
    {
        Rulebook rules = Stall.InForce(Stall.Rule);
        RoutingDecision route = rules.Route(Stall.Kind, "harbour.docks", 1, null, 0);
        Assert.Equal(("streets", "graduated", false), (route.Lead, route.Workflow, route.OpensWhenLate));
        Assert.Equal(["fire-rescue"], route.CoHandlers);
        Assert.Equal("scene \"A stall that stays\" (\"占道经营滞留\", stall-thrice, revision 1, drafted by streets, approved by chief): district harbour.docks, severity 1", route.Reason);
        Assert.Equal(Rulebook.CommandCentre, rules.Route(Stall.Kind, "harbour", 1, null, 0, "streets").Lead);
        Assert.Equal(Rulebook.CommandCentre, rules.Route("scene-other", "harbour", 1, null, 0).Lead);
    }

    [Theory]
    [InlineData("2026-11-21T15:59:59Z", false, 23)]
    [InlineData("2026-11-22T16:00:00Z", true, 0)]
    [InlineData("2026-10-01T04:30:00Z", false, 12)]
    [InlineData("1969-12-31T12:00:00Z", true, 20)]
    public void Days_and_hours_are_those_of_the_citys_calendar(string at, bool worked, int hour) =>
        Assert.Equal((worked, hour), CityRules.Shipped.Calendar.LocalHour(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds()));

    [Fact]
    public void The_fullest_span_is_the_newest_of_equally_full_ones()
    {
        SceneHit[] hits = [Hit(0, 600), Hit(10, 900), Hit(30, 700), Hit(40, 650), Hit(41, 640)];
        Assert.Equal(new SceneWindow(3, 700, 30 * 60_000L, 41 * 60_000L), SceneWindow.Fullest(hits, 11));
        Assert.Equal(new SceneWindow(2, 900, 0, 10 * 60_000L), SceneWindow.Fullest(hits, 10, among: 0));
        Assert.Equal(1, SceneWindow.Fullest(hits, 9, among: 0).Events);
        Assert.Equal(default, SceneWindow.Fullest([], 9));
    }

    private static SceneHit Hit(int minute, int permille) => new(minute * 60_000L, permille, VideoEvent.StreetStall);

    private static string[] Problems(string json)
    {
        List<RulebookProblem> problems = [];
        Assert.Null(SceneRule.TryRead(JsonDocument.Parse(json).RootElement, CityRules.Shipped, problems));
        return [.. problems.Select(problem => problem.Path)];
    }
}
