using System.Text;
using Microsoft.Extensions.Logging;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// The subscriptions of one connection. A feed is its own queue, and what comes on other topics has one in the session: a loop each reads it and sends, as far as the client's window allows, so a slow subscriber costs nothing but
/// its place there.
/// <para>
/// Of a session that outlives its connection the journal knows which item may have reached the client under which packet identifier, before it is sent; that a PUBREC came, before PUBREL is sent; and about once a second
/// what is complete. After a reconnect or a restart the same items come again under the same identifiers, marked DUP, then new ones. So at QoS 2 nothing comes twice: an item is sent again only while the client still
/// knows its identifier, and of a completion that was not stored only PUBREL comes again, which the client answers. At QoS 1 an item whose acknowledgement was not stored comes again.
/// </para>
/// </summary>
internal sealed partial class FeedDeliveries(AdmittedClient client, MqttContext context, Output output, ILogger logger, Action<Exception> failed, CancellationToken stopping)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, FeedDelivery> byFilter = [];
    private readonly DeliveryWindow window = new(Math.Min(client.ReceiveMaximum, MqttLimits.DeliveriesInFlight));
    private readonly TopicAliases aliases = new(Math.Min((int)client.TopicAliasMaximum, MqttLimits.TopicAliasesSent));

    /// <summary>Identifiers whose exchange is over and whose session does not know yet.</summary>
    private readonly List<ushort> completed = [];

    /// <summary>One at a time appends marks, so that they are in the order in which things happened.</summary>
    private readonly SemaphoreSlim storing = new(1, 1);
    private long markedUpTo = PendingAcks.NothingToWaitFor;
    private Task resent = Task.CompletedTask;

    public int Count
    {
        get
        {
            lock (gate)
            {
                return topics.Count + byFilter.Count - (byFilter.ContainsKey(SessionQueue.Name) ? 1 : 0);
            }
        }
    }

    /// <summary>Whether a session has anything to take up here.</summary>
    public static bool AreIn(SessionRow session) =>
        session.Subscriptions.Length > 0 || session.InFlight is not null || session.Topics is not null || session.Queued is not null;

    /// <summary>Takes up the subscriptions of a session and what it has in flight, after the CONNACK. What is no longer allowed ends.</summary>
    public async ValueTask ResumeAsync(SessionRow session)
    {
        List<FeedDelivery> begun = [];
        await ResumeTopicsAsync(session, begun);
        foreach (SessionSubscription stored in session.Subscriptions)
        {
            if (TryResolve(stored.Filter, out string feed) && feed == stored.Feed && Count < MqttLimits.Subscriptions)
            {
                begun.Add(Add(stored.Filter, feed, Open(feed), (byte)stored.Qos, stored.Identifier ?? 0, stored.Passed));
            }
            else if (client.IsSessionKept)
            {
                await context.Sessions.AcknowledgeAsync(client.Key.Text, new SessionAcknowledged(stored.Filter, -1), stopping);
            }
        }

        List<DeliveryInFlight> again = [];
        lock (gate)
        {
            foreach (SessionDelivery stored in session.InFlight ?? [])
            {
                DeliveryInFlight resumed = window.Resume(stored);
                if (stored.Received || stored.Feed == SessionQueue.Name || MayRead(stored.Feed))
                {
                    again.Add(resumed);
                }
                else
                {
                    Complete(resumed);
                }
            }
        }

        if (again.Count > 0)
        {
            resent = Task.Run(() => ResendAsync(again), CancellationToken.None);
        }

        begun.ForEach(Start);
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
            MqttRefusal refusal = await SubscribeAsync(packet.Filters[i], packet.Identifier, begun);
            codes[i] = refusal == MqttRefusal.None ? packet.Filters[i].Qos : client.Version == MqttVersion.V5 ? refusal.Code() : ReasonCode.SubscribeFailure311;
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
            FeedDelivery? delivery = null;
            bool ended = await TryUnsubscribeFromTopicAsync(packet.Filters[i].Filter);
            lock (gate)
            {
                if (!ended && packet.Filters[i].Filter != SessionQueue.Name)
                {
                    byFilter.Remove(packet.Filters[i].Filter, out delivery);
                }
            }

            codes[i] = ended || delivery is not null ? ReasonCode.Success
                : packet.Filters[i].Refusal == MqttRefusal.TopicFilterInvalid ? ReasonCode.TopicFilterInvalid
                : ReasonCode.NoSubscriptionExisted;
            if (delivery is null)
            {
                continue;
            }

            await StopAsync(delivery);
            if (client.IsSessionKept)
            {
                // Behind a store that is under way, which may still speak of this subscription.
                await storing.WaitAsync(stopping);
                try
                {
                    await context.Sessions.AcknowledgeAsync(client.Key.Text, new SessionAcknowledged(delivery.Filter, -1), stopping);
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

    /// <summary>
    /// A PUBACK or PUBCOMP came. An identifier that is not in flight is passed over: its completion may have come before. One that is in flight and not sent again yet is the client's answer from before it reconnected.
    /// </summary>
    public MqttRefusal Acknowledge(PacketType type, ushort packetId)
    {
        bool store;
        lock (gate)
        {
            DeliveryInFlight? delivery = window.Find(packetId);
            if (delivery is null)
            {
                return MqttRefusal.None;
            }

            if (type == PacketType.PubAck != (delivery.Qos == 1) || (delivery.Qos == 2 && !delivery.IsReceived))
            {
                return MqttRefusal.PacketUnexpected;
            }

            Complete(delivery);
            store = client.IsSessionKept && completed.Count == MqttLimits.AcknowledgementsPerStore;
        }

        if (store)
        {
            _ = StoreAsync();
        }

        return MqttRefusal.None;
    }

    /// <summary>MQTT 5.0 section 4.3.3: a PUBREC came. Unless it is a failure, which ends the exchange, PUBREL is owed.</summary>
    /// <param name="packet">The PUBREC.</param>
    /// <param name="answer">Whether PUBREL is owed.</param>
    /// <param name="isKnown">Whether anything is in flight under the identifier.</param>
    /// <param name="isFirst">Whether it is the first PUBREC for it.</param>
    public MqttRefusal Receive(AckPacket packet, out bool answer, out bool isKnown, out bool isFirst)
    {
        lock (gate)
        {
            DeliveryInFlight? delivery = window.Find(packet.PacketId);
            isKnown = delivery is not null;
            isFirst = delivery is { IsReceived: false };
            answer = packet.Reason < ReasonCode.FirstFailure;
            if (delivery is null)
            {
                return MqttRefusal.None;
            }

            if (delivery.Qos != 2)
            {
                return MqttRefusal.PacketUnexpected;
            }

            if (answer)
            {
                delivery.IsReceived = true;
            }
            else
            {
                Complete(delivery);
            }

            return MqttRefusal.None;
        }
    }

    private async ValueTask<MqttRefusal> SubscribeAsync(FilterRequest request, int identifier, List<FeedDelivery> begun)
    {
        if (request.Refusal != MqttRefusal.None)
        {
            return request.Refusal;
        }

        if (!TopicFilters.IsOwn(Encoding.UTF8.GetBytes(request.Filter)) || NoticeTopics.Is(request.Filter))
        {
            return await SubscribeToTopicAsync(request, identifier, begun);
        }

        if (!TryResolve(request.Filter, out string feed))
        {
            return MqttRefusal.NotAuthorized;
        }

        FeedDelivery? existing;
        lock (gate)
        {
            byFilter.TryGetValue(request.Filter, out existing);
            if (existing is not null)
            {
                // MQTT 5.0 section 3.8.4: a repeated filter replaces the options and loses nothing in between.
                existing.Qos = request.Qos;
                existing.Identifier = identifier;
            }
        }

        if (existing is null && Count >= MqttLimits.Subscriptions)
        {
            return MqttRefusal.TooManySubscriptions;
        }

        long from = existing?.Passed ?? context.Feeds.Last(feed);
        if (client.IsSessionKept)
        {
            try
            {
                await context.Sessions.SubscribeAsync(client.Key.Text, new SessionSubscribed(request.Filter, feed, from, request.Qos, identifier == 0 ? null : identifier), stopping);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.SubscribeFailed(logger, client.Key.Text, request.Filter, e);
                return MqttRefusal.ServerUnavailable;
            }
        }

        if (existing is null)
        {
            begun.Add(Add(request.Filter, feed, Open(feed), request.Qos, identifier, from));
        }

        return MqttRefusal.None;
    }

    private FeedDelivery Add(string filter, string feed, IDeliverySource source, byte qos, int identifier, long from)
    {
        FeedDelivery delivery = new(filter, feed, source, qos, identifier, from, CancellationTokenSource.CreateLinkedTokenSource(stopping));
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

    /// <summary>The exchange is over. Inside <see cref="gate"/>.</summary>
    private void Complete(DeliveryInFlight delivery)
    {
        window.Remove(delivery);
        if (client.IsSessionKept)
        {
            completed.Add(delivery.PacketId);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "MQTT user {User} may not subscribe to {Filter}: {Refusal}")]
        public static partial void SubscriptionRefused(ILogger logger, string user, string filter, MqttRefusal refusal);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The MQTT session {Key} could not be stored; what was acknowledged may be delivered again.")]
        public static partial void StoreFailed(ILogger logger, string key, Exception e);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The journal takes nothing from the MQTT session {Key}: {Reason} Its deliveries wait.")]
        public static partial void MarkRefused(ILogger logger, string key, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The MQTT session {Key} could not store its subscription to {Filter}.")]
        public static partial void SubscribeFailed(ILogger logger, string key, string filter, Exception e);
    }
}
