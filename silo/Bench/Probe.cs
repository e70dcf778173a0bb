using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace Streaming.Silo.Bench;

/// <summary>
/// One station that weighs an overloaded truck, a new one each time, at an even pace, and measures how long its PUBACKs take. When which truck was sent stays on record for whoever
/// waits for the alert.
/// </summary>
internal sealed class Probe(string station, int firstVehicle) : IDisposable
{
    private const int MostVehicles = 1_000_000;
    private readonly LoadPackets packets = new(station, firstVehicle, MostVehicles, TimeProvider.System.GetUtcNow(), overloadedPerMille: 1000);
    private readonly ConcurrentDictionary<string, long> sentAt = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<long> unacknowledged = new();
    private Socket? socket;
    private int sent;
    private volatile bool closing;

    /// <summary>From before the send to the PUBACK, ms. To be read once <see cref="RunAsync"/> has completed.</summary>
    public Percentiles PubackMs { get; } = new();

    /// <summary>Trucks sent.</summary>
    public int Sent => Volatile.Read(ref sent);

    /// <summary>Trucks whose alert nobody has met yet.</summary>
    public int Outstanding => sentAt.Count;

    public async Task ConnectAsync(int port, CancellationToken cancellation) => socket = await LoadConnection.OpenAsync(port, station, "p", cancellation).ConfigureAwait(false);

    /// <summary>When this truck was sent, the first time that somebody asks; null afterwards, and for all others.</summary>
    public long? Take(string vehicle) => sentAt.TryRemove(vehicle, out long at) ? at : null;

    /// <summary>Sends one truck every so often until stopped, and waits for the PUBACKs outstanding.</summary>
    public async Task RunAsync(TimeSpan every, CancellationToken stop)
    {
        Task receiving = ReceiveAsync();
        byte[] packet = new byte[packets.PacketBytes];
        long begun = Stopwatch.GetTimestamp();
        for (int number = 0; number < MostVehicles && !stop.IsCancellationRequested; number++)
        {
            TimeSpan left = (every * number) - Stopwatch.GetElapsedTime(begun);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            packets.Next(packet, (ushort)((number % ushort.MaxValue) + 1));
            long now = Stopwatch.GetTimestamp();
            sentAt[LoadPackets.Vehicle(firstVehicle + number)] = now;
            unacknowledged.Enqueue(now);
            Volatile.Write(ref sent, number + 1);
            await socket!.SendAsync(packet, CancellationToken.None).ConfigureAwait(false);
        }

        closing = true;
        socket!.Shutdown(SocketShutdown.Send);
        await receiving.ConfigureAwait(false);
    }

    public void Dispose() => socket?.Dispose();

    /// <summary>MQTT 3.1.1 section 4.6: PUBACKs come in the order of the publishes, and each is four bytes. The server sends those outstanding before it ends.</summary>
    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[4096];
        int bytes = 0;
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

            long now = Stopwatch.GetTimestamp();
            for (bytes += count; bytes >= 4; bytes -= 4)
            {
                if (!unacknowledged.TryDequeue(out long at))
                {
                    throw new InvalidOperationException("The server sent more PUBACKs than there were publishes.");
                }

                PubackMs.Add(Stopwatch.GetElapsedTime(at, now).TotalMilliseconds);
            }
        }
    }
}
