namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>Protocol level of the CONNECT packet.</summary>
internal enum MqttVersion : byte
{
    V311 = 4,
    V5 = 5,
}

/// <summary>MQTT control packet types (MQTT 5.0 and 3.1.1, section 2.1.2 / 2.2.1).</summary>
internal enum PacketType : byte
{
    Reserved = 0,
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,
    Auth = 15,
}
