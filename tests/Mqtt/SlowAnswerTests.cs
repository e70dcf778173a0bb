using System.Net;
using System.Net.WebSockets;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Mqtt;

public sealed class SlowAnswerTests
{
    [Fact]
    public async Task A_client_whose_answer_takes_longer_than_its_CONNECT_may_is_not_late()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        using SlowSocket socket = new(RawPeer.Connect(MqttVersion.V311, "S07", "p", keepAliveSeconds: 60), () => test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.ConnectTimeoutMs + MqttLimits.HeartbeatMs)));
        Task serving = test.Endpoint.ServeAsync(socket, new IPEndPoint(IPAddress.Loopback, 1));

        Assert.Equal(0x20, (await socket.Sent)[0]);
        await serving.WaitAsync(Waits.Longest);
        Assert.Equal(0, test.RefusalsOf(MqttRefusal.ConnectTimeout));
    }

    /// <summary>A peer that sends one packet, lets time pass while it is answered, and leaves.</summary>
    private sealed class SlowSocket(byte[] packet, Action whileAnswered) : WebSocket
    {
        private readonly TaskCompletionSource<byte[]> sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int at;

        public Task<byte[]> Sent => sent.Task.WaitAsync(Waits.Longest);

        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Open;

        public override string? SubProtocol => "mqtt";

        public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
        {
            if (at == packet.Length)
            {
                await sent.Task.WaitAsync(cancellationToken);
                return new WebSocketReceiveResult(0, WebSocketMessageType.Close, true);
            }

            int taken = Math.Min(packet.Length - at, buffer.Count);
            packet.AsSpan(at, taken).CopyTo(buffer);
            at += taken;
            return new WebSocketReceiveResult(taken, WebSocketMessageType.Binary, at == packet.Length);
        }

        public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
        {
            whileAnswered();
            sent.TrySetResult([.. buffer]);
            return Task.CompletedTask;
        }

        public override void Abort()
        {
        }

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Dispose()
        {
        }
    }
}
