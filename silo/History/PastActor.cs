using Streaming.Grains.Inputs;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;

namespace Streaming.Silo.History;

/// <summary>
/// One actor as it once was, carried on by its recorded inputs: the turns are the ones that its host ran. What they ask for was done then, and is thrown away; keyed rows that they change are kept here.
/// </summary>
internal sealed class PastActor : IActorRows
{
    private readonly HostedActor actor;
    private readonly byte[] key;
    private readonly byte partition;
    private readonly PastState? begun;
    private readonly IPastStates? states;
    private readonly IRulebooks rulebooks;
    private readonly Effects effects = new();
    private readonly ByteWriter scratch = new(64);
    private readonly Dictionary<string, byte[]?> rows = new(StringComparer.Ordinal);

    /// <param name="kind">What it is.</param>
    /// <param name="key">Its key.</param>
    /// <param name="begun">The state that it is carried on from; null for an actor that nothing has happened to.</param>
    /// <param name="states">Where that state came from; null where there are none.</param>
    /// <param name="rulebooks">The rulebook in force at each position.</param>
    public PastActor(ActorKind kind, string key, PastState? begun, IPastStates? states, IRulebooks rulebooks)
    {
        actor = new HostedActor(kind, key, ActorFactory.Create);
        this.key = System.Text.Encoding.UTF8.GetBytes(key);
        partition = Partition.Of(kind, this.key);
        this.begun = begun;
        this.states = states;
        this.rulebooks = rulebooks;
        if (begun is not null)
        {
            actor.Load(begun.Bytes, begun.Position);
            foreach ((string name, byte[]? row) in actor.UnsettledRows ?? [])
            {
                rows[name] = row;
            }
        }
    }

    /// <summary>The last record that is in the state; 0 where there is none.</summary>
    public long Position => actor.Position;

    /// <summary>Runs the turns of a record's inputs that are this actor's. A record at or before <see cref="Position"/> is in the state.</summary>
    public void Take(in SubjectRecord subject)
    {
        ReadOnlySpan<byte> bytes = subject.Bytes.Span;
        Record record = Record.Next(ref bytes);
        bool took = false;
        RecordInputs inputs = new(record, scratch);
        while (inputs.MoveNext())
        {
            if (inputs.Partition != partition)
            {
                continue;
            }

            ActorInput input = inputs.Current;
            if (input.ActorKind == actor.Kind && input.Key.SequenceEqual(key))
            {
                took = true;
                Rulebook rules = rulebooks.At(subject.Position) ?? throw new InvalidDataException($"Record {subject.Position} comes before any rulebook.");
                actor.TryRun(input, subject.Position, record.TimeMs, rules, effects, this);
            }
        }

        actor.Position = took ? subject.Position : actor.Position;
    }

    /// <summary>The state as the API shows it; null where nothing has happened to the actor.</summary>
    public byte[]? Describe() => actor.Describe();

    /// <summary>True where the actor is what the other one is: in state and reminders, whoever hosted it.</summary>
    public bool IsSameAs(PastActor other)
    {
        ByteWriter mine = new(1024);
        ByteWriter theirs = new(1024);
        actor.Actor.Write(mine);
        other.actor.Actor.Write(theirs);
        return mine.Written.SequenceEqual(theirs.Written) && actor.Reminders.SequenceEqual(other.actor.Reminders);
    }

    public byte[]? Find(string key)
    {
        if (!rows.TryGetValue(key, out byte[]? row))
        {
            rows[key] = row = begun is null ? null : states?.Row(actor.Kind, actor.Key, key, begun);
        }

        return row;
    }

    public void Put(string key, byte[] value) => rows[key] = value;

    public void Remove(string key) => rows[key] = null;
}
