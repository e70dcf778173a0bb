using System.Net;
using System.Net.Http.Headers;
using System.Reactive.Concurrency;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Ingest.Mqtt;
using Streaming.Silo.Api;
using Streaming.Silo.Catalogue;
using Streaming.Silo.History;
using Streaming.Silo.Host;
using Streaming.Silo.Maps;
using Streaming.Silo.Notices;
using Streaming.Silo.Registers;
using Streaming.Silo.Scenes;
using Streaming.Silo.Sealing;
using Streaming.Silo.Views;
using Streaming.Tests.Mqtt;
using Streaming.Tests.Support;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>The HTTP interface on a loopback port, over real lists and actors of a few lines.</summary>
internal sealed class ApiBench : IAsyncDisposable
{
    public const string Administrator = "administrator-token-of-the-environment";

    private readonly WebApplication app;
    private readonly Lock stepping = new();

    private ApiBench(WebApplication app, ViewBench views, FakeHost host, HttpClient client, FakeIntake intake, MqttEndpoint mqtt)
    {
        Intake = intake;
        Mqtt = mqtt;
        this.app = app;
        Views = views;
        Host = host;
        Client = client;
        host.Applied = Apply;
    }

    public ViewBench Views { get; }

    public FakeHost Host { get; }

    public HttpClient Client { get; }

    /// <summary>Where what is published over <see cref="Mqtt"/> arrives.</summary>
    public FakeIntake Intake { get; }

    /// <summary>An MQTT endpoint behind the interface; listens where the test asked for it.</summary>
    public MqttEndpoint Mqtt { get; }

    public static async Task<ApiBench> StartAsync(TimeProvider? time = null, Action<WebApplication>? more = null, bool opensMqtt = false, string[]? reasonsNeeded = null, ConsoleFiles? console = null, CityMap? map = null)
    {
        ViewBench views = new(Administrator, time);
        FakeHost host = new(views.Journal);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        ApiRoutes.AddServices(builder.Services);
        WebApplication app = builder.Build();
        FakeIntake intake = new();
        string data = Directory.CreateTempSubdirectory("streaming-api-").FullName;
        LinkKey key = LinkKey.Open(data);
        NoticeLinks links = new(key, null);
        PictureStore pictures = new(Path.Combine(data, "pictures"));
        EvidenceKeys keys = EvidenceKeys.Open(data, TimeProvider.System);
        HashedFiles copies = new(Path.Combine(data, "evidence"), EvidenceLimits.StoreBytes);
        app.Lifetime.ApplicationStopped.Register(() =>
        {
            pictures.Dispose();
            copies.Dispose();
            keys.Dispose();
            Directory.Delete(data, recursive: true);
        });
        FakeSessions sessions = new(intake);
        MqttEndpoint mqtt = new(new MqttEndpointOptions { Address = IPAddress.Loopback, Port = 0 }, intake, views.Access, views.Feeds, sessions, sessions, views.Time, NullLoggerFactory.Instance);
        views.Access.Changed += user => mqtt.Disconnect(user);
        MapBook mapBook = new(views.Access, views.Time);
        mapBook.Load(views.Store.Reader);
        views.Projector.Applied.Subscribe(mapBook.Apply);
        ApiRoutes.Map(app, new ApiServices
        {
            Host = host,
            Loads = new TableLoads(host, intake, views.Store.Reader, views.Position, views.Time),
            Access = views.Access,
            Lists = views.Store.Reader,
            Feeds = views.Feeds,
            Position = views.Position,
            Figures = new CityFigures(views.Store.Reader, views.Projector.Applied, TaskPoolScheduler.Default, NullLogger<CityFigures>.Instance, views.Time),
            Rules = () => host.Rules,
            DurablePosition = () => long.MaxValue,
            Scenes = new SceneTester(data, host, views.Time, NullLogger<SceneTester>.Instance),
            Past = PastOf(views),
            Mqtt = mqtt,
            Links = links,
            Webhooks = key,
            Pictures = pictures,
            Keys = keys,
            Copies = copies,
            Time = views.Time,
            ReasonsNeeded = reasonsNeeded ?? [],
            Intake = intake,
            Traffic = views.Traffic,
            Plates = views.Plates,
            MapBook = mapBook,
            Map = new MapAnswers(views.Access, mapBook, views.Traffic, views.Time),
            CityMap = map ?? CityMap.None,
            Console = console ?? ConsoleFiles.Carried(),
            LookUps = new ResourceLookUps(views.Time),
        });
        more?.Invoke(app);
        await app.StartAsync();
        if (opensMqtt)
        {
            await mqtt.StartAsync(default);
        }

        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new ApiBench(app, views, host, new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(30) }, intake, mqtt) { Pictures = pictures, Links = links, Copies = copies };
    }

    /// <summary>The records of the journal in memory, run from the beginning under the shipped rulebook.</summary>
    private static SubjectPast PastOf(ViewBench views)
    {
        RecordHistory history = new(() => views.Journal);
        RulebookShelf rulebooks = new();
        rulebooks.Add(0, global::Streaming.Determinism.ShippedCity.Rules.ToJson());
        return new SubjectPast(history, new StateAsOf(history, null, rulebooks), rulebooks, () => ValueTask.CompletedTask);
    }

    /// <summary>Pictures of answers to notices.</summary>
    public required PictureStore Pictures { get; init; }

    public required NoticeLinks Links { get; init; }

    /// <summary>What cases keep copies of.</summary>
    public required HashedFiles Copies { get; init; }

    /// <summary>Brings the lists up to date.</summary>
    public void Apply()
    {
        lock (stepping)
        {
            Views.Run();
        }
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? token = Administrator, string? body = null)
    {
        using HttpRequestMessage request = new(method, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage response = await Client.SendAsync(request);
        return new Answer(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    public Task<Answer> GetAsync(string path, string? token = Administrator) => SendAsync(HttpMethod.Get, path, token);

    public Task<Answer> PostAsync(string path, string body, string? token = Administrator) => SendAsync(HttpMethod.Post, path, token, body);

    /// <summary>Issues a token and returns it.</summary>
    public async Task<string> TokenAsync(string name, string role, string? department = null, string district = "*")
    {
        string named = department is null ? "" : $",\"department\":\"{department}\"";
        Answer answer = await PostAsync("/api/tokens", $"{{\"name\":\"{name}\",\"role\":\"{role}\",\"district\":\"{district}\"{named}}}");
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.Json.GetProperty("token").GetString()!;
    }

    public async Task<LiveStream> ListenAsync(string path, string token = Administrator, string? lastEventId = null)
    {
        HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        HttpResponseMessage response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        LiveStream stream = new(response, new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8));
        await stream.NextBlockAsync();
        return stream;
    }

    /// <summary>Waits until a live stream has nothing to send and waits for its feed: a clock moved now is seen by the wait, and not by the checks before it.</summary>
    public async Task QuietAsync(string feed)
    {
        using CancellationTokenSource late = new(Waits.Longest);
        while (Views.Feeds.WaitersOf(feed) == 0)
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Delay(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Mqtt.StopAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        Views.Dispose();
    }

    internal sealed record Answer(HttpStatusCode Status, string? ContentType, string Text)
    {
        public JsonElement Json => JsonDocument.Parse(Text).RootElement;

        public string Detail => Json.GetProperty("detail").GetString()!;

        public string? Field => Json.TryGetProperty("field", out JsonElement named) ? named.GetString() : null;

        public string[] Ids => [.. Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];
    }

    /// <summary>One live stream, read block by block.</summary>
    internal sealed class LiveStream(HttpResponseMessage response, StreamReader reader) : IDisposable
    {
        /// <summary>The lines up to the next empty one; empty at the stream's end.</summary>
        public async Task<List<string>> NextBlockAsync()
        {
            List<string> lines = [];
            while (await reader.ReadLineAsync().WaitAsync(Waits.Longest) is { } line)
            {
                if (line.Length == 0)
                {
                    return lines;
                }

                lines.Add(line);
            }

            return lines;
        }

        /// <summary>The next event that is no comment.</summary>
        public async Task<(long Id, string Name, JsonElement Data)> NextEventAsync()
        {
            List<string> block;
            do
            {
                block = await NextBlockAsync();
                Assert.NotEmpty(block);
            }
            while (block.TrueForAll(line => line.StartsWith(':')));

            string id = block.Find(line => line.StartsWith("id: ", StringComparison.Ordinal)) is { } found ? found[4..] : "0";
            string name = block.Single(line => line.StartsWith("event: ", StringComparison.Ordinal))[7..];
            string data = block.Single(line => line.StartsWith("data: ", StringComparison.Ordinal))[6..];
            return (long.Parse(id), name, JsonDocument.Parse(data).RootElement);
        }

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }
    }
}
