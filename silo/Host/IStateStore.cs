using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>
/// Where the actors' states rest between runs. A row carries the journal position that it reflects, so that replay skips what is already in it;
/// the store as a whole carries the position from which the journal has to be replayed.
/// </summary>
internal interface IStateStore : IDisposable
{
    /// <summary>First position that must be replayed: every row and history file reflects everything before it.</summary>
    long ReplayFrom { get; }

    /// <summary>The journal was durable up to here when the newest row was written: a journal that ends earlier is not the one that the rows were built from.</summary>
    long BuiltThrough { get; }

    /// <summary>What was found to be damaged since the start; null where nothing was. Nothing mends that, so the process has to end.</summary>
    StateStoreException? Damage => null;

    /// <summary>A reader for one worker; not shared between threads.</summary>
    IStateReader OpenReader();

    /// <summary>Every actor that has a reminder outstanding, and when the earliest is due.</summary>
    IReadOnlyList<(ActorId Actor, long DueMs)> Reminders();

    /// <summary>The rulebooks kept, oldest first: the position of their record and their JSON.</summary>
    IReadOnlyList<(long Position, byte[] Json)> Rulebooks();

    /// <summary>
    /// Stored actors in the store's order, those behind <paramref name="behind"/> (null: from the first), at most so many and of about so many bytes; none at the end. Called by the thread that commits.
    /// </summary>
    IReadOnlyList<WalkedRow> Walk(WalkedRow? behind, int most, long bytes);

    /// <summary>About how many actors are stored, found out without a look at all of them; <see cref="long.MaxValue"/> where that cannot be said.</summary>
    long ActorsAbout() => long.MaxValue;

    /// <summary>Writes all of it, durably, or throws and writes nothing.</summary>
    void Commit(IReadOnlyList<StateBatch> batches, long replayFrom);

    /// <summary>Looks at so many copies of earlier states and removes those that are of no use where history begins at these positions, by kind of actor. True where there are more to look at.</summary>
    bool PruneCopies(Func<ActorKind, long> firstKept, int limit) => false;
}

/// <summary>Reads single rows. What a commit wrote is seen by every read that begins after it.</summary>
internal interface IStateReader : IDisposable
{
    StoredActor? Load(ActorKind kind, string key);

    byte[]? LoadRow(ActorKind kind, string key, string name);

    /// <summary>All actors of a partition, read one after another, which costs a fraction of asking for each. Asked of a store that says how many it has.</summary>
    IEnumerable<WalkedRow> LoadPartition(byte partition) => throw new NotSupportedException($"{GetType().Name} does not read partitions.");

    /// <summary>Until what it returns is disposed of, all reads see the store as the first of them does, which makes each cheaper.</summary>
    IDisposable? Together() => null;
}

/// <summary>One actor as stored: the position its state reflects, and reminders and state as the host wrote them.</summary>
internal sealed record StoredActor(long Position, byte[] Bytes);

/// <summary>One actor as a walk over the store meets it.</summary>
internal readonly record struct WalkedRow(ulong Hash, ActorKind Kind, string Key, long Position, byte[] Bytes);

/// <summary>A slice of a rolling checkpoint: states, each as it was at some moment between two records, as its position says.</summary>
internal sealed class StateBatch
{
    public List<StateRow> Actors { get; init; } = [];

    public List<KeyedRow> Rows { get; } = [];

    public List<(long Position, byte[] Json)> Rulebooks { get; } = [];

    /// <summary>Smallest position since which any of these rows was unsaved; replay may not begin later while the batch is under way.</summary>
    public required long UnsavedSince { get; init; }

    /// <summary>The journal must be durable up to here before the batch may be written: it covers the inputs applied and every effect they asked for.</summary>
    public required long NeedsDurable { get; set; }

    /// <summary>Numbers of the <see cref="Actors"/> that were not written, because the store holds another version than the one they were made from.</summary>
    public List<int> Refused { get; } = [];

    /// <summary>Its share of the time that the commit took; set before <see cref="Saved"/>.</summary>
    public TimeSpan Took { get; set; }

    /// <summary>Called, on the store's thread, once the batch is durable.</summary>
    public required Action Saved { get; init; }
}

/// <summary>One state. Rows lie in the store by the hash of their actor's name, and come in batches that are near one another in that order, so a page is written once for all of its rows. Without bytes the row is removed, and the actor's keyed rows with it, where it is of the version that is named; otherwise nothing happens.</summary>
internal readonly record struct StateRow(ulong Hash, ActorKind Kind, string Key, long Position, long? NextDueMs, byte[]? Bytes)
{
    /// <summary>The stored state must be of this position for the row to be written; <see cref="Absent"/>: there must be none; null: whatever is stored is replaced.</summary>
    public long? Replaces { get; init; }

    public const long Absent = -1;

    /// <summary>The row that is replaced or removed is kept as a copy for history: it is the last one of an earlier UTC day.</summary>
    public bool CopyBefore { get; init; }

    /// <summary>Position of the first input that this state has and the one that it replaces had not; 0 where that is not known. Up to there the copy is what the actor was.</summary>
    public long FirstSince { get; init; }
}

/// <summary>A keyed row of an actor; no value: removed.</summary>
internal readonly record struct KeyedRow(ActorKind Kind, string Key, string Name, byte[]? Value)
{
    /// <summary>Number, among the batch's actors, of the state that the row goes with: where that is refused, so is the row. Null: it is written in any case.</summary>
    public int? With { get; init; }
}
