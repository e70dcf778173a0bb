using System.Diagnostics.Metrics;

namespace Streaming.Silo.Orleans;

/// <summary>What is counted of the events for Orleans streams.</summary>
internal sealed class WakeUpMetrics : IDisposable
{
    public const string MeterName = "Streaming.Orleans";

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> published;
    private readonly Counter<long> failed;
    private readonly Counter<long> dropped;

    public WakeUpMetrics()
    {
        published = meter.CreateCounter<long>("streaming_stream_events", description: "Events published to Orleans streams.");
        failed = meter.CreateCounter<long>("streaming_stream_events_failed", description: "Events that could not be published.");
        dropped = meter.CreateCounter<long>("streaming_stream_events_dropped", description: "Events dropped because too many waited.");
    }

    public void Published() => published.Add(1);

    public void Failed() => failed.Add(1);

    public void Dropped() => dropped.Add(1);

    public void Dispose() => meter.Dispose();
}
