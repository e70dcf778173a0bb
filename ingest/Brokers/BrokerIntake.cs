using System.Threading.Channels;
using Streaming.Ingest.Mqtt;

namespace Streaming.Ingest.Brokers;

/// <summary>
/// From the messages of one connection to a broker to the journal, and from a durable record to its acknowledgement. What arrives while an append is under way is appended together next, so thousands on their way
/// cost a group commit, not one each; acknowledgements go out one by one in the order of arrival.
/// <para>
/// Safety: an acknowledgement is handed on behind the append that gave its batch a position, and called only once the journal says that it is durable up to there. The object lives as long as its connection and no longer:
/// a packet identifier means nothing on the next one, where the broker sends again whatever was not acknowledged on this.
/// </para>
/// </summary>
internal sealed class BrokerIntake : IAsyncDisposable
{
    private readonly IIntake intake;
    private readonly BrokerTopics topics;
    private readonly PublishBatchPool batches;
    private readonly BrokerMetrics metrics;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource ending = new();
    private readonly Lock gate = new();
    private readonly Channel<Taken> appended = Channel.CreateBounded<Taken>(BrokerLimits.BatchesInFlight);
    private readonly TaskCompletionSource<string> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task appending;
    private readonly Task acknowledging;
    private Taken? gathering;
    private TaskCompletionSource arrived = New();
    private TaskCompletionSource? room;
    private TaskCompletionSource? idle;
    private long backlogBytes;
    private long inFlight;
    private bool closed;

    public BrokerIntake(IIntake intake, BrokerTopics topics, PublishBatchPool batches, BrokerMetrics metrics, TimeProvider time)
    {
        this.intake = intake;
        this.topics = topics;
        this.batches = batches;
        this.metrics = metrics;
        this.time = time;
        appending = Guarded(AppendAsync);
        acknowledging = Guarded(AcknowledgeAsync);
    }

    /// <summary>Completes, with why, once nothing more can be taken on this connection: it has to be closed, and what was not acknowledged comes again on the next.</summary>
    public Task<string> Failed => failed.Task;

    /// <summary>Messages taken and not yet acknowledged.</summary>
    public long InFlight => Volatile.Read(ref inFlight);

    /// <summary>Completes once more may be read from the broker. While the journal is behind, it does not.</summary>
    public Task WaitForRoomAsync()
    {
        lock (gate)
        {
            if (backlogBytes < BrokerLimits.BacklogBytes || closed)
            {
                return Task.CompletedTask;
            }

            room ??= New();
            return room.Task;
        }
    }

    /// <summary>A message was read from the broker: <see cref="Take"/> will follow.</summary>
    public void Announce(string topic, long payloadBytes)
    {
        lock (gate)
        {
            backlogBytes += SizeOf(topic, payloadBytes);
        }
    }

    /// <summary>Takes one message. To be called in the order of arrival, by one at a time.</summary>
    /// <param name="topic">As the broker sent it.</param>
    /// <param name="payload">Read before the call returns.</param>
    /// <param name="acknowledge">Acknowledges it to the broker; null where the broker expects nothing (QoS 0).</param>
    public void Take(string topic, ReadOnlySpan<byte> payload, Func<CancellationToken, Task>? acknowledge)
    {
        lock (gate)
        {
            if (closed)
            {
                return;
            }

            gathering ??= new Taken(batches.Rent(time.GetUtcNow().ToUnixTimeMilliseconds()));
            try
            {
                topics.Take(gathering.Batch, topic, payload);
            }
            catch (Exception failure)
            {
                // Half a record must not be appended, so nothing of the batch is; it comes again on the next connection.
                closed = true;
                gathering = null;
                failed.TrySetResult($"a message on {topic} could not be taken: {failure.Message}");
                return;
            }

            gathering.AnnouncedBytes += SizeOf(topic, payload.Length);
            if (acknowledge is not null)
            {
                gathering.Acknowledgements.Add(acknowledge);
                Volatile.Write(ref inFlight, inFlight + 1);
            }

            arrived.TrySetResult();
        }
    }

    /// <summary>Takes nothing more, and returns once everything taken is durable and acknowledged, or cannot be, or the time is over.</summary>
    public async Task FinishAsync()
    {
        Task done;
        lock (gate)
        {
            closed = true;
            room?.TrySetResult();
            idle ??= New();
            if (inFlight == 0)
            {
                idle.TrySetResult();
            }

            done = idle.Task;
        }

        await Task.WhenAny(done, failed.Task, Task.Delay(TimeSpan.FromMilliseconds(BrokerLimits.CloseTimeoutMs), time, ending.Token));
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            closed = true;
            room?.TrySetResult();
            arrived.TrySetResult();
        }

        await ending.CancelAsync();
        await Task.WhenAll(appending, acknowledging);
        ending.Dispose();
    }

    private static long SizeOf(string topic, long payloadBytes) => topic.Length + payloadBytes + BrokerLimits.MessageOverheadBytes;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs a loop; whatever ends it before it was told to end is said, and ends the connection.</summary>
    private async Task Guarded(Func<Task> loop)
    {
        try
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await loop();
        }
        catch (Exception) when (ending.IsCancellationRequested)
        {
            // The connection is over; what was not acknowledged comes again.
        }
        catch (Exception failure)
        {
            failed.TrySetResult(failure.Message);
        }
    }

    private async Task AppendAsync()
    {
        while (true)
        {
            Task next;
            Taken? taken;
            lock (gate)
            {
                taken = gathering;
                gathering = null;
                if (taken is null)
                {
                    arrived = New();
                }

                next = arrived.Task;
            }

            if (taken is null)
            {
                await next.WaitAsync(ending.Token);
                continue;
            }

            Appended answer = await intake.AppendAsync(taken.Batch.Records.WrittenMemory, ending.Token);
            if (answer.Refusal is not null)
            {
                failed.TrySetResult($"the journal takes nothing: {answer.Refusal}");
                return;
            }

            metrics.Count(taken.Batch);
            batches.Return(taken.Batch);
            Free(taken.AnnouncedBytes);
            await appended.Writer.WriteAsync(taken with { Position = answer.LastPosition }, ending.Token);
        }
    }

    private void Free(long bytes)
    {
        lock (gate)
        {
            backlogBytes -= bytes;
            if (backlogBytes < BrokerLimits.BacklogBytes)
            {
                room?.TrySetResult();
                room = null;
            }
        }
    }

    private async Task AcknowledgeAsync()
    {
        await foreach (Taken taken in appended.Reader.ReadAllAsync(ending.Token))
        {
            if (taken.Position > intake.DurablePosition)
            {
                await intake.WaitDurableAsync(taken.Position).AsTask().WaitAsync(ending.Token);
            }

            foreach (Func<CancellationToken, Task> acknowledge in taken.Acknowledgements)
            {
                await acknowledge(ending.Token);
            }

            int count = taken.Acknowledgements.Count;
            metrics.Acknowledged(count);
            lock (gate)
            {
                Volatile.Write(ref inFlight, inFlight - count);
                if (inFlight == 0)
                {
                    idle?.TrySetResult();
                }
            }
        }
    }

    /// <summary>What arrived between two appends.</summary>
    private sealed record Taken(PublishBatch Batch)
    {
        public List<Func<CancellationToken, Task>> Acknowledgements { get; } = [];

        public long AnnouncedBytes { get; set; }

        public long Position { get; init; }
    }
}
