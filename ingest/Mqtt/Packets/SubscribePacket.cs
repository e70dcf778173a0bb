using System.Text;
using Streaming.Grains.Messaging;

namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>One filter of a SUBSCRIBE.</summary>
/// <param name="Filter">As the client gave it.</param>
/// <param name="Qos">The highest QoS it takes.</param>
/// <param name="Refusal">Why this filter alone is refused, whoever asks; None where it is well formed.</param>
/// <param name="Options">All subscription options, as in the packet; in 3.1.1 the QoS alone.</param>
internal readonly record struct FilterRequest(string Filter, byte Qos, MqttRefusal Refusal, byte Options = 0)
{
    /// <summary>Section 3.8.3.1: nothing that the client itself published.</summary>
    public bool NoLocal => (Options & 0x04) != 0;

    /// <summary>Section 3.8.3.1: the retain flag stays as it was published.</summary>
    public bool RetainAsPublished => (Options & 0x08) != 0;

    /// <summary>Section 3.8.3.1: 0 to 2.</summary>
    public int RetainHandling => Options >> 4;
}

/// <summary>A SUBSCRIBE or UNSUBSCRIBE packet.</summary>
/// <param name="PacketId">Packet identifier.</param>
/// <param name="Filters">At least one.</param>
/// <param name="Identifier">Subscription identifier of all of them; 0 for none.</param>
internal sealed record SubscribePacket(ushort PacketId, FilterRequest[] Filters, int Identifier)
{
    /// <summary>MQTT 5.0 section 3.8, 3.1.1 section 3.8. A bad filter is answered in the SUBACK; anything else that is wrong ends the connection.</summary>
    public static MqttRefusal Read(FrameHeader header, ReadOnlySpan<byte> body, MqttVersion version, out SubscribePacket? packet) =>
        Read(header, body, version, withOptions: true, out packet);

    /// <summary>MQTT 5.0 section 3.10, 3.1.1 section 3.10.</summary>
    public static MqttRefusal ReadUnsubscribe(FrameHeader header, ReadOnlySpan<byte> body, MqttVersion version, out SubscribePacket? packet) =>
        Read(header, body, version, withOptions: false, out packet);

    private static MqttRefusal Read(FrameHeader header, ReadOnlySpan<byte> body, MqttVersion version, bool withOptions, out SubscribePacket? packet)
    {
        packet = null;
        if (header.Flags != 2)
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

        PropertySet properties = default;
        if (version == MqttVersion.V5)
        {
            MqttRefusal refusal = PropertySet.Read(ref reader, withOptions ? PropertyScope.Subscribe : PropertyScope.Unsubscribe, out properties);
            if (refusal != MqttRefusal.None)
            {
                return refusal;
            }
        }

        List<FilterRequest> filters = [];
        while (!reader.AtEnd)
        {
            if (filters.Count == MqttLimits.FiltersPerPacket)
            {
                return MqttRefusal.TooManySubscriptions;
            }

            MqttRefusal refusal = ReadFilter(ref reader, version, withOptions, out FilterRequest request);
            if (refusal != MqttRefusal.None)
            {
                return refusal;
            }

            filters.Add(request);
        }

        if (filters.Count == 0)
        {
            return MqttRefusal.FiltersMissing;
        }

        packet = new SubscribePacket(packetId, [.. filters], properties.SubscriptionIdentifier);
        return MqttRefusal.None;
    }

    /// <summary>MQTT 5.0 section 3.8.3 and 3.8.3.1: a filter and, in a SUBSCRIBE, its options; 3.1.1 section 3.8.3 knows only the QoS.</summary>
    private static MqttRefusal ReadFilter(ref MqttReader reader, MqttVersion version, bool withOptions, out FilterRequest request)
    {
        request = default;
        MqttRefusal refusal = reader.ReadText(out ReadOnlySpan<byte> filter);
        if (refusal != MqttRefusal.None)
        {
            return refusal;
        }

        byte options = 0;
        if (withOptions && !reader.TryReadByte(out options))
        {
            return MqttRefusal.Truncated;
        }

        int qos = options & 0x03;
        int retainHandling = (options >> 4) & 0x03;
        int reserved = version == MqttVersion.V5 ? options & 0xC0 : options & 0xFC;
        bool shared = filter.StartsWith("$share/"u8);
        bool sharedWithNoLocal = shared && version == MqttVersion.V5 && (options & 0x04) != 0;
        if (qos == 3 || reserved != 0 || retainHandling == 3 || sharedWithNoLocal)
        {
            return MqttRefusal.SubscriptionOptionsInvalid;
        }

        MqttRefusal own = !TopicNames.IsFilter(filter) ? MqttRefusal.TopicFilterInvalid
            : !shared ? MqttRefusal.None
            : !SharedFilter.TrySplit(Encoding.UTF8.GetString(filter), out _, out string inner) ? MqttRefusal.TopicFilterInvalid
            : TopicFilters.IsOwn(Encoding.UTF8.GetBytes(inner)) ? MqttRefusal.SharedSubscriptionNotSupported
            : MqttRefusal.None;
        request = new FilterRequest(Encoding.UTF8.GetString(filter), (byte)qos, own, options);
        return MqttRefusal.None;
    }
}
