using Orleans;
using Orleans.Runtime;
using Streaming.Silo.Host;
using Streaming.Tests.Journal;
using Xunit;
using HostOptions = Streaming.Silo.Host.HostOptions;

namespace Streaming.Tests.Orleans;

/// <summary>Four silos over one journal, of which three go.</summary>
public sealed class ManySilosTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Silos_that_stop_and_die_while_readings_flow_lose_nothing_and_double_nothing()
    {
        // Nothing is stored but what asks for something: what a silo that dies had applied has to come again.
        CityOptions options = new() { Silos = 4, Host = new HostOptions { Workers = 1, StatesPerBatch = 10_000, TurnsPerSavedState = 1_000_000, IdleSaveMs = 3_600_000 } };
        Stations stations = new(options.Time, seed: 6);
        CityRun run = await CityRun.StartAsync(directory.Path, options);
        await stations.PublishAsync(run, 60);
        await run.RestAsync();
        await AllCountedAsync();
        DetailedGrainStatistic[] grains = await run.Cluster.Client.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
        int silos = grains.Where(grain => grain.GrainId.Type.ToString() == "vehicle").Select(grain => grain.SiloAddress).Distinct().Count();
        Assert.Equal(4, silos);

        // One dies while nobody publishes: who asks then is shown all the same what was acknowledged.
        await run.KillSiloAsync(3);
        await AllCountedAsync();

        // A reading older than the sixteen newest of its vehicle counts when it was looked up, which is after its acknowledgement: hence the rest before the counting.
        await stations.PublishAsync(run, 60, () => run.KillSiloAsync(2));
        await run.RestAsync();
        await AllCountedAsync();
        await stations.PublishAsync(run, 60, () => run.Cluster.StopSiloAsync(run.Cluster.Silos[1]));
        await run.RestAsync();
        await AllCountedAsync();
        await run.StopAsync();
        CityRun last = await CityRun.StartAsync(directory.Path, new CityOptions { Time = options.Time });
        await Promises.CheckAsync(last, stations);
        await last.StopAsync();
        await Promises.CheckAgainstStandaloneAsync(directory.Path, options.Time);

        async Task AllCountedAsync()
        {
            foreach ((string vehicle, HashSet<string> ids) in stations.Acknowledged)
            {
                Assert.Equal(ids.Count, await run.WeighingsAsync(vehicle));
            }
        }
    }
}
