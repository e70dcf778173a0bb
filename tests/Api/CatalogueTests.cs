using System.Net;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Mqtt;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>The catalogue over HTTP: the list and its filters, one resource, what is unregistered, and a way back.</summary>
public sealed class CatalogueTests : IAsyncLifetime
{
    private readonly ManualTime time = new();
    private ApiBench api = null!;

    public async Task InitializeAsync() => api = await ApiBench.StartAsync(time);

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task Resources_are_listed_by_owner_district_kind_and_state_and_by_page()
    {
        Show(Rows.Resource("S01"), Rows.Resource("S02", "transport", "north", ResourceStates.Silent), Rows.Resource("C01", "police", "north", ResourceStates.Never, "video"), Rows.Resource("C02", null, "harbour", ResourceStates.Disabled, "video"));
        Assert.Equal(["C02", "C01", "S02", "S01"], (await api.GetAsync("/api/catalogue")).Ids);
        Assert.Equal(["S02", "S01"], (await api.GetAsync("/api/catalogue?owner=transport")).Ids);
        Assert.Equal(["C01", "S02"], (await api.GetAsync("/api/catalogue?district=north")).Ids);
        Assert.Equal(["C02", "C01"], (await api.GetAsync("/api/catalogue?kind=video")).Ids);
        Assert.Equal(["S02"], (await api.GetAsync("/api/catalogue?state=silent")).Ids);
        Assert.Equal(["C01"], (await api.GetAsync("/api/catalogue?state=never&owner=police")).Ids);
        ApiBench.Answer first = await api.GetAsync("/api/catalogue?limit=3");
        Assert.Equal(["S01"], (await api.GetAsync($"/api/catalogue?limit=3&after={first.Json.GetProperty("next").GetString()}")).Ids);
        Assert.Equal((HttpStatusCode.BadRequest, "state"), await RefusedAsync("/api/catalogue?state=dead"));
        Assert.Equal(HttpStatusCode.BadRequest, (await RefusedAsync("/api/catalogue?subject=x")).Status);

        string member = await api.TokenAsync("m", "member", "transport", "north");
        Assert.Equal(["S02"], (await api.GetAsync("/api/catalogue", member)).Ids);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/catalogue?owner=police", member)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/catalogue?district=harbour", member)).Status);
    }

    [Fact]
    public async Task One_resource_says_what_it_sends_how_well_and_who_uses_it()
    {
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync(
            "/api/devices",
            """{"id":"S07","topics":["v1/wim/S07/+","v1/status/S07"],"kind":"wim","district":"harbour","owner":"transport","expected":{"perMinute":6}}""")).Status);
        Show(Rows.Resource("S07"));
        DateTimeOffset hour = new(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        api.Host.Described["source:S07"] = $$"""
            {"id":"S07","publishes":3,"accepted":39,"rejected":1,"unidentified":2,"lastSeen":"{{time.GetUtcNow():O}}","state":"live",
             "quality":{"since":"{{time.GetUtcNow().AddMinutes(-10):O}}","hours":[{"from":"{{hour.AddDays(-3):O}}","publishes":1,"accepted":9,"rejected":0},{"from":"{{time.GetUtcNow().AddMinutes(-1):O}}","publishes":2,"accepted":30,"rejected":1}],"days":[],"late":[30,4,3,2,0,0],"rejectedBy":{"badTime":1} } }
            """;
        await api.GetAsync("/api/sources/S07");
        await api.GetAsync("/api/sources/S07");
        JsonElement one = (await api.GetAsync("/api/catalogue/S07")).Json;

        Assert.Equal(("transport", "live", 300), (one.GetProperty("owner").GetString(), one.GetProperty("state").GetString(), one.GetProperty("expected").GetProperty("silentAfterS").GetInt32()));
        Assert.Equal(["weigh", "status"], one.GetProperty("sends").GetProperty("formats").EnumerateArray().Select(format => format.GetProperty("format").GetString()));
        JsonElement last = one.GetProperty("volume").GetProperty("last24Hours");
        Assert.Equal((30, 60, 500), (last.GetProperty("accepted").GetInt32(), last.GetProperty("expected").GetInt32(), last.GetProperty("permille").GetInt32()));
        Assert.Equal((30, 2), (one.GetProperty("timeliness").GetProperty("within1S").GetInt32(), one.GetProperty("timeliness").GetProperty("within10Min").GetInt32()));
        Assert.Equal((25, 2, 1), (one.GetProperty("accuracy").GetProperty("rejectedPermille").GetInt32(), one.GetProperty("accuracy").GetProperty("unidentified").GetInt32(), one.GetProperty("accuracy").GetProperty("rejectedBy").GetProperty("badTime").GetInt32()));
        JsonElement look = Assert.Single(one.GetProperty("consumers").GetProperty("lookUps").GetProperty("days").EnumerateArray());
        Assert.Equal(("role:administrator", 2), (look.GetProperty("consumer").GetString(), look.GetProperty("uses").GetInt32()));
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/catalogue/S99")).Status);
    }

    [Fact]
    public async Task A_register_says_its_fields_and_mapping_and_about_how_many_entries_sources_differ()
    {
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync(
            "/api/devices",
            """{"id":"police","topics":["v1/records/police"],"kind":"register","district":"harbour","owner":"police","register":"vehicles","mapping":{"columns":[{"column":"号牌","field":"plate"}]},"joined":true}""")).Status);
        Show(Rows.Resource("police", "police", kind: "register", register: "vehicles"));
        for (int i = 0; i < 3; i++)
        {
            string source = i == 2 ? "transport" : "police";
            api.Views.Journal.Show(View.Registers, $"vehicles/v{i}", new EntryRow("vehicles", $"v{i}", [], [$"source={source}"], null, [source], i > 0, Rows.At));
        }

        api.Apply();
        api.Host.Described["source:police"] = """{"id":"police","publishes":0,"accepted":0,"rejected":0,"unidentified":0,"state":"never","quality":{"since":"2026-11-21T00:00:00Z","hours":[],"days":[],"late":[0,0,0,0,0,0],"rejectedBy":{}}}""";
        JsonElement one = (await api.GetAsync("/api/catalogue/police")).Json;
        Assert.Equal(("vehicles", "never", 1), (one.GetProperty("sends").GetProperty("register").GetString(), one.GetProperty("state").GetString(), one.GetProperty("accuracy").GetProperty("differing").GetInt32()));
        Assert.Equal("号牌", one.GetProperty("sends").GetProperty("mapping").GetProperty("columns")[0].GetProperty("column").GetString());
        Assert.Contains(one.GetProperty("sends").GetProperty("fields").EnumerateArray(), field => field.GetProperty("name").GetString() == "driveAxles");
    }

    [Theory]
    [InlineData("""{"perMinute":6,"perDay":9}""", "expected")]
    [InlineData("""{}""", "expected")]
    [InlineData("""{"perMinute":0}""", "expected")]
    [InlineData("""{"silentAfterS":5}""", "expected")]
    [InlineData("""{"perDay":1000000000}""", "expected")]
    public async Task An_expectation_that_makes_no_sense_is_refused(string expected, string field)
    {
        ApiBench.Answer answer = await api.PostAsync("/api/devices", $$"""{"id":"x","topics":["v1/wim/x/1"],"kind":"wim","district":"harbour","expected":{{expected}}}""");
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Field));
    }

    [Fact]
    public async Task A_way_back_is_for_registers_and_no_device_takes_an_address_of_the_catalogue()
    {
        Assert.Equal("joined", (await api.PostAsync("/api/devices", """{"id":"x","topics":["v1/wim/x/1"],"kind":"wim","district":"harbour","joined":true}""")).Field);
        Assert.Equal("id", (await api.PostAsync("/api/devices", """{"id":"unregistered","topics":["v1/wim/x/1"],"kind":"wim","district":"harbour"}""")).Field);
    }

    [Fact]
    public async Task Who_signs_in_under_an_unknown_name_is_listed_and_a_flood_of_names_is_bounded()
    {
        for (int i = 0; i < 3; i++)
        {
            await api.Views.Access.AuthenticateAsync("ghost", "x"u8.ToArray(), IPAddress.Parse("10.0.0.9"), default);
        }

        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/devices", """{"id":"S07","topics":["v1/wim/S07/1"],"kind":"wim","district":"harbour"}""")).Status);
        await api.Views.Access.AuthenticateAsync("S07", "wrong"u8.ToArray(), null, default);
        api.Views.Journal.Append(writer => RecordSource.Publish(writer, "S07", "v1/wim/S08/1", "{}"u8.ToArray(), new Rejection(RejectReason.TopicNotAllowed, 0, 2, "not its own")));
        api.Apply();
        JsonElement listed = (await api.GetAsync("/api/catalogue/unregistered")).Json;
        JsonElement ghost = Assert.Single(listed.GetProperty("signIns").EnumerateArray());
        Assert.Equal(("ghost", 3, "10.0.0.9"), (ghost.GetProperty("name").GetString(), ghost.GetProperty("count").GetInt32(), ghost.GetProperty("from").GetString()));
        JsonElement topic = Assert.Single(listed.GetProperty("topics").EnumerateArray());
        Assert.Equal(("v1/wim/S08/1", "S07", "topicNotAllowed"), (topic.GetProperty("topic").GetString(), topic.GetProperty("from").GetString(), topic.GetProperty("reason").GetString()));

        for (int i = 0; i < 2 * Silo.Access.AccessLimits.Strangers; i++)
        {
            api.Views.Access.Strangers.Add($"name-{i}", null, time.GetUtcNow());
        }

        listed = (await api.GetAsync("/api/catalogue/unregistered")).Json;
        Assert.Equal(Silo.Access.AccessLimits.Strangers, listed.GetProperty("signIns").GetArrayLength());
        Assert.Equal(Silo.Access.AccessLimits.Strangers + 1, listed.GetProperty("signInsDropped").GetInt64());
        Assert.Equal($"name-{(2 * Silo.Access.AccessLimits.Strangers) - 1}", listed.GetProperty("signIns")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_way_back_resumes_without_a_hole_and_ends_when_the_resource_is_given_to_another_department()
    {
        api.Views.Journal.Show(View.Devices, "police", Rows.Device("police") with { Owner = "police", Register = "vehicles", Joined = true });
        string member = await api.TokenAsync("m", "member", "police");
        Join(1, 3);
        using (ApiBench.LiveStream stream = await api.ListenAsync("/api/catalogue/police/joined", member, "1"))
        {
            Assert.Equal(2, (await stream.NextEventAsync()).Id);
            Assert.Equal(3, (await stream.NextEventAsync()).Id);
        }

        Join(4, 30);
        using ApiBench.LiveStream again = await api.ListenAsync("/api/catalogue/police/joined", member, "3");
        for (int number = 4; number <= 30; number++)
        {
            (long id, string name, JsonElement data) = await again.NextEventAsync();
            Assert.Equal((number, "joined", "transport"), (id, name, data.GetProperty("by").GetString()));
            Assert.DoesNotContain("Zhang", data.GetRawText(), StringComparison.Ordinal);
        }

        await api.QuietAsync(ResourceFeeds.FeedOf("police"));

        // The one that left may not have been noticed yet.
        Assert.InRange((await ResourceAsync()).GetProperty("consumers").GetProperty("listening").GetInt32(), 1, 2);
        api.Views.Journal.Show(View.Devices, "police", Rows.Device("police") with { Owner = "transport", Register = "vehicles", Joined = true });
        api.Apply();
        Join(31, 31);

        // What woke it may still be its own; the next is not, and the stream is over.
        List<string> rest = [];
        for (List<string> block = await again.NextBlockAsync(); block.Count > 0; block = await again.NextBlockAsync())
        {
            rest.AddRange(block);
        }

        Assert.DoesNotContain(rest, line => line.StartsWith("id:", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/catalogue/police/joined", member)).Status);
    }

    private async Task<JsonElement> ResourceAsync()
    {
        Show(Rows.Resource("police", "police", kind: "register", register: "vehicles"));
        return (await api.GetAsync("/api/catalogue/police")).Json;
    }

    private void Join(int from, int to)
    {
        for (int number = from; number <= to; number++)
        {
            api.Views.Journal.Show(View.Feed, $"$resources/police/{number}", Rows.Joined(number));
        }

        api.Apply();
    }

    private void Show(params ResourceRow[] rows)
    {
        foreach (ResourceRow row in rows)
        {
            api.Views.Journal.Show(View.Resources, row.Id, row);
        }

        api.Apply();
    }

    private async Task<(HttpStatusCode Status, string? Field)> RefusedAsync(string path)
    {
        ApiBench.Answer answer = await api.GetAsync(path);
        return (answer.Status, answer.Field);
    }
}
