namespace Streaming.Silo.Host;

/// <summary>
/// Runs one <see cref="IStep"/> on a thread of its own: again and again while it finds work, and asleep otherwise, until it is woken or
/// <paramref name="idle"/> is over. A wake between the last look for work and falling asleep is not lost: the signal stays set.
/// </summary>
internal sealed class StepThread(IStep step, TimeSpan idle, Action<Exception> failed) : IDisposable
{
    private readonly SemaphoreSlim gate = new(0);
    private Thread? thread;
    private int signalled;
    private volatile bool stopping;

    public void Start()
    {
        thread = new Thread(Run) { Name = step.Name, IsBackground = true };
        thread.Start();
    }

    /// <summary>Makes the thread look for work. Cheap where it was signalled already.</summary>
    public void Wake()
    {
        if (Volatile.Read(ref signalled) == 0 && Interlocked.Exchange(ref signalled, 1) == 0)
        {
            gate.Release();
        }
    }

    /// <summary>Ends the thread once its step finds no more work.</summary>
    public void Stop()
    {
        stopping = true;
        Wake();
        thread?.Join();
    }

    public void Dispose()
    {
        Stop();
        gate.Dispose();
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                if (step.Step())
                {
                    continue;
                }

                if (stopping || step.Finished)
                {
                    return;
                }

                gate.Wait(idle);
                Interlocked.Exchange(ref signalled, 0);
            }
        }
#pragma warning disable CA1031 // Whatever it is, the host ends: a part that stopped would leave promises unkept.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            failed(failure);
        }
    }
}
