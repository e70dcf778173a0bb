using System.Text;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;
using Xunit;

namespace Streaming.Tests.Mqtt;

public sealed class PacketReadingTests
{
    private static readonly Will Offline = new("v1/status/S07"u8.ToArray(), "{}"u8.ToArray(), 1, Retain: true);

    /// <summary>Good packets of all kinds that a client sends, each with the version it is for.</summary>
    private static (string Name, byte Version, byte[] Packet)[] GoodPackets() =>
    [
        ("connect 3.1.1", 4, RawPeer.Write(w => MqttWriter.WriteConnect(w, MqttVersion.V311, "id", false, 60, 0, "S07", "p"u8, Offline))),
        ("connect 5", 5, RawPeer.Write(w => MqttWriter.WriteConnect(w, MqttVersion.V5, "id", true, 60, 30, "S07", "p"u8, Offline))),
        ("connect 5 with properties", 5, RawPeer.Packet(0x10, [0, 4, .. "MQTT"u8, 5, 0xC2, 0, 10, 18, 0x11, 0, 0, 0, 9, 0x21, 0, 20, 0x27, 0, 0, 1, 0, 0x17, 0, 0x22, 0, 0, 0, 1, (byte)'c', 0, 1, (byte)'u', 0, 1, (byte)'p'])),
        ("publish QoS 0", 4, RawPeer.Publish(MqttVersion.V311, 0, "v1/wim/S07/2", "{}"u8, 0)),
        ("publish QoS 1", 4, RawPeer.Publish(MqttVersion.V311, 7, "v1/wim/S07/2", [], 1)),
        ("publish 5", 5, RawPeer.Publish(MqttVersion.V5, 7, "v1/wim/S07/2", [], 1)),
        ("publish 5 with properties", 5, RawPeer.Packet(0x32, [0, 1, (byte)'t', 0, 7, 26, 0x01, 1, 0x02, 0, 0, 0, 5, 0x03, 0, 1, (byte)'j', 0x08, 0, 1, (byte)'r', 0x09, 0, 0, 0x23, 0, 3, 0x26, 0, 0, 0, 0])),
        ("puback 3.1.1", 4, RawPeer.Packet(0x40, 0, 7)),
        ("publish QoS 2", 5, RawPeer.Publish(MqttVersion.V5, 7, "v1/wim/S07/2", [], 2)),
        ("pubrec 3.1.1", 4, RawPeer.Packet(0x50, 0, 7)),
        ("pubrel 3.1.1", 4, RawPeer.Packet(0x62, 0, 7)),
        ("pubcomp 3.1.1", 4, RawPeer.Packet(0x70, 0, 7)),
        ("pubrec 5", 5, RawPeer.Packet(0x50, 0, 7, 0x97, 12, 0x1F, 0, 2, (byte)'n', (byte)'o', 0x26, 0, 1, (byte)'k', 0, 1, (byte)'v')),
        ("pubrel 5", 5, RawPeer.Packet(0x62, 0, 7, 0x92, 5, 0x1F, 0, 2, (byte)'n', (byte)'o')),
        ("pubcomp 5", 5, RawPeer.Packet(0x70, 0, 7, 0x92, 5, 0x1F, 0, 2, (byte)'n', (byte)'o')),
        ("subscribe 3.1.1", 4, RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V311, 3, "v1/departments/transport/+/alerts", 1))),
        ("subscribe 5", 5, RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 3, "v1/departments/transport/+/alerts", 1))),
        ("subscribe 5 with an identifier and options", 5, RawPeer.Write(w => MqttWriter.WriteSubscribe(w, MqttVersion.V5, 3, "a/+", 0x2E, 300))),
        ("unsubscribe 3.1.1", 4, RawPeer.Write(w => MqttWriter.WriteUnsubscribe(w, MqttVersion.V311, 3, "a/b"))),
        ("unsubscribe 5", 5, RawPeer.Write(w => MqttWriter.WriteUnsubscribe(w, MqttVersion.V5, 3, "a/b"))),
        ("disconnect 5", 5, RawPeer.Packet(0xE0, 4, 10, 0x11, 0, 0, 0, 5, 0x1F, 0, 2, (byte)'o', (byte)'k')),
    ];

    public static TheoryData<string> Names() => [.. GoodPackets().Select(packet => packet.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_good_packet_is_read(string name)
    {
        (_, byte version, byte[] packet) = GoodPackets().Single(each => each.Name == name);

        Assert.Equal(MqttRefusal.None, FrameHeader.Read(packet, MqttLimits.PacketBytes, out FrameHeader header));
        Assert.Equal(packet.Length, header.TotalBytes);
        Assert.Equal(MqttRefusal.None, Read(header, packet.AsSpan(header.HeaderBytes), (MqttVersion)version));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_packet_that_has_not_all_come_in_is_incomplete_at_every_length(string name)
    {
        byte[] packet = GoodPackets().Single(each => each.Name == name).Packet;
        for (int length = 0; length < packet.Length; length++)
        {
            Assert.Equal(MqttRefusal.None, FrameHeader.Read(packet.AsSpan(0, length), MqttLimits.PacketBytes, out FrameHeader header));
            Assert.True(!header.IsComplete || length < header.TotalBytes, $"{name} of {packet.Length} bytes seemed complete at {length}");
        }
    }

    /// <summary>A peer that says a shorter length than its fields have. A payload may be any length, so a PUBLISH is cut within its fields only.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_packet_whose_fields_reach_past_its_end_is_refused_at_every_length(string name)
    {
        (_, byte version, byte[] packet) = GoodPackets().Single(each => each.Name == name);
        FrameHeader.Read(packet, MqttLimits.PacketBytes, out FrameHeader header);
        byte[] body = packet[header.HeaderBytes..];
        int end = name == "publish QoS 0" ? body.Length - 2 : body.Length;
        for (int length = 0; length < end; length++)
        {
            if ((name == "disconnect 5" && length <= 1) || (name is "pubrec 5" or "pubrel 5" or "pubcomp 5" && length is 2 or 3))
            {
                // Reason code and properties may be left out.
                continue;
            }

            MqttRefusal refusal = Read(header with { Remaining = length }, body.AsSpan(0, length), (MqttVersion)version);
            Assert.True(refusal is MqttRefusal.Truncated or MqttRefusal.FiltersMissing, $"{name} cut to {length} bytes of {body.Length}: {refusal}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_packet_with_any_byte_changed_is_read_or_refused_and_never_throws(string name)
    {
        (_, byte version, byte[] packet) = GoodPackets().Single(each => each.Name == name);
        FrameHeader.Read(packet, MqttLimits.PacketBytes, out FrameHeader header);
        for (int i = header.HeaderBytes; i < packet.Length; i++)
        {
            byte original = packet[i];
            for (int value = 0; value < 256; value++)
            {
                packet[i] = (byte)value;
                MqttRefusal refusal = Read(header, packet.AsSpan(header.HeaderBytes), (MqttVersion)version);
                Assert.NotEqual("", refusal == MqttRefusal.None ? "read" : refusal.Describe());
            }

            packet[i] = original;
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0xFF }, MqttRefusal.RemainingLengthMalformed)]
    [InlineData(new byte[] { 0x30, 0x80, 0x80, 0x80, 0x80, 0x01 }, MqttRefusal.RemainingLengthMalformed)]
    [InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0x7F }, MqttRefusal.PacketTooLarge)]
    [InlineData(new byte[] { 0x30, 0xE4, 0x00 }, MqttRefusal.PacketTooLarge)]
    public void A_length_is_judged_from_the_header_alone(byte[] bytes, object refusal)
    {
        Assert.Equal(refusal, FrameHeader.Read(bytes, 102, out FrameHeader header));
        Assert.False(header.IsComplete);
    }

    [Fact]
    public void The_largest_packet_that_is_taken_is_exactly_that_large()
    {
        Assert.Equal(MqttRefusal.None, FrameHeader.Read([0x30, 100], 102, out FrameHeader header));
        Assert.Equal(102, header.TotalBytes);
        Assert.Equal(MqttRefusal.PacketTooLarge, FrameHeader.Read([0x30, 101], 102, out _));
    }

    [Theory]
    [InlineData(0x36, new byte[] { 0, 1, 0x61, 0, 7 }, MqttRefusal.QosInvalid)]
    [InlineData(0x38, new byte[] { 0, 1, 0x61 }, MqttRefusal.DupWithoutQos)]
    [InlineData(0x32, new byte[] { 0, 1, 0x61, 0, 0, 0 }, MqttRefusal.PacketIdZero)]
    [InlineData(0x30, new byte[] { 0, 1, 0x61, 2, 0x7F, 0 }, MqttRefusal.PropertyUnknown)]
    [InlineData(0x30, new byte[] { 0, 1, 0x61, 3, 0x21, 0, 1 }, MqttRefusal.PropertyNotAllowed)]
    [InlineData(0x30, new byte[] { 0, 1, 0x61, 4, 0x01, 1, 0x01, 1 }, MqttRefusal.PropertyRepeated)]
    [InlineData(0x30, new byte[] { 0, 1, 0x61, 2, 0x01, 2 }, MqttRefusal.PropertyOutOfRange)]
    [InlineData(0x30, new byte[] { 0, 1, 0x61, 3, 0x23, 0, 0 }, MqttRefusal.TopicAliasInvalid)]
    [InlineData(0x30, new byte[] { 0, 1, 0x61, 2, 0x0B, 5 }, MqttRefusal.PropertyNotAllowed)]
    [InlineData(0x30, new byte[] { 0, 1, 0x61, 6, 0x26, 0, 1, 0xFF, 0, 0 }, MqttRefusal.TextNotUtf8)]
    [InlineData(0x30, new byte[] { 0, 1, 0x61, 6, 0x26, 0, 1, 0x00, 0, 0 }, MqttRefusal.TextHasNul)]
    [InlineData(0x30, new byte[] { 0, 1, 0x61, 0x80, 0x00 }, MqttRefusal.VariableIntegerMalformed)]
    [InlineData(0x80, new byte[] { 0, 1, 0, 0, 1, 0x61, 1 }, MqttRefusal.FlagsReserved)]
    [InlineData(0x82, new byte[] { 0, 0, 0, 0, 1, 0x61, 1 }, MqttRefusal.PacketIdZero)]
    [InlineData(0x82, new byte[] { 0, 1, 0, 0, 1, 0x61, 3 }, MqttRefusal.SubscriptionOptionsInvalid)]
    [InlineData(0x82, new byte[] { 0, 1, 0, 0, 1, 0x61, 0x31 }, MqttRefusal.SubscriptionOptionsInvalid)]
    [InlineData(0x82, new byte[] { 0, 1, 0, 0, 1, 0x61, 0x41 }, MqttRefusal.SubscriptionOptionsInvalid)]
    [InlineData(0x82, new byte[] { 0, 1, 0 }, MqttRefusal.FiltersMissing)]
    [InlineData(0x82, new byte[] { 0, 1, 2, 0x0B, 0, 0, 1, 0x61, 1 }, MqttRefusal.PropertyOutOfRange)]
    [InlineData(0x40, new byte[] { 0, 0 }, MqttRefusal.PacketIdZero)]
    [InlineData(0x40, new byte[] { 0, 1, 0, 0, 9 }, MqttRefusal.TrailingBytes)]
    [InlineData(0x41, new byte[] { 0, 1 }, MqttRefusal.FlagsReserved)]
    [InlineData(0xE1, new byte[] { }, MqttRefusal.FlagsReserved)]
    [InlineData(0x10, new byte[] { 0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x03, 0, 0, 0, 0, 0 }, MqttRefusal.ConnectFlagsInvalid)]
    [InlineData(0x10, new byte[] { 0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x0A, 0, 0, 0, 0, 0 }, MqttRefusal.ConnectFlagsInvalid)]
    [InlineData(0x10, new byte[] { 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 0x42, 0, 0, 0, 0, 0, 0 }, MqttRefusal.ConnectFlagsInvalid)]
    [InlineData(0x10, new byte[] { 0, 4, 0x4D, 0x51, 0x54, 0x54, 6, 0x02, 0, 0, 0, 0, 0 }, MqttRefusal.VersionNotSupported)]
    [InlineData(0x10, new byte[] { 0, 6, 0x4D, 0x51, 0x49, 0x73, 0x64, 0x70, 3, 2, 0, 0, 0, 0 }, MqttRefusal.VersionNotSupported)]
    [InlineData(0x10, new byte[] { 0, 4, 0x48, 0x54, 0x54, 0x50, 5, 2, 0, 0, 0, 0, 0 }, MqttRefusal.ProtocolUnknown)]
    [InlineData(0x10, new byte[] { 0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x02, 0, 0, 4, 0x15, 0, 1, 0x78, 0, 0 }, MqttRefusal.AuthenticationMethodNotSupported)]
    [InlineData(0x10, new byte[] { 0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x02, 0, 0, 3, 0x16, 0, 0, 0, 0 }, MqttRefusal.PropertyNotAllowed)]
    [InlineData(0x10, new byte[] { 0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x02, 0, 0, 3, 0x21, 0, 0, 0, 0 }, MqttRefusal.PropertyOutOfRange)]
    [InlineData(0x40, new byte[] { 0, 1, 0x92 }, MqttRefusal.ReasonCodeInvalid)]
    [InlineData(0x50, new byte[] { 0, 1, 0x92 }, MqttRefusal.ReasonCodeInvalid)]
    [InlineData(0x50, new byte[] { 0, 0 }, MqttRefusal.PacketIdZero)]
    [InlineData(0x52, new byte[] { 0, 1 }, MqttRefusal.FlagsReserved)]
    [InlineData(0x60, new byte[] { 0, 1 }, MqttRefusal.FlagsReserved)]
    [InlineData(0x62, new byte[] { 0, 0 }, MqttRefusal.PacketIdZero)]
    [InlineData(0x62, new byte[] { 0, 1, 0x10 }, MqttRefusal.ReasonCodeInvalid)]
    [InlineData(0x70, new byte[] { 0, 1, 0x80 }, MqttRefusal.ReasonCodeInvalid)]
    [InlineData(0x70, new byte[] { 0, 1, 0, 3, 0x21, 0, 1 }, MqttRefusal.PropertyNotAllowed)]
    [InlineData(0x70, new byte[] { 0, 1, 0x92, 0, 9 }, MqttRefusal.TrailingBytes)]
    [InlineData(0x10, new byte[] { 0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x02, 0, 0, 0, 0, 0, 9 }, MqttRefusal.TrailingBytes)]
    public void What_MQTT_5_forbids_is_refused_by_name(byte first, byte[] body, object refusal) =>
        Assert.Equal(refusal, Read(new FrameHeader(first, body.Length, 2), body, MqttVersion.V5));

    [Fact]
    public void More_properties_than_are_taken_are_refused()
    {
        ByteWriter body = new();
        body.WriteRaw([0, 1, (byte)'t']);
        body.WriteVar((MqttLimits.Properties + 1) * 5);
        for (int i = 0; i <= MqttLimits.Properties; i++)
        {
            body.WriteRaw([0x26, 0, 0, 0, 0]);
        }

        Assert.Equal(MqttRefusal.TooManyProperties, Read(new FrameHeader(0x30, body.Length, 3), body.Written, MqttVersion.V5));
    }

    [Fact]
    public void More_filters_than_are_taken_are_refused()
    {
        byte[] body = [0, 1, 0, .. Enumerable.Repeat(new byte[] { 0, 1, (byte)'a', 0 }, MqttLimits.FiltersPerPacket + 1).SelectMany(filter => filter)];

        Assert.Equal(MqttRefusal.TooManySubscriptions, Read(new FrameHeader(0x82, body.Length, 3), body, MqttVersion.V5));
    }

    [Fact]
    public void What_the_writer_writes_the_reader_reads()
    {
        byte[] packet = RawPeer.Write(w => MqttWriter.WriteConnect(w, MqttVersion.V5, "客户", false, 77, 3600, "S07", "geheim"u8, Offline));
        FrameHeader.Read(packet, MqttLimits.ConnectBytes, out FrameHeader header);
        ConnectPacket.Read(header, packet.AsSpan(header.HeaderBytes), out _, out ConnectPacket? connect);

        Assert.Equal(("客户", false, 77, 3600u, "S07"), (connect!.ClientId, connect.CleanStart, connect.KeepAliveSeconds, connect.SessionExpirySeconds, connect.UserName));
        Assert.Equal("geheim"u8.ToArray(), connect.Password);
        Assert.Equal(Offline.Topic, connect.Will!.Topic);
        Assert.Equal(Offline.Payload, connect.Will.Payload);
        Assert.True(connect.Will.Retain);
    }

    /// <summary>The examples of MQTT 5.0 and 3.1.1 in bytes: sections 3.4 to 3.7 (figures 3-10 to 3-18), 3.3 (figure 3-8 and 3.3.2.3), 3.8.</summary>
    [Theory]
    [InlineData(PacketType.PubAck, MqttVersion.V311, 0, new byte[] { 0x40, 2, 0x12, 0x34 })]
    [InlineData(PacketType.PubRec, MqttVersion.V311, 0, new byte[] { 0x50, 2, 0x12, 0x34 })]
    [InlineData(PacketType.PubRel, MqttVersion.V311, 0x92, new byte[] { 0x62, 2, 0x12, 0x34 })]
    [InlineData(PacketType.PubComp, MqttVersion.V311, 0x92, new byte[] { 0x70, 2, 0x12, 0x34 })]
    [InlineData(PacketType.PubRec, MqttVersion.V5, 0, new byte[] { 0x50, 2, 0x12, 0x34 })]
    [InlineData(PacketType.PubRec, MqttVersion.V5, 0x87, new byte[] { 0x50, 3, 0x12, 0x34, 0x87 })]
    [InlineData(PacketType.PubRel, MqttVersion.V5, 0x92, new byte[] { 0x62, 3, 0x12, 0x34, 0x92 })]
    [InlineData(PacketType.PubComp, MqttVersion.V5, 0x92, new byte[] { 0x70, 3, 0x12, 0x34, 0x92 })]
    internal void Acknowledgements_are_as_the_specification_has_them(PacketType type, MqttVersion version, byte code, byte[] packet) =>
        Assert.Equal(packet, RawPeer.Write(w => MqttWriter.WriteAck(w, type, version, 0x1234, code)));

    [Fact]
    public void A_reason_string_stands_behind_its_length()
    {
        Assert.Equal([0x50, 9, 0x12, 0x34, 0x97, 5, 0x1F, 0, 2, (byte)'n', (byte)'o'], RawPeer.Write(w => MqttWriter.WriteAck(w, PacketType.PubRec, MqttVersion.V5, 0x1234, 0x97, "no")));
    }

    [Theory]
    [InlineData(0, 0, new byte[] { 0x3C, 9, 0, 3, 0x61, 0x2F, 0x62, 0, 10, 0, 0x78 })]
    [InlineData(5, 0, new byte[] { 0x3C, 11, 0, 3, 0x61, 0x2F, 0x62, 0, 10, 2, 0x0B, 5, 0x78 })]
    [InlineData(300, 2, new byte[] { 0x3C, 15, 0, 3, 0x61, 0x2F, 0x62, 0, 10, 6, 0x0B, 0xAC, 0x02, 0x23, 0, 2, 0x78 })]
    public void A_delivery_is_as_the_specification_has_it(int identifier, ushort alias, byte[] packet)
    {
        byte[] encoded = RawPeer.Write(w => MqttWriter.WriteSubscriptionIdentifier(w, identifier));
        Assert.Equal(packet, RawPeer.Write(w => MqttWriter.WritePublish(w, MqttVersion.V5, 2, dup: true, retain: false, 10, "a/b"u8, "x"u8, encoded, alias)));
        Assert.Equal(packet.Length, MqttWriter.PublishBytes(MqttVersion.V5, 2, 3, 1, encoded.Length, withAlias: alias != 0));
        FrameHeader.Read(packet, MqttLimits.PacketBytes, out FrameHeader header);
        Assert.Equal(MqttRefusal.None, PublishPacket.ReadFromServer(header, packet.AsSpan(header.HeaderBytes), MqttVersion.V5, out PublishPacket read));
        Assert.Equal((2, true, 10, identifier, alias), (read.Qos, read.Dup, read.PacketId, read.SubscriptionIdentifier, read.TopicAlias));
    }

    [Fact]
    public void A_long_reason_is_cut_between_characters()
    {
        byte[] packet = RawPeer.Write(w => MqttWriter.WriteAck(w, PacketType.PubAck, MqttVersion.V5, 1, ReasonCode.PayloadFormatInvalid, new string('超', 200) + "\0"));
        FrameHeader.Read(packet, MqttLimits.PacketBytes, out FrameHeader header);

        Assert.Equal(packet.Length, header.TotalBytes);
        Assert.Equal(MqttRefusal.None, Read(header, packet.AsSpan(header.HeaderBytes), MqttVersion.V5));
        Assert.Equal(MqttLimits.ReasonStringBytes / 3, Encoding.UTF8.GetString(packet).Count(character => character == '超'));
    }

    [Fact]
    public void Every_refusal_has_a_code_and_a_description()
    {
        foreach (MqttRefusal refusal in Enum.GetValues<MqttRefusal>().Except([MqttRefusal.None]))
        {
            Assert.True(refusal.Code() >= 0x80, refusal.ToString());
            Assert.NotEmpty(refusal.Describe());
        }
    }

    private static MqttRefusal Read(FrameHeader header, ReadOnlySpan<byte> body, MqttVersion version) => header.Type switch
    {
        PacketType.Connect => ConnectPacket.Read(header, body, out _, out _),
        PacketType.Publish => PublishPacket.Read(header, body, version, out _),
        PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp => AckPacket.Read(header, body, version, out _),
        PacketType.Subscribe => SubscribePacket.Read(header, body, version, out _),
        PacketType.Unsubscribe => SubscribePacket.ReadUnsubscribe(header, body, version, out _),
        PacketType.Disconnect => DisconnectPacket.Read(header, body, version, out _),
        _ => throw new ArgumentOutOfRangeException(nameof(header), header.Type, "No reader."),
    };
}
