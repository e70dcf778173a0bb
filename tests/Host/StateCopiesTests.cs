using System.Globalization;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Host;
using Xunit;

namespace Streaming.Tests.Host;

/// <summary>Copies of earlier states in <c>state.db</c>.</summary>
public sealed class StateCopiesTests : IDisposable
{
    private const string Key = "D1";
    private const long Day = 24 * 3600 * 1000L;
    private static readonly string[] Names = ["a", "b", "c", "gone"];
    private readonly string directory = Directory.CreateTempSubdirectory("copies").FullName;
    private SqliteStateStore store;

    public StateCopiesTests() => store = new SqliteStateStore(StorePath);

    private string StorePath => Path.Combine(directory, "state.db");

    public void Dispose()
    {
        store.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void The_newest_state_at_or_before_a_time_is_found_among_copies_and_the_row()
    {
        Put(10, 1 * Day, copy: false);
        Put(20, 2 * Day, copy: true, since: 15);
        Put(30, (2 * Day) + 5, copy: false);
        Put(40, 5 * Day, copy: true, since: 38);
        Assert.Null(At((1 * Day) - 1));
        Assert.Equal((10, 15, true), At(1 * Day));
        Assert.Equal((10, 15, true), At(2 * Day));
        Assert.Equal((30, 38, true), At((2 * Day) + 5));
        Assert.Equal((30, 38, true), At((5 * Day) - 1));
        Assert.Equal((40, 41, false), At(5 * Day));
        using IPastStates past = store.OpenPast();
        Assert.Equal(10, past.Oldest(ActorKind.Dispatcher, Key, 15)!.Position);
        Assert.Equal(30, past.Oldest(ActorKind.Dispatcher, Key, 16)!.Position);
        Assert.Null(past.Oldest(ActorKind.Dispatcher, Key, 1_000));
        Assert.Null(past.At(ActorKind.Vehicle, Key, 9 * Day));
    }

    [Fact]
    public void A_keyed_row_is_told_as_it_was_with_each_state()
    {
        Put(10, 1 * Day, false, ("a", "1"), ("b", "1"), ("gone", "1"));
        Put(20, 2 * Day, true, ("a", "2"));
        Put(21, (2 * Day) + 1, false, ("b", "2"), ("a", "3"), ("gone", null));
        Put(30, 3 * Day, true, ("c", "1"), ("gone", "2"));
        Put(40, 4 * Day, true);
        Put(50, 5 * Day, true, ("a", null));
        Assert.Equal("1 1 - 1", Rows(1 * Day));
        Assert.Equal("3 2 - -", Rows((2 * Day) + 1));
        Assert.Equal("3 2 1 2", Rows(3 * Day));
        Assert.Equal("3 2 1 2", Rows(4 * Day));
        Assert.Equal("- 2 1 2", Rows(5 * Day));
    }

    [Fact]
    public void A_look_at_the_past_sees_one_moment_of_the_store()
    {
        Put(10, 1 * Day, false, ("a", "1"));
        using IPastStates past = store.OpenPast();
        PastState state = past.At(ActorKind.Dispatcher, Key, 9 * Day)!;
        Put(20, 2 * Day, true, ("a", "2"));
        Assert.Equal("1", Text(past.Row(ActorKind.Dispatcher, Key, "a", state)));
        Assert.Equal(10, past.At(ActorKind.Dispatcher, Key, 9 * Day)!.Position);
    }

    [Fact]
    public void What_history_has_no_use_for_is_removed_and_nothing_else()
    {
        for (int day = 1; day <= 5; day++)
        {
            Put(day * 10, day * Day, day > 1, ("a", day.ToString(CultureInfo.InvariantCulture)));
        }

        while (store.PruneCopies(kind => kind == ActorKind.Dispatcher ? 25 : 0, 1))
        {
        }

        Assert.Null(At(1 * Day));
        Assert.Equal((20, 21, true), At(2 * Day));
        Assert.Equal("2 - - -", Rows(2 * Day));
        Assert.Equal("4 - - -", Rows(4 * Day));
        Assert.Equal(3, Count("copies"));
        Assert.Equal(3, Count("copy_rows"));
        store.PruneCopies(_ => 50, 10);
        Assert.Equal(0, Count("copies"));
        Assert.Equal(0, Count("copy_rows"));
        Assert.Equal((50, 51, false), At(5 * Day));
    }

    [Fact]
    public void A_write_that_is_refused_leaves_no_copy()
    {
        Put(10, 1 * Day, false);
        StateBatch batch = Batch(20, 2 * Day, copy: true, since: 0, replaces: 9);
        store.Commit([batch], 1);
        Assert.Equal([0], batch.Refused);
        Assert.Equal(0, Count("copies"));
        Assert.Equal((10, 11, false), At(9 * Day));
    }

    [Fact]
    public void A_file_from_before_there_were_copies_goes_on_working()
    {
        Put(10, 1 * Day, false, ("a", "1"));
        store.Dispose();
        using (SqliteConnection file = new($"Data Source={StorePath};Pooling=False"))
        {
            file.Open();
            using SqliteCommand drop = file.CreateCommand();
            drop.CommandText = "DROP TABLE copies; DROP TABLE copy_rows";
            drop.ExecuteNonQuery();
        }

        Assert.Null(SqlitePastStates.OpenForReading(StorePath));
        store = new SqliteStateStore(StorePath);
        Put(20, 2 * Day, true, ("a", "2"));
        Assert.Equal("1 - - -", Rows(1 * Day));
        using SqlitePastStates reading = SqlitePastStates.OpenForReading(StorePath)!;
        Assert.Equal(10, reading.At(ActorKind.Dispatcher, Key, 1 * Day)!.Position);
    }

    private void Put(long position, long timeMs, bool copy, params (string Name, string? Value)[] rows) => store.Commit([Batch(position, timeMs, copy, 0, null, rows)], 1);

    private void Put(long position, long timeMs, bool copy, long since) => store.Commit([Batch(position, timeMs, copy, since, null)], 1);

    private static StateBatch Batch(long position, long timeMs, bool copy, long since, long? replaces, params (string Name, string? Value)[] rows)
    {
        HostedActor actor = new(ActorKind.Dispatcher, Key, ActorFactory.Create) { TimeMs = timeMs };
        StateBatch batch = new() { UnsavedSince = position, NeedsDurable = position, Saved = static () => { } };
        batch.Actors.Add(new StateRow(Partition.HashOf(ActorKind.Dispatcher, Key), ActorKind.Dispatcher, Key, position, null, actor.Save(new ByteWriter())) { CopyBefore = copy, FirstSince = since, Replaces = replaces });
        foreach ((string name, string? value) in rows)
        {
            batch.Rows.Add(new KeyedRow(ActorKind.Dispatcher, Key, name, value is null ? null : System.Text.Encoding.UTF8.GetBytes(value)));
        }

        return batch;
    }

    private (long Position, long Until, bool IsCopy)? At(long timeMs)
    {
        using IPastStates past = store.OpenPast();
        return past.At(ActorKind.Dispatcher, Key, timeMs) is { } state ? (state.Position, state.Until, state.IsCopy) : null;
    }

    private string Rows(long timeMs)
    {
        using IPastStates past = store.OpenPast();
        PastState state = past.At(ActorKind.Dispatcher, Key, timeMs)!;
        return string.Join(' ', Names.Select(name => Text(past.Row(ActorKind.Dispatcher, Key, name, state))));
    }

    private static string Text(byte[]? row) => row is null ? "-" : System.Text.Encoding.UTF8.GetString(row);

    private long Count(string table)
    {
        using SqliteConnection file = new($"Data Source={StorePath};Pooling=False");
        file.Open();
        using SqliteCommand count = file.CreateCommand();
#pragma warning disable CA2100 // The name of one of two tables.
        count.CommandText = $"SELECT count(*) FROM {table}";
#pragma warning restore CA2100
        return (long)count.ExecuteScalar()!;
    }
}
