using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>One resident actor with what the host keeps about it. Touched only by the worker that owns its partition, except where said.</summary>
internal sealed class ActorCell(ActorKind kind, string key, byte[] keyUtf8, ulong hash, byte partition, ActorMaker make) : HostedActor(kind, key, make)
{
    public byte[] KeyUtf8 { get; } = keyUtf8;

    public ulong Hash { get; } = hash;

    public byte Partition { get; } = partition;

    /// <summary>Next cell of the same bucket.</summary>
    public ActorCell? Next { get; set; }

    /// <summary>The position that the state had in the store when it was loaded: replayed inputs up to here are in it.</summary>
    public long LoadedPosition { get; set; }

    /// <summary>True where the store has a row of it, or will have when a batch under way is written.</summary>
    public bool Stored { get; set; }

    /// <summary>UTC day of the turn time of the state last put into a checkpoint (<see cref="HostedActor.DayOf"/>).</summary>
    public int SavedDay { get; set; }

    /// <summary>First input applied since the state was last put into a checkpoint; 0 where there was none.</summary>
    public long UnsavedSince { get; set; }

    /// <summary>Checkpoint batches under way that hold this actor. The cell must stay resident meanwhile, since the store is behind it.</summary>
    public int Saving { get; set; }

    /// <summary>Set when the actor was touched, cleared by the sweep that looks for actors to let go.</summary>
    public bool Touched { get; set; }

    /// <summary>The keyed rows at hand; null where none was ever asked for.</summary>
    public RowCache? Rows { get; set; }

    public void Load(StoredActor stored)
    {
        Load(stored.Bytes, stored.Position);
        LoadedPosition = stored.Position;
        Stored = true;
        SavedDay = DayOf(TimeMs);
    }
}
