using System.Text;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Messages;

/// <summary>What happened to one packet identifier of a session. Persisted: numbers are never reused.</summary>
public enum SessionMark : byte
{
    /// <summary>A QoS 2 publish of the client was taken.</summary>
    Taken = 1,

    /// <summary>PUBREL came for it: the identifier is free.</summary>
    Released = 2,

    /// <summary>Items of a feed are about to be sent under identifiers of ours.</summary>
    Sent = 3,

    /// <summary>PUBREC came for one of them.</summary>
    Received = 4,

    /// <summary>PUBACK or PUBCOMP came, or the exchange ended otherwise: the identifier is free.</summary>
    Completed = 5,
}

/// <summary>An item and the identifier that it is sent under.</summary>
public readonly record struct SentItem(ushort PacketId, long Number);

/// <summary>
/// Body of <see cref="MessageKind.MarkSession"/>: what happened to packet identifiers, in that order. Binary, because publishes at QoS 2 and acknowledgements of alerts make many of them.
/// <code>
/// mark = u8 kind | u16 packet identifier
/// mark = u8 3 (sent) | text filter | u8 QoS | var count | count * (u16 packet identifier | var feed number)
/// </code>
/// </summary>
public ref struct SessionMarks(ReadOnlySpan<byte> body)
{
    private ByteReader reader = new(body);
    private int itemsLeft;

    /// <summary>What happened.</summary>
    public SessionMark Mark { get; private set; }

    public ushort PacketId { get; private set; }

    /// <summary>For <see cref="SessionMark.Sent"/>: the subscription.</summary>
    public string Filter { get; private set; } = "";

    /// <summary>For <see cref="SessionMark.Sent"/>: 1 or 2.</summary>
    public byte Qos { get; private set; }

    /// <summary>For <see cref="SessionMark.Sent"/>: the item's number in the feed.</summary>
    public long Number { get; private set; }

    public bool MoveNext()
    {
        while (itemsLeft == 0)
        {
            if (reader.AtEnd)
            {
                return false;
            }

            Mark = (SessionMark)reader.ReadByte();
            if (Mark != SessionMark.Sent)
            {
                PacketId = reader.ReadUInt16();
                return true;
            }

            Filter = reader.ReadText();
            Qos = reader.ReadByte();
            itemsLeft = checked((int)reader.ReadVar());
        }

        itemsLeft--;
        PacketId = reader.ReadUInt16();
        Number = checked((long)reader.ReadVar());
        return true;
    }

    /// <summary>Adds one mark; not for <see cref="SessionMark.Sent"/>.</summary>
    public static void Write(ByteWriter writer, SessionMark mark, ushort packetId)
    {
        writer.WriteByte((byte)mark);
        writer.WriteUInt16(packetId);
    }

    /// <summary>Adds a run of items of one subscription.</summary>
    public static void WriteSent(ByteWriter writer, string filter, byte qos, ReadOnlySpan<SentItem> items)
    {
        writer.WriteByte((byte)SessionMark.Sent);
        writer.WriteBytes(Encoding.UTF8.GetBytes(filter));
        writer.WriteByte(qos);
        writer.WriteVar((uint)items.Length);
        foreach (SentItem item in items)
        {
            writer.WriteUInt16(item.PacketId);
            writer.WriteVar((ulong)item.Number);
        }
    }
}
