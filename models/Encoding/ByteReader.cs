using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Streaming.Models.Encoding;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote. The bytes come from a journal block or a store row whose checksum was
/// checked, so running past the end is a bug or a foreign version and throws <see cref="InvalidDataException"/>.
/// </summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private int offset;

    /// <summary>Bytes consumed so far.</summary>
    public readonly int Offset => offset;

    public readonly bool AtEnd => offset >= bytes.Length;

    public readonly ReadOnlySpan<byte> Rest => bytes[offset..];

    public byte ReadByte() => Take(1)[0];

    public bool ReadBool() => ReadByte() != 0;

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double ReadDouble() => BitConverter.Int64BitsToDouble(ReadInt64());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadVar()
    {
        // Most lengths and figures are below 128.
        if ((uint)offset < (uint)bytes.Length && bytes[offset] < 0x80)
        {
            return bytes[offset++];
        }

        return ReadLongVar();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong ReadLongVar()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException($"Variable-length integer longer than 64 bits at byte {offset}.");
    }

    public long ReadSigned()
    {
        ulong value = ReadVar();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ReadOnlySpan<byte> ReadBytes() => Take(checked((int)ReadVar()));

    public string ReadText() => System.Text.Encoding.UTF8.GetString(ReadBytes());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)(bytes.Length - offset))
        {
            ThrowAtEnd(count);
        }

        ReadOnlySpan<byte> span = bytes.Slice(offset, count);
        offset += count;
        return span;
    }

    [DoesNotReturn]
    private readonly void ThrowAtEnd(int count) =>
        throw new InvalidDataException($"Record ends at byte {bytes.Length}; {count} more bytes were expected at byte {offset}.");
}
