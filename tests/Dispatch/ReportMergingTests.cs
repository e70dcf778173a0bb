using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Reports;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

/// <summary>Reports and warnings in one event library: what joins, what does not, and what people say of it.</summary>
public sealed class ReportMergingTests
{
    private const double Latitude = 23.1;
    private const double Longitude = 113.3;
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);
    private readonly Scene scene = new(CityRules.Shipped, Start);
    private int filed;

    [Fact]
    public void A_report_that_joins_nothing_opens_a_case_by_the_matrix_and_keeps_its_reporter()
    {
        string id = File("居民楼下有人摆摊卖水果，占道经营");
        CaseRow row = Case("harbour-1");
        Assert.Equal(("open", "street-stall", "streets", "graduated", "report", id, 0), (row.State, row.Kind, row.Lead, row.Workflow, row.SubjectKind, row.Subject, row.Warnings));
        Assert.Equal(id, Assert.Single(row.Reports!).Id);
        Assert.Equal("joined no open case, and opened this one", row.Reports![0].Why.En);
        ReportRow report = Report(id);
        Assert.Equal(("harbour-1", "open", "Zhang", true), (report.Case, report.State, report.Reporter!.Name, report.KindGuessed));
        Assert.DoesNotContain("Zhang", scene.Describe(ActorKind.Case, "harbour-1").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("卖水果", Assert.Single(scene.Feed("streets", "harbour")).Explanation.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hotlines_case_follows_its_workflow()
    {
        File("路灯不亮，晚上很暗");
        Assert.Equal(("hotline", "transport", "handling"), (Case("harbour-1").Workflow, Case("harbour-1").Lead, Case("harbour-1").Stage));
        File("请问怎么办理居住证", northM: 3000);
        Assert.Equal(("report", "command-centre"), (Case("harbour-2").Kind, Case("harbour-2").Lead));
    }

    [Fact]
    public void The_same_event_in_two_languages_joins_and_says_why_with_figures()
    {
        string first = File("有人摆摊卖水果，占了人行道");
        scene.AdvanceTo(Start.AddMinutes(12));
        string second = File("A fruit stall is taking up the sidewalk", northM: 38);
        Assert.Equal("harbour-1", Report(second).Case);
        MergeReason reason = Report(second).Reason!;
        Assert.Equal((MergeReason.Similar, first, true, 38d, 12d), (reason.Basis, reason.With, reason.SameKind, reason.DistanceM, reason.Minutes));
        Assert.StartsWith("same kind, 38 m apart, 12 min apart, text ", Report(second).Why!.En, StringComparison.Ordinal);
        Assert.StartsWith("类型相同，相距38米，相隔12分钟，文本相似度", Report(second).Why!.Zh, StringComparison.Ordinal);
        Assert.Equal(Report(second).Why, Case("harbour-1").Reports![1].Why);
        Assert.Single(scene.Rows<CaseRow>(View.Cases));
    }

    [Fact]
    public void Another_thing_near_by_and_the_same_elsewhere_and_on_another_day_are_cases_of_their_own()
    {
        File("有人摆摊卖水果");
        File("有人摆摊卖烧烤", northM: 30);
        File("有人摆摊卖水果", northM: 900);
        File("井盖不见了");
        scene.AdvanceTo(Start.AddDays(1));
        File("有人摆摊卖水果");
        Assert.Equal(5, scene.Rows<CaseRow>(View.Cases).Length);
    }

    [Fact]
    public void A_report_that_comes_late_joins_by_when_it_was_so()
    {
        File("有人摆摊卖水果");
        scene.AdvanceTo(Start.AddHours(3));
        Assert.Equal("harbour-1", Report(File("a fruit stall", at: Start.AddMinutes(20))).Case);
        Assert.Equal("harbour-2", Report(File("a fruit stall", at: Start.AddMinutes(20 + CityRules.Shipped.Merging.WindowMinutes + 20))).Case);
    }

    [Fact]
    public void A_camera_and_people_meet_whoever_is_first()
    {
        Warn("plaza", northM: 20);
        string report = File("有人摆摊卖水果");
        Assert.Equal("harbour-1", Report(report).Case);
        Assert.Equal("same kind, 20 m apart, 0 min apart; as plaza/street-stall/1", Report(report).Why!.En);

        string first = File("a breakfast stall", northM: 2000);
        Warn("gate", northM: 2030);
        CaseRow row = Case("harbour-2");
        Assert.Equal(("place", "gate", 1, first), (row.SubjectKind, row.Subject, row.Warnings, row.Reports![0].Id));
        Assert.Contains(row.History, entry => entry.Note?.Contains("same kind, 30 m apart", StringComparison.Ordinal) == true);

        // It has the place's key from now on: the camera's next warning is the same case's, and its end is the warning's end.
        Warn("gate", northM: 2030, WarningChange.Updated);
        Assert.Equal(2, Case("harbour-2").Warnings);
        Complete("harbour-2");
        Assert.Contains(scene.Elsewhere, told => told.To == new ActorId(ActorKind.Place, "gate") && told.Kind == MessageKind.CaseClosed);
        Assert.Equal(("closed", "corrected"), (Report(first).State, Report(first).Outcome));
    }

    [Fact]
    public void A_report_of_a_known_place_joins_its_case_whatever_its_words()
    {
        Warn("plaza", northM: 0);
        string report = File("还是老样子", kind: "street-stall", place: "plaza", northM: 5000);
        Assert.Equal(("harbour-1", MergeReason.Subject), (Report(report).Case, Report(report).Reason!.Basis));
    }

    [Fact]
    public void A_report_sent_again_is_filed_once_and_another_under_its_reference_is_refused()
    {
        ReportFiled filedOnce = Filed("r-1", "有人摆摊卖水果");
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Report, "r-1", MessageKind.FileReport, filedOnce)!.Status);
        Reply again = scene.Send(ActorKind.Report, "r-1", MessageKind.FileReport, filedOnce with { Facts = filedOnce.Facts with { At = Start.AddHours(1) } })!;
        Assert.Equal((ReplyStatus.Done, "Filed already.", "r-1"), (again.Status, again.Text, again.Made));
        Assert.Equal(ReplyStatus.Conflict, scene.Send(ActorKind.Report, "r-1", MessageKind.FileReport, filedOnce with { Digest = "other" })!.Status);
        Assert.Equal(1, Case("harbour-1").ReportCount);
        Assert.Equal(Start, Report("r-1").At);
    }

    [Fact]
    public void What_was_split_by_hand_stays_split_and_later_reports_go_to_the_one_they_are_like()
    {
        string fruit = File("有人摆摊卖东西");
        string grill = File("有人摆摊，很多烟，卖东西", northM: 10);
        string more = File("摆摊卖东西的人很多", northM: 12);
        Assert.Equal(3, Case("harbour-1").ReportCount);
        Reply split = Split("harbour-1", grill, more);
        Assert.Equal(ReplyStatus.Done, split.Status);
        CaseRow own = Case("harbour-2");
        Assert.Equal(("open", "harbour-1", 2, "streets"), (own.State, own.SplitFrom, own.ReportCount, own.Lead));
        Assert.Equal([fruit], Case("harbour-1").Reports!.Select(report => report.Id));
        Assert.All((string[])[grill, more], id =>
        {
            Assert.Equal(("harbour-2", "harbour-1", "split off from case harbour-1 by chief: two stalls"), (Report(id).Case, Assert.Single(Report(id).EarlierCases!), Report(id).Why!.En));
        });

        // What comes now is like the one or the other, and brings the two no nearer.
        Assert.Equal("harbour-2", Report(File("有人摆摊，很多烟，卖东西", northM: 10)).Case);
        Assert.Equal("harbour-1", Report(File("有人摆摊卖东西")).Case);
        Complete("harbour-2");
        Assert.Equal(("closed", "open"), (Report(grill).State, Report(fruit).State));
    }

    [Fact]
    public void Only_the_lead_and_the_centre_split_and_something_has_to_be_left()
    {
        string one = File("有人摆摊卖水果");
        string two = File("a fruit stall");
        CaseSplit split = new([two], "two stalls", "x", "transport", null, false);
        Assert.Equal(ReplyStatus.Forbidden, scene.Send(ActorKind.Case, "harbour-1", MessageKind.SplitCase, split)!.Status);
        Assert.Equal(ReplyStatus.Invalid, scene.Send(ActorKind.Case, "harbour-1", MessageKind.SplitCase, split with { Department = "streets", Reason = " " })!.Status);
        Assert.Equal(ReplyStatus.Invalid, scene.Send(ActorKind.Case, "harbour-1", MessageKind.SplitCase, split with { Department = "streets", Reports = ["r-none"] })!.Status);
        Assert.Equal(ReplyStatus.Invalid, scene.Send(ActorKind.Case, "harbour-1", MessageKind.SplitCase, split with { Department = "streets", Reports = [one, two] })!.Status);
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Case, "harbour-1", MessageKind.SplitCase, split with { Department = "streets", Key = "k" })!.Status);
        Assert.Equal("Done already.", scene.Send(ActorKind.Case, "harbour-1", MessageKind.SplitCase, split with { Department = "streets", Key = "k" })!.Text);
        Assert.Equal(2, scene.Rows<CaseRow>(View.Cases).Length);
        Complete("harbour-1");
        Assert.Equal(ReplyStatus.Conflict, Split("harbour-1", one).Status);
    }

    [Fact]
    public void A_merged_case_closes_with_a_link_and_loses_nothing()
    {
        string one = File("有人摆摊卖水果");
        Warn("plaza", northM: 500);
        string two = File("有人摆摊卖烧烤", northM: 510, place: "plaza");
        Assert.Equal(("harbour-1", "harbour-2"), (Report(one).Case, Report(two).Case));
        Assert.Equal(ReplyStatus.Done, Merge("harbour-2", "harbour-1").Status);
        CaseRow gone = Case("harbour-2");
        Assert.Equal(("closed", "merged", "harbour-1"), (gone.State, gone.Outcome, gone.MergedInto));
        Assert.All(gone.WorkOrders, order => Assert.Equal("withdrawn", order.State));
        Assert.Contains(gone.History, entry => entry is { What: "withdrawn", Note: "the case was merged into harbour-1: one street" });
        Assert.Null(gone.CallBacksDue);
        CaseRow into = Case("harbour-1");
        Assert.Equal((2, 1, "harbour-2"), (into.ReportCount, into.Warnings, Assert.Single(into.MergedFrom!)));
        Assert.Equal(("harbour-1", "case harbour-2 was merged into this one by chief: one street"), (Report(two).Case, Report(two).Why!.En));

        // The place's warnings, and reports like those that it had, come to the case that has it now.
        Warn("plaza", northM: 500, WarningChange.Updated);
        Assert.Equal(2, Case("harbour-1").Warnings);
        Assert.Equal(("place", "plaza"), (Case("harbour-1").SubjectKind, Case("harbour-1").Subject));
        Assert.Equal("harbour-1", Report(File("a barbecue stall", northM: 512)).Case);
        Assert.DoesNotContain(scene.Elsewhere, told => told.Kind == MessageKind.CaseClosed);
        Complete("harbour-1");
        (ActorId to, MessageKind told, string body) = Assert.Single(scene.Elsewhere);
        Assert.Equal((new ActorId(ActorKind.Place, "plaza"), MessageKind.CaseClosed), (to, told));
        Assert.Contains("\"warningId\":\"plaza/street-stall/1\"", body, StringComparison.Ordinal);
        Assert.Equal(0, scene.RowCount(ActorKind.Dispatcher, "harbour"));
        Assert.Equal(0, scene.Describe(ActorKind.Dispatcher, "harbour").GetProperty("openCases").GetInt64());
        Assert.Equal(ReplyStatus.Conflict, scene.Send(ActorKind.Case, "harbour-2", MessageKind.ActOnCase, new CaseAction("reopen", "chief", null, "x", null, null, true))!.Status);
    }

    [Fact]
    public void A_merge_into_what_was_closed_meanwhile_is_undone()
    {
        File("有人摆摊卖水果");
        string two = File("井盖不见了");
        Complete("harbour-1");
        Assert.Equal(ReplyStatus.Done, Merge("harbour-2", "harbour-1").Status);
        Assert.Equal(("open", null), (Case("harbour-2").State, Case("harbour-2").MergedInto));
        Assert.Contains(Case("harbour-2").History, entry => entry is { What: "reopened" } && entry.Note!.Contains("was closed meanwhile", StringComparison.Ordinal));
        Assert.Equal(("harbour-2", "open"), (Report(two).Case, Report(two).State));
        Assert.Equal(1, scene.Describe(ActorKind.Dispatcher, "harbour").GetProperty("openCases").GetInt64());
    }

    [Fact]
    public void Each_reporter_is_called_back_and_who_was_not_is_counted()
    {
        string one = File("有人摆摊卖水果");
        string two = File("a fruit stall");
        Complete("harbour-1");
        Assert.Equal(2, Case("harbour-1").CallBacksDue);
        Assert.Equal([one, two], CallBack(null, "satisfied").Allowed);
        Assert.Equal(ReplyStatus.Invalid, CallBack("r-none", "satisfied").Status);
        Assert.Equal(ReplyStatus.Done, CallBack(one, "satisfied").Status);
        Assert.Equal((1, "called-back", "closed"), (Case("harbour-1").CallBacksDue, Report(one).State, Report(two).State));
        Assert.Equal("satisfied", Case("harbour-1").Reports![0].CalledBack!.Outcome);

        // Dissatisfied, it begins again, and both are called again at its end.
        Assert.Equal(ReplyStatus.Done, CallBack(two, "dissatisfied").Status);
        Assert.Equal(("open", "open", "open"), (Case("harbour-1").State, Report(one).State, Report(two).State));
        Complete("harbour-1");
        Assert.Equal(2, Case("harbour-1").CallBacksDue);
    }

    [Fact]
    public void A_new_case_names_those_of_the_place_that_closed_within_the_time_for_opening_again()
    {
        for (int i = 1; i <= GrainLimits.EarlierCases + 2; i++)
        {
            File("有人摆摊卖水果", northM: i);
            Complete($"harbour-{i}");
            scene.AdvanceTo(scene.Now.AddDays(2));
        }

        string[] earlier = Case("harbour-7").Earlier!;
        Assert.Equal(["harbour-6", "harbour-5", "harbour-4", "harbour-3", "harbour-2"], earlier);
        File("井盖不见了");
        Assert.Null(Case("harbour-8").Earlier);
        File("有人摆摊卖水果", northM: 2000);
        Assert.Null(Case("harbour-9").Earlier);
        scene.AdvanceTo(scene.Now.AddDays(GrainLimits.ReopenDays + 20));
        File("有人摆摊卖水果", northM: 3);
        Assert.Null(Case("harbour-10").Earlier);
    }

    [Fact]
    public void A_vehicles_next_case_names_its_last()
    {
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start).Opened());
        Act("harbour-1-w1", "false-alarm");
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, Warnings.Overload(Start, number: 2).Opened());
        Assert.Equal(["harbour-1"], Case("harbour-2").Earlier!);
    }

    [Fact]
    public void Candidates_are_bounded_and_go_when_the_window_is_over()
    {
        for (int i = 0; i < 300; i++)
        {
            // Things that cannot be one, in one spot.
            File($"有人摆摊卖东西，旁边货车粤A{10000 + (i * 17)}");
            scene.AdvanceTo(scene.Now.AddSeconds(10));
        }

        Assert.Equal(300, scene.Rows<CaseRow>(View.Cases).Length);
        int full = scene.AllRowBytes(ActorKind.Dispatcher, "harbour", "~cell/");
        Assert.InRange(full, 1, 40 * 1024);
        for (int i = 1; i <= 300; i++)
        {
            Complete($"harbour-{i}");
        }

        scene.AdvanceTo(scene.Now.AddDays(2));
        for (int i = 0; i < 200; i++)
        {
            File("井盖不见了", northM: 100_000 + (i * 2000));
        }

        Assert.Equal(0, scene.AllRowBytes(ActorKind.Dispatcher, "harbour", "~cell/4620/"));
        Assert.Equal(0, scene.AllRowBytes(ActorKind.Dispatcher, "harbour", "~plate/"));
    }

    [Fact]
    public void A_case_is_full_at_its_bound_and_what_comes_then_opens_another()
    {
        for (int i = 0; i <= GrainLimits.ReportsPerCase; i++)
        {
            File(i % 2 == 0 ? "有人摆摊卖水果，占了人行道" : "A fruit stall is taking up the sidewalk");
        }

        Assert.Equal((GrainLimits.ReportsPerCase, 1), (Case("harbour-1").ReportCount, Case("harbour-2").ReportCount));
        Complete("harbour-1");
        Assert.Equal(GrainLimits.ReportsPerCase, Case("harbour-1").CallBacksDue);
        Assert.Equal(GrainLimits.ReportsPerCase, scene.Rows<ReportRow>(View.Reports).Count(row => row.State == ReportStates.Closed));
    }

    [Fact]
    public void Numbers_of_messages_actors_and_lists_stay()
    {
        Assert.Equal(
            (17, 17, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129),
            ((int)ActorKind.Report, (int)View.Reports, (int)MessageKind.FileReport, (int)MessageKind.PlaceReport, (int)MessageKind.ReportJoined, (int)MessageKind.ReportChanged, (int)MessageKind.SplitCase, (int)MessageKind.MergeCase,
                (int)MessageKind.CaseMerged, (int)MessageKind.TellReports, (int)MessageKind.SplitOffReport, (int)MessageKind.UndoMerge));
    }

    private string File(string text, double northM = 0, DateTimeOffset? at = null, string? kind = null, string? place = null)
    {
        string id = $"r-{++filed:000}";
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Report, id, MessageKind.FileReport, Filed(id, text, northM, at, kind, place))!.Status);
        return id;
    }

    private ReportFiled Filed(string id, string text, double northM = 0, DateTimeOffset? at = null, string? kind = null, string? place = null) => new(
        new ReportFacts(id, "hotline", "harbour", kind ?? ReportText.Of(text).Kind, text, new ReportPlace(place, null, Latitude + (northM / 111_195), Longitude), at ?? scene.Now, []),
        kind is null,
        null,
        new Reporter("Zhang", "13800000000"),
        "desk",
        text);

    private void Warn(string place, double northM, WarningChange change = WarningChange.Opened)
    {
        Warning warning = Warnings.Overload(scene.Now, place) with
        {
            Id = $"{place}/street-stall/1",
            SubjectKind = "place",
            Kind = "street-stall",
            Evidence = new Evidence([], new SortedDictionary<string, double> { ["latitudeDeg"] = Latitude + (northM / 111_195), ["longitudeDeg"] = Longitude }, null, null),
        };
        scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, new WarningChanged(change, ActorKind.Place, warning));
    }

    /// <summary>Completes the lead's work orders until the case is closed.</summary>
    private void Complete(string id)
    {
        while (Case(id).State == "open")
        {
            WorkOrderRow lead = Case(id).WorkOrders.Last(order => order is { Role: "lead", State: "issued" });
            Reply reply = scene.Send(ActorKind.Case, id, MessageKind.ActOnWorkOrder, new WorkOrderAction(lead.Id, "complete", "li", null, null, "corrected", null))!;
            Assert.True(reply.Status == ReplyStatus.Done, $"{lead.Id}: {reply.Text}");
        }
    }

    private void Act(string order, string outcome) =>
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Case, order[..order.LastIndexOf("-w", StringComparison.Ordinal)], MessageKind.ActOnWorkOrder, new WorkOrderAction(order, "complete", "li", null, null, outcome, null))!.Status);

    private Reply Split(string id, params string[] reports) => scene.Send(ActorKind.Case, id, MessageKind.SplitCase, new CaseSplit(reports, "two stalls", "chief", null, null, true))!;

    private Reply Merge(string id, string into) => scene.Send(ActorKind.Case, id, MessageKind.MergeCase, new CaseMerge(into, "one street", "chief", null, null, true))!;

    private Reply CallBack(string? report, string outcome) => scene.Send(ActorKind.Case, "harbour-1", MessageKind.ActOnCase, new CaseAction("call-back", "chief", null, "asked", outcome, null, true, report))!;

    private CaseRow Case(string id) => scene.Describe(ActorKind.Case, id).Deserialize(GrainsJson.Default.CaseRow)!;

    private ReportRow Report(string id) => scene.Row<ReportRow>(View.Reports, id)!;
}
