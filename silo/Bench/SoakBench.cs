using System.Diagnostics;
using System.Globalization;
using Streaming.Silo.Cli;
using Streaming.Silo.Hosting;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Bench;

/// <summary>
/// <c>bench soak</c>: ten minutes of full load with a journal that is kept to a size. Shows whether memory, journal and the tail that a crash would leave to replay stay where they are.
/// </summary>
internal static class SoakBench
{
    private const int Intervals = 20;
    private const long RetentionBytes = 4L << 30;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(BenchOptions bench, TextWriter output, CancellationToken cancellation)
    {
        string directory = Directory.CreateTempSubdirectory("streaming-soak-").FullName;
        try
        {
            ServerOptions options = new()
            {
                DataDirectory = directory,
                CityDirectory = Path.Combine(AppContext.BaseDirectory, "city"),
                HttpPort = 0,
                MqttPort = 0,
                HostKind = bench.Host,
                Journal = new JournalOptions { RetentionBytes = RetentionBytes },
            };
            using ILoggerFactory logs = Logs.Create(LogLevel.Warning, aside: true);
            await using CityServer server = await CityServer.StartAsync(options, TimeProvider.System, logs, cancellation).ConfigureAwait(false);
            await BenchSilo.RegisterAsync(server, [.. Enumerable.Range(0, BackgroundLoad.Connections).Select(BackgroundLoad.Station)], cancellation).ConfigureAwait(false);
            List<long> memory = [];
            List<double> rates = [];
            long most = 0;
            for (int interval = 0; interval < Intervals; interval++)
            {
                rates.Add((await IngestBench.MeasureAsync(server.MqttPort, Interval, interval, 1, cancellation).ConfigureAwait(false)).PerSecond);
                using Process self = Process.GetCurrentProcess();
                memory.Add(self.WorkingSet64 >> 20);
                JournalFigures figures = server.Host.Journal.Figures;
                most = Math.Max(most, figures.DiskBytes);
                if (!bench.Json)
                {
                    await output.WriteLineAsync(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{(interval + 1) * Interval.TotalSeconds:F0} s: {rates[^1]:N0}/s, working set {memory[^1]} MiB, managed {GC.GetTotalMemory(false) >> 20} MiB, journal {figures.DiskBytes >> 20} MiB, tail {server.Host.TailRecords:N0} records")).ConfigureAwait(false);
                }
            }

            // The first fifth is growing to size: vehicles, buffers and compiled code.
            int settled = Intervals / 5;
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"bench":"soak","host":"{{server.Host.Name}}","seconds":{{Intervals * Interval.TotalSeconds:F0}},"durable":{{rates.Average():F0}},"workingSetMiBAfter2Min":{{memory[settled - 1]}},"workingSetMiBMost":{{memory.Skip(settled).Max()}},"workingSetMiBEnd":{{memory[^1]}},"journalMiBMost":{{most >> 20}},"retentionMiB":{{RetentionBytes >> 20}},"tailRecords":{{server.Host.TailRecords}}}""")).ConfigureAwait(false);
            return 0;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
