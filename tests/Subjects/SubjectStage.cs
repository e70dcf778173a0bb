using System.Text;
using System.Text.Json;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Xunit;

namespace Streaming.Tests.Subjects;

/// <summary>One actor under test, with its rows and what its last turn asked for.</summary>
internal sealed class SubjectStage(ActorKind kind, string key)
{
    private readonly Effects effects = new();
    private readonly MemoryRows rows = new();
    private HostedActor hosted = new(kind, key, ActorFactory.Create);
    private long nowMs;
    private long position;

    public string Key => key;

    public Actor Actor => hosted.Actor;

    public Rulebook Rules { get; set; } = new() { Version = 1 };

    /// <summary>Handles a step; the last turn's effects are then to be read below.</summary>
    public SubjectStage Play(ScriptStep step)
    {
        nowMs = Math.Max(nowMs, step.NowMs);
        hosted.Run(
            new Message
            {
                Kind = step.Kind,
                Body = step.Body,
                ReadingKind = step.ReadingKind,
                Header = new ReadingHeader(step.AtMs, StableHash.Combine(StableHash.Of(step.Source), StableHash.Of(step.Id)), step.Id),
                Origin = new Origin { Source = step.Source, District = step.District, AccuracyHundredthPct = step.AccuracyHundredthPct, CalibrationDueMs = step.CalibrationDueMs, Position = step.Position },
                SeenBefore = step.SeenBefore,
            },
            ++position,
            nowMs,
            Rules,
            effects,
            rows);
        return this;
    }

    /// <summary>Writes the state and goes on with an actor that read it.</summary>
    public void Reload()
    {
        byte[] saved = hosted.Save(new ByteWriter(4096));
        hosted = new HostedActor(kind, key, ActorFactory.Create);
        hosted.Load(saved, position);
    }

    public byte[] State
    {
        get
        {
            ByteWriter writer = new();
            Actor.Write(writer);
            return writer.Written.ToArray();
        }
    }

    public int Effects => effects.Items.Count;

    /// <summary>Keyed rows that there are.</summary>
    public int RowCount => rows.Count;

    public Reply? Answer => effects.Answer;

    public bool AsksHistory => effects.Items.Any(effect => effect.Kind == EffectKind.LookUp);

    /// <summary>The warning row shown by the last turn.</summary>
    public Warning Shown => One<Warning>(EffectKind.Show, effect => effect.View == View.Warnings);

    /// <summary>What the last turn told the dispatcher.</summary>
    public WarningChanged Told => One<WarningChanged>(EffectKind.Tell, effect => effect.Message == MessageKind.WarningChanged);

    /// <summary>The row of the catalogue that the last turn showed; null where it showed none.</summary>
    public ResourceRow? Resource => effects.Items.Any(effect => effect.View == View.Resources) ? One<ResourceRow>(EffectKind.Show, effect => effect.View == View.Resources) : null;

    /// <summary>The row of the list of devices that the last turn showed; null where it showed none.</summary>
    public SourceRegistration? DeviceShown => effects.Items.Any(effect => effect.View == View.Devices) ? One<SourceRegistration>(EffectKind.Show, effect => effect.View == View.Devices) : null;

    /// <summary>The items of feeds that the last turn showed, by key.</summary>
    public IReadOnlyList<(string Key, JoinedItem Item)> Joined =>
    [
        .. effects.Items.Where(effect => effect.View == View.Feed)
            .Select(effect => (effect.Key, JsonSerializer.Deserialize(effects.Payload.Slice(effect.Offset, effect.Length), GrainsJson.Default.JoinedItem)!)),
    ];

    /// <summary>The sources that the last turn told what was joined with their data.</summary>
    public IReadOnlyList<(string Source, EntryJoined Joined)> WaysBack => [.. Tells<EntryJoined>(MessageKind.EntryJoined).Select(told => (told.Key, told.Body))];

    /// <summary>Reminders that are outstanding, ms by name.</summary>
    public IReadOnlyDictionary<string, long> Reminders => hosted.Reminders.ToDictionary(reminder => reminder.Name, reminder => reminder.DueMs);

    /// <summary>Lets an outstanding reminder fire, at a time or when it is due.</summary>
    public SubjectStage Remind(string name, long? nowMs = null)
    {
        long dueMs = Reminders[name];
        hosted.TakeReminder(name, dueMs);
        return Play(new ScriptStep { Kind = MessageKind.Reminded, Body = Encoding.UTF8.GetBytes(name), NowMs = nowMs ?? dueMs });
    }

    /// <summary>The row of a register that the last turn showed. An entry writes it by hand: what is read of it has to be all of it, and in its order.</summary>
    public EntryRow Row
    {
        get
        {
            EntryRow row = One<EntryRow>(EffectKind.Show, effect => effect.View == View.Registers);
            Effects again = new();
            again.Show(View.Registers, key, row);
            Effect written = effects.Items.Single(effect => effect.View == View.Registers);
            Assert.Equal(Encoding.UTF8.GetString(again.Payload), Encoding.UTF8.GetString(effects.Payload.Slice(written.Offset, written.Length)));
            return row;
        }
    }

    /// <summary>The vehicles that the last turn told of an entry.</summary>
    public IReadOnlyList<(string Vehicle, EntryChanged Changed)> Entries =>
    [
        .. effects.Items.Where(effect => effect.Message == MessageKind.EntryChanged)
            .Select(effect => (effect.Key, EntryChanged.Read(effects.Payload.Slice(effect.Offset, effect.Length)))),
    ];

    /// <summary>What the last turn told others in JSON, by the kind of message.</summary>
    public IReadOnlyList<(ActorKind Actor, string Key, T Body)> Tells<T>(MessageKind kind) =>
    [
        .. effects.Items.Where(effect => effect.Kind == EffectKind.Tell && effect.Message == kind)
            .Select(effect => (effect.TargetKind, effect.Key, (T)JsonSerializer.Deserialize(effects.Payload.Slice(effect.Offset, effect.Length), GrainsJson.Default.GetTypeInfo(typeof(T))!)!)),
    ];

    /// <summary>The messages that the last turn sent, as steps of whoever they are for.</summary>
    public IReadOnlyList<(ActorKind Kind, string Key, ScriptStep Step)> Sent =>
    [
        .. effects.Items.Where(effect => effect.Kind == EffectKind.Tell)
            .Select(effect => (effect.TargetKind, effect.Key, new ScriptStep { Kind = effect.Message, Body = effects.Payload.Slice(effect.Offset, effect.Length).ToArray(), NowMs = nowMs })),
    ];

    /// <summary>All changes of warnings that the last turn told, in order.</summary>
    public IReadOnlyList<WarningChanged> AllTold => [.. Tells<WarningChanged>(MessageKind.WarningChanged).Select(told => told.Body)];

    /// <summary>Key of the dispatcher that was told.</summary>
    public string ToldDistrict => effects.Items.Single(effect => effect.Kind == EffectKind.Tell).Key;

    public bool ToldNobody => effects.Items.All(effect => effect.Kind != EffectKind.Tell);

    public JsonElement Described
    {
        get
        {
            ByteWriter writer = new();
            using (Utf8JsonWriter json = new(writer, GrainsJson.WriterOptions))
            {
                Actor.Describe(json, key);
            }

            return JsonDocument.Parse(writer.WrittenMemory).RootElement;
        }
    }

    public string DescribedText => Described.GetRawText();

    private T One<T>(EffectKind kind, Func<Effect, bool> where)
    {
        Effect effect = effects.Items.Single(candidate => candidate.Kind == kind && where(candidate));
        ReadOnlySpan<byte> json = effects.Payload.Slice(effect.Offset, effect.Length);
        return (T)JsonSerializer.Deserialize(json, GrainsJson.Default.GetTypeInfo(typeof(T))!)!;
    }

    private sealed class MemoryRows : IActorRows
    {
        private readonly Dictionary<string, byte[]> rows = [];

        public int Count => rows.Count;

        public byte[]? Find(string key) => rows.GetValueOrDefault(key);

        public void Put(string key, byte[] value) => rows[key] = value;

        public void Remove(string key) => rows.Remove(key);
    }
}
