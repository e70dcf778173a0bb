using System.Collections.Concurrent;
using Streaming.Grains.Inputs;
using Streaming.Ingest.Formats;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>What one pass over the receive buffer gathers: journal records, and the acknowledgements to send once they are durable.</summary>
internal sealed class PublishBatch
{
    public ByteWriter Records { get; } = new(64 * 1024);

    public ByteWriter Acks { get; } = new(4 * 1024);

    /// <summary>PUBACKs, PUBRECs, PUBRELs and PUBCOMPs in <see cref="Acks"/>.</summary>
    public int AckCount { get; set; }

    /// <summary>How many of them end an exchange that counts against Receive Maximum until they are sent.</summary>
    public int EndingCount { get; set; }

    /// <summary>What happened to the session's packet identifiers: becomes a record behind <see cref="Records"/>.</summary>
    public ByteWriter Marks { get; } = new(16);

    /// <summary>Properties of the message under way that are handed on.</summary>
    public ByteWriter Forwarded { get; } = new(16);

    /// <summary>Messages between clients among the publishes.</summary>
    public int Messages { get; set; }

    public int Publishes { get; set; }

    public long PayloadBytes { get; set; }

    public int Accepted { get; set; }

    public int Rejected { get; set; }

    /// <summary>When the batch was begun, in ms since 1970.</summary>
    public long NowMs { get; set; }

    /// <summary>Makes one record of a publish, decoded, and counts what became of it.</summary>
    public EncodeOutcome Encode(SourceContext source, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload) =>
        Counted(PublishEncoder.Encode(Records, source, topic, payload, NowMs), payload.Length);

    /// <summary>Makes one record of a publish that is quarantined as a whole, and counts it.</summary>
    public EncodeOutcome Quarantine(SourceContext source, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, RejectReason reason, string detail) =>
        Counted(PublishEncoder.Quarantine(Records, source, topic, payload, reason, detail), payload.Length);

    /// <summary>Makes one record of a message between clients, and counts it.</summary>
    public void Forward(ReadOnlySpan<byte> publisher, ReadOnlySpan<byte> topic, byte qos, bool retain, uint? expirySeconds, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> payload)
    {
        Forwarded.Clear();
        PropertySet.CopyForwarded(properties, Forwarded);
        MessageRecords.Write(Records, publisher, topic, qos, retain, expirySeconds is { } seconds ? NowMs + (seconds * 1000L) : null, Forwarded.Written, payload);
        Publishes++;
        Messages++;
        PayloadBytes += payload.Length;
    }

    private EncodeOutcome Counted(EncodeOutcome outcome, int payloadBytes)
    {
        Publishes++;
        PayloadBytes += payloadBytes;
        Accepted += outcome.Accepted;
        Rejected += outcome.Rejected;
        return outcome;
    }
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
        batch.EndingCount = 0;
        batch.Marks.Clear();
        batch.Forwarded.Clear();
        batch.Messages = 0;
        batch.Publishes = 0;
        batch.PayloadBytes = 0;
        batch.Accepted = 0;
        batch.Rejected = 0;
        Interlocked.Increment(ref count);
        free.Add(batch);
    }
}
