using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Tests.Simulation;

/// <summary>A state store in memory. Its commits are atomic and durable, as the real one's are.</summary>
internal sealed class MemoryStateStore : IStateStore
{
    private readonly Dictionary<(ActorKind, string), (long Position, long? DueMs, byte[] Bytes)> actors = [];
    private readonly Dictionary<(ActorKind, string, string), byte[]> rows = [];
    private readonly SortedDictionary<long, byte[]> rulebooks = [];

    public long ReplayFrom { get; private set; } = 1;

    public long BuiltThrough { get; private set; }

    public int Commits { get; private set; }

    /// <summary>Actors removed.</summary>
    public int Removed { get; private set; }

    /// <summary>Set to make commits fail, as on a full disk.</summary>
    public bool Failing { get; set; }

    public IStateReader OpenReader() => new Reader(this);

    public IReadOnlyList<(ActorId Actor, long DueMs)> Reminders() =>
        [.. actors.Where(actor => actor.Value.DueMs is not null).Select(actor => (new ActorId(actor.Key.Item1, actor.Key.Item2), actor.Value.DueMs!.Value))];

    public IReadOnlyList<(long Position, byte[] Json)> Rulebooks() => [.. rulebooks.Select(version => (version.Key, version.Value))];

    /// <summary>Actors stored.</summary>
    public int Count => actors.Count;

    public IReadOnlyList<WalkedRow> Walk(WalkedRow? behind, int most, long bytes) =>
        [.. actors.Select(actor => new WalkedRow(Partition.HashOf(actor.Key.Item1, actor.Key.Item2), actor.Key.Item1, actor.Key.Item2, actor.Value.Position, actor.Value.Bytes))
            .OrderBy(row => row.Hash).Where(row => behind is not { } from || row.Hash > from.Hash).Take(most)];

    public long ActorsAbout() => actors.Count;

    public void Commit(IReadOnlyList<StateBatch> batches, long replayFrom)
    {
        if (Failing)
        {
            throw new IOException("No space left on device (simulated).");
        }

        Commits++;
        foreach (StateBatch batch in batches)
        {
            foreach (StateRow row in batch.Actors)
            {
                if (row.Bytes is not null)
                {
                    actors[(row.Kind, row.Key)] = (row.Position, row.NextDueMs, row.Bytes);
                }
                else if (actors.TryGetValue((row.Kind, row.Key), out (long Position, long? DueMs, byte[] Bytes) stored) && stored.Position == row.Replaces)
                {
                    actors.Remove((row.Kind, row.Key));
                    Removed++;
                }
            }

            foreach (KeyedRow row in batch.Rows)
            {
                if (row.Value is null)
                {
                    rows.Remove((row.Kind, row.Key, row.Name));
                }
                else
                {
                    rows[(row.Kind, row.Key, row.Name)] = row.Value;
                }
            }

            foreach ((long position, byte[] json) in batch.Rulebooks)
            {
                rulebooks[position] = json;
            }
        }

        BuiltThrough = batches.Aggregate(BuiltThrough, (most, batch) => Math.Max(most, batch.NeedsDurable));
        ReplayFrom = replayFrom;
    }

    public void Dispose()
    {
    }

    private sealed class Reader(MemoryStateStore store) : IStateReader
    {
        public StoredActor? Load(ActorKind kind, string key) =>
            store.actors.TryGetValue((kind, key), out (long Position, long? DueMs, byte[] Bytes) found) ? new StoredActor(found.Position, found.Bytes) : null;

        public IEnumerable<WalkedRow> LoadPartition(byte partition) => store.Walk(null, int.MaxValue, long.MaxValue).Where(row => Partition.Of(row.Hash) == partition);

        public byte[]? LoadRow(ActorKind kind, string key, string name) => store.rows.GetValueOrDefault((kind, key, name));

        public void Dispose()
        {
        }
    }
}

/// <summary>
/// Lists in memory. Like SQLite without a sync at every commit, a crash may take back the newest transactions, in order, as far as the last sync.
/// </summary>
internal sealed class MemoryViewStore : IViewStore
{
    private readonly List<ViewBatch> applied = [];
    private int synced;

    /// <summary>Set to make transactions fail, as on a full disk.</summary>
    public bool Failing { get; set; }

    /// <summary>Told of each feed item that is written.</summary>
    public Action<ViewChange>? Shown { get; set; }

    public SortedDictionary<(View View, string Key), byte[]> Rows { get; private set; } = new(KeyOrder);

    public SortedDictionary<(long Position, int Element), QuarantineRow> Quarantine { get; private set; } = [];

    public long Position { get; private set; }

    private static Comparer<(View View, string Key)> KeyOrder { get; } =
        Comparer<(View View, string Key)>.Create((left, right) => left.View != right.View ? left.View.CompareTo(right.View) : string.CompareOrdinal(left.Key, right.Key));

    public void Apply(ViewBatch batch)
    {
        if (Failing)
        {
            throw new IOException("No space left on device (simulated).");
        }

        applied.Add(batch);
        Put(batch);
        foreach (ViewChange change in batch.Changes)
        {
            if (change.View == View.Feed)
            {
                Shown?.Invoke(change);
            }
        }
    }

    public void Trim(ViewRetention retention, long nowMs)
    {
    }

    public long SyncedPosition()
    {
        synced = applied.Count;
        return Position;
    }

    public void Crash(Random random)
    {
        int kept = random.Next(synced, applied.Count + 1);
        List<ViewBatch> survived = applied.GetRange(0, kept);
        applied.Clear();
        Rows = new(KeyOrder);
        Quarantine = [];
        Position = 0;
        foreach (ViewBatch batch in survived)
        {
            applied.Add(batch);
            Put(batch);
        }

        synced = kept;
    }

    public void Dispose()
    {
    }

    private void Put(ViewBatch batch)
    {
        foreach (ViewChange change in batch.Changes)
        {
            if (change.Json is null)
            {
                Rows.Remove((change.View, change.Key));
            }
            else
            {
                Rows[(change.View, change.Key)] = change.Json;
            }
        }

        foreach (QuarantineRow row in batch.Quarantine)
        {
            Quarantine[(row.Position, row.Element)] = row;
        }

        Position = batch.Position;
    }
}
