using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Cli;
using Streaming.Silo.Host;
using Streaming.Silo.Hosting;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Bench;

/// <summary>
/// <c>bench recovery</c>: how long a start takes that finds a store with many vehicles and a long tail of readings that no stored state reflects, until readings are taken again. The directory is what a
/// kill leaves: made by journal and store themselves, with no end in order. Every vehicle of the store is in the tail, so each state has to be read, and the lists are as far behind as the states.
/// </summary>
internal static class RecoveryBench
{
    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        string directory = Directory.CreateTempSubdirectory("streaming-bench-").FullName;
        try
        {
            using ILoggerFactory logs = Logs.Create(LogLevel.Warning, aside: true);
            ServerOptions options = BenchSilo.Options(bench, directory);
            await using (CityServer first = await CityServer.StartAsync(options, TimeProvider.System, logs, cancellation).ConfigureAwait(false))
            {
                await BenchSilo.RegisterAsync(first, [BackgroundLoad.Station(0)], cancellation).ConfigureAwait(false);
            }

            long made = Stopwatch.GetTimestamp();
            long bytes = await MakeAsync(options, bench, cancellation).ConfigureAwait(false);
            double makingSeconds = Stopwatch.GetElapsedTime(made).TotalSeconds;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

            Stopwatch clock = Stopwatch.StartNew();
            TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
            await using CityServer server = await CityServer.StartAsync(options, TimeProvider.System, logs, cancellation).ConfigureAwait(false);
            double seconds = clock.Elapsed.TotalSeconds;
            double cpuSeconds = (Environment.CpuUsage.TotalTime - cpuBefore).TotalSeconds;
            long peakMiB = Process.GetCurrentProcess().PeakWorkingSet64 >> 20;

            bool right = await IsRightAsync(server.Host, bench, cancellation).ConfigureAwait(false);
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"bench":"recovery","host":"{{server.Host.Name}}","seconds":{{seconds:F1}},"vehicles":{{bench.Vehicles}},"readings":{{bench.Readings}},"cpuSeconds":{{cpuSeconds:F1}},"journalMiB":{{bytes >> 20}},"peakWorkingSetMiB":{{peakMiB}},"right":{{(right ? "true" : "false")}},"makingSeconds":{{makingSeconds:F0}},"cores":{{Environment.ProcessorCount}}}""");
            await output.WriteLineAsync(bench.Json ? line : string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s for {bench.Vehicles:N0} vehicles and a tail of {bench.Readings:N0} readings (target 15 for 1,000,000 and 10,000,000)\n{line}")).ConfigureAwait(false);
            return right ? 0 : 1;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Fills the store, then appends the tail to the journal, which nobody follows. Returns the bytes appended.</summary>
    private static async Task<long> MakeAsync(ServerOptions options, BenchOptions bench, CancellationToken cancellation)
    {
        using SqliteStateStore store = new(Path.Combine(options.DataDirectory, "state.db"));
        using RealDisk disk = new(Path.Combine(options.DataDirectory, "journal"));
        using InputJournal journal = InputJournal.Open(disk, options.Journal, TimeProvider.System, 0, store.ReplayFrom, NullLogger.Instance);
        while (journal.ReplayStep() != ReplayProgress.Done)
        {
        }

        DateTimeOffset start = TimeProvider.System.GetUtcNow().AddHours(-2);
        Rulebook rules = Rulebook.Parse(store.Rulebooks()[^1].Json);
        MadeStates.Fill(store, rules, bench.Vehicles, journal.End, start);
        long before = journal.Figures.BytesWritten;
        MadeReadings readings = new(bench.Vehicles, start.AddHours(1));
        await readings.AppendAsync(journal, bench.Readings, () =>
        {
            if (journal.Figures.UnflushedBytes > options.Journal.UnflushedBytes / 2)
            {
                journal.FlushStep();
            }
        }, cancellation).ConfigureAwait(false);
        while (journal.FlushStep())
        {
        }

        return journal.Figures.BytesWritten - before;
    }

    /// <summary>A vehicle of the middle has all of its weighings: those of its stored state and those of the tail.</summary>
    private static async Task<bool> IsRightAsync(ActorHost host, BenchOptions bench, CancellationToken cancellation)
    {
        int number = bench.Vehicles / 2;
        long inTail = (bench.Readings / bench.Vehicles) + (number < bench.Readings % bench.Vehicles ? 1 : 0);
        byte[]? json = await host.DescribeAsync(ActorKind.Vehicle, LoadPackets.Vehicle(number), cancellation).ConfigureAwait(false);
        if (json is null)
        {
            return false;
        }

        using JsonDocument state = JsonDocument.Parse(json);
        return state.RootElement.GetProperty("weighings").GetInt64() == MadeStates.Weighings + inTail;
    }
}
