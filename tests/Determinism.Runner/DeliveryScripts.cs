using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Grains.Webhooks;
using static Streaming.Determinism.Readings;

namespace Streaming.Determinism;

/// <summary>Scripts of storms, of what is held back, and of webhooks.</summary>
internal static class DeliveryScripts
{
    private const long Noon = 1_795_262_400_000;
    private const long Minute = 60_000;

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    public static IEnumerable<ActorScript> All =>
    [
        new("dispatcher, storm", ActorKind.Dispatcher, "north", Dispatcher()),
        new("case, storm", ActorKind.Case, "north-1", Case()),
        new("webhook", ActorKind.Webhook, "wh-i", Webhook()),
    ];

    private static List<ScriptStep> Dispatcher()
    {
        Silence silence = new() { Id = "s2", Kinds = ["over-*"], By = "王İ", Reason = "施工，1,5", From = At(Noon), Until = At(Noon + (30 * Minute)) };
        List<ScriptStep> steps = [Warn(WarningChange.Opened, "C1", "source-silence", 0) with { Rules = Ours(1) }];
        for (int i = 2; i < 60; i++)
        {
            steps.Add(Warn(WarningChange.Opened, $"C{i}", "source-silence", i));
        }

        steps.Add(Warn(WarningChange.Opened, "C1", "clock-off", 61));
        steps.Add(Warn(WarningChange.Opened, "C2", "source-rejects", 62));
        steps.Add(Warn(WarningChange.Cleared, "C2", "source-rejects", 63));
        steps.Add(Warn(WarningChange.Cleared, "C1", "source-silence", 64));
        steps.Add(Warn(WarningChange.Opened, "ı", "over-road-limit", 65) with { Rules = Ours(2, silence) });
        steps.Add(Warn(WarningChange.Updated, "ı", "over-road-limit", 66));
        steps.Add(Warn(WarningChange.Opened, "İ", "over-road-limit", 67, severity: 4));
        steps.Add(Tell(MessageKind.CaseClosed, Noon + (2 * Minute), new CaseClosed("north-1", "C1", ActorKind.Source, "source-silence", "C1/source-silence/1", "corrected"), GrainsJson.Default.CaseClosed));
        steps.Add(Remind(Noon + (2 * Minute)));
        steps.Add(Warn(WarningChange.Opened, "C59", "source-silence", 130));
        steps.Add(Remind(Noon + (2 * Minute) + 1));
        steps.Add(Remind(Noon + (2 * Minute) + 2));
        steps.Add(new ScriptStep { Kind = MessageKind.LookAtHeld, Body = [], NowMs = Noon + (3 * Minute) });
        steps.Add(Remind(Noon + (3 * Minute)));
        steps.Add(Remind(Noon + (30 * Minute)));
        steps.Add(Remind(Noon + (30 * Minute) + 1));
        return steps;
    }

    private static List<ScriptStep> Case()
    {
        CaseOpened opened = new("north-1", "north", ActorKind.Source, Warning("C1", "source-silence", 0, 1), "simple", "command-centre", [], "rule İ");
        List<ScriptStep> steps = [Tell(MessageKind.CaseOpened, Noon, opened, GrainsJson.Default.CaseOpened) with { Rules = Ours(1) }];
        for (int i = 2; i < 40; i++)
        {
            WarningChanged changed = new(WarningChange.Opened, ActorKind.Source, Warning($"C{i}", "source-silence", i, i == 20 ? 3 : 1), i == 7 ? "s2" : null);
            steps.Add(Tell(MessageKind.WarningGrouped, Noon + (i * 700), new WarningGrouped(changed, "sources-ı", IsHeld: i % 9 == 0), GrainsJson.Default.WarningGrouped));
        }

        steps.Add(Tell(MessageKind.WarningJoined, Noon + 30_000, new WarningChanged(WarningChange.Cleared, ActorKind.Source, Warning("C2", "source-silence", 30, 1)), GrainsJson.Default.WarningChanged));
        steps.Add(new ScriptStep { Kind = MessageKind.Reminded, Body = "storm:row"u8.ToArray(), NowMs = Noon + 31_000 });
        steps.Add(new ScriptStep { Kind = MessageKind.Reminded, Body = "storm:tell"u8.ToArray(), NowMs = Noon + (20 * Minute) });
        steps.Add(Tell(MessageKind.WarningGrouped, Noon + (21 * Minute), new WarningGrouped(new WarningChanged(WarningChange.Opened, ActorKind.Source, Warning("C99", "source-silence", 99, 4)), "sources-ı", IsHeld: false), GrainsJson.Default.WarningGrouped));
        steps.Add(Tell(MessageKind.ActOnWorkOrder, Noon + (22 * Minute), new WorkOrderAction("north-1-w1", "complete", "王", "command-centre", "恢复供电", "corrected", null), GrainsJson.Default.WorkOrderAction));
        return steps;
    }

    private static List<ScriptStep> Webhook()
    {
        Alert item = new(8, "urge", "transport", "north", "north-1", "north-1-w1", "İ", "vehicle", "over-road-limit", 2, 0.5, "handling", "lead", At(Noon), null, new Explanation("İ", "催办"), new Evidence([], [], null, null), true);
        return
        [
            Tell(MessageKind.ActOnWebhook, Noon, new WebhookAction(WebhookActions.Enable, "i"), GrainsJson.Default.WebhookAction) with { Rules = Ours(1) },
            Tell(MessageKind.RegisterWebhook, Noon, new WebhookRegistered("https://r.example/İ", "transport", "*", ["urge", "overdue"], 2, 5, "王"), GrainsJson.Default.WebhookRegistered),
            Tell(MessageKind.RegisterWebhook, Noon, new WebhookRegistered("https://r.example/i", "transport", "*", [], 2, 5, "王"), GrainsJson.Default.WebhookRegistered),
            Mark(1, new WebhookMarked(7)),
            Mark(2, new WebhookMarked(7, new WebhookFailing(8, At(Noon + 2), 1, At(Noon + 2002), "the receiver answered 500"))),
            Mark(3, new WebhookMarked(8, null, new DeadLetter("wh-i", 8, At(Noon + 3), 99, "İ", item))),
            Mark(3, new WebhookMarked(8, null, new DeadLetter("wh-i", 8, At(Noon + 3), 99, "İ", item))),
            Tell(MessageKind.ActOnWebhook, Noon + 4, new WebhookAction(WebhookActions.Resend, "i", 8), GrainsJson.Default.WebhookAction),
            Tell(MessageKind.ActOnWebhook, Noon + 4, new WebhookAction(WebhookActions.Resend, "i", 9), GrainsJson.Default.WebhookAction),
            Mark(5, new WebhookMarked(8, NotResent: 8, Reason: "again")),
            Tell(MessageKind.ActOnWebhook, Noon + 6, new WebhookAction(WebhookActions.Resend, "i"), GrainsJson.Default.WebhookAction),
            Mark(7, new WebhookMarked(8, Resent: 8)),
            Mark(8, new WebhookMarked(8, Gone: true, Reason: "the receiver answered 410")),
            Tell(MessageKind.ActOnWebhook, Noon + 9, new WebhookAction(WebhookActions.Secret, "i"), GrainsJson.Default.WebhookAction),
            Tell(MessageKind.ActOnWebhook, Noon + 9, new WebhookAction(WebhookActions.Enable, "i"), GrainsJson.Default.WebhookAction),
            Tell(MessageKind.ActOnWebhook, Noon + 10, new WebhookAction(WebhookActions.Disable, "i"), GrainsJson.Default.WebhookAction),
            Tell(MessageKind.ActOnWebhook, Noon + 11, new WebhookAction(WebhookActions.Remove, "i"), GrainsJson.Default.WebhookAction),
            Mark(12, new WebhookMarked(9)),
        ];

        static ScriptStep Mark(long ms, WebhookMarked mark) => Tell(MessageKind.MarkWebhook, Noon + ms, mark, GrainsJson.Default.WebhookMarked);
    }

    private static ScriptStep Remind(long nowMs) => new() { Kind = MessageKind.Reminded, Body = "go-on"u8.ToArray(), NowMs = nowMs };

    private static ScriptStep Warn(WarningChange change, string subject, string kind, int second, int severity = 2) =>
        Tell(MessageKind.WarningChanged, Noon + (second * 1000), new WarningChanged(change, ActorKind.Source, Warning(subject, kind, second, severity)), GrainsJson.Default.WarningChanged);

    private static Warning Warning(string subject, string kind, int second, int severity) => new(
        $"{subject}/{kind}/1", subject, "source", kind, severity, 0.9, "source-silence/1", 1, "north", At(Noon + (second * 1000)), At(Noon + (second * 1000)), 1, true, true, new Explanation("Silent for 1.5 h. İ", "已沉默"),
        new Evidence([], new SortedDictionary<string, double>(StringComparer.Ordinal) { ["silentS"] = 5400.5 }, null, null));

    private static Rulebook Ours(int version, params Silence[] silences) => ShippedCity.Rules.With(new RulebookDecisions { Silences = silences }).WithVersion(version);
}
