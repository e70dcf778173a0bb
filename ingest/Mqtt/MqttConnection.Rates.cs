using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>How fast this connection sends, and that it does not send faster than it may.</summary>
internal sealed partial class MqttConnection
{
    private const string LastRefusedPublish = "Publish";

    private SendingRate? rate;
    private long countedReadings;
    private long countedBytes;
    private long measuredMs;
    private long measuredReadings;
    private long measuredBytes;
    private double readingsPerSecond;
    private double bytesPerSecond;

    /// <summary>Counts what this pass brought; completes at once for whoever is within the rate, which is nearly everybody always.</summary>
    private ValueTask<MqttRefusal> PaceAsync()
    {
        long readings = publishes!.Readings;
        long bytes = received.Total;
        long delayMs = rate!.Take(readings - countedReadings, bytes - countedBytes, context.NowMs);
        (countedReadings, countedBytes) = (readings, bytes);
        return delayMs == 0 ? ValueTask.FromResult(MqttRefusal.None) : SlowDownAsync(delayMs);
    }

    /// <summary>Does not read for as long as it takes. In short waits, because other connections of the same user share the rate, and it may change.</summary>
    private async ValueTask<MqttRefusal> SlowDownAsync(long delayMs)
    {
        while (delayMs > 0)
        {
            MqttRefusal flood = rate!.JudgeFlood(context.NowMs);
            if (flood != MqttRefusal.None)
            {
                return flood;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(delayMs, MqttLimits.PauseMs)), context.Time, stopping.Token);
            delayMs = rate.Take(0, 0, context.NowMs);
        }

        return MqttRefusal.None;
    }

    /// <summary>About once a second: what was sent since, smoothed over some seconds. By the heartbeat alone; readers may see a moment-old figure.</summary>
    private void MeasureRates(long nowMs)
    {
        long readings = publishes?.Readings ?? 0;
        long bytes = received.Total;
        long passedMs = nowMs - measuredMs;
        if (passedMs > 0 && measuredMs > 0)
        {
            double share = Math.Min(1, passedMs / (double)MqttLimits.RateSmoothingMs);
            readingsPerSecond += share * (((readings - measuredReadings) * 1000.0 / passedMs) - readingsPerSecond);
            bytesPerSecond += share * (((bytes - measuredBytes) * 1000.0 / passedMs) - bytesPerSecond);
        }

        (measuredMs, measuredReadings, measuredBytes) = (nowMs, readings, bytes);
    }

    /// <summary>Leaves behind, for whoever asks about this user later, what was refused to it.</summary>
    private void RememberRefusal(MqttRefusal why, string detail)
    {
        string? user = client?.User ?? (named is not null && context.Access.Knows(named) ? named : null);
        if (user is null)
        {
            return;
        }

        if (why is not (MqttRefusal.None or MqttRefusal.ServerShuttingDown))
        {
            context.Clients.Remember(user, new LastRefusal(context.Time.GetUtcNow(), why.ToString(), detail, transport.Address, client?.ClientId), context.NowMs);
        }
        else if (publishes is { LastRefusal: { } refused } last)
        {
            context.Clients.Remember(user, new LastRefusal(last.LastRefusalAt, LastRefusedPublish, refused, transport.Address, client?.ClientId), context.NowMs);
        }
    }
}
