using System.Diagnostics;
using System.Globalization;
using Streaming.Silo.Cli;

namespace Streaming.Silo.Bench;

/// <summary><c>bench query</c>: how long a vehicle's state takes over the API, beside the same background as <see cref="LatencyBench"/>. Every vehicle asked for is one of the load.</summary>
internal static class QueryBench
{
    private const int Clients = 4;

    /// <summary>A step through the vehicles that meets all of them, far from one another: prime to their number.</summary>
    private const int Stride = 7_919;

    /// <summary>Until the code that the load runs has been compiled for good, which takes a core of a machine with two for a while.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);

    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        await using BenchSilo silo = await BenchSilo.StartAsync(bench, [], cancellation).ConfigureAwait(false);
        BackgroundLoad load = await BackgroundLoad.StartAsync(silo.Server.MqttPort, IngestBench.Vehicles, bench.Rate, 0, 1, cancellation).ConfigureAwait(false);
        TimeSpan warmUp = TimeSpan.FromSeconds(Math.Min(bench.Seconds, WarmUp.TotalSeconds));
        using HttpClient client = silo.Client();
        await MeasureAsync(client, warmUp, cancellation).ConfigureAwait(false);
        load.CountFromNow();
        (Percentiles ms, int unknown) = await MeasureAsync(client, TimeSpan.FromSeconds(bench.Seconds), cancellation).ConfigureAwait(false);
        double achieved = load.PerSecond;
        await load.StopAsync().ConfigureAwait(false);

        string line = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"bench":"query","host":"{{silo.Server.Host.Name}}","p50Ms":{{ms.At(50):F2}},"p99Ms":{{ms.At(99):F2}},"queries":{{ms.Count}},"unknown":{{unknown}},"load":{{achieved:F0}},"seconds":{{bench.Seconds}},"cores":{{Environment.ProcessorCount}}}""");
        await output.WriteLineAsync(bench.Json ? line : string.Create(CultureInfo.InvariantCulture, $"query p50 {ms.At(50):F2} ms, p99 {ms.At(99):F2} ms (target 5) beside {achieved:N0} readings/s\n{line}")).ConfigureAwait(false);
        return ms.Count > 0 ? 0 : 1;
    }

    private static async Task<(Percentiles Ms, int Unknown)> MeasureAsync(HttpClient client, TimeSpan duration, CancellationToken cancellation)
    {
        (List<double> Ms, int Unknown)[] asked = await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => AskAsync(client, number, duration, cancellation))).ConfigureAwait(false);
        Percentiles all = new();
        foreach (double ms in asked.SelectMany(each => each.Ms))
        {
            all.Add(ms);
        }

        return (all, asked.Sum(each => each.Unknown));
    }

    /// <summary>One question at a time at an even pace. A vehicle whose turn in the load has not come yet is unknown, which takes as long to say.</summary>
    private static async Task<(List<double> Ms, int Unknown)> AskAsync(HttpClient client, int number, TimeSpan duration, CancellationToken cancellation)
    {
        List<double> ms = [];
        int unknown = 0;
        int within = IngestBench.Vehicles / BackgroundLoad.Connections * BackgroundLoad.Connections;
        long begun = Stopwatch.GetTimestamp();
        TimeSpan due = Every / Clients * number;
        for (long vehicle = number; due < duration; vehicle += Clients, due += Every)
        {
            TimeSpan left = due - Stopwatch.GetElapsedTime(begun);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, cancellation).ConfigureAwait(false);
            }

            Uri address = new("/api/vehicles/" + Uri.EscapeDataString(LoadPackets.Vehicle(vehicle * Stride % within)), UriKind.Relative);
            long asked = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await client.GetAsync(address, cancellation).ConfigureAwait(false);
            _ = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            ms.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
            {
                unknown++;
                continue;
            }

            response.EnsureSuccessStatusCode();
        }

        return (ms, unknown);
    }
}
