using System.Text.Json;
using Streaming.Grains.Access;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Views;
using Xunit;

namespace Streaming.Tests.Views;

/// <summary>The list of the audit: what it is asked for by, and that nothing leaves it before its time.</summary>
public sealed class AuditListTests : IDisposable
{
    private const long DayMs = 86_400_000;
    private readonly ViewBench bench = new();
    private long shown;

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Each_filter_finds_its_entries_newest_first_and_a_time_to_the_millisecond()
    {
        Show(Entry("a", "look", "GET", "粤H1-yellow"));
        bench.Journal.NowMs += 1;
        Show(Entry("b", "change", "POST", "S07") with { Department = "transport" });
        bench.Journal.NowMs += 20 * 60_000;
        Show(Entry("a", "change", "DELETE", null) with { District = "north" });
        bench.Run();
        ViewQuery all = new(View.Audit);
        Assert.Equal([3, 2, 1], await NumbersAsync(all));
        Assert.Equal([3, 1], await NumbersAsync(all with { Who = "a" }));
        Assert.Equal([3, 2], await NumbersAsync(all with { Act = "change" }));
        Assert.Equal([2], await NumbersAsync(all with { Verb = "POST" }));
        Assert.Equal([1], await NumbersAsync(all with { Subject = "粤H1-yellow" }));
        Assert.Equal([2], await NumbersAsync(all with { Department = "transport" }));
        Assert.Equal([3], await NumbersAsync(all with { District = "north" }));
        Assert.Equal([1], await NumbersAsync(all with { Who = "a", ToMs = RecordSource.TimeMs + 1 }));
        Assert.Equal([1], await NumbersAsync(all with { FromMs = RecordSource.TimeMs, ToMs = RecordSource.TimeMs + 1 }));
        Assert.Equal([3, 2], await NumbersAsync(all with { FromMs = RecordSource.TimeMs + 1 }));
        Assert.Empty(await NumbersAsync(all with { FromMs = RecordSource.TimeMs + DayMs }));
        Assert.Empty(await NumbersAsync(all with { ToMs = RecordSource.TimeMs }));
        Assert.Equal(RecordSource.TimeMs, await bench.Store.Reader.OldestAuditAsync(default));
    }

    [Fact]
    public async Task An_entry_whose_turn_came_a_little_out_of_order_is_found_by_its_time()
    {
        Show(Entry("late", "look", "GET", "x"), atMs: RecordSource.TimeMs + 5);
        Show(Entry("early", "look", "GET", "x"), atMs: RecordSource.TimeMs);
        bench.Run();
        Assert.Equal([1], await NumbersAsync(new ViewQuery(View.Audit) { FromMs = RecordSource.TimeMs + 1, ToMs = RecordSource.TimeMs + 10 }));
        Assert.Equal([2], await NumbersAsync(new ViewQuery(View.Audit) { ToMs = RecordSource.TimeMs + 1 }));
    }

    [Fact]
    public async Task A_change_that_ends_keeps_its_place()
    {
        Show(Entry("a", "change", "POST", "S07") with { Status = null });
        Show(Entry("a", "look", "GET", "x"));
        bench.Run();
        bench.Journal.Show(View.Audit, Audit.KeyOf(1), Entry("a", "change", "POST", "S07") with { Number = 1, At = Rows.At, Status = 201 });
        bench.Run();
        Page<byte[]> page = await bench.Store.Reader.ListAsync(new ViewQuery(View.Audit), default);
        Assert.Equal([2, 1], await NumbersAsync(new ViewQuery(View.Audit)));
        Assert.Equal(201, JsonSerializer.Deserialize(page.Items[1], GrainsJson.Default.AuditEntry)!.Status);
    }

    [Fact]
    public async Task Entries_go_when_their_days_are_over_and_not_before()
    {
        Show(Entry("a", "look", "GET", "x"));
        bench.Run();
        ViewRetention year = new() { AuditDays = 365 };
        bench.Store.Trim(year, RecordSource.TimeMs + (365 * DayMs));
        Assert.Equal([1], await NumbersAsync(new ViewQuery(View.Audit)));
        bench.Store.Trim(year, RecordSource.TimeMs + (365 * DayMs) + 1);
        Assert.Empty(await NumbersAsync(new ViewQuery(View.Audit)));
        Assert.Null(await bench.Store.Reader.OldestAuditAsync(default));
    }

    [Fact]
    public async Task Where_there_are_more_than_may_be_the_oldest_go_also_after_a_restart()
    {
        for (int i = 0; i < 7; i++)
        {
            Show(Entry("a", "look", "GET", "x"));
        }

        bench.Run();
        ViewRetention few = new() { AuditRows = 4 };
        bench.Store.Trim(few, RecordSource.TimeMs);
        Assert.Equal([7, 6, 5, 4], await NumbersAsync(new ViewQuery(View.Audit)));
        bench.Restart();
        Show(Entry("a", "look", "GET", "x"));
        bench.Run();
        bench.Store.Trim(few, RecordSource.TimeMs);
        bench.Store.Trim(few, RecordSource.TimeMs);
        Assert.Equal([8, 7, 6, 5], await NumbersAsync(new ViewQuery(View.Audit)));
    }

    private static AuditEntry Entry(string who, string act, string verb, string? subject) =>
        new(who, "supervisor", null, "*", act, verb, "/api/vehicles/{id}") { Subject = subject, Status = 200 };

    private void Show(AuditEntry entry, long? atMs = null)
    {
        shown++;
        string key = Audit.KeyOf(shown);
        bench.Journal.Show(View.Audit, key, entry with { Id = key, Number = shown, At = DateTimeOffset.FromUnixTimeMilliseconds(atMs ?? bench.Journal.NowMs) });
    }

    private async Task<IEnumerable<long>> NumbersAsync(ViewQuery query) =>
        (await bench.Store.Reader.ListAsync(query, default)).Items.Select(json => JsonSerializer.Deserialize(json, GrainsJson.Default.AuditEntry)!.Number!.Value);
}
