using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Orleans;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Orleans;
using Streaming.Grains.Subjects;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Bench;
using Streaming.Silo.Cli;
using Streaming.Silo.Host;
using Streaming.Silo.Hosting;

namespace Streaming.Silo.Orleans;

/// <summary>
/// <c>bench grains</c>: what a call, an activation and a state write cost on one silo, without endpoint and journal: the calls that the journal's follower makes, made here.
/// </summary>
internal static class GrainBench
{
    private const int SequentialCalls = 50_000;
    private const int ConcurrentCalls = 1_000_000;
    private const int WarmGrains = 10_000;
    private const int Activations = 100_000;
    private const int Writes = 50_000;

    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        string directory = Directory.CreateTempSubdirectory("streaming-bench-").FullName;
        try
        {
            ServerOptions options = new() { DataDirectory = directory, CityDirectory = Path.Combine(AppContext.BaseDirectory, "city"), HttpPort = 0, MqttPort = 0, HostKind = HostKind.Orleans };
            using ILoggerFactory logs = Logs.Create(LogLevel.Warning, aside: true);
            await using CityServer server = await CityServer.StartAsync(options, TimeProvider.System, logs, cancellation);
            IGrainFactory grains = server.Services.GetRequiredService<IGrainFactory>();
            IActorGrain[] warm = [.. Enumerable.Range(0, WarmGrains).Select(number => grains.GetGrain<IVehicleGrain>($"warm-{number}"))];
            InputBatch nothing = new() { After = 0, Confirmed = 0, First = 0, Store = false, Inputs = default };
            await CallAllAsync(WarmGrains, number => warm[number].ApplyAsync(nothing));
            await CallAllAsync(ConcurrentCalls / 4, number => warm[number % WarmGrains].ApplyAsync(nothing));

            Stopwatch clock = Stopwatch.StartNew();
            for (int i = 0; i < SequentialCalls; i++)
            {
                await warm[i % WarmGrains].ApplyAsync(nothing);
            }

            double sequentialUs = clock.Elapsed.TotalMicroseconds / SequentialCalls;
            clock.Restart();
            await CallAllAsync(ConcurrentCalls, number => warm[number % WarmGrains].ApplyAsync(nothing));
            double callsPerSecond = ConcurrentCalls / clock.Elapsed.TotalSeconds;

            long memory = GC.GetTotalMemory(forceFullCollection: true);
            clock.Restart();
            await CallAllAsync(Activations, number => grains.GetGrain<IVehicleGrain>($"new-{number}").ApplyAsync(nothing));
            double activationsPerSecond = Activations / clock.Elapsed.TotalSeconds;
            double activationBytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - memory) / Activations;

            // A registration shows a row, so its turn is stored with what it asked for; a PUBLISH that brought readings asks for nothing, and is stored because the batch says so.
            ISourceGrain[] sources = [.. Enumerable.Range(0, Writes).Select(number => grains.GetGrain<ISourceGrain>($"source-{number}"))];
            long position = server.Host.Journal.End + 1;
            InputBatch[] registrations = [.. Enumerable.Range(0, Writes).Select(number => Registration(number, position))];
            await CallAllAsync(Writes, number => sources[number].ApplyAsync(nothing));
            clock.Restart();
            await CallAllAsync(Writes, number => sources[number].ApplyAsync(registrations[number]));
            double effectsPerSecond = Writes / clock.Elapsed.TotalSeconds;
            InputBatch stored = Published(position + 1);
            clock.Restart();
            await CallAllAsync(Writes, number => sources[number].ApplyAsync(stored));
            double writesPerSecond = Writes / clock.Elapsed.TotalSeconds;

            string line = string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"bench":"grains","sequentialCallUs":{{sequentialUs:F1}},"callsPerS":{{callsPerSecond:F0}},"activationsPerS":{{activationsPerSecond:F0}},"activationBytes":{{activationBytes:F0}},"turnsStoredWithEffectsPerS":{{effectsPerSecond:F0}},"turnsStoredPerS":{{writesPerSecond:F0}},"outstanding":{{SiloLimits.GrainCalls}},"cores":{{Environment.ProcessorCount}}}""");
            await output.WriteLineAsync(bench.Json ? line : $"a call {sequentialUs:F1} µs one after the other, {callsPerSecond:N0}/s with {SiloLimits.GrainCalls} outstanding; {activationsPerSecond:N0} activations/s of {activationBytes:N0} bytes; {effectsPerSecond:N0} turns/s stored with effects, {writesPerSecond:N0}/s stored without\n{line}");
            return 0;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>So many calls, as many outstanding as the follower allows itself.</summary>
    private static async Task CallAllAsync(int calls, Func<int, ValueTask<Applied>> call)
    {
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, SiloLimits.GrainCalls).Select(caller => Task.Run(CallAsync)));

        async Task CallAsync()
        {
            for (int number = Interlocked.Increment(ref next); number < calls; number = Interlocked.Increment(ref next))
            {
                await call(number);
            }
        }
    }

    private static InputBatch Registration(int number, long position)
    {
        SourceRegistration registration = new($"source-{number}", "wim", ["v1/wim/+/+"], "harbour", 5, "");
        ByteWriter inputs = new(512);
        InputEntry.WriteMessage(inputs, position, RecordOf(InputKind.Command), MessageKind.RegisterSource, JsonSerializer.SerializeToUtf8Bytes(registration, GrainsJson.Default.SourceRegistration));
        return new InputBatch { After = 0, Confirmed = 0, First = position, Store = false, Inputs = inputs.WrittenMemory };
    }

    private static InputBatch Published(long position)
    {
        ByteWriter inputs = new(64);
        Origin origin = new() { Source = "source"u8, District = "harbour"u8, AccuracyHundredthPct = 500 };
        InputEntry.WritePublished(inputs, position, RecordOf(InputKind.Publish), new PublishRecord { Origin = origin, Topic = default, Raw = default, Readings = 0, Rejections = 0 });
        return new InputBatch { After = 0, Confirmed = position, First = position, Store = true, Inputs = inputs.WrittenMemory };
    }

    private static Record RecordOf(InputKind kind) => new() { Kind = kind, Depth = 0, Partition = 0, TimeMs = DateTimeOffset.UnixEpoch.AddYears(56).ToUnixTimeMilliseconds(), Body = default };
}
