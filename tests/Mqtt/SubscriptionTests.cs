using System.Buffers.Binary;
using System.Text;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Mqtt;

public sealed class SubscriptionTests
{
    private const string Filter = "v1/departments/transport/+/alerts";
    private const string Feed = "transport/*";

    private static readonly string[] Districts = ["harbour", "harbour", "north", "harbour", "north"];

    private static readonly MqttPublisherOptions Persistent = new() { CleanStart = false, SessionExpirySeconds = 3600 };

    [Theory]
    [InlineData(MqttVersion.V311, 0)]
    [InlineData(MqttVersion.V311, 1)]
    [InlineData(MqttVersion.V5, 0)]
    [InlineData(MqttVersion.V5, 1)]
    internal async Task A_subscriber_gets_what_is_shown_after_its_subscription_in_order(MqttVersion version, byte qos)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        test.Feeds.Add(Feed, "harbour", "\"before\"");
        MqttPublisher client = await test.ConnectAsync("t1", version);

        Assert.Equal(qos, await client.SubscribeAsync(Filter, qos));
        Show(test, 1, 1000);
        List<string> received = await ReceiveAsync(client, 1000);

        Assert.Equal(Enumerable.Range(1, 1000).Select(Json), received);
    }

    [Fact]
    public async Task An_item_is_published_on_the_topic_of_its_district()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await test.ConnectAsync("t1");
        await client.SubscribeAsync(Filter);
        test.Feeds.Add(Feed, "harbour", "1");
        test.Feeds.Add(Feed, "north", "2");

        Assert.Equal("v1/departments/transport/harbour/alerts", (await ReadAsync(client)).Topic);
        Assert.Equal("v1/departments/transport/north/alerts", (await ReadAsync(client)).Topic);
    }

    [Theory]
    [InlineData("t1", "v1/departments/police/+/alerts", ReasonCode.NotAuthorized)]
    [InlineData("t2", "v1/departments/transport/north/alerts", ReasonCode.NotAuthorized)]
    [InlineData("S07", Filter, ReasonCode.NotAuthorized)]
    [InlineData("S07", "v1/subjects/S07/notices", ReasonCode.NotAuthorized)]
    [InlineData("t1", "#", ReasonCode.NotAuthorized)]
    [InlineData("t1", "a#", ReasonCode.TopicFilterInvalid)]
    [InlineData("t1", "$share/g/v1/departments/transport/+/alerts", ReasonCode.SharedSubscriptionsNotSupported)]
    public async Task What_may_not_be_subscribed_to_is_answered_so(string user, string filter, byte code)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await test.ConnectAsync(user);
        MqttPublisher old = await test.ConnectAsync(user, MqttVersion.V311, "old");

        Assert.Equal(code, await client.SubscribeAsync(filter, 1));
        Assert.Equal(ReasonCode.SubscribeFailure311, await old.SubscribeAsync(filter, 1));
        Assert.Null(client.Failure);
    }

    [Fact]
    public async Task More_subscriptions_than_are_taken_are_refused()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await test.ConnectAsync("admin");
        for (int i = 0; i < MqttLimits.Subscriptions; i++)
        {
            Assert.Equal(1, await client.SubscribeAsync($"v1/departments/d{i}/+/alerts"));
        }

        Assert.Equal(ReasonCode.QuotaExceeded, await client.SubscribeAsync("v1/departments/one-more/+/alerts"));
        Assert.Equal(1, await client.SubscribeAsync("v1/departments/d0/+/alerts"));
    }

    [Fact]
    public async Task No_more_is_sent_than_the_clients_window_allows()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Packet(0x10, [0, 4, .. "MQTT"u8, 5, 0xC2, 0, 0, 3, 0x21, 0, 2, 0, 1, (byte)'c', 0, 2, .. "t1"u8, 0, 1, (byte)'t']));
        await peer.ReadPacketAsync();
        await peer.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 1, Filter, 1)));
        await peer.ReadPacketAsync();
        Show(test, 1, 4);
        byte[] first = await peer.ReadPacketAsync();
        byte[] second = await peer.ReadPacketAsync();
        await peer.SendAsync([0xC0, 0]);

        // The answer to the ping comes instead of the third item.
        Assert.Equal([0xD0, 0], await peer.ReadPacketAsync());
        ushort id = PublishIdOf(first);
        await peer.SendAsync(RawPeer.Packet(0x40, (byte)(id >> 8), (byte)id));
        byte[] third = await peer.ReadPacketAsync();

        Assert.Equal([Json(1), Json(2), Json(3)], new[] { first, second, third }.Select(packet => Encoding.UTF8.GetString(packet[^Json(1).Length..])));
        Assert.Equal(3, new[] { first, second, third }.Select(PublishIdOf).Distinct().Count());
    }

    [Fact]
    public async Task An_alert_carries_the_attributes_of_its_event_in_MQTT_5()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "t1", "t", clean: true, expirySeconds: 0));
        await peer.ReadPacketAsync();
        await peer.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 1, Filter, 1)));
        await peer.ReadPacketAsync();
        const string Alert = """{"number":7,"type":"work-order","evidence":{"type":"no","at":"no"},"at":"2026-03-03T10:00:00.5+08:00","case":"harbour-1"}""";
        test.Feeds.Add(Feed, "harbour", Alert);

        (string contentType, SortedDictionary<string, string> user, string payload) = EventOf(await peer.ReadPacketAsync());
        Assert.Equal(("application/json", Alert), (contentType, payload));
        Assert.Equal(["id", "source", "specversion", "time", "type"], user.Keys);
        Assert.Equal(("1.0", $"/departments/{Feed}", "streaming.alert.work-order", "2026-03-03T02:00:00.500Z"), (user["specversion"], user["source"], user["type"], user["time"]));
        Assert.True(long.Parse(user["id"], System.Globalization.CultureInfo.InvariantCulture) > 0);
    }

    /// <summary>Content type, user properties and payload of a PUBLISH of MQTT 5, read by the specification (2.2.2, 3.3): properties of those two kinds alone.</summary>
    private static (string ContentType, SortedDictionary<string, string> User, string Payload) EventOf(byte[] packet)
    {
        int at = 1;
        ReadVariable();
        at += 2 + BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(at));
        at += (packet[0] & 0x06) != 0 ? 2 : 0;
        int length = ReadVariable();
        int end = length + at;
        string contentType = "";
        SortedDictionary<string, string> user = new(StringComparer.Ordinal);
        while (at < end)
        {
            byte id = packet[at++];
            Assert.True(id is 0x03 or 0x26, $"Property {id:X2}.");
            if (id == 0x03)
            {
                contentType = ReadText();
            }
            else
            {
                string name = ReadText();
                user.Add(name, ReadText());
            }
        }

        return (contentType, user, Encoding.UTF8.GetString(packet.AsSpan(at)));

        int ReadVariable()
        {
            int value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte each = packet[at++];
                value |= (each & 0x7F) << shift;
                if (each < 0x80)
                {
                    return value;
                }
            }
        }

        string ReadText()
        {
            int bytes = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(at));
            at += 2 + bytes;
            return Encoding.UTF8.GetString(packet, at - bytes, bytes);
        }
    }

    [Fact]
    public async Task What_is_too_large_for_the_client_is_left_out()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Packet(0x10, [0, 4, .. "MQTT"u8, 5, 0xC2, 0, 0, 5, 0x27, 0, 0, 0, 100, 0, 1, (byte)'c', 0, 2, .. "t1"u8, 0, 1, (byte)'t']));
        await peer.ReadPacketAsync();
        await peer.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 1, Filter, 1)));
        await peer.ReadPacketAsync();
        test.Feeds.Add(Feed, "harbour", new string('1', 100));
        test.Feeds.Add(Feed, "harbour", "2");

        Assert.Equal((byte)'2', (await peer.ReadPacketAsync())[^1]);
    }

    [Fact]
    public async Task Overlapping_filters_bring_an_item_each_with_their_own_identifier()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "t1", "t", clean: false, expirySeconds: 3600));
        await peer.ReadPacketAsync();

        // No Local, Retain As Published and Retain Handling 2 mean nothing for a feed, and are taken.
        await peer.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 1, Filter, 0x2E, 5)));
        Assert.Equal([0x90, 4, 0, 1, 0, 2], await peer.ReadPacketAsync());
        await peer.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 2, "v1/departments/transport/#", 1, 300)));
        Assert.Equal([0x90, 4, 0, 2, 0, 1], await peer.ReadPacketAsync());
        Show(test, 1, 1);
        Assert.Equal([(2, 5), (1, 300)], (await ReadAsync(peer, 2)).OrderByDescending(each => each.Qos).Select(each => ((int)each.Qos, each.Identifier)));

        // A repeated filter has the new identifier, also in the session.
        await peer.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 3, "v1/departments/transport/#", 1, 7)));
        Assert.Equal(0x90, (await peer.ReadPacketAsync())[0]);
        RawPeer again = await test.OpenAsync();
        await again.SendAsync(RawPeer.Connect(MqttVersion.V5, "t1", "t", clean: false, expirySeconds: 3600));
        await again.ReadPacketAsync();
        Assert.Equal([(2, 5), (1, 7)], (await ReadAsync(again, 2)).OrderByDescending(each => each.Qos).Select(each => ((int)each.Qos, each.Identifier)));
    }

    [Fact]
    public async Task A_topic_that_comes_again_is_an_alias_where_the_client_takes_one()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Packet(0x10, [0, 4, .. "MQTT"u8, 5, 0xC2, 0, 0, 3, 0x22, 0, 1, 0, 1, (byte)'c', 0, 2, .. "t1"u8, 0, 1, (byte)'t']));
        await peer.ReadPacketAsync();
        await peer.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 1, Filter, 0)));
        await peer.ReadPacketAsync();
        List<(string Topic, int Alias)> topics = [];
        foreach (string district in Districts)
        {
            test.Feeds.Add(Feed, district, "1");
            topics.Add((await ReadAsync(peer, 1)).Select(each => (each.Topic, each.Alias)).Single());
        }

        const string Harbour = "v1/departments/transport/harbour/alerts";
        const string North = "v1/departments/transport/north/alerts";
        Assert.Equal([(Harbour, 1), ("", 1), (North, 0), ("", 1), (North, 0)], topics);
    }

    [Fact]
    public async Task A_subscription_ends_with_UNSUBSCRIBE()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await test.ConnectAsync("t1", options: Persistent);
        await client.SubscribeAsync(Filter);
        Show(test, 1, 1);
        await ReadAsync(client);

        Assert.Equal(ReasonCode.Success, await client.UnsubscribeAsync(Filter));
        Assert.Equal(ReasonCode.NoSubscriptionExisted, await client.UnsubscribeAsync(Filter));
        Assert.Empty(test.Sessions["t1/client-t1"]!.Subscriptions);

        Show(test, 2, 1);
        await client.SubscribeAsync(Filter);
        Show(test, 3, 1);
        Assert.Equal([Json(3)], await ReceiveAsync(client, 1));
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task A_persistent_session_goes_on_behind_what_was_acknowledged_without_a_hole(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisherOptions options = Persistent with { AcknowledgesDeliveries = false };
        MqttPublisher first = await test.ConnectAsync("t1", version, options: options);
        Assert.False(first.Accepted.SessionPresent);
        await first.SubscribeAsync(Filter);
        Show(test, 1, 20);
        List<MqttMessage> received = [];
        for (int i = 0; i < 20; i++)
        {
            received.Add(await ReadAsync(first));
        }

        // 1 to 5 are acknowledged, and 7 and 8 out of their turn: only what has no hole below it may be skipped later.
        foreach (int number in new[] { 2, 1, 3, 5, 4, 8, 7 })
        {
            first.Acknowledge(received[number - 1]);
        }

        await first.DisconnectAsync();
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);
        Assert.Equal(5, test.Sessions["t1/client-t1"]!.Subscriptions[0].Acknowledged);
        Show(test, 21, 5);
        MqttPublisher second = await test.ConnectAsync("t1", version, options: Persistent);

        Assert.True(second.Accepted.SessionPresent);
        Assert.Equal(Enumerable.Range(9, 17).Prepend(6).Select(Json), await ReceiveAsync(second, 18));
        await second.DisconnectAsync();

        // A connection that is taken over may leave acknowledgements unread, and what they were for comes again.
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);
        MqttPublisher third = await test.ConnectAsync("t1", version, options: Persistent);
        Show(test, 26, 1);

        Assert.Equal([Json(26)], await ReceiveAsync(third, 1));
        Assert.Equal(25, test.Sessions["t1/client-t1"]!.Subscriptions[0].Acknowledged);
    }

    [Fact]
    public async Task One_record_gives_a_run_of_items_its_identifiers_and_few_store_what_was_acknowledged()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher away = await test.ConnectAsync("t1", options: Persistent);
        await away.SubscribeAsync(Filter);
        await away.DisconnectAsync();
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);
        Show(test, 1, MqttLimits.FeedItemsPerRead);
        MqttPublisher client = await test.ConnectAsync("t1", options: Persistent);
        await ReceiveAsync(client, MqttLimits.FeedItemsPerRead);
        await client.DisconnectAsync();

        // The hand-over of the older connection is what the newer waits for, so all is stored behind this line.
        await test.ConnectAsync("t1", options: Persistent);
        Assert.Equal(MqttLimits.FeedItemsPerRead, test.Sessions["t1/client-t1"]!.Subscriptions[0].Acknowledged);
        Assert.Null(test.Sessions["t1/client-t1"]!.InFlight);
        List<string> marks = test.Sessions.Marks("t1/client-t1");
        Assert.Equal(string.Join(", ", Enumerable.Range(1, MqttLimits.FeedItemsPerRead).Select(number => $"Sent {number}={number}")), marks[0]);
        Assert.All(marks.Skip(1), record => Assert.DoesNotContain("Sent", record, StringComparison.Ordinal));
        Assert.InRange(marks.Count, 2, 3);
    }

    [Fact]
    public async Task A_clean_start_forgets_the_session()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher first = await test.ConnectAsync("t1", options: Persistent);
        await first.SubscribeAsync(Filter);
        await first.DisconnectAsync();
        Assert.NotNull(test.Sessions["t1/client-t1"]);
        MqttPublisher clean = await test.ConnectAsync("t1");

        Assert.False(clean.Accepted.SessionPresent);
        Assert.Null(test.Sessions["t1/client-t1"]);
    }

    [Fact]
    public async Task A_session_ends_when_its_expiry_has_passed_and_not_before()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher first = await test.ConnectAsync("t1", options: Persistent with { SessionExpirySeconds = 60 });
        await first.SubscribeAsync(Filter);
        await first.DisconnectAsync();

        // Taken over by a second one, so that the first has handed over for certain before the clock moves.
        MqttPublisher second = await test.ConnectAsync("t1", options: Persistent with { SessionExpirySeconds = 60 });
        Assert.True(second.Accepted.SessionPresent);
        await second.DisconnectAsync();
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);
        test.Time.Advance(TimeSpan.FromSeconds(58));
        Assert.NotNull(test.Sessions["t1/client-t1"]);
        test.Time.Advance(TimeSpan.FromSeconds(4));
        MqttPublisher third = await test.ConnectAsync("t1", options: Persistent);
        Assert.False(third.Accepted.SessionPresent);
        Assert.Empty(test.Sessions["t1/client-t1"]!.Subscriptions);
    }

    [Fact]
    public async Task A_session_whose_client_does_not_come_back_after_a_restart_ends_too()
    {
        await using EndpointUnderTest killed = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await killed.ConnectAsync("t1", options: Persistent with { SessionExpirySeconds = 60 });
        await client.SubscribeAsync(Filter);
        await using EndpointUnderTest test = await killed.AfterKillAsync();
        test.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(test.Sessions["t1/client-t1"]);
        test.Time.Advance(TimeSpan.FromSeconds(2));
        await EndpointUnderTest.UntilAsync(() => test.Sessions["t1/client-t1"] is null);
    }

    [Fact]
    public async Task A_subscription_that_is_no_longer_allowed_is_not_resumed()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher first = await test.ConnectAsync("t1", options: Persistent);
        await first.SubscribeAsync(Filter);
        await first.DisconnectAsync();
        test.Access.AddToken("t1", "t", "member", "police", "*");
        MqttPublisher second = await test.ConnectAsync("t1", options: Persistent);
        Show(test, 1, 1);
        await second.SubscribeAsync("v1/departments/police/+/alerts");
        test.Feeds.Add("police/*", "harbour", "\"police\"");

        Assert.Equal(["\"police\""], await ReceiveAsync(second, 1));
        Assert.Equal("police/*", Assert.Single(test.Sessions["t1/client-t1"]!.Subscriptions).Feed);
    }

    [Fact]
    public async Task A_hundred_subscribers_each_get_every_item()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        List<MqttPublisher> clients = [];
        for (int i = 0; i < 100; i++)
        {
            MqttPublisher client = await test.ConnectAsync("t1", clientId: $"c{i}");
            await client.SubscribeAsync(Filter);
            clients.Add(client);
        }

        Show(test, 1, 50);
        foreach (MqttPublisher client in clients)
        {
            Assert.Equal(Enumerable.Range(1, 50).Select(Json), await ReceiveAsync(client, 50));
        }
    }

    private static string Json(int number) => $$"""{"number":{{number:D4}}}""";

    private static void Show(EndpointUnderTest test, int from, int count)
    {
        for (int i = from; i < from + count; i++)
        {
            test.Feeds.Add(Feed, "harbour", Json(i));
        }
    }

    private static async Task<List<(byte Qos, string Topic, int Identifier, int Alias)>> ReadAsync(RawPeer peer, int count)
    {
        List<(byte Qos, string Topic, int Identifier, int Alias)> read = [];
        for (int i = 0; i < count; i++)
        {
            byte[] packet = await peer.ReadPacketAsync();
            FrameHeader.Read(packet, MqttLimits.PacketBytes, out FrameHeader header);
            Assert.Equal(MqttRefusal.None, PublishPacket.ReadFromServer(header, packet.AsSpan(header.HeaderBytes), MqttVersion.V5, out PublishPacket publish));
            read.Add((publish.Qos, Encoding.UTF8.GetString(publish.Topic), publish.SubscriptionIdentifier, publish.TopicAlias));
        }

        return read;
    }

    private static ushort PublishIdOf(byte[] packet)
    {
        FrameHeader.Read(packet, MqttLimits.PacketBytes, out FrameHeader header);
        Assert.Equal(MqttRefusal.None, PublishPacket.Read(header, packet.AsSpan(header.HeaderBytes), MqttVersion.V5, out PublishPacket publish));
        return publish.PacketId;
    }

    private static async Task<MqttMessage> ReadAsync(MqttPublisher client)
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        return await client.Messages.ReadAsync(patience.Token);
    }

    private static async Task<List<string>> ReceiveAsync(MqttPublisher client, int count)
    {
        List<string> received = [];
        for (int i = 0; i < count; i++)
        {
            received.Add(Encoding.UTF8.GetString((await ReadAsync(client)).Payload));
        }

        return received;
    }
}
