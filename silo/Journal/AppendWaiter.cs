using Streaming.Ingest;

namespace Streaming.Silo.Journal;

/// <summary>An append that waits for room. It is in the journal's queue, or it is settled: appended, refused, or given up by its caller. The journal's lock guards which, so it is settled exactly once.</summary>
internal sealed class AppendWaiter(ReadOnlyMemory<byte> records, bool inline)
    : TaskCompletionSource<Appended>(inline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously)
{
    private CancellationTokenRegistration registration;
    private Appended outcome;
    private AppendWaiter? nextDone;

    public ReadOnlyMemory<byte> Records { get; } = records;

    /// <summary>Its place in the queue; null before it is queued and after it left.</summary>
    public LinkedListNode<AppendWaiter>? Place { get; set; }

    public bool Settled { get; set; }

    /// <summary>Calls <paramref name="giveUp"/> when the caller cancels. Comes before queueing, so that whoever settles the waiter finds the registration in place.</summary>
    public void Register(Action<AppendWaiter, CancellationToken> giveUp, CancellationToken cancellation) =>
        registration = cancellation.UnsafeRegister((_, token) => giveUp(this, token), null);

    /// <summary>Notes the outcome and puts the waiter at the head of a list of those to be told once the lock is free.</summary>
    public void Settle(Appended decided, ref AppendWaiter? done)
    {
        Settled = true;
        Place = null;
        outcome = decided;
        nextDone = done;
        done = this;
    }

    /// <summary>Tells all on the list, in the order in which they were settled. Not under the lock: their callers may go on right here.</summary>
    public static void TellAll(AppendWaiter? done)
    {
        AppendWaiter? ordered = null;
        while (done is not null)
        {
            AppendWaiter? next = done.nextDone;
            done.nextDone = ordered;
            ordered = done;
            done = next;
        }

        for (AppendWaiter? waiter = ordered; waiter is not null; waiter = waiter.nextDone)
        {
            waiter.registration.Unregister();
            waiter.SetResult(waiter.outcome);
        }
    }
}
