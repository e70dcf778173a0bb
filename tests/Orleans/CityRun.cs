using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.TestingHost;
using Streaming.Grains.Messages;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Orleans;
using Streaming.Silo.Views;
using Streaming.Tests.Support;
using HostOptions = Streaming.Silo.Host.HostOptions;

namespace Streaming.Tests.Orleans;

/// <summary>What a run is made of.</summary>
internal sealed record CityOptions
{
    /// <summary>Silos that the grains are spread over; 0: the standalone host runs the actors.</summary>
    public short Silos { get; init; } = 1;

    public MovedTime Time { get; init; } = new();

    public Calls Calls { get; init; } = new();

    public ActorMaker Actors { get; init; } = ActorFactory.Create;

    /// <summary>Small sizes, so that checkpoints, rounds and segments come often.</summary>
    public HostOptions Host { get; init; } = new() { Workers = 1, StatesPerBatch = 16, TurnsPerSavedState = 4, IdleSaveMs = 20, HistoryPartReadings = 256 };
}

/// <summary>One run of a host over a directory, from its start to its end in order or by a crash: real journal, real stores, real lists, and the grains of an in-process cluster.</summary>
internal sealed class CityRun : IAsyncDisposable
{
    private readonly CityOptions options;
    private readonly Power power = new();
    private readonly RealDisk journalDisk;
    private readonly RealDisk historyDisk;
    private readonly SqliteStateStore states;
    private readonly SqliteViewStore viewStore;
    private readonly AccessBook access = new(null);
    private readonly Projector projector;
    private readonly List<InProcessTestCluster> clusters = [];
    private readonly ConcurrentDictionary<string, SiloStorage> storages = new(StringComparer.Ordinal);
    private GrainTurns? turns;
    private WakeUps? wakeUps;
    private bool ended;

    private CityRun(string directory, CityOptions options)
    {
        this.options = options;
        Directory.CreateDirectory(directory);
        journalDisk = new RealDisk(Path.Combine(directory, "journal"));
        historyDisk = new RealDisk(Path.Combine(directory, "history"));
        states = new SqliteStateStore(Path.Combine(directory, "state.db"));
        viewStore = new SqliteViewStore(Path.Combine(directory, "views.db"));
        JournalDisk = new PoweredDisk(journalDisk, power);
        Store = new TroubledStore(states, power);
        access.Load(viewStore.Reader);
        Feeds = new FeedBook(viewStore.Reader, NullLogger<FeedBook>.Instance);
        Projector? made = null;
        HostSeams seams = new(JournalDisk, new PoweredDisk(historyDisk, power), Store, new PoweredViews(viewStore, power), options.Time, NullLoggerFactory.Instance) { Actors = options.Actors };
        JournalOptions journal = new() { SegmentBytes = 1024 * 1024, BufferBytes = 64 * 1024, BlockBytes = 256 * 1024 };
        Host = ActorHost.Open(seams, options.Host, journal, Streaming.Determinism.ShippedCity.Rules, MakeTurns, follower =>
            made = new Projector(seams.Views, follower, access, Feeds, Shown, options.Time, NullLogger<Projector>.Instance));
        projector = made!;
    }

    public ActorHost Host { get; }

    public PoweredDisk JournalDisk { get; }

    public TroubledStore Store { get; }

    public FeedBook Feeds { get; }

    public ViewReader Lists => viewStore.Reader;

    public ViewPosition Shown { get; } = new();

    public Calls Calls => options.Calls;

    public MovedTime Time => options.Time;

    public InProcessTestCluster Cluster => clusters[0];

    public bool Crashed { get; private set; }

    public WakeUps WakeUps => wakeUps!;

    /// <summary>Opens a run and waits until it takes readings.</summary>
    public static async Task<CityRun> StartAsync(string directory, CityOptions options)
    {
        CityRun run = new(directory, options);
        if (options.Silos > 0)
        {
            await run.AddClusterAsync(options.Silos);
            run.turns!.Attach(run.Cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>());
            run.wakeUps = new WakeUps(run.Cluster.Silos[0].ServiceProvider.GetRequiredService<IClusterClient>(), run.projector.Applied, NullLogger<WakeUps>.Instance);
        }

        run.Host.Start();
        await run.Host.Ready.WaitAsync(Waits.Longest);
        await run.Host.OpenAsync(CancellationToken.None);
        return run;
    }

    /// <summary>A cluster over this run's stores. The first one is fed by the journal; another knows nothing of it, as after a network that fell apart.</summary>
    public async Task<InProcessTestCluster> AddClusterAsync(short silos)
    {
        InProcessTestClusterBuilder builder = new(silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((own, silo) =>
        {
            OrleansSilo.Configure(silo, turns!, new SqliteDeadlines(states));
            silo.Services.AddKeyedSingleton<IGrainStorage>(ActorGrain.StorageName, storages.GetOrAdd(own.SiloName, _ => new SiloStorage(turns!.Storage)));
            silo.UseInMemoryReminderService();
            silo.AddIncomingGrainCallFilter(options.Calls);
        });
        builder.ConfigureClient(client => client.AddMemoryStreams(OrleansSilo.StreamProvider));
        InProcessTestCluster cluster = builder.Build();
        clusters.Add(cluster);
        await cluster.DeployAsync();
        return cluster;
    }

    /// <summary>A silo dies: nothing that it had not stored is stored.</summary>
    public Task KillSiloAsync(int number)
    {
        InProcessSiloHandle silo = Cluster.Silos[number];
        storages[silo.Name].Die();
        return Cluster.KillSiloAsync(silo);
    }

    public static GrainId Grain(ActorKind kind, string key) => GrainId.Create(ActorId.Prefix(kind), key);

    public async Task<JsonElement?> DescribeAsync(ActorKind kind, string key)
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        return await Host.DescribeAsync(kind, key, patience.Token) is { } json ? JsonDocument.Parse(json).RootElement : null;
    }

    public async Task<int> WeighingsAsync(string vehicle) => (await DescribeAsync(ActorKind.Vehicle, vehicle))?.GetProperty("weighings").GetInt32() ?? 0;

    /// <summary>Every row of a list.</summary>
    public IEnumerable<T> Rows<T>(View view) where T : class => Lists.All(view).Select(row => (T)JsonSerializer.Deserialize(row.Value, typeof(T), GrainsJson.Default)!);

    /// <summary>Every item of every feed.</summary>
    public async Task<List<(string Feed, Alert Alert)>> FeedAsync()
    {
        List<(string, Alert)> items = [];
        foreach ((string feed, long last) in Lists.LastOfFeeds())
        {
            items.AddRange((await Lists.FeedAsync(feed, 0, 100_000, CancellationToken.None)).Select(item => (feed, JsonSerializer.Deserialize(item.Json.Span, GrainsJson.Default.Alert)!)));
        }

        return items;
    }

    /// <summary>Waits until everything is on disk, handled and in the lists, and nothing more comes of it.</summary>
    public Task RestAsync()
    {
        long last = -1;
        return Eventually.Holds(
            () =>
            {
                long end = Host.Journal.End;
                bool rests = last == end && Host.Journal.DurablePosition == end && Host.AtRest && Shown.Current >= end;
                last = end;
                return rests;
            },
            "the host comes to rest");
    }

    /// <summary>Waits until an actor is stored with everything up to a position.</summary>
    public async Task StoredAsync(ActorKind kind, string key, long position)
    {
        using IStateReader reader = Store.OpenReader();
        await Eventually.Holds(() => reader.Load(kind, key)?.Position >= position, $"{kind} {key} is stored at {position}");
    }

    public Task ShownAsync() => Shown.WaitAsync(Host.Journal.End, CancellationToken.None).WaitAsync(Waits.Longest);

    /// <summary>Ends in order, as the process does.</summary>
    public async Task StopAsync()
    {
        if (ended)
        {
            return;
        }

        ended = true;
        await Host.StopAsync();
        if (wakeUps is not null)
        {
            await wakeUps.DisposeAsync();
        }

        await EndAsync(kill: false);
    }

    /// <summary>The power fails: what is on disk is all that is left.</summary>
    public async Task CrashAsync()
    {
        ended = Crashed = true;
        power.Cut();
        JournalDisk.Release();
        Store.Resume();
        Calls.Release();
        turns?.Reject(new HostUnavailableException("The power is off (simulated)."));
        await EndAsync(kill: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (!ended)
        {
            await CrashAsync();
        }
    }

    private ITurns MakeTurns(HostParts parts) => options.Silos > 0 ? turns = new GrainTurns(parts) : new WorkerTurns(parts);

    private async Task EndAsync(bool kill)
    {
        foreach (InProcessTestCluster cluster in clusters)
        {
            foreach (InProcessSiloHandle silo in kill ? cluster.Silos.ToList() : [])
            {
                await cluster.KillSiloAsync(silo);
            }

            await cluster.DisposeAsync();
        }

        if (kill && wakeUps is not null)
        {
            await wakeUps.DisposeAsync();
        }

        Host.Dispose();
        projector.Dispose();
        access.Dispose();
        viewStore.Dispose();
        states.Dispose();
        historyDisk.Dispose();
        journalDisk.Dispose();
    }
}
