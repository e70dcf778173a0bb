using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// Acknowledgements of one connection, kept back until the journal is durable up to what they acknowledge, and then sent in the order of the publishes, as many as became
/// durable in one write. The receiving loop adds batches; one loop, which runs only while there are any, sends them.
/// <para>
/// Safety: bytes are added after the append that gave the batch its position, and taken out only when that position is at or below <see cref="IIntake.DurablePosition"/>, read
/// before. The durable position only grows, so a stale value delays an acknowledgement and never sends one early.
/// </para>
/// </summary>
internal sealed class PendingAcks(IIntake intake, Output output, MqttMetrics metrics, Action<Exception> failed)
{
    /// <summary>Batches without a record of their own wait for nothing.</summary>
    public const long NothingToWaitFor = long.MinValue;

    private const int KeptBytes = 4 * 1024;

    private readonly Lock gate = new();
    private readonly Queue<Batch> batches = new();
    private ByteWriter held = new(16);
    private ByteWriter sending = new(16);
    private TaskCompletionSource? room;
    private TaskCompletionSource? empty;
    private int owed;
    private int inFlight;
    private bool running;
    private bool stopped;

    private readonly record struct Batch(long Position, int Bytes, int Count, int Ending);

    /// <summary>Exchanges whose last packet was added and is not sent yet: all QoS 1 publishes, and the QoS 2 publishes that only lack their PUBCOMP.</summary>
    public int InFlight => Volatile.Read(ref inFlight);

    /// <param name="position">What they wait for.</param>
    /// <param name="acks">The packets.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="ending">How many of them end an exchange.</param>
    public void Add(long position, ReadOnlySpan<byte> acks, int count, int ending)
    {
        lock (gate)
        {
            if (stopped || count == 0)
            {
                return;
            }

            held.WriteRaw(acks);
            batches.Enqueue(new Batch(position, acks.Length, count, ending));
            owed += count;
            inFlight += ending;
            if (running)
            {
                return;
            }

            running = true;
        }

        _ = SendAllAsync();
    }

    /// <summary>Completes once fewer than the most acknowledgements wait: until then nothing more is read from the connection.</summary>
    public Task WaitForRoomAsync()
    {
        lock (gate)
        {
            if (owed < MqttLimits.PublishesInFlight || stopped)
            {
                return Task.CompletedTask;
            }

            room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return room.Task;
        }
    }

    /// <summary>Completes once everything added has been sent, or never can be.</summary>
    public Task WaitEmptyAsync()
    {
        lock (gate)
        {
            if (!running || stopped)
            {
                return Task.CompletedTask;
            }

            empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return empty.Task;
        }
    }

    /// <summary>The connection is gone: nothing more is sent.</summary>
    public void Stop()
    {
        lock (gate)
        {
            stopped = true;
            batches.Clear();
            owed = 0;
            inFlight = 0;
            room?.TrySetResult();
            empty?.TrySetResult();
        }
    }

    private async Task SendAllAsync()
    {
        try
        {
            while (true)
            {
                long position;
                lock (gate)
                {
                    if (!batches.TryPeek(out Batch first))
                    {
                        running = false;
                        empty?.TrySetResult();
                        return;
                    }

                    position = first.Position;
                }

                if (position > intake.DurablePosition)
                {
                    await intake.WaitDurableAsync(position);
                }

                int count = TakeDurable();
                if (count > 0 && !await output.SendAsync(sending.WrittenMemory))
                {
                    Stop();
                    return;
                }

                metrics.Acknowledged.Add(count);
            }
        }
        catch (Exception e)
        {
            Stop();
            failed(e);
        }
    }

    /// <summary>
    /// Moves what is durable to the send buffer. It stops counting as in flight here, before it is sent: the client may send its next publish as soon as it has the acknowledgement,
    /// which can be before the send call returns, and must not be held to have exceeded Receive Maximum.
    /// </summary>
    private int TakeDurable()
    {
        long durable = intake.DurablePosition;
        lock (gate)
        {
            int bytes = 0;
            int count = 0;
            int ending = 0;
            while (batches.TryPeek(out Batch batch) && batch.Position <= durable)
            {
                bytes += batch.Bytes;
                count += batch.Count;
                ending += batch.Ending;
                batches.Dequeue();
            }

            if (count == 0)
            {
                return 0;
            }

            if (sending.Length > KeptBytes && bytes <= KeptBytes)
            {
                sending = new ByteWriter(bytes);
            }

            sending.Clear();
            Span<byte> all = held.At(0, held.Length);
            sending.WriteRaw(all[..bytes]);
            all[bytes..].CopyTo(all);
            held.Truncate(all.Length - bytes);
            if (held.Length == 0 && bytes > KeptBytes)
            {
                held = new ByteWriter(16);
            }

            owed -= count;
            inFlight -= ending;
            if (owed < MqttLimits.PublishesInFlight && room is not null)
            {
                room.TrySetResult();
                room = null;
            }

            return count;
        }
    }
}
