using Streaming.Grains.Dispatch;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Subjects;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>What the API and the endpoint ask of whatever runs the actors: the standalone host, or Orleans.</summary>
internal interface IActorHost
{
    /// <summary>Who runs the turns, as <c>/health</c> and <c>doctor</c> name it: <c>standalone</c> or <c>orleans</c>.</summary>
    string Name { get; }

    IVehicle Vehicle(string key) => new ActorReference(this, ActorKind.Vehicle, key);

    IEnterprise Enterprise(string key) => new ActorReference(this, ActorKind.Enterprise, key);

    IPlace Place(string key) => new ActorReference(this, ActorKind.Place, key);

    ISource Source(string key) => new ActorReference(this, ActorKind.Source, key);

    ICase Case(string key) => new ActorReference(this, ActorKind.Case, key);

    IDepartment Department(string key) => new ActorReference(this, ActorKind.Department, key);

    /// <summary>
    /// Journals a command, lets its actor handle it and waits until that is durable. <paramref name="body"/> is UTF-8 JSON of the message's record.
    /// </summary>
    ValueTask<CommandResult> CommandAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body, CancellationToken cancellation);

    /// <summary>
    /// Journals a message to an actor that nobody waits to hear the answer of, and returns its position once it is durable; its turn comes as that of any input. That is one commit, where a command also waits for what its turn asks for.
    /// </summary>
    ValueTask<long> RecordAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body);

    /// <summary>
    /// Changes what people decided of the rulebook (<see cref="RulebookDecisions"/>): one change at a time, journaled as the next version, durable and in force when this returns. Where it changes nothing the version stays; where the result does not hold,
    /// nothing is journaled and the problems say why.
    /// </summary>
    /// <param name="decide">From the newest rulebook to what is to be decided of it; runs once, and may throw to give up.</param>
    /// <param name="cancellation">Gives up waiting; a change that was journaled already comes into force all the same.</param>
    ValueTask<Decided> DecideAsync(Func<Rulebook, RulebookDecisions> decide, CancellationToken cancellation);

    /// <summary>The actor's state as JSON, durable; null where nothing has happened to it.</summary>
    ValueTask<byte[]?> DescribeAsync(ActorKind kind, string key, CancellationToken cancellation);

    /// <summary>Why readings are not accepted now; null when they are.</summary>
    string? NotReady { get; }

    /// <summary>What is not as it should be though readings are accepted, and what to do.</summary>
    IReadOnlyList<string> Notes => [];
}

/// <summary>The actor's answer (null where the message has none), and the position at which the lists show what it did.</summary>
internal readonly record struct CommandResult(Reply? Reply, long Position);

/// <summary>The host can do nothing now; the message says why and when it is worth trying again.</summary>
internal sealed class HostUnavailableException(string message) : Exception(message);

/// <summary>A decision about the rulebook: the version in force after it, and why it was not taken; no problem where it was.</summary>
internal readonly record struct Decided(int Version, IReadOnlyList<RulebookProblem> Problems);
