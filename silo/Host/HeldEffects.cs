using Streaming.Grains.Inputs;

namespace Streaming.Silo.Host;

/// <summary>
/// Effects that replayed turns asked for again. When the record of one is met in the journal it is struck out, and the record wins: it was handed on as it
/// stands there. What remains at the end was asked for and never reached the disk, and is appended now. So an effect happens once, also where the code has
/// changed between the two runs.
/// </summary>
internal sealed class HeldEffects
{
    private readonly Dictionary<(long Position, uint Index), byte[]> held = [];

    public int Count => held.Count;

    public void Hold(Cause cause, ReadOnlySpan<byte> record) => held[(cause.Position, cause.Index)] = record.ToArray();

    /// <summary>False where it was not held.</summary>
    public bool Strike(Cause cause) => held.Remove((cause.Position, cause.Index));

    /// <summary>What remains, in the order in which it was asked for.</summary>
    public IEnumerable<byte[]> Remaining() =>
        held.OrderBy(effect => effect.Key.Position).ThenBy(effect => effect.Key.Index).Select(effect => effect.Value);

    public void Clear() => held.Clear();
}
