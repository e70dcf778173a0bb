using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Views;

namespace Streaming.Tests.Orleans;

/// <summary>The power of one run: once it is cut, nothing reaches a disk any more, and what reached it before stays.</summary>
internal sealed class Power
{
    private volatile bool off;

    public void Cut() => off = true;

    public void Check()
    {
        if (off)
        {
            throw new IOException("The power is off (simulated).");
        }
    }
}

/// <summary>A real directory that stops with the power, and whose writes can be held up.</summary>
internal sealed class PoweredDisk(IDisk disk, Power power) : IDisk
{
    private readonly ManualResetEventSlim flows = new(true);

    /// <summary>Writes and syncs wait from now on.</summary>
    public void Hold() => flows.Reset();

    public void Release() => flows.Set();

    public IReadOnlyList<string> List() => disk.List();

    public IDiskFile Create(string name, long bytes) => new PoweredFile(disk.Create(name, bytes), this);

    public IDiskFile Open(string name) => new PoweredFile(disk.Open(name), this);

    public void Rename(string from, string to)
    {
        Pass();
        disk.Rename(from, to);
    }

    public void Replace(string from, string to)
    {
        Pass();
        disk.Replace(from, to);
    }

    public void Delete(string name)
    {
        Pass();
        disk.Delete(name);
    }

    public void SyncDirectory()
    {
        Pass();
        disk.SyncDirectory();
    }

    private void Pass()
    {
        flows.Wait();
        power.Check();
    }

    private sealed class PoweredFile(IDiskFile file, PoweredDisk disk) : IDiskFile
    {
        public long Length => file.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            disk.Pass();
            file.Write(offset, bytes);
        }

        public int Read(long offset, Span<byte> bytes) => file.Read(offset, bytes);

        public void Sync()
        {
            disk.Pass();
            file.Sync();
        }

        public void BeginSync(long offset, long bytes) => file.BeginSync(offset, bytes);

        public void SetLength(long bytes)
        {
            disk.Pass();
            file.SetLength(bytes);
        }

        public void Dispose() => file.Dispose();
    }
}

/// <summary>The state store, which can refuse, stall, and stop with the power.</summary>
internal sealed class TroubledStore(SqliteStateStore store, Power power) : IStateStore
{
    private readonly ManualResetEventSlim flows = new(true);
    private int commits;

    public bool Refuses { get; set; }

    public int Commits => Volatile.Read(ref commits);

    public long ReplayFrom => store.ReplayFrom;

    public long BuiltThrough => store.BuiltThrough;

    public void Stall() => flows.Reset();

    public void Resume() => flows.Set();

    /// <summary>So many reads of keyed rows succeed before some fail.</summary>
    public int RowReadsThatSucceed { get; set; }

    /// <summary>So many reads of keyed rows fail.</summary>
    public int RowReadsThatFail { get; set; }

    /// <summary>How many have failed.</summary>
    public int RowReadsFailed { get; private set; }

    public IStateReader OpenReader() => new TroubledReader(store.OpenReader(), this);

    public IReadOnlyList<(ActorId Actor, long DueMs)> Reminders() => store.Reminders();

    public IReadOnlyList<(long Position, byte[] Json)> Rulebooks() => store.Rulebooks();

    public IReadOnlyList<WalkedRow> Walk(WalkedRow? behind, int most, long bytes) => store.Walk(behind, most, bytes);

    public void Commit(IReadOnlyList<StateBatch> batches, long replayFrom)
    {
        flows.Wait();
        power.Check();
        if (Refuses)
        {
            throw new IOException("No space left on device (simulated).");
        }

        store.Commit(batches, replayFrom);
        Interlocked.Increment(ref commits);
    }

    public bool FailsRead()
    {
        lock (flows)
        {
            if (RowReadsThatSucceed > 0)
            {
                RowReadsThatSucceed--;
                return false;
            }

            if (RowReadsThatFail == 0)
            {
                return false;
            }

            RowReadsThatFail--;
            RowReadsFailed++;
            return true;
        }
    }

    public void Dispose() => store.Dispose();
}

/// <summary>Reads rows of a store that has trouble with it.</summary>
internal sealed class TroubledReader(IStateReader reader, TroubledStore store) : IStateReader
{
    public StoredActor? Load(ActorKind kind, string key) => reader.Load(kind, key);

    public byte[]? LoadRow(ActorKind kind, string key, string name) => store.FailsRead() ? throw new IOException("The row cannot be read (simulated).") : reader.LoadRow(kind, key, name);

    public void Dispose() => reader.Dispose();
}

/// <summary>Grain storage as one silo sees it: once the silo is dead, nothing that it still does reaches the store.</summary>
internal sealed class SiloStorage(IGrainStorage storage) : IGrainStorage
{
    private volatile bool dead;

    public void Die() => dead = true;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => storage.ReadStateAsync(stateName, grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        dead ? throw new IOException("The silo is dead (simulated).") : storage.WriteStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        dead ? throw new IOException("The silo is dead (simulated).") : storage.ClearStateAsync(stateName, grainId, grainState);
}

/// <summary>The lists' store, which stops with the power.</summary>
internal sealed class PoweredViews(SqliteViewStore views, Power power) : IViewStore
{
    public long Position => views.Position;

    public void Apply(ViewBatch batch)
    {
        power.Check();
        views.Apply(batch);
    }

    public void Trim(ViewRetention retention, long nowMs) => views.Trim(retention, nowMs);

    public long SyncedPosition() => views.SyncedPosition();

    public void Dispose() => views.Dispose();
}

/// <summary>Loses calls to grains and answers from them, by a seed, and holds calls up.</summary>
internal sealed class Calls(int seed = 0) : IIncomingGrainCallFilter
{
    private readonly Lock gate = new();
    private readonly Random random = new(seed);
    private volatile Held? held;
    private int lostBefore;
    private int lostAfter;
    private int refused;
    private int toLose;

    /// <summary>Of so many calls to apply a batch, in a hundred, one is lost on its way or its answer is.</summary>
    public int LostPct { get; set; }

    public int LostBefore => Volatile.Read(ref lostBefore);

    public int LostAfter => Volatile.Read(ref lostAfter);

    /// <summary>Calls that failed since another activation had stored a later state.</summary>
    public int Refused => Volatile.Read(ref refused);

    /// <summary>Batches for these grains wait until <see cref="Release"/>; where a silo is given, on that alone.</summary>
    public void Hold(Predicate<GrainId> which, SiloAddress? on = null) => held = new Held(which, on, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public void Release()
    {
        Held? released = held;
        held = null;
        released?.Released.TrySetResult();
    }

    /// <summary>The next so many answers to batches that bring inputs are lost; a batch without inputs, which only stores, may come at any moment.</summary>
    public void LoseAnswers(int count) => Volatile.Write(ref toLose, count);

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is not ActorGrain || context.MethodName != nameof(IActorGrain.ApplyAsync))
        {
            await context.Invoke();
            return;
        }

        if (held is { } now && now.Which(context.TargetId) && (now.On is null || now.On.Equals(context.TargetContext.Address.SiloAddress)))
        {
            await now.Released.Task;
        }

        int drawn = Draw();
        if (drawn < LostPct / 2)
        {
            Interlocked.Increment(ref lostBefore);
            throw new TimeoutException("The call was lost (simulated).");
        }

        try
        {
            await context.Invoke();
        }
        catch (InconsistentStateException)
        {
            Interlocked.Increment(ref refused);
            throw;
        }

        if (drawn < LostPct || (context.Request.GetArgument(0) is InputBatch { First: > 0 } && Volatile.Read(ref toLose) > 0 && Interlocked.Decrement(ref toLose) >= 0))
        {
            Interlocked.Increment(ref lostAfter);
            throw new TimeoutException("The answer was lost (simulated).");
        }
    }

    private int Draw()
    {
        lock (gate)
        {
            return random.Next(100);
        }
    }

    private sealed record Held(Predicate<GrainId> Which, SiloAddress? On, TaskCompletionSource Released);
}

/// <summary>Real time from a fixed moment on, which a test can move ahead.</summary>
internal sealed class MovedTime : TimeProvider
{
    private long ticks;

    public MovedTime() => ticks = (new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero) - base.GetUtcNow()).Ticks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref ticks));

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);
}
