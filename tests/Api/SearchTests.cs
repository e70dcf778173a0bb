using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Silo.Views;
using Streaming.Tests.Views;
using Xunit;
using Xunit.Abstractions;

namespace Streaming.Tests.Api;

/// <summary>One search for everything that has a name.</summary>
public sealed class SearchTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly ManualTime time = new();
    private ApiBench api = null!;

    public async Task InitializeAsync() => api = await ApiBench.StartAsync(time);

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Theory]
    [InlineData("粤H12345", "粤H12345-yellow")]
    [InlineData("h1234", "粤H12345-yellow")]
    [InlineData("粤H·123 45", "粤H12345-yellow")]
    [InlineData("粤h12345-Yellow", "粤H12345-yellow")]
    [InlineData("2345", "粤H12345-yellow 粤B23456-blue")]
    [InlineData("B2", "粤B23456-blue")]
    [InlineData("yellow", "")]
    [InlineData("99", "")]
    public async Task A_vehicle_is_found_by_any_part_of_its_plate(string q, string expected)
    {
        Weighed("粤H12345", "yellow");
        Weighed("粤B23456", "blue");
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), (await IdsAsync(q)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_it_comes_before_what_begins_so_and_that_before_what_has_it_somewhere()
    {
        foreach (string plate in (string[])["粤H1234A", "粤AH1234", "H1234", "H1234X"])
        {
            Weighed(plate, "yellow");
        }

        Assert.Equal(["H1234-yellow", "H1234X-yellow"], (await IdsAsync("H1234"))[..2]);
        Assert.Equal(4, (await IdsAsync("H1234")).Length);
    }

    [Fact]
    public async Task Everything_that_has_a_name_is_found_and_a_thousand_plates_do_not_hide_it()
    {
        for (int i = 0; i < 50; i++)
        {
            Weighed($"粤H77{i:000}", "yellow");
        }

        EntrySpan span = new(null, null, new() { ["name"] = JsonSerializer.SerializeToElement("金河氯气77厂") }, []);
        api.Views.Journal.Show(View.Registers, "enterprises/E1", new EntryRow("enterprises", "E1", [span], [], "north", [], false, Rows.At));
        api.Views.Journal.Show(View.Registers, "sites/L1", new EntryRow("sites", "L1", [span], [], "north", [], false, Rows.At));
        api.Views.Journal.Show(View.Devices, "S77", Rows.Device("S77", district: "north"));
        api.Views.Journal.Show(View.Cases, "77-1", Rows.Case("77-1", district: "north"));
        api.Apply();
        ApiBench.Answer answer = await api.GetAsync("/api/search?q=77");
        JsonElement[] items = [.. answer.Json.GetProperty("items").EnumerateArray()];
        Assert.Equal(20, items.Length);
        Assert.True(answer.Json.GetProperty("more").GetBoolean());
        Assert.Equal("77-1", items[0].GetProperty("id").GetString());
        Assert.Equal(["case", "enterprise", "place", "source", "vehicle"], items.Select(item => item.GetProperty("type").GetString()!).Distinct().Order(StringComparer.Ordinal));
        JsonElement enterprise = Assert.Single(items, item => item.GetProperty("type").GetString() == "enterprise");
        Assert.Equal(("E1", "金河氯气77厂", "north"), (enterprise.GetProperty("id").GetString(), enterprise.GetProperty("name").GetString(), enterprise.GetProperty("district").GetString()));
    }

    [Fact]
    public async Task Of_a_vehicle_it_says_how_it_is_called_and_what_is_open_and_nothing_of_where_or_when()
    {
        Weighed("粤H12345", "yellow");
        api.Views.Journal.Show(View.Warnings, "粤H12345-yellow/over-road-limit/1", Rows.Warning());
        api.Views.Journal.Show(View.Warnings, "粤H12345-yellow/evasion/1", Rows.Warning(kind: "evasion", open: false));
        api.Apply();
        JsonElement item = Assert.Single((await api.GetAsync("/api/search?q=12345")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(["id", "name", "openWarnings", "plateColor", "type"], item.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal(("粤H12345", "yellow", 1), (item.GetProperty("name").GetString(), item.GetProperty("plateColor").GetString(), item.GetProperty("openWarnings").GetInt32()));
        Assert.Empty(api.Host.Entries);

        // The warning is of a district, and so far no department's.
        Assert.Equal(0, (await api.GetAsync("/api/search?q=12345", await api.TokenAsync("north", "operator", district: "north"))).Json.GetProperty("items")[0].GetProperty("openWarnings").GetInt32());
        Assert.Equal(1, (await api.GetAsync("/api/search?q=12345", await api.TokenAsync("harbour", "operator", district: "harbour"))).Json.GetProperty("items")[0].GetProperty("openWarnings").GetInt32());
        Assert.Equal(0, (await api.GetAsync("/api/search?q=12345", await api.TokenAsync("m", "member", "transport"))).Json.GetProperty("items")[0].GetProperty("openWarnings").GetInt32());
    }

    [Fact]
    public async Task A_registered_vehicle_that_never_came_is_found_and_all_are_after_a_restart()
    {
        Weighed("粤H12345", "yellow");
        api.Views.Journal.Show(View.Registers, "vehicles/粤H67890-yellow", new EntryRow("vehicles", "粤H67890-yellow", [], [], null, [], false, Rows.At));
        api.Apply();
        Assert.Equal(["粤H67890-yellow"], await IdsAsync("67890"));

        // Applied with the next transaction, which here is a row's.
        api.Views.Restart();
        Assert.Equal(["粤H12345-yellow", "粤H67890-yellow"], api.Views.Plates.Find("粤H", 10).Select(each => each.Plate).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("q=a", "q")]
    [InlineData("", "q")]
    [InlineData("q=ab&limit=0", "limit")]
    [InlineData("q=ab&type=vehicle", "type")]
    public async Task What_makes_no_sense_is_refused_with_its_field(string query, string field)
    {
        ApiBench.Answer answer = await api.GetAsync($"/api/search?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Field));
    }

    [Fact]
    public void A_vehicle_has_one_row_and_its_day_is_brought_forward_only_now_and_then()
    {
        PlateBook book = api.Views.Plates;
        Assert.Equal([(1L, true), (2L, true)], Seen(0, "粤H00001-yellow", "粤H00002-yellow", "粤H00001-yellow"));
        Assert.Empty(Seen(19, "粤H00001-yellow", "粤H00002-yellow"));
        Assert.Equal([(1L, false), (2L, false)], Seen(ViewLimits.PlateDayWithin, "粤H00001-yellow", "粤H00002-yellow").Order());
        Assert.Empty(Seen(ViewLimits.PlateDayWithin + 19, "粤H00001-yellow"));

        List<(long Seq, bool IsNew)> Seen(int day, params string[] vehicles)
        {
            ViewBatch batch = new();
            foreach (string vehicle in vehicles)
            {
                book.Collect(Encoding.UTF8.GetBytes(vehicle), day * 86_400_000L, batch);
            }

            return [.. batch.Plates.Select(plate => (plate.Seq, plate.IsNew))];
        }
    }

    /// <summary>Contract of the console: 50 ms for 99 of 100 searches with 200,000 vehicles. Measured without the network, with the median printed; the bound is for the slowest machine.</summary>
    [Fact]
    public void Two_hundred_thousand_plates_are_searched_within_milliseconds()
    {
        PlateBook book = api.Views.Plates;
        ViewBatch batch = new();
        for (int i = 0; i < 200_000; i++)
        {
            batch.Plates.Add(new PlateSeen($"粤{(char)('A' + (i % 20))}{i * 7919 % 1_000_000:000000}-yellow", 1, i + 1, true));
        }

        book.Apply(batch);
        Assert.Equal(200_000, book.Count);
        string[] sought = ["粤H", "12", "999", "粤H1234", "7919", "zz", "粤T999983-yellow"];
        List<double> took = [];
        for (int i = 0; i < 350; i++)
        {
            long began = Stopwatch.GetTimestamp();
            book.Find(sought[i % sought.Length], 20);
            took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        took.Sort();
        output.WriteLine($"p50 {took[took.Count / 2]:F2} ms, p99 {took[took.Count * 99 / 100]:F2} ms");
        Assert.True(took[took.Count / 2] < 50, $"{took[took.Count / 2]} ms");
    }

    private async Task<string[]> IdsAsync(string q)
    {
        ApiBench.Answer answer = await api.GetAsync($"/api/search?q={Uri.EscapeDataString(q)}");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Ids;
    }

    private void Weighed(string plate, string colour)
    {
        string at = FormattableString.Invariant($"{time.GetUtcNow().UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}");
        string payload = $$"""{"id":"{{plate}}","at":"{{at}}","plate":"{{plate}}","plateColor":"{{colour}}","plateConfidence":0.99,"grossKg":20000,"axles":[{"massKg":8000,"offsetM":0},{"massKg":12000,"offsetM":4}]}""";
        api.Views.Journal.Append(writer => Assert.Equal(1, PublishEncoder.Encode(writer, new SourceContext(Rows.Device()), "v1/wim/S07/1"u8, Encoding.UTF8.GetBytes(payload), time.GetUtcNow().ToUnixTimeMilliseconds()).Accepted));

        // What makes a transaction; vehicles alone wait for one up to a second.
        api.Views.Journal.Show(View.Devices, "S07", Rows.Device());
        api.Apply();
    }
}
