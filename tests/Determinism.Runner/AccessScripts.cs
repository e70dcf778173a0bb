using Streaming.Grains.Messages;
using Streaming.Grains.Turns;

namespace Streaming.Determinism;

/// <summary>Scripts of session and token.</summary>
internal static class AccessScripts
{
    private const long Noon = 1_795_262_400_000;

    public static IEnumerable<ActorScript> All =>
    [
        new("session", ActorKind.Session, "t1/console-7", Session()),
        new("token", ActorKind.Token, "t1", Token()),
    ];

    private static List<ScriptStep> Session() =>
    [
        Subscribe("v1/departments/transport/+/alerts", "transport/*", 12),
        Subscribe("İ/ı", "transport/north", 0),
        Subscribe("i/I", "transport/harbour", 3),
        Acknowledge("İ/ı", 7),
        Acknowledge("İ/ı", 5),
        Acknowledge("i/I", 9),
        Acknowledge("absent", 9),
        Subscribe("i/I", "transport/east", 2),
        Subscribe("", "transport/east", 2),
        Acknowledge("v1/departments/transport/+/alerts", -1),
        new ScriptStep { Kind = MessageKind.EndSession, Body = [], NowMs = Noon },
        Subscribe("i/I", "transport/harbour", 4),
        new ScriptStep { Kind = MessageKind.Expire, Body = [], NowMs = Noon + (399L * 86_400_000) },
        new ScriptStep { Kind = MessageKind.Expire, Body = [], NowMs = Noon + (401L * 86_400_000) },
        Acknowledge("i/I", 9),
    ];

    private static List<ScriptStep> Token() =>
    [
        Issue(new TokenRegistration("t1", "member", "transport", "*", "sha256:ab", 0), Noon),
        Issue(new TokenRegistration("t1", "member", "transport", "*", "sha256:ab", 0), Noon + 1),
        Issue(new TokenRegistration("t1", "administrator", null, "*", "sha256:cd", 0), Noon + 2),
        Issue(new TokenRegistration("t2", "king", null, "", "", 0), Noon + 3),
    ];

    private static ScriptStep Subscribe(string filter, string feed, long from) =>
        Readings.Tell(MessageKind.SubscribeSession, Noon, new SessionSubscribed(filter, feed, from, 1), GrainsJson.Default.SessionSubscribed);

    private static ScriptStep Acknowledge(string filter, long number) =>
        Readings.Tell(MessageKind.AcknowledgeSession, Noon, new SessionAcknowledged(filter, number), GrainsJson.Default.SessionAcknowledged);

    private static ScriptStep Issue(TokenRegistration registration, long nowMs) =>
        Readings.Tell(MessageKind.IssueToken, nowMs, registration, GrainsJson.Default.TokenRegistration);
}
