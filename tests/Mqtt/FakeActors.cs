using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Models.Encoding;
using Streaming.Tests.Rules;

namespace Streaming.Tests.Mqtt;

/// <summary>
/// Sessions and topics behind a journal in memory: each command is a turn of its actor, what that tells others is theirs at once, and states are written and read again between turns, as a host may. Reminders fire when a test says so.
/// </summary>
internal sealed class FakeActors
{
    private readonly SortedDictionary<string, HostedActor> actors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, byte[]>> rows = [];
    private readonly SortedDictionary<(string Session, long Number), QueuedMessage> messages = [];

    /// <summary>Records played so far.</summary>
    public int Position { get; private set; }

    public IEnumerable<string> Sessions => actors.Values.Where(actor => actor.Kind == ActorKind.Session).Select(actor => actor.Key);

    public SessionRow? Find(string key) => Describe(ActorKind.Session, key) is { } json ? JsonSerializer.Deserialize(json, GrainsJson.Default.SessionRow) : null;

    public string DescribeTopics() => Encoding.UTF8.GetString(Describe(ActorKind.Topics, Topics.City) ?? "{}"u8.ToArray());

    public IEnumerable<MessageItem> Messages(string session, long after) =>
        messages.Where(each => each.Key.Session == session && each.Key.Number > after).Select(each => new MessageItem(each.Key.Number, each.Value)).ToList();

    public void Play(byte[] bytes)
    {
        Position++;
        ReadOnlySpan<byte> rest = bytes;
        Record record = Record.Next(ref rest);
        if (record.Kind is not (InputKind.Command or InputKind.Reminder))
        {
            return;
        }

        RecordInputs inputs = new(record, new ByteWriter());
        while (inputs.MoveNext())
        {
            ActorInput input = inputs.Current;
            Queue<(ActorKind Kind, string Key, MessageKind Message, byte[] Body)> told = new();
            Turn(input.ActorKind, Encoding.UTF8.GetString(input.Key), input, record.TimeMs, told);
            while (told.TryDequeue(out (ActorKind Kind, string Key, MessageKind Message, byte[] Body) next))
            {
                Turn(next.Kind, next.Key, new ActorInput { ActorKind = next.Kind, Key = Encoding.UTF8.GetBytes(next.Key), Element = 0, Kind = next.Message, Body = next.Body }, record.TimeMs, told);
            }
        }
    }

    private byte[]? Describe(ActorKind kind, string key) => actors.TryGetValue($"{kind}/{key}", out HostedActor? actor) ? actor.Describe() : null;

    private void Turn(ActorKind kind, string key, scoped in ActorInput input, long timeMs, Queue<(ActorKind Kind, string Key, MessageKind Message, byte[] Body)> told)
    {
        string name = $"{kind}/{key}";
        HostedActor actor = actors.TryGetValue(name, out HostedActor? known) ? known : new HostedActor(kind, key, ActorFactory.Create);
        Effects effects = new();
        actor.TryRun(input, Position, timeMs, CityRules.Shipped, effects, new Rows(rows.TryGetValue(name, out SortedDictionary<string, byte[]>? own) ? own : rows[name] = new(StringComparer.Ordinal)));
        byte[] saved = actor.Save(new ByteWriter());
        HostedActor next = new(kind, key, ActorFactory.Create);
        next.Load(saved, Position);
        actors[name] = next;
        foreach (Effect effect in effects.Items)
        {
            byte[] payload = effects.Payload.Slice(effect.Offset, effect.Length).ToArray();
            if (effect.Kind == EffectKind.Tell)
            {
                told.Enqueue((effect.TargetKind, effect.Key, effect.Message, payload));
            }
            else if (effect.View == View.Messages)
            {
                ShowMessage(effect.Key, payload);
            }
        }
    }

    private void ShowMessage(string key, byte[] json)
    {
        int slash = key.LastIndexOf('/');
        string session = key[..slash];
        long number = long.Parse(key.AsSpan(slash + 1), System.Globalization.CultureInfo.InvariantCulture);
        if (json.Length > 0)
        {
            messages[(session, number)] = JsonSerializer.Deserialize(json, GrainsJson.Default.QueuedMessage)!;
            return;
        }

        foreach ((string Session, long Number) done in messages.Keys.Where(each => each.Session == session && each.Number <= number).ToList())
        {
            messages.Remove(done);
        }
    }

    private sealed class Rows(SortedDictionary<string, byte[]> rows) : IActorRows
    {
        public byte[]? Find(string key) => rows.GetValueOrDefault(key);

        public void Put(string key, byte[] value) => rows[key] = value;

        public void Remove(string key) => rows.Remove(key);
    }
}
