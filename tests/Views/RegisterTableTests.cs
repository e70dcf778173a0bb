using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Views;
using Xunit;

namespace Streaming.Tests.Views;

public sealed class RegisterTableTests : IDisposable
{
    private readonly ViewBench bench = new();
    private long position;

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task An_entry_that_is_shown_anew_is_found_by_what_it_refers_to_now_and_keeps_its_place()
    {
        Show("粤H1-yellow", "enterprise=A", "homeProvince=粤", "source=vehicles");
        Show("粤H2-yellow", "enterprise=A", "source=vehicles");
        Show("粤H1-yellow", "enterprise=B", "source=transport", "source=vehicles");
        Assert.Equal(["粤H2-yellow"], await Find("enterprise=A"));
        Assert.Equal(["粤H1-yellow"], await Find("enterprise=B"));
        Assert.Empty(await Find("homeProvince=粤"));
        Assert.Equal(["粤H2-yellow", "粤H1-yellow"], await Find("source=vehicles"));
        Assert.Equal(["粤H1-yellow"], await Find("source=vehicles", "source=transport"));
    }

    [Fact]
    public async Task A_reference_with_signs_that_JSON_escapes_is_found_as_it_was_said()
    {
        Put("""{"register":"vehicles","key":"E","spans":[{"values":{"register":"x","refs":["no=1"]},"sources":{}}],"refs":["enterprise=a\"b\\c\u7ca4"],"resources":[],"differs":false,"changed":"1970-01-01T00:00:00+00:00"}"""u8.ToArray(), "E");
        Assert.Single(await Find("enterprise=a\"b\\c粤"));
        Assert.Empty(await Find("no=1"));
    }

    [Fact]
    public async Task An_entry_that_is_taken_off_is_found_by_nothing_and_comes_back_as_a_new_one()
    {
        Show("粤H1-yellow", "enterprise=A");
        Show("粤H2-yellow", "enterprise=A");
        Put(null, "粤H1-yellow");
        Put(null, "never shown");
        Assert.Equal(["粤H2-yellow"], await Find("enterprise=A"));
        Assert.Null(await bench.Store.Reader.FindAsync(View.Registers, "vehicles/粤H1-yellow", default));
        Show("粤H1-yellow", "enterprise=A");
        Assert.Equal(["粤H1-yellow", "粤H2-yellow"], await Find("enterprise=A"));
    }

    [Fact]
    public async Task A_batch_that_fails_takes_its_entries_back_with_it()
    {
        ViewBatch batch = new() { Position = 2 };
        batch.Changes.Add(new ViewChange(View.Registers, "vehicles/粤H1-yellow", Row("粤H1-yellow", ["enterprise=A"]), 1));
        batch.Changes.Add(new ViewChange(View.Feed, "no number", "{}"u8.ToArray(), 2));
        Assert.Throws<InvalidDataException>(() => bench.Store.Apply(batch));
        Assert.Empty(await Find("enterprise=A"));
        Show("粤H1-yellow", "enterprise=A");
        Assert.Single(await Find("enterprise=A"));
    }

    private static byte[] Row(string key, string[] refs) =>
        JsonSerializer.SerializeToUtf8Bytes(new EntryRow("vehicles", key, [], refs, null, ["vehicles"], false, DateTimeOffset.UnixEpoch), GrainsJson.Default.EntryRow);

    private void Show(string key, params string[] refs) => Put(Row(key, refs), key);

    private void Put(byte[]? json, string key)
    {
        ViewBatch batch = new() { Position = ++position };
        batch.Changes.Add(new ViewChange(View.Registers, $"vehicles/{key}", json, position));
        bench.Store.Apply(batch);
    }

    /// <summary>Keys of the entries with all of some references, the newest first.</summary>
    private async Task<string[]> Find(params string[] refs)
    {
        Page<byte[]> page = await bench.Store.Reader.ListAsync(new ViewQuery(View.Registers) { Register = "vehicles", Refs = refs }, default);
        return [.. page.Items.Select(item => JsonSerializer.Deserialize(item, GrainsJson.Default.EntryRow)!.Key)];
    }
}
