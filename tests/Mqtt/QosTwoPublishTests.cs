using System.Text;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Xunit;

namespace Streaming.Tests.Mqtt;

/// <summary>QoS 2 from client to server (MQTT 5.0 section 4.3.3): taken once, whatever of the exchange is lost.</summary>
public sealed class QosTwoPublishTests
{
    private const string Key = "S07/raw";
    private const string Topic = "v1/wim/S07/2";
    private static readonly byte[] Ping = [0xC0, 0];
    private static readonly byte[] Pong = [0xD0, 0];

    /// <summary>How far an exchange comes before the server is killed.</summary>
    public enum Step
    {
        /// <summary>PUBLISH came, and nothing of it is on the disk.</summary>
        Nothing,

        /// <summary>Its readings are on the disk, and not the mark of its identifier.</summary>
        PublishDurable,

        /// <summary>Both are; PUBREC is lost.</summary>
        TakenDurable,

        /// <summary>PUBREL came, and the mark of it is not on the disk.</summary>
        Released,

        /// <summary>It is; PUBCOMP is lost.</summary>
        ReleaseDurable,
    }

    public static TheoryData<byte, Step> Steps()
    {
        TheoryData<byte, Step> all = [];
        foreach (Step step in Enum.GetValues<Step>())
        {
            all.Add((byte)MqttVersion.V311, step);
            all.Add((byte)MqttVersion.V5, step);
        }

        return all;
    }

    [Theory]
    [InlineData(MqttVersion.V311, true)]
    [InlineData(MqttVersion.V311, false)]
    [InlineData(MqttVersion.V5, true)]
    [InlineData(MqttVersion.V5, false)]
    internal async Task A_publish_is_taken_once_however_often_it_comes_before_its_PUBREL(MqttVersion version, bool lasting)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await OpenAsync(test, version, present: false, lasting);
        foreach (bool dup in new[] { false, true, false })
        {
            await peer.SendAsync(Publish(version, 7, 1, dup));
            Assert.Equal([0x50, 2, 0, 7], await peer.ReadPacketAsync());
        }

        await peer.SendAsync(RawPeer.Ack(PacketType.PubRel, 7));
        Assert.Equal([0x70, 2, 0, 7], await peer.ReadPacketAsync());
        await peer.SendAsync(RawPeer.Ack(PacketType.PubRel, 7));
        Assert.Equal(NotFound(version, 7), await peer.ReadPacketAsync());
        Assert.Single(test.Intake.Arrived);

        // The identifier is free: what comes under it now is something else.
        await peer.SendAsync(Publish(version, 7, 2, dup: false));
        Assert.Equal([0x50, 2, 0, 7], await peer.ReadPacketAsync());
        Assert.Equal(2, test.Intake.Arrived.Count);
        Assert.Equal(lasting ? ["Taken 7", "Released 7", "Taken 7"] : [], test.Sessions.Marks(Key));
    }

    [Fact]
    public async Task Publishes_and_releases_of_one_pass_are_one_record_behind_the_publishes()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await OpenAsync(test, MqttVersion.V5, present: false);
        test.Intake.FallBehind();
        await peer.SendAsync(Publish(MqttVersion.V5, 1, 1, dup: false));
        await EndpointUnderTest.UntilAsync(() => test.Intake.IsWaitedFor);
        await peer.SendAsync([.. Publish(MqttVersion.V5, 2, 2, dup: false), .. RawPeer.Ack(PacketType.PubRel, 1), .. Publish(MqttVersion.V5, 3, 3, dup: false)]);
        test.Intake.CatchUp();

        Assert.Equal([0x50, 2, 0, 1], await peer.ReadPacketAsync());
        Assert.Equal([0x50, 2, 0, 2], await peer.ReadPacketAsync());
        Assert.Equal([0x70, 2, 0, 1], await peer.ReadPacketAsync());
        Assert.Equal([0x50, 2, 0, 3], await peer.ReadPacketAsync());
        Assert.Equal(["Taken 1", "Taken 2, Released 1, Taken 3"], test.Sessions.Marks(Key));

        // Behind the session's own record: publish, mark, publish, publish, mark.
        Assert.Equal([2, 4, 5], test.Intake.Arrived.Select(each => each.Position));
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task PUBREC_waits_for_publish_and_mark_and_PUBCOMP_for_the_release(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await OpenAsync(test, version, present: false);
        test.Intake.IsDurableAtOnce = false;
        await peer.SendAsync(Publish(version, 7, 1, dup: false), Ping);
        Assert.Equal(Pong, await peer.ReadPacketAsync());
        test.Intake.MakeDurable(2);
        await peer.SendAsync(Ping);
        Assert.Equal(Pong, await peer.ReadPacketAsync());
        test.Intake.MakeDurable(3);
        Assert.Equal([0x50, 2, 0, 7], await peer.ReadPacketAsync());

        await peer.SendAsync(RawPeer.Ack(PacketType.PubRel, 7), Ping);
        Assert.Equal(Pong, await peer.ReadPacketAsync());
        test.Intake.MakeDurable(4);
        Assert.Equal([0x70, 2, 0, 7], await peer.ReadPacketAsync());
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_kill_between_any_two_steps_loses_nothing_and_takes_nothing_twice(byte level, Step step)
    {
        MqttVersion version = (MqttVersion)level;
        await using EndpointUnderTest killed = await EndpointUnderTest.StartAsync();
        RawPeer peer = await OpenAsync(killed, version, present: false);
        killed.Intake.IsDurableAtOnce = false;
        await peer.SendAsync(Publish(version, 7, 1, dup: false));
        await killed.Intake.WaitForAsync(1);
        bool released = step >= Step.Released;
        if (step >= Step.PublishDurable)
        {
            killed.Intake.MakeDurable(step == Step.PublishDurable ? 2 : 3);
        }

        if (released)
        {
            Assert.Equal([0x50, 2, 0, 7], await peer.ReadPacketAsync());
            await peer.SendAsync(RawPeer.Ack(PacketType.PubRel, 7));
            await EndpointUnderTest.UntilAsync(() => killed.Intake.Journal.Count == 4);
            killed.Intake.MakeDurable(step == Step.ReleaseDurable ? 4 : 3);
        }

        await using EndpointUnderTest test = await killed.AfterKillAsync();
        RawPeer again = await OpenAsync(test, version, present: true);
        if (!released)
        {
            await again.SendAsync(Publish(version, 7, 1, dup: true));
            Assert.Equal([0x50, 2, 0, 7], await again.ReadPacketAsync());
        }

        await again.SendAsync(RawPeer.Ack(PacketType.PubRel, 7));
        Assert.Equal(step == Step.ReleaseDurable ? NotFound(version, 7) : [0x70, 2, 0, 7], await again.ReadPacketAsync());

        // Readings without their mark come a second time; their ids tell, as they do at QoS 1.
        string one = Encoding.UTF8.GetString(EndpointUnderTest.Weighing(1));
        Assert.Equal(Enumerable.Repeat(one, step == Step.PublishDurable ? 2 : 1), test.Intake.Arrived.Select(each => each.Payload));
        await again.SendAsync(Publish(version, 7, 2, dup: false));
        Assert.Equal([0x50, 2, 0, 7], await again.ReadPacketAsync());
        Assert.Equal(Encoding.UTF8.GetString(EndpointUnderTest.Weighing(2)), test.Intake.Arrived[^1].Payload);
    }

    /// <summary>The newer connection is not let in before what the older has marked is on the disk: it would take the same publish again.</summary>
    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task A_connection_that_is_cut_hands_over_what_it_has_taken(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await OpenAsync(test, version, present: false);
        test.Intake.IsDurableAtOnce = false;
        await peer.SendAsync(Publish(version, 7, 1, dup: false));
        await test.Intake.WaitForAsync(1);
        RawPeer again = await test.OpenAsync();
        await again.SendAsync(Connect(version, lasting: true));
        await EndpointUnderTest.UntilAsync(() => test.RefusalsOf(MqttRefusal.SessionTakenOver) == 1);
        test.Intake.Settle();

        Assert.Equal(1, (await again.ReadPacketAsync())[2]);
        await again.SendAsync(Publish(version, 7, 1, dup: true));
        Assert.Equal([0x50, 2, 0, 7], await again.ReadPacketAsync());
        Assert.Single(test.Intake.Arrived);
    }

    [Fact]
    public async Task Without_a_session_that_lasts_an_identifier_is_forgotten_with_its_connection()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        foreach (int _ in new[] { 1, 2 })
        {
            RawPeer peer = await OpenAsync(test, MqttVersion.V5, present: false, lasting: false);
            await peer.SendAsync(Publish(MqttVersion.V5, 7, 1, dup: false));
            Assert.Equal([0x50, 2, 0, 7], await peer.ReadPacketAsync());
        }

        Assert.Equal(2, test.Intake.Arrived.Count);
        Assert.Equal(2, test.Intake.Journal.Count);
    }

    [Fact]
    public async Task A_clean_start_forgets_what_was_taken()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await OpenAsync(test, MqttVersion.V5, present: false);
        await peer.SendAsync(Publish(MqttVersion.V5, 7, 1, dup: false));
        await peer.ReadPacketAsync();
        RawPeer clean = await OpenAsync(test, MqttVersion.V5, present: false, lasting: false);
        await clean.SendAsync(RawPeer.Ack(PacketType.PubRel, 7));

        Assert.Equal(NotFound(MqttVersion.V5, 7), await clean.ReadPacketAsync());
        Assert.Null(test.Sessions[Key]);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task What_cannot_be_used_at_all_ends_the_exchange_where_MQTT_5_can_be_told(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await OpenAsync(test, version, present: false);
        await peer.SendAsync(RawPeer.Publish(version, 7, Topic, "no reading"u8, qos: 2));
        byte[] received = await peer.ReadPacketAsync();
        await peer.SendAsync(RawPeer.Ack(PacketType.PubRel, 7));
        byte[] completed = await peer.ReadPacketAsync();

        if (version == MqttVersion.V5)
        {
            Assert.Equal((0x50, ReasonCode.PayloadFormatInvalid), (received[0], received[4]));
            Assert.Contains("Quarantined", Encoding.UTF8.GetString(received), StringComparison.Ordinal);
            Assert.Equal(NotFound(version, 7), completed);
            Assert.Empty(test.Sessions.Marks(Key));
        }
        else
        {
            Assert.Equal([0x50, 2, 0, 7], received);
            Assert.Equal([0x70, 2, 0, 7], completed);
        }
    }

    [Fact]
    public async Task A_tokens_publish_is_refused_in_PUBREC()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenConnectedAsync("t1", MqttVersion.V5);
        await peer.SendAsync(Publish(MqttVersion.V5, 7, 1, dup: false));

        byte[] received = await peer.ReadPacketAsync();
        Assert.Equal((0x50, ReasonCode.NotAuthorized), (received[0], received[4]));
        Assert.Empty(test.Intake.Journal);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task More_unfinished_publishes_than_Receive_Maximum_end_the_connection_and_its_session_keeps_those_it_took(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await OpenAsync(test, version, present: false);
        byte[] payload = EndpointUnderTest.Weighing(1);
        await peer.SendAsync([.. Enumerable.Range(1, MqttLimits.PublishesInFlight + 1).SelectMany(id => RawPeer.Publish(version, (ushort)id, Topic, payload, qos: 2))]);
        byte[] rest = await peer.ReadToEndAsync();

        Assert.Equal(1, test.RefusalsOf(MqttRefusal.ReceiveMaximumExceeded));
        Assert.Equal(version == MqttVersion.V5 ? [0xE0, ReasonCode.ReceiveMaximumExceeded] : [], rest.Length > MqttLimits.PublishesInFlight * 4 ? new[] { rest[MqttLimits.PublishesInFlight * 4], rest[(MqttLimits.PublishesInFlight * 4) + 2] } : []);
        Assert.Equal(MqttLimits.PublishesInFlight, test.Intake.Arrived.Count);
        RawPeer again = await OpenAsync(test, version, present: true);
        await again.SendAsync(RawPeer.Publish(version, MqttLimits.PublishesInFlight, Topic, payload, qos: 2, dup: true));
        Assert.Equal([0x50, 2, MqttLimits.PublishesInFlight >> 8, 0], await again.ReadPacketAsync());
        Assert.Equal(MqttLimits.PublishesInFlight, test.Intake.Arrived.Count);
    }

    private static byte[] Publish(MqttVersion version, ushort packetId, int number, bool dup) => RawPeer.Publish(version, packetId, Topic, EndpointUnderTest.Weighing(number), qos: 2, dup);

    private static byte[] NotFound(MqttVersion version, byte packetId) => version == MqttVersion.V5 ? [0x70, 3, 0, packetId, ReasonCode.PacketIdentifierNotFound] : [0x70, 2, 0, packetId];

    private static byte[] Connect(MqttVersion version, bool lasting) => RawPeer.Connect(version, "S07", "p", clean: !lasting, expirySeconds: lasting ? 3600u : 0);

    private static async Task<RawPeer> OpenAsync(EndpointUnderTest test, MqttVersion version, bool present, bool lasting = true)
    {
        RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(Connect(version, lasting));
        byte[] reply = await peer.ReadPacketAsync();
        Assert.Equal([0x20, present ? 1 : 0, 0], [reply[0], reply[2], reply[3]]);
        return peer;
    }
}
