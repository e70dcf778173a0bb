using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Reports;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Dispatch;

/// <summary>
/// Warnings, reports, merging and splitting by hand, and everything that departments and the centre do, in any order, over many cases at once: each open case has one owner, each report and each open warning is in one case that is open, and the district and its departments count what is there.
/// </summary>
public sealed class EventLibrarySequenceTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero);
    private static readonly string[] Actions = ["accept", "claim", "return", "complete", "assign", "hand-on", "dispute", "rule", "ask", "extend", "park", "resume", "approve", "refuse"];
    private static readonly string[] Texts = ["有人摆摊卖水果", "a fruit stall", "有人摆摊卖烧烤", "井盖不见了", "Manhole cover missing", "路灯不亮，晚上很暗", "仓库着火了", "smoke from a warehouse", "我想咨询一下社保"];
    private static readonly string[] Devices = ["C1", "C2", "C3", "C4"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_comes_in_and_whatever_is_done_nothing_is_lost_or_in_two_places(int seed)
    {
        Play play = new(seed);
        for (int step = 0; step < 100; step++)
        {
            play.Step();
            Check(play, $"seed {seed}, step {step}");
        }

        // A process that slept through it all finds no less.
        play.Scene.SleepTo(play.Scene.Now.AddDays(60));
        Check(play, $"seed {seed}, after two months");
        Assert.True(play.Scene.Rows<CaseRow>(View.Cases).Length > 3, $"seed {seed} played nothing.");

        // When all is worked off, every subject has heard of its warning's end: each was in some case, and stayed with it however it was merged and split.
        play.WorkOff();
        Check(play, $"seed {seed}, at the end");
        CaseRow? left = play.Scene.Rows<CaseRow>(View.Cases).FirstOrDefault(row => row.State == "open");
        Assert.True(left is null, $"seed {seed}: {left?.Id} of {left?.Workflow} in {left?.Stage} was never over: {string.Join(", ", left?.WorkOrders.Where(CaseChecks.IsOpen).Select(order => $"{order.Id} {order.Department} {order.Role} {order.State}") ?? [])}.");
        Assert.True(play.Open.Count == 0, $"seed {seed}: nobody ended {string.Join(", ", play.Open.Keys)}.");
    }

    private static void Check(Play play, string where)
    {
        Scene scene = play.Scene;
        CaseRow[] cases = scene.Rows<CaseRow>(View.Cases);
        Assert.All(cases, row => CaseChecks.Check(scene, row.Id, where));

        HashSet<string> inCases = [.. cases.SelectMany(row => row.WorkOrders).Select(order => order.Id)];
        Assert.True(cases.Sum(row => row.WorkOrders.Length) == inCases.Count, $"{where}: a work order is in two cases.");
        Assert.True(inCases.SetEquals(scene.Rows<WorkOrderRow>(View.WorkOrders).Select(order => order.Id)), $"{where}: a work order is in no case.");

        foreach (ReportRow report in scene.Rows<ReportRow>(View.Reports))
        {
            CaseRow holder = cases.First(row => row.Id == report.Case);
            Assert.True(holder.MergedInto is null && (holder.State == "open") == (report.State == ReportStates.Open), $"{where}: {report.Id} is {report.State} in {report.Case}, which is {holder.State}.");
        }

        // A case's row shows some of many reports, and counts all: a report that were in two cases, or in none, would make the sums differ.
        foreach (CaseRow row in cases.Where(row => row.MergedInto is null))
        {
            string[] own = [.. scene.Rows<ReportRow>(View.Reports).Where(report => report.Case == row.Id).Select(report => report.Id)];
            Assert.True((row.ReportCount ?? 0) == own.Length, $"{where}: {row.Id} counts {row.ReportCount} reports, and there are {own.Length} of it.");
            Assert.All(row.Reports ?? [], report => Assert.True(own.Contains(report.Id), $"{where}: {row.Id} names {report.Id}, which is elsewhere."));
        }

        int open = cases.Count(row => row.State == "open");
        long counted = open == 0 && !scene.Exists(ActorKind.Dispatcher, "harbour") ? 0 : scene.Describe(ActorKind.Dispatcher, "harbour").GetProperty("openCases").GetInt64();
        Assert.True(counted == open, $"{where}: the district counts {counted} open cases, and there are {open}: {string.Join(", ", cases.Where(row => row.State == "open").Select(row => $"{row.Id} {row.SubjectKind} {row.Subject} {row.Kind}"))}.");
        foreach (IGrouping<string, WorkOrderRow> of in scene.Rows<WorkOrderRow>(View.WorkOrders).GroupBy(order => order.Department, StringComparer.Ordinal))
        {
            long own = scene.Describe(ActorKind.Department, $"{of.Key}/harbour").GetProperty("open").GetInt64();
            Assert.True(own == of.Count(CaseChecks.IsOpen), $"{where}: {of.Key} counts {own} open work orders, and there are {of.Count(CaseChecks.IsOpen)}.");
        }
    }

    /// <summary>What happens, by a seed.</summary>
    private sealed class Play(int seed)
    {
        private readonly Random random = new(seed);
        private readonly SortedDictionary<string, int> numbers = new(StringComparer.Ordinal);
        private readonly string[] departments = [.. CityRules.Shipped.Departments.Select(department => department.Id)];
        private int filed;
        private int told;

        public Scene Scene { get; } = new(CityRules.Shipped, Start);

        /// <summary>Warnings that are open, as their subjects know it.</summary>
        public SortedDictionary<string, Warning> Open { get; } = new(StringComparer.Ordinal);

        public void Step()
        {
            switch (random.Next(8))
            {
                case 0:
                    Warn();
                    break;
                case 1:
                    Report();
                    break;
                case 2:
                    Scene.AdvanceTo(Scene.Now.AddMinutes(random.Next(3) == 0 ? random.Next(1, 5000) : random.Next(1, 100)));
                    break;
                case 3:
                    MergeOrSplit();
                    break;
                default:
                    Act();
                    break;
            }

            HearOfEnds();
        }

        /// <summary>Completes what is open until nothing is, as departments would that say anything that their stage knows.</summary>
        public void WorkOff()
        {
            for (int round = 0; round < 3000 && Scene.Rows<CaseRow>(View.Cases).FirstOrDefault(row => row.State == "open") is { } row; round++)
            {
                // The lead and, where the stage is joint, all who have to sign.
                foreach (WorkOrderRow order in row.WorkOrders.Where(CaseChecks.IsOpen))
                {
                    if (order.State == "parked" || order.Request is not null)
                    {
                        Do(row, order, order.State == "parked" ? "resume" : "refuse", decides: true);
                    }

                    Do(row, order, order.Department == Rulebook.CommandCentre && random.Next(2) == 0 ? "rule" : "complete", decides: false);
                }

                Scene.AdvanceTo(Scene.Now.AddMinutes(1));
            }

            HearOfEnds();
        }

        /// <summary>A subject that hears of the end of its case begins anew with the next number.</summary>
        private void HearOfEnds()
        {
            for (; told < Scene.Elsewhere.Count; told++)
            {
                if (Scene.Elsewhere[told] is { Kind: MessageKind.CaseClosed, Body: var body })
                {
                    Open.Remove(JsonDocument.Parse(body).RootElement.GetProperty("warningId").GetString()!);
                }
            }
        }

        private void Warn()
        {
            int which = random.Next(4);
            (ActorKind kind, Warning made) = which switch
            {
                0 => (ActorKind.Vehicle, Warnings.Overload(Scene.Now, $"粤H{random.Next(3)}2345-yellow")),
                1 => (ActorKind.Enterprise, Warnings.Tank(Scene.Now)),
                2 => (ActorKind.Source, Warnings.Overload(Scene.Now, Devices[random.Next(Devices.Length)]) with { Kind = "source-silence", SubjectKind = "source" }),
                _ => (ActorKind.Place, Warnings.Overload(Scene.Now, $"plaza-{random.Next(2)}") with { Kind = "street-stall", SubjectKind = "place", Evidence = new Evidence([], new SortedDictionary<string, double>(StringComparer.Ordinal) { ["latitudeDeg"] = 23.1 + (random.Next(3) * 0.001), ["longitudeDeg"] = 113.3 }, null, null) }),
            };
            string key = $"{made.Subject}/{made.Kind}";
            int number = numbers.GetValueOrDefault(key, 1);
            string id = $"{key}/{number}";
            WarningChange change = !Open.ContainsKey(id) ? WarningChange.Opened : random.Next(3) == 0 ? WarningChange.Cleared : WarningChange.Updated;
            if (change == WarningChange.Opened && numbers.ContainsKey(key))
            {
                id = $"{key}/{++number}";
            }

            numbers[key] = number;
            Warning warning = made with { Id = id, Severity = 1 + random.Next(3), Open = change != WarningChange.Cleared };
            Scene.Send(ActorKind.Dispatcher, "harbour", MessageKind.WarningChanged, new WarningChanged(change, kind, warning));
            if (change == WarningChange.Cleared)
            {
                Open.Remove(id);
            }
            else
            {
                Open[id] = warning;
            }
        }

        private void Report()
        {
            string id = $"r-{++filed:000}";
            string text = Texts[random.Next(Texts.Length)];
            ReportPlace place = new(random.Next(6) == 0 ? "plaza-0" : null, null, 23.1 + (random.Next(20) * 0.0001), 113.3);
            ReportFacts facts = new(id, "hotline", "harbour", ReportText.Of(text).Kind, text, place, Scene.Now, []);
            Assert.Equal(ReplyStatus.Done, Scene.Send(ActorKind.Report, id, MessageKind.FileReport, new ReportFiled(facts, true, null, new Reporter("Zhang", "13800000000"), "desk", text))!.Status);
        }

        private void MergeOrSplit()
        {
            CaseRow[] cases = Scene.Rows<CaseRow>(View.Cases);
            if (cases.Length == 0)
            {
                return;
            }

            CaseRow one = cases[random.Next(cases.Length)];
            if (random.Next(2) == 0)
            {
                Scene.Send(ActorKind.Case, one.Id, MessageKind.MergeCase, new CaseMerge(cases[random.Next(cases.Length)].Id, "the same", "chief", null, null, true));
            }
            else if (one.Reports is { Length: > 0 } reports)
            {
                Scene.Send(ActorKind.Case, one.Id, MessageKind.SplitCase, new CaseSplit([.. reports.Where(_ => random.Next(2) == 0).Select(report => report.Id)], "not the same", "chief", null, null, true));
            }
        }

        private void Act()
        {
            CaseRow[] cases = Scene.Rows<CaseRow>(View.Cases);
            if (cases.Length == 0)
            {
                return;
            }

            CaseRow row = cases[random.Next(cases.Length)];
            if (row.State != "open")
            {
                string action = ((string[])["reopen", "call-back", "archive"])[random.Next(random.Next(6) == 0 ? 3 : 2)];
                Scene.Send(ActorKind.Case, row.Id, MessageKind.ActOnCase, new CaseAction(action, "chief", null, "why", random.Next(2) == 0 ? "satisfied" : "dissatisfied", null, true));
                return;
            }

            WorkOrderRow order = row.WorkOrders[random.Next(row.WorkOrders.Length)];
            string does = random.Next(4) == 0 || order.Allowed.Length == 0 ? Actions[random.Next(Actions.Length)] : order.Allowed[random.Next(order.Allowed.Length)];
            Do(row, order, does, does is "approve" or "refuse" && random.Next(4) > 0);
        }

        private void Do(CaseRow row, WorkOrderRow order, string action, bool decides) =>
            Scene.Send(ActorKind.Case, row.Id, MessageKind.ActOnWorkOrder, new WorkOrderAction(order.Id, action, "li", decides ? Rulebook.CommandCentre : order.Department, "note", OutcomeOf(row, order), null)
            {
                To = departments[random.Next(departments.Length)],
                Departments = [.. departments.Where(_ => random.Next(5) == 0)],
                Until = Scene.Now.AddHours(random.Next(1, 300)),
                Decides = decides,
                Record = order.Asks is null || random.Next(3) == 0 ? null : new(StringComparer.Ordinal) { ["why"] = "seen", ["not-seen"] = "not-visible" },
            });

        private string? OutcomeOf(CaseRow row, WorkOrderRow order)
        {
            if (order.Department == Rulebook.CommandCentre && random.Next(2) == 0)
            {
                return departments[random.Next(departments.Length)];
            }

            Stage? stage = CityRules.Shipped.Workflows.First(workflow => workflow.Id == row.Workflow).Stages.FirstOrDefault(its => its.Id == order.Stage);
            string[] codes = order.Role == "lead" ? [.. stage!.Outcomes.Select(outcome => outcome.Code)] : stage!.CoHandlerOutcomes;
            return codes.Length == 0 || random.Next(10) == 0 ? null : codes[random.Next(codes.Length)];
        }
    }
}
