using Orleans;
using Streaming.Grains.Inputs;

namespace Streaming.Grains.Orleans;

/// <summary>
/// Inputs of one actor in journal order (<see cref="InputEntry"/>). A position is never split over two batches. Nobody changes a batch that was sent, so it crosses a process boundary by value and a silo's inside by reference.
/// </summary>
[GenerateSerializer, Immutable, Alias("streaming.InputBatch")]
public sealed class InputBatch
{
    /// <summary>The last position that the sender knows to be applied and not stored yet, 0 where it knows of none. A grain that is behind it lost what it had applied, and says so.</summary>
    [Id(0)]
    public required long After { get; init; }

    /// <summary>Effects caused up to here are durable in the journal; the outbox may forget them.</summary>
    [Id(1)]
    public required long Confirmed { get; init; }

    /// <summary>Position of the first input; 0 where there is none.</summary>
    [Id(2)]
    public required long First { get; init; }

    /// <summary>The state is to be stored, whether or not the turns asked for anything.</summary>
    [Id(3)]
    public required bool Store { get; init; }

    [Id(4)]
    public required ReadOnlyMemory<byte> Inputs { get; init; }
}

/// <summary>The answer to a batch.</summary>
/// <param name="Position">The last position applied.</param>
/// <param name="More">Anything beyond that; null where the turns asked for nothing.</param>
[GenerateSerializer, Immutable, Alias("streaming.Applied")]
public readonly record struct Applied([property: Id(0)] long Position, [property: Id(1)] AppliedMore? More);

/// <summary>What a batch led to.</summary>
[GenerateSerializer, Immutable, Alias("streaming.AppliedMore")]
public sealed class AppliedMore
{
    /// <summary>The grain is behind <see cref="InputBatch.After"/> and applied nothing: it needs the inputs since its position again.</summary>
    [Id(0)]
    public bool Behind { get; init; }

    /// <summary>Journal records of the effects caused by the batch's inputs, whole, one behind the other.</summary>
    [Id(1)]
    public byte[] Effects { get; init; } = [];

    /// <summary>Answers to the commands among the inputs.</summary>
    [Id(2)]
    public CommandAnswer[] Answers { get; init; } = [];

    /// <summary>Why the actor stopped: a turn threw. Its state is the one before that turn; null where it runs.</summary>
    [Id(3)]
    public string? Failure { get; init; }

    /// <summary>The input whose turn threw; what comes before it in the batch was not stored and has to be sent again.</summary>
    [Id(4)]
    public long FailedAt { get; init; }
}

/// <summary>A look at an actor.</summary>
/// <param name="Behind">The activation has not applied all that the asker knows to be applied: it needs its inputs again.</param>
/// <param name="Json">The state as one JSON object, UTF-8; null where nothing has happened to the actor.</param>
[GenerateSerializer, Immutable, Alias("streaming.Look")]
public readonly record struct Look([property: Id(0)] bool Behind, [property: Id(1)] byte[]? Json);

/// <summary>The answer to the command at a position; without a status there is none.</summary>
[GenerateSerializer, Immutable, Alias("streaming.CommandAnswer")]
public readonly record struct CommandAnswer([property: Id(0)] long Position, [property: Id(1)] byte Status, [property: Id(2)] string Text, [property: Id(3)] string[] Allowed, [property: Id(4)] string? Made);

/// <summary>A reminder that is due.</summary>
[GenerateSerializer, Immutable, Alias("streaming.DueReminder")]
public readonly record struct DueReminder([property: Id(0)] string Name, [property: Id(1)] long DueMs);

/// <summary>An actor as grain storage keeps it.</summary>
[GenerateSerializer, Alias("streaming.ActorRow")]
public sealed class ActorRow
{
    /// <summary>The last input applied.</summary>
    [Id(0)]
    public long Position { get; set; }

    /// <summary>When the earliest reminder is due, ms; null without one.</summary>
    [Id(1)]
    public long? NextDueMs { get; set; }

    /// <summary>The due time that the storage has noted beside the state; not part of what is stored.</summary>
    [field: NonSerialized]
    public long? KnownDueMs { get; set; }

    /// <summary>Keyed rows changed since the last write, for a storage that can write them in one transaction with the state; no value: removed. They stand in <see cref="Bytes"/> too.</summary>
    [field: NonSerialized]
    public IReadOnlyDictionary<string, byte[]?>? ChangedRows { get; set; }

    /// <summary>Set by the storage where it has written <see cref="ChangedRows"/>.</summary>
    [field: NonSerialized]
    public bool WroteRows { get; set; }

    /// <summary>The state that is replaced is of an earlier day: a storage that can keeps it as a copy for history.</summary>
    [field: NonSerialized]
    public bool CopyBefore { get; set; }

    /// <summary>The first input that this state has and the one that it replaces had not.</summary>
    [field: NonSerialized]
    public long FirstSince { get; set; }

    /// <summary>As <see cref="Turns.HostedActor.Save"/> writes it: the same bytes that the standalone host stores.</summary>
    [Id(2)]
    public byte[] Bytes { get; set; } = [];
}

/// <summary>A keyed row as grain storage keeps it.</summary>
[GenerateSerializer, Alias("streaming.ActorKeyedRow")]
public sealed class ActorKeyedRow
{
    [Id(0)]
    public byte[] Value { get; set; } = [];
}
