using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Tests.Simulation;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Host;

/// <summary>Actors come into memory and leave it, and the tail stays bounded; step by step.</summary>
public sealed class ReadAheadTests : IDisposable
{
    private static readonly HostOptions Options = new() { Workers = 2, StatesAhead = 16, ActorsReadAtStart = 0, StatesPerBatch = 8, TurnsPerSavedState = 2, IdleSaveMs = 0, IdleLookEvery = TimeSpan.Zero, TailRecords = 100, HistoryPartReadings = 1 };
    private static readonly JournalOptions Journal = new() { SegmentBytes = 256 * 1024, BufferBytes = 16 * 1024, BlockBytes = 64 * 1024, InlineContinuations = true };

    private readonly TwoClocks time = new(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero));
    private readonly SimulatedDisk journal = new(1);
    private readonly SimulatedDisk history = new(2);
    private readonly MemoryStateStore states = new();
    private readonly MemoryViewStore views = new();
    private readonly SourceContext station = new(new SourceRegistration("S01", "wim", ["v1/wim/S01/+"], "harbour", 5, "sha256:00"));
    private WorkerTurns turns = null!;
    private ActorHost host;
    private int made;

    public ReadAheadTests()
    {
        host = Open();
        Settle();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public async Task States_that_waiting_records_need_are_there_when_their_turns_come()
    {
        await WeighAsync(1, 2, 3);
        Restart();
        await AppendAsync(1, 2, 3, 4);
        Step("read ahead");
        Settle();
        Assert.Equal((1 + 4, 4), turns.Loaded);
        foreach (int number in new[] { 1, 2, 3 })
        {
            Assert.Contains("\"weighings\":2", await DescribeAsync(number), StringComparison.Ordinal);
        }

        Assert.Contains("\"weighings\":1", await DescribeAsync(4), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_states_lie_ready_than_the_bound_says_and_the_rest_is_loaded_all_the_same()
    {
        int[] many = [.. Enumerable.Range(1, 3 * Options.StatesAhead)];
        await WeighAsync(many);
        Restart();
        foreach (int number in many)
        {
            await AppendAsync(number);
        }

        for (int i = 0; i < many.Length; i++)
        {
            Step("read ahead");
        }

        Settle();
        Assert.InRange(turns.Loaded.Ahead, Options.StatesAhead, 2 * Options.StatesAhead);
        Assert.Contains("\"weighings\":2", await DescribeAsync(many[^1]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_that_was_read_before_the_actor_came_changed_and_left_is_not_taken()
    {
        await WeighAsync(1);
        Restart();
        await AppendAsync(1);
        Step("read ahead");

        // A question brings the actor into memory before its record does; what was read ahead stays behind.
        Assert.Contains("\"weighings\":1", await DescribeAsync(1), StringComparison.Ordinal);
        Settle(without: "read ahead");
        Assert.Equal(0, turns.Loaded.Ahead);
        time.Advance(Options.IdleAge + TimeSpan.FromMinutes(1));
        await AppendAsync(2);
        Settle(rounds: 600, without: "read ahead");
        await AppendAsync(1);
        Settle(without: "read ahead");
        Assert.Contains("\"weighings\":3", await DescribeAsync(1), StringComparison.Ordinal);
        Assert.Equal(0, turns.Loaded.Ahead);
    }

    [Fact]
    public async Task An_idle_actor_leaves_memory_once_it_is_saved_though_there_is_room()
    {
        await WeighAsync(1, 2, 3);
        int before = turns.Resident;
        time.Advance(Options.IdleAge + TimeSpan.FromMinutes(1));
        states.Failing = true;
        await AppendAsync(1);
        Settle(rounds: 600);

        // The first is not saved; the others, and the station that was heard of with it, are what they were.
        Assert.Equal(2, turns.Resident);
        Assert.True(before > 2);
        states.Failing = false;
        Settle();
        time.Advance(Options.IdleAge + TimeSpan.FromMinutes(1));
        await AppendAsync(2);
        Settle(rounds: 600);
        Assert.Equal(2, turns.Resident);
        Assert.Contains("\"weighings\":2", await DescribeAsync(1), StringComparison.Ordinal);
        Assert.Contains("\"weighings\":2", await DescribeAsync(2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Intake_waits_rather_than_let_the_tail_grow_past_its_bound_and_goes_on_when_states_are_saved()
    {
        Task<Appended> waiting = Task.FromResult(new Appended(0, null));
        int taken = 0;
        for (; taken < 3 * Options.TailRecords && waiting.IsCompleted; taken++)
        {
            waiting = host.AppendAsync(Record(taken), CancellationToken.None).AsTask();
            Settle(rounds: 2, without: "checkpointer");
            Assert.True(host.TailRecords <= Options.TailRecords + 2, $"The tail is {host.TailRecords} records long.");
        }

        Assert.InRange(taken, Options.TailRecords / 2, Options.TailRecords + 4);
        Assert.Null(host.NotReady);
        for (int i = 0; i < 500 && !waiting.IsCompleted; i++)
        {
            Settle(rounds: 2);
            await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromMilliseconds(10)));
        }

        Appended appended = await waiting;
        Assert.Null(appended.Refusal);
        Settle();
        Assert.True(host.TailRecords < Options.TailRecords / 2, $"The tail is {host.TailRecords} records long.");
    }

    [Fact]
    public async Task A_clock_that_is_set_back_delays_no_saving()
    {
        await WeighAsync(1);
        time.SetBack(TimeSpan.FromDays(1));
        await AppendAsync(2);
        Settle();
        Assert.NotNull(states.OpenReader().Load(ActorKind.Vehicle, Vehicle(2)));
        states.Failing = true;
        await AppendAsync(3);
        Settle(rounds: 3);
        time.SetBack(TimeSpan.FromDays(1));
        states.Failing = false;
        Settle();
        Assert.NotNull(states.OpenReader().Load(ActorKind.Vehicle, Vehicle(3)));
        Assert.Equal(host.Journal.End + 1, states.ReplayFrom);
    }

    [Fact]
    public async Task A_slow_store_takes_no_more_than_the_share_of_the_time_that_the_checkpoint_has()
    {
        host.Dispose();
        SlowStore slow = new(states, time, TimeSpan.FromMilliseconds(100));
        host = Open(slow, Options with { TailRecords = 100_000 });
        Settle();
        (TimeSpan spentBefore, long begun) = (slow.Spent, time.GetTimestamp());
        for (int i = 0; i < 400; i++)
        {
            await AppendAsync(i);
            foreach (IStep step in host.Steps)
            {
                step.Step();
            }

            time.Advance(TimeSpan.FromMilliseconds(5));
        }

        double share = (slow.Spent - spentBefore) / time.GetElapsedTime(begun);
        Assert.InRange(share, Options.CheckpointShare / 2, Options.CheckpointShare * 1.1);
        Assert.Equal(slow.Spent, host.CheckpointTime);
    }

    [Fact]
    public async Task Spare_moments_of_a_host_that_is_never_idle_for_long_take_no_more_than_their_own_share()
    {
        host.Dispose();
        SlowStore slow = new(states, time, TimeSpan.FromMilliseconds(20));

        // So few turns for a saved state that the count asks for none: whatever is saved is saved in spare moments.
        HostOptions options = Options with { TailRecords = 1_000_000, TurnsPerSavedState = 1_000_000, SpareShare = 0.1 };
        host = Open(slow, options);
        Settle();
        (TimeSpan spentBefore, long begun) = (slow.Spent, time.GetTimestamp());
        for (int i = 0; i < 1_000; i++)
        {
            await AppendAsync(i);
            for (int round = 0; round < 2; round++)
            {
                // The second round finds nothing to do, every few milliseconds.
                foreach (IStep step in host.Steps)
                {
                    step.Step();
                }
            }

            time.Advance(TimeSpan.FromMilliseconds(5));
        }

        // Once a second a commit of its own may say how far a replay has to go back.
        double share = (slow.Spent - spentBefore) / time.GetElapsedTime(begun);
        Assert.InRange(share, options.SpareShare / 2, (options.SpareShare * options.Workers) + 0.03);
    }

    [Fact]
    public async Task Of_many_changed_actors_the_one_that_waits_longest_is_saved_though_spare_moments_have_room_for_a_few_only()
    {
        host.Dispose();
        host = Open(states, Options with { TurnsPerSavedState = 1_000_000, TailRecords = 1_000_000, StatesPerBatch = 4 });
        Settle();
        long longest = 0;
        for (int i = 0; i < 300; i++)
        {
            await AppendAsync(i % 60);
            foreach (IStep step in host.Steps.Concat(host.Steps))
            {
                step.Step();
            }

            longest = Math.Max(longest, host.TailRecords);
        }

        // Sixty actors and a station wait at most, four of a worker's are saved at a time, and no range is passed over.
        Assert.True(longest < 150, $"The tail was {longest} records long.");
    }

    [Fact]
    public async Task A_start_with_a_long_tail_reads_all_states_in_the_order_of_the_store_and_goes_on_from_them()
    {
        await WeighAsync(1, 2, 3);
        for (int i = 0; i < 4; i++)
        {
            await AppendAsync(1, 2, 3);
            host.Steps[0].Step();
        }

        host.Dispose();
        host = Open(states, Options with { ActorsReadAtStart = 100 });
        Settle();

        // None had to be asked for by itself.
        Assert.Equal((0, 0), turns.Loaded);
        foreach (int number in new[] { 1, 2, 3 })
        {
            Assert.Contains("\"weighings\":5", await DescribeAsync(number), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_pause_is_as_long_as_the_share_says_and_never_longer_than_its_bound()
    {
        HostOptions options = new() { CheckpointShare = 0.25 };
        Assert.Equal(TimeSpan.FromMilliseconds(30), options.RestAfter(TimeSpan.FromMilliseconds(10)));
        Assert.Equal(TimeSpan.Zero, options.RestAfter(TimeSpan.Zero));
        Assert.Equal(HostOptions.LongestRest, options.RestAfter(TimeSpan.FromMinutes(1)));
    }

    private static string Vehicle(int number) => $"粤T{number:D5}";

    private ActorHost Open() => Open(states, Options);

    private ActorHost Open(IStateStore store, HostOptions options) => ActorHost.Open(
        new HostSeams(journal, history, store, views, time, NullLoggerFactory.Instance), options, Journal, Streaming.Determinism.ShippedCity.Rules, parts => turns = new WorkerTurns(parts), follower => new SimulationProjector(follower, views));

    private void Restart()
    {
        Settle();
        host.Dispose();
        host = Open();
        Settle(rounds: 10);
    }

    private void Step(string name) => host.Steps.Single(step => step.Name == name).Step();

    private void Settle(int rounds = 60, string? without = null)
    {
        for (int i = 0; i < rounds; i++)
        {
            foreach (IStep step in host.Steps.Where(step => step.Name != without))
            {
                step.Step();
            }

            time.Advance(TimeSpan.FromMilliseconds(200));
        }
    }

    private async Task WeighAsync(params int[] numbers)
    {
        foreach (int number in numbers)
        {
            await AppendAsync(number);
        }

        Settle();
    }

    private async Task AppendAsync(params int[] numbers)
    {
        foreach (int number in numbers)
        {
            Appended appended = await host.AppendAsync(Record(number), CancellationToken.None);
            Assert.Null(appended.Refusal);
        }
    }

    private byte[] Record(int number)
    {
        ByteWriter record = new();
        string json = $$"""{"id":"r{{++made}}","at":"{{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"{{Vehicle(number)}}","grossKg":9000}""";
        Assert.Equal(1, PublishEncoder.Encode(record, station, "v1/wim/S01/1"u8, Encoding.UTF8.GetBytes(json), time.GetUtcNow().ToUnixTimeMilliseconds()).Accepted);
        return record.Written.ToArray();
    }

    private async Task<string> DescribeAsync(int number)
    {
        Task<byte[]?> answer = host.DescribeAsync(ActorKind.Vehicle, Vehicle(number), CancellationToken.None).AsTask();
        Settle(rounds: 3, without: "read ahead");
        return Encoding.UTF8.GetString(await answer.WaitAsync(Waits.Longest) ?? []);
    }

    /// <summary>A store each of whose commits takes its time.</summary>
    private sealed class SlowStore(MemoryStateStore inner, TwoClocks time, TimeSpan commit) : IStateStore
    {
        public TimeSpan Spent { get; private set; }

        public long ReplayFrom => inner.ReplayFrom;

        public long BuiltThrough => inner.BuiltThrough;

        public IStateReader OpenReader() => inner.OpenReader();

        public IReadOnlyList<(ActorId Actor, long DueMs)> Reminders() => inner.Reminders();

        public IReadOnlyList<(long Position, byte[] Json)> Rulebooks() => inner.Rulebooks();

        public IReadOnlyList<WalkedRow> Walk(WalkedRow? behind, int most, long bytes) => inner.Walk(behind, most, bytes);

        public void Commit(IReadOnlyList<StateBatch> batches, long replayFrom)
        {
            inner.Commit(batches, replayFrom);
            time.Advance(commit);
            Spent += commit;
        }

        public void Dispose()
        {
        }
    }

    /// <summary>A clock on the wall, which can be set, and one that only goes on.</summary>
    private sealed class TwoClocks(DateTimeOffset start) : TimeProvider
    {
        private long ticks = start.UtcTicks;
        private long setBackTicks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref ticks) - Volatile.Read(ref setBackTicks), TimeSpan.Zero);

        public override long GetTimestamp() => Volatile.Read(ref ticks);

        public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

        public void SetBack(TimeSpan by) => Interlocked.Add(ref setBackTicks, by.Ticks);
    }
}
