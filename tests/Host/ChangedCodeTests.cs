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
using Xunit;

namespace Streaming.Tests.Host;

/// <summary>A silo is killed, and started with code that asks for other effects: the rule of DESIGN 4.3. The record wins, what remains is appended. On the Orleans host the same is tested in <c>tests/Orleans</c>.</summary>
public sealed class ChangedCodeTests : IDisposable
{
    private readonly SimulatedTime time = new(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero));
    private readonly SimulatedDisk journal = new(1);
    private readonly SimulatedDisk history = new(2);
    private readonly MemoryStateStore states = new();
    private readonly MemoryViewStore views = new();
    private readonly SourceContext station = new(new SourceRegistration("S01", "wim", ["v1/wim/S01/+"], "harbour", 5, "sha256:00"));
    private ActorHost host;
    private int made;

    public ChangedCodeTests() => host = Open(ActorFactory.Create);

    public void Dispose() => host.Dispose();

    [Fact]
    public void Effects_in_the_journal_win_and_new_ones_are_appended_once()
    {
        Settle();
        states.Failing = true;
        foreach (int vehicle in (int[])[1, 2, 3])
        {
            Weigh(vehicle);
            Settle();
        }

        // The fourth reading reaches the disk, and nothing that it leads to.
        Weigh(4);
        host.Steps[0].Step();
        long before = host.Journal.DurablePosition;
        Assert.Equal(before, host.Journal.End);
        journal.Crash();
        history.Crash();
        host.Dispose();

        host = Open(ChangedCode.Make);
        Settle();
        Assert.Null(host.NotReady);
        ChangedCode.CheckJournal(host.Journal);
        foreach (int vehicle in (int[])[1, 2, 3])
        {
            Assert.NotEqual(ChangedCode.Model, Row(View.Warnings, WarningOf(vehicle)).GetProperty("model").GetString());
        }

        Assert.Equal(ChangedCode.Model, Row(View.Warnings, WarningOf(4)).GetProperty("model").GetString());
        foreach (int vehicle in (int[])[1, 2, 3, 4])
        {
            Assert.Equal(ChangedCode.Model, Row(View.Warnings, ChangedCode.SecondRow(WarningOf(vehicle))).GetProperty("model").GetString());
        }

        Assert.Equal(4, Count(View.Cases, ""));
        Assert.Equal(4, Count(View.Feed, "transport/harbour/"));
        Assert.Equal(4, Count(View.Feed, $"{ChangedCode.NewDepartment}/harbour/"));

        // The next starts, everything being replayed again, and one with all of it saved, change nothing.
        long end = host.Journal.End;
        Assert.True(end > before);
        for (int i = 0; i < 3; i++)
        {
            states.Failing = i == 0;
            Restart(ChangedCode.Make);
            Assert.Equal(end, host.Journal.End);
        }

        ChangedCode.CheckJournal(host.Journal);
    }

    [Fact]
    public void What_changed_code_no_longer_asks_for_stays_where_the_journal_has_it()
    {
        Settle();
        states.Failing = true;
        host.Dispose();
        host = Open(ChangedCode.Make);
        Settle();
        Weigh(1);
        Settle();
        long end = host.Journal.End;
        Restart(ActorFactory.Create);
        Assert.Equal(end, host.Journal.End);
        Assert.Equal(ChangedCode.Model, Row(View.Warnings, WarningOf(1)).GetProperty("model").GetString());
        Assert.Equal(1, Count(View.Feed, $"{ChangedCode.NewDepartment}/harbour/"));
        ChangedCode.CheckJournal(host.Journal);

        // From here on the older code decides.
        Weigh(2);
        Settle();
        Assert.Equal(1, Count(View.Feed, $"{ChangedCode.NewDepartment}/harbour/"));
        Assert.Equal(2, Count(View.Cases, ""));
        ChangedCode.CheckJournal(host.Journal);
    }

    private ActorHost Open(ActorMaker actors) => ActorHost.Open(
        new HostSeams(journal, history, states, views, time, NullLoggerFactory.Instance) { Actors = actors },
        new HostOptions { Workers = 2, StatesPerBatch = 8, TurnsPerSavedState = 2, IdleSaveMs = 0 },
        new JournalOptions { SegmentBytes = 256 * 1024, BufferBytes = 16 * 1024, BlockBytes = 64 * 1024, InlineContinuations = true },
        Streaming.Determinism.ShippedCity.Rules,
        parts => new WorkerTurns(parts),
        follower => new SimulationProjector(follower, views));

    private void Restart(ActorMaker actors)
    {
        host.Dispose();
        journal.Crash();
        history.Crash();
        host = Open(actors);
        Settle();
        Assert.Null(host.NotReady);
    }

    private void Settle()
    {
        for (int i = 0; i < 100; i++)
        {
            foreach (IStep step in host.Steps)
            {
                step.Step();
            }

            time.Advance(TimeSpan.FromMilliseconds(200));
        }
    }

    private void Weigh(int vehicle)
    {
        ByteWriter record = new();
        string json = $$"""{"id":"r{{++made}}","at":"{{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤H{{vehicle:D5}}","plateColor":"yellow","grossKg":60000,"vehicleClass":"combination","axles":[{"massKg":30000,"offsetM":0},{"massKg":30000,"offsetM":4}]}""";
        Assert.Equal(1, PublishEncoder.Encode(record, station, "v1/wim/S01/1"u8, Encoding.UTF8.GetBytes(json), time.GetUtcNow().ToUnixTimeMilliseconds()).Accepted);
        Task<Appended> appended = host.AppendAsync(record.Written.ToArray(), CancellationToken.None).AsTask();
        Assert.True(appended is { IsCompletedSuccessfully: true, Result.Refusal: null });
    }

    private static string WarningOf(int vehicle) => $"粤H{vehicle:D5}-yellow/over-road-limit/1";

    private JsonElement Row(View view, string key) => JsonSerializer.Deserialize<JsonElement>(views.Rows[(view, key)]);

    private int Count(View view, string prefix) => views.Rows.Keys.Count(row => row.View == view && row.Key.StartsWith(prefix, StringComparison.Ordinal));
}
