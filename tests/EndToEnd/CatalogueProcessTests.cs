using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Mqtt;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>
/// The catalogue over the real process: an owner subscribes to what was joined with its data, as a device over MQTT at QoS 2 and as its department over SSE, and misses nothing though the process is killed while it is away and while it reads;
/// what was measured and what is unregistered is there afterwards.
/// </summary>
public sealed class CatalogueProcessTests
{
    private const int Vehicles = 60;

    public static TheoryData<string> Hosts => [.. Parity.ParityHosts.Names];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task An_owner_gets_back_what_others_say_of_its_entries_over_kills_and_each_item_once(string host)
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--host", host);
        await RegisterAsync(silo, """{"id":"police","password":"p","kind":"register","district":"harbour","topics":["v1/records/police"],"owner":"traffic-police","register":"vehicles","joined":true,"expected":{"perDay":1000}}""");
        await RegisterAsync(silo, """{"id":"transport","password":"p","kind":"register","district":"harbour","topics":["v1/records/transport"],"owner":"transport","register":"vehicles"}""");
        await silo.RegisterStationAsync("S07");
        Assert.Equal(["never", "never", "never"], (await silo.ListUntilAsync("/api/catalogue", 3)).Select(State));
        string desk = await silo.IssueTokenAsync("desk", "member", "traffic-police");
        string other = await silo.IssueTokenAsync("other", "member", "transport");

        QosTwoSubscriber device = new(MqttVersion.V5, "police", "p");
        await device.ConnectAsync(await RawPeer.OpenAsync(silo.MqttPort), present: false);
        await device.SubscribeAsync("v1/resources/police/joined", 2);
        FeedFollower follower = new(silo, "traffic-police", desk) { Path = "/api/catalogue/police/joined" };
        using CancellationTokenSource following = new();
        Task followed = follower.RunAsync(following.Token);

        await LoadAsync(silo, "police", 0, Vehicles, axles: 4, owner: "Zhang");
        await LoadAsync(silo, "transport", 0, Vehicles / 3, axles: 5, owner: "Li");
        await device.RunAsync(7);
        await device.CutAsync();

        // Away, and the process is killed between two loads and in the middle of what then comes.
        await LoadAsync(silo, "transport", Vehicles / 3, Vehicles / 2, axles: 5, owner: "Li");
        silo.Kill();
        await silo.StartAsync("--host", host);
        await LoadAsync(silo, "transport", Vehicles / 2, Vehicles, axles: 5, owner: "Li");
        foreach (int packets in new[] { 1, 20 })
        {
            await device.ConnectAsync(await RawPeer.OpenAsync(silo.MqttPort), present: true);
            await device.RunAsync(packets);
            silo.Kill();
            await silo.StartAsync("--host", host);
        }

        await device.ConnectAsync(await RawPeer.OpenAsync(silo.MqttPort), present: true);
        while (device.Handed.Count < Vehicles || device.Unreleased > 0)
        {
            await device.RunAsync(1);
        }

        await device.ExpectNothingAsync();
        Assert.Equal(Enumerable.Range(1, Vehicles).Select(number => (long)number), device.Handed.Select(item => Parse(item).GetProperty("number").GetInt64()));
        Assert.Equal(0, device.Again);
        Assert.All(device.Handed, item => Assert.DoesNotContain("Li", item, StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(0, Vehicles).Select(Plate), device.Handed.Select(item => Parse(item).GetProperty("key").GetString()).Order(StringComparer.Ordinal));
        JsonElement first = Parse(device.Handed[0]);
        Assert.Equal(("transport", 5), (first.GetProperty("by").GetString(), first.GetProperty("spans")[0].GetProperty("values").GetProperty("axles").GetInt32()));
        Assert.Equal("police", first.GetProperty("spans")[0].GetProperty("differs").GetProperty("axles")[0].GetString());

        using CancellationTokenSource patience = new(silo.Patience);
        while (follower.Count < Vehicles)
        {
            await Task.Delay(25, patience.Token);
        }

        await following.CancelAsync();
        await followed;
        Assert.Equal(device.Handed.Select(item => Parse(item).GetRawText()), Enumerable.Range(0, Vehicles).Select(i => follower.Parse(i).GetRawText()));

        // Measured, and whose it is; who sees it not is told that there is none.
        JsonElement police = (await silo.GetAsync("/api/catalogue/police"))!.Value;
        Assert.Equal(("live", Vehicles, Vehicles), (State(police), police.GetProperty("told").GetInt32(), police.GetProperty("volume").GetProperty("accepted").GetInt32()));
        Assert.Equal(Vehicles, police.GetProperty("accuracy").GetProperty("differing").GetInt32());
        Assert.Equal((1_000, 300), (police.GetProperty("expected").GetProperty("perDay").GetInt32(), police.GetProperty("expected").GetProperty("silentAfterS").GetInt32()));
        Assert.Equal(["S07"], (await silo.ListAsync("/api/catalogue?state=never")).Select(row => row.GetProperty("id").GetString()));
        using HttpRequestMessage asked = new(HttpMethod.Get, "/api/catalogue/police/joined");
        asked.Headers.Authorization = new("Bearer", other);
        using HttpResponseMessage refused = await silo.Http.SendAsync(asked);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        silo.Kill();
        (int code, string report) = await SiloProcess.RunAsync("verify", silo.Data);
        Assert.True(code == 0, report);
    }

    [Fact]
    public async Task What_is_sent_by_nobody_who_is_registered_is_listed()
    {
        await using SiloProcess silo = new();
        await silo.StartAsync("--host", "standalone");
        await silo.RegisterStationAsync("S07");
        using CancellationTokenSource patience = new(silo.Patience);
        await new StationClient(silo.MqttPort, "S07", ["{}"u8.ToArray(), "{}"u8.ToArray()]) { Topic = "v1/wim/S08/1" }.RunAsync(patience.Token);
        await Assert.ThrowsAnyAsync<Exception>(() => MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, "c", "ghost", "p", MqttVersion.V5, new MqttPublisherOptions(), patience.Token));
        await silo.ListUntilAsync("/api/quarantine", 2);
        silo.Kill();
        await silo.StartAsync("--host", "standalone");

        // What is in the journal outlives the process; who only knocked does not.
        JsonElement listed = (await silo.GetAsync("/api/catalogue/unregistered"))!.Value;
        JsonElement topic = Assert.Single(listed.GetProperty("topics").EnumerateArray());
        Assert.Equal(("v1/wim/S08/1", "S07", "topicNotAllowed", 2), (topic.GetProperty("topic").GetString(), topic.GetProperty("from").GetString(), topic.GetProperty("reason").GetString(), topic.GetProperty("count").GetInt32()));
        Assert.Empty(listed.GetProperty("signIns").EnumerateArray());
        await Assert.ThrowsAnyAsync<Exception>(() => MqttPublisher.ConnectAsync("127.0.0.1", silo.MqttPort, "c", "ghost", "p", MqttVersion.V5, new MqttPublisherOptions(), patience.Token));
        JsonElement stranger = Assert.Single((await silo.GetAsync("/api/catalogue/unregistered"))!.Value.GetProperty("signIns").EnumerateArray());
        Assert.Equal(("ghost", 1), (stranger.GetProperty("name").GetString(), stranger.GetProperty("count").GetInt32()));
    }

    private static string State(JsonElement row) => row.GetProperty("state").GetString()!;

    private static JsonElement Parse(string item) => JsonSerializer.Deserialize<JsonElement>(item);

    private static string Plate(int number) => string.Create(CultureInfo.InvariantCulture, $"粤R{number:D5}-yellow");

    private static async Task RegisterAsync(SiloProcess silo, string device)
    {
        using StringContent body = new(device, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await silo.Http.PostAsync("/api/devices", body);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }

    private static async Task LoadAsync(SiloProcess silo, string source, int from, int to, int axles, string owner)
    {
        StringBuilder table = new("plate,axles,owner\n");
        for (int i = from; i < to; i++)
        {
            table.Append(CultureInfo.InvariantCulture, $"{Plate(i)},{axles},{owner}\n");
        }

        using StringContent body = new(table.ToString(), Encoding.UTF8, "text/csv");
        using HttpResponseMessage answer = await silo.Http.PostAsync($"/api/registers/vehicles/records?source={source}", body);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }
}
