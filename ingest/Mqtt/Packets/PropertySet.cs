using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>Where a property may stand.</summary>
[Flags]
internal enum PropertyScope : ushort
{
    None = 0,
    Connect = 1,
    Will = 2,
    ConnAck = 4,
    Publish = 8,
    PubAck = 16,
    Subscribe = 32,
    SubAck = 64,
    Unsubscribe = 128,
    UnsubAck = 256,
    Disconnect = 512,
    Auth = 1024,
    All = 2047,
}

/// <summary>The properties of one MQTT 5 packet, as far as they are used; the others are checked and passed over.</summary>
internal struct PropertySet
{
    public const byte PayloadFormatIndicatorId = 0x01;
    public const byte MessageExpiryIntervalId = 0x02;
    public const byte ContentTypeId = 0x03;
    public const byte ResponseTopicId = 0x08;
    public const byte CorrelationDataId = 0x09;
    public const byte SubscriptionIdentifierId = 0x0B;
    public const byte SessionExpiryIntervalId = 0x11;
    public const byte AssignedClientIdentifierId = 0x12;
    public const byte ServerKeepAliveId = 0x13;
    public const byte AuthenticationMethodId = 0x15;
    public const byte AuthenticationDataId = 0x16;
    public const byte RequestProblemInformationId = 0x17;
    public const byte WillDelayIntervalId = 0x18;
    public const byte RequestResponseInformationId = 0x19;
    public const byte ResponseInformationId = 0x1A;
    public const byte ServerReferenceId = 0x1C;
    public const byte ReasonStringId = 0x1F;
    public const byte ReceiveMaximumId = 0x21;
    public const byte TopicAliasMaximumId = 0x22;
    public const byte TopicAliasId = 0x23;
    public const byte MaximumQosId = 0x24;
    public const byte RetainAvailableId = 0x25;
    public const byte UserPropertyId = 0x26;
    public const byte MaximumPacketSizeId = 0x27;
    public const byte WildcardSubscriptionAvailableId = 0x28;
    public const byte SubscriptionIdentifierAvailableId = 0x29;
    public const byte SharedSubscriptionAvailableId = 0x2A;

    private ulong seen;

    /// <summary>Seconds; 0xFFFFFFFF means for ever. Null where not given.</summary>
    public uint? SessionExpirySeconds { get; private set; }

    /// <summary>Seconds that a message is worth sending; null where not given, which means for ever.</summary>
    public uint? MessageExpirySeconds { get; private set; }

    /// <summary>Seconds between the end of the connection and its will; 0 where not given, which means the same.</summary>
    public uint WillDelaySeconds { get; private set; }

    public ushort? ReceiveMaximum { get; private set; }

    public uint? MaximumPacketBytes { get; private set; }

    public ushort? ServerKeepAliveSeconds { get; private set; }

    public byte? MaximumQos { get; private set; }

    /// <summary>0 where not given: the value itself is never 0.</summary>
    public ushort TopicAlias { get; private set; }

    /// <summary>0 where not given, which means the same.</summary>
    public ushort TopicAliasMaximum { get; private set; }

    /// <summary>0 where not given: the value itself is never 0.</summary>
    public int SubscriptionIdentifier { get; private set; }

    /// <summary>Null where not given, which means that reason strings are welcome.</summary>
    public byte? RequestProblemInformation { get; private set; }

    /// <summary>UTF-8; null where not given.</summary>
    public byte[]? AssignedClientIdentifier { get; private set; }

    /// <summary>UTF-8; null where not given.</summary>
    public byte[]? ReasonString { get; private set; }

    public readonly bool Has(byte id) => (seen & (1UL << id)) != 0;

    /// <summary>MQTT 5.0 section 2.2.2: a length, then properties; each known, allowed where it stands, and there once (user properties excepted).</summary>
    public static MqttRefusal Read(scoped ref MqttReader packet, PropertyScope scope, out PropertySet properties)
    {
        properties = default;
        MqttRefusal refusal = packet.ReadVariable(out int length);
        if (refusal != MqttRefusal.None || length == 0)
        {
            return refusal;
        }

        if (length > packet.Rest.Length)
        {
            return MqttRefusal.Truncated;
        }

        MqttReader reader = new(packet.Take(length));
        for (int count = 0; !reader.AtEnd; count++)
        {
            if (count == MqttLimits.Properties)
            {
                return MqttRefusal.TooManyProperties;
            }

            refusal = properties.ReadOne(ref reader, scope);
            if (refusal != MqttRefusal.None)
            {
                return refusal;
            }
        }

        return properties.Has(AuthenticationDataId) && !properties.Has(AuthenticationMethodId) ? MqttRefusal.PropertyNotAllowed : MqttRefusal.None;
    }

    /// <summary>
    /// MQTT 5.0 section 3.3.2.3: copies what of a PUBLISH's or will's properties a receiver gets as it came: Payload Format Indicator, Content Type, Response Topic, Correlation Data and User Properties in their order.
    /// The properties were read without a refusal before.
    /// </summary>
    /// <param name="properties">With their length; empty for none.</param>
    /// <param name="forwarded">Gets them, without a length.</param>
    public static void CopyForwarded(ReadOnlySpan<byte> properties, ByteWriter forwarded)
    {
        if (properties.IsEmpty)
        {
            return;
        }

        MqttReader packet = new(properties);
        packet.ReadVariable(out int length);
        ReadOnlySpan<byte> block = packet.Take(length);
        MqttReader reader = new(block);
        while (!reader.AtEnd)
        {
            ReadOnlySpan<byte> from = reader.Rest;
            reader.ReadVariable(out int id);
            switch (id)
            {
                case PayloadFormatIndicatorId:
                    reader.TryReadByte(out _);
                    break;
                case MessageExpiryIntervalId or WillDelayIntervalId:
                    reader.TryReadUInt32(out _);
                    continue;
                case TopicAliasId:
                    reader.TryReadUInt16(out _);
                    continue;
                case UserPropertyId:
                    ReadPair(ref reader);
                    break;
                default:
                    reader.TryReadBinary(out _);
                    break;
            }

            forwarded.WriteRaw(from[..(from.Length - reader.Rest.Length)]);
        }
    }

    /// <summary>MQTT 5.0 section 2.2.2.2, table 2-4: which packets a property may be in; None where there is no such property.</summary>
    private static PropertyScope ScopeOf(int id) => id switch
    {
        PayloadFormatIndicatorId or MessageExpiryIntervalId or ContentTypeId or ResponseTopicId or CorrelationDataId => PropertyScope.Publish | PropertyScope.Will,
        SubscriptionIdentifierId => PropertyScope.Publish | PropertyScope.Subscribe,
        SessionExpiryIntervalId => PropertyScope.Connect | PropertyScope.ConnAck | PropertyScope.Disconnect,
        AuthenticationMethodId or AuthenticationDataId => PropertyScope.Connect | PropertyScope.ConnAck | PropertyScope.Auth,
        RequestProblemInformationId or RequestResponseInformationId => PropertyScope.Connect,
        WillDelayIntervalId => PropertyScope.Will,
        ServerReferenceId => PropertyScope.ConnAck | PropertyScope.Disconnect,
        ReasonStringId => PropertyScope.ConnAck | PropertyScope.PubAck | PropertyScope.SubAck | PropertyScope.UnsubAck | PropertyScope.Disconnect | PropertyScope.Auth,
        ReceiveMaximumId or TopicAliasMaximumId or MaximumPacketSizeId => PropertyScope.Connect | PropertyScope.ConnAck,
        TopicAliasId => PropertyScope.Publish,
        UserPropertyId => PropertyScope.All,
        AssignedClientIdentifierId or ServerKeepAliveId or ResponseInformationId or MaximumQosId or RetainAvailableId or WildcardSubscriptionAvailableId
            or SubscriptionIdentifierAvailableId or SharedSubscriptionAvailableId => PropertyScope.ConnAck,
        _ => PropertyScope.None,
    };

    private MqttRefusal ReadOne(scoped ref MqttReader reader, PropertyScope scope)
    {
        MqttRefusal refusal = reader.ReadVariable(out int id);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        PropertyScope allowed = ScopeOf(id);
        if (allowed == PropertyScope.None)
        {
            return MqttRefusal.PropertyUnknown;
        }

        if ((allowed & scope) == 0)
        {
            return MqttRefusal.PropertyNotAllowed;
        }

        if (Has((byte)id) && id != UserPropertyId)
        {
            return MqttRefusal.PropertyRepeated;
        }

        seen |= 1UL << id;
        return id switch
        {
            PayloadFormatIndicatorId or RequestProblemInformationId or RequestResponseInformationId or MaximumQosId or RetainAvailableId
                or WildcardSubscriptionAvailableId or SubscriptionIdentifierAvailableId or SharedSubscriptionAvailableId => ReadFlag(ref reader, id),
            ServerKeepAliveId or ReceiveMaximumId or TopicAliasMaximumId or TopicAliasId => ReadShort(ref reader, id),
            MessageExpiryIntervalId or SessionExpiryIntervalId or WillDelayIntervalId or MaximumPacketSizeId => ReadInteger(ref reader, id),
            SubscriptionIdentifierId => ReadSubscriptionIdentifier(ref reader),
            CorrelationDataId or AuthenticationDataId => reader.TryReadBinary(out _) ? MqttRefusal.None : MqttRefusal.Truncated,
            UserPropertyId => ReadPair(ref reader),
            _ => ReadText(ref reader, id),
        };
    }

    private MqttRefusal ReadFlag(scoped ref MqttReader reader, int id)
    {
        if (!reader.TryReadByte(out byte value))
        {
            return MqttRefusal.Truncated;
        }

        if (value > 1)
        {
            return MqttRefusal.PropertyOutOfRange;
        }

        if (id == RequestProblemInformationId)
        {
            RequestProblemInformation = value;
        }
        else if (id == MaximumQosId)
        {
            MaximumQos = value;
        }

        return MqttRefusal.None;
    }

    private MqttRefusal ReadShort(scoped ref MqttReader reader, int id)
    {
        if (!reader.TryReadUInt16(out ushort value))
        {
            return MqttRefusal.Truncated;
        }

        switch (id)
        {
            case ReceiveMaximumId when value == 0:
                return MqttRefusal.PropertyOutOfRange;
            case TopicAliasId when value == 0:
                return MqttRefusal.TopicAliasInvalid;
            case ReceiveMaximumId:
                ReceiveMaximum = value;
                break;
            case TopicAliasId:
                TopicAlias = value;
                break;
            case TopicAliasMaximumId:
                TopicAliasMaximum = value;
                break;
            case ServerKeepAliveId:
                ServerKeepAliveSeconds = value;
                break;
        }

        return MqttRefusal.None;
    }

    private MqttRefusal ReadInteger(scoped ref MqttReader reader, int id)
    {
        if (!reader.TryReadUInt32(out uint value))
        {
            return MqttRefusal.Truncated;
        }

        switch (id)
        {
            case MaximumPacketSizeId when value == 0:
                return MqttRefusal.PropertyOutOfRange;
            case MaximumPacketSizeId:
                MaximumPacketBytes = value;
                break;
            case SessionExpiryIntervalId:
                SessionExpirySeconds = value;
                break;
            case MessageExpiryIntervalId:
                MessageExpirySeconds = value;
                break;
            case WillDelayIntervalId:
                WillDelaySeconds = value;
                break;
        }

        return MqttRefusal.None;
    }

    private MqttRefusal ReadSubscriptionIdentifier(scoped ref MqttReader reader)
    {
        MqttRefusal refusal = reader.ReadVariable(out int value);
        SubscriptionIdentifier = value;
        return refusal == MqttRefusal.None && value == 0 ? MqttRefusal.PropertyOutOfRange : refusal;
    }

    private static MqttRefusal ReadPair(scoped ref MqttReader reader)
    {
        MqttRefusal refusal = reader.ReadText(out _);
        return refusal != MqttRefusal.None ? refusal : reader.ReadText(out _);
    }

    private MqttRefusal ReadText(scoped ref MqttReader reader, int id)
    {
        MqttRefusal refusal = reader.ReadText(out ReadOnlySpan<byte> text);
        if (id == AssignedClientIdentifierId)
        {
            AssignedClientIdentifier = text.ToArray();
        }
        else if (id == ReasonStringId)
        {
            ReasonString = text.ToArray();
        }

        return refusal;
    }
}
