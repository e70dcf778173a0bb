using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt.Doors;

/// <summary>The peer broke the protocol below MQTT: TLS or WebSocket.</summary>
internal sealed class TransportRefusedException(MqttRefusal refusal, string detail) : Exception(detail)
{
    public MqttRefusal Refusal => refusal;
}
