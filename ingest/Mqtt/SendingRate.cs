using Streaming.Grains.Messages;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// How much one user may send over all of its connections: so many readings and bytes a second for long, and <see cref="MqttLimits.BurstSeconds"/> of that at once. What is beyond it is not dropped; the connection is
/// read from more slowly, as while the journal is behind. Who keeps up the pressure for <see cref="MqttLimits.FloodMs"/> is disconnected.
/// </summary>
/// <remarks>Asked once a pass over the receive buffer, which is thousands of publishes on a fast connection. It belongs to the user and not to the connection, so reconnecting gives nothing new.</remarks>
internal sealed class SendingRate(long nowMs)
{
    private readonly Lock gate = new();
    private Leak readings = new(MqttLimits.ReadingsPerSecond);
    private Leak bytes = new(MqttLimits.BytesPerSecond);
    private long leakedMs = nowMs;
    private long slowedSinceMs = -1;

    /// <summary>Takes over what the registration says.</summary>
    public void Allow(SourceRegistration? registration)
    {
        lock (gate)
        {
            readings.PerSecond = registration?.ReadingsPerSecond ?? MqttLimits.ReadingsPerSecond;
            bytes.PerSecond = registration?.BytesPerSecond ?? MqttLimits.BytesPerSecond;
        }
    }

    /// <summary>Counts what came.</summary>
    /// <returns>Milliseconds to wait before more is read; 0 where more may come at once.</returns>
    public long Take(long moreReadings, long moreBytes, long nowMs)
    {
        lock (gate)
        {
            long passedMs = nowMs - leakedMs;
            leakedMs = nowMs;
            readings.Pass(passedMs, moreReadings);
            bytes.Pass(passedMs, moreBytes);
            long delayMs = Math.Max(readings.DelayMs, bytes.DelayMs);
            if (delayMs > 0)
            {
                slowedSinceMs = slowedSinceMs < 0 ? nowMs : slowedSinceMs;
            }
            else if (readings.IsRelaxed && bytes.IsRelaxed)
            {
                slowedSinceMs = -1;
            }

            return delayMs;
        }
    }

    /// <summary>Why the connection is to end; None while the pressure has not lasted for long. Once it has, it may last as long again: a backlog gets through at the rate that is allowed, with reconnects.</summary>
    public MqttRefusal JudgeFlood(long nowMs)
    {
        lock (gate)
        {
            if (slowedSinceMs < 0 || nowMs - slowedSinceMs <= MqttLimits.FloodMs)
            {
                return MqttRefusal.None;
            }

            slowedSinceMs = -1;
            return readings.DelayMs >= bytes.DelayMs ? MqttRefusal.MessageRateTooHigh : MqttRefusal.ByteRateTooHigh;
        }
    }

    /// <summary>A bucket that leaks at the rate allowed and holds a burst.</summary>
    private struct Leak(double perSecond)
    {
        private double level;

        public double PerSecond { get; set; } = perSecond;

        /// <summary>True while half of the burst is free: the pressure is gone.</summary>
        public readonly bool IsRelaxed => level <= Burst / 2;

        /// <summary>Until the level is down to the burst.</summary>
        public readonly long DelayMs => level <= Burst ? 0 : (long)Math.Ceiling((level - Burst) * 1000 / PerSecond);

        private readonly double Burst => PerSecond * MqttLimits.BurstSeconds;

        public void Pass(long passedMs, long more) => level = Math.Max(0, level - (passedMs * PerSecond / 1000)) + more;
    }
}
