using System.Net;
using System.Reactive.Concurrency;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Streaming.Grains.Rules;
using Streaming.Ingest.Mqtt;
using Streaming.Silo.Access;
using Streaming.Silo.Api;
using Streaming.Silo.Catalogue;
using Streaming.Silo.History;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Maps;
using Streaming.Silo.Notices;
using Streaming.Silo.Registers;
using Streaming.Silo.Scenes;
using Streaming.Silo.Sealing;
using Streaming.Silo.Views;
using Streaming.Silo.Webhooks;

namespace Streaming.Silo.Hosting;

/// <summary>
/// One running silo: stores, journal, host, lists, HTTP and MQTT, put together here and nowhere else. HTTP opens first, so that <c>/health/ready</c> can say how far recovery
/// is; MQTT opens when readings can be taken.
/// </summary>
internal sealed partial class CityServer : IAsyncDisposable
{
    private readonly Stack<Func<Task>> closing = new();
    private readonly TaskCompletionSource<Exception> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ViewPosition position;
    private MqttEndpoint? mqtt;

    private CityServer(ActorHost host, AccessBook access, ViewPosition position)
    {
        Host = host;
        Access = access;
        this.position = position;
    }

    public ActorHost Host { get; }

    public AccessBook Access { get; }

    /// <summary>What runs beside the web: with the Orleans host, the silo.</summary>
    public IServiceProvider Services { get; private set; } = null!;

    public int HttpPort { get; private set; }

    public int MqttPort { get; private set; }

    /// <summary>Port of MQTT over TLS; null where there is none.</summary>
    public int? MqttTlsPort { get; private set; }

    /// <summary>MQTT connections that are open.</summary>
    public int MqttConnections => mqtt?.Connections.Count ?? 0;

    /// <summary>Completes once everything that was said so far has been handled, with what followed from it, and is on the lists.</summary>
    public async Task ShownAsync(CancellationToken cancellation)
    {
        while (!Host.AtRest)
        {
            await Task.Delay(5, cancellation).ConfigureAwait(false);
        }

        await position.WaitAsync(Host.Journal.End, cancellation).ConfigureAwait(false);
    }

    /// <summary>The administrator's token, where this start made it: to be printed once.</summary>
    public string? NewAdministratorToken { get; private set; }

    /// <summary>Completes where the process has to end, with why.</summary>
    public Task<Exception> Failed => failed.Task;

    /// <summary>Opens everything and returns once readings are accepted.</summary>
    /// <exception cref="JournalDamagedException">The journal is damaged otherwise than by a torn end; its message names file and offset.</exception>
    /// <exception cref="InvalidDataException">The rulebook is not valid, or a store cannot be used; the message says what to do.</exception>
    public static async Task<CityServer> StartAsync(ServerOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation)
    {
        Rulebook rulebook = Rulebook.Load(options.CityDirectory, out IReadOnlyList<RulebookProblem> problems)
            ?? throw new InvalidDataException($"The rulebook in {options.CityDirectory} is not valid:{string.Concat(problems.Select(problem => $"\n  {problem}"))}");
        if (options.MqttTestProfile)
        {
            RequireHarmless(options);
        }

        CityMap cityMap = CityMap.Load(options.CityDirectory);
        MakeDirectory(options.DataDirectory);
        Stack<Func<Task>> opened = new();
        try
        {
            RealDisk journalDisk = Keep(opened, new RealDisk(Path.Combine(options.DataDirectory, "journal")));
            RealDisk historyDisk = Keep(opened, new RealDisk(Path.Combine(options.DataDirectory, "history")));
            SqliteStateStore states = Keep(opened, new SqliteStateStore(Path.Combine(options.DataDirectory, "state.db")));
            SqliteViewStore views = Keep(opened, new SqliteViewStore(Path.Combine(options.DataDirectory, "views.db")));
            AccessBook access = Keep(opened, new AccessBook(options.AdministratorToken, time: time));
            access.Load(views.Reader);
            FeedBook feeds = new(views.Reader, logs.CreateLogger<FeedBook>());
            ViewPosition position = new();
            Traffic traffic = new(time);
            PlateBook plates = new(views.Reader);
            Projector? projector = null;
            IHostWiring wiring = IHostWiring.For(options, states);
            opened.Push(async () => await wiring.DisposeAsync().ConfigureAwait(false));
            await wiring.PrepareAsync(cancellation).ConfigureAwait(false);
            HostSeams seams = new(journalDisk, historyDisk, states, views, time, logs);
            ActorHost host = ActorHost.Open(seams, wiring.Adapt(options.Host), options.Journal, rulebook, wiring.MakeTurns, follower =>
                projector = new Projector(views, follower, access, feeds, position, time, logs.CreateLogger<Projector>(), options.Lists, traffic, plates));
            opened.Push(() =>
            {
                host.Dispose();
                projector!.Dispose();
                return Task.CompletedTask;
            });
            SubjectPast past = Keep(opened, SubjectPast.Over(host.History, wiring.Past, host));
            host.FirstKept = kind => past.Reach(kind).Position;
            CityServer server = new(host, access, position);
            host.Failed += failure => server.failed.TrySetResult(failure);
            host.ListsTrouble = () => projector!.Trouble ?? views.Reader.Damage;
            host.Doors = "The MQTT endpoint is not open yet.";
            CityFigures figures = new(views.Reader, projector!.Applied, DefaultScheduler.Instance, logs.CreateLogger<CityFigures>(), time);
            MqttEndpointOptions doors = new() { Address = options.Address, Port = options.MqttPort, Tls = options.MqttTls, Rules = host, TestProfile = options.MqttTestProfile ? new MqttTestProfile() : null };
            LinkKey key = LinkKey.Open(options.DataDirectory);
            NoticeLinks links = new(key, options.Gateways.PublicUrl);
            EvidenceKeys keys = Keep(opened, EvidenceKeys.Open(options.DataDirectory, time));
            SignedFeeds told = new(feeds, keys);
            HashedFiles copies = Keep(opened, new HashedFiles(Path.Combine(options.DataDirectory, "evidence"), EvidenceLimits.StoreBytes));
            PictureStore pictures = Keep(opened, new PictureStore(Path.Combine(options.DataDirectory, "pictures")));
            SessionBook sessions = new(host, views.Reader, position, host.DurablePosition, links.Complete);
            opened.Push(DisposeOf(projector.Applied.Subscribe(sessions.Apply)));
            SiteMap sites = new();
            sites.Load(views.Reader);
            opened.Push(DisposeOf(projector.Applied.Subscribe(sites.Apply)));
            host.Sites = sites;
            ZoneMap zones = new();
            zones.Load(views.Reader);
            opened.Push(DisposeOf(projector.Applied.Subscribe(zones.Apply)));
            host.Zones = zones;
            MapBook mapBook = new(access, time);
            mapBook.Load(views.Reader);
            opened.Push(DisposeOf(projector.Applied.Subscribe(mapBook.Apply)));
            MqttEndpoint endpoint = new(doors, host, access, told, sessions, sessions, time, logs);
            host.DoorsNote = () => endpoint.Note;
            TableLoads loads = Keep(opened, new TableLoads(host, host, views.Reader, position, time));
            SceneTester scenes = new(Path.Combine(options.DataDirectory, "journal"), host, time, logs.CreateLogger<SceneTester>());
            ApiServices services = new()
            {
                Host = host,
                Loads = loads,
                Access = access,
                Lists = views.Reader,
                Feeds = told,
                Position = position,
                Figures = figures,
                Rules = () => host.Rules ?? rulebook,
                DurablePosition = () => host.DurablePosition,
                Scenes = scenes,
                Past = past,
                Mqtt = endpoint,
                Links = links,
                Webhooks = key,
                WebhookNetworks = options.WebhookNetworks,
                Pictures = pictures,
                Keys = keys,
                Copies = copies,
                Time = time,
                ReasonsNeeded = options.AuditReasons,
                Intake = host,
                ReadingRules = host,
                Traffic = traffic,
                Plates = plates,
                MapBook = mapBook,
                Map = new MapAnswers(access, mapBook, traffic, time),
                CityMap = cityMap,
                Console = ConsoleFiles.Carried(cityMap.TileOrigin),
                SessionsFile = Path.Combine(options.DataDirectory, BrowserSessionFile.Name),
                LookUps = new ResourceLookUps(time),
            };
            WebApplication web = Web(options, logs, services, wiring);
            server.Services = web.Services;
            opened.Push(async () =>
            {
                await web.StopAsync(CancellationToken.None).ConfigureAwait(false);
                await web.DisposeAsync().ConfigureAwait(false);
            });
            await web.StartAsync(cancellation).ConfigureAwait(false);
            server.HttpPort = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

            wiring.Attach(web.Services, projector.Applied);
            opened.Push(wiring.StopAsync);
            host.Start();
            await Task.WhenAny(host.Ready, server.failed.Task).WaitAsync(cancellation).ConfigureAwait(false);
            await host.Ready.ConfigureAwait(false);
            opened.Push(host.StopAsync);
            opened.Push(async () => await scenes.DisposeAsync().ConfigureAwait(false));
            await host.OpenAsync(cancellation).ConfigureAwait(false);
            server.NewAdministratorToken = await AdministratorToken.EnsureAsync(access, host, position, time, cancellation).ConfigureAwait(false);
            ResourceTakeUp takeUp = new(host, views.Reader, logs.CreateLogger<ResourceTakeUp>());
            takeUp.Start();
            opened.Push(async () => await takeUp.DisposeAsync().ConfigureAwait(false));
            opened.Push(endpoint.StopAsync);
            access.Changed += user => endpoint.Disconnect(user);
            await endpoint.StartAsync(cancellation).ConfigureAwait(false);
            server.mqtt = endpoint;
            server.MqttPort = endpoint.Port;
            server.MqttTlsPort = endpoint.TlsPort;
            if (options.MqttTestProfile)
            {
                await MqttTestProfile.WarmUpAsync(options.Address!.ToString(), endpoint.Port, cancellation).ConfigureAwait(false);
            }

            if (options.Brokers.Count > 0)
            {
                IAsyncDisposable brokers = OutsideBrokers.Start(options.Brokers, host, access, time, logs);
                opened.Push(async () => await brokers.DisposeAsync().ConfigureAwait(false));
            }

            NoticeDeliverer notices = new(
                new NoticeParts
                {
                    Host = host,
                    Lists = views.Reader,
                    Position = position,
                    Links = links,
                    Channels = new SubjectChannels(views.Reader, access, options.Gateways),
                    Gateways = options.Gateways,
                    Time = time,
                },
                logs.CreateLogger<NoticeDeliverer>());
            opened.Push(async () => await notices.DisposeAsync().ConfigureAwait(false));
            opened.Push(DisposeOf(projector.Applied.Subscribe(notices.Apply)));
            notices.Start();
            WebhookParts outside = new() { Host = host, Lists = views.Reader, Position = position, Feeds = told, Key = key, Networks = options.WebhookNetworks, Time = time };
            WebhookDeliverer webhooks = new(outside, logs.CreateLogger<WebhookDeliverer>());
            opened.Push(async () => await webhooks.DisposeAsync().ConfigureAwait(false));
            opened.Push(DisposeOf(projector.Applied.Subscribe(webhooks.Apply)));
            webhooks.Start();
            PictureFetch fetch = Keep(opened, new PictureFetch(options.Pictures, time));
            Sealer sealer = new(
                new SealerParts { Host = host, Lists = views.Reader, Position = position, History = host.History, Files = copies, Pictures = fetch, Time = time },
                logs.CreateLogger<Sealer>());
            opened.Push(async () => await sealer.DisposeAsync().ConfigureAwait(false));
            opened.Push(DisposeOf(projector.Applied.Subscribe(sealer.Apply)));
            sealer.Start();
            if (options.TablesDirectory is { } tables)
            {
                WatchedFolder watched = new(tables, loads, access, time, logs.CreateLogger<WatchedFolder>());
                host.TablesNote = () => watched.Note;
                watched.Start();
                opened.Push(async () => await watched.DisposeAsync().ConfigureAwait(false));
            }

            host.Doors = null;
            foreach (Func<Task> close in opened.Reverse())
            {
                server.closing.Push(close);
            }

            return server;
        }
        catch
        {
            await CloseAsync(opened).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes in the opposite order: first the doors, then the host with what it holds, then the files.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync(closing).ConfigureAwait(false);

    private static WebApplication Web(ServerOptions options, ILoggerFactory logs, ApiServices services, IHostWiring wiring)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(logs);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (options.Address is null)
            {
                kestrel.ListenAnyIP(options.HttpPort);
            }
            else
            {
                kestrel.Listen(new IPEndPoint(options.Address, options.HttpPort));
            }
        });
        ApiRoutes.AddServices(builder.Services);
        wiring.AddServices(builder);
        WebApplication app = builder.Build();
        ApiRoutes.Map(app, services);
        wiring.Map(app);
        return app;
    }

    /// <summary>The test profile lets anybody in: only from this machine, and only to what it makes itself.</summary>
    private static void RequireHarmless(ServerOptions options)
    {
        if (options.Address is null || !IPAddress.IsLoopback(options.Address))
        {
            throw new InvalidDataException("The MQTT test profile lets anybody in, so it listens on a loopback address only: leave --bind out, or give 127.0.0.1.");
        }

        if (options.Cluster is not null)
        {
            throw new InvalidDataException("The MQTT test profile lets anybody in, so it starts with an empty data directory only, and a cluster's data are in its database: leave --cluster out.");
        }

        if (Directory.Exists(options.DataDirectory) && Directory.EnumerateFileSystemEntries(options.DataDirectory).Any())
        {
            throw new InvalidDataException($"The MQTT test profile lets anybody in, so it starts with an empty data directory only, and {options.DataDirectory} is not empty. Choose another with --data.");
        }
    }

    private static void MakeDirectory(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The data directory {directory} cannot be made: {failure.Message} Let this user write there, or choose another with --data.", failure);
        }
    }

    private static Func<Task> DisposeOf(IDisposable part) => () =>
    {
        part.Dispose();
        return Task.CompletedTask;
    };

    private static T Keep<T>(Stack<Func<Task>> opened, T part) where T : IDisposable
    {
        opened.Push(() =>
        {
            part.Dispose();
            return Task.CompletedTask;
        });
        return part;
    }

    private static async Task CloseAsync(Stack<Func<Task>> opened)
    {
        while (opened.TryPop(out Func<Task>? close))
        {
            await close().ConfigureAwait(false);
        }
    }
}
