using Streaming.Grains.Inputs;
using Streaming.Ingest;

namespace Streaming.Silo.Journal;

/// <summary>
/// The journal: every input is a record in it, and nothing leaves the process before the records it depends on are on disk. Records are appended to a chain of blocks in memory,
/// which followers read at once; <see cref="FlushStep"/> writes the blocks to disk, one at a time, and while one is being written the next fills up.
/// The start reads the blocks from disk into the same chain.
/// </summary>
/// <remarks>
/// Threads. <c>gate</c> guards everything that appending changes: the chain's end, the positions, the queue of those that wait. It is held for a copy, never
/// for I/O. <c>diskGate</c> guards the segment files and is held while a block is written and synced; it is taken before <c>gate</c>, never under it.
/// Followers take neither to read (see <see cref="ChainBlock"/>).
/// <see cref="DurablePosition"/> and <see cref="End"/> are read without a lock and only rise: a stale value lets somebody wait for the next event though he need not, which
/// comes after the value was set, so nobody waits for ever.
/// A waiting append cannot be forgotten: it is queued, then the figures are looked at again; a follower first notes what it consumed, then looks for waiting appends; a full
/// barrier lies between the two steps on both sides, so one of them sees the other.
/// Continuations and events run outside of <c>gate</c>, so they may append.
/// </remarks>
internal sealed partial class InputJournal : IIntake, IDisposable
{
    private const string Replaying = "The journal is being read back; readings are accepted once that is done.";
    private const string Stopping = "The process is shutting down.";
    private const string TooMany = "The process is behind, and too many inputs wait already.";

    private readonly JournalOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly Lock diskGate = new();
    private readonly BlockPool pool;
    private readonly SegmentStore store;
    private readonly JournalReplay replay;
    private readonly ITimer spareTimer;
    private readonly JournalFollower[] followers;
    private readonly LinkedList<AppendWaiter> queue = new();
    private readonly SortedDictionary<long, TaskCompletionSource> waitingForLater = [];
    private int followersJoined;
    private int waiting;
    private ChainBlock toFlush;
    private ChainBlock last;
    private long end;
    private long durable;
    private long streamBytes;
    private long unflushedBytes;
    private long lastTimeMs;
    private long blocks;
    private long records;
    private volatile bool replayed;
    private volatile bool replayWaits;
    private volatile bool stopped;
    private volatile string? diskRefusal;
    private volatile JournalFailedException? failure;

    private InputJournal(IDisk disk, JournalOptions options, TimeProvider time, int followers, long replayFrom, RecoveredJournal recovered, ILogger logger)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        this.followers = new JournalFollower[followers];
        pool = new BlockPool(options.BufferBytes);
        store = new SegmentStore(disk, options, time, recovered);
        replay = new JournalReplay(store, replayFrom, recovered.End, whole: true);
        RecoveredEnd = recovered.End;
        end = recovered.End;
        durable = recovered.End;
        lastTimeMs = recovered.Tail.LastTimeMs;
        last = pool.Rent(before: null, pool.FullRoom);
        last.Reset(followers + 1, recovered.End + 1, 0);
        toFlush = last;
        spareTimer = time.CreateTimer(static journal => ((InputJournal)journal!).RetrySpare(wait: false), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called after an append, and after a step of the replay, outside of all locks: there is something to follow, and to flush.</summary>
    public event Action? Appended;

    /// <summary>Called after a block reached the disk.</summary>
    public event Action? DurableAdvanced;

    /// <summary>Called by a follower's thread when <see cref="ReplayStep"/> has said <see cref="ReplayProgress.Behind"/> and would now load more.</summary>
    public event Action? CaughtUp;

    /// <summary>Position of the last record found on disk by <see cref="Open"/>; 0 where there was none.</summary>
    public long RecoveredEnd { get; }

    /// <summary>The first position from which everything can be replayed: every record is kept, if perhaps without its raw payload. The next one's where there is none.</summary>
    public long FirstPosition => store.FirstPosition(End + 1);

    /// <summary>Position of the oldest record of which anything is kept; the next one's where there is none.</summary>
    public long OldestPosition => store.OldestPosition(End + 1);

    /// <summary>Bytes of records appended since the journal was opened.</summary>
    public long AppendedBytes => Volatile.Read(ref streamBytes);

    /// <summary>The files, for those who archive and read old positions.</summary>
    public SegmentStore Files => store;

    /// <summary>Position of the last record appended.</summary>
    public long End => Volatile.Read(ref end);

    /// <inheritdoc/>
    public long DurablePosition => Volatile.Read(ref durable);

    /// <summary>Why outside inputs are refused now, in words for <c>/health</c>; null where they are taken.</summary>
    public string? Refusal => failure?.Message ?? (stopped ? Stopping : replayed ? diskRefusal : Replaying);

    public JournalFigures Figures
    {
        get
        {
            JournalFigures figures = store.Figures();
            lock (gate)
            {
                return figures with
                {
                    Blocks = blocks,
                    Records = records,
                    UnflushedBytes = unflushedBytes,
                    LagBytes = Lag(),
                    WaitingAppends = waiting,
                    FirstPosition = FirstPosition,
                };
            }
        }
    }

    /// <summary>
    /// Opens the journal in a directory: checks the segments that hold <paramref name="replayFrom"/> and later ones, and earlier ones within a bound; cuts a torn end off, with a line in the log;
    /// throws <see cref="JournalDamagedException"/> on any other damage, having changed nothing. A journal that begins after <paramref name="replayFrom"/>, or ends before it, is damaged too.
    /// </summary>
    /// <param name="disk">The directory; an empty one is a new journal.</param>
    /// <param name="options">Sizes and bounds.</param>
    /// <param name="time">Gives records their time, which never runs backwards, not even behind the last record found.</param>
    /// <param name="followers">How many calls of <see cref="Follow"/> come before replay begins. There are none later.</param>
    /// <param name="replayFrom">Position of the first record that some follower needs; at least 1.</param>
    /// <param name="builtThrough">The last record that something outside, such as a state, was built from, so that it must have been durable; it may lie after <paramref name="replayFrom"/>.</param>
    /// <param name="logger">Told about what was cut, and about a full disk.</param>
    public static InputJournal Open(IDisk disk, JournalOptions options, TimeProvider time, int followers, long replayFrom, ILogger logger, long builtThrough = 0)
    {
        options.Check();
        replayFrom = Math.Max(replayFrom, 1);
        RecoveredJournal recovered = new JournalRecovery(disk, options, logger).Recover(replayFrom, Math.Max(builtThrough, replayFrom - 1));
        InputJournal journal = new(disk, options, time, followers, replayFrom, recovered, logger);
        try
        {
            journal.Prepare();
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of the longest record that can be appended, its length and header included: it has to fit a block.</summary>
    public int LongestRecord => options.BlockBytes - JournalLayout.BlockHeaderBytes;

    /// <summary>A follower of the records after <paramref name="after"/>: of those on disk alone where <paramref name="durableOnly"/>, else of all as soon as they are appended.</summary>
    public JournalFollower Follow(long after, bool durableOnly)
    {
        lock (gate)
        {
            if (followersJoined == followers.Length || replay.Begun)
            {
                throw new InvalidOperationException($"The journal was opened for {followers.Length} followers, all of which have to join before the replay begins.");
            }

            ArgumentOutOfRangeException.ThrowIfLessThan(after, replay.From - 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(after, RecoveredEnd);
            JournalFollower follower = new(this, pool, last, after, durableOnly);
            followers[followersJoined] = follower;
            followersJoined++;
            return follower;
        }
    }

    /// <summary>Puts the next block on disk into the chain. Called by one thread, until it says <see cref="ReplayProgress.Done"/>; only then are appends allowed.</summary>
    public ReplayProgress ReplayStep()
    {
        if (replayed)
        {
            return ReplayProgress.Done;
        }

        lock (gate)
        {
            if (followersJoined < followers.Length)
            {
                throw new InvalidOperationException($"{followersJoined} of {followers.Length} followers have joined; the replay cannot begin.");
            }

            if (Lag() >= options.LagBytes)
            {
                replayWaits = true;
                Interlocked.MemoryBarrier();
                if (Lag() >= options.LagBytes)
                {
                    return ReplayProgress.Behind;
                }

                replayWaits = false;
            }
        }

        // Nothing is appended before the replay is done, so this thread alone touches the chain's end while it reads from disk.
        if (followers.Length == 0 || !replay.TryRead(out BlockHeader header, out ReadOnlySpan<byte> content))
        {
            replay.Dispose();
            replayed = true;
            return ReplayProgress.Done;
        }

        ChainBlock passed;
        lock (gate)
        {
            if (last.Room < content.Length)
            {
                pool.Enlarge(last, content.Length);
            }

            content.CopyTo(last.Content(0, content.Length));
            last.FirstPosition = header.FirstPosition;
            streamBytes += content.Length;
            last.Publish(content.Length, header.Records);
            passed = last;
            Seal(room: 0, header.LastPosition + 1);
            toFlush = last;
        }

        LetGo(passed);
        Appended?.Invoke();
        return ReplayProgress.Loaded;
    }

    /// <summary>
    /// Reads records that are on disk once more, from <paramref name="from"/> to <paramref name="through"/>, which is durable. What retention has dropped, or drops meanwhile, is passed over: then a run does not begin
    /// where the one before ended.
    /// </summary>
    public JournalReplay Read(long from, long through)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(through, DurablePosition);
        return store.Read(from, through);
    }

    /// <inheritdoc/>
    public ValueTask<Appended> AppendAsync(ReadOnlyMemory<byte> records, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Appended>(cancellation);
        }

        RequireRecords(records.Span);
        long position;
        lock (gate)
        {
            if (Refusal is { } refusal)
            {
                return ValueTask.FromResult(new Appended(0, refusal));
            }

            if (queue.Count > 0 || IsBehind())
            {
                position = 0;
            }
            else
            {
                position = Copy(records.Span);
            }
        }

        if (position == 0)
        {
            return WaitForRoom(records, cancellation);
        }

        Appended?.Invoke();
        return ValueTask.FromResult(new Appended(position, null));
    }

    /// <summary>
    /// Appends what inputs already taken lead to (effects, reminders) and commands: it never waits and is refused only when the journal has failed, since the limits leave room for it.
    /// Returns the position of the last record.
    /// </summary>
    public long AppendInternal(ReadOnlySpan<byte> records)
    {
        RequireRecords(records);
        long position;
        lock (gate)
        {
            ThrowIfFailed();
            if (!replayed)
            {
                throw new InvalidOperationException("Nothing can be appended before the replay is done.");
            }

            position = Copy(records);
        }

        Appended?.Invoke();
        return position;
    }

    /// <summary>
    /// Writes the oldest block that is not on disk yet, in one piece, and syncs it; what is appended meanwhile gathers in the next. Returns false where there was nothing. Called by one thread.
    /// Throws <see cref="JournalFailedException"/> when writing failed; the process has to end then: what was written is in doubt, and a second sync that succeeds would prove nothing.
    /// </summary>
    public bool FlushStep()
    {
        ChainBlock block;
        AppendWaiter? done = null;
        lock (diskGate)
        {
            ThrowIfFailed();
            if (diskRefusal is not null)
            {
                MakeSpare(ref done);
            }

            if (!TakeOldest(out block))
            {
                ZeroSpare();
                TellAll(done);
                return false;
            }

            Write(block);
        }

        Flushed(block, ref done);
        TellAll(done);
        DurableAdvanced?.Invoke();

        // The block that made the spare a segment has been acknowledged; now there is time to make the next spare.
        if (!store.HasSpare && diskRefusal is null)
        {
            RetrySpare(wait: true);
        }

        return true;
    }

    /// <inheritdoc/>
    public ValueTask WaitDurableAsync(long position)
    {
        if (position <= DurablePosition)
        {
            return ValueTask.CompletedTask;
        }

        lock (gate)
        {
            if (position <= DurablePosition)
            {
                return ValueTask.CompletedTask;
            }

            if (failure is { } failed)
            {
                return ValueTask.FromException(failed);
            }

            if (position > End)
            {
                if (!waitingForLater.TryGetValue(position, out TaskCompletionSource? later))
                {
                    later = NewSource(options.InlineContinuations);
                    waitingForLater.Add(position, later);
                }

                return new ValueTask(later.Task);
            }

            // Few blocks are not on disk yet: the one being written, the one that fills, and more only while the disk is slower than the inputs.
            ChainBlock block = toFlush;
            while (block.LastPosition < position)
            {
                block = block.Next!;
            }

            block.OnDisk ??= NewSource(options.InlineContinuations);
            return new ValueTask(block.OnDisk.Task);
        }
    }

    /// <summary>True where <see cref="Retire"/> would delete something.</summary>
    public bool HasRetirable(long before) => store.HasRetirable(Math.Min(before, DurablePosition + 1));

    /// <summary>
    /// Records before this position are needed by nobody: sealed segments wholly before it that are archived are deleted, and the oldest segments and archives as long as the retention size is exceeded.
    /// </summary>
    public void Retire(long before)
    {
        int deleted = store.Retire(Math.Min(before, DurablePosition + 1));
        if (deleted > 0 && diskRefusal is not null)
        {
            RetrySpare(wait: true);
        }
    }

    /// <summary>Refuses further outside inputs, also those that wait. What was appended can still be flushed, and who waits for that is told.</summary>
    public void Stop()
    {
        stopped = true;
        AppendWaiter? done = null;
        RefuseWaiting(ref done);
        TellAll(done);
    }

    /// <summary>Stops and gives the files back. Who still waits for the disk is told that it failed: nothing may be acknowledged that is not durable.</summary>
    public void Dispose()
    {
        Stop();
        spareTimer.Dispose();
        lock (diskGate)
        {
            if (failure is null)
            {
                _ = Fail(new JournalFailedException("The journal was closed."));
            }

            store.Dispose();
            replay.Dispose();
        }
    }

    /// <summary>A follower consumed something: those that wait for it may go on.</summary>
    internal void FollowerAdvanced()
    {
        Interlocked.MemoryBarrier();
        if (replayWaits && Lag() < options.LagBytes)
        {
            replayWaits = false;
            CaughtUp?.Invoke();
        }

        if (Volatile.Read(ref waiting) == 0)
        {
            return;
        }

        AppendWaiter? done = null;
        lock (gate)
        {
            Admit(ref done);
        }

        TellAll(done);
    }
}
