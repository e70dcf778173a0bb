using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Wording;
using Streaming.Silo.Api;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>What is looked at and changed over HTTP is in the audit before it is answered, or it is not answered.</summary>
public sealed class AuditRoutesTests : IAsyncDisposable
{
    private const string Truck = "/api/vehicles/%E7%B2%A4H1-yellow";
    private const string TruckId = "粤H1-yellow";
    private const string Marker = "zz-whereabouts";

    private ApiBench? started;

    public async ValueTask DisposeAsync()
    {
        if (started is not null)
        {
            await started.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_look_says_who_looked_at_what_from_where_and_why()
    {
        ApiBench api = await StartAsync();
        string chief = await api.TokenAsync("chief", "supervisor", "transport", "harbour");
        string li = await DelegatedAsync(api, chief);
        Assert.Equal(HttpStatusCode.Gone, (await api.GetAsync($"{Truck}?at=2026-11-21T00:00:00Z&reason=%E6%9F%A5%E8%B6%85%E9%99%90&token=zz-secret", chief)).Status);
        AuditEntry past = api.Host.Entries.Values.Last();
        Assert.Equal(("chief", "supervisor", "transport", "harbour"), (past.Who, past.Role, past.Department, past.District));
        Assert.Equal(("look", "GET", "/api/vehicles/{id}", "vehicle", TruckId), (past.Act, past.Verb, past.Route, past.SubjectKind, past.Subject));
        Assert.Equal(("at=2026-11-21T00:00:00Z", "查超限", "127.0.0.1", 410), (past.Asked, past.Reason, past.Address, past.Status));
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(Truck, li)).Status);
        AuditEntry now = api.Host.Entries.Values.Last();
        Assert.Equal(("chief.li", "chief", 200, null), (now.Who, now.OnBehalfOf, now.Status, now.Reason));
        Assert.DoesNotContain("zz-secret", JsonSerializer.Serialize(api.Host.Entries.Values.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("查超限", true)]
    [InlineData("%E6%9F%A5%E8%B6%85%E9%99%90", false)]
    public async Task A_reason_in_Chinese_may_stand_in_the_header_as_it_is_or_percent_encoded(string header, bool plain)
    {
        ApiBench api = await StartAsync();
        using SocketsHttpHandler handler = new() { RequestHeaderEncodingSelector = plain ? (_, _) => Encoding.UTF8 : null };
        using HttpClient client = new(handler) { BaseAddress = api.Client.BaseAddress };
        using HttpRequestMessage request = new(HttpMethod.Get, Truck);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiBench.Administrator);
        request.Headers.Add("Reason", header);
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("查超限", Assert.Single(api.Host.Entries).Value.Reason);
    }

    [Fact]
    public async Task A_reason_that_is_too_long_or_said_twice_is_refused_before_anything_is_looked_at()
    {
        ApiBench api = await StartAsync();
        string longest = new('字', GrainLimits.NoteChars);
        Assert.Equal(HttpStatusCode.OK, (await SayAsync(api, "", longest)).Status);
        Assert.Equal(longest, api.Host.Entries.Values.Last().Reason);
        foreach ((string query, string? header) in new[] { ("", longest + "字"), ("?reason=a&reason=b", null), ("?reason=a%00", null), ("?reason=a", "b") })
        {
            ApiBench.Answer refused = await SayAsync(api, query, header);
            Assert.Equal((HttpStatusCode.BadRequest, "reason"), (refused.Status, refused.Field));
            Assert.Equal((400, null), (api.Host.Entries.Values.Last().Status, api.Host.Entries.Values.Last().Reason));
        }

        Assert.Equal(HttpStatusCode.OK, (await SayAsync(api, "?reason=a%25", "a%25")).Status);
        Assert.Equal("a%", api.Host.Entries.Values.Last().Reason);
    }

    [Fact]
    public async Task Where_a_reason_is_needed_nothing_is_shown_without_one()
    {
        ApiBench api = await StartAsync(["vehicles-past", "lists", "audit"]);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(Truck)).Status);
        foreach (string path in (string[])[$"{Truck}?at=2026-11-21T00:00:00Z", $"{Truck}/history", $"/api/warnings?subject={TruckId}", "/api/audit", $"{Truck}/history?reason=%20"])
        {
            ApiBench.Answer refused = await api.GetAsync(path);
            Assert.Equal((HttpStatusCode.BadRequest, "reason"), (refused.Status, refused.Field));
            string reason = path.Contains('?', StringComparison.Ordinal) ? "&reason=audit" : "?reason=audit";
            Assert.NotEqual(HttpStatusCode.BadRequest, (await api.GetAsync(path.Replace("?reason=%20", "", StringComparison.Ordinal) + (path.EndsWith("%20", StringComparison.Ordinal) ? "?reason=audit" : reason))).Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/warnings")).Status);
    }

    [Theory]
    [InlineData("粤·h 12345", true)]
    [InlineData("粤H12345-yellow", true)]
    [InlineData("91441200MA5BALANCE", true)]
    [InlineData("粤H1234", false)]
    [InlineData("H12345", false)]
    [InlineData("harbour-12345", false)]
    public async Task Looking_for_a_whole_plate_or_code_in_a_list_is_a_look_and_for_a_part_is_not(string q, bool isLook)
    {
        ApiBench api = await StartAsync(["lists"]);
        foreach (string list in (string[])["/api/cases", "/api/workorders"])
        {
            ApiBench.Answer answer = await api.GetAsync($"{list}?q={Uri.EscapeDataString(q)}");
            Assert.Equal(isLook ? (HttpStatusCode.BadRequest, "reason") : (HttpStatusCode.OK, null), (answer.Status, answer.Field));
        }
    }

    [Fact]
    public async Task A_look_that_cannot_be_audited_is_not_answered()
    {
        ApiBench api = await StartAsync();
        api.Host.Refuses = message => message == MessageKind.RecordAudit ? "The disk of the journal is full." : null;
        foreach (string path in (string[])[Truck, $"{Truck}/history", $"/api/warnings?subject={Marker}", "/api/audit", "/api/vehicles/unknown"])
        {
            ApiBench.Answer refused = await api.GetAsync(path);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (refused.Status, refused.ContentType));
            Assert.Contains("audited first", refused.Detail, StringComparison.Ordinal);
            Assert.Contains("The disk of the journal is full.", refused.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain(Marker, refused.Text, StringComparison.Ordinal);
        }

        api.Host.Refuses = _ => null;
        Assert.Contains(Marker, (await api.GetAsync(Truck)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_is_begun_in_the_audit_before_it_is_made_and_its_end_completes_the_entry()
    {
        ApiBench api = await StartAsync();
        const string Device = """{"id":"S07","password":"zz-secret","topics":["v1/wim/S07/+"],"kind":"wim","district":"harbour"}""";
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/devices?reason=new", Device)).Status);
        Assert.Equal([(false, 0), (true, 1)], api.Host.Audits.Select(each => (each.Entry.Status is not null, each.CommandsBefore)));
        AuditEntry entry = Assert.Single(api.Host.Entries).Value;
        Assert.Equal(("change", "POST", "/api/devices", "device", "S07", 201, "new"), (entry.Act, entry.Verb, entry.Route, entry.SubjectKind, entry.Subject, entry.Status, entry.Reason));

        string token = await api.TokenAsync("desk-1", "member", "transport");
        AuditEntry issued = api.Host.Entries.Values.Last();
        Assert.Equal(("token", "desk-1", "member of transport for the whole city", 201), (issued.SubjectKind, issued.Subject, issued.What, issued.Status));
        foreach (AuditEntry each in api.Host.Entries.Values)
        {
            string text = JsonSerializer.Serialize(each, GrainsJson.Default.AuditEntry);
            Assert.DoesNotContain("zz-secret", text, StringComparison.Ordinal);
            Assert.DoesNotContain(token, text, StringComparison.Ordinal);
            Assert.DoesNotContain("sha256", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_change_that_cannot_be_audited_is_not_made()
    {
        ApiBench api = await StartAsync();
        api.Host.Refuses = message => message == MessageKind.RecordAudit ? "The disk of the journal is full." : null;
        foreach ((HttpMethod method, string path, string body) in Changes())
        {
            ApiBench.Answer refused = await api.SendAsync(method, path, ApiBench.Administrator, body);
            Assert.True(refused.Status == HttpStatusCode.ServiceUnavailable, $"{method} {path} answered {refused.Status}: {refused.Text}");
            Assert.Contains("audited", refused.Detail, StringComparison.Ordinal);
        }

        Assert.Empty(api.Host.Commands);
    }

    [Fact]
    public async Task Every_kind_of_change_is_begun_before_it_is_made()
    {
        ApiBench api = await StartAsync();
        foreach ((HttpMethod method, string path, string body) in Changes())
        {
            api.Host.Audits.Clear();
            int before = api.Host.Commands.Count;
            ApiBench.Answer answer = await api.SendAsync(method, path, ApiBench.Administrator, body);
            Assert.True((int)answer.Status is >= 200 and < 300, $"{method} {path} answered {answer.Status}: {answer.Text}");
            Assert.Equal(2, api.Host.Audits.Count);
            Assert.Equal((null, before), (api.Host.Audits[0].Entry.Status, api.Host.Audits[0].CommandsBefore));
            Assert.Equal((int)answer.Status, api.Host.Audits[1].Entry.Status);
        }
    }

    [Fact]
    public async Task An_answer_to_a_change_that_was_made_is_given_though_its_end_cannot_be_audited()
    {
        ApiBench api = await StartAsync();
        int audits = 0;
        api.Host.Refuses = message => message == MessageKind.RecordAudit && ++audits > 1 ? "The disk of the journal is full." : null;
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/tokens", """{"name":"desk-1","role":"operator"}""")).Status);
        AuditEntry entry = Assert.Single(api.Host.Entries).Value;
        Assert.Equal((null, "desk-1"), (entry.Status, entry.Subject));
    }

    [Fact]
    public async Task Refused_calls_have_entries_until_they_are_too_many_and_then_are_counted()
    {
        ManualTime time = new();
        ApiBench api = await StartAsync(time: time);
        string desk = await api.TokenAsync("desk-1", "operator");
        for (int i = 0; i < ApiLimits.RefusalsAudited + 7; i++)
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync("/api/tokens", "{}", desk)).Status);
        }

        List<AuditEntry> refused = [.. api.Host.Entries.Values.Where(entry => entry.Who == "desk-1")];
        Assert.Equal(ApiLimits.RefusalsAudited, refused.Count);
        Assert.All(refused, entry => Assert.Equal((403, "change", "token", null), (entry.Status, entry.Act, entry.SubjectKind, entry.Unrecorded)));
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(Truck, desk)).Status);
        Assert.Equal(7, api.Host.Entries.Values.Last().Unrecorded);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(Truck, desk)).Status);
        Assert.Null(api.Host.Entries.Values.Last().Unrecorded);

        // Others are not slowed down, and after a while there is room again.
        Assert.Equal(HttpStatusCode.BadRequest, (await api.PostAsync("/api/tokens", "{}")).Status);
        Assert.Equal(("admin", 400), (api.Host.Entries.Values.Last().Who, api.Host.Entries.Values.Last().Status));
        time.Advance(ApiLimits.RefusalAuditedEvery);
        await api.PostAsync("/api/tokens", "{}", desk);
        Assert.Equal(("desk-1", 403), (api.Host.Entries.Values.Last().Who, api.Host.Entries.Values.Last().Status));
    }

    [Fact]
    public async Task The_audit_is_read_by_who_supervises_each_for_its_own_department_and_district_and_that_is_audited_too()
    {
        ApiBench api = await StartAsync();
        string north = await api.TokenAsync("north", "inspector", null, "north");
        string police = await api.TokenAsync("police", "supervisor", "traffic-police");
        string city = await api.TokenAsync("city", "inspector");
        foreach ((string name, string role, string? department, string district) in new[] { ("a", "member", "traffic-police", "north"), ("b", "operator", null, "north"), ("c", "member", "transport", "harbour") })
        {
            await api.GetAsync(Truck, await api.TokenAsync(name, role, department, district));
            Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/audit", await api.TokenAsync(name, role, department, district))).Status);
        }

        Assert.Equal(["b", "a"], await WhoAsync(api, north, $"subject={TruckId}"));
        Assert.Equal(["a"], await WhoAsync(api, police, $"subject={TruckId}"));
        Assert.Equal(["c", "b", "a"], await WhoAsync(api, city, $"subject={TruckId}"));
        Assert.Empty(await WhoAsync(api, north, "who=c"));
        Assert.Equal(["admin"], (await WhoAsync(api, city, "act=change&verb=post")).Distinct());
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/audit?district=harbour", north)).Status);

        // Looks at the audit are in it, and page by page each entry comes once.
        Assert.Equal(["city"], (await WhoAsync(api, city, "who=city")).Distinct());
        List<string> paged = [];
        string? next = null;
        do
        {
            JsonElement page = (await api.GetAsync($"/api/audit?act=change&limit=2{(next is null ? "" : $"&after={next}")}", city)).Json;
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);
        Assert.Equal(api.Host.Entries.Where(each => each.Value.Act == "change").Select(each => each.Key).Reverse(), paged);
        ApiBench.Answer answer = await api.GetAsync("/api/audit?limit=1", city);
        Assert.Equal(FigureText.Time(RecordSource.TimeMs), answer.Json.GetProperty("reachesBackTo").GetString());
    }

    [Theory]
    [InlineData("act=peek", "act")]
    [InlineData("from=yesterday", "from")]
    [InlineData("to=x", "to")]
    [InlineData("from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z", "to")]
    [InlineData("whom=a", "whom")]
    [InlineData("limit=0", "limit")]
    public async Task A_filter_of_the_audit_that_makes_no_sense_is_refused_by_name(string query, string field)
    {
        ApiBench api = await StartAsync();
        ApiBench.Answer refused = await api.GetAsync($"/api/audit?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, field), (refused.Status, refused.Field));
    }

    [Fact]
    public async Task A_list_is_a_look_where_it_is_asked_for_one_subject()
    {
        ApiBench api = await StartAsync();
        foreach (string path in (string[])["/api/warnings", "/api/cases?open=true", "/api/workorders", "/api/devices", "/api/city/figures", "/api/sources/S07", "/api/me", "/api/registers", "/api/quarantine", "/api/delegations", "/api/tokens"])
        {
            await api.GetAsync(path);
        }

        Assert.Empty(api.Host.Entries);
        foreach (string path in (string[])["/api/warnings", "/api/cases", "/api/workorders"])
        {
            Assert.Equal(HttpStatusCode.OK, (await api.GetAsync($"{path}?subject={TruckId}&open=true")).Status);
            AuditEntry entry = api.Host.Entries.Values.Last();
            Assert.Equal((path, TruckId, $"open=true&subject={TruckId}"), (entry.Route, entry.Subject, entry.Asked));
        }

        await api.GetAsync($"/api/registers/vehicles/{TruckId}");
        Assert.Equal(("/api/registers/{register}/{key}", "register:vehicles", TruckId), (api.Host.Entries.Values.Last().Route, api.Host.Entries.Values.Last().SubjectKind, api.Host.Entries.Values.Last().Subject));
        await api.GetAsync($"/api/registers/permits?plate={TruckId}");
        Assert.Equal(("register:permits", TruckId, $"plate={TruckId}"), (api.Host.Entries.Values.Last().SubjectKind, api.Host.Entries.Values.Last().Subject, api.Host.Entries.Values.Last().Asked));
    }

    [Fact]
    public async Task Every_route_says_how_it_is_audited_and_the_description_tells_it()
    {
        List<RouteEndpoint> routes = [];
        started = await ApiBench.StartAsync(more: app => app.Lifetime.ApplicationStarted.Register(() => routes.AddRange(app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())));
        Assert.NotEmpty(routes);
        foreach (RouteEndpoint route in routes)
        {
            AuditedAs? declared = route.Metadata.GetMetadata<AuditedAs>();
            Assert.True(declared is not null, $"{route.DisplayName} does not say how it is audited.");
            bool changes = route.Metadata.GetMetadata<HttpMethodMetadata>() is { HttpMethods: var methods } && methods.Any(method => method is not ("GET" or "HEAD"));

            // Nobody with a token acts on the page of a notice, and what its subject answers stands in the notice.
            changes &= route.RoutePattern.RawText?.StartsWith(Streaming.Silo.Notices.NoticeLinks.Path, StringComparison.Ordinal) != true;
            // What is tried out changes nothing.
            changes &= route.RoutePattern.RawText != "/api/rulebook/validate";
            Assert.True(declared!.Act == AuditAct.Change == changes, $"{route.DisplayName} is {declared.Act}.");
            Assert.True(declared.Act != AuditAct.None || declared.Because.Length > 0, $"{route.DisplayName} does not say why it is not audited.");
        }

        string[] looks = ["vehicles", "enterprises", "places", "cases"];
        JsonElement paths = (await started.GetAsync("/openapi/v1.json")).Json.GetProperty("paths");
        int told = 0;
        foreach (JsonProperty path in paths.EnumerateObject())
        {
            foreach (JsonProperty operation in path.Value.EnumerateObject())
            {
                string says = operation.Value.GetProperty(AuditDescription.Extension).GetString()!;
                bool takesReason = operation.Value.TryGetProperty("parameters", out JsonElement parameters) && parameters.EnumerateArray().Any(parameter => parameter.GetProperty("name").GetString() == AuditReason.Header);
                Assert.True(takesReason == (says is "look" or "change"), $"{operation.Name} {path.Name} says {says}.");
                Assert.True(!looks.Any(look => path.Name.StartsWith($"/api/{look}/{{id}}", StringComparison.Ordinal)) || says == (operation.Name == "get" ? "look" : "change"), $"{operation.Name} {path.Name} says {says}.");
                told++;
            }
        }

        Assert.True(told > 30);
    }

    [Fact]
    public async Task A_route_that_says_nothing_is_closed_to_everybody()
    {
        started = await ApiBench.StartAsync(more: app => app.MapGet("/api/new", () => Marker));
        ApiBench.Answer answer = await started.GetAsync("/api/new");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.Status);
        Assert.DoesNotContain(Marker, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_the_pages_for_administrators_the_states_of_actors_are_looks()
    {
        started = await ApiBench.StartAsync(more: app => ApiRoutes.MapForAdministrators(app, "/pages", group =>
        {
            group.MapGet("/GrainState", () => Marker);
            group.MapGet("/ClusterStats", () => "figures");
        }));
        Assert.Contains("figures", (await started.GetAsync("/pages/ClusterStats")).Text, StringComparison.Ordinal);
        Assert.Empty(started.Host.Entries);
        Assert.Contains(Marker, (await started.GetAsync($"/pages/GrainState?grainId=vehicle/{TruckId}&grainType=x")).Text, StringComparison.Ordinal);
        AuditEntry entry = Assert.Single(started.Host.Entries).Value;
        Assert.Equal(("look", "actor", $"vehicle/{TruckId}", 200), (entry.Act, entry.SubjectKind, entry.Subject, entry.Status));
        started.Host.Refuses = _ => "Full.";
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await started.GetAsync($"/pages/GrainState?grainId=vehicle/{TruckId}")).Status);
    }

    /// <summary>A change of every kind that succeeds in this order.</summary>
    private static (HttpMethod Method, string Path, string Body)[] Changes() =>
    [
        (HttpMethod.Post, "/api/devices/zz/disable", "{}"),
        (HttpMethod.Post, "/api/devices/zz/enable", "{}"),
        (HttpMethod.Delete, "/api/devices/zz/connections", "{}"),
        (HttpMethod.Delete, "/api/tokens/zz-desk/connections", "{}"),
        (HttpMethod.Post, "/api/devices", """{"id":"S07","password":"p","topics":["v1/wim/S07/+"],"kind":"wim","district":"harbour"}"""),
        (HttpMethod.Post, "/api/tokens", """{"name":"desk-2","role":"operator"}"""),
        (HttpMethod.Post, "/api/workorders/harbour-1-w1/accept", "{}"),
        (HttpMethod.Post, "/api/registers/vehicles/records?source=zz-police", "{\"plate\":\"粤H2-yellow\",\"axles\":3}"),
        (HttpMethod.Post, "/api/session", "{}"),
        (HttpMethod.Delete, "/api/session", "{}"),
    ];

    /// <summary>A look with a reason in the header, percent-encoded, where one is given.</summary>
    private static async Task<ApiBench.Answer> SayAsync(ApiBench api, string query, string? header)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, Truck + query);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiBench.Administrator);
        if (header is not null)
        {
            request.Headers.Add(AuditReason.Header, header.Contains('%', StringComparison.Ordinal) ? header : Uri.EscapeDataString(header));
        }

        using HttpResponseMessage response = await api.Client.SendAsync(request);
        return new ApiBench.Answer(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    private static async Task<string[]> WhoAsync(ApiBench api, string token, string query)
    {
        ApiBench.Answer answer = await api.GetAsync($"/api/audit?{query}", token);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("who").GetString()!)];
    }

    private static async Task<string> DelegatedAsync(ApiBench api, string giver)
    {
        string until = FigureText.Time(api.Views.Time.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds());
        ApiBench.Answer given = await api.PostAsync("/api/delegations", $$"""{"to":"li","until":"{{until}}","reason":"on leave"}""", giver);
        Assert.Equal(HttpStatusCode.Created, given.Status);
        AuditEntry entry = api.Host.Entries.Values.Last();
        Assert.Equal(("token", "chief.li", "on leave", 201), (entry.SubjectKind, entry.Subject, entry.Reason, entry.Status));
        return given.Json.GetProperty("token").GetString()!;
    }

    private async Task<ApiBench> StartAsync(string[]? reasonsNeeded = null, ManualTime? time = null)
    {
        ApiBench api = started = await ApiBench.StartAsync(time, reasonsNeeded: reasonsNeeded);
        api.Host.Described[$"vehicle:{TruckId}"] = $$"""{"place":"{{Marker}}"}""";
        api.Views.Journal.Show(View.Warnings, $"{Marker}/k/1", Rows.Warning(Marker));
        api.Views.Journal.Show(View.WorkOrders, "harbour-1-w1", Rows.WorkOrder());
        api.Views.Journal.Show(View.Devices, "zz", Rows.Device("zz"));
        api.Views.Journal.Show(View.Devices, "zz-police", Rows.Device("zz-police") with { Register = "vehicles" });
        api.Views.Journal.Show(View.Tokens, "zz-desk", new TokenRegistration("zz-desk", "operator", null, "*", "sha256:00", 0));
        api.Apply();
        return api;
    }
}
