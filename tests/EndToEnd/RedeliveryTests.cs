using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Mqtt;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>
/// A department's persistent session over the real process, which is killed while the session is away, and again in the middle of what it then gets: at QoS 2 each alert once and in order, at QoS 1 none missing, and what
/// comes twice is the same number once more. A station's QoS 2 publishes count once over the same kills.
/// </summary>
public sealed class RedeliveryTests
{
    private const int Alerts = 120;
    private const string Station = "Q07";
    private const string Filter = "v1/departments/transport/+/alerts";

    public static TheoryData<string, byte, byte> Cases()
    {
        TheoryData<string, byte, byte> cases = [];
        foreach (string host in Parity.ParityHosts.Names)
        {
            cases.Add(host, (byte)MqttVersion.V5, 2);
            cases.Add(host, (byte)MqttVersion.V311, 1);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_department_that_was_away_gets_every_alert_though_the_server_is_killed_again_and_again(string host, byte level, byte qos)
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--host", host);
        await silo.RegisterStationAsync(Station);
        string token = await silo.IssueTokenAsync("desk", "member", "transport");
        QosTwoSubscriber department = new((MqttVersion)level, "desk", token);
        await department.ConnectAsync(await RawPeer.OpenAsync(silo.MqttPort), present: false);
        await department.SubscribeAsync(Filter, qos);
        await PublishAsync(silo, 0, 10);
        await department.RunAsync(5);
        await department.CutAsync();

        // Away; alerts happen, and the server is killed in between.
        await PublishAsync(silo, 10, Alerts / 2);
        silo.Kill();
        await silo.StartAsync("--host", host);
        await PublishAsync(silo, Alerts / 2, Alerts);
        Assert.Equal(Alerts, (await silo.ListUntilAsync("/api/cases?limit=500", Alerts)).Count);
        foreach (int packets in new[] { 0, 1, 7, 40 })
        {
            silo.Kill();
            await silo.StartAsync("--host", host);
            await department.ConnectAsync(await RawPeer.OpenAsync(silo.MqttPort), present: true);
            await department.RunAsync(packets);
            byte[] unsent = await department.TakeAsync();
            Assert.NotEmpty(unsent);
        }

        silo.Kill();
        await silo.StartAsync("--host", host);
        await department.ConnectAsync(await RawPeer.OpenAsync(silo.MqttPort), present: true);
        while (department.Handed.Count < Alerts || department.Unreleased > 0)
        {
            await department.RunAsync(1);
        }

        await department.ExpectNothingAsync();
        Assert.Equal(Enumerable.Range(1, Alerts).Select(number => (long)number), department.Handed.Select(alert => JsonSerializer.Deserialize<JsonElement>(alert).GetProperty("number").GetInt64()));
        Assert.True(qos == 1 || department.Again == 0);
        Assert.Contains(department.Packets, packet => packet.EndsWith("DUP", StringComparison.Ordinal));
        silo.Kill();
        (int code, string report) = await SiloProcess.RunAsync("verify", silo.Data);
        Assert.True(code == 0, report);
    }

    public static TheoryData<string> Hosts => [.. Parity.ParityHosts.Names];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_stations_QoS_2_publishes_count_once_over_kills_between_all_steps(string host)
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--host", host);
        await silo.RegisterStationAsync(Station);
        RawPeer station = await OpenAsync(silo, present: false);
        const string Topic = $"v1/wim/{Station}/1";
        ushort packetId = 0;
        foreach (int answers in new[] { 0, 1, 2 })
        {
            packetId++;
            byte[] publish = RawPeer.Publish(MqttVersion.V5, packetId, Topic, Weighing(packetId), qos: 2);
            byte[] again = RawPeer.Publish(MqttVersion.V5, packetId, Topic, Weighing(packetId), qos: 2, dup: true);
            byte[] release = RawPeer.Ack(PacketType.PubRel, packetId);
            await station.SendAsync(publish);
            if (answers > 0)
            {
                Assert.Equal(0x50, (await station.ReadPacketAsync())[0]);
            }

            if (answers > 1)
            {
                await station.SendAsync(release);
            }

            silo.Kill();
            await silo.StartAsync("--host", host);
            station = await OpenAsync(silo, present: true);
            if (answers < 2)
            {
                await station.SendAsync(again);
                Assert.Equal([0x50, 2, 0, (byte)packetId], await station.ReadPacketAsync());
                await station.SendAsync(again);
                Assert.Equal([0x50, 2, 0, (byte)packetId], await station.ReadPacketAsync());
            }

            await station.SendAsync(release);
            Assert.Equal(0x70, (await station.ReadPacketAsync())[0]);
        }

        // The source counts publishes, not readings: one that was taken twice would show here though the vehicle knows its id.
        Assert.Equal(3, (await silo.GetAsync($"/api/sources/{Station}"))!.Value.GetProperty("publishes").GetInt64());
        JsonElement vehicle = (await silo.GetAsync($"/api/vehicles/{Uri.EscapeDataString("粤Q00001-yellow")}"))!.Value;
        Assert.Equal(3, vehicle.GetProperty("weighings").GetInt32());
    }

    private static async Task PublishAsync(SiloProcess silo, int from, int to) =>
        await new StationClient(silo.MqttPort, Station, [.. Enumerable.Range(from, to - from).Select(Overload)]).RunAsync(CancellationToken.None).WaitAsync(silo.Patience);

    private static byte[] Overload(int number) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{number}}","at":"{{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤R{{number:D5}}","plateColor":"yellow","plateConfidence":0.98,"speedKmh":61.5,"axles":[{"massKg":8000,"offsetM":0},{"massKg":15000,"offsetM":3.9}],"grossKg":23000,"vehicleClass":"rigid"}"""));

    private static byte[] Weighing(int number) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"w{{number}}","at":"{{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}","plate":"粤Q00001","plateColor":"yellow","plateConfidence":0.98,"speedKmh":61.5,"axles":[{"massKg":5000,"offsetM":0},{"massKg":9000,"offsetM":3.9}],"grossKg":14000,"vehicleClass":"rigid"}"""));

    private static async Task<RawPeer> OpenAsync(SiloProcess silo, bool present)
    {
        RawPeer peer = await RawPeer.OpenAsync(silo.MqttPort);
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, Station, "p", clientId: "gateway", clean: false, expirySeconds: 3600));
        byte[] reply = await peer.ReadPacketAsync();
        Assert.Equal([0x20, present ? 1 : 0, 0], [reply[0], reply[2], reply[3]]);
        return peer;
    }
}
