using System.Globalization;
using Microsoft.Extensions.Logging;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Silo.History;
using Streaming.Silo.Journal;
using Streaming.Silo.Journal.Archives;
using Streaming.Silo.Registers;

namespace Streaming.Silo.Host;

/// <summary>
/// What both hosts have in common: opens journal and stores, recovers, keeps the parts going, takes inputs and commands, and gives back what is durable. Who runs the turns is an
/// <see cref="ITurns"/>: workers of this process, or grains. The order of the journal is the order of everything.
/// </summary>
internal sealed partial class ActorHost : IActorHost, IIntake, IReadingRules, IDisposable
{
    /// <summary>How often the archiver looks whether a segment was sealed, and whether it has rested long enough, ms.</summary>
    private const int ArchiverIdleMs = 50;

    private readonly HostParts parts;
    private readonly Rulebook rulebook;
    private readonly ILogger logger;
    private readonly Replay replay;
    private readonly Flusher flusher;
    private readonly Archiver archiver;
    private readonly JournalMetrics metrics;
    private readonly IStep projector;
    private readonly ITurns turns;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<StepThread> threads = [];
    private Action<IStep> wake = static _ => { };
    private readonly SemaphoreSlim deciding = new(1);
    private int commandsUnderWay;
    private string? fatal;

    private ActorHost(HostParts parts, Rulebook rulebook, ITurns turns, IStep projector)
    {
        this.parts = parts;
        this.rulebook = rulebook;
        this.turns = turns;
        this.projector = projector;
        logger = parts.Logs.CreateLogger<ActorHost>();
        replay = new Replay(this);
        flusher = new Flusher(parts.Journal);
        archiver = new Archiver(parts.Journal, parts.JournalOptions, parts.Time, () => Math.Min(parts.Store.ReplayFrom, parts.Views.SyncedPosition() + 1), parts.Logs.CreateLogger<Archiver>()) { HoldsBack = () => !ready.Task.IsCompleted };
        History = new SubjectHistory(parts.Journal);
        metrics = new JournalMetrics(parts.Journal, archiver, parts.Time);
    }

    /// <summary>Raised, once, when a part failed in a way that leaves only one thing: the end of the process.</summary>
    public event Action<Exception>? Failed;

    public InputJournal Journal => parts.Journal;

    /// <summary>What the journal still holds about one actor.</summary>
    public ISubjectHistory History { get; }

    /// <summary>The parts in the order in which a simulation may take their steps.</summary>
    public IReadOnlyList<IStep> Steps => [flusher, .. turns.Parts.Select(part => part.Step), projector, archiver, replay];

    public string Name => turns.Name;

    public long DurablePosition => parts.Journal.DurablePosition;

    /// <summary>The rulebook in force at the end of the journal.</summary>
    public Rulebook? Rules => parts.Rulebooks.Newest;

    /// <summary>The versions of the rulebook by position.</summary>
    public IRulebooks Rulebooks => parts.Rulebooks;

    /// <summary>Where history begins, for each kind of actor. Set before <see cref="Start"/> by whoever has the history.</summary>
    public Func<ActorKind, long>? FirstKept
    {
        set => parts.FirstKept = value;
    }

    /// <summary>Plates read a short while ago.</summary>
    private readonly PlateMemory plates = new();

    int IReadingRules.LeastPlatePermille => (parts.Rulebooks.Newest ?? rulebook).MinimumPlatePermille;

    long IReadingRules.IdentitiesSinceMs => parts.History.SinceMs;

    SiteReference IReadingRules.SiteAt(GeoPosition position, long atMs) => Sites is { } sites ? sites.At(position, atMs) : default;

    Surroundings IReadingRules.AroundAt(GeoPosition position, long atMs) => Zones is { } zones ? zones.At(position, atMs) : default;

    ReadOnlySpan<byte> IReadingRules.LikelyPlate(scoped ReadOnlySpan<byte> key, int permille, GeoPosition position, long atMs) => plates.Read(key, permille, position, atMs);

    /// <summary>The registered sites; null where nobody keeps them. Set before <see cref="Start"/> by whoever has the lists.</summary>
    public SiteMap? Sites { get; set; }

    /// <summary>Registered roads and zones; null before the lists are open.</summary>
    public ZoneMap? Zones { get; set; }

    /// <summary>Completes when recovery is over and readings are accepted.</summary>
    public Task Ready => ready.Task;

    /// <summary>Why nobody can publish though the host could take it; null once somebody can. Set by whoever opens the endpoint.</summary>
    public string? Doors { get; set; }

    /// <summary>Says what is not as it should be with the endpoint though it is open; null where nothing is. Set by whoever opens it.</summary>
    public Func<string?> DoorsNote { get; set; } = static () => null;

    /// <summary>Says what keeps the lists from moving on; null while they do. Set by whoever makes the projector.</summary>
    public Func<string?> ListsTrouble { get; set; } = static () => null;

    /// <summary>What is not as it should be with whatever else brings readings in; nothing while it is. Set by whoever opens that.</summary>
    public Func<IReadOnlyList<string>> OutsideNotes { get; set; } = static () => [];

    /// <summary>Says what keeps tables of registers from being loaded; null where nothing does. Set by whoever loads them.</summary>
    public Func<string?> TablesNote { get; set; } = static () => null;

    /// <summary>True where everything appended is durable and all of its turns were run.</summary>
    public bool AtRest => parts.Journal.DurablePosition >= parts.Journal.End && turns.AtRest;

    /// <summary>Time that this process has spent on the rolling checkpoint.</summary>
    public TimeSpan CheckpointTime => turns.CheckpointTime;

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
                return $"Recovering: at record {turns.Handled} of {parts.Journal.RecoveredEnd}.";
            }

            if (Doors is { } closed)
            {
                return closed;
            }

            if (turns.Trouble is { } trouble && parts.Journal.End - parts.Store.ReplayFrom > parts.Options.TailRecords)
            {
                return trouble;
            }

            return parts.Journal.Refusal ?? ListsTrouble() ?? turns.Stopped;
        }
    }

    public IReadOnlyList<string> Notes
    {
        get
        {
            List<string> notes = [];
            if (parts.Journal.Figures.SlowSyncMs is > 0 and double ms)
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"The disk is slow: a sync of the journal took {ms:F0} ms within the last minute, and more than {SiloLimits.JournalSlowSyncMs:F0} ms is slow. Nothing is lost, but nothing is acknowledged sooner than a sync: see what else loads the disk, or give the journal one of its own."));
            }

            if (turns.Trouble is { } trouble)
            {
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"{trouble} Readings are accepted until {parts.Options.TailRecords} records wait to be saved; {TailRecords} do."));
            }

            if (archiver.Trouble is { } archiving)
            {
                notes.Add(archiving);
            }

            notes.AddRange(OutsideNotes());
            if (TablesNote() is { } tables)
            {
                notes.Add(tables);
            }

            if (DoorsNote() is { } doors)
            {
                notes.Add(doors);
            }

            return notes;
        }
    }

    /// <summary>Opens everything and makes the parts; nothing runs yet.</summary>
    /// <param name="seams">Disk, stores, clock.</param>
    /// <param name="options">Settings of the host.</param>
    /// <param name="journalOptions">Settings of the journal.</param>
    /// <param name="rulebook">The rulebook that is to be in force; journaled where it differs from the newest one.</param>
    /// <param name="makeTurns">Makes whoever runs the turns.</param>
    /// <param name="makeProjector">Makes the part that keeps the lists from a follower that sees only what is durable.</param>
    /// <exception cref="JournalDamagedException">The journal is damaged otherwise than by a torn end.</exception>
    public static ActorHost Open(HostSeams seams, HostOptions options, JournalOptions journalOptions, Rulebook rulebook, Func<HostParts, ITurns> makeTurns, Func<JournalFollower, IStep> makeProjector)
    {
        long replayFrom = Math.Min(seams.Store.ReplayFrom, seams.Views.Position + 1);
        InputJournal journal = InputJournal.Open(seams.JournalDisk, journalOptions, seams.Time, options.Followers + 1, replayFrom, seams.Logs.CreateLogger<InputJournal>(), Math.Max(seams.Store.BuiltThrough, Math.Max(seams.Store.ReplayFrom - 1, seams.Views.Position)));
        HostParts parts = new(seams, options, journalOptions, journal);
        parts.History.Adopt(journal.FirstPosition, () => TimeOf(journal, journal.FirstPosition));
        foreach ((long position, byte[] json) in seams.Store.Rulebooks())
        {
            parts.Rulebooks.Add(position, json);
        }

        return new ActorHost(parts, rulebook, makeTurns(parts), makeProjector(journal.Follow(seams.Views.Position, durableOnly: true)));
    }

    /// <summary>Gives every part a thread and begins with recovery; <see cref="Ready"/> says when that is over.</summary>
    public void Start()
    {
        StepThread flush = Thread(flusher, 200);
        StepThread project = Thread(projector, 200);
        Dictionary<IStep, StepThread> threadOf = turns.Parts.ToDictionary(part => part.Step, part => Thread(part.Step, part.IdleMs));
        StepThread[] onAppended = [flush, .. WokenBy(Wakes.Appended)];
        StepThread[] onDurable = [project, .. WokenBy(Wakes.Durable)];
        Thread(archiver, ArchiverIdleMs);
        Thread(replay, 1);
        parts.Journal.Appended += () => WakeAll(onAppended);
        parts.Journal.DurableAdvanced += () => WakeAll(onDurable);
        wake = step => threadOf[step].Wake();
        turns.Started(wake);
        foreach (StepThread thread in threads)
        {
            thread.Start();
        }

        IEnumerable<StepThread> WokenBy(Wakes what) => turns.Parts.Where(part => part.Wakes.HasFlag(what)).Select(part => threadOf[part.Step]);

        static void WakeAll(StepThread[] woken)
        {
            foreach (StepThread thread in woken)
            {
                thread.Wake();
            }
        }
    }

    /// <summary>Lets begin what moves by itself, once <see cref="Ready"/> is there.</summary>
    public Task OpenAsync(CancellationToken cancellation) => turns.OpenAsync(cancellation);

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
            if ((fatal ?? turns.Trouble ?? turns.Stopped ?? (parts.Stopping ? "Stopping." : null)) is { } refusal)
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
        TakeCommand();
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

    public async ValueTask<long> RecordAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body)
    {
        TakeCommand();
        try
        {
            long position = Append(kind, key, message, body.Span);
            await parts.Journal.WaitDurableAsync(position).ConfigureAwait(false);
            return position;
        }
        finally
        {
            Interlocked.Decrement(ref commandsUnderWay);
        }
    }

    public async ValueTask<Decided> DecideAsync(Func<Rulebook, RulebookDecisions> decide, CancellationToken cancellation)
    {
        await deciding.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            TakeCommand();
            try
            {
                // No version is on its way besides this one: each is waited for until it is in force, and none comes from elsewhere once the host is ready.
                Rulebook newest = parts.Rulebooks.Newest!;
                Rulebook decided = newest.With(decide(newest));
                if (decided.ContentHash == newest.ContentHash)
                {
                    return new Decided(newest.Version, []);
                }

                byte[] json = decided.WithVersion(newest.Version + 1).ToJson();
                if (Problems(decided, json.Length) is { Count: > 0 } problems)
                {
                    return new Decided(newest.Version, problems);
                }

                // It is read once more before it is journaled: what could not be read would stop every later start.
                Rulebook taken = Rulebook.Parse(json);
                CommandResult result = await parts.Commands.Add(() => Append(json)).ConfigureAwait(false);
                await parts.Journal.WaitDurableAsync(result.Position).ConfigureAwait(false);
                return new Decided(taken.Version, []);
            }
            finally
            {
                Interlocked.Decrement(ref commandsUnderWay);
            }
        }
        finally
        {
            deciding.Release();
        }
    }

    public async ValueTask<byte[]?> DescribeAsync(ActorKind kind, string key, CancellationToken cancellation)
    {
        if (!ready.Task.IsCompletedSuccessfully || fatal is not null || parts.Stopping)
        {
            throw new HostUnavailableException(fatal ?? (parts.Stopping ? "Stopping." : NotReady ?? "Starting."));
        }

        (byte[]? json, long position) = await turns.DescribeAsync(kind, key, parts.Journal.DurablePosition, cancellation).ConfigureAwait(false);
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

        archiver.Stop();
        await turns.CloseAsync().ConfigureAwait(false);
        foreach (StepThread thread in threads)
        {
            thread.Stop();
        }

        HostUnavailableException stopped = new("Stopped.");
        parts.Commands.FailAll(stopped);
        turns.Reject(stopped);
    }

    public void Dispose()
    {
        archiver.Stop();
        foreach (StepThread thread in threads)
        {
            thread.Dispose();
        }

        turns.Dispose();
        metrics.Dispose();
        deciding.Dispose();
        archiver.Dispose();
        parts.Journal.Dispose();
    }

    private static long TimeOf(InputJournal journal, long position)
    {
        using JournalReplay read = journal.Read(position, position);
        return read.TryRead(out _, out ReadOnlySpan<byte> records) ? Record.Next(ref records).TimeMs : 0;
    }

    /// <summary>Counts one more command; whoever took it gives it back.</summary>
    private void TakeCommand()
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

    /// <summary>Journals the rulebook where it is not the one in force, and opens the doors. What was decided over the API stays, and has to hold with the files of this start.</summary>
    private void BecomeReady()
    {
        Rulebook? newest = parts.Rulebooks.Newest;
        Rulebook inForce = newest is null ? rulebook : rulebook.With(newest.Decisions);
        if (newest?.ContentHash != inForce.ContentHash)
        {
            if (inForce.Check() is { Count: > 0 } problems)
            {
                throw new InvalidDataException($"The rulebook's files do not hold together with what was decided over the API:{string.Concat(problems.Select(problem => $"\n  {problem}"))}");
            }

            Append(inForce.WithVersion((newest?.Version ?? 0) + 1).ToJson());
        }

        parts.Taking = true;
        ready.TrySetResult();
    }

    private IReadOnlyList<RulebookProblem> Problems(Rulebook decided, int bytes) => bytes > parts.Journal.LongestRecord - Record.HeaderBytes
        ? [new RulebookProblem("decisions", "$", $"a rulebook of {bytes} bytes", $"at most {parts.Journal.LongestRecord - Record.HeaderBytes}", "Take back what is no longer needed.")]
        : decided.Check();

    private long Append(ReadOnlySpan<byte> rulebookJson)
    {
        ByteWriter record = new(64 + rulebookJson.Length);
        int start = Record.Begin(record, InputKind.Rules, 0);
        record.WriteRaw(rulebookJson);
        Record.End(record, start);
        return parts.Journal.AppendInternal(record.Written);
    }

    /// <summary>Loads what the disk holds, as fast as the followers take it, and says when all of it was handled.</summary>
    private sealed class Replay(ActorHost host) : IStep
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
                        host.WakeTurns();
                        return true;
                    case ReplayProgress.Behind:
                        return false;
                    default:
                        host.parts.Replayed = true;
                        host.WakeTurns();
                        return true;
                }
            }

            if (host.turns.Recovering)
            {
                return false;
            }

            host.BecomeReady();
            return true;
        }
    }

    private void WakeTurns()
    {
        foreach (TurnPart part in turns.Parts)
        {
            wake(part.Step);
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
