using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Inputs;

/// <summary>Which of the <see cref="GrainLimits.Partitions"/> an actor lives in. Written into records: it never changes.</summary>
public static class Partition
{
    private const int HashShift = 58;

    public static byte Of(ActorKind kind, ReadOnlySpan<byte> key) => Of(HashOf(kind, key));

    public static byte Of(ulong hash) => (byte)(hash >> HashShift);

    /// <summary>The smallest hash of an actor that may live in the partition.</summary>
    public static ulong FirstHash(byte partition) => (ulong)partition << HashShift;

    /// <summary>The largest hash of an actor that may live in the partition.</summary>
    public static ulong LastHash(byte partition) => FirstHash(partition) | ((1UL << HashShift) - 1);

    /// <summary>The hash of an actor's name: its first six bits are the partition.</summary>
    public static ulong HashOf(ActorKind kind, ReadOnlySpan<byte> key) => StableHash.Combine(StableHash.Of(key), (ulong)kind);

    public static byte Of(ActorKind kind, string key) => Of(HashOf(kind, key));

    public static ulong HashOf(ActorKind kind, string key)
    {
        Span<byte> bytes = stackalloc byte[GrainLimits.KeyBytes * 3];
        return HashOf(kind, bytes[..System.Text.Encoding.UTF8.GetBytes(key, bytes)]);
    }
}
