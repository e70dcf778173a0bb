using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

public class DispatcherTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);
    private readonly Scene scene = new(CityRules.DeadlinesOnly, Start);

    [Fact]
    public void A_live_warning_opens_a_case_with_lead_co_handlers_workflow_and_the_reason()
    {
        Warn(Warnings.Overload(Start).Opened());
        CaseRow row = scene.Row<CaseRow>(View.Cases, "harbour-1")!;
        Assert.Equal("open", row.State);
        Assert.Equal("transport-review", row.Stage);
        Assert.Equal("overload-off-site", row.Workflow);
        Assert.Equal("transport", row.Lead);
        Assert.Equal(["transport", "streets"], row.Departments);
        Assert.Equal("rule 3 (overload-local): kind over-road-limit, district harbour, severity 2, plate of 粤 (local)", row.Reason);
        Assert.Equal(2, row.WorkOrders.Length);
    }

    [Fact]
    public void There_is_one_open_case_for_a_subject_and_kind_however_often_it_warns()
    {
        for (int i = 1; i <= 50; i++)
        {
            Warn(Warnings.Overload(Start, count: i, number: i).Opened());
            Warn(Warnings.Overload(Start, count: i, number: i).Updated());
        }

        Assert.Equal("harbour-1", Assert.Single(scene.Rows<CaseRow>(View.Cases)).Id);
        Assert.Equal(100, scene.Row<CaseRow>(View.Cases, "harbour-1")!.Warnings);
        Assert.Equal(1, scene.RowCount(ActorKind.Dispatcher, "harbour"));
        Assert.Single(scene.Feed("transport", "harbour"));
    }

    [Fact]
    public void Another_subject_kind_or_kind_of_subject_has_a_case_of_its_own()
    {
        Warn(Warnings.Overload(Start).Opened());
        Warn(Warnings.Overload(Start, "湘A99999-yellow").Opened());
        Warn((Warnings.Overload(Start) with { Kind = "tank-level" }).Opened());
        Warn(Warnings.Tank(Start, Warnings.Plate).Opened(ActorKind.Enterprise));
        Assert.Equal(4, scene.Rows<CaseRow>(View.Cases).Length);
        Assert.Equal(4, scene.RowCount(ActorKind.Dispatcher, "harbour"));
        Assert.Equal(4, scene.Describe(ActorKind.Dispatcher, "harbour").GetProperty("openCases").GetInt64());
    }

    [Fact]
    public void A_streets_case_is_its_districts_too_and_what_another_street_reports_joins_it()
    {
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start, district: "harbour.pier").Opened());
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start, district: "harbour.old-town", number: 2).Opened());
        CaseRow row = Assert.Single(scene.Rows<CaseRow>(View.Cases));
        Assert.Equal(("harbour-1", "harbour.pier", 2), (row.Id, row.District, row.Warnings));
        Assert.All(row.WorkOrders, order => Assert.Equal("harbour.pier", scene.Row<WorkOrderRow>(View.WorkOrders, order.Id)!.District));
        foreach (string feed in (string[])["harbour.pier", "harbour", "*"])
        {
            Assert.Equal(("harbour-1-w1", "harbour.pier"), Assert.Single(scene.Feed("transport", feed).Select(alert => (alert.WorkOrder, alert.District))));
        }

        // Closed, it leaves the district's dispatcher free to open the next.
        Complete("harbour-1-w1", "false-alarm");
        Assert.Equal(0, scene.RowCount(ActorKind.Dispatcher, "harbour"));
        Assert.Equal(scene.Feed("transport", "harbour.pier").Select(alert => alert.Type), scene.Feed("transport", "harbour").Select(alert => alert.Type));
        Assert.False(scene.Exists(ActorKind.Dispatcher, "harbour.pier"));
    }

    [Fact]
    public void After_a_case_is_closed_the_next_warning_opens_a_new_one()
    {
        Warn(Warnings.Overload(Start).Opened());
        Complete("harbour-1-w1", "false-alarm");
        Assert.Equal(0, scene.RowCount(ActorKind.Dispatcher, "harbour"));
        Assert.Equal(0, scene.Describe(ActorKind.Dispatcher, "harbour").GetProperty("openCases").GetInt64());
        Warn(Warnings.Overload(Start, number: 2).Opened());
        Assert.Equal("closed", scene.Row<CaseRow>(View.Cases, "harbour-1")!.State);
        Assert.Equal("open", scene.Row<CaseRow>(View.Cases, "harbour-2")!.State);
    }

    [Fact]
    public void A_late_warning_of_a_condition_opens_no_case_and_its_first_live_change_does()
    {
        Warning late = Warnings.Tank(Start) with { Live = false };
        Warn(late.Opened(ActorKind.Enterprise));
        Warn(late.Updated(ActorKind.Enterprise));
        Assert.False(scene.Exists(ActorKind.Dispatcher, "harbour"));
        Assert.Empty(scene.Rows<CaseRow>(View.Cases));
        Assert.Empty(scene.Rows<Alert>(View.Feed));
        Warn(Warnings.Tank(Start).Updated(ActorKind.Enterprise));
        Assert.Equal("harbour-1", Assert.Single(scene.Rows<CaseRow>(View.Cases)).Id);
        Assert.True(Assert.Single(scene.Feed("emergency", "harbour")).Live);
    }

    [Fact]
    public void A_late_warning_that_no_rule_matches_opens_no_case()
    {
        Warn((Warnings.Overload(Start, live: false) with { Kind = "never-heard-of" }).Opened());
        Assert.Empty(scene.Rows<CaseRow>(View.Cases));
    }

    [Fact]
    public void A_late_overload_opens_a_case_whose_first_work_orders_are_not_live_and_what_follows_is()
    {
        Warn(Warnings.Overload(Start, live: false).Opened());
        Assert.Equal("harbour-1", Assert.Single(scene.Rows<CaseRow>(View.Cases)).Id);
        Assert.All([.. scene.Feed("transport", "harbour"), .. scene.Feed("streets", "harbour")], alert => Assert.False(alert.Live));
        scene.AdvanceTo(Start.AddDays(3));
        Assert.Equal(["work-order", "overdue"], scene.Feed("transport", "harbour").Take(2).Select(alert => alert.Type));
        Assert.True(scene.Feed("transport", "harbour")[1].Live);
        Complete("harbour-1-w1", "confirmed");
        Assert.True(Assert.Single(scene.Feed("traffic-police", "harbour")).Live);
    }

    [Fact]
    public void A_late_reading_that_joins_a_live_case_leaves_it_live()
    {
        Warn(Warnings.Overload(Start).Opened());
        Warn(Warnings.Overload(Start, live: false, count: 2).Updated());
        Return("harbour-1-w1");
        Assert.All(scene.Feed("command-centre", "harbour"), alert => Assert.True(alert.Live));
    }

    [Fact]
    public void A_late_warning_joins_an_open_case_without_an_alert()
    {
        Warn(Warnings.Overload(Start).Opened());
        Warn(Warnings.Overload(Start, severity: 4, live: false).Updated());
        CaseRow row = scene.Row<CaseRow>(View.Cases, "harbour-1")!;
        Assert.Equal(4, row.Severity);
        Assert.Equal(2, row.Warnings);
        Assert.Single(scene.Feed("transport", "harbour"));
    }

    [Fact]
    public void A_warning_cleared_without_an_open_case_is_nothing()
    {
        Warn(Warnings.Overload(Start).Cleared());
        Assert.False(scene.Exists(ActorKind.Dispatcher, "harbour"));
        Assert.Empty(scene.Rows<CaseRow>(View.Cases));
    }

    [Fact]
    public void A_warning_that_crosses_the_closing_of_its_case_opens_a_new_case_and_is_not_lost()
    {
        Warn(Warnings.Overload(Start).Opened());
        Complete("harbour-1-w1", "false-alarm");

        // The dispatcher told the case of the warning before it heard of the closing.
        scene.Send(ActorKind.Case, "harbour-1", MessageKind.WarningJoined, Warnings.Overload(Start, number: 2).Updated());
        Assert.Equal("open", scene.Row<CaseRow>(View.Cases, "harbour-2")!.State);
        Assert.Equal(1, scene.RowCount(ActorKind.Dispatcher, "harbour"));
        Assert.Equal("closed", scene.Row<CaseRow>(View.Cases, "harbour-1")!.State);

        scene.Send(ActorKind.Case, "harbour-1", MessageKind.WarningJoined, Warnings.Overload(Start).Cleared());
        Assert.Equal(2, scene.Rows<CaseRow>(View.Cases).Length);
    }

    [Fact]
    public void The_closing_of_an_earlier_case_leaves_the_open_one_alone()
    {
        Warn(Warnings.Overload(Start).Opened());
        Complete("harbour-1-w1", "false-alarm");
        Warn(Warnings.Overload(Start, number: 2).Opened());
        scene.Send(
            ActorKind.Dispatcher, "harbour", MessageKind.CaseClosed, new CaseClosed("harbour-1", Warnings.Plate, ActorKind.Vehicle, "over-road-limit", "x", "false-alarm"));
        Assert.Equal(1, scene.RowCount(ActorKind.Dispatcher, "harbour"));
        Assert.Equal(1, scene.Describe(ActorKind.Dispatcher, "harbour").GetProperty("openCases").GetInt64());
    }

    [Fact]
    public void What_no_rule_matches_goes_to_the_command_centre()
    {
        Warn((Warnings.Overload(Start) with { Kind = "never-heard-of" }).Opened());
        CaseRow row = scene.Row<CaseRow>(View.Cases, "harbour-1")!;
        Assert.Equal("command-centre", row.Lead);
        Assert.Equal("simple", row.Workflow);
        Assert.Equal("work-order", Assert.Single(scene.Feed("command-centre", "harbour")).Type);
    }

    [Fact]
    public void An_empty_rulebook_still_gives_every_warning_a_case()
    {
        scene.Rules = new() { Version = 1 };
        Warn(Warnings.Overload(Start).Opened());
        CaseRow row = scene.Row<CaseRow>(View.Cases, "harbour-1")!;
        Assert.Equal(("command-centre", "handling"), (row.Lead, row.Stage));
        Complete("harbour-1-w1", "corrected");
        Assert.Equal("closed", scene.Row<CaseRow>(View.Cases, "harbour-1")!.State);
    }

    private void Warn(WarningChanged changed) => scene.Send(ActorKind.Dispatcher, changed.Warning.District, MessageKind.WarningChanged, changed);

    private void Return(string order) =>
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder, new WorkOrderAction(order, "return", "t1", null, null, null, null))!.Status);

    private void Complete(string order, string outcome)
    {
        Reply? reply = scene.Send(ActorKind.Case, order[..order.LastIndexOf("-w", StringComparison.Ordinal)], MessageKind.ActOnWorkOrder, new WorkOrderAction(order, "complete", "t1", null, null, outcome, null));
        Assert.Equal(ReplyStatus.Done, reply!.Status);
    }
}
