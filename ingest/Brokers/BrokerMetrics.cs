using System.Diagnostics.Metrics;
using Streaming.Ingest.Mqtt;

namespace Streaming.Ingest.Brokers;

/// <summary>Counters of the subscriptions to outside brokers, under the meter <c>Streaming.Brokers</c>, each by the broker's name.</summary>
internal sealed class BrokerMetrics : IDisposable
{
    private readonly Meter meter = new("Streaming.Brokers");
    private readonly KeyValuePair<string, object?> name;
    private readonly Counter<long> messages;
    private readonly Counter<long> payloadBytes;
    private readonly Counter<long> accepted;
    private readonly Counter<long> quarantined;
    private readonly Counter<long> acknowledged;

    /// <param name="broker">The broker's name.</param>
    /// <param name="connected">Whether it is subscribed to now.</param>
    /// <param name="inFlight">Messages taken and not yet acknowledged.</param>
    /// <param name="attempts">Attempts to connect since the start.</param>
    public BrokerMetrics(string broker, Func<bool> connected, Func<long> inFlight, Func<long> attempts)
    {
        name = new("broker", broker);
        meter.CreateObservableGauge("brokers.connected", () => new Measurement<int>(connected() ? 1 : 0, name), description: "1 while the broker is subscribed to.");
        meter.CreateObservableGauge("brokers.inflight", () => new Measurement<long>(inFlight(), name), "{message}", "Messages taken and not yet acknowledged.");
        messages = meter.CreateCounter<long>("brokers.messages", "{message}", "Messages taken into the journal.");
        payloadBytes = meter.CreateCounter<long>("brokers.messages.bytes", "By", "Payload of the messages taken.");
        accepted = meter.CreateCounter<long>("brokers.readings.accepted", "{reading}", "Readings decoded.");
        quarantined = meter.CreateCounter<long>("brokers.readings.quarantined", "{reading}", "Readings, and payloads as a whole, that were quarantined.");
        acknowledged = meter.CreateCounter<long>("brokers.acknowledgements", "{message}", "Messages acknowledged to the broker, each once it was durable.");
        meter.CreateObservableCounter("brokers.attempts", () => new Measurement<long>(attempts(), name), "{attempt}", "Attempts to connect.");
    }

    public void Acknowledged(int count) => acknowledged.Add(count, name);

    public void Count(PublishBatch batch)
    {
        messages.Add(batch.Publishes, name);
        payloadBytes.Add(batch.PayloadBytes, name);
        accepted.Add(batch.Accepted, name);
        quarantined.Add(batch.Rejected, name);
    }

    public void Dispose() => meter.Dispose();
}
