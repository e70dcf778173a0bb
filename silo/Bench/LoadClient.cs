using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Streaming.Silo.Bench;

/// <summary>
/// One connection of the load: sends pipelined PUBLISH packets, keeps at most <see cref="Window"/> readings unacknowledged, and counts PUBACKs.
/// Packets are made and sent by the hundred, so that the load leaves the cores to what is measured.
/// </summary>
/// <param name="user">User name and client id.</param>
/// <param name="password">Of the user.</param>
/// <param name="packets">What is sent.</param>
/// <param name="perSecond">Readings a second, evenly; what could not be sent in time is sent later, as by a station. 0: as many as are taken.</param>
internal sealed class LoadClient(string user, string password, LoadPackets packets, double perSecond = 0) : IDisposable
{
    private const int Window = 4_000;
    private const int ReadingsPerSend = 200;

    /// <summary>How often a paced connection sends: a station that weighs a few vehicles a second would send more often, and cost the load more than what is measured.</summary>
    private const double PacedSendsPerSecond = 100;

    private readonly int packetsPerSend = Math.Max(1, (perSecond > 0 ? (int)Math.Min(ReadingsPerSend, perSecond / PacedSendsPerSecond) : ReadingsPerSend) / packets.Readings);
    private readonly int window = Window / packets.Readings;
    private readonly SemaphoreSlim room = new(0);
    private Socket? socket;
    private long acknowledged;
    private long sent;
    private int waiting;
    private volatile bool closing;

    /// <summary>Readings acknowledged.</summary>
    public long AcknowledgedReadings => Acknowledged * packets.Readings;

    /// <summary>Packets acknowledged.</summary>
    private long Acknowledged => Volatile.Read(ref acknowledged);

    public async Task ConnectAsync(int port, CancellationToken cancellation) => socket = await LoadConnection.OpenAsync(port, user, password, cancellation).ConfigureAwait(false);

    /// <summary>Sends until cancelled, then waits for what is still unacknowledged.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Task receive = ReceiveAsync();
        Task ended = receive.ContinueWith(_ => room.Release(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        byte[] buffer = new byte[packetsPerSend * packets.PacketBytes];
        ushort packetId = 0;
        using PeriodicTimer? timer = perSecond > 0 ? new PeriodicTimer(TimeSpan.FromSeconds(packetsPerSend * packets.Readings / perSecond)) : null;
        long begun = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            if (timer is not null && !await WaitUntilDueAsync(timer, begun, stop).ConfigureAwait(false))
            {
                break;
            }

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
                offset += await socket!.SendAsync(buffer.AsMemory(offset), CancellationToken.None).ConfigureAwait(false);
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
        socket!.Shutdown(SocketShutdown.Send);
        await ended.ConfigureAwait(false);
        await receive.ConfigureAwait(false);
    }

    public void Dispose()
    {
        socket?.Dispose();
        room.Dispose();
    }

    /// <summary>Waits until the next packets are due; false where the load is over before. One timer for the whole run, since thousands a second would be garbage that what is measured waits for.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitUntilDueAsync(PeriodicTimer timer, long begun, CancellationToken stop)
    {
        TimeSpan due = TimeSpan.FromSeconds(sent * packets.Readings / perSecond);
        try
        {
            while (due - Stopwatch.GetElapsedTime(begun) > TimeSpan.FromMilliseconds(1))
            {
                await timer.WaitForNextTickAsync(stop).ConfigureAwait(false);
            }

            return !stop.IsCancellationRequested;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
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
                count = await socket!.ReceiveAsync(buffer, CancellationToken.None).ConfigureAwait(false);
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
