using Microsoft.Extensions.Logging;

namespace Streaming.Silo.Host;

/// <summary>
/// Writes the workers' batches to the store, once the journal is durable up to what they contain, together with the position from which a replay would have to
/// begin. That position is read from the workers before the commit, so it may be smaller than true, which costs a longer replay, and never larger.
/// It keeps to its share of the time (<see cref="HostOptions.CheckpointShare"/>), by the clock that is never set.
/// It also tells the journal and the history which of their files nobody needs any more.
/// </summary>
internal sealed partial class Checkpointer(HostParts parts, Func<long> safeFrom, Func<StateBatch?>? gather = null) : IStep
{
    private const int BatchesPerCommit = 16;
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private readonly HandOver<StateBatch> waiting = new();
    private readonly HandOver<(HistoryPart Part, int Worker, Action Saved)> history = new();
    private readonly List<StateBatch> committing = [];
    private readonly ExpirySweep sweep = new(parts);
    private readonly ILogger logger = parts.Logs.CreateLogger<Checkpointer>();
    private long checkedAt;
    private long failedAt;
    private long committedAt;
    private TimeSpan rest;
    private long spentTicks;
    private long prunedAt;
    private bool pruned;

    public string Name => "checkpointer";

    /// <summary>Called by workers.</summary>
    public void Send(StateBatch batch) => waiting.Enqueue(batch);

    /// <summary>Called by workers.</summary>
    public void Send(HistoryPart part, int worker, Action saved) => history.Enqueue((part, worker, saved));

    /// <summary>Why states cannot be saved now, in words; null while they can. Nothing is lost by it: the journal has everything, and its tail grows until intake waits.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Time spent on writing so far, the disk's included. Read from any thread.</summary>
    public TimeSpan Spent => TimeSpan.FromTicks(Volatile.Read(ref spentTicks));

    public bool Step()
    {
        if (parts.Store.Damage is { } damage)
        {
            // Whoever met it may go on retrying; there is nothing to wait for.
            throw damage;
        }

        long now = parts.Time.GetTimestamp();
        if (Trouble is not null && parts.Time.GetElapsedTime(failedAt, now) < RetryAfter)
        {
            return false;
        }

        try
        {
            bool worked = SaveHistory() | SaveStates(now);
            if (Trouble is not null)
            {
                Trouble = null;
                Log.Resumed(logger);
            }

            return worked;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Data.Common.DbException)
        {
            if (Trouble is null)
            {
                Log.Failed(logger, failure);
            }

            Trouble = $"States cannot be saved ({failure.Message}). {SqliteTrouble.WhatToDo(failure, "state.db and history/ of the data directory")} Work resumes by itself.";
            failedAt = now;
            return false;
        }
    }

    private bool SaveHistory()
    {
        if (!history.TryPeek(out (HistoryPart Part, int Worker, Action Saved) part) || part.Part.LastPosition > parts.Journal.DurablePosition)
        {
            return false;
        }

        parts.History.Save(part.Part, part.Worker);
        history.TryDequeue(out _);
        part.Saved();
        return true;
    }

    private bool SaveStates(long now)
    {
        long replayFrom = ReplayFrom();
        if (committing.Count == 0 && sweep.Step() is { } forgotten)
        {
            committing.Add(forgotten);
        }

        if (gather?.Invoke() is { } gathered)
        {
            waiting.Enqueue(gathered);
        }

        while (committing.Count < BatchesPerCommit && waiting.TryPeek(out StateBatch? batch) && batch.NeedsDurable <= parts.Journal.DurablePosition)
        {
            waiting.TryDequeue(out _);
            committing.Add(batch);
        }

        bool due = parts.Time.GetElapsedTime(checkedAt, now) >= CheckEvery;
        bool worked = false;
        if ((committing.Count > 0 || (due && replayFrom > parts.Store.ReplayFrom)) && !Rests(now))
        {
            // A batch stays in the list until it is written, so a failed commit is tried again whole.
            parts.Store.Commit(committing, replayFrom);
            committedAt = parts.Time.GetTimestamp();
            TimeSpan took = parts.Time.GetElapsedTime(now, committedAt);
            foreach (StateBatch batch in committing)
            {
                batch.Took = took / committing.Count;
                batch.Saved();
            }

            committing.Clear();
            worked = true;
            Volatile.Write(ref spentTicks, spentTicks + took.Ticks);
            rest = parts.Options.RestAfter(took);
        }

        if (due)
        {
            checkedAt = now;
            Retire();
            if (!worked)
            {
                PruneCopies(now);
            }
        }

        return worked;
    }

    /// <summary>
    /// True while the checkpoint has had its share of the time. Near the bound of the tail, and at the end, it takes what it needs. What is gathered from elsewhere never rests: somebody waits for it to be stored before a turn's
    /// effects go out.
    /// </summary>
    private bool Rests(long now) => gather is null && parts.Time.GetElapsedTime(committedAt, now) < rest && !parts.Stopping && parts.Journal.End - parts.Store.ReplayFrom <= parts.Options.TailRecords / 4 * 3;

    private long ReplayFrom()
    {
        // A worker may have handled what is not durable yet; positions that a crash takes back are given again.
        long from = parts.Journal.DurablePosition + 1;
        return Math.Max(Math.Min(from, safeFrom()), parts.Store.ReplayFrom);
    }

    private void Retire()
    {
        // What the lists have on disk is asked only where that decides something: the answer costs a sync.
        if (parts.Journal.HasRetirable(parts.Store.ReplayFrom))
        {
            parts.Journal.Retire(Math.Min(parts.Store.ReplayFrom, parts.Views.SyncedPosition() + 1));
        }

        parts.History.Retire((parts.Journal.OldestPosition, parts.Store.ReplayFrom, parts.Journal.End), parts.Time.GetUtcNow().ToUnixTimeMilliseconds(), parts.Options.HistoryKeepMs);
    }

    /// <summary>A little at a time, and only where there is nothing to write: one page of the copies, and after the last a pause, since what is needless then becomes so slowly.</summary>
    private void PruneCopies(long now)
    {
        if (parts.FirstKept is { } firstKept && (!pruned || parts.Time.GetElapsedTime(prunedAt, now) >= SiloLimits.CopySweepPause))
        {
            pruned = !parts.Store.PruneCopies(firstKept, SiloLimits.CopiesPerSweep);
            prunedAt = now;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "States cannot be saved; trying again every second. The journal has everything")]
        public static partial void Failed(ILogger logger, Exception failure);

        [LoggerMessage(Level = LogLevel.Information, Message = "States are saved again")]
        public static partial void Resumed(ILogger logger);
    }
}
