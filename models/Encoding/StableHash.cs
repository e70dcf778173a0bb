using System.Buffers.Binary;

namespace Streaming.Models.Encoding;

/// <summary>
/// The 64-bit hash that places subjects in partitions and fingerprints reading ids. It is written to disk, so it
/// never changes: the same bytes give the same number on every machine, in every version, in every process.
/// The mixing step is the 64x64 to 128-bit multiply-and-fold of the wyhash family. Not for secrets.
/// </summary>
public static class StableHash
{
    private const ulong Seed = 0x9E3779B97F4A7C15;
    private const ulong First = 0xA0761D6478BD642F;
    private const ulong Second = 0xE7037ED1A0B428DB;

    /// <summary>Hash of any number of bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = Seed ^ ((ulong)bytes.Length * First);
        while (bytes.Length >= 8)
        {
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes), First);
            bytes = bytes[8..];
        }

        ulong tail = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            tail |= (ulong)bytes[i] << (8 * i);
        }

        return Fold(hash ^ tail, Second);
    }

    /// <summary>Combines two hashes into one; the order counts.</summary>
    public static ulong Combine(ulong left, ulong right) => Fold(left ^ First, right ^ Second);

    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
