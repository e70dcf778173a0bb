using System.Net;
using System.Net.Sockets;
using Npgsql;
using Streaming.Silo.Orleans;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>Making the tables, and what is said where that cannot be done.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresSchemaTests(PostgresServer server)
{
    private const string CountTables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";

    [PostgresFact]
    public async Task Made_twice_it_is_there_once()
    {
        string database = await server.NewDatabaseAsync();
        await PostgresSchema.EnsureAsync(database, default);
        object? tables = await PostgresServer.ExecuteAsync(database, CountTables);
        await PostgresSchema.EnsureAsync(database, default);

        Assert.Equal(8L, tables);
        Assert.Equal(tables, await PostgresServer.ExecuteAsync(database, CountTables));
        Assert.Equal(PostgresSchema.Version, await PostgresServer.ExecuteAsync(database, "SELECT max(version) FROM streaming_schema"));
    }

    [PostgresFact]
    public async Task Silos_that_start_at_the_same_time_make_it_once()
    {
        string database = await server.NewDatabaseAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => PostgresSchema.EnsureAsync(database, default))));

        Assert.Equal(1L, await PostgresServer.ExecuteAsync(database, "SELECT count(*) FROM streaming_schema"));
    }

    [PostgresFact]
    public async Task What_is_kept_survives_the_next_start()
    {
        string database = await server.NewDatabaseAsync();
        await PostgresSchema.EnsureAsync(database, default);
        await PostgresServer.ExecuteAsync(database, "INSERT INTO orleans_clusters VALUES ('city', 7)");
        await PostgresSchema.EnsureAsync(database, default);

        Assert.Equal(7, await PostgresServer.ExecuteAsync(database, "SELECT version FROM orleans_clusters"));
    }

    [PostgresFact]
    public async Task Tables_of_a_newer_program_are_left_alone()
    {
        string database = await server.NewDatabaseAsync();
        await PostgresSchema.EnsureAsync(database, default);
        await PostgresServer.ExecuteAsync(database, $"INSERT INTO streaming_schema (version) VALUES ({PostgresSchema.Version + 1})");

        Assert.Contains($"version {PostgresSchema.Version + 1}", await RefusalAsync(database), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Tables_of_the_same_name_that_others_made_are_left_alone()
    {
        string database = await server.NewDatabaseAsync();
        await PostgresServer.ExecuteAsync(database, "CREATE TABLE OrleansQuery (QueryKey varchar(64), QueryText varchar(8000))");

        Assert.Contains("did not make", await RefusalAsync(database), StringComparison.Ordinal);
        Assert.Equal(1L, await PostgresServer.ExecuteAsync(database, CountTables));
    }

    [PostgresFact]
    public async Task A_user_without_the_right_to_make_tables_is_told_which_right_it_needs()
    {
        string database = await server.NewDatabaseAsync();
        string user = $"guest_of_{Name(database)}";
        await PostgresServer.ExecuteAsync(database, $"CREATE ROLE {user} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        Assert.Contains("GRANT CREATE", await RefusalAsync(server.Connection(Name(database), user)), StringComparison.Ordinal);

        // Once an administrator has made the tables, the use of them is enough.
        await PostgresSchema.EnsureAsync(database, default);
        await PostgresServer.ExecuteAsync(database, $"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}");
        await PostgresSchema.EnsureAsync(server.Connection(Name(database), user), default);
    }

    [PostgresFact]
    public async Task A_database_that_does_not_exist_is_named()
    {
        Assert.Contains("no such database", await RefusalAsync(server.Connection("nowhere")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_without_the_password()
    {
        // A port that was free a moment ago, on which nobody listens.
        using Socket taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        string refusal = await RefusalAsync($"Host=127.0.0.1;Port={port};Database=streaming;Username=streaming;Password=sesame");

        Assert.Contains($"not reachable at 127.0.0.1:{port}", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_string_that_is_none_is_answered_with_one_that_is()
    {
        Assert.Contains("Host=db.example", await RefusalAsync("Hots=here"), StringComparison.Ordinal);
    }

    private static string Name(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString).Database!;

    private static async Task<string> RefusalAsync(string connectionString) =>
        (await Assert.ThrowsAsync<PostgresSchemaException>(() => PostgresSchema.EnsureAsync(connectionString, default))).Message;
}
