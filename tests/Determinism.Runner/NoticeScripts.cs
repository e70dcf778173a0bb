using Streaming.Grains.Messages;
using Streaming.Grains.Turns;

namespace Streaming.Determinism;

/// <summary>Script of a notice, through all that can become of one.</summary>
internal static class NoticeScripts
{
    private const long Noon = 1_795_262_400_000;
    private const long Hour = 3_600_000;
    private const string Id = "north-1-n1";

    public static IEnumerable<ActorScript> All =>
    [
        new("notice, answered", ActorKind.Notice, Id, Answered()),
        new("notice, expired", ActorKind.Notice, Id, Expired()),
        new("notice, withdrawn", ActorKind.Notice, Id, Withdrawn()),
    ];

    private static List<ScriptStep> Answered() =>
    [
        Attempt("mqtt", 1, NoticeOutcomes.Delivered, Noon),
        Issue(),
        Address("webhook:İ", "webhook:ı", "webhook:i", "mqtt"),
        Address("webhook:I"),
        Attempt("webhook:ı", 1, NoticeOutcomes.Retry, Noon, "1,5 s", Noon + Hour),
        Attempt("webhook:ı", 2, NoticeOutcomes.Failed, Noon, "404"),
        Attempt("webhook:i", 2, NoticeOutcomes.Delivered, Noon),
        Attempt("webhook:i", 1, NoticeOutcomes.Delivered, Noon),
        Send(MessageKind.OpenNotice, Noon + 1),
        Readings.Tell(MessageKind.AnswerNotice, Noon + Hour, new NoticeAnswered("已整改\nİ", new string('b', 64), "image/png"), GrainsJson.Default.NoticeAnswered),
        Readings.Tell(MessageKind.AnswerNotice, Noon + Hour, new NoticeAnswered(null, null, null), GrainsJson.Default.NoticeAnswered),
        Attempt("webhook:İ", 1, NoticeOutcomes.Delivered, Noon + Hour),
        Send(MessageKind.Expire, Noon + (399 * 24 * Hour)),
        Send(MessageKind.Expire, Noon + (402 * 24 * Hour)),
        Send(MessageKind.OpenNotice, Noon + (403 * 24 * Hour)),
    ];

    private static List<ScriptStep> Expired() =>
    [
        Issue(),
        Address("webhook:i"),
        Attempt("webhook:i", 1, NoticeOutcomes.Failed, Noon, "404"),
        new ScriptStep { Kind = MessageKind.Reminded, Body = "until"u8.ToArray(), NowMs = Noon + Hour },
        new ScriptStep { Kind = MessageKind.Reminded, Body = "until"u8.ToArray(), NowMs = Noon + (24 * Hour) },
        new ScriptStep { Kind = MessageKind.Reminded, Body = "until"u8.ToArray(), NowMs = Noon + (25 * Hour) },
    ];

    private static List<ScriptStep> Withdrawn() =>
    [
        Issue(),
        Readings.Tell(MessageKind.WithdrawNotice, Noon + Hour, new NoticeWithdrawn("the case is closed"), GrainsJson.Default.NoticeWithdrawn),
        Address("webhook:i"),
    ];

    private static ScriptStep Issue()
    {
        Warning warning = new(
            "粤H12345-yellow/over-road-limit/1", "粤H12345-yellow", "vehicle", "over-road-limit", 2, 0.9713, "road-limit/1", 1, "north", At(Noon), At(Noon), 1, true, true,
            new Explanation("60,000 kg on six axles.", "六轴车辆总质量 60,000 千克。"),
            new Evidence([new CitedReading("S07", "S07-1", At(Noon))], new SortedDictionary<string, double>(StringComparer.Ordinal) { ["grossKg"] = 60_000, ["Übermaß"] = 22.45, ["iI"] = 0.1 }, "49,000 kg", "Art. 3"));
        return Readings.Tell(
            MessageKind.IssueNotice, Noon, new NoticeIssued(Id, "north-1", "north", "north-1-w1", "transport", "notice", "王伟", new Explanation("Unload.", "请卸载。"), At(Noon + (24 * Hour)), warning), GrainsJson.Default.NoticeIssued)
            with
        { Rules = ShippedCity.Rules };
    }

    private static ScriptStep Address(params string[] channels) => Readings.Tell(MessageKind.AddressNotice, Noon, new NoticeAddressed(new string('a', 64), channels), GrainsJson.Default.NoticeAddressed);

    private static ScriptStep Attempt(string channel, int attempt, string outcome, long nowMs, string? reason = null, long? nextMs = null) =>
        Readings.Tell(MessageKind.AttemptNotice, nowMs, new NoticeAttempted(channel, attempt, outcome, reason, nextMs is { } next ? At(next) : null), GrainsJson.Default.NoticeAttempted);

    private static ScriptStep Send(MessageKind kind, long nowMs) => new() { Kind = kind, Body = [], NowMs = nowMs };

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
