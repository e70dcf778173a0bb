using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

/// <summary>Extensions, parking, assigning, rulings, and what follows a case's end.</summary>
public class CaseRequestTests
{
    // A Tuesday morning without a holiday near.
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Due = Start.AddHours(48);
    private readonly Scene scene = new(CityRules.Shipped, Start);

    public CaseRequestTests() => scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start).Opened());

    [Fact]
    public void A_deadline_moves_only_when_the_command_centre_grants_it_and_is_missed_meanwhile_like_any()
    {
        Done(Of("extend", "transport") with { Until = Due.AddHours(24), Note = "The picture is at the laboratory." });
        Assert.Equal((Due, "extend"), (Order().Deadline, Order().Request!.Kind));
        Alert asked = scene.Feed(Rulebook.CommandCentre, "harbour")[^1];
        Assert.Equal(("requested", "supervisor", "harbour-1-w1"), (asked.Type, asked.Role, asked.WorkOrder));
        Assert.Contains("laboratory", asked.Explanation.En, StringComparison.Ordinal);
        Assert.Contains("延期", asked.Explanation.Zh, StringComparison.Ordinal);
        Assert.Contains(Rulebook.CommandCentre, Row().Departments);
        Assert.Equal(ReplyStatus.Conflict, Act(Of("park", "transport") with { Until = Due.AddDays(9), Note = "x" }).Status);

        scene.AdvanceTo(Due.AddMinutes(1));
        Assert.True(Order().Overdue);
        Done(Of("approve", Rulebook.CommandCentre) with { Decides = true });
        Assert.Equal((Due.AddHours(24), false, 1), (Order().Deadline, Order().Overdue, Order().Extensions));
        Assert.Null(Order().Request);
        Assert.Equal("approved", scene.Feed("transport", "harbour")[^1].Type);
        scene.AdvanceTo(Due.AddHours(23));
        Assert.False(Order().Overdue);
        scene.AdvanceTo(Due.AddHours(25));
        Assert.True(Order().Overdue);
        Assert.Equal(2, scene.Feed("transport", "harbour").Count(alert => alert.Type == "overdue"));
    }

    [Fact]
    public void What_is_refused_leaves_the_deadline_and_may_be_asked_again()
    {
        Done(Of("extend", "transport") with { Until = Due.AddHours(24), Note = "more time" });
        Done(Of("refuse", null) with { Decides = true, Note = "It is one truck." });
        Assert.Equal((Due, (int?)null), (Order().Deadline, Order().Extensions));
        Assert.Contains("one truck", scene.Feed("transport", "harbour")[^1].Explanation.En, StringComparison.Ordinal);
        Assert.Equal(ReplyStatus.Conflict, Act(Of("approve", null) with { Decides = true }).Status);
        Done(Of("extend", "transport") with { Until = Due.AddHours(12), Note = "at least that" });
        Assert.Equal("extend", Order().Request!.Kind);
    }

    [Fact]
    public void Nobody_grants_what_it_asks_for_itself_and_the_lead_decides_for_its_co_handlers()
    {
        Done(Of("extend", "transport") with { Until = Due.AddHours(24), Note = "more time" });
        Assert.Equal(ReplyStatus.Forbidden, Act(Of("approve", "transport")).Status);
        Assert.Equal(ReplyStatus.Forbidden, Act(Of("approve", "streets")).Status);

        Done(Of("extend", "streets", "harbour-1-w2") with { Until = Start.AddDays(20), Note = "The quarry answers next week." });
        Assert.Equal("requested", scene.Feed("transport", "harbour")[^1].Type);
        Assert.Equal(ReplyStatus.Forbidden, Act(Of("approve", "streets", "harbour-1-w2")).Status);
        Done(Of("approve", "transport", "harbour-1-w2"));
        Assert.Equal(Start.AddDays(20), Order("harbour-1-w2").Deadline);
    }

    [Theory]
    [InlineData("extend", null, 48 + 24)]
    [InlineData("extend", "why", 47)]
    [InlineData("extend", "why", 0)]
    [InlineData("park", "why", -1)]
    [InlineData("park", "why", (180 * 24) + 1)]
    public void A_request_needs_a_reason_and_a_date_that_makes_sense(string action, string? note, int hours) =>
        Assert.Equal(ReplyStatus.Invalid, Act(Of(action, "transport") with { Note = note, Until = hours == 0 ? null : Start.AddHours(hours) }).Status);

    [Fact]
    public void The_clock_of_a_parked_work_order_stands_still_and_goes_on_by_itself_at_its_date()
    {
        Done(Of("accept", "transport"));
        Done(Of("park", "transport") with { Until = Start.AddDays(10), Note = "The driver is abroad." });
        scene.AdvanceTo(Start.AddHours(40));
        Done(Of("approve", null) with { Decides = true });
        Assert.Equal(("parked", Start.AddDays(10), 1), (Order().State, Order().ParkedUntil, Order().Parkings));
        Assert.Equal(["resume", "comment"], Order().Allowed);
        Assert.Equal(ReplyStatus.Conflict, Act(Of("complete", "transport")).Status);
        scene.AdvanceTo(Start.AddDays(9));
        Assert.Equal((false, "parked"), (Order().Overdue, Order().State));
        scene.AdvanceTo(Start.AddDays(10));

        // Eight hours of its time were left.
        Assert.Equal(("accepted", Start.AddDays(10).AddHours(8)), (Order().State, Order().Deadline));
        Assert.Equal("resumed", scene.Feed("transport", "harbour")[^1].Type);
        scene.AdvanceTo(Start.AddDays(10).AddHours(9));
        Assert.True(Order().Overdue);
    }

    [Fact]
    public void A_parked_work_order_goes_on_when_its_department_says_so_and_no_reminder_is_left_behind()
    {
        Done(Of("park", "transport") with { Until = Start.AddDays(10), Note = "The driver is abroad." });
        Done(Of("approve", null) with { Decides = true });
        scene.AdvanceTo(Start.AddDays(2));
        Done(Of("resume", "transport") with { Note = "He is back." });
        Assert.Equal(("issued", Due.AddDays(2)), (Order().State, Order().Deadline));
        Done(Of("complete", "transport") with { Outcome = "false-alarm" });
        Assert.Empty(scene.Reminders);
    }

    [Fact]
    public void A_work_order_is_given_to_a_person_and_an_action_that_is_sent_twice_is_done_once()
    {
        Done(Of("assign", "transport") with { To = "Wang Fang", Key = "a1" });
        Assert.Equal("Wang Fang", Order().Assignee);
        Done(Of("comment", "transport") with { Note = "seen", Key = "c1" });
        Done(Of("comment", "transport") with { Note = "seen", Key = "c1" });
        Assert.Single(Row().History, entry => entry.What == "comment");
        Done(Of("complete", "transport") with { Outcome = "confirmed", Key = "done" });
        Assert.Contains("Done already", Act(Of("complete", "transport") with { Outcome = "confirmed", Key = "done" }).Text, StringComparison.Ordinal);
        Assert.Equal(ReplyStatus.Conflict, Act(Of("complete", "transport") with { Outcome = "confirmed", Key = "other" }).Status);
        Assert.Equal(ReplyStatus.Invalid, Act(Of("assign", "traffic-police", "harbour-1-w3")).Status);
    }

    [Fact]
    public void A_work_order_that_is_handed_on_twice_goes_to_the_command_centre_whose_ruling_names_all()
    {
        Done(Of("hand-on", "transport") with { To = "ecology", Note = "The load is waste." });
        WorkOrderRow second = Order("harbour-1-w3");
        Assert.Equal(("ecology", "lead", "ecology"), (second.Department, second.Role, Row().Lead));
        Assert.Equal(ReplyStatus.Invalid, Act(Of("hand-on", "ecology", second.Id) with { To = "nobody" }).Status);
        Done(Of("hand-on", "ecology", second.Id) with { To = "transport", Note = "It is not." });
        WorkOrderRow centre = Order("harbour-1-w4");
        Assert.Equal((Rulebook.CommandCentre, "lead"), (centre.Department, centre.Role));
        Assert.Contains("rule", centre.Allowed);
        Assert.Equal(ReplyStatus.Conflict, Act(Of("rule", "ecology", second.Id) with { To = "transport" }).Status);

        Done(Of("rule", Rulebook.CommandCentre, centre.Id) with { To = "traffic-police", Departments = ["ecology", "streets"], Until = Start.AddHours(4), Note = "The police lead." });
        WorkOrderRow ruled = Order("harbour-1-w5");
        Assert.Equal(("traffic-police", "lead", Start.AddHours(4)), (ruled.Department, ruled.Role, ruled.AcceptBy));
        Assert.Equal("ecology", Order("harbour-1-w6").Department);

        // The street office works on it already.
        Assert.Null(scene.Row<WorkOrderRow>(View.WorkOrders, "harbour-1-w7"));
        scene.AdvanceTo(Start.AddHours(5));
        Assert.Equal(["not-accepted"], scene.Feed("traffic-police", "harbour").Select(alert => alert.Type).Where(type => type == "not-accepted"));
        Assert.Equal("not-accepted", scene.Feed(Rulebook.CommandCentre, "harbour")[^1].Type);
        Done(Of("accept", "traffic-police", ruled.Id));
        Assert.Null(Order(ruled.Id).AcceptBy);
    }

    [Fact]
    public void A_dispute_goes_to_the_command_centre_at_once_and_who_accepts_in_time_is_not_reminded()
    {
        Assert.Equal(ReplyStatus.Invalid, Act(Of("dispute", "transport")).Status);
        Done(Of("dispute", "transport") with { Note = "Two bureaus claim it." });
        Assert.Equal((Rulebook.CommandCentre, Rulebook.CommandCentre), (Order("harbour-1-w3").Department, Row().Lead));
        Done(Of("rule", Rulebook.CommandCentre, "harbour-1-w3") with { To = "transport", Until = Start.AddHours(4) });
        Done(Of("accept", "transport", "harbour-1-w4"));
        scene.AdvanceTo(Start.AddHours(5));
        Assert.DoesNotContain(scene.Feed("transport", "harbour"), alert => alert.Type == "not-accepted");
    }

    [Fact]
    public void The_lead_asks_others_to_work_beside_it_and_a_co_handler_hands_on_its_part()
    {
        Done(Of("ask", "transport") with { Departments = ["ecology", "streets"], Note = "Look at the load." });
        Assert.Equal(("ecology", "co-handler"), (Order("harbour-1-w3").Department, Order("harbour-1-w3").Role));
        Assert.Null(scene.Row<WorkOrderRow>(View.WorkOrders, "harbour-1-w4"));
        Assert.Equal(ReplyStatus.Conflict, Act(Of("ask", "ecology", "harbour-1-w3") with { Departments = ["streets"] }).Status);
        Done(Of("hand-on", "ecology", "harbour-1-w3") with { To = "emergency" });
        Assert.Equal(("emergency", "co-handler"), (Order("harbour-1-w4").Department, Order("harbour-1-w4").Role));
        Assert.Equal("returned", scene.Feed("transport", "harbour")[^1].Type);
    }

    [Fact]
    public void A_closed_case_is_opened_again_by_the_command_centre_and_joins_what_comes()
    {
        Done(Of("complete", "transport") with { Outcome = "false-alarm" });
        Assert.Equal(ReplyStatus.Forbidden, ActOnCase(new CaseAction("reopen", "li", "transport", "no", null, null, Decides: false)).Status);
        Assert.Equal(ReplyStatus.Invalid, ActOnCase(new CaseAction("reopen", "chief", null, null, null, null, Decides: true)).Status);
        Assert.Equal(ReplyStatus.Done, ActOnCase(new CaseAction("reopen", "chief", Rulebook.CommandCentre, "The permit was forged.", null, "k", Decides: true)).Status);
        Assert.Equal(ReplyStatus.Done, ActOnCase(new CaseAction("reopen", "chief", Rulebook.CommandCentre, "The permit was forged.", null, "k", Decides: true)).Status);
        Assert.Equal(("open", 1, (string?)null, "transport-review"), (Row().State, Row().Reopened, Row().Outcome, Row().Stage));
        Assert.Equal(("transport", "lead", "issued"), (Order("harbour-1-w3").Department, Order("harbour-1-w3").Role, Order("harbour-1-w3").State));
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start, number: 2).Opened());
        Assert.Single(scene.Rows<CaseRow>(View.Cases));
        Done(Of("complete", "transport", "harbour-1-w3") with { Outcome = "false-alarm" });
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start, number: 3).Opened());
        Assert.Equal(2, scene.Rows<CaseRow>(View.Cases).Length);

        // A newer one is open for the truck: the old one opened again leaves it what comes.
        Assert.Equal(ReplyStatus.Done, ActOnCase(new CaseAction("reopen", "chief", null, "Again.", null, null, Decides: true)).Status);
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start, number: 3).Updated());
        Assert.Equal(2, scene.Row<CaseRow>(View.Cases, "harbour-2")!.Warnings);
        Assert.Equal(2, scene.Describe(ActorKind.Dispatcher, "harbour").GetProperty("openCases").GetInt32());
    }

    [Fact]
    public void Who_is_dissatisfied_when_called_back_opens_the_case_and_an_archived_one_stays_shut()
    {
        Done(Of("complete", "transport") with { Outcome = "false-alarm" });
        Assert.Equal(ReplyStatus.Invalid, ActOnCase(new CaseAction("call-back", "li", "transport", null, "so-so", null, Decides: false)).Status);
        Assert.Equal(ReplyStatus.Done, ActOnCase(new CaseAction("call-back", "li", "transport", "Nobody came.", "dissatisfied", null, Decides: false)).Status);
        Assert.Equal("open", Row().State);
        Assert.Equal(ReplyStatus.Conflict, ActOnCase(new CaseAction("archive", "li", "transport", null, null, null, Decides: false)).Status);
        Done(Of("complete", "transport", "harbour-1-w3") with { Outcome = "false-alarm" });
        Assert.Equal(ReplyStatus.Done, ActOnCase(new CaseAction("call-back", "li", "transport", null, "satisfied", null, Decides: false)).Status);
        Assert.Equal(ReplyStatus.Done, ActOnCase(new CaseAction("archive", "li", "transport", null, null, null, Decides: false)).Status);
        Assert.Equal("archived", Row().State);
        Assert.Equal(ReplyStatus.Conflict, ActOnCase(new CaseAction("reopen", "chief", null, "Again.", null, null, Decides: true)).Status);
    }

    [Fact]
    public void After_the_window_a_case_stays_closed()
    {
        Done(Of("complete", "transport") with { Outcome = "false-alarm" });
        scene.AdvanceTo(Start.AddDays(GrainLimits.ReopenDays).AddHours(1));

        // Sent again, as a client does that got no answer: it is refused again, and not taken for done.
        Assert.Equal(ReplyStatus.Conflict, ActOnCase(new CaseAction("reopen", "chief", null, "Again.", null, "late", Decides: true)).Status);
        Assert.Equal(ReplyStatus.Conflict, ActOnCase(new CaseAction("reopen", "chief", null, "Again.", null, "late", Decides: true)).Status);
        Assert.Equal("closed", Row().State);
    }

    [Fact]
    public void A_stage_may_warn_of_its_deadline_and_set_a_time_to_accept()
    {
        Dictionary<string, string> files = CityRules.Files("workflows.json", "\"overdue\": { \"urgeEveryHours\": 24, \"escalateAfterHours\": 120 }", "\"acceptWithin\": { \"hours\": 4, \"calendar\": \"clock\", \"from\": \"stage\" }, \"overdue\": { \"urgeEveryHours\": 24, \"escalateAfterHours\": 120, \"warnBeforeHours\": 6 }");
        Scene warned = new(Rulebook.Load(files, out _)!.WithVersion(2), Start);
        warned.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start).Opened());
        warned.AdvanceTo(Start.AddHours(43));
        Assert.Equal(["work-order", "not-accepted", "due-soon"], warned.Feed("transport", "harbour").Select(alert => alert.Type));
        warned.AdvanceTo(Start.AddHours(49));
        Assert.Equal(["work-order", "not-accepted", "due-soon", "overdue"], warned.Feed("transport", "harbour").Select(alert => alert.Type));
    }

    private static WorkOrderAction Of(string action, string? department, string order = "harbour-1-w1") => new(order, action, "li", department, null, null, null);

    private Reply Act(WorkOrderAction action) => scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, action)!;

    private Reply ActOnCase(CaseAction action) => scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnCase, action)!;

    private void Done(WorkOrderAction action)
    {
        Reply reply = Act(action);
        Assert.True(reply.Status == ReplyStatus.Done, $"{action.Action} {action.WorkOrder}: {reply.Status} {reply.Text}");
    }

    private WorkOrderRow Order(string id = "harbour-1-w1") => scene.Row<WorkOrderRow>(View.WorkOrders, id)!;

    private CaseRow Row() => scene.Row<CaseRow>(View.Cases, "harbour-1")!;
}
