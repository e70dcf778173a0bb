using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Inputs;

/// <summary>Which of the <see cref="GrainLimits.Partitions"/> an actor lives in. Written into records: it never changes.</summary>
public static class Partition
{
    public static byte Of(ActorKind kind, ReadOnlySpan<byte> key) =>
        (byte)(StableHash.Combine(StableHash.Of(key), (ulong)kind) >> 58);

    public static byte Of(ActorKind kind, string key)
    {
        Span<byte> bytes = stackalloc byte[GrainLimits.KeyBytes * 3];
        return Of(kind, bytes[..System.Text.Encoding.UTF8.GetBytes(key, bytes)]);
    }
}
