using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;
using Streaming.Tests.Mqtt;
using Streaming.Tests.Support;

namespace Streaming.Tests.MqttNet;

/// <summary>A broker that does what the test says: it takes one connection after the other, and sends the bytes that it is given.</summary>
internal sealed class FakeBroker : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<Peer> peers = [];

    public FakeBroker() => listener.Start();

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>The next connection, before anything was read from it.</summary>
    public async Task<Peer> AcceptAsync()
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        Peer peer = new(await listener.AcceptTcpClientAsync(patience.Token));
        peers.Add(peer);
        return peer;
    }

    /// <summary>The next connection, let in and granted what it asked for.</summary>
    public async Task<Peer> AcceptSubscriberAsync(byte granted = 1)
    {
        Peer peer = await AcceptAsync();
        peer.Connect = await peer.ReadAsync();
        await peer.SendAsync(0x20, 0, 0, 0);
        peer.Subscribe = await peer.ReadAsync();
        int filters = peer.Subscribe.Body.Length == 0 ? 0 : Filters(peer.Subscribe.Body).Count;
        await peer.SendAsync(0x90, [peer.Subscribe.Body[0], peer.Subscribe.Body[1], 0, .. Enumerable.Repeat(granted, filters)]);
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        foreach (Peer peer in peers)
        {
            await peer.DisposeAsync();
        }
    }

    /// <summary>The filters of a SUBSCRIBE without properties, with their options.</summary>
    public static List<(string Filter, byte Options)> Filters(byte[] body)
    {
        List<(string, byte)> filters = [];
        int at = 3 + body[2];
        while (at < body.Length)
        {
            int length = (body[at] << 8) | body[at + 1];
            filters.Add((Encoding.UTF8.GetString(body, at + 2, length), body[at + 2 + length]));
            at += 3 + length;
        }

        return filters;
    }

    /// <summary>One packet: its first byte, and what stands behind its length.</summary>
    internal readonly record struct Packet(byte First, byte[] Body);

    /// <summary>The broker's end of one connection.</summary>
    internal sealed class Peer(TcpClient client) : IAsyncDisposable
    {
        private readonly NetworkStream stream = client.GetStream();
        private readonly Channel<ushort> acknowledged = Channel.CreateBounded<ushort>(100_000);
        private Task reading = Task.CompletedTask;

        public Packet Connect { get; set; }

        public Packet Subscribe { get; set; }

        /// <summary>Whether DISCONNECT came.</summary>
        public bool HasLeft { get; private set; }

        public ChannelReader<ushort> Acknowledged => acknowledged.Reader;

        public async Task SendAsync(byte first, params byte[] body) => await stream.WriteAsync(RawPeer.Packet(first, body));

        public async Task PublishAsync(ushort packetId, string topic, byte[] payload, byte qos = 1, bool dup = false)
        {
            ByteWriter writer = new();
            MqttWriter.WritePublish(writer, MqttVersion.V5, qos, dup, retain: false, packetId, Encoding.UTF8.GetBytes(topic), payload);
            await stream.WriteAsync(writer.WrittenMemory);
        }

        public async Task<Packet> ReadAsync()
        {
            using CancellationTokenSource patience = new(Waits.Longest);
            byte[] head = new byte[1];
            await stream.ReadExactlyAsync(head, patience.Token);
            byte first = head[0];
            int length = 0;
            int shift = 0;
            do
            {
                await stream.ReadExactlyAsync(head, patience.Token);
                length |= (head[0] & 0x7F) << shift;
                shift += 7;
            }
            while ((head[0] & 0x80) != 0);
            byte[] body = new byte[length];
            await stream.ReadExactlyAsync(body, patience.Token);
            return new Packet(first, body);
        }

        /// <summary>From now on packets are read by a loop of its own: acknowledgements are kept in their order, pings are answered.</summary>
        public void Listen() => reading = ListenAsync();

        public Task<ushort> NextAcknowledgementAsync() => Acknowledged.ReadAsync().AsTask().WaitAsync(Waits.Longest);

        /// <summary>Completes once the other side has gone.</summary>
        public Task EndAsync() => reading.WaitAsync(Waits.Longest);

        public void Close() => client.Close();

        public ValueTask DisposeAsync()
        {
            client.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task ListenAsync()
        {
            try
            {
                while (true)
                {
                    Packet packet = await ReadAsync();
                    switch (packet.First >> 4)
                    {
                        case 4:
                            await acknowledged.Writer.WriteAsync((ushort)((packet.Body[0] << 8) | packet.Body[1]));
                            break;
                        case 12:
                            await SendAsync(0xD0);
                            break;
                        case 14:
                            HasLeft = true;
                            break;
                    }
                }
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException or EndOfStreamException)
            {
                acknowledged.Writer.TryComplete();
            }
        }
    }
}
