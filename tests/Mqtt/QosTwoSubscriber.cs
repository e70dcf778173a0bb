using System.Text;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Xunit;

namespace Streaming.Tests.Mqtt;

/// <summary>
/// A subscriber as MQTT 5.0 section 4.3 wants it, with the state that it keeps when its connection or the server is gone: identifiers that it has taken at QoS 2 and not released. It goes one packet at a time.
/// </summary>
internal sealed class QosTwoSubscriber(MqttVersion version, string user = "t1", string password = "t")
{
    private readonly HashSet<ushort> taken = [];
    private RawPeer? peer;

    /// <summary>What it has handed to its application, without the signatures: one that is made again after a restart is another signature of the same.</summary>
    public List<string> Handed { get; } = [];

    /// <summary>Packets that came, as <c>PUBLISH 1 DUP</c> or <c>PUBREL 1</c>.</summary>
    public List<string> Packets { get; } = [];

    /// <summary>What it has taken at QoS 2 and not released.</summary>
    public int Unreleased => taken.Count;

    /// <summary>At QoS 1, what came again.</summary>
    public int Again { get; private set; }

    public async Task ConnectAsync(EndpointUnderTest test, bool present) => await ConnectAsync(await test.OpenAsync(), present);

    public async Task ConnectAsync(RawPeer opened, bool present)
    {
        peer = opened;
        await peer.SendAsync(RawPeer.Connect(version, user, password, clientId: "sub", clean: false, expirySeconds: 3600));
        byte[] reply = await peer.ReadPacketAsync();
        Assert.Equal([0x20, present ? 1 : 0, 0], [reply[0], reply[2], reply[3]]);
    }

    public async Task SubscribeAsync(string filter, byte qos)
    {
        await peer!.SendAsync(RawPeer.Write(w => MqttWriter.WriteSubscribe(w, version, 1, filter, qos)));
        Assert.Equal(qos, (await peer.ReadPacketAsync())[^1]);
    }

    /// <summary>Sends a ping and expects its answer before anything else.</summary>
    public async Task ExpectNothingAsync()
    {
        await peer!.SendAsync([0xC0, 0]);
        byte[] packet = await peer.ReadPacketAsync();
        Assert.True(packet is [0xD0, 0], Encoding.UTF8.GetString(packet));
    }

    /// <summary>Reads one packet, keeps what it says and returns the answer to it, unsent.</summary>
    public async Task<byte[]> TakeAsync()
    {
        byte[] packet = await peer!.ReadPacketAsync();
        FrameHeader.Read(packet, MqttLimits.PacketBytes, out FrameHeader header);
        if (header.Type == PacketType.PubRel)
        {
            ushort id = RawPeer.PacketIdOf(packet);
            Packets.Add($"PUBREL {id}");
            taken.Remove(id);
            return RawPeer.Ack(PacketType.PubComp, id);
        }

        Assert.Equal(PacketType.Publish, header.Type);
        Assert.Equal(MqttRefusal.None, PublishPacket.ReadFromServer(header, packet.AsSpan(header.HeaderBytes), version, out PublishPacket publish));
        Packets.Add($"PUBLISH {publish.PacketId}{(publish.Dup ? " DUP" : "")}");
        string payload = Unsigned(Encoding.UTF8.GetString(publish.Payload));
        if (publish.Qos == 2)
        {
            if (taken.Add(publish.PacketId))
            {
                Handed.Add(payload);
            }

            return RawPeer.Ack(PacketType.PubRec, publish.PacketId);
        }

        Assert.True(publish.Dup || !Handed.Contains(payload), $"{payload} came again and did not say so.");
        if (Handed.Contains(payload))
        {
            Again++;
        }
        else
        {
            Handed.Add(payload);
        }

        return RawPeer.Ack(PacketType.PubAck, publish.PacketId);
    }

    private static string Unsigned(string payload) => payload.LastIndexOf(",\"signature\":{", StringComparison.Ordinal) is >= 0 and int at ? payload[..at] + "}" : payload;

    public Task SendAsync(params byte[][] packets) => peer!.SendAsync(packets);

    /// <summary>Takes and answers so many packets.</summary>
    public async Task RunAsync(int packets)
    {
        for (int i = 0; i < packets; i++)
        {
            await SendAsync(await TakeAsync());
        }
    }

    public async Task CutAsync() => await peer!.DisposeAsync();
}
