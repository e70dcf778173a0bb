using System.Text;
using Microsoft.Extensions.Logging;
using Streaming.Grains.Messages;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// The subscriptions of one connection. The feed itself is the queue: a loop a subscription reads it and sends, as far as the client's window allows, so a slow subscriber costs nothing but
/// its place in the feed.
/// <para>
/// Of a persistent session only the number is stored up to which everything was acknowledged, about once a second. After a reconnect delivery goes on behind the stored number:
/// what was acknowledged after it comes again, nothing is skipped. It comes as a new message with a new packet identifier, since those are not stored.
/// </para>
/// </summary>
internal sealed partial class FeedDeliveries(AdmittedClient client, MqttContext context, Output output, ILogger logger, Action<Exception> failed, CancellationToken stopping)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, FeedDelivery> byFilter = [];
    private readonly Dictionary<ushort, (FeedDelivery Delivery, long Number)> inFlight = [];
    private readonly SemaphoreSlim window = new(Math.Min(client.ReceiveMaximum, MqttLimits.DeliveriesInFlight));
    private readonly SemaphoreSlim storing = new(1, 1);
    private ushort lastPacketId;
    private int acknowledgedSinceStore;

    public int Count
    {
        get
        {
            lock (gate)
            {
                return byFilter.Count;
            }
        }
    }

    /// <summary>Takes up the subscriptions of a session, after the CONNACK. One that is no longer allowed ends.</summary>
    public async ValueTask ResumeAsync(SessionRow session)
    {
        foreach (SessionSubscription stored in session.Subscriptions)
        {
            if (SubscriptionRules.TryResolve(client.Token, stored.Filter, out string feed) && feed == stored.Feed && Count < MqttLimits.Subscriptions)
            {
                Start(Add(stored.Filter, feed, (byte)stored.Qos, stored.Acknowledged));
            }
            else if (client.SessionKey is not null)
            {
                await context.Sessions.AcknowledgeAsync(client.SessionKey, new SessionAcknowledged(stored.Filter, -1), stopping);
            }
        }
    }

    /// <summary>
    /// MQTT 5.0 section 3.8.4: answers each filter and begins its delivery behind the newest item. That number is taken before the SUBACK is sent, so that nothing shown after the
    /// SUBACK is missed; deliveries begin after it.
    /// </summary>
    public async ValueTask SubscribeAsync(SubscribePacket packet)
    {
        byte[] codes = new byte[packet.Filters.Length];
        List<FeedDelivery> begun = [];
        for (int i = 0; i < codes.Length; i++)
        {
            MqttRefusal refusal = await SubscribeAsync(packet.Filters[i], begun);
            byte qos = Math.Min(packet.Filters[i].Qos, (byte)1);
            codes[i] = refusal == MqttRefusal.None ? qos : client.Version == MqttVersion.V5 ? refusal.Code() : ReasonCode.SubscribeFailure311;
            if (refusal != MqttRefusal.None)
            {
                context.Metrics.Refuse(refusal);
                Log.SubscriptionRefused(logger, client.User, packet.Filters[i].Filter, refusal);
            }
        }

        ByteWriter reply = new(16 + codes.Length);
        MqttWriter.WriteFilterAck(reply, PacketType.SubAck, client.Version, packet.PacketId, codes);
        await output.SendAsync(reply.WrittenMemory, stopping);
        begun.ForEach(Start);
    }

    /// <summary>MQTT 5.0 section 3.10.4.</summary>
    public async ValueTask UnsubscribeAsync(SubscribePacket packet)
    {
        byte[] codes = new byte[packet.Filters.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            FeedDelivery? delivery;
            lock (gate)
            {
                byFilter.Remove(packet.Filters[i].Filter, out delivery);
            }

            codes[i] = delivery is not null ? ReasonCode.Success
                : packet.Filters[i].Refusal == MqttRefusal.TopicFilterInvalid ? ReasonCode.TopicFilterInvalid
                : ReasonCode.NoSubscriptionExisted;
            if (delivery is null)
            {
                continue;
            }

            await StopAsync(delivery);
            if (client.SessionKey is not null)
            {
                // Behind a store that is under way, which may still speak of this subscription.
                await storing.WaitAsync(stopping);
                try
                {
                    await context.Sessions.AcknowledgeAsync(client.SessionKey, new SessionAcknowledged(delivery.Filter, -1), stopping);
                }
                finally
                {
                    storing.Release();
                }
            }
        }

        ByteWriter reply = new(16 + codes.Length);
        if (client.Version == MqttVersion.V5)
        {
            MqttWriter.WriteFilterAck(reply, PacketType.UnsubAck, client.Version, packet.PacketId, codes);
        }
        else
        {
            MqttWriter.WriteUnsubAck311(reply, packet.PacketId);
        }

        await output.SendAsync(reply.WrittenMemory, stopping);
    }

    /// <summary>A PUBACK came. An identifier that is not in flight is passed over: it may belong to a subscription that has ended.</summary>
    public void Acknowledge(ushort packetId)
    {
        bool store;
        lock (gate)
        {
            if (!inFlight.Remove(packetId, out (FeedDelivery Delivery, long Number) sent))
            {
                return;
            }

            sent.Delivery.Acknowledge(sent.Number);
            acknowledgedSinceStore++;
            store = client.SessionKey is not null && acknowledgedSinceStore >= MqttLimits.AcknowledgementsPerStore;
            if (store)
            {
                acknowledgedSinceStore = 0;
            }
        }

        window.Release();
        if (store)
        {
            _ = StoreAsync();
        }
    }

    /// <summary>Once a second: what was acknowledged since is stored.</summary>
    public void OnHeartbeat()
    {
        bool dirty;
        lock (gate)
        {
            dirty = client.SessionKey is not null && byFilter.Values.Any(delivery => delivery.Acknowledged > delivery.Stored);
            acknowledgedSinceStore = 0;
        }

        if (dirty)
        {
            _ = StoreAsync();
        }
    }

    /// <summary>The connection ends: all deliveries end, and what was acknowledged is stored.</summary>
    public async Task EndAsync()
    {
        FeedDelivery[] all;
        lock (gate)
        {
            all = [.. byFilter.Values];
        }

        foreach (FeedDelivery delivery in all)
        {
            await StopAsync(delivery);
        }

        if (client.SessionKey is not null)
        {
            await StoreAsync();
        }
    }

    /// <summary>Stores what was acknowledged. One that cannot be stored is tried again on the next occasion; until then it may be delivered again.</summary>
    private async Task StoreAsync()
    {
        await storing.WaitAsync();
        try
        {
            (FeedDelivery Delivery, long Number)[] dirty;
            lock (gate)
            {
                dirty = [.. byFilter.Values.Where(delivery => delivery.Acknowledged > delivery.Stored).Select(delivery => (delivery, delivery.Acknowledged))];
            }

            foreach ((FeedDelivery delivery, long number) in dirty)
            {
                await context.Sessions.AcknowledgeAsync(client.SessionKey!, new SessionAcknowledged(delivery.Filter, number), CancellationToken.None);
                lock (gate)
                {
                    delivery.Stored = number;
                }
            }
        }
        catch (Exception e)
        {
            Log.StoreFailed(logger, client.SessionKey!, e);
        }
        finally
        {
            storing.Release();
        }
    }

    private async ValueTask<MqttRefusal> SubscribeAsync(FilterRequest request, List<FeedDelivery> begun)
    {
        if (request.Refusal != MqttRefusal.None)
        {
            return request.Refusal;
        }

        if (!SubscriptionRules.TryResolve(client.Token, request.Filter, out string feed))
        {
            return MqttRefusal.NotAuthorized;
        }

        byte qos = Math.Min(request.Qos, (byte)1);
        FeedDelivery? existing;
        lock (gate)
        {
            byFilter.TryGetValue(request.Filter, out existing);
            if (existing is not null)
            {
                // MQTT 5.0 section 3.8.4: a repeated filter replaces the options and loses nothing in between.
                existing.Qos = qos;
            }
        }

        if (existing is null && Count >= MqttLimits.Subscriptions)
        {
            return MqttRefusal.TooManySubscriptions;
        }

        long from = existing?.Acknowledged ?? context.Feeds.Last(feed);
        if (client.SessionKey is not null)
        {
            try
            {
                await context.Sessions.SubscribeAsync(client.SessionKey, new SessionSubscribed(request.Filter, feed, from, qos), stopping);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.SubscribeFailed(logger, client.SessionKey, request.Filter, e);
                return MqttRefusal.ServerUnavailable;
            }
        }

        if (existing is null)
        {
            begun.Add(Add(request.Filter, feed, qos, from));
        }

        return MqttRefusal.None;
    }

    private FeedDelivery Add(string filter, string feed, byte qos, long from)
    {
        FeedDelivery delivery = new(filter, feed, qos, from, CancellationTokenSource.CreateLinkedTokenSource(stopping));
        lock (gate)
        {
            byFilter[filter] = delivery;
        }

        return delivery;
    }

    private void Start(FeedDelivery delivery) => delivery.Running = Task.Run(() => DeliverAsync(delivery), CancellationToken.None);

    private static async Task StopAsync(FeedDelivery delivery)
    {
        await delivery.Cancellation.CancelAsync();
        await delivery.Running;
        delivery.Cancellation.Dispose();
    }

    private async Task DeliverAsync(FeedDelivery delivery)
    {
        CancellationToken cancellation = delivery.Cancellation.Token;
        ByteWriter packets = new();
        string department = SubscriptionRules.DepartmentOf(delivery.Feed);
        long after = delivery.From;
        try
        {
            while (true)
            {
                await context.Feeds.WaitAsync(delivery.Feed, after, cancellation);
                IReadOnlyList<FeedItem> items = await context.Feeds.ReadAsync(delivery.Feed, after, MqttLimits.FeedItemsPerRead, cancellation);
                if (items.Count == 0)
                {
                    // The feed has spoken of an item that cannot be read yet. It will be; asking at once again would only keep a core busy.
                    await Task.Delay(TimeSpan.FromMilliseconds(MqttLimits.FeedRetryMs), context.Time, cancellation);
                }

                foreach (FeedItem item in items)
                {
                    byte[] topic = Encoding.UTF8.GetBytes(SubscriptionRules.TopicOf(department, item.District));
                    if (!await WriteAsync(delivery, item, topic, packets, cancellation))
                    {
                        return;
                    }

                    after = item.Number;
                }

                context.Metrics.Delivered.Add(items.Count);

                if (!await SendAsync(packets))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Unsubscribed, or the connection ends.
        }
        catch (Exception e)
        {
            failed(e);
        }
    }

    /// <summary>Adds one item to the packets to send. Where the window is closed, sends what there is and waits. False where the peer is gone.</summary>
    private async ValueTask<bool> WriteAsync(FeedDelivery delivery, FeedItem item, byte[] topic, ByteWriter packets, CancellationToken cancellation)
    {
        byte qos;
        lock (gate)
        {
            qos = delivery.Qos;

            // MQTT 5.0 section 3.1.2.11.4: what is too large for the client is dropped as if it had been sent.
            if (MqttWriter.PublishBytes(client.Version, qos, topic.Length, item.Json.Length) > client.MaximumPacketBytes)
            {
                delivery.Sent(item.Number);
                delivery.Acknowledge(item.Number);
                return true;
            }
        }

        if (qos == 0)
        {
            MqttWriter.WritePublish(packets, client.Version, 0, dup: false, retain: false, 0, topic, item.Json.Span);
            if (!await SendAsync(packets))
            {
                return false;
            }

            lock (gate)
            {
                delivery.Sent(item.Number);
                delivery.Acknowledge(item.Number);
            }

            return true;
        }

        if (!window.Wait(0, CancellationToken.None))
        {
            if (!await SendAsync(packets))
            {
                return false;
            }

            await window.WaitAsync(cancellation);
        }

        lock (gate)
        {
            ushort packetId = NextPacketId();
            delivery.Sent(item.Number);
            inFlight.Add(packetId, (delivery, item.Number));
            MqttWriter.WritePublish(packets, client.Version, 1, dup: false, retain: false, packetId, topic, item.Json.Span);
        }

        return packets.Length < MqttLimits.DeliveryBytes || await SendAsync(packets);
    }

    /// <summary>Given up only with the whole connection, not with the subscription: half a packet would spoil the connection for the others.</summary>
    private async ValueTask<bool> SendAsync(ByteWriter packets)
    {
        if (packets.Length == 0)
        {
            return true;
        }

        bool sent = await output.SendAsync(packets.WrittenMemory, stopping);
        packets.Clear();
        return sent;
    }

    /// <summary>The next identifier that is not in flight; the window is far smaller than their number.</summary>
    private ushort NextPacketId()
    {
        do
        {
            lastPacketId = lastPacketId == ushort.MaxValue ? (ushort)1 : (ushort)(lastPacketId + 1);
        }
        while (inFlight.ContainsKey(lastPacketId));

        return lastPacketId;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "MQTT user {User} may not subscribe to {Filter}: {Refusal}")]
        public static partial void SubscriptionRefused(ILogger logger, string user, string filter, MqttRefusal refusal);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The MQTT session {Key} could not be stored; what was acknowledged may be delivered again.")]
        public static partial void StoreFailed(ILogger logger, string key, Exception e);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The MQTT session {Key} could not store its subscription to {Filter}.")]
        public static partial void SubscribeFailed(ILogger logger, string key, string filter, Exception e);
    }
}
