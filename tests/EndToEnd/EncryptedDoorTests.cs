using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Mqtt;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.EndToEnd;

/// <summary>The real process with all of its doors open.</summary>
public sealed class EncryptedDoorTests
{
    [Fact]
    public async Task A_station_publishes_by_its_certificate_and_over_a_websocket_and_a_broken_certificate_is_noted()
    {
        using TestCertificates certificates = new();
        using X509Certificate2 station = certificates.Issue("CN=S07", TestCertificates.ClientUse);
        int port = TestPort.Next();
        await using SiloProcess silo = new();
        await silo.StartAsync("--mqtts", $"{port}", "--tls-cert", certificates.ServerCertificate, "--tls-key", certificates.ServerKey, "--tls-client-ca", certificates.Root);
        await silo.RegisterStationAsync("S07");

        SslStream encrypted = new(new TcpClient("127.0.0.1", port).GetStream());
        await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [station], RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null });
        await using RawPeer peer = new(encrypted);
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, null, ""));
        Assert.Equal(0, (await peer.ReadPacketAsync())[3]);
        await peer.SendAsync(Publish(1));
        byte[] ack = await peer.ReadPacketAsync();
        Assert.Equal((0x40, 1), (ack[0], RawPeer.PacketIdOf(ack)));
        string connections = await silo.Http.GetStringAsync(new Uri("/api/devices/S07/connections", UriKind.Relative));
        Assert.Contains("\"transport\":\"tls\"", connections, StringComparison.Ordinal);
        Assert.Contains(TestCertificates.FingerprintOf(station), connections, StringComparison.Ordinal);

        using ClientWebSocket socket = new();
        socket.Options.AddSubProtocol("mqtt");
        using CancellationTokenSource patience = new(silo.Patience);
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{silo.HttpPort}/mqtt"), patience.Token);
        byte[] buffer = new byte[1024];
        await socket.SendAsync(RawPeer.Connect(MqttVersion.V311, "S07", "p", clientId: "ws"), WebSocketMessageType.Binary, true, patience.Token);
        await socket.ReceiveAsync(buffer, patience.Token);
        Assert.Equal((0x20, 0), (buffer[0], buffer[3]));

        await File.WriteAllTextAsync(certificates.ServerKey, "no key", patience.Token);
        string ready = "";
        using PeriodicTimer looks = new(TimeSpan.FromMilliseconds(100));
        while (!ready.Contains(certificates.ServerKey, StringComparison.Ordinal))
        {
            await looks.WaitForNextTickAsync(patience.Token);
            ready = await silo.Http.GetStringAsync(new Uri("/health/ready", UriKind.Relative), patience.Token);
        }

        Assert.Contains("\"status\":\"ready\"", ready, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_with_a_certificate_that_cannot_be_used_fails_and_says_which()
    {
        using TestCertificates certificates = new();
        await File.WriteAllTextAsync(certificates.ServerCertificate, "nothing");
        await using SiloProcess silo = new();
        Assert.Equal(1, await silo.StartAndWaitForExitAsync("--mqtts", "0", "--tls-cert", certificates.ServerCertificate, "--tls-key", certificates.ServerKey));
        Assert.Contains(certificates.ServerCertificate, silo.Output, StringComparison.Ordinal);
    }

    private static byte[] Publish(ushort id) => RawPeer.Publish(MqttVersion.V5, id, "v1/wim/S07/1", Encoding.UTF8.GetBytes(
        $$"""{"id":"a{{id}}","at":"{{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}}","plate":"粤A00001","grossKg":9000}"""));
}
