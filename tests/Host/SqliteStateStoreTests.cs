using System.Globalization;
using Streaming.Grains;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;
using Streaming.Tests.Journal;
using Xunit;

namespace Streaming.Tests.Host;

/// <summary>What a start asks of <c>state.db</c>: about how many actors there are, and all of a partition.</summary>
public sealed class SqliteStateStoreTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly SqliteStateStore store;

    public SqliteStateStoreTests() => store = new SqliteStateStore(Path.Combine(directory.Path, "state.db"));

    public void Dispose()
    {
        store.Dispose();
        directory.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(500)]
    public void Few_actors_are_counted_exactly(int actors)
    {
        Fill(actors);
        Assert.Equal(actors, store.ActorsAbout());
    }

    [Fact]
    public void Of_many_actors_it_is_said_about_how_many_there_are()
    {
        Fill(40_000);
        Assert.InRange(store.ActorsAbout(), 32_000, 50_000);
    }

    [Fact]
    public void The_partitions_together_hold_every_actor_once_each_where_its_hash_says()
    {
        List<StateRow> stored = Fill(2_000);
        using IStateReader reader = store.OpenReader();
        List<WalkedRow> read = [];
        for (byte partition = 0; partition < GrainLimits.Partitions; partition++)
        {
            WalkedRow[] rows = [.. reader.LoadPartition(partition)];
            Assert.All(rows, row => Assert.Equal(partition, Partition.Of(row.Hash)));
            read.AddRange(rows);
        }

        Assert.Equal(stored.Select(row => (row.Kind, row.Key, row.Position)).Order(), read.Select(row => (row.Kind, row.Key, row.Position)).Order());
        Assert.All(read, row => Assert.Equal(Partition.HashOf(row.Kind, row.Key), row.Hash));
        Assert.All(read, row => Assert.Equal([(byte)row.Position, 7], row.Bytes));
    }

    private List<StateRow> Fill(int actors)
    {
        StateBatch batch = new() { UnsavedSince = 1, NeedsDurable = 1, Saved = static () => { } };
        for (int i = 0; i < actors; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"粤H{i:D5}-yellow");
            batch.Actors.Add(new StateRow(Partition.HashOf(ActorKind.Vehicle, key), ActorKind.Vehicle, key, i + 1, null, [(byte)(i + 1), 7]));
        }

        store.Commit([batch], 1);
        return batch.Actors;
    }
}
