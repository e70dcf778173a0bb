using System.Net;
using global::Orleans;
using global::Orleans.Configuration;
using global::Orleans.Runtime;
using global::Orleans.Runtime.MembershipService;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Streaming.Silo.Orleans;
using Xunit;

// Some builds of Orleans 10.4.2 call the methods without a token obsolete, and others have no other ones.
#pragma warning disable CS0618

namespace Streaming.Tests.Orleans;

/// <summary>The promises of the member table, asked of Orleans' provider on our schema without a cluster that moves beneath.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresMemberTableTests(PostgresServer server) : IAsyncLifetime
{
    private readonly ServiceProvider services = new ServiceCollection().BuildServiceProvider();

    private string database = "";

    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            database = await server.NewDatabaseAsync();
            await PostgresSchema.EnsureAsync(database, default);
        }
    }

    public async Task DisposeAsync() => await services.DisposeAsync();

    [PostgresFact]
    public async Task One_of_many_writers_of_a_version_gets_through()
    {
        IMembershipTable table = await OpenAsync("city");
        MembershipTableData before = await table.ReadAll();
        MembershipEntry[] newcomers = [.. Enumerable.Range(1, 8).Select(i => Newcomer(i))];
        bool[] joined = await Task.WhenAll(newcomers.Select(newcomer => Task.Run(() => table.InsertRow(newcomer, before.Version.Next()))));
        MembershipTableData after = await table.ReadAll();
        Assert.Single(joined, each => each);
        Assert.Equal(before.Members.Count + 1, after.Members.Count);
        Assert.Equal(before.Version.Version + 1, after.Version.Version);
    }

    [PostgresFact]
    public async Task A_member_is_changed_by_who_has_read_the_newest_version()
    {
        IMembershipTable table = await OpenAsync("city");
        MembershipTableData empty = await table.ReadAll();
        MembershipEntry member = Newcomer(1);
        Assert.True(await table.InsertRow(member, empty.Version.Next()));
        MembershipTableData joined = await table.ReadRow(member.SiloAddress);
        Assert.False(await table.InsertRow(member, joined.Version.Next()));

        member.Status = SiloStatus.Dead;
        member.SuspectTimes = [Tuple.Create(member.SiloAddress, member.StartTime)];

        // What stands for a row differs between builds of Orleans, so it is given back as it was read.
        string etag = joined.TryGet(member.SiloAddress)!.Item2;
        Assert.False(await table.UpdateRow(member, etag, empty.Version.Next()));
        Assert.False(await table.UpdateRow(Newcomer(2), etag, joined.Version.Next()));
        Assert.True(await table.UpdateRow(member, etag, joined.Version.Next()));

        MembershipTableData changed = await table.ReadRow(member.SiloAddress);
        MembershipEntry read = changed.TryGet(member.SiloAddress)!.Item1;
        Assert.Equal(joined.Version.Version + 1, changed.Version.Version);
        Assert.Equal((SiloStatus.Dead, member.StartTime, "newcomer", "here", 30_001), (read.Status, read.StartTime, read.SiloName, read.HostName, read.ProxyPort));
        Assert.Equal(member.SuspectTimes, read.SuspectTimes);
        Assert.Empty((await table.ReadRow(Newcomer(2).SiloAddress)).Members);
    }

    [PostgresFact]
    public async Task What_is_dead_and_long_silent_is_cleaned_away()
    {
        IMembershipTable table = await OpenAsync("city");
        MembershipEntry member = Newcomer(1);
        member.Status = SiloStatus.Dead;
        await table.InsertRow(member, (await table.ReadAll()).Version.Next());
        MembershipEntry active = Newcomer(2);
        active.Status = SiloStatus.Active;
        await table.InsertRow(active, (await table.ReadAll()).Version.Next());

        member.IAmAliveTime = member.StartTime.AddMinutes(1);
        await table.UpdateIAmAlive(member);
        await table.CleanupDefunctSiloEntries(member.IAmAliveTime);
        Assert.Equal(2, (await table.ReadAll()).Members.Count);
        await table.CleanupDefunctSiloEntries(member.IAmAliveTime.AddMilliseconds(1));
        Assert.Equal(active.SiloAddress, Assert.Single((await table.ReadAll()).Members).Item1.SiloAddress);
    }

    [PostgresFact]
    public async Task Clusters_of_one_database_do_not_see_each_other()
    {
        IMembershipTable city = await OpenAsync("city");
        IMembershipTable county = await OpenAsync("county");
        await city.InsertRow(Newcomer(1), (await city.ReadAll()).Version.Next());
        Assert.Empty((await county.ReadAll()).Members);

        await county.DeleteMembershipTableEntries("county");
        Assert.Single((await city.ReadAll()).Members);
        await city.DeleteMembershipTableEntries("city");
        await city.InitializeMembershipTable(tryInitTableVersion: true);
        Assert.Empty((await city.ReadAll()).Members);
    }

    private async Task<IMembershipTable> OpenAsync(string clusterId)
    {
        AdoNetClusteringTable table = new(
            services,
            Options.Create(new ClusterOptions { ClusterId = clusterId }),
            Options.Create(new AdoNetClusteringSiloOptions { Invariant = "Npgsql", ConnectionString = database }),
            NullLogger<AdoNetClusteringTable>.Instance);
        await table.InitializeMembershipTable(tryInitTableVersion: true);
        return table;
    }

    private static MembershipEntry Newcomer(int number) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, 20_000 + number, 1),
        SiloName = "newcomer",
        HostName = "here",
        ProxyPort = 30_000 + number,
        Status = SiloStatus.Created,
        StartTime = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        IAmAliveTime = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc),
    };
}
