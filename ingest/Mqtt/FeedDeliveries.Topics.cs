using System.Text;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// Subscriptions to topics of messages between clients. All of them share the session's one queue, which is delivered as a feed is. A client without a session that outlives its connection gets one for as long as it is connected, at its
/// first such subscription: nothing of it has to be durable before it is sent, since nothing of it comes again.
/// </summary>
internal sealed partial class FeedDeliveries
{
    private readonly byte[][] receives = [.. (client.Device?.Registration.Receives ?? client.Token?.Receives ?? []).Select(Encoding.UTF8.GetBytes).Where(filter => TopicNames.IsFilter(filter))];

    /// <summary>Filters of topics that the session is subscribed to.</summary>
    private readonly HashSet<string> topics = new(StringComparer.Ordinal);

    /// <summary>Notices are for whom they are registered by name: who may receive everything between clients may not read what others are told.</summary>
    private bool MayReceive(string filter)
    {
        string inner = SharedFilter.Inner(filter);
        byte[] utf8 = Encoding.UTF8.GetBytes(inner);
        return NoticeTopics.Is(inner) ? Array.Exists(receives, own => own.AsSpan().SequenceEqual(utf8)) : Array.Exists(receives, wider => TopicFilters.Covers(wider, utf8));
    }

    private async ValueTask<MqttRefusal> SubscribeToTopicAsync(FilterRequest request, int identifier, List<FeedDelivery> begun)
    {
        if (!MayReceive(request.Filter) || request.Filter == context.Profile?.RefusedFilter)
        {
            return context.Profile is null ? MqttRefusal.NotAuthorized : MqttRefusal.InternalError;
        }

        if (Encoding.UTF8.GetByteCount(request.Filter) > GrainLimits.TopicFilterBytes)
        {
            return MqttRefusal.TopicFilterInvalid;
        }

        bool known;
        lock (gate)
        {
            known = topics.Contains(request.Filter);
        }

        string key = client.Key.Text;
        if ((!known && Count >= MqttLimits.Subscriptions) || !client.Key.Fits)
        {
            return MqttRefusal.TooManySubscriptions;
        }

        try
        {
            // Both are in the journal in this order once they are called for; one sync of the disk is enough for them.
            Task opened = Task.CompletedTask;
            if (!HasQueue)
            {
                if (!client.IsTracked)
                {
                    IsTracked = true;
                    opened = context.Sessions.OpenAsync(key, new SessionOpened(client.SessionExpirySeconds, Tracked: true), stopping).AsTask();
                }

                begun.Add(AddQueue(key, 0));
            }

            TopicSubscription subscription = new(request.Filter, request.Qos, request.NoLocal, request.RetainAsPublished, identifier == 0 ? null : identifier);
            await Task.WhenAll(opened, context.Messages.SubscribeAsync(new TopicSubscribed(key, subscription, request.RetainHandling), stopping).AsTask());
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.SubscribeFailed(logger, key, request.Filter, e);
            return MqttRefusal.ServerUnavailable;
        }

        lock (gate)
        {
            topics.Add(request.Filter);
        }

        return MqttRefusal.None;
    }

    /// <summary>False where there is no such subscription.</summary>
    private async ValueTask<bool> TryUnsubscribeFromTopicAsync(string filter)
    {
        lock (gate)
        {
            if (!topics.Remove(filter))
            {
                return false;
            }
        }

        await context.Messages.UnsubscribeAsync(new TopicUnsubscribed(client.Key.Text, filter), stopping);
        return true;
    }

    /// <summary>Takes up a session's subscriptions to topics and its queue. What is no longer allowed ends.</summary>
    private async ValueTask ResumeTopicsAsync(SessionRow session, List<FeedDelivery> begun)
    {
        foreach (TopicSubscription stored in session.Topics ?? [])
        {
            if (MayReceive(stored.Filter) && Count < MqttLimits.Subscriptions)
            {
                lock (gate)
                {
                    topics.Add(stored.Filter);
                }
            }
            else
            {
                await context.Messages.UnsubscribeAsync(new TopicUnsubscribed(session.Key, stored.Filter), stopping);
            }
        }

        if (session.Topics is not null || session.Queued is not null)
        {
            begun.Add(AddQueue(session.Key, session.QueuePassed ?? 0));
        }
    }

    /// <summary>True where the session was told that its client is there, when it subscribed first.</summary>
    public bool IsTracked { get; private set; }

    private bool HasQueue
    {
        get
        {
            lock (gate)
            {
                return byFilter.ContainsKey(SessionQueue.Name);
            }
        }
    }

    private FeedDelivery AddQueue(string key, long from) => Add(SessionQueue.Name, SessionQueue.Name, new QueueSource(context.Messages, key), qos: 0, identifier: 0, from);
}
