namespace Streaming.Silo.Host;

/// <summary>Settings and bounds of either host.</summary>
internal sealed record HostOptions
{
    /// <summary>Threads that run turns; each owns every so-manieth partition. One a core, since a replay has all cores for itself; under load each passes over the records of the others.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 32);

    /// <summary>Actors kept in memory over all workers; above it, unchanged ones that nobody touched lately are let go.</summary>
    public int ResidentActors { get; init; } = 2_000_000;

    /// <summary>States that may lie ready, read before the turns that need them; 0: each is read when its turn comes. For workers only: grains load themselves.</summary>
    public int StatesAhead { get; init; }

    /// <summary>
    /// A start whose tail has as many records as the store has actors, or more, reads all of them one after another before the first turn, where they are no more than this: most of them are needed, and each by itself costs several
    /// times as much. For workers only.
    /// </summary>
    public int ActorsReadAtStart { get; init; } = 1_500_000;

    /// <summary>An unchanged actor whose last turn is longer ago than this, by the time of the journal, leaves memory though there is room for it.</summary>
    public TimeSpan IdleAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often a small share of the actors is looked at for idle ones.</summary>
    public TimeSpan IdleLookEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Followers of the journal that the turns need.</summary>
    public int Followers => Workers + (StatesAhead > 0 ? 1 : 0);

    /// <summary>Records that may have to be replayed after a crash; near it, checkpoints take more of the time, past it intake waits.</summary>
    public long TailRecords { get; init; } = 10_000_000;

    /// <summary>Turns for which one state is saved while there is work: the bounded share of the rolling checkpoint.</summary>
    public int TurnsPerSavedState { get; init; } = 96;

    /// <summary>
    /// The most of its time that a thread gives to the checkpoint, while the tail is below three quarters of its bound: a worker to serialising, the checkpointer to writing, waits for the disk included. Counts alone do not keep that: a
    /// state may be large, and a disk slow.
    /// </summary>
    public double CheckpointShare { get; init; } = 0.5;

    /// <summary>The most of its time that a worker gives, commits included, to saving states sooner than <see cref="TurnsPerSavedState"/> asks for, in moments without work.</summary>
    public double SpareShare { get; init; } = 0.05;

    /// <summary>The longest pause that the share asks for, however long a write took: a disk that hung for a minute is tried again sooner.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    /// <summary>How long a thread rests after the checkpoint took so much of its time.</summary>
    public TimeSpan RestAfter(TimeSpan took) => RestAfter(took, CheckpointShare, LongestRest);

    /// <summary>The longest pause that <see cref="SpareShare"/> asks for.</summary>
    public static readonly TimeSpan LongestSpareRest = TimeSpan.FromSeconds(10);

    /// <summary>How long a worker waits before it saves more in spare moments, after a batch that took so long.</summary>
    public TimeSpan SpareRestAfter(TimeSpan took) => RestAfter(took, SpareShare, LongestSpareRest);

    private static TimeSpan RestAfter(TimeSpan took, double share, TimeSpan longest)
    {
        TimeSpan rest = took * ((1 / share) - 1);
        return rest < longest ? rest : longest;
    }

    /// <summary>While there is little to do, states are gathered for so long before they are saved, ms.</summary>
    public int IdleSaveMs { get; init; } = 500;

    /// <summary>Readings of which one worker keeps the identities in memory before they are written to a file.</summary>
    public int HistoryPartReadings { get; init; } = 1_000_000;

    /// <summary>
    /// Identities of readings are kept for at least so long, ms, also where the journal is not: a day. What is older than the identities kept is refused, so this is how long a station may be offline when the disk is
    /// small; it has to be longer than a device's clock may run ahead. 16 bytes a reading.
    /// </summary>
    public long HistoryKeepMs { get; init; } = 24 * 60 * 60 * 1000;

    /// <summary>How often the sweep for actors to forget looks at some of the stored states, ms.</summary>
    public int SweepEveryMs { get; init; } = 1_000;

    /// <summary>States that it looks at in one go: ten million in less than three hours, for a few thousandths of a core.</summary>
    public int SweepRows { get; init; } = 1_000;

    /// <summary>A pass over all states begins at most this often, ms.</summary>
    public int SweepPassMs { get; init; } = 60 * 60 * 1000;

    /// <summary>States in one checkpoint batch.</summary>
    public int StatesPerBatch { get; init; } = 2_000;

    /// <summary>States that a worker serialises in one go: well under a millisecond, which is what a turn or a query waits for it at most.</summary>
    public int StatesAtOnce { get; init; } = 100;

    /// <summary>Batches that one worker may have under way to the store.</summary>
    public int BatchesUnderWay { get; init; } = 3;

    /// <summary>Records handled between two looks at the queries that wait.</summary>
    public int RecordsBetweenQueries { get; init; } = 64;

    /// <summary>Queries that may wait for one worker; more are answered with "busy".</summary>
    public int WaitingQueries { get; init; } = 10_000;

    /// <summary>Commands that may be under way at once.</summary>
    public int CommandsUnderWay { get; init; } = 4_096;
}
