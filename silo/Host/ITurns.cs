using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>Who runs the actors' turns behind the journal: the standalone host's workers, or the grains of an Orleans silo.</summary>
internal interface ITurns : IDisposable
{
    /// <summary>The host's name, as <see cref="Hosts.Name"/> gives it.</summary>
    string Name { get; }

    /// <summary>The parts that want to be stepped, in the order in which a simulation may step them.</summary>
    IReadOnlyList<TurnPart> Parts { get; }

    /// <summary>The last position that all turns were run up to, as far as they have to be before recovery is over.</summary>
    long Handled { get; }

    /// <summary>False once everything that the journal held at the start has been replayed.</summary>
    bool Recovering { get; }

    /// <summary>True where every turn was run on what the journal holds now, and nothing is waiting.</summary>
    bool AtRest { get; }

    /// <summary>What stopped for good, in words; null where all runs.</summary>
    string? Stopped { get; }

    /// <summary>Why states cannot be saved now, in words; null while they can.</summary>
    string? Trouble { get; }

    /// <summary>Time that this process has spent on the rolling checkpoint, added up over its threads; zero where it is spent elsewhere.</summary>
    TimeSpan CheckpointTime => TimeSpan.Zero;

    /// <summary>The parts have threads now; <paramref name="wake"/> makes one look for work.</summary>
    void Started(Action<IStep> wake);

    /// <summary>Recovery is over and inputs are taken: what moves by itself, such as clocks, may begin.</summary>
    Task OpenAsync(CancellationToken cancellation);

    /// <summary>
    /// The actor's state as JSON once everything up to <paramref name="after"/> was applied to it (null where it does not exist), and the position that must be durable before it is shown.
    /// </summary>
    ValueTask<(byte[]? Json, long Position)> DescribeAsync(ActorKind kind, string key, long after, CancellationToken cancellation);

    /// <summary>Nothing more comes: ends what moves by itself. Called before the threads end; never fails.</summary>
    Task CloseAsync();

    /// <summary>Called after the threads have ended: answers what waits with a failure.</summary>
    void Reject(Exception why);
}

/// <summary>A part to be stepped.</summary>
/// <param name="Step">The part.</param>
/// <param name="IdleMs">It looks for work at least this often, ms.</param>
/// <param name="Wakes">What gives it work.</param>
internal readonly record struct TurnPart(IStep Step, int IdleMs, Wakes Wakes);

[Flags]
internal enum Wakes
{
    None = 0,

    /// <summary>A record was appended.</summary>
    Appended = 1,

    /// <summary>A block reached the disk.</summary>
    Durable = 2,
}
