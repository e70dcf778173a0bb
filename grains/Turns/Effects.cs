using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains.Messages;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Turns;

/// <summary>What kind of thing a turn asks for. Persisted: numbers are never reused.</summary>
public enum EffectKind : byte
{
    /// <summary>A message to another actor (or to itself, as a later turn).</summary>
    Tell = 1,

    /// <summary>A row of a list that people read: put (or, without a body, removed).</summary>
    Show = 2,

    /// <summary>A question to history: has this reading been seen before? The answer comes as a turn.</summary>
    LookUp = 3,
}

/// <summary>The lists that people read. Persisted: numbers are never reused.</summary>
public enum View : byte
{
    /// <summary>Key: warning id. JSON: <see cref="Messages.Warning"/>.</summary>
    Warnings = 1,

    /// <summary>Key: case id. JSON: <see cref="Messages.CaseRow"/>.</summary>
    Cases = 2,

    /// <summary>Key: work order id. JSON: <see cref="Messages.WorkOrderRow"/>.</summary>
    WorkOrders = 3,

    /// <summary>
    /// Key: <c>{department}/{district}/{number}</c>. JSON: <see cref="Messages.Alert"/>. Of a resource's way back: <c>$resources/{id}/{number}</c>, which no department can be called. JSON: <see cref="Messages.JoinedItem"/>.
    /// </summary>
    Feed = 4,

    /// <summary>Key: source id. JSON: <see cref="Messages.SourceRegistration"/>.</summary>
    Devices = 5,

    /// <summary>Key: token name. JSON: <see cref="Messages.TokenRegistration"/>.</summary>
    Tokens = 6,

    /// <summary>Key: session key. JSON: <see cref="Messages.SessionRow"/>.</summary>
    Sessions = 7,

    /// <summary>Key: <c>{session key}/{number}</c>. JSON: <see cref="Messages.QueuedMessage"/>. Taken off, a row takes with it all of its session's before it.</summary>
    Messages = 8,

    /// <summary>Key: <c>{register}/{key}</c>. JSON: <see cref="Messages.EntryRow"/>.</summary>
    Registers = 9,

    /// <summary>Key: position of the entry, 19 digits. JSON: <see cref="Messages.AuditEntry"/>.</summary>
    Audit = 10,

    /// <summary>Key: notice id. JSON: <see cref="Messages.NoticeRow"/>.</summary>
    Notices = 11,

    /// <summary>Key: source id. JSON: <see cref="Messages.ResourceRow"/>.</summary>
    Resources = 12,

    /// <summary>Key: scene id. JSON: <see cref="Messages.SceneRow"/>.</summary>
    Scenes = 14,

    /// <summary>Key: warning id. JSON: <see cref="Messages.WarningHandling"/>, of warnings that came in a storm or are held back.</summary>
    Handlings = 18,

    /// <summary>Key: webhook id. JSON: <see cref="Messages.WebhookRow"/>.</summary>
    Webhooks = 19,

    /// <summary>Key: <c>{webhook id}/{number in the feed}</c>. JSON: <see cref="Messages.DeadLetter"/>.</summary>
    DeadLetters = 20,

    /// <summary>Key: report id. JSON: <see cref="Messages.ReportRow"/>.</summary>
    Reports = 17,

    /// <summary>Key: <c>{case}/{number of the first entry, 9 digits}</c>. JSON: entries of the case's record, with their hashes (<c>silo/Sealing/FORMAT.md</c>).</summary>
    CaseRecords = 150,

    /// <summary>Key: <c>{case}/{number of the entry}</c>. JSON: <see cref="Messages.CaseText"/>. Taken off when it is erased.</summary>
    CaseTexts = 151,

    /// <summary>Key: <c>{case}-e{number}</c>. JSON: <see cref="Messages.EvidenceRow"/>.</summary>
    Evidence = 152,
}

/// <summary>One effect: where it goes and its payload, a range of <see cref="Effects.Payload"/>.</summary>
public readonly record struct Effect(EffectKind Kind, ActorKind TargetKind, View View, MessageKind Message, string Key, int Offset, int Length);

/// <summary>
/// Collects what one turn asks for, in order. One instance serves a worker and is cleared between turns, so asking costs no allocation beyond the payload.
/// </summary>
public sealed class Effects
{
    private readonly List<Effect> items = [];
    private readonly List<ReminderChange> reminders = [];
    private readonly ByteWriter payload = new(1024);

    public IReadOnlyList<Effect> Items => items;

    /// <summary>Reminders set and forgotten, in order. They are part of the actor's state, so they are not journaled as effects.</summary>
    public IReadOnlyList<ReminderChange> Reminders => reminders;

    /// <summary>The bytes that the effects' ranges point into.</summary>
    public ReadOnlySpan<byte> Payload => payload.Written;

    /// <summary>The answer to whoever sent the command, if the turn gave one.</summary>
    public Reply? Answer { get; private set; }

    public void Clear()
    {
        items.Clear();
        reminders.Clear();
        payload.Clear();
        Answer = null;
    }

    /// <summary>Sends a message to another actor. It is a turn of its own, at a later position.</summary>
    public void Tell<T>(ActorKind kind, string key, MessageKind message, T body)
    {
        int offset = payload.Length;
        WriteJson(body);
        Add(new Effect(EffectKind.Tell, kind, default, message, key, offset, payload.Length - offset));
    }

    /// <summary>Sends a message whose body is binary.</summary>
    public void Tell(ActorKind kind, string key, MessageKind message, ReadOnlySpan<byte> body)
    {
        int offset = payload.Length;
        payload.WriteRaw(body);
        Add(new Effect(EffectKind.Tell, kind, default, message, key, offset, payload.Length - offset));
    }

    /// <summary>Puts a row of a list.</summary>
    public void Show<T>(View view, string key, T row)
    {
        int offset = payload.Length;
        WriteJson(row);
        Add(new Effect(EffectKind.Show, default, view, default, key, offset, payload.Length - offset));
    }

    /// <summary>Puts a row of a list that is written already.</summary>
    public void ShowWritten(View view, string key, ReadOnlySpan<byte> json)
    {
        int offset = payload.Length;
        payload.WriteRaw(json);
        Add(new Effect(EffectKind.Show, default, view, default, key, offset, payload.Length - offset));
    }

    /// <summary>Takes a row off a list.</summary>
    public void Hide(View view, string key) => Add(new Effect(EffectKind.Show, default, view, default, key, payload.Length, 0));

    /// <summary>Asks history whether the reading of this turn was seen before; the actor gets the same reading again with <see cref="Message.SeenBefore"/> set.</summary>
    public void LookUp() => Add(new Effect(EffectKind.LookUp, default, default, default, "", payload.Length, 0));

    /// <summary>A turn with <see cref="MessageKind.Reminded"/> and this name, at <paramref name="dueMs"/> or as soon after as the process runs. The same name replaces the earlier one.</summary>
    public void RemindAt(string name, long dueMs) => reminders.Add(new ReminderChange(name, dueMs));

    /// <summary>Takes a reminder back. Nothing happens where there is none.</summary>
    public void Forget(string name) => reminders.Add(new ReminderChange(name, null));

    /// <summary>Moves a reminder that the actor has one of at a time, where it is due at another time now.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dueMs">When it was due; 0 for none. Set to <paramref name="nextMs"/>.</param>
    /// <param name="nextMs">When it is due now; 0 for none.</param>
    public void RemindNext(string name, ref long dueMs, long nextMs)
    {
        if (nextMs == dueMs)
        {
            return;
        }

        dueMs = nextMs;
        if (nextMs != 0)
        {
            RemindAt(name, nextMs);
        }
        else
        {
            Forget(name);
        }
    }

    /// <summary>Answers the command of this turn.</summary>
    /// <param name="made">Id of what the command made, where the one who sent it has to know; null otherwise.</param>
    public void Reply(ReplyStatus status, string text = "", string[]? allowed = null, string? made = null) => Answer = new Reply(status, text, allowed ?? [], made);

    private void Add(Effect effect)
    {
        if (items.Count >= GrainLimits.EffectsPerTurn)
        {
            throw new InvalidOperationException($"A turn asked for more than {GrainLimits.EffectsPerTurn} effects.");
        }

        items.Add(effect);
    }

    private void WriteJson<T>(T body)
    {
        using Utf8JsonWriter json = new(payload, GrainsJson.WriterOptions);
        JsonSerializer.Serialize(json, body, (JsonTypeInfo<T>)GrainsJson.Default.GetTypeInfo(typeof(T))!);
    }
}

/// <summary>A reminder set (with a time) or forgotten (without).</summary>
public readonly record struct ReminderChange(string Name, long? DueMs);

/// <summary>How a command ended. The API maps these to HTTP status codes.</summary>
public enum ReplyStatus : byte
{
    Done = 1,
    /// <summary>There is no such thing.</summary>
    NotFound = 2,
    /// <summary>The state does not allow it; <see cref="Reply.Allowed"/> says what it does allow.</summary>
    Conflict = 3,
    /// <summary>The caller may not.</summary>
    Forbidden = 4,
    /// <summary>The command does not make sense.</summary>
    Invalid = 5,
}

/// <summary>The answer to a command.</summary>
/// <param name="Made">Id of what the command made; null where it made nothing that has one.</param>
public sealed record Reply(ReplyStatus Status, string Text, string[] Allowed, string? Made = null);
