using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
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

/// <summary>The standalone host step by step: what happens where something in it fails.</summary>
public sealed class StandaloneHostTests : IDisposable
{
    private readonly ManualTime time = new(new DateTimeOffset(2026, 11, 23, 1, 0, 0, TimeSpan.Zero));
    private readonly SimulatedDisk journal = new(1);
    private SimulatedDisk history = new(2);
    private MemoryStateStore states = new();
    private MemoryViewStore views = new();
    private readonly SourceContext station = new(new SourceRegistration("S01", "wim", ["v1/wim/S01/+"], "harbour", 5, "sha256:00"));
    private Rulebook files = ShippedCity.Rules;
    private ActorHost host;
    private int made;

    public StandaloneHostTests() => host = Open();

    public void Dispose() => host.Dispose();

    [Fact]
    public async Task A_turn_that_throws_stops_its_partition_and_the_rest_goes_on()
    {
        Settle();
        string broken = Vehicle(1);
        string other = Enumerable.Range(2, 100).Select(Vehicle).First(vehicle => PartitionOf(vehicle) != PartitionOf(broken));
        await WeighAsync(broken);

        // A vehicle takes no message of this kind: whoever sends it has a bug.
        Task<CommandResult> answer = host.CommandAsync(ActorKind.Vehicle, broken, MessageKind.CaseOpened, "{}"u8.ToArray(), CancellationToken.None).AsTask();
        Settle();
        await Assert.ThrowsAsync<InvalidOperationException>(() => answer);
        Assert.Contains($"Partition {PartitionOf(broken)} stopped", host.NotReady, StringComparison.Ordinal);

        await WeighAsync(other);
        Assert.Contains("\"weighings\":1", await DescribeAsync(other), StringComparison.Ordinal);
        await Assert.ThrowsAsync<HostUnavailableException>(() => DescribeAsync(broken));

        // What the partition has not handled is kept: after a restart with a version that still throws it stops again, with the same state.
        await WeighAsync(broken);
        Restart();
        Assert.Contains($"Partition {PartitionOf(broken)} stopped", host.NotReady, StringComparison.Ordinal);
        Assert.Contains("\"weighings\":1", await DescribeAsync(other), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_asked_of_an_actor_that_does_not_exist_leaves_no_trace()
    {
        Settle();
        ReadOnlyMemory<byte> body = JsonSerializer.SerializeToUtf8Bytes(new WorkOrderAction("harbour-7-w1", "accept", "clerk", "transport", null, null, null), GrainsJson.Default.WorkOrderAction);
        Task<CommandResult> answer = host.CommandAsync(ActorKind.Case, "harbour-7", MessageKind.ActOnWorkOrder, body, CancellationToken.None).AsTask();
        Settle();
        Assert.Equal(ReplyStatus.NotFound, (await answer).Reply?.Status);
        Assert.Null(host.NotReady);
        Assert.Null(states.OpenReader().Load(ActorKind.Case, "harbour-7"));
        Restart();
        Assert.Null(host.NotReady);
    }

    [Fact]
    public async Task A_store_that_fails_loses_nothing_and_is_written_again_when_it_works()
    {
        Settle();
        states.Failing = true;
        await WeighAsync(Vehicle(1));
        Settle();
        int before = states.Commits;
        Assert.Contains("\"weighings\":1", await DescribeAsync(Vehicle(1)), StringComparison.Ordinal);
        states.Failing = false;
        Settle();
        Assert.True(states.Commits > before);
        Restart();
        Assert.Contains("\"weighings\":1", await DescribeAsync(Vehicle(1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_store_down_intake_is_refused_at_the_bound_of_the_tail_and_resumes()
    {
        Settle();
        states.Failing = true;
        int taken = 0;
        while (taken < 1_000 && host.NotReady is null)
        {
            await WeighAsync(Vehicle(taken++));
            Settle(rounds: 5);
        }

        Assert.InRange(taken, Options.TailRecords / 2, Options.TailRecords + 2);

        Assert.Contains("States cannot be saved", host.NotReady, StringComparison.Ordinal);
        Appended refused = await host.AppendAsync(Record(Vehicle(1)), CancellationToken.None);
        Assert.Contains("States cannot be saved", refused.Refusal, StringComparison.Ordinal);
        states.Failing = false;
        Settle();
        Assert.Null(host.NotReady);
        await WeighAsync(Vehicle(1));
    }

    [Fact]
    public async Task A_journal_that_ends_before_what_the_states_were_built_from_stops_the_start()
    {
        Settle();
        await WeighAsync(Vehicle(1));
        Settle();
        host.Dispose();
        SimulatedDisk emptied = new(3);
        HostSeams seams = new(emptied, history, states, new MemoryViewStore(), time, NullLoggerFactory.Instance);
        JournalDamagedException damaged = Assert.Throws<JournalDamagedException>(() =>
            ActorHost.Open(seams, Options, JournalOptions, Streaming.Determinism.ShippedCity.Rules, parts => new WorkerTurns(parts), follower => new SimulationProjector(follower, views)));
        Assert.Contains("built from it", damaged.Message, StringComparison.Ordinal);
        host = Open();
    }

    [Fact]
    public async Task What_is_recorded_is_answered_when_it_is_durable_and_shown_once_though_the_process_ends_before_its_turn()
    {
        Settle();
        AuditEntry look = new("desk-1", "operator", null, "*", "look", "GET", "/api/vehicles/{id}") { Subject = Vehicle(1), Status = 200 };
        ReadOnlyMemory<byte> body = JsonSerializer.SerializeToUtf8Bytes(look, GrainsJson.Default.AuditEntry);
        Task<long> recorded = host.RecordAsync(ActorKind.Audit, "desk-1", MessageKind.RecordAudit, body).AsTask();
        Assert.False(recorded.IsCompleted);

        // Only what puts blocks on the disk runs, so the entry is durable before anybody has handled it.
        for (int i = 0; i < 10 && !recorded.IsCompleted; i++)
        {
            host.Steps.Single(step => step.Name == "flusher").Step();
        }

        long position = await recorded.WaitAsync(Waits.Longest);
        Assert.True(host.Journal.DurablePosition >= position);
        Assert.DoesNotContain(views.Rows.Keys, row => row.View == View.Audit);
        Restart();
        Restart();
        (View View, string Key) shown = Assert.Single(views.Rows.Keys, row => row.View == View.Audit);
        Assert.Equal(Grains.Access.Audit.KeyOf(position), shown.Key);
        Assert.Equal(1, JsonSerializer.Deserialize(views.Rows[shown], GrainsJson.Default.AuditEntry)!.Number);
    }

    [Fact]
    public async Task Questions_after_the_end_are_refused_instead_of_waiting_for_ever()
    {
        Settle();
        Task stop = host.StopAsync();
        Settle(rounds: 20);
        await Assert.ThrowsAsync<HostUnavailableException>(() => DescribeAsync(Vehicle(1)));
        await Assert.ThrowsAsync<HostUnavailableException>(() => host.CommandAsync(ActorKind.Source, "S02", MessageKind.RegisterSource, "{}"u8.ToArray(), CancellationToken.None).AsTask());
        await Assert.ThrowsAsync<HostUnavailableException>(() => host.RecordAsync(ActorKind.Audit, "desk-1", MessageKind.RecordAudit, "{}"u8.ToArray()).AsTask());
        _ = stop;
    }

    [Fact]
    public async Task Lists_and_states_are_made_again_from_archives_where_the_stores_were_lost()
    {
        Settle();
        for (int i = 0; i < 300; i++)
        {
            await WeighAsync(Vehicle(i % 7), grossKg: i % 5 == 0 ? 40_000 : 9_000);
        }

        Settle();
        Assert.True(host.Journal.Figures.Archives > 1, $"only {host.Journal.Figures.Archives} archives came into being.");

        Assert.DoesNotContain(JournalLayout.SegmentName(1), journal.List());
        Dictionary<string, string> before = [];
        for (int i = 0; i < 7; i++)
        {
            before[Vehicle(i)] = await DescribeAsync(Vehicle(i));
        }

        (View View, string Key, string Json)[] rows = [.. views.Rows.Select(row => (row.Key.View, row.Key.Key, Encoding.UTF8.GetString(row.Value)))];
        Assert.NotEmpty(rows);
        host.Dispose();
        states = new MemoryStateStore();
        views = new MemoryViewStore();
        history = new SimulatedDisk(4);
        host = Open();
        Settle(rounds: 400);
        Assert.Null(host.NotReady);
        Assert.Equal(rows, views.Rows.Select(row => (row.Key.View, row.Key.Key, Encoding.UTF8.GetString(row.Value))));
        foreach ((string vehicle, string state) in before)
        {
            Assert.Equal(state, await DescribeAsync(vehicle));
        }

        // Only the lists are gone.
        host.Dispose();
        views = new MemoryViewStore();
        host = Open();
        Settle(rounds: 400);
        Assert.Equal(rows, views.Rows.Select(row => (row.Key.View, row.Key.Key, Encoding.UTF8.GetString(row.Value))));
    }

    [Fact]
    public async Task A_decision_is_in_force_when_it_is_answered_and_stays_through_restarts_and_other_files()
    {
        Settle();
        Assert.Equal(1, host.Rules!.Version);
        Decided done = await DecideAsync(Add("noise", "ecology"));
        Assert.Equal(2, done.Version);
        Assert.Equal("ecology", host.Rules!.Route("noise", "harbour", 1, null, 0).Lead);
        Assert.Equal(2, (await DecideAsync(rules => rules.Decisions)).Version);

        Decided refused = await DecideAsync(Add("smell", "nobody"));
        Assert.Equal(2, refused.Version);
        Assert.Contains("nobody", Assert.Single(refused.Problems).Found, StringComparison.Ordinal);
        Decided tooLong = await DecideAsync(rules => rules.Decisions with { Routing = [.. Enumerable.Range(0, 400).Select(i => new DecidedRule(Rule($"rule-{i}", "ecology"), "chief", default, new string('x', 60)))] });
        Assert.Contains("at most", Assert.Single(tooLong.Problems).Expected, StringComparison.Ordinal);

        Restart();
        Assert.Equal((2, "ecology"), (host.Rules!.Version, host.Rules.Route("noise", "harbour", 1, null, 0).Lead));

        // Files that say something else are taken over, and what was decided with them.
        files = Rulebook.Load(Rules.CityRules.Files("routing.json", "\"minSeverity\": 3", "\"minSeverity\": 2"), out _)!;
        Restart();
        Assert.Equal((3, "ecology"), (host.Rules!.Version, host.Rules.Route("noise", "harbour", 1, null, 0).Lead));

        // Files that no longer have the department do not hold with it: the start says so, and changes nothing.
        files = Rulebook.Load(Without("ecology"), out IReadOnlyList<RulebookProblem> problems) ?? throw new InvalidOperationException(string.Join("; ", problems));
        host.Dispose();
        host = Open();
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => Settle());
        Assert.Contains("do not hold together", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("found \"ecology\"", refusal.Message, StringComparison.Ordinal);
        files = ShippedCity.Rules;
        Restart();
        Assert.Equal((4, "ecology"), (host.Rules!.Version, host.Rules.Route("noise", "harbour", 1, null, 0).Lead));
    }

    /// <summary>The shipped files with a department's name changed wherever it stands.</summary>
    private static Dictionary<string, string> Without(string department) =>
        Rules.CityRules.Files().ToDictionary(file => file.Key, file => file.Value.Replace($"\"{department}\"", $"\"{department}-bureau\"", StringComparison.Ordinal));

    private static RoutingRule Rule(string name, string lead) => new(name, ["noise"], [], 1, [], lead, [], Rulebook.SimpleWorkflow, OpensWhenLate: false);

    private static Func<Rulebook, RulebookDecisions> Add(string name, string lead) =>
        rules => rules.Decisions with { Routing = [new DecidedRule(Rule(name, lead), "chief", DateTimeOffset.UnixEpoch, "again and again"), .. rules.Decisions.Routing] };

    private async Task<Decided> DecideAsync(Func<Rulebook, RulebookDecisions> decide)
    {
        Task<Decided> decided = host.DecideAsync(decide, CancellationToken.None).AsTask();
        Settle(rounds: 5);
        return await decided.WaitAsync(Waits.Longest);
    }

    private static HostOptions Options { get; } = new() { Workers = 2, StatesPerBatch = 8, StatesAtOnce = 3, TurnsPerSavedState = 2, IdleSaveMs = 0, TailRecords = 100 };

    private static JournalOptions JournalOptions { get; } = new() { SegmentBytes = 72 * 1024, BufferBytes = 8 * 1024, BlockBytes = 32 * 1024, InlineContinuations = true };

    private static string Vehicle(int number) => $"粤T{number:D5}";

    private static byte PartitionOf(string vehicle) => Grains.Inputs.Partition.Of(ActorKind.Vehicle, vehicle);

    private ActorHost Open() => ActorHost.Open(
        new HostSeams(journal, history, states, views, time, NullLoggerFactory.Instance), Options, JournalOptions, files, parts => new WorkerTurns(parts), follower => new SimulationProjector(follower, views));

    private void Restart()
    {
        host.Dispose();
        host = Open();
        Settle();
    }

    private void Settle(int rounds = 60)
    {
        for (int i = 0; i < rounds; i++)
        {
            foreach (IStep step in host.Steps)
            {
                step.Step();
            }

            time.Advance(TimeSpan.FromMilliseconds(200));
        }
    }

    private async Task WeighAsync(string vehicle, int grossKg = 9000)
    {
        Appended appended = await host.AppendAsync(Record(vehicle, grossKg), CancellationToken.None);
        Assert.Null(appended.Refusal);
        Settle(rounds: 3);
    }

    private byte[] Record(string vehicle, int grossKg = 9000)
    {
        ByteWriter record = new();
        string json = $$"""{"id":"r{{++made}}","at":"{{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"{{vehicle}}","grossKg":{{grossKg}},"vehicleClass":"rigid","axles":[{"massKg":{{grossKg / 2}},"offsetM":0},{"massKg":{{grossKg / 2}},"offsetM":4}]}""";
        Assert.Equal(1, PublishEncoder.Encode(record, station, "v1/wim/S01/1"u8, Encoding.UTF8.GetBytes(json), time.GetUtcNow().ToUnixTimeMilliseconds()).Accepted);
        return record.Written.ToArray();
    }

    private async Task<string> DescribeAsync(string vehicle)
    {
        Task<byte[]?> answer = host.DescribeAsync(ActorKind.Vehicle, vehicle, CancellationToken.None).AsTask();
        Settle(rounds: 3);
        return Encoding.UTF8.GetString(await answer.WaitAsync(Waits.Longest) ?? []);
    }
}
