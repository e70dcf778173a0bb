using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Storage;
using Streaming.Grains.Orleans;
using Streaming.Grains.Rules;
using Streaming.Silo.Host;

namespace Streaming.Silo.Orleans;

/// <summary>How this process is a silo: clustering, grain storage, reminders, streams, and the settings that <c>grains/README.md</c> argues for.</summary>
internal static class OrleansSilo
{
    /// <summary>The provider of the streams that wake up readers.</summary>
    public const string StreamProvider = "wakeups";

    /// <summary>Puts the silo into the process's one web application: it starts and stops with it.</summary>
    public static void Add(WebApplicationBuilder builder, GrainTurns turns, SqliteStateStore store, string? cluster)
    {
        builder.UseOrleans(silo =>
        {
            // One silo, on this machine: nobody connects, so there is no gateway, any free port will do, and several may run side by side.
            silo.UseLocalhostClustering(siloPort: FreePort(), gatewayPort: 0, serviceId: "streaming", clusterId: "streaming");
            silo.UseInMemoryReminderService();
            Configure(silo, turns, new SqliteDeadlines(store));
            silo.AddDashboard();
        });
    }

    /// <summary>What holds for every silo, whatever it is clustered by.</summary>
    public static void Configure(ISiloBuilder silo, GrainTurns turns, IDeadlines deadlines)
    {
        silo.Services.AddKeyedSingleton<IGrainStorage>(ActorGrain.StorageName, turns.Storage);
        silo.Services.AddSingleton(deadlines);
        silo.Services.AddSingleton<IDeadlineSink>(turns);
        silo.Services.AddSingleton<IRulebooks>(turns.Rulebooks);
        silo.AddMemoryStreams(StreamProvider);
        silo.AddMemoryGrainStorage("PubSubStore");
        silo.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromMinutes(1);
            options.CollectionAge = TimeSpan.FromMinutes(30);
        });
    }

    private static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
