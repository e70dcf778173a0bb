using System.Buffers.Binary;
using System.Numerics;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Silo.History;

namespace Streaming.Silo.Journal.Archives;

/// <summary>
/// Which stream a record belongs to, and where its raw payload stands in it. Without the raw payload a record is again a whole record, whose payload is empty.
/// A record with rejections keeps its payload, since the quarantine list is made from it, and one whose payload is empty has none to split off.
/// </summary>
internal readonly record struct RecordParts(JournalStream Stream, int RawAt, int RawBytes)
{
    /// <summary>True where <see cref="RawBytes"/> bytes of payload stand behind their length at <see cref="RawAt"/> and are to be kept apart.</summary>
    public bool Splits => RawBytes > 0;

    /// <summary>Bytes of the payload's length.</summary>
    private int LengthBytes => VarBytes(RawBytes);

    /// <summary>
    /// Takes a record apart. One that does not read as it should (the journal takes whole records and does not look into them) is kept whole, with what is of no stream.
    /// </summary>
    public static RecordParts Of(ReadOnlySpan<byte> record)
    {
        if (Record.KindOf(record) != InputKind.Publish)
        {
            return new RecordParts(JournalStream.Core, 0, 0);
        }

        try
        {
            ByteReader reader = new(record[Record.HeaderBytes..]);
            _ = Origin.Read(ref reader);
            ReadOnlySpan<byte> topic = reader.ReadBytes();
            int rawAt = Record.HeaderBytes + reader.Offset;
            ReadOnlySpan<byte> raw = reader.ReadBytes();
            bool canonical = Record.HeaderBytes + reader.Offset == rawAt + VarBytes(raw.Length) + raw.Length;
            int readings = reader.ReadInt32();
            int rejections = reader.ReadInt32();
            ReadOnlySpan<byte> elements = reader.Rest;
            JournalStream stream = readings > 0 && elements.Length > 5 ? Streams.Of((ReadingKind)elements[5])
                : TopicRoute.TryParse(topic, out TopicRoute route, out _) ? Streams.Of((ReadingKind)(byte)route.Kind)
                : JournalStream.Other;
            return rejections == 0 && canonical && raw.Length > 0 ? new RecordParts(stream, rawAt, raw.Length) : new RecordParts(stream, 0, 0);
        }
        catch (Exception failure) when (failure is InvalidDataException or OverflowException)
        {
            return new RecordParts(JournalStream.Other, 0, 0);
        }
    }

    /// <summary>The payload that is split off.</summary>
    public ReadOnlySpan<byte> RawOf(ReadOnlySpan<byte> record) => record.Slice(RawAt + LengthBytes, RawBytes);

    /// <summary>Appends the record with an empty payload.</summary>
    public void WriteWithoutRaw(ReadOnlySpan<byte> record, ByteWriter writer)
    {
        int start = writer.Length;
        writer.WriteRaw(record[..RawAt]);
        writer.WriteByte(0);
        writer.WriteRaw(record[(RawAt + LengthBytes + RawBytes)..]);
        BinaryPrimitives.WriteInt32LittleEndian(writer.At(start, 4), writer.Length - start - 4);
    }

    /// <summary>Appends a record that was written without its payload, with it: the bytes are those of the record that was taken apart.</summary>
    public static void WriteWithRaw(ReadOnlySpan<byte> record, ReadOnlySpan<byte> raw, ByteWriter writer)
    {
        ByteReader reader = new(record[Record.HeaderBytes..]);
        _ = Origin.Read(ref reader);
        _ = reader.ReadBytes();
        int rawAt = Record.HeaderBytes + reader.Offset;
        int start = writer.Length;
        writer.WriteRaw(record[..rawAt]);
        writer.WriteBytes(raw);
        writer.WriteRaw(record[(rawAt + 1)..]);
        BinaryPrimitives.WriteInt32LittleEndian(writer.At(start, 4), writer.Length - start - 4);
    }

    /// <summary>
    /// The actors that a record concerns, each once, into an empty list. A record that does not read as it should concerns nobody.
    /// </summary>
    public static void CollectSubjects(ReadOnlySpan<byte> record, List<ulong> hashes)
    {
        try
        {
            RecordSubjects.Collect(record, hashes);
        }
        catch (Exception failure) when (failure is InvalidDataException or OverflowException or ArgumentException or IndexOutOfRangeException or JsonException)
        {
            hashes.Clear();
        }
    }

    private static int VarBytes(int value) => Math.Max(1, (32 - BitOperations.LeadingZeroCount((uint)value) + 6) / 7);
}
