using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Streaming.Grains.Messages;
using Streaming.Ingest.Mqtt.Doors;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// The MQTT endpoint: stations and cameras publish to it and are acknowledged once their readings are durable; departments receive their feeds from it. MQTT 3.1.1 and 5.0, QoS 0, 1 and 2.
/// </summary>
internal sealed partial class MqttEndpoint : IAsyncDisposable
{
    private readonly MqttEndpointOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ConnectionRegistry registry = new();
    private readonly SessionExpiries expiries;
    private readonly MqttMetrics metrics;
    private readonly MqttContext context;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly HashSet<Task> running = [];
    private readonly Listener clear;
    private readonly Listener encrypted;
    private readonly TlsDoor? tls;
    private ITimer? heartbeat;
    private long accepted;
    private volatile bool open;
    private int stopped;

    /// <exception cref="InvalidDataException">The certificate cannot be used; the message says why.</exception>
    public MqttEndpoint(MqttEndpointOptions options, IIntake intake, IAccess access, IFeeds feeds, ISessions sessions, IMessages messages, TimeProvider time, ILoggerFactory logs)
    {
        this.options = options;
        this.time = time;
        logger = logs.CreateLogger<MqttEndpoint>();
        expiries = new SessionExpiries(sessions, logger);
        metrics = new MqttMetrics(() => registry.Count);
        context = new MqttContext(intake, access, feeds, sessions, messages, time, metrics, registry, expiries) { Rules = options.Rules, Profile = options.TestProfile };
        tls = options.Tls is null ? null : new TlsDoor(options.Tls, time, logger);
        clear = new Listener(socket => Begin(socket, null), time, logger, stopping.Token);
        encrypted = new Listener(socket => Begin(socket, tls), time, logger, stopping.Token);
    }

    /// <summary>The port listened on in the clear, once started.</summary>
    public int Port => clear.Port;

    /// <summary>The port listened on for TLS, once started; null where there is none.</summary>
    public int? TlsPort => tls is null ? null : encrypted.Port;

    /// <summary>True from the start to the stop.</summary>
    public bool IsOpen => open;

    /// <summary>True while one more connection would be closed at once.</summary>
    public bool IsFull => registry.Count >= options.MaxConnections;

    /// <summary>What an operator should see to though connections are taken; null where there is nothing.</summary>
    public string? Note => options.TestProfile is null ? tls?.Note : MqttTestProfile.Warning;

    public MqttMetrics Metrics => metrics;

    /// <summary>The connections that are open now.</summary>
    public IReadOnlyList<ConnectionInfo> Connections => [.. registry.All.Select(connection => connection.Describe())];

    /// <summary>The connections of one user that are open now.</summary>
    public IReadOnlyList<ConnectionInfo> ConnectionsOf(string user) => [.. registry.All.Where(connection => connection.User == user).Select(connection => connection.Describe())];

    /// <summary>The last connections that were refused or ended by the endpoint, oldest first.</summary>
    public IReadOnlyList<RefusedConnection> Refused => registry.Refused();

    /// <summary>What was refused to this user last, also where it is not connected; null where nothing is remembered.</summary>
    public LastRefusal? LastRefusalOf(string user) => context.Clients.LastRefusalOf(user);

    /// <summary>Begins to listen. Throws <see cref="SocketException"/> where the address is taken.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        IReadOnlyList<SessionRow> sessions = await context.Sessions.AllAsync(cancellation);
        foreach (SessionRow session in sessions)
        {
            if (session is { ExpirySeconds: { } seconds, Connected: null, Left: null })
            {
                expiries.Schedule(session.Key, context.NowMs + (seconds * 1000));
            }
        }

        // Whoever was connected when the process was killed has gone, and not with a good-bye.
        foreach (SessionRow[] some in sessions.Where(session => session.Connected == true).Chunk(MqttLimits.SessionsLeftAtOnce))
        {
            await Task.WhenAll(some.Select(session => context.Sessions.LeaveAsync(session.Key, new SessionLeft(KeepsWill: true, session.ExpirySeconds ?? 0), cancellation).AsTask()));
        }

        TimeSpan period = TimeSpan.FromMilliseconds(MqttLimits.HeartbeatMs);
        heartbeat = time.CreateTimer(_ => OnHeartbeat(), null, period, period);
        open = true;
        clear.Start(options.Address, options.Port);
        if (tls is not null)
        {
            encrypted.Start(options.Address, options.Tls!.Port);
        }
    }

    /// <summary>
    /// Takes no more connections, acknowledges what is durable, tells every client and returns once all are closed. A client that does not close is cut off after
    /// <see cref="MqttLimits.CloseTimeoutMs"/>.
    /// </summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref stopped, 1) != 0)
        {
            return;
        }

        lock (gate)
        {
            open = false;
        }

        await stopping.CancelAsync();
        await clear.StopAsync();
        await encrypted.StopAsync();
        foreach (MqttConnection connection in registry.All)
        {
            connection.Close(Packets.MqttRefusal.ServerShuttingDown);
        }

        Task[] unfinished;
        lock (gate)
        {
            unfinished = [.. running];
        }

        // The heartbeat goes on meanwhile: it is what cuts off those that do not close.
        await Task.WhenAll(unfinished);
        if (heartbeat is not null)
        {
            await heartbeat.DisposeAsync();
        }

        metrics.Dispose();
        stopping.Dispose();
    }

    /// <summary>Ends all connections of a user, as where its registration has changed or gone; returns how many there were.</summary>
    public int Disconnect(string user)
    {
        int ended = 0;
        foreach (MqttConnection connection in registry.All.Where(connection => connection.User == user))
        {
            connection.Close(Packets.MqttRefusal.AdministrativeAction);
            ended++;
        }

        return ended;
    }

    /// <summary>Runs a connection over a WebSocket that is open; the task ends with it, and the WebSocket is closed by then.</summary>
    public Task ServeAsync(WebSocket socket, IPEndPoint? remote) => Begin(new Transport(new MqttWebSocketStream(socket), TransportKind.WebSocket, remote));

    public async ValueTask DisposeAsync() => await StopAsync();

    private void OnHeartbeat()
    {
        try
        {
            long now = context.NowMs;
            foreach (MqttConnection connection in registry.All)
            {
                connection.OnHeartbeat(now);
            }

            expiries.OnHeartbeat(now);
            tls?.OnHeartbeat(now);
        }
        catch (Exception e)
        {
            Log.HeartbeatFailed(logger, e);
        }
    }

    private void Begin(Socket socket, TlsDoor? door)
    {
        Transport transport;
        try
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            transport = door is null ? new Transport(socket) : new Transport(socket, door);
        }
        catch (SocketException)
        {
            // Already gone.
            socket.Dispose();
            return;
        }

        _ = Begin(transport);
    }

    /// <summary>Runs a connection; the task ends with it.</summary>
    private Task Begin(Transport transport)
    {
        MqttConnection connection = new(Interlocked.Increment(ref accepted), transport, context, logger);
        if (!registry.TryAdd(connection, options.MaxConnections))
        {
            metrics.Refuse(Packets.MqttRefusal.TooManyConnections);
            transport.Dispose();
            return Task.CompletedTask;
        }

        metrics.Opened.Add(1);
        Task task;
        lock (gate)
        {
            // Under the lock, so that a stop either sees the connection or keeps it from beginning.
            if (!open)
            {
                registry.Remove(connection);
                transport.Dispose();
                return Task.CompletedTask;
            }

            task = RunAsync(connection);
            running.Add(task);
        }

        // Also right where the task has already ended: the continuation then runs now, behind the addition.
        _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return task;
    }

    private async Task RunAsync(MqttConnection connection)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await connection.RunAsync();
        }
        finally
        {
            registry.Remove(connection);
        }
    }

    private void Forget(Task task)
    {
        lock (gate)
        {
            running.Remove(task);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The MQTT heartbeat failed")]
        public static partial void HeartbeatFailed(ILogger logger, Exception e);
    }
}
