using System.Buffers.Binary;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Inputs;

/// <summary>
/// One input of one actor, as it goes from the journal's follower to whoever runs the turn:
/// <code>
/// u32 length of what follows | i64 position | i64 time, ms | i32 element | u8 depth | u8 message | content
/// Reading   = u8 seen before (0 nobody looked, 1 no, 2 yes) | origin | reading element
/// Published = origin | body
/// Reminded  = i64 due, ms | name
/// others    = body
/// </code>
/// </summary>
public readonly ref struct InputEntry
{
    private const int HeaderBytes = 26;

    public required long Position { get; init; }

    public required long TimeMs { get; init; }

    /// <summary>Number of the reading within its record, from 1; 0 for the record's own actor.</summary>
    public required int Element { get; init; }

    public required byte Depth { get; init; }

    public required MessageKind Kind { get; init; }

    public required ReadOnlySpan<byte> Content { get; init; }

    public static InputEntry Next(ref ReadOnlySpan<byte> entries)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(entries);
        ReadOnlySpan<byte> entry = entries.Slice(4, length);
        entries = entries[(4 + length)..];
        return new InputEntry
        {
            Position = BinaryPrimitives.ReadInt64LittleEndian(entry),
            TimeMs = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]),
            Element = BinaryPrimitives.ReadInt32LittleEndian(entry[16..]),
            Depth = entry[20],
            Kind = (MessageKind)entry[21],
            Content = entry[(HeaderBytes - 4)..],
        };
    }

    /// <summary>Writes an input as it stands in its record.</summary>
    public static void Write(ByteWriter writer, long position, in Record record, scoped in ActorInput input)
    {
        int start = Begin(writer, position, record, input.Element, input.Kind);
        switch (input.Kind)
        {
            case MessageKind.Reading:
                WriteReading(writer, input.SeenBefore, input.Origin, input.ReadingBytes);
                break;
            case MessageKind.Published:
                input.Origin.Write(writer);
                writer.WriteRaw(input.Body);
                break;
            default:
                writer.WriteRaw(input.Body);
                break;
        }

        End(writer, start);
    }

    public static void WriteReading(ByteWriter writer, long position, in Record record, int element, bool? seenBefore, scoped in Origin origin, ReadOnlySpan<byte> reading)
    {
        int start = Begin(writer, position, record, element, MessageKind.Reading);
        WriteReading(writer, seenBefore, origin, reading);
        End(writer, start);
    }

    public static void WritePublished(ByteWriter writer, long position, in Record record, scoped in PublishRecord publish)
    {
        int start = Begin(writer, position, record, 0, MessageKind.Published);
        publish.Origin.Write(writer);
        Published.Of(publish, record.TimeMs).Write(writer);
        End(writer, start);
    }

    public static void WriteMessage(ByteWriter writer, long position, in Record record, MessageKind kind, ReadOnlySpan<byte> body)
    {
        int start = Begin(writer, position, record, 0, kind);
        writer.WriteRaw(body);
        End(writer, start);
    }

    /// <summary>The input that was written, for an actor that is known to be its own: kind and key are not repeated but for readings.</summary>
    public ActorInput InputOf(ActorKind actor)
    {
        ByteReader reader = new(Content);
        switch (Kind)
        {
            case MessageKind.Reading:
                bool? seenBefore = reader.ReadByte() switch { 0 => null, 1 => false, _ => true };
                Origin publisher = Origin.Read(ref reader);
                return ActorInput.OfReading(reader.Rest, publisher, seenBefore, Element);
            case MessageKind.Published:
                Origin source = Origin.Read(ref reader);
                return new ActorInput { ActorKind = actor, Key = source.Source, Element = Element, Kind = Kind, Body = reader.Rest, Origin = source };
            default:
                return new ActorInput { ActorKind = actor, Key = default, Element = Element, Kind = Kind, Body = Content };
        }
    }

    private static void WriteReading(ByteWriter writer, bool? seenBefore, scoped in Origin origin, ReadOnlySpan<byte> reading)
    {
        writer.WriteByte(seenBefore switch { null => 0, false => 1, true => 2 });
        origin.Write(writer);
        writer.WriteRaw(reading);
    }

    private static int Begin(ByteWriter writer, long position, in Record record, int element, MessageKind kind)
    {
        int start = writer.Length;
        Span<byte> header = writer.Take(HeaderBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[4..], position);
        BinaryPrimitives.WriteInt64LittleEndian(header[12..], record.TimeMs);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], element);
        header[24] = record.Depth;
        header[25] = (byte)kind;
        return start;
    }

    private static void End(ByteWriter writer, int start) => BinaryPrimitives.WriteInt32LittleEndian(writer.At(start, 4), writer.Length - start - 4);
}
