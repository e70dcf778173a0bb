using Streaming.Grains.Turns;
using Streaming.Silo.Host;

namespace Streaming.Silo.History;

/// <summary>
/// What a back-test has put aside, and behind it the keyed rows as they were at its beginning. A row that the back-test removed has to hide the one behind it, so what is put aside says whether there is a value.
/// </summary>
internal sealed class BackTestRows(IStateReader aside, IPastStates? begun, long beginMs) : IStateReader
{
    private const byte Removed = 0;
    private const byte Present = 1;

    public StoredActor? Load(ActorKind kind, string key) => aside.Load(kind, key);

    public byte[]? LoadRow(ActorKind kind, string key, string name)
    {
        if (aside.LoadRow(kind, key, name) is { } kept)
        {
            return kept[0] == Present ? kept[1..] : null;
        }

        return begun?.At(kind, key, beginMs) is { } state ? begun.Row(kind, key, name, state) : null;
    }

    public void Dispose() => aside.Dispose();

    /// <summary>The row in the form in which it is put aside.</summary>
    public static KeyedRow Kept(KeyedRow row) => row with { Value = row.Value is null ? [Removed] : [Present, .. row.Value] };
}
