using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Streaming.Silo.Bench;

/// <summary>
/// One connection of the load: sends pipelined PUBLISH packets, keeps at most <see cref="Window"/> readings unacknowledged, and counts PUBACKs.
/// Packets are made and sent by the thousand, so that the load leaves the cores to what is measured.
/// </summary>
internal sealed class LoadClient(string user, string password, LoadPackets packets) : IDisposable
{
    private const int Window = 4_000;
    private const int ReadingsPerSend = 200;
    private readonly int packetsPerSend = ReadingsPerSend / packets.Readings;
    private readonly int window = Window / packets.Readings;
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly SemaphoreSlim room = new(0);
    private long acknowledged;
    private long sent;
    private int waiting;
    private volatile bool closing;

    /// <summary>Readings acknowledged.</summary>
    public long AcknowledgedReadings => Acknowledged * packets.Readings;

    /// <summary>Packets acknowledged.</summary>
    private long Acknowledged => Volatile.Read(ref acknowledged);

    /// <summary>Connects as MQTT 3.1.1, clean session.</summary>
    public async Task ConnectAsync(int port, CancellationToken cancellation)
    {
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation).ConfigureAwait(false);
        byte[] id = Encoding.UTF8.GetBytes(user);
        byte[] secret = Encoding.UTF8.GetBytes(password);
        int remaining = 10 + 2 + id.Length + 2 + id.Length + 2 + secret.Length;
        byte[] connect =
        [
            0x10, (byte)((remaining & 0x7F) | (remaining > 127 ? 0x80 : 0)), .. remaining > 127 ? [(byte)(remaining >> 7)] : Array.Empty<byte>(),
            0, 4, .. "MQTT"u8, 4, 0xC2, 0, 0,
            (byte)(id.Length >> 8), (byte)id.Length, .. id,
            (byte)(id.Length >> 8), (byte)id.Length, .. id,
            (byte)(secret.Length >> 8), (byte)secret.Length, .. secret,
        ];
        await socket.SendAsync(connect, cancellation).ConfigureAwait(false);
        byte[] answer = new byte[4];
        for (int read = 0; read < 4;)
        {
            int count = await socket.ReceiveAsync(answer.AsMemory(read), cancellation).ConfigureAwait(false);
            read += count > 0 ? count : throw new InvalidOperationException("The server closed the connection instead of answering CONNECT.");
        }

        if (answer[0] != 0x20 || answer[3] != 0)
        {
            throw new InvalidOperationException($"CONNECT was refused with code {answer[3]}.");
        }
    }

    /// <summary>Sends until cancelled, then waits for what is still unacknowledged.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Task receive = ReceiveAsync();
        Task ended = receive.ContinueWith(_ => room.Release(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        byte[] buffer = new byte[packetsPerSend * packets.PacketBytes];
        ushort packetId = 0;
        while (!stop.IsCancellationRequested)
        {
            while (sent + packetsPerSend - Acknowledged > window)
            {
                Volatile.Write(ref waiting, 1);
                if (receive.IsCompleted)
                {
                    await receive.ConfigureAwait(false);
                    throw new InvalidOperationException($"The server closed the connection of {user} with {sent - Acknowledged} publishes unacknowledged.");
                }

                if (sent + packetsPerSend - Acknowledged > window)
                {
                    await room.WaitAsync(CancellationToken.None).ConfigureAwait(false);
                }
            }

            for (int i = 0; i < packetsPerSend; i++)
            {
                packetId = packetId == ushort.MaxValue ? (ushort)1 : (ushort)(packetId + 1);
                packets.Next(buffer.AsSpan(i * packets.PacketBytes, packets.PacketBytes), packetId);
            }

            for (int offset = 0; offset < buffer.Length;)
            {
                offset += await socket.SendAsync(buffer.AsMemory(offset), CancellationToken.None).ConfigureAwait(false);
            }

            sent += packetsPerSend;
        }

        while (Acknowledged < sent && !receive.IsCompleted)
        {
            Volatile.Write(ref waiting, 1);
            if (Acknowledged < sent)
            {
                await room.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None).ConfigureAwait(false);
            }
        }

        // Some servers answer an end without DISCONNECT with a reset; everything was acknowledged by now.
        closing = true;
        socket.Shutdown(SocketShutdown.Send);
        await ended.ConfigureAwait(false);
        await receive.ConfigureAwait(false);
    }

    public void Dispose()
    {
        socket.Dispose();
        room.Dispose();
    }

    /// <summary>Every PUBACK of MQTT 3.1.1 is four bytes, so counting bytes counts them; the first byte of each is looked at.</summary>
    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[16 * 1024];
        long bytes = 0;
        while (true)
        {
            int count;
            try
            {
                count = await socket.ReceiveAsync(buffer, CancellationToken.None).ConfigureAwait(false);
            }
            catch (SocketException) when (closing)
            {
                return;
            }

            if (count == 0)
            {
                return;
            }

            for (long at = (4 - (bytes % 4)) % 4; at < count; at += 4)
            {
                if (buffer[at] != 0x40)
                {
                    throw new InvalidOperationException($"The server sent packet type 0x{buffer[at]:X2} where a PUBACK was expected.");
                }
            }

            bytes += count;
            Volatile.Write(ref acknowledged, bytes / 4);
            if (Interlocked.Exchange(ref waiting, 0) == 1)
            {
                room.Release();
            }
        }
    }
}
