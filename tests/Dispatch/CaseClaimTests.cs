using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

/// <summary>Claiming, what a stage's record has to say, what happens by itself when a deadline lapses, and the hours of the matrix.</summary>
public class CaseClaimTests
{
    // A Tuesday, 10:00 in China.
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);

    private const string Offered = """
        {"rules":[{"name":"stalls","kinds":["street-stall"],"lead":"streets","offeredTo":["transport","streets","ecology"],"coHandlers":["transport"],"workflow":"simple"}]}
        """;

    [Fact]
    public void Of_two_people_who_claim_one_work_order_the_second_hears_whose_it_is()
    {
        Scene scene = Begun(CityRules.Shipped, "over-road-limit");
        Assert.Equal(ReplyStatus.Done, Act(scene, "harbour-1-w1", "claim", "transport", by: "li").Status);
        WorkOrderRow order = Order(scene, "harbour-1-w1");
        Assert.Equal(("accepted", "li", "li"), (order.State, order.Assignee, order.AcceptedBy));
        Assert.DoesNotContain("claim", order.Allowed);
        Reply second = Act(scene, "harbour-1-w1", "claim", "transport", by: "wang");
        Assert.Equal(ReplyStatus.Conflict, second.Status);
        Assert.Contains("li's already", second.Text);
        Assert.Contains("complete", second.Allowed);
    }

    [Fact]
    public void A_department_claims_what_it_is_offered_and_leads_from_then_on()
    {
        Scene scene = Begun(With("routing.json", Offered), "street-stall");
        Assert.Equal("streets", Row(scene).Lead);
        Assert.Equal(["transport", "ecology"], Order(scene, "harbour-1-w1").OfferedTo!);
        Alert offered = Assert.Single(scene.Feed("ecology", "harbour"));
        Assert.Equal(("offered", "informed", "harbour-1-w1"), (offered.Type, offered.Role, offered.WorkOrder));
        Assert.Contains("ecology", Row(scene).Departments);

        Assert.Equal(ReplyStatus.Forbidden, Act(scene, "harbour-1-w1", "accept", "ecology").Status);
        Assert.Equal(ReplyStatus.Forbidden, Act(scene, "harbour-1-w1", "claim", "traffic-police").Status);
        Assert.Equal(ReplyStatus.Done, Act(scene, "harbour-1-w1", "claim", "transport", by: "li").Status);
        Assert.Equal(("transport", "withdrawn"), (Row(scene).Lead, Order(scene, "harbour-1-w1").State));

        // It was a co-handler as well; now it has one work order, the lead's.
        Assert.Equal("withdrawn", Order(scene, "harbour-1-w2").State);
        WorkOrderRow own = Order(scene, "harbour-1-w3");
        Assert.Equal(("transport", "lead", "accepted", "li"), (own.Department, own.Role, own.State, own.Assignee));
        Assert.Equal("claimed", scene.Feed("ecology", "harbour")[^1].Type);
        Assert.Contains("withdrawn", scene.Feed("streets", "harbour").Select(alert => alert.Type));

        // Two at once: the second gets the new state.
        Assert.Equal(ReplyStatus.Forbidden, Act(scene, "harbour-1-w3", "claim", "ecology").Status);
    }

    [Fact]
    public void What_its_lead_has_accepted_is_offered_to_nobody_any_more()
    {
        Scene scene = Begun(With("routing.json", Offered), "street-stall");
        Assert.Equal(ReplyStatus.Done, Act(scene, "harbour-1-w1", "accept", "streets", by: "chen").Status);
        Assert.Null(Order(scene, "harbour-1-w1").OfferedTo);
        Reply late = Act(scene, "harbour-1-w1", "claim", "ecology");
        Assert.Equal(ReplyStatus.Conflict, late.Status);
        Assert.Contains("by chen", late.Text);
        Assert.Equal("streets", Row(scene).Lead);
    }

    [Fact]
    public void A_field_check_ends_only_with_what_was_found_and_why_nobody_had_seen_it()
    {
        Scene scene = Begun(CityRules.Shipped, "cloned-plate");
        Assert.Equal(["why", "not-seen"], Order(scene, "harbour-1-w1").Asks!.Select(field => field.Id));
        Reply silent = Act(scene, "harbour-1-w1", "complete", "traffic-police", "penalty");
        Assert.Equal((ReplyStatus.Invalid, "issued"), (silent.Status, Order(scene, "harbour-1-w1").State));
        Assert.Equal(["why", "not-seen"], silent.Allowed);
        Assert.Equal(ReplyStatus.Invalid, Complete(("why", "   "), ("not-seen", "not-visible")).Status);
        Assert.Contains("nobody-there", Complete(("why", "the frame number is another"), ("not-seen", "asleep")).Text);
        Assert.Contains("'weather'", Complete(("why", "x"), ("not-seen", "not-visible"), ("weather", "fine")).Text);
        Assert.Equal(ReplyStatus.Invalid, Complete(("why", new string('x', 301)), ("not-seen", "not-visible")).Status);
        Assert.Equal(ReplyStatus.Done, Complete(("why", "the frame number is another"), ("not-seen", "not-visible")).Status);
        Assert.Equal("the frame number is another", Order(scene, "harbour-1-w1").Record!["why"]);
        Assert.Equal("closed", Row(scene).State);

        Reply Complete(params (string Id, string Said)[] record) =>
            Act(scene, "harbour-1-w1", "complete", "traffic-police", "penalty", record: new SortedDictionary<string, string>(record.ToDictionary(said => said.Id, said => said.Said), StringComparer.Ordinal));
    }

    [Fact]
    public void A_false_alarm_needs_no_reason_why_it_was_not_seen()
    {
        Scene scene = Begun(CityRules.Shipped, "cloned-plate");
        Assert.Equal(ReplyStatus.Done, Act(scene, "harbour-1-w1", "complete", "traffic-police", "false-alarm", record: new() { ["why"] = "a misread 8" }).Status);
    }

    [Fact]
    public void Where_the_subject_is_asked_and_nobody_completes_it_somebody_goes_there_by_itself()
    {
        Scene scene = Begun(CityRules.DeadlinesOnly, "street-stall");
        Assert.Equal("notice", Row(scene).Stage);
        scene.AdvanceTo(Start.AddHours(48).AddMilliseconds(-1));
        Assert.Equal("notice", Row(scene).Stage);
        scene.AdvanceTo(Start.AddHours(48));
        Assert.Equal(("visit", "open"), (Row(scene).Stage, Row(scene).State));
        WorkOrderRow lapsed = Order(scene, "harbour-1-w1");
        Assert.Equal(("lapsed", true), (lapsed.State, lapsed.Overdue));
        Assert.Equal(["comment"], lapsed.Allowed);
        Assert.Equal(("streets", "issued", Start.AddHours(72)), (Order(scene, "harbour-1-w2").Department, Order(scene, "harbour-1-w2").State, Order(scene, "harbour-1-w2").Deadline));
        Assert.Equal(["work-order", "lapsed", "work-order"], scene.Feed("streets", "harbour").Select(alert => alert.Type).Where(type => !type.StartsWith("notice", StringComparison.Ordinal)));
        System.Text.Json.JsonElement figures = scene.Describe(ActorKind.Department, "streets/harbour");
        Assert.Equal((1, 1, 2), (figures.GetProperty("open").GetInt64(), figures.GetProperty("overdue").GetInt64(), figures.GetProperty("issued").GetInt64()));

        // The visit does not lapse: it is overdue, and urged.
        scene.AdvanceTo(Start.AddHours(97));
        Assert.Equal(("visit", true), (Row(scene).Stage, Row(scene).Overdue));
    }

    [Theory]
    [InlineData("2026-03-03T02:00:00Z", "streets")] // Tuesday 10:00
    [InlineData("2026-03-03T09:59:59Z", "streets")] // 17:59:59
    [InlineData("2026-03-03T10:00:00Z", "emergency")] // 18:00
    [InlineData("2026-03-03T18:00:00Z", "emergency")] // Wednesday 02:00
    [InlineData("2026-03-04T00:00:00Z", "streets")] // Wednesday 08:00
    [InlineData("2026-03-07T02:00:00Z", "emergency")] // Saturday 10:00
    [InlineData("2026-04-06T02:00:00Z", "emergency")] // Qingming, a Monday
    public void Who_leads_depends_on_the_hour_and_on_whether_the_day_is_worked(string at, string lead)
    {
        Rulebook rules = With("routing.json", """
            {"rules":[
              {"name":"by-day","hours":[{"from":8,"to":18,"days":"working"}],"lead":"streets","workflow":"simple"},
              {"name":"by-night","hours":[{"from":18,"to":8},{"from":0,"to":24,"days":"off"}],"lead":"emergency","workflow":"simple"}]}
            """);
        Assert.Equal(lead, rules.Route("noise", "harbour", 2, null, DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds()).Lead);
        Assert.Equal(rules.ContentHash, Rulebook.Parse(rules.ToJson()).ContentHash);
    }

    [Theory]
    [InlineData("routing.json", "\"name\": \"cloned-plate\",", "\"name\": \"cloned-plate\", \"hours\": [{ \"from\": 24, \"to\": 3 }],", "hours[0].from")]
    [InlineData("routing.json", "\"name\": \"cloned-plate\",", "\"name\": \"cloned-plate\", \"hours\": [{ \"from\": 1, \"to\": 3, \"days\": \"sundays\" }],", "hours[0].days")]
    [InlineData("routing.json", "\"name\": \"cloned-plate\",", "\"name\": \"cloned-plate\", \"offeredTo\": [\"nobody\"],", "offeredTo[0]")]
    [InlineData("workflows.json", "\"onLapse\": \"visit\"", "\"onLapse\": \"nowhere\"", "onLapse")]
    [InlineData("workflows.json", "\"onLapse\": \"visit\"", "\"onLapse\": \"notice\"", "onLapse")]
    [InlineData("workflows.json", "\"onReturn\": \"transport-review\"", "\"onReturn\": \"close\"", "onReturn")]
    [InlineData("workflows.json", "\"outcomes\": [\"corrected\", \"warning\", \"penalty\", \"vehicle-held\", \"handed-to-police\"]", "\"outcomes\": [\"detained\"]", "record[1].outcomes")]
    public void What_does_not_hold_is_refused_with_its_place(string file, string find, string replace, string place)
    {
        Assert.Null(Rulebook.Load(CityRules.Files(file, find, replace), out IReadOnlyList<RulebookProblem> problems));
        Assert.Contains(problems, problem => problem.ToString().Contains(place, StringComparison.Ordinal));
    }

    [Fact]
    public void Stages_that_lapse_into_one_another_for_ever_are_refused()
    {
        Dictionary<string, string> files = CityRules.Files("workflows.json", "\"onLapse\": \"visit\"", "\"onLapse\": \"visit\"");
        files["workflows.json"] = files["workflows.json"].Replace("\"name\": { \"en\": \"Visit\", \"zh\": \"上门劝导\" },", "\"name\": { \"en\": \"Visit\", \"zh\": \"上门劝导\" }, \"onLapse\": \"notice\",", StringComparison.Ordinal);
        Assert.Null(Rulebook.Load(files, out IReadOnlyList<RulebookProblem> problems));
        Assert.Contains(problems, problem => problem.ToString().Contains("without end", StringComparison.Ordinal));
    }

    private static Rulebook With(string file, string content)
    {
        Dictionary<string, string> files = CityRules.Files();
        files[file] = content;
        return Rulebook.Load(files, out IReadOnlyList<RulebookProblem> problems) ?? throw new InvalidOperationException(string.Join(" ", problems));
    }

    private static Scene Begun(Rulebook rules, string kind)
    {
        Scene scene = new(rules, Start);
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, (Warnings.Overload(Start) with { Kind = kind }).Opened());
        return scene;
    }

    private static CaseRow Row(Scene scene) => scene.Row<CaseRow>(View.Cases, "harbour-1")!;

    private static WorkOrderRow Order(Scene scene, string id) => scene.Row<WorkOrderRow>(View.WorkOrders, id)!;

    private static Reply Act(Scene scene, string order, string action, string? department, string? outcome = null, SortedDictionary<string, string>? record = null, string by = "li") =>
        scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, new WorkOrderAction(order, action, by, department, null, outcome, null) { Record = record })!;
}
