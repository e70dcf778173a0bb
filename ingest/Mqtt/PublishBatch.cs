using System.Collections.Concurrent;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>What one pass over the receive buffer gathers: journal records, and the acknowledgements to send once they are durable.</summary>
internal sealed class PublishBatch
{
    public ByteWriter Records { get; } = new(64 * 1024);

    public ByteWriter Acks { get; } = new(4 * 1024);

    public int AckCount { get; set; }

    public int Publishes { get; set; }

    public long PayloadBytes { get; set; }

    public int Accepted { get; set; }

    public int Rejected { get; set; }

    /// <summary>When the batch was begun, in ms since 1970.</summary>
    public long NowMs { get; set; }
}

/// <summary>Batches for reuse: a connection holds one only while it works on received bytes.</summary>
internal sealed class PublishBatchPool
{
    private readonly ConcurrentBag<PublishBatch> free = [];
    private int count;

    public PublishBatch Rent(long nowMs)
    {
        if (free.TryTake(out PublishBatch? batch))
        {
            Interlocked.Decrement(ref count);
        }
        else
        {
            batch = new PublishBatch();
        }

        batch.NowMs = nowMs;
        return batch;
    }

    public void Return(PublishBatch batch)
    {
        if (batch.Records.Length > MqttLimits.PooledBatchBytes || Volatile.Read(ref count) >= MqttLimits.PooledBatches)
        {
            return;
        }

        batch.Records.Clear();
        batch.Acks.Clear();
        batch.AckCount = 0;
        batch.Publishes = 0;
        batch.PayloadBytes = 0;
        batch.Accepted = 0;
        batch.Rejected = 0;
        Interlocked.Increment(ref count);
        free.Add(batch);
    }
}
