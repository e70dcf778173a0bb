namespace Streaming.Grains;

/// <summary>Every bound of the actors, in one place.</summary>
public static class GrainLimits
{
    /// <summary>Length of an actor's key in UTF-8 bytes.</summary>
    public const int KeyBytes = 128;

    /// <summary>Partitions that the subjects are spread over. Persisted in records: it never changes.</summary>
    public const int Partitions = 64;

    /// <summary>Effects that one turn may ask for; the number of an effect within its turn is one byte.</summary>
    public const int EffectsPerTurn = 200;

    /// <summary>Length of a chain of turns, each told by the one before. A longer one is a loop between actors.</summary>
    public const int ChainDepth = 16;

    /// <summary>An actor's state, serialised. What can grow past it belongs in keyed rows.</summary>
    public const int StateBytes = 64 * 1024;

    /// <summary>The newest readings of which a subject knows time and id.</summary>
    public const int RecentReadings = 16;

    /// <summary>Readings that a warning cites: the one that opened it and the newest.</summary>
    public const int CitedReadings = 4;

    /// <summary>Tanks of an enterprise that are part of its state; further ones are keyed rows. With the longest names a state of this many stays below <see cref="StateBytes"/>.</summary>
    public const int UnitsInState = 64;

    /// <summary>Substances of an enterprise's ledger that are part of its state; further ones are keyed rows.</summary>
    public const int SubstancesInState = 32;

    /// <summary>Tanks that the explanation of a warning names one by one.</summary>
    public const int TanksExplained = 4;

    /// <summary>Reminders that one actor may have outstanding.</summary>
    public const int Reminders = 64;
}
