using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Models.Encoding;
using Streaming.Tests.Views;
using Xunit;
using Record = Streaming.Grains.Inputs.Record;

namespace Streaming.Tests.Api;

/// <summary>States as of then and histories over HTTP, from a journal in memory.</summary>
public sealed class ApiHistoryTests : IAsyncLifetime
{
    private const string Vehicle = "粤H12345-yellow";
    private const string Path = "/api/vehicles/%E7%B2%A4H12345-yellow";
    private static readonly SourceContext Station = new(new SourceRegistration("S07", "wim", ["v1/wim/S07/+"], "harbour", 5, "sha256:secret"));
    private ApiBench api = null!;

    public async Task InitializeAsync()
    {
        ManualTime time = new();
        time.Advance(TimeSpan.FromHours(1));
        api = await ApiBench.StartAsync(time);
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task The_state_as_of_then_is_the_state_with_one_member_more()
    {
        Weigh("a", 0);
        api.Views.Journal.Show(View.Warnings, "w", Rows.Warning(Vehicle));
        Weigh("b", 60);
        ApiBench.Answer answer = await api.GetAsync($"{Path}?at=2026-11-21T08:15:30.123Z");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal((2, 3), (answer.Json.GetProperty("weighings").GetInt32(), answer.Json.GetProperty("asOf").GetProperty("position").GetInt32()));
        Assert.Equal("2026-11-21T08:15:30.123+00:00", answer.Json.GetProperty("asOf").GetProperty("at").GetString());
        Assert.Equal("2026-11-21T08:15:30.123+00:00", answer.Json.GetProperty("asOf").GetProperty("reachesBackTo").GetString());
        Assert.Equal("asOf", answer.Json.EnumerateObject().Last().Name);
    }

    [Theory]
    [InlineData("?at=2026-11-20T08:00:00Z", 410)]
    [InlineData("?at=2036-11-20T08:00:00Z", 400)]
    [InlineData("?at=yesterday", 400)]
    [InlineData("?at=", 400)]
    [InlineData("?at=2026-11-20T08:00:00", 400)]
    [InlineData("?at=2026-11-20T16:00:00+08:00", 400)]
    [InlineData("?at=2026-11-20T16:00:00%2B08:00", 410)]
    public async Task A_time_that_cannot_be_told_of_is_refused_in_words(string query, int status)
    {
        Weigh("a", 0);
        ApiBench.Answer answer = await api.GetAsync(Path + query);
        Assert.Equal(status, (int)answer.Status);
        Assert.NotEmpty(answer.Json.GetProperty("detail").GetString()!);
        Assert.Equal(status == 410, answer.Json.TryGetProperty("reachesBackTo", out _));
    }

    [Fact]
    public async Task Of_whom_nothing_was_known_then_is_not_found()
    {
        Weigh("a", 0);
        ApiBench.Answer answer = await api.GetAsync("/api/vehicles/B1-blue?at=2026-11-21T08:15:30.123Z");
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Contains("Nothing was known then", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_comes_in_pages_either_way_and_every_line_once()
    {
        for (int i = 0; i < 5; i++)
        {
            Weigh($"a{i},b{i}", i * 60);
            api.Views.Journal.Show(View.Warnings, "w", Rows.Warning(Vehicle, count: i + 1));
            api.Views.Journal.Show(View.Warnings, "x", Rows.Warning("B1-blue"));
        }

        List<string> newest = await LinesAsync("order=desc&limit=2");
        List<string> oldest = await LinesAsync("order=asc&limit=3");
        Assert.Equal(15, oldest.Count);
        Assert.Equal(oldest.AsEnumerable().Reverse(), newest);
        Assert.Equal(["weigh a0", "weigh b0", "warning opened", "weigh a1"], oldest[..4].Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        Assert.Equal(10, (await LinesAsync("kinds=weigh")).Count);
        Assert.Equal(5, (await LinesAsync("kinds=warning,video")).Count);
    }

    [Fact]
    public async Task A_range_goes_by_the_time_that_a_reading_was_taken_at_also_of_late_ones()
    {
        Weigh("now", 0);
        Weigh("late", 3 * 3600);
        List<string> early = await LinesAsync("from=2026-11-21T05:00:00Z&to=2026-11-21T06:00:00Z");
        Assert.Equal(["2 weigh late"], early);
        ApiBench.Answer page = await api.GetAsync($"{Path}/history?order=asc");
        Assert.Equal([false, true], page.Json.GetProperty("items").EnumerateArray().Select(line => line.GetProperty("late").GetBoolean()));
        Assert.Equal(12_000, page.Json.GetProperty("items")[0].GetProperty("figures").GetProperty("grossKg").GetInt32());
        Assert.Equal("2026-11-21T08:15:30.123+00:00", page.Json.GetProperty("reachesBackTo").GetString());
    }

    [Theory]
    [InlineData("form=2026-11-21T05:00:00Z", "form")]
    [InlineData("from=x", "from")]
    [InlineData("from=2026-11-21T06:00:00Z&to=2026-11-21T05:00:00Z", "to")]
    [InlineData("kinds=weight", "kinds")]
    [InlineData("order=up", "order")]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("format=xml", "format")]
    [InlineData("kinds=weigh&kinds=video", "kinds")]
    public async Task What_makes_no_sense_is_refused(string query, string field)
    {
        ApiBench.Answer answer = await api.GetAsync($"{Path}/history?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Field));
    }

    [Fact]
    public async Task A_table_has_a_header_and_no_cell_that_a_spreadsheet_would_run()
    {
        Publish("""[{"id":"=1+1","at":"2026-11-21T08:15:00Z","position":{"lat":-23.1,"lon":112.4},"speedKmh":5,"driver":"Li, \"Wu\"","waybill":"@x","tank":{"temperatureC":-5.5}}]""", $"v1/hazmat/vehicle/{Vehicle}");
        ApiBench.Answer table = await api.GetAsync($"{Path}/history?format=csv");
        Assert.Equal("text/csv", table.ContentType);
        string[] lines = table.Text.Split("\r\n");
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("kind,position,received,at,late,source,id,change,lane,grossKg,", lines[0], StringComparison.Ordinal);
        Assert.Equal("", lines[2]);
        Assert.StartsWith("telemetry,1,2026-11-21T08:15:30.123Z,2026-11-21T08:15:00.000Z,false,S07,'=1+1,", lines[1], StringComparison.Ordinal);
        Assert.Contains(",\"Li, \"\"Wu\"\"\",'@x,", lines[1], StringComparison.Ordinal);
        Assert.Contains(",-5.5,", lines[1], StringComparison.Ordinal);
        Assert.Equal(lines[0].Count(letter => letter == ','), lines[1].Count(letter => letter == ',') - 1);
    }

    [Fact]
    public async Task A_table_holds_the_whole_range()
    {
        for (int i = 0; i < 30; i++)
        {
            Weigh(string.Join(',', Enumerable.Range(0, 90).Select(n => $"r{i}-{n}")), 0);
        }

        using HttpRequestMessage request = new(HttpMethod.Get, $"{Path}/history?order=asc");
        request.Headers.Accept.ParseAdd("text/csv");
        request.Headers.Authorization = new("Bearer", ApiBench.Administrator);
        using HttpResponseMessage response = await api.Client.SendAsync(request);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split("\r\n");
        Assert.Equal(30 * 90, lines.Skip(1).Where(line => line.Length > 0).Distinct().Count());
    }

    [Fact]
    public async Task Who_may_not_see_a_case_sees_nothing_of_its_past_and_a_sources_secret_is_in_no_line()
    {
        api.Host.Described["case:harbour-1"] = "{\"id\":\"harbour-1\",\"district\":\"harbour\",\"lead\":\"transport\",\"departments\":[\"transport\"]}";
        api.Views.Journal.Show(View.Cases, "harbour-1", Rows.Case());
        api.Views.Journal.Show(View.WorkOrders, "harbour-1-w1", Rows.WorkOrder());
        string own = await api.TokenAsync("own", "member", "transport");
        string other = await api.TokenAsync("other", "member", "police");
        Assert.Equal(["work-order", "case"], (await api.GetAsync("/api/cases/harbour-1/history", own)).Json.GetProperty("items").EnumerateArray().Select(line => line.GetProperty("kind").GetString()));
        foreach (string path in new[] { "/api/cases/harbour-1/history", "/api/cases/harbour-1/history?format=csv", "/api/cases/harbour-1?at=2026-11-21T08:15:30.123Z" })
        {
            ApiBench.Answer refused = await api.GetAsync(path, other);
            Assert.Equal(HttpStatusCode.NotFound, refused.Status);
            Assert.DoesNotContain("work-order", refused.Text, StringComparison.Ordinal);
        }

        // Whose a case was that is not there any more, nobody knows.
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/cases/harbour-2/history", other)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/cases/harbour-2/history")).Status);

        api.Views.Journal.Append(writer =>
        {
            int start = Record.Begin(writer, InputKind.Command, Partition.Of(ActorKind.Source, "S07"));
            AddressedRecord.Write(writer, ActorKind.Source, MessageKind.RegisterSource, "S07"u8, JsonSerializer.SerializeToUtf8Bytes(Station.Registration, GrainsJson.Default.SourceRegistration));
            Record.End(writer, start);
        });
        api.Host.Described["source:S07"] = "{\"id\":\"S07\"}";
        ApiBench.Answer source = await api.GetAsync("/api/sources/S07/history");
        Assert.Contains("registered", source.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("sha256:secret", source.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_names_them()
    {
        JsonElement paths = (await api.GetAsync("/openapi/v1.json")).Json.GetProperty("paths");
        foreach (string subject in new[] { "vehicles", "enterprises", "places", "sources", "cases" })
        {
            Assert.Contains("kinds", paths.GetProperty($"/api/{subject}/{{id}}/history").GetProperty("get").GetProperty("summary").GetString(), StringComparison.Ordinal);
            Assert.Equal("at", paths.GetProperty($"/api/{subject}/{{id}}").GetProperty("get").GetProperty("parameters")[1].GetProperty("name").GetString());
        }
    }

    /// <summary>All lines, page by page, each as its position, kind and id or change.</summary>
    private async Task<List<string>> LinesAsync(string query)
    {
        List<string> lines = [];
        string? next = null;
        do
        {
            ApiBench.Answer page = await api.GetAsync($"{Path}/history?{query}{(next is null ? "" : $"&cursor={next}")}");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            lines.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(line =>
                $"{line.GetProperty("position").GetInt64()} {line.GetProperty("kind").GetString()} {(line.TryGetProperty("id", out JsonElement id) ? id : line.GetProperty("change")).GetString()}"));
            next = page.Json.GetProperty("next").GetString();
        }
        while (next is not null);
        return lines;
    }

    private void Weigh(string ids, int secondsLate) => Publish(
        "[" + string.Join(',', ids.Split(',').Select((id, i) =>
            $$"""{"id":"{{id}}","at":"{{DateTimeOffset.FromUnixTimeMilliseconds(RecordSource.TimeMs - (secondsLate * 1000L) + i):yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤H12345","plateColor":"yellow","grossKg":12000,"axles":[{"massKg":6000,"offsetM":0},{"massKg":6000,"offsetM":4}]}""")) + "]",
        "v1/wim/S07/1");

    private void Publish(string payload, string topic)
    {
        ByteWriter record = new();
        EncodeOutcome outcome = PublishEncoder.Encode(record, Station, Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload), RecordSource.TimeMs);
        Assert.Equal((0, ""), (outcome.Rejected, outcome.FirstDetail));
        api.Views.Journal.Append(writer => writer.WriteRaw(record.Written));
    }
}
