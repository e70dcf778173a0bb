using System.Net;
using System.Text.Json;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Mqtt;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>Who is connected, what was refused, and cutting off.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private ApiBench api = null!;

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync(opensMqtt: true);
        await RegisterAsync("p");
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task A_connection_is_shown_with_address_versions_and_session()
    {
        Assert.Empty(Connections((await api.GetAsync("/api/devices/S07/connections")).Json));
        await using RawPeer peer = await ConnectAsync("p");
        ApiBench.Answer answer = await api.GetAsync("/api/devices/S07/connections");
        JsonElement shown = Assert.Single(Connections(answer.Json));
        Assert.StartsWith("127.0.0.1:", shown.GetProperty("address").GetString(), StringComparison.Ordinal);
        Assert.Equal("tcp", shown.GetProperty("transport").GetString());
        Assert.Equal("5.0", shown.GetProperty("mqtt").GetString());
        Assert.Equal("raw", shown.GetProperty("clientId").GetString());
        Assert.False(answer.Json.GetProperty("disabled").GetBoolean());
        Assert.False(answer.Json.TryGetProperty("lastRefusal", out _));
        Assert.False(shown.TryGetProperty("tls", out _));
    }

    [Fact]
    public async Task The_last_refusal_is_kept_with_reason_and_time_also_of_a_device_that_is_not_connected_and_of_nobody_else()
    {
        await using (RawPeer peer = await RawPeer.OpenAsync(api.Mqtt.Port))
        {
            await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "S07", "wrong"));
            await peer.ReadToEndAsync();
        }

        await using (RawPeer stranger = await RawPeer.OpenAsync(api.Mqtt.Port))
        {
            await stranger.SendAsync(RawPeer.Connect(MqttVersion.V5, "stranger", "wrong"));
            await stranger.ReadToEndAsync();
        }

        ApiBench.Answer answer = await api.GetAsync("/api/devices/S07/connections");
        JsonElement refusal = answer.Json.GetProperty("lastRefusal");
        Assert.Equal("CredentialsWrong", refusal.GetProperty("refusal").GetString());
        Assert.StartsWith("127.0.0.1:", refusal.GetProperty("address").GetString(), StringComparison.Ordinal);
        Assert.Equal(api.Views.Time.GetUtcNow(), refusal.GetProperty("at").GetDateTimeOffset());
        Assert.Null(api.Mqtt.LastRefusalOf("stranger"));
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/devices/stranger/connections")).Status);
    }

    [Fact]
    public async Task A_publish_that_was_refused_is_remembered_when_the_device_has_gone()
    {
        await using (RawPeer peer = await ConnectAsync("p"))
        {
            await peer.SendAsync(RawPeer.Publish(MqttVersion.V5, 1, "v1/wim/S08/1", "{}"u8));
            await peer.ReadPacketAsync();
            await peer.SendAsync(RawPeer.Packet(0xE0));
            await peer.ReadToEndAsync();
        }

        await EndpointUnderTest.UntilAsync(() => api.Mqtt.LastRefusalOf("S07") is not null);
        Assert.Contains("does not allow this topic", api.Mqtt.LastRefusalOf("S07")!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_administrator_ends_connections_and_nobody_else_does()
    {
        await using RawPeer peer = await ConnectAsync("p");
        foreach (string role in new[] { "operator", "supervisor", "inspector" })
        {
            string token = await api.TokenAsync(role, role);
            Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync(HttpMethod.Delete, "/api/devices/S07/connections", token)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await api.PostAsync("/api/devices/S07/disable", "", token)).Status);
            Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/devices/S07/connections", token)).Status);
        }

        Assert.Equal(1, (await api.SendAsync(HttpMethod.Delete, "/api/devices/S07/connections")).Json.GetProperty("ended").GetInt32());
        byte[] bye = await peer.ReadPacketAsync();
        Assert.Equal((0xE0, ReasonCode.AdministrativeAction), (bye[0], bye[2]));
        await using RawPeer again = await ConnectAsync("p");
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Delete, "/api/devices/S99/connections")).Status);
    }

    [Fact]
    public async Task A_disabled_device_is_cut_off_at_once_and_kept_out_until_it_is_enabled()
    {
        await using RawPeer peer = await ConnectAsync("p");
        Assert.Equal(HttpStatusCode.NoContent, (await api.PostAsync("/api/devices/S07/disable", "")).Status);
        Assert.Equal(ReasonCode.AdministrativeAction, (await peer.ReadPacketAsync())[2]);
        Assert.Equal(ReasonCode.Banned, await TryConnectAsync("p"));
        Assert.Equal(ReasonCode.BadUserNameOrPassword, await TryConnectAsync("wrong"));
        Assert.True((await api.GetAsync("/api/devices/S07/connections")).Json.GetProperty("disabled").GetBoolean());
        Assert.Equal(HttpStatusCode.NoContent, (await api.PostAsync("/api/devices/S07/enable", "")).Status);
        Assert.Equal(0, await TryConnectAsync("p"));
    }

    [Fact]
    public async Task A_registration_that_is_replaced_ends_the_connections_made_with_it()
    {
        await using RawPeer peer = await ConnectAsync("p");
        await RegisterAsync("q");
        Assert.Equal(ReasonCode.AdministrativeAction, (await peer.ReadPacketAsync())[2]);
        Assert.Equal(ReasonCode.BadUserNameOrPassword, await TryConnectAsync("p"));
        Assert.Equal(0, await TryConnectAsync("q"));
    }

    [Fact]
    public async Task Members_see_no_devices_and_operators_those_of_their_district()
    {
        string west = await api.TokenAsync("west", "operator", null, "west");
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/devices/S07/connections", west)).Status);
        string harbour = await api.TokenAsync("harbour", "operator", null, "harbour");
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/devices/S07/connections", harbour)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/devices/S07/connections", await api.TokenAsync("m", "member", "transport"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/tokens/m/connections", harbour)).Status);
    }

    [Fact]
    public async Task The_connections_of_a_token_are_shown_and_ended_too()
    {
        string secret = await api.TokenAsync("desk", "member", "transport");
        await using RawPeer peer = await RawPeer.OpenAsync(api.Mqtt.Port);
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V311, "desk", secret));
        await peer.ReadPacketAsync();
        JsonElement shown = Assert.Single(Connections((await api.GetAsync("/api/tokens/desk/connections")).Json));
        Assert.Equal("3.1.1", shown.GetProperty("mqtt").GetString());
        await api.SendAsync(HttpMethod.Delete, "/api/tokens/desk/connections");
        Assert.Empty(await peer.ReadPacketAsync());
    }

    [Fact]
    public async Task A_device_registered_with_a_certificate_has_no_password_and_shows_its_fingerprint_as_it_is_kept()
    {
        string digits = string.Concat(Enumerable.Repeat("AB:", 31)) + "AB";
        ApiBench.Answer made = await api.PostAsync("/api/devices", $$"""{"id":"P07","certificate":"{{digits}}","topics":["v1/wim/P07/+"],"kind":"wim","district":"harbour","readingsPerSecond":20,"bytesPerSecond":10000,"payloadBytes":4096}""");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(string.Concat(Enumerable.Repeat("ab", 32)), made.Json.GetProperty("certificate").GetString());
        Assert.False(made.Json.TryGetProperty("password", out _));
        Assert.Equal((20, 10_000, 4096), (made.Json.GetProperty("readingsPerSecond").GetInt32(), made.Json.GetProperty("bytesPerSecond").GetInt32(), made.Json.GetProperty("payloadBytes").GetInt32()));
        Assert.Equal("", api.Views.Access.FindDevice("P07")!.SecretHash);
    }

    [Theory]
    [InlineData("\"certificate\":\"abc\"", "certificate")]
    [InlineData("\"readingsPerSecond\":0", "readingsPerSecond")]
    [InlineData("\"bytesPerSecond\":1", "bytesPerSecond")]
    [InlineData("\"payloadBytes\":-1", "payloadBytes")]
    public async Task Limits_that_make_no_sense_are_refused_with_the_field(string field, string name)
    {
        ApiBench.Answer answer = await api.PostAsync("/api/devices", $$"""{"id":"S1","topics":["a"],"kind":"wim","district":"d",{{field}}}""");
        Assert.Equal((HttpStatusCode.BadRequest, name), (answer.Status, answer.Field));
    }

    private static JsonElement[] Connections(JsonElement answer) => [.. answer.GetProperty("connections").EnumerateArray()];

    private async Task RegisterAsync(string password) => Assert.Equal(
        HttpStatusCode.Created, (await api.PostAsync("/api/devices", $$"""{"id":"S07","password":"{{password}}","topics":["v1/wim/S07/+"],"kind":"wim","district":"harbour"}""")).Status);

    private async Task<RawPeer> ConnectAsync(string password)
    {
        RawPeer peer = await RawPeer.OpenAsync(api.Mqtt.Port);
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "S07", password));
        Assert.Equal(0, (await peer.ReadPacketAsync())[3]);
        return peer;
    }

    private async Task<byte> TryConnectAsync(string password)
    {
        await using RawPeer peer = await RawPeer.OpenAsync(api.Mqtt.Port);
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "S07", password));
        return (await peer.ReadPacketAsync())[3];
    }
}
