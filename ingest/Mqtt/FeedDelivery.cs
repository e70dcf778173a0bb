namespace Streaming.Ingest.Mqtt;

/// <summary>
/// One subscription to a feed: how far it was sent and how far acknowledged. Numbers are acknowledged in any order; what counts is the highest below which nothing is missing, because
/// that alone is stored. Guarded by the lock of <see cref="FeedDeliveries"/>.
/// </summary>
internal sealed class FeedDelivery(string filter, string feed, byte qos, long from, CancellationTokenSource cancellation)
{
    private readonly Queue<long> outstanding = new();
    private readonly HashSet<long> early = [];

    public string Filter { get; } = filter;

    public string Feed { get; } = feed;

    /// <summary>A repeated SUBSCRIBE may change it.</summary>
    public byte Qos { get; set; } = qos;

    /// <summary>Number after which the subscription began.</summary>
    public long From { get; } = from;

    /// <summary>Everything up to here was acknowledged.</summary>
    public long Acknowledged { get; private set; } = from;

    /// <summary>What of that is stored.</summary>
    public long Stored { get; set; } = from;

    public CancellationTokenSource Cancellation { get; } = cancellation;

    public Task Running { get; set; } = Task.CompletedTask;

    public void Sent(long number) => outstanding.Enqueue(number);

    public void Acknowledge(long number)
    {
        early.Add(number);
        while (outstanding.TryPeek(out long next) && early.Remove(next))
        {
            outstanding.Dequeue();
            Acknowledged = next;
        }
    }
}
