using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

public sealed class ApiListTests : IAsyncLifetime
{
    private ApiBench api = null!;

    public async Task InitializeAsync() => api = await ApiBench.StartAsync();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task Lists_are_filtered_and_paged()
    {
        for (int i = 1; i <= 5; i++)
        {
            api.Views.Journal.Show(View.Warnings, $"w{i}", Rows.Warning(number: i, open: i != 2));
        }

        api.Views.Journal.Show(View.Warnings, "other", Rows.Warning("B"));
        api.Apply();
        string subject = Uri.EscapeDataString("粤H12345-yellow");
        List<string> seen = [];
        string? next = "";
        while (next is not null)
        {
            ApiBench.Answer page = await api.GetAsync($"/api/warnings?subject={subject}&open=true&limit=2{next}");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            seen.AddRange(page.Ids.Select(id => id[^1..]));
            next = page.Json.GetProperty("next").GetString() is { } after ? $"&after={after}" : null;
        }

        Assert.Equal(["5", "4", "3", "1"], seen);
    }

    [Theory]
    [InlineData("/api/cases?subjct=x", "subjct")]
    [InlineData("/api/cases?open=maybe", "open")]
    [InlineData("/api/cases?limit=0", "limit")]
    [InlineData("/api/cases?limit=-1", "limit")]
    [InlineData("/api/cases?after=x", "after")]
    [InlineData("/api/cases?subject=a&subject=b", "subject")]
    [InlineData("/api/quarantine?subject=a", "subject")]
    [InlineData("/api/cases?severity=0", "severity")]
    [InlineData("/api/workorders?severity=5", "severity")]
    [InlineData("/api/warnings?severity=04", "severity")]
    [InlineData("/api/cases?severity=grave", "severity")]
    [InlineData("/api/cases?overdue=maybe", "overdue")]
    [InlineData("/api/warnings?overdue=true", "overdue")]
    [InlineData("/api/warnings?q=abc", "q")]
    [InlineData("/api/cases?q=a", "q")]
    [InlineData("/api/cases?q=", "q")]
    [InlineData("/api/cases?q=%20a%C2%B7", "q")]
    [InlineData("/api/cases?q=a%0Ab%00c", "q")]
    [InlineData("/api/cases?q=12345678901234567890123456789012345678901234567890123456789012345", "q")]
    [InlineData("/api/cases?order=soonest", "order")]
    [InlineData("/api/warnings?order=deadline", "order")]
    [InlineData("/api/cases?order=deadline&after=5", "after")]
    [InlineData("/api/cases?order=deadline&after=x.5", "after")]
    [InlineData("/api/cases?after=5.5", "after")]
    public async Task A_filter_that_makes_no_sense_is_refused_rather_than_passed_over(string path, string field)
    {
        ApiBench.Answer answer = await api.GetAsync(path);
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Field));
    }

    [Fact]
    public async Task A_filter_value_is_a_value_and_never_part_of_the_statement()
    {
        api.Views.Journal.Show(View.Cases, "harbour-1", Rows.Case());
        api.Apply();
        Assert.Empty((await api.GetAsync($"/api/cases?subject={Uri.EscapeDataString("' OR 1=1 --")}")).Ids);
        Assert.Single((await api.GetAsync("/api/cases")).Ids);
    }

    [Fact]
    public async Task Subjects_are_described_as_their_actors_say_under_ids_of_any_script()
    {
        api.Host.Described["vehicle:粤H12345-yellow"] = "{\"id\":\"粤H12345-yellow\",\"lastWeighing\":{\"limitKg\":49000}}";
        api.Host.Described["place:camera:C07"] = "{\"id\":\"camera:C07\"}";
        api.Host.Described["enterprise:a/b c"] = "{\"id\":\"a/b c\"}";
        Assert.Equal(49000, (await api.GetAsync("/api/vehicles/%E7%B2%A4H12345-yellow")).Json.GetProperty("lastWeighing").GetProperty("limitKg").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/places/camera:C07")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/enterprises/a%2Fb%20c")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/sources/S07")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"/api/vehicles/{new string('x', 5000)}")).Status);
    }

    [Fact]
    public async Task A_question_that_the_host_cannot_answer_now_is_worth_asking_again()
    {
        api.Host.Unavailable = "Recovery is at 40 %.";
        ApiBench.Answer answer = await api.GetAsync("/api/vehicles/x");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Recovery is at 40 %."), (answer.Status, answer.Detail));
    }

    [Fact]
    public async Task Quarantine_shows_the_payload_as_text_or_else_in_base_64()
    {
        api.Views.Journal.Append(
            writer => RecordSource.Publish(writer, "S07", "v1/wim/S07/2", Encoding.UTF8.GetBytes("{\"plate\":\"粤\""), new Rejection(RejectReason.Malformed, 0, 14, "ends too early")),
            writer => RecordSource.Publish(writer, "S08", "v1/wim/S08/2", [0xFF, 0x00], new Rejection(RejectReason.NotAReading, 0, 2, "not UTF-8")));
        api.Apply();
        JsonElement[] items = [.. (await api.GetAsync("/api/quarantine")).Json.GetProperty("items").EnumerateArray()];
        Assert.Equal(("/wA=", "base64", "not-a-reading"), (items[0].GetProperty("payload").GetString(), items[0].GetProperty("encoding").GetString(), items[0].GetProperty("reason").GetString()));
        Assert.Equal("{\"plate\":\"粤\"", items[1].GetProperty("payload").GetString());
        Assert.Equal("malformed", items[1].GetProperty("reason").GetString());
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(RecordSource.TimeMs), items[1].GetProperty("time").GetDateTimeOffset());
        Assert.Single((await api.GetAsync("/api/quarantine?source=S07")).Json.GetProperty("items").EnumerateArray());
        ApiBench.Answer first = await api.GetAsync("/api/quarantine?limit=1");
        ApiBench.Answer second = await api.GetAsync($"/api/quarantine?limit=1&after={first.Json.GetProperty("next").GetString()}");
        Assert.Equal("S07", second.Json.GetProperty("items")[0].GetProperty("source").GetString());
        Assert.Equal(JsonValueKind.Null, second.Json.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task An_action_answers_with_the_fresh_work_order()
    {
        Show();
        string token = await api.TokenAsync("t1", "member", "transport");
        ApiBench.Answer answer = await api.PostAsync("/api/workorders/harbour-1-w1/accept", "{\"note\":\"在路上\",\"evidence\":[\"a\",{\"url\":\"u\"}]}", token);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(("accepted", "t1", "在路上"), (answer.Json.GetProperty("state").GetString(), answer.Json.GetProperty("acceptedBy").GetString(), answer.Json.GetProperty("note").GetString()));
        (ActorKind kind, string key, MessageKind message, string body) = api.Host.Commands[^1];
        Assert.Equal((ActorKind.Case, "harbour-1", MessageKind.ActOnWorkOrder), (kind, key, message));
        WorkOrderAction action = JsonSerializer.Deserialize(body, GrainsJson.Default.WorkOrderAction)!;
        Assert.Equal(("accept", "t1", "transport"), (action.Action, action.By, action.Department));
        Assert.Equal(["a", "{\"url\":\"u\"}"], action.Evidence!);
    }

    [Fact]
    public async Task An_action_needs_no_body_and_an_administrator_acts_for_any_department()
    {
        Show();
        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync(HttpMethod.Post, "/api/workorders/harbour-1-w1/accept")).Status);
        Assert.Null(JsonSerializer.Deserialize(api.Host.Commands[^1].Body, GrainsJson.Default.WorkOrderAction)!.Department);
    }

    [Theory]
    [InlineData(ReplyStatus.Conflict, HttpStatusCode.Conflict)]
    [InlineData(ReplyStatus.NotFound, HttpStatusCode.NotFound)]
    [InlineData(ReplyStatus.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData(ReplyStatus.Invalid, HttpStatusCode.BadRequest)]
    public async Task The_cases_answer_decides_the_status(ReplyStatus status, HttpStatusCode expected)
    {
        Show();
        api.Host.Act = _ => new Reply(status, "It is accepted already.", ["complete", "comment"]);
        ApiBench.Answer answer = await api.PostAsync("/api/workorders/harbour-1-w1/accept", "{}");
        Assert.Equal((expected, "It is accepted already."), (answer.Status, answer.Detail));
        if (status is ReplyStatus.Conflict or ReplyStatus.Invalid)
        {
            Assert.Equal(["complete", "comment"], answer.Json.GetProperty("allowed").EnumerateArray().Select(item => item.GetString()));
        }
    }

    [Theory]
    [InlineData("harbour-9-w1")]
    [InlineData("harbour-1")]
    [InlineData("harbour-1-w")]
    [InlineData("-w1")]
    [InlineData("harbour-1-wx")]
    public async Task A_guessed_work_order_is_not_found_and_journals_nothing(string id)
    {
        Assert.Equal(HttpStatusCode.NotFound, (await api.PostAsync($"/api/workorders/{id}/accept", "{}")).Status);
        Assert.Empty(api.Host.Commands);
    }

    [Fact]
    public async Task A_work_order_that_the_list_does_not_have_yet_is_found_through_its_case()
    {
        api.Host.Described["case:harbour-1"] = "{\"id\":\"harbour-1\",\"district\":\"harbour\",\"departments\":[\"transport\"]}";
        string police = await api.TokenAsync("p", "member", "police");
        string transport = await api.TokenAsync("t", "member", "transport");
        Assert.Equal(HttpStatusCode.NotFound, (await api.PostAsync("/api/workorders/harbour-1-w1/accept", "{}", police)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync("/api/workorders/harbour-1-w1/accept", "{}", transport)).Status);
    }

    [Theory]
    [InlineData("{\"note\":5}", "note")]
    [InlineData("{\"evidence\":[5]}", "evidence")]
    [InlineData("{\"remark\":\"x\"}", "remark")]
    public async Task An_action_that_does_not_make_sense_is_refused_with_the_field(string body, string field)
    {
        Show();
        ApiBench.Answer answer = await api.PostAsync("/api/workorders/harbour-1-w1/accept", body);
        Assert.Equal((HttpStatusCode.BadRequest, field), (answer.Status, answer.Field));
    }

    [Fact]
    public async Task An_action_is_answered_in_time_even_when_the_lists_do_not_move()
    {
        ManualTime time = new();
        await using ApiBench stuck = await ApiBench.StartAsync(time);
        stuck.Views.Journal.Show(View.WorkOrders, "harbour-1-w1", Rows.WorkOrder());
        stuck.Apply();
        stuck.Host.Applied = () => { };
        Task<ApiBench.Answer> acting = stuck.PostAsync("/api/workorders/harbour-1-w1/accept", "{}");
        while (time.Waiting == 0)
        {
            Assert.False(acting.IsCompleted);
            await Task.Yield();
        }

        time.Advance(Silo.Views.ViewLimits.ListsWait);
        Assert.Equal(HttpStatusCode.Accepted, (await acting).Status);
    }

    [Fact]
    public async Task Metrics_are_readable_by_prometheus()
    {
        Show();
        string text = (await api.GetAsync("/metrics")).Text;
        Assert.Matches("(?m)^# TYPE streaming_views_rows_total counter$", text);
        Assert.Matches("(?m)^streaming_views_position [0-9.E+]+$", text);
        Assert.Matches("(?m)^streaming_access_devices [0-9]+$", text);
    }

    [Fact]
    public async Task The_rulebook_and_the_description_are_served()
    {
        Assert.Equal("administrator", (await api.GetAsync("/api/me")).Json.GetProperty("role").GetString());
        JsonElement rulebook = (await api.GetAsync("/api/rulebook")).Json;
        Assert.Equal(api.Host.Rules.Version, rulebook.GetProperty("version").GetInt32());

        // What no file of this rulebook names is in force as it is shipped, and is shown too.
        Assert.Equal(api.Host.Rules.Balances.GraceHours, rulebook.GetProperty("balances").GetProperty("graceHours").GetDouble());
        Assert.True(rulebook.TryGetProperty("majorHazards", out _));
        JsonElement paths = (await api.GetAsync("/openapi/v1.json")).Json.GetProperty("paths");
        foreach (string path in new[] { "/api/devices", "/api/tokens", "/api/cases/{id}", "/api/workorders/{id}/complete", "/api/departments/{id}/alerts", "/health/ready" })
        {
            Assert.True(paths.TryGetProperty(path, out _), path);
        }

        JsonElement health = (await api.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas").GetProperty("HealthAnswer").GetProperty("properties");
        Assert.Equal(["status", "host", "notes"], health.EnumerateObject().Select(property => property.Name));
    }

    private void Show()
    {
        api.Views.Journal.Show(View.WorkOrders, "harbour-1-w1", Rows.WorkOrder());
        api.Apply();
    }
}
