using global::Orleans;
using global::Orleans.Configuration;
using global::Orleans.Hosting;
using global::Orleans.Serialization;
using global::Orleans.Storage;
using global::Orleans.TestingHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Streaming.Silo.Orleans;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>Two Orleans silos and a client on a new database: members, states and reminders are all in PostgreSQL.</summary>
public sealed class PostgresCluster(PostgresServer server) : IAsyncLifetime
{
    /// <summary>The storage that deletes the row of a state that is cleared; the grains' own keeps it, empty.</summary>
    internal const string Deleting = "deleting";

    private const string Invariant = "Npgsql";

    private const string Database = "Database";

    private TestCluster? running;

    /// <summary>Where states, members and reminders are.</summary>
    public string ConnectionString { get; private set; } = "";

    public TestCluster Running => running ?? throw new InvalidOperationException("There is no PostgreSQL, so there is no cluster.");

    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing is not null)
        {
            return;
        }

        ConnectionString = await server.NewDatabaseAsync();
        await PostgresSchema.EnsureAsync(ConnectionString, default);
        TestClusterBuilder builder = new(2);
        builder.Options.UseTestClusterMembership = false;
        builder.Options.ConfigureFileLogging = false;
        builder.Properties[Database] = ConnectionString;
        builder.AddSiloBuilderConfigurator<Silo>();
        builder.AddClientBuilderConfigurator<Client>();
        running = builder.Build();
        await running.DeployAsync();
    }

    public async Task DisposeAsync()
    {
        if (running is not null)
        {
            await running.DisposeAsync();
        }
    }

    /// <summary>Asks again and again until it holds; a cluster tells nobody when it has settled.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> holdsAsync)
    {
        using CancellationTokenSource patience = new(PostgresServer.Patience);
        using PeriodicTimer looks = new(TimeSpan.FromMilliseconds(100));
        while (!await holdsAsync())
        {
            await looks.WaitForNextTickAsync(patience.Token);
        }
    }

    private sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            string database = siloBuilder.Configuration[Database]!;
            siloBuilder.UseAdoNetClustering(options =>
            {
                options.Invariant = Invariant;
                options.ConnectionString = database;
            });
            foreach ((string name, bool deletes) in new[] { (NotebookGrain.Storage, false), (Deleting, true) })
            {
                siloBuilder.AddAdoNetGrainStorage(name, options => options.Configure<Serializer>((storage, serializer) =>
                {
                    storage.Invariant = Invariant;
                    storage.ConnectionString = database;
                    storage.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
                    storage.DeleteStateOnClear = deletes;
                }));
            }

            siloBuilder.UseAdoNetReminderService(options =>
            {
                options.Invariant = Invariant;
                options.ConnectionString = database;
            });

            siloBuilder.Services.Configure<ReminderOptions>(options => options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(100));
        }
    }

    private sealed class Client : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) => clientBuilder.UseAdoNetClustering(options =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = configuration[Database];
        });
    }
}
