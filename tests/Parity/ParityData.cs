using Streaming.Silo.Host;
using Streaming.Tests.Simulation;
using Streaming.Tests.Support;

namespace Streaming.Tests.Parity;

/// <summary>
/// What outlives a run: the data directory, and the clock. What is played here is which record leads to which, so the disks of journal and history are in memory and spare a sync a record; they forget
/// what was not synced when the power goes.
/// </summary>
/// <param name="directory">Of the lists and, where they are in a file, of the states.</param>
/// <param name="start">What the clock shows at first.</param>
/// <param name="statesInMemory">The states are in memory too: for a host of one thread that nobody else takes over from.</param>
internal sealed class ParityData(string directory, DateTimeOffset start, bool statesInMemory)
{
    /// <summary>More than the longest pause by the clock between two looks of a part that stores how far it is: for an orderly stop the clock has to move by so much.</summary>
    public static readonly TimeSpan Pacing = TimeSpan.FromMilliseconds(1_100);

    private readonly MemoryStateStore? memory = statesInMemory ? new MemoryStateStore() : null;

    public SimulatedDisk JournalDisk { get; } = new(1);

    public SimulatedDisk HistoryDisk { get; } = new(2);

    public ManualTime Time { get; } = new(start);

    public string ListsPath { get; } = Path.Combine(directory, "views.db");

    public string StatesPath { get; } = Path.Combine(directory, "state.db");

    /// <summary>The states for one run, which closes them.</summary>
    public IStateStore OpenStates() => memory ?? (IStateStore)new SqliteStateStore(StatesPath);

    /// <summary>Moves the clock.</summary>
    public void Advance(DateTimeOffset to)
    {
        TimeSpan by = to - Time.GetUtcNow();
        Time.Advance(by >= TimeSpan.Zero ? by : throw new InvalidOperationException($"The clock is at {Time.GetUtcNow():O} and cannot go back to {to:O}."));
    }

    /// <summary>The power goes: of journal and history there is what was synced, and of what was not, some. Nothing that runs can write to them any more.</summary>
    public void Crash()
    {
        JournalDisk.Crash();
        HistoryDisk.Crash();
    }
}
