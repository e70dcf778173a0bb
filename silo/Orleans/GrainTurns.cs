using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Orleans;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Orleans;

/// <summary>
/// The Orleans host's turns: follows the journal, gives each grain its inputs in order, in batches, one call at a time, and appends what the turns ask for.
/// </summary>
/// <remarks>
/// One thread (<see cref="Step"/>) owns the cells and everything else here; answers, questions and reminders reach it through queues.
/// It follows only what is durable. So a grain may store its state whenever it likes: no crash can take back an input that a stored state reflects.
/// Why nothing is lost: replay begins before everything that is pending, outstanding, applied without being stored, or asked for without being durable (<see cref="SafeFrom"/>).
/// Why nothing is doubled: a grain drops inputs it has; effects are named by their cause, and those at or below what the cell has appended are dropped (<see cref="GrainCell.EffectsThrough"/>). A cell is forgotten only when everything of it is stored and durable, and recovery is over.
/// After a start, effects that replayed turns ask for, or that stored states carry, are held until the journal was read to its end; those whose record is met are struck out (<see cref="HeldEffects"/>).
/// </remarks>
internal sealed partial class GrainTurns : ITurns, IStep, IDeadlineSink
{
    private readonly HostParts parts;
    private readonly JournalFollower follower;
    private readonly Checkpointer checkpoints;
    private readonly GrainCheckpoint checkpoint;
    private readonly ReadingHistory history;
    private readonly GrainTable cells = new();
    private readonly Queue<GrainCell> ready = new();
    private readonly ConcurrentQueue<Answer> answers = new();
    private readonly HandOver<Question> questions = new();
    private readonly ConcurrentQueue<HistoryPart?> savedParts = new();
    private readonly Stack<ByteWriter> writers = new();
    private readonly PriorityQueue<GrainCell, long> retries = new();
    private readonly HeldEffects held = new();
    private readonly HashSet<(long Position, uint Index)> met = [];
    private readonly ByteWriter outgoing = new(64 * 1024);
    private readonly HashSet<long> rulebooksUnderWay = [];
    private readonly Lock firingGate = new();
    private readonly HashSet<(ActorId Actor, string Name, long DueMs)> firing = [];
    private readonly ILogger logger;
    private IGrainFactory? grains;
    private Action<IStep> wake = static _ => { };
    private ClockKeeper? clocks;
    private long waitingBytes;
    private int outstanding;
    private int historyUnderWay;
    private int waitingQuestions;
    private long routed;
    private long forgetMs;
    private long safeFrom;
    private bool recovering = true;

    public GrainTurns(HostParts parts)
    {
        this.parts = parts;
        logger = parts.Logs.CreateLogger<GrainTurns>();
        Storage = new ActorStorage(parts);
        checkpoint = new GrainCheckpoint(parts);
        checkpoints = new Checkpointer(parts, () => SafeFrom, Storage.Gather);
        history = new ReadingHistory(parts.History, parts.Options.HistoryPartReadings);
        routed = parts.Store.ReplayFrom - 1;
        safeFrom = parts.Store.ReplayFrom;
        follower = parts.Journal.Follow(routed, durableOnly: true);
        Storage.Arrived += () => wake(checkpoints);
    }

    public string Name => "orleans";

    string IStep.Name => "grain calls";

    public IReadOnlyList<TurnPart> Parts => [new TurnPart(this, 20, Wakes.Durable), new TurnPart(checkpoints, 100, Wakes.Durable)];

    public ActorStorage Storage { get; }

    public IRulebooks Rulebooks => parts.Rulebooks;

    public ActorMaker Actors => parts.Actors;

    public IStateStore Store => parts.Store;

    public long Handled => Volatile.Read(ref routed);

    public bool Recovering => Volatile.Read(ref recovering);

    /// <summary>Read from any thread. Inputs that were routed wait until what they led to is appended, so where nothing waits and the journal has not grown meanwhile, nothing is under way.</summary>
    public bool AtRest
    {
        get
        {
            long end = parts.Journal.End;
            return Handled >= end && Volatile.Read(ref waitingBytes) == 0 && parts.Journal.End == end;
        }
    }

    public string? Stopped { get; private set; }

    public string? Trouble => checkpoints.Trouble ?? Unanswered;

    /// <summary>Which grain does not answer, and why, in words; null where all do.</summary>
    private string? Unanswered { get; set; }

    /// <summary>The cell that <see cref="Unanswered"/> is about.</summary>
    private GrainCell? deaf;

    /// <summary>Shared: everything before this position is stored, as far as grains are concerned.</summary>
    public long SafeFrom => Volatile.Read(ref safeFrom);

    public long NowMs => parts.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Gives it the silo's grains. Before the first step.</summary>
    public void Attach(IGrainFactory factory) => grains = factory;

    public void Started(Action<IStep> wake) => this.wake = wake;

    public async Task OpenAsync(CancellationToken cancellation)
    {
        clocks = new ClockKeeper(grains!);
        await clocks.StartAsync(cancellation);
    }

    public async ValueTask<(byte[]? Json, long Position)> DescribeAsync(ActorKind kind, string key, long after, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref waitingQuestions) > parts.Options.WaitingQueries)
        {
            Interlocked.Decrement(ref waitingQuestions);
            throw new HostUnavailableException($"{parts.Options.WaitingQueries} queries wait already; try again.");
        }

        try
        {
            IActorGrain grain = ActorGrains.Find(grains!, kind, key);
            for (int attempt = 1; ; attempt++)
            {
                Question question = new(kind, key, after, attempt > 1, new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));
                questions.Enqueue(question);
                wake(this);
                await using CancellationTokenRegistration given = cancellation.Register(() => question.Reached.TrySetCanceled(cancellation));
                long applied = await question.Reached.Task;
                try
                {
                    if (await grain.LookAsync(applied, cancellation) is { Behind: false } look)
                    {
                        return (look.Json, 0);
                    }
                }
                catch (Exception error) when (error is OrleansException or TimeoutException)
                {
                    // Its silo may just have gone; it comes up on another.
                    if (attempt >= SiloLimits.GrainLooks)
                    {
                        throw new HostUnavailableException($"{kind} {key} does not answer ({error.Message}). Try again.");
                    }
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref waitingQuestions);
        }
    }

    public void Fire(ActorId actor, IReadOnlyList<DueReminder> due)
    {
        ByteWriter records = new(128);
        byte[] key = System.Text.Encoding.UTF8.GetBytes(actor.Key);
        foreach (DueReminder reminder in due)
        {
            bool first;
            lock (firingGate)
            {
                first = firing.Add((actor, reminder.Name, reminder.DueMs));
            }

            if (first)
            {
                ReminderRecord.Write(records, actor.Kind, key, new Reminder(reminder.Name, reminder.DueMs));
            }
        }

        if (records.Length > 0)
        {
            parts.Journal.AppendInternal(records.Written);
        }
    }

    public async Task CloseAsync()
    {
        if (clocks is null)
        {
            return;
        }

        try
        {
            await clocks.StopAsync().WaitAsync(SiloLimits.ClocksStop, parts.Time);
        }
#pragma warning disable CA1031 // The silo goes, and its clocks with it: whatever kept one from being told must not keep the rest from ending in order.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Log.ClocksNotStopped(logger, error.Message);
        }
    }

    public void Reject(Exception why)
    {
        Storage.Close(why);
        while (questions.TryDequeue(out Question? question))
        {
            question.Reached.TrySetException(why);
        }

        foreach (GrainCell cell in cells.All)
        {
            foreach ((_, TaskCompletionSource<long> reached) in cell.Waiting ?? [])
            {
                reached.TrySetException(why);
            }
        }
    }

    public void Dispose() => Storage.Dispose();

    public bool Step()
    {
        bool worked = TakeAnswers();
        checkpoint.Settle();
        worked |= Refeed();
        if (waitingBytes < SiloLimits.GrainWaitingBytes && follower.TryRead(out ReadOnlySpan<byte> records, out long first, out _))
        {
            Route(records, first);
            worked = true;
        }

        SaveHistory();
        checkpoint.Begin(idle: !worked && ready.Count == 0, Queue);
        Call();
        AnswerQuestions();
        Forget();
        worked |= recovering && TryFinishRecovery();
        Volatile.Write(ref safeFrom, OldestNeeded());
        return worked;
    }

    /// <summary>First position that a replay would have to begin at.</summary>
    private long OldestNeeded()
    {
        long first = Math.Min(routed + 1, checkpoint.UnsavedSince ?? long.MaxValue);
        foreach (long position in rulebooksUnderWay)
        {
            first = Math.Min(first, position);
        }

        // Effects that recovery holds are nowhere else as long as they are not durable.
        bool heldBack = held.Count > 0 || heldUntil > parts.Journal.DurablePosition;
        return Math.Min(first, heldBack ? parts.Store.ReplayFrom : history.UnsavedSince ?? long.MaxValue);
    }

    private bool TryFinishRecovery()
    {
        if (!parts.Replayed || routed < parts.Journal.RecoveredEnd || outstanding + ready.Count + retries.Count + behind.Count > 0)
        {
            return false;
        }

        if (held.Count > 0)
        {
            Log.EffectsAppended(logger, held.Count);
            foreach (byte[] record in held.Remaining())
            {
                outgoing.WriteRaw(record);
            }

            parts.Journal.AppendInternal(outgoing.Written);
            outgoing.Clear();
            held.Clear();
            heldUntil = parts.Journal.End;
        }

        met.Clear();
        cells.Remove(MayGo);
        Volatile.Write(ref recovering, false);
        return true;
    }

    /// <summary>Lets cells go that were needed when they had their last answer and are not any more; now and then, and only where there are too many.</summary>
    private void Forget()
    {
        if (recovering || cells.Count <= parts.Options.ResidentActors || parts.PassedMs < forgetMs)
        {
            return;
        }

        forgetMs = parts.PassedMs + SiloLimits.GrainForgetEveryMs;
        foreach (GrainCell cell in cells.All.Where(MayGo).Take(SiloLimits.GrainsForgotten).ToList())
        {
            cells.Remove(cell);
        }
    }

    private void SaveHistory()
    {
        while (savedParts.TryDequeue(out _))
        {
            history.Saved();
            historyUnderWay--;
        }

        bool holdsTailBack = history.HasUnsealed && parts.Journal.End - history.UnsavedSince > parts.Options.TailRecords / 2;
        if ((history.Full || holdsTailBack || (parts.Stopping && history.HasUnsealed)) && historyUnderWay < parts.Options.BatchesUnderWay)
        {
            historyUnderWay++;
            HistoryPart part = history.Seal();
            checkpoints.Send(part, 0, () => savedParts.Enqueue(part));
        }
    }

    private void AnswerQuestions()
    {
        while (questions.TryPeek(out Question? question) && question.After <= routed)
        {
            questions.TryDequeue(out _);
            byte[] key = System.Text.Encoding.UTF8.GetBytes(question.Key);
            GrainCell? cell = cells.Find(question.Kind, key, Partition.HashOf(question.Kind, key));
            if (cell?.Failure is { } failure)
            {
                question.Reached.TrySetException(new HostUnavailableException(failure));
            }
            else if (cell is null || (!question.Again && (cell.Idle || cell.Through <= cell.Applied)))
            {
                question.Reached.TrySetResult(cell?.Applied ?? 0);
            }
            else
            {
                // The activation that had what was applied is lost. A call, though it brings nothing, makes its successor say what it needs.
                cell.Waiting ??= [];
                cell.Waiting.RemoveAll(waiting => waiting.Reached.Task.IsCompleted);
                cell.Waiting.Add((cell.Through, question.Reached));
                Queue(cell);
            }
        }
    }

    /// <summary>Somebody waits until everything up to a position is applied; gets the position applied.</summary>
    private sealed record Question(ActorKind Kind, string Key, long After, bool Again, TaskCompletionSource<long> Reached);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Count} effects of replayed inputs had not reached the disk and are appended now")]
        public static partial void EffectsAppended(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The clocks could not be stopped ({Reason}); they end with the silo")]
        public static partial void ClocksNotStopped(ILogger logger, string reason);

        [LoggerMessage(Level = LogLevel.Critical, Message = "An actor stopped: {Failure}")]
        public static partial void ActorStopped(ILogger logger, string failure);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} {Key} did not answer; its inputs are sent again ({Attempts} times so far)")]
        public static partial void NotAnswered(ILogger logger, Exception error, ActorKind kind, string key, int attempts);

        [LoggerMessage(Level = LogLevel.Information, Message = "{Count} grains had lost inputs that were not stored; they get them again, from position {From}")]
        public static partial void Refeeding(ILogger logger, int count, long from);
    }
}
