using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Cli;
using Streaming.Silo.Host;
using Streaming.Silo.Hosting;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Bench;

/// <summary>What one round of load came to.</summary>
/// <param name="PerSecond">Readings acknowledged a second while it lasted.</param>
/// <param name="Readings">Readings acknowledged in the end, with those that were under way when it was over.</param>
internal readonly record struct LoadResult(double PerSecond, long Readings);

/// <summary>
/// <c>bench ingest</c>: durable readings a second through the whole of the ingest path, beside what the same load reaches against <see cref="BareServer"/>. Both are
/// measured in turns within one run, on the machine that also makes the load, and the ratio is of the medians, since machines are noisy. Figures are readings, however many a PUBLISH holds.
/// </summary>
internal static class IngestBench
{
    public const int Connections = 64;
    public const int Vehicles = 100_000;
    private const int Rounds = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan BareRound = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan DurableRound = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        string directory = Directory.CreateTempSubdirectory("streaming-bench-").FullName;
        try
        {
            List<double> bare = [];
            List<double> durable = [];
            using BareServer bareServer = new();
            ServerOptions options = new() { DataDirectory = directory, CityDirectory = Path.Combine(AppContext.BaseDirectory, "city"), HttpPort = 0, MqttPort = 0, HostKind = bench.Host };
            using ILoggerFactory logs = Logs.Create(LogLevel.Warning);
            await using CityServer server = await CityServer.StartAsync(options, TimeProvider.System, logs, cancellation).ConfigureAwait(false);
            await RegisterAsync(server, cancellation).ConfigureAwait(false);

            LoadResult bareWarmUp = await MeasureAsync(bareServer.Port, WarmUp, 0, bench.Batch, cancellation).ConfigureAwait(false);
            LoadResult durableWarmUp = await MeasureAsync(server.MqttPort, WarmUp, 1, bench.Batch, cancellation, server.Host).ConfigureAwait(false);
            if (!bench.Json)
            {
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"warm-up: bare {bareWarmUp.PerSecond:N0}/s, durable {durableWarmUp.PerSecond:N0}/s")).ConfigureAwait(false);
            }

            long bytesBefore = server.Host.Journal.Figures.BytesWritten;
            long readings = 0;
            for (int round = 0; round < Rounds; round++)
            {
                bare.Add((await MeasureAsync(bareServer.Port, BareRound, 2 + round, bench.Batch, cancellation).ConfigureAwait(false)).PerSecond);
                LoadResult taken = await MeasureAsync(server.MqttPort, DurableRound, 10 + round, bench.Batch, cancellation, server.Host).ConfigureAwait(false);
                durable.Add(taken.PerSecond);
                readings += taken.Readings;
                if (!bench.Json)
                {
                    await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"round {round + 1}: bare {bare[^1]:N0}/s, durable {durable[^1]:N0}/s, ratio {durable[^1] / bare[^1]:F2}")).ConfigureAwait(false);
                }
            }

            JournalFigures figures = server.Host.Journal.Figures;
            double ratio = Median(durable) / Median(bare);
            double bytesPerReading = (double)(figures.BytesWritten - bytesBefore) / readings;
            string target = bench.Batch > 1 ? "no target" : bench.Host == HostKind.Orleans ? "target 0.20" : "at least 0.30; target 0.40";
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"bench":"ingest","host":"{{server.Host.Name}}","batch":{{bench.Batch}},"bare":{{Median(bare):F0}},"durable":{{Median(durable):F0}},"ratio":{{ratio:F3}},"bytesPerReading":{{bytesPerReading:F0}},"payloadBytes":{{new LoadPackets("B00", 0, 1, default, 0, bench.Batch).PayloadBytes}},"connections":{{Connections}},"vehicles":{{Vehicles}},"rounds":{{Rounds}},"syncs":{{figures.Syncs}},"workingSetMiB":{{Environment.WorkingSet >> 20}},"cores":{{Environment.ProcessorCount}}}""");
            await output.WriteLineAsync(bench.Json ? line : $"bare {Median(bare):N0}/s, durable {Median(durable):N0}/s, ratio {ratio:F2} ({target}), host {server.Host.Name}, {bench.Batch} readings a PUBLISH\n{line}").ConfigureAwait(false);
            return 0;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>One round of load. Every round has ids and times of its own.</summary>
    /// <param name="port">Of the server.</param>
    /// <param name="duration">How long readings are sent.</param>
    /// <param name="round">Number of the round.</param>
    /// <param name="batch">Readings of one vehicle in each PUBLISH.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="host">
    /// Where given, the time until it has run every turn counts too: a PUBACK is owed when a reading is durable, and a host that puts its turns off would look faster than it is.
    /// </param>
    public static async Task<LoadResult> MeasureAsync(int port, TimeSpan duration, int round, int batch, CancellationToken cancellation, ActorHost? host = null)
    {
        // Later rounds are later in time, all within the ten minutes that are still live.
        DateTimeOffset start = DateTimeOffset.UtcNow.AddSeconds(-30);
        LoadClient[] clients = [.. Enumerable.Range(0, Connections).Select(number => new LoadClient(Station(number), "p", new LoadPackets(Station(number), number * (Vehicles / Connections), Vehicles / Connections, start, round * 1_000_000_00L, batch)))];
        foreach (LoadClient client in clients)
        {
            await client.ConnectAsync(port, cancellation).ConfigureAwait(false);
        }

        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Stopwatch clock = Stopwatch.StartNew();
        Task[] runs = [.. clients.Select(client => Task.Run(() => client.RunAsync(stop.Token), CancellationToken.None))];
        await Task.Delay(duration, cancellation).ConfigureAwait(false);
        long acknowledged = clients.Sum(client => client.AcknowledgedReadings);
        double seconds = clock.Elapsed.TotalSeconds;
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(runs).ConfigureAwait(false);
        if (host is not null)
        {
            while (!host.AtRest)
            {
                await Task.Delay(1, cancellation).ConfigureAwait(false);
            }

            acknowledged = clients.Sum(client => client.AcknowledgedReadings);
            seconds = clock.Elapsed.TotalSeconds;
        }

        LoadResult result = new(acknowledged / seconds, clients.Sum(client => client.AcknowledgedReadings));
        foreach (LoadClient client in clients)
        {
            client.Dispose();
        }

        return result;
    }

    /// <summary>Registers the load's stations.</summary>
    public static async Task RegisterAsync(CityServer server, CancellationToken cancellation)
    {
        for (int number = 0; number < Connections; number++)
        {
            string id = Station(number);
            SourceRegistration device = new(id, "wim", [$"v1/wim/{id}/+"], "harbour", 5, Secrets.HashGenerated("p"u8));
            CommandResult result = await server.Host.CommandAsync(ActorKind.Source, id, MessageKind.RegisterSource, JsonSerializer.SerializeToUtf8Bytes(device, GrainsJson.Default.SourceRegistration), cancellation).ConfigureAwait(false);
            if (result.Reply?.Status != ReplyStatus.Done)
            {
                throw new InvalidOperationException($"{id} could not be registered: {result.Reply?.Text}");
            }
        }

        // The access book follows the lists; the last one there means that all are.
        while (server.Access.FindDevice(Station(Connections - 1)) is null)
        {
            await Task.Delay(5, cancellation).ConfigureAwait(false);
        }
    }

    private static string Station(int number) => string.Create(CultureInfo.InvariantCulture, $"B{number:D2}");

    private static double Median(List<double> values)
    {
        List<double> sorted = [.. values.Order()];
        return sorted[sorted.Count / 2];
    }
}
