using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Determinism;

/// <summary>Scripts of session and token.</summary>
internal static class AccessScripts
{
    private const long Noon = 1_795_262_400_000;

    public static IEnumerable<ActorScript> All =>
    [
        new("session", ActorKind.Session, "t1/console-7", Session()),
        new("session with messages", ActorKind.Session, "t1/console-8", Messages()),
        new("topics", ActorKind.Topics, Streaming.Grains.Messaging.Topics.City, Topics()),
        new("token", ActorKind.Token, "t1", Token()),
        new("audit", ActorKind.Audit, "ı", Audit()),
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
        Readings.Tell(MessageKind.OpenSession, Noon, new SessionOpened(3600), GrainsJson.Default.SessionOpened),
        Subscribe("i/I", "transport/harbour", 4),
        Subscribe("İ/ı", "transport/north", 0),
        Mark(marks =>
        {
            SessionMarks.Write(marks, SessionMark.Taken, 9);
            SessionMarks.Write(marks, SessionMark.Taken, 3);
            SessionMarks.WriteSent(marks, "İ/ı", 2, [new SentItem(1, 1), new SentItem(2, 2)]);
            SessionMarks.WriteSent(marks, "i/I", 1, [new SentItem(3, 5)]);
        }),
        Mark(marks =>
        {
            SessionMarks.Write(marks, SessionMark.Released, 9);
            SessionMarks.Write(marks, SessionMark.Received, 2);
            SessionMarks.Write(marks, SessionMark.Completed, 1);
            SessionMarks.WriteSent(marks, "i/I", 1, [new SentItem(1, 6)]);
        }),
        Acknowledge("İ/ı", -1),
        Mark(marks =>
        {
            SessionMarks.Write(marks, SessionMark.Completed, 2);
            SessionMarks.Write(marks, SessionMark.Completed, 3);
        }),
        new ScriptStep { Kind = MessageKind.Expire, Body = [], NowMs = Noon + (399L * 86_400_000) },
        new ScriptStep { Kind = MessageKind.Expire, Body = [], NowMs = Noon + (401L * 86_400_000) },
        Acknowledge("i/I", 9),
    ];

    private static List<ScriptStep> Messages() =>
    [
        Readings.Tell(
            MessageKind.OpenSession, Noon, new SessionOpened(3600, new SessionWill("w/İ", 1, true, 30, 60, null, [1, 2]), Tracked: true), GrainsJson.Default.SessionOpened),
        Readings.Tell(MessageKind.KeepSubscription, Noon, new TopicSubscription("İ/ı", 2, Identifier: 9), GrainsJson.Default.TopicSubscription),
        Readings.Tell(MessageKind.KeepSubscription, Noon, new TopicSubscription("i/I", 1, NoLocal: true), GrainsJson.Default.TopicSubscription),
        Deliver(2, "İ/ı", "a"),
        Deliver(1, "i/I", "b"),
        Deliver(0, "i/I", "c"),
        Mark(marks => SessionMarks.WriteSent(marks, SessionQueue.Name, 2, [new SentItem(1, 1), new SentItem(2, 2)])),
        Acknowledge(SessionQueue.Name, 3),
        Readings.Tell(MessageKind.LeaveSession, Noon, new SessionLeft(true, 3600), GrainsJson.Default.SessionLeft),
        new ScriptStep { Kind = MessageKind.Reminded, Body = "will"u8.ToArray(), NowMs = Noon + 30_000 },
        Deliver(0, "i/I", "d"),
        Deliver(1, "i/I", "e"),
        Mark(marks => SessionMarks.Write(marks, SessionMark.Completed, 1)),
        Readings.Tell(MessageKind.DropSubscription, Noon, new TopicUnsubscribed("t1/console-8", "i/I"), GrainsJson.Default.TopicUnsubscribed),
        new ScriptStep { Kind = MessageKind.EndSession, Body = [], NowMs = Noon },
        Deliver(1, "i/I", "f"),
        Readings.Tell(MessageKind.KeepSubscription, Noon, new TopicSubscription("i/I", 1), GrainsJson.Default.TopicSubscription),
    ];

    private static List<ScriptStep> Topics() =>
    [
        Publish("t/İ", retain: true, "1"),
        Publish("t/ı", retain: true, "2"),
        Publish("t/i", retain: true, "3"),
        SubscribeTopic("s1", "t/+", 0),
        SubscribeTopic("s2", "t/İ", 0),
        SubscribeTopic("s2", "t/#", 1),
        SubscribeTopic("S2", "t/#", 1),
        SubscribeTopic("ı", "#", 2),
        Publish("t/i", retain: false, "4"),
        Publish("t/I", retain: false, "5"),
        Publish("t/ı", retain: true, ""),
        Readings.Tell(MessageKind.UnsubscribeTopic, Noon, new TopicUnsubscribed("s2", "t/#"), GrainsJson.Default.TopicUnsubscribed),
        Publish("t/i", retain: false, "6"),
        Readings.Tell(MessageKind.ForgetSubscriber, Noon, new SubscriberEnded("s1"), GrainsJson.Default.SubscriberEnded),
        Publish("t/i", retain: true, "7"),
        SubscribeTopic("s3", "+/i", 0),
        SubscribeTopic("s4", "$share/ı/+/i", 0),
        SubscribeTopic("S4", "$share/ı/+/i", 0),
        Publish("t/i", retain: false, "8"),
        Readings.Tell(MessageKind.MoveSubscriber, Noon, new SubscriberMoved("s4", Away: true), GrainsJson.Default.SubscriberMoved),
        Publish("t/i", retain: false, "9"),
        Publish("t/i", retain: false, "10"),
    ];

    private static ScriptStep SubscribeTopic(string session, string filter, int retainHandling) =>
        Readings.Tell(MessageKind.SubscribeTopic, Noon, new TopicSubscribed(session, new TopicSubscription(filter, 1, Identifier: 5), retainHandling), GrainsJson.Default.TopicSubscribed);

    private static ScriptStep Publish(string topic, bool retain, string payload)
    {
        ByteWriter body = new();
        new PlainMessage("s1", topic, 1, retain, null, default, System.Text.Encoding.UTF8.GetBytes(payload)).Write(body);
        return new ScriptStep { Kind = MessageKind.PublishMessage, Body = body.Written.ToArray(), NowMs = Noon };
    }

    private static ScriptStep Deliver(byte qos, string topic, string payload)
    {
        ByteWriter body = new();
        body.WriteVar(1);
        MessageDelivery.Write(body, new MessageCopy("t1/console-8", qos, false, [7]), new PlainMessage("s1", topic, qos, false, Noon + 60_000, default, System.Text.Encoding.UTF8.GetBytes(payload)));
        return new ScriptStep { Kind = MessageKind.DeliverMessages, Body = body.Written.ToArray(), NowMs = Noon };
    }

    private static List<ScriptStep> Token() =>
    [
        Issue(new TokenRegistration("t1", "member", "transport", "*", "sha256:ab", 0), Noon),
        Issue(new TokenRegistration("t1", "member", "transport", "*", "sha256:ab", 0), Noon + 1),
        Issue(new TokenRegistration("t1", "administrator", null, "*", "sha256:cd", 0), Noon + 2),
        Issue(new TokenRegistration("t2", "king", null, "", "", 0), Noon + 3),
    ];

    private static List<ScriptStep> Audit() =>
    [
        Record(Entry(200)),
        Record(Entry(null)),
        Record(Entry(200) with { Who = "I" }),
        Record(Entry(201) with { Began = "absent" }),
        .. Enumerable.Range(0, 260).Select(_ => Record(Entry(null) with { Act = "change", Subject = "İ" })),
        Record(Entry(409) with { Reason = "查超限", Unrecorded = 3 }),
    ];

    private static AuditEntry Entry(int? status) => new("ı", "supervisor", "transport", "*", "look", "GET", "/api/vehicles/{id}") { Subject = "粤H12345-yellow", Status = status };

    private static ScriptStep Record(AuditEntry entry) => Readings.Tell(MessageKind.RecordAudit, Noon, entry, GrainsJson.Default.AuditEntry);

    private static ScriptStep Subscribe(string filter, string feed, long from) =>
        Readings.Tell(MessageKind.SubscribeSession, Noon, new SessionSubscribed(filter, feed, from, 1), GrainsJson.Default.SessionSubscribed);

    private static ScriptStep Acknowledge(string filter, long number) =>
        Readings.Tell(MessageKind.AcknowledgeSession, Noon, new SessionAcknowledged(filter, number), GrainsJson.Default.SessionAcknowledged);

    private static ScriptStep Mark(Action<ByteWriter> write)
    {
        ByteWriter marks = new();
        write(marks);
        return new ScriptStep { Kind = MessageKind.MarkSession, Body = marks.Written.ToArray(), NowMs = Noon };
    }

    private static ScriptStep Issue(TokenRegistration registration, long nowMs) =>
        Readings.Tell(MessageKind.IssueToken, nowMs, registration, GrainsJson.Default.TokenRegistration);
}
