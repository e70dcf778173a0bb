using System.Globalization;
using Streaming.Silo.Cli;
using Streaming.Silo.Host;
using HostOptions = Streaming.Silo.Host.HostOptions;

namespace Streaming.Silo.Bench;

/// <summary>
/// <c>bench memory</c>: managed bytes that a resident vehicle takes, with all that the host keeps for it: measured as what the process has more of, once everything is handled and stored.
/// </summary>
internal static class MemoryBench
{
    private const int WeighingsFirst = 4;

    /// <summary>One more than the ring of the newest readings holds, so that it is full and has let one go.</summary>
    private const int WeighingsAll = Streaming.Grains.GrainLimits.RecentReadings + 1;

    private const int WarmUpVehicles = 1_000;
    private const int WarmUpReadings = 2_000_000;

    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        await using BenchSilo silo = await BenchSilo.StartAsync(bench, [], cancellation).ConfigureAwait(false);
        ActorHost host = silo.Server.Host;

        // Identities of readings are written a part at a time, which leaves up to a part of each worker to replay; one more, since readings do not fall on workers evenly.
        HostOptions options = BenchSilo.Options(bench, "").Host;
        long unsealed = options.HistoryPartReadings * (options.Workers + 1L);

        // Buffers grow to their size first: those of the journal, of the identities of readings, of the store.
        DateTimeOffset start = TimeProvider.System.GetUtcNow().AddHours(-1);
        long before = await AfterAsync(host, unsealed, new MadeReadings(WarmUpVehicles, start), Math.Min(WarmUpReadings, 20L * bench.Vehicles), cancellation).ConfigureAwait(false);
        MadeReadings readings = new(bench.Vehicles, start.AddMinutes(10));
        long few = await AfterAsync(host, unsealed, readings, (long)WeighingsFirst * bench.Vehicles, cancellation).ConfigureAwait(false);
        long all = await AfterAsync(host, unsealed, readings, (long)(WeighingsAll - WeighingsFirst) * bench.Vehicles, cancellation).ConfigureAwait(false);
        double perVehicle = (double)(few - before) / bench.Vehicles;
        double full = (double)(all - before) / bench.Vehicles;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"bench":"memory","host":"{{host.Name}}","bytesPerVehicle":{{perVehicle:F0}},"bytesPerVehicleFullRing":{{full:F0}},"vehicles":{{bench.Vehicles}},"weighings":{{WeighingsFirst}},"weighingsFullRing":{{WeighingsAll}},"workingSetMiB":{{Environment.WorkingSet >> 20}}}""");
        await output.WriteLineAsync(bench.Json ? line : string.Create(CultureInfo.InvariantCulture, $"{perVehicle:F0} bytes a vehicle after {WeighingsFirst} weighings, {full:F0} after {WeighingsAll} (target 1024)\n{line}")).ConfigureAwait(false);
        return 0;
    }

    /// <summary>Managed bytes once so many readings more are handled and their states stored.</summary>
    private static async Task<long> AfterAsync(ActorHost host, long unsealed, MadeReadings readings, long count, CancellationToken cancellation)
    {
        await readings.AppendAsync(host, count, static () => { }, cancellation).ConfigureAwait(false);
        while (!host.AtRest || host.TailRecords > unsealed)
        {
            await Task.Delay(20, cancellation).ConfigureAwait(false);
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
