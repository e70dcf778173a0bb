namespace Streaming.Silo.Views;

/// <summary>
/// Up to which journal position the lists, the feeds and the access book show what happened. Whoever changed something waits here before answering, so that the answer's reader finds it.
/// </summary>
internal sealed class ViewPosition
{
    private readonly Lock gate = new();
    private readonly PriorityQueue<TaskCompletionSource, long> waiting = new();
    private long current;

    /// <summary>Everything up to here is shown.</summary>
    public long Current => Volatile.Read(ref current);

    /// <summary>Completes once <see cref="Current"/> is at or past <paramref name="position"/>.</summary>
    public Task WaitAsync(long position, CancellationToken cancellation = default)
    {
        if (Current >= position)
        {
            return Task.CompletedTask;
        }

        TaskCompletionSource reached;
        lock (gate)
        {
            if (current >= position)
            {
                return Task.CompletedTask;
            }

            reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Enqueue(reached, position);
        }

        return reached.Task.WaitAsync(cancellation);
    }

    /// <summary>The same for whoever answers a caller: false where the lists are too far behind to wait for.</summary>
    public async ValueTask<bool> TryWaitAsync(long position, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await WaitAsync(position, cancellation).WaitAsync(ViewLimits.ListsWait, time, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Moves on; never back.</summary>
    public void Reach(long position)
    {
        lock (gate)
        {
            if (position <= current)
            {
                return;
            }

            Volatile.Write(ref current, position);
            while (waiting.TryPeek(out TaskCompletionSource? reached, out long wanted) && wanted <= position)
            {
                waiting.Dequeue();
                reached.SetResult();
            }
        }
    }
}
