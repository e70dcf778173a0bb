using System.Collections.Concurrent;

namespace Streaming.Silo.Host;

/// <summary>
/// Writes the workers' batches to the store, once the journal is durable up to what they contain, together with the position from which a replay would have to
/// begin. That position is read from the workers before the commit, so it may be smaller than true, which costs a longer replay, and never larger.
/// It also tells the journal and the history which of their files nobody needs any more.
/// </summary>
internal sealed class Checkpointer(HostParts parts) : IStep
{
    private const int BatchesPerCommit = 16;
    private readonly ConcurrentQueue<StateBatch> waiting = new();
    private readonly ConcurrentQueue<(HistoryPart Part, int Worker, Action Saved)> history = new();
    private readonly List<StateBatch> committing = [];
    private long checkedMs;

    public string Name => "checkpointer";

    /// <summary>Called after a batch was written, so that the worker looks.</summary>
    public event Action? Written;

    /// <summary>Called by workers.</summary>
    public void Send(StateBatch batch) => waiting.Enqueue(batch);

    /// <summary>Called by workers.</summary>
    public void Send(HistoryPart part, int worker, Action saved) => history.Enqueue((part, worker, saved));

    public bool Step()
    {
        bool worked = false;
        if (history.TryPeek(out (HistoryPart Part, int Worker, Action Saved) part) && part.Part.LastPosition <= parts.Journal.DurablePosition)
        {
            history.TryDequeue(out _);
            parts.History.Save(part.Part, part.Worker);
            part.Saved();
            worked = true;
        }

        long replayFrom = ReplayFrom();
        while (committing.Count < BatchesPerCommit && waiting.TryPeek(out StateBatch? batch) && batch.NeedsDurable <= parts.Journal.DurablePosition)
        {
            waiting.TryDequeue(out _);
            committing.Add(batch);
        }

        long now = parts.Time.GetUtcNow().ToUnixTimeMilliseconds();
        bool due = now - checkedMs >= 1000;
        if (committing.Count > 0 || (due && replayFrom > parts.Store.ReplayFrom))
        {
            parts.Store.Commit(committing, replayFrom);
            foreach (StateBatch batch in committing)
            {
                batch.Saved();
            }

            committing.Clear();
            Written?.Invoke();
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
        foreach (Worker worker in parts.Workers)
        {
            from = Math.Min(from, worker.SafeFrom);
        }

        return Math.Max(from, parts.Store.ReplayFrom);
    }

    private void Retire()
    {
        if (parts.Journal.Figures.DiskBytes > parts.JournalOptions.RetentionBytes)
        {
            parts.Journal.Retire(Math.Min(parts.Store.ReplayFrom, parts.Views.SyncedPosition() + 1));
            parts.History.Retire(parts.Journal.FirstPosition);
        }
    }
}
