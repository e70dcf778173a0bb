using System.Text.Json;
using Orleans.Runtime;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;
using Streaming.Tests.Journal;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>One silo: what grains do with the journal's inputs.</summary>
public sealed class GrainHostTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Readings_are_counted_once_and_an_overload_gives_one_warning_one_case_work_orders_and_alerts()
    {
        CityOptions options = new();
        Stations stations = new(options.Time);
        await using CityRun run = await CityRun.StartAsync(directory.Path, options);
        for (int i = 1; i <= 5; i++)
        {
            await stations.WeighAsync(run, 1);
            Assert.Equal(i, await run.WeighingsAsync(Stations.Vehicle(1)));
        }

        await stations.WeighAsync(run, 3, over: true);
        await stations.PublishAsync(run, 60);
        await Promises.CheckAsync(run, stations);
        Assert.Contains(await run.FeedAsync(), item => item.Alert.Subject == Stations.Vehicle(3) && item.Alert.Type == "work-order");
    }

    [Fact]
    public async Task Activations_that_are_let_go_take_up_again_and_what_is_stored_is_what_the_standalone_host_stores()
    {
        CityOptions options = new();
        Stations stations = new(options.Time, seed: 2);
        CityRun run = await CityRun.StartAsync(directory.Path, options);
        for (int round = 0; round < 4; round++)
        {
            await stations.PublishAsync(run, 40, async () =>
            {
                for (int vehicle = round; vehicle < 24; vehicle += 3)
                {
                    await run.Cluster.DeactivateAsync(CityRun.Grain(ActorKind.Vehicle, Stations.Vehicle(vehicle)));
                }
            });
            await stations.SendAsync(run);
            await run.Cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        }

        await Promises.CheckAsync(run, stations);
        await run.StopAsync();
        await Promises.CheckAgainstStandaloneAsync(directory.Path, options.Time);
    }

    [Fact]
    public async Task What_is_asked_of_an_actor_that_does_not_exist_leaves_no_trace_however_often()
    {
        CityOptions options = new();
        Stations stations = new(options.Time);
        await using CityRun run = await CityRun.StartAsync(directory.Path, options);
        ReadOnlyMemory<byte> body = JsonSerializer.SerializeToUtf8Bytes(new WorkOrderAction("harbour-7-w1", "accept", "clerk", "transport", null, null, null), GrainsJson.Default.WorkOrderAction);
        for (int i = 0; i < 3; i++)
        {
            CommandResult result = await run.Host.CommandAsync(ActorKind.Case, "harbour-7", MessageKind.ActOnWorkOrder, body, CancellationToken.None);
            Assert.Equal(ReplyStatus.NotFound, result.Reply?.Status);
            await stations.PublishAsync(run, 5);
            await run.RestAsync();
            await run.Cluster.DeactivateAsync(CityRun.Grain(ActorKind.Case, "harbour-7"));
            Assert.Null(await run.DescribeAsync(ActorKind.Case, "harbour-7"));
        }

        using IStateReader reader = run.Store.OpenReader();
        Assert.Null(reader.Load(ActorKind.Case, "harbour-7"));
    }

    [Fact]
    public async Task Calls_and_answers_that_are_lost_change_nothing()
    {
        CityOptions options = new() { Calls = new Calls(seed: 7) { LostPct = 20 } };
        Stations stations = new(options.Time, seed: 3);
        CityRun run = await CityRun.StartAsync(directory.Path, options);
        await stations.PublishAsync(run, 120);
        await Promises.CheckAsync(run, stations);
        Assert.True(options.Calls.LostBefore > 0 && options.Calls.LostAfter > 0);
        options.Calls.LostPct = 0;
        await run.StopAsync();
        await Promises.CheckAgainstStandaloneAsync(directory.Path, options.Time);
    }

    [Fact]
    public async Task A_command_whose_answer_was_lost_is_not_called_done()
    {
        CityOptions options = new() { Calls = new Calls { LostPct = 0 } };
        await using CityRun run = await CityRun.StartAsync(directory.Path, options);
        Stations stations = new(options.Time);
        await stations.WeighAsync(run, 3, over: true);
        await run.RestAsync();
        WorkOrderRow order = run.Rows<WorkOrderRow>(View.WorkOrders).First(row => row.Role == "lead");
        ReadOnlyMemory<byte> body = JsonSerializer.SerializeToUtf8Bytes(new WorkOrderAction(order.Id, "accept", "clerk", "nobody", null, null, null), GrainsJson.Default.WorkOrderAction);
        options.Calls.LoseAnswers(1);
        await Assert.ThrowsAsync<HostUnavailableException>(() => run.Host.CommandAsync(ActorKind.Case, order.Case, MessageKind.ActOnWorkOrder, body, CancellationToken.None).AsTask());
        CommandResult again = await run.Host.CommandAsync(ActorKind.Case, order.Case, MessageKind.ActOnWorkOrder, body, CancellationToken.None);
        Assert.NotEqual(ReplyStatus.Done, again.Reply?.Status);
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_in_the_middle_of_a_record_costs_none_of_its_readings()
    {
        CityOptions options = new();
        CityRun run = await CityRun.StartAsync(directory.Path, options);

        // The first readings of the record are applied by then. They come in the order of their times, so that none has to be looked up, which would make each an input of its own.
        (run.Store.RowReadsThatSucceed, run.Store.RowReadsThatFail) = (6, 5);
        SourceContext source = new(new SourceRegistration("E1", "ledger", ["v1/ledger/E1"], "harbour", null, "sha256:00", Enterprise: "E1"));
        int substances = GrainLimits.SubstancesInState + 12;
        string json = "[" + string.Join(',', Enumerable.Range(0, substances).Select(number =>
            $$"""{"id":"L{{number}}","at":"{{options.Time.GetUtcNow().AddSeconds(number - 100):yyyy-MM-ddTHH:mm:ss.fffZ}}","action":"produce","substance":"UN{{1000 + number}}","massKg":{{100 + number}}}""")) + "]";
        ByteWriter record = new();
        EncodeOutcome outcome = PublishEncoder.Encode(record, source, "v1/ledger/E1"u8.ToArray(), System.Text.Encoding.UTF8.GetBytes(json), options.Time.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.Equal(substances, outcome.Accepted);
        await run.Host.AppendAsync(record.Written.ToArray(), CancellationToken.None);
        await run.RestAsync();
        Assert.Equal(5, run.Store.RowReadsFailed);
        await run.StopAsync();
        await Promises.CheckAgainstStandaloneAsync(directory.Path, options.Time);
    }

    [Fact]
    public async Task A_store_that_refuses_or_stalls_loses_nothing_and_work_resumes()
    {
        CityOptions options = new();
        Stations stations = new(options.Time, seed: 4);
        await using CityRun run = await CityRun.StartAsync(directory.Path, options);
        await stations.PublishAsync(run, 20);
        run.Store.Refuses = true;
        await stations.PublishAsync(run, 30);
        run.Store.Refuses = false;
        await stations.PublishAsync(run, 10);
        run.Store.Stall();
        await stations.PublishAsync(run, 30);
        int before = run.Store.Commits;
        run.Store.Resume();
        await Promises.CheckAsync(run, stations);
        Assert.True(run.Store.Commits > before);
    }

    [Fact]
    public async Task A_turn_that_throws_stops_its_actor_alone_and_what_stood_before_it_happens()
    {
        CityOptions options = new();
        Stations stations = new(options.Time);
        CityRun run = await CityRun.StartAsync(directory.Path, options);
        string broken = Stations.Vehicle(3);
        await stations.WeighAsync(run, 3);
        await run.RestAsync();

        // An overload and, in one batch with it, a message that a vehicle does not take: whoever sends it has a bug.
        options.Calls.Hold(grain => grain == CityRun.Grain(ActorKind.Vehicle, broken));
        await stations.WeighAsync(run, 3);
        await stations.WeighAsync(run, 3, over: true);
        Task<CommandResult> poison = run.Host.CommandAsync(ActorKind.Vehicle, broken, MessageKind.CaseOpened, "{}"u8.ToArray(), CancellationToken.None).AsTask();
        await Eventually.Holds(() => run.Host.Journal.DurablePosition == run.Host.Journal.End, "the command is on disk");
        long at = run.Host.Journal.End;
        options.Calls.Release();
        await Assert.ThrowsAsync<InvalidOperationException>(() => poison.WaitAsync(Waits.Longest));
        Assert.Contains($"{broken} stopped at position {at}", run.Host.NotReady, StringComparison.Ordinal);
        await Eventually.Holds(() => run.Rows<CaseRow>(View.Cases).Any(row => row.Subject == broken), "the overload before it has its case");

        // The others go on; the broken one is not shown, and the journal keeps what it has not handled.
        await stations.WeighAsync(run, 4);
        Assert.Equal(1, await run.WeighingsAsync(Stations.Vehicle(4)));
        await Assert.ThrowsAsync<HostUnavailableException>(() => run.WeighingsAsync(broken));
        await Assert.ThrowsAsync<HostUnavailableException>(() => run.Host.CommandAsync(ActorKind.Vehicle, broken, MessageKind.CaseOpened, "{}"u8.ToArray(), CancellationToken.None).AsTask());
        for (int i = 0; i < 5; i++)
        {
            await stations.WeighAsync(run, 5);
            int commits = run.Store.Commits;
            await Eventually.Holds(() => run.Store.Commits > commits, "the others are stored");
        }

        Assert.InRange(run.Store.ReplayFrom, 1, at);
        await run.CrashAsync();

        // A version that still throws stops there again; nothing of what stood before is asked for twice.
        await using CityRun next = await CityRun.StartAsync(directory.Path, options);
        await next.ShownAsync();
        Assert.Contains($"{broken} stopped at position {at}", next.Host.NotReady, StringComparison.Ordinal);
        Assert.Equal(1, await next.WeighingsAsync(Stations.Vehicle(4)));
        Assert.Equal(5, await next.WeighingsAsync(Stations.Vehicle(5)));
        Assert.Single(next.Rows<CaseRow>(View.Cases));
        Promises.CheckJournal(next);
    }
}
