using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Host;

/// <summary>The standalone host's turns: a few workers in this process share the partitions, and one checkpointer saves for all of them.</summary>
internal sealed class WorkerTurns : ITurns
{
    private readonly HostParts parts;
    private readonly Worker[] workers;
    private readonly Checkpointer checkpoints;
    private Action<IStep> wake = static _ => { };

    public WorkerTurns(HostParts parts)
    {
        this.parts = parts;
        checkpoints = new Checkpointer(parts, () => workers!.Min(worker => worker.SafeFrom));
        workers = [.. Enumerable.Range(0, parts.Options.Workers).Select(index => new Worker(index, parts, checkpoints))];
        foreach ((ActorId actor, long dueMs) in parts.Store.Reminders())
        {
            Owner(actor.Kind, actor.Key).Remember(actor, dueMs);
        }
    }

    public string Name => Hosts.Name(HostKind.Standalone);

    public IReadOnlyList<TurnPart> Parts => [.. workers.Select(worker => new TurnPart(worker, 20, Wakes.Appended)), new TurnPart(checkpoints, 100, Wakes.Durable)];

    public long Handled => workers.Min(worker => worker.Handled);

    public bool Recovering => workers.Any(worker => worker.Recovering);

    public bool AtRest => Handled >= parts.Journal.End;

    public string? Stopped => workers.Select(worker => worker.Stopped).FirstOrDefault(stopped => stopped is not null);

    public string? Trouble => checkpoints.Trouble;

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
    }

    private Worker Owner(ActorKind kind, string key) => workers[Partition.Of(kind, key) % workers.Length];
}
