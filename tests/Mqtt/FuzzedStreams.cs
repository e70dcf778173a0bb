using System.Buffers.Binary;
using System.Text;
using Streaming.Models.Encoding;

namespace Streaming.Tests.Mqtt;

/// <summary>
/// Streams of a client, valid and then damaged, each from a number alone: the same number gives the same bytes. The packets are written here from the specification, not with the endpoint's own writer, so that the two cannot be
/// wrong together.
/// </summary>
internal sealed class FuzzedStreams
{
    private const byte V311 = 4;
    private const byte V5 = 5;

    private static readonly string[] Users = ["S07", "C07", "t1", "t2", "admin", "nobody"];
    private static readonly string[] Topics = ["v1/wim/S07/2", "v1/video/C07", "v1/status/S07", "v1/wim/S08/1", "a/b", "$SYS/x", "v1/departments/transport/harbour/acks"];
    private static readonly string[] Filters =
        ["v1/departments/transport/+/alerts", "v1/departments/transport/harbour/alerts", "v1/departments/transport/#", "#", "+/+", "$share/g/v1/departments/transport/+/alerts", "v1//x", "a/#/b", "a+", ""];

    private static readonly byte[][] Payloads =
    [
        [],
        "{}"u8.ToArray(),
        "[]"u8.ToArray(),
        "[{\"id\":\"1\",\"at\":\"2026-11-21T00:15:30.123Z\",\"plate\":\"H1\",\"grossKg\":900},{\"id\":2}]"u8.ToArray(),
        EndpointUnderTest.Weighing(7),
        [0xFF, 0x00, 0xC3, 0x28],
    ];

    private readonly record struct Property(byte Id, int Size);

    private readonly ByteWriter stream = new();
    private readonly ByteWriter body = new();
    private Random random = new(0);
    private byte version;

    /// <summary>Identifiers that clients of these streams give themselves; a damaged one may be another.</summary>
    public static IReadOnlyList<string> ClientIds { get; } = ["fuzz-1", "fuzz-2"];

    /// <summary>The stream of this number.</summary>
    public byte[] Make(long number)
    {
        random = new Random(HashCode(number));
        stream.Clear();
        version = random.Next(2) == 0 ? V311 : V5;
        if (random.Next(50) != 0)
        {
            Connect();
        }

        for (int packets = random.Next(8); packets > 0; packets--)
        {
            Any();
        }

        byte[] made = stream.Written.ToArray();
        for (int damage = random.Next(4); damage > 0 && made.Length > 0; damage--)
        {
            made = Damage(made);
        }

        return made;
    }

    /// <summary>Where the stream of this number is cut into reads: whole, byte by byte, in two, or anyhow.</summary>
    public static int[] Cuts(long number, int length)
    {
        Random random = new(HashCode(~number));
        switch (random.Next(4))
        {
            case 0:
                return [.. Enumerable.Repeat(1, length)];
            case 1 when length > 1:
                int at = random.Next(1, length);
                return [at, length - at];
            default:
                List<int> cuts = [];
                for (int left = length; left > 0; left -= cuts[^1])
                {
                    cuts.Add(random.Next(1, Math.Min(left, 64) + 1));
                }

                return [.. cuts];
        }
    }

    /// <summary>Of this version of the tests for ever: the runtime's own hash of a number may change.</summary>
    private static int HashCode(long number)
    {
        ulong mixed = ((ulong)number + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9;
        return (int)((mixed ^ (mixed >> 31)) & int.MaxValue);
    }

    private void Any()
    {
        switch (random.Next(14))
        {
            case 0:
            case 1:
            case 2:
            case 3:
                Publish();
                break;
            case 4:
            case 5:
                Subscribe();
                break;
            case 6:
                Unsubscribe();
                break;
            case 7:
                Ack(0x40);
                break;
            case 8:
                Ack(0x50);
                break;
            case 9:
                Ack(0x62);
                break;
            case 10:
                Ack(0x70);
                break;
            case 11:
                Packet(0xC0);
                break;
            case 12:
                Disconnect();
                break;
            default:
                if (random.Next(4) == 0)
                {
                    Connect();
                }
                else
                {
                    // AUTH, which 3.1.1 does not know.
                    body.Clear();
                    body.WriteByte(0x18);
                    body.WriteByte(0);
                    Packet(0xF0);
                }

                break;
        }
    }

    /// <summary>MQTT 5.0 and 3.1.1 section 3.1.</summary>
    private void Connect()
    {
        string user = Pick(Users);
        bool will = random.Next(4) == 0;
        bool named = random.Next(20) != 0;
        bool clean = random.Next(2) == 0;
        int willQos = random.Next(3);
        body.Clear();
        Text(random.Next(40) == 0 ? "MQIsdp" : "MQTT");
        body.WriteByte(random.Next(40) == 0 ? (byte)random.Next(8) : version);
        body.WriteByte((byte)((named ? 0xC0 : 0) | (will ? 0x04 | (willQos << 3) | (random.Next(2) << 5) : 0) | (clean ? 0x02 : 0)));
        Number(random.Next(3) * 30);
        Properties(new(0x11, 4), new(0x21, 2), new(0x27, 4), new(0x22, 2), new(0x19, 1), new(0x17, 1), new(0x26, -2));
        Text(random.Next(20) == 0 ? "" : Pick(ClientIds));
        if (will)
        {
            Properties(new(0x18, 4), new(0x01, 1), new(0x02, 4), new(0x03, -1), new(0x26, -2));
            Text(Pick(Topics));
            Binary(Pick(Payloads));
        }

        if (named)
        {
            Text(user);
            Text(user is "S07" or "C07" ? "p" : "t");
        }

        Packet(0x10);
    }

    /// <summary>Section 3.3.</summary>
    private void Publish()
    {
        int qos = random.Next(3);
        int flags = (qos << 1) | (random.Next(8) == 0 ? 1 : 0) | (qos > 0 && random.Next(4) == 0 ? 8 : 0);
        body.Clear();
        bool aliased = version == V5 && random.Next(8) == 0;
        Text(aliased && random.Next(2) == 0 ? "" : Pick(Topics));
        if (qos > 0)
        {
            Number(PacketId());
        }

        if (aliased)
        {
            body.WriteVar(3);
            body.WriteByte(0x23);
            Number(random.Next(4));
        }
        else
        {
            Properties(new(0x01, 1), new(0x02, 4), new(0x03, -1), new(0x08, -1), new(0x09, -1), new(0x26, -2));
        }

        body.WriteRaw(Pick(Payloads));
        Packet((byte)(0x30 | flags));
    }

    /// <summary>Section 3.8.</summary>
    private void Subscribe()
    {
        body.Clear();
        Number(PacketId());
        Properties(new(0x0B, 0), new(0x26, -2));
        for (int filters = random.Next(1, 4); filters > 0; filters--)
        {
            Text(Pick(Filters));
            body.WriteByte((byte)(random.Next(3) | (version == V5 ? random.Next(3) << 4 | random.Next(4) << 2 : 0)));
        }

        Packet(0x82);
    }

    /// <summary>Section 3.10.</summary>
    private void Unsubscribe()
    {
        body.Clear();
        Number(PacketId());
        Properties(new Property(0x26, -2));
        Text(Pick(Filters));
        Packet(0xA2);
    }

    /// <summary>Sections 3.4 to 3.7.</summary>
    private void Ack(byte first)
    {
        body.Clear();
        Number(PacketId());
        if (version == V5 && random.Next(2) == 0)
        {
            body.WriteByte(random.Next(3) switch { 0 => 0, 1 => 0x10, _ => 0x80 });
            if (random.Next(2) == 0)
            {
                Properties(new(0x1F, -1), new(0x26, -2));
            }
        }

        Packet(first);
    }

    /// <summary>Section 3.14.</summary>
    private void Disconnect()
    {
        body.Clear();
        if (version == V5 && random.Next(2) == 0)
        {
            body.WriteByte(random.Next(2) == 0 ? (byte)0 : (byte)4);
            Properties(new(0x11, 4), new(0x1F, -1), new(0x26, -2));
        }

        Packet(0xE0);
    }

    /// <summary>Section 2.2.2: some of these, by identifier and size: -2 a pair of texts, -1 a text, 0 a variable integer, else bytes.</summary>
    private void Properties(params ReadOnlySpan<Property> known)
    {
        if (version != V5)
        {
            return;
        }

        ByteWriter properties = new(64);
        foreach ((byte id, int size) in known)
        {
            if (random.Next(5) != 0)
            {
                continue;
            }

            properties.WriteByte(id);
            switch (size)
            {
                case -2:
                    Text(properties, "k");
                    Text(properties, "值");
                    break;
                case -1:
                    Text(properties, "text");
                    break;
                case 0:
                    properties.WriteVar((uint)random.Next(1, 300));
                    break;
                case 1:
                    properties.WriteByte((byte)random.Next(2));
                    break;
                default:
                    for (int i = 0; i < size; i++)
                    {
                        properties.WriteByte(i < size - 2 ? (byte)0 : (byte)random.Next(1, 60));
                    }

                    break;
            }
        }

        body.WriteVar((uint)properties.Length);
        body.WriteRaw(properties.Written);
    }

    private void Packet(byte first)
    {
        if (first is 0xC0)
        {
            body.Clear();
        }

        stream.WriteByte(first);
        stream.WriteVar((uint)body.Length);
        stream.WriteRaw(body.Written);
    }

    private int PacketId() => random.Next(30) == 0 ? 0 : random.Next(1, 6);

    private T Pick<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];

    private void Text(string text) => Text(body, text);

    private static void Text(ByteWriter to, string text) => Binary(to, Encoding.UTF8.GetBytes(text));

    private void Binary(ReadOnlySpan<byte> bytes) => Binary(body, bytes);

    private static void Binary(ByteWriter to, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)bytes.Length);
        to.WriteRaw(length);
        to.WriteRaw(bytes);
    }

    private void Number(int number)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)number);
        body.WriteRaw(bytes);
    }

    private byte[] Damage(byte[] made)
    {
        int at = random.Next(made.Length);
        int count = Math.Min(random.Next(1, 9), made.Length - at);
        switch (random.Next(7))
        {
            case 0:
                made[at] = (byte)random.Next(256);
                return made;
            case 1:
                made[at] ^= (byte)(1 << random.Next(8));
                return made;
            case 2:
                return [.. made[..at], .. made[(at + count)..]];
            case 3:
                return [.. made[..at], .. made[at..(at + count)], .. made[at..]];
            case 4:
                byte[] noise = new byte[count];
                random.NextBytes(noise);
                return [.. made[..at], .. noise, .. made[at..]];
            case 5:
                return made[..at];
            default:
                // A length that lies: the byte behind a packet's first is one more often than not.
                made[Math.Min(1, made.Length - 1)] = random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => 0x7F };
                return made;
        }
    }
}
