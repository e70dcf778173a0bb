using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Host;
using Streaming.Tests.Journal;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>A silo is killed, and grains go on with code that asks for other effects (DESIGN 4.3). <c>tests/Host/ChangedCodeTests</c> has the same for the standalone host, step by step.</summary>
public sealed class ChangedCodeTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly MovedTime time = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData((short)0)]
    [InlineData((short)1)]
    public async Task Turns_that_are_run_again_add_what_the_journal_has_not_and_change_nothing_that_it_has(short silosAfter)
    {
        // No state of the first run is stored, so all of its turns are run again.
        Stations stations = new(time);
        CityRun first = await CityRun.StartAsync(directory.Path, new CityOptions { Silos = 0, Time = time });
        first.Store.Refuses = true;
        foreach (int vehicle in (int[])[3, 6, 9])
        {
            await stations.WeighAsync(first, vehicle, over: true);
        }

        await first.RestAsync();
        await first.CrashAsync();

        CityRun changed = await CityRun.StartAsync(directory.Path, new CityOptions { Silos = silosAfter, Time = time, Actors = ChangedCode.Make });
        await changed.RestAsync();
        Check(changed, vehicles: [3, 6, 9], model => model != ChangedCode.Model);
        await stations.WeighAsync(changed, 12, over: true);
        await changed.RestAsync();
        Check(changed, vehicles: [12], model => model == ChangedCode.Model);
        Assert.Equal(4, (await changed.FeedAsync()).Count(item => item.Feed.StartsWith(ChangedCode.NewDepartment, StringComparison.Ordinal)));
        long end = changed.Host.Journal.End;
        await changed.CrashAsync();

        await using CityRun again = await CityRun.StartAsync(directory.Path, new CityOptions { Silos = silosAfter, Time = time, Actors = ChangedCode.Make });
        await again.RestAsync();
        Assert.Equal(end, again.Host.Journal.End);
        ChangedCode.CheckJournal(again.Host.Journal);
    }

    [Theory]
    [InlineData((short)0)]
    [InlineData((short)1)]
    public async Task What_a_grain_had_stored_to_ask_for_is_asked_for_as_it_was(short silosAfter)
    {
        Stations stations = new(time);
        CityOptions options = new() { Time = time };
        CityRun first = await CityRun.StartAsync(directory.Path, options);
        await first.RestAsync();

        // The reading is on disk; what its turn asks for is in the stored state alone, as the first version of the code asked for it.
        options.Calls.Hold(_ => true);
        long position = await stations.WeighAsync(first, 3, over: true);
        first.JournalDisk.Hold();
        options.Calls.Release();
        await first.StoredAsync(ActorKind.Vehicle, Stations.Vehicle(3), position);
        await first.CrashAsync();

        CityRun changed = await CityRun.StartAsync(directory.Path, new CityOptions { Silos = silosAfter, Time = time, Actors = ChangedCode.Make });
        await changed.RestAsync();
        Warning warning = Assert.Single(changed.Rows<Warning>(View.Warnings));
        Assert.NotEqual(ChangedCode.Model, warning.Model);

        // The case that it opened is a turn of the new version.
        Assert.Single(changed.Rows<CaseRow>(View.Cases));
        Assert.Contains(await changed.FeedAsync(), item => item.Feed.StartsWith(ChangedCode.NewDepartment, StringComparison.Ordinal));
        ChangedCode.CheckJournal(changed.Host.Journal);
        long end = changed.Host.Journal.End;
        await changed.CrashAsync();

        await using CityRun again = await CityRun.StartAsync(directory.Path, new CityOptions { Silos = silosAfter, Time = time, Actors = ChangedCode.Make });
        await again.RestAsync();
        Assert.Equal(end, again.Host.Journal.End);
        ChangedCode.CheckJournal(again.Host.Journal);
    }

    /// <summary>Of each vehicle's warning, the first row is as it was or as the code has it now, and the second is there once.</summary>
    private static void Check(CityRun run, int[] vehicles, Func<string, bool> first)
    {
        ChangedCode.CheckJournal(run.Host.Journal);
        Dictionary<string, Warning> warnings = run.Rows<Warning>(View.Warnings).ToDictionary(warning => warning.Id);
        foreach (int vehicle in vehicles)
        {
            string id = $"{Stations.Vehicle(vehicle)}/over-road-limit/1";
            Assert.True(first(warnings[id].Model), $"{id} is by {warnings[id].Model}");
            Assert.Equal(ChangedCode.Model, warnings[ChangedCode.SecondRow(id)].Model);
        }
    }
}
