using global::Orleans.Runtime;
using global::Orleans.TestingHost;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>The members of a cluster that comes and goes by our schema.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresMembershipTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>
{
    [PostgresFact]
    public async Task Silos_see_each_other_one_dies_and_another_joins()
    {
        await SeenAsync(2);
        INotebookGrain[] notebooks = [.. Enumerable.Range(0, 20).Select(i => cluster.Running.Client.GetGrain<INotebookGrain>($"page {i}"))];
        await Task.WhenAll(notebooks.Select((notebook, i) => notebook.WriteAsync($"{i}")));

        SiloHandle killed = cluster.Running.SecondarySilos[0];
        SiloAddress dead = killed.SiloAddress;

        // Not let finish anything; it only strikes itself off the table, as a process that gets SIGTERM and no time does.
        await cluster.Running.KillSiloAsync(killed);
        await SeenAsync(1);
        SiloHandle joined = await cluster.Running.StartAdditionalSiloAsync(startAdditionalSiloOnNewPort: true);
        await SeenAsync(2);

        Dictionary<SiloAddress, SiloStatus> members = await Management.GetHosts();
        Assert.Equal(SiloStatus.Dead, members[dead]);
        Assert.Equal(SiloStatus.Active, members[joined.SiloAddress]);

        // What the dead silo's grains had written is read by whoever carries them on.
        for (int i = 0; i < notebooks.Length; i++)
        {
            Assert.Equal($"{i}", await notebooks[i].ReadAsync());
        }
    }

    private IManagementGrain Management => cluster.Running.Client.GetGrain<IManagementGrain>(0);

    private async Task SeenAsync(int silos)
    {
        Dictionary<SiloAddress, SiloStatus> members = [];
        try
        {
            await PostgresCluster.UntilAsync(async () => (members = await Management.GetHosts()).Values.Count(status => status == SiloStatus.Active) == silos);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{silos} silos were to be active, and last seen were {string.Join(", ", members.Select(member => $"{member.Key} {member.Value}"))}.");
        }
    }
}
