using Streaming.Grains.Messages;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Xunit;

namespace Streaming.Tests.Mqtt;

public sealed class TimeLimitTests
{
    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    internal async Task A_client_is_closed_after_one_and_a_half_times_its_keep_alive_and_not_before(MqttVersion version)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenConnectedAsync("S07", version, keepAliveSeconds: 10);
        for (int i = 0; i < 5; i++)
        {
            test.Time.Advance(TimeSpan.FromSeconds(14));
            await peer.SendAsync([0xC0, 0]);
            Assert.Equal([0xD0, 0], await peer.ReadPacketAsync());
        }

        // The limit runs from when the server waits for the next packet, which may be a moment after the peer has its answer.
        Task<byte[]> end = peer.ReadToEndAsync();
        await EndpointUnderTest.UntilAsync(() =>
        {
            test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.HeartbeatMs));
            return test.RefusalsOf(MqttRefusal.KeepAliveTimeout) > 0;
        });
        byte[] rest = await end;

        Assert.Equal(version == MqttVersion.V5 ? [0xE0, ReasonCode.KeepAliveTimeout] : [], rest.Length > 0 ? new[] { rest[0], rest[2] } : []);
        Assert.Equal(1, test.RefusalsOf(MqttRefusal.KeepAliveTimeout));
    }

    [Fact]
    public async Task A_client_whose_rights_were_given_for_a_time_is_closed_when_they_end_and_no_other_is()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        test.Access.AddToken("t1.li", "t", "member", "transport", "harbour", delegation: new Delegation("t1", 0, test.Time.GetUtcNow().AddHours(1), "on leave"));
        RawPeer peer = await test.OpenConnectedAsync("t1.li", MqttVersion.V5);
        RawPeer other = await test.OpenConnectedAsync("t1", MqttVersion.V5);
        Task<byte[]> end = peer.ReadToEndAsync();
        test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.HeartbeatMs));
        Assert.Equal(0, test.RefusalsOf(MqttRefusal.AdministrativeAction));

        test.Access.Ended.UnionWith(["t1.li", "t1"]);
        await EndpointUnderTest.UntilAsync(() =>
        {
            test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.HeartbeatMs));
            return test.RefusalsOf(MqttRefusal.AdministrativeAction) > 0;
        });

        Assert.Equal(ReasonCode.AdministrativeAction, (await end)[2]);
        await other.SendAsync([0xC0, 0]);
        Assert.Equal([0xD0, 0], await other.ReadPacketAsync());
    }

    [Fact]
    public async Task A_3_1_1_client_without_a_keep_alive_may_be_silent()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenConnectedAsync("S07", MqttVersion.V311);

        // In steps: the endpoint may still be sending its CONNACK, though the peer has it, and an hour for that is too long.
        DateTimeOffset later = test.Time.GetUtcNow().AddHours(1);
        await EndpointUnderTest.UntilAsync(() =>
        {
            test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.SendTimeoutMs / 3));
            return test.Time.GetUtcNow() >= later;
        });
        await peer.SendAsync([0xC0, 0]);

        Assert.Equal([0xD0, 0], await peer.ReadPacketAsync());
    }

    [Fact]
    public async Task A_packet_that_is_begun_and_never_finished_ends_the_connection_also_while_it_trickles()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenConnectedAsync("S07", MqttVersion.V5);
        byte[] publish = RawPeer.Publish(MqttVersion.V5, 1, "v1/wim/S07/2", EndpointUnderTest.Weighing(1));
        Task<byte[]> end = peer.ReadToEndAsync();
        await peer.SendAsync([0xC0, 0, publish[0]]);
        int sent = 1;
        Task sending = Task.CompletedTask;
        await EndpointUnderTest.UntilAsync(() =>
        {
            if (sent < publish.Length - 1 && sending.IsCompleted)
            {
                sending = peer.SendAsync([publish[sent++]]);
            }

            test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.HeartbeatMs));
            return test.RefusalsOf(MqttRefusal.PacketTimeout) > 0;
        });

        byte[] rest = await end;
        Assert.Equal([0xD0, 0], rest[..2]);
        rest = rest[2..];
        Assert.Equal((0xE0, ReasonCode.ImplementationSpecificError), (rest[0], rest[2]));
    }

    [Fact]
    public async Task A_peer_that_neither_reads_nor_closes_is_cut_off_when_the_server_stops()
    {
        EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        await test.OpenConnectedAsync("S07", MqttVersion.V5);
        Task stop = test.Endpoint.StopAsync();
        await EndpointUnderTest.UntilAsync(() =>
        {
            test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.HeartbeatMs));
            return stop.IsCompleted;
        });
        await stop;
        Assert.Empty(test.Endpoint.Connections);
        await test.DisposeAsync();
    }

    [Fact]
    public async Task A_subscriber_that_does_not_read_is_cut_off()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        RawPeer peer = await test.OpenConnectedAsync("t1", MqttVersion.V5);
        await peer.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 1, "v1/departments/transport/+/alerts", 0)));
        Assert.Equal(0x90, (await peer.ReadPacketAsync())[0]);
        string json = $"\"{new string('x', 64 * 1024)}\"";
        for (int i = 0; i < 400; i++)
        {
            test.Feeds.Add("transport/*", "harbour", json);
        }

        await EndpointUnderTest.UntilAsync(() =>
        {
            test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.HeartbeatMs));
            return test.RefusalsOf(MqttRefusal.SendTimeout) > 0;
        });

        Assert.Equal(1, test.RefusalsOf(MqttRefusal.SendTimeout));
    }
}
