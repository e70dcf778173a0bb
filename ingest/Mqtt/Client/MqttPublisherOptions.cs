using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt.Client;

/// <summary>How a <see cref="MqttPublisher"/> connects.</summary>
internal sealed record MqttPublisherOptions
{
    /// <summary>QoS 1 publishes that may be unacknowledged before publishing waits, 1 to 65,534; the server's Receive Maximum may lower it.</summary>
    public int Window { get; init; } = 1024;

    /// <summary>Bytes that may wait to be sent before publishing waits.</summary>
    public int BufferedBytes { get; init; } = 1024 * 1024;

    /// <summary>Deliveries that may wait to be read before no more are received.</summary>
    public int BufferedMessages { get; init; } = 1024;

    /// <summary>Seconds; 0 for none. A ping is sent after half of it.</summary>
    public ushort KeepAliveSeconds { get; init; } = 60;

    /// <summary>Clean Start, or Clean Session of 3.1.1.</summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>MQTT 5: seconds that the session outlives the connection.</summary>
    public uint SessionExpirySeconds { get; init; }

    public Will? Will { get; init; }

    /// <summary>Whether deliveries are acknowledged as they come; otherwise <see cref="MqttPublisher.Acknowledge"/> does it.</summary>
    public bool AcknowledgesDeliveries { get; init; } = true;

    /// <summary>
    /// Whether acknowledgements must come in the order of the publishes (MQTT 5.0 section 4.6 promises it). A load generator that sends the same encoded packets again and again turns it off.
    /// </summary>
    public bool ChecksOrder { get; init; } = true;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
