using Streaming.Ingest.City;
using Streaming.Silo.Cli;

namespace Streaming.Silo.Hosting;

/// <summary>The simulated city beside a running silo: it registers and publishes from outside, over HTTP and MQTT, as real devices do.</summary>
internal sealed partial class Demo : IAsyncDisposable
{
    private const string ByHandStation = "S07";
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    private Demo(CityPublisher publisher) => running = publisher.RunAsync(stop.Token);

    /// <summary>Starts the city and prints what to look at and what to paste.</summary>
    /// <exception cref="InvalidDataException">The city's files are not valid; the message lists what is wrong with them.</exception>
    public static async Task<IAsyncDisposable> StartAsync(UpOptions options, CityServer server, string token, ILoggerFactory logs, CancellationToken cancellation)
    {
        CityDefinition city = CityFiles.Load(options.CityDirectory, out IReadOnlyList<string> problems)
            ?? throw new InvalidDataException($"The simulated city in {options.CityDirectory} is not valid:{string.Concat(problems.Select(problem => $"\n  {problem}"))}");
        Uri http = new($"http://127.0.0.1:{server.HttpPort}");
        ILogger logger = logs.CreateLogger<Demo>();
        CityPublisher publisher = new(city, new CityPublisherOptions(http, token, "127.0.0.1", server.MqttPort, options.DemoReadingsPerSecond), TimeProvider.System, logger);
        Demo demo = new(publisher);
        await Task.WhenAny(publisher.Started, demo.running).WaitAsync(cancellation).ConfigureAwait(false);
        await publisher.Started.ConfigureAwait(false);
        _ = demo.WatchAsync(logger);
        string overloaded = city.Incidents.Scripted.First(incident => incident.Plate is not null).Plate + "-yellow";
        DemoBanner.Write(Console.Out, new DemoBannerFacts(http, token, "127.0.0.1", server.MqttPort, ByHandStation, publisher.PasswordOf(ByHandStation), overloaded));
        return demo;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task WatchAsync(ILogger logger)
    {
        try
        {
            await running.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever ended the simulated city, the silo goes on; people are told why the city fell silent.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.CityEnded(logger, failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The simulated city ended")]
        public static partial void CityEnded(ILogger logger, Exception failure);
    }
}
