using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// The topic aliases that we set for one client (MQTT 5.0 section 3.3.2.3.4). Guarded by the lock of <see cref="FeedDeliveries"/>. Several loops send on one connection, in an order that is not known when they
/// write; so an alias stands for its topic only once a packet with both has been sent, and until then each packet carries both, which the client takes as the same said twice.
/// </summary>
internal sealed class TopicAliases(int most)
{
    private readonly Dictionary<string, SentAlias> byTopic = [];

    /// <summary>The topic's alias; null where it has none, because there are as many as may be or because the topic is no longer than an alias.</summary>
    public SentAlias? Find(string topic, int topicBytes)
    {
        if (byTopic.TryGetValue(topic, out SentAlias? known))
        {
            return known;
        }

        if (byTopic.Count >= most || topicBytes <= MqttWriter.TopicAliasBytes)
        {
            return null;
        }

        known = new SentAlias((ushort)(byTopic.Count + 1));
        byTopic.Add(topic, known);
        return known;
    }
}

/// <summary>One alias.</summary>
internal sealed class SentAlias(ushort number)
{
    public ushort Number { get; } = number;

    /// <summary>The client has been sent topic and alias together.</summary>
    public bool IsSent { get; set; }
}
