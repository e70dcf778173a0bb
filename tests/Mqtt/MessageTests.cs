using System.Text;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Xunit;

namespace Streaming.Tests.Mqtt;

/// <summary>Messages between clients through the endpoint: topics outside <c>v1/</c>.</summary>
public sealed class MessageTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_message_reaches_who_subscribed_to_its_topic_at_the_lower_of_both_qos(int version)
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectAsync(test, "gate", (MqttVersion)version);
        Assert.Equal(1, await SubscribeAsync(peer, (MqttVersion)version, "site/+/doors", 1));
        MqttPublisher device = await test.ConnectAsync("B01");
        await device.PublishAsync("site/7/doors"u8.ToArray(), "0"u8.ToArray(), 0);
        await device.PublishAsync("site/7/lights"u8.ToArray(), "elsewhere"u8.ToArray(), 1);
        await device.PublishAsync("site/7/doors"u8.ToArray(), "1"u8.ToArray(), 1);
        byte[] first = await peer.ReadPacketAsync();
        byte[] second = await peer.ReadPacketAsync();
        Assert.Equal((0x30, (byte)'0', 0x32, (byte)'1'), (first[0], first[^1], second[0], second[^1]));
        await peer.SendAsync(RawPeer.Publish((MqttVersion)version, 9, "site/7/doors", "2"u8, qos: 2));
        byte[][] both = [await peer.ReadPacketAsync(), await peer.ReadPacketAsync()];
        Assert.Equal([(0x32, (byte)'2'), (0x50, (byte)9)], both.Select(packet => ((int)packet[0], packet[^1])).Order());
    }

    [Fact]
    public async Task Messages_come_in_their_order_with_their_properties_and_subscription_identifier()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectAsync(test, "gate", MqttVersion.V5);
        Assert.Equal(2, await SubscribeAsync(peer, MqttVersion.V5, "site/#", 2, identifier: 300));
        RawPeer device = await test.OpenAsync();
        await device.SendAsync(RawPeer.Connect(MqttVersion.V5, "B01", "t", clientId: "b"));
        await device.ReadPacketAsync();

        // Payload Format Indicator, Message Expiry Interval, Content Type, Response Topic, Correlation Data, two User Properties of one name, and an alias, which is the client's own.
        byte[] properties =
        [
            1, 1, 2, 0, 0, 0, 60, 3, 0, 1, (byte)'t', 8, 0, 1, (byte)'r', 9, 0, 2, 0, 0xFF, 0x26, 0, 1, (byte)'a', 0, 1, (byte)'1', 0x23, 0, 4, 0x26, 0, 1, (byte)'a', 0, 1, (byte)'2',
        ];
        await device.SendAsync(RawPeer.Packet(0x32, [0, 6, .. "site/1"u8, 0, 1, (byte)properties.Length, .. properties, .. "one"u8]));
        await device.SendAsync(RawPeer.Packet(0x34, [0, 0, 0, 2, 3, 0x23, 0, 4, .. "two"u8]));
        Assert.Equal([0x40, 2, 0, 1], await device.ReadPacketAsync());
        Assert.Equal([0x50, 2, 0, 2], await device.ReadPacketAsync());

        byte[] first = await peer.ReadPacketAsync();
        byte[] handedOn =
        [
            2, 0, 0, 0, 60, 1, 1, 3, 0, 1, (byte)'t', 8, 0, 1, (byte)'r', 9, 0, 2, 0, 0xFF, 0x26, 0, 1, (byte)'a', 0, 1, (byte)'1', 0x26, 0, 1, (byte)'a', 0, 1, (byte)'2', 0x0B, 0xAC, 0x02,
        ];
        Assert.Equal([.. "site/1"u8, 0, 1, (byte)handedOn.Length, .. handedOn, .. "one"u8], first[4..]);
        Assert.Equal(0x32, first[0]);
        byte[] second = await peer.ReadPacketAsync();
        Assert.Equal(0x34, second[0]);
        Assert.Equal([.. "site/1"u8, 0, 2, 3, 0x0B, 0xAC, 0x02, .. "two"u8], second[4..]);
    }

    [Fact]
    public async Task What_was_published_while_the_client_was_away_waits_for_it_but_not_at_qos_0_and_not_when_it_has_expired()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectAsync(test, "gate", MqttVersion.V5, lasting: true);
        await SubscribeAsync(peer, MqttVersion.V5, "site/#", 1);
        await peer.SendAsync(RawPeer.Packet(0xE0));
        Assert.Empty(await peer.ReadToEndAsync());
        await peer.DisposeAsync();
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);

        RawPeer device = await test.OpenAsync();
        await device.SendAsync(RawPeer.Connect(MqttVersion.V5, "B01", "t", clientId: "b"));
        await device.ReadPacketAsync();
        await device.SendAsync(RawPeer.Publish(MqttVersion.V5, 0, "site/1", "lost"u8, qos: 0));
        await device.SendAsync(RawPeer.Packet(0x32, [0, 6, .. "site/1"u8, 0, 1, 5, 2, 0, 0, 0, 5, .. "short"u8]));
        await device.SendAsync(RawPeer.Packet(0x32, [0, 6, .. "site/1"u8, 0, 2, 5, 2, 0, 0, 0, 60, .. "long"u8]));
        await device.SendAsync(RawPeer.Publish(MqttVersion.V5, 3, "site/1", "last"u8));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(0x40, (await device.ReadPacketAsync())[0]);
        }

        test.Time.Advance(TimeSpan.FromSeconds(10));
        peer = await ConnectAsync(test, "gate", MqttVersion.V5, lasting: true, present: true);
        byte[] first = await peer.ReadPacketAsync();
        Assert.Equal([.. "site/1"u8, first[10], first[11], 5, 2, 0, 0, 0, 50, .. "long"u8], first[4..]);
        Assert.Equal("last", Encoding.UTF8.GetString((await peer.ReadPacketAsync())[^4..]));
    }

    [Fact]
    public async Task What_was_in_flight_comes_again_after_a_kill_and_what_was_acknowledged_does_not()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectAsync(test, "gate", MqttVersion.V5, lasting: true);
        await SubscribeAsync(peer, MqttVersion.V5, "site/#", 1);
        MqttPublisher device = await test.ConnectAsync("B01");
        foreach (byte each in "abc"u8.ToArray())
        {
            await device.PublishAsync("site/1"u8.ToArray(), new[] { each });
        }

        await device.FlushAsync();
        byte[][] got = [await peer.ReadPacketAsync(), await peer.ReadPacketAsync(), await peer.ReadPacketAsync()];
        await peer.SendAsync(RawPeer.Ack(PacketType.PubAck, IdOf(got[0])));
        await EndpointUnderTest.UntilAsync(() =>
        {
            test.Time.Advance(TimeSpan.FromSeconds(1));
            return test.Sessions["gate/raw"]!.Queued == 2;
        });

        await using EndpointUnderTest after = await test.AfterKillAsync();
        Allow(after);
        RawPeer again = await ConnectAsync(after, "gate", MqttVersion.V5, lasting: true, present: true);
        byte[][] repeated = [await again.ReadPacketAsync(), await again.ReadPacketAsync()];
        Assert.Equal([(0x3A, IdOf(got[1]), (byte)'b'), (0x3A, IdOf(got[2]), (byte)'c')], repeated.Select(each => ((int)each[0], IdOf(each), each[^1])));
    }

    [Fact]
    public async Task A_retained_message_comes_with_the_subscription_and_again_by_its_handling()
    {
        await using EndpointUnderTest test = await StartAsync();
        MqttPublisher device = await test.ConnectAsync("B01");
        await device.PublishAndWaitAsync("site/1"u8.ToArray(), "kept"u8.ToArray(), retain: true);
        RawPeer peer = await ConnectAsync(test, "gate", MqttVersion.V5);
        await SubscribeAsync(peer, MqttVersion.V5, "site/+", 0);
        Assert.Equal([0x31, 13, 0, 6, .. "site/1"u8, 0, .. "kept"u8], await peer.ReadPacketAsync());

        // Retain handling 1 sends nothing where the subscription is there already; the answer to the ping comes instead.
        await SubscribeAsync(peer, MqttVersion.V5, "site/+", 0x10);
        await peer.SendAsync([0xC0, 0]);
        Assert.Equal([0xD0, 0], await peer.ReadPacketAsync());
        await device.PublishAndWaitAsync("site/1"u8.ToArray(), default, retain: true);
        Assert.Equal([0x30, 9, 0, 6, .. "site/1"u8, 0], await peer.ReadPacketAsync());
        Assert.Contains("\"retained\":0", test.Sessions.Topics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_local_and_retain_as_published_are_kept_to()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectAsync(test, "gate", MqttVersion.V5);
        await SubscribeAsync(peer, MqttVersion.V5, "site/#", 0x2C);
        await peer.SendAsync(RawPeer.Publish(MqttVersion.V5, 1, "site/own", "own"u8));
        Assert.Equal([0x40, 2, 0, 1], await peer.ReadPacketAsync());
        MqttPublisher device = await test.ConnectAsync("B01");
        await device.PublishAndWaitAsync("site/1"u8.ToArray(), "x"u8.ToArray(), retain: true);
        Assert.Equal([0x31, 10, 0, 6, .. "site/1"u8, 0, (byte)'x'], await peer.ReadPacketAsync());
    }

    [Theory]
    [InlineData("site/1", 0x00)]
    [InlineData("elsewhere", 0x87)]
    [InlineData("v1/wim/S07/1", 0x87)]
    [InlineData("$site/1", 0x87)]
    public async Task A_token_publishes_where_it_may_and_nowhere_else(string topic, byte code)
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectAsync(test, "gate", MqttVersion.V5);
        await peer.SendAsync(RawPeer.Publish(MqttVersion.V5, 1, topic, "x"u8));
        byte[] answer = await peer.ReadPacketAsync();
        Assert.Equal((0x40, (int)code), ((int)answer[0], answer.Length > 4 ? answer[4] : 0));
    }

    [Theory]
    [InlineData("site/#", 0)]
    [InlineData("site/+/x", 0)]
    [InlineData("#", 0x87)]
    [InlineData("other", 0x87)]
    [InlineData("$SYS/#", 0x87)]
    [InlineData("$queue", 0x87)]
    public async Task A_subscription_is_granted_where_what_the_user_receives_covers_it(string filter, byte code)
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectAsync(test, "gate", MqttVersion.V5);
        Assert.Equal(code, await SubscribeAsync(peer, MqttVersion.V5, filter, 0));
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_refused_and_a_topic_of_v1_that_means_nothing_is_quarantined()
    {
        await using EndpointUnderTest test = await StartAsync();
        MqttPublisher device = await test.ConnectAsync("B01");
        MqttAnswer large = await device.PublishAndWaitAsync("site/1"u8.ToArray(), new byte[Streaming.Grains.GrainLimits.MessageBytes + 1]);
        Assert.Equal(ReasonCode.QuotaExceeded, large.Code);
        MqttAnswer unknown = await device.PublishAndWaitAsync("v1/nothing/1"u8.ToArray(), "x"u8.ToArray());
        Assert.Equal(ReasonCode.TopicNameInvalid, unknown.Code);
        Assert.Equal(2, test.Intake.Arrived.Count);
    }

    [Fact]
    public async Task A_session_that_ends_with_its_connection_leaves_nothing_behind()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectAsync(test, "gate", MqttVersion.V5);
        await SubscribeAsync(peer, MqttVersion.V5, "site/#", 1);
        Assert.Contains("\"subscriptions\":1", test.Sessions.Topics, StringComparison.Ordinal);
        await peer.SendAsync(RawPeer.Packet(0xE0));
        Assert.Empty(await peer.ReadToEndAsync());
        await peer.DisposeAsync();
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);
        Assert.Null(test.Sessions["gate/raw"]);
        Assert.Equal("{}", test.Sessions.Topics);
    }

    [Fact]
    public async Task A_session_that_was_to_end_with_its_connection_is_not_found_after_a_kill()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectAsync(test, "gate", MqttVersion.V5);
        await SubscribeAsync(peer, MqttVersion.V5, "site/#", 1);
        await using EndpointUnderTest after = await test.AfterKillAsync();
        Allow(after);
        await ConnectAsync(after, "gate", MqttVersion.V5, lasting: true);
        Assert.Empty(after.Sessions["gate/raw"]!.Topics ?? []);
    }

    [Fact]
    public async Task Unsubscribing_ends_the_messages_and_says_whether_there_was_anything()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectAsync(test, "gate", MqttVersion.V5);
        await SubscribeAsync(peer, MqttVersion.V5, "site/a", 0);
        await SubscribeAsync(peer, MqttVersion.V5, "site/b", 0);
        foreach (byte code in new byte[] { ReasonCode.Success, ReasonCode.NoSubscriptionExisted })
        {
            await peer.SendAsync(RawPeer.Write(writer => MqttWriter.WriteUnsubscribe(writer, MqttVersion.V5, 3, "site/a")));
            Assert.Equal([0xB0, 4, 0, 3, 0, code], await peer.ReadPacketAsync());
        }

        MqttPublisher device = await test.ConnectAsync("B01");
        await device.PublishAsync("site/a"u8.ToArray(), "a"u8.ToArray());
        await device.PublishAsync("site/b"u8.ToArray(), "b"u8.ToArray());
        Assert.Equal((byte)'b', (await peer.ReadPacketAsync())[^1]);
    }

    /// <summary>A station costs no more than it did: nothing but its readings is in the journal.</summary>
    [Fact]
    public async Task Who_only_publishes_readings_has_no_record_of_a_session()
    {
        await using EndpointUnderTest test = await StartAsync();
        MqttPublisher station = await test.ConnectAsync("S07");
        await station.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1));
        await station.DisconnectAsync();
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);
        Assert.Single(test.Intake.Journal);
    }

    [Fact]
    public async Task A_will_waits_for_its_delay_in_the_session_and_a_client_that_is_back_takes_it_back()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(ConnectWithWill(delaySeconds: 30));
        Assert.Equal(0, (await peer.ReadPacketAsync())[3]);
        await peer.DisposeAsync();
        await EndpointUnderTest.UntilAsync(() => test.Sessions["gate/w"] is { Left: true });
        RawPeer again = await test.OpenAsync();
        await again.SendAsync(ConnectWithWill(delaySeconds: 30));
        Assert.Equal([1, 0], (await again.ReadPacketAsync())[2..4]);
        Assert.True(test.Sessions["gate/w"] is { Connected: true, Left: null });
        await again.SendAsync(RawPeer.Packet(0xE0));
        Assert.Empty(await again.ReadToEndAsync());
        await again.DisposeAsync();
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);
        Assert.True(test.Sessions["gate/w"] is { Connected: null, Left: true });
    }

    [Fact]
    public async Task A_will_without_a_delay_comes_at_once_and_again_after_a_kill()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer watcher = await ConnectAsync(test, "gate", MqttVersion.V5);
        await SubscribeAsync(watcher, MqttVersion.V5, "site/#", 0);
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(ConnectWithWill(delaySeconds: 0));
        await peer.ReadPacketAsync();
        await peer.DisposeAsync();
        Assert.Equal([0x30, 13, 0, 6, .. "site/w"u8, 0, .. "gone"u8], await watcher.ReadPacketAsync());

        // Whoever was connected when the process was killed did not say good-bye.
        peer = await test.OpenAsync();
        await peer.SendAsync(ConnectWithWill(delaySeconds: 0));
        await peer.ReadPacketAsync();
        await using EndpointUnderTest after = await test.AfterKillAsync();
        Assert.True(after.Sessions["gate/w"] is { Connected: null, Left: true });
    }

    [Theory]
    [InlineData("elsewhere", 4)]
    [InlineData("v1/status/S07", 4)]
    [InlineData("site/w", Streaming.Grains.GrainLimits.WillBytes + 1)]
    public async Task A_will_that_could_not_be_published_is_refused_at_connect(string topic, int bytes)
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Write(writer => MqttWriter.WriteConnect(
            writer, MqttVersion.V5, "w", true, 0, 0, "gate", "t"u8, new Will(Encoding.UTF8.GetBytes(topic), new byte[bytes], 0, false))));
        byte[] answer = await peer.ReadPacketAsync();
        Assert.Equal((0x20, (int)ReasonCode.NotAuthorized), ((int)answer[0], (int)answer[3]));
    }

    [Fact]
    public async Task A_shared_subscription_brings_each_message_to_one_of_its_group()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer[] members = [await test.OpenAsync(), await test.OpenAsync()];
        for (int i = 0; i < members.Length; i++)
        {
            await members[i].SendAsync(RawPeer.Connect(MqttVersion.V5, "gate", "t", clientId: $"m{i}"));
            await members[i].ReadPacketAsync();
            Assert.Equal(0, await SubscribeAsync(members[i], MqttVersion.V5, "$share/g/site/#", 0));
        }

        MqttPublisher device = await test.ConnectAsync("B01");
        foreach (byte each in "abcd"u8.ToArray())
        {
            await device.PublishAsync("site/1"u8.ToArray(), new[] { each });
        }

        List<char> got = [];
        foreach (RawPeer member in members)
        {
            got.Add((char)(await member.ReadPacketAsync())[^1]);
            got.Add((char)(await member.ReadPacketAsync())[^1]);
            await member.SendAsync([0xC0, 0]);
            Assert.Equal([0xD0, 0], await member.ReadPacketAsync());
        }

        Assert.Equal("abcd", string.Concat(got.Order()));
        Assert.Equal(ReasonCode.NotAuthorized, await SubscribeAsync(members[0], MqttVersion.V5, "$share/g/#", 0));
        Assert.Equal(ReasonCode.TopicFilterInvalid, await SubscribeAsync(members[0], MqttVersion.V5, "$share/g", 0));
    }

    [Fact]
    public async Task A_will_brings_its_user_properties()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer watcher = await ConnectAsync(test, "gate", MqttVersion.V5);
        await SubscribeAsync(watcher, MqttVersion.V5, "site/#", 0);
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(ConnectWithWill(delaySeconds: 0, 0x26, 0, 1, (byte)'a', 0, 1, (byte)'1'));
        await peer.ReadPacketAsync();
        await peer.DisposeAsync();
        Assert.Equal([0x30, 20, 0, 6, .. "site/w"u8, 7, 0x26, 0, 1, (byte)'a', 0, 1, (byte)'1', .. "gone"u8], await watcher.ReadPacketAsync());
    }

    /// <summary>Before its CONNACK a connection has already told the session that the client is there; it has to tell it of the end as well.</summary>
    [Fact]
    public async Task A_connection_that_is_cut_off_before_its_CONNACK_leaves_its_session_and_no_will()
    {
        await using EndpointUnderTest test = await StartAsync();
        test.Intake.IsDurableAtOnce = false;
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(ConnectWithWill(delaySeconds: 0));
        await EndpointUnderTest.UntilAsync(() => test.Intake.Journal.Count == 1);
        test.Endpoint.Disconnect("gate");
        test.Intake.Settle();
        Assert.Empty(await peer.ReadToEndAsync());
        await peer.DisposeAsync();
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 0);
        Assert.True(test.Sessions["gate/w"] is { Connected: null, Left: true });
        Assert.Equal(2, test.Intake.Journal.Count);
    }

    [Fact]
    public async Task Overlapping_subscriptions_bring_a_message_once_at_the_best_qos_with_every_identifier()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectAsync(test, "gate", MqttVersion.V5);
        await SubscribeAsync(peer, MqttVersion.V5, "site/#", 0, identifier: 5);
        await SubscribeAsync(peer, MqttVersion.V5, "site/+", 1, identifier: 7);
        MqttPublisher device = await test.ConnectAsync("B01");
        await device.PublishAsync("site/1"u8.ToArray(), "x"u8.ToArray(), 2);
        await device.PublishAsync("site/a/b"u8.ToArray(), "y"u8.ToArray(), 2);
        byte[] both = await peer.ReadPacketAsync();
        Assert.Equal((0x32, 4, 0x0B, 0x0B), (both[0], both[12], both[13], both[15]));
        Assert.Equal([5, 7], new int[] { both[14], both[16] }.Order());
        Assert.Equal([0x30, 14, 0, 8, .. "site/a/b"u8, 2, 0x0B, 5, (byte)'y'], await peer.ReadPacketAsync());
    }

    [Fact]
    public async Task A_topic_that_comes_again_is_an_alias_where_the_client_takes_one()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectWithAsync(test, 0x22, 0, 1);
        await SubscribeAsync(peer, MqttVersion.V5, "site/#", 0);
        MqttPublisher device = await test.ConnectAsync("B01");
        await device.PublishAsync("site/1"u8.ToArray(), "a"u8.ToArray());
        Assert.Equal([0x30, 13, 0, 6, .. "site/1"u8, 3, 0x23, 0, 1, (byte)'a'], await peer.ReadPacketAsync());
        await device.PublishAsync("site/1"u8.ToArray(), "b"u8.ToArray());
        Assert.Equal([0x30, 7, 0, 0, 3, 0x23, 0, 1, (byte)'b'], await peer.ReadPacketAsync());
        await device.PublishAsync("site/2"u8.ToArray(), "c"u8.ToArray());
        Assert.Equal([0x30, 10, 0, 6, .. "site/2"u8, 0, (byte)'c'], await peer.ReadPacketAsync());
    }

    [Fact]
    public async Task No_more_is_sent_than_the_clients_window_allows()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectWithAsync(test, 0x21, 0, 2);
        await SubscribeAsync(peer, MqttVersion.V5, "site/#", 1);
        MqttPublisher device = await test.ConnectAsync("B01");
        foreach (byte each in "abc"u8.ToArray())
        {
            await device.PublishAndWaitAsync("site/1"u8.ToArray(), new[] { each });
        }

        byte[][] got = [await peer.ReadPacketAsync(), await peer.ReadPacketAsync()];
        await peer.SendAsync([0xC0, 0]);

        // The answer to the ping comes instead of the third message.
        Assert.Equal([0xD0, 0], await peer.ReadPacketAsync());
        await peer.SendAsync(RawPeer.Ack(PacketType.PubAck, IdOf(got[0])));
        Assert.Equal("abc", string.Concat(got.Append(await peer.ReadPacketAsync()).Select(each => (char)each[^1])));
    }

    [Fact]
    public async Task What_is_too_large_for_the_client_is_left_out_and_leaves_its_queue()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer peer = await ConnectWithAsync(test, 0x27, 0, 0, 0, 40);
        await SubscribeAsync(peer, MqttVersion.V5, "site/#", 1);
        MqttPublisher device = await test.ConnectAsync("B01");
        await device.PublishAsync("site/1"u8.ToArray(), new byte[40]);
        await device.PublishAsync("site/1"u8.ToArray(), "2"u8.ToArray());
        byte[] second = await peer.ReadPacketAsync();
        Assert.Equal((byte)'2', second[^1]);
        await peer.SendAsync(RawPeer.Ack(PacketType.PubAck, IdOf(second)));
        await EndpointUnderTest.UntilAsync(() =>
        {
            test.Time.Advance(TimeSpan.FromSeconds(1));
            return test.Sessions["gate/c"]!.Queued is null;
        });
    }

    [Fact]
    public async Task A_newer_connection_takes_over_what_the_older_has_in_flight()
    {
        await using EndpointUnderTest test = await StartAsync();
        RawPeer older = await ConnectAsync(test, "gate", MqttVersion.V5, lasting: true);
        await SubscribeAsync(older, MqttVersion.V5, "site/#", 1);
        MqttPublisher device = await test.ConnectAsync("B01");
        await device.PublishAndWaitAsync("site/1"u8.ToArray(), "a"u8.ToArray());
        ushort id = IdOf(await older.ReadPacketAsync());
        RawPeer newer = await ConnectAsync(test, "gate", MqttVersion.V5, lasting: true, present: true);
        byte[] told = await older.ReadPacketAsync();
        Assert.Equal((0xE0, ReasonCode.SessionTakenOver), (told[0], told[2]));
        byte[] again = await newer.ReadPacketAsync();
        Assert.Equal((0x3A, id, (byte)'a'), (again[0], IdOf(again), again[^1]));
        await device.PublishAndWaitAsync("site/1"u8.ToArray(), "b"u8.ToArray());
        byte[] next = await newer.ReadPacketAsync();
        Assert.Equal((0x32, (byte)'b'), (next[0], next[^1]));
        Assert.True(test.Sessions["gate/raw"] is { Connected: true, Left: null });
    }

    /// <summary>User gate, client c, with these properties of CONNECT.</summary>
    private static async Task<RawPeer> ConnectWithAsync(EndpointUnderTest test, params byte[] properties)
    {
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Packet(
            0x10, [0, 4, .. "MQTT"u8, 5, 0xC2, 0, 0, (byte)properties.Length, .. properties, 0, 1, (byte)'c', 0, 4, .. "gate"u8, 0, 1, (byte)'t']));
        Assert.Equal(0, (await peer.ReadPacketAsync())[3]);
        return peer;
    }

    /// <summary>User gate, client w, a session of an hour, the will "gone" on site/w.</summary>
    private static byte[] ConnectWithWill(byte delaySeconds, params byte[] more) => RawPeer.Packet(
        0x10,
        [
            0, 4, .. "MQTT"u8, 5, 0xC4, 0, 0, 5, 0x11, 0, 0, 0x0E, 0x10, 0, 1, (byte)'w', (byte)(5 + more.Length), 0x18, 0, 0, 0, delaySeconds, .. more, 0, 6, .. "site/w"u8, 0, 4, .. "gone"u8, 0, 4, .. "gate"u8, 0, 1, (byte)'t',
        ]);

    private static async Task<EndpointUnderTest> StartAsync()
    {
        EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        Allow(test);
        return test;
    }

    private static void Allow(EndpointUnderTest test)
    {
        test.Access.AddDevice("B01", "t", "site/#", "v1/#", "$site/#");
        test.Access.AddToken("gate", "t", "member", "transport", "*", publishes: ["site/#"], receives: ["site/#"]);
    }

    private static async Task<RawPeer> ConnectAsync(EndpointUnderTest test, string user, MqttVersion version, bool lasting = false, bool present = false)
    {
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Connect(version, user, "t", clean: !lasting, expirySeconds: lasting && version == MqttVersion.V5 ? 3600u : 0));
        byte[] reply = await peer.ReadPacketAsync();
        Assert.Equal((0x20, present ? 1 : 0, 0), (reply[0], reply[2], reply[3]));
        return peer;
    }

    private static async Task<byte> SubscribeAsync(RawPeer peer, MqttVersion version, string filter, byte options, int identifier = 0)
    {
        await peer.SendAsync(RawPeer.Write(writer => MqttWriter.WriteSubscribe(writer, version, 77, filter, options, identifier)));
        byte[] answer = await peer.ReadPacketAsync();
        Assert.Equal(0x90, answer[0]);
        return answer[^1];
    }

    /// <summary>Packet identifier of a PUBLISH of less than 128 bytes on a topic of six.</summary>
    private static ushort IdOf(byte[] publish) => (ushort)((publish[10] << 8) | publish[11]);
}
