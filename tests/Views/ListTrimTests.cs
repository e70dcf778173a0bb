using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo.Views;
using Xunit;

namespace Streaming.Tests.Views;

/// <summary>What is over leaves the lists by age, what is open never does, and a feed that lost its beginning says so.</summary>
public sealed class ListTrimTests : IDisposable
{
    private const long DayMs = 86_400_000;
    private readonly ViewBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Cleared_warnings_go_and_open_ones_stay_however_old()
    {
        Show(View.Warnings, "old/k/1", Rows.Warning("old", open: false));
        Show(View.Warnings, "open/k/1", Rows.Warning("open"));
        Show(View.Warnings, "cased/over-road-limit/1", Rows.Warning("cased", open: false));
        Show(View.Cases, "harbour-1", Rows.Case(subject: "cased"));
        Pass(days: 60);
        Show(View.Warnings, "newer/k/1", Rows.Warning("newer", open: false));
        Pass(days: 31);
        Assert.Equal(["cased", "newer", "open"], await SubjectsAsync(View.Warnings));

        // Shown again, a row counts from then.
        Show(View.Warnings, "newer/k/1", Rows.Warning("newer", open: false, count: 2));
        Pass(days: 89);
        Assert.Contains("newer", await SubjectsAsync(View.Warnings));
        Pass(days: 2);
        Assert.Equal(["cased", "open"], await SubjectsAsync(View.Warnings));
    }

    [Fact]
    public async Task Closed_cases_go_with_their_departments_and_orders_finished_for_an_open_case_stay()
    {
        Show(View.Cases, "harbour-1", Rows.Case("harbour-1", state: "closed"));
        Show(View.Cases, "harbour-2", Rows.Case("harbour-2"));
        Show(View.WorkOrders, "harbour-1-w1", Rows.WorkOrder("harbour-1", state: "completed"));
        Show(View.WorkOrders, "harbour-2-w1", Rows.WorkOrder("harbour-2", state: "completed"));
        Show(View.WorkOrders, "harbour-2-w2", Rows.WorkOrder("harbour-2", 2));
        Pass(days: 399);
        Assert.Equal(2, (await bench.Store.Reader.ListAsync(new ViewQuery(View.Cases), default)).Items.Count);
        Pass(days: 2);
        Assert.Null(await bench.Store.Reader.FindAsync(View.Cases, "harbour-1", default));
        Assert.Null(await bench.Store.Reader.FindAsync(View.WorkOrders, "harbour-1-w1", default));
        Assert.Single((await bench.Store.Reader.ListAsync(new ViewQuery(View.Cases) { Department = "transport" }, default)).Items);
        Assert.Equal(2, (await bench.Store.Reader.ListAsync(new ViewQuery(View.WorkOrders), default)).Items.Count);
        Assert.Equal(1, Assert.Single(await bench.Store.Reader.CountAsync(default), figures => figures.Department is null).Cases);
    }

    [Fact]
    public async Task A_feed_keeps_its_newest_items_and_tells_who_comes_back_too_late_what_is_missing()
    {
        int kept = new ViewRetention().FeedItems;
        for (int number = 1; number <= kept + 20; number++)
        {
            Show(View.Feed, $"transport/*/{number}", Rows.Alert(number));
        }

        Show(View.Feed, "streets/harbour/1", Rows.Alert(1, "streets", "harbour"));
        Pass(days: 91);
        Show(View.Feed, $"transport/*/{kept + 21}", Rows.Alert(kept + 21));
        Pass(days: 0);
        Assert.Equal(kept + 21, bench.Feeds.Last("transport/*"));

        IReadOnlyList<FeedItem> late = await bench.Feeds.ReadAsync("transport/*", 4, 3, default);
        Assert.Equal([21L, 22L, 23L], late.Select(item => item.Number));
        Alert gap = JsonSerializer.Deserialize(late[0].Json.Span, GrainsJson.Default.Alert)!;
        Assert.Equal(("gap", 21L, "transport", "*", false), (gap.Type, gap.Number, gap.Department, gap.District, gap.Live));
        Assert.Contains("5 to 21", gap.Explanation.En, StringComparison.Ordinal);
        Assert.Equal([21L], (await bench.Feeds.ReadAsync("transport/*", 0, 1, default)).Select(item => item.Number));

        // Who has the last one dropped misses nothing, and reading on from the gap neither.
        Assert.Equal([22L, 23L], (await bench.Feeds.ReadAsync("transport/*", 21, 2, default)).Select(item => item.Number));
        Assert.Equal(["work-order", "work-order"], (await bench.Feeds.ReadAsync("transport/*", 21, 2, default)).Select(item => JsonSerializer.Deserialize(item.Json.Span, GrainsJson.Default.Alert)!.Type));
        Assert.Single(await bench.Feeds.ReadAsync("streets/harbour", 0, 10, default));
        bench.Restart();
        Assert.Equal([21L, 22L], (await bench.Feeds.ReadAsync("transport/*", 4, 2, default)).Select(item => item.Number));
    }

    [Fact]
    public async Task Where_a_clock_ran_ahead_a_feed_still_loses_its_oldest_items_only()
    {
        for (int number = 1; number <= 1_010; number++)
        {
            // The third of them says that it is from next year.
            bench.Journal.NowMs = RecordSource.TimeMs + (number == 3 ? 365 * DayMs : 0);
            bench.Journal.Show(View.Feed, $"transport/*/{number}", Rows.Alert(number));
        }

        bench.Journal.NowMs = RecordSource.TimeMs + (100 * DayMs);
        Pass(days: 0);
        Assert.Equal([2L, 3L, 4L], (await bench.Feeds.ReadAsync("transport/*", 0, 3, default)).Select(item => item.Number));
    }

    [Fact]
    public async Task Lists_made_again_from_the_journal_are_the_same()
    {
        Random random = new(7);
        List<int> open = [];
        for (int i = 0; i < 300; i++)
        {
            // Warnings and cases open, and some time later, or never, are over.
            open.Add(i);
            Show(View.Warnings, $"v{i}/k/1", Rows.Warning($"v{i}"));
            Show(View.Cases, $"harbour-{i}", Rows.Case($"harbour-{i}", subject: $"v{i}"));
            if (random.Next(5) > 0)
            {
                int over = open[random.Next(open.Count)];
                open.Remove(over);
                Show(View.Warnings, $"v{over}/k/1", Rows.Warning($"v{over}", open: false));
                Show(View.Cases, $"harbour-{over}", Rows.Case($"harbour-{over}", state: "closed", subject: $"v{over}"));
            }

            Pass(days: random.Next(6));
        }

        Pass(days: 1);
        List<string> trimmed = await AllAsync();
        using ViewBench again = new() { Journal = bench.Journal };
        again.Restart();
        again.Run();
        for (int i = 0; i < 40; i++)
        {
            ((ManualTime)again.Time).Advance(ViewLimits.TrimEvery);
            again.Run();
        }

        Assert.Equal(trimmed, await AllAsync(again));
        Assert.InRange(trimmed.Count, 2 * open.Count, 450);
    }

    [Fact]
    public async Task Lists_of_the_first_layout_are_taken_over_with_their_ages()
    {
        string directory = Directory.CreateTempSubdirectory("streaming-views-1-").FullName;
        string path = Path.Combine(directory, "views.db");
        using (SqliteConnection connection = new($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = ViewSchema.Steps[0] + "PRAGMA user_version = 1; INSERT INTO warnings (seq, key, json) VALUES (1, 'a/k/1', $json); UPDATE meta SET value = 1;";
            command.Parameters.AddWithValue("$json", Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(Rows.Warning("a", open: false), GrainsJson.Default.Warning)));
            command.ExecuteNonQuery();
        }

        using (SqliteViewStore store = new(path))
        {
            store.Trim(new ViewRetention(), Rows.At.AddDays(89).ToUnixTimeMilliseconds());
            Assert.NotNull(await store.Reader.FindAsync(View.Warnings, "a/k/1", default));
            store.Trim(new ViewRetention(), Rows.At.AddDays(91).ToUnixTimeMilliseconds());
            Assert.Null(await store.Reader.FindAsync(View.Warnings, "a/k/1", default));
        }

        Directory.Delete(directory, true);
    }

    private void Show<T>(View view, string key, T row) => bench.Journal.Show(view, key, row);

    /// <summary>Days go by, and a record comes in that changes no list.</summary>
    private void Pass(int days)
    {
        bench.Run();
        bench.Journal.NowMs += days * DayMs;
        bench.Journal.Show(View.Devices, "S07", Rows.Device());
        bench.Run();
        for (int i = 0; i < 2; i++)
        {
            ((ManualTime)bench.Time).Advance(ViewLimits.TrimEvery);
            bench.Run();
        }
    }

    private async Task<IEnumerable<string>> SubjectsAsync(View view) =>
        (await bench.Store.Reader.ListAsync(new ViewQuery(view), default)).Items.Select(json => JsonDocument.Parse(json).RootElement.GetProperty("subject").GetString()!).Order(StringComparer.Ordinal);

    private async Task<List<string>> AllAsync(ViewBench? of = null)
    {
        List<string> rows = [];
        foreach (View view in new[] { View.Warnings, View.Cases, View.WorkOrders })
        {
            rows.AddRange((await (of ?? bench).Store.Reader.ListAsync(new ViewQuery(view) { Limit = ViewLimits.PageRows }, default)).Items.Select(Encoding.UTF8.GetString));
        }

        return rows;
    }
}
