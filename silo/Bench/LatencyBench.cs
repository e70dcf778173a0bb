using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Streaming.Silo.Cli;

namespace Streaming.Silo.Bench;

/// <summary>
/// <c>bench latency</c>: from the publish of an overloaded truck to its line in the department's stream of alerts, as a client of the API reads it; and to the station's PUBACK. Beside a
/// background of readings at an even rate, made on the same machine.
/// </summary>
internal static class LatencyBench
{
    private const string Station = "PROBE";
    private const int FirstVehicle = 5_000_000;
    /// <summary>Until the code that the load runs has been compiled for good, which takes a core of a machine with two for a while.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        await using BenchSilo silo = await BenchSilo.StartAsync(bench, [Station], cancellation).ConfigureAwait(false);
        TimeSpan warmUp = TimeSpan.FromSeconds(Math.Min(bench.Seconds, WarmUp.TotalSeconds));
        using HttpClient client = silo.Client();
        client.Timeout = Timeout.InfiniteTimeSpan;
        BackgroundLoad load = await BackgroundLoad.StartAsync(silo.Server.MqttPort, IngestBench.Vehicles, bench.Rate, 0, 1, cancellation).ConfigureAwait(false);
        await Task.Delay(warmUp, cancellation).ConfigureAwait(false);

        // The first trucks find code that was never run; they are not counted.
        using Probe first = new(Station, FirstVehicle);
        await MeasureAsync(silo, client, first, warmUp / 2, cancellation).ConfigureAwait(false);
        using Probe probe = new(Station, FirstVehicle * 2 / 5 * 3);
        load.CountFromNow();
        Percentiles alertMs = await MeasureAsync(silo, client, probe, TimeSpan.FromSeconds(bench.Seconds), cancellation).ConfigureAwait(false);
        double achieved = load.PerSecond;
        await load.StopAsync().ConfigureAwait(false);

        string line = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"bench":"latency","host":"{{silo.Server.Host.Name}}","alertP50Ms":{{alertMs.At(50):F1}},"alertP99Ms":{{alertMs.At(99):F1}},"pubackP50Ms":{{probe.PubackMs.At(50):F1}},"pubackP99Ms":{{probe.PubackMs.At(99):F1}},"load":{{achieved:F0}},"alerts":{{alertMs.Count}},"missing":{{probe.Outstanding}},"seconds":{{bench.Seconds}},"cores":{{Environment.ProcessorCount}}}""");
        await output.WriteLineAsync(bench.Json ? line : string.Create(CultureInfo.InvariantCulture, $"alert p50 {alertMs.At(50):F1} ms, p99 {alertMs.At(99):F1} ms (target 50); PUBACK p99 {probe.PubackMs.At(99):F1} ms (target 25); beside {achieved:N0} readings/s\n{line}")).ConfigureAwait(false);
        return probe.Outstanding == 0 && alertMs.Count > 0 ? 0 : 1;
    }

    /// <summary>Sends trucks for so long, and waits until the alert of each was read.</summary>
    private static async Task<Percentiles> MeasureAsync(BenchSilo silo, HttpClient client, Probe probe, TimeSpan duration, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/departments/transport/alerts");
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        using StreamReader lines = new(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Percentiles alertMs = new();
        Task reading = ReadAsync(lines, probe, alertMs, enough.Token);
        await probe.ConnectAsync(silo.Server.MqttPort, cancellation).ConfigureAwait(false);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(duration);
        await probe.RunAsync(Every, stop.Token).ConfigureAwait(false);
        long waitedSince = Stopwatch.GetTimestamp();
        while (probe.Outstanding > 0 && !reading.IsCompleted && Stopwatch.GetElapsedTime(waitedSince) < Patience)
        {
            await Task.Delay(10, cancellation).ConfigureAwait(false);
        }

        await enough.CancelAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(false);
        return alertMs;
    }

    /// <summary>Reads the stream as a browser would, line by line. Only the first alert of a truck counts, and the load's own trucks are passed over.</summary>
    private static async Task ReadAsync(StreamReader lines, Probe probe, Percentiles alertMs, CancellationToken enough)
    {
        try
        {
            while (await lines.ReadLineAsync(enough).ConfigureAwait(false) is { } line)
            {
                long now = Stopwatch.GetTimestamp();
                if (!line.StartsWith("data:", StringComparison.Ordinal))
                {
                    continue;
                }

                using JsonDocument alert = JsonDocument.Parse(line.AsMemory(5));
                if (probe.Take(alert.RootElement.GetProperty("subject").GetString()!) is { } sentAt)
                {
                    alertMs.Add(Stopwatch.GetElapsedTime(sentAt, now).TotalMilliseconds);
                }
            }
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            // Everything was read that was waited for.
        }
    }
}
