using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Xunit;

namespace Streaming.Tests.Dispatch;

/// <summary>
/// Runs actors as a host does, in memory: effects become turns in the order they were asked for, reminders fire when time is advanced past them, and
/// after every turn the actor is written, read into a new instance and used from there. Bounds of a turn are asserted on the way.
/// </summary>
internal sealed class Scene(Rulebook rules, DateTimeOffset start)
{
    private static readonly ActorKind[] Played = [ActorKind.Dispatcher, ActorKind.Case, ActorKind.Department, ActorKind.Session, ActorKind.Token, ActorKind.Topics, ActorKind.Audit, ActorKind.Notice, ActorKind.Report];
    private readonly Dictionary<ActorId, Actor> actors = [];
    private readonly Dictionary<ActorId, SortedDictionary<string, byte[]>> rows = [];
    private readonly SortedDictionary<(long DueMs, string Actor, string Name), ActorId> reminders = [];
    private readonly Dictionary<(View View, string Key), byte[]> views = [];
    private readonly Effects effects = new();
    private long position;

    public Rulebook Rules { get; set; } = rules;

    public long NowMs { get; private set; } = start.ToUnixTimeMilliseconds();

    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);

    /// <summary>Messages to actors that are not played here: the subjects.</summary>
    public List<(ActorId To, MessageKind Kind, string Body)> Elsewhere { get; } = [];

    /// <summary>Every effect so far, one line each: two runs of a script must agree in all of it.</summary>
    public StringBuilder Transcript { get; } = new();

    /// <summary>Every row that was shown, in order, and when: what the journal would have.</summary>
    public List<(View View, string Key, byte[] Json, long AtMs)> Shown { get; } = [];

    /// <summary>False keeps actors in memory between turns, to compare with reloading them.</summary>
    public bool Reload { get; init; } = true;

    public IEnumerable<(string Actor, string Name, DateTimeOffset Due)> Reminders =>
        reminders.Keys.Select(key => (key.Actor, key.Name, DateTimeOffset.FromUnixTimeMilliseconds(key.DueMs)));

    public Reply? Send<T>(ActorKind kind, string key, MessageKind message, T body)
    {
        string json = JsonSerializer.Serialize(body, (JsonTypeInfo<T>)GrainsJson.Default.GetTypeInfo(typeof(T))!);
        return Send(kind, key, message, Encoding.UTF8.GetBytes(json));
    }

    public Reply? Send(ActorKind kind, string key, MessageKind message, byte[] body)
    {
        Queue<(ActorId To, MessageKind Kind, byte[] Body, int Depth)> queue = new([(new ActorId(kind, key), message, body, 0)]);
        Reply? reply = null;
        bool first = true;
        while (queue.TryDequeue(out (ActorId To, MessageKind Kind, byte[] Body, int Depth) next))
        {
            Assert.True(next.Depth <= GrainLimits.ChainDepth, $"Chain of {next.Depth} turns at {next.To}.");
            if (!Played.Contains(next.To.Kind))
            {
                Elsewhere.Add((next.To, next.Kind, Encoding.UTF8.GetString(next.Body)));
                continue;
            }

            Turn(next.To, next.Kind, next.Body, next.Depth, queue);
            reply = first ? effects.Answer : reply;
            first = false;
        }

        return reply;
    }

    /// <summary>Moves time on, and runs every reminder that falls due on the way at its own time.</summary>
    public void AdvanceTo(DateTimeOffset time)
    {
        while (reminders.Count > 0 && reminders.First() is var (key, actor) && key.DueMs <= time.ToUnixTimeMilliseconds())
        {
            reminders.Remove(key);
            NowMs = Math.Max(NowMs, key.DueMs);
            Send(actor.Kind, actor.Key, MessageKind.Reminded, Encoding.UTF8.GetBytes(key.Name));
        }

        NowMs = Math.Max(NowMs, time.ToUnixTimeMilliseconds());
    }

    /// <summary>Moves time on while the process does not run: what fell due fires late, all at the new time.</summary>
    public void SleepTo(DateTimeOffset time)
    {
        NowMs = Math.Max(NowMs, time.ToUnixTimeMilliseconds());
        AdvanceTo(time);
    }

    public T? Row<T>(View view, string key)
        where T : class =>
        views.TryGetValue((view, key), out byte[]? json) ? JsonSerializer.Deserialize(json, (JsonTypeInfo<T>)GrainsJson.Default.GetTypeInfo(typeof(T))!) : null;

    public T[] Rows<T>(View view)
        where T : class =>
        [.. views.Keys.Where(key => key.View == view).Select(key => key.Key).Order(StringComparer.Ordinal).Select(key => Row<T>(view, key)!)];

    /// <summary>The rows of a list as they were shown, by their keys.</summary>
    public IEnumerable<JsonElement> Documents(View view) =>
        views.Keys.Where(key => key.View == view).Select(key => key.Key).Order(StringComparer.Ordinal).Select(key => JsonDocument.Parse(views[(view, key)]).RootElement);

    /// <summary>A feed in the order of its numbers; fails where they have a hole.</summary>
    public List<Alert> Feed(string department, string district)
    {
        List<Alert> feed = [];
        while (Row<Alert>(View.Feed, $"{department}/{district}/{feed.Count + 1}") is { } alert)
        {
            Assert.Equal(feed.Count + 1, alert.Number);
            feed.Add(alert);
        }

        int shown = views.Keys.Count(key => key.View == View.Feed && key.Key.StartsWith($"{department}/{district}/", StringComparison.Ordinal));
        Assert.Equal(shown, feed.Count);
        return feed;
    }

    public byte[] StateOf(ActorKind kind, string key)
    {
        ByteWriter writer = new();
        actors[new ActorId(kind, key)].Write(writer);
        return writer.Written.ToArray();
    }

    public JsonElement Describe(ActorKind kind, string key)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            actors[new ActorId(kind, key)].Describe(json, key);
        }

        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }

    /// <summary>Keyed rows, those of a dispatcher's index left out: it has its own bounds.</summary>
    public int RowCount(ActorKind kind, string key) => rows.TryGetValue(new ActorId(kind, key), out SortedDictionary<string, byte[]>? own) ? own.Keys.Count(row => !row.StartsWith('~')) : 0;

    /// <summary>Bytes of the keyed rows that begin so.</summary>
    public int AllRowBytes(ActorKind kind, string key, string prefix) => rows[new ActorId(kind, key)].Where(row => row.Key.StartsWith(prefix, StringComparison.Ordinal)).Sum(row => row.Value.Length);

    public bool Exists(ActorKind kind, string key) => actors.TryGetValue(new ActorId(kind, key), out Actor? actor) && actor.Exists;

    /// <summary>All states, in the order of their actors.</summary>
    public string AllStates()
    {
        StringBuilder all = new();
        foreach (ActorId id in actors.Keys.Where(id => actors[id].Exists).OrderBy(id => id.ToString(), StringComparer.Ordinal))
        {
            all.Append(id.ToString()).Append(' ').AppendLine(Convert.ToHexString(StateOf(id.Kind, id.Key)));
        }

        return all.ToString();
    }

    /// <summary>The queue of a session, as the endpoint reads it.</summary>
    public List<QueuedMessage> Messages(string session) =>
        [.. MessagesOf(session).OrderBy(each => each.Number).Select(each => Row<QueuedMessage>(View.Messages, $"{session}/{each.Number}")!)];

    private IEnumerable<(string Key, long Number)> MessagesOf(string session) =>
        views.Keys.Where(key => key.View == View.Messages && key.Key[..key.Key.LastIndexOf('/')] == session)
            .Select(key => (key.Key, long.Parse(key.Key.AsSpan(session.Length + 1), System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>A message that goes takes along all before it.</summary>
    private void HideMessages(string key)
    {
        string session = key[..key.LastIndexOf('/')];
        long through = long.Parse(key.AsSpan(session.Length + 1), System.Globalization.CultureInfo.InvariantCulture);
        foreach ((string gone, _) in MessagesOf(session).Where(each => each.Number <= through).ToArray())
        {
            views.Remove((View.Messages, gone));
        }
    }

    private void Turn(ActorId id, MessageKind kind, byte[] body, int depth, Queue<(ActorId To, MessageKind Kind, byte[] Body, int Depth)> queue)
    {
        if (!actors.TryGetValue(id, out Actor? actor))
        {
            actor = ActorFactory.Create(id.Kind);
        }

        effects.Clear();
        ActorRows own = new(rows.TryGetValue(id, out SortedDictionary<string, byte[]>? kept) ? kept : rows[id] = new(StringComparer.Ordinal));
        Turn turn = new() { Key = id.Key, NowMs = NowMs, Position = ++position, Rules = Rules, Effects = effects, Rows = own };
        actor.Handle(turn, new Message { Kind = kind, Body = body });
        actors[id] = Reload && actor.Exists ? Reloaded(id, actor) : actor;
        foreach (Effect effect in effects.Items)
        {
            byte[] payload = effects.Payload.Slice(effect.Offset, effect.Length).ToArray();
            Transcript.AppendLine($"{position} {effect.Kind} {effect.TargetKind} {effect.View} {effect.Message} {effect.Key} {Encoding.UTF8.GetString(payload)}");
            if (effect.Kind == EffectKind.Show)
            {
                Shown.Add((effect.View, effect.Key, payload, NowMs));
            }

            if (effect.Kind == EffectKind.Tell)
            {
                queue.Enqueue((new ActorId(effect.TargetKind, effect.Key), effect.Message, payload, depth + 1));
            }
            else if (effect.View == View.Messages && payload.Length == 0)
            {
                HideMessages(effect.Key);
            }
            else if (payload.Length == 0)
            {
                views.Remove((effect.View, effect.Key));
            }
            else
            {
                views[(effect.View, effect.Key)] = payload;
            }
        }

        foreach (ReminderChange change in effects.Reminders)
        {
            Transcript.AppendLine($"{position} reminder {id} {change.Name} {change.DueMs}");
            foreach ((long, string, string) key in reminders.Keys.Where(key => key.Actor == id.ToString() && key.Name == change.Name).ToArray())
            {
                reminders.Remove(key);
            }

            if (change.DueMs is { } due)
            {
                reminders.Add((due, id.ToString(), change.Name), id);
            }
        }

        Assert.True(reminders.Keys.Count(key => key.Actor == id.ToString()) <= GrainLimits.Reminders, $"Too many reminders of {id}.");
    }

    private static Actor Reloaded(ActorId id, Actor actor)
    {
        ByteWriter writer = new();
        actor.Write(writer);
        Assert.True(writer.Length <= GrainLimits.StateBytes, $"State of {id} has {writer.Length} bytes.");
        Actor copy = ActorFactory.Create(id.Kind);
        ByteReader reader = new(writer.Written);
        copy.Read(ref reader);
        Assert.True(reader.AtEnd, $"State of {id} was not read to its end.");
        ByteWriter again = new();
        copy.Write(again);
        Assert.True(writer.Written.SequenceEqual(again.Written), $"State of {id} changes when it is written and read.");
        return copy;
    }

    private sealed class ActorRows(SortedDictionary<string, byte[]> rows) : IActorRows
    {
        public byte[]? Find(string key) => rows.GetValueOrDefault(key);

        public void Put(string key, byte[] value) => rows[key] = value;

        public void Remove(string key) => rows.Remove(key);
    }
}
