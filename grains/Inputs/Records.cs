using System.Buffers.Binary;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Inputs;

/// <summary>
/// One journal record. Layout (little-endian):
/// <code>
/// u32 length of what follows | u8 kind | u8 depth | u8 partition | u8 0 | i64 time, ms | body
/// </code>
/// The partition is the target actor's; for a PUBLISH the source's; for a row of a list 0. The position is not in the record: the block gives that of its
/// first record and they count up. The time is stamped when the record is appended.
/// </summary>
public readonly ref struct Record
{
    /// <summary>Bytes before the body, the length included.</summary>
    public const int HeaderBytes = 16;

    private const int TimeOffset = 8;

    public required InputKind Kind { get; init; }

    /// <summary>How many turns, each told by the one before, led here; 0 for an input from outside.</summary>
    public required byte Depth { get; init; }

    public required byte Partition { get; init; }

    public required long TimeMs { get; init; }

    public required ReadOnlySpan<byte> Body { get; init; }

    /// <summary>The kind of a whole record.</summary>
    public static InputKind KindOf(ReadOnlySpan<byte> record) => (InputKind)record[4];

    /// <summary>The time of the first record of a run, ms.</summary>
    public static long TimeOf(ReadOnlySpan<byte> records) => BinaryPrimitives.ReadInt64LittleEndian(records[TimeOffset..]);

    /// <summary>Splits the first record off <paramref name="bytes"/>.</summary>
    public static Record Next(ref ReadOnlySpan<byte> bytes)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes) + 4;
        ReadOnlySpan<byte> record = bytes[..length];
        bytes = bytes[length..];
        return new Record
        {
            Kind = (InputKind)record[4],
            Depth = record[5],
            Partition = record[6],
            TimeMs = BinaryPrimitives.ReadInt64LittleEndian(record[TimeOffset..]),
            Body = record[HeaderBytes..],
        };
    }

    /// <summary>Begins a record; returns where it begins, for <see cref="End"/>.</summary>
    public static int Begin(ByteWriter writer, InputKind kind, byte partition, byte depth = 0)
    {
        int start = writer.Length;
        Span<byte> header = writer.Take(HeaderBytes);
        header.Clear();
        header[4] = (byte)kind;
        header[5] = depth;
        header[6] = partition;
        return start;
    }

    /// <summary>Ends the record begun at <paramref name="start"/>: its length is known now.</summary>
    public static void End(ByteWriter writer, int start) =>
        BinaryPrimitives.WriteInt32LittleEndian(writer.At(start, 4), writer.Length - start - 4);

    /// <summary>Stamps the time into every record of a run of whole records and returns how many there are.</summary>
    public static int Stamp(Span<byte> records, long timeMs)
    {
        int count = 0;
        while (records.Length > 0)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(records) + 4;
            BinaryPrimitives.WriteInt64LittleEndian(records[TimeOffset..], timeMs);
            records = records[length..];
            count++;
        }

        return count;
    }
}

/// <summary>
/// Body of <see cref="InputKind.Publish"/>:
/// <code>
/// origin | topic | raw payload | u32 readings | u32 rejections | readings | rejections
/// reading   = u32 length of what follows | u8 partition | u8 reading kind | u8 actor kind | key | header | body
/// rejection = u8 reason | var offset | var length (of the element in the raw payload) | detail
/// </code>
/// </summary>
public readonly ref struct PublishRecord
{
    public required Origin Origin { get; init; }

    public required ReadOnlySpan<byte> Topic { get; init; }

    public required ReadOnlySpan<byte> Raw { get; init; }

    public required int Readings { get; init; }

    public required int Rejections { get; init; }

    private ReadOnlySpan<byte> Elements { get; init; }

    public static PublishRecord Read(ReadOnlySpan<byte> body)
    {
        ByteReader reader = new(body);
        return new PublishRecord
        {
            Origin = Origin.Read(ref reader),
            Topic = reader.ReadBytes(),
            Raw = reader.ReadBytes(),
            Readings = reader.ReadInt32(),
            Rejections = reader.ReadInt32(),
            Elements = reader.Rest,
        };
    }

    public ReadingEnumerator GetReadings() => new(Elements, Readings);

    public RejectionEnumerator GetRejections()
    {
        ReadOnlySpan<byte> rest = Elements;
        for (int i = 0; i < Readings; i++)
        {
            rest = rest[(4 + BinaryPrimitives.ReadInt32LittleEndian(rest))..];
        }

        return new RejectionEnumerator(rest, Rejections);
    }

    /// <summary>Walks the readings; one that is not of interest costs no more than a look at its partition.</summary>
    public ref struct ReadingEnumerator(ReadOnlySpan<byte> rest, int left)
    {
        private ReadOnlySpan<byte> rest = rest;
        private int left = left;
        private ReadOnlySpan<byte> current;

        public bool MoveNext()
        {
            if (left == 0)
            {
                return false;
            }

            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            current = rest.Slice(4, length);
            rest = rest[(4 + length)..];
            left--;
            return true;
        }

        public readonly byte Partition => current[0];

        /// <summary>The element as it stands in the record.</summary>
        public readonly ReadOnlySpan<byte> Bytes => current;

        public readonly ReadingElement Current => ReadingElement.Read(current);

        public readonly ReadingEnumerator GetEnumerator() => this;
    }

    public ref struct RejectionEnumerator(ReadOnlySpan<byte> rest, int left)
    {
        private ByteReader reader = new(rest);
        private int left = left;

        public Rejection Current { get; private set; }

        public bool MoveNext()
        {
            if (left == 0)
            {
                return false;
            }

            left--;
            Current = new Rejection((RejectReason)reader.ReadByte(), (int)reader.ReadVar(), (int)reader.ReadVar(), reader.ReadText());
            return true;
        }

        public readonly RejectionEnumerator GetEnumerator() => this;
    }
}

/// <summary>What was quarantined: a range of the raw payload, and why.</summary>
public readonly record struct Rejection(RejectReason Reason, int Offset, int Length, string Detail)
{
    public void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)Reason);
        writer.WriteVar((uint)Offset);
        writer.WriteVar((uint)Length);
        writer.WriteText(Detail);
    }
}

/// <summary>One decoded reading within a record, addressed to its subject.</summary>
public readonly ref struct ReadingElement
{
    public required byte Partition { get; init; }

    public required ReadingKind Kind { get; init; }

    public required ActorKind SubjectKind { get; init; }

    /// <summary>The subject's key, UTF-8.</summary>
    public required ReadOnlySpan<byte> Key { get; init; }

    public required ReadingHeader Header { get; init; }

    /// <summary>The reading in its own binary form.</summary>
    public required ReadOnlySpan<byte> Body { get; init; }

    public static ReadingElement Read(ReadOnlySpan<byte> bytes)
    {
        ByteReader reader = new(bytes);
        return new ReadingElement
        {
            Partition = reader.ReadByte(),
            Kind = (ReadingKind)reader.ReadByte(),
            SubjectKind = (ActorKind)reader.ReadByte(),
            Key = reader.ReadBytes(),
            Header = ReadingHeader.Read(ref reader),
            Body = reader.Rest,
        };
    }

    /// <summary>Writes all but the body; the caller appends that and calls <see cref="End"/>. Returns where the element begins.</summary>
    public static int Begin(ByteWriter writer, ReadingKind kind, ActorKind subjectKind, ReadOnlySpan<byte> key, scoped in ReadingHeader header)
    {
        int start = writer.Length;
        writer.WriteInt32(0);
        writer.WriteByte(Inputs.Partition.Of(subjectKind, key));
        writer.WriteByte((byte)kind);
        writer.WriteByte((byte)subjectKind);
        writer.WriteBytes(key);
        header.Write(writer);
        return start;
    }

    public static void End(ByteWriter writer, int start) =>
        BinaryPrimitives.WriteInt32LittleEndian(writer.At(start, 4), writer.Length - start - 4);
}

/// <summary>
/// What caused an effect: the input's position, and the effect's number within it: number of the element (0 for the record's own actor, 1 and up
/// for its readings) times 256 plus number within the turn. The pair names the effect for ever.
/// </summary>
/// <param name="Position">Position of the input.</param>
/// <param name="Index">Number of the effect within the input.</param>
/// <param name="Partition">Partition of the actor that asked: its worker knows whether a replayed turn asked for it again.</param>
public readonly record struct Cause(long Position, uint Index, byte Partition)
{
    /// <summary>Number of the element within the input.</summary>
    public int Element => (int)(Index >> 8);

    public static Cause Of(long position, int element, int effect, byte partition) => new(position, ((uint)element << 8) | (uint)effect, partition);

    public void Write(ByteWriter writer)
    {
        writer.WriteInt64(Position);
        writer.WriteUInt32(Index);
        writer.WriteByte(Partition);
    }

    public static Cause Read(scoped ref ByteReader reader) => new(reader.ReadInt64(), reader.ReadUInt32(), reader.ReadByte());
}

/// <summary>Address and body of a message to an actor: in <see cref="InputKind.Command"/>, <see cref="InputKind.Reminder"/> and, behind a <see cref="Cause"/>, <see cref="InputKind.Told"/>.</summary>
public readonly ref struct AddressedRecord
{
    public required ActorKind ActorKind { get; init; }

    public required MessageKind Message { get; init; }

    public required ReadOnlySpan<byte> Key { get; init; }

    public required ReadOnlySpan<byte> Body { get; init; }

    public static AddressedRecord Read(scoped ref ByteReader reader) => new()
    {
        ActorKind = (ActorKind)reader.ReadByte(),
        Message = (MessageKind)reader.ReadByte(),
        Key = reader.ReadBytes(),
        Body = reader.Rest,
    };

    public static void Write(ByteWriter writer, ActorKind kind, MessageKind message, ReadOnlySpan<byte> key, ReadOnlySpan<byte> body)
    {
        writer.WriteByte((byte)kind);
        writer.WriteByte((byte)message);
        writer.WriteBytes(key);
        writer.WriteRaw(body);
    }
}
