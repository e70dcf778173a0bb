using Microsoft.Extensions.Logging;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Models.Encoding;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Host;

/// <summary>
/// Runs the actors in one process: opens journal and stores, recovers, and keeps the parts going. What is appended is handled at once
/// and released when it is durable; the order of the journal is the order of everything.
/// </summary>
internal sealed partial class StandaloneHost : IActorHost, IIntake, IDisposable
{
    private readonly HostParts parts;
    private readonly Rulebook rulebook;
    private readonly ILogger logger;
    private readonly Replay replay;
    private readonly Flusher flusher;
    private readonly IStep projector;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<StepThread> threads = [];
    private StepThread[]? wakeWorkers;
    private int commandsUnderWay;
    private string? fatal;

    private StandaloneHost(HostParts parts, Rulebook rulebook, IStep projector)
    {
        this.parts = parts;
        this.rulebook = rulebook;
        this.projector = projector;
        logger = parts.Logs.CreateLogger<StandaloneHost>();
        replay = new Replay(this);
        flusher = new Flusher(parts.Journal);
    }

    /// <summary>Raised, once, when a part failed in a way that leaves only one thing: the end of the process.</summary>
    public event Action<Exception>? Failed;

    public InputJournal Journal => parts.Journal;

    /// <summary>The parts in the order in which a simulation may take their steps.</summary>
    public IReadOnlyList<IStep> Steps => [flusher, .. parts.Workers, projector, parts.Checkpoints, replay];

    public long DurablePosition => parts.Journal.DurablePosition;

    /// <summary>The rulebook in force at the end of the journal.</summary>
    public Rulebook? Rules => parts.Rulebooks.Newest;

    /// <summary>Completes when recovery is over and readings are accepted.</summary>
    public Task Ready => ready.Task;

    /// <summary>Why nobody can publish though the host could take it; null once somebody can. Set by whoever opens the endpoint.</summary>
    public string? Doors { get; set; }

    /// <summary>Which partition stopped and why; null while all run.</summary>
    private string? Stopped => parts.Workers.Select(worker => worker.Stopped).FirstOrDefault(stopped => stopped is not null);

    /// <summary>Says what keeps the lists from moving on; null while they do. Set by whoever makes the projector.</summary>
    public Func<string?> ListsTrouble { get; set; } = static () => null;

    /// <summary>Records that a crash now would leave to replay.</summary>
    public long TailRecords => parts.Journal.End - parts.Store.ReplayFrom + 1;

    public string? NotReady
    {
        get
        {
            if (fatal is not null)
            {
                return fatal;
            }

            if (!ready.Task.IsCompleted)
            {
                long handled = parts.Workers.Min(worker => worker.Handled);
                return $"Recovering: at record {handled} of {parts.Journal.RecoveredEnd}.";
            }

            if (Doors is { } closed)
            {
                return closed;
            }

            if (parts.Checkpoints.Trouble is { } trouble && parts.Journal.End - parts.Store.ReplayFrom > parts.Options.TailRecords)
            {
                return trouble;
            }

            return parts.Journal.Refusal ?? ListsTrouble() ?? Stopped;
        }
    }

    /// <summary>Opens everything and makes the parts; nothing runs yet.</summary>
    /// <param name="seams">Disk, stores, clock.</param>
    /// <param name="options">Settings of the host.</param>
    /// <param name="journalOptions">Settings of the journal.</param>
    /// <param name="rulebook">The rulebook that is to be in force; journaled where it differs from the newest one.</param>
    /// <param name="makeProjector">Makes the part that keeps the lists from a follower that sees only what is durable.</param>
    /// <exception cref="JournalDamagedException">The journal is damaged otherwise than by a torn end.</exception>
    public static StandaloneHost Open(HostSeams seams, HostOptions options, JournalOptions journalOptions, Rulebook rulebook, Func<JournalFollower, IStep> makeProjector)
    {
        long replayFrom = Math.Min(seams.Store.ReplayFrom, seams.Views.Position + 1);
        InputJournal journal = InputJournal.Open(seams.JournalDisk, journalOptions, seams.Time, options.Workers + 1, replayFrom, seams.Logs.CreateLogger<InputJournal>(), Math.Max(seams.Store.BuiltThrough, Math.Max(seams.Store.ReplayFrom - 1, seams.Views.Position)));
        HostParts parts = new(seams, options, journalOptions, journal);
        foreach ((long position, byte[] json) in seams.Store.Rulebooks())
        {
            parts.Rulebooks.Add(position, json);
        }

        parts.Checkpoints = new Checkpointer(parts);
        parts.Workers = [.. Enumerable.Range(0, options.Workers).Select(index => new Worker(index, parts))];
        foreach ((ActorId actor, long dueMs) in seams.Store.Reminders())
        {
            parts.Workers[Partition.Of(actor.Kind, actor.Key) % options.Workers].Remember(actor, dueMs);
        }

        return new StandaloneHost(parts, rulebook, makeProjector(journal.Follow(seams.Views.Position, durableOnly: true)));
    }

    /// <summary>Gives every part a thread and begins with recovery; <see cref="Ready"/> says when that is over.</summary>
    public void Start()
    {
        StepThread flush = Thread(flusher, 200);
        StepThread[] workers = [.. parts.Workers.Select(worker => Thread(worker, 20))];
        StepThread project = Thread(projector, 200);
        StepThread save = Thread(parts.Checkpoints, 100);
        Thread(replay, 1);
        parts.Journal.Appended += () =>
        {
            flush.Wake();
            foreach (StepThread worker in workers)
            {
                worker.Wake();
            }
        };
        parts.Journal.DurableAdvanced += () =>
        {
            project.Wake();
            save.Wake();
        };
        wakeWorkers = workers;
        foreach (StepThread thread in threads)
        {
            thread.Start();
        }
    }

    public async ValueTask<Appended> AppendAsync(ReadOnlyMemory<byte> records, CancellationToken cancellation)
    {
        if (!ready.Task.IsCompletedSuccessfully || fatal is not null)
        {
            return new Appended(0, NotReady ?? "Starting.");
        }

        // The tail that a crash would leave to replay is bounded: past it, intake goes at the pace of the checkpoints.
        while (parts.Journal.End - parts.Store.ReplayFrom > parts.Options.TailRecords)
        {
            // What does not mend itself is said instead of waited for.
            if ((fatal ?? parts.Checkpoints.Trouble ?? Stopped ?? (parts.Stopping ? "Stopping." : null)) is { } refusal)
            {
                return new Appended(0, refusal);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), parts.Time, cancellation).ConfigureAwait(false);
        }

        return await parts.Journal.AppendAsync(records, cancellation).ConfigureAwait(false);
    }

    public ValueTask WaitDurableAsync(long position) => parts.Journal.WaitDurableAsync(position);

    public async ValueTask<CommandResult> CommandAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (fatal is not null || !ready.Task.IsCompletedSuccessfully || parts.Stopping || parts.Journal.Refusal is not null)
        {
            throw new HostUnavailableException(fatal ?? parts.Journal.Refusal ?? NotReady ?? "Starting.");
        }

        if (Interlocked.Increment(ref commandsUnderWay) > parts.Options.CommandsUnderWay)
        {
            Interlocked.Decrement(ref commandsUnderWay);
            throw new HostUnavailableException($"{parts.Options.CommandsUnderWay} commands are under way; try again.");
        }

        try
        {
            CommandResult result = await parts.Commands.Add(() => Append(kind, key, message, body.Span)).WaitAsync(cancellation).ConfigureAwait(false);
            await parts.Journal.WaitDurableAsync(result.Position).ConfigureAwait(false);
            return result;
        }
        finally
        {
            Interlocked.Decrement(ref commandsUnderWay);
        }
    }

    public async ValueTask<byte[]?> DescribeAsync(ActorKind kind, string key, CancellationToken cancellation)
    {
        if (!ready.Task.IsCompletedSuccessfully || fatal is not null || parts.Stopping)
        {
            throw new HostUnavailableException(fatal ?? (parts.Stopping ? "Stopping." : NotReady ?? "Starting."));
        }

        Query query = new(kind, key, parts.Journal.DurablePosition, new TaskCompletionSource<(byte[]? Json, long Position)>(TaskCreationOptions.RunContinuationsAsynchronously));
        int owner = Partition.Of(kind, key) % parts.Options.Workers;
        if (!parts.Workers[owner].TryAsk(query))
        {
            throw new HostUnavailableException($"{parts.Options.WaitingQueries} queries wait already; try again.");
        }

        wakeWorkers?[owner].Wake();
        (byte[]? json, long position) = await query.Answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
        await parts.Journal.WaitDurableAsync(position).ConfigureAwait(false);
        return json;
    }

    /// <summary>
    /// Ends the host in order: no more input, everything handled and on disk, every state saved as far as that is quick. What is not saved is replayed at the next start.
    /// </summary>
    public async Task StopAsync()
    {
        parts.Stopping = true;
        parts.Journal.Stop();
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(10), parts.Time);
        try
        {
            while (fatal is null && ready.Task.IsCompletedSuccessfully && (parts.Store.ReplayFrom <= parts.Journal.End || parts.Views.Position < parts.Journal.End))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), parts.Time, patience.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            Log.StoppedWithTail(logger, parts.Journal.End - parts.Store.ReplayFrom + 1);
        }

        foreach (StepThread thread in threads)
        {
            thread.Stop();
        }

        HostUnavailableException stopped = new("Stopped.");
        parts.Commands.FailAll(stopped);
        foreach (Worker worker in parts.Workers)
        {
            worker.RejectQueries(stopped);
        }
    }

    public void Dispose()
    {
        foreach (StepThread thread in threads)
        {
            thread.Dispose();
        }

        foreach (Worker worker in parts.Workers)
        {
            worker.Dispose();
        }

        parts.Journal.Dispose();
    }

    private long Append(ActorKind kind, string key, MessageKind message, ReadOnlySpan<byte> body)
    {
        ByteWriter record = new(64 + body.Length);
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(key);
        int start = Record.Begin(record, InputKind.Command, Partition.Of(kind, utf8));
        AddressedRecord.Write(record, kind, message, utf8, body);
        Record.End(record, start);
        return parts.Journal.AppendInternal(record.Written);
    }

    private StepThread Thread(IStep step, int idleMs)
    {
        StepThread thread = new(step, TimeSpan.FromMilliseconds(idleMs), Fail);
        threads.Add(thread);
        return thread;
    }

    private void Fail(Exception failure)
    {
        if (Interlocked.CompareExchange(ref fatal, $"Stopped: {failure.Message}", null) is null)
        {
            Log.Failed(logger, failure);
            ready.TrySetException(failure);
            parts.Commands.FailAll(failure);
            Failed?.Invoke(failure);
        }
    }

    /// <summary>Journals the rulebook where it is not the one in force, and opens the doors.</summary>
    private void BecomeReady()
    {
        if (parts.Rulebooks.Newest is not { } newest || newest.ContentHash != rulebook.ContentHash)
        {
            ByteWriter record = new(4096);
            int start = Record.Begin(record, InputKind.Rules, 0);
            record.WriteRaw(rulebook.WithVersion((parts.Rulebooks.Newest?.Version ?? 0) + 1).ToJson());
            Record.End(record, start);
            parts.Journal.AppendInternal(record.Written);
        }

        ready.TrySetResult();
    }

    /// <summary>Loads what the disk holds, as fast as the followers take it, and says when all of it was handled.</summary>
    private sealed class Replay(StandaloneHost host) : IStep
    {
        public string Name => "replay";

        public bool Finished => host.ready.Task.IsCompleted;

        public bool Step()
        {
            if (Finished)
            {
                return false;
            }

            if (!host.parts.Replayed)
            {
                switch (host.parts.Journal.ReplayStep())
                {
                    case ReplayProgress.Loaded:
                        host.WakeWorkers();
                        return true;
                    case ReplayProgress.Behind:
                        return false;
                    default:
                        host.parts.Replayed = true;
                        host.WakeWorkers();
                        return true;
                }
            }

            if (host.parts.Workers.Any(worker => worker.Recovering))
            {
                return false;
            }

            host.BecomeReady();
            return true;
        }
    }

    private void WakeWorkers()
    {
        foreach (StepThread thread in wakeWorkers ?? [])
        {
            thread.Wake();
        }
    }

    /// <summary>Puts blocks on the disk, one at a time.</summary>
    private sealed class Flusher(InputJournal journal) : IStep
    {
        public string Name => "flusher";

        public bool Step() => journal.FlushStep();
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Critical, Message = "The host stops")]
        public static partial void Failed(ILogger logger, Exception failure);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Stopped with {Records} records left to replay at the next start")]
        public static partial void StoppedWithTail(ILogger logger, long records);
    }
}
