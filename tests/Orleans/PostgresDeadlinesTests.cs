using System.Threading.Channels;
using Npgsql;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Silo.Orleans;
using Xunit;

namespace Streaming.Tests.Orleans;

[Collection(PostgresTests.Name)]
public sealed class PostgresDeadlinesTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly ActorId Truck = new(ActorKind.Vehicle, "粤H12345-yellow");
    private static readonly ActorId Case = new(ActorKind.Case, "harbour-17");
    private static readonly ActorId Department = new(ActorKind.Department, "transport/*");

    private string database = "";
    private NpgsqlDataSource source = null!;
    private PostgresDeadlines deadlines = null!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            database = await server.NewDatabaseAsync();
            await PostgresSchema.EnsureAsync(database, default);
            source = NpgsqlDataSource.Create(database);
            deadlines = new PostgresDeadlines(source);
        }
    }

    public async Task DisposeAsync()
    {
        if (deadlines is not null)
        {
            await deadlines.DisposeAsync();
            await source.DisposeAsync();
        }
    }

    [PostgresFact]
    public async Task Only_what_is_due_is_told_the_longest_overdue_first()
    {
        await deadlines.SetAsync(Truck, 3000, default);
        await deadlines.SetAsync(Case, 1000, default);
        await deadlines.SetAsync(Department, 2000, default);

        Assert.Empty(await deadlines.DueAsync(0, 1, 999, 10, default));
        Assert.Equal([Case], await deadlines.DueAsync(0, 1, 1000, 10, default));
        Assert.Equal([Case, Department, Truck], await deadlines.DueAsync(0, 1, 3000, 10, default));
        Assert.Equal([Case, Department], await deadlines.DueAsync(0, 1, 3000, 2, default));
    }

    [PostgresFact]
    public async Task A_deadline_set_again_replaces_and_null_removes()
    {
        await deadlines.SetAsync(Truck, 1000, default);
        await deadlines.SetAsync(Truck, 5000, default);
        Assert.Empty(await deadlines.DueAsync(0, 1, 4999, 10, default));
        Assert.Equal([Truck], await deadlines.DueAsync(0, 1, 5000, 10, default));

        await deadlines.SetAsync(Truck, null, default);
        await deadlines.SetAsync(Case, null, default);
        Assert.Empty(await deadlines.DueAsync(0, 1, long.MaxValue, 10, default));
    }

    [PostgresFact]
    public async Task Actors_of_one_key_and_different_kinds_have_deadlines_of_their_own()
    {
        await deadlines.SetAsync(new ActorId(ActorKind.Vehicle, "7"), 1000, default);
        await deadlines.SetAsync(new ActorId(ActorKind.Source, "7"), 2000, default);
        await deadlines.SetAsync(new ActorId(ActorKind.Vehicle, "7"), null, default);

        Assert.Equal([new ActorId(ActorKind.Source, "7")], await deadlines.DueAsync(0, 1, 2000, 10, default));
    }

    [PostgresFact]
    public async Task Every_actor_is_in_the_share_of_its_partition_and_in_no_other()
    {
        const int Shares = 5;
        ActorId[] actors = [.. Enumerable.Range(0, 300).Select(i => new ActorId(ActorKind.Vehicle, $"粤H{i:00000}-yellow"))];
        await Task.WhenAll(actors.Select(actor => deadlines.SetAsync(actor, 1000, default).AsTask()));

        for (int share = 0; share < Shares; share++)
        {
            IReadOnlyList<ActorId> due = await deadlines.DueAsync(share, Shares, 1000, 1000, default);
            Assert.Equal(actors.Where(actor => Partition.Of(actor.Kind, actor.Key) % Shares == share).Order(ByKey), due.Order(ByKey));
        }
    }

    [PostgresFact]
    public async Task Of_settings_that_wait_together_the_last_counts()
    {
        Task[] settings = [.. Enumerable.Range(1, 5000).Select(i => deadlines.SetAsync(i % 2 == 0 ? Truck : Case, i == 4999 ? null : i, default).AsTask())];
        await Task.WhenAll(settings);

        Assert.Empty(await deadlines.DueAsync(0, 1, 4999, 10, default));
        Assert.Equal([Truck], await deadlines.DueAsync(0, 1, 5000, 10, default));
    }

    [PostgresFact]
    public async Task A_failure_of_the_database_is_told_to_who_waits_and_passes_with_it()
    {
        await PostgresServer.ExecuteAsync(database, "ALTER TABLE streaming_deadlines RENAME TO away");
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await deadlines.SetAsync(Truck, 1000, default));
        await PostgresServer.ExecuteAsync(database, "ALTER TABLE away RENAME TO streaming_deadlines");
        await deadlines.SetAsync(Truck, 1000, default);

        Assert.Equal([Truck], await deadlines.DueAsync(0, 1, 1000, 10, default));
    }

    [PostgresFact]
    public async Task A_broken_connection_is_replaced()
    {
        await deadlines.SetAsync(Truck, 1000, default);
        await PostgresServer.ExecuteAsync(
            server.Connection("postgres"), $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{new NpgsqlConnectionStringBuilder(database).Database}'");
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await deadlines.SetAsync(Case, 1000, default));
        await deadlines.SetAsync(Case, 2000, default);

        Assert.Equal([Truck, Case], await deadlines.DueAsync(0, 1, 2000, 10, default));
    }

    [PostgresFact]
    public async Task What_waits_at_the_end_is_still_written()
    {
        Task set = deadlines.SetAsync(Truck, 1000, default).AsTask();
        await deadlines.DisposeAsync();
        await set;

        Assert.Equal([Truck], await deadlines.DueAsync(0, 1, 1000, 10, default));
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await deadlines.SetAsync(Case, 1000, default));
    }

    [PostgresFact]
    public async Task A_share_or_limit_that_cannot_be_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await deadlines.DueAsync(1, 1, 0, 10, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await deadlines.DueAsync(0, 0, 0, 10, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await deadlines.DueAsync(0, 1, 0, PostgresLimits.DuePerSweep + 1, default));
    }

    /// <summary>The database works the partition out from the hash itself.</summary>
    [PostgresFact]
    public async Task The_partition_in_the_table_is_the_partition_of_the_actor()
    {
        for (int i = 0; i < 2 * GrainLimits.Partitions; i++)
        {
            ActorId actor = new(ActorKind.Place, $"place {i}");
            await deadlines.SetAsync(actor, i, default);
            object? stored = await PostgresServer.ExecuteAsync(database, $"SELECT partition FROM streaming_deadlines WHERE key = '{actor.Key}'");
            Assert.Equal((short)Partition.Of(actor.Kind, actor.Key), stored);
        }
    }

    private static readonly Comparer<ActorId> ByKey = Comparer<ActorId>.Create((left, right) => string.CompareOrdinal(left.Key, right.Key));
}
