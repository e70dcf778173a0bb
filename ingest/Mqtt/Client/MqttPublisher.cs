using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt.Client;

/// <summary>
/// A small MQTT client: the simulated city, replays, benchmarks and tests publish with it. Publishes are pipelined: publishing waits only while the window is full, and
/// <see cref="FlushAsync"/> waits until all are acknowledged. Safe for concurrent use.
/// </summary>
internal sealed partial class MqttPublisher : IAsyncDisposable, IThreadPoolWorkItem
{
    private readonly Socket socket;
    private readonly NetworkStream stream;
    private readonly ReceiveBuffer received;
    private readonly MqttVersion version;
    private readonly MqttPublisherOptions options;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource ended = new();
    private readonly Queue<(long Sequence, TaskCompletionSource<MqttAnswer> Answer)> answers = new();
    private readonly List<(long Total, TaskCompletionSource Reached)> waiting = [];
    private readonly Dictionary<ushort, TaskCompletionSource<byte[]>> filterAcks = [];
    private readonly Channel<MqttMessage> messages;
    private SemaphoreSlim window = new(1);
    private ByteWriter filling = new(16 * 1024);
    private ByteWriter sending = new(16 * 1024);
    private TaskCompletionSource? room;
    private TaskCompletionSource? allSent;
    private ITimer? pings;
    private Task receiving = Task.CompletedTask;
    private MqttDisconnectedException? failure;
    private bool writing;
    private bool raw;
    private long published;
    private long acknowledged;
    private long refusedPublishes;
    private ushort lastFilterPacketId;

    private MqttPublisher(Socket socket, MqttVersion version, MqttPublisherOptions options)
    {
        this.socket = socket;
        this.version = version;
        this.options = options;
        stream = new NetworkStream(socket, ownsSocket: true);
        received = new ReceiveBuffer(stream);
        messages = Channel.CreateBounded<MqttMessage>(options.BufferedMessages);
    }

    /// <summary>QoS 1 publishes handed over, raw ones included.</summary>
    public long Published => Volatile.Read(ref published);

    /// <summary>How many of them were answered: all up to there, since answers come in order.</summary>
    public long Acknowledged => Volatile.Read(ref acknowledged);

    /// <summary>How many were answered with an error code (0x80 and above).</summary>
    public long RefusedPublishes => Volatile.Read(ref refusedPublishes);

    /// <summary>Reason string of the last answer that had one.</summary>
    public string? LastReason { get; private set; }

    /// <summary>What the server said when it took the connection.</summary>
    public ConnAckPacket Accepted { get; private set; } = null!;

    /// <summary>What comes in on subscriptions; completes with the connection.</summary>
    public ChannelReader<MqttMessage> Messages => messages.Reader;

    /// <summary>Completes when the connection has ended, whoever ended it. Never fails.</summary>
    public Task Ended => receiving;

    /// <summary>Why the connection ended; null while it is open, and after <see cref="DisconnectAsync"/>.</summary>
    public MqttDisconnectedException? Failure => Volatile.Read(ref failure);

    /// <summary>Identifier of the publish with this number, counted from 0: they go round.</summary>
    public static ushort PacketIdOf(long sequence) => (ushort)((sequence % ushort.MaxValue) + 1);

    /// <summary>Connects and waits for the CONNACK; throws <see cref="MqttDisconnectedException"/> where it is a refusal.</summary>
    public static async Task<MqttPublisher> ConnectAsync(
        string host,
        int port,
        string clientId,
        string user,
        string password,
        MqttVersion version = MqttVersion.V5,
        MqttPublisherOptions? options = null,
        CancellationToken cancellation = default)
    {
        options ??= new MqttPublisherOptions();
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellation);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new MqttDisconnectedException($"No connection to {host}:{port}: {e.Message}", 0, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        MqttPublisher publisher = new(socket, version, options);
        try
        {
            ByteWriter connect = new();
            MqttWriter.WriteConnect(
                connect, version, clientId, options.CleanStart, options.KeepAliveSeconds, options.SessionExpirySeconds, user, Encoding.UTF8.GetBytes(password), options.Will);
            await publisher.stream.WriteAsync(connect.WrittenMemory, cancellation);
            await publisher.ReceiveConnAckAsync(cancellation);
        }
        catch (Exception e)
        {
            publisher.received.Release();
            await publisher.stream.DisposeAsync();
            throw e is MqttDisconnectedException or OperationCanceledException ? e : new MqttDisconnectedException($"No MQTT connection to {host}:{port}: {e.Message}", 0, e);
        }

        publisher.Begin();
        return publisher;
    }

    /// <summary>Hands over one publish; waits only while the window (QoS 1) or the send buffer is full. Topic and payload are copied.</summary>
    public async ValueTask PublishAsync(ReadOnlyMemory<byte> topic, ReadOnlyMemory<byte> payload, byte qos = 1, bool retain = false, CancellationToken cancellation = default)
    {
        await EnterAsync(qos, cancellation);
        lock (gate)
        {
            WritePublish(topic.Span, payload.Span, qos, retain);
        }
    }

    /// <summary>Publishes at QoS 1 and waits for the answer.</summary>
    public async Task<MqttAnswer> PublishAndWaitAsync(ReadOnlyMemory<byte> topic, ReadOnlyMemory<byte> payload, bool retain = false, CancellationToken cancellation = default)
    {
        await EnterAsync(1, cancellation);
        TaskCompletionSource<MqttAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (failure is not null)
            {
                throw failure;
            }

            answers.Enqueue((published, answer));
            WritePublish(topic.Span, payload.Span, 1, retain);
        }

        return await answer.Task.WaitAsync(cancellation);
    }

    /// <summary>Waits until everything published before the call is acknowledged.</summary>
    public Task FlushAsync(CancellationToken cancellation = default) => WaitAcknowledgedAsync(Published, cancellation);

    /// <summary>Waits until this many publishes are acknowledged, counted from the connection's begin.</summary>
    public Task WaitAcknowledgedAsync(long total, CancellationToken cancellation = default)
    {
        lock (gate)
        {
            if (acknowledged >= total)
            {
                return Task.CompletedTask;
            }

            if (failure is not null)
            {
                return Task.FromException(failure);
            }

            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((total, reached));
            return reached.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>
    /// Sends encoded packets as they are, <paramref name="count"/> of them QoS 1 publishes. The window does not hold for them: the caller watches <see cref="Acknowledged"/>. Not to be
    /// mixed with the other ways of publishing at the same time. Unless <see cref="MqttPublisherOptions.ChecksOrder"/> is off, their identifiers are those of <see cref="PacketIdOf"/>.
    /// </summary>
    public async ValueTask SendRawAsync(ReadOnlyMemory<byte> packets, int count, CancellationToken cancellation = default)
    {
        raw = true;
        Interlocked.Add(ref published, count);
        try
        {
            await stream.WriteAsync(packets, cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            Fail(new MqttDisconnectedException($"The connection ended while sending: {e.Message}", 0, e));
            throw Failure!;
        }
    }

    /// <summary>Encodes a QoS 1 publish, for <see cref="SendRawAsync"/>.</summary>
    public static void EncodePublish(ByteWriter writer, MqttVersion version, ushort packetId, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload) =>
        MqttWriter.WritePublish(writer, version, 1, dup: false, retain: false, packetId, topic, payload);

    /// <summary>Subscribes to one filter; returns the code of the SUBACK.</summary>
    public async Task<byte> SubscribeAsync(string filter, byte qos = 1, CancellationToken cancellation = default) =>
        (await ExchangeAsync((writer, id) => MqttWriter.WriteSubscribe(writer, version, id, filter, qos), cancellation))[0];

    /// <summary>Unsubscribes from one filter; returns the code of the UNSUBACK, 0 for 3.1.1.</summary>
    public async Task<byte> UnsubscribeAsync(string filter, CancellationToken cancellation = default) =>
        (await ExchangeAsync((writer, id) => MqttWriter.WriteUnsubscribe(writer, version, id, filter), cancellation)) is [byte code] ? code : (byte)0;

    /// <summary>Acknowledges a delivery, where that is left to the caller.</summary>
    public void Acknowledge(MqttMessage message)
    {
        if (message.Qos == 0)
        {
            return;
        }

        lock (gate)
        {
            MqttWriter.WriteAck(filling, PacketType.PubAck, version, message.PacketId);
            BeginSending();
        }
    }

    /// <summary>Says goodbye, so that no will is published, and closes.</summary>
    public async Task DisconnectAsync()
    {
        Task? sent = null;
        lock (gate)
        {
            if (failure is null)
            {
                MqttWriter.WriteDisconnect(filling);
                allSent ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                sent = allSent.Task;
                BeginSending();
            }
        }

        if (sent is not null)
        {
            await Task.WhenAny(sent, receiving);
        }

        await DisposeAsync();
    }

    /// <summary>Cuts the connection without a DISCONNECT.</summary>
    public async ValueTask DisposeAsync()
    {
        Fail(new MqttDisconnectedException("The connection was closed.", 0));
        await receiving;
    }

    /// <summary>Sends what has gathered; runs on the pool while there is anything, so that publishes made meanwhile go out together.</summary>
    async void IThreadPoolWorkItem.Execute()
    {
        try
        {
            while (true)
            {
                lock (gate)
                {
                    if (filling.Length == 0)
                    {
                        writing = false;
                        allSent?.TrySetResult();
                        allSent = null;
                        return;
                    }

                    (filling, sending) = (sending, filling);
                    room?.TrySetResult();
                    room = null;
                }

                await stream.WriteAsync(sending.WrittenMemory);
                sending.Clear();
            }
        }
        catch (Exception e)
        {
            Fail(new MqttDisconnectedException($"The connection ended while sending: {e.Message}", 0, e));
        }
    }

    private async ValueTask EnterAsync(byte qos, CancellationToken cancellation)
    {
        try
        {
            if (qos > 0 && !window.Wait(0, CancellationToken.None))
            {
                await WaitForWindowAsync(cancellation);
            }

            while (true)
            {
                Task full;
                lock (gate)
                {
                    if (failure is not null)
                    {
                        throw failure;
                    }

                    if (filling.Length < options.BufferedBytes)
                    {
                        return;
                    }

                    room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    full = room.Task;
                }

                await full.WaitAsync(cancellation);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            throw Failure!;
        }
    }

    private async Task WaitForWindowAsync(CancellationToken cancellation)
    {
        if (!cancellation.CanBeCanceled)
        {
            await window.WaitAsync(ended.Token);
            return;
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, ended.Token);
        await window.WaitAsync(either.Token);
    }

    private void WritePublish(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, byte qos, bool retain)
    {
        ushort packetId = qos > 0 ? PacketIdOf(published) : (ushort)0;
        MqttWriter.WritePublish(filling, version, qos, dup: false, retain, packetId, topic, payload);
        if (qos > 0)
        {
            published++;
        }

        BeginSending();
    }

    private void BeginSending()
    {
        if (!writing && failure is null)
        {
            writing = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private async Task<byte[]> ExchangeAsync(Action<ByteWriter, ushort> write, CancellationToken cancellation)
    {
        TaskCompletionSource<byte[]> reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (failure is not null)
            {
                throw failure;
            }

            // Publishes use identifiers in turn and may hold any of them; those of SUBSCRIBE only have to differ from one another here, because the answers are of another type.
            lastFilterPacketId = PacketIdOf(lastFilterPacketId);
            filterAcks[lastFilterPacketId] = reply;
            write(filling, lastFilterPacketId);
            BeginSending();
        }

        return await reply.Task.WaitAsync(cancellation);
    }

    private void Fail(MqttDisconnectedException why)
    {
        lock (gate)
        {
            if (failure is not null)
            {
                return;
            }

            Volatile.Write(ref failure, why);
            foreach ((long _, TaskCompletionSource<MqttAnswer> answer) in answers)
            {
                answer.TrySetException(why);
            }

            foreach ((long _, TaskCompletionSource reached) in waiting)
            {
                reached.TrySetException(why);
            }

            foreach (TaskCompletionSource<byte[]> reply in filterAcks.Values)
            {
                reply.TrySetException(why);
            }

            room?.TrySetResult();
            allSent?.TrySetResult();
        }

        ended.Cancel();
        pings?.Dispose();
        stream.Dispose();
        messages.Writer.TryComplete();
    }
}
