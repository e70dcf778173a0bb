using System.Security.Cryptography;
using Orleans;
using Orleans.Dashboard;
using Streaming.Silo.Api;
using Streaming.Silo.Host;
using Streaming.Silo.Hosting;
using Streaming.Silo.Views;
using HostOptions = Streaming.Silo.Host.HostOptions;

namespace Streaming.Silo.Orleans;

/// <summary>Makes the process a silo.</summary>
internal sealed class OrleansWiring(ServerOptions options, SqliteStateStore store) : IHostWiring
{
    private GrainTurns? turns;
    private WakeUps? wakeUps;
    private ClusterDatabase? cluster;
    private IAsyncDisposable? hold;

    /// <summary>PostgreSQL has the newest states alone: grain storage there is Orleans' own provider, which replaces a row as a whole.</summary>
    public Func<IPastStates>? Past { get; } = options.Cluster is null ? store.OpenPast : null;

    public async Task PrepareAsync(CancellationToken cancellation)
    {
        DataIdentity identity = DataIdentity.Open(options.DataDirectory, options.Cluster is null ? DataIdentity.Embedded : DataIdentity.PostgreSql);
        if (options.Cluster is { } database)
        {
            await PostgresSchema.EnsureAsync(database, cancellation);
            hold = await PostgresSchema.HoldAsync(database, cancellation);
            await PostgresSchema.ClaimAsync(database, identity.Journal, cancellation);
            cluster = new ClusterDatabase(database, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        }
    }

    /// <summary>One thread follows the journal for all grains; Orleans has threads of its own for the turns.</summary>
    public HostOptions Adapt(HostOptions options) => options with { Workers = 1 };

    public ITurns MakeTurns(HostParts parts) => turns = new GrainTurns(parts);

    public void AddServices(WebApplicationBuilder builder) => OrleansSilo.Add(builder, turns!, store, cluster);

    /// <summary>The dashboard of Orleans shows every grain and call, so it is for administrators.</summary>
    public void Map(WebApplication app) => ApiRoutes.MapForAdministrators(app, "/orleans", group => group.MapOrleansDashboard());

    public void Attach(IServiceProvider services, IObservable<ViewBatch> shown)
    {
        turns!.Attach(services.GetRequiredService<IGrainFactory>());
        wakeUps = new WakeUps(services.GetRequiredService<IClusterClient>(), shown, services.GetRequiredService<ILogger<WakeUps>>());
    }

    public async Task StopAsync()
    {
        if (wakeUps is not null)
        {
            await wakeUps.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (hold is not null)
        {
            await hold.DisposeAsync();
        }
    }
}
