namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP: they have one layout.</summary>
internal readonly record struct AckPacket(ushort PacketId, byte Reason)
{
    /// <summary>MQTT 5.0 sections 3.4 to 3.7, 3.1.1 sections 3.4 to 3.7. Reason code and properties may be left out.</summary>
    public static MqttRefusal Read(FrameHeader header, ReadOnlySpan<byte> body, MqttVersion version, out AckPacket packet)
    {
        packet = default;
        if (header.Flags != (header.Type == PacketType.PubRel ? 2 : 0))
        {
            return MqttRefusal.FlagsReserved;
        }

        MqttReader reader = new(body);
        if (!reader.TryReadUInt16(out ushort packetId))
        {
            return MqttRefusal.Truncated;
        }

        if (packetId == 0)
        {
            return MqttRefusal.PacketIdZero;
        }

        byte reason = 0;
        if (version == MqttVersion.V5 && !reader.AtEnd)
        {
            reader.TryReadByte(out reason);
            if (!IsKnown(header.Type, reason))
            {
                return MqttRefusal.ReasonCodeInvalid;
            }

            if (!reader.AtEnd)
            {
                MqttRefusal refusal = PropertySet.Read(ref reader, PropertyScope.PubAck, out _);
                if (refusal != MqttRefusal.None)
                {
                    return refusal;
                }
            }
        }

        packet = new AckPacket(packetId, reason);
        return reader.AtEnd ? MqttRefusal.None : MqttRefusal.TrailingBytes;
    }

    /// <summary>MQTT 5.0 sections 3.4.2.1 and 3.5.2.1 (PUBACK, PUBREC), 3.6.2.1 and 3.7.2.1 (PUBREL, PUBCOMP).</summary>
    private static bool IsKnown(PacketType type, byte reason) => type is PacketType.PubRel or PacketType.PubComp
        ? reason is ReasonCode.Success or ReasonCode.PacketIdentifierNotFound
        : reason is ReasonCode.Success or ReasonCode.NoMatchingSubscribers or ReasonCode.UnspecifiedError or ReasonCode.ImplementationSpecificError or ReasonCode.NotAuthorized
            or ReasonCode.TopicNameInvalid or ReasonCode.PacketIdentifierInUse or ReasonCode.QuotaExceeded or ReasonCode.PayloadFormatInvalid;
}
