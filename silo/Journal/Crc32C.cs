using System.Buffers.Binary;
using System.Numerics;

namespace Streaming.Silo.Journal;

/// <summary>
/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78). The processor's own instruction takes eight bytes at a time, which at several GB/s is far above what a
/// disk takes, so nothing cleverer is done.
/// </summary>
internal static class Crc32C
{
    /// <summary>Continues <paramref name="crc"/> (0 to begin with) over <paramref name="bytes"/>. In pieces or at once gives the same.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint state = ~crc;
        while (bytes.Length >= 32)
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
            bytes = bytes[32..];
        }

        foreach (byte value in bytes)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return ~state;
    }
}
