using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Views;
using Xunit;

namespace Streaming.Tests.Views;

public sealed class SqliteViewStoreTests : IDisposable
{
    private readonly ViewBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task A_batch_applied_twice_changes_nothing()
    {
        ViewBatch batch = new() { Position = 3 };
        batch.Changes.Add(new ViewChange(View.Cases, "harbour-1", Json(Rows.Case()), 1));
        batch.Changes.Add(new ViewChange(View.Feed, "transport/*/1", Json(Rows.Alert(1)), 2));
        batch.Quarantine.Add(Quarantined(3, "S07", [1, 2, 3]));
        bench.Store.Apply(batch);
        bench.Store.Apply(batch);
        Assert.Equal(3, bench.Store.Position);
        Assert.Single((await List(new ViewQuery(View.Cases))).Items);
        Assert.Single((await bench.Store.Reader.FeedAsync("transport/*", 0, 10, default)));
        Assert.Single((await bench.Store.Reader.QuarantineAsync(null, null, null, 10, default)).Items);
    }

    [Fact]
    public async Task A_change_that_was_applied_is_passed_over_within_a_later_batch()
    {
        Put(5, View.Warnings, "a", Rows.Warning(count: 9));
        ViewBatch overlapping = new() { Position = 6 };
        overlapping.Changes.Add(new ViewChange(View.Warnings, "a", Json(Rows.Warning(count: 1)), 4));
        overlapping.Changes.Add(new ViewChange(View.Warnings, "b", Json(Rows.Warning(number: 2)), 6));
        bench.Store.Apply(overlapping);
        Page<byte[]> page = await List(new ViewQuery(View.Warnings));
        Assert.Equal(2, page.Items.Count);
        Assert.Equal(9, Read(page.Items[1], GrainsJson.Default.Warning).Count);
    }

    [Fact]
    public async Task A_batch_that_fails_leaves_nothing_behind()
    {
        ViewBatch batch = new() { Position = 2 };
        batch.Changes.Add(new ViewChange(View.Cases, "harbour-1", Json(Rows.Case()), 1));
        batch.Changes.Add(new ViewChange(View.Feed, "no number", Json(Rows.Alert(1)), 2));
        Assert.Throws<InvalidDataException>(() => bench.Store.Apply(batch));
        Assert.Equal(0, bench.Store.Position);
        Assert.Empty((await List(new ViewQuery(View.Cases))).Items);
        Put(2, View.Cases, "harbour-2", Rows.Case("harbour-2"));
        Assert.Single((await List(new ViewQuery(View.Cases))).Items);
    }

    [Fact]
    public async Task Documents_come_back_byte_for_byte()
    {
        byte[] json = Encoding.UTF8.GetBytes("{\"id\":\"粤H12345-yellow/x/1\",\"subject\":\"粤H12345-yellow\",\"kind\":\"x\",\"open\":true, \"deep\":{\"a\":1.0}}");
        ViewBatch batch = new() { Position = 1 };
        batch.Changes.Add(new ViewChange(View.Warnings, "k", json, 1));
        bench.Store.Apply(batch);
        Assert.Equal(json, await bench.Store.Reader.FindAsync(View.Warnings, "k", default));
        Assert.Equal(json, Assert.Single((await List(new ViewQuery(View.Warnings) { Subject = "粤H12345-yellow", Open = true })).Items));
    }

    [Fact]
    public async Task Filters_find_exactly_their_rows()
    {
        Put(1, View.Warnings, "1", Rows.Warning("A", "over-road-limit", true, "harbour"));
        Put(2, View.Warnings, "2", Rows.Warning("A", "tank-pressure", false, "harbour"));
        Put(3, View.Warnings, "3", Rows.Warning("B", "over-road-limit", true, "west"));
        Put(4, View.Cases, "west-1", Rows.Case("west-1", district: "west", lead: "police", departments: ["police", "transport"], subject: "B"));
        Put(5, View.Cases, "harbour-1", Rows.Case(state: "closed", subject: "A"));
        Put(6, View.WorkOrders, "west-1-w1", Rows.WorkOrder("west-1", 1, "police", "west", "completed", "B"));
        Put(7, View.WorkOrders, "west-1-w2", Rows.WorkOrder("west-1", 2, "transport", "west", "accepted", "B"));

        await Expect(View.Warnings, q => q with { Subject = "A" }, "A/tank-pressure/1", "A/over-road-limit/1");
        await Expect(View.Warnings, q => q with { Kind = "over-road-limit", Open = true }, "B/over-road-limit/1", "A/over-road-limit/1");
        await Expect(View.Warnings, q => q with { Open = false }, "A/tank-pressure/1");
        await Expect(View.Warnings, q => q with { State = "cleared" }, "A/tank-pressure/1");
        await Expect(View.Warnings, q => q with { State = "nonsense" });
        await Expect(View.Warnings, q => q with { District = "west" }, "B/over-road-limit/1");
        await Expect(View.Warnings, q => q with { Department = "police" }, "B/over-road-limit/1");
        await Expect(View.Warnings, q => q with { Case = "west-1" }, "B/over-road-limit/1");
        await Expect(View.Cases, q => q with { Department = "transport" }, "harbour-1", "west-1");
        await Expect(View.Cases, q => q with { Department = "transport", Open = true }, "west-1");
        await Expect(View.Cases, q => q with { State = "closed" }, "harbour-1");
        await Expect(View.Cases, q => q with { Department = "police", District = "harbour" });
        await Expect(View.WorkOrders, q => q with { Case = "west-1" }, "west-1-w2", "west-1-w1");
        await Expect(View.WorkOrders, q => q with { Department = "transport" }, "west-1-w2");
        await Expect(View.WorkOrders, q => q with { Open = true }, "west-1-w2");
        Put(8, View.WorkOrders, "west-1-w3", Rows.WorkOrder("west-1", 3, "transport", "west", "withdrawn", "B"));
        await Expect(View.WorkOrders, q => q with { Open = true }, "west-1-w2");
        await Expect(View.WorkOrders, q => q with { State = "completed", Subject = "B" }, "west-1-w1");
    }

    [Fact]
    public async Task A_department_taken_off_a_case_no_longer_finds_it()
    {
        Put(1, View.Cases, "harbour-1", Rows.Case(departments: ["transport", "police"]));
        await Expect(View.Cases, q => q with { Department = "police" }, "harbour-1");
        Put(2, View.Cases, "harbour-1", Rows.Case(departments: ["transport"]));
        await Expect(View.Cases, q => q with { Department = "police" });
        await Expect(View.Cases, q => q with { Department = "transport" }, "harbour-1");
    }

    [Fact]
    public async Task Pages_neither_skip_nor_repeat_while_rows_change_and_come()
    {
        for (int i = 1; i <= 25; i++)
        {
            Put(i, View.Warnings, $"w{i}", Rows.Warning(number: i));
        }

        List<string> seen = [];
        long? after = null;
        long position = 25;
        do
        {
            Page<byte[]> page = await List(new ViewQuery(View.Warnings) { Limit = 10, After = after });
            seen.AddRange(page.Items.Select(Id));
            after = page.Next;
            Put(++position, View.Warnings, "w3", Rows.Warning(number: 3, count: (int)position));
            Put(++position, View.Warnings, $"new{position}", Rows.Warning(number: (int)position));
        }
        while (after is not null);

        Assert.Equal(Enumerable.Range(1, 25).Reverse().Select(i => $"粤H12345-yellow/over-road-limit/{i}"), seen);
    }

    [Fact]
    public async Task A_page_that_ends_with_the_list_has_no_next()
    {
        Put(1, View.Warnings, "1", Rows.Warning(number: 1));
        Put(2, View.Warnings, "2", Rows.Warning(number: 2));
        Assert.Null((await List(new ViewQuery(View.Warnings) { Limit = 2 })).Next);
        Assert.NotNull((await List(new ViewQuery(View.Warnings) { Limit = 1 })).Next);
    }

    [Fact]
    public async Task Quarantine_keeps_its_newest_rows_by_number_and_by_bytes()
    {
        long position = 0;
        byte[] payload = new byte[ViewLimits.QuarantinePayloadBytes];
        int more = (int)(ViewLimits.QuarantineBytes / payload.Length) + 500;
        while (position < more)
        {
            ViewBatch batch = new();
            for (int i = 0; i < 250; i++)
            {
                batch.Quarantine.Add(Quarantined(++position, "S07", payload));
            }

            batch.Position = position;
            bench.Store.Apply(batch);
        }

        bench.Restart();
        long bytes = 0;
        long rows = 0;
        long? after = null;
        long newest = 0;
        do
        {
            Page<QuarantineItem> page = await bench.Store.Reader.QuarantineAsync(null, null, after, 200, default);
            newest = Math.Max(newest, page.Items[0].Seq);
            bytes += page.Items.Sum(item => (long)item.Payload.Length);
            rows += page.Items.Count;
            after = page.Next;
        }
        while (after is not null);

        Assert.InRange(bytes, ViewLimits.QuarantineBytes / 2, ViewLimits.QuarantineBytes);
        Assert.Equal(position, newest);
        Assert.True(rows < position);
    }

    [Fact]
    public void What_is_reported_as_synced_is_in_the_database_file_itself()
    {
        Put(1, View.Cases, "harbour-1", Rows.Case());
        Put(2, View.Cases, "harbour-2", Rows.Case("harbour-2"));
        Assert.Equal(2, bench.Store.SyncedPosition());
        Put(3, View.Cases, "harbour-3", Rows.Case("harbour-3"));

        // A loss of power may take away what is only in the log: look at the file without it.
        string directory = Directory.CreateTempSubdirectory("streaming-synced-").FullName;
        string copy = Path.Combine(directory, "views.db");
        File.Copy(bench.Path, copy);
        using (SqliteViewStore survivor = new(copy))
        {
            Assert.Equal(2, survivor.Position);
        }

        Directory.Delete(directory, true);
        Assert.Equal(3, bench.Store.SyncedPosition());
    }

    [Fact]
    public void A_reader_in_the_middle_does_not_make_the_synced_position_run_ahead()
    {
        Put(1, View.Cases, "harbour-1", Rows.Case());
        using Microsoft.Data.Sqlite.SqliteConnection reader = new($"Data Source={bench.Path};Pooling=False");
        reader.Open();
        using Microsoft.Data.Sqlite.SqliteTransaction snapshot = reader.BeginTransaction(deferred: true);
        using Microsoft.Data.Sqlite.SqliteCommand command = reader.CreateCommand();
        command.Transaction = snapshot;
        command.CommandText = "SELECT count(*) FROM cases";
        Assert.Equal(1L, command.ExecuteScalar());
        Put(2, View.Cases, "harbour-2", Rows.Case("harbour-2"));
        Assert.Equal(0, bench.Store.SyncedPosition());
        snapshot.Rollback();
        Assert.Equal(2, bench.Store.SyncedPosition());
    }

    [Fact]
    public void A_damaged_file_is_refused_with_what_to_do()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("streaming-damaged-").FullName, "views.db");
        File.WriteAllText(path, string.Join('\n', Enumerable.Repeat("this is no database", 500)));
        ViewStoreException error = Assert.Throws<ViewStoreException>(() => new SqliteViewStore(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("If the journal still begins at position 1", error.Message, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, true);
    }

    [Fact]
    public void A_file_of_a_newer_layout_is_refused()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("streaming-newer-").FullName, "views.db");
        using (SqliteViewStore store = new(path))
        {
            Assert.Equal(0, store.Position);
        }

        using (Microsoft.Data.Sqlite.SqliteConnection connection = new($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Assert.Contains("99", Assert.Throws<ViewStoreException>(() => new SqliteViewStore(path)).Message, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, true);
    }

    [Fact]
    public async Task Figures_count_what_is_open_per_district()
    {
        Put(1, View.Warnings, "1", Rows.Warning("A", severity: 3));
        Put(2, View.Warnings, "2", Rows.Warning("B", severity: 3));
        Put(3, View.Warnings, "3", Rows.Warning("C", severity: 4, open: false));
        Put(4, View.Cases, "west-1", Rows.Case("west-1", district: "west", overdue: true));
        Put(5, View.Cases, "west-2", Rows.Case("west-2", district: "west"));
        Put(6, View.Cases, "west-3", Rows.Case("west-3", district: "west", state: "closed", overdue: true));
        DistrictFigures[] figures = await FiguresAsync(null);
        Assert.Equal(["harbour", "west"], figures.Select(f => f.District));
        Assert.Equal([0, 0, 2, 0], figures[0].Warnings);
        Assert.Equal((2, 1), (figures[1].Cases, figures[1].Overdue));
    }

    [Fact]
    public async Task Figures_of_a_department_count_its_own_cases_and_what_they_are_about()
    {
        Put(1, View.Warnings, "1", Rows.Warning("A", severity: 3));
        Put(2, View.Warnings, "2", Rows.Warning("B", severity: 2));
        Put(3, View.Warnings, "3", Rows.Warning("C", severity: 4));
        Put(4, View.Cases, "harbour-1", Rows.Case("harbour-1", subject: "A", lead: "transport", state: "closed"));
        Put(5, View.Cases, "harbour-2", Rows.Case("harbour-2", subject: "A", lead: "transport", overdue: true));
        Put(6, View.Cases, "harbour-3", Rows.Case("harbour-3", subject: "B", lead: "ecology"));
        DistrictFigures transport = Assert.Single(await FiguresAsync("transport"));
        Assert.Equal(("harbour", 1, 1), (transport.District, transport.Cases, transport.Overdue));
        Assert.Equal([0, 0, 1, 0], transport.Warnings);
        DistrictFigures ecology = Assert.Single(await FiguresAsync("ecology"));
        Assert.Equal([0, 1, 0, 0], ecology.Warnings);
        DistrictFigures all = Assert.Single(await FiguresAsync(null));
        Assert.Equal([0, 1, 1, 1], all.Warnings);
        Assert.Empty(await FiguresAsync("police"));
    }

    [Fact]
    public async Task A_district_has_what_is_in_its_streets_and_nothing_of_a_name_that_only_begins_alike()
    {
        string[] districts = ["harbour", "harbour.pier", "harbour.old-town", "harbour-east", "harbour0", "harbou", "north"];
        for (int i = 0; i < districts.Length; i++)
        {
            Put(i + 1, View.Cases, districts[i], Rows.Case(districts[i], district: districts[i]));
        }

        await Expect(View.Cases, query => query with { District = "harbour" }, "harbour.old-town", "harbour.pier", "harbour");
        await Expect(View.Cases, query => query with { District = "harbour.pier" }, "harbour.pier");
        Assert.All(districts, one => Assert.All(districts, other =>
            Assert.Equal(Streaming.Grains.Rules.DistrictPath.Covers(one, other), List(new ViewQuery(View.Cases) { District = one }).AsTask().Result.Items.Select(Id).Contains(other))));
    }

    private async Task<DistrictFigures[]> FiguresAsync(string? department) => [.. (await bench.Store.Reader.CountAsync(default)).Where(figures => figures.Department == department)];

    private async Task Expect(View view, Func<ViewQuery, ViewQuery> filter, params string[] ids) =>
        Assert.Equal(ids, (await List(filter(new ViewQuery(view)))).Items.Select(Id));

    [Fact]
    public async Task Warnings_that_came_with_a_storm_are_found_by_its_case_and_department_and_say_what_became_of_them()
    {
        Put(2, View.Warnings, "粤H12345-yellow/over-road-limit/1", Rows.Warning());
        Put(3, View.Warnings, "B/over-road-limit/1", Rows.Warning("B"));
        Put(4, View.Warnings, "C/over-road-limit/1", Rows.Warning("C"));
        Put(5, View.Cases, "harbour-1", Rows.Case());
        Put(6, View.Handlings, "B/over-road-limit/1", new WarningHandling("harbour-1", "one-cause", null));
        Put(7, View.Handlings, "C/over-road-limit/1", new WarningHandling(null, null, new HeldBack(HeldBack.Silence, "s2", null, "wang", "test", Rows.At, Rows.At.AddHours(1))));
        foreach (ViewQuery query in (ViewQuery[])[new(View.Warnings) { Case = "harbour-1" }, new(View.Warnings) { Department = "transport" }])
        {
            Page<byte[]> page = await List(query);
            Assert.Equal(["B", "粤H12345-yellow"], page.Items.Select(item => Read(item, GrainsJson.Default.Warning).Subject));
            Assert.Equal("one-cause", JsonSerializer.Deserialize<JsonElement>(page.Items[0]).GetProperty("handling").GetProperty("group").GetString());
            Assert.False(JsonSerializer.Deserialize<JsonElement>(page.Items[1]).TryGetProperty("handling", out _));
        }

        Assert.Empty((await List(new ViewQuery(View.Warnings) { Department = "police" })).Items);
        Assert.Equal(3, (await List(new ViewQuery(View.Warnings))).Items.Count);

        // Cleared long ago, a storm's warning stays as long as its case is open.
        Put(8, View.Warnings, "B/over-road-limit/1", Rows.Warning("B", open: false));
        Put(9, View.Warnings, "C/over-road-limit/1", Rows.Warning("C", open: false));
        bench.Store.Trim(new ViewRetention(), long.MaxValue / 2);
        Assert.Equal(["B", "粤H12345-yellow"], (await List(new ViewQuery(View.Warnings))).Items.Select(item => Read(item, GrainsJson.Default.Warning).Subject));
        Assert.Null(await bench.Store.Reader.FindAsync(View.Handlings, "C/over-road-limit/1", default));
        Assert.NotNull(await bench.Store.Reader.FindAsync(View.Handlings, "B/over-road-limit/1", default));
    }

    private ValueTask<Page<byte[]>> List(ViewQuery query) => bench.Store.Reader.ListAsync(query, default);

    private void Put<T>(long position, View view, string key, T row)
    {
        ViewBatch batch = new() { Position = position };
        batch.Changes.Add(new ViewChange(view, key, Json(row), position));
        bench.Store.Apply(batch);
    }

    private static QuarantineRow Quarantined(long position, string source, byte[] payload) =>
        new(position, 0, source, "harbour", "v1/wim/S07/1", RecordSource.TimeMs, RejectReason.Malformed, "no JSON", payload);

    private static string Id(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("id").GetString()!;
    }

    private static byte[] Json<T>(T row) => JsonSerializer.SerializeToUtf8Bytes(row, (System.Text.Json.Serialization.Metadata.JsonTypeInfo<T>)GrainsJson.Default.GetTypeInfo(typeof(T))!);

    private static T Read<T>(byte[] json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => JsonSerializer.Deserialize(json, type)!;
}
