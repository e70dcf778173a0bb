using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Silo.Host;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>
/// A scene through the real process: the street offices draft it, try it on what their camera has sent already, propose it, mend what the command centre returned, and get its alerts once it is approved. The process is killed on the way.
/// </summary>
public sealed class SceneProcessTests
{
    private const string Scene = "/api/scenes/stall-thrice";
    private const string Kind = "scene-stall-thrice";
    private readonly Dictionary<string, string> tokens = [];

    public static TheoryData<string> HostNames => [.. Hosts.BuiltIn.Select(Hosts.Name)];

    [Theory]
    [MemberData(nameof(HostNames))]
    public async Task A_department_drafts_tries_and_proposes_a_scene_and_its_alerts_come_once_the_centre_approved(string host)
    {
        await using SiloProcess silo = new();
        string[] options = ["--bind", "127.0.0.1", "--host", host];
        await silo.StartAsync(options);
        await silo.RegisterDeviceAsync("""{"id":"C07","password":"p","topics":["v1/video/C07"],"kind":"video","district":"harbour","place":"plaza-3"}""");
        foreach ((string name, string role, string department) in new[]
        {
            ("desk", "member", "streets"), ("chief", "supervisor", "streets"), ("centre", "supervisor", "command-centre"), ("other", "supervisor", "transport"), ("inspector", "inspector", "streets"),
        })
        {
            tokens[name] = await silo.IssueTokenAsync(name, role, department);
        }

        // What the camera saw before there was a scene.
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await SeeAsync(silo, "before", now.AddMinutes(-14), now.AddMinutes(-8), now.AddMinutes(-2));

        await DraftAsync(silo);
        await TryAndProposeAsync(silo, 1, warnings: 1);
        await ReturnAsync(silo);
        await MendAsync(silo);
        await TryAndProposeAsync(silo, 2, warnings: 1);

        silo.Kill();
        await silo.StartAsync(options);
        JsonElement proposed = await GetAsync(silo, "centre");
        Assert.Equal(("proposed", 2), (Text(proposed, "state"), proposed.GetProperty("revision").GetInt32()));
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(silo, "chief", HttpMethod.Post, $"{Scene}/approve", Version(proposed))).Status);
        (HttpStatusCode status, JsonElement approved) = await SendAsync(silo, "centre", HttpMethod.Post, $"{Scene}/approve", Version(proposed));
        Assert.Equal((HttpStatusCode.OK, "approved", 2), (status, Text(approved, "state"), approved.GetProperty("inForce").GetProperty("revision").GetInt32()));
        JsonElement inForce = (await silo.GetAsync("/api/rulebook"))!.Value.GetProperty("decisions").GetProperty("scenes")[0];
        Assert.Equal(("stall-thrice", "centre"), (Text(inForce, "id"), Text(inForce, "approvedBy")));

        silo.Kill();
        await silo.StartAsync(options);
        FeedFollower feed = new(silo, "streets", tokens["desk"]);
        using CancellationTokenSource following = new();
        Task follow = feed.RunAsync(following.Token);
        await SeeAsync(silo, "live", DateTimeOffset.UtcNow.AddSeconds(-3), DateTimeOffset.UtcNow.AddSeconds(-2), DateTimeOffset.UtcNow.AddSeconds(-1));
        JsonElement alert = await UntilAsync(silo, () => Task.FromResult(feed.Items.Select(item => JsonSerializer.Deserialize<JsonElement>(item)).FirstOrDefault(item => Text(item, "kind") == Kind)), found => found.ValueKind == JsonValueKind.Object);
        Assert.Equal(("plaza-3", "notice", "lead"), (Text(alert, "subject"), Text(alert, "stage"), Text(alert, "role")));
        Assert.StartsWith("A stall that will not go: 3 events", Text(alert.GetProperty("explanation"), "en"), StringComparison.Ordinal);
        await following.CancelAsync();
        await follow;

        JsonElement opened = (await silo.ListUntilAsync($"/api/cases?kind={Kind}", 1))[0];
        Assert.Equal(("graduated", "streets"), (Text(opened, "workflow"), Text(opened, "lead")));
        Assert.StartsWith("scene \"A stall that will not go\"", Text(opened, "reason"), StringComparison.Ordinal);
        await WithdrawAsync(silo, options);
    }

    private async Task DraftAsync(SiloProcess silo)
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(silo, "other", HttpMethod.Post, "/api/scenes", body: Draft("A stall that stays"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(silo, "inspector", HttpMethod.Post, "/api/scenes", body: Draft("A stall that stays"))).Status);
        (HttpStatusCode wrong, JsonElement problem) = await SendAsync(silo, "desk", HttpMethod.Post, "/api/scenes", body: Draft("A stall that stays").Replace("\"times\":3", "\"times\":0", StringComparison.Ordinal).Replace("graduated", "gradual", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, wrong);
        Assert.Contains("$.scene.thresholds.times", Text(problem, "detail"), StringComparison.Ordinal);
        Assert.Contains("$.scene.route.workflow", Text(problem, "detail"), StringComparison.Ordinal);

        (HttpStatusCode status, JsonElement drafted) = await SendAsync(silo, "desk", HttpMethod.Post, "/api/scenes", body: Draft("A stall that stays"));
        Assert.Equal((HttpStatusCode.Created, "draft", 1), (status, Text(drafted, "state"), drafted.GetProperty("revision").GetInt32()));
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(silo, "desk", HttpMethod.Post, "/api/scenes", body: Draft("A stall that stays"))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(silo, "other", HttpMethod.Get, Scene)).Status);
        Assert.Empty((await SendAsync(silo, "other", HttpMethod.Get, "/api/scenes")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(Kind, Text((await SendAsync(silo, "centre", HttpMethod.Get, "/api/scenes")).Json.GetProperty("items")[0], "kind"));

        // Not before it was tried, not by a member, and not without saying what was read.
        Assert.Equal(HttpStatusCode.PreconditionRequired, (await SendAsync(silo, "chief", HttpMethod.Post, $"{Scene}/propose")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(silo, "desk", HttpMethod.Post, $"{Scene}/propose", 1)).Status);
        (HttpStatusCode untried, JsonElement why) = await SendAsync(silo, "chief", HttpMethod.Post, $"{Scene}/propose", 1);
        Assert.Equal(HttpStatusCode.Conflict, untried);
        Assert.Equal(["change", "back-test", "withdraw"], why.GetProperty("allowed").EnumerateArray().Select(action => action.GetString()!));
    }

    private async Task TryAndProposeAsync(SiloProcess silo, int revision, int warnings)
    {
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(silo, "desk", HttpMethod.Post, $"{Scene}/back-test")).Status);
        JsonElement tried = await UntilAsync(silo, () => GetAsync(silo, "desk"), row => Text(row, "state") == "tested" || (row.TryGetProperty("backTest", out JsonElement test) && Text(test, "state") == "failed"));
        Assert.True(Text(tried, "state") == "tested", tried.GetRawText());
        JsonElement test = tried.GetProperty("test");
        Assert.Equal((revision, warnings, 3), (test.GetProperty("revision").GetInt32(), test.GetProperty("warnings").GetInt32(), test.GetProperty("counted").GetInt32()));
        Assert.Equal(("harbour", "place:plaza-3"), (Text(test.GetProperty("districts")[0], "of"), Text(test.GetProperty("top")[0], "of")));
        Assert.Equal(["before-0", "before-1", "before-2"], test.GetProperty("examples")[0].GetProperty("readings").EnumerateArray().Select(reading => Text(reading, "id")));
        Assert.True(test.TryGetProperty("reachesBackTo", out _));
        Assert.False(test.TryGetProperty("stopped", out _));
        Assert.Empty(await silo.ListAsync($"/api/warnings?kind={Kind}"));

        (HttpStatusCode status, JsonElement proposed) = await SendAsync(silo, "chief", HttpMethod.Post, $"{Scene}/propose", Version(tried));
        Assert.Equal((HttpStatusCode.OK, "proposed"), (status, Text(proposed, "state")));
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(silo, "chief", HttpMethod.Post, $"{Scene}/propose", Version(tried))).Status);
    }

    private async Task ReturnAsync(SiloProcess silo)
    {
        long version = Version(await GetAsync(silo, "centre"));
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(silo, "centre", HttpMethod.Post, $"{Scene}/return", version)).Status);
        (HttpStatusCode status, JsonElement returned) = await SendAsync(silo, "centre", HttpMethod.Post, $"{Scene}/return", version, "{\"note\":\"name it so that the street understands it\"}");
        Assert.Equal((HttpStatusCode.OK, "returned", "name it so that the street understands it"), (status, Text(returned, "state"), Text(returned, "note")));
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(silo, "centre", HttpMethod.Post, $"{Scene}/approve", Version(returned))).Status);
    }

    /// <summary>Two people change it at once: one is told that the other was first, and what is there now.</summary>
    private async Task MendAsync(SiloProcess silo)
    {
        long version = Version(await GetAsync(silo, "desk"));
        (HttpStatusCode Status, JsonElement Json)[] both = await Task.WhenAll(
            SendAsync(silo, "desk", HttpMethod.Put, Scene, version, Draft("A stall that will not go")), SendAsync(silo, "chief", HttpMethod.Put, Scene, version, Draft("A stall that will not go")));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], both.Select(each => each.Status).Order());
        Assert.Contains($"at version {version + 1}", Text(both.Single(each => each.Status == HttpStatusCode.Conflict).Json, "detail"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(silo, "other", HttpMethod.Put, Scene, version + 1, Draft("Mine"))).Status);
    }

    private async Task WithdrawAsync(SiloProcess silo, string[] options)
    {
        (HttpStatusCode status, JsonElement withdrawn) = await SendAsync(silo, "centre", HttpMethod.Post, $"{Scene}/withdraw", Version(await GetAsync(silo, "centre")), "{\"note\":\"the market has a place of its own now\"}");
        Assert.Equal((HttpStatusCode.OK, "withdrawn"), (status, Text(withdrawn, "state")));
        Assert.False((await silo.GetAsync("/api/rulebook"))!.Value.TryGetProperty("decisions", out _));
        silo.Kill();
        await silo.StartAsync(options);
        Assert.Equal("withdrawn", Text(await GetAsync(silo, "desk"), "state"));
        await SeeAsync(silo, "after", DateTimeOffset.UtcNow);
        JsonElement warning = (await UntilAsync(silo, async () => await silo.ListAsync($"/api/warnings?kind={Kind}"), list => list.Count == 1 && !list[0].GetProperty("open").GetBoolean()))[0];
        Assert.Contains("The scene was withdrawn.", Text(warning.GetProperty("explanation"), "en"), StringComparison.Ordinal);
        Assert.DoesNotContain((await silo.GetAsync("/api/places/plaza-3"))!.Value.GetProperty("openWarnings").EnumerateArray(), open => Text(open, "kind") == Kind);
        (int code, string report) = await SiloProcess.RunAsync("verify", silo.Data);
        Assert.True(code == 0, report);
    }

    private static async Task SeeAsync(SiloProcess silo, string id, params DateTimeOffset[] times)
    {
        using CancellationTokenSource patience = new(silo.Patience);
        await using MqttPublisher camera = await MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, "C07", "C07", "p", MqttVersion.V5, cancellation: patience.Token);
        for (int i = 0; i < times.Length; i++)
        {
            string seen = string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"{id}-{i}\",\"at\":\"{times[i]:yyyy-MM-ddTHH:mm:ss.fffZ}\",\"event\":\"street-stall\",\"confidence\":0.7}}");
            Assert.True((await camera.PublishAndWaitAsync("v1/video/C07"u8.ToArray(), Encoding.UTF8.GetBytes(seen), cancellation: patience.Token)).IsSuccess);
        }
    }

    private async Task<JsonElement> GetAsync(SiloProcess silo, string who)
    {
        (HttpStatusCode status, JsonElement json) = await SendAsync(silo, who, HttpMethod.Get, Scene);
        Assert.Equal(HttpStatusCode.OK, status);
        return json;
    }

    private async Task<(HttpStatusCode Status, JsonElement Json)> SendAsync(SiloProcess silo, string who, HttpMethod method, string path, long? version = null, string? body = null)
    {
        using HttpRequestMessage request = new(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens[who]);
        if (version is { } read)
        {
            request.Headers.TryAddWithoutValidation("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{read}\""));
        }

        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await silo.Http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    private static async Task<T> UntilAsync<T>(SiloProcess silo, Func<Task<T>> read, Func<T, bool> enough)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            T found = await read();
            if (enough(found) || waited.Elapsed > silo.Patience)
            {
                return found;
            }

            await Task.Delay(25);
        }
    }

    private static string Draft(string name) => $$$"""
        {"id":"stall-thrice","name":{"en":"{{{name}}}","zh":"占道经营滞留"},"department":"streets","districts":["harbour"],"subjects":["place"],
         "thresholds":{"events":["street-stall"],"minimumPermille":600,"times":3,"withinMinutes":120,"sameCamera":true},"route":{"lead":"streets","workflow":"graduated"}}
        """;

    private static long Version(JsonElement row) => row.GetProperty("version").GetInt64();

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
}
