using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>The actors in memory: loaded when a message or a query comes for them, shown to queries between turns, let go beyond the bound.</summary>
internal sealed partial class Worker
{
    private bool AnswerQueries()
    {
        bool any = false;
        for (int left = QueriesAtOnce; left > 0 && queries.TryPeek(out Query? query) && query.After <= handled; left--)
        {
            queries.TryDequeue(out _);
            any = true;
            Interlocked.Decrement(ref waitingQueries);
            try
            {
                byte[] key = System.Text.Encoding.UTF8.GetBytes(query.Key);
                ulong hash = Partition.HashOf(query.Kind, key);
                if (failedAt[Partition.Of(hash)] != 0)
                {
                    throw new HostUnavailableException(Stopped!);
                }

                ActorCell? cell = actors.Find(query.Kind, key, hash) ?? Load(query.Kind, query.Key, key, hash, create: false);
                // What is shown depends on the actor's own inputs and on nothing behind them, so it need not wait until those are on disk.
                query.Answer.TrySetResult((cell?.Describe(), cell?.Position ?? 0));
            }
#pragma warning disable CA1031 // Whoever asked is told; a question never stops what answers it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                query.Answer.TrySetException(failure);
            }
        }

        return any;
    }

    /// <summary>Answers what still waits with a failure; after the last step.</summary>
    public void RejectQueries(Exception why)
    {
        while (queries.TryDequeue(out Query? query))
        {
            query.Answer.TrySetException(why);
        }
    }

    private ActorCell Resident(ActorKind kind, scoped ReadOnlySpan<byte> key) => Resident(kind, key, Partition.HashOf(kind, key));

    private ActorCell Resident(ActorKind kind, scoped ReadOnlySpan<byte> key, ulong hash) =>
        actors.Find(kind, key, hash) ?? TakeAhead(kind, key, hash) ?? Load(kind, System.Text.Encoding.UTF8.GetString(key), key.ToArray(), hash, create: true)!;

    /// <summary>The actor as it was read ahead; null where it was not.</summary>
    private ActorCell? TakeAhead(ActorKind kind, ReadOnlySpan<byte> key, ulong hash)
    {
        Volatile.Write(ref loads, loads + 1);
        ActorCell? cell = ahead?.Take(kind, key, hash, actors.LetGoCount(hash));
        if (cell is not null)
        {
            Volatile.Write(ref takenAhead, takenAhead + 1);
            Add(cell);
        }

        return cell;
    }

    private ActorCell? Load(ActorKind kind, string key, byte[] keyUtf8, ulong hash, bool create)
    {
        StoredActor? stored = reader.Load(kind, key);
        return stored is null && !create ? null : Add(kind, key, keyUtf8, hash, stored);
    }

    /// <summary>
    /// Reads all actors of one more of the partitions owned, before the first turn; false where none is left. What a turn finds resident is as the store has it: nothing is written to the store before the first turn.
    /// </summary>
    private bool ReadAtStart()
    {
        if (!readAtStart.TryDequeue(out byte partition))
        {
            return false;
        }

        using IDisposable? together = reader.Together();
        foreach (WalkedRow row in reader.LoadPartition(partition))
        {
            Add(row.Kind, row.Key, System.Text.Encoding.UTF8.GetBytes(row.Key), row.Hash, new StoredActor(row.Position, row.Bytes));
        }

        return true;
    }

    private ActorCell Add(ActorKind kind, string key, byte[] keyUtf8, ulong hash, StoredActor? stored)
    {
        ActorCell cell = new(kind, key, keyUtf8, hash, Partition.Of(hash), parts.Actors);
        if (stored is not null)
        {
            cell.Load(stored);
        }

        Add(cell);
        return cell;
    }

    private void Add(ActorCell cell)
    {
        foreach ((string name, byte[]? row) in cell.UnsettledRows ?? [])
        {
            // They lie in the stored state until they lie among the rows, so it does no harm if nothing of this actor is saved for long.
            (cell.Rows ??= new RowCache(cell, reader)).Change(name, row);
        }

        cell.UnsettledRows = null;
        actors.Add(cell);
    }

    /// <summary>
    /// Lets go of actors that are unchanged since they were saved: beyond the bound those that were not touched since the last look, and a share at a time, bound or not, those whose last turn is long ago by the
    /// time of the journal.
    /// </summary>
    private void LetGo()
    {
        if (actors.Count > parts.Options.ResidentActors / parts.Options.Workers)
        {
            sweepCursor = actors.Sweep(sweepCursor, BeyondBoundShare, static cell =>
            {
                bool mayGo = IsUnchanged(cell) && !cell.Touched;
                cell.Touched = false;
                return mayGo;
            });
        }

        if (!recovering && parts.Time.GetElapsedTime(idleLookAt) >= parts.Options.IdleLookEvery)
        {
            idleLookAt = parts.Time.GetTimestamp();
            long idleSinceMs = nowMs - (long)parts.Options.IdleAge.TotalMilliseconds;
            idleCursor = actors.Sweep(idleCursor, IdleShare, cell => IsUnchanged(cell) && cell.TimeMs < idleSinceMs);
        }
    }

    private static bool IsUnchanged(ActorCell cell) => cell is { UnsavedSince: 0, Saving: 0 };
}
