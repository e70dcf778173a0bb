using Streaming.Grains;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Host;

/// <summary>One resident actor with what the host keeps about it. Touched only by the worker that owns its partition, except where said.</summary>
internal sealed class ActorCell(ActorKind kind, string key, byte[] keyUtf8, ulong hash, byte partition, Actor actor)
{
    private const byte Format = 1;
    private List<Reminder>? reminders;

    public ActorKind Kind { get; } = kind;

    public string Key { get; } = key;

    public byte[] KeyUtf8 { get; } = keyUtf8;

    public ulong Hash { get; } = hash;

    public byte Partition { get; } = partition;

    public Actor Actor { get; } = actor;

    /// <summary>Next cell of the same bucket.</summary>
    public ActorCell? Next { get; set; }

    /// <summary>The position that the state had in the store when it was loaded: replayed inputs up to here are in it.</summary>
    public long LoadedPosition { get; set; }

    /// <summary>True where the store has a row of it, or will have when a batch under way is written.</summary>
    public bool Stored { get; set; }

    /// <summary>The last input applied.</summary>
    public long Position { get; set; }

    /// <summary>Turn time of the last input applied; the next turn's is never before it.</summary>
    public long TimeMs { get; set; }

    /// <summary>First input applied since the state was last put into a checkpoint; 0 where there was none.</summary>
    public long UnsavedSince { get; set; }

    /// <summary>Checkpoint batches under way that hold this actor. The cell must stay resident meanwhile, since the store is behind it.</summary>
    public int Saving { get; set; }

    /// <summary>Set when the actor was touched, cleared by the sweep that looks for actors to let go.</summary>
    public bool Touched { get; set; }

    /// <summary>The keyed rows at hand; null where none was ever asked for.</summary>
    public RowCache? Rows { get; set; }

    public IReadOnlyList<Reminder> Reminders => reminders ?? (IReadOnlyList<Reminder>)[];

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

    public void Change(ReminderChange change)
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

    /// <summary>Takes the reminder away if it stands exactly so; a reminder that was moved or forgotten meanwhile does not fire.</summary>
    public bool TakeReminder(string name, long dueMs) => reminders?.Remove(new Reminder(name, dueMs)) ?? false;

    /// <summary>Reminders, time and state as stored.</summary>
    public byte[] Save(ByteWriter scratch)
    {
        scratch.Clear();
        scratch.WriteByte(Format);
        scratch.WriteInt64(TimeMs);
        scratch.WriteVar((ulong)Reminders.Count);
        foreach (Reminder reminder in Reminders)
        {
            scratch.WriteText(reminder.Name);
            scratch.WriteInt64(reminder.DueMs);
        }

        int before = scratch.Length;
        Actor.Write(scratch);
        if (scratch.Length - before > GrainLimits.StateBytes)
        {
            throw new InvalidOperationException($"The state of {Kind} {Key} is {scratch.Length - before} bytes; at most {GrainLimits.StateBytes} are allowed. What grows belongs in keyed rows.");
        }

        return scratch.Written.ToArray();
    }

    public void Load(StoredActor stored)
    {
        ByteReader reader = new(stored.Bytes);
        byte format = reader.ReadByte();
        if (format != Format)
        {
            throw new InvalidDataException($"The stored state of {Kind} {Key} has format {format}; this version reads format {Format}.");
        }

        TimeMs = reader.ReadInt64();
        int count = (int)reader.ReadVar();
        for (int i = 0; i < count; i++)
        {
            (reminders ??= []).Add(new Reminder(reader.ReadText(), reader.ReadInt64()));
        }

        Actor.Read(ref reader);
        LoadedPosition = Position = stored.Position;
        Stored = true;
    }
}

/// <summary>A reminder outstanding.</summary>
internal readonly record struct Reminder(string Name, long DueMs);
