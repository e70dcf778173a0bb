using Orleans;
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

    /// <summary>One thread follows the journal for all grains; Orleans has threads of its own for the turns.</summary>
    public HostOptions Adapt(HostOptions options) => options with { Workers = 1 };

    public ITurns MakeTurns(HostParts parts) => turns = new GrainTurns(parts);

    public void AddServices(WebApplicationBuilder builder) => OrleansSilo.Add(builder, turns!, store, options.Cluster);

    public void Map(WebApplication app)
    {
    }

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
}
