using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>Payloads that did not fit, one by one, and sent in once more.</summary>
public sealed class QuarantineRoutesTests : IAsyncLifetime
{
    private const string Good = """{"id":"S07-1","at":"2026-11-21T07:59:30Z","plate":"粤H12345","plateColor":"yellow","grossKg":20000,"axles":[{"massKg":8000,"offsetM":0},{"massKg":12000,"offsetM":4}]}""";
    private readonly ManualTime time = new();
    private ApiBench api = null!;

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync(time);
        api.Views.Journal.Show(View.Devices, "S07", Rows.Device("S07"));
        api.Apply();
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task One_is_shown_by_the_id_that_the_list_has()
    {
        string id = Put(Good);
        Assert.Equal(id, Assert.Single((await api.GetAsync("/api/quarantine")).Json.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
        ApiBench.Answer one = await api.GetAsync($"/api/quarantine/{id}");
        Assert.Equal((Good, "bad-time", "S07", "v1/wim/S07/1"), (one.Json.GetProperty("payload").GetString(), one.Json.GetProperty("reason").GetString(), one.Json.GetProperty("source").GetString(), one.Json.GetProperty("topic").GetString()));
        Assert.False(one.Json.TryGetProperty("resubmitted", out _));
        foreach (string absent in (string[])["0-0", $"{id}0", "x", "1-2-3", "99999999999999999999-0"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"/api/quarantine/{absent}")).Status);
        }
    }

    [Theory]
    [InlineData("member", "transport", "harbour", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData("operator", null, "harbour", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("inspector", null, "*", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData("operator", null, "north", HttpStatusCode.NotFound, HttpStatusCode.Forbidden)]
    [InlineData("supervisor", null, "north", HttpStatusCode.NotFound, HttpStatusCode.NotFound)]
    [InlineData("supervisor", null, "harbour", HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData("administrator", null, "*", HttpStatusCode.OK, HttpStatusCode.OK)]
    public async Task Who_may_look_and_who_may_send_it_in(string role, string? department, string district, HttpStatusCode look, HttpStatusCode send)
    {
        string id = Put(Good);
        string token = await api.TokenAsync("t", role, department, district);
        Assert.Equal(look, (await api.GetAsync($"/api/quarantine/{id}", token)).Status);
        Assert.Equal(send, (await api.PostAsync($"/api/quarantine/{id}/resubmit", "{}", token)).Status);
        Assert.Equal(send == HttpStatusCode.OK ? 1 : 0, api.Intake.Arrived.Count);
    }

    [Fact]
    public async Task What_fits_now_goes_in_as_its_source_would_send_it_and_once_however_often_it_is_sent()
    {
        string id = Put(Good);
        ApiBench.Answer answer = await api.PostAsync($"/api/quarantine/{id}/resubmit", "");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal((1, 0), (answer.Json.GetProperty("accepted").GetInt32(), answer.Json.GetProperty("refused").GetArrayLength()));
        Assert.Equal("v1/wim/S07/1", Assert.Single(api.Intake.Arrived).Topic);

        JsonElement mark = (await api.GetAsync($"/api/quarantine/{id}")).Json.GetProperty("resubmitted");
        Assert.Equal(("admin", 1, 0), (mark.GetProperty("by").GetString(), mark.GetProperty("accepted").GetInt32(), mark.GetProperty("refused").GetInt32()));
        Assert.Equal("admin", Assert.Single((await api.GetAsync("/api/quarantine")).Json.GetProperty("items").EnumerateArray()).GetProperty("resubmitted").GetProperty("by").GetString());

        ApiBench.Answer again = await api.PostAsync($"/api/quarantine/{id}/resubmit", "");
        Assert.Equal((HttpStatusCode.OK, 1, "admin"), (again.Status, again.Json.GetProperty("accepted").GetInt32(), again.Json.GetProperty("resubmitted").GetProperty("by").GetString()));
        Assert.Single(api.Intake.Arrived);
    }

    [Fact]
    public async Task What_still_does_not_fit_says_why_and_leaves_nothing_and_may_be_corrected()
    {
        string id = Put("""{"id":"S07-1","at":"yesterday"}""");
        ApiBench.Answer refused = await api.PostAsync($"/api/quarantine/{id}/resubmit", "");
        Assert.Equal((HttpStatusCode.OK, 0), (refused.Status, refused.Json.GetProperty("accepted").GetInt32()));
        Assert.NotEqual("", Assert.Single(refused.Json.GetProperty("refused").EnumerateArray()).GetProperty("detail").GetString());
        Assert.Empty(api.Intake.Arrived);
        Assert.False((await api.GetAsync($"/api/quarantine/{id}")).Json.TryGetProperty("resubmitted", out _));

        ApiBench.Answer corrected = await api.PostAsync($"/api/quarantine/{id}/resubmit", JsonSerializer.Serialize(new { payload = Convert.ToBase64String(Encoding.UTF8.GetBytes(Good)), encoding = "base64" }));
        Assert.Equal(1, corrected.Json.GetProperty("accepted").GetInt32());
        Assert.Single(api.Intake.Arrived);
    }

    [Fact]
    public async Task Where_its_source_could_not_send_it_nobody_can()
    {
        string id = Put(Good);
        string stranger = Put(Good, source: "S99");
        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync($"/api/quarantine/{stranger}/resubmit", "")).Status);
        foreach (SourceRegistration changed in (SourceRegistration[])[Rows.Device("S07") with { Disabled = true }, Rows.Device("S07") with { Topics = ["v1/video/S07"] }])
        {
            api.Views.Journal.Show(View.Devices, "S07", changed);
            api.Apply();
            Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync($"/api/quarantine/{id}/resubmit", "")).Status);
        }

        Assert.Empty(api.Intake.Arrived);
    }

    [Fact]
    public async Task Where_it_cannot_be_audited_or_taken_it_is_not_sent_in()
    {
        string id = Put(Good);
        api.Host.Refuses = _ => "Full.";
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.PostAsync($"/api/quarantine/{id}/resubmit", "")).Status);
        Assert.Empty(api.Intake.Arrived);
        api.Host.Refuses = _ => null;
        api.Intake.Refusal = "Full.";
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.PostAsync($"/api/quarantine/{id}/resubmit", "")).Status);
        api.Intake.Refusal = null;
        Assert.Equal(1, (await api.PostAsync($"/api/quarantine/{id}/resubmit", "")).Json.GetProperty("accepted").GetInt32());
    }

    /// <summary>A payload that was refused for its time; its id in the list.</summary>
    private string Put(string payload, string source = "S07")
    {
        byte[] raw = Encoding.UTF8.GetBytes(payload);
        long position = api.Views.Journal.Append(writer => RecordSource.Publish(writer, source, $"v1/wim/{source}/1", raw, new Rejection(RejectReason.BadTime, 0, raw.Length, "in the future")));
        api.Apply();
        return $"{position}-0";
    }
}
