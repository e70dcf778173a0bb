using global::Orleans;
using global::Orleans.Runtime;
using global::Orleans.Storage;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>States and reminders of grains through Orleans' AdoNet providers on our schema, in a cluster of two silos.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresGrainTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>
{
    [PostgresFact]
    public async Task A_state_is_written_read_back_cleared_and_written_again()
    {
        INotebookGrain notebook = cluster.Running.Client.GetGrain<INotebookGrain>("粤H54321-yellow");
        Assert.False(await notebook.ExistsAsync());
        await notebook.WriteAsync("one");
        await notebook.WriteAsync("超限");
        await AnewAsync(notebook);
        Assert.Equal("超限", await notebook.ReadAsync());

        await notebook.ClearAsync();
        await AnewAsync(notebook);
        Assert.False(await notebook.ExistsAsync());
        Assert.Equal("", await notebook.ReadAsync());

        await notebook.WriteAsync("two");
        await AnewAsync(notebook);
        Assert.Equal("two", await notebook.ReadAsync());
    }

    [PostgresFact]
    public async Task A_writer_that_was_overtaken_is_refused()
    {
        GrainState<Page> early = await LoadAsync("overtaken");
        GrainState<Page> late = await LoadAsync("overtaken");

        // Neither has read a record, and only one of them may make it.
        await SaveAsync("overtaken", early, "first");
        await Assert.ThrowsAsync<InconsistentStateException>(() => SaveAsync("overtaken", late, "first too"));

        late = await LoadAsync("overtaken");
        await SaveAsync("overtaken", early, "second");
        await Assert.ThrowsAsync<InconsistentStateException>(() => SaveAsync("overtaken", late, "second too"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync("page", Id("overtaken"), late));
        Assert.Equal("second", (await LoadAsync("overtaken")).State!.Text);
    }

    [PostgresFact]
    public async Task An_activation_that_was_overtaken_fails_goes_and_the_next_one_carries_on()
    {
        INotebookGrain notebook = cluster.Running.Client.GetGrain<INotebookGrain>("overtaken activation");
        await notebook.WriteAsync("mine");
        Guid activation = await notebook.ActivationAsync();
        GrainId id = notebook.GetGrainId();
        GrainState<Page> other = new(new Page());
        await Storage.ReadStateAsync("page", id, other);
        Assert.Equal("mine", other.State!.Text);
        await SaveAsync(id, other, "the other's");

        await Assert.ThrowsAsync<InconsistentStateException>(() => notebook.WriteAsync("mine again"));
        await PostgresCluster.UntilAsync(async () => await notebook.ActivationAsync() != activation);
        Assert.Equal("the other's", await notebook.ReadAsync());
    }

    [PostgresFact]
    public async Task An_etag_from_before_a_clear_does_not_match_after_it()
    {
        GrainState<Page> late = await LoadAsync("cleared");
        await SaveAsync("cleared", late, "first");
        GrainState<Page> early = await LoadAsync("cleared");
        await Storage.ClearStateAsync("page", Id("cleared"), early);
        Assert.Equal(1L, await RowsAsync("cleared"));
        await SaveAsync("cleared", early, "second life");

        await Assert.ThrowsAsync<InconsistentStateException>(() => SaveAsync("cleared", late, "first life"));
    }

    [PostgresFact]
    public async Task A_row_that_is_deleted_and_made_again_does_not_match_the_etag_of_the_first()
    {
        IGrainStorage deleting = cluster.Running.GetSiloServiceProvider().GetRequiredKeyedService<IGrainStorage>(PostgresCluster.Deleting);
        GrainState<Page> late = await LoadAsync("deleted");
        await SaveAsync("deleted", late, "first");
        GrainState<Page> early = await LoadAsync("deleted");
        await deleting.ClearStateAsync("page", Id("deleted"), early);
        Assert.Equal(0L, await RowsAsync("deleted"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => deleting.ClearStateAsync("page", Id("deleted"), late));
        await Assert.ThrowsAsync<InconsistentStateException>(() => SaveAsync("deleted", late, "first life"));
        await SaveAsync("deleted", early, "second life");

        await Assert.ThrowsAsync<InconsistentStateException>(() => SaveAsync("deleted", late, "first life"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => deleting.ClearStateAsync("page", Id("deleted"), late));
        Assert.Equal("second life", (await LoadAsync("deleted")).State!.Text);
    }

    [PostgresFact]
    public async Task Keys_that_look_alike_have_states_of_their_own()
    {
        string[] keys = ["粤H12345-yellow", "粤H12345", "x:1", "x:01", "X:1", "1", "2+", "2+a", "91440000MA12345678", "d3b07384d113edec49eaa6238ad5ff00"];
        foreach (string key in keys)
        {
            await SaveAsync(key, await LoadAsync(key), key);
        }

        foreach (string key in keys)
        {
            Assert.Equal(key, (await LoadAsync(key)).State!.Text);
        }
    }

    /// <summary>What the provider does to keys, and why a grain's key must begin with something that no number begins with. If this fails, Orleans has mended it.</summary>
    [PostgresFact]
    public async Task Keys_that_are_the_same_hexadecimal_number_share_one_state()
    {
        await SaveAsync("0A7", await LoadAsync("0A7"), "the first");

        Assert.Equal("the first", (await LoadAsync("a7")).State!.Text);
    }

    /// <summary>And why the key, or the name of the state, has to say of what kind the grain is.</summary>
    [PostgresFact]
    public async Task Grains_of_two_types_with_one_key_and_one_name_of_the_state_share_it()
    {
        await cluster.Running.Client.GetGrain<INotebookGrain>("of two types").WriteAsync("the notebook's");

        Assert.Equal("the notebook's", (await LoadAsync("of two types")).State!.Text);
    }

    [PostgresFact]
    public async Task A_reminder_is_listed_fires_and_is_forgotten()
    {
        INotebookGrain notebook = cluster.Running.Client.GetGrain<INotebookGrain>("reminded");
        INotebookGrain neighbour = cluster.Running.Client.GetGrain<INotebookGrain>("neighbour");
        await neighbour.RemindAsync("yearly", TimeSpan.FromDays(365));
        await notebook.RemindAsync("often", TimeSpan.FromMinutes(10));
        await notebook.RemindAsync("often", TimeSpan.FromMilliseconds(200));
        await notebook.RemindAsync("seldom", TimeSpan.FromDays(40));
        Assert.Equal(["often", "seldom"], await notebook.RemindersAsync());
        await notebook.FiredAsync().WaitAsync(PostgresServer.Patience);
        await notebook.FiredAsync().WaitAsync(PostgresServer.Patience);

        await notebook.ForgetAsync("often");
        Assert.Equal(["seldom"], await notebook.RemindersAsync());
        Assert.Equal(["yearly"], await neighbour.RemindersAsync());
    }

    /// <summary>The table's own promises, which the running service relies on and seldom shows.</summary>
    [PostgresFact]
    public async Task The_reminder_table_answers_by_arcs_of_the_ring_and_by_etag()
    {
        IReminderTable table = cluster.Running.GetSiloServiceProvider().GetRequiredService<IReminderTable>();
        DateTime start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        ReminderEntry[] entries = [.. Enumerable.Range(0, 40).Select(i => new ReminderEntry
        {
            GrainId = Id($"ring {i}"), ReminderName = "ring", StartAt = start, Period = TimeSpan.FromDays(30),
        })];
        foreach (ReminderEntry entry in entries)
        {
            entry.ETag = (await table.UpsertRow(entry))!;
        }

        uint[] ends = [0, 1, 0x4000_0000, 0x7FFF_FFFF, 0x8000_0000, 0xC000_0000, uint.MaxValue, entries[0].GrainId.GetUniformHashCode()];
        foreach ((uint begin, uint end) in ends.SelectMany(begin => ends.Select(end => (begin, end))))
        {
            string[] due = [.. entries.Where(entry => On(entry.GrainId.GetUniformHashCode(), begin, end)).Select(entry => entry.GrainId.ToString()).Order(StringComparer.Ordinal)];
            ReminderTableData found = await table.ReadRows(begin, end);
            Assert.Equal(due, found.Reminders.Where(entry => entry.ReminderName == "ring").Select(entry => entry.GrainId.ToString()).Order(StringComparer.Ordinal));
        }

        ReminderEntry read = (await table.ReadRow(entries[3].GrainId, "ring"))!;
        Assert.Equal((start, TimeSpan.FromDays(30), entries[3].ETag), (read.StartAt, read.Period, read.ETag));
        string renewed = (await table.UpsertRow(entries[3]))!;
        Assert.False(await table.RemoveRow(entries[3].GrainId, "ring", read.ETag!));
        Assert.True(await table.RemoveRow(entries[3].GrainId, "ring", renewed));
        Assert.NotEqual(renewed, await table.UpsertRow(entries[3]));
        await table.TestOnlyClearTable();
        Assert.Empty((await table.ReadRows(0, 0)).Reminders);
    }

    private IGrainStorage Storage => cluster.Running.GetSiloServiceProvider().GetRequiredKeyedService<IGrainStorage>(NotebookGrain.Storage);

    private Task<object?> RowsAsync(string key) => PostgresServer.ExecuteAsync(cluster.ConnectionString, $"SELECT count(*) FROM orleans_states WHERE grain_key = '{key}'");

    private static GrainId Id(string key) => GrainId.Create("test", key);

    /// <summary>Whether a hash lies on the arc that leaves out its beginning and includes its end. An arc from a point to itself is the whole ring.</summary>
    private static bool On(uint hash, uint begin, uint end) => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;

    private async Task<GrainState<Page>> LoadAsync(string key)
    {
        GrainState<Page> state = new(new Page());
        await Storage.ReadStateAsync("page", Id(key), state);
        return state;
    }

    private Task SaveAsync(string key, GrainState<Page> state, string text) => SaveAsync(Id(key), state, text);

    private Task SaveAsync(GrainId id, GrainState<Page> state, string text)
    {
        state.State = new Page { Text = text };
        return Storage.WriteStateAsync("page", id, state);
    }

    /// <summary>Ends the activation, so that the next call reads the state from the database.</summary>
    private async Task AnewAsync(INotebookGrain notebook)
    {
        Guid activation = await notebook.ActivationAsync();
        await cluster.Running.DeactivateAsync(notebook);
        Assert.NotEqual(activation, await notebook.ActivationAsync());
    }
}
