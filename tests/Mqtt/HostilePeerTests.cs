using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Xunit;

namespace Streaming.Tests.Mqtt;

public sealed class HostilePeerTests
{
    /// <summary>Whatever one peer sends, with or without a password, the others go on. A failure prints the seed.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Damaged_streams_hurt_nobody_else(int seed)
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        MqttPublisher station = await test.ConnectAsync("S07");
        MqttPublisher department = await test.ConnectAsync("t1");
        await department.SubscribeAsync("v1/departments/transport/+/alerts");
        Random random = new(seed);
        for (int round = 0; round < 60; round++)
        {
            MqttVersion version = random.Next(2) == 0 ? MqttVersion.V311 : MqttVersion.V5;
            byte[] stream =
            [
                .. RawPeer.Connect(version, random.Next(2) == 0 ? "C07" : "admin", random.Next(2) == 0 ? "p" : "t", clientId: $"hostile{round}"),
                .. RawPeer.Write(w => MqttWriter.WriteSubscribe(w, version, 1, "v1/departments/transport/+/alerts", 1)),
                .. RawPeer.Publish(version, 2, "v1/video/C07", "{\"id\":\"1\"}"u8),
                .. RawPeer.Packet(0x40, 0, 1),
                .. RawPeer.Write(w => MqttWriter.WriteUnsubscribe(w, version, 3, "v1/departments/transport/+/alerts")),
                .. RawPeer.Write(MqttWriter.WriteDisconnect),
            ];
            for (int damage = random.Next(4); damage > 0; damage--)
            {
                stream[random.Next(stream.Length)] = (byte)random.Next(256);
            }

            RawPeer peer = await test.OpenAsync();
            try
            {
                await peer.SendAsync(stream[..random.Next(1, stream.Length + 1)]);
                peer.FinishSending();
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
            {
                // Closed already: that is what is asked for.
            }

            await peer.ReadToEndAsync();
            await peer.DisposeAsync();
        }

        MqttAnswer answer = await station.PublishAndWaitAsync(EndpointUnderTest.Lane, EndpointUnderTest.Weighing(1));
        Assert.True(answer.IsSuccess, $"seed {seed}: {answer}");
        Assert.True(department.Failure is null, $"seed {seed}: {department.Failure}");
        Assert.Equal(0, test.RefusalsOf(MqttRefusal.InternalError));
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 2);
    }

    /// <summary>A socket closed with bytes unread is reset, and TLS sends bytes of its own after a client's DISCONNECT.</summary>
    [Fact]
    public async Task What_follows_a_disconnect_is_thrown_away_and_the_connection_closed_not_reset()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        await using RawPeer peer = await test.OpenAsync();
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V311, "S07", "p"));
        Assert.Equal(0x20, (await peer.ReadPacketAsync())[0]);
        await peer.SendAsync([.. RawPeer.Write(MqttWriter.WriteDisconnect), .. new byte[256 * 1024]]);
        peer.FinishSending();
        Assert.Empty(await peer.ReadPacketAsync());
        Assert.Equal(0, test.RefusalsOf(MqttRefusal.InternalError));
    }

    [Fact]
    public async Task A_publish_allocates_nothing_once_its_topic_is_known()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        FakeIntake intake = test.Intake;
        AdmittedClient client = new()
        {
            Version = MqttVersion.V5,
            ClientId = "c",
            User = "S07",
            Key = new SessionKey("S07", "c"),
            Device = new Ingest.Formats.SourceContext(new("S07", "wim", ["v1/wim/S07/+"], "harbour", 5, "")),
            Token = null,
            Will = null,
            KeepAliveMs = 0,
            ReceiveMaximum = 10,
            MaximumPacketBytes = uint.MaxValue,
            TopicAliasMaximum = 0,
            WantsReasons = true,
            SessionExpirySeconds = 0,
        };
        using MqttMetrics metrics = new(() => 0);
        using MemoryStream sink = new();
        MqttContext context = new(
            intake, test.Access, test.Feeds, test.Sessions, test.Sessions, test.Time, metrics, new ConnectionRegistry(), new SessionExpiries(test.Sessions, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        PublishIntake publishes = new(client, context, new PendingAcks(intake, new Output(sink, context), metrics, _ => { }));
        byte[] packet = RawPeer.Publish(MqttVersion.V5, 7, "v1/wim/S07/2", EndpointUnderTest.Weighing(1));
        FrameHeader.Read(packet, MqttLimits.PacketBytes, out FrameHeader header);
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(MqttRefusal.None, publishes.Take(header, packet.AsSpan(header.HeaderBytes)));
        }

        publishes.Discard();
        publishes.Take(header, packet.AsSpan(header.HeaderBytes));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            publishes.Take(header, packet.AsSpan(header.HeaderBytes));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        publishes.Discard();
    }

    [Fact]
    public async Task Large_packets_beyond_the_permits_wait_and_are_taken_in_the_end()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        byte[] array = [.. "["u8, .. EndpointUnderTest.Weighing(1), .. Enumerable.Repeat((byte)' ', 2 * MqttLimits.WideReceiveBytes), .. "]"u8];
        int count = MqttLimits.LargePacketsAtOnce + 8;
        List<(RawPeer Peer, byte[] Tail)> peers = [];
        for (int i = 0; i < count; i++)
        {
            RawPeer peer = await test.OpenAsync();
            await peer.SendAsync(RawPeer.Connect(MqttVersion.V311, "S07", "p", clientId: $"large{i}"));
            await peer.ReadPacketAsync();
            byte[] publish = RawPeer.Publish(MqttVersion.V311, 1, "v1/wim/S07/2", array);
            await peer.SendAsync(publish[..^100]);
            peers.Add((peer, publish[^100..]));
        }

        // The later ones may only be read once the earlier ones are finished.
        foreach ((RawPeer peer, byte[] tail) in peers)
        {
            await peer.SendAsync(tail);
            Assert.Equal([0x40, 2, 0, 1], await peer.ReadPacketAsync());
        }

        Assert.Equal(count, test.Intake.Arrived.Sum(each => each.Readings));
    }
}
