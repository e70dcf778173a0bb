using System.Text;

namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>What the client leaves to be published when its connection ends without a DISCONNECT.</summary>
internal sealed record Will(byte[] Topic, byte[] Payload, byte Qos, bool Retain)
{
    /// <summary>Properties of the message with their length, as they stood in the packet; empty in 3.1.1.</summary>
    public byte[] Properties { get; init; } = [];

    /// <summary>Seconds that it is worth sending; null for ever.</summary>
    public uint? MessageExpirySeconds { get; init; }

    /// <summary>Seconds between the end of the connection and the will.</summary>
    public uint DelaySeconds { get; init; }
}

/// <summary>A CONNECT packet.</summary>
internal sealed record ConnectPacket
{
    public required MqttVersion Version { get; init; }

    public required bool CleanStart { get; init; }

    /// <summary>Seconds; 0 means none.</summary>
    public required ushort KeepAliveSeconds { get; init; }

    /// <summary>Empty where the server is to choose.</summary>
    public required string ClientId { get; init; }

    public string? UserName { get; init; }

    public byte[]? Password { get; init; }

    public Will? Will { get; init; }

    /// <summary>Seconds the session outlives its connection; 0xFFFFFFFF for ever. For 3.1.1: for ever, unless Clean Session is set.</summary>
    public required uint SessionExpirySeconds { get; init; }

    /// <summary>QoS 1 and 2 packets that the client takes before it acknowledges.</summary>
    public required ushort ReceiveMaximum { get; init; }

    /// <summary>The largest packet that the client takes.</summary>
    public required uint MaximumPacketBytes { get; init; }

    /// <summary>Topic aliases that the client takes; 0 for none.</summary>
    public required ushort TopicAliasMaximum { get; init; }

    /// <summary>Whether reason strings may be in packets other than CONNACK and DISCONNECT.</summary>
    public required bool WantsReasons { get; init; }

    /// <summary>MQTT 5.0 section 3.1, 3.1.1 section 3.1.</summary>
    /// <param name="header">Fixed header.</param>
    /// <param name="body">What follows it.</param>
    /// <param name="version">Version to answer in, as soon as it is known; null where it is not, and the connection is closed without an answer.</param>
    /// <param name="packet">The packet, where nothing is refused.</param>
    public static MqttRefusal Read(FrameHeader header, ReadOnlySpan<byte> body, out MqttVersion? version, out ConnectPacket? packet)
    {
        packet = null;
        version = null;
        if (header.Flags != 0)
        {
            return MqttRefusal.FlagsReserved;
        }

        MqttReader reader = new(body);
        MqttRefusal refusal = ReadProtocol(ref reader, out version);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        if (!reader.TryReadByte(out byte flags) || !reader.TryReadUInt16(out ushort keepAlive))
        {
            return MqttRefusal.Truncated;
        }

        refusal = CheckFlags(flags, version!.Value);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        PropertySet properties = default;
        if (version == MqttVersion.V5)
        {
            refusal = PropertySet.Read(ref reader, PropertyScope.Connect, out properties);
            if (refusal != MqttRefusal.None)
            {
                return refusal;
            }
        }

        refusal = reader.ReadText(out ReadOnlySpan<byte> clientId);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        Will? will = null;
        if ((flags & 0x04) != 0)
        {
            refusal = ReadWill(ref reader, version.Value, flags, out will);
            if (refusal != MqttRefusal.None)
            {
                return refusal;
            }
        }

        refusal = ReadCredentials(ref reader, flags, out string? userName, out byte[]? password);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        if (!reader.AtEnd)
        {
            return MqttRefusal.TrailingBytes;
        }

        // These two are judged last: whatever else is wrong with the packet is the more useful answer.
        if (clientId.Length > MqttLimits.ClientIdBytes)
        {
            return MqttRefusal.ClientIdNotValid;
        }

        if (properties.Has(PropertySet.AuthenticationMethodId))
        {
            return MqttRefusal.AuthenticationMethodNotSupported;
        }

        bool clean = (flags & 0x02) != 0;
        packet = new ConnectPacket
        {
            Version = version.Value,
            CleanStart = clean,
            KeepAliveSeconds = keepAlive,
            ClientId = Encoding.UTF8.GetString(clientId),
            UserName = userName,
            Password = password,
            Will = will,
            SessionExpirySeconds = version == MqttVersion.V5 ? properties.SessionExpirySeconds ?? 0 : clean ? 0 : uint.MaxValue,
            ReceiveMaximum = properties.ReceiveMaximum ?? ushort.MaxValue,
            MaximumPacketBytes = properties.MaximumPacketBytes ?? uint.MaxValue,
            TopicAliasMaximum = properties.TopicAliasMaximum,
            WantsReasons = version == MqttVersion.V5 && properties.RequestProblemInformation is null or 1,
        };
        return MqttRefusal.None;
    }

    /// <summary>MQTT 5.0 sections 3.1.2.1 and 3.1.2.2: protocol name and level. A level above 5 is answered in the newest form we know, one below 4 in the oldest.</summary>
    private static MqttRefusal ReadProtocol(ref MqttReader reader, out MqttVersion? version)
    {
        version = null;
        MqttRefusal refusal = reader.ReadText(out ReadOnlySpan<byte> name);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        bool old = name.SequenceEqual("MQIsdp"u8);
        if (!old && !name.SequenceEqual("MQTT"u8))
        {
            return MqttRefusal.ProtocolUnknown;
        }

        if (!reader.TryReadByte(out byte level))
        {
            return MqttRefusal.Truncated;
        }

        version = old || level < (byte)MqttVersion.V5 ? MqttVersion.V311 : MqttVersion.V5;
        return !old && level == (byte)version ? MqttRefusal.None : MqttRefusal.VersionNotSupported;
    }

    /// <summary>MQTT 5.0 section 3.1.2.3 to 3.1.2.9. Only 3.1.1 forbids a password without a user name.</summary>
    private static MqttRefusal CheckFlags(byte flags, MqttVersion version)
    {
        bool will = (flags & 0x04) != 0;
        int willQos = (flags >> 3) & 0x03;
        bool willRetain = (flags & 0x20) != 0;
        bool password = (flags & 0x40) != 0;
        bool userName = (flags & 0x80) != 0;
        return (flags & 0x01) != 0 || willQos == 3 || (!will && (willQos != 0 || willRetain)) || (version == MqttVersion.V311 && password && !userName)
            ? MqttRefusal.ConnectFlagsInvalid
            : MqttRefusal.None;
    }

    /// <summary>MQTT 5.0 sections 3.1.3.2 to 3.1.3.4.</summary>
    private static MqttRefusal ReadWill(ref MqttReader reader, MqttVersion version, byte flags, out Will? will)
    {
        will = null;
        MqttRefusal refusal;
        PropertySet properties = default;
        ReadOnlySpan<byte> block = [];
        if (version == MqttVersion.V5)
        {
            ReadOnlySpan<byte> before = reader.Rest;
            refusal = PropertySet.Read(ref reader, PropertyScope.Will, out properties);
            if (refusal != MqttRefusal.None)
            {
                return refusal;
            }

            block = before[..(before.Length - reader.Rest.Length)];
        }

        refusal = reader.ReadText(out ReadOnlySpan<byte> topic);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        if (!TopicNames.IsName(topic))
        {
            return MqttRefusal.TopicNameInvalid;
        }

        if (!reader.TryReadBinary(out ReadOnlySpan<byte> payload))
        {
            return MqttRefusal.Truncated;
        }

        will = new Will(topic.ToArray(), payload.ToArray(), (byte)((flags >> 3) & 0x03), (flags & 0x20) != 0)
        {
            Properties = block.ToArray(),
            MessageExpirySeconds = properties.MessageExpirySeconds,
            DelaySeconds = properties.WillDelaySeconds,
        };
        return MqttRefusal.None;
    }

    /// <summary>MQTT 5.0 sections 3.1.3.5 and 3.1.3.6.</summary>
    private static MqttRefusal ReadCredentials(ref MqttReader reader, byte flags, out string? userName, out byte[]? password)
    {
        userName = null;
        password = null;
        if ((flags & 0x80) != 0)
        {
            MqttRefusal refusal = reader.ReadText(out ReadOnlySpan<byte> text);
            if (refusal != MqttRefusal.None)
            {
                return refusal;
            }

            if (text.Length > MqttLimits.UserNameBytes)
            {
                return MqttRefusal.CredentialsWrong;
            }

            userName = Encoding.UTF8.GetString(text);
        }

        if ((flags & 0x40) != 0)
        {
            if (!reader.TryReadBinary(out ReadOnlySpan<byte> bytes))
            {
                return MqttRefusal.Truncated;
            }

            if (bytes.Length > MqttLimits.PasswordBytes)
            {
                return MqttRefusal.CredentialsWrong;
            }

            password = bytes.ToArray();
        }

        return MqttRefusal.None;
    }
}
