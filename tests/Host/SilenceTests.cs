using System.Text;
using System.Text.Json;
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

/// <summary>Resources fall silent by the clock of a whole host, and are heard again, over crashes and while nobody listens.</summary>
public sealed class SilenceTests
{
    private const int Sources = 20;

    [Fact]
    public async Task A_resource_is_never_heard_then_live_then_silent_then_live()
    {
        Bench bench = new();
        await bench.RegisterAsync("S00", silentAfterS: 60);
        Assert.Equal(ResourceStates.Never, bench.State("S00"));
        bench.Pass(TimeSpan.FromHours(1));
        Assert.Equal(ResourceStates.Never, bench.State("S00"));
        await bench.PublishAsync("S00");
        Assert.Equal(ResourceStates.Live, bench.State("S00"));
        bench.Pass(TimeSpan.FromSeconds(50));
        Assert.Equal(ResourceStates.Live, bench.State("S00"));
        bench.Pass(TimeSpan.FromSeconds(15));
        Assert.Equal(ResourceStates.Silent, bench.State("S00"));
        int rows = bench.Rows;
        bench.Pass(TimeSpan.FromHours(5));
        Assert.Equal(rows, bench.Rows);
        await bench.PublishAsync("S00");
        Assert.Equal(ResourceStates.Live, bench.State("S00"));
    }

    /// <summary>A crash after any number of steps around the moment at which they fall silent: each is silent in the end, and said so once.</summary>
    [Fact]
    public async Task A_crash_at_any_moment_around_the_silence_misses_and_doubles_none()
    {
        for (int steps = 0; steps < 40; steps += 3)
        {
            Bench bench = new(seed: steps);
            for (int i = 0; i < Sources; i++)
            {
                await bench.RegisterAsync($"S{i:D2}", silentAfterS: 60);
                await bench.PublishAsync($"S{i:D2}");
            }

            bench.Forget();
            bench.Time.Advance(TimeSpan.FromSeconds(61));
            bench.Steps(steps);
            bench.Crash();
            bench.Pass(TimeSpan.FromSeconds(1));
            bench.Pass(TimeSpan.FromSeconds(61));
            for (int i = 0; i < Sources; i++)
            {
                Assert.True(bench.State($"S{i:D2}") == ResourceStates.Silent, $"S{i:D2} after {steps} steps is {bench.State($"S{i:D2}")}, row {bench.TimesSilent}");
            }

            Assert.True(bench.TimesSilent == Sources, $"{bench.TimesSilent} rows of silence after {steps} steps");
        }
    }

    [Fact]
    public async Task While_the_process_does_not_run_nobody_falls_silent()
    {
        Bench bench = new();
        await bench.RegisterAsync("S00", silentAfterS: 300);
        await bench.PublishAsync("S00");
        bench.Crash(away: TimeSpan.FromHours(3));
        Assert.Equal(ResourceStates.Live, bench.State("S00"));
        bench.Pass(TimeSpan.FromSeconds(200));
        Assert.Equal(ResourceStates.Live, bench.State("S00"));
        bench.Pass(TimeSpan.FromSeconds(120));
        Assert.Equal(ResourceStates.Silent, bench.State("S00"));
    }

    private sealed class Bench
    {
        private readonly SimulatedDisk journal;
        private readonly SimulatedDisk history;
        private readonly MemoryStateStore states = new();
        private readonly MemoryViewStore views = new();
        private readonly Dictionary<string, SourceContext> sources = [];
        private ActorHost host;
        private long from;
        private int made;

        public Bench(int seed = 1)
        {
            journal = new SimulatedDisk(seed);
            history = new SimulatedDisk(seed + 1);
            host = Open();
            Settle(30);
        }

        public ManualTime Time { get; } = new(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero));

        /// <summary>Rows of the catalogue in the journal, as often as they were shown.</summary>
        public int Rows => Shown().Count;

        /// <summary>Rows of silence since <see cref="Forget"/>.</summary>
        public int TimesSilent => Shown().Count(row => row.Position > from && row.Row.State == ResourceStates.Silent);

        public string State(string source) => JsonSerializer.Deserialize(views.Rows[(View.Resources, source)], GrainsJson.Default.ResourceRow)!.State;

        public void Forget() => from = host.Journal.End;

        public void Pass(TimeSpan time)
        {
            Time.Advance(time);
            Settle(20);
        }

        public void Crash(TimeSpan away = default)
        {
            host.Dispose();
            journal.Crash();
            history.Crash();
            views.Crash(new Random(1));
            Time.Advance(away);
            host = Open();
            Settle(200);
        }

        public void Steps(int count)
        {
            for (int i = 0; i < count; i++)
            {
                host.Steps[i % host.Steps.Count].Step();
            }
        }

        public async Task RegisterAsync(string id, int silentAfterS)
        {
            SourceRegistration registration = new(id, "wim", [$"v1/wim/{id}/+"], "harbour", 5, "", Expected: new ResourceExpectation(SilentAfterS: silentAfterS));
            sources[id] = new SourceContext(registration);
            Task<CommandResult> answer = host.CommandAsync(ActorKind.Source, id, MessageKind.RegisterSource, JsonSerializer.SerializeToUtf8Bytes(registration, GrainsJson.Default.SourceRegistration), CancellationToken.None).AsTask();
            Settle(4);
            Assert.Equal(ReplyStatus.Done, (await answer).Reply?.Status);
        }

        public async Task PublishAsync(string id)
        {
            ByteWriter record = new();
            string json = $$"""{"id":"r{{++made}}","at":"{{Time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤T{{made:D5}}","axles":[{"massKg":4000,"offsetM":0},{"massKg":4000,"offsetM":4}]}""";
            PublishEncoder.Encode(record, sources[id], Encoding.UTF8.GetBytes($"v1/wim/{id}/1"), Encoding.UTF8.GetBytes(json), Time.GetUtcNow().ToUnixTimeMilliseconds());
            Appended appended = await host.AppendAsync(record.WrittenMemory, CancellationToken.None);
            Assert.Null(appended.Refusal);
            Settle(4);
        }

        private ActorHost Open()
        {
            HostOptions options = new() { Workers = 2, StatesPerBatch = 8, TurnsPerSavedState = 2, IdleSaveMs = 0 };
            JournalOptions sizes = new() { SegmentBytes = 256 * 1024, BufferBytes = 16 * 1024, BlockBytes = 64 * 1024, InlineContinuations = true };
            return ActorHost.Open(
                new HostSeams(journal, history, states, views, Time, NullLoggerFactory.Instance), options, sizes, Streaming.Determinism.ShippedCity.Rules, parts => new WorkerTurns(parts), follower => new SimulationProjector(follower, views));
        }

        /// <summary>Little time goes by, so that what falls due is what the test lets.</summary>
        private void Settle(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                foreach (IStep step in host.Steps)
                {
                    step.Step();
                }

                Time.Advance(TimeSpan.FromMilliseconds(10));
            }
        }

        private List<(long Position, ResourceRow Row)> Shown()
        {
            List<(long, ResourceRow)> rows = [];
            using JournalReplay read = host.Journal.Read(1, host.Journal.DurablePosition);
            while (read.TryRead(out BlockHeader header, out ReadOnlySpan<byte> records))
            {
                for (long position = header.FirstPosition; records.Length > 0; position++)
                {
                    Grains.Inputs.Record record = Grains.Inputs.Record.Next(ref records);
                    ByteReader body = new(record.Body);
                    if (record.Kind != Grains.Inputs.InputKind.Shown)
                    {
                        continue;
                    }

                    _ = Grains.Inputs.Cause.Read(ref body);
                    if ((View)body.ReadByte() == View.Resources)
                    {
                        _ = body.ReadText();
                        rows.Add((position, JsonSerializer.Deserialize(body.Rest, GrainsJson.Default.ResourceRow)!));
                    }
                }
            }

            return rows;
        }
    }
}
