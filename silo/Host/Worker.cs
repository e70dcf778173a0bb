using System.Text.Json;
using Microsoft.Extensions.Logging;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Host;

/// <summary>
/// Follows the journal and runs the turns of the partitions it owns, in journal order, without waiting for the disk. All of an actor's
/// turns run here, one at a time, so actors need no locks; everything of this class is touched by its own step only, except the queues and volatile fields named as shared.
/// Recovery is the same code: up to <see cref="InputJournal.RecoveredEnd"/> effects are held instead of appended.
/// </summary>
internal sealed partial class Worker : IStep, IDisposable
{
    private const int QueriesAtOnce = 64;

    /// <summary>One in so many buckets is looked at in a step, for actors to let go beyond the bound.</summary>
    private const int BeyondBoundShare = 64;

    /// <summary>One in so many buckets is looked at for idle actors each time, so that a step stays short however many actors there are.</summary>
    private const int IdleShare = 512;

    private readonly int index;
    private readonly HostParts parts;
    private readonly JournalFollower follower;
    private readonly IStateReader reader;
    private readonly ReadAhead? ahead;
    private readonly ActorTable actors = new();
    private readonly bool[] owned = new bool[GrainLimits.Partitions];
    private readonly long[] failedAt = new long[GrainLimits.Partitions];
    private readonly Effects effects = new();
    private readonly TurnRows rows;
    private readonly ByteWriter outgoing = new(64 * 1024);
    private readonly ByteWriter scratch = new(64);
    private readonly HeldEffects held = new();
    private readonly List<(TaskCompletionSource<CommandResult> Answer, Reply? Reply)> answers = [];
    private readonly ReadingHistory history;
    private readonly WorkerCheckpoint checkpoint;
    private readonly ReminderClock reminders;
    private readonly Queue<byte> readAtStart = new();
    private readonly HandOver<Query> queries = new();
    private readonly Action<ActorCell, long, Exception> stopPartition;
    private readonly ILogger logger;
    private int waitingQueries;
    private Rulebook? rules;
    private long handled;
    private long safeFrom;
    private bool recovering = true;
    private int sweepCursor;
    private int idleCursor;
    private long idleLookAt;
    private long nowMs;
    private long loads;
    private long takenAhead;

    public Worker(int index, HostParts parts, Checkpointer checkpoints, ReadAhead? ahead)
    {
        this.index = index;
        this.ahead = ahead;
        this.parts = parts;
        logger = parts.Logs.CreateLogger<Worker>();
        stopPartition = StopPartition;
        for (int partition = index; partition < owned.Length; partition += parts.Options.Workers)
        {
            owned[partition] = true;
        }

        handled = parts.Store.ReplayFrom - 1;
        safeFrom = parts.Store.ReplayFrom;
        follower = parts.Journal.Follow(handled, durableOnly: false);
        reader = parts.Store.OpenReader();
        rows = new TurnRows(reader);
        history = new ReadingHistory(parts.History, parts.Options.HistoryPartReadings);
        checkpoint = new WorkerCheckpoint(index, parts, checkpoints, history);
        reminders = new ReminderClock(parts.Time);
        rules = parts.Rulebooks.At(handled);
    }

    public string Name => $"worker {index}";

    /// <summary>Shared: everything before this position is in the store, as far as this worker is concerned.</summary>
    public long SafeFrom => Volatile.Read(ref safeFrom);

    /// <summary>Shared: the last position handled.</summary>
    public long Handled => Volatile.Read(ref handled);

    /// <summary>Shared: false once everything that the journal held at start has been replayed.</summary>
    public bool Recovering => Volatile.Read(ref recovering);

    /// <summary>Shared: time spent on the checkpoint.</summary>
    public TimeSpan CheckpointTime => checkpoint.Spent;

    /// <summary>Shared: how often an actor was not resident when its turn came.</summary>
    public long Loads => Volatile.Read(ref loads);

    /// <summary>Shared: how many of <see cref="Loads"/> had been read ahead.</summary>
    public long TakenAhead => Volatile.Read(ref takenAhead);

    /// <summary>Actors in memory; what another thread may ask it is said there.</summary>
    public ActorTable Actors => actors;

    /// <summary>Shared: what stopped a partition, in words; null where all run.</summary>
    public string? Stopped { get; private set; }

    /// <summary>Takes up the reminders of stored actors; before the first step.</summary>
    public void Remember(ActorId actor, long dueMs) => reminders.Add(actor.Kind, actor.Key, dueMs);

    /// <summary>Has all stored actors of its partitions read before the first turn; before the first step.</summary>
    public void ReadAllAtStart()
    {
        for (int partition = index; partition < owned.Length; partition += parts.Options.Workers)
        {
            readAtStart.Enqueue((byte)partition);
        }
    }

    /// <summary>Shared: asks for a look at an actor between two turns. False where too many wait already.</summary>
    public bool TryAsk(Query query)
    {
        if (Interlocked.Increment(ref waitingQueries) > parts.Options.WaitingQueries)
        {
            Interlocked.Decrement(ref waitingQueries);
            return false;
        }

        queries.Enqueue(query);
        return true;
    }

    /// <summary>After the last step.</summary>
    public void Dispose() => reader.Dispose();

    public bool Step()
    {
        if (ReadAtStart())
        {
            return true;
        }

        bool worked = AnswerQueries();
        checkpoint.Settle();
        if (recovering && handled >= parts.Journal.RecoveredEnd)
        {
            // What another worker appends at the end of its recovery comes after what this one still holds: nothing of it is read before that is appended.
            return TryFinishRecovery() | worked;
        }

        if (follower.TryRead(out ReadOnlySpan<byte> records, out long first, out int count))
        {
            Handle(records, first);
            worked = true;
            checkpoint.Count(count);
        }

        if (!recovering)
        {
            worked |= FireReminders();
        }

        // While effects are held, states are ahead of what the journal has of them, so nothing is saved.
        if (held.Count == 0)
        {
            worked |= checkpoint.Save(idle: !worked, failedAt, parts.Journal.End, stopPartition);
        }

        Volatile.Write(ref safeFrom, Math.Min(checkpoint.UnsavedSince ?? long.MaxValue, handled + 1));
        LetGo();
        return worked;
    }

    private void Handle(ReadOnlySpan<byte> records, long first)
    {
        long position = first;
        nowMs = Math.Max(nowMs, Record.TimeOf(records));
        int untilQueries = parts.Options.RecordsBetweenQueries;
        while (records.Length > 0)
        {
            Record record = Record.Next(ref records);
            Handle(record, position);
            Volatile.Write(ref handled, position);
            position++;
            if (--untilQueries == 0)
            {
                untilQueries = parts.Options.RecordsBetweenQueries;
                SendOutgoing();
                AnswerQueries();
            }
        }

        SendOutgoing();
    }

    private void Handle(scoped in Record record, long position)
    {
        switch (record.Kind)
        {
            case InputKind.Publish:
            case InputKind.Command:
            case InputKind.Reminder:
                break;
            case InputKind.Rules:
                rules = parts.TakeRulebook(position, record.Body);
                checkpoint.Keep(position, record.Body);
                return;
            case InputKind.Told:
            case InputKind.Shown:
            case InputKind.LookedUp:
                MeetEffect(record);
                break;
            default:
                throw new InvalidDataException($"Record {position} of the journal has the unknown kind {(byte)record.Kind}. It was written by a newer version; start that one.");
        }

        RecordInputs inputs = new(record, scratch);
        while (inputs.MoveNext())
        {
            if (owned[inputs.Partition])
            {
                Handle(inputs.Current, record, position);
            }
        }
    }

    private void Handle(scoped in ActorInput input, scoped in Record record, long position)
    {
        if (input.Kind == MessageKind.Reading)
        {
            HandleReading(input, record, position);
        }
        else if (record.Kind == InputKind.Command)
        {
            HandleCommand(input, record, position);
        }
        else if (record.Kind == InputKind.Reminder)
        {
            HandleReminder(input, record, position);
        }
        else
        {
            Run(Resident(input.ActorKind, input.Key), input, record, position);
        }
    }

    private void HandleReading(scoped in ActorInput input, scoped in Record record, long position)
    {
        ulong hash = Partition.HashOf(input.ActorKind, input.Key);
        ulong identity = ReadingHistory.Identity(hash, input.Reading.Header.IdHash);
        Run(Resident(input.ActorKind, input.Key, hash), input, record, position, identity);
        if (input.SeenBefore is null)
        {
            history.Add(identity, ReadingHistory.Order(position, input.Element), input.Reading.Header.AtMs);
        }
    }

    private void HandleCommand(scoped in ActorInput input, scoped in Record record, long position)
    {
        TaskCompletionSource<CommandResult>? answer = recovering ? null : parts.Commands.Take(position);
        Run(Resident(input.ActorKind, input.Key), input, record, position);
        if (failedAt[record.Partition] != 0)
        {
            answer?.TrySetException(new InvalidOperationException(Stopped));
        }
        else if (answer is not null)
        {
            answers.Add((answer, effects.Answer));
        }
    }

    private void HandleReminder(scoped in ActorInput input, scoped in Record record, long position)
    {
        (string name, long dueMs) = ReminderRecord.Read(input.Body);
        ActorCell cell = Resident(input.ActorKind, input.Key);
        reminders.Fired(cell.Kind, cell.Key, name, dueMs);
        if (position <= cell.LoadedPosition)
        {
            HoldOutbox(cell, position, 0, 0);
        }
        else if (failedAt[cell.Partition] == 0 && cell.Has(name, dueMs))
        {
            Run(cell, input, record, position);
        }
    }

    private void Run(ActorCell cell, scoped in ActorInput input, scoped in Record record, long position, ulong identity = 0)
    {
        if (failedAt[cell.Partition] != 0)
        {
            return;
        }

        if (position <= cell.LoadedPosition)
        {
            HoldOutbox(cell, position, input.Element, identity);
            return;
        }

        cell.Outbox = null;
        rows.Of(cell);
        checkpoint.Touch(cell, position);
        int sent = outgoing.Length;
        try
        {
            cell.TryRun(input, position, record.TimeMs, rules ?? throw new InvalidDataException($"Record {position} comes before any rulebook."), effects, rows);
            foreach (ReminderChange change in effects.Reminders)
            {
                if (change.DueMs is { } due)
                {
                    reminders.Add(cell.Kind, cell.Key, due);
                }
            }

            if (effects.Items.Count > 0)
            {
                Collect(cell, input, record, position, identity);
            }
        }
#pragma warning disable CA1031 // A turn that throws is a bug, whatever it threw; its partition stops with the state it had, and the rest of the city goes on.
        catch (Exception failure) when (failure is not (IOException or System.Data.Common.DbException or StateStoreException))
#pragma warning restore CA1031
        {
            outgoing.Truncate(sent);
            StopPartition(cell, position, failure);
            return;
        }

        cell.Position = position;
    }

    private bool FireReminders()
    {
        while (reminders.TryTake(out ActorKind kind, out string key))
        {
            byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(key);
            ActorCell cell = Resident(kind, utf8);
            reminders.Fire(cell, outgoing);
        }

        if (outgoing.Length == 0)
        {
            return false;
        }

        SendOutgoing();
        return true;
    }

    private void StopPartition(ActorCell cell, long position, Exception failure)
    {
        failedAt[cell.Partition] = position;
        checkpoint.Freeze();
        Stopped ??= $"Partition {cell.Partition} stopped at position {position}: {cell.Kind} {cell.Key} failed with {failure.GetType().Name}: {failure.Message} Its state as of before is kept; a mended version takes up there.";
        Log.PartitionStopped(logger, failure, cell.Partition, position, cell.Kind, cell.Key);
    }

    /// <summary>The keyed rows of whichever actor has the turn; the cache behind it is made when a turn first asks.</summary>
    private sealed class TurnRows(IStateReader reader) : IActorRows
    {
        private ActorCell? cell;

        private RowCache Cache => cell!.Rows ??= new RowCache(cell, reader);

        public void Of(ActorCell actor) => cell = actor;

        public byte[]? Find(string key) => Cache.Find(key);

        public void Put(string key, byte[] value) => Cache.Put(key, value);

        public void Remove(string key) => Cache.Remove(key);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Worker}: {Count} effects of replayed inputs had not reached the disk and are appended now")]
        public static partial void EffectsAppended(ILogger logger, string worker, int count);

        [LoggerMessage(Level = LogLevel.Critical, Message = "Partition {Partition} stopped at position {Position}: {Kind} {Key} failed")]
        public static partial void PartitionStopped(ILogger logger, Exception failure, byte partition, long position, ActorKind kind, string key);
    }
}

/// <summary>
/// A look at an actor's state between two turns, once everything up to <see cref="After"/> was handled: whoever was acknowledged something finds it in the state. Queries come
/// with positions that rise, near enough, so one that has to wait holds up none that would not. Answered with the JSON (null where the actor does not exist) and the position that it reflects.
/// </summary>
internal sealed record Query(ActorKind Kind, string Key, long After, TaskCompletionSource<(byte[]? Json, long Position)> Answer);
