using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Cli;
using Streaming.Silo.Host;
using Streaming.Silo.Hosting;
using HostOptions = Streaming.Silo.Host.HostOptions;

namespace Streaming.Silo.Bench;

/// <summary>A silo in a directory of its own, with the stations of the load registered. The directory goes with it.</summary>
internal sealed class BenchSilo : IAsyncDisposable
{
    private const string Token = "a-token-for-measuring-only";
    private readonly string directory;
    private readonly ILoggerFactory logs;

    private BenchSilo(string directory, ILoggerFactory logs, CityServer server)
    {
        this.directory = directory;
        this.logs = logs;
        Server = server;
    }

    public CityServer Server { get; }

    /// <summary>Settings of a silo in a directory.</summary>
    public static ServerOptions Options(BenchOptions bench, string directory) => new()
    {
        DataDirectory = directory,
        CityDirectory = Path.Combine(AppContext.BaseDirectory, "city"),
        HttpPort = 0,
        MqttPort = 0,
        HostKind = bench.Host,
        AdministratorToken = Token,
        Host = bench.Workers > 0 ? new HostOptions { Workers = bench.Workers } : new HostOptions(),
    };

    /// <param name="bench">What is measured.</param>
    /// <param name="stations">Registered besides those of the load.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <param name="vehiclesEver">Vehicles that the store knows already.</param>
    public static async Task<BenchSilo> StartAsync(BenchOptions bench, string[] stations, CancellationToken cancellation, int vehiclesEver = 0)
    {
        string directory = Directory.CreateTempSubdirectory("streaming-bench-").FullName;
        ILoggerFactory logs = Logs.Create(LogLevel.Warning, aside: true);
        try
        {
            if (vehiclesEver > 0)
            {
                await FillAsync(Options(bench, directory), vehiclesEver, logs, cancellation).ConfigureAwait(false);
            }

            CityServer server = await CityServer.StartAsync(Options(bench, directory), TimeProvider.System, logs, cancellation).ConfigureAwait(false);
            BenchSilo silo = new(directory, logs, server);
            await RegisterAsync(server, [.. Enumerable.Range(0, BackgroundLoad.Connections).Select(BackgroundLoad.Station), .. stations], cancellation).ConfigureAwait(false);
            return silo;
        }
        catch
        {
            logs.Dispose();
            Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    /// <summary>A client of the API that may see everything.</summary>
    public HttpClient Client() => new()
    {
        BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Server.HttpPort}")),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) },
    };

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync().ConfigureAwait(false);
        logs.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Starts once, so that there is a rulebook, and fills the store behind it.</summary>
    private static async Task FillAsync(ServerOptions options, int vehicles, ILoggerFactory logs, CancellationToken cancellation)
    {
        long end;
        await using (CityServer first = await CityServer.StartAsync(options, TimeProvider.System, logs, cancellation).ConfigureAwait(false))
        {
            end = first.Host.Journal.End;
        }

        using SqliteStateStore store = new(Path.Combine(options.DataDirectory, "state.db"));
        MadeStates.Fill(store, Rulebook.Parse(store.Rulebooks()[^1].Json), vehicles, end, TimeProvider.System.GetUtcNow().AddHours(-1));
    }

    /// <summary>Registers weigh stations.</summary>
    public static async Task RegisterAsync(CityServer server, IReadOnlyList<string> stations, CancellationToken cancellation)
    {
        foreach (string id in stations)
        {
            CommandResult result = await server.Host.CommandAsync(ActorKind.Source, id, MessageKind.RegisterSource, JsonSerializer.SerializeToUtf8Bytes(Registration(id), GrainsJson.Default.SourceRegistration), cancellation).ConfigureAwait(false);
            if (result.Reply?.Status != ReplyStatus.Done)
            {
                throw new InvalidOperationException($"{id} could not be registered: {result.Reply?.Text}");
            }
        }

        // The access book follows the lists; the last one there means that all are.
        while (server.Access.FindDevice(stations[^1]) is null)
        {
            await Task.Delay(5, cancellation).ConfigureAwait(false);
        }
    }

    public static SourceRegistration Registration(string id) => new(id, "wim", [$"v1/wim/{id}/+"], "harbour", 5, Secrets.HashGenerated("p"u8), ReadingsPerSecond: int.MaxValue, BytesPerSecond: int.MaxValue);
}
