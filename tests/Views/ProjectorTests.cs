using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo.Views;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Views;

public sealed class ProjectorTests : IDisposable
{
    private readonly ViewBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Rows_that_turns_showed_are_listed_and_removed()
    {
        bench.Journal.Show(View.Cases, "harbour-1", Rows.Case());
        bench.Run();
        Assert.NotNull(await bench.Store.Reader.FindAsync(View.Cases, "harbour-1", default));
        bench.Journal.Hide(View.Cases, "harbour-1");
        bench.Run();
        Assert.Null(await bench.Store.Reader.FindAsync(View.Cases, "harbour-1", default));
        Assert.Empty((await bench.Store.Reader.ListAsync(new ViewQuery(View.Cases) { Department = "transport" }, default)).Items);
    }

    [Fact]
    public async Task A_restart_goes_on_behind_the_position_and_reading_again_changes_nothing()
    {
        bench.Journal.Append(
            writer => RecordSource.Shown(writer, View.Feed, "transport/*/1", Bytes(Rows.Alert(1))),
            writer => RecordSource.Shown(writer, View.Devices, "S07", Bytes(Rows.Device())));
        bench.Run();
        long before = bench.Store.Position;
        bench.Journal.Show(View.Feed, "transport/*/2", Rows.Alert(2));
        bench.Restart(readFrom: 1);
        Assert.Equal(before, bench.Position.Current);
        Assert.Equal(1, bench.Feeds.Last("transport/*"));
        Assert.NotNull(bench.Access.FindDevice("S07"));
        bench.Run();
        Assert.Equal(3, bench.Position.Current);
        Assert.Equal([1L, 2L], (await bench.Feeds.ReadAsync("transport/*", 0, 10, default)).Select(item => item.Number));
    }

    [Fact]
    public void A_journal_that_begins_behind_the_lists_stops_the_projector()
    {
        bench.Journal = new RecordSource();
        bench.Journal.BeginAt(100);
        bench.Journal.Show(View.Cases, "harbour-1", Rows.Case());
        bench.Restart();
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => bench.Projector.Step());
        Assert.Contains("position 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("100", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejections_are_quarantined_with_their_range_of_the_payload()
    {
        byte[] raw = Encoding.UTF8.GetBytes("[{\"good\":1},{\"bad\":2}]");
        bench.Journal.Append(writer => RecordSource.Publish(writer, "S07", "v1/wim/S07/2", raw, new Rejection(RejectReason.MissingField, 12, 9, "grossKg is missing")));
        bench.Run();
        QuarantineItem item = Assert.Single((await bench.Store.Reader.QuarantineAsync("S07", null, null, 10, default)).Items);
        Assert.Equal("{\"bad\":2}", Encoding.UTF8.GetString(item.Payload));
        Assert.Equal(RejectReason.MissingField, item.Reason);
        Assert.Equal("v1/wim/S07/2", item.Topic);
        Assert.Equal(RecordSource.TimeMs, item.TimeMs);
        Assert.Empty((await bench.Store.Reader.QuarantineAsync("S08", null, null, 10, default)).Items);
    }

    [Fact]
    public async Task A_payload_with_very_many_bad_elements_is_listed_in_part_and_says_so()
    {
        Rejection[] rejections = [.. Enumerable.Range(0, 5000).Select(i => new Rejection(RejectReason.NotAReading, i, 1, "a number"))];
        bench.Journal.Append(writer => RecordSource.Publish(writer, "S07", "v1/wim/S07/2", new byte[5000], rejections));
        bench.Run();
        Page<QuarantineItem> page = await bench.Store.Reader.QuarantineAsync(null, null, null, 200, default);
        Assert.Equal(ViewLimits.QuarantineRowsPerRecord, page.Items.Count);
        Assert.Contains("4900 more", page.Items[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_payload_larger_than_what_is_kept_is_cut()
    {
        byte[] raw = new byte[ViewLimits.QuarantinePayloadBytes + 1000];
        bench.Journal.Append(writer => RecordSource.Publish(writer, "S07", "t", raw, new Rejection(RejectReason.TooLarge, 0, raw.Length, "too large")));
        bench.Run();
        Assert.Equal(ViewLimits.QuarantinePayloadBytes, Assert.Single((await bench.Store.Reader.QuarantineAsync(null, null, null, 10, default)).Items).Payload.Length);
    }

    [Fact]
    public async Task A_row_shown_many_times_within_a_batch_is_as_it_was_last_and_stands_where_it_was_first()
    {
        bench.Journal.Append(
            writer => RecordSource.Shown(writer, View.Warnings, "a", Bytes(Rows.Warning(number: 1, count: 1))),
            writer => RecordSource.Shown(writer, View.Warnings, "b", Bytes(Rows.Warning(number: 2))),
            writer => RecordSource.Shown(writer, View.Warnings, "a", Bytes(Rows.Warning(number: 1, count: 7))),
            writer => RecordSource.Shown(writer, View.Warnings, "b", []),
            writer => RecordSource.Shown(writer, View.Warnings, "b", Bytes(Rows.Warning(number: 2, count: 5))));
        List<int> changes = [];
        using IDisposable subscription = bench.Projector.Applied.Subscribe(batch => changes.Add(batch.Changes.Count));
        bench.Run();
        Page<byte[]> page = await bench.Store.Reader.ListAsync(new ViewQuery(View.Warnings), default);
        Assert.Equal([5, 7], page.Items.Select(json => JsonSerializer.Deserialize(json, GrainsJson.Default.Warning)!.Count));
        Assert.Equal([4], changes);
    }

    [Fact]
    public void Records_that_show_nothing_move_the_position_at_once_and_the_stored_one_in_time()
    {
        bench.Journal.Append(writer => RecordSource.Publish(writer, "S07", "t", [1]));
        bench.Run();
        Assert.Equal(1, bench.Position.Current);
        Assert.Equal(0, bench.Store.Position);
        ((ManualTime)bench.Time).Advance(ViewLimits.PositionEvery);
        bench.Run();
        Assert.Equal(1, bench.Store.Position);
    }

    [Fact]
    public void Whoever_waits_for_a_position_is_woken_when_it_is_shown_and_not_before()
    {
        Task second = bench.Position.WaitAsync(2);
        Task third = bench.Position.WaitAsync(3);
        bench.Journal.Append(writer => RecordSource.Publish(writer, "S07", "t", [1]), writer => RecordSource.Publish(writer, "S07", "t", [1]));
        Assert.False(second.IsCompleted);
        bench.Run();
        Assert.True(second.IsCompletedSuccessfully);
        Assert.False(third.IsCompleted);
        Assert.True(bench.Position.WaitAsync(1).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_waiter_of_a_feed_is_woken_by_its_next_item_only()
    {
        bench.Journal.Show(View.Feed, "transport/*/1", Rows.Alert(1));
        bench.Run();
        Task next = bench.Feeds.WaitAsync("transport/*", 1, default);
        Task newFeed = bench.Feeds.WaitAsync("police/west", 0, default);
        Assert.True(bench.Feeds.WaitAsync("transport/*", 0, default).IsCompletedSuccessfully);
        bench.Journal.Show(View.Feed, "police/*/1", Rows.Alert(1, "police"));
        bench.Run();
        Assert.False(next.IsCompleted);
        bench.Journal.Show(View.Feed, "transport/*/2", Rows.Alert(2));
        bench.Journal.Show(View.Feed, "police/west/1", Rows.Alert(1, "police", "west"));
        bench.Run();
        await next.WaitAsync(Waits.Longest);
        await newFeed.WaitAsync(Waits.Longest);
        FeedItem item = Assert.Single(await bench.Feeds.ReadAsync("police/west", 0, 10, default));
        Assert.Equal("west", item.District);
    }

    [Fact]
    public async Task A_waiter_that_gives_up_leaves_nothing_behind()
    {
        using CancellationTokenSource cancel = new();
        Task waiting = bench.Feeds.WaitAsync("nobody/*", 0, cancel.Token);
        Assert.Equal(1, bench.Feeds.Count);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, bench.Feeds.Count);
    }

    [Fact]
    public async Task Feed_items_older_than_those_at_hand_come_from_the_lists_without_a_hole()
    {
        for (int i = 1; i <= 50; i++)
        {
            bench.Journal.Show(View.Feed, $"transport/*/{i}", Rows.Alert(i));
        }

        bench.Run();
        List<long> numbers = [];
        while (numbers.Count < 50)
        {
            IReadOnlyList<FeedItem> items = await bench.Feeds.ReadAsync("transport/*", numbers.LastOrDefault(), 7, default);
            Assert.NotEmpty(items);
            numbers.AddRange(items.Select(item => item.Number));
        }

        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), numbers);
        Assert.Empty(await bench.Feeds.ReadAsync("transport/*", 50, 7, default));
    }

    [Fact]
    public void A_full_disk_holds_the_lists_up_and_they_resume_by_themselves()
    {
        FullStore store = new(bench.Store);
        using Projector projector = new(store, bench.Journal.Follow(), bench.Access, bench.Feeds, bench.Position, bench.Time, NullLogger<Projector>.Instance);
        bench.Journal.Show(View.Feed, "transport/*/1", Rows.Alert(1));
        store.Full = true;
        Assert.False(projector.Step());
        Assert.NotNull(projector.Trouble);
        Assert.Equal(0, bench.Position.Current);
        Assert.Equal(0, bench.Feeds.Last("transport/*"));
        store.Full = false;
        Assert.False(projector.Step());
        ((ManualTime)bench.Time).Advance(ViewLimits.RetryAfter);
        Assert.True(projector.Step());
        Assert.Null(projector.Trouble);
        Assert.Equal(1, bench.Position.Current);
        Assert.Equal(1, bench.Feeds.Last("transport/*"));
    }

    [Fact]
    public void A_run_of_another_length_than_its_block_says_stops_the_projector()
    {
        using Projector projector = new(bench.Store, new LyingSource(bench.Journal.Follow()), bench.Access, bench.Feeds, bench.Position, bench.Time, NullLogger<Projector>.Instance);
        bench.Journal.Show(View.Cases, "harbour-1", Rows.Case());
        Assert.Throws<InvalidDataException>(() => projector.Step());
    }

    private static byte[] Bytes<T>(T row) => JsonSerializer.SerializeToUtf8Bytes(row, (System.Text.Json.Serialization.Metadata.JsonTypeInfo<T>)GrainsJson.Default.GetTypeInfo(typeof(T))!);

    private sealed class FullStore(IViewStore store) : IViewStore
    {
        public bool Full { get; set; }

        public long Position => store.Position;

        public void Apply(ViewBatch batch)
        {
            if (Full)
            {
                throw new SqliteException("database or disk is full", 13);
            }

            store.Apply(batch);
        }

        public void Trim(ViewRetention retention, long nowMs) => store.Trim(retention, nowMs);

        public long SyncedPosition() => store.SyncedPosition();

        public void Dispose()
        {
        }
    }

    private sealed class LyingSource(IRecordSource source) : IRecordSource
    {
        public bool TryRead(out ReadOnlySpan<byte> records, out long firstPosition, out int count)
        {
            bool read = source.TryRead(out records, out firstPosition, out count);
            count++;
            return read;
        }
    }
}
