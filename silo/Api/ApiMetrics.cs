using System.Diagnostics.Metrics;
using Streaming.Silo.Access;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>What the HTTP interface counts.</summary>
internal sealed class ApiMetrics : IDisposable
{
    private readonly Meter meter = new("Streaming.Api");
    private readonly Counter<long> events;
    private readonly Counter<long> refusals;
    private int streams;

    public ApiMetrics(AccessBook access)
    {
        events = meter.CreateCounter<long>("streaming_api_events", description: "Events sent on live streams.");
        refusals = meter.CreateCounter<long>("streaming_api_streams_refused", description: "Live streams refused because too many were open.");
        meter.CreateObservableGauge("streaming_api_streams", () => Volatile.Read(ref streams), description: "Live streams open.");
        meter.CreateObservableGauge("streaming_access_devices", () => access.Devices, description: "Registered devices.");
        meter.CreateObservableGauge("streaming_access_tokens", () => access.Tokens, description: "Issued tokens.");
        meter.CreateObservableCounter("streaming_access_slow_checks", () => access.Passwords.SlowChecks, description: "Passwords checked with the slow hash.");
    }

    public void Sent(int count) => events.Add(count);

    /// <summary>False where there are too many streams already.</summary>
    public bool TryOpenStream()
    {
        if (Interlocked.Increment(ref streams) <= ApiLimits.LiveStreams)
        {
            return true;
        }

        Interlocked.Decrement(ref streams);
        refusals.Add(1);
        return false;
    }

    public void CloseStream() => Interlocked.Decrement(ref streams);

    public void Dispose() => meter.Dispose();
}
