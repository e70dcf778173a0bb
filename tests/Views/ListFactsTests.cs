using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Views;
using Xunit;

namespace Streaming.Tests.Views;

/// <summary>What lists are filtered by beside their rows: made of older files, and gone with its row.</summary>
public sealed class ListFactsTests
{
    [Fact]
    public async Task A_file_from_before_is_taken_over_with_text_deadlines_and_severity()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("streaming-views-");
        string path = Path.Combine(directory.FullName, "views.db");
        using (SqliteConnection connection = new($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            List<string> before = [.. ViewSchema.Steps.TakeWhile(step => step != ViewSchema.Facts)];
            command.CommandText = string.Concat(before) + $"PRAGMA user_version = {before.Count}; UPDATE meta SET value = 9 WHERE name = 'position';"
                + "INSERT INTO cases (seq, key, json, changed) VALUES (1, 'harbour-1', $first, 0), (2, 'harbour-2', $second, 0); INSERT INTO work_orders (seq, key, json, changed) VALUES (3, 'harbour-1-w1', $order, 0);"
                + "INSERT INTO warnings (seq, key, json, changed) VALUES (4, 'w', $warning, 0); INSERT INTO warning_departments VALUES ('transport', 4, 'over-road-limit', 'harbour', 'harbour', 1);";
            command.Parameters.AddWithValue("$first", Json(Rows.Case() with { Deadline = Rows.At.AddMilliseconds(1), WorkOrders = [Rows.WorkOrder() with { Assignee = "li.na" }] }));
            command.Parameters.AddWithValue("$second", Json(Rows.Case("harbour-2", subject: "湘A99999-yellow") with { Deadline = Rows.At, Severity = 4 }));
            command.Parameters.AddWithValue("$order", Json(Rows.WorkOrder() with { Assignee = "li.na", Deadline = Rows.At }));
            command.Parameters.AddWithValue("$warning", Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(Rows.Warning(severity: 4), GrainsJson.Default.Warning)));
            command.ExecuteNonQuery();
        }

        using (SqliteViewStore store = new(path))
        {
            Assert.Equal(["harbour-1"], await IdsAsync(store, new ViewQuery(View.Cases) { Text = "LI.NA" }));
            Assert.Equal(["harbour-2"], await IdsAsync(store, new ViewQuery(View.Cases) { Text = "A9" }));
            Assert.Equal(["harbour-2"], await IdsAsync(store, new ViewQuery(View.Cases) { Overdue = true, NowMs = Rows.At.ToUnixTimeMilliseconds() }));
            Assert.Equal(["harbour-2", "harbour-1"], await IdsAsync(store, new ViewQuery(View.Cases) { ByDeadline = true }));
            Assert.Equal(["harbour-2"], await IdsAsync(store, new ViewQuery(View.Cases) { Severity = 4 }));
            Assert.Equal(["harbour-1-w1"], await IdsAsync(store, new ViewQuery(View.WorkOrders) { Text = "LI", Department = "transport", Overdue = true, NowMs = Rows.At.ToUnixTimeMilliseconds() }));
            Assert.Single(await IdsAsync(store, new ViewQuery(View.Warnings) { Severity = 4, Department = "transport" }));
        }

        directory.Delete(true);
    }

    [Fact]
    public async Task What_leaves_a_list_leaves_what_it_is_found_by()
    {
        using ViewBench bench = new();
        for (int i = 1; i <= 3; i++)
        {
            bench.Journal.Show(View.Cases, $"harbour-{i}", Rows.Case($"harbour-{i}", i == 2 ? "closed" : "open"));
            bench.Journal.Show(View.WorkOrders, $"harbour-{i}-w1", Rows.WorkOrder($"harbour-{i}", state: i == 2 ? "completed" : "issued"));
        }

        bench.Journal.Hide(View.Cases, "harbour-1");
        bench.Journal.Hide(View.WorkOrders, "harbour-1-w1");
        bench.Run();
        bench.Store.Trim(new ViewRetention { ClosedCaseDays = 1 }, bench.Journal.NowMs + (2 * 86_400_000L));
        Assert.Equal(["harbour-3"], await IdsAsync(bench.Store, new ViewQuery(View.Cases) { Text = "H1" }));
        Assert.Equal(["harbour-3-w1"], await IdsAsync(bench.Store, new ViewQuery(View.WorkOrders) { Text = "H1" }));
        foreach (string table in (string[])["case_facts", "order_facts", "case_grams", "order_grams"])
        {
            using SqliteConnection connection = new($"Data Source={bench.Path};Pooling=False");
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = $"SELECT count(*) FROM {table}{(table.EndsWith("grams", StringComparison.Ordinal) ? $" WHERE {table} MATCH 'h1'" : "")}";
            Assert.Equal((table, 1L), (table, (long)command.ExecuteScalar()!));
        }
    }

    private static async Task<string[]> IdsAsync(SqliteViewStore store, ViewQuery query) =>
        [.. (await store.Reader.ListAsync(query, default)).Items.Select(json => JsonDocument.Parse(json).RootElement.GetProperty("id").GetString()!)];

    private static string Json(CaseRow row) => Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(row, GrainsJson.Default.CaseRow));

    private static string Json(WorkOrderRow row) => Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(row, GrainsJson.Default.WorkOrderRow));
}
