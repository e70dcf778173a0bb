using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>The standalone host's turns: a few workers in this process share the partitions, and one checkpointer saves for all of them.</summary>
internal sealed class WorkerTurns : ITurns
{
    private readonly HostParts parts;
    private readonly Worker[] workers;
    private readonly Checkpointer checkpoints;
    private readonly ReadAhead? ahead;
    private Action<IStep> wake = static _ => { };

    public WorkerTurns(HostParts parts)
    {
        this.parts = parts;
        ahead = parts.Options.StatesAhead > 0 ? new ReadAhead(parts) : null;
        checkpoints = new Checkpointer(parts, () => workers!.Min(worker => worker.SafeFrom));
        workers = [.. Enumerable.Range(0, parts.Options.Workers).Select(index => new Worker(index, parts, checkpoints, ahead))];
        ahead?.Serve(workers);
        long tail = parts.Journal.RecoveredEnd - parts.Store.ReplayFrom + 1;
        if (tail > 0 && parts.Options.ActorsReadAtStart > 0 && parts.Store.ActorsAbout() <= Math.Min(tail, parts.Options.ActorsReadAtStart))
        {
            foreach (Worker worker in workers)
            {
                worker.ReadAllAtStart();
            }
        }

        foreach ((ActorId actor, long dueMs) in parts.Store.Reminders())
        {
            Owner(actor.Kind, actor.Key).Remember(actor, dueMs);
        }
    }

    public string Name => Hosts.Name(HostKind.Standalone);

    /// <summary>Reading ahead is not woken by an append: while the workers keep up with the appends there is nothing to be ahead of.</summary>
    public IReadOnlyList<TurnPart> Parts =>
    [
        .. workers.Select(worker => new TurnPart(worker, 20, Wakes.Appended)),
        new TurnPart(checkpoints, 100, Wakes.Durable),
        .. ahead is null ? Array.Empty<TurnPart>() : [new TurnPart(ahead, 5, Wakes.None)],
    ];

    /// <summary>How often an actor was not resident when its turn came, and how many of these had been read ahead.</summary>
    public (long Loads, long Ahead) Loaded => (workers.Sum(worker => worker.Loads), workers.Sum(worker => worker.TakenAhead));

    /// <summary>Actors in memory; a stale figure where the workers run.</summary>
    public int Resident => workers.Sum(worker => worker.Actors.Count);

    public long Handled => workers.Min(worker => worker.Handled);

    public bool Recovering => workers.Any(worker => worker.Recovering);

    public bool AtRest => Handled >= parts.Journal.End;

    public string? Stopped => workers.Select(worker => worker.Stopped).FirstOrDefault(stopped => stopped is not null);

    public string? Trouble => checkpoints.Trouble;

    public TimeSpan CheckpointTime => workers.Aggregate(checkpoints.Spent, (sum, worker) => sum + worker.CheckpointTime);

    public void Started(Action<IStep> wake) => this.wake = wake;

    public Task OpenAsync(CancellationToken cancellation) => Task.CompletedTask;

    public async ValueTask<(byte[]? Json, long Position)> DescribeAsync(ActorKind kind, string key, long after, CancellationToken cancellation)
    {
        Query query = new(kind, key, after, new TaskCompletionSource<(byte[]? Json, long Position)>(TaskCreationOptions.RunContinuationsAsynchronously));
        Worker owner = Owner(kind, key);
        if (!owner.TryAsk(query))
        {
            throw new HostUnavailableException($"{parts.Options.WaitingQueries} queries wait already; try again.");
        }

        wake(owner);
        return await query.Answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    public Task CloseAsync() => Task.CompletedTask;

    public void Reject(Exception why)
    {
        foreach (Worker worker in workers)
        {
            worker.RejectQueries(why);
        }
    }

    public void Dispose()
    {
        foreach (Worker worker in workers)
        {
            worker.Dispose();
        }

        ahead?.Dispose();
    }

    private Worker Owner(ActorKind kind, string key) => workers[Partition.Of(kind, key) % workers.Length];
}
