namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>A PUBLISH packet: a view of the received bytes, so that reading one allocates nothing.</summary>
internal ref struct PublishPacket
{
    public byte Qos { get; private set; }

    public bool Dup { get; private set; }

    public bool Retain { get; private set; }

    /// <summary>0 at QoS 0.</summary>
    public ushort PacketId { get; private set; }

    /// <summary>Not yet checked to be a name: most topics were seen before, and what was checked then need not be again. Empty where an alias stands for it.</summary>
    public ReadOnlySpan<byte> Topic { get; private set; }

    /// <summary>0 where there is none.</summary>
    public ushort TopicAlias { get; private set; }

    /// <summary>0 where there is none. Only a server sends one.</summary>
    public int SubscriptionIdentifier { get; private set; }

    /// <summary>Seconds that the message is worth sending; null for ever.</summary>
    public uint? MessageExpirySeconds { get; private set; }

    /// <summary>All properties with their length, as they stand in the packet; empty in 3.1.1.</summary>
    public ReadOnlySpan<byte> Properties { get; private set; }

    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>MQTT 5.0 section 3.3, 3.1.1 section 3.3.</summary>
    public static MqttRefusal Read(FrameHeader header, ReadOnlySpan<byte> body, MqttVersion version, out PublishPacket packet)
    {
        MqttRefusal refusal = ReadFromServer(header, body, version, out packet);

        // MQTT 5.0 section 3.3.4: only a server puts a subscription identifier into a PUBLISH.
        return refusal == MqttRefusal.None && packet.SubscriptionIdentifier != 0 ? MqttRefusal.PropertyNotAllowed : refusal;
    }

    /// <summary>The same, as a client reads it.</summary>
    public static MqttRefusal ReadFromServer(FrameHeader header, ReadOnlySpan<byte> body, MqttVersion version, out PublishPacket packet)
    {
        packet = default;
        packet.Qos = (byte)((header.Flags >> 1) & 0x03);
        packet.Dup = (header.Flags & 0x08) != 0;
        packet.Retain = (header.Flags & 0x01) != 0;
        if (packet.Qos == 3)
        {
            return MqttRefusal.QosInvalid;
        }

        if (packet.Dup && packet.Qos == 0)
        {
            return MqttRefusal.DupWithoutQos;
        }

        MqttReader reader = new(body);
        if (!reader.TryReadBinary(out ReadOnlySpan<byte> topic))
        {
            return MqttRefusal.Truncated;
        }

        packet.Topic = topic;
        if (packet.Qos > 0)
        {
            if (!reader.TryReadUInt16(out ushort packetId))
            {
                return MqttRefusal.Truncated;
            }

            if (packetId == 0)
            {
                return MqttRefusal.PacketIdZero;
            }

            packet.PacketId = packetId;
        }

        if (version == MqttVersion.V5)
        {
            ReadOnlySpan<byte> before = reader.Rest;
            MqttRefusal refusal = PropertySet.Read(ref reader, PropertyScope.Publish, out PropertySet properties);
            if (refusal != MqttRefusal.None)
            {
                return refusal;
            }

            packet.TopicAlias = properties.TopicAlias;
            packet.SubscriptionIdentifier = properties.SubscriptionIdentifier;
            packet.MessageExpirySeconds = properties.MessageExpirySeconds;
            packet.Properties = before[..(before.Length - reader.Rest.Length)];
        }

        packet.Payload = reader.Rest;
        return MqttRefusal.None;
    }
}
