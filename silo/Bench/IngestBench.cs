using System.Diagnostics;
using System.Globalization;
using Streaming.Silo.Cli;
using Streaming.Silo.Host;
using Streaming.Silo.Hosting;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Bench;

/// <summary>What one round of load came to.</summary>
/// <param name="PerSecond">Readings acknowledged a second while it lasted.</param>
/// <param name="Readings">Readings acknowledged in the end, with those that were under way when it was over.</param>
/// <param name="Cpu">CPU time that the process took, the making of the load included.</param>
internal readonly record struct LoadResult(double PerSecond, long Readings, TimeSpan Cpu)
{
    /// <summary>CPU a reading, µs: unlike a rate it hardly depends on what else the machine does.</summary>
    public double CpuUs => Cpu.TotalMicroseconds / Math.Max(Readings, 1);
}

/// <summary>
/// <c>bench ingest</c>: durable readings a second through the whole of the ingest path, beside what the same load reaches against <see cref="BareServer"/>. Both are
/// measured in turns within one run, on the machine that also makes the load, and the ratio is of the medians, since machines are noisy. Figures are readings, however many a PUBLISH holds.
/// </summary>
internal static class IngestBench
{
    public const int Vehicles = 100_000;
    private const int Rounds = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan BareRound = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan DurableRound = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        List<double> bare = [];
        List<double> durable = [];
        List<double> bareCpu = [];
        List<double> durableCpu = [];
        using BareServer bareServer = new();
        await using BenchSilo silo = await BenchSilo.StartAsync(bench, [], cancellation, bench.VehiclesEver).ConfigureAwait(false);
        CityServer server = silo.Server;

        LoadResult bareWarmUp = await MeasureAsync(bareServer.Port, WarmUp, 0, bench.Batch, cancellation).ConfigureAwait(false);
        LoadResult durableWarmUp = await MeasureAsync(server.MqttPort, WarmUp, 1, bench.Batch, cancellation, server.Host).ConfigureAwait(false);
        if (!bench.Json)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"warm-up: bare {bareWarmUp.PerSecond:N0}/s, durable {durableWarmUp.PerSecond:N0}/s")).ConfigureAwait(false);
        }

        long bytesBefore = server.Host.Journal.Figures.BytesWritten;
        long readings = 0;
        TimeSpan checkpointBefore = server.Host.CheckpointTime;
        TimeSpan durableTime = TimeSpan.Zero;
        for (int round = 0; round < Rounds; round++)
        {
            LoadResult acknowledged = await MeasureAsync(bareServer.Port, BareRound, 2 + round, bench.Batch, cancellation).ConfigureAwait(false);
            bare.Add(acknowledged.PerSecond);
            bareCpu.Add(acknowledged.CpuUs);
            long begun = Stopwatch.GetTimestamp();
            LoadResult taken = await MeasureAsync(server.MqttPort, DurableRound, 10 + round, bench.Batch, cancellation, server.Host).ConfigureAwait(false);
            durableTime += Stopwatch.GetElapsedTime(begun);
            durable.Add(taken.PerSecond);
            durableCpu.Add(taken.CpuUs);
            readings += taken.Readings;
            if (!bench.Json)
            {
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"round {round + 1}: bare {bare[^1]:N0}/s, durable {durable[^1]:N0}/s, ratio {durable[^1] / bare[^1]:F2}; CPU a reading {bareCpu[^1]:F2} and {durableCpu[^1]:F2} µs, ratio {bareCpu[^1] / durableCpu[^1]:F2}")).ConfigureAwait(false);
            }
        }

        JournalFigures figures = server.Host.Journal.Figures;
        double ratio = Median(durable) / Median(bare);
        double checkpointShare = (server.Host.CheckpointTime - checkpointBefore) / durableTime / Environment.ProcessorCount;
        double bytesPerReading = (double)(figures.BytesWritten - bytesBefore) / readings;
        string target = bench.Batch > 1 ? "no target" : bench.Host == HostKind.Orleans ? "target 0.20" : "at least 0.30; target 0.40";
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"bench":"ingest","host":"{{server.Host.Name}}","batch":{{bench.Batch}},"bare":{{Median(bare):F0}},"durable":{{Median(durable):F0}},"ratio":{{ratio:F3}},"bareCpuUs":{{Median(bareCpu):F2}},"durableCpuUs":{{Median(durableCpu):F2}},"cpuRatio":{{Median(bareCpu) / Median(durableCpu):F3}},"checkpointShare":{{checkpointShare:F3}},"bytesPerReading":{{bytesPerReading:F0}},"payloadBytes":{{new LoadPackets("B00", 0, 1, default, 0, bench.Batch).PayloadBytes}},"connections":{{BackgroundLoad.Connections}},"vehicles":{{Vehicles}},"vehiclesEver":{{Math.Max(bench.VehiclesEver, Vehicles)}},"rounds":{{Rounds}},"syncs":{{figures.Syncs}},"workingSetMiB":{{Environment.WorkingSet >> 20}},"cores":{{Environment.ProcessorCount}}}""");
        await output.WriteLineAsync(bench.Json ? line : $"bare {Median(bare):N0}/s, durable {Median(durable):N0}/s, ratio {ratio:F2} ({target}), host {server.Host.Name}, {bench.Batch} readings a PUBLISH\n{line}").ConfigureAwait(false);
        return 0;
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
        BackgroundLoad load = await BackgroundLoad.StartAsync(port, Vehicles, 0, round, batch, cancellation).ConfigureAwait(false);
        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        await Task.Delay(duration, cancellation).ConfigureAwait(false);
        double perSecond = load.PerSecond;
        long readings = await load.StopAsync().ConfigureAwait(false);
        if (host is not null)
        {
            while (!host.AtRest)
            {
                await Task.Delay(1, cancellation).ConfigureAwait(false);
            }

            perSecond = readings / clock.Elapsed.TotalSeconds;
        }

        return new LoadResult(perSecond, readings, Environment.CpuUsage.TotalTime - cpuBefore);
    }

    private static double Median(List<double> values)
    {
        List<double> sorted = [.. values.Order()];
        return sorted[sorted.Count / 2];
    }
}
