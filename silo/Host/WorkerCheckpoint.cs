using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Host;

/// <summary>
/// One worker's share of the rolling checkpoint. Changed actors wait by range of their hash, which is the store's order, so that a batch takes neighbours; within a range in the order in
/// which they were first changed since they were last saved, so that the first of each range says how far back a replay would have to go. The range that waits longest is next.
/// States are serialised here, a few at a time between two runs of records so that no turn and no query waits for a whole batch, and written by the <see cref="Checkpointer"/>; a batch in the making or under way
/// still counts as unsaved until the store has it. Pauses go by the clock that is never set.
/// </summary>
internal sealed class WorkerCheckpoint(int worker, HostParts parts, Checkpointer checkpoints, ReadingHistory history)
{
    private const int Ranges = 256;

    private readonly List<ActorCell>[] unsaved = [.. Enumerable.Range(0, Ranges).Select(_ => new List<ActorCell>())];
    private readonly Queue<StateBatch> underWay = new();
    private readonly ConcurrentQueue<(StateBatch? Batch, List<(ActorCell Cell, List<string>? Rows)>? Saved)> settled = new();
    private readonly ByteWriter scratch = new(4096);
    private Slice? slice;
    private int unsavedCount;
    private long frozenAt = long.MaxValue;
    private long turns;
    private long savedAt;
    private TimeSpan rest;
    private TimeSpan serialised;
    private TimeSpan spareRest;
    private long spentTicks;
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

            first = Math.Min(first, slice?.Batch.UnsavedSince ?? long.MaxValue);
            return first == long.MaxValue ? null : first;
        }
    }

    /// <summary>Time spent on serialising so far. Read from any thread.</summary>
    public TimeSpan Spent => TimeSpan.FromTicks(Volatile.Read(ref spentTicks));

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
            spareRest = parts.Options.SpareRestAfter(serialised + done.Batch.Took);
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
    /// Serialises some of what is unsaved, as much as the worker's share allows: one state for so many turns while there is work, more where the tail is long, all that was gathered
    /// where the worker is <paramref name="idle"/>. <paramref name="journalEnd"/> covers every effect of the states' turns.
    /// </summary>
    public bool Save(bool idle, long[] failedAt, long journalEnd, Action<ActorCell, long, Exception> stopPartition)
    {
        SaveHistory();
        if (slice is null && (unsavedCount == 0 || underWay.Count >= parts.Options.BatchesUnderWay))
        {
            return false;
        }

        // What took long is followed by a pause as much longer as the share is small, whatever the counts say. Near the bound of the tail saving goes first.
        long now = parts.Time.GetTimestamp();
        bool nearBound = journalEnd - (slice?.Batch.UnsavedSince ?? unsaved[Oldest()][0].UnsavedSince) > parts.Options.TailRecords / 4 * 3;
        if (!idle && !nearBound && !parts.Stopping && parts.Time.GetElapsedTime(savedAt, now) < rest)
        {
            return false;
        }

        slice ??= Begin(idle, nearBound, now);
        if (slice is null)
        {
            return false;
        }

        Take(slice, failedAt, stopPartition);
        savedAt = parts.Time.GetTimestamp();
        TimeSpan took = parts.Time.GetElapsedTime(now, savedAt);
        serialised += took;
        if (slice.Done)
        {
            slice.Batch.NeedsDurable = journalEnd;
            Send(slice.Batch);
            slice = null;
        }

        Volatile.Write(ref spentTicks, spentTicks + took.Ticks);
        rest = parts.Options.RestAfter(took);
        return true;
    }

    /// <summary>
    /// Takes what the next batch is to hold, once there is enough of it: small batches would cost a synced transaction each, so they are gathered, by the share when busy. A worker that finds nothing to do is not a machine
    /// that has nothing to do: at a quarter of the full load there is such a moment every millisecond. So what is saved in them keeps to a share of its own, that of the time which the last such batch took from its first state to its commit.
    /// </summary>
    private Slice? Begin(bool idle, bool nearBound, long now)
    {
        int oldest = Oldest();
        List<ActorCell> range = unsaved[oldest];
        long turnsPerState = nearBound ? Math.Max(parts.Options.TurnsPerSavedState / 4, 1) : parts.Options.TurnsPerSavedState;
        TimeSpan since = parts.Time.GetElapsedTime(savedAt, now);
        bool spare = idle && (parts.Stopping || (underWay.Count == 0 && since >= spareRest && since.TotalMilliseconds >= parts.Options.IdleSaveMs));
        if (!spare && turns / turnsPerState < Math.Min(parts.Options.StatesPerBatch, range.Count))
        {
            return null;
        }

        turns = 0;
        serialised = TimeSpan.Zero;
        int most = Math.Min(spare ? unsavedCount : range.Count, parts.Options.StatesPerBatch);
        List<(ActorCell, List<string>?)> saving = new(most);
        Slice next = new(NewBatch(range[0].UnsavedSince, long.MaxValue, saving), saving);
        Move(range, next);
        for (int i = 1; spare && i < Ranges; i++)
        {
            // There is time for all that was gathered, in one transaction.
            Move(unsaved[(oldest + i) % Ranges], next);
        }

        return next;
    }

    /// <summary>Moves the actors of a range that wait longest into the slice, as many as it has room for, in the store's order.</summary>
    private void Move(List<ActorCell> range, Slice to)
    {
        int count = Math.Min(range.Count, parts.Options.StatesPerBatch - to.Cells.Count);
        if (count > 0)
        {
            Span<ActorCell> cells = CollectionsMarshal.AsSpan(range)[..count];
            cells.Sort(static (left, right) => left.Hash.CompareTo(right.Hash));
            to.Cells.AddRange(cells);
            range.RemoveRange(0, count);
            unsavedCount -= count;
        }
    }

    /// <summary>Serialises the next few actors of the slice. Until then each counts as unsaved since its first change, and later changes are in what is saved.</summary>
    private void Take(Slice from, long[] failedAt, Action<ActorCell, long, Exception> stopPartition)
    {
        StateBatch batch = from.Batch;
        for (int left = parts.Options.StatesAtOnce; left > 0 && !from.Done; left--)
        {
            ActorCell cell = from.Cells[from.Next++];
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
                int day = HostedActor.DayOf(cell.TimeMs);
                batch.Actors.Add(new StateRow(cell.Hash, cell.Kind, cell.Key, cell.Position, cell.NextDueMs, cell.Save(scratch))
                {
                    CopyBefore = cell.Stored && cell.SavedDay < day,
                    FirstSince = cell.UnsavedSince,
                });
                cell.SavedDay = day;
            }
#pragma warning disable CA1031 // Like a turn that throws: the partition stops, the rest goes on.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                stopPartition(cell, cell.Position, failure);
                continue;
            }

            from.Saving.Add((cell, cell.Rows?.MoveTo(batch)));
            cell.UnsavedSince = 0;
            cell.Saving++;
            cell.Stored = true;
        }
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
            Actors = new List<StateRow>(saving.Capacity),
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

    /// <summary>A batch in the making: whose states it is to hold, and how many of them were looked at.</summary>
    private sealed class Slice(StateBatch batch, List<(ActorCell Cell, List<string>? Rows)> saving)
    {
        public StateBatch Batch { get; } = batch;

        public List<ActorCell> Cells { get; } = [];

        public List<(ActorCell Cell, List<string>? Rows)> Saving { get; } = saving;

        public int Next { get; set; }

        public bool Done => Next == Cells.Count;
    }
}
