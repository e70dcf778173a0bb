using System.Text.Json;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Turns;

/// <summary>
/// A subject's behaviour and state. It handles one message at a time and asks for effects; it never reads a clock, does I/O,
/// draws a random number, uses a static that changes, or walks a hash collection. The same messages in the same order give the
/// same state, byte for byte, and the same effects: replay, recovery, simulation and evidence rest on that.
/// </summary>
public abstract class Actor
{
    /// <summary>Handles one message. What it asks for goes into <see cref="Turn.Effects"/>.</summary>
    public abstract void Handle(scoped in Turn turn, scoped in Message message);

    /// <summary>Writes the whole state, a version byte first; at most <see cref="GrainLimits.StateBytes"/>.</summary>
    public abstract void Write(ByteWriter writer);

    /// <summary>Reads what <see cref="Write"/> of this or an older version wrote, into a new instance.</summary>
    public abstract void Read(ref ByteReader reader);

    /// <summary>The state as the API shows it: one JSON object.</summary>
    public abstract void Describe(Utf8JsonWriter json, string key);

    /// <summary>True where turns of this kind use <see cref="Turn.Rows"/>.</summary>
    public virtual bool HasRows => false;

    /// <summary>
    /// True where the actor is to be forgotten when nothing happened to it for <paramref name="idleMs"/>: never while something of it is open. Asked of stored states by the host's sweep, and again by the turn that forgets.
    /// </summary>
    public virtual bool IsExpired(long idleMs, Rules.Rulebook rules) => false;

    /// <summary>The actor is forgotten by this turn: what has to go with it is asked for here. Afterwards it is as if it had never been.</summary>
    public virtual void Expire(scoped in Turn turn)
    {
    }

    /// <summary>False while nothing has happened to it yet: the API answers 404 and nothing is stored.</summary>
    public abstract bool Exists { get; }
}

/// <summary>Makes the empty actor of a kind: <see cref="ActorFactory.Create"/>, but for a test that starts a host with changed code.</summary>
public delegate Actor ActorMaker(ActorKind kind);

/// <summary>Makes the empty actor of a kind.</summary>
public static class ActorFactory
{
    public static Actor Create(ActorKind kind) => kind switch
    {
        ActorKind.Vehicle => new Subjects.Vehicle(),
        ActorKind.Enterprise => new Subjects.Enterprise(),
        ActorKind.Place => new Subjects.Place(),
        ActorKind.Source => new Subjects.Source(),
        ActorKind.Dispatcher => new Dispatch.Dispatcher(),
        ActorKind.Case => new Dispatch.Case(),
        ActorKind.Department => new Dispatch.Department(),
        ActorKind.Session => new Access.Session(),
        ActorKind.Token => new Access.Token(),
        ActorKind.Topics => new Messaging.Topics(),
        ActorKind.Entry => new Registers.Entry(),
        ActorKind.Audit => new Access.Audit(),
        ActorKind.Notice => new Notices.Notice(),
        ActorKind.Scene => new Scenes.Scene(),
        ActorKind.Webhook => new Webhooks.Webhook(),
        ActorKind.Report => new Reports.Report(),
        _ => throw new InvalidDataException($"No behaviour for actor kind {(byte)kind}."),
    };
}
