using System.Text;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Messaging;

/// <summary>
/// A message between clients: body of <see cref="Messages.MessageKind.PublishMessage"/>, and a retained message's row.
/// <code>
/// u8 version 1 | text publisher | text topic | u8 QoS, 4 for retain | var expiry, ms since 1970 (0: none) | bytes properties | bytes payload
/// </code>
/// </summary>
/// <param name="Publisher">Session key of the client that published it, by which No Local is judged.</param>
/// <param name="Topic">Topic name.</param>
/// <param name="Qos">0, 1 or 2.</param>
/// <param name="Retain">It replaces the retained message of its topic.</param>
/// <param name="ExpiresMs">When it is no longer to be sent, ms since 1970; null for never.</param>
/// <param name="Properties">MQTT 5 properties that are handed on as they came (section 3.3.2.3), encoded as in a PUBLISH, without their length.</param>
/// <param name="Payload">The payload.</param>
public sealed record PlainMessage(string Publisher, string Topic, byte Qos, bool Retain, long? ExpiresMs, ReadOnlyMemory<byte> Properties, ReadOnlyMemory<byte> Payload)
{
    private const byte Version = 1;
    private const byte RetainFlag = 4;
    private const byte QosMask = 3;

    /// <summary>What it takes where it is kept.</summary>
    public int Bytes => Encoding.UTF8.GetByteCount(Topic) + Properties.Length + Payload.Length;

    public bool IsExpired(long nowMs) => ExpiresMs is { } due && due <= nowMs;

    public void Write(ByteWriter writer) =>
        Write(writer, Encoding.UTF8.GetBytes(Publisher), Encoding.UTF8.GetBytes(Topic), Qos, Retain, ExpiresMs, Properties.Span, Payload.Span);

    /// <summary>Writes one from its parts, as the endpoint has them.</summary>
    public static void Write(
        ByteWriter writer, ReadOnlySpan<byte> publisher, ReadOnlySpan<byte> topic, byte qos, bool retain, long? expiresMs, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> payload)
    {
        writer.WriteByte(Version);
        writer.WriteBytes(publisher);
        writer.WriteBytes(topic);
        writer.WriteByte((byte)(qos | (retain ? RetainFlag : 0)));
        writer.WriteVar((ulong)(expiresMs ?? 0));
        writer.WriteBytes(properties);
        writer.WriteBytes(payload);
    }

    public static PlainMessage Read(ReadOnlySpan<byte> bytes)
    {
        ByteReader reader = new(bytes);
        return Read(ref reader);
    }

    public static PlainMessage Read(scoped ref ByteReader reader)
    {
        byte version = reader.ReadByte();
        if (version != Version)
        {
            throw new InvalidDataException($"Message of version {version}; this build reads version {Version}. It was written by a newer version; use that one.");
        }

        string publisher = reader.ReadText();
        string topic = reader.ReadText();
        byte flags = reader.ReadByte();
        long expires = (long)reader.ReadVar();
        return new PlainMessage(publisher, topic, (byte)(flags & QosMask), (flags & RetainFlag) != 0, expires == 0 ? null : expires, reader.ReadBytes().ToArray(), reader.ReadBytes().ToArray());
    }
}

/// <summary>One session's copy of a message: at which QoS, whether as a retained one, and for which subscriptions.</summary>
/// <param name="Session">Session key.</param>
/// <param name="Qos">The lower of the publish's and the best matching subscription's.</param>
/// <param name="Retain">The flag of the copy.</param>
/// <param name="Identifiers">Subscription identifiers of the matching subscriptions.</param>
public sealed record MessageCopy(string Session, byte Qos, bool Retain, int[] Identifiers);

/// <summary>
/// Body of <see cref="Messages.MessageKind.DeliverMessages"/>: messages for one session.
/// <code>
/// var count | count * (u8 QoS, 4 for retain | var identifiers | identifiers * var | message as in <see cref="PlainMessage"/>)
/// </code>
/// </summary>
public static class MessageDelivery
{
    private const byte RetainFlag = 4;
    private const byte QosMask = 3;

    /// <summary>Adds one; the count comes before the first.</summary>
    public static void Write(ByteWriter writer, MessageCopy copy, PlainMessage message)
    {
        writer.WriteByte((byte)(copy.Qos | (copy.Retain ? RetainFlag : 0)));
        writer.WriteVar((uint)copy.Identifiers.Length);
        foreach (int identifier in copy.Identifiers)
        {
            writer.WriteVar((uint)identifier);
        }

        message.Write(writer);
    }

    /// <summary>Reads the next one; the count was read before.</summary>
    public static (MessageCopy Copy, PlainMessage Message) Read(scoped ref ByteReader reader, string session)
    {
        byte flags = reader.ReadByte();
        int[] identifiers = new int[checked((int)reader.ReadVar())];
        for (int i = 0; i < identifiers.Length; i++)
        {
            identifiers[i] = checked((int)reader.ReadVar());
        }

        return (new MessageCopy(session, (byte)(flags & QosMask), (flags & RetainFlag) != 0, identifiers), PlainMessage.Read(ref reader));
    }
}
