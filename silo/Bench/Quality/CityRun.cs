using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;
using Streaming.Silo.Registers;
using Streaming.Silo.Views;

namespace Streaming.Silo.Bench.Quality;

/// <summary>
/// Runs a play by the same decoders, turns and rulebook as a host, in memory, on one thread and in virtual time: what comes in decides what time it is. A message's turns, and all that they ask for, come before the next message. Nothing
/// is written, and nothing depends on the machine, so the same play gives the same warnings.
/// </summary>
/// <remarks>
/// Dispatchers and what is behind them are not run: what they are told is dropped. In their place every warning that does not clear by itself is closed some hours after it was opened, as a case that was handled would close it; otherwise a subject would have
/// one warning of a kind for ever.
/// </remarks>
/// <param name="rules">The rulebook that judges.</param>
internal sealed class CityRun(Rulebook rules)
{
    /// <summary>How long after its opening a warning's case is closed, ms.</summary>
    public const long CaseMs = 8 * 3_600_000;

    /// <summary>How long after the last message reminders still fall due, ms.</summary>
    private const long AfterMs = 3 * CityPlay.DayMs;

    private const string Outcome = "warning";

    private readonly Dictionary<(ActorKind Kind, string Key), PlayedActor> actors = [];
    private readonly HashSet<ulong> identities = [];
    private readonly Dictionary<string, RaisedWarning> raised = new(StringComparer.Ordinal);
    private readonly List<RaisedWarning> inOrder = [];
    private readonly PriorityQueue<Due, (long DueMs, long Number)> due = new();
    private readonly Queue<byte[]> asked = new();
    private readonly SiteMap sites = new();
    private readonly ZoneMap zones = new();
    private readonly Effects effects = new();
    private readonly ByteWriter scratch = new(256);
    private readonly ByteWriter incoming = new(4096);
    private readonly ByteWriter outgoing = new(4096);
    private long position;
    private long dueNumber;

    /// <summary>What falls due: a reminder of an actor, or the end of a case.</summary>
    private sealed record Due(ActorKind Kind, string Key, Reminder? Reminder, CaseClosed? Closed);

    /// <summary>Readings that were taken.</summary>
    public long Accepted { get; private set; }

    /// <summary>Readings that were refused, other than those that the play sent broken.</summary>
    public long Rejected { get; private set; }

    /// <summary>Why the first of them was refused.</summary>
    public string FirstRejection { get; private set; } = "";

    /// <summary>Told of every warning that is opened or updated.</summary>
    public Action<RaisedWarning, Warning>? Told { get; init; }

    /// <summary>Runs a play; the warnings in the order in which they were opened.</summary>
    public IReadOnlyList<RaisedWarning> Run(CityPlay play, CancellationToken cancellation = default)
    {
        long nowMs = 0;
        play.Reading.Sites = sites;
        play.Reading.Zones = zones;
        foreach (SourceRegistration watched in play.Watched)
        {
            Command(ActorKind.Source, watched.Id, MessageKind.RegisterSource, JsonSerializer.SerializeToUtf8Bytes(watched, GrainsJson.Default.SourceRegistration), CityPlay.StartMs - CityPlay.DayMs);
        }

        foreach (PlayedMessage message in play.Messages)
        {
            cancellation.ThrowIfCancellationRequested();
            FallDue(message.ArrivalMs);
            nowMs = message.ArrivalMs;
            incoming.Clear();
            EncodeOutcome outcome = PublishEncoder.Encode(incoming, message.Source, message.Topic, message.Payload, nowMs);
            Accepted += outcome.Accepted;
            int unmeant = message.IsBroken ? 0 : outcome.Rejected;
            Rejected += unmeant;
            FirstRejection = FirstRejection.Length == 0 && unmeant > 0 ? $"{Encoding.UTF8.GetString(message.Topic)}: {outcome.FirstDetail}" : FirstRejection;
            Record.Stamp(incoming.At(0, incoming.Length), nowMs);
            Play(incoming.Written, nowMs);
        }

        FallDue(nowMs + AfterMs);
        return inOrder;
    }

    private void FallDue(long nowMs)
    {
        while (due.TryPeek(out Due? next, out (long DueMs, long Number) when) && when.DueMs <= nowMs)
        {
            due.Dequeue();
            if (next.Reminder is { } reminder)
            {
                outgoing.Clear();
                ReminderRecord.Write(outgoing, next.Kind, Encoding.UTF8.GetBytes(next.Key), reminder);
                PlayOutgoing(when.DueMs);
            }
            else
            {
                Command(next.Kind, next.Key, MessageKind.CaseClosed, JsonSerializer.SerializeToUtf8Bytes(next.Closed!, GrainsJson.Default.CaseClosed), when.DueMs);
            }
        }
    }

    private void Command(ActorKind kind, string key, MessageKind message, byte[] body, long nowMs)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(key);
        outgoing.Clear();
        int start = Record.Begin(outgoing, InputKind.Command, Partition.Of(kind, utf8));
        AddressedRecord.Write(outgoing, kind, message, utf8, body);
        Record.End(outgoing, start);
        PlayOutgoing(nowMs);
    }

    private void PlayOutgoing(long nowMs)
    {
        Record.Stamp(outgoing.At(0, outgoing.Length), nowMs);
        Play(outgoing.Written.ToArray(), nowMs);
    }

    private void Play(ReadOnlySpan<byte> record, long nowMs)
    {
        PlayOne(record, nowMs);
        while (asked.TryDequeue(out byte[]? next))
        {
            PlayOne(next, nowMs);
        }
    }

    private void PlayOne(ReadOnlySpan<byte> bytes, long nowMs)
    {
        position++;
        Record record = Record.Next(ref bytes);
        RecordInputs inputs = new(record, scratch);
        while (inputs.MoveNext())
        {
            ActorInput input = inputs.Current;
            PlayedActor actor = Find(input.ActorKind, input.Key);

            // What is asked of history is whether there was an earlier reading of the same identity, so this one goes in before its turn.
            bool seen = input is { Kind: MessageKind.Reading, SeenBefore: null } && !identities.Add(ReadingHistory.Identity(Partition.HashOf(input.ActorKind, input.Key), input.Reading.Header.IdHash));
            if (actor.TryRun(input, position, nowMs, rules, effects, actor))
            {
                Follow(actor, input, record.Depth, seen, nowMs);
            }
        }
    }

    private void Follow(PlayedActor actor, scoped in ActorInput input, byte depth, bool seen, long nowMs)
    {
        foreach (ReminderChange change in effects.Reminders)
        {
            if (change.DueMs is { } dueMs)
            {
                due.Enqueue(new Due(actor.Kind, actor.Key, new Reminder(change.Name, dueMs), null), (dueMs, dueNumber++));
            }
        }

        if (effects.Items.Count > 0 && depth >= GrainLimits.ChainDepth)
        {
            throw new InvalidOperationException($"A chain of turns is longer than {GrainLimits.ChainDepth} at {actor.Kind} {actor.Key}: two actors tell each other without end.");
        }

        for (int i = 0; i < effects.Items.Count; i++)
        {
            Effect effect = effects.Items[i];
            if (effect.Kind == EffectKind.Show)
            {
                Show(actor, effect, effects.Payload.Slice(effect.Offset, effect.Length), nowMs);
                continue;
            }

            if (effect is { Kind: EffectKind.Tell, TargetKind: ActorKind.Dispatcher or ActorKind.Case or ActorKind.Department or ActorKind.Session or ActorKind.Topics or ActorKind.Notice or ActorKind.Audit })
            {
                continue;
            }

            outgoing.Clear();
            EffectRecord.Write(outgoing, effect, effects.Payload, Cause.Of(position, input.Element, i, Partition.Of(actor.Kind, actor.Key)), (byte)(depth + 1), input.Reading, input.Origin);
            if (effect.Kind == EffectKind.LookUp)
            {
                EffectRecord.Answer(outgoing.At(0, outgoing.Length), seen);
            }

            asked.Enqueue(outgoing.Written.ToArray());
        }
    }

    /// <summary>Of the lists, warnings are noted and sites are followed, as decoding follows them in a host.</summary>
    private void Show(PlayedActor actor, in Effect effect, ReadOnlySpan<byte> row, long nowMs)
    {
        if (effect is { View: View.Warnings, Length: > 0 })
        {
            Note(actor, JsonSerializer.Deserialize(row, GrainsJson.Default.Warning)!, nowMs);
        }
        else if (effect.View == View.Registers)
        {
            ViewBatch batch = new();
            batch.Changes.Add(new ViewChange(effect.View, effect.Key, row.Length > 0 ? row.ToArray() : null, position));
            sites.Apply(batch);
            zones.Apply(batch);
        }
    }

    private void Note(PlayedActor actor, Warning warning, long nowMs)
    {
        if (!raised.TryGetValue(warning.Id, out RaisedWarning? known))
        {
            raised[warning.Id] = known = new RaisedWarning(warning.Id, warning.Kind, warning.Subject, warning.Since.ToUnixTimeMilliseconds());
            inOrder.Add(known);
            CaseClosed closed = new($"case-{inOrder.Count}", warning.Subject, actor.Kind, warning.Kind, warning.Id, Outcome);
            due.Enqueue(new Due(actor.Kind, actor.Key, null, closed), (nowMs + CaseMs, dueNumber++));
        }

        known.UpdatedMs = Math.Max(known.UpdatedMs, warning.Updated.ToUnixTimeMilliseconds());
        known.Confidence = warning.Confidence;
        if (Array.Find(warning.Scores ?? [], score => score.Part == ModelScore.BuiltIn) is { } builtIn)
        {
            // Without a model the highest of a warning's readings is kept.
            known.BuiltIn = Math.Max(known.BuiltIn ?? 0, builtIn.Score);
        }

        Told?.Invoke(known, warning);
        known.Figures = warning.Evidence.Figures;
    }

    private PlayedActor Find(ActorKind kind, ReadOnlySpan<byte> utf8)
    {
        string key = Encoding.UTF8.GetString(utf8);
        if (!actors.TryGetValue((kind, key), out PlayedActor? actor))
        {
            actors[(kind, key)] = actor = new PlayedActor(kind, key);
        }

        return actor;
    }

    /// <summary>An actor with its keyed rows.</summary>
    private sealed class PlayedActor(ActorKind kind, string key) : HostedActor(kind, key, ActorFactory.Create), IActorRows
    {
        private Dictionary<string, byte[]>? rows;

        byte[]? IActorRows.Find(string key) => rows?.GetValueOrDefault(key);

        void IActorRows.Put(string key, byte[] value) => (rows ??= new(StringComparer.Ordinal))[key] = value;

        void IActorRows.Remove(string key) => rows?.Remove(key);
    }
}
