using System.Diagnostics;
using System.Globalization;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Cli;
using Streaming.Silo.Hosting;

namespace Streaming.Silo.Bench;

/// <summary>
/// <c>bench fanin</c>: as many stations as a city has, each on a connection of its own and with one reading a second. The load runs in a process of its own, so that its memory and its files are not the server's. After
/// half a minute all of them lose their connection at once and come back. What the server's working set shrinks by when they leave for good, with garbage collected before and after, is what the connections take: what it has come to keep
/// of sessions, stations and vehicles meanwhile stays.
/// </summary>
internal static class FanInBench
{
    /// <summary>Buffers, pools and caches of the process grow to their size under it, before anything is measured.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    /// <summary>Files that a process has open beside its connections, with room.</summary>
    private const int OtherFiles = 300;

    private const int RegistrationsAtOnce = 512;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Id of a station of the load.</summary>
    public static string Station(int number) => string.Create(CultureInfo.InvariantCulture, $"F{number:D6}");

    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        if (bench.LoadPort is { } port)
        {
            return await FanInLoad.RunAsync(port, bench.Connections, bench.Seconds, Console.In, output, cancellation).ConfigureAwait(false);
        }

        int? limit = OpenFileLimit.Most;
        int connections = Math.Min(bench.Connections, (limit ?? int.MaxValue) - OtherFiles);
        await using BenchSilo silo = await BenchSilo.StartAsync(bench, [], cancellation).ConfigureAwait(false);
        await RegisterAsync(silo.Server, connections, cancellation).ConfigureAwait(false);
        BackgroundLoad warmUp = await BackgroundLoad.StartAsync(silo.Server.MqttPort, FanInLoad.Vehicles, connections, 0, 1, cancellation).ConfigureAwait(false);
        await Task.Delay(WarmUp, cancellation).ConfigureAwait(false);
        await warmUp.StopAsync().ConfigureAwait(false);
        long empty = WorkingSet();

        // What a kept session takes is not the connection's: it takes that as long as it is kept, connected or not.
        using Process load = StartLoad(silo.Server.MqttPort, connections, bench.Seconds);
        await AnswerAsync(load, "ready", cancellation).ConfigureAwait(false);
        await AskAsync(load, "sessions", "sessions", cancellation).ConfigureAwait(false);
        await NobodyAsync(silo, cancellation).ConfigureAwait(false);
        long kept = WorkingSet();
        string[] connected = await AskAsync(load, "connect", "connect", cancellation).ConfigureAwait(false);
        string[] published = await AskAsync(load, "publish", "published", cancellation).ConfigureAwait(false);
        string[] storm = await AskAsync(load, "storm", "storm", cancellation).ConfigureAwait(false);
        long with = WorkingSet();
        await AskAsync(load, "leave", "left", cancellation).ConfigureAwait(false);
        await NobodyAsync(silo, cancellation).ConfigureAwait(false);
        long without = WorkingSet();
        await load.WaitForExitAsync(cancellation).ConfigureAwait(false);

        // Whoever could not connect has lost all its readings; they are counted as connections and not as readings.
        int refused = connections - int.Parse(connected[1], CultureInfo.InvariantCulture);
        long lost = long.Parse(published[1], CultureInfo.InvariantCulture) - long.Parse(published[2], CultureInfo.InvariantCulture);
        int away = connections - int.Parse(storm[1], CultureInfo.InvariantCulture);
        int forgotten = connections - int.Parse(storm[2], CultureInfo.InvariantCulture);
        double bytes = (double)(with - without) / connections;
        double sessionBytes = (double)(kept - empty) / connections;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"bench":"fanin","host":"{{silo.Server.Host.Name}}","connections":{{connections}},"asked":{{bench.Connections}},"fileLimit":{{limit ?? -1}},"refused":{{refused}},"lost":{{lost}},"bytesPerConnection":{{bytes:F0}},"bytesPerSession":{{sessionBytes:F0}},"pubackP50Ms":{{published[3]}},"pubackP99Ms":{{published[4]}},"readings":{{published[1]}},"readingsPerS":{{published[5]}},"stormLost":{{away}},"sessionsLost":{{forgotten}},"stormSeconds":{{storm[3]}},"seconds":{{bench.Seconds}},"cores":{{Environment.ProcessorCount}}}""");
        await output.WriteLineAsync(bench.Json ? line : string.Create(
            CultureInfo.InvariantCulture,
            $"{connections} connections{(connections < bench.Connections ? $" (the limit of {limit} open files allows no more)" : "")}, {bytes:F0} bytes each (target 8192), {sessionBytes:F0} for each session besides; {lost} of {published[1]} readings lost, PUBACK p99 {published[4]} ms; {away} not back and {forgotten} sessions lost after a storm of {storm[3]} s\n{line}")).ConfigureAwait(false);
        return refused == 0 && lost == 0 && away == 0 && forgotten == 0 ? 0 : 1;
    }

    private static async Task NobodyAsync(BenchSilo silo, CancellationToken cancellation)
    {
        while (silo.Server.MqttConnections > 0)
        {
            await Task.Delay(Poll, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>What the process has in memory once everything that can be given back was.</summary>
    private static long WorkingSet()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet;
    }

    private static async Task RegisterAsync(CityServer server, int count, CancellationToken cancellation)
    {
        for (int first = 0; first < count; first += RegistrationsAtOnce)
        {
            await Task.WhenAll(Enumerable.Range(first, Math.Min(RegistrationsAtOnce, count - first)).Select(number =>
                BenchSilo.RegisterAsync(server, [Station(number)], cancellation))).ConfigureAwait(false);
        }
    }

    private static Process StartLoad(int port, int connections, int seconds)
    {
        // Under `dotnet FILE.dll` the process is dotnet's; a program of its own starts the same way by dotnet.
        string host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        string program = Path.Combine(AppContext.BaseDirectory, "Streaming.Silo.dll");
        string[] arguments = [program, "bench", "fanin", "--load-on", Text(port), "--connections", Text(connections), "--seconds", Text(seconds)];
        return Process.Start(new ProcessStartInfo(host, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task<string[]> AskAsync(Process load, string what, string answer, CancellationToken cancellation)
    {
        await load.StandardInput.WriteLineAsync(what).ConfigureAwait(false);
        await load.StandardInput.FlushAsync(cancellation).ConfigureAwait(false);
        return await AnswerAsync(load, answer, cancellation).ConfigureAwait(false);
    }

    private static async Task<string[]> AnswerAsync(Process load, string answer, CancellationToken cancellation)
    {
        string line = await load.StandardOutput.ReadLineAsync(cancellation).ConfigureAwait(false) ?? "";
        return line.StartsWith(answer, StringComparison.Ordinal) ? line.Split(' ') : throw new InvalidOperationException($"The load said \"{line}\" where \"{answer}\" was expected.");
    }
}
