using Streaming.Silo.Host;
using Streaming.Silo.Views;
using HostOptions = Streaming.Silo.Host.HostOptions;

namespace Streaming.Silo.Hosting;

/// <summary>What one kind of host adds to the process that both have in common.</summary>
internal interface IHostWiring : IAsyncDisposable
{
    /// <summary>Makes whoever runs the turns.</summary>
    ITurns MakeTurns(HostParts parts);

    /// <summary>Before anything else: looks whether the states are where they belong, and makes what has to be there.</summary>
    /// <exception cref="InvalidDataException">They are not, or a store cannot be used; the message says what to do.</exception>
    Task PrepareAsync(CancellationToken cancellation);

    /// <summary>Opens the states as they were on earlier days; null where the store keeps none.</summary>
    Func<IPastStates>? Past { get; }

    /// <summary>The settings that fit this host.</summary>
    HostOptions Adapt(HostOptions options) => options;

    /// <summary>Adds to the web application before it is built.</summary>
    void AddServices(WebApplicationBuilder builder);

    /// <summary>Adds to it afterwards.</summary>
    void Map(WebApplication app);

    /// <summary>The web application runs; the host is about to start.</summary>
    /// <param name="services">What runs beside the web.</param>
    /// <param name="shown">Every batch once it is in the lists.</param>
    void Attach(IServiceProvider services, IObservable<ViewBatch> shown);

    /// <summary>The host has stopped, and the web application is about to: ends what <see cref="Attach"/> began.</summary>
    Task StopAsync() => Task.CompletedTask;

    /// <summary>The wiring of a process with these options.</summary>
    static IHostWiring For(ServerOptions options, SqliteStateStore store) => options.HostKind switch
    {
#if ORLEANS
        HostKind.Orleans => new Orleans.OrleansWiring(options, store),
#endif
        HostKind.Standalone => new StandaloneWiring(options, store),
        _ => throw new NotSupportedException("This build leaves Orleans out."),
    };
}

/// <summary>The workers need nothing beside themselves.</summary>
internal sealed class StandaloneWiring(ServerOptions options, SqliteStateStore store) : IHostWiring
{
    public Func<IPastStates>? Past { get; } = store.OpenPast;

    public Task PrepareAsync(CancellationToken cancellation)
    {
        DataIdentity.Open(options.DataDirectory, DataIdentity.Embedded);
        return Task.CompletedTask;
    }

    public HostOptions Adapt(HostOptions options) => options with { StatesAhead = SiloLimits.StatesAhead };

    public ITurns MakeTurns(HostParts parts) => new WorkerTurns(parts);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public void AddServices(WebApplicationBuilder builder)
    {
    }

    public void Map(WebApplication app)
    {
    }

    public void Attach(IServiceProvider services, IObservable<ViewBatch> shown)
    {
    }
}
