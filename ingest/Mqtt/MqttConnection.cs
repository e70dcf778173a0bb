using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Streaming.Ingest.Mqtt.Doors;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// One connection, from its acceptance to its end. One loop receives; acknowledgements and deliveries are sent by loops of their own, which run only while there is something to send.
/// <para>
/// Whoever wants the connection to end (heartbeat, a newer connection of the same client, the endpoint) calls <see cref="Close"/>, which cancels the receiving loop; that loop alone
/// tears down, in this order: deliveries stop and their numbers are stored, the will is published, the successor may go on, and only then the peer is told and given time to
/// listen. So a dead peer holds up nobody.
/// </para>
/// </summary>
internal sealed partial class MqttConnection
{
    private readonly Transport transport;
    private readonly MqttContext context;
    private readonly ILogger logger;
    private readonly ReceiveBuffer received;
    private readonly Output output;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DateTimeOffset since;
    private AdmittedClient? client;
    private PendingAcks? acks;
    private PublishIntake? publishes;
    private FeedDeliveries? deliveries;
    private bool entered;
    private bool admitted;
    private bool left;
    private bool endsSession;
    private uint sessionExpirySeconds;
    private string? fault;
    private string? named;
    private int closing;
    private long handshakeSinceMs;
    private long waitingSinceMs = -1;
    private long packetSinceMs = -1;
    private long endingSinceMs = -1;

    public MqttConnection(long number, Transport transport, MqttContext context, ILogger logger)
    {
        Number = number;
        this.transport = transport;
        this.context = context;
        this.logger = logger;
        received = new ReceiveBuffer(transport.Stream);
        output = new Output(transport.Stream, context);
        since = context.Time.GetUtcNow();
        handshakeSinceMs = context.NowMs;
    }

    /// <summary>Counts up with each accepted connection.</summary>
    public long Number { get; }

    /// <summary>User name once it is known to be right; null before.</summary>
    public string? User => client?.User;

    /// <summary>Completes once nothing of this connection can change its session or publish any more.</summary>
    public Task HandedOver => handedOver.Task;

    /// <summary>Made when it is first needed: most connections only publish.</summary>
    private FeedDeliveries Deliveries => deliveries ??= new FeedDeliveries(client!, context, output, logger, Fail, stopping.Token);

    private MqttRefusal Closing => (MqttRefusal)Volatile.Read(ref closing);

    public ConnectionInfo Describe() => new(
        client?.ClientId,
        client?.User,
        client?.Version,
        transport.Address,
        since,
        publishes?.Publishes ?? 0,
        acks?.InFlight ?? 0,
        deliveries?.Count ?? 0,
        publishes?.LastRefusal)
    {
        Transport = transport.Kind,
        TlsVersion = transport.TlsVersion,
        Certificate = transport.Certificate?.Fingerprint,
        SessionExpirySeconds = client?.SessionExpirySeconds ?? 0,
        KeepAliveSeconds = (client?.KeepAliveMs ?? 0) / 1000,
        ReadingsPerSecond = readingsPerSecond,
        BytesPerSecond = bytesPerSecond,
        LastRefusalAt = publishes?.LastRefusalAt,
    };

    /// <summary>Asks the connection to end, for this reason. The first reason counts.</summary>
    public void Close(MqttRefusal why)
    {
        if (Interlocked.CompareExchange(ref closing, (int)why, (int)MqttRefusal.None) == (int)MqttRefusal.None)
        {
            stopping.Cancel();
        }
    }

    /// <summary>Cuts the connection. What waits on its stream wakes up with an error.</summary>
    public void Abort() => transport.Dispose();

    /// <summary>Looks at the time limits; called about once a second.</summary>
    public void OnHeartbeat(long nowMs)
    {
        long ending = Volatile.Read(ref endingSinceMs);
        if (ending >= 0)
        {
            if (nowMs - ending > MqttLimits.CloseTimeoutMs)
            {
                Abort();
            }

            return;
        }

        long handshake = Volatile.Read(ref handshakeSinceMs);
        if (handshake >= 0)
        {
            if (nowMs - handshake > MqttLimits.ConnectTimeoutMs)
            {
                Close(MqttRefusal.ConnectTimeout);
            }

            return;
        }

        long sending = output.SendingSinceMs;
        if (sending >= 0 && nowMs - sending > MqttLimits.SendTimeoutMs)
        {
            Close(MqttRefusal.SendTimeout);
            Abort();
            return;
        }

        // Only while we wait for the client: what it has sent and we have not read yet, because the journal is behind, is not its silence.
        long waiting = Volatile.Read(ref waitingSinceMs);
        long packet = Volatile.Read(ref packetSinceMs);
        if (waiting >= 0 && packet >= 0 && nowMs - packet > MqttLimits.PacketTimeoutMs)
        {
            Close(MqttRefusal.PacketTimeout);
        }
        else if (waiting >= 0 && client!.KeepAliveMs > 0 && nowMs - waiting > client.KeepAliveMs + (client.KeepAliveMs / 2))
        {
            Close(MqttRefusal.KeepAliveTimeout);
        }

        if (client!.Token is { Delegation: not null } given && !context.Access.IsCurrent(new Admission(null, given, null)))
        {
            Close(MqttRefusal.AdministrativeAction);
        }

        deliveries?.OnHeartbeat();
        MeasureRates(nowMs);
    }

    public async Task RunAsync()
    {
        MqttRefusal end;
        try
        {
            end = await HandshakeAsync();
            if (end == MqttRefusal.None)
            {
                end = await ReceiveAsync();
            }
        }
        catch (Exception e)
        {
            publishes?.Discard();
            end = Closing;
            if (end == MqttRefusal.None && e is TransportRefusedException broken)
            {
                (end, fault) = (broken.Refusal, broken.Message);
            }
            else if (end == MqttRefusal.None && e is not (IOException or SocketException or ObjectDisposedException))
            {
                end = MqttRefusal.InternalError;
                Log.Failed(logger, client?.User, transport.Address, e);
            }
        }

        try
        {
            await EndAsync(Closing != MqttRefusal.None ? Closing : end);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or TransportRefusedException)
        {
            // The peer did not stay to listen.
        }
        catch (Exception e)
        {
            Log.Failed(logger, client?.User, transport.Address, e);
        }
        finally
        {
            acks?.Stop();
            handedOver.TrySetResult();
            received.Release();
            transport.Dispose();
        }
    }

    /// <summary>Reads packets until the client leaves or something is refused.</summary>
    private async ValueTask<MqttRefusal> ReceiveAsync()
    {
        bool holdsLargePermit = false;
        try
        {
            while (true)
            {
                Pass pass = TakePackets();
                MqttRefusal refusal = await publishes!.CommitAsync(stopping.Token);
                if (refusal == MqttRefusal.None)
                {
                    refusal = pass.Refusal;
                }

                if (refusal != MqttRefusal.None)
                {
                    return refusal;
                }

                await publishes.WaitForRoomAsync(stopping.Token);
                refusal = await PaceAsync();
                if (refusal != MqttRefusal.None)
                {
                    return refusal;
                }

                if (pass.Consumed && holdsLargePermit)
                {
                    context.LargePackets.Release();
                    holdsLargePermit = false;
                }

                if (pass.Control != PacketType.Reserved)
                {
                    await AnswerAsync(pass);
                }

                if (left)
                {
                    return MqttRefusal.None;
                }

                if (pass.GoesOn)
                {
                    continue;
                }

                if (pass.PacketBytes > MqttLimits.WideReceiveBytes && !holdsLargePermit)
                {
                    await context.LargePackets.WaitAsync(stopping.Token);
                    holdsLargePermit = true;
                }

                if (!await FillAsync(pass))
                {
                    return MqttRefusal.None;
                }
            }
        }
        finally
        {
            if (holdsLargePermit)
            {
                context.LargePackets.Release();
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(Pass pass)
    {
        long now = context.NowMs;
        if (received.IsEmpty)
        {
            Volatile.Write(ref packetSinceMs, -1);
        }
        else if (pass.Consumed || packetSinceMs < 0)
        {
            Volatile.Write(ref packetSinceMs, now);
        }

        Volatile.Write(ref waitingSinceMs, now);
        bool more = await received.FillAsync(pass.PacketBytes, stopping.Token);
        Volatile.Write(ref waitingSinceMs, -1);
        return more;
    }

    /// <summary>What one pass over the receive buffer came to.</summary>
    /// <param name="Refusal">Why the connection is to end.</param>
    /// <param name="Control">A packet to be answered before the next is looked at; Reserved where there is none.</param>
    /// <param name="Filters">What that packet says.</param>
    /// <param name="GoesOn">True where more packets may be in the buffer.</param>
    /// <param name="Consumed">Whether any packet was taken.</param>
    /// <param name="PacketBytes">Length of the packet that has begun; 0 where it is not known.</param>
    private readonly record struct Pass(MqttRefusal Refusal, PacketType Control, SubscribePacket? Filters, bool GoesOn, bool Consumed, int PacketBytes);

    /// <summary>Takes all packets that are complete, up to one that has to be answered by itself, or up to a full batch.</summary>
    private Pass TakePackets()
    {
        bool consumed = false;
        while (true)
        {
            ReadOnlySpan<byte> unread = received.Unread;
            MqttRefusal refusal = FrameHeader.Read(unread, MqttLimits.PacketBytes, out FrameHeader header);
            if (refusal != MqttRefusal.None)
            {
                return new Pass(refusal, default, null, false, consumed, 0);
            }

            if (!header.IsComplete || unread.Length < header.TotalBytes)
            {
                return new Pass(default, default, null, false, consumed, header.IsComplete ? header.TotalBytes : 0);
            }

            ReadOnlySpan<byte> body = unread.Slice(header.HeaderBytes, header.Remaining);
            SubscribePacket? filters = null;
            refusal = header.Type switch
            {
                PacketType.Publish => publishes!.Take(header, body),
                PacketType.PubAck or PacketType.PubComp => TakeAck(header, body),
                PacketType.PubRec => TakeReceived(header, body),
                PacketType.PubRel => publishes!.TakeRelease(header, body),
                PacketType.PingReq => header.Flags != 0 ? MqttRefusal.FlagsReserved : body.IsEmpty ? MqttRefusal.None : MqttRefusal.TrailingBytes,
                PacketType.Subscribe => SubscribePacket.Read(header, body, client!.Version, out filters),
                PacketType.Unsubscribe => SubscribePacket.ReadUnsubscribe(header, body, client!.Version, out filters),
                PacketType.Disconnect => TakeDisconnect(header, body),
                PacketType.Connect => MqttRefusal.SecondConnect,
                _ => MqttRefusal.PacketUnexpected,
            };
            received.Consume(header.TotalBytes);
            consumed = true;
            bool answer = header.Type is PacketType.PingReq or PacketType.Subscribe or PacketType.Unsubscribe or PacketType.Disconnect;
            if (refusal != MqttRefusal.None || answer || publishes!.IsFull)
            {
                return new Pass(refusal, answer ? header.Type : default, filters, true, consumed, 0);
            }
        }
    }

    private MqttRefusal TakeAck(FrameHeader header, ReadOnlySpan<byte> body)
    {
        MqttRefusal refusal = AckPacket.Read(header, body, client!.Version, out AckPacket packet);
        return refusal != MqttRefusal.None ? refusal : Deliveries.Acknowledge(header.Type, packet.PacketId);
    }

    private MqttRefusal TakeReceived(FrameHeader header, ReadOnlySpan<byte> body)
    {
        MqttRefusal refusal = AckPacket.Read(header, body, client!.Version, out AckPacket packet);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        refusal = Deliveries.Receive(packet, out bool answer, out bool isKnown, out bool isFirst);
        if (refusal == MqttRefusal.None && answer)
        {
            publishes!.AnswerReceived(packet.PacketId, isKnown, isFirst);
        }

        return refusal;
    }

    /// <summary>MQTT 5.0 section 3.14.4: the will is thrown away, unless the reason says otherwise; section 3.14.2.2.2: the session's expiry may change.</summary>
    private MqttRefusal TakeDisconnect(FrameHeader header, ReadOnlySpan<byte> body)
    {
        MqttRefusal refusal = DisconnectPacket.Read(header, body, client!.Version, out DisconnectPacket packet);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        if (packet.SessionExpirySeconds is uint expiry)
        {
            if (sessionExpirySeconds == 0 && expiry != 0)
            {
                return MqttRefusal.SessionExpiryNotAllowed;
            }

            sessionExpirySeconds = Math.Min(expiry, MqttLimits.SessionExpirySeconds);
            endsSession |= expiry == 0;
        }

        if (packet.Reason != ReasonCode.DisconnectWithWill)
        {
            client = client with { Will = null };
        }

        left = true;
        return MqttRefusal.None;
    }

    private async ValueTask AnswerAsync(Pass pass)
    {
        switch (pass.Control)
        {
            case PacketType.PingReq:
                await output.SendAsync(PingResponse, stopping.Token);
                break;
            case PacketType.Subscribe:
                await Deliveries.SubscribeAsync(pass.Filters!);
                break;
            case PacketType.Unsubscribe:
                await Deliveries.UnsubscribeAsync(pass.Filters!);
                break;
        }
    }

    private static readonly byte[] PingResponse = [0xD0, 0];

    /// <summary>A loop beside the receiving one failed: the connection ends, and its client comes back.</summary>
    private void Fail(Exception e)
    {
        Log.Failed(logger, client?.User, transport.Address, e);
        Close(MqttRefusal.InternalError);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Debug, Message = "MQTT {Version} client {ClientId} of {User} connected from {Address}")]
        public static partial void Connected(ILogger logger, MqttVersion version, string clientId, string user, string address);

        [LoggerMessage(Level = LogLevel.Information, Message = "MQTT connection of {User}, client {ClientId}, from {Address} ended: {Refusal}. {Detail}")]
        public static partial void Refused(ILogger logger, string? user, string? clientId, string address, MqttRefusal refusal, string detail);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The will of MQTT user {User} on {Topic} could not be kept: {Refusal}")]
        public static partial void WillLost(ILogger logger, string user, string topic, string? refusal);

        [LoggerMessage(Level = LogLevel.Error, Message = "MQTT connection of {User} from {Address} failed")]
        public static partial void Failed(ILogger logger, string? user, string address, Exception e);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{User} from {Address} cannot be admitted at present")]
        public static partial void AdmissionFailed(ILogger logger, string user, string address, Exception e);
    }
}
