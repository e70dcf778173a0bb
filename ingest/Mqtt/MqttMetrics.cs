using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>Counters of the endpoint, under the meter <c>Streaming.Mqtt</c>.</summary>
internal sealed class MqttMetrics : IDisposable
{
    private readonly Meter meter = new("Streaming.Mqtt");
    private readonly ConcurrentDictionary<MqttRefusal, long> refusals = new();
    private readonly Counter<long> refused;
    private readonly Counter<long> publishes;
    private readonly Counter<long> payloadBytes;
    private readonly Counter<long> accepted;
    private readonly Counter<long> quarantined;
    private readonly Counter<long> batches;

    public MqttMetrics(Func<int> connections)
    {
        meter.CreateObservableGauge("mqtt.connections", connections, "{connection}", "Connections open, those in the handshake included.");
        Opened = meter.CreateCounter<long>("mqtt.connections.opened", "{connection}", "Connections accepted.");
        refused = meter.CreateCounter<long>("mqtt.refusals", "{refusal}", "Packets and connections refused, by name.");
        publishes = meter.CreateCounter<long>("mqtt.publishes", "{packet}", "PUBLISH packets taken into the journal.");
        payloadBytes = meter.CreateCounter<long>("mqtt.publishes.bytes", "By", "Payload of the PUBLISH packets taken.");
        accepted = meter.CreateCounter<long>("mqtt.readings.accepted", "{reading}", "Readings decoded.");
        quarantined = meter.CreateCounter<long>("mqtt.readings.quarantined", "{reading}", "Readings, and payloads as a whole, that were quarantined.");
        batches = meter.CreateCounter<long>("mqtt.batches", "{batch}", "Appends to the journal.");
        Acknowledged = meter.CreateCounter<long>("mqtt.acknowledgements", "{packet}", "PUBACK packets sent.");
        Delivered = meter.CreateCounter<long>("mqtt.deliveries", "{packet}", "Feed items sent to subscribers.");
    }

    public Counter<long> Opened { get; }

    public Counter<long> Acknowledged { get; }

    public Counter<long> Delivered { get; }

    /// <summary>How often each refusal was met since the start.</summary>
    public IReadOnlyDictionary<MqttRefusal, long> Refusals => refusals;

    public void Refuse(MqttRefusal refusal)
    {
        refusals.AddOrUpdate(refusal, 1, static (_, count) => count + 1);
        refused.Add(1, new KeyValuePair<string, object?>("refusal", refusal.ToString()));
    }

    public void Count(PublishBatch batch)
    {
        publishes.Add(batch.Publishes);
        payloadBytes.Add(batch.PayloadBytes);
        accepted.Add(batch.Accepted);
        quarantined.Add(batch.Rejected);
        batches.Add(1);
    }

    public void Dispose() => meter.Dispose();
}
