using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Streaming.Silo.Host;
using Streaming.Tests.Notices;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>Notices through the real process and its disk: a truck is overloaded, its owner is asked, a gateway and the owner's own terminal take the notice, the process is killed on the way, and the owner answers.</summary>
public sealed class NoticeProcessTests : IDisposable
{
    private const string Truck = "粤H12345-yellow";
    private const string Notice = "harbour-1-n1";
    private const string Secret = "a-secret-of-the-gateway";
    private const string Topic = "v1/subjects/粤H12345-yellow/notices";
    private static readonly string[] Receives = [Topic];
    private static readonly string[] Everything = ["#"];
    private static readonly string[] Site = ["site/1"];
    private static readonly string[] Records = ["v1/records/police"];
    private static readonly string[] Status = ["v1/status/T1"];

    private readonly string settings = Directory.CreateTempSubdirectory("streaming-gateways-").FullName;

    public static TheoryData<string> HostNames => [.. Hosts.BuiltIn.Select(Hosts.Name)];

    public void Dispose() => Directory.Delete(settings, recursive: true);

    [Theory]
    [MemberData(nameof(HostNames))]
    public async Task A_subject_is_asked_over_its_gateway_through_a_kill_and_answers_once(string host)
    {
        await using FakeGateway gateway = new();
        await using SiloProcess silo = new();
        TaskCompletionSource<string?> hold = new();
        gateway.Answer = number => number == 0 ? hold.Task : Task.FromResult<string?>(FakeGateway.Status(200));
        string[] options = ["--bind", "127.0.0.1", "--host", host, "--gateways", Gateways(gateway)];
        await silo.StartAsync(options);
        await OverloadAsync(silo);
        string member = await silo.IssueTokenAsync("desk", "member", "transport");
        string link = await NotifyAsync(silo, member);

        // Killed between the post and the mark: nothing says that it was delivered, and it comes again as what it was.
        FakeGateway.Request first = await gateway.NextAsync();
        Assert.Equal("waiting", (await NoticeAsync(silo)).GetProperty("channels")[0].GetProperty("state").GetString());
        silo.Kill();
        hold.SetResult(FakeGateway.Status(200));
        await silo.StartAsync(options);
        FakeGateway.Request second = await gateway.NextAsync();
        Assert.Equal((first.Key, first.Text), (second.Key, second.Text));
        JsonElement letter = JsonSerializer.Deserialize<JsonElement>(first.Text);
        Assert.Equal(("13800000000", Truck), (letter.GetProperty("to").GetString(), letter.GetProperty("subject").GetString()));
        Assert.Equal(link, letter.GetProperty("link").GetString());
        await UntilAsync(silo, "delivered");

        // The owner opens the link on the telephone and answers with a picture.
        using HttpClient phone = new() { BaseAddress = silo.Http.BaseAddress };
        string path = new Uri(link).AbsolutePath;
        Assert.Contains("60,000", await phone.GetStringAsync(path), StringComparison.Ordinal);
        await UntilAsync(silo, "opened");
        byte[] picture = [0xFF, 0xD8, 0xFF, .. Encoding.UTF8.GetBytes("a picture of an empty truck")];
        using (HttpResponseMessage answer = await AnswerAsync(phone, path, picture))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        silo.Kill();
        await silo.StartAsync(options);
        JsonElement notice = await UntilAsync(silo, "answered");
        Assert.Equal("已卸载", notice.GetProperty("answer").GetProperty("note").GetString());
        Assert.Equal(picture, await silo.Http.GetByteArrayAsync(new Uri($"/api/notices/{Notice}/picture", UriKind.Relative)));
        using (HttpResponseMessage again = await AnswerAsync(phone, path, picture))
        {
            Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        }

        string[] history = [.. (await silo.GetAsync("/api/cases/harbour-1"))!.Value.GetProperty("history").EnumerateArray().Select(line => line.GetProperty("what").GetString()!)];
        Assert.Equal(["notice", "notice-delivered", "notice-opened", "notice-answered"], history.Where(what => what.StartsWith("notice", StringComparison.Ordinal)));
        await HearsAsync(silo, member, "notice-answered");

        // Neither the link's secret nor the gateway's is in journal, states or lists, nor in what the process says of itself.
        await silo.TerminateAsync();
        byte[] secret = Encoding.ASCII.GetBytes(path[(path.LastIndexOf('/') + 1)..]);
        foreach (string file in Directory.EnumerateFiles(silo.Data, "*", SearchOption.AllDirectories))
        {
            byte[] bytes = await File.ReadAllBytesAsync(file);
            Assert.True(bytes.AsSpan().IndexOf(secret) < 0 && bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Secret)) < 0, file);
        }

        Assert.DoesNotContain(Encoding.ASCII.GetString(secret), silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, silo.Output, StringComparison.Ordinal);
    }

    [MosquittoFact]
    public async Task A_terminal_that_was_away_gets_its_notice_with_the_link_and_nobody_else_does()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--bind", "127.0.0.1");
        string terminal = await PostAsync(silo, "/api/devices", new { id = "T1", kind = "terminal", topics = Status, receives = Receives, district = "harbour" }, "password");
        string other = await PostAsync(silo, "/api/devices", new { id = "T2", kind = "terminal", topics = Status, receives = Everything, district = "harbour" }, "password");
        await SubscribeAsync(silo, "T1", terminal, Topic, ["-E"]);
        await SubscribeAsync(silo, "T2", other, "#", ["-E"]);
        await OverloadAsync(silo, phone: false);
        string link = await NotifyAsync(silo, await silo.IssueTokenAsync("desk", "member", "transport"));
        Assert.StartsWith("/notice/", link, StringComparison.Ordinal);
        await UntilAsync(silo, "delivered");
        silo.Kill();
        await silo.StartAsync("--bind", "127.0.0.1");

        JsonElement queued = JsonSerializer.Deserialize<JsonElement>(await SubscribeAsync(silo, "T1", terminal, Topic, ["-C", "1", "-W", "60"]));
        Assert.Equal((Notice, link), (queued.GetProperty("id").GetString(), queued.GetProperty("link").GetString()));
        Assert.Equal(queued.GetRawText(), JsonSerializer.Deserialize<JsonElement>(await SubscribeAsync(silo, "T1", terminal, Topic, ["-C", "1", "-W", "60"], "later")).GetRawText());

        // What comes after it shows that nothing came before it.
        await RunAsync("mosquitto_pub", silo, "T1", terminal, ["-q", "1", "-t", "v1/status/T1", "-m", "{\"online\":true}"]);
        string writer = await PostAsync(silo, "/api/tokens", new { name = "writer", role = "member", department = "transport", district = "harbour", publishes = Site }, "token");
        await RunAsync("mosquitto_pub", silo, "writer", writer, ["-q", "1", "-t", "site/1", "-m", "marker"]);
        Assert.Equal("marker", (await SubscribeAsync(silo, "T2", other, "#", ["-C", "1", "-W", "60"])).Trim());
        Assert.Contains("denied", (await StartAsync("mosquitto_sub", silo, "T2", other, ["-i", "x", "-q", "1", "-t", Topic, "-W", "5", "-E"])).Error, StringComparison.Ordinal);
    }

    private string Gateways(FakeGateway gateway)
    {
        File.WriteAllText(Path.Combine(settings, "secret"), Secret);
        string file = Path.Combine(settings, "gateways.json");
        File.WriteAllText(file, $$"""{"publicUrl":"https://notices.city.example","gateways":[{"name":"sms","url":"{{gateway.Url}}","secretFile":"secret","allowNetworks":["127.0.0.0/8"],"timeoutSeconds":60}]}""");
        return file;
    }

    private static async Task OverloadAsync(SiloProcess silo, bool phone = true)
    {
        await silo.RegisterStationAsync("S07");
        if (phone)
        {
            await PostAsync(silo, "/api/devices", new { id = "police", password = "p", kind = "register", district = "harbour", topics = Records, register = "vehicles" }, "id");
            using StringContent table = new($"plate,phone\n{Truck},13800000000\n", Encoding.UTF8, "text/csv");
            using HttpResponseMessage loaded = await silo.Http.PostAsync(new Uri("/api/registers/vehicles/records?source=police", UriKind.Relative), table);
            Assert.True(loaded.IsSuccessStatusCode, await loaded.Content.ReadAsStringAsync());
            await silo.ListUntilAsync("/api/registers/vehicles?source=police", 1);
        }

        string axles = string.Join(',', Enumerable.Range(0, 6).Select(i => $"{{\"massKg\":10000,\"offsetM\":{(i == 0 ? "0" : $"{i}.5")}}}"));
        string weighing = string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"id\":\"S07-1\",\"at\":\"{DateTimeOffset.UtcNow:yyyy-MM-ddTHH:mm:ssZ}\",\"plate\":\"粤H12345\",\"plateColor\":\"yellow\",\"axles\":[{axles}],\"grossKg\":60000,\"vehicleClass\":\"combination\"}}");
        using CancellationTokenSource patience = new(silo.Patience);
        await new StationClient(silo.MqttPort, "S07", [Encoding.UTF8.GetBytes(weighing)]).RunAsync(patience.Token);
        await silo.ListUntilAsync("/api/cases", 1);
        await silo.ListUntilAsync("/api/workorders?department=transport", 1);
    }

    private static async Task<string> NotifyAsync(SiloProcess silo, string member)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/api/workorders/harbour-1-w1/notify") { Content = JsonContent.Create(new { text = "请立即卸载超限部分。" }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", member);
        using HttpResponseMessage answer = await silo.Http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, text);
        JsonElement notice = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.Equal(Notice, notice.GetProperty("id").GetString());
        return notice.GetProperty("link").GetString()!;
    }

    private static async Task<HttpResponseMessage> AnswerAsync(HttpClient phone, string path, byte[] picture)
    {
        using MultipartFormDataContent form = new() { { new StringContent("已卸载"), "note" }, { new ByteArrayContent(picture), "picture", "a.jpg" } };
        return await phone.PostAsync(path, form);
    }

    private static async Task<JsonElement> NoticeAsync(SiloProcess silo) => (await silo.GetAsync($"/api/notices/{Notice}"))!.Value;

    private static async Task<JsonElement> UntilAsync(SiloProcess silo, string state)
    {
        using CancellationTokenSource patience = new(silo.Patience);
        JsonElement notice;
        while ((notice = await NoticeAsync(silo)).GetProperty("state").GetString() != state)
        {
            await Task.Delay(25, patience.Token);
        }

        return notice;
    }

    private static async Task HearsAsync(SiloProcess silo, string member, string type)
    {
        using CancellationTokenSource patience = new(silo.Patience);
        FeedFollower follower = new(silo, "transport", member);
        Task following = follower.RunAsync(patience.Token);
        while (!follower.Items.Any(item => item.Contains($"\"type\":\"{type}\"", StringComparison.Ordinal)))
        {
            await Task.Delay(25, patience.Token);
        }

        await patience.CancelAsync();
        await following;
    }

    private static async Task<string> PostAsync(SiloProcess silo, string path, object body, string secret)
    {
        using HttpResponseMessage answer = await silo.Http.PostAsJsonAsync(path, body);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement.GetProperty(secret).GetString()!;
    }

    private static Task<string> SubscribeAsync(SiloProcess silo, string user, string password, string topic, string[] more, string client = "c") =>
        RunAsync("mosquitto_sub", silo, user, password, ["-i", client, "-c", "-q", "1", "-t", topic, .. more]);

    private static async Task<string> RunAsync(string program, SiloProcess silo, string user, string password, string[] more)
    {
        (int code, string output, string error) = await StartAsync(program, silo, user, password, more);
        Assert.True(code == 0, $"{program} {string.Join(' ', more)}: {code}\n{output}\n{error}");
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> StartAsync(string program, SiloProcess silo, string user, string password, string[] more)
    {
        ProcessStartInfo start = new(program, ["-h", "127.0.0.1", "-p", silo.MqttPort.ToString(CultureInfo.InvariantCulture), "-u", user, "-P", password, .. more]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        using CancellationTokenSource patience = new(silo.Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await error);
    }
}
