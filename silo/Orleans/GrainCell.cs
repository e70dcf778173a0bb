using Streaming.Grains.Inputs;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Orleans;

/// <summary>What the journal's follower keeps about one grain: the inputs that wait for it, the call that is outstanding, and how far the journal is needed for it. Touched by the follower's step only.</summary>
internal sealed class GrainCell(ActorKind kind, byte[] keyUtf8, ulong hash, IActorGrain grain)
{
    public ActorKind Kind { get; } = kind;

    public byte[] KeyUtf8 { get; } = keyUtf8;

    public ulong Hash { get; } = hash;

    public IActorGrain Grain { get; } = grain;

    /// <summary>Inputs that came while a call was outstanding; null where there are none.</summary>
    public ByteWriter? Pending { get; set; }

    public long PendingFirst { get; set; }

    /// <summary>Position of the last input, pending or sent.</summary>
    public long Through { get; set; }

    /// <summary>The batch that is outstanding, or will be sent again; null where there is none.</summary>
    public InputBatch? Outstanding { get; set; }

    /// <summary>The buffer under <see cref="Outstanding"/>.</summary>
    public ByteWriter? Sent { get; set; }

    /// <summary>Bytes of inputs that waited, and are in <see cref="Outstanding"/> now.</summary>
    public int SentBytes { get; set; }

    /// <summary>Position of the last input of <see cref="Outstanding"/>.</summary>
    public long SentThrough { get; set; }

    /// <summary>It stands in the queue of those to be called.</summary>
    public bool Queued { get; set; }

    public int Attempts { get; set; }

    /// <summary><see cref="Outstanding"/> was sent more than once, so answers to commands in it may be lost.</summary>
    public bool SentAgain { get; set; }

    /// <summary>A turn threw: what stands before its input is sent once more, and then the actor stops for this reason.</summary>
    public string? Failing { get; set; }

    /// <summary>The last position answered for; 0 where none was since the cell was made, which is only done when everything before is stored.</summary>
    public long Applied { get; set; }

    /// <summary>Effects caused up to here have been appended.</summary>
    public long EffectsThrough { get; set; }

    /// <summary>The journal's end when the newest of them were appended.</summary>
    public long EffectsAt { get; set; }

    /// <summary>First input since the state was last asked to be stored; 0 where there was none.</summary>
    public long UnsavedSince { get; set; }

    /// <summary>Everything before this is stored, or left no trace; the end of what was sent where nothing is needed.</summary>
    public long NeededSince
    {
        get
        {
            long needed = Math.Min(Round?.UnsavedSince ?? long.MaxValue, UnsavedSince == 0 ? long.MaxValue : UnsavedSince);
            return needed == long.MaxValue ? SentThrough + 1 : needed;
        }
    }

    /// <summary>The round of the rolling checkpoint that waits for this grain to store its state; null where none does.</summary>
    public CheckpointRound? Round { get; set; }

    /// <summary>Positions of commands whose sender waits for the answer, rising.</summary>
    public Queue<long>? Commands { get; set; }

    /// <summary>Who waits until everything up to a position is applied.</summary>
    public List<(long Position, TaskCompletionSource<long> Reached)>? Waiting { get; set; }

    /// <summary>Why the actor stopped; null where it runs.</summary>
    public string? Failure { get; set; }

    public string Key => System.Text.Encoding.UTF8.GetString(KeyUtf8);

    public bool Idle => Outstanding is null && Pending is null && !Queued;
}

/// <summary>The name of an actor, for looking a cell up without making a string.</summary>
internal readonly ref struct CellName(ActorKind kind, ReadOnlySpan<byte> key, ulong hash)
{
    public ActorKind Kind { get; } = kind;

    public ReadOnlySpan<byte> Key { get; } = key;

    public ulong Hash { get; } = hash;
}

/// <summary>The cells by name.</summary>
internal sealed class GrainTable
{
    private readonly Dictionary<GrainCell, GrainCell> cells = new(new ByName());
    private readonly Dictionary<GrainCell, GrainCell>.AlternateLookup<CellName> byName;

    public GrainTable() => byName = cells.GetAlternateLookup<CellName>();

    public int Count => cells.Count;

    public IEnumerable<GrainCell> All => cells.Keys;

    public GrainCell? Find(ActorKind kind, ReadOnlySpan<byte> key, ulong hash) => byName.TryGetValue(new CellName(kind, key, hash), out GrainCell? cell) ? cell : null;

    public void Add(GrainCell cell) => cells.Add(cell, cell);

    public void Remove(GrainCell cell) => cells.Remove(cell);

    /// <summary>Removes those that may go.</summary>
    public void Remove(Predicate<GrainCell> mayGo)
    {
        foreach (GrainCell cell in cells.Keys)
        {
            if (mayGo(cell))
            {
                cells.Remove(cell);
            }
        }
    }

    private sealed class ByName : IEqualityComparer<GrainCell>, IAlternateEqualityComparer<CellName, GrainCell>
    {
        public bool Equals(GrainCell? x, GrainCell? y) => ReferenceEquals(x, y);

        public int GetHashCode(GrainCell cell) => (int)cell.Hash;

        public bool Equals(CellName alternate, GrainCell other) => other.Hash == alternate.Hash && other.Kind == alternate.Kind && alternate.Key.SequenceEqual(other.KeyUtf8);

        public int GetHashCode(CellName alternate) => (int)alternate.Hash;

        public GrainCell Create(CellName alternate) => throw new NotSupportedException("A cell is made by whoever can ask its grain.");
    }
}
