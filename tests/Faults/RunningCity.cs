using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.City;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Silo.Host;
using Streaming.Silo.Hosting;
using Streaming.Silo.Journal;
using Streaming.Tests.Support;
using Xunit;
using HostOptions = Streaming.Silo.Host.HostOptions;

namespace Streaming.Tests.Faults;

/// <summary>
/// A whole silo in this process on real files, with small segments and bounds, so that what takes days elsewhere takes a second; and a station that keeps what was not acknowledged and sends it again.
/// </summary>
internal sealed class RunningCity : IAsyncDisposable
{
    public const int TailRecords = 400;

    private const string Station = "F01";
    public const string Token = "faults-administrator";

    private readonly string directory;
    private readonly HostKind host;
    private readonly ShiftedTime time;
    private readonly Dictionary<int, int> acknowledged = [];
    private readonly Queue<(int Vehicle, byte[] Payload)> unacknowledged = new();
    private CityServer server;
    private HttpClient http;
    private MqttPublisher? station;
    private int made;

    private RunningCity(string directory, HostKind host, ShiftedTime time, CityServer server)
    {
        this.directory = directory;
        this.host = host;
        this.time = time;
        this.server = server;
        http = Client();
    }

    /// <summary>Why the last refusal of the endpoint was, in its words.</summary>
    public string Refusal { get; private set; } = "";

    public byte RefusalCode { get; private set; }

    public ActorHost Host => server.Host;

    public int HttpPort => server.HttpPort;

    public static async Task<RunningCity> StartAsync(string directory, HostKind host)
    {
        ShiftedTime time = new();
        RunningCity city = new(directory, host, time, await OpenAsync(directory, host, time));
        await city.PostAsync("/api/devices", new { id = Station, password = "p", topics = new[] { $"v1/wim/{Station}/+" }, kind = "wim", district = "harbour", accuracyPct = 5 }, HttpStatusCode.Created);
        return city;
    }

    /// <summary>Weighs a vehicle; false where the endpoint refused it, which keeps it for <see cref="ResendAsync"/>.</summary>
    public async Task<bool> WeighAsync(int vehicle, bool over = false)
    {
        int axle = over ? 15_000 : 5_000;
        unacknowledged.Enqueue((vehicle, Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":"f{{++made}}","at":"{{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤F{{vehicle:D5}}","plateColor":"yellow","plateConfidence":0.98,"speedKmh":61.5,"axles":[{"massKg":{{axle}},"offsetM":0},{"massKg":{{axle}},"offsetM":3.9}],"grossKg":{{2 * axle}},"vehicleClass":"rigid"}"""))));
        return await ResendAsync();
    }

    /// <summary>Sends what was not acknowledged, in order; false where something is refused again.</summary>
    public async Task<bool> ResendAsync()
    {
        try
        {
            while (unacknowledged.TryPeek(out (int Vehicle, byte[] Payload) next))
            {
                station ??= await MqttPublisher.ConnectAsync("127.0.0.1", server.MqttPort, Station, Station, "p", MqttVersion.V5);
                MqttAnswer answer = await station.PublishAndWaitAsync(Encoding.UTF8.GetBytes($"v1/wim/{Station}/1"), next.Payload).WaitAsync(Waits.Longest);
                Assert.True(answer.IsSuccess, answer.Reason);
                unacknowledged.Dequeue();
                acknowledged[next.Vehicle] = acknowledged.GetValueOrDefault(next.Vehicle) + 1;
            }

            return true;
        }
        catch (MqttDisconnectedException refused)
        {
            (Refusal, RefusalCode) = (refused.Message, refused.Code);
            await DisconnectAsync();
            return false;
        }
    }

    public async Task<(HttpStatusCode Status, string Body)> ReadyAsync()
    {
        using HttpResponseMessage answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Waits until <c>/health/ready</c> is as asked for.</summary>
    public async Task ReadyUntilAsync(Func<HttpStatusCode, string, bool> holds, string what)
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        while (true)
        {
            (HttpStatusCode status, string body) = await ReadyAsync();
            if (holds(status, body))
            {
                return;
            }

            Assert.False(patience.IsCancellationRequested, $"/health/ready does not say {what}; it says {status}: {body}");
            await Task.Delay(20);
        }
    }

    /// <summary>Moves the clock ahead: what falls due meanwhile does.</summary>
    public void Advance(TimeSpan by) => time.Advance(by);

    /// <summary>The city's time.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Registers a device and publishes one message as it; the acknowledgement is awaited.</summary>
    public async Task PublishAsync(object device, string id, string topic, string payload)
    {
        await PostAsync("/api/devices", device, HttpStatusCode.Created);
        await using MqttPublisher publisher = await MqttPublisher.ConnectAsync("127.0.0.1", server.MqttPort, id, id, "p", MqttVersion.V5);
        MqttAnswer answer = await publisher.PublishAndWaitAsync(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload)).WaitAsync(Waits.Longest);
        Assert.True(answer.IsSuccess, answer.Reason);
    }

    /// <summary>Makes a token and returns it.</summary>
    public async Task<string> TokenAsync(string name, string role, string department)
    {
        using HttpResponseMessage answer = await http.PostAsJsonAsync("/api/tokens", new { name, role, department, district = "*" });
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"POST /api/tokens answered {answer.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text).GetProperty("token").GetString()!;
    }

    /// <summary>A call with a token; null for the administrator's.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Json)> CallAsync(HttpMethod method, string path, object? body = null, string? token = null)
    {
        using HttpRequestMessage request = new(method, path);
        request.Content = body is null ? null : JsonContent.Create(body);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? Token);
        using HttpResponseMessage answer = await http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    public async Task<List<Alert>> AlertsAsync(string department = "transport")
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"/api/departments/{department}/alerts?from=0");
        using HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using StreamReader reader = new(await answer.Content.ReadAsStreamAsync());
        List<Alert> alerts = [];
        int newest = -1;
        while (alerts.Count != newest && await reader.ReadLineAsync().WaitAsync(Waits.Longest) is { } line)
        {
            if (line.StartsWith(": newest ", StringComparison.Ordinal))
            {
                newest = int.Parse(line[9..], CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                alerts.Add(JsonSerializer.Deserialize(line[6..], GrainsJson.Default.Alert)!);
            }
        }

        return alerts;
    }

    public async Task<HttpStatusCode> CommentAsync(string workOrder)
    {
        using HttpResponseMessage answer = await http.PostAsJsonAsync($"/api/workorders/{workOrder}/comment", new { note = "seen" });
        return answer.StatusCode;
    }

    /// <summary>Each acknowledged reading counts once, and feeds go on number by number.</summary>
    public async Task CheckAsync()
    {
        foreach ((int vehicle, int count) in acknowledged)
        {
            byte[]? json = await Host.DescribeAsync(ActorKind.Vehicle, $"粤F{vehicle:D5}-yellow", CancellationToken.None).AsTask().WaitAsync(Waits.Longest);
            int counted = json is null ? 0 : JsonDocument.Parse(json).RootElement.GetProperty("weighings").GetInt32();
            Assert.True(counted == count, $"vehicle {vehicle} counts {counted} weighings; {count} were acknowledged");
        }

        List<Alert> alerts = await AlertsAsync();
        Assert.Equal(Enumerable.Range(1, alerts.Count).Select(number => (long)number), alerts.Select(alert => alert.Number));
    }

    /// <summary>Waits until the lists show everything that the journal holds.</summary>
    public async Task ShownAsync(Func<List<Alert>, bool> holds, string what, string department = "transport")
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        while (!holds(await AlertsAsync(department)))
        {
            Assert.False(patience.IsCancellationRequested, $"The feed does not show {what}.");
            await Task.Delay(50);
        }
    }

    public async Task RestartAsync()
    {
        await DisconnectAsync();
        http.Dispose();
        await server.DisposeAsync();
        server = await OpenAsync(directory, host, time);
        http = Client();
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        http.Dispose();
        await server.DisposeAsync();
    }

    private static Task<CityServer> OpenAsync(string directory, HostKind host, ShiftedTime time) => CityServer.StartAsync(
        new ServerOptions
        {
            DataDirectory = directory,
            CityDirectory = CityFiles.ShippedDirectory,
            HttpPort = 0,
            MqttPort = 0,
            AdministratorToken = Token,
            HostKind = host,
            Host = new HostOptions { Workers = 1, StatesPerBatch = 16, TurnsPerSavedState = 4, IdleSaveMs = 20, HistoryPartReadings = 64, TailRecords = TailRecords },
            Journal = new JournalOptions { SegmentBytes = 512 * 1024, BufferBytes = 64 * 1024, BlockBytes = 128 * 1024 },
        },
        time,
        NullLoggerFactory.Instance,
        CancellationToken.None);

    private HttpClient Client()
    {
        HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{server.HttpPort}"), Timeout = Waits.Longest };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return client;
    }

    private async Task DisconnectAsync()
    {
        if (station is not null)
        {
            await station.DisposeAsync();
            station = null;
        }
    }

    private async Task PostAsync(string path, object body, HttpStatusCode expected)
    {
        using HttpResponseMessage answer = await http.PostAsJsonAsync(path, body);
        Assert.True(answer.StatusCode == expected, $"POST {path} answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }
}

/// <summary>Real time, which a test can move ahead.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long ticks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref ticks));

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);
}
