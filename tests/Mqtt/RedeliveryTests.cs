using System.Text;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Mqtt;

/// <summary>QoS 1 and 2 from server to client: what was in flight comes again under its identifiers, after a cut and after a kill, and nothing else does.</summary>
public sealed class RedeliveryTests
{
    private const string Filter = "v1/departments/transport/+/alerts";
    private const string Feed = "transport/*";
    private const string Key = "t1/sub";

    [Fact]
    public async Task QoS_2_goes_in_four_steps()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        QosTwoSubscriber client = await SubscribedAsync(test, MqttVersion.V5, 2);
        Show(test, 1, 3);
        await client.RunAsync(6);

        Assert.Equal(["1", "2", "3"], client.Handed);
        Assert.Equal(["PUBLISH 1", "PUBLISH 2", "PUBLISH 3"], client.Packets.Where(packet => packet.StartsWith("PUBLISH", StringComparison.Ordinal)));
        Assert.Equal(["PUBREL 1", "PUBREL 2", "PUBREL 3"], client.Packets.Where(packet => packet.StartsWith("PUBREL", StringComparison.Ordinal)));
        await client.ExpectNothingAsync();
    }

    [Theory]
    [InlineData(MqttVersion.V311, 1)]
    [InlineData(MqttVersion.V311, 2)]
    [InlineData(MqttVersion.V5, 1)]
    [InlineData(MqttVersion.V5, 2)]
    internal async Task Nothing_is_sent_before_its_identifier_is_on_the_disk(MqttVersion version, byte qos)
    {
        await using EndpointUnderTest killed = await EndpointUnderTest.StartAsync();
        QosTwoSubscriber client = await SubscribedAsync(killed, version, qos);
        killed.Intake.IsDurableAtOnce = false;
        Show(killed, 1, 1);
        await EndpointUnderTest.UntilAsync(() => killed.Sessions.Marks(Key).Count == 1);
        await client.ExpectNothingAsync();

        await using EndpointUnderTest test = await killed.AfterKillAsync();
        await client.ConnectAsync(test, present: true);
        await client.RunAsync(qos);
        Assert.Equal(["1"], client.Handed);
        Assert.Equal("PUBLISH 1", client.Packets[0]);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task PUBREL_waits_until_a_restart_would_know_of_its_PUBREC(MqttVersion version)
    {
        await using EndpointUnderTest killed = await EndpointUnderTest.StartAsync();
        QosTwoSubscriber client = await SubscribedAsync(killed, version, 2);
        Show(killed, 1, 1);
        byte[] received = await client.TakeAsync();
        killed.Intake.IsDurableAtOnce = false;
        await client.SendAsync(received);
        await client.ExpectNothingAsync();
        Assert.Equal("Received 1", killed.Sessions.Marks(Key)[^1]);

        await using EndpointUnderTest test = await killed.AfterKillAsync();
        await client.ConnectAsync(test, present: true);
        await client.RunAsync(2);
        Assert.Equal(["PUBLISH 1", "PUBLISH 1 DUP", "PUBREL 1"], client.Packets);
        Assert.Equal(["1"], client.Handed);
    }

    /// <summary>Killed, or cut, after each packet that goes either way: once with the client's answer on its way, once without.</summary>
    [Theory]
    [InlineData(MqttVersion.V311, 1, true)]
    [InlineData(MqttVersion.V311, 2, true)]
    [InlineData(MqttVersion.V5, 1, true)]
    [InlineData(MqttVersion.V5, 2, true)]
    [InlineData(MqttVersion.V5, 1, false)]
    [InlineData(MqttVersion.V5, 2, false)]
    internal async Task Whatever_step_is_interrupted_everything_comes_in_order_and_at_QoS_2_once(MqttVersion version, byte qos, bool kill)
    {
        const int Items = 3;
        for (int before = 0; before <= Items * qos; before++)
        {
            foreach (bool answers in before == 0 ? new[] { false } : [false, true])
            {
                await using EndpointUnderTest first = await EndpointUnderTest.StartAsync();
                QosTwoSubscriber client = await SubscribedAsync(first, version, qos);
                Show(first, 1, Items);
                await client.RunAsync(Math.Max(before - 1, 0));
                if (before > 0)
                {
                    byte[] last = await client.TakeAsync();
                    if (answers)
                    {
                        await client.SendAsync(last);
                    }
                }

                if (!kill)
                {
                    await client.CutAsync();
                    await EndpointUnderTest.UntilAsync(() => first.Endpoint.Connections.Count == 0);
                }

                await using EndpointUnderTest? restarted = kill ? await first.AfterKillAsync() : null;
                EndpointUnderTest test = restarted ?? first;
                Show(test, Items + 1, 1);
                int known = client.Packets.Count;
                await client.ConnectAsync(test, present: true);
                while (client.Handed.Count <= Items || client.Unreleased > 0)
                {
                    await client.RunAsync(1);
                }

                await client.ExpectNothingAsync();
                test.Time.Advance(TimeSpan.FromSeconds(1));
                await EndpointUnderTest.UntilAsync(() => test.Sessions[Key]!.InFlight is null);

                string story = $"{version}, QoS {qos}, after {before} packets{(answers ? " and an answer" : "")}: {string.Join(", ", client.Packets)}";
                Assert.True(Enumerable.Range(1, Items + 1).Select(number => $"{number}").SequenceEqual(client.Handed), story);
                Assert.True(qos == 1 || client.Again == 0, story);

                // What comes again comes first, and says so.
                List<string> resumed = client.Packets[known..];
                int fresh = resumed.FindIndex(packet => packet.StartsWith("PUBLISH", StringComparison.Ordinal) && !packet.EndsWith("DUP", StringComparison.Ordinal));
                Assert.True(fresh < 0 || !resumed[fresh..].Any(packet => packet.EndsWith("DUP", StringComparison.Ordinal)), story);
                await client.CutAsync();
            }
        }
    }

    [Fact]
    public async Task What_is_complete_does_not_come_again()
    {
        await using EndpointUnderTest killed = await EndpointUnderTest.StartAsync();
        QosTwoSubscriber client = await SubscribedAsync(killed, MqttVersion.V5, 2);
        Show(killed, 1, 2);
        await client.RunAsync(4);
        await client.ExpectNothingAsync();
        killed.Time.Advance(TimeSpan.FromSeconds(2));
        await EndpointUnderTest.UntilAsync(() => killed.Sessions[Key]!.InFlight is null);

        await using EndpointUnderTest test = await killed.AfterKillAsync();
        await client.ConnectAsync(test, present: true);
        await client.ExpectNothingAsync();
        Show(test, 3, 1);
        await client.RunAsync(2);
        Assert.Equal(["1", "2", "3"], client.Handed);
        Assert.DoesNotContain(client.Packets, packet => packet.EndsWith("DUP", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_identifier_is_free_in_the_session_before_it_is_used_again()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await test.ConnectAsync("t1", clientId: "sub", options: new MqttPublisherOptions { CleanStart = false, SessionExpirySeconds = 3600 });
        await client.SubscribeAsync(Filter);
        const int Items = ushort.MaxValue + 100;
        int shown = 0;
        for (int i = 0; i < Items; i++)
        {
            while (shown < Items && shown < i + 1000)
            {
                Show(test, ++shown, 1);
            }

            using CancellationTokenSource patience = new(Waits.Longest);
            Assert.Equal($"{i + 1}", Encoding.UTF8.GetString((await client.Messages.ReadAsync(patience.Token)).Payload));
        }

        await client.DisconnectAsync();
        await test.ConnectAsync("t1", clientId: "sub", options: new MqttPublisherOptions { CleanStart = false, SessionExpirySeconds = 3600 });
        Assert.Equal(Items, Assert.Single(test.Sessions[Key]!.Subscriptions).Acknowledged);
        Assert.Null(test.Sessions[Key]!.InFlight);
    }

    [Fact]
    public async Task What_is_in_flight_when_its_subscription_ends_is_completed_and_nothing_more_comes()
    {
        await using EndpointUnderTest killed = await EndpointUnderTest.StartAsync();
        QosTwoSubscriber client = await SubscribedAsync(killed, MqttVersion.V311, 2);
        Show(killed, 1, 1);
        await client.TakeAsync();
        await client.SendAsync(RawPeer.Write(w => MqttWriter.WriteUnsubscribe(w, MqttVersion.V311, 2, Filter)));
        await EndpointUnderTest.UntilAsync(() => killed.Sessions[Key]!.Subscriptions.Length == 0);
        Show(killed, 2, 1);

        await using EndpointUnderTest test = await killed.AfterKillAsync();
        await client.ConnectAsync(test, present: true);
        await client.RunAsync(2);
        await client.ExpectNothingAsync();
        Assert.Equal(["PUBLISH 1", "PUBLISH 1 DUP", "PUBREL 1"], client.Packets);
    }

    [Fact]
    public async Task What_may_no_longer_be_seen_does_not_come_again()
    {
        await using EndpointUnderTest killed = await EndpointUnderTest.StartAsync();
        QosTwoSubscriber client = await SubscribedAsync(killed, MqttVersion.V5, 2);
        Show(killed, 1, 2);
        await client.RunAsync(1);
        await client.TakeAsync();
        await EndpointUnderTest.UntilAsync(() => killed.Sessions[Key]!.InFlight is [{ Received: true }, ..]);

        await using EndpointUnderTest test = await killed.AfterKillAsync();
        test.Access.AddToken("t1", "t", "member", "police", "*");
        await client.ConnectAsync(test, present: true);
        int known = client.Packets.Count;
        await client.RunAsync(1);
        Assert.Equal(["PUBREL 1"], client.Packets[known..]);
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_session_taken_up_without_lasting_longer_is_known_to_a_restart_until_it_ends()
    {
        await using EndpointUnderTest killed = await EndpointUnderTest.StartAsync();
        QosTwoSubscriber client = await SubscribedAsync(killed, MqttVersion.V5, 2);
        Show(killed, 1, 1);
        await client.TakeAsync();
        RawPeer peer = await killed.OpenAsync();
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "t1", "t", clientId: "sub", clean: false));
        Assert.Equal(1, (await peer.ReadPacketAsync())[2]);
        Assert.Equal(0x3C, (await peer.ReadPacketAsync())[0]);
        await peer.SendAsync(RawPeer.Ack(PacketType.PubRec, 1));
        Assert.Equal([0x62, 2, 0, 1], await peer.ReadPacketAsync());

        await using EndpointUnderTest test = await killed.AfterKillAsync();
        RawPeer again = await test.OpenAsync();
        await again.SendAsync(RawPeer.Connect(MqttVersion.V5, "t1", "t", clientId: "sub", clean: false));
        Assert.Equal(1, (await again.ReadPacketAsync())[2]);
        Assert.Equal([0x62, 2, 0, 1], await again.ReadPacketAsync());
        await again.SendAsync(RawPeer.Ack(PacketType.PubComp, 1), [0xE0, 0]);
        Assert.Empty(await again.ReadPacketAsync());
        await EndpointUnderTest.UntilAsync(() => test.Sessions[Key] is null);
    }

    [Fact]
    public async Task The_clients_window_holds_over_both_QoS_and_for_what_comes_again()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await WindowAsync(test, receiveMaximum: 3, present: false);
        await peer.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 1, Filter, 2)));
        await peer.ReadPacketAsync();
        await peer.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 2, "v1/departments/transport/north/alerts", 1)));
        await peer.ReadPacketAsync();
        Show(test, 1, 2);
        Assert.Equal(0x34, (await peer.ReadPacketAsync())[0]);
        Assert.Equal(0x34, (await peer.ReadPacketAsync())[0]);
        test.Feeds.Add("transport/north", "north", "\"n1\"");
        Assert.Equal(0x32, (await peer.ReadPacketAsync())[0]);
        Show(test, 3, 2);
        await NothingAsync(peer);

        // PUBREC makes no room, PUBCOMP does.
        await peer.SendAsync(RawPeer.Ack(PacketType.PubRec, 1));
        Assert.Equal([0x62, 2, 0, 1], await peer.ReadPacketAsync());
        await NothingAsync(peer);
        await peer.SendAsync(RawPeer.Ack(PacketType.PubComp, 1));
        Assert.Equal(0x34, (await peer.ReadPacketAsync())[0]);
        await NothingAsync(peer);

        RawPeer again = await WindowAsync(test, receiveMaximum: 1, present: true);
        Assert.Equal(0x3C, (await again.ReadPacketAsync())[0]);
        await NothingAsync(again);
        await again.SendAsync(RawPeer.Ack(PacketType.PubRec, 2));
        Assert.Equal([0x62, 2, 0, 2], await again.ReadPacketAsync());
        await NothingAsync(again);
        await again.SendAsync(RawPeer.Ack(PacketType.PubComp, 2));
        Assert.Equal(0x3A, (await again.ReadPacketAsync())[0]);
        await NothingAsync(again);
        await again.SendAsync(RawPeer.Ack(PacketType.PubAck, 3));
        Assert.Equal(0x3C, (await again.ReadPacketAsync())[0]);
    }

    [Fact]
    public async Task A_PUBREC_that_is_a_failure_ends_its_exchange()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await WindowAsync(test, receiveMaximum: 1, present: false);
        await peer.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 1, Filter, 2)));
        await peer.ReadPacketAsync();
        Show(test, 1, 2);
        await peer.ReadPacketAsync();
        await peer.SendAsync(RawPeer.Packet(0x50, 0, 1, ReasonCode.QuotaExceeded));

        Assert.Equal((0x34, (byte)'2'), ((await peer.ReadPacketAsync()) is { } next ? (next[0], next[^1]) : default));
        await peer.SendAsync(RawPeer.Ack(PacketType.PubRec, 9));
        Assert.Equal([0x62, 3, 0, 9, ReasonCode.PacketIdentifierNotFound], await peer.ReadPacketAsync());
    }

    [Theory]
    [InlineData(2, PacketType.PubAck)]
    [InlineData(2, PacketType.PubComp)]
    [InlineData(1, PacketType.PubRec)]
    [InlineData(1, PacketType.PubComp)]
    internal async Task An_acknowledgement_of_another_step_ends_the_connection(byte qos, PacketType type)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        QosTwoSubscriber client = await SubscribedAsync(test, MqttVersion.V5, qos);
        Show(test, 1, 1);
        await client.TakeAsync();
        await client.SendAsync(RawPeer.Ack(type, 1));

        await EndpointUnderTest.UntilAsync(() => test.RefusalsOf(MqttRefusal.PacketUnexpected) == 1);
    }

    [Fact]
    public async Task A_journal_that_takes_nothing_holds_deliveries_up_and_loses_none()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        QosTwoSubscriber client = await SubscribedAsync(test, MqttVersion.V5, 1);
        test.Intake.Refusal = "the disk is full";
        Show(test, 1, 1);
        await EndpointUnderTest.UntilAsync(() => test.Intake.Refused > 0);
        await client.ExpectNothingAsync();
        test.Intake.Refusal = null;
        await EndpointUnderTest.UntilAsync(() =>
        {
            test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.MarkRetryMs));
            return test.Sessions.Marks(Key).Count > 0;
        });

        await client.RunAsync(1);
        Assert.Equal(["1"], client.Handed);
    }

    private static async Task<QosTwoSubscriber> SubscribedAsync(EndpointUnderTest test, MqttVersion version, byte qos)
    {
        QosTwoSubscriber client = new(version);
        await client.ConnectAsync(test, present: false);
        await client.SubscribeAsync(Filter, qos);
        return client;
    }

    private static async Task NothingAsync(RawPeer peer)
    {
        await peer.SendAsync([0xC0, 0]);
        Assert.Equal([0xD0, 0], await peer.ReadPacketAsync());
    }

    private static async Task<RawPeer> WindowAsync(EndpointUnderTest test, byte receiveMaximum, bool present)
    {
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Packet(
            0x10, [0, 4, .. "MQTT"u8, 5, 0xC0, 0, 0, 8, 0x21, 0, receiveMaximum, 0x11, 0, 0, 14, 16, 0, 1, (byte)'c', 0, 2, .. "t1"u8, 0, 1, (byte)'t']));
        Assert.Equal(present ? 1 : 0, (await peer.ReadPacketAsync())[2]);
        return peer;
    }

    private static void Show(EndpointUnderTest test, int from, int count)
    {
        for (int i = from; i < from + count; i++)
        {
            test.Feeds.Add(Feed, "harbour", $"{i}");
        }
    }
}
