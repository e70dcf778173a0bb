using System.Buffers.Binary;
using System.Text;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>What the CONNACK of an MQTT 5 connection says beyond its code.</summary>
internal sealed record ConnAckProperties
{
    public uint? SessionExpirySeconds { get; init; }

    public string? AssignedClientId { get; init; }

    public ushort? ServerKeepAliveSeconds { get; init; }
}

/// <summary>Writes whole packets; each method names the section it follows.</summary>
internal static class MqttWriter
{
    /// <summary>What a topic alias takes in a PUBLISH.</summary>
    public const int TopicAliasBytes = 3;

    /// <summary>MQTT 5.0 section 3.2, 3.1.1 section 3.2: the connection is accepted.</summary>
    public static void WriteConnAck(ByteWriter writer, MqttVersion version, bool sessionPresent, ConnAckProperties properties)
    {
        if (version == MqttVersion.V311)
        {
            writer.WriteRaw([0x20, 2, sessionPresent ? (byte)1 : (byte)0, 0]);
            return;
        }

        byte[] assigned = Encoding.UTF8.GetBytes(properties.AssignedClientId ?? "");
        Span<byte> block = stackalloc byte[64 + MqttLimits.ClientIdBytes];
        PropertyWriter fields = new(block);
        if (properties.SessionExpirySeconds is uint expiry)
        {
            fields.Add(PropertySet.SessionExpiryIntervalId, expiry);
        }

        fields.Add(PropertySet.ReceiveMaximumId, (ushort)MqttLimits.PublishesInFlight);
        fields.Add(PropertySet.MaximumPacketSizeId, (uint)MqttLimits.PacketBytes);
        if (assigned.Length > 0)
        {
            fields.Add(PropertySet.AssignedClientIdentifierId, assigned);
        }

        fields.Add(PropertySet.TopicAliasMaximumId, (ushort)MqttLimits.TopicAliases);
        if (properties.ServerKeepAliveSeconds is ushort keepAlive)
        {
            fields.Add(PropertySet.ServerKeepAliveId, keepAlive);
        }

        Begin(writer, PacketType.ConnAck, 0, 2 + VariableBytes(fields.Length) + fields.Length);
        writer.WriteByte(sessionPresent ? (byte)1 : (byte)0);
        writer.WriteByte(ReasonCode.Success);
        WriteVariable(writer, fields.Length);
        writer.WriteRaw(block[..fields.Length]);
    }

    /// <summary>MQTT 5.0 section 3.2, 3.1.1 section 3.2: the connection is refused. False where nothing was written because 3.1.1 has no code for it.</summary>
    public static bool WriteConnectRefused(ByteWriter writer, MqttVersion version, MqttRefusal refusal)
    {
        if (version == MqttVersion.V5)
        {
            byte[] reason = ReasonText(refusal.Describe());
            int properties = 3 + reason.Length;
            Begin(writer, PacketType.ConnAck, 0, 2 + VariableBytes(properties) + properties);
            writer.WriteByte(0);
            writer.WriteByte(refusal.Code());
            WriteReason(writer, reason);
            return true;
        }

        if (refusal.ReturnCode311() is byte code)
        {
            writer.WriteRaw([0x20, 2, 0, code]);
            return true;
        }

        return false;
    }

    /// <summary>
    /// MQTT 5.0 sections 3.4 to 3.7, 3.1.1 sections 3.4 to 3.7: PUBACK, PUBREC, PUBREL or PUBCOMP, which have one layout. A success without a reason string is four bytes in either version.
    /// </summary>
    public static void WriteAck(ByteWriter writer, PacketType type, MqttVersion version, ushort packetId, byte code = ReasonCode.Success, string? reason = null)
    {
        int flags = type == PacketType.PubRel ? 2 : 0;
        if (version == MqttVersion.V311 || (code == ReasonCode.Success && reason is null))
        {
            Span<byte> packet = writer.Take(4);
            packet[0] = (byte)(((int)type << 4) | flags);
            packet[1] = 2;
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], packetId);
            return;
        }

        if (reason is null)
        {
            Begin(writer, type, flags, 3);
            WriteUInt16(writer, packetId);
            writer.WriteByte(code);
            return;
        }

        byte[] text = ReasonText(reason);
        int properties = 3 + text.Length;
        Begin(writer, type, flags, 3 + VariableBytes(properties) + properties);
        WriteUInt16(writer, packetId);
        writer.WriteByte(code);
        WriteReason(writer, text);
    }

    /// <summary>MQTT 5.0 sections 3.9 and 3.11, 3.1.1 section 3.9: SUBACK or UNSUBACK with one code a filter.</summary>
    public static void WriteFilterAck(ByteWriter writer, PacketType type, MqttVersion version, ushort packetId, ReadOnlySpan<byte> codes)
    {
        int properties = version == MqttVersion.V5 ? 1 : 0;
        Begin(writer, type, 0, 2 + properties + codes.Length);
        WriteUInt16(writer, packetId);
        if (version == MqttVersion.V5)
        {
            writer.WriteByte(0);
        }

        writer.WriteRaw(codes);
    }

    /// <summary>MQTT 3.1.1 section 3.11: an UNSUBACK without codes.</summary>
    public static void WriteUnsubAck311(ByteWriter writer, ushort packetId)
    {
        Begin(writer, PacketType.UnsubAck, 0, 2);
        WriteUInt16(writer, packetId);
    }

    /// <summary>Length of a PUBLISH.</summary>
    /// <param name="version">The connection's.</param>
    /// <param name="qos">0 to 2.</param>
    /// <param name="topicBytes">Length of the topic; 0 where an alias stands for it.</param>
    /// <param name="payloadBytes">Length of the payload.</param>
    /// <param name="encodedBytes">Length of the properties, all but the alias.</param>
    /// <param name="withAlias">Whether it carries an alias.</param>
    public static long PublishBytes(MqttVersion version, byte qos, int topicBytes, int payloadBytes, int encodedBytes = 0, bool withAlias = false)
    {
        int properties = encodedBytes + (withAlias ? TopicAliasBytes : 0);
        long remaining = 2L + topicBytes + (qos > 0 ? 2 : 0) + (version == MqttVersion.V5 ? VariableBytes(properties) + properties : 0) + payloadBytes;
        return 1 + VariableBytes((int)remaining) + remaining;
    }

    /// <summary>MQTT 5.0 section 3.3.2.3.8: a subscription identifier as a property; nothing where it is 0.</summary>
    public static void WriteSubscriptionIdentifier(ByteWriter properties, int identifier)
    {
        if (identifier != 0)
        {
            properties.WriteByte(PropertySet.SubscriptionIdentifierId);
            WriteVariable(properties, identifier);
        }
    }

    /// <summary>MQTT 5.0 section 3.3.2.3.3: the seconds that are left of a message's life as a property.</summary>
    public static void WriteMessageExpiry(ByteWriter properties, uint seconds)
    {
        properties.WriteByte(PropertySet.MessageExpiryIntervalId);
        BinaryPrimitives.WriteUInt32BigEndian(properties.Take(4), seconds);
    }

    /// <summary>MQTT 5.0 section 3.3, 3.1.1 section 3.3.</summary>
    /// <param name="topic">Empty where the alias stands for it.</param>
    /// <param name="encoded">The properties, all but the alias and the length. MQTT 5 only.</param>
    /// <param name="alias">Topic alias (section 3.3.2.3.4); 0 for none. MQTT 5 only.</param>
    public static void WritePublish(
        ByteWriter writer,
        MqttVersion version,
        byte qos,
        bool dup,
        bool retain,
        ushort packetId,
        ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> encoded = default,
        ushort alias = 0)
    {
        int flags = (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
        int properties = encoded.Length + (alias != 0 ? TopicAliasBytes : 0);
        Begin(writer, PacketType.Publish, flags, 2 + topic.Length + (qos > 0 ? 2 : 0) + (version == MqttVersion.V5 ? VariableBytes(properties) + properties : 0) + payload.Length);
        WriteBinary(writer, topic);
        if (qos > 0)
        {
            WriteUInt16(writer, packetId);
        }

        if (version == MqttVersion.V5)
        {
            WriteVariable(writer, properties);
            writer.WriteRaw(encoded);
            if (alias != 0)
            {
                writer.WriteByte(PropertySet.TopicAliasId);
                WriteUInt16(writer, alias);
            }
        }

        writer.WriteRaw(payload);
    }

    /// <summary>MQTT 5.0 section 3.12.</summary>
    public static void WritePingReq(ByteWriter writer) => writer.WriteRaw([0xC0, 0]);

    /// <summary>MQTT 5.0 section 3.14: a server's DISCONNECT; 3.1.1 has none.</summary>
    public static void WriteDisconnect(ByteWriter writer, byte code, string? reason)
    {
        if (reason is null)
        {
            Begin(writer, PacketType.Disconnect, 0, 1);
            writer.WriteByte(code);
            return;
        }

        byte[] text = ReasonText(reason);
        int properties = 3 + text.Length;
        Begin(writer, PacketType.Disconnect, 0, 1 + VariableBytes(properties) + properties);
        writer.WriteByte(code);
        WriteReason(writer, text);
    }

    /// <summary>MQTT 3.1.1 section 3.14, and the shortest form of MQTT 5.0 section 3.14: a client's normal DISCONNECT.</summary>
    public static void WriteDisconnect(ByteWriter writer) => writer.WriteRaw([0xE0, 0]);

    /// <summary>MQTT 5.0 section 3.1, 3.1.1 section 3.1.</summary>
    public static void WriteConnect(
        ByteWriter writer, MqttVersion version, string clientId, bool cleanStart, ushort keepAliveSeconds, uint sessionExpirySeconds, string? userName, ReadOnlySpan<byte> password, Will? will)
    {
        Span<byte> block = stackalloc byte[16];
        PropertyWriter fields = new(block);
        if (sessionExpirySeconds != 0)
        {
            fields.Add(PropertySet.SessionExpiryIntervalId, sessionExpirySeconds);
        }

        ByteWriter body = new();
        WriteBinary(body, "MQTT"u8);
        body.WriteByte((byte)version);
        body.WriteByte((byte)((userName is null ? 0 : 0xC0) | (will is null ? 0 : 0x04 | (will.Qos << 3)) | (will is { Retain: true } ? 0x20 : 0) | (cleanStart ? 2 : 0)));
        WriteUInt16(body, keepAliveSeconds);
        if (version == MqttVersion.V5)
        {
            WriteVariable(body, fields.Length);
            body.WriteRaw(block[..fields.Length]);
        }

        WriteText(body, clientId);
        if (will is not null)
        {
            if (version == MqttVersion.V5)
            {
                body.WriteByte(0);
            }

            WriteBinary(body, will.Topic);
            WriteBinary(body, will.Payload);
        }

        if (userName is not null)
        {
            WriteText(body, userName);
            WriteBinary(body, password);
        }

        Begin(writer, PacketType.Connect, 0, body.Length);
        writer.WriteRaw(body.Written);
    }

    /// <summary>MQTT 5.0 section 3.8, 3.1.1 section 3.8: one filter.</summary>
    /// <param name="options">The QoS; in MQTT 5 with the other subscription options (section 3.8.3.1).</param>
    /// <param name="identifier">Subscription identifier (section 3.8.2.1.2); 0 for none. MQTT 5 only.</param>
    public static void WriteSubscribe(ByteWriter writer, MqttVersion version, ushort packetId, string filter, byte options, int identifier = 0)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(filter);
        ByteWriter properties = new(8);
        WriteSubscriptionIdentifier(properties, identifier);
        Begin(writer, PacketType.Subscribe, 2, 2 + (version == MqttVersion.V5 ? 1 + properties.Length : 0) + 2 + bytes.Length + 1);
        WriteUInt16(writer, packetId);
        if (version == MqttVersion.V5)
        {
            WriteVariable(writer, properties.Length);
            writer.WriteRaw(properties.Written);
        }

        WriteBinary(writer, bytes);
        writer.WriteByte(options);
    }

    /// <summary>MQTT 5.0 section 3.10, 3.1.1 section 3.10: one filter.</summary>
    public static void WriteUnsubscribe(ByteWriter writer, MqttVersion version, ushort packetId, string filter)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(filter);
        Begin(writer, PacketType.Unsubscribe, 2, 2 + (version == MqttVersion.V5 ? 1 : 0) + 2 + bytes.Length);
        WriteUInt16(writer, packetId);
        if (version == MqttVersion.V5)
        {
            writer.WriteByte(0);
        }

        WriteBinary(writer, bytes);
    }

    private static void Begin(ByteWriter writer, PacketType type, int flags, int remaining)
    {
        writer.WriteByte((byte)(((int)type << 4) | flags));
        WriteVariable(writer, remaining);
    }

    private static void WriteUInt16(ByteWriter writer, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(writer.Take(2), value);

    // A variable byte integer is LEB128, which the writer knows; that it stays below four bytes is for the caller to see to.
    private static void WriteVariable(ByteWriter writer, int value) => writer.WriteVar((uint)value);

    private static int VariableBytes(int value) => value switch
    {
        < 128 => 1,
        < 16_384 => 2,
        < 2_097_152 => 3,
        _ => 4,
    };

    private static void WriteBinary(ByteWriter writer, ReadOnlySpan<byte> bytes)
    {
        WriteUInt16(writer, checked((ushort)bytes.Length));
        writer.WriteRaw(bytes);
    }

    private static void WriteText(ByteWriter writer, string text) => WriteBinary(writer, Encoding.UTF8.GetBytes(text));

    private static void WriteReason(ByteWriter writer, byte[] text)
    {
        WriteVariable(writer, 3 + text.Length);
        writer.WriteByte(PropertySet.ReasonStringId);
        WriteBinary(writer, text);
    }

    /// <summary>Text cut to <see cref="MqttLimits.ReasonStringBytes"/> between characters, and without U+0000, which no MQTT text may have.</summary>
    private static byte[] ReasonText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text.Replace('\0', ' '));
        if (bytes.Length <= MqttLimits.ReasonStringBytes)
        {
            return bytes;
        }

        int end = MqttLimits.ReasonStringBytes;
        while ((bytes[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return bytes[..end];
    }

    /// <summary>Properties in a buffer of the caller's, because their length stands before them.</summary>
    private ref struct PropertyWriter(Span<byte> buffer)
    {
        private readonly Span<byte> buffer = buffer;

        public int Length { get; private set; }

        public void Add(byte id, byte value)
        {
            buffer[Length++] = id;
            buffer[Length++] = value;
        }

        public void Add(byte id, ushort value)
        {
            buffer[Length++] = id;
            BinaryPrimitives.WriteUInt16BigEndian(buffer[Length..], value);
            Length += 2;
        }

        public void Add(byte id, uint value)
        {
            buffer[Length++] = id;
            BinaryPrimitives.WriteUInt32BigEndian(buffer[Length..], value);
            Length += 4;
        }

        public void Add(byte id, ReadOnlySpan<byte> text)
        {
            Add(id, (ushort)text.Length);
            text.CopyTo(buffer[Length..]);
            Length += text.Length;
        }
    }
}
