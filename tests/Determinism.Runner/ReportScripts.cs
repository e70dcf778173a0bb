using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Determinism;

/// <summary>Scripts of reports: the life of one, a dispatcher that brings them together, and a case that has several.</summary>
internal static class ReportScripts
{
    private const long Noon = 1_795_262_400_000;
    private const long Minute = 60_000;

    public static IEnumerable<ActorScript> All =>
    [
        new("report", ActorKind.Report, "r-i", Life()),
        new("dispatcher, reports", ActorKind.Dispatcher, "north", Dispatcher()),
        new("case, reports", ActorKind.Case, "north-1", Case()),
        new("case, merged", ActorKind.Case, "north-2", Merged()),
    ];

    private static List<ScriptStep> Life()
    {
        ReportFiled filed = new(Facts("r-i", "İstanbul 路12号有人摆摊", 0), true, "ı-1", new Reporter("李", "1"), "desk", "a");
        MergeReason similar = new(MergeReason.Similar, "r-ı", true, 38.4, 12.5, 0.625, 0.71);
        return
        [
            Readings.Tell(MessageKind.FileReport, Noon, filed, GrainsJson.Default.ReportFiled) with { Rules = Ours },
            Readings.Tell(MessageKind.FileReport, Noon + 1, filed, GrainsJson.Default.ReportFiled),
            Readings.Tell(MessageKind.FileReport, Noon + 2, filed with { Digest = "b" }, GrainsJson.Default.ReportFiled),
            Readings.Tell(MessageKind.ReportChanged, Noon + 3, new ReportChanged("north-1", ReportStates.Open, similar), GrainsJson.Default.ReportChanged),
            Readings.Tell(MessageKind.SplitOffReport, Noon + 4, new ReportSplitOff("north-1", null, ["r-2"], "chief", "two"), GrainsJson.Default.ReportSplitOff),
            Readings.Tell(MessageKind.SplitOffReport, Noon + 5, new ReportSplitOff("north-9", null, null, "chief", "two"), GrainsJson.Default.ReportSplitOff),
            Readings.Tell(MessageKind.ReportChanged, Noon + 6, new ReportChanged("north-2", ReportStates.Open, new MergeReason(MergeReason.Split, "north-1", By: "chief", Note: "two")), GrainsJson.Default.ReportChanged),
            Readings.Tell(MessageKind.ReportChanged, Noon + 7, new ReportChanged("north-1", ReportStates.Closed), GrainsJson.Default.ReportChanged),
            Readings.Tell(MessageKind.ReportChanged, Noon + 8, new ReportChanged("north-2", ReportStates.CalledBack, null, "corrected", new CallBack(At(8), "desk", "satisfied", "1,5")), GrainsJson.Default.ReportChanged),
            new ScriptStep { Kind = MessageKind.Expire, Body = [], NowMs = Noon + (500L * 24 * 60 * Minute) },
        ];
    }

    private static List<ScriptStep> Dispatcher()
    {
        List<ScriptStep> steps = [];
        string[] texts = ["人民路12号有人摆摊卖水果", "A fruit stall at 12 Renmin Road", "有人摆摊卖烧烤", "İki stall, fruit", "货车粤H12345漏油", "truck h12345 spills oil", "井盖不见了", "冒烟", "fire", "ı"];
        for (int i = 0; i < 40; i++)
        {
            ReportFacts facts = Facts($"r-{i:00}", texts[i % texts.Length], i * 3, northM: i % 7 * 40, place: i % 11 == 5 ? "plaza-ı" : null);
            steps.Add(Readings.Tell(MessageKind.PlaceReport, Noon + (i * 3 * Minute), new ReportToPlace(facts), GrainsJson.Default.ReportToPlace));
        }

        Warning stall = Warning("gate", "street-stall", 150);
        steps.Add(Readings.Tell(MessageKind.WarningChanged, Noon + (130 * Minute), new WarningChanged(WarningChange.Opened, ActorKind.Place, stall), GrainsJson.Default.WarningChanged));
        steps.Add(Readings.Tell(MessageKind.WarningChanged, Noon + (131 * Minute), new WarningChanged(WarningChange.Opened, ActorKind.Place, Warning("far", "smoke", 9000)), GrainsJson.Default.WarningChanged));
        steps.Add(Readings.Tell(MessageKind.PlaceReport, Noon + (132 * Minute), new ReportToPlace(Facts("r-01", texts[1], 3), "north-1", null, ["r-03", "r-10"], "chief", "two"), GrainsJson.Default.ReportToPlace));
        steps.Add(Readings.Tell(MessageKind.PlaceReport, Noon + (133 * Minute), new ReportToPlace(Facts("r-03", texts[3], 9), "north-1", "north-5", null, "chief", "two"), GrainsJson.Default.ReportToPlace));
        steps.Add(Readings.Tell(MessageKind.CaseClosed, Noon + (134 * Minute), new CaseClosed("north-2", "r-02", ActorKind.Report, "street-stall", "r-02/street-stall/1", "merged", "north-1"), GrainsJson.Default.CaseClosed));
        steps.Add(Readings.Tell(MessageKind.CaseClosed, Noon + (135 * Minute), new CaseClosed("north-1", "r-00", ActorKind.Report, "street-stall", "r-00/street-stall/1", "corrected"), GrainsJson.Default.CaseClosed));
        steps.Add(Readings.Tell(MessageKind.PlaceReport, Noon + (136 * Minute), new ReportToPlace(Facts("r-50", texts[0], 130)), GrainsJson.Default.ReportToPlace));
        steps.Add(Readings.Tell(MessageKind.CaseReopened, Noon + (137 * Minute), new CaseReopened("north-1", "r-00", ActorKind.Report, "street-stall"), GrainsJson.Default.CaseReopened));
        for (int day = 1; day < 130; day += 8)
        {
            steps.Add(Readings.Tell(MessageKind.PlaceReport, Noon + (day * 24L * 60 * Minute), new ReportToPlace(Facts($"r-d{day}", texts[6], day * 24 * 60)), GrainsJson.Default.ReportToPlace));
        }

        steps[0] = steps[0] with { Rules = Ours };
        return steps;
    }

    private static List<ScriptStep> Case()
    {
        List<ScriptStep> steps = [Opened("north-1", new MergeReason(MergeReason.First), ["north-0"]) with { Rules = Ours }];
        for (int i = 1; i < 70; i++)
        {
            steps.Add(Readings.Tell(MessageKind.ReportJoined, Noon + (i * Minute), new ReportJoined(Facts($"r-{i}", "摊", i), new MergeReason(MergeReason.Similar, "r-0", i % 3 > 0, i * 1.5, i, 0.5 + (i / 300.0), 0.6)), GrainsJson.Default.ReportJoined));
        }

        steps.Add(Readings.Tell(MessageKind.WarningJoined, Noon + (80 * Minute), new WarningChanged(WarningChange.Opened, ActorKind.Place, Warning("gate", "street-stall", 10), Why: new MergeReason(MergeReason.Similar, "r-0", true, 12.5, 1)), GrainsJson.Default.WarningChanged));
        steps.Add(Readings.Tell(MessageKind.SplitCase, Noon + (81 * Minute), new CaseSplit(["r-3", "r-4"], "ı", "chief", null, "k", true), GrainsJson.Default.CaseSplit));
        steps.Add(Readings.Tell(MessageKind.CaseMerged, Noon + (82 * Minute), new CaseMerged("north-2", [new CaseReportRef("r-x", Noon, "grid", new MergeReason(MergeReason.First))], 2, 3, [new CaseSubject(ActorKind.Place, "plaza-ı", "smoke", "plaza-ı/smoke/1")], [], "chief", null, true, "i"), GrainsJson.Default.CaseMerged));
        foreach (string order in (string[])["north-1-w1", "north-1-w2", "north-1-w3", "north-1-w4"])
        {
            steps.Add(Readings.Tell(MessageKind.ActOnWorkOrder, Noon + (83 * Minute), new WorkOrderAction(order, "complete", "王", null, null, "corrected", null), GrainsJson.Default.WorkOrderAction));
        }

        steps.Add(Readings.Tell(MessageKind.TellReports, Noon + (84 * Minute), new ReportsToTell(0), GrainsJson.Default.ReportsToTell));
        steps.Add(Readings.Tell(MessageKind.TellReports, Noon + (84 * Minute), new ReportsToTell(50), GrainsJson.Default.ReportsToTell));
        foreach (string? report in (string?[])[null, "r-1", "r-none", "r-2"])
        {
            steps.Add(Readings.Tell(MessageKind.ActOnCase, Noon + (85 * Minute), new CaseAction("call-back", "chief", null, "İ", report == "r-2" ? "dissatisfied" : "satisfied", null, true, report), GrainsJson.Default.CaseAction));
        }

        return steps;
    }

    private static List<ScriptStep> Merged() =>
    [
        Opened("north-2", new MergeReason(MergeReason.Split, "north-1", By: "chief", Note: "two"), null) with { Rules = Ours },
        Readings.Tell(MessageKind.MergeCase, Noon + 1, new CaseMerge("north-1", "ı", "x", "ecology", null, false), GrainsJson.Default.CaseMerge),
        Readings.Tell(MessageKind.MergeCase, Noon + 2, new CaseMerge("north-1", "ı", "chief", null, null, true), GrainsJson.Default.CaseMerge),
        Readings.Tell(MessageKind.ReportJoined, Noon + 3, new ReportJoined(Facts("r-9", "摊", 1), new MergeReason(MergeReason.First)), GrainsJson.Default.ReportJoined),
        Readings.Tell(MessageKind.UndoMerge, Noon + 4, new MergeUndone("north-1", "closed"), GrainsJson.Default.MergeUndone),
    ];

    private static ScriptStep Opened(string id, MergeReason why, string[]? earlier)
    {
        ReportFacts facts = Facts("r-0", "有人摆摊", 0);
        CaseOpened opened = new(id, "north", ActorKind.Report, Warning("r-0", "street-stall", 0) with { SubjectKind = "report" }, "graduated", "streets", [], "rule 1", facts, why, earlier);
        return Readings.Tell(MessageKind.CaseOpened, Noon, opened, GrainsJson.Default.CaseOpened);
    }

    private static Rulebook Ours => ShippedCity.Rules.WithVersion(1);

    private static ReportFacts Facts(string id, string text, int minute, double northM = 0, string? place = null) => new(
        id, "hotline", "north", Streaming.Models.Reports.ReportText.Of(text).Kind, text, new ReportPlace(place, null, 23.1 + (northM / 111_195), 113.3), At(minute * Minute), []);

    private static Warning Warning(string subject, string kind, double northM) => new(
        $"{subject}/{kind}/1", subject, "place", kind, 2, 0.9713, "video-events/1", 1, "north", At(0), At(120 * Minute), 1, true, true, new Explanation("i", "ı"),
        new Evidence([], new SortedDictionary<string, double>(StringComparer.Ordinal) { ["latitudeDeg"] = 23.1 + (northM / 111_195), ["longitudeDeg"] = 113.3 }, null, null));

    private static DateTimeOffset At(long afterMs) => DateTimeOffset.FromUnixTimeMilliseconds(Noon + afterMs);
}
