using Orleans;
using Orleans.Runtime;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo;
using Streaming.Silo.Orleans;
using Streaming.Tests.Journal;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>Deadlines, kept by the clock grains.</summary>
public sealed class DeadlineTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly MovedTime time = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_deadline_that_passes_is_told_once_by_clocks_that_may_be_lost()
    {
        Stations stations = new(time);
        await using CityRun run = await CityRun.StartAsync(directory.Path, new CityOptions { Time = time });
        CaseRow opened = await OpenCaseAsync(run, stations);

        // The clocks' activations go; the reminder of each, which comes every minute, is what brings them back.
        for (int clock = 0; clock < SiloLimits.Clocks; clock++)
        {
            await run.Cluster.DeactivateAsync(run.Cluster.Client.GetGrain<IClockGrain>(clock));
        }

        time.Advance(opened.Deadline!.Value - time.GetUtcNow() + TimeSpan.FromMinutes(1));
        for (int clock = 0; clock < SiloLimits.Clocks; clock++)
        {
            await run.Cluster.Client.GetGrain<IClockGrain>(clock).AsReference<IRemindable>().ReceiveReminder("keep-alive", default);
        }

        await Eventually.Holds(async () => await OverdueAsync(run) > 0, "the work order is overdue");
        await Task.WhenAll(Enumerable.Range(0, SiloLimits.Clocks).Select(clock => run.Cluster.Client.GetGrain<IClockGrain>(clock).SweepAsync()));
        await Promises.CheckAsync(run, stations);
        Assert.Equal(1, await OverdueAsync(run));
    }

    [Fact]
    public async Task A_deadline_that_passed_while_nothing_ran_is_told_at_the_start()
    {
        Stations stations = new(time);
        CityRun run = await CityRun.StartAsync(directory.Path, new CityOptions { Time = time });
        CaseRow opened = await OpenCaseAsync(run, stations);
        await run.StopAsync();
        time.Advance(opened.Deadline!.Value - time.GetUtcNow() + TimeSpan.FromMinutes(1));
        await using CityRun next = await CityRun.StartAsync(directory.Path, new CityOptions { Time = time });
        await Eventually.Holds(async () => await OverdueAsync(next) > 0, "the work order is overdue");
        await Promises.CheckAsync(next, stations);
        Assert.Equal(1, await OverdueAsync(next));
    }

    [Fact]
    public async Task An_actor_that_stopped_is_not_reminded_again_and_again()
    {
        Stations stations = new(time);
        await using CityRun run = await CityRun.StartAsync(directory.Path, new CityOptions { Time = time });
        CaseRow opened = await OpenCaseAsync(run, stations);
        Task poison = run.Host.CommandAsync(ActorKind.Case, opened.Id, MessageKind.Reading, "{}"u8.ToArray(), CancellationToken.None).AsTask();
        await Assert.ThrowsAnyAsync<Exception>(() => poison.WaitAsync(Waits.Longest));
        Assert.Contains("stopped at position", run.Host.NotReady, StringComparison.Ordinal);
        time.Advance(opened.Deadline!.Value - time.GetUtcNow() + TimeSpan.FromMinutes(1));
        IClockGrain[] clocks = [.. Enumerable.Range(0, SiloLimits.Clocks).Select(clock => run.Cluster.Client.GetGrain<IClockGrain>(clock))];

        // It is reminded of each of its deadlines, once, and after that there is nothing but the readings.
        await RunAsync(2);
        long before = run.Host.Journal.End;
        await RunAsync(10);
        Assert.Equal(10, run.Host.Journal.End - before);

        async Task RunAsync(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                await Task.WhenAll(clocks.Select(clock => clock.SweepAsync()));
                await run.ShownAsync();
                await stations.WeighAsync(run, 4);
            }
        }
    }

    private static async Task<CaseRow> OpenCaseAsync(CityRun run, Stations stations)
    {
        await stations.WeighAsync(run, 3, over: true);
        await run.RestAsync();
        return Assert.Single(run.Rows<CaseRow>(View.Cases));
    }

    private static async Task<int> OverdueAsync(CityRun run) => (await run.FeedAsync()).Where(item => item.Alert.Type == "overdue").DistinctBy(item => item.Alert.WorkOrder).Count();
}
