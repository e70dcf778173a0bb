using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Ingest;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Doors;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Support;

namespace Streaming.Tests.Mqtt;

/// <summary>An endpoint on a loopback port, in front of a silo in memory, with one station, one camera and some tokens.</summary>
internal sealed class EndpointUnderTest : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> clients = [];

    private EndpointUnderTest(int maxConnections, TlsOptions? tls, EndpointUnderTest? before = null)
    {
        Intake = before?.Intake.AfterPowerFailure() ?? new FakeIntake();
        Feeds = before?.Feeds ?? new FakeFeeds();
        Sessions = new FakeSessions(Intake);
        Access.AddDevice("S07", "p", "v1/wim/S07/+", "v1/status/S07");
        Access.AddDevice("C07", "p", "v1/video/C07");
        Access.AddToken("t1", "t", "member", "transport", "*");
        Access.AddToken("t2", "t", "member", "transport", "harbour");
        Access.AddToken("admin", "t", "administrator", null, "*");
        Endpoint = new MqttEndpoint(
            new MqttEndpointOptions { Address = IPAddress.Loopback, Port = 0, MaxConnections = maxConnections, Rules = Rules, Tls = tls }, Intake, Access, Feeds, Sessions, Sessions, Time, NullLoggerFactory.Instance);
    }

    public FakeIntake Intake { get; }

    public MovedRules Rules { get; } = new();

    public FakeAccess Access { get; } = new();

    public FakeFeeds Feeds { get; }

    public FakeSessions Sessions { get; }

    public SteppedTime Time { get; } = new();

    public MqttEndpoint Endpoint { get; }

    public int Port => Endpoint.Port;

    public static ReadOnlyMemory<byte> Lane { get; } = "v1/wim/S07/2"u8.ToArray();

    public static async Task<EndpointUnderTest> StartAsync(int maxConnections = 1000, TlsOptions? tls = null)
    {
        EndpointUnderTest test = new(maxConnections, tls);
        await test.Endpoint.StartAsync(CancellationToken.None);
        return test;
    }

    /// <summary>Another process on what this one had made durable, as if it had been killed now. This one is left as it is, with its clients.</summary>
    public async Task<EndpointUnderTest> AfterKillAsync()
    {
        EndpointUnderTest test = new(1000, tls: null, before: this);
        await test.Endpoint.StartAsync(CancellationToken.None);
        return test;
    }

    /// <summary>A weigh record of the station S07 that is in order.</summary>
    public static byte[] Weighing(int number) => Encoding.UTF8.GetBytes(
        $$"""{"id":"S07-{{number:D6}}","at":"2026-11-21T00:15:30.123Z","plate":"粤H12345","plateColor":"yellow","plateConfidence":0.97,"axles":[{"massKg":6800,"offsetM":0.0},{"massKg":10900,"offsetM":3.5}],"grossKg":17700}""");

    public async Task<MqttPublisher> ConnectAsync(
        string user, MqttVersion version = MqttVersion.V5, string? clientId = null, MqttPublisherOptions? options = null)
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        MqttPublisher client = await MqttPublisher.ConnectAsync(
            "127.0.0.1", Port, clientId ?? $"client-{user}", user, user is "S07" or "C07" ? "p" : "t", version, (options ?? new()) with { Time = Time }, patience.Token);
        clients.Add(client);
        return client;
    }

    public async Task<RawPeer> OpenAsync()
    {
        RawPeer peer = await RawPeer.OpenAsync(Port);
        clients.Add(peer);
        return peer;
    }

    /// <summary>A raw peer behind its CONNACK.</summary>
    public async Task<RawPeer> OpenConnectedAsync(string user, MqttVersion version, ushort keepAliveSeconds = 0)
    {
        RawPeer peer = await OpenAsync();
        await peer.SendAsync(RawPeer.Connect(version, user, user is "S07" or "C07" ? "p" : "t", keepAliveSeconds));
        byte[] reply = await peer.ReadPacketAsync();
        Xunit.Assert.Equal(0x20, reply[0]);
        Xunit.Assert.Equal(0, reply[3]);
        return peer;
    }

    /// <summary>Waits until something holds that the endpoint brings about by itself and that has no event to wait on.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        using CancellationTokenSource patience = new(Waits.Longest);
        using PeriodicTimer looks = new(TimeSpan.FromMilliseconds(2));
        while (!holds())
        {
            await looks.WaitForNextTickAsync(patience.Token);
        }
    }

    public long RefusalsOf(MqttRefusal refusal) => Endpoint.Metrics.Refusals.GetValueOrDefault(refusal);

    public async ValueTask DisposeAsync()
    {
        Intake.Settle();
        foreach (IAsyncDisposable client in clients)
        {
            await client.DisposeAsync();
        }

        Task stop = Endpoint.StopAsync();
        await stop.WaitAsync(Waits.Longest);
    }
}

/// <summary>What is asked of readings, as a test sets it while clients are connected.</summary>
internal sealed class MovedRules : IReadingRules
{
    public int LeastPlatePermille { get; set; } = 600;

    public long IdentitiesSinceMs { get; set; }
}
