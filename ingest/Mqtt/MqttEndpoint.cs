using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// The MQTT endpoint: stations and cameras publish to it and are acknowledged once their readings are durable; departments receive their feeds from it. MQTT 3.1.1 and 5.0, QoS 0 and 1.
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
    private Socket? listener;
    private ITimer? heartbeat;
    private Task accepting = Task.CompletedTask;
    private long accepted;
    private int stopped;

    public MqttEndpoint(MqttEndpointOptions options, IIntake intake, IAccess access, IFeeds feeds, ISessions sessions, TimeProvider time, ILoggerFactory logs)
    {
        this.options = options;
        this.time = time;
        logger = logs.CreateLogger<MqttEndpoint>();
        expiries = new SessionExpiries(sessions, logger);
        metrics = new MqttMetrics(() => registry.Count);
        context = new MqttContext(intake, access, feeds, sessions, time, metrics, registry, expiries) { Rules = options.Rules };
    }

    /// <summary>The port listened on, once started.</summary>
    public int Port => ((IPEndPoint)listener!.LocalEndPoint!).Port;

    public MqttMetrics Metrics => metrics;

    /// <summary>The connections that are open now.</summary>
    public IReadOnlyList<ConnectionInfo> Connections => [.. registry.All.Select(connection => connection.Describe())];

    /// <summary>The last connections that were refused or ended by the endpoint, oldest first.</summary>
    public IReadOnlyList<RefusedConnection> Refused => registry.Refused();

    /// <summary>Begins to listen. Throws <see cref="SocketException"/> where the address is taken.</summary>
    public Task StartAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        IPAddress address = options.Address ?? (Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (options.Address is null && address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                listener.DualMode = true;
            }

            listener.Bind(new IPEndPoint(address, options.Port));
            listener.Listen(MqttLimits.Backlog);
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        TimeSpan period = TimeSpan.FromMilliseconds(MqttLimits.HeartbeatMs);
        heartbeat = time.CreateTimer(_ => OnHeartbeat(), null, period, period);
        accepting = AcceptAsync(listener);
        Log.Listening(logger, listener.LocalEndPoint!);
        return Task.CompletedTask;
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

        await stopping.CancelAsync();
        listener?.Dispose();
        await accepting;
        foreach (MqttConnection connection in registry.All)
        {
            connection.Close(Packets.MqttRefusal.ServerShuttingDown);
        }

        Task[] open;
        lock (gate)
        {
            open = [.. running];
        }

        // The heartbeat goes on meanwhile: it is what cuts off those that do not close.
        await Task.WhenAll(open);
        if (heartbeat is not null)
        {
            await heartbeat.DisposeAsync();
        }

        metrics.Dispose();
        stopping.Dispose();
    }

    /// <summary>Ends all connections of a user, whose registration has changed or gone.</summary>
    public void Disconnect(string user)
    {
        foreach (MqttConnection connection in registry.All.Where(connection => connection.User == user))
        {
            connection.Close(Packets.MqttRefusal.AdministrativeAction);
        }
    }

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
        }
        catch (Exception e)
        {
            Log.HeartbeatFailed(logger, e);
        }
    }

    private async Task AcceptAsync(Socket socket)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Begin(await socket.AcceptAsync(stopping.Token));
            }
            catch (Exception e) when (stopping.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Out of file handles, or the peer was gone before it was accepted. The former lasts: waiting a moment keeps it from filling log and core.
                Log.AcceptFailed(logger, e);
                await Task.Delay(TimeSpan.FromMilliseconds(MqttLimits.AcceptPauseMs), time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Begin(Socket socket)
    {
        Transport? transport = null;
        try
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            transport = new Transport(socket, new NetworkStream(socket, ownsSocket: false), socket.RemoteEndPoint?.ToString() ?? "");
        }
        catch (SocketException)
        {
            // Already gone.
            socket.Dispose();
            return;
        }

        MqttConnection connection = new(++accepted, transport, context, logger);
        if (!registry.TryAdd(connection, options.MaxConnections))
        {
            metrics.Refuse(Packets.MqttRefusal.TooManyConnections);
            transport.Dispose();
            return;
        }

        metrics.Opened.Add(1);
        Task task = RunAsync(connection);
        lock (gate)
        {
            running.Add(task);
        }

        // Also right where the task has already ended: the continuation then runs now, behind the addition.
        _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
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
        [LoggerMessage(Level = LogLevel.Information, Message = "MQTT listens on {Address}")]
        public static partial void Listening(ILogger logger, EndPoint address);

        [LoggerMessage(Level = LogLevel.Warning, Message = "A connection could not be accepted")]
        public static partial void AcceptFailed(ILogger logger, Exception e);

        [LoggerMessage(Level = LogLevel.Error, Message = "The MQTT heartbeat failed")]
        public static partial void HeartbeatFailed(ILogger logger, Exception e);
    }
}
