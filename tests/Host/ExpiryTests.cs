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

/// <summary>Vehicles of which nothing is heard are forgotten, and nothing counts twice for it.</summary>
public sealed class ExpiryTests
{
    private const string Vehicle = "粤T00001";

    [Fact]
    public async Task What_was_seen_once_goes_after_a_week_and_leaves_nothing_behind()
    {
        Bench bench = new();
        await bench.SendAsync(bench.Weighing(Vehicle));
        await bench.SendAsync(bench.Weighing("粤T00002"));
        await bench.SendAsync(bench.Weighing("粤T00002"));
        bench.Pass(days: 6);
        Assert.Contains("\"weighings\":1", await bench.DescribeAsync(Vehicle), StringComparison.Ordinal);
        int stored = bench.States.Count;
        bench.Pass(days: 2);
        bench.Pass(days: 1);
        Assert.Equal("", await bench.DescribeAsync(Vehicle));
        Assert.Null(bench.Stored(Vehicle));
        Assert.Equal(stored - 1, bench.States.Count);
        Assert.Contains("\"weighings\":2", await bench.DescribeAsync("粤T00002"), StringComparison.Ordinal);
        bench.Pass(days: 395);
        bench.Pass(days: 1);
        Assert.Null(bench.Stored("粤T00002"));
    }

    [Fact]
    public async Task An_open_warning_keeps_its_vehicle()
    {
        Bench bench = new();
        await bench.SendAsync(bench.Weighing(Vehicle, grossKg: 60_000));
        bench.Pass(days: 900);
        bench.Pass(days: 1);
        Assert.Contains("over-road-limit/1", await bench.DescribeAsync(Vehicle), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_comes_back_begins_anew_and_what_was_counted_before_is_not_counted_again()
    {
        Bench bench = new();
        byte[] before = bench.Weighing(Vehicle);
        byte[] unsent = bench.Weighing(Vehicle);
        await bench.SendAsync(before);
        bench.Pass(days: 9);
        bench.Pass(days: 1);
        Assert.Null(bench.Stored(Vehicle));

        await bench.SendAsync(before);
        Assert.Equal("", await bench.DescribeAsync(Vehicle));
        byte[] after = bench.Weighing(Vehicle);
        await bench.SendAsync(after);
        await bench.SendAsync(after);
        await bench.SendAsync(before);
        Assert.Contains("\"weighings\":1", await bench.DescribeAsync(Vehicle), StringComparison.Ordinal);

        // As old, but never sent before: a late reading counts.
        await bench.SendAsync(unsent);
        await bench.SendAsync(unsent);
        Assert.Contains("\"weighings\":2", await bench.DescribeAsync(Vehicle), StringComparison.Ordinal);
        bench.Restart();
        await bench.SendAsync(before);
        Assert.Contains("\"weighings\":2", await bench.DescribeAsync(Vehicle), StringComparison.Ordinal);
    }

    /// <summary>A crash after any number of steps since the week was over: before the message is journaled, before it is durable, before the blank state is saved, before and after its row is removed.</summary>
    [Fact]
    public async Task A_crash_at_any_moment_brings_nothing_back_and_counts_nothing_twice()
    {
        HashSet<bool> rowAtCrash = [];
        for (int steps = 0; steps < 120; steps += 3)
        {
            Bench bench = new(seed: steps);
            byte[] before = bench.Weighing(Vehicle);
            await bench.SendAsync(before);
            byte[] other = bench.Weighing("粤T00002");
            await bench.SendAsync(other);
            await bench.SendAsync(bench.Weighing("粤T00002"));
            bench.Time.Advance(TimeSpan.FromDays(8));
            bench.Steps(steps);
            rowAtCrash.Add(bench.Stored(Vehicle) is null);
            bench.Crash();
            bench.Pass(days: 1);
            bench.Pass(days: 1);
            Assert.True(bench.Stored(Vehicle) is null, $"after {steps} steps");
            await bench.SendAsync(before);
            await bench.SendAsync(other);
            Assert.True(await bench.DescribeAsync(Vehicle) == "", $"after {steps} steps");
            Assert.Contains("\"weighings\":2", await bench.DescribeAsync("粤T00002"), StringComparison.Ordinal);
            await bench.SendAsync(bench.Weighing(Vehicle));
            Assert.Contains("\"weighings\":1", await bench.DescribeAsync(Vehicle), StringComparison.Ordinal);
        }

        Assert.Equal(2, rowAtCrash.Count);
    }

    [Fact]
    public async Task A_session_that_ended_leaves_no_row()
    {
        Bench bench = new();
        await bench.CommandAsync(ActorKind.Session, "t1/c1", MessageKind.SubscribeSession, """{"filter":"v1/departments/transport/harbour/alerts","feed":"transport/harbour","from":0,"qos":1}""");
        await bench.CommandAsync(ActorKind.Session, "t1/c1", MessageKind.EndSession, "");
        await bench.CommandAsync(ActorKind.Session, "t1/c2", MessageKind.SubscribeSession, """{"filter":"v1/departments/transport/harbour/alerts","feed":"transport/harbour","from":0,"qos":1}""");
        bench.Pass(days: 1);
        bench.Pass(days: 1);
        Assert.Null(bench.States.OpenReader().Load(ActorKind.Session, "t1/c1"));
        Assert.NotNull(bench.States.OpenReader().Load(ActorKind.Session, "t1/c2"));
        bench.Pass(days: 401);
        bench.Pass(days: 1);
        Assert.Null(bench.States.OpenReader().Load(ActorKind.Session, "t1/c2"));
        Assert.DoesNotContain(bench.Views.Rows.Keys, row => row.View == View.Sessions);
    }

    private sealed class Bench
    {
        private readonly SimulatedDisk journal;
        private readonly SimulatedDisk history;
        private readonly SourceContext station = new(new SourceRegistration("S01", "wim", ["v1/wim/S01/+"], "harbour", 5, "sha256:00"));
        private ActorHost host;
        private int made;

        public Bench(int seed = 1)
        {
            journal = new SimulatedDisk(seed);
            history = new SimulatedDisk(seed + 1);
            host = Open();
            Settle(60);
        }

        public ManualTime Time { get; } = new(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero));

        public MemoryStateStore States { get; } = new();

        public MemoryViewStore Views { get; } = new();

        public StoredActor? Stored(string vehicle) => States.OpenReader().Load(ActorKind.Vehicle, vehicle);

        /// <summary>Days go by, and then there is time for a pass of the sweep and for what it leads to.</summary>
        public void Pass(int days)
        {
            Time.Advance(TimeSpan.FromDays(days));
            Settle(80);
        }

        public void Restart()
        {
            host.Dispose();
            host = Open();
            Settle(60);
        }

        public void Crash()
        {
            host.Dispose();
            journal.Crash();
            history.Crash();
            Views.Crash(new Random(1));
            host = Open();
            Settle(60);
        }

        /// <summary>So many steps of single parts.</summary>
        public void Steps(int count)
        {
            for (int i = 0; i < count; i++)
            {
                host.Steps[i % host.Steps.Count].Step();
                Time.Advance(TimeSpan.FromMilliseconds(30));
            }
        }

        public async Task SendAsync(byte[] record)
        {
            Appended appended = await host.AppendAsync(record, CancellationToken.None);
            Assert.Null(appended.Refusal);
            Settle(6);
        }

        public async Task CommandAsync(ActorKind kind, string key, MessageKind message, string body)
        {
            Task<CommandResult> answer = host.CommandAsync(kind, key, message, Encoding.UTF8.GetBytes(body), CancellationToken.None).AsTask();
            Settle(6);
            Assert.Equal(ReplyStatus.Done, (await answer).Reply?.Status);
        }

        public byte[] Weighing(string vehicle, int grossKg = 9_000)
        {
            ByteWriter record = new();
            string json = $$"""{"id":"r{{++made}}","at":"{{Time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"{{vehicle}}","vehicleClass":"combination","axles":[{"massKg":{{grossKg / 2}},"offsetM":0},{"massKg":{{grossKg / 2}},"offsetM":4}]}""";
            Assert.Equal(1, PublishEncoder.Encode(record, station, "v1/wim/S01/1"u8, Encoding.UTF8.GetBytes(json), Time.GetUtcNow().ToUnixTimeMilliseconds()).Accepted);
            return record.Written.ToArray();
        }

        public async Task<string> DescribeAsync(string vehicle)
        {
            Task<byte[]?> answer = host.DescribeAsync(ActorKind.Vehicle, vehicle, CancellationToken.None).AsTask();
            Settle(6);
            return Encoding.UTF8.GetString(await answer.WaitAsync(Waits.Longest) ?? []);
        }

        private ActorHost Open()
        {
            HostOptions options = new() { Workers = 2, StatesPerBatch = 8, TurnsPerSavedState = 2, IdleSaveMs = 0, HistoryPartReadings = 1, SweepEveryMs = 200, SweepRows = 3, SweepPassMs = 2_000 };
            JournalOptions sizes = new() { SegmentBytes = 256 * 1024, BufferBytes = 16 * 1024, BlockBytes = 64 * 1024, InlineContinuations = true };
            return ActorHost.Open(
                new HostSeams(journal, history, States, Views, Time, NullLoggerFactory.Instance), options, sizes, Streaming.Determinism.ShippedCity.Rules, parts => new WorkerTurns(parts), follower => new SimulationProjector(follower, Views));
        }

        private void Settle(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                foreach (IStep step in host.Steps)
                {
                    step.Step();
                }

                Time.Advance(TimeSpan.FromMilliseconds(100));
            }
        }
    }
}
