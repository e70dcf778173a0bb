using Orleans;
using Orleans.Runtime;
using Streaming.Silo.Host;
using Streaming.Tests.Journal;
using Xunit;
using HostOptions = Streaming.Silo.Host.HostOptions;

namespace Streaming.Tests.Orleans;

/// <summary>Three silos over one journal, of which two go.</summary>
public sealed class ThreeSilosTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Silos_that_stop_and_die_while_readings_flow_lose_nothing_and_double_nothing()
    {
        // Nothing is stored but what asks for something: what a silo that dies had applied has to come again.
        CityOptions options = new() { Silos = 3, Host = new HostOptions { Workers = 1, StatesPerBatch = 10_000, TurnsPerSavedState = 1_000_000, IdleSaveMs = 3_600_000 } };
        Stations stations = new(options.Time, seed: 6);
        CityRun run = await CityRun.StartAsync(directory.Path, options);
        await stations.PublishAsync(run, 60);
        foreach ((string vehicle, HashSet<string> ids) in stations.Acknowledged)
        {
            Assert.Equal(ids.Count, await run.WeighingsAsync(vehicle));
        }

        DetailedGrainStatistic[] grains = await run.Cluster.Client.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
        int silos = grains.Where(grain => grain.GrainId.Type.ToString() == "vehicle").Select(grain => grain.SiloAddress).Distinct().Count();
        Assert.Equal(3, silos);

        await stations.PublishAsync(run, 60, () => run.Cluster.KillSiloAsync(run.Cluster.Silos[2]));
        foreach ((string vehicle, HashSet<string> ids) in stations.Acknowledged)
        {
            Assert.Equal(ids.Count, await run.WeighingsAsync(vehicle));
        }

        await stations.PublishAsync(run, 60, () => run.Cluster.StopSiloAsync(run.Cluster.Silos[1]));
        await stations.SendAsync(run);
        foreach ((string vehicle, HashSet<string> ids) in stations.Acknowledged)
        {
            Assert.Equal(ids.Count, await run.WeighingsAsync(vehicle));
        }

        await run.StopAsync();
        CityRun last = await CityRun.StartAsync(directory.Path, new CityOptions { Time = options.Time });
        await Promises.CheckAsync(last, stations);
        await last.StopAsync();
        await Promises.CheckAgainstStandaloneAsync(directory.Path, options.Time);
    }
}
