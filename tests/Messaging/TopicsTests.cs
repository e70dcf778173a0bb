using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Tests.Dispatch;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Messaging;

/// <summary>Topics and sessions together, as hosts run them.</summary>
public class TopicsTests
{
    private readonly Scene scene = new(CityRules.Shipped, new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_message_goes_once_to_each_session_that_matches_at_its_best_qos_with_all_identifiers()
    {
        Open("s1");
        Open("s2");
        Subscribe("s1", "a/#", qos: 0, identifier: 3);
        Subscribe("s1", "a/+", qos: 2, identifier: 5);
        Subscribe("s1", "b", qos: 2, identifier: 7);
        Subscribe("s2", "a/b", qos: 1);
        Publish("x", "a/b", qos: 2);
        QueuedMessage first = Assert.Single(Queue("s1"));
        Assert.Equal(2, first.Qos);
        Assert.Equal([3, 5], first.Identifiers!.Order());
        Assert.Equal(("a/b", 1, false), (Queue("s2")[0].Topic, Queue("s2")[0].Qos, Queue("s2")[0].Retain));
        Assert.Null(Queue("s2")[0].Identifiers);
    }

    [Fact]
    public void No_local_keeps_away_what_the_client_itself_published()
    {
        Open("s1");
        Subscribe("s1", "a", noLocal: true);
        Publish("s1", "a");
        Assert.Empty(Queue("s1"));
        Publish("s2", "a");
        Assert.Single(Queue("s1"));
    }

    [Fact]
    public void Retain_as_published_keeps_the_flag_of_what_comes_live()
    {
        Open("s1");
        Open("s2");
        Subscribe("s1", "a", retainAsPublished: true);
        Subscribe("s2", "a");
        Publish("x", "a", retain: true);
        Assert.True(Queue("s1")[0].Retain);
        Assert.False(Queue("s2")[0].Retain);
    }

    [Fact]
    public void What_is_retained_comes_with_a_new_subscription_as_its_handling_says_and_an_empty_one_removes_it()
    {
        Publish("x", "a/1", qos: 2, retain: true, payload: "old");
        Publish("x", "a/1", qos: 2, retain: true, payload: "one");
        Publish("x", "a/2", qos: 0, retain: true, payload: "two");
        Publish("x", "b", retain: true, payload: "elsewhere");
        Publish("x", "$a/1", retain: true, payload: "hidden");
        Open("s1");
        Subscribe("s1", "a/+", qos: 1, identifier: 9);
        Assert.Equal([("a/1", "one", 1, true), ("a/2", "two", 0, true)], Queue("s1").Select(each => (each.Topic, Encoding.UTF8.GetString(each.Payload), each.Qos, each.Retain)));
        Assert.All(Queue("s1"), each => Assert.Equal([9], each.Identifiers!));
        Subscribe("s1", "a/+", qos: 1, retainHandling: 1);
        Subscribe("s1", "+", qos: 1, retainHandling: 2);
        Assert.Equal(2, Queue("s1").Count);
        Subscribe("s1", "a/+", qos: 1);
        Assert.Equal(4, Queue("s1").Count);
        Subscribe("s1", "#", qos: 1, retainHandling: 1);
        Assert.Equal(7, Queue("s1").Count);

        Publish("x", "a/1", retain: true, payload: "");
        Open("s2");
        Subscribe("s2", "a/+");
        Assert.Equal(["a/2"], Queue("s2").Select(each => each.Topic));
        Subscribe("s2", "b");
        Assert.Equal("elsewhere", Encoding.UTF8.GetString(Queue("s2")[1].Payload));
        Assert.Equal(3, Topics().GetProperty("retained").GetInt32());
    }

    [Fact]
    public void What_has_expired_is_neither_retained_nor_queued()
    {
        long now = scene.NowMs;
        Publish("x", "a", retain: true, expiresMs: now + 5_000);
        Publish("x", "b", retain: true, expiresMs: now);
        scene.AdvanceTo(scene.Now.AddSeconds(4));
        Open("s1");
        Subscribe("s1", "#");
        Assert.Equal(now + 5_000, Assert.Single(Queue("s1")).ExpiresMs);
        scene.AdvanceTo(scene.Now.AddSeconds(1));
        Open("s2");
        Subscribe("s2", "#");
        Assert.Empty(Queue("s2"));
        Assert.Equal((0, 0), (Topics().GetProperty("retained").GetInt32(), Topics().GetProperty("retainedBytes").GetInt32()));
    }

    [Fact]
    public void At_qos_0_only_a_client_that_is_connected_gets_anything()
    {
        Open("s1");
        Subscribe("s1", "a", qos: 2);
        Leave("s1");
        Publish("x", "a", qos: 0);
        Publish("x", "a", qos: 1);
        Assert.Equal([1], Queue("s1").Select(each => each.Qos));
        Open("s1");
        Publish("x", "a", qos: 0);
        Assert.Equal([1, 0], Queue("s1").Select(each => each.Qos));
    }

    [Fact]
    public void A_full_queue_drops_the_newest_and_counts_it()
    {
        Open("s1");
        Subscribe("s1", "a");
        for (int i = 0; i < GrainLimits.QueuedMessages + 3; i++)
        {
            Publish("x", "a", payload: $"{i}");
        }

        SessionRow own = Own("s1");
        Assert.Equal((GrainLimits.QueuedMessages, 3L), (own.Queued!.Value, own.Dropped!.Value));
        Assert.Equal("0", Encoding.UTF8.GetString(Queue("s1")[0].Payload));
        Acknowledge("s1", 10);
        Publish("x", "a", payload: "new");
        Assert.Equal("new", Encoding.UTF8.GetString(Queue("s1")[^1].Payload));
        Assert.Equal(GrainLimits.QueuedMessages - 9, Own("s1").Queued);
    }

    [Fact]
    public void A_queue_is_bounded_in_bytes_too()
    {
        Open("s1");
        Subscribe("s1", "a");
        string large = new('x', GrainLimits.MessageBytes);
        int room = GrainLimits.QueuedBytes / (GrainLimits.MessageBytes + 1);
        for (int i = 0; i <= room; i++)
        {
            Publish("x", "a", payload: large);
        }

        Assert.Equal((room, 1L), (Own("s1").Queued!.Value, Own("s1").Dropped!.Value));
    }

    [Fact]
    public void What_is_acknowledged_leaves_the_queue_in_any_order_and_its_rows_from_the_front()
    {
        Open("s1");
        Subscribe("s1", "a");
        for (int i = 0; i < 4; i++)
        {
            Publish("x", "a", payload: $"{i + 1}");
        }

        Mark("s1", marks => SessionMarks.WriteSent(marks, SessionQueue.Name, 1, [new SentItem(7, 1), new SentItem(8, 2)]));
        Assert.Equal((2L, 4), (Own("s1").QueuePassed!.Value, Own("s1").Queued!.Value));
        Assert.Equal([(7, 1L), (8, 2L)], Own("s1").InFlight!.Select(each => (each.Id, each.Number)));
        Mark("s1", marks => SessionMarks.Write(marks, SessionMark.Completed, 8));
        Assert.Equal((3, 4), (Own("s1").Queued!.Value, Queue("s1").Count));

        // Passed over without an identifier, which does not pass what is in flight.
        Acknowledge("s1", 3);
        Assert.Equal(2, Own("s1").Queued);
        Mark("s1", marks => SessionMarks.Write(marks, SessionMark.Completed, 7));
        Assert.Equal(["4"], Queue("s1").Select(each => Encoding.UTF8.GetString(each.Payload)));
        Assert.Null(Own("s1").InFlight);
        Acknowledge("s1", 4);
        Assert.Empty(Queue("s1"));
        Assert.Null(Own("s1").Queued);
    }

    [Fact]
    public void A_session_that_ends_is_forgotten_by_the_topics_and_takes_its_messages_along()
    {
        Open("s1");
        Subscribe("s1", "a");
        Subscribe("s1", "b/#");
        Publish("x", "a");
        Assert.Equal(["a", "b/#"], scene.Row<SessionRow>(View.Sessions, "s1")!.Topics!.Select(each => each.Filter));
        scene.Send(ActorKind.Session, "s1", MessageKind.EndSession, []);
        Assert.Empty(Queue("s1"));
        Assert.False(scene.Exists(ActorKind.Session, "s1"));
        Assert.Equal(0, Topics().GetProperty("subscriptions").GetInt32());
        Assert.Equal(0, scene.RowCount(ActorKind.Topics, Grains.Messaging.Topics.City));
        Publish("x", "a");
        Assert.False(scene.Exists(ActorKind.Session, "s1"));
    }

    [Fact]
    public void Unsubscribing_ends_one_subscription()
    {
        Open("s1");
        Subscribe("s1", "a");
        Subscribe("s1", "b");
        Assert.Equal(ReplyStatus.Done, Unsubscribe("s1", "a"));
        Assert.Equal(ReplyStatus.NotFound, Unsubscribe("s1", "a"));
        Publish("x", "a");
        Publish("x", "b");
        Assert.Equal(["b"], Queue("s1").Select(each => each.Topic));
        Assert.Equal(["b"], Own("s1").Topics!.Select(each => each.Filter));
    }

    [Fact]
    public void A_subscription_for_a_session_that_is_not_there_is_forgotten_again()
    {
        Subscribe("s1", "a");
        Assert.Equal(0, Topics().GetProperty("subscriptions").GetInt32());
        Assert.False(scene.Exists(ActorKind.Session, "s1"));
    }

    [Fact]
    public void A_session_has_a_bounded_number_of_subscriptions_to_topics()
    {
        Open("s1");
        for (int i = 0; i < GrainLimits.TopicSubscriptionsPerSession; i++)
        {
            Assert.Equal(ReplyStatus.Done, Subscribe("s1", $"a/{i}"));
        }

        Assert.Equal(ReplyStatus.Conflict, Subscribe("s1", "one-more"));
        Assert.Equal(ReplyStatus.Done, Subscribe("s1", "a/3", qos: 2));
        Assert.Equal(ReplyStatus.Invalid, Subscribe("s1", new string('x', GrainLimits.TopicFilterBytes + 1)));
        Assert.Equal(ReplyStatus.Invalid, Subscribe("s1", "a", qos: 3));
    }

    [Fact]
    public void A_message_for_more_sessions_than_one_turn_may_tell_reaches_them_all_by_relays()
    {
        Scene kept = new(CityRules.Shipped, new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero)) { Reload = false };
        int count = GrainLimits.CopiesPerTurn + 50;
        for (int i = 0; i < count; i++)
        {
            kept.Send(ActorKind.Session, $"s{i}", MessageKind.OpenSession, new SessionOpened(0));
            kept.Send(ActorKind.Topics, Grains.Messaging.Topics.City, MessageKind.SubscribeTopic, new TopicSubscribed($"s{i}", new TopicSubscription("a", 1, Identifier: i + 1), 0));
        }

        foreach (string text in new[] { "first", "second" })
        {
            ByteWriter body = new();
            new PlainMessage("x", "a", 1, false, null, default, Encoding.UTF8.GetBytes(text)).Write(body);
            kept.Send(ActorKind.Topics, Grains.Messaging.Topics.City, MessageKind.PublishMessage, body.Written.ToArray());
        }

        for (int i = 0; i < count; i++)
        {
            Assert.Equal("first", Encoding.UTF8.GetString(kept.Row<QueuedMessage>(View.Messages, $"s{i}/1")!.Payload));
            Assert.Equal([i + 1], kept.Row<QueuedMessage>(View.Messages, $"s{i}/2")!.Identifiers!);
        }
    }

    [Fact]
    public void As_many_retained_messages_as_there_may_be_come_in_one_turn_and_one_more_is_counted()
    {
        Scene kept = new(CityRules.Shipped, new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero)) { Reload = false };
        for (int i = 0; i <= GrainLimits.RetainedMessages; i++)
        {
            ByteWriter body = new();
            new PlainMessage("x", $"a/{i}", 1, true, null, default, new byte[1900]).Write(body);
            kept.Send(ActorKind.Topics, Grains.Messaging.Topics.City, MessageKind.PublishMessage, body.Written.ToArray());
        }

        JsonElement topics = kept.Describe(ActorKind.Topics, Grains.Messaging.Topics.City);
        Assert.Equal((GrainLimits.RetainedMessages, 1), (topics.GetProperty("retained").GetInt32(), topics.GetProperty("notRetained").GetInt32()));
        kept.Send(ActorKind.Session, "s1", MessageKind.OpenSession, new SessionOpened(60));
        kept.Send(ActorKind.Topics, Grains.Messaging.Topics.City, MessageKind.SubscribeTopic, new TopicSubscribed("s1", new TopicSubscription("a/#", 1), 0));
        Assert.Equal(GrainLimits.RetainedMessages, kept.Describe(ActorKind.Session, "s1").GetProperty("queued").GetInt32());
        Assert.InRange(kept.StateOf(ActorKind.Session, "s1").Length, 0, 20 * 1024);
    }

    /// <summary>Frozen: records and rows like these are stored somewhere.</summary>
    [Fact]
    public void A_message_is_stored_as_it_always_was()
    {
        ByteWriter message = new();
        new PlainMessage("u/c", "a/b", 2, true, 300, new byte[] { 1, 1 }, "hi"u8.ToArray()).Write(message);
        Assert.Equal("01" + "03752F63" + "03612F62" + "06" + "AC02" + "020101" + "026869", Convert.ToHexString(message.Written));
        ByteWriter delivery = new();
        MessageDelivery.Write(delivery, new MessageCopy("s", 1, true, [7, 300]), PlainMessage.Read(message.Written));
        Assert.Equal("05" + "02" + "07AC02" + Convert.ToHexString(message.Written), Convert.ToHexString(delivery.Written));
        Assert.Equal((10, 8, 45, 46, 47, 48), ((int)ActorKind.Topics, (int)View.Messages, (int)MessageKind.LeaveSession, (int)MessageKind.DeliverMessages, (int)MessageKind.KeepSubscription, (int)MessageKind.DropSubscription));
        Assert.Equal(
            (50, 51, 52, 53, 54, 55),
            ((int)MessageKind.PublishMessage, (int)MessageKind.SubscribeTopic, (int)MessageKind.UnsubscribeTopic, (int)MessageKind.ForgetSubscriber, (int)MessageKind.RelayMessage, (int)MessageKind.MoveSubscriber));
    }

    private void Open(string session) => Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Session, session, MessageKind.OpenSession, new SessionOpened(3600, Tracked: true))!.Status);

    private void Leave(string session) => Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Session, session, MessageKind.LeaveSession, new SessionLeft(true, 3600))!.Status);

    private ReplyStatus Subscribe(string session, string filter, int qos = 1, bool noLocal = false, bool retainAsPublished = false, int retainHandling = 0, int? identifier = null) =>
        scene.Send(
            ActorKind.Topics, Grains.Messaging.Topics.City, MessageKind.SubscribeTopic, new TopicSubscribed(session, new TopicSubscription(filter, qos, noLocal, retainAsPublished, identifier), retainHandling))!.Status;

    private ReplyStatus Unsubscribe(string session, string filter) =>
        scene.Send(ActorKind.Topics, Grains.Messaging.Topics.City, MessageKind.UnsubscribeTopic, new TopicUnsubscribed(session, filter))!.Status;

    private void Publish(string publisher, string topic, byte qos = 1, bool retain = false, string payload = "x", long? expiresMs = null)
    {
        ByteWriter body = new();
        new PlainMessage(publisher, topic, qos, retain, expiresMs, default, Encoding.UTF8.GetBytes(payload)).Write(body);
        Assert.Null(scene.Send(ActorKind.Topics, Grains.Messaging.Topics.City, MessageKind.PublishMessage, body.Written.ToArray()));
    }

    private void Mark(string session, Action<ByteWriter> write)
    {
        ByteWriter marks = new();
        write(marks);
        Assert.Null(scene.Send(ActorKind.Session, session, MessageKind.MarkSession, marks.Written.ToArray()));
    }

    private void Acknowledge(string session, long number) =>
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Session, session, MessageKind.AcknowledgeSession, new SessionAcknowledged(SessionQueue.Name, number))!.Status);

    private SessionRow Own(string session) => JsonSerializer.Deserialize(scene.Describe(ActorKind.Session, session).GetRawText(), GrainsJson.Default.SessionRow)!;

    private JsonElement Topics() => scene.Describe(ActorKind.Topics, Grains.Messaging.Topics.City);

    private List<QueuedMessage> Queue(string session) => scene.Messages(session);
}
