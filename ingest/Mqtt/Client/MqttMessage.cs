namespace Streaming.Ingest.Mqtt.Client;

/// <summary>A message received on a subscription.</summary>
/// <param name="PacketId">0 at QoS 0.</param>
internal sealed record MqttMessage(string Topic, byte[] Payload, byte Qos, bool Dup, bool Retain, ushort PacketId);

/// <summary>Answer to one publish.</summary>
/// <param name="Code">MQTT 5 reason code; 0 for 3.1.1.</param>
/// <param name="Reason">Reason string, where one came.</param>
internal readonly record struct MqttAnswer(byte Code, string? Reason)
{
    public bool IsSuccess => Code < 0x80;
}

/// <summary>The connection was refused or has ended.</summary>
/// <param name="code">MQTT 5 reason code, or return code of a 3.1.1 CONNACK; 0 where none came.</param>
internal sealed class MqttDisconnectedException(string message, byte code, Exception? inner = null) : Exception(message, inner)
{
    public byte Code { get; } = code;
}
