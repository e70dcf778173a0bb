using System.Text;
using Streaming.Grains.Messages;

namespace Streaming.Ingest.Mqtt;

/// <summary>Something to be sent to a client.</summary>
/// <param name="Number">Its number in its source.</param>
/// <param name="Topic">The topic that it is published on.</param>
/// <param name="Utf8">The same as UTF-8.</param>
/// <param name="Payload">The payload.</param>
/// <param name="Message">QoS, flags and properties of a message between clients; null for an alert, which has those of its subscription.</param>
internal sealed record DeliveryItem(long Number, string Topic, byte[] Utf8, ReadOnlyMemory<byte> Payload, QueuedMessage? Message)
{
    /// <summary>Of an alert: the department's feed that it is of, whose number it has.</summary>
    public string? Feed { get; init; }
}

/// <summary>Where deliveries come from, in an order of their own: a department's feed, or the session's queue of messages.</summary>
internal interface IDeliverySource
{
    /// <summary>Completes once there is an item after <paramref name="after"/>.</summary>
    Task WaitAsync(long after, CancellationToken cancellation);

    /// <summary>The items after <paramref name="after"/>, oldest first, at most <paramref name="most"/>.</summary>
    ValueTask<IReadOnlyList<DeliveryItem>> ReadAsync(long after, int most, CancellationToken cancellation);
}

/// <summary>A department's feed. The feed over the whole city says by its topics which district each alert is of; any other is of one topic, since who subscribed to a district's gets its streets' alerts too.</summary>
internal sealed class FeedSource(IFeeds feeds, string feed) : IDeliverySource
{
    public Task WaitAsync(long after, CancellationToken cancellation) => feeds.WaitAsync(feed, after, cancellation);

    public async ValueTask<IReadOnlyList<DeliveryItem>> ReadAsync(long after, int most, CancellationToken cancellation)
    {
        IReadOnlyList<FeedItem> items = await feeds.ReadAsync(feed, after, most, cancellation);
        DeliveryItem[] read = new DeliveryItem[items.Count];
        for (int i = 0; i < read.Length; i++)
        {
            string topic = SubscriptionRules.TopicOf(feed, items[i].District);
            read[i] = new DeliveryItem(items[i].Number, topic, Encoding.UTF8.GetBytes(topic), items[i].Json, null) { Feed = feed };
        }

        return read;
    }
}

/// <summary>The queue of a session.</summary>
internal sealed class QueueSource(IMessages messages, string session) : IDeliverySource
{
    public Task WaitAsync(long after, CancellationToken cancellation) => messages.WaitAsync(session, after, cancellation);

    public async ValueTask<IReadOnlyList<DeliveryItem>> ReadAsync(long after, int most, CancellationToken cancellation)
    {
        IReadOnlyList<MessageItem> items = await messages.ReadAsync(session, after, most, cancellation);
        DeliveryItem[] read = new DeliveryItem[items.Count];
        for (int i = 0; i < read.Length; i++)
        {
            QueuedMessage message = items[i].Message;
            read[i] = new DeliveryItem(items[i].Number, message.Topic, Encoding.UTF8.GetBytes(message.Topic), message.Payload, message);
        }

        return read;
    }
}
