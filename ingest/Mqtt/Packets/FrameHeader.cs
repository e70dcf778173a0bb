namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>The fixed header of a packet.</summary>
/// <param name="First">Packet type and flags.</param>
/// <param name="Remaining">Bytes that follow the fixed header.</param>
/// <param name="HeaderBytes">Bytes of the fixed header itself; 0 where not all of it has come in.</param>
internal readonly record struct FrameHeader(byte First, int Remaining, int HeaderBytes)
{
    public PacketType Type => (PacketType)(First >> 4);

    public byte Flags => (byte)(First & 0x0F);

    public int TotalBytes => HeaderBytes + Remaining;

    public bool IsComplete => HeaderBytes > 0;

    /// <summary>
    /// MQTT 5.0 section 2.1 (fixed header) and 1.5.5 (variable byte integer); 3.1.1 section 2.2. Looks at no more than five bytes and allocates nothing, so that a
    /// packet's size is judged before anything is kept for it.
    /// </summary>
    /// <param name="bytes">What has come in, from the first byte of a packet on.</param>
    /// <param name="mostBytes">The largest packet that is taken, fixed header included.</param>
    public static MqttRefusal Read(ReadOnlySpan<byte> bytes, int mostBytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < 2)
        {
            return MqttRefusal.None;
        }

        int remaining = 0;
        for (int i = 0; i < 4; i++)
        {
            if (1 + i >= bytes.Length)
            {
                return MqttRefusal.None;
            }

            byte next = bytes[1 + i];
            remaining |= (next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                int headerBytes = 2 + i;
                if (remaining > mostBytes - headerBytes)
                {
                    return MqttRefusal.PacketTooLarge;
                }

                header = new FrameHeader(bytes[0], remaining, headerBytes);
                return MqttRefusal.None;
            }
        }

        return MqttRefusal.RemainingLengthMalformed;
    }
}
