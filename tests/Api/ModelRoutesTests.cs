using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models;
using Streaming.Models.Learned;
using Streaming.Tests.Learned;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>The life of a learned model over HTTP: uploaded, in shadow, compared, promoted, rolled back, removed.</summary>
public sealed class ModelRoutesTests : IAsyncLifetime
{
    private const string Reason = "{\"reason\":\"later cases\"}";
    private static readonly (string Name, string File, LearnedModel Model) First = MadeModels.ByPlate(1, 0);
    private static readonly (string Name, string File, LearnedModel Model) Second = MadeModels.ByPlate(2, 0);
    private ApiBench api = null!;

    public async Task InitializeAsync() => api = await ApiBench.StartAsync();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task A_file_is_taken_where_its_golden_rows_score_as_they_say_and_once()
    {
        ApiBench.Answer taken = await api.PostAsync("/api/models", First.File);
        Assert.True(taken.Status == HttpStatusCode.Created, taken.Text);
        Assert.Equal((First.Name, "uploaded", "admin", JsonValueKind.Null), (Text(taken.Json, "model"), Text(taken.Json, "origin"), Text(taken.Json, "by"), taken.Json.GetProperty("part").ValueKind));
        Assert.Equal("by-hand", Text(taken.Json.GetProperty("card"), "trainer"));
        ApiBench.Answer again = await api.PostAsync("/api/models", First.File);
        Assert.Equal((HttpStatusCode.Conflict, true), (again.Status, again.Text.Contains("already", StringComparison.Ordinal)));

        JsonNode changed = JsonNode.Parse(Second.File)!;
        changed["golden"]![0]!["score"] = 0.25;
        ApiBench.Answer wrong = await api.PostAsync("/api/models", changed.ToJsonString());
        Assert.Equal((HttpStatusCode.BadRequest, true), (wrong.Status, wrong.Text.Contains("Golden row 0 scores", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.BadRequest, (await api.PostAsync("/api/models", "{}")).Status);
        ApiBench.Answer large = await api.PostAsync("/api/models", new string(' ', ModelLimits.UploadedModelBytes + 1));
        Assert.Equal((HttpStatusCode.BadRequest, true), (large.Status, large.Text.Contains("at most", StringComparison.Ordinal)));

        // It is listed beside those that are shipped, and audited.
        JsonElement list = (await api.GetAsync("/api/models")).Json;
        Assert.Equal([.. TrainedModels.Shipped.All.Select(model => model.Name), First.Name], list.GetProperty("items").EnumerateArray().Select(item => Text(item, "model")!));
        AuditEntry entry = api.Host.Entries.Values.First(each => each.Route == "/api/models" && each.Status == 201);
        Assert.Equal(("change", "model", First.Name), (entry.Act, entry.SubjectKind, entry.Subject));
    }

    [Fact]
    public async Task From_shadow_over_promotion_back_each_step_is_said_with_who_when_and_why()
    {
        await api.PostAsync("/api/models", First.File);
        await api.PostAsync("/api/models", Second.File);
        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync("/api/models/over-road-limit/promote", Body(First.Name))).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync("/api/models/over-road-limit/promote", Reason)).Status);
        JsonElement shadow = await DoneAsync("shadow", Body(First.Name));
        Assert.Equal((First.Name, "admin", "later cases"), (Text(shadow.GetProperty("shadow"), "model"), Text(shadow.GetProperty("shadow"), "by"), Text(shadow.GetProperty("shadow"), "reason")));
        JsonElement promoted = await DoneAsync("promote", Reason);
        Assert.Equal(First.Name, Text(promoted.GetProperty("judge"), "model"));
        Assert.Equal(First.Name, api.Host.Rules.Judges.Judge(LearnedKind.OverRoadLimit)!.Name);
        JsonElement overridden = await DoneAsync("promote", $$"""{"model":"{{Second.Name}}","override":true,"threshold":0.75,"reason":"an accident"}""");
        Assert.Equal((Second.Name, 0.75, true, First.Name), (Text(overridden.GetProperty("judge"), "model"), overridden.GetProperty("judge").GetProperty("threshold").GetDouble(), overridden.GetProperty("judge").GetProperty("overridden").GetBoolean(), Text(overridden.GetProperty("shadow"), "model")));
        Assert.Equal(HttpStatusCode.Conflict, (await api.SendAsync(HttpMethod.Delete, $"/api/models/{First.Name}")).Status);
        JsonElement back = await DoneAsync("roll-back", Reason);
        Assert.Equal((First.Name, JsonValueKind.Null), (Text(back.GetProperty("judge"), "model"), back.GetProperty("shadow").ValueKind));
        Assert.Equal(HttpStatusCode.NoContent, (await api.SendAsync(HttpMethod.Delete, $"/api/models/{Second.Name}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Delete, $"/api/models/{Second.Name}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Delete, $"/api/models/{TrainedModels.Shipped.All[0].Name}")).Status);

        AuditEntry entry = api.Host.Entries.Values.Last(each => each.Route == "/api/models/{kind}/promote" && each.Status == 200);
        Assert.Equal(("over-road-limit", "an accident", $"promote {Second.Name}, overriding the shadow"), (entry.Subject, entry.Reason, entry.What));
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_with_the_reason_and_nothing_changes()
    {
        await api.PostAsync("/api/models", First.File);
        int version = api.Host.Rules.Version;
        foreach ((string path, string body, HttpStatusCode status, string says) in ((string, string, HttpStatusCode, string)[])
        [
            ("over-road-limit/shadow", $$"""{"model":"{{First.Name}}"}""", HttpStatusCode.BadRequest, "Say why"),
            ("over-road-limit/shadow", Body("over-road-limit/000000000000"), HttpStatusCode.BadRequest, "There is no model"),
            ("over-road-limit/shadow", $$"""{"model":"{{First.Name}}","reason":"r","threshold":0}""", HttpStatusCode.BadRequest, "above 0"),
            ("over-road-limit/shadow", Reason, HttpStatusCode.Conflict, "Nothing is in shadow"),
            ("over-rated-load/shadow", Body(First.Name), HttpStatusCode.Conflict, "is not one of over-rated-load"),
            ("over-road-limit/roll-back", Reason, HttpStatusCode.Conflict, "No model was promoted"),
            ("over-the-moon/shadow", Body(First.Name), HttpStatusCode.NotFound, "Nothing is learned of 'over-the-moon'"),
            ("over-road-limit/promote", $$"""{"modle":"{{First.Name}}","reason":"r"}""", HttpStatusCode.BadRequest, "no field 'modle'"),
        ])
        {
            ApiBench.Answer answer = await api.PostAsync($"/api/models/{path}", body);
            Assert.True(answer.Status == status && answer.Text.Contains(says, StringComparison.Ordinal), $"{path} {body}: {answer.Status} {answer.Text}");
        }

        Assert.Equal(version, api.Host.Rules.Version);
        Assert.Equal(HttpStatusCode.Conflict, (await api.GetAsync("/api/models/over-road-limit/comparison")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/models/over-the-moon/comparison")).Status);
    }

    [Fact]
    public async Task The_comparison_is_of_cases_that_were_closed_since_the_shadow_began()
    {
        await api.PostAsync("/api/models", First.File);
        await api.PostAsync("/api/models", Second.File);
        long nowMs = api.Views.Time.GetUtcNow().ToUnixTimeMilliseconds();
        api.Views.Journal.NowMs = nowMs - 60_000;
        Show("before", "penalty", 0.1, 0.1);
        await DoneAsync("promote", $$"""{"model":"{{First.Name}}","override":true,"reason":"r"}""");
        await DoneAsync("shadow", Body(Second.Name));
        api.Views.Journal.NowMs = nowMs + 1_000;
        Show("true", "penalty", 0.9, 0.6);
        Show("false", "false-alarm", 0.8, 0.2);
        Show("says nothing", "no-action", 0.8, 0.2);
        api.Apply();

        JsonElement comparison = (await api.GetAsync("/api/models/over-road-limit/comparison")).Json;
        Assert.Equal((3, 1, 0, 2, 1, 1), (Whole(comparison, "closed"), Whole(comparison, "unlabelled"), Whole(comparison, "unscored"), Whole(comparison, "cases"), Whole(comparison, "foundTrue"), Whole(comparison, "foundFalse")));
        JsonElement[] models = [.. comparison.GetProperty("models").EnumerateArray()];
        Assert.Equal([First.Name, Second.Name], models.Select(model => Text(model, "model")!));
        Assert.Equal([0.5, 1.0], models.Select(model => model.GetProperty("precision").GetDouble()));
        Assert.Equal([(0.01 + 0.64) / 2, (0.16 + 0.04) / 2], models.Select(model => Math.Round(model.GetProperty("brier").GetDouble(), 9)));
        Assert.Equal(10, models[1].GetProperty("calibration").GetArrayLength());
        Assert.Equal("S07", Text(models[1].GetProperty("stations")[0], "source"));
        Assert.Equal(4, Whole((await api.GetAsync("/api/models/over-road-limit/comparison?from=2026-01-01T00:00:00Z")).Json, "closed"));
        Assert.Equal(JsonValueKind.Null, (await api.GetAsync("/api/models/over-road-limit/comparison?threshold=0.95")).Json.GetProperty("models")[0].GetProperty("precision").ValueKind);

        void Show(string id, string outcome, double judge, double shadow)
        {
            Warning warning = Rows.Warning() with { Scores = [new ModelScore(First.Name, "judge", judge, 0.5), new ModelScore("road-limit/1", "built-in", 0.9), new ModelScore(Second.Name, "shadow", shadow, 0.5)] };
            api.Views.Journal.Show(View.Cases, id, Rows.Case(id, state: "closed") with { Outcome = outcome, Warning = warning });
        }
    }

    [Theory]
    [InlineData("supervisor", null, "*", true, true)]
    [InlineData("supervisor", "command-centre", "*", true, true)]
    [InlineData("supervisor", "transport", "*", false, false)]
    [InlineData("supervisor", null, "harbour", false, false)]
    [InlineData("inspector", null, "*", false, true)]
    [InlineData("operator", null, "*", false, false)]
    [InlineData("member", "transport", "*", false, false)]
    public async Task Who_decides_and_who_sees_the_comparison_is_for_the_whole_city(string role, string? department, string district, bool decides, bool sees)
    {
        string token = await api.TokenAsync("somebody", role, department, district);
        Assert.Equal(decides ? HttpStatusCode.Created : HttpStatusCode.Forbidden, (await api.PostAsync("/api/models", First.File, token)).Status);
        await api.PostAsync("/api/models", First.File);
        Assert.Equal(decides ? HttpStatusCode.OK : HttpStatusCode.Forbidden, (await api.PostAsync("/api/models/over-road-limit/shadow", Body(First.Name), token)).Status);
        await api.PostAsync("/api/models/over-road-limit/shadow", Body(First.Name));
        Assert.Equal(sees ? HttpStatusCode.OK : HttpStatusCode.Forbidden, (await api.GetAsync("/api/models/over-road-limit/comparison", token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/models", token)).Status);
    }

    private async Task<JsonElement> DoneAsync(string action, string body)
    {
        ApiBench.Answer answer = await api.PostAsync($"/api/models/over-road-limit/{action}", body);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Json;
    }

    private static string Body(string model) => $$"""{"model":"{{model}}","reason":"later cases"}""";

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static int Whole(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
