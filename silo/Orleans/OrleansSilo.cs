using System.Net;
using Npgsql;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using Streaming.Grains.Orleans;
using Streaming.Grains.Rules;
using Streaming.Silo.Host;
using Streaming.Silo.Hosting;

namespace Streaming.Silo.Orleans;

/// <summary>How this process is a silo: clustering, grain storage, reminders, streams, and the settings that <c>grains/README.md</c> argues for.</summary>
internal static class OrleansSilo
{
    /// <summary>The provider of the streams that wake up readers.</summary>
    public const string StreamProvider = "wakeups";

    private const string ServiceId = "streaming";
    private const string Invariant = "Npgsql";
    private const string DatabaseStorage = "database";

    /// <summary>Puts the silo into the process's one web application: it starts and stops with it.</summary>
    public static void Add(WebApplicationBuilder builder, GrainTurns turns, SqliteStateStore store, ClusterDatabase? cluster)
    {
        builder.UseOrleans(silo =>
        {
            silo.AddDashboard();
            if (cluster is null)
            {
                AddAlone(silo, turns, store);
            }
            else
            {
                AddCommon(silo, turns);
                AddCluster(silo, cluster);
            }
        });
    }

    /// <summary>One silo, on this machine: nobody connects, so there is no gateway, any free port will do, and several may run side by side.</summary>
    public static void AddAlone(ISiloBuilder silo, GrainTurns turns, SqliteStateStore store)
    {
        silo.UseLocalhostClustering(siloPort: FreePort.Find(), gatewayPort: 0, serviceId: ServiceId, clusterId: ServiceId);
        silo.UseInMemoryReminderService();
        Configure(silo, turns, new SqliteDeadlines(store));
    }

    private static void AddCluster(ISiloBuilder silo, ClusterDatabase cluster)
    {
        // Every run is a cluster of its own: this process alone has the journal, so whatever an earlier run left among the members is dead, and nobody has to wait until that is found out.
        string database = cluster.Connection;
        silo.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (ServiceId, cluster.Run));
        silo.ConfigureEndpoints(IPAddress.Loopback, siloPort: FreePort.Find(), gatewayPort: 0, listenOnAnyHostAddress: false);
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, database));
        silo.UseAdoNetReminderService(options => (options.Invariant, options.ConnectionString) = (Invariant, database));
        silo.AddAdoNetGrainStorage(DatabaseStorage, options => options.Configure<Serializer>((storage, serializer) =>
        {
            (storage.Invariant, storage.ConnectionString) = (Invariant, database);
            storage.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
        }));
        silo.Services.AddSingleton(_ => NpgsqlDataSource.Create(database));
        silo.Services.AddSingleton<IDeadlines, PostgresDeadlines>();
        silo.Services.AddKeyedSingleton<IGrainStorage>(ActorGrain.StorageName, (services, _) =>
            new ClusterStorage(services.GetRequiredKeyedService<IGrainStorage>(DatabaseStorage), services.GetRequiredService<IDeadlines>()));
    }

    /// <summary>A silo whose grains' states are in the embedded store.</summary>
    public static void Configure(ISiloBuilder silo, GrainTurns turns, IDeadlines deadlines)
    {
        AddCommon(silo, turns);
        silo.Services.AddKeyedSingleton<IGrainStorage>(ActorGrain.StorageName, turns.Storage);
        silo.Services.AddSingleton(deadlines);
    }

    /// <summary>What holds for every silo, whatever it is clustered by.</summary>
    private static void AddCommon(ISiloBuilder silo, GrainTurns turns)
    {
        silo.Services.AddSingleton<IDeadlineSink>(turns);
        silo.Services.AddSingleton<IRulebooks>(turns.Rulebooks);
        silo.Services.AddSingleton(turns.Actors);
        silo.AddMemoryStreams(StreamProvider);
        silo.AddMemoryGrainStorage("PubSubStore");
        silo.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromMinutes(1);
            options.CollectionAge = TimeSpan.FromMinutes(30);
        });
    }
}

/// <summary>The PostgreSQL database of a cluster.</summary>
/// <param name="Connection">Its connection string.</param>
/// <param name="Run">Names this run of the silo among all that there were.</param>
internal sealed record ClusterDatabase(string Connection, string Run);
