using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Streaming.Silo.Host;

/// <summary>
/// Writes the workers' batches to the store, once the journal is durable up to what they contain, together with the position from which a replay would have to
/// begin. That position is read from the workers before the commit, so it may be smaller than true, which costs a longer replay, and never larger.
/// It also tells the journal and the history which of their files nobody needs any more.
/// </summary>
internal sealed partial class Checkpointer(HostParts parts, Func<long> safeFrom, Func<StateBatch?>? gather = null) : IStep
{
    private const int BatchesPerCommit = 16;
    private const int CheckEveryMs = 1_000;
    private const int RetryMs = 1_000;
    private readonly ConcurrentQueue<StateBatch> waiting = new();
    private readonly ConcurrentQueue<(HistoryPart Part, int Worker, Action Saved)> history = new();
    private readonly List<StateBatch> committing = [];
    private readonly ILogger logger = parts.Logs.CreateLogger<Checkpointer>();
    private long checkedMs;
    private long retryMs;

    public string Name => "checkpointer";

    /// <summary>Called by workers.</summary>
    public void Send(StateBatch batch) => waiting.Enqueue(batch);

    /// <summary>Called by workers.</summary>
    public void Send(HistoryPart part, int worker, Action saved) => history.Enqueue((part, worker, saved));

    /// <summary>Why states cannot be saved now, in words; null while they can. Nothing is lost by it: the journal has everything, and its tail grows until intake waits.</summary>
    public string? Trouble { get; private set; }

    public bool Step()
    {
        if (parts.Store.Damage is { } damage)
        {
            // Whoever met it may go on retrying; there is nothing to wait for.
            throw damage;
        }

        long now = parts.PassedMs;
        if (Trouble is not null && now < retryMs)
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
            retryMs = now + RetryMs;
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
        if (gather?.Invoke() is { } gathered)
        {
            waiting.Enqueue(gathered);
        }

        while (committing.Count < BatchesPerCommit && waiting.TryPeek(out StateBatch? batch) && batch.NeedsDurable <= parts.Journal.DurablePosition)
        {
            waiting.TryDequeue(out _);
            committing.Add(batch);
        }

        bool due = now - checkedMs >= CheckEveryMs;
        bool worked = false;
        if (committing.Count > 0 || (due && replayFrom > parts.Store.ReplayFrom))
        {
            // A batch stays in the list until it is written, so a failed commit is tried again whole.
            parts.Store.Commit(committing, replayFrom);
            foreach (StateBatch batch in committing)
            {
                batch.Saved();
            }

            committing.Clear();
            worked = true;
        }

        if (due)
        {
            checkedMs = now;
            Retire();
        }

        return worked;
    }

    private long ReplayFrom()
    {
        // A worker may have handled what is not durable yet; positions that a crash takes back are given again.
        long from = parts.Journal.DurablePosition + 1;
        return Math.Max(Math.Min(from, safeFrom()), parts.Store.ReplayFrom);
    }

    private void Retire()
    {
        if (parts.Journal.Figures.DiskBytes > parts.JournalOptions.RetentionBytes)
        {
            parts.Journal.Retire(Math.Min(parts.Store.ReplayFrom, parts.Views.SyncedPosition() + 1));
            parts.History.Retire(parts.Journal.FirstPosition);
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
