using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

public class CaseTests
{
    // A Thursday, 15:00 in China, before the Qingming holiday of 4 to 6 April.
    private static readonly DateTimeOffset Start = new(2026, 4, 2, 7, 0, 0, TimeSpan.Zero);
    private readonly Scene scene = new(CityRules.Shipped, Start);

    [Fact]
    public void An_overload_goes_through_all_its_stages_each_with_its_own_deadline()
    {
        Warn(Warnings.Overload(Start, "湘A12345-yellow").Opened());
        WorkOrderRow review = Order("harbour-1-w1");
        Assert.Equal(("transport", "lead", "transport-review", "issued"), (review.Department, review.Role, review.Stage, review.State));

        // 48 hours, the three days of holiday (a weekend among them) excluded.
        Assert.Equal(new DateTimeOffset(2026, 4, 7, 7, 0, 0, TimeSpan.Zero), review.Deadline);
        Assert.Equal(["accept", "claim", "return", "complete", "comment", "assign", "hand-on", "dispute", "ask", "extend", "park"], review.Allowed);

        scene.AdvanceTo(Start.AddHours(3));
        Done("harbour-1-w1", "accept", "transport");
        Assert.Equal(("accepted", "li"), (Order("harbour-1-w1").State, Order("harbour-1-w1").AcceptedBy));
        Done("harbour-1-w1", "complete", "transport", "confirmed", "plate and axles agree with the picture");

        WorkOrderRow police = Order("harbour-1-w3");
        Assert.Equal(("traffic-police", "lead", "police-review"), (police.Department, police.Role, police.Stage));
        Assert.Equal(Start.AddDays(10), police.Deadline); // From the capture, not from the stage.
        Assert.Equal("police-review", Row().Stage);
        Assert.Equal(police.Deadline, Row().Deadline);

        Done("harbour-1-w3", "complete", "traffic-police", "confirmed");
        Assert.Equal(scene.Now.AddDays(30), Order("harbour-1-w4").Deadline);
        Done("harbour-1-w4", "complete", "traffic-police", "penalty", "¥5,500");

        WorkOrderRow feedback = Order("harbour-1-w5");
        Assert.Equal(("transport", "feedback"), (feedback.Department, feedback.Stage));

        // Seven working days from Thursday 18:00 local, the holiday and a weekend between.
        Assert.Equal(new DateTimeOffset(2026, 4, 14, 10, 0, 0, TimeSpan.Zero), feedback.Deadline);
        Done("harbour-1-w5", "complete", "transport", "notified");

        CaseRow row = Row();
        Assert.Equal(("closed", "penalty"), (row.State, row.Outcome));
        Assert.Null(row.Deadline);
        Assert.All(scene.Rows<WorkOrderRow>(View.WorkOrders), order => Assert.Empty(order.Allowed));
        (ActorId to, MessageKind kind, string body) = Assert.Single(scene.Elsewhere);
        Assert.Equal((new ActorId(ActorKind.Vehicle, "湘A12345-yellow"), MessageKind.CaseClosed), (to, kind));
        Assert.Equal("penalty", JsonDocument.Parse(body).RootElement.GetProperty("outcome").GetString());
        Assert.Empty(scene.Reminders);

        Assert.Equal(["work-order", "completed", "work-order", "completed", "case-closed"], Types("transport"));
        Assert.Equal(["work-order", "completed", "work-order", "completed", "case-closed"], Types("traffic-police"));
        Assert.Equal(["work-order", "withdrawn", "case-closed"], Types("streets"));
        string[] history = [.. scene.Describe(ActorKind.Case, "harbour-1").GetProperty("history").EnumerateArray().Select(entry => entry.GetProperty("what").GetString()!)];
        Assert.Equal(
            ["opened", "stage", "issued", "issued", "accepted", "completed", "stage", "issued", "completed", "stage", "issued", "completed", "stage", "issued", "completed", "withdrawn", "closed"],
            history);
    }

    [Fact]
    public void Each_alert_is_in_the_districts_feed_and_in_the_citys()
    {
        Warn(Warnings.Overload(Start).Opened());
        Warn(Warnings.Overload(Start, district: "north").Opened());
        Alert alert = Assert.Single(scene.Feed("transport", "harbour"));
        Assert.Equal(
            ("work-order", "harbour-1", "harbour-1-w1", Warnings.Plate, "over-road-limit", "transport-review", "lead", "harbour"),
            (alert.Type, alert.Case, alert.WorkOrder, alert.Subject, alert.Kind, alert.Stage, alert.Role, alert.District));
        Assert.Equal(Order("harbour-1-w1").Deadline, alert.Deadline);
        Assert.Equal(60_000, alert.Evidence.Figures["grossKg"]);
        Assert.Equal(TimeSpan.Zero, alert.At.Offset);
        Assert.Equal(["harbour", "north"], scene.Feed("transport", "*").Select(item => item.District));
        Assert.Equal("co-handler", Assert.Single(scene.Feed("streets", "north")).Role);
    }

    [Fact]
    public void A_false_alarm_at_the_first_stage_closes_the_case()
    {
        Warn(Warnings.Overload(Start).Opened());
        Done("harbour-1-w1", "complete", "transport", "false-alarm");
        Assert.Equal(("closed", "false-alarm"), (Row().State, Row().Outcome));
        Assert.Equal("withdrawn", Order("harbour-1-w2").State);
    }

    [Fact]
    public void A_stage_can_send_the_case_back_and_a_co_handler_still_at_work_gets_no_second_work_order()
    {
        Warn(Warnings.Overload(Start).Opened());
        Done("harbour-1-w1", "complete", "transport", "confirmed");
        Done("harbour-1-w3", "complete", "traffic-police", "insufficient-evidence");
        Assert.Equal("transport-review", Row().Stage);
        Assert.Equal(("transport", "transport-review", "issued"), (Order("harbour-1-w4").Department, Order("harbour-1-w4").Stage, Order("harbour-1-w4").State));
        Assert.Single(Row().WorkOrders, order => order.Department == "streets");
        Done("harbour-1-w2", "complete", "streets", "source-traced");
        Assert.Equal("open", Row().State);
        Done("harbour-1-w4", "complete", "transport", "false-alarm");
        Assert.Equal("closed", Row().State);
    }

    [Fact]
    public void Completing_without_an_outcome_means_the_stages_default_and_needs_one_where_it_has_none()
    {
        Warn(Warnings.Overload(Start).Opened());
        Done("harbour-1-w1", "complete", "transport");
        Assert.Equal("confirmed", Order("harbour-1-w1").Outcome);
        Done("harbour-1-w3", "complete", "traffic-police");
        Reply reply = Act("harbour-1-w4", "complete", "traffic-police");
        Assert.Equal(ReplyStatus.Invalid, reply.Status);
        Assert.Equal(["penalty", "warning", "vehicle-held", "no-action"], reply.Allowed);
        Assert.Equal("issued", Order("harbour-1-w4").State);
    }

    [Fact]
    public void An_unknown_outcome_is_refused_with_the_ones_there_are()
    {
        Warn(Warnings.Overload(Start).Opened());
        string before = scene.AllStates();
        Reply reply = Act("harbour-1-w1", "complete", "transport", "penalty");
        Assert.Equal(ReplyStatus.Invalid, reply.Status);
        Assert.Equal(["confirmed", "false-alarm", "permit-held"], reply.Allowed);
        Assert.Contains("\"penalty\" is no outcome of stage transport-review", reply.Text);
        Assert.Equal(ReplyStatus.Invalid, Act("harbour-1-w2", "complete", "streets", "confirmed").Status);
        Assert.Equal(before, scene.AllStates());
    }

    [Fact]
    public void What_the_state_does_not_allow_is_a_conflict_that_says_what_it_does()
    {
        Warn(Warnings.Overload(Start).Opened());
        Done("harbour-1-w1", "accept", "transport");
        Reply again = Act("harbour-1-w1", "accept", "transport");
        Assert.Equal(ReplyStatus.Conflict, again.Status);
        Assert.Equal(["claim", "return", "complete", "comment", "assign", "hand-on", "dispute", "ask", "extend", "park"], again.Allowed);
        Assert.Contains("accepted already, by li", again.Text);

        Done("harbour-1-w1", "complete", "transport", "confirmed");
        foreach (string action in new[] { "accept", "return", "complete" })
        {
            Reply late = Act("harbour-1-w1", action, "transport", "confirmed");
            Assert.Equal(ReplyStatus.Conflict, late.Status);
            Assert.Equal(["comment"], late.Allowed);
            Assert.Contains("is completed", late.Text);
        }

        Done("harbour-1-w3", "complete", "traffic-police", "false-alarm");
        Reply closed = Act("harbour-1-w1", "comment", "transport", note: "too late");
        Assert.Equal(ReplyStatus.Conflict, closed.Status);
        Assert.Empty(closed.Allowed);
        Assert.Contains("is closed", closed.Text);
    }

    [Fact]
    public void Another_department_is_refused_and_an_administrator_is_not()
    {
        Warn(Warnings.Overload(Start).Opened());
        string before = scene.AllStates();
        foreach (string action in new[] { "accept", "return", "complete", "comment" })
        {
            Assert.Equal(ReplyStatus.Forbidden, Act("harbour-1-w1", action, "streets", "confirmed", "x").Status);
        }

        Assert.Equal(before, scene.AllStates());
        Assert.Equal(ReplyStatus.Done, Act("harbour-1-w1", "accept", null).Status);
    }

    [Theory]
    [InlineData("harbour-1-w9")]
    [InlineData("harbour-1-w01")]
    [InlineData("harbour-1-w-1")]
    [InlineData("harbour-2-w1")]
    [InlineData("harbour-1")]
    [InlineData("")]
    public void An_unknown_work_order_is_not_found(string order)
    {
        Warn(Warnings.Overload(Start).Opened());
        Assert.Equal(ReplyStatus.NotFound, scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, new WorkOrderAction(order, "accept", "li", "transport", null, null, null))!.Status);
    }

    [Fact]
    public void A_case_that_was_never_opened_has_no_work_orders_and_does_not_come_to_exist()
    {
        Assert.Equal(ReplyStatus.NotFound, Act("harbour-1-w1", "accept", "transport").Status);
        Assert.False(scene.Exists(ActorKind.Case, "harbour-1"));
    }

    [Fact]
    public void Comments_and_evidence_are_kept_and_oversized_ones_refused()
    {
        Warn(Warnings.Overload(Start).Opened());
        Reply reply = scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, new WorkOrderAction("harbour-1-w1", "comment", "li", "transport", "see picture", null, ["sha256:abc"]))!;
        Assert.Equal(ReplyStatus.Done, reply.Status);
        HistoryEntry entry = Row().History[^1];
        Assert.Equal(("comment", "li", "see picture", "harbour-1-w1"), (entry.What, entry.By, entry.Note, entry.WorkOrder));
        Assert.Equal(["sha256:abc"], entry.Evidence!);

        Assert.Equal(ReplyStatus.Invalid, Act("harbour-1-w1", "comment", "transport", note: new string('x', GrainLimits.NoteChars + 1)).Status);
        Assert.Equal(ReplyStatus.Invalid, Act("harbour-1-w1", "comment", "transport").Status);
        Assert.Equal(ReplyStatus.Invalid, Act("harbour-1-w1", "praise", "transport").Status);
        WorkOrderAction tooMuch = new("harbour-1-w1", "comment", "li", "transport", "x", null, [.. Enumerable.Repeat("e", GrainLimits.EvidenceItems + 1)]);
        Assert.Equal(ReplyStatus.Invalid, scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, tooMuch)!.Status);
    }

    [Fact]
    public void A_joint_stage_ends_only_when_every_co_handler_has_done_its_part()
    {
        Warn(Warnings.Tank(Start).Opened(ActorKind.Enterprise));
        Assert.Equal(["emergency", "fire-rescue", "ecology"], Row().WorkOrders.Select(order => order.Department));
        Assert.Equal(Start.AddHours(2), Order("harbour-1-w3").Deadline);
        Assert.Equal(["accept", "claim", "return", "comment", "assign", "hand-on", "dispute", "ask", "extend", "park"], Order("harbour-1-w1").Allowed);

        Reply early = Act("harbour-1-w1", "complete", "emergency", "corrected");
        Assert.Equal(ReplyStatus.Conflict, early.Status);
        Assert.Contains("fire-rescue (harbour-1-w2), ecology (harbour-1-w3)", early.Text);
        Assert.DoesNotContain("complete", early.Allowed);

        Done("harbour-1-w2", "complete", "fire-rescue", "handled");
        Assert.Contains("ecology (harbour-1-w3).", Act("harbour-1-w1", "complete", "emergency", "corrected").Text);
        Done("harbour-1-w3", "return", "ecology", note: "no release");
        Assert.Contains("complete", Order("harbour-1-w1").Allowed);
        Assert.Equal("informed", scene.Feed("emergency", "harbour").Single(alert => alert.Type == "returned").Role);

        Done("harbour-1-w1", "complete", "emergency", "production-stopped");
        Assert.Equal(("recheck", "emergency"), (Row().Stage, Row().WorkOrders[^1].Department));
        Done("harbour-1-w4", "complete", "emergency");
        Assert.Equal(("closed", "production-stopped"), (Row().State, Row().Outcome));

        // The order holds from the stage that gave it, not only from the closing.
        Assert.Equal(
            [(new ActorId(ActorKind.Enterprise, "91440101MA5CH001"), MessageKind.OutcomeDecided, """{"case":"harbour-1","outcome":"production-stopped"}"""), (new ActorId(ActorKind.Enterprise, "91440101MA5CH001"), MessageKind.CaseClosed, scene.Elsewhere[^1].Body)],
            scene.Elsewhere);
    }

    [Fact]
    public void A_first_return_goes_to_the_next_responsible_a_second_to_the_command_centre_which_names_a_department()
    {
        // Rule 6 (transport) and rule 7 (emergency) both match a truck's tank.
        Warn((Warnings.Overload(Start, severity: 1) with { Kind = "tank-level" }).Opened());
        Assert.Equal("transport", Row().Lead);
        Done("harbour-1-w1", "return", "transport", note: "stands on the enterprise's own ground");
        Assert.Equal(("returned", "emergency"), (Order("harbour-1-w1").State, Row().Lead));
        Assert.Equal(("emergency", "lead", "issued"), (Order("harbour-1-w3").Department, Order("harbour-1-w3").Role, Order("harbour-1-w3").State));

        // It was a co-handler; now it leads, and has one work order.
        Assert.Equal("withdrawn", Order("harbour-1-w2").State);

        Done("harbour-1-w3", "return", "emergency");
        Assert.Equal("command-centre", Row().Lead);
        Reply unnamed = Act("harbour-1-w4", "return", "command-centre");
        Assert.Equal(ReplyStatus.Invalid, unnamed.Status);
        Assert.Contains("ecology", unnamed.Allowed);
        Assert.DoesNotContain("command-centre", unnamed.Allowed);
        Assert.Equal(ReplyStatus.Invalid, Act("harbour-1-w4", "return", "command-centre", "nobody").Status);

        Done("harbour-1-w4", "return", "command-centre", "ecology", "agreed by telephone");
        Assert.Equal(("ecology", "ecology"), (Row().Lead, Order("harbour-1-w5").Department));
        Done("harbour-1-w5", "return", "ecology");
        Assert.Equal("command-centre", Row().Lead);
        Reply unsaid = Act("harbour-1-w6", "complete", "command-centre", "no-action");
        Assert.Equal((ReplyStatus.Invalid, "open"), (unsaid.Status, Row().State));
        Assert.Contains("why (What was found", unsaid.Text);
        Assert.Equal(["why"], unsaid.Allowed);
        Done("harbour-1-w6", "complete", "command-centre", "no-action", record: new() { ["why"] = "the tank was empty" });
        Assert.Equal("closed", Row().State);
        Assert.Equal(["work-order", "returned", "work-order", "completed", "case-closed"], Types("command-centre"));
    }

    [Fact]
    public void A_second_return_goes_to_the_command_centre_even_where_a_further_rule_matches()
    {
        Dictionary<string, string> files = CityRules.Files();
        files["routing.json"] = """
            {"rules":[{"name":"a","lead":"transport","workflow":"simple"},{"name":"b","lead":"emergency","workflow":"simple"},{"name":"c","lead":"ecology","workflow":"simple"}]}
            """;
        scene.Rules = Rulebook.Load(files, out _)!;
        Warn(Warnings.Overload(Start).Opened());
        Done("harbour-1-w1", "return", "transport");
        Assert.Equal("emergency", Row().Lead);
        Done("harbour-1-w2", "return", "emergency");
        Assert.Equal("command-centre", Row().Lead);
    }

    [Fact]
    public void A_stage_of_a_named_department_is_returned_to_the_stage_before_and_the_second_time_to_the_command_centre()
    {
        Warn(Warnings.Overload(Start).Opened());
        Done("harbour-1-w1", "complete", "transport", "confirmed");
        Done("harbour-1-w3", "return", "traffic-police", note: "the plate cannot be read");
        Assert.Equal(("transport", "transport-review", "issued"), (Order("harbour-1-w4").Department, Order("harbour-1-w4").Stage, Order("harbour-1-w4").State));
        Done("harbour-1-w4", "complete", "transport", "confirmed");
        Done("harbour-1-w5", "return", "traffic-police", note: "still not");
        Assert.Equal(("command-centre", "police-review"), (Order("harbour-1-w6").Department, Order("harbour-1-w6").Stage));
        Assert.Equal("transport", Row().Lead);
        Done("harbour-1-w6", "return", "command-centre", "traffic-police");
        Done("harbour-1-w7", "complete", "traffic-police", "confirmed");
        Assert.Equal("penalty", Row().Stage);
    }

    [Fact]
    public void A_graver_warning_is_alerted_once_and_a_lesser_one_not_at_all()
    {
        Warn(Warnings.Overload(Start).Opened());
        Warn(Warnings.Overload(Start, severity: 3, count: 2).Updated());
        Warn(Warnings.Overload(Start, severity: 3, count: 3).Updated());
        Warn(Warnings.Overload(Start, severity: 1, count: 4).Updated());
        Assert.Equal(["work-order", "warning-updated"], Types("transport"));
        Assert.Equal(["work-order", "warning-updated"], Types("streets"));
        Assert.Equal(3, Row().Severity);
        Assert.Equal(3, Order("harbour-1-w1").Severity);
        Assert.Equal(4, Row().Warnings);
        Assert.Equal(4, Row().Warning.Count);
    }

    [Fact]
    public void A_cleared_warning_leaves_the_case_open_for_people_to_close()
    {
        Warn(Warnings.Overload(Start).Opened());
        Warn(Warnings.Overload(Start).Cleared());
        Assert.Equal("open", Row().State);
        Assert.Equal("warning-cleared", Row().History[^1].What);
        Warn(Warnings.Overload(Start, number: 2).Opened());
        Assert.Single(scene.Rows<CaseRow>(View.Cases));
        Assert.True(Row().Warning.Open);
    }

    [Fact]
    public void A_case_keeps_the_workflow_it_began_with()
    {
        Warn(Warnings.Overload(Start).Opened());
        Dictionary<string, string> files = CityRules.Files("workflows.json", "\"next\": \"police-review\"", "\"next\": \"close\"");
        scene.Rules = Rulebook.Load(files, out _)!.WithVersion(2);
        Done("harbour-1-w1", "complete", "transport", "confirmed");
        Assert.Equal("police-review", Row().Stage);
        Warn(Warnings.Overload(Start, "湘B1").Opened());
        Assert.Equal(ReplyStatus.Done, Act("harbour-2-w1", "complete", "transport", "confirmed").Status);
        Assert.Equal("closed", scene.Row<CaseRow>(View.Cases, "harbour-2")!.State);
    }

    private void Warn(WarningChanged changed) => scene.Send(ActorKind.Dispatcher, changed.Warning.District, MessageKind.WarningChanged, changed);

    private CaseRow Row() => scene.Row<CaseRow>(View.Cases, "harbour-1")!;

    private WorkOrderRow Order(string id) => scene.Row<WorkOrderRow>(View.WorkOrders, id)!;

    private string[] Types(string department)
    {
        string[] types = [.. scene.Feed(department, "harbour").Select(alert => alert.Type)];
        Assert.Equal(types, scene.Feed(department, "*").Select(alert => alert.Type));
        return types;
    }

    private void Done(string order, string action, string? department, string? outcome = null, string? note = null, SortedDictionary<string, string>? record = null)
    {
        Reply reply = Act(order, action, department, outcome, note, record);
        Assert.True(reply.Status == ReplyStatus.Done, $"{action} {order}: {reply.Status} {reply.Text}");
    }

    private Reply Act(string order, string action, string? department, string? outcome = null, string? note = null, SortedDictionary<string, string>? record = null) =>
        scene.Send(ActorKind.Case, order[..order.LastIndexOf("-w", StringComparison.Ordinal)], MessageKind.ActOnWorkOrder, new WorkOrderAction(order, action, "li", department, note, outcome, null) { Record = record })!;
}
