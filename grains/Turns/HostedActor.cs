using System.Buffers.Binary;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Turns;

/// <summary>
/// One actor in memory with what its host keeps beside its state: turn time, reminders, and what a store has to carry for it until the journal has it. Both hosts keep actors in this form and store them in
/// one format, so that either takes up where the other ended.
/// </summary>
public class HostedActor(ActorKind kind, string key, ActorMaker make)
{
    private const byte Plain = 1;
    private const byte WithOutbox = 2;
    private List<Reminder>? reminders;

    public ActorKind Kind { get; } = kind;

    public string Key { get; } = key;

    public Actor Actor { get; private set; } = make(kind);

    /// <summary>The last input applied.</summary>
    public long Position { get; set; }

    /// <summary>Turn time of the last input applied, ms; the next turn's is never before it.</summary>
    public long TimeMs { get; set; }

    public IReadOnlyList<Reminder> Reminders => reminders ?? (IReadOnlyList<Reminder>)[];

    /// <summary>Effects of turns applied that may not be in the journal yet, in order. The standalone host keeps none: it saves a state only when its effects are durable.</summary>
    public List<OutboxEntry>? Outbox { get; set; }

    /// <summary>Keyed rows changed by turns applied that may not be in the row store yet; no value: removed. Only for a store that cannot write them in one transaction with the state.</summary>
    public Dictionary<string, byte[]?>? UnsettledRows { get; set; }

    public long? NextDueMs
    {
        get
        {
            long? next = null;
            foreach (Reminder reminder in Reminders)
            {
                if (next is null || reminder.DueMs < next)
                {
                    next = reminder.DueMs;
                }
            }

            return next;
        }
    }

    private void Change(ReminderChange change)
    {
        reminders?.RemoveAll(reminder => reminder.Name == change.Name);
        if (change.DueMs is { } due)
        {
            reminders ??= [];
            if (reminders.Count >= GrainLimits.Reminders)
            {
                throw new InvalidOperationException($"{Kind} {Key} asked for more than {GrainLimits.Reminders} reminders.");
            }

            reminders.Add(new Reminder(change.Name, due));
        }
    }

    /// <summary>Runs one turn; what it asks for is in <paramref name="effects"/> afterwards, and the reminders among it are set.</summary>
    public void Run(scoped in Message message, long position, long timeMs, Rulebook rules, Effects effects, IActorRows rows)
    {
        effects.Clear();
        long nowMs = Math.Max(TimeMs, timeMs);
        Turn turn = new()
        {
            Key = Key,
            NowMs = nowMs,
            Position = position,
            Rules = rules,
            Effects = effects,
            Rows = rows,
        };
        if (message.Kind == MessageKind.Expire)
        {
            // To be asked is nothing that happened: the time stays that of the last real input, by which it expires.
            if (IsExpired(nowMs, rules))
            {
                Actor.Expire(turn);
                Actor = make(Kind);
                TimeMs = nowMs;
            }

            return;
        }

        TimeMs = nowMs;
        Actor.Handle(turn, message);
        foreach (ReminderChange change in effects.Reminders)
        {
            Change(change);
        }
    }

    /// <summary>Runs the turn of an input, as <see cref="Run"/>. False, and nothing happened, where it is a reminder that was moved or forgotten meanwhile.</summary>
    public bool TryRun(scoped in ActorInput input, long position, long timeMs, Rulebook rules, Effects effects, IActorRows rows)
    {
        if (input.Kind == MessageKind.Reminded)
        {
            (string name, long dueMs) = ReminderRecord.Read(input.Body);
            if (!TakeReminder(name, dueMs))
            {
                effects.Clear();
                return false;
            }
        }

        Run(input.Message, position, timeMs, rules, effects, rows);
        return true;
    }

    /// <summary>
    /// True where the actor is to be forgotten now; also where something is left of one that does not exist, as of a session that was ended. One that has keyed rows stays, since they are not at hand here.
    /// </summary>
    public bool IsExpired(long nowMs, Rulebook rules) =>
        Reminders.Count == 0 && !Actor.HasRows && (Actor.Exists ? Actor.IsExpired(nowMs - TimeMs, rules) : !IsNew());

    /// <summary>
    /// True where a store may as well have no row of it: its state is that of an actor that nothing ever happened to. The turn time does not count, since records, and so the next turn, are never before it.
    /// </summary>
    public bool IsBlank => !Actor.Exists && Reminders.Count == 0 && Outbox is not { Count: > 0 } && UnsettledRows is not { Count: > 0 } && IsNew();

    /// <summary>Puts the actor back to a state that its <see cref="Turns.Actor.Write"/> wrote, as before a turn that has to be run again.</summary>
    public void PutBack(ReadOnlySpan<byte> state)
    {
        Actor = make(Kind);
        ByteReader reader = new(state);
        Actor.Read(ref reader);
    }

    /// <summary>True where the reminder stands exactly so.</summary>
    public bool Has(string name, long dueMs) => reminders?.Contains(new Reminder(name, dueMs)) ?? false;

    /// <summary>Takes the reminder away if it stands exactly so; a reminder that was moved or forgotten meanwhile does not fire.</summary>
    public bool TakeReminder(string name, long dueMs) => reminders?.Remove(new Reminder(name, dueMs)) ?? false;

    /// <summary>Undoes <see cref="TakeReminder"/> for a turn that has to be run again.</summary>
    public void GiveBackReminder(string name, long dueMs) => (reminders ??= []).Add(new Reminder(name, dueMs));

    /// <summary>The state as the API shows it, UTF-8 JSON; null where nothing has happened to the actor.</summary>
    public byte[]? Describe()
    {
        if (!Actor.Exists)
        {
            return null;
        }

        ByteWriter buffer = new(1024);
        using (Utf8JsonWriter json = new(buffer, GrainsJson.WriterOptions))
        {
            Actor.Describe(json, Key);
        }

        return buffer.Written.ToArray();
    }

    /// <summary>Everything but the position, as stored.</summary>
    public byte[] Save(ByteWriter scratch)
    {
        bool plain = Outbox is not { Count: > 0 } && UnsettledRows is not { Count: > 0 };
        scratch.Clear();
        scratch.WriteByte(plain ? Plain : WithOutbox);
        scratch.WriteInt64(TimeMs);
        scratch.WriteVar((ulong)Reminders.Count);
        foreach (Reminder reminder in Reminders)
        {
            scratch.WriteText(reminder.Name);
            scratch.WriteInt64(reminder.DueMs);
        }

        if (!plain)
        {
            SaveOutbox(scratch);
        }

        int before = scratch.Length;
        Actor.Write(scratch);
        if (scratch.Length - before > GrainLimits.StateBytes)
        {
            throw new InvalidOperationException($"The state of {Kind} {Key} is {scratch.Length - before} bytes; at most {GrainLimits.StateBytes} are allowed. What grows belongs in keyed rows.");
        }

        return scratch.Written.ToArray();
    }

    /// <summary>Turn time of the last input in what <see cref="Save"/> wrote, ms.</summary>
    public static long TimeOf(ReadOnlySpan<byte> saved) => BinaryPrimitives.ReadInt64LittleEndian(saved[1..]);

    /// <summary>The UTC day that a time lies on. Where a state of an earlier day is replaced, it is kept as a copy for history.</summary>
    public static int DayOf(long timeMs) => (int)Math.Floor(timeMs / (24 * 3600 * 1000.0));

    /// <summary>Reads what <see cref="Save"/> wrote, into an instance that nothing happened to yet.</summary>
    public void Load(ReadOnlySpan<byte> saved, long position)
    {
        ByteReader reader = new(saved);
        byte format = reader.ReadByte();
        if (format is not (Plain or WithOutbox))
        {
            throw new InvalidDataException($"The stored state of {Kind} {Key} has format {format}; this version reads formats {Plain} and {WithOutbox}.");
        }

        TimeMs = reader.ReadInt64();
        int count = (int)reader.ReadVar();
        for (int i = 0; i < count; i++)
        {
            (reminders ??= []).Add(new Reminder(reader.ReadText(), reader.ReadInt64()));
        }

        if (format == WithOutbox)
        {
            LoadOutbox(ref reader);
        }

        Actor.Read(ref reader);
        Position = position;
    }

    private bool IsNew()
    {
        ByteWriter mine = new(256);
        ByteWriter untouched = new(256);
        Actor.Write(mine);
        make(Kind).Write(untouched);
        return mine.Written.SequenceEqual(untouched.Written);
    }

    private void SaveOutbox(ByteWriter writer)
    {
        writer.WriteVar((ulong)(Outbox?.Count ?? 0));
        foreach (OutboxEntry entry in Outbox ?? [])
        {
            writer.WriteBytes(entry.Record);
        }

        // A walk over the rows' hash table has an order of its own; what is stored has one for all.
        writer.WriteVar((ulong)(UnsettledRows?.Count ?? 0));
        foreach ((string name, byte[]? value) in (UnsettledRows ?? []).OrderBy(row => row.Key, StringComparer.Ordinal))
        {
            writer.WriteText(name);
            writer.WriteBool(value is not null);
            writer.WriteBytes(value ?? []);
        }
    }

    private void LoadOutbox(ref ByteReader reader)
    {
        int entries = (int)reader.ReadVar();
        for (int i = 0; i < entries; i++)
        {
            (Outbox ??= []).Add(OutboxEntry.Of(reader.ReadBytes()));
        }

        int rows = (int)reader.ReadVar();
        for (int i = 0; i < rows; i++)
        {
            string name = reader.ReadText();
            bool present = reader.ReadBool();
            byte[] value = reader.ReadBytes().ToArray();
            (UnsettledRows ??= new Dictionary<string, byte[]?>(StringComparer.Ordinal))[name] = present ? value : null;
        }
    }
}

/// <summary>A reminder outstanding.</summary>
public readonly record struct Reminder(string Name, long DueMs);

/// <summary>An effect stored with the state: its cause, and its whole journal record.</summary>
public readonly record struct OutboxEntry(Cause Cause, byte[] Record)
{
    public static OutboxEntry Of(ReadOnlySpan<byte> record) => new(EffectRecord.CauseOf(record), record.ToArray());
}
