using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Ingest;
using Streaming.Ingest.Mqtt;

namespace Streaming.Tests.City;

/// <summary>
/// What the simulated city and replays publish to: a real HTTP server that registers devices, and the real MQTT endpoint in front of a journal in memory. Repeated readings count once, as the silo counts them.
/// </summary>
internal sealed class PublishTarget : IIntake, IAccess, IFeeds, ISessions, IMessages, IAsyncDisposable
{
    public const string Token = "administrator";

    private readonly Lock gate = new();
    private readonly Dictionary<string, (string Password, SourceRegistration Registration)> devices = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Source, string Id), int> readings = [];
    private readonly List<(string Register, JsonElement Entry)> loaded = [];
    private readonly WebApplication http;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MqttEndpoint endpoint;
    private long position;

    private PublishTarget(WebApplication http, MqttEndpoint? endpoint)
    {
        this.http = http;
        this.endpoint = endpoint ?? NewEndpoint(0);
    }

    public Uri Address { get; private set; } = null!;

    public int MqttPort { get; private set; }

    /// <summary>While set, nothing is taken: publishes are refused.</summary>
    public string? Refusal { get; set; }

    public long DurablePosition => Volatile.Read(ref position);

    public int Rejections { get; private set; }

    public static async Task<PublishTarget> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication http = builder.Build();
        PublishTarget target = new(http, null);
        http.MapPost("/api/devices", (Delegate)target.RegisterAsync);
        http.MapPost("/api/registers/{register}/records", (Delegate)target.LoadAsync);
        await http.StartAsync();
        target.Address = new Uri(http.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await target.endpoint.StartAsync(CancellationToken.None);
        target.MqttPort = target.endpoint.Port;
        return target;
    }

    /// <summary>Cuts every connection and listens again on the same port.</summary>
    public async Task RestartMqttAsync()
    {
        await endpoint.DisposeAsync();
        endpoint = NewEndpoint(MqttPort);
        await endpoint.StartAsync(CancellationToken.None);
    }

    /// <summary>What was loaded into registers.</summary>
    public IReadOnlyCollection<(string Register, JsonElement Entry)> Loaded
    {
        get
        {
            lock (gate)
            {
                return [.. loaded];
            }
        }
    }

    /// <summary>Distinct readings, by source and id; statuses are left out.</summary>
    public IReadOnlyCollection<(string Source, string Id)> Readings
    {
        get
        {
            lock (gate)
            {
                return [.. readings.Keys];
            }
        }
    }

    public IReadOnlyCollection<SourceRegistration> Devices
    {
        get
        {
            lock (gate)
            {
                return [.. devices.Values.Select(device => device.Registration)];
            }
        }
    }

    /// <summary>Waits until there are at least this many distinct readings.</summary>
    public async Task WaitForReadingsAsync(int count, CancellationToken cancellation)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (readings.Count >= count)
                {
                    return;
                }

                next = changed.Task;
            }

            await next.WaitAsync(cancellation);
        }
    }

    public ValueTask<Appended> AppendAsync(ReadOnlyMemory<byte> records, CancellationToken cancellation)
    {
        if (Refusal is not null)
        {
            return ValueTask.FromResult(new Appended(0, Refusal));
        }

        lock (gate)
        {
            ReadOnlySpan<byte> rest = records.Span;
            while (rest.Length > 0)
            {
                position++;
                Record record = Record.Next(ref rest);
                if (record.Kind != InputKind.Publish)
                {
                    continue;
                }

                PublishRecord publish = PublishRecord.Read(record.Body);
                Rejections += publish.Rejections;
                foreach (ReadingElement reading in publish.GetReadings())
                {
                    if (reading.Kind != Streaming.Models.Readings.ReadingKind.Status)
                    {
                        (string, string) key = (Encoding.UTF8.GetString(publish.Origin.Source), Encoding.UTF8.GetString(reading.Header.Id));
                        readings[key] = readings.GetValueOrDefault(key) + 1;
                    }
                }
            }

            TaskCompletionSource before = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            before.SetResult();
            return ValueTask.FromResult(new Appended(position, null));
        }
    }

    public ValueTask WaitDurableAsync(long position) => ValueTask.CompletedTask;

    public Admission? AdmitByCertificate(ClientCertificate certificate, string user) => null;

    public bool Knows(string user) => false;

    public SourceRegistration? FindDevice(string id) => null;

    public int WaitersOf(string feed) => 0;

    public bool IsCurrent(Admission admission) => true;

    public ValueTask<Admission> AuthenticateAsync(string user, ReadOnlyMemory<byte> password, System.Net.IPAddress? address, CancellationToken cancellation)
    {
        lock (gate)
        {
            return ValueTask.FromResult(devices.TryGetValue(user, out (string Password, SourceRegistration Registration) device) && device.Password == Encoding.UTF8.GetString(password.Span)
                ? new Admission(device.Registration, null, null)
                : new Admission(null, null, "no such device, or another password"));
        }
    }

    public long Last(string feed) => 0;

    public ValueTask<IReadOnlyList<FeedItem>> ReadAsync(string feed, long after, int most, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<FeedItem>>([]);

    public Task WaitAsync(string feed, long after, CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);

    public ValueTask<IReadOnlyList<SessionRow>> AllAsync(CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<SessionRow>>([]);

    public ValueTask LeaveAsync(string key, SessionLeft left, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask SubscribeAsync(TopicSubscribed subscribed, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask UnsubscribeAsync(TopicUnsubscribed ended, CancellationToken cancellation) => throw new NotSupportedException();

    ValueTask<IReadOnlyList<MessageItem>> IMessages.ReadAsync(string session, long after, int most, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<MessageItem>>([]);

    Task IMessages.WaitAsync(string session, long after, CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);

    public ValueTask<SessionRow?> FindAsync(string key, CancellationToken cancellation) => ValueTask.FromResult<SessionRow?>(null);

    public ValueTask OpenAsync(string key, SessionOpened opened, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask SubscribeAsync(string key, SessionSubscribed subscription, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask AcknowledgeAsync(string key, SessionAcknowledged acknowledged, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask EndAsync(string key, CancellationToken cancellation) => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await endpoint.DisposeAsync();
        await http.DisposeAsync();
    }

    private MqttEndpoint NewEndpoint(int port) =>
        new(new MqttEndpointOptions { Address = IPAddress.Loopback, Port = port }, this, this, this, this, this, TimeProvider.System, NullLoggerFactory.Instance);

    private async Task<IResult> LoadAsync(HttpContext context, string register, string source)
    {
        using StreamReader body = new(context.Request.Body);
        string text = await body.ReadToEndAsync();
        lock (gate)
        {
            if (context.Request.Headers.Authorization != $"Bearer {Token}" || !devices.ContainsKey(source))
            {
                return Results.Problem("Send a token that is in force.", statusCode: 401);
            }

            loaded.AddRange(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (register, JsonSerializer.Deserialize<JsonElement>(line))));
        }

        return Results.Json(new { taken = 1 });
    }

    private async Task<IResult> RegisterAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            return Results.Problem("Send a token that is in force.", statusCode: 401);
        }

        using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
        JsonElement root = body.RootElement;
        string id = root.GetProperty("id").GetString()!;
        string password = $"secret of {id}";
        SourceRegistration registration = new(
            id,
            root.GetProperty("kind").GetString()!,
            [.. root.GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()!)],
            root.GetProperty("district").GetString()!,
            root.TryGetProperty("accuracyPct", out JsonElement accuracy) ? accuracy.GetDouble() : null,
            "",
            root.TryGetProperty("enterprise", out JsonElement enterprise) ? enterprise.GetString() : null,
            root.TryGetProperty("place", out JsonElement place) ? place.GetString() : null);
        lock (gate)
        {
            devices[id] = (password, registration);
        }

        return Results.Json(new Dictionary<string, string> { ["id"] = id, ["password"] = password }, statusCode: 201);
    }
}
