using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Views;
using Xunit;

namespace Streaming.Tests.Views;

/// <summary>The catalogue's lists: who used a resource, and what is sent by nobody who is registered.</summary>
public sealed class CatalogueListTests : IDisposable
{
    private const long Day = 86_400_000;
    private readonly ViewBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task A_warning_a_case_and_each_departments_alert_count_once_for_the_source_that_they_cite()
    {
        for (int i = 0; i < 3; i++)
        {
            bench.Journal.Show(View.Warnings, "w1", Rows.Warning(count: i + 1));
            bench.Journal.Show(View.Cases, "harbour-1", Rows.Case());
            bench.Run();
        }

        bench.Journal.Show(View.Warnings, "w2", Rows.Warning(number: 2));
        bench.Journal.Show(View.Feed, "transport/harbour/1", Rows.Alert(1, feedDistrict: "harbour"));
        bench.Journal.Show(View.Feed, "transport/*/1", Rows.Alert(1));
        bench.Journal.Show(View.Feed, "police/harbour/1", Rows.Alert(1, "police", "harbour"));
        bench.Journal.Show(View.Feed, "police/harbour/2", Rows.Alert(2, "police", "harbour"));
        bench.Run();
        string[] expected = ["cases 1", "department:police 2", "department:transport 1", "warnings 2"];
        Assert.Equal(expected, await UsesAsync());

        // Made again from the journal they are the same; a month later they are gone.
        bench.Restart(readFrom: 1);
        bench.Run();
        Assert.Equal(expected, await UsesAsync());
        bench.Store.Trim(new ViewRetention(), RecordSource.TimeMs + (31 * Day));
        Assert.Equal(expected, await UsesAsync());
        bench.Store.Trim(new ViewRetention(), RecordSource.TimeMs + (33 * Day));
        Assert.Empty(await UsesAsync());
    }

    [Fact]
    public async Task What_nobody_is_registered_for_is_one_row_a_topic()
    {
        for (int i = 0; i < 5; i++)
        {
            bench.Journal.NowMs = RecordSource.TimeMs + i;
            bench.Journal.Append(writer => RecordSource.Publish(writer, "S07", "v1/wim/S08/1", "{}"u8.ToArray(), new Rejection(RejectReason.TopicNotAllowed, 0, 2, "not its own")));
        }

        bench.Journal.Append(writer => RecordSource.Publish(writer, "broker:old", "v1/wim/X/1", "{}"u8.ToArray(), new Rejection(RejectReason.UnknownSource, 0, 2, "no device")));
        bench.Journal.Append(writer => RecordSource.Publish(writer, "S07", "v1/wim/S07/1", "{}"u8.ToArray(), new Rejection(RejectReason.Malformed, 0, 2, "broken")));
        bench.Run();
        (IReadOnlyList<UnregisteredTopic> topics, long dropped) = await bench.Store.Reader.UnregisteredAsync(10, default);
        Assert.Equal(["broker:old v1/wim/X/1 1", "S07 v1/wim/S08/1 5"], topics.Select(topic => $"{topic.Source} {topic.Topic} {topic.Count}"));
        Assert.Equal((RecordSource.TimeMs, RecordSource.TimeMs + 4, 0L), (topics[1].FirstMs, topics[1].LastMs, dropped));
    }

    [Fact]
    public async Task A_flood_of_topics_leaves_the_newest_and_counts_the_others()
    {
        const int Flood = 3 * ViewLimits.UnregisteredRows;
        for (int i = 0; i < Flood; i++)
        {
            bench.Journal.NowMs = RecordSource.TimeMs + i;
            int number = i;
            bench.Journal.Append(writer => RecordSource.Publish(writer, "S07", $"v1/flood/{number}", "{}"u8.ToArray(), new Rejection(RejectReason.UnknownTopic, 0, 2, "no such topic")));
            if (i % 100 == 0)
            {
                bench.Run();
            }
        }

        bench.Run();
        (IReadOnlyList<UnregisteredTopic> topics, long dropped) = await bench.Store.Reader.UnregisteredAsync(Flood, default);
        Assert.InRange(topics.Count, ViewLimits.UnregisteredRows, ViewLimits.UnregisteredRows + ViewLimits.UnregisteredSlack);
        Assert.Equal(Flood, topics.Count + dropped);
        Assert.Equal($"v1/flood/{Flood - 1}", topics[0].Topic);
    }

    [Fact]
    public void Devices_of_an_earlier_version_are_those_without_a_row()
    {
        bench.Journal.Show(View.Devices, "S07", Rows.Device());
        bench.Journal.Show(View.Devices, "S08", Rows.Device("S08"));
        bench.Journal.Show(View.Resources, "S08", Rows.Resource("S08"));
        bench.Run();
        Assert.Equal(["S07"], bench.Store.Reader.DevicesWithoutResource());
    }

    [Fact]
    public async Task A_way_back_that_does_not_keep_its_first_items_says_so_in_its_own_form()
    {
        for (int number = 1; number <= 30; number++)
        {
            bench.Journal.Show(View.Feed, $"$resources/police/{number}", Rows.Joined(number, "police"));
        }

        bench.Run();
        bench.Store.Trim(new ViewRetention { FeedDays = 0, FeedItems = 10 }, RecordSource.TimeMs + Day);
        IReadOnlyList<Streaming.Ingest.FeedItem> items = await bench.Feeds.ReadAsync("$resources/police", 3, 100, default);
        Assert.Equal([20L, .. Enumerable.Range(21, 10).Select(number => (long)number)], items.Select(item => item.Number));
        JoinedItem gap = System.Text.Json.JsonSerializer.Deserialize(items[0].Json.Span, GrainsJson.Default.JoinedItem)!;
        Assert.Equal(("gap", "police", "harbour"), (gap.Type, gap.Resource, gap.District));
        Assert.Contains("4 to 20", gap.Text!.En, StringComparison.Ordinal);
        Assert.Equal(0, bench.Feeds.Last("resources/police"));
        Assert.DoesNotContain("$resources", Encoding.UTF8.GetString(items[1].Json.Span), StringComparison.Ordinal);
    }

    private async Task<string[]> UsesAsync() => [.. (await bench.Store.Reader.UsesAsync("S07", default)).Select(use => $"{use.Consumer} {use.Uses}")];
}
