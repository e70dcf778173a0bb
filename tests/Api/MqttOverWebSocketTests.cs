using System.Net;
using System.Net.WebSockets;
using System.Text;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Mqtt;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>MQTT behind <c>/mqtt</c> of the HTTP port.</summary>
public sealed class MqttOverWebSocketTests : IAsyncLifetime
{
    private readonly List<IDisposable> sockets = [];
    private ApiBench api = null!;

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync(opensMqtt: true);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/devices", """{"id":"S07","password":"p","topics":["v1/wim/S07/+"],"kind":"wim","district":"harbour"}""")).Status);
    }

    public async Task DisposeAsync()
    {
        // First the clients: the endpoint would wait for them, on a clock that stands still.
        sockets.ForEach(each => each.Dispose());
        await api.DisposeAsync();
    }

    [Fact]
    public async Task A_reading_is_taken_and_acknowledged_over_a_websocket_without_a_bearer_token()
    {
        ClientWebSocket socket = await OpenAsync();
        Assert.Equal("mqtt", socket.SubProtocol);
        await SendAsync(socket, Connect);
        Assert.Equal((0x20, 0), await HeadAsync(socket));
        await SendAsync(socket, Publish(7));
        byte[] ack = await ReceiveAsync(socket);
        Assert.Equal((0x40, 7), (ack[0], RawPeer.PacketIdOf(ack)));
        Assert.Equal(1, Assert.Single(api.Intake.Arrived).Readings);
        Assert.Equal(TransportKind.WebSocket, Assert.Single(api.Mqtt.ConnectionsOf("S07")).Transport);
    }

    [Fact]
    public async Task Packets_may_span_frames_and_share_them()
    {
        ClientWebSocket socket = await OpenAsync();
        foreach (byte each in Connect)
        {
            await SendAsync(socket, [each]);
        }

        Assert.Equal((0x20, 0), await HeadAsync(socket));
        byte[] three = [.. Publish(1), .. Publish(2), .. Publish(3)];
        await SendAsync(socket, three[..50]);
        await SendAsync(socket, []);
        await socket.SendAsync(three.AsMemory(50, 400), WebSocketMessageType.Binary, endOfMessage: false, Patience());
        await socket.SendAsync(three.AsMemory(450), WebSocketMessageType.Binary, endOfMessage: true, Patience());
        await api.Intake.WaitForAsync(3);
        Assert.Equal([1, 1, 1], api.Intake.Arrived.Select(each => each.Readings));
    }

    [Fact]
    public async Task A_payload_larger_than_any_buffer_comes_through()
    {
        ClientWebSocket socket = await OpenAsync();
        await SendAsync(socket, Connect);
        await ReceiveAsync(socket);
        string array = $"[{string.Join(',', Enumerable.Range(0, 3000).Select(i => Encoding.UTF8.GetString(EndpointUnderTest.Weighing(i))))}]";
        await SendAsync(socket, RawPeer.Publish(MqttVersion.V5, 1, "v1/wim/S07/2", Encoding.UTF8.GetBytes(array)));
        Assert.Equal(0x40, (await ReceiveAsync(socket))[0]);
        Assert.Equal(3000, api.Intake.Arrived[0].Readings);
    }

    [Fact]
    public async Task A_text_frame_ends_the_connection()
    {
        ClientWebSocket socket = await OpenAsync();
        await SendAsync(socket, Connect);
        await ReceiveAsync(socket);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Patience());
        while ((await socket.ReceiveAsync(new byte[100], Patience())).MessageType != WebSocketMessageType.Close)
        {
        }

        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, socket.CloseStatus);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Patience());
        await EndpointUnderTest.UntilAsync(() => api.Mqtt.Connections.Count == 0);
        Assert.Equal(1, api.Mqtt.Metrics.Refusals[MqttRefusal.WebSocketTextFrame]);
        Assert.Equal("WebSocketTextFrame", api.Mqtt.LastRefusalOf("S07")!.Refusal);
    }

    [Fact]
    public async Task A_client_that_is_told_to_go_hears_why_and_then_the_close()
    {
        ClientWebSocket socket = await OpenAsync();
        await SendAsync(socket, Connect);
        await ReceiveAsync(socket);
        api.Mqtt.Disconnect("S07");
        byte[] bye = await ReceiveAsync(socket);
        Assert.Equal((0xE0, ReasonCode.AdministrativeAction), (bye[0], bye[2]));
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(new byte[100], Patience())).MessageType);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Patience());
        await EndpointUnderTest.UntilAsync(() => api.Mqtt.Connections.Count == 0);
    }

    [Fact]
    public async Task A_client_that_goes_without_a_word_leaves_nothing_behind()
    {
        ClientWebSocket socket = await OpenAsync();
        await SendAsync(socket, Connect);
        await ReceiveAsync(socket);
        socket.Abort();
        await EndpointUnderTest.UntilAsync(() => api.Mqtt.Connections.Count == 0);
    }

    [Theory]
    [InlineData("https://elsewhere.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData(null, null)]
    [InlineData("own", null)]
    public async Task A_browser_may_come_from_our_own_pages_only(string? origin, HttpStatusCode? refused)
    {
        string? sent = origin == "own" ? api.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin;
        if (refused is null)
        {
            await OpenAsync(socket =>
            {
                if (sent is not null)
                {
                    socket.Options.SetRequestHeader("Origin", sent);
                }
            });
            return;
        }

        ClientWebSocket refusedSocket = New(socket => socket.Options.SetRequestHeader("Origin", sent));
        await Assert.ThrowsAsync<WebSocketException>(() => refusedSocket.ConnectAsync(Address, Patience()));
        Assert.Equal(refused, refusedSocket.HttpStatusCode);
        Assert.Empty(api.Mqtt.Connections);
    }

    [Fact]
    public async Task What_is_no_mqtt_over_websocket_is_refused_with_what_to_do()
    {
        Assert.Equal(HttpStatusCode.UpgradeRequired, (await api.GetAsync("/mqtt", null)).Status);
        using ClientWebSocket other = new();
        other.Options.CollectHttpResponseDetails = true;
        other.Options.AddSubProtocol("graphql");
        await Assert.ThrowsAsync<WebSocketException>(() => other.ConnectAsync(Address, Patience()));
        Assert.Equal(HttpStatusCode.BadRequest, other.HttpStatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/mqtt/more", null)).Status);
    }

    [Fact]
    public async Task Before_the_endpoint_is_open_nobody_is_let_in()
    {
        await using ApiBench closed = await ApiBench.StartAsync();
        ClientWebSocket socket = New(null);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://{closed.Client.BaseAddress!.Authority}/mqtt"), Patience()));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, socket.HttpStatusCode);
    }

    private static byte[] Connect => RawPeer.Connect(MqttVersion.V5, "S07", "p");

    private Uri Address => new($"ws://{api.Client.BaseAddress!.Authority}/mqtt");

    private static byte[] Publish(ushort id) => RawPeer.Publish(MqttVersion.V5, id, "v1/wim/S07/2", EndpointUnderTest.Weighing(id));

    private static CancellationToken Patience() => new CancellationTokenSource(Waits.Longest).Token;

    private ClientWebSocket New(Action<ClientWebSocket>? set)
    {
        ClientWebSocket socket = new();
        socket.Options.AddSubProtocol("mqtt");
        socket.Options.CollectHttpResponseDetails = true;
        set?.Invoke(socket);
        sockets.Add(socket);
        return socket;
    }

    private async Task<ClientWebSocket> OpenAsync(Action<ClientWebSocket>? set = null)
    {
        ClientWebSocket socket = New(set);
        await socket.ConnectAsync(Address, Patience());
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, byte[] bytes) => socket.SendAsync(bytes, WebSocketMessageType.Binary, true, Patience());

    /// <summary>The next frame; the endpoint sends whole packets in one.</summary>
    private static async Task<byte[]> ReceiveAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult result = await socket.ReceiveAsync(buffer, Patience());
        Assert.Equal((WebSocketMessageType.Binary, true), (result.MessageType, result.EndOfMessage));
        return buffer[..result.Count];
    }

    private static async Task<(int Type, int Code)> HeadAsync(ClientWebSocket socket)
    {
        byte[] packet = await ReceiveAsync(socket);
        return (packet[0], packet[3]);
    }
}
