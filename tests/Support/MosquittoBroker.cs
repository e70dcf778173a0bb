using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Xunit;

namespace Streaming.Tests.Support;

/// <summary>A test that runs a Mosquitto of its own; skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MosquittoBrokerFactAttribute : FactAttribute
{
    public MosquittoBrokerFactAttribute()
    {
        if (MosquittoBroker.Program is null)
        {
            Skip = "mosquitto is not installed";
        }
    }
}

/// <summary>A real Mosquitto on a free port that keeps what subscribers have not acknowledged. It can be stopped in order and started again on the same data.</summary>
internal sealed class MosquittoBroker : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> output = new();
    private readonly string configuration;
    private Process? process;

    /// <param name="more">Further lines of its configuration; {0} is its folder.</param>
    public MosquittoBroker(string more = "allow_anonymous true")
    {
        Folder = Directory.CreateTempSubdirectory("mosquitto-").FullName;
        Port = TestPort.Next();
        configuration = Path.Combine(Folder, "mosquitto.conf");

        // The user line keeps it from giving up root, under which it could not read a folder of root's.
        File.WriteAllText(configuration, $"""
            listener {Port} 127.0.0.1
            user {Environment.UserName}
            persistence true
            persistence_location {Folder}/
            max_queued_messages 0
            max_inflight_messages 1000
            {more.Replace("{0}", Folder, StringComparison.Ordinal)}

            """);
    }

    /// <summary>Debian keeps it where users' paths do not lead.</summary>
    public static string? Program => MosquittoFactAttribute.Find("mosquitto") ?? (File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : null);

    public int Port { get; }

    /// <summary>Its configuration and data.</summary>
    public string Folder { get; }

    /// <summary>What it printed, of all its runs.</summary>
    public string Output => string.Join('\n', output);

    /// <summary>Starts it and waits until it listens.</summary>
    public async Task StartAsync()
    {
        process?.Dispose();
        process = new Process { StartInfo = new ProcessStartInfo(Program!, ["-c", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using TcpClient probe = new();
                await probe.ConnectAsync("127.0.0.1", Port);
                return;
            }
            catch (SocketException) when (!process.HasExited && waited.Elapsed < Waits.Longest)
            {
                await Task.Delay(20);
            }
            catch (SocketException)
            {
                throw new InvalidOperationException($"Mosquitto does not listen:\n{Output}");
            }
        }
    }

    /// <summary>SIGTERM: it writes down what it holds and ends.</summary>
    public async Task StopAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{process!.Id}"]);
        await kill.WaitForExitAsync();
        using CancellationTokenSource patience = new(Waits.Longest);
        await process.WaitForExitAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
