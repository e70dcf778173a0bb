using Streaming.Silo.Host;

namespace Streaming.Silo.Orleans;

/// <summary>
/// The rolling checkpoint over grains. Those with inputs that no stored state reflects wait by range of their hash, which is the store's order, so that states that are stored together are neighbours; within a range in the order
/// in which they were first changed, so that the first of each range says how far back a replay would have to go. The range that waits longest is next: its grains are asked, with their next batch, to store.
/// Moments without work have a share of their own, as with <see cref="WorkerCheckpoint"/>: a busy silo has such a moment every millisecond.
/// </summary>
internal sealed class GrainCheckpoint(HostParts parts)
{
    private const int Ranges = 256;

    private readonly List<GrainCell>[] unsaved = [.. Enumerable.Range(0, Ranges).Select(_ => new List<GrainCell>())];
    private readonly Queue<CheckpointRound> rounds = new();
    private int unsavedCount;
    private long frozenAt = long.MaxValue;
    private long inputs;
    private long savedAt;
    private TimeSpan spareRest;

    /// <summary>First position that some grain still needs; null where all is stored.</summary>
    public long? UnsavedSince
    {
        get
        {
            long first = frozenAt;
            if (unsavedCount > 0)
            {
                first = Math.Min(first, unsaved[Oldest()][0].UnsavedSince);
            }

            foreach (CheckpointRound round in rounds)
            {
                first = Math.Min(first, round.UnsavedSince);
            }

            return first == long.MaxValue ? null : first;
        }
    }

    /// <summary>An input of this position waits for the grain.</summary>
    public void Touch(GrainCell cell, long position)
    {
        inputs++;
        if (cell.UnsavedSince == 0)
        {
            cell.UnsavedSince = position;
            unsaved[(int)(cell.Hash >> 56)].Add(cell);
            unsavedCount++;
        }
    }

    /// <summary>An actor stopped: replay must be able to begin before anything of it that is not stored.</summary>
    public void Freeze(GrainCell cell) => frozenAt = Math.Min(frozenAt, Math.Min(cell.Round?.UnsavedSince ?? long.MaxValue, cell.UnsavedSince == 0 ? cell.Applied + 1 : cell.UnsavedSince));

    /// <summary>Begins a round where the share of the work, or idleness, allows; <paramref name="ask"/> is told which grains are to store.</summary>
    public bool Begin(bool idle, Action<GrainCell> ask)
    {
        if (unsavedCount == 0 || rounds.Count >= parts.Options.BatchesUnderWay)
        {
            return false;
        }

        int oldest = Oldest();
        List<GrainCell> range = unsaved[oldest];
        long tail = parts.Journal.End - range[0].UnsavedSince;
        long inputsPerState = tail > parts.Options.TailRecords / 4 * 3 ? Math.Max(parts.Options.TurnsPerSavedState / 4, 1) : parts.Options.TurnsPerSavedState;
        long now = parts.Time.GetTimestamp();
        TimeSpan since = parts.Time.GetElapsedTime(savedAt, now);
        bool spare = idle && (parts.Stopping || (rounds.Count == 0 && since >= spareRest && since.TotalMilliseconds >= parts.Options.IdleSaveMs));
        if (!spare && inputs / inputsPerState < Math.Min(parts.Options.StatesPerBatch, range.Count))
        {
            return false;
        }

        inputs = 0;
        savedAt = now;
        CheckpointRound round = new(range[0].UnsavedSince, now);
        Take(range, round, ask);
        for (int i = 1; spare && i < Ranges; i++)
        {
            Take(unsaved[(oldest + i) % Ranges], round, ask);
        }

        if (round.Remaining > 0)
        {
            rounds.Enqueue(round);
        }

        return round.Remaining > 0;
    }

    /// <summary>A grain of the round has stored its state, or will not any more. What it asked for on the way has to be durable before the journal is given up behind it.</summary>
    public static void Stored(GrainCell cell)
    {
        CheckpointRound round = cell.Round!;
        round.Remaining--;
        round.NeedsDurable = Math.Max(round.NeedsDurable, cell.EffectsAt);
        cell.Round = null;
    }

    /// <summary>Ends the rounds that are complete.</summary>
    public void Settle()
    {
        while (rounds.TryPeek(out CheckpointRound? round) && round.Remaining == 0 && round.NeedsDurable <= parts.Journal.DurablePosition)
        {
            rounds.Dequeue();
            spareRest = parts.Options.SpareRestAfter(parts.Time.GetElapsedTime(round.BegunAt));
        }
    }

    private void Take(List<GrainCell> range, CheckpointRound round, Action<GrainCell> ask)
    {
        int taken = 0;
        while (taken < range.Count && round.Remaining < parts.Options.StatesPerBatch)
        {
            GrainCell cell = range[taken];
            if (cell.Round is not null)
            {
                // It has not answered the round before; its turn comes with the next.
                break;
            }

            taken++;
            if (cell.Failure is null)
            {
                round.UnsavedSince = Math.Min(round.UnsavedSince, cell.UnsavedSince);
                cell.UnsavedSince = 0;
                cell.Round = round;
                round.Remaining++;
                ask(cell);
            }
        }

        range.RemoveRange(0, taken);
        unsavedCount -= taken;
    }

    /// <summary>The range whose first grain waits longest; there must be one that waits.</summary>
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
}

/// <summary>Grains that are asked to store at the same time. Until all have, replay may not begin after <see cref="UnsavedSince"/>.</summary>
internal sealed class CheckpointRound(long unsavedSince, long begunAt)
{
    /// <summary>When the grains were asked, by the clock that is never set.</summary>
    public long BegunAt { get; } = begunAt;

    public long UnsavedSince { get; set; } = unsavedSince;

    public int Remaining { get; set; }

    public long NeedsDurable { get; set; }
}
