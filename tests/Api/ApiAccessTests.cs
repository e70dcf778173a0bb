using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo.Access;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

public sealed class ApiAccessTests : IAsyncLifetime
{
    private ApiBench api = null!;

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync();
        api.Views.Journal.Show(View.Cases, "harbour-1", Rows.Case());
        api.Views.Journal.Show(View.WorkOrders, "harbour-1-w1", Rows.WorkOrder());
        api.Views.Journal.Show(View.Cases, "west-1", Rows.Case("west-1", district: "west", lead: "police", subject: "B"));
        api.Views.Journal.Show(View.WorkOrders, "west-1-w1", Rows.WorkOrder("west-1", 1, "police", "west", subject: "B"));
        api.Views.Journal.Show(View.Warnings, "1", Rows.Warning());
        api.Views.Journal.Show(View.Warnings, "2", Rows.Warning("B", district: "west"));
        api.Views.Journal.Show(View.Devices, "S07", Rows.Device());
        api.Apply();
        api.Host.Described["vehicle:粤H12345-yellow"] = "{\"id\":\"粤H12345-yellow\"}";
        api.Host.Described["source:S07"] = "{\"id\":\"S07\",\"accepted\":3}";
        api.Host.Described["case:harbour-1"] = Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(Rows.Case(), Grains.Messages.GrainsJson.Default.CaseRow));
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Theory]
    [InlineData("GET", "/api/vehicles/x")]
    [InlineData("GET", "/api/cases")]
    [InlineData("GET", "/api/departments/transport/alerts")]
    [InlineData("POST", "/api/devices")]
    [InlineData("POST", "/api/workorders/harbour-1-w1/accept")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/openapi/v1.json")]
    [InlineData("POST", "/no/such/address")]
    [InlineData("GET", "/no/such/address.json")]
    public async Task Without_a_token_in_force_everything_is_closed(string method, string path)
    {
        foreach (string? token in new string?[] { null, "wrong", ApiBench.Administrator + "x" })
        {
            ApiBench.Answer answer = await api.SendAsync(new HttpMethod(method), path, token);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
            Assert.Equal("application/problem+json", answer.ContentType);
        }
    }

    [Fact]
    public async Task Health_and_the_console_need_no_token()
    {
        foreach (string host in new[] { "standalone", "orleans" })
        {
            api.Host.Name = host;
            ApiBench.Answer live = await api.GetAsync("/health/live", null);
            ApiBench.Answer ready = await api.GetAsync("/health/ready", null);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (live.Status, ready.Status));
            Assert.Equal($"{{\"status\":\"live\",\"host\":\"{host}\"}}", live.Text);
            Assert.Equal($"{{\"status\":\"ready\",\"host\":\"{host}\"}}", ready.Text);
        }

        ApiBench.Answer console = await api.GetAsync("/", null);
        Assert.Equal(HttpStatusCode.OK, console.Status);
        Assert.Equal("text/html", console.ContentType);
        api.Host.NotReady = "The disk is full.";
        ApiBench.Answer answer = await api.GetAsync("/health/ready", null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Equal("The disk is full.", answer.Detail);
    }

    [Theory]
    // Columns: member of transport in the whole city, operator of the harbour, supervisor, inspector, administrator.
    [InlineData("GET", "/api/vehicles/粤H12345-yellow", 200, 200, 200, 200, 200)]
    [InlineData("GET", "/api/vehicles/unknown", 404, 404, 404, 404, 404)]
    [InlineData("GET", "/api/sources/S07", 200, 200, 200, 200, 200)]
    [InlineData("GET", "/api/cases", 200, 200, 200, 200, 200)]
    [InlineData("GET", "/api/cases?department=police", 403, 200, 200, 200, 200)]
    [InlineData("GET", "/api/cases?district=west", 200, 403, 200, 200, 200)]
    [InlineData("GET", "/api/cases/harbour-1", 200, 200, 200, 200, 200)]
    [InlineData("GET", "/api/workorders/west-1-w1", 404, 404, 200, 200, 200)]
    [InlineData("POST", "/api/workorders/harbour-1-w1/accept", 200, 403, 403, 403, 200)]
    [InlineData("POST", "/api/workorders/west-1-w1/accept", 404, 403, 403, 403, 200)]
    [InlineData("GET", "/api/quarantine", 403, 200, 200, 200, 200)]
    [InlineData("GET", "/api/devices", 403, 200, 200, 200, 200)]
    [InlineData("GET", "/api/tokens", 403, 403, 200, 200, 200)]
    [InlineData("POST", "/api/devices", 403, 403, 403, 403, 400)]
    [InlineData("POST", "/api/tokens", 403, 403, 403, 403, 400)]
    [InlineData("GET", "/api/rulebook", 200, 200, 200, 200, 200)]
    [InlineData("GET", "/metrics", 403, 403, 200, 200, 200)]
    [InlineData("GET", "/api/city/figures", 200, 200, 200, 200, 200)]
    [InlineData("GET", "/openapi/v1.json", 200, 200, 200, 200, 200)]
    public async Task Each_role_may_do_exactly_its_own(string method, string path, params int[] expected)
    {
        string[] tokens =
        [
            await api.TokenAsync("m", "member", "transport"),
            await api.TokenAsync("o", "operator", null, "harbour"),
            await api.TokenAsync("s", "supervisor"),
            await api.TokenAsync("i", "inspector"),
            ApiBench.Administrator,
        ];
        List<int> got = [];
        foreach (string token in tokens)
        {
            got.Add((int)(await api.SendAsync(new HttpMethod(method), path, token, method == "POST" ? "{}" : null)).Status);
        }

        Assert.Equal(expected, got);
    }

    [Fact]
    public async Task What_a_holder_may_not_see_is_absent_from_lists()
    {
        string transport = await api.TokenAsync("t", "member", "transport");
        string west = await api.TokenAsync("w", "operator", null, "west");
        string transportWest = await api.TokenAsync("tw", "member", "transport", "west");
        Assert.Equal(["harbour-1"], (await api.GetAsync("/api/cases", transport)).Ids);
        Assert.Equal(["west-1"], (await api.GetAsync("/api/cases", west)).Ids);
        Assert.Empty((await api.GetAsync("/api/cases", transportWest)).Ids);
        Assert.Equal(["harbour-1-w1"], (await api.GetAsync("/api/workorders", transport)).Ids);
        Assert.Equal(["粤H12345-yellow/over-road-limit/1"], (await api.GetAsync("/api/warnings", transport)).Ids);
        Assert.Equal(["B/over-road-limit/1"], (await api.GetAsync("/api/warnings", west)).Ids);
        Assert.Equal(2, (await api.GetAsync("/api/cases")).Ids.Length);
        Assert.Empty((await api.GetAsync("/api/devices", west)).Ids);
        Assert.Equal("west", Assert.Single((await api.GetAsync("/api/city/figures", west)).Json.GetProperty("districts").EnumerateArray()).GetProperty("district").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/cases/harbour-1", west)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/sources/S07", west)).Status);
    }

    [Theory]
    [InlineData("/api/departments/police/alerts", true)]
    [InlineData("/api/departments/transport/alerts?district=*", true)]
    [InlineData("/api/departments/transport/alerts?district=west", true)]
    [InlineData("/api/departments/transport/alerts?district=harbour", false)]
    [InlineData("/api/departments/transport/alerts", false)]
    public async Task A_member_hears_the_own_department_and_district_only(string path, bool refused)
    {
        string token = await api.TokenAsync("t", "member", "transport", "harbour");
        if (refused)
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync(path, token)).Status);
        }
        else
        {
            using ApiBench.LiveStream stream = await api.ListenAsync(path, token);
        }
    }

    [Fact]
    public async Task A_replaced_token_stops_working_at_once_and_ends_its_streams()
    {
        string first = await api.TokenAsync("t", "member", "transport");
        using ApiBench.LiveStream stream = await api.ListenAsync("/api/departments/transport/alerts", first);
        string second = await api.TokenAsync("t", "member", "transport");
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/cases", first)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/cases", second)).Status);
        api.Views.Journal.Show(View.Feed, "transport/*/1", Rows.Alert(1));
        api.Views.Journal.Show(View.Feed, "transport/*/2", Rows.Alert(2));
        api.Apply();
        List<string> seen = [];
        for (List<string> block = await stream.NextBlockAsync(); block.Count > 0; block = await stream.NextBlockAsync())
        {
            seen.AddRange(block);
        }

        Assert.DoesNotContain("id: 2", seen);
    }

    [Fact]
    public async Task A_device_may_connect_as_soon_as_it_is_registered()
    {
        ApiBench.Answer chosen = await api.PostAsync("/api/devices", "{\"id\":\"S08\",\"password\":\"p\",\"topics\":[\"v1/wim/S08/+\"],\"kind\":\"wim\",\"district\":\"harbour\",\"accuracyPct\":5}");
        Assert.Equal(HttpStatusCode.Created, chosen.Status);
        Assert.False(chosen.Json.TryGetProperty("password", out _));
        Admission admission = await AuthenticateAsync("S08", "p");
        Assert.Equal("S08", admission.Device?.Id);
        Assert.Equal(5, admission.Device?.AccuracyPct);
        Assert.NotNull((await AuthenticateAsync("S08", "q")).Refusal);

        ApiBench.Answer generated = await api.PostAsync("/api/devices", "{\"id\":\"S09\",\"topics\":[\"v1/wim/S09/+\"],\"kind\":\"wim\",\"district\":\"harbour\"}");
        string secret = generated.Json.GetProperty("password").GetString()!;
        Assert.True(secret.Length >= 43);
        Assert.Equal("S09", (await AuthenticateAsync("S09", secret)).Device?.Id);

        string listed = (await api.GetAsync("/api/devices")).Text;
        Assert.Contains("S08", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("secretHash", listed, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("pbkdf2", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, api.Host.Commands[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_signs_in_over_mqtt_by_its_name_and_lists_never_show_it()
    {
        string token = await api.TokenAsync("t1", "member", "transport");
        Assert.Equal("transport", (await AuthenticateAsync("t1", token)).Token?.Department);
        Assert.NotNull((await AuthenticateAsync("t2", token)).Refusal);
        Assert.Equal("administrator", (await AuthenticateAsync("admin", ApiBench.Administrator)).Token?.Role);
        string listed = (await api.GetAsync("/api/tokens")).Text;
        Assert.Contains("t1", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(token, listed, StringComparison.Ordinal);
        Assert.DoesNotContain("sha256", listed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registration_is_answered_only_when_the_access_book_has_it()
    {
        api.Host.Applied = () => { };
        Task<ApiBench.Answer> posting = api.PostAsync("/api/tokens", "{\"name\":\"late\",\"role\":\"inspector\",\"district\":\"*\"}");
        while (api.Host.Handled == 0)
        {
            await Task.Yield();
        }

        Assert.False(posting.IsCompleted);
        api.Apply();
        Assert.Equal(HttpStatusCode.Created, (await posting).Status);
    }

    [Theory]
    [InlineData("{\"id\":\"S 1\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\"}", "id")]
    [InlineData("{\"id\":\"a/b\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\"}", "id")]
    [InlineData("{\"id\":\"admin\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\"}", "id")]
    [InlineData("{\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\"}", "id")]
    [InlineData("{\"id\":\"S1\",\"topics\":[],\"kind\":\"wim\",\"district\":\"d\"}", "topics")]
    [InlineData("{\"id\":\"S1\",\"topics\":[\"v1/#/x\"],\"kind\":\"wim\",\"district\":\"d\"}", "topics")]
    [InlineData("{\"id\":\"S1\",\"topics\":[\"v1/S+\"],\"kind\":\"wim\",\"district\":\"d\"}", "topics")]
    [InlineData("{\"id\":\"S1\",\"topics\":[\"a\",null],\"kind\":\"wim\",\"district\":\"d\"}", "topics")]
    [InlineData("{\"id\":\"S1\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"*\"}", "district")]
    [InlineData("{\"id\":\"S1\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\",\"accuracyPct\":-1}", "accuracyPct")]
    [InlineData("{\"id\":\"S1\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\",\"accuracyPct\":\"5\"}", "accuracyPct")]
    [InlineData("{\"id\":\"S1\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\",\"accuracyPercent\":5}", "accuracyPercent")]
    [InlineData("{\"id\":\"S1\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\",\"latitude\":91,\"longitude\":0}", "latitude")]
    [InlineData("{\"id\":\"S1\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\",\"latitude\":23}", "latitude")]
    [InlineData("{\"id\":\"S1\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\",\"password\":\"\"}", "password")]
    [InlineData("{\"id\":\"S1\",\"id\":\"S2\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\"}", "id")]
    [InlineData("{\"id\":\"\\ud800\",\"topics\":[\"a\"],\"kind\":\"wim\",\"district\":\"d\"}", "id")]
    [InlineData("{\"id\":\"S1\",", null)]
    [InlineData("null", null)]
    [InlineData("[]", null)]
    [InlineData("", null)]
    public async Task A_device_that_does_not_make_sense_is_refused_with_the_field(string body, string? field)
    {
        ApiBench.Answer answer = await api.PostAsync("/api/devices", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal(field, answer.Field);
        Assert.Empty(api.Host.Commands);
    }

    [Theory]
    [InlineData("{\"name\":\"t\",\"role\":\"king\",\"district\":\"*\"}", "role")]
    [InlineData("{\"name\":\"t\",\"role\":\"member\",\"district\":\"*\"}", "department")]
    [InlineData("{\"name\":\"t\",\"role\":\"member\",\"department\":\"a/b\",\"district\":\"*\"}", "department")]
    [InlineData("{\"name\":\"t\",\"role\":\"member\",\"department\":\"a\"}", "district")]
    [InlineData("{\"name\":\"admin\",\"role\":\"inspector\",\"district\":\"*\"}", "name")]
    public async Task A_token_that_does_not_make_sense_is_refused_with_the_field(string body, string field)
    {
        ApiBench.Answer answer = await api.PostAsync("/api/tokens", body);
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Field));
    }

    [Fact]
    public async Task Malformed_json_is_refused_with_its_place()
    {
        ApiBench.Answer answer = await api.PostAsync("/api/devices", "{\n \"id\": \"S1\",\n oops }");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("line 3", answer.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_body_is_json_whatever_the_client_calls_it(string? type)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/api/tokens");
        request.Headers.Authorization = new("Bearer", ApiBench.Administrator);
        request.Content = new ByteArrayContent("{\"name\":\"t\",\"role\":\"inspector\",\"district\":\"*\"}"u8.ToArray());
        if (type is not null)
        {
            request.Content.Headers.ContentType = new(type);
        }

        using HttpResponseMessage response = await api.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        ApiBench.Answer answer = await api.PostAsync("/api/devices", $"{{\"id\":\"{new string('x', 1024 * 1024)}\"}}");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
    }

    [Fact]
    public async Task While_nothing_can_be_taken_a_registration_is_refused_with_the_reason()
    {
        api.Host.NotReady = "The disk is full.";
        ApiBench.Answer answer = await api.PostAsync("/api/tokens", "{\"name\":\"t\",\"role\":\"inspector\",\"district\":\"*\"}");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The disk is full."), (answer.Status, answer.Detail));
    }

    [Fact]
    public async Task An_unknown_address_and_a_wrong_method_are_problems_too()
    {
        Assert.Contains("/api/nothing", (await api.GetAsync("/api/nothing")).Detail, StringComparison.Ordinal);
        ApiBench.Answer wrong = await api.SendAsync(HttpMethod.Delete, "/api/devices");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.Status);
        Assert.Contains("GET", wrong.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_start_makes_an_administrator_once()
    {
        using ViewBench views = new();
        FakeHost host = new(views.Journal);
        host.Applied = views.Run;
        string? token = await AdministratorToken.EnsureAsync(views.Access, host, views.Position, views.Time, default);
        Assert.Equal(Role.Administrator, views.Access.Find(token!)?.Role);
        Assert.Null(await AdministratorToken.EnsureAsync(views.Access, host, views.Position, views.Time, default));
        views.Restart();
        Assert.Equal(Role.Administrator, views.Access.Find(token!)?.Role);
        Assert.DoesNotContain(token!, host.Commands[0].Body, StringComparison.Ordinal);
    }

    private ValueTask<Admission> AuthenticateAsync(string user, string password) => api.Views.Access.AuthenticateAsync(user, Encoding.UTF8.GetBytes(password), null, default);
}
