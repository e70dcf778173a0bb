using System.Collections.Concurrent;
using System.Reactive.Subjects;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Runtime;
using Orleans.Streams;
using Streaming.Grains.Messages;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo.Orleans;
using Streaming.Silo.Views;
using Streaming.Tests.Journal;
using Xunit;

namespace Streaming.Tests.Orleans;

/// <summary>Orleans streams, as an Orleans client sees them.</summary>
public sealed class WakeUpTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_client_gets_the_warnings_of_a_district_and_reads_a_feed_up_to_the_number_it_is_told()
    {
        CityOptions options = new();
        Stations stations = new(options.Time);
        await using CityRun run = await CityRun.StartAsync(directory.Path, options);
        ConcurrentQueue<WarningShown> warnings = new();
        ConcurrentQueue<FeedGrown> feeds = new();
        IStreamProvider streams = run.Cluster.Client.GetStreamProvider(OrleansSilo.StreamProvider);
        foreach (string district in new[] { "harbour", "central" })
        {
            await streams.GetStream<WarningShown>(StreamId.Create("warnings", district)).SubscribeAsync((shown, _) =>
            {
                warnings.Enqueue(shown);
                return Task.CompletedTask;
            });
        }

        await streams.GetStream<FeedGrown>(StreamId.Create("departments", "transport/*")).SubscribeAsync((grown, _) =>
        {
            feeds.Enqueue(grown);
            return Task.CompletedTask;
        });
        await stations.WeighAsync(run, 3, over: true);
        await Eventually.Holds(() => !warnings.IsEmpty && !feeds.IsEmpty, "both are told");
        Assert.All(warnings, shown => Assert.Equal((Stations.Vehicle(3), "over-road-limit", true, true), (shown.Subject, shown.Kind, shown.Open, shown.Live)));
        Assert.Equal(warnings.First().Id, JsonSerializer.Deserialize(warnings.First().Json, GrainsJson.Default.Warning)!.Id);
        FeedGrown told = feeds.First();
        Assert.Equal("transport/*", told.Feed);
        IReadOnlyList<FeedItem> items = await run.Feeds.ReadAsync(told.Feed, 0, 1_000, CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, (int)told.Number).Select(number => (long)number), items.Select(item => item.Number).Where(number => number <= told.Number));
        Assert.Equal(0, run.WakeUps.Failed);
    }

    [Fact]
    public async Task Events_that_cannot_be_published_are_counted_and_neither_fail_nor_hold_up_whoever_shows_them()
    {
        CityOptions options = new();
        await using CityRun run = await CityRun.StartAsync(directory.Path, options);
        using Subject<ViewBatch> shown = new();
        WakeUps failing = new(run.Cluster.Client, shown, NullLogger<WakeUps>.Instance, capacity: 4);
        ViewBatch batch = new() { Position = 1 };
        for (int i = 1; i <= 50; i++)
        {
            // Not a warning: publishing it fails.
            batch.Changes.Add(new ViewChange(View.Warnings, $"w{i}", Encoding.UTF8.GetBytes("[]"), i));
            batch.Changes.Add(new ViewChange(View.Feed, $"transport/harbour/{i}", Encoding.UTF8.GetBytes("{}"), i));
        }

        shown.OnNext(batch);
        await failing.DisposeAsync();
        Assert.True(failing.Failed > 0);
        Assert.Equal(51, failing.Failed + failing.Dropped + failing.Published);
    }
}
