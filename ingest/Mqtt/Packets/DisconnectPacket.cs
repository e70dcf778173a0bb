namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>A DISCONNECT packet.</summary>
/// <param name="Reason">Reason code; 0 for 3.1.1.</param>
/// <param name="SessionExpirySeconds">New expiry of the session, where one is given.</param>
internal readonly record struct DisconnectPacket(byte Reason, uint? SessionExpirySeconds)
{
    /// <summary>MQTT 5.0 section 3.14, 3.1.1 section 3.14. Reason code and properties may be left out.</summary>
    public static MqttRefusal Read(FrameHeader header, ReadOnlySpan<byte> body, MqttVersion version, out DisconnectPacket packet)
    {
        packet = default;
        if (header.Flags != 0)
        {
            return MqttRefusal.FlagsReserved;
        }

        if (version == MqttVersion.V311)
        {
            return body.IsEmpty ? MqttRefusal.None : MqttRefusal.TrailingBytes;
        }

        MqttReader reader = new(body);
        if (!reader.TryReadByte(out byte reason))
        {
            return MqttRefusal.None;
        }

        PropertySet properties = default;
        if (!reader.AtEnd)
        {
            MqttRefusal refusal = PropertySet.Read(ref reader, PropertyScope.Disconnect, out properties);
            if (refusal != MqttRefusal.None)
            {
                return refusal;
            }
        }

        packet = new DisconnectPacket(reason, properties.SessionExpirySeconds);
        return reader.AtEnd ? MqttRefusal.None : MqttRefusal.TrailingBytes;
    }
}
