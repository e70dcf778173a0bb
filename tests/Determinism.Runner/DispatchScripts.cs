using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Determinism;

/// <summary>Scripts of dispatcher, case and department: each leads its actor through everything that it can do, under the shipped rulebook.</summary>
internal static class DispatchScripts
{
    /// <summary>Friday, 2026-02-13, 10:00 in China: the Spring Festival is near.</summary>
    private const long Friday = 1_770_948_000_000;
    private const long Hour = 3_600_000;
    private const string Truck = "粤H12345-yellow";

    public static IEnumerable<ActorScript> All =>
    [
        new("dispatcher", ActorKind.Dispatcher, "north", Dispatcher()),
        new("case, overload off-site", ActorKind.Case, "north-1", Overload()),
        new("case, joint and overdue", ActorKind.Case, "north-2", Joint()),
        new("department", ActorKind.Department, "transport/*", Department()),
    ];

    private static List<ScriptStep> Dispatcher()
    {
        List<ScriptStep> steps = [];
        int number = 0;
        foreach (WarningChange change in new[] { WarningChange.Opened, WarningChange.Updated, WarningChange.Cleared, WarningChange.Opened })
        {
            foreach (string subject in new[] { Truck, "湘A00001-yellow", "桂B77777" })
            {
                steps.Add(Changed(change, Warning(subject, Friday + (++number * 1000), 1 + (number % 4), live: number % 5 != 0)));
            }
        }

        steps.Add(Closed("north-1", Truck));
        steps.Add(Closed("north-1", Truck));
        steps.Add(Changed(WarningChange.Updated, Warning(Truck, Friday + 50_000, 3)) with { Rules = Ours(2) });
        steps.Add(Changed(WarningChange.Updated, Warning(Truck, Friday + 60_000, 4)));
        steps[0] = steps[0] with { Rules = Ours(1) };
        return steps;
    }

    private static List<ScriptStep> Overload()
    {
        Warning warning = Warning(Truck, Friday, 2);
        CaseOpened opened = new("north-1", "north", ActorKind.Vehicle, warning, "overload-off-site", "transport", ["streets"], "rule 3");
        List<ScriptStep> steps =
        [
            Readings.Tell(MessageKind.CaseOpened, Friday + 1000, opened, GrainsJson.Default.CaseOpened) with { Rules = Ours(1) },
            Act(1, "accept", Friday + Hour, "transport"),
            Act(1, "accept", Friday + Hour, "transport"),
            Act(1, "complete", Friday + Hour, "streets", "confirmed"),
            Act(7, "complete", Friday + Hour, "transport"),
            Act(1, "complete", Friday + Hour, "transport", "penalty"),
            Act(1, "comment", Friday + (2 * Hour), "transport", note: "照片与车牌一致", evidence: ["sha256:1f", "https://pictures.example/2.jpg"]),
            Act(1, "notify", Friday + (2 * Hour), "transport", note: "请卸载 İ/ı"),
            Act(2, "notify", Friday + (2 * Hour), "streets", note: "说明装载地"),
            Changed("north-1-n2", 2, NoticeStates.Delivered, "webhook:sms"),
            Changed("north-1-n2", 2, NoticeStates.Failed, "webhook:sms: 404"),
            Changed("north-1-n2", 2, NoticeStates.Answered, "已整改", new string('b', 64)),
        ];
        for (int i = 0; i < 12; i++)
        {
            Warning next = Warning(Truck, Friday + (i * 60_000), i == 7 ? 3 : 2, live: i % 4 != 3) with { Confidence = 0.9 + (i / 123.0), Count = i + 2 };
            steps.Add(Joined(i == 10 ? WarningChange.Cleared : WarningChange.Updated, next, Friday + (3 * Hour) + i));
        }

        steps.Add(Act(1, "complete", Friday + (4 * Hour), "transport", "confirmed", "超限 22.45 %"));
        steps.Add(Act(3, "complete", Friday + (5 * Hour), "traffic-police", "insufficient-evidence"));
        steps.Add(Act(4, "complete", Friday + (6 * Hour), null, note: "第二张照片"));
        // What is returned once goes back to the review, what is returned again to the command centre, which names who does it.
        steps.Add(Act(5, "return", Friday + (7 * Hour), "traffic-police"));
        steps.Add(Act(6, "complete", Friday + (7 * Hour), "transport", "confirmed"));
        steps.Add(Act(7, "return", Friday + (7 * Hour), "traffic-police"));
        steps.Add(Act(8, "return", Friday + (8 * Hour), "command-centre"));
        steps.Add(Act(8, "return", Friday + (8 * Hour), "command-centre", "traffic-police"));
        steps.Add(Act(9, "complete", Friday + (9 * Hour), "traffic-police", "confirmed") with { Rules = Ours(2) });
        steps.Add(Act(10, "complete", Friday + (10 * Hour), "traffic-police", "penalty", "¥5,500"));
        steps.Add(Act(11, "complete", Friday + (11 * Hour), "transport", "notified"));
        steps.Add(Act(11, "comment", Friday + (12 * Hour), "transport", note: "x"));
        steps.Add(Joined(WarningChange.Updated, Warning(Truck, Friday + (12 * Hour), 2), Friday + (12 * Hour)));

        // Closed, it is forgotten after 400 days; who still speaks of it is told that there is no such case.
        steps.Add(new ScriptStep { Kind = MessageKind.Expire, Body = [], NowMs = Friday + (399 * 24 * Hour) });
        steps.Add(new ScriptStep { Kind = MessageKind.Expire, Body = [], NowMs = Friday + (402 * 24 * Hour) });
        steps.Add(Act(11, "comment", Friday + (403 * 24 * Hour), "transport", note: "x"));
        return steps;
    }

    private static List<ScriptStep> Joint()
    {
        Warning warning = Warning("91440101MA5CH001", Friday, 3) with { SubjectKind = "enterprise", Kind = "tank-pressure" };
        CaseOpened opened = new("north-2", "north", ActorKind.Enterprise, warning, "hazmat-joint", "emergency", ["fire-rescue", "ecology"], "rule 5");
        List<ScriptStep> steps = [Readings.Tell(MessageKind.CaseOpened, Friday, opened, GrainsJson.Default.CaseOpened) with { Rules = Ours(1) }];
        foreach (int hours in new[] { 1, 2, 3, 4, 5 })
        {
            foreach (string name in new[] { "due:w1", "due:w2", "due:w3", "due:w9" })
            {
                steps.Add(new ScriptStep { Kind = MessageKind.Reminded, Body = Encoding.UTF8.GetBytes(name), NowMs = Friday + (hours * Hour) });
            }
        }

        steps.Add(Act(1, "complete", Friday + (6 * Hour), "emergency", "corrected", number: 2));
        steps.Add(Act(2, "complete", Friday + (6 * Hour), "fire-rescue", number: 2));
        steps.Add(Act(3, "return", Friday + (6 * Hour), "ecology", number: 2));
        steps.Add(Act(1, "return", Friday + (7 * Hour), "emergency", note: "不属于本部门", number: 2));
        steps.Add(Act(4, "complete", Friday + (8 * Hour), "command-centre", "production-stopped", number: 2));
        steps.Add(Act(5, "complete", Friday + (9 * Hour), "command-centre", number: 2));
        return steps;
    }

    private static List<ScriptStep> Department()
    {
        List<ScriptStep> steps = [];
        foreach (string type in new[] { "work-order", "work-order", "overdue", "completed", "returned", "withdrawn", "escalated", "urge", "warning-updated", "case-closed" })
        {
            foreach (string role in new[] { "lead", "co-handler", "informed" })
            {
                Warning warning = Warning(Truck, Friday, 2);
                Alert alert = new(
                    0, type, "transport", "north", "north-1", "north-1-w1", Truck, "vehicle", warning.Kind, 2, 0.971, "transport-review", role,
                    At(Friday + steps.Count), At(Friday + 5), warning.Explanation, warning.Evidence, Live: true);
                steps.Add(Readings.Tell(MessageKind.AlertIssued, Friday + steps.Count, alert, GrainsJson.Default.Alert));
            }
        }

        return steps;
    }

    private static ScriptStep Changed(string notice, int order, string what, string note, string? picture = null) =>
        Readings.Tell(MessageKind.NoticeChanged, Friday + (2 * Hour), new NoticeChanged(notice, $"north-1-w{order}", what, note, picture), GrainsJson.Default.NoticeChanged);

    private static Rulebook Ours(int version) => ShippedCity.Rules.WithVersion(version);

    private static ScriptStep Act(int order, string action, long nowMs, string? department, string? outcome = null, string? note = null, string[]? evidence = null, int number = 1) =>
        Readings.Tell(MessageKind.ActOnWorkOrder, nowMs, new WorkOrderAction($"north-{number}-w{order}", action, "王伟", department, note, outcome, evidence), GrainsJson.Default.WorkOrderAction);

    private static ScriptStep Changed(WarningChange change, Warning warning) =>
        Readings.Tell(MessageKind.WarningChanged, warning.Updated.ToUnixTimeMilliseconds(), new WarningChanged(change, ActorKind.Vehicle, warning), GrainsJson.Default.WarningChanged);

    private static ScriptStep Joined(WarningChange change, Warning warning, long nowMs) =>
        Readings.Tell(MessageKind.WarningJoined, nowMs, new WarningChanged(change, ActorKind.Vehicle, warning), GrainsJson.Default.WarningChanged);

    private static ScriptStep Closed(string id, string subject) =>
        Readings.Tell(
            MessageKind.CaseClosed, Friday + 40_000, new CaseClosed(id, subject, ActorKind.Vehicle, "over-road-limit", $"{subject}/over-road-limit/1", "penalty"), GrainsJson.Default.CaseClosed);

    private static Warning Warning(string subject, long atMs, int severity, bool live = true) => new(
        $"{subject}/over-road-limit/1",
        subject,
        "vehicle",
        "over-road-limit",
        severity,
        0.9713,
        "road-limit/1",
        1,
        "north",
        At(Friday),
        At(atMs),
        1,
        true,
        live,
        new Explanation("60,000 kg on six axles: 11,000 kg over the limit.", "六轴车辆总质量 60,000 千克，超限 11,000 千克。"),
        new Evidence(
            [new CitedReading("S07", "S07-000123", At(atMs), "https://pictures.example/1.jpg")],
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["grossKg"] = 60_000, ["Übermaß"] = 22.45, ["overPct"] = 22.45, ["iI"] = 0.1 },
            "49,000 kg",
            "超限运输车辆行驶公路管理规定 Art. 3"));

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
