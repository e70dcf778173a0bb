using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Streaming.Silo.Host;
using Streaming.Tests.Notices;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>Storms, silences and webhooks of the real process, over HTTP and MQTT, on every host.</summary>
public sealed class DeliveryProcessTests
{
    private static readonly string[] Overloads = ["over-*"];
    private static readonly string[] Smoke = ["smoke"];

    public static TheoryData<string> HostNames => [.. Hosts.BuiltIn.Select(Hosts.Name)];

    [Theory]
    [MemberData(nameof(HostNames))]
    public async Task A_thousand_warnings_of_one_cause_within_a_minute_are_one_case_and_three_messages_to_a_person_at_most(string host)
    {
        using TemporaryCity city = new(storms => storms["groups"]!.AsArray().Insert(0, JsonNode.Parse("""{"name":"one-cause","kinds":["over-road-limit"],"by":"district","withinMinutes":10}""")), tellAfterMinutes: 1);
        await using SiloProcess silo = new() { Patience = TimeSpan.FromMinutes(3) };
        await silo.StartAsync("--host", host, "--city", city.Directory);
        await silo.RegisterStationAsync("S07");
        string leader = await silo.IssueTokenAsync("desk", "member", "transport");
        DateTimeOffset began = DateTimeOffset.UtcNow;
        await WeighAsync(silo, Enumerable.Range(0, 1000));
        Assert.True(DateTimeOffset.UtcNow - began < TimeSpan.FromMinutes(1), "It took longer than a minute, so nothing is proved.");

        List<JsonElement> cases = await silo.ListUntilAsync("/api/cases", 1);
        string id = Assert.Single(cases).GetProperty("id").GetString()!;
        List<JsonElement> warnings = await silo.ListUntilAsync($"/api/warnings?case={id}&limit=1000", 1000);
        Assert.Equal(1000, warnings.Select(warning => warning.GetProperty("subject").GetString()).Distinct().Count());
        Assert.Equal(999, warnings.Count(warning => warning.TryGetProperty("handling", out JsonElement handling) && handling.GetProperty("group").GetString() == "one-cause"));

        // The case of a process that was killed meanwhile still sums up, once.
        silo.Kill();
        await silo.StartAsync("--host", host, "--city", city.Directory);
        Assert.Single(await silo.ListAsync("/api/cases"));
        List<string> types = [];
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/departments/transport/alerts?from=0&district=*");
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", leader);
        using HttpResponseMessage answer = await silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using StreamReader stream = new(await answer.Content.ReadAsStreamAsync());
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(120));
        string summed = "";
        try
        {
            while (await stream.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    JsonElement alert = JsonSerializer.Deserialize<JsonElement>(line[6..]);
                    types.Add(alert.GetProperty("type").GetString()!);
                    summed = alert.GetProperty("explanation").GetProperty("en").GetString()!;
                    if (types[^1] == "warnings-joined")
                    {
                        // Nothing more follows.
                        patience.CancelAfter(TimeSpan.FromSeconds(5));
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It was heard long enough.
        }

        Assert.True(types.Count <= 3, string.Join(", ", types));
        Assert.Equal(["work-order", "warnings-joined"], types);
        Assert.Contains("999 in all", summed, StringComparison.Ordinal);
        JsonElement storm = (await silo.GetAsync($"/api/cases/{id}"))!.Value.GetProperty("storm");
        Assert.Equal((999, 0), (storm.GetProperty("joined").GetInt32(), storm.GetProperty("untold").GetInt32()));

        // Its end is the end of them all.
        using HttpResponseMessage closed = await silo.Http.PostAsJsonAsync($"/api/workorders/{id}-w1/complete", new { outcome = "false-alarm" });
        Assert.True(closed.IsSuccessStatusCode, await closed.Content.ReadAsStringAsync());
        Assert.Equal(1000, (await silo.ListUntilAsync($"/api/warnings?case={id}&open=false&limit=1000", 1000)).Count);
        await WeighAsync(silo, [5], day: 2);
        Assert.Equal(2, (await silo.ListUntilAsync("/api/cases", 2)).Count);
    }

    [Theory]
    [MemberData(nameof(HostNames))]
    public async Task What_a_silence_held_back_opens_its_case_when_it_ends_also_after_a_kill(string host)
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--host", host);
        await silo.RegisterStationAsync("S07");
        using HttpResponseMessage begun = await silo.Http.PostAsJsonAsync("/api/silences", new { kinds = Overloads, district = "harbour", until = DateTimeOffset.UtcNow.AddHours(1), reason = "The scale is tested." });
        Assert.True(begun.StatusCode == HttpStatusCode.Created, await begun.Content.ReadAsStringAsync());
        string id = (await begun.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("silence").GetProperty("id").GetString()!;
        using HttpResponseMessage second = await silo.Http.PostAsJsonAsync("/api/silences", new { kinds = Smoke, until = DateTimeOffset.UtcNow.AddHours(1), reason = "Another." });
        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        await WeighAsync(silo, [1]);
        await silo.ListUntilAsync("/api/warnings", 1);
        JsonElement held = await HandlingAsync(silo, "held");
        Assert.Equal(("silence", id, "The scale is tested."), (held.GetProperty("by").GetString(), held.GetProperty("id").GetString(), held.GetProperty("reason").GetString()));
        Assert.Empty(await silo.ListAsync("/api/cases"));

        silo.Kill();
        await silo.StartAsync("--host", host);
        Assert.Empty(await silo.ListAsync("/api/cases"));
        using HttpResponseMessage ended = await silo.Http.DeleteAsync($"/api/silences/{id}?reason=done");
        Assert.True(ended.StatusCode == HttpStatusCode.OK, await ended.Content.ReadAsStringAsync());
        Assert.Equal("over-road-limit", Assert.Single(await silo.ListUntilAsync("/api/cases", 1)).GetProperty("kind").GetString());
        List<JsonElement> silences = [.. (await silo.GetAsync("/api/silences"))!.Value.GetProperty("items").EnumerateArray()];
        Assert.Equal((2, false), (silences.Count, silences[1].GetProperty("inForce").GetBoolean()));
        Assert.Equal("done", silences[1].GetProperty("silence").GetProperty("endReason").GetString());

        // One whose time is over ends by itself.
        using HttpResponseMessage brief = await silo.Http.PostAsJsonAsync("/api/silences", new { kinds = Overloads, until = DateTimeOffset.UtcNow.AddSeconds(8), reason = "Briefly." });
        Assert.Equal(HttpStatusCode.Created, brief.StatusCode);
        await WeighAsync(silo, [2]);
        await silo.ListUntilAsync("/api/warnings", 2);
        Assert.Single(await silo.ListAsync("/api/cases"));
        Assert.Equal(2, (await silo.ListUntilAsync("/api/cases", 2)).Count);
    }

    [Theory]
    [MemberData(nameof(HostNames))]
    public async Task A_webhook_gets_every_alert_in_order_through_failures_and_a_kill(string host)
    {
        await using FakeGateway receiver = new();
        receiver.Answer = number => Task.FromResult<string?>(FakeGateway.Status(number % 7 == 3 ? 500 : 200));
        await using SiloProcess silo = new();
        string[] options = ["--bind", "127.0.0.1", "--host", host, "--webhook-networks", "127.0.0.0/8"];
        await silo.StartAsync(options);
        await silo.RegisterStationAsync("S07");
        object asked = new { url = receiver.Url, department = "transport", district = "*", types = new[] { "work-order" }, key = "once" };
        using HttpResponseMessage created = await silo.Http.PostAsJsonAsync("/api/webhooks", asked);
        Assert.True(created.StatusCode == HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        JsonElement webhook = await created.Content.ReadFromJsonAsync<JsonElement>();
        using HttpResponseMessage again = await silo.Http.PostAsJsonAsync("/api/webhooks", asked);
        Assert.Equal(webhook.GetRawText(), (await again.Content.ReadFromJsonAsync<JsonElement>()).GetRawText());
        using HttpResponseMessage refused = await silo.Http.PostAsJsonAsync("/api/webhooks", new { url = "https://192.168.7.1/x", department = "transport", district = "*" });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        await WeighAsync(silo, Enumerable.Range(0, 10));
        while (receiver.Requests.Count < 6)
        {
            await Task.Delay(20);
        }

        silo.Kill();
        await silo.StartAsync(options);
        await WeighAsync(silo, Enumerable.Range(10, 10));
        string secret = webhook.GetProperty("secret").GetString()!;
        List<string> first = [];
        while (first.Count < 20)
        {
            FakeGateway.Request request = await receiver.NextAsync();
            byte[] signed = Encoding.UTF8.GetBytes($"{request.Key}.{request.Headers["Streaming-Timestamp"]}.{request.Text}");
            Assert.Equal("v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed)), request.Headers["Streaming-Signature"]);
            if (!first.Contains(request.Key))
            {
                first.Add(request.Key);
            }
        }

        // In order, without a hole: the alerts of a feed are numbered one by one, and all of these are work orders.
        string id = webhook.GetProperty("id").GetString()!;
        Assert.Equal(Enumerable.Range(1, 20).Select(number => $"{id}-{number}"), first);
        JsonElement row = (await silo.GetAsync($"/api/webhooks/{id}"))!.Value;
        Assert.Equal(("active", 0), (row.GetProperty("state").GetString(), row.GetProperty("deadLetters").GetInt32()));
        using HttpResponseMessage removed = await silo.Http.DeleteAsync($"/api/webhooks/{id}");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Null(await silo.GetAsync($"/api/webhooks/{id}"));
    }

    private static async Task<JsonElement> HandlingAsync(SiloProcess silo, string name)
    {
        for (int i = 0; i < 400; i++)
        {
            JsonElement warning = Assert.Single(await silo.ListAsync("/api/warnings"));
            if (warning.TryGetProperty("handling", out JsonElement handling))
            {
                return handling.GetProperty(name);
            }

            await Task.Delay(25);
        }

        throw new TimeoutException("Nothing says what became of the warning.");
    }

    private static async Task WeighAsync(SiloProcess silo, IEnumerable<int> trucks, int day = 1)
    {
        string axles = string.Join(',', Enumerable.Range(0, 6).Select(i => FormattableString.Invariant($$"""{"massKg":10000,"offsetM":{{i * 2}}}""")));
        byte[][] readings = [.. trucks.Select(truck => Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $$"""{"id":"t{{truck}}-{{day}}","at":"{{DateTimeOffset.UtcNow:O}}","plate":"粤H{{truck:00000}}","plateColor":"yellow","plateConfidence":0.97,"speedKmh":63.5,"axles":[{{axles}}],"grossKg":60000,"vehicleClass":"combination"}""")))];
        await new StationClient(silo.MqttPort, "S07", readings).RunAsync(CancellationToken.None);
    }

    /// <summary>The shipped city with other rules for storms.</summary>
    private sealed class TemporaryCity : IDisposable
    {
        public TemporaryCity(Action<JsonNode> change, int tellAfterMinutes)
        {
            string shipped = Streaming.Ingest.City.CityFiles.ShippedDirectory;
            foreach (string file in System.IO.Directory.EnumerateFiles(shipped))
            {
                File.Copy(file, Path.Combine(Directory, Path.GetFileName(file)));
            }

            string routing = Path.Combine(Directory, "routing.json");
            JsonNode document = JsonNode.Parse(File.ReadAllText(routing))!;
            change(document["storms"]!);
            document["storms"]!["tellAfterMinutes"] = new JsonArray(tellAfterMinutes, 15);
            File.WriteAllText(routing, document.ToJsonString());
        }

        public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("streaming-city-").FullName;

        public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
    }
}
