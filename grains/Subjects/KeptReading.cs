using System.Buffers.Binary;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>
/// A reading kept whole, in the form it came in: time, source, id and body. Keeping the newest is a copy of some hundred bytes into a buffer that grows a few times
/// in a subject's life and is otherwise reused; only who asks for the state pays for taking it apart.
/// <code>i64 at | u8 length, source | u8 length, id | body</code>
/// </summary>
internal struct KeptReading
{
    private byte[]? bytes;
    private int length;

    /// <summary>False while nothing was kept.</summary>
    public readonly bool IsKept => length > 0;

    /// <summary>Time of the reading, milliseconds since 1970; the earliest time there is while nothing was kept.</summary>
    public readonly long AtMs => length > 0 ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : long.MinValue;

    public readonly ReadOnlySpan<byte> Source => bytes.AsSpan(9, bytes![8]);

    public readonly ReadOnlySpan<byte> Id => bytes.AsSpan(10 + bytes![8], bytes[9 + bytes[8]]);

    /// <summary>The reading in its own binary form.</summary>
    public readonly ReadOnlySpan<byte> Body
    {
        get
        {
            int start = 10 + bytes![8] + bytes[9 + bytes[8]];
            return bytes.AsSpan(start, length - start);
        }
    }

    /// <summary>True where the reading is to take its place: it is newer, or, of the same time, behind it by source and id, so that it does not matter in which order the two came.</summary>
    public readonly bool Precedes(scoped in Message message)
    {
        long atMs = AtMs;
        if (message.Header.AtMs != atMs || length == 0)
        {
            return message.Header.AtMs > atMs || length == 0;
        }

        int bySource = message.Origin.Source.SequenceCompareTo(Source);
        return bySource != 0 ? bySource > 0 : message.Header.Id.SequenceCompareTo(Id) >= 0;
    }

    /// <summary>Replaces what was kept.</summary>
    public void Keep(scoped in Message message)
    {
        ReadOnlySpan<byte> source = Head(message.Origin.Source);
        ReadOnlySpan<byte> id = Head(message.Header.Id);
        int needed = 10 + source.Length + id.Length + message.Body.Length;
        if (bytes is null || bytes.Length < needed)
        {
            // A little room to spare: the next reading of the same stream differs by a few digits.
            bytes = new byte[(needed + 31) / 16 * 16];
        }

        Span<byte> rest = bytes;
        BinaryPrimitives.WriteInt64LittleEndian(rest, message.Header.AtMs);
        rest[8] = (byte)source.Length;
        source.CopyTo(rest[9..]);
        rest = rest[(9 + source.Length)..];
        rest[0] = (byte)id.Length;
        id.CopyTo(rest[1..]);
        message.Body.CopyTo(rest[(1 + id.Length)..]);
        length = needed;
    }

    public readonly void Write(ByteWriter writer) => writer.WriteBytes(bytes.AsSpan(0, length));

    public static KeptReading Read(scoped ref ByteReader reader)
    {
        ReadOnlySpan<byte> kept = reader.ReadBytes();
        return new KeptReading { bytes = kept.Length > 0 ? kept.ToArray() : null, length = kept.Length };
    }

    /// <summary>Sources and ids are bounded far below this when they come in; the cut keeps the layout sound whatever happens there.</summary>
    private static ReadOnlySpan<byte> Head(ReadOnlySpan<byte> text) => text.Length <= byte.MaxValue ? text : text[..byte.MaxValue];
}
