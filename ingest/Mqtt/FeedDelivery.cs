namespace Streaming.Ingest.Mqtt;

/// <summary>One subscription to a feed, or the session's queue, and how far it has come. Guarded by the lock of <see cref="FeedDeliveries"/>.</summary>
internal sealed class FeedDelivery(string filter, string feed, IDeliverySource source, byte qos, int identifier, long from, CancellationTokenSource cancellation)
{
    public string Filter { get; } = filter;

    public string Feed { get; } = feed;

    public IDeliverySource Source { get; } = source;

    /// <summary>Of a feed's items. A repeated SUBSCRIBE may change it.</summary>
    public byte Qos { get; set; } = qos;

    /// <summary>Subscription identifier; 0 for none. A repeated SUBSCRIBE may change it.</summary>
    public int Identifier { get; set; } = identifier;

    /// <summary>Number after which the subscription began.</summary>
    public long From { get; } = from;

    /// <summary>Everything up to here was sent at QoS 0, passed over, or given an identifier.</summary>
    public long Passed { get; set; } = from;

    /// <summary>What of that the session knows: numbers with an identifier are marked before they are sent, the others stored about once a second.</summary>
    public long Stored { get; set; } = from;

    public CancellationTokenSource Cancellation { get; } = cancellation;

    public Task Running { get; set; } = Task.CompletedTask;
}
