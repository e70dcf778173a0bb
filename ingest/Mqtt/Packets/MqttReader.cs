using System.Buffers.Binary;
using System.Text.Unicode;

namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>
/// Walks the fields of one packet. The bytes are a stranger's, so nothing throws: a field that reaches past the packet is a refusal. Every length is
/// checked against what is there before it is used, and nothing is allocated.
/// </summary>
internal ref struct MqttReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    public readonly bool AtEnd => rest.IsEmpty;

    /// <summary>What has not been read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => rest;

    public bool TryReadByte(out byte value)
    {
        if (rest.IsEmpty)
        {
            value = 0;
            return false;
        }

        value = rest[0];
        rest = rest[1..];
        return true;
    }

    /// <summary>MQTT 5.0 section 1.5.2: two byte integer, big-endian.</summary>
    public bool TryReadUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(rest, out value))
        {
            return false;
        }

        rest = rest[2..];
        return true;
    }

    /// <summary>MQTT 5.0 section 1.5.3: four byte integer, big-endian.</summary>
    public bool TryReadUInt32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(rest, out value))
        {
            return false;
        }

        rest = rest[4..];
        return true;
    }

    /// <summary>MQTT 5.0 section 1.5.5: variable byte integer, at most four bytes, in its shortest form.</summary>
    public MqttRefusal ReadVariable(out int value)
    {
        value = 0;
        for (int i = 0; i < 4; i++)
        {
            if (i >= rest.Length)
            {
                return MqttRefusal.Truncated;
            }

            byte next = rest[i];
            value |= (next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                if (next == 0 && i > 0)
                {
                    return MqttRefusal.VariableIntegerMalformed;
                }

                rest = rest[(i + 1)..];
                return MqttRefusal.None;
            }
        }

        return MqttRefusal.VariableIntegerMalformed;
    }

    /// <summary>MQTT 5.0 section 1.5.6: binary data behind a two byte length.</summary>
    public bool TryReadBinary(out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(rest, out ushort length) || length > rest.Length - 2)
        {
            return false;
        }

        value = rest.Slice(2, length);
        rest = rest[(2 + length)..];
        return true;
    }

    /// <summary>MQTT 5.0 section 1.5.4, 3.1.1 section 1.5.3: UTF-8 text behind a two byte length; well-formed, and without U+0000.</summary>
    public MqttRefusal ReadText(out ReadOnlySpan<byte> utf8)
    {
        if (!TryReadBinary(out utf8))
        {
            return MqttRefusal.Truncated;
        }

        if (!Utf8.IsValid(utf8))
        {
            return MqttRefusal.TextNotUtf8;
        }

        return utf8.Contains((byte)0) ? MqttRefusal.TextHasNul : MqttRefusal.None;
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
