using System.Diagnostics;
using System.Globalization;

namespace Streaming.Silo.Bench;

/// <summary>
/// The load of <see cref="FanInBench"/>, in a process of its own. It says that it is ready; then does what each line of its input asks and answers in a line: <c>sessions</c>, each station connects and leaves at once, so that
/// its session is there; <c>connect</c>, all of them; <c>publish</c>, a reading a second on each connection; <c>storm</c>, all connections are cut off at once, come back, and publish once more; <c>leave</c>, all are cut off and stay away.
/// </summary>
internal static class FanInLoad
{
    /// <summary>Vehicles that all stations weigh in turns: what the server keeps of vehicles is not what is measured.</summary>
    public const int Vehicles = 1_000;

    /// <summary>Connections that are being made at a time.</summary>
    private const int ConnectsAtOnce = 256;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(int port, int count, int seconds, TextReader input, TextWriter output, CancellationToken cancellation)
    {
        DateTimeOffset start = TimeProvider.System.GetUtcNow().AddSeconds(-30);
        Percentiles pubackMs = new();
        FanInConnection[] connections = [.. Enumerable.Range(0, count).Select(number => new FanInConnection(FanInBench.Station(number), number % Vehicles, start, pubackMs))];
        await SayAsync(output, "ready").ConfigureAwait(false);
        while (await input.ReadLineAsync(cancellation).ConfigureAwait(false) is { } asked)
        {
            if (asked is "sessions" or "connect")
            {
                int open = await ConnectAsync(connections, port, leaves: asked == "sessions", cancellation).ConfigureAwait(false);
                await SayAsync(output, string.Create(CultureInfo.InvariantCulture, $"{asked} {open}")).ConfigureAwait(false);
            }
            else if (asked == "publish")
            {
                long begun = Stopwatch.GetTimestamp();
                await PublishAsync(connections, seconds, cancellation).ConfigureAwait(false);
                double tookS = Stopwatch.GetElapsedTime(begun).TotalSeconds;
                await SettleAsync(connections, cancellation).ConfigureAwait(false);
                long acknowledged = connections.Sum(connection => connection.Acknowledged);
                await SayAsync(output, string.Create(
                    CultureInfo.InvariantCulture,
                    $"published {connections.Sum(connection => connection.Sent)} {acknowledged} {At(50):F1} {At(99):F1} {acknowledged / tookS:F0}")).ConfigureAwait(false);
            }
            else if (asked == "storm")
            {
                await SayAsync(output, await StormAsync(connections, port, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
            }
            else
            {
                Cut(connections);
                await SayAsync(output, "left").ConfigureAwait(false);
                break;
            }
        }

        return 0;

        // Where nothing came back there is nothing to tell, and JSON has no NaN.
        double At(double percent)
        {
            lock (pubackMs)
            {
                return pubackMs.Count == 0 ? -1 : pubackMs.At(percent);
            }
        }
    }

    /// <summary>Connects all, and has each leave again at once where asked to; says how many were let in.</summary>
    private static async Task<int> ConnectAsync(FanInConnection[] connections, int port, bool leaves, CancellationToken cancellation)
    {
        int open = 0;
        await Parallel.ForEachAsync(connections, new ParallelOptions { MaxDegreeOfParallelism = ConnectsAtOnce, CancellationToken = cancellation }, async (connection, stop) =>
        {
            if (await connection.ConnectAsync(port, stop).ConfigureAwait(false))
            {
                Interlocked.Increment(ref open);
            }

            if (leaves)
            {
                connection.Cut();
            }
        }).ConfigureAwait(false);
        return open;
    }

    /// <summary>One reading a second on each, evenly over the second.</summary>
    private static async Task PublishAsync(FanInConnection[] connections, int seconds, CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(Tick);
        long begun = Stopwatch.GetTimestamp();
        long all = (long)connections.Length * seconds;
        for (long sent = 0; sent < all && await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);)
        {
            long due = Math.Min(all, (long)(Stopwatch.GetElapsedTime(begun).TotalSeconds * connections.Length));
            for (; sent < due; sent++)
            {
                await connections[sent % connections.Length].PublishAsync(cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits until everything sent is acknowledged, or nothing more comes.</summary>
    private static async Task SettleAsync(FanInConnection[] connections, CancellationToken cancellation)
    {
        long waitedSince = Stopwatch.GetTimestamp();
        while (connections.Any(connection => connection.Acknowledged < connection.Sent) && Stopwatch.GetElapsedTime(waitedSince) < Patience)
        {
            await Task.Delay(Tick, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>As after a failure of the network: nobody says goodbye, everybody comes back at once. A connection counts as back once a reading on it was acknowledged; its session was to be there.</summary>
    private static async Task<string> StormAsync(FanInConnection[] connections, int port, CancellationToken cancellation)
    {
        Cut(connections);
        long begun = Stopwatch.GetTimestamp();
        await ConnectAsync(connections, port, leaves: false, cancellation).ConfigureAwait(false);
        double tookS = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        long[] before = [.. connections.Select(connection => connection.Acknowledged)];
        foreach (FanInConnection connection in connections)
        {
            await connection.PublishAsync(cancellation).ConfigureAwait(false);
        }

        long waitedSince = Stopwatch.GetTimestamp();
        int back;
        while ((back = connections.Where((connection, number) => connection.Acknowledged > before[number]).Count()) < connections.Length && Stopwatch.GetElapsedTime(waitedSince) < Patience)
        {
            await Task.Delay(Tick, cancellation).ConfigureAwait(false);
        }

        return string.Create(CultureInfo.InvariantCulture, $"storm {back} {connections.Count(connection => connection.FoundSession)} {tookS:F1}");
    }

    private static void Cut(FanInConnection[] connections)
    {
        foreach (FanInConnection connection in connections)
        {
            connection.Cut();
        }
    }

    private static async Task SayAsync(TextWriter output, string line)
    {
        await output.WriteLineAsync(line).ConfigureAwait(false);
        await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
