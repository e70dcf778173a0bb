using System.Text;

namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>CONNACK as a client reads it.</summary>
/// <param name="Code">MQTT 5 reason code or 3.1.1 return code; 0 is success.</param>
internal sealed record ConnAckPacket(bool SessionPresent, byte Code, ushort ReceiveMaximum, uint MaximumPacketBytes, uint? SessionExpirySeconds, ushort? ServerKeepAliveSeconds, string? AssignedClientId, string? Reason)
{
    /// <summary>MQTT 5.0 section 3.2, 3.1.1 section 3.2.</summary>
    public static MqttRefusal Read(ReadOnlySpan<byte> body, MqttVersion version, out ConnAckPacket? packet)
    {
        packet = null;
        MqttReader reader = new(body);
        if (!reader.TryReadByte(out byte flags) || !reader.TryReadByte(out byte code))
        {
            return MqttRefusal.Truncated;
        }

        PropertySet properties = default;
        if (version == MqttVersion.V5 && !reader.AtEnd)
        {
            MqttRefusal refusal = PropertySet.Read(ref reader, PropertyScope.ConnAck, out properties);
            if (refusal != MqttRefusal.None)
            {
                return refusal;
            }
        }

        packet = new ConnAckPacket(
            (flags & 1) != 0,
            code,
            properties.ReceiveMaximum ?? ushort.MaxValue,
            properties.MaximumPacketBytes ?? uint.MaxValue,
            properties.SessionExpirySeconds,
            properties.ServerKeepAliveSeconds,
            ServerPackets.Text(properties.AssignedClientIdentifier),
            ServerPackets.Text(properties.ReasonString));
        return MqttRefusal.None;
    }
}

/// <summary>The other packets that only a server sends, as a client reads them.</summary>
internal static class ServerPackets
{
    /// <summary>MQTT 5.0 sections 3.9 and 3.11, 3.1.1 sections 3.9 and 3.11: SUBACK and UNSUBACK; the latter has no codes in 3.1.1.</summary>
    public static MqttRefusal ReadFilterAck(ReadOnlySpan<byte> body, MqttVersion version, PropertyScope scope, out ushort packetId, out byte[] codes)
    {
        codes = [];
        MqttReader reader = new(body);
        if (!reader.TryReadUInt16(out packetId))
        {
            return MqttRefusal.Truncated;
        }

        if (version == MqttVersion.V5)
        {
            MqttRefusal refusal = PropertySet.Read(ref reader, scope, out _);
            if (refusal != MqttRefusal.None)
            {
                return refusal;
            }
        }

        codes = reader.Rest.ToArray();
        return MqttRefusal.None;
    }

    /// <summary>MQTT 5.0 sections 3.4 and 3.14: the reason string behind a reason code, where there is one.</summary>
    public static MqttRefusal ReadReason(ReadOnlySpan<byte> properties, PropertyScope scope, out string? reason)
    {
        reason = null;
        if (properties.IsEmpty)
        {
            return MqttRefusal.None;
        }

        MqttReader reader = new(properties);
        MqttRefusal refusal = PropertySet.Read(ref reader, scope, out PropertySet set);
        reason = Text(set.ReasonString);
        return refusal;
    }

    internal static string? Text(byte[]? utf8) => utf8 is null ? null : Encoding.UTF8.GetString(utf8);
}
