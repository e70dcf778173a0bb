using System.Collections.Concurrent;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Host;

/// <summary>
/// One worker's share of the rolling checkpoint. Actors wait in the order in which they were first changed since they were last saved, so the head of the queue says how far back
/// a replay would have to go. States are serialised here, between two records, and written by the <see cref="Checkpointer"/>; a batch under way
/// still counts as unsaved until the store has it.
/// </summary>
internal sealed class WorkerCheckpoint(int worker, HostParts parts, ReadingHistory history)
{
    private readonly Queue<ActorCell> unsaved = new();
    private readonly Queue<StateBatch> underWay = new();
    private readonly ConcurrentQueue<(StateBatch? Batch, List<(ActorCell Cell, List<string>? Rows)>? Saved)> settled = new();
    private readonly ByteWriter scratch = new(4096);
    private long frozenAt = long.MaxValue;
    private long turns;
    private long savedMs;
    private int historyUnderWay;

    /// <summary>First position that is not in the store; null where all is.</summary>
    public long? UnsavedSince
    {
        get
        {
            long first = Math.Min(frozenAt, history.UnsavedSince ?? long.MaxValue);
            if (unsaved.TryPeek(out ActorCell? cell))
            {
                first = Math.Min(first, cell.UnsavedSince);
            }

            foreach (StateBatch batch in underWay)
            {
                first = Math.Min(first, batch.UnsavedSince);
            }

            return first == long.MaxValue ? null : first;
        }
    }

    /// <summary>The actor is about to have a turn at this position.</summary>
    public void Touch(ActorCell cell, long position)
    {
        cell.Touched = true;
        if (cell.UnsavedSince == 0)
        {
            cell.UnsavedSince = position;
            unsaved.Enqueue(cell);
        }
    }

    /// <summary>So many records were handled: the share of the checkpoint grows with them.</summary>
    public void Count(int records) => turns += records;

    /// <summary>A partition stopped: replay must be able to begin before anything of it that is unsaved.</summary>
    public void Freeze() => frozenAt = Math.Min(frozenAt, UnsavedSince ?? long.MaxValue);

    /// <summary>Sends a rulebook to the store. Like a state, it holds replay back until it is there.</summary>
    public void Keep(long position, ReadOnlySpan<byte> json)
    {
        StateBatch batch = NewBatch(position, position, []);
        batch.Rulebooks.Add((position, json.ToArray()));
        Send(batch);
    }

    /// <summary>Takes note of what the store has written since the last call.</summary>
    public void Settle()
    {
        while (settled.TryDequeue(out (StateBatch? Batch, List<(ActorCell Cell, List<string>? Rows)>? Saved) done))
        {
            if (done.Batch is null)
            {
                history.Saved();
                historyUnderWay--;
                continue;
            }

            underWay.Dequeue();
            foreach ((ActorCell cell, List<string>? rows) in done.Saved!)
            {
                cell.Saving--;
                if (rows is not null)
                {
                    cell.Rows!.Saved(rows);
                }
            }
        }
    }

    /// <summary>
    /// Serialises a slice of what is unsaved, as much as the worker's share allows: one state for so many turns while there is work, more where the tail is long, all
    /// where the worker is <paramref name="idle"/>. <paramref name="journalEnd"/> covers every effect of the states' turns.
    /// </summary>
    public bool Save(bool idle, long[] failedAt, long journalEnd, Action<ActorCell, long, Exception> stopPartition)
    {
        SaveHistory();
        if (unsaved.Count == 0 || underWay.Count >= parts.Options.BatchesUnderWay)
        {
            return false;
        }

        long tail = journalEnd - unsaved.Peek().UnsavedSince;
        long turnsPerState = tail > parts.Options.TailRecords / 2 ? Math.Max(parts.Options.TurnsPerSavedState / 4, 1) : parts.Options.TurnsPerSavedState;
        long share = idle ? parts.Options.StatesPerBatch : turns / turnsPerState;

        // Small slices would cost a synced transaction each, so they are gathered: for a while when idle, by the share when busy.
        long now = parts.Time.GetUtcNow().ToUnixTimeMilliseconds();
        bool enough = idle ? now - savedMs >= parts.Options.IdleSaveMs || unsaved.Count >= parts.Options.StatesPerBatch || parts.Stopping : share >= Math.Min(parts.Options.StatesPerBatch / 4, unsaved.Count);
        if (!enough)
        {
            return false;
        }

        turns = 0;
        savedMs = now;
        List<(ActorCell, List<string>?)> saving = [];
        StateBatch batch = NewBatch(unsaved.Peek().UnsavedSince, journalEnd, saving);
        for (long left = Math.Min(share, parts.Options.StatesPerBatch); left > 0 && unsaved.TryDequeue(out ActorCell? cell); left--)
        {
            if (failedAt[cell.Partition] != 0)
            {
                continue;
            }

            try
            {
                batch.Actors.Add(new StateRow(cell.Kind, cell.Key, cell.Position, cell.NextDueMs, cell.Save(scratch)));
            }
#pragma warning disable CA1031 // Like a turn that throws: the partition stops, the rest goes on.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                frozenAt = Math.Min(frozenAt, cell.UnsavedSince);
                stopPartition(cell, cell.Position, failure);
                continue;
            }

            saving.Add((cell, cell.Rows?.MoveTo(batch)));
            cell.UnsavedSince = 0;
            cell.Saving++;
        }

        Send(batch);
        return true;
    }

    private void SaveHistory()
    {
        bool holdsTailBack = history.HasUnsealed && parts.Journal.End - history.UnsavedSince > parts.Options.TailRecords / 2;
        if ((history.Full || holdsTailBack || (parts.Stopping && history.HasUnsealed)) && historyUnderWay < parts.Options.BatchesUnderWay)
        {
            historyUnderWay++;
            parts.Checkpoints.Send(history.Seal(), worker, () => settled.Enqueue((null, null)));
        }
    }

    private StateBatch NewBatch(long unsavedSince, long needsDurable, List<(ActorCell, List<string>?)> saving)
    {
        StateBatch? self = null;
        self = new StateBatch
        {
            UnsavedSince = unsavedSince,
            NeedsDurable = needsDurable,
            Saved = () => settled.Enqueue((self, saving)),
        };
        return self;
    }

    private void Send(StateBatch batch)
    {
        underWay.Enqueue(batch);
        parts.Checkpoints.Send(batch);
    }
}
