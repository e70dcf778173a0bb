using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Orleans;

/// <summary>
/// The keyed rows of one grain, each a state of its own in grain storage. A turn does no I/O: where it asks for a row that is not at hand it is broken off, the row is read, and the turn is run again from the
/// state before it. Not every storage writes rows and state in one transaction, so changed rows travel within the state (<see cref="HostedActor.UnsettledRows"/>) and are put among the rows once that is stored: whoever finds a row
/// in both takes the state's. A storage that can do both at once says so (<see cref="ActorRow.WroteRows"/>).
/// </summary>
internal sealed class GrainRows(HostedActor actor, GrainId id, IGrainStorage storage) : IActorRows
{
    private const int RowsKept = 1024;

    private readonly Dictionary<string, GrainState<ActorKeyedRow>> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]?> turn = new(StringComparer.Ordinal);

    public byte[]? Find(string key)
    {
        if (turn.TryGetValue(key, out byte[]? value) || (actor.UnsettledRows?.TryGetValue(key, out value) ?? false))
        {
            return value;
        }

        return known.TryGetValue(key, out GrainState<ActorKeyedRow>? row) ? (row.RecordExists ? row.State?.Value : null) : throw new RowMissingException(key);
    }

    public void Put(string key, byte[] value) => turn[key] = value;

    public void Remove(string key) => turn[key] = null;

    /// <summary>The turn is over: what it changed counts.</summary>
    public void Keep()
    {
        foreach ((string key, byte[]? value) in turn)
        {
            (actor.UnsettledRows ??= new Dictionary<string, byte[]?>(StringComparer.Ordinal))[key] = value;
        }

        turn.Clear();
    }

    /// <summary>The turn is broken off: what it changed does not count.</summary>
    public void Discard() => turn.Clear();

    public async Task LoadAsync(string key)
    {
        MakeRoom();
        GrainState<ActorKeyedRow> row = new(new ActorKeyedRow());
        await storage.ReadStateAsync(NameOf(key), id, row);
        known[key] = row;
    }

    /// <summary>Puts the rows that the stored state carries among the rows. Doing so twice changes nothing.</summary>
    public async Task SettleAsync()
    {
        if (actor.UnsettledRows is not { Count: > 0 } unsettled)
        {
            return;
        }

        foreach ((string key, byte[]? value) in unsettled)
        {
            if (!known.ContainsKey(key))
            {
                // The storage wants to be told the version that is replaced.
                await LoadAsync(key);
            }

            GrainState<ActorKeyedRow> row = known[key];
            if (value is not null)
            {
                row.State = new ActorKeyedRow { Value = value };
                await storage.WriteStateAsync(NameOf(key), id, row);
            }
            else if (row.RecordExists)
            {
                await storage.ClearStateAsync(NameOf(key), id, row);
            }
        }

        actor.UnsettledRows = null;
    }

    /// <summary>The storage has written the changed rows in one transaction with the state.</summary>
    public void Settled()
    {
        foreach ((string key, byte[]? value) in actor.UnsettledRows ?? [])
        {
            MakeRoom();
            known[key] = new GrainState<ActorKeyedRow>(new ActorKeyedRow { Value = value ?? [] }) { RecordExists = value is not null };
        }

        actor.UnsettledRows = null;
    }

    private void MakeRoom()
    {
        if (known.Count >= RowsKept)
        {
            known.Clear();
        }
    }

    private static string NameOf(string key) => $"{ActorGrain.RowPrefix}{key}";
}

/// <summary>Breaks a turn off that needs a row which is not at hand. It never leaves the grain.</summary>
internal sealed class RowMissingException(string key) : Exception($"The row '{key}' is not at hand.")
{
    public string Key { get; } = key;
}
