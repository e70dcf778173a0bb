using System.Diagnostics;
using System.Net.Sockets;

namespace Streaming.Silo.Bench;

/// <summary>One station of <see cref="FanInLoad"/>: a connection that carries little, made to be one of very many.</summary>
/// <param name="station">User name and client id.</param>
/// <param name="vehicle">The one vehicle that it weighs.</param>
/// <param name="start">Time of its first reading.</param>
/// <param name="pubackMs">Gets how long each PUBACK took; shared, and locked.</param>
internal sealed class FanInConnection(string station, int vehicle, DateTimeOffset start, Percentiles pubackMs)
{
    private readonly LoadPackets packets = new(station, vehicle, 1, start, overloadedPerMille: 0);
    private readonly Queue<long> unacknowledged = new(2);
    private byte[]? packet;
    private Socket? socket;
    private long acknowledged;

    /// <summary>Readings sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Readings acknowledged.</summary>
    public long Acknowledged => Volatile.Read(ref acknowledged);

    /// <summary>Whether the server had its session when it connected last.</summary>
    public bool FoundSession { get; private set; }

    /// <summary>Connects with a session that is kept; false where it was not let in.</summary>
    public async Task<bool> ConnectAsync(int port, CancellationToken cancellation)
    {
        try
        {
            (socket, FoundSession) = await LoadConnection.OpenAsync(port, station, "p", keepsSession: true, cancellation).ConfigureAwait(false);
        }
        catch (Exception refusal) when (refusal is SocketException or InvalidOperationException)
        {
            return false;
        }

        _ = ReceiveAsync(socket);
        return true;
    }

    /// <summary>Sends one reading; one that cannot be sent counts as sent, and is missed among the acknowledged.</summary>
    public async ValueTask PublishAsync(CancellationToken cancellation)
    {
        packet ??= new byte[packets.PacketBytes];
        packets.Next(packet, (ushort)((Sent % ushort.MaxValue) + 1));
        Sent++;
        if (socket is null)
        {
            return;
        }

        lock (unacknowledged)
        {
            unacknowledged.Enqueue(Stopwatch.GetTimestamp());
        }

        try
        {
            await socket.SendAsync(packet, cancellation).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // Cut off by the server: the reading stays unacknowledged, and that is counted.
        }
    }

    /// <summary>Ends the connection with a reset, as a network does; the port is free again at once.</summary>
    public void Cut()
    {
        if (socket is not null)
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
            socket = null;
        }

        lock (unacknowledged)
        {
            unacknowledged.Clear();
        }
    }

    /// <summary>MQTT 3.1.1 section 4.6: PUBACKs come in the order of the publishes; each is four bytes.</summary>
    private async Task ReceiveAsync(Socket from)
    {
        byte[] buffer = new byte[64];
        int bytes = 0;
        try
        {
            while (true)
            {
                int count = await from.ReceiveAsync(buffer, CancellationToken.None).ConfigureAwait(false);
                if (count == 0)
                {
                    return;
                }

                long now = Stopwatch.GetTimestamp();
                for (bytes += count; bytes >= 4; bytes -= 4)
                {
                    Take(now);
                }
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Cut off by either side.
        }
    }

    private void Take(long now)
    {
        long at;
        lock (unacknowledged)
        {
            if (!unacknowledged.TryDequeue(out at))
            {
                return;
            }
        }

        lock (pubackMs)
        {
            pubackMs.Add(Stopwatch.GetElapsedTime(at, now).TotalMilliseconds);
        }

        Interlocked.Increment(ref acknowledged);
    }
}
