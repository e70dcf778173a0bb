using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Host;

/// <summary>
/// One worker's share of the rolling checkpoint. Changed actors wait by range of their hash, which is the store's order, so that a batch takes neighbours; within a range in the order in
/// which they were first changed since they were last saved, so that the first of each range says how far back a replay would have to go. The range that waits longest is next.
/// States are serialised here, between two records, and written by the <see cref="Checkpointer"/>; a batch under way
/// still counts as unsaved until the store has it.
/// </summary>
internal sealed class WorkerCheckpoint(int worker, HostParts parts, Checkpointer checkpoints, ReadingHistory history)
{
    private const int Ranges = 256;

    private readonly List<ActorCell>[] unsaved = [.. Enumerable.Range(0, Ranges).Select(_ => new List<ActorCell>())];
    private readonly Queue<StateBatch> underWay = new();
    private readonly ConcurrentQueue<(StateBatch? Batch, List<(ActorCell Cell, List<string>? Rows)>? Saved)> settled = new();
    private readonly ByteWriter scratch = new(4096);
    private int unsavedCount;
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
            if (unsavedCount > 0)
            {
                first = Math.Min(first, unsaved[Oldest()][0].UnsavedSince);
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
            unsaved[RangeOf(cell)].Add(cell);
            unsavedCount++;
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
    /// Serialises a slice of what is unsaved, as much as the worker's share allows: one state for so many turns while there is work, more where the tail is long, all that was gathered
    /// where the worker is <paramref name="idle"/>. <paramref name="journalEnd"/> covers every effect of the states' turns.
    /// </summary>
    public bool Save(bool idle, long[] failedAt, long journalEnd, Action<ActorCell, long, Exception> stopPartition)
    {
        SaveHistory();
        if (unsavedCount == 0 || underWay.Count >= parts.Options.BatchesUnderWay)
        {
            return false;
        }

        List<ActorCell> range = unsaved[Oldest()];
        long tail = journalEnd - range[0].UnsavedSince;
        long turnsPerState = tail > parts.Options.TailRecords / 4 * 3 ? Math.Max(parts.Options.TurnsPerSavedState / 4, 1) : parts.Options.TurnsPerSavedState;

        // Small slices would cost a synced transaction each, so they are gathered: for a while when idle, by the share when busy.
        long now = parts.PassedMs;
        bool enough = idle
            ? now - savedMs >= parts.Options.IdleSaveMs || unsavedCount >= parts.Options.StatesPerBatch || parts.Stopping
            : turns / turnsPerState >= Math.Min(parts.Options.StatesPerBatch, range.Count);
        if (!enough)
        {
            return false;
        }

        turns = 0;
        savedMs = now;
        List<(ActorCell, List<string>?)> saving = [];
        StateBatch batch = NewBatch(range[0].UnsavedSince, journalEnd, saving);
        if (idle)
        {
            // There is time for all that was gathered, in one transaction.
            foreach (List<ActorCell> each in unsaved)
            {
                Take(each, parts.Options.StatesPerBatch - saving.Count, batch, saving, failedAt, stopPartition);
            }
        }
        else
        {
            Take(range, parts.Options.StatesPerBatch, batch, saving, failedAt, stopPartition);
        }

        Send(batch);
        return true;
    }

    /// <summary>Serialises the actors of a range that wait longest, at most so many, into the batch in the store's order.</summary>
    private void Take(List<ActorCell> range, int most, StateBatch batch, List<(ActorCell, List<string>?)> saving, long[] failedAt, Action<ActorCell, long, Exception> stopPartition)
    {
        int count = Math.Min(range.Count, most);
        if (count <= 0)
        {
            return;
        }

        long oldest = range[0].UnsavedSince;
        CollectionsMarshal.AsSpan(range)[..count].Sort(static (left, right) => left.Hash.CompareTo(right.Hash));
        for (int i = 0; i < count; i++)
        {
            ActorCell cell = range[i];
            if (failedAt[cell.Partition] != 0)
            {
                continue;
            }

            if (!cell.Actor.Exists && !cell.Stored && cell.Rows is null)
            {
                // Nothing has happened to it: it was asked for something that it is not there for, and leaves no trace.
                cell.UnsavedSince = 0;
                continue;
            }

            try
            {
                batch.Actors.Add(new StateRow(cell.Hash, cell.Kind, cell.Key, cell.Position, cell.NextDueMs, cell.Save(scratch)));
            }
#pragma warning disable CA1031 // Like a turn that throws: the partition stops, the rest goes on.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                frozenAt = Math.Min(frozenAt, oldest);
                stopPartition(cell, cell.Position, failure);
                continue;
            }

            saving.Add((cell, cell.Rows?.MoveTo(batch)));
            cell.UnsavedSince = 0;
            cell.Saving++;
            cell.Stored = true;
        }

        range.RemoveRange(0, count);
        unsavedCount -= count;
    }

    private static int RangeOf(ActorCell cell) => (int)(cell.Hash >> 56);

    /// <summary>The range whose first actor waits longest; there must be one that waits.</summary>
    private int Oldest()
    {
        int oldest = -1;
        for (int i = 0; i < Ranges; i++)
        {
            if (unsaved[i].Count > 0 && (oldest < 0 || unsaved[i][0].UnsavedSince < unsaved[oldest][0].UnsavedSince))
            {
                oldest = i;
            }
        }

        return oldest;
    }

    private void SaveHistory()
    {
        bool holdsTailBack = history.HasUnsealed && parts.Journal.End - history.UnsavedSince > parts.Options.TailRecords / 2;
        if ((history.Full || holdsTailBack || (parts.Stopping && history.HasUnsealed)) && historyUnderWay < parts.Options.BatchesUnderWay)
        {
            historyUnderWay++;
            checkpoints.Send(history.Seal(), worker, () => settled.Enqueue((null, null)));
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
        checkpoints.Send(batch);
    }
}
