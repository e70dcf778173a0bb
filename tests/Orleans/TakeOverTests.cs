using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Journal;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>One data directory under both hosts, one after the other, each ended by a loss of power.</summary>
public sealed class TakeOverTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly MovedTime time = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Crash_after_crash_either_host_takes_up_where_the_other_ended()
    {
        Stations stations = new(time, seed: 5);
        Random random = new(5);
        for (int i = 0; i < 6; i++)
        {
            CityRun run = await CityRun.StartAsync(directory.Path, new CityOptions { Silos = (short)(i % 2 == 0 ? 1 : 0), Time = time });
            int enough = random.Next(10, 30);
            long begun = run.Host.Journal.End;
            await stations.PublishAsync(run, 40, async () =>
            {
                await Eventually.Holds(() => run.Host.Journal.End > begun + enough, "readings come in");
                await run.CrashAsync();
            });
        }

        foreach (short silos in new short[] { 1, 0, 1 })
        {
            CityRun last = await CityRun.StartAsync(directory.Path, new CityOptions { Silos = silos, Time = time });
            await stations.SendAsync(last);
            await stations.PublishAsync(last, 10);
            await Promises.CheckAsync(last, stations);
            await last.StopAsync();
        }

        await Promises.CheckAgainstStandaloneAsync(directory.Path, time);
    }

    [Theory]
    [InlineData((short)0)]
    [InlineData((short)1)]
    public async Task What_grains_had_stored_to_ask_for_and_the_journal_had_not_is_asked_for_once(short silosAfter)
    {
        Stations stations = new(time);
        CityOptions options = new() { Time = time };
        CityRun run = await CityRun.StartAsync(directory.Path, options);
        await run.RestAsync();

        // The readings are on disk, and nothing after them: what their turns ask for is in the stored states alone.
        options.Calls.Hold(_ => true);
        long position = 0;
        foreach (int vehicle in new[] { 3, 6, 9 })
        {
            position = await stations.WeighAsync(run, vehicle, over: true);
        }

        run.JournalDisk.Hold();
        options.Calls.Release();
        await run.StoredAsync(ActorKind.Vehicle, Stations.Vehicle(9), position);
        await run.CrashAsync();

        await using CityRun next = await CityRun.StartAsync(directory.Path, new CityOptions { Silos = silosAfter, Time = time });
        await Promises.CheckAsync(next, stations);
        Assert.Equal(3, next.Rows<CaseRow>(View.Cases).Count());
    }

    [Theory]
    [InlineData((short)0)]
    [InlineData((short)1)]
    public async Task What_the_turn_of_a_reminder_had_asked_for_is_asked_for_once(short silosAfter)
    {
        Stations stations = new(time);
        CityOptions options = new() { Time = time };
        CityRun run = await CityRun.StartAsync(directory.Path, options);
        await stations.WeighAsync(run, 3, over: true);
        await run.RestAsync();
        CaseRow opened = Assert.Single(run.Rows<CaseRow>(View.Cases));

        // The reminder is on disk, and the turn has run: that it is overdue is in the stored state alone.
        options.Calls.Hold(grain => grain == CityRun.Grain(ActorKind.Case, opened.Id));
        long before = run.Host.Journal.End;
        time.Advance(opened.Deadline!.Value - time.GetUtcNow() + TimeSpan.FromMinutes(1));
        await Eventually.Holds(() => run.Host.Journal.DurablePosition > before, "the reminder is on disk");
        run.JournalDisk.Hold();
        options.Calls.Release();
        await run.StoredAsync(ActorKind.Case, opened.Id, before + 1);
        await run.CrashAsync();

        await using CityRun next = await CityRun.StartAsync(directory.Path, new CityOptions { Silos = silosAfter, Time = time });
        await Promises.CheckAsync(next, stations);
        Assert.Contains(next.Rows<WorkOrderRow>(View.WorkOrders), order => order.Overdue);
        Assert.Contains(await next.FeedAsync(), item => item.Alert.Type == "overdue");
    }
}
