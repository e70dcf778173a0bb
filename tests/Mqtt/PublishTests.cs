using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Ingest;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Mqtt;

public sealed class PublishTests
{
    private static readonly byte[] Ping = [0xC0, 0];
    private static readonly byte[] Pong = [0xD0, 0];

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task Nothing_is_acknowledged_before_it_is_durable(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        test.Intake.IsDurableAtOnce = false;
        RawPeer peer = await test.OpenConnectedAsync("S07", version);
        for (ushort id = 1; id <= 3; id++)
        {
            // One after the other, so that each is a batch, and has a position, of its own.
            await peer.SendAsync(RawPeer.Publish(version, id, "v1/wim/S07/2", EndpointUnderTest.Weighing(id)));
            await test.Intake.WaitForAsync(id);
        }

        await peer.SendAsync(Ping);

        // The answer to the ping overtakes: the publishes were taken and are still not acknowledged.
        Assert.Equal(Pong, await peer.ReadPacketAsync());

        test.Intake.MakeDurable(2);
        Assert.Equal([0x40, 2, 0, 1], await peer.ReadPacketAsync());
        Assert.Equal([0x40, 2, 0, 2], await peer.ReadPacketAsync());
        await peer.SendAsync(Ping);
        Assert.Equal(Pong, await peer.ReadPacketAsync());

        test.Intake.MakeDurable(3);
        Assert.Equal([0x40, 2, 0, 3], await peer.ReadPacketAsync());
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task Thousands_in_flight_are_taken_in_batches_and_acknowledged_in_order(MqttVersion version)
    {
        const int Count = 20_000;
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();

        // The client itself insists that acknowledgements come in the order of its publishes.
        MqttPublisher client = await test.ConnectAsync("S07", version, options: new MqttPublisherOptions { Window = 8192 });
        for (int i = 0; i < Count; i++)
        {
            await client.PublishAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(i));
        }

        await client.FlushAsync().WaitAsync(Waits.Longest);

        Assert.Null(client.Failure);
        Assert.Equal(Count, client.Acknowledged);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"S07-{i:D6}"), test.Intake.Arrived.Select(each => each.Payload[7..17]));
        Assert.True(test.Intake.Appends < Count / 4, $"{test.Intake.Appends} appends for {Count} publishes");
        Assert.InRange(test.Intake.LargestBatch, 1, MqttLimits.BatchBytes + (64 * 1024));
    }

    [Fact]
    public async Task Packets_cut_at_every_byte_are_put_together_again()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenConnectedAsync("S07", MqttVersion.V311);
        byte[] two = [.. RawPeer.Publish(MqttVersion.V311, 1, "v1/wim/S07/2", EndpointUnderTest.Weighing(1)), .. RawPeer.Publish(MqttVersion.V311, 2, "v1/wim/S07/2", EndpointUnderTest.Weighing(2))];
        foreach (byte each in two)
        {
            await peer.SendAsync([each]);
        }

        Assert.Equal([0x40, 2, 0, 1], await peer.ReadPacketAsync());
        Assert.Equal([0x40, 2, 0, 2], await peer.ReadPacketAsync());
        Assert.Equal(2, test.Intake.Arrived.Count(each => each.Readings == 1));
    }

    [Fact]
    public async Task QoS_0_is_taken_without_an_answer()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenConnectedAsync("S07", MqttVersion.V5);
        await peer.SendAsync(RawPeer.Publish(MqttVersion.V5, 0, "v1/wim/S07/2", EndpointUnderTest.Weighing(1), qos: 0), Ping);

        Assert.Equal(Pong, await peer.ReadPacketAsync());
        Assert.Equal(1, (await test.Intake.WaitForAsync(1))[0].Readings);
    }

    [Theory]
    [InlineData(MqttVersion.V311, 0)]
    [InlineData(MqttVersion.V5, ReasonCode.NotAuthorized)]
    internal async Task Another_stations_topic_is_quarantined_and_answered(MqttVersion version, byte code)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await test.ConnectAsync("S07", version);
        MqttAnswer good = await client.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1));
        MqttAnswer foreign = await client.PublishAndWaitAsync("v1/wim/S08/2"u8.ToArray(), EndpointUnderTest.Weighing(2));
        MqttAnswer after = await client.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(3));

        Assert.Equal((0, code, 0), (good.Code, foreign.Code, after.Code));
        Assert.Equal([(1, null), (0, RejectReason.TopicNotAllowed), (1, null)], test.Intake.Arrived.Select(each => (each.Readings, each.Rejection)));
        Assert.Equal("v1/wim/S08/2", test.Intake.Arrived[1].Topic);
        if (version == MqttVersion.V5)
        {
            Assert.Contains("v1/wim/S08/2", foreign.Reason, StringComparison.Ordinal);
            Assert.Contains("TopicNotAllowed", test.Endpoint.Connections[0].LastRefusal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{", ReasonCode.PayloadFormatInvalid)]
    [InlineData("", ReasonCode.PayloadFormatInvalid)]
    [InlineData("""{"id":"1","at":"2026-11-21T00:15:30Z","grossKg":-5}""", ReasonCode.PayloadFormatInvalid)]
    [InlineData("[]", ReasonCode.PayloadFormatInvalid)]
    public async Task A_payload_of_which_nothing_was_taken_is_answered_with_a_reason(string payload, byte code)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await test.ConnectAsync("S07");
        MqttAnswer answer = await client.PublishAndWaitAsync(EndpointUnderTest.Lane, Encoding.UTF8.GetBytes(payload));
        Arrived arrived = Assert.Single(test.Intake.Arrived);

        Assert.Equal(0, arrived.Readings);
        Assert.Equal(payload, arrived.Payload);
        Assert.Equal(arrived.Rejection is null ? ReasonCode.Success : code, answer.Code);
        Assert.Equal(arrived.Rejection is not null, answer.Reason?.StartsWith("Quarantined", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public async Task A_payload_of_which_part_was_taken_is_a_success_that_says_what_was_not()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await test.ConnectAsync("S07");
        MqttAnswer answer = await client.PublishAndWaitAsync(
            EndpointUnderTest.Lane, (byte[])[.. "["u8, .. EndpointUnderTest.Weighing(1), .. ",{\"id\":3},"u8, .. EndpointUnderTest.Weighing(2), .. "]"u8]);

        Assert.Equal(ReasonCode.Success, answer.Code);
        Assert.StartsWith("1 of 3 readings quarantined: ", answer.Reason, StringComparison.Ordinal);
        Assert.Equal(2, test.Intake.Arrived[0].Readings);
    }

    [Fact]
    public async Task A_reading_from_before_identities_are_kept_is_quarantined_from_the_moment_that_they_are_dropped()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await test.ConnectAsync("S07");
        byte[] newer = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(EndpointUnderTest.Weighing(2)).Replace("00:15:30.123", "00:15:30.124", StringComparison.Ordinal));
        Assert.Equal(ReasonCode.Success, (await client.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1))).Code);
        test.Rules.IdentitiesSinceMs = new DateTimeOffset(2026, 11, 21, 0, 15, 30, 123, TimeSpan.Zero).ToUnixTimeMilliseconds();
        MqttAnswer old = await client.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1));
        MqttAnswer both = await client.PublishAndWaitAsync(EndpointUnderTest.Lane, (byte[])[.. "["u8, .. EndpointUnderTest.Weighing(1), .. ","u8, .. newer, .. "]"u8]);

        Assert.Equal(ReasonCode.PayloadFormatInvalid, old.Code);
        Assert.Contains("BadTime: at is \"2026-11-21T00:15:30.123Z\"; a time after 2026-11-21T00:15:30.123Z expected", old.Reason, StringComparison.Ordinal);
        Assert.Equal(ReasonCode.Success, both.Code);
        Assert.StartsWith("1 of 2 readings quarantined: BadTime", both.Reason, StringComparison.Ordinal);
        Assert.Equal([1, 0, 1], test.Intake.Arrived.Select(each => each.Readings));
    }

    [Fact]
    public async Task A_single_reading_of_300_KiB_is_quarantined_and_good_ones_around_it_are_taken()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await test.ConnectAsync("S07");
        MqttAnswer before = await client.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1));
        MqttAnswer large = await client.PublishAndWaitAsync(EndpointUnderTest.Lane, Encoding.UTF8.GetBytes($$"""{"id":"{{new string('x', 300 * 1024)}}"}"""));
        MqttAnswer after = await client.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(2));

        Assert.Equal((ReasonCode.Success, ReasonCode.QuotaExceeded, ReasonCode.Success), (before.Code, large.Code, after.Code));
        Assert.Equal([null, RejectReason.TooLarge, null], test.Intake.Arrived.Select(each => each.Rejection));
    }

    [Fact]
    public async Task A_backlog_of_nearly_two_megabytes_is_taken_in_one_publish()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher client = await test.ConnectAsync("S07");
        using MemoryStream array = new();
        array.Write("["u8);
        int count = 0;
        while (array.Length < IngestLimits.PayloadBytes - 400)
        {
            array.Write(count == 0 ? ""u8 : ",                                                                                "u8);
            array.Write(EndpointUnderTest.Weighing(count++));
        }

        array.Write("]"u8);
        MqttAnswer answer = await client.PublishAndWaitAsync(EndpointUnderTest.Lane, array.ToArray());

        Assert.Equal(0, answer.Code);
        Assert.Null(answer.Reason);
        Assert.Equal(count, test.Intake.Arrived[0].Readings);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task A_packet_larger_than_is_taken_ends_the_connection_and_what_came_before_counts(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenConnectedAsync("S07", version);
        byte[] large = RawPeer.Publish(version, 2, "v1/wim/S07/2", new byte[MqttLimits.PacketBytes]);
        await peer.SendAsync(RawPeer.Publish(version, 1, "v1/wim/S07/2", EndpointUnderTest.Weighing(1)), large);
        byte[] rest = await peer.ReadToEndAsync();

        Assert.Equal([0x40, 2, 0, 1], rest[..4]);
        if (version == MqttVersion.V5)
        {
            Assert.Equal((0xE0, ReasonCode.PacketTooLarge), (rest[4], rest[6]));
        }
        else
        {
            Assert.Equal(4, rest.Length);
        }

        Assert.Single(test.Intake.Arrived);
        Assert.Equal(1, test.RefusalsOf(MqttRefusal.PacketTooLarge));
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task A_bad_packet_among_good_ones_ends_the_connection_behind_their_acknowledgement(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        test.Intake.IsDurableAtOnce = false;
        RawPeer peer = await test.OpenConnectedAsync("S07", version);
        await peer.SendAsync([
            .. RawPeer.Publish(version, 1, "v1/wim/S07/2", EndpointUnderTest.Weighing(1)),
            .. RawPeer.Packet(0x36, 0, 1, (byte)'t', 0, 2),
            .. RawPeer.Publish(version, 3, "v1/wim/S07/2", EndpointUnderTest.Weighing(3))]);
        await test.Intake.WaitForAsync(1);
        test.Intake.MakeDurable(1);
        byte[] rest = await peer.ReadToEndAsync();

        Assert.Equal([0x40, 2, 0, 1], rest[..4]);
        Assert.Equal(version == MqttVersion.V5 ? [0xE0, ReasonCode.MalformedPacket] : [], rest.Length > 4 ? new[] { rest[4], rest[6] } : []);
        Assert.Single(test.Intake.Arrived);
    }

    [Fact]
    public async Task A_token_may_not_publish_and_MQTT_5_is_told_without_losing_its_connection()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher token = await test.ConnectAsync("t1");
        MqttAnswer answer = await token.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1));
        MqttPublisher old = await test.ConnectAsync("admin", MqttVersion.V311);
        await Assert.ThrowsAsync<MqttDisconnectedException>(() => old.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(2)));

        Assert.Equal(ReasonCode.NotAuthorized, answer.Code);
        Assert.Null(token.Failure);
        Assert.Empty(test.Intake.Arrived);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task A_journal_that_takes_nothing_ends_the_connection_without_an_acknowledgement(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenConnectedAsync("S07", version);
        test.Intake.Refusal = "the disk is full";
        await peer.SendAsync(RawPeer.Publish(version, 1, "v1/wim/S07/2", EndpointUnderTest.Weighing(1)));
        byte[] rest = await peer.ReadToEndAsync();

        if (version == MqttVersion.V5)
        {
            Assert.Equal((0xE0, ReasonCode.QuotaExceeded), (rest[0], rest[2]));
            Assert.Contains("the disk is full", Encoding.UTF8.GetString(rest), StringComparison.Ordinal);
        }
        else
        {
            Assert.Empty(rest);
        }

        test.Intake.Refusal = null;
        MqttPublisher again = await test.ConnectAsync("S07", version);
        Assert.True((await again.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1))).IsSuccess);
        Assert.Equal("the disk is full", test.Endpoint.Refused[^1].Detail);
    }

    [Fact]
    public async Task While_the_silo_is_behind_nothing_more_is_read_and_nothing_times_out()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        test.Intake.FallBehind();
        RawPeer peer = await test.OpenConnectedAsync("S07", MqttVersion.V5, keepAliveSeconds: 10);
        await peer.SendAsync(RawPeer.Publish(MqttVersion.V5, 1, "v1/wim/S07/2", EndpointUnderTest.Weighing(1)));

        // More than the sockets between them can hold: the send can only end once the endpoint reads again.
        byte[] payload = EndpointUnderTest.Weighing(2);
        byte[] flood = [.. Enumerable.Range(2, 50_000).SelectMany(id => RawPeer.Publish(MqttVersion.V5, 0, "v1/wim/S07/2", payload, qos: 0))];
        Task sending = peer.SendAsync(flood);
        await EndpointUnderTest.UntilAsync(() => test.Intake.IsWaitedFor);
        test.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(sending.IsCompleted);
        Assert.Empty(test.Intake.Arrived);

        test.Intake.CatchUp();
        await sending;
        await test.Intake.WaitForAsync(50_001);
        Assert.Equal([0x40, 2, 0, 1], await peer.ReadPacketAsync());
        Assert.Equal(0, test.RefusalsOf(MqttRefusal.KeepAliveTimeout));
    }

    [Fact]
    public async Task An_MQTT_5_client_that_exceeds_Receive_Maximum_is_disconnected()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        test.Intake.IsDurableAtOnce = false;
        RawPeer peer = await test.OpenConnectedAsync("S07", MqttVersion.V5);
        ByteWriter packets = new();
        for (int i = 0; i <= MqttLimits.PublishesInFlight; i++)
        {
            MqttPublisher.EncodePublish(packets, MqttVersion.V5, MqttPublisher.PacketIdOf(i), EndpointUnderTest.Lane.Span, "{}"u8);
        }

        await peer.SendAsync(packets.Written.ToArray());
        await test.Intake.WaitForAsync(MqttLimits.PublishesInFlight);
        test.Intake.MakeDurable(long.MaxValue);
        byte[] rest = await peer.ReadToEndAsync();

        Assert.Equal(1, test.RefusalsOf(MqttRefusal.ReceiveMaximumExceeded));
        Assert.Equal(MqttLimits.PublishesInFlight, test.Intake.Arrived.Count);
        Assert.NotEmpty(rest);
    }

    [Fact]
    public async Task A_3_1_1_client_is_not_read_from_while_too_much_is_unacknowledged()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        test.Intake.IsDurableAtOnce = false;
        RawPeer peer = await test.OpenConnectedAsync("S07", MqttVersion.V311);
        const int Count = 3 * MqttLimits.PublishesInFlight;
        ByteWriter packets = new();
        for (int i = 0; i < Count; i++)
        {
            MqttPublisher.EncodePublish(packets, MqttVersion.V311, MqttPublisher.PacketIdOf(i), EndpointUnderTest.Lane.Span, EndpointUnderTest.Weighing(i));
        }

        Task sending = peer.SendAsync(packets.Written.ToArray());
        await test.Intake.WaitForAsync(MqttLimits.PublishesInFlight);
        Assert.InRange(test.Endpoint.Connections[0].InFlight, MqttLimits.PublishesInFlight, MqttLimits.PublishesInFlight + 5000);
        Assert.False(sending.IsCompleted);

        test.Intake.IsDurableAtOnce = true;
        test.Intake.MakeDurable(test.Intake.Arrived.Count);
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(MqttPublisher.PacketIdOf(i), RawPeer.PacketIdOf(await peer.ReadPacketAsync()));
        }

        await sending;
    }

    [Fact]
    public async Task A_topic_alias_stands_for_the_topic_it_was_sent_with()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenConnectedAsync("S07", MqttVersion.V5);
        byte[] payload = EndpointUnderTest.Weighing(1);
        await peer.SendAsync(
            RawPeer.Packet(0x32, [0, 12, .. "v1/wim/S07/2"u8, 0, 1, 3, 0x23, 0, 5, .. payload]),
            RawPeer.Packet(0x32, [0, 0, 0, 2, 3, 0x23, 0, 5, .. payload]),
            RawPeer.Packet(0x32, [0, 12, .. "v1/wim/S07/3"u8, 0, 3, 3, 0x23, 0, 5, .. payload]),
            RawPeer.Packet(0x32, [0, 0, 0, 4, 3, 0x23, 0, 5, .. payload]),
            RawPeer.Packet(0x32, [0, 0, 0, 5, 3, 0x23, 0, 6, .. payload]));
        await test.Intake.WaitForAsync(4);
        byte[] rest = await peer.ReadToEndAsync();

        Assert.Equal(["v1/wim/S07/2", "v1/wim/S07/2", "v1/wim/S07/3", "v1/wim/S07/3"], test.Intake.Arrived.Select(each => each.Topic));
        Assert.Equal((0xE0, ReasonCode.TopicAliasInvalid), (rest[16], rest[18]));
    }

    [Fact]
    public async Task A_will_is_published_when_the_connection_breaks_and_not_when_the_client_says_goodbye()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisherOptions options = new() { Will = new Will("v1/status/S07"u8.ToArray(), """{"status":"offline"}"""u8.ToArray(), 1, Retain: true) };
        MqttPublisher polite = await test.ConnectAsync("S07", options: options);
        await polite.DisconnectAsync();
        MqttPublisher broken = await test.ConnectAsync("S07", options: options);
        await broken.DisposeAsync();
        IReadOnlyList<Arrived> arrived = await test.Intake.WaitForAsync(1);
        await test.ConnectAsync("S07", clientId: "other", options: options);

        Assert.Equal("v1/status/S07", Assert.Single(arrived).Topic);
        Assert.Equal("""{"status":"offline"}""", arrived[0].Payload);
    }

    [Fact]
    public async Task The_will_of_an_older_connection_comes_before_the_readings_of_the_newer()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisherOptions options = new() { Will = new Will("v1/status/S07"u8.ToArray(), "{}"u8.ToArray(), 1, Retain: true) };
        await test.ConnectAsync("S07", clientId: "station", options: options);
        MqttPublisher newer = await test.ConnectAsync("S07", clientId: "station", options: options);
        await newer.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1));

        Assert.Equal(["v1/status/S07", "v1/wim/S07/2"], test.Intake.Arrived.Select(each => each.Topic));
    }

    [Fact]
    public async Task A_token_may_leave_no_will()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttDisconnectedException refused = await Assert.ThrowsAsync<MqttDisconnectedException>(
            () => test.ConnectAsync("t1", options: new MqttPublisherOptions { Will = new Will("v1/status/S07"u8.ToArray(), "{}"u8.ToArray(), 1, Retain: false) }));

        Assert.Equal(ReasonCode.NotAuthorized, refused.Code);
    }
}
