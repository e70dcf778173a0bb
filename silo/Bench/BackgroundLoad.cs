using System.Diagnostics;
using System.Globalization;

namespace Streaming.Silo.Bench;

/// <summary>Readings at an even rate beside what is measured, over all vehicles and connections of the load.</summary>
internal sealed class BackgroundLoad
{
    public const int Connections = 64;

    private readonly CancellationTokenSource stop = new();
    private readonly LoadClient[] clients;
    private readonly Task[] runs;
    private long countedAt;
    private long counted;

    private BackgroundLoad(LoadClient[] clients)
    {
        this.clients = clients;
        runs = [.. clients.Select(client => Task.Run(() => client.RunAsync(stop.Token), CancellationToken.None))];
        CountFromNow();
    }

    /// <summary>Readings acknowledged a second since <see cref="CountFromNow"/>: what was really achieved.</summary>
    public double PerSecond => (clients.Sum(client => client.AcknowledgedReadings) - counted) / Stopwatch.GetElapsedTime(countedAt).TotalSeconds;

    public static string Station(int number) => string.Create(CultureInfo.InvariantCulture, $"B{number:D2}");

    /// <param name="port">Of the server.</param>
    /// <param name="vehicles">How many vehicles take turns.</param>
    /// <param name="perSecond">Readings a second over all connections; 0 is as many as are taken.</param>
    /// <param name="round">Every round has ids of its own.</param>
    /// <param name="batch">Readings of one vehicle in each PUBLISH.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<BackgroundLoad> StartAsync(int port, int vehicles, double perSecond, int round, int batch, CancellationToken cancellation)
    {
        // Later rounds are later in time, all within the ten minutes that are still live.
        LoadClient[] clients = Clients(vehicles, perSecond, round, batch, TimeProvider.System.GetUtcNow().AddSeconds(-30));
        foreach (LoadClient client in clients)
        {
            await client.ConnectAsync(port, cancellation).ConfigureAwait(false);
        }

        return new BackgroundLoad(clients);
    }

    /// <summary>What comes before is warming up.</summary>
    public void CountFromNow()
    {
        counted = clients.Sum(client => client.AcknowledgedReadings);
        countedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>Ends the load once everything sent was acknowledged; says how many readings were since the beginning.</summary>
    public async Task<long> StopAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(runs).ConfigureAwait(false);
        long readings = clients.Sum(client => client.AcknowledgedReadings);
        foreach (LoadClient client in clients)
        {
            client.Dispose();
        }

        stop.Dispose();
        return readings;
    }

    private static LoadClient[] Clients(int vehicles, double perSecond, int round, int batch, DateTimeOffset start) =>
    [
        .. Enumerable.Range(0, Connections).Select(number => new LoadClient(
            Station(number),
            "p",
            new LoadPackets(Station(number), number * (vehicles / Connections), vehicles / Connections, start, round * 1_000_000_00L, batch),
            perSecond / Connections)),
    ];
}
