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
                query.Answer.TrySetResult((cell?.Describe(), handled));
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
        actors.Find(kind, key, hash) ?? Load(kind, System.Text.Encoding.UTF8.GetString(key), key.ToArray(), hash, create: true)!;

    private ActorCell? Load(ActorKind kind, string key, byte[] keyUtf8, ulong hash, bool create)
    {
        StoredActor? stored = reader.Load(kind, key);
        if (stored is null && !create)
        {
            return null;
        }

        ActorCell cell = new(kind, key, keyUtf8, hash, Partition.Of(hash), parts.Actors(kind));
        if (stored is not null)
        {
            cell.Load(stored);
            foreach ((string name, byte[]? row) in cell.UnsettledRows ?? [])
            {
                // They lie in the stored state until they lie among the rows, so it does no harm if nothing of this actor is saved for long.
                (cell.Rows ??= new RowCache(cell, reader)).Change(name, row);
            }

            cell.UnsettledRows = null;
        }

        actors.Add(cell);
        return cell;
    }

    /// <summary>Lets go of actors beyond the bound: unchanged since they were saved, not touched since the last look.</summary>
    private void LetGo()
    {
        if (actors.Count > parts.Options.ResidentActors / parts.Options.Workers)
        {
            sweepCursor = actors.Sweep(sweepCursor, 4096, static cell =>
            {
                bool mayGo = cell is { UnsavedSince: 0, Saving: 0, Touched: false };
                cell.Touched = false;
                return mayGo;
            });
        }
    }
}
