using System.Numerics;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Access;

/// <summary>
/// What a persistent MQTT session keeps. Layout (little-endian):
/// <code>
/// u8 version 3 | bytes: JSON of the part that changes rarely | taken | in flight | queue
/// taken     = var count | count at or below 4,096: a u16 each, rising; above: 8 KiB, a bit an identifier
/// in flight = var feeds | feeds * (text filter, empty where it has ended | text feed) | var count | count * (u16 identifier | u8 QoS | bool received | var feed | var number)
/// queue     = var last number | var passed | var hidden | var dropped | var count | count * (var number, less the one before | var bytes)
/// </code>
/// Version 2 has no queue, version 1 the JSON alone.
/// </summary>
internal sealed class SessionState
{
    private const byte Version = 3;

    private const byte VersionWithoutQueue = 2;

    private const byte VersionWithoutIdentifiers = 1;

    /// <summary>As many identifiers take as much room one by one as in the bitmap of all.</summary>
    private const int ListedIdentifiers = BitmapBytes / sizeof(ushort);

    private const int BitmapBytes = (ushort.MaxValue + 1) / 8;

    /// <summary>The part that is JSON.</summary>
    public SessionAgreement Agreed { get; private set; } = new();

    /// <summary>Identifiers of QoS 2 publishes that were taken and not released, in rising order.</summary>
    public List<ushort> Taken { get; } = [];

    /// <summary>What is on its way to the client, in the order it was first sent.</summary>
    public List<SessionDelivery> InFlight { get; } = [];

    /// <summary>What was sent to the session by topics, and is not done with.</summary>
    public MessageQueue Queue { get; } = new();

    public void Write(ByteWriter writer)
    {
        StateJson.Write(writer, Version, Agreed, AccessJson.Default.SessionAgreement);
        WriteTaken(writer);
        WriteInFlight(writer);
        Queue.Write(writer);
    }

    public static SessionState Read(ref ByteReader reader)
    {
        if (reader.Rest[0] == VersionWithoutIdentifiers)
        {
            return new SessionState { Agreed = StateJson.Read(ref reader, VersionWithoutIdentifiers, AccessJson.Default.SessionAgreement) };
        }

        byte version = reader.Rest[0] == VersionWithoutQueue ? VersionWithoutQueue : Version;
        SessionState state = new() { Agreed = StateJson.Read(ref reader, version, AccessJson.Default.SessionAgreement) };
        state.ReadTaken(ref reader);
        state.ReadInFlight(ref reader);
        if (version == Version)
        {
            state.Queue.Read(ref reader);
        }

        return state;
    }

    private void WriteTaken(ByteWriter writer)
    {
        writer.WriteVar((uint)Taken.Count);
        if (Taken.Count <= ListedIdentifiers)
        {
            foreach (ushort id in Taken)
            {
                writer.WriteUInt16(id);
            }

            return;
        }

        Span<byte> bits = writer.Take(BitmapBytes);
        bits.Clear();
        foreach (ushort id in Taken)
        {
            bits[id / 8] |= (byte)(1 << (id % 8));
        }
    }

    private void ReadTaken(ref ByteReader reader)
    {
        int count = checked((int)reader.ReadVar());
        if (count <= ListedIdentifiers)
        {
            for (int i = 0; i < count; i++)
            {
                Taken.Add(reader.ReadUInt16());
            }

            return;
        }

        ReadOnlySpan<byte> bits = reader.Take(BitmapBytes);
        for (int i = 0; i < BitmapBytes; i++)
        {
            for (byte left = bits[i]; left != 0; left &= (byte)(left - 1))
            {
                Taken.Add((ushort)((i * 8) + BitOperations.TrailingZeroCount(left)));
            }
        }
    }

    private void WriteInFlight(ByteWriter writer)
    {
        List<(string Filter, string Feed)> feeds = [];
        foreach (SessionDelivery delivery in InFlight)
        {
            if (!feeds.Contains((delivery.Filter ?? "", delivery.Feed)))
            {
                feeds.Add((delivery.Filter ?? "", delivery.Feed));
            }
        }

        writer.WriteVar((uint)feeds.Count);
        foreach ((string filter, string feed) in feeds)
        {
            writer.WriteText(filter);
            writer.WriteText(feed);
        }

        writer.WriteVar((uint)InFlight.Count);
        foreach (SessionDelivery delivery in InFlight)
        {
            writer.WriteUInt16((ushort)delivery.Id);
            writer.WriteByte((byte)delivery.Qos);
            writer.WriteBool(delivery.Received);
            writer.WriteVar((uint)feeds.IndexOf((delivery.Filter ?? "", delivery.Feed)));
            writer.WriteVar((ulong)delivery.Number);
        }
    }

    private void ReadInFlight(ref ByteReader reader)
    {
        int feeds = checked((int)reader.ReadVar());
        List<(string? Filter, string Feed)> known = [];
        for (int i = 0; i < feeds; i++)
        {
            string filter = reader.ReadText();
            known.Add((filter.Length > 0 ? filter : null, reader.ReadText()));
        }

        int count = checked((int)reader.ReadVar());
        for (int i = 0; i < count; i++)
        {
            ushort id = reader.ReadUInt16();
            byte qos = reader.ReadByte();
            bool received = reader.ReadBool();
            (string? filter, string feed) = known[checked((int)reader.ReadVar())];
            InFlight.Add(new SessionDelivery(id, filter, feed, checked((long)reader.ReadVar()), qos, received));
        }
    }
}

/// <summary>What was agreed with the client.</summary>
internal sealed class SessionAgreement
{
    /// <summary>In the order they began.</summary>
    public List<SessionSubscription> Subscriptions { get; set; } = [];

    /// <summary>Seconds that the session outlives its connection; null where that was never said: then it is there as long as it has a subscription.</summary>
    public long? ExpirySeconds { get; set; }

    /// <summary>Subscriptions to topics of messages between clients, in the order they began; null for none.</summary>
    public List<TopicSubscription>? Topics { get; set; }

    /// <summary>True while the client is connected, as far as the session is told: it is where it has subscriptions to topics, or a will.</summary>
    public bool? Connected { get; set; }

    /// <summary>True from when it was told that the client has gone until it is told that it is back.</summary>
    public bool? Left { get; set; }

    /// <summary>What is still to be published should the client not come back in time; null for nothing.</summary>
    public SessionWill? Will { get; set; }
}
