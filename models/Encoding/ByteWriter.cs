using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Streaming.Models.Encoding;

/// <summary>
/// A growing buffer for everything that is persisted: readings, messages, states. Integers are little-endian;
/// variable-length integers are LEB128, signed ones zigzag first; text is UTF-8 behind its length. Not thread-safe; reused after <see cref="Clear"/>.
/// </summary>
public sealed class ByteWriter : IBufferWriter<byte>
{
    private byte[] buffer;
    private int length;

    public ByteWriter(int capacity = 256) => buffer = new byte[Math.Max(capacity, 16)];

    /// <summary>Bytes written so far.</summary>
    public int Length => length;

    /// <summary>Bytes that fit without growing.</summary>
    public int Capacity => buffer.Length;

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    public ReadOnlyMemory<byte> WrittenMemory => buffer.AsMemory(0, length);

    public void Clear() => length = 0;

    /// <summary>Forgets everything behind <paramref name="newLength"/>; used to take back a record that turned out not to fit.</summary>
    public void Truncate(int newLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(newLength, length);
        length = newLength;
    }

    /// <summary>A view of bytes already written, to be patched in place.</summary>
    public Span<byte> At(int offset, int count) => buffer.AsSpan(0, length).Slice(offset, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value)
    {
        if (length == buffer.Length)
        {
            Grow(1);
        }

        buffer[length++] = value;
    }

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);
    }

    public void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);
    }

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
    }

    public void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);
    }

    public void WriteUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
    }

    public void WriteDouble(double value) => WriteInt64(BitConverter.DoubleToInt64Bits(value));

    public void WriteBool(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>LEB128: seven bits a byte, least significant first.</summary>
    public void WriteVar(ulong value)
    {
        while (value >= 0x80)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        WriteByte((byte)value);
    }

    /// <summary>Zigzag, then LEB128.</summary>
    public void WriteSigned(long value) => WriteVar((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Length as LEB128, then the bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteVar((ulong)bytes.Length);
        bytes.CopyTo(Take(bytes.Length));
    }

    /// <summary>The bytes alone.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void WriteText(string text)
    {
        int count = System.Text.Encoding.UTF8.GetByteCount(text);
        WriteVar((ulong)count);
        System.Text.Encoding.UTF8.GetBytes(text, Take(count));
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, buffer.Length - length);
        length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 64));
        return buffer.AsMemory(length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 64));
        return buffer.AsSpan(length);
    }

    /// <summary>Makes room for <paramref name="count"/> bytes, counts them as written and returns them for filling.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Take(int count)
    {
        Reserve(count);
        Span<byte> span = buffer.AsSpan(length, count);
        length += count;
        return span;
    }

    private void Reserve(int count)
    {
        if (buffer.Length - length < count)
        {
            Grow(count);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count) => Array.Resize(ref buffer, checked(Math.Max(buffer.Length * 2, length + count)));
}
