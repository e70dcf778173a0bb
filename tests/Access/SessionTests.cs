using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Access;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Tests.Dispatch;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Access;

public class SessionTests
{
    private const string Key = "t1/console-7";
    private const string Filter = "v1/departments/transport/harbour/alerts";
    private readonly Scene scene = new(CityRules.Shipped, new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_subscription_begins_where_it_says_and_goes_on_from_what_was_acknowledged()
    {
        Assert.Equal(ReplyStatus.Done, Subscribe(from: 41));
        Assert.Equal(41, Acknowledged());
        Assert.Equal(ReplyStatus.Done, Acknowledge(45));
        Assert.Equal(ReplyStatus.Done, Subscribe(from: 60, qos: 0));
        Assert.Equal(45, Acknowledged());
        Assert.Equal(0, scene.Row<SessionRow>(View.Sessions, Key)!.Subscriptions[0].Qos);
    }

    [Fact]
    public void The_acknowledged_number_never_goes_back()
    {
        Subscribe(from: 0);
        foreach (long number in new long[] { 7, 3, 7, 0 })
        {
            Assert.Equal(ReplyStatus.Done, Acknowledge(number));
            Assert.Equal(7, Acknowledged());
        }
    }

    [Fact]
    public void Another_feed_under_the_same_filter_begins_anew()
    {
        Subscribe(from: 0);
        Acknowledge(9);
        Subscribe(from: 2, feed: "transport/*");
        Assert.Equal(2, Acknowledged());
    }

    [Fact]
    public void Minus_one_ends_a_subscription_and_with_the_last_the_session()
    {
        Subscribe(from: 0);
        Subscribe(from: 5, filter: "v1/departments/transport/+/alerts", feed: "transport/*");
        Acknowledge(-1);
        Assert.Equal("transport/*", Assert.Single(scene.Row<SessionRow>(View.Sessions, Key)!.Subscriptions).Feed);
        Assert.Equal(ReplyStatus.NotFound, Acknowledge(3));
        Acknowledge(-1, "v1/departments/transport/+/alerts");
        Assert.Null(scene.Row<SessionRow>(View.Sessions, Key));
        Assert.False(scene.Exists(ActorKind.Session, Key));
    }

    [Fact]
    public void A_clean_start_forgets_the_session_and_it_can_begin_again()
    {
        Subscribe(from: 0);
        Acknowledge(9);
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Session, Key, MessageKind.EndSession, [])!.Status);
        Assert.Null(scene.Row<SessionRow>(View.Sessions, Key));
        Assert.False(scene.Exists(ActorKind.Session, Key));
        Subscribe(from: 1);
        Assert.Equal(1, Acknowledged());
    }

    [Fact]
    public void A_session_has_a_bounded_number_of_subscriptions()
    {
        for (int i = 0; i < GrainLimits.SubscriptionsPerSession; i++)
        {
            Assert.Equal(ReplyStatus.Done, Subscribe(from: 0, filter: $"f{i}"));
        }

        Assert.Equal(ReplyStatus.Conflict, Subscribe(from: 0, filter: "one-more"));
        Assert.Equal(ReplyStatus.Done, Subscribe(from: 0, filter: "f3"));
        Assert.Equal(GrainLimits.SubscriptionsPerSession, scene.Row<SessionRow>(View.Sessions, Key)!.Subscriptions.Length);
    }

    [Theory]
    [InlineData("", "transport/*", 0, 1)]
    [InlineData("f", "", 0, 1)]
    [InlineData("f", "transport/*", -1, 1)]
    [InlineData("f", "transport/*", 0, 3)]
    public void A_subscription_that_makes_no_sense_is_refused(string filter, string feed, long from, int qos)
    {
        Assert.Equal(ReplyStatus.Invalid, Subscribe(from, qos, filter, feed));
        Assert.False(scene.Exists(ActorKind.Session, Key));
    }

    [Fact]
    public void A_session_that_was_opened_is_there_without_a_subscription_until_it_is_ended()
    {
        Assert.Equal(ReplyStatus.Done, scene.Send(ActorKind.Session, Key, MessageKind.OpenSession, new SessionOpened(3600))!.Status);
        Assert.Equal(3600, scene.Row<SessionRow>(View.Sessions, Key)!.ExpirySeconds);
        Subscribe(from: 0);
        Acknowledge(-1);
        Assert.True(scene.Exists(ActorKind.Session, Key));
        scene.Send(ActorKind.Session, Key, MessageKind.EndSession, []);
        Assert.False(scene.Exists(ActorKind.Session, Key));
        Assert.Null(scene.Row<SessionRow>(View.Sessions, Key));
    }

    [Fact]
    public void Identifiers_of_publishes_are_taken_and_released_in_any_order_and_as_often_as_they_are_told()
    {
        Open();
        Mark((SessionMark.Taken, 7), (SessionMark.Taken, 65535), (SessionMark.Taken, 1), (SessionMark.Taken, 7));
        Assert.Equal([1, 7, 65535], Own().Taken!);
        Mark((SessionMark.Released, 7), (SessionMark.Released, 9), (SessionMark.Released, 7));
        Assert.Equal([1, 65535], Own().Taken!);
        Mark((SessionMark.Released, 1), (SessionMark.Released, 65535));
        Assert.Null(Own().Taken);
    }

    [Fact]
    public void As_many_identifiers_as_are_taken_fit_into_the_state()
    {
        Open();
        for (int from = 0; from < GrainLimits.PublishesTaken + 2; from += 1000)
        {
            Mark([.. Enumerable.Range(from, Math.Min(1000, GrainLimits.PublishesTaken + 2 - from)).Select(number => (SessionMark.Taken, (ushort)(1 + (number * 3))))]);
        }

        Assert.Equal(Enumerable.Range(0, GrainLimits.PublishesTaken).Select(number => 1 + (number * 3)), Own().Taken!);
        Assert.InRange(scene.StateOf(ActorKind.Session, Key).Length, 0, 9 * 1024);
    }

    [Fact]
    public void What_is_sent_holds_the_acknowledged_number_until_it_is_complete()
    {
        Subscribe(from: 10, qos: 2);
        Send(Filter, 2, (1, 11), (2, 12), (3, 13));
        Assert.Equal(10, Acknowledged());
        Mark((SessionMark.Received, 1), (SessionMark.Completed, 2));
        Assert.Equal(10, Acknowledged());
        Assert.Equal([(1, 11L, true), (3, 13L, false)], Own().InFlight!.Select(each => (each.Id, each.Number, each.Received)));
        Assert.Equal((10, 13), (Own().Subscriptions[0].Acknowledged, Own().Subscriptions[0].Passed));
        Mark((SessionMark.Completed, 1));
        Assert.Equal(12, Acknowledged());

        // A number that passed without an identifier does not pass what is in flight.
        Acknowledge(15);
        Assert.Equal(12, Acknowledged());
        Mark((SessionMark.Completed, 3), (SessionMark.Completed, 3));
        Assert.Equal(15, Acknowledged());
        Assert.Null(Own().InFlight);
        Assert.Null(Own().Subscriptions[0].Sent);
    }

    [Fact]
    public void An_identifier_that_is_sent_under_again_is_the_newer_items()
    {
        Subscribe(from: 0, qos: 1);
        Send(Filter, 1, (1, 1), (2, 2));
        Send(Filter, 1, (1, 3));
        Assert.Equal([(2, 2L), (1, 3L)], Own().InFlight!.Select(each => (each.Id, each.Number)));
        Assert.Equal(1, Own().Subscriptions[0].Acknowledged);
    }

    [Fact]
    public void What_is_in_flight_outlives_its_subscription_and_counts_for_no_other()
    {
        Open();
        Subscribe(from: 0, qos: 2);
        Send(Filter, 2, (1, 1));
        Acknowledge(-1);
        Subscribe(from: 8, qos: 2);
        Assert.Equal([new SessionDelivery(1, null, "transport/harbour", 1, 2, false)], Own().InFlight!);
        Send(Filter, 2, (2, 9));
        Mark((SessionMark.Completed, 2));
        Assert.Equal(9, Acknowledged());
        Subscribe(from: 3, qos: 2, feed: "transport/*");
        Assert.Equal(3, Acknowledged());
    }

    [Fact]
    public void Marks_without_a_session_or_a_subscription_change_nothing()
    {
        Mark((SessionMark.Taken, 1), (SessionMark.Completed, 1));
        Send(Filter, 2, (1, 1));
        Assert.False(scene.Exists(ActorKind.Session, Key));
        Open();
        Send("another", 2, (1, 1));
        Assert.Null(Own().InFlight);
    }

    [Fact]
    public void A_mark_that_moves_no_acknowledged_number_costs_its_record_alone()
    {
        Subscribe(from: 0, qos: 2);
        int before = scene.Transcript.Length;
        Mark((SessionMark.Taken, 1), (SessionMark.Released, 1));
        Send(Filter, 2, (1, 1), (2, 2));
        Mark((SessionMark.Received, 1), (SessionMark.Completed, 2));
        Assert.DoesNotContain("Show", scene.Transcript.ToString()[before..], StringComparison.Ordinal);
        before = scene.Transcript.Length;
        Mark((SessionMark.Completed, 1));
        Assert.Contains("Show", scene.Transcript.ToString()[before..], StringComparison.Ordinal);
    }

    /// <summary>Frozen: states like these are stored somewhere.</summary>
    [Fact]
    public void States_of_every_version_are_read()
    {
        ByteWriter first = new();
        first.WriteByte(1);
        first.WriteText("""{"subscriptions":[{"filter":"a/#","feed":"transport/*","qos":1,"acknowledged":9}]}""");
        SessionRow row = Read(first);
        Assert.Equal([new SessionSubscription("a/#", "transport/*", 1, 9)], row.Subscriptions);
        Assert.Equal((null, null, null), (row.ExpirySeconds, row.Taken, row.InFlight));

        ByteWriter second = new();
        second.WriteByte(2);
        second.WriteText("""{"subscriptions":[{"filter":"a/#","feed":"transport/*","qos":2,"acknowledged":9,"sent":11,"identifier":300}],"expirySeconds":3600}""");
        second.WriteRaw([
            3, 1, 0, 7, 0, 0xFF, 0xFF,
            2, 3, (byte)'a', (byte)'/', (byte)'#', 3, (byte)'t', (byte)'/', (byte)'*', 0, 3, (byte)'t', (byte)'/', (byte)'n',
            2, 5, 0, 2, 1, 0, 10, 0x34, 0x12, 1, 0, 1, 0xAC, 0x02]);
        row = Read(second);
        Assert.Equal([new SessionSubscription("a/#", "transport/*", 2, 9, 11, 300)], row.Subscriptions);
        Assert.Equal(3600, row.ExpirySeconds);
        Assert.Equal([1, 7, 65535], row.Taken!);
        Assert.Equal([new SessionDelivery(5, "a/#", "t/*", 10, 2, true), new SessionDelivery(0x1234, null, "t/n", 300, 1, false)], row.InFlight!);

        ByteWriter third = new();
        third.WriteByte(3);
        third.WriteText("""{"subscriptions":[],"expirySeconds":60,"topics":[{"filter":"a/+","qos":1,"noLocal":true,"retainAsPublished":false,"identifier":9}],"connected":true}""");
        third.WriteRaw([
            0,
            1, 6, (byte)'$', (byte)'q', (byte)'u', (byte)'e', (byte)'u', (byte)'e', 6, (byte)'$', (byte)'q', (byte)'u', (byte)'e', (byte)'u', (byte)'e', 1, 5, 0, 1, 0, 0, 4,
            7, 4, 3, 2, 2, 4, 10, 3, 0xAC, 0x02]);
        row = Read(third);
        Assert.Equal([new TopicSubscription("a/+", 1, NoLocal: true, Identifier: 9)], row.Topics!);
        Assert.Equal([new SessionDelivery(5, SessionQueue.Name, SessionQueue.Name, 4, 1, false)], row.InFlight!);
        Assert.Equal((4, 2, 2), (row.QueuePassed, row.Queued, row.Dropped));

        static SessionRow Read(ByteWriter state)
        {
            ByteReader reader = new(state.Written);
            Session session = new();
            session.Read(ref reader);
            Assert.True(reader.AtEnd);
            ByteWriter again = new();
            session.Write(again);
            Assert.True(state.Written[0] < 3 || again.Written.SequenceEqual(state.Written), Convert.ToHexString(again.Written));
            using MemoryStream json = new();
            using (Utf8JsonWriter writer = new(json))
            {
                session.Describe(writer, Key);
            }

            return JsonSerializer.Deserialize(json.ToArray(), GrainsJson.Default.SessionRow)!;
        }
    }

    /// <summary>Frozen: records like this are in journals.</summary>
    [Fact]
    public void Marks_are_in_the_journal_as_they_always_were()
    {
        ByteWriter marks = new();
        SessionMarks.Write(marks, SessionMark.Taken, 1);
        SessionMarks.Write(marks, SessionMark.Released, 0x1234);
        SessionMarks.WriteSent(marks, "a/#", 2, [new SentItem(7, 300), new SentItem(8, 1)]);
        SessionMarks.Write(marks, SessionMark.Received, 7);
        SessionMarks.Write(marks, SessionMark.Completed, 8);
        Assert.Equal("010100" + "023412" + "03" + "03612F23" + "02" + "02" + "0700AC02" + "080001" + "040700" + "050800", Convert.ToHexString(marks.Written));
        SessionMarks read = new(marks.Written);
        List<(SessionMark, ushort, long)> all = [];
        while (read.MoveNext())
        {
            all.Add((read.Mark, read.PacketId, read.Mark == SessionMark.Sent ? read.Number : 0));
        }

        Assert.Equal(
            [(SessionMark.Taken, 1, 0), (SessionMark.Released, 0x1234, 0), (SessionMark.Sent, 7, 300), (SessionMark.Sent, 8, 1), (SessionMark.Received, 7, 0), (SessionMark.Completed, 8, 0)], all);
        Assert.Equal((43, 44), ((int)MessageKind.OpenSession, (int)MessageKind.MarkSession));
    }

    private void Open() => scene.Send(ActorKind.Session, Key, MessageKind.OpenSession, new SessionOpened(3600));

    private void Mark(params (SessionMark Mark, ushort PacketId)[] marks)
    {
        ByteWriter body = new();
        foreach ((SessionMark mark, ushort packetId) in marks)
        {
            SessionMarks.Write(body, mark, packetId);
        }

        Assert.Null(scene.Send(ActorKind.Session, Key, MessageKind.MarkSession, body.Written.ToArray()));
    }

    private void Send(string filter, byte qos, params (ushort PacketId, long Number)[] items)
    {
        ByteWriter body = new();
        SessionMarks.WriteSent(body, filter, qos, [.. items.Select(item => new SentItem(item.PacketId, item.Number))]);
        Assert.Null(scene.Send(ActorKind.Session, Key, MessageKind.MarkSession, body.Written.ToArray()));
    }

    private SessionRow Own() => JsonSerializer.Deserialize(scene.Describe(ActorKind.Session, Key).GetRawText(), GrainsJson.Default.SessionRow)!;

    private ReplyStatus Subscribe(long from, int qos = 1, string filter = Filter, string feed = "transport/harbour") =>
        scene.Send(ActorKind.Session, Key, MessageKind.SubscribeSession, new SessionSubscribed(filter, feed, from, qos))!.Status;

    private ReplyStatus Acknowledge(long number, string filter = Filter) =>
        scene.Send(ActorKind.Session, Key, MessageKind.AcknowledgeSession, new SessionAcknowledged(filter, number))!.Status;

    private long Acknowledged() => scene.Row<SessionRow>(View.Sessions, Key)!.Subscriptions.Single(subscription => subscription.Filter == Filter).Acknowledged;
}
