using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Mqtt;

/// <summary>A peer that sends whatever bytes the test wants.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private readonly Socket? socket;
    private readonly Stream stream;

    private RawPeer(Socket socket)
    {
        this.socket = socket;
        stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Over a stream of the test's own, as TLS.</summary>
    public RawPeer(Stream stream) => this.stream = stream;

    public static async Task<RawPeer> OpenAsync(int port)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        return new RawPeer(socket);
    }

    public static byte[] Connect(
        MqttVersion version, string? user, string password, ushort keepAliveSeconds = 0, string clientId = "raw", bool clean = true, uint expirySeconds = 0) =>
        Write(writer => MqttWriter.WriteConnect(writer, version, clientId, clean, keepAliveSeconds, expirySeconds, user, Encoding.UTF8.GetBytes(password), null));

    public static byte[] Publish(MqttVersion version, ushort packetId, string topic, ReadOnlySpan<byte> payload, byte qos = 1, bool dup = false)
    {
        ByteWriter writer = new();
        MqttWriter.WritePublish(writer, version, qos, dup, retain: false, packetId, Encoding.UTF8.GetBytes(topic), payload);
        return writer.Written.ToArray();
    }

    public static byte[] Write(Action<ByteWriter> write)
    {
        ByteWriter writer = new();
        write(writer);
        return writer.Written.ToArray();
    }

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP with success.</summary>
    public static byte[] Ack(PacketType type, ushort packetId) => Write(writer => MqttWriter.WriteAck(writer, type, MqttVersion.V311, packetId));

    /// <summary>A packet with any type, flags and body.</summary>
    public static byte[] Packet(byte first, params byte[] body)
    {
        ByteWriter writer = new();
        writer.WriteByte(first);
        writer.WriteVar((uint)body.Length);
        writer.WriteRaw(body);
        return writer.Written.ToArray();
    }

    public async Task SendAsync(params byte[][] packets)
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        foreach (byte[] packet in packets)
        {
            await stream.WriteAsync(packet, patience.Token);
        }
    }

    /// <summary>The next whole packet; empty where the endpoint has closed.</summary>
    public async Task<byte[]> ReadPacketAsync()
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        byte[] header = new byte[5];
        if (await stream.ReadAtLeastAsync(header.AsMemory(0, 1), 1, throwOnEndOfStream: false, patience.Token) == 0)
        {
            return [];
        }

        int used = 1;
        do
        {
            await stream.ReadExactlyAsync(header.AsMemory(used, 1), patience.Token);
            used++;
        }
        while (header[used - 1] >= 0x80);
        Assert.Equal(MqttRefusal.None, FrameHeader.Read(header.AsSpan(0, used), int.MaxValue, out FrameHeader frame));
        byte[] packet = new byte[frame.TotalBytes];
        header.AsSpan(0, used).CopyTo(packet);
        await stream.ReadExactlyAsync(packet.AsMemory(used), patience.Token);
        return packet;
    }

    /// <summary>Everything up to the endpoint's close.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        using MemoryStream all = new();
        try
        {
            await stream.CopyToAsync(all, patience.Token);
        }
        catch (IOException)
        {
            // A reset closes as well; what came before it counts.
        }

        return all.ToArray();
    }

    public static ushort PacketIdOf(byte[] ack) => BinaryPrimitives.ReadUInt16BigEndian(ack.AsSpan(2));

    public void FinishSending() => socket!.Shutdown(SocketShutdown.Send);

    public async ValueTask DisposeAsync() => await stream.DisposeAsync();
}
