using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Doors;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Mqtt;

public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates certificates = new();

    public void Dispose() => certificates.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12, "1.2")]
    [InlineData(SslProtocols.Tls13, "1.3")]
    public async Task A_reading_is_taken_and_acknowledged_over_tls(SslProtocols protocol, string version)
    {
        await using EndpointUnderTest test = await StartAsync();
        await using RawPeer peer = new(await OpenAsync(test, protocol: protocol));
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "S07", "p"));
        Assert.Equal(0, (await peer.ReadPacketAsync())[3]);
        await peer.SendAsync(RawPeer.Publish(MqttVersion.V5, 7, "v1/wim/S07/2", EndpointUnderTest.Weighing(1)));
        byte[] ack = await peer.ReadPacketAsync();
        Assert.Equal((0x40, 7), (ack[0], RawPeer.PacketIdOf(ack)));
        Assert.Equal(1, Assert.Single(test.Intake.Arrived).Readings);
        ConnectionInfo shown = Assert.Single(test.Endpoint.ConnectionsOf("S07"));
        Assert.Equal((TransportKind.Tls, version), (shown.Transport, shown.TlsVersion));
    }

    [Fact]
    public async Task Older_versions_of_tls_are_refused_and_a_client_in_the_clear_is_as_well()
    {
        await using EndpointUnderTest test = await StartAsync();
#pragma warning disable SYSLIB0039, CA5397 // That the version is obsolete is what this test is about.
        await Assert.ThrowsAnyAsync<Exception>(() => OpenAsync(test, protocol: SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
        await using RawPeer clear = await RawPeer.OpenAsync(test.Endpoint.TlsPort!.Value);
        await clear.SendAsync(RawPeer.Connect(MqttVersion.V5, "S07", "p"));
        await clear.ReadToEndAsync();
        await EndpointUnderTest.UntilAsync(() => test.RefusalsOf(MqttRefusal.TlsHandshakeFailed) >= 1 && test.Endpoint.Connections.Count == 0);
    }

    [Fact]
    public async Task A_large_payload_and_a_disconnect_with_its_reason_come_through()
    {
        await using EndpointUnderTest test = await StartAsync();
        await using RawPeer peer = new(await OpenAsync(test));
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "S07", "p"));
        await peer.ReadPacketAsync();
        string array = $"[{string.Join(',', Enumerable.Range(0, 2000).Select(i => Encoding.UTF8.GetString(EndpointUnderTest.Weighing(i))))}]";
        await peer.SendAsync(RawPeer.Publish(MqttVersion.V5, 1, "v1/wim/S07/2", Encoding.UTF8.GetBytes(array)));
        Assert.Equal(0x40, (await peer.ReadPacketAsync())[0]);
        Assert.Equal(2000, test.Intake.Arrived[0].Readings);

        // Cancels the read that is under way; what is sent after that still has to come through.
        Assert.Equal(1, test.Endpoint.Disconnect("S07"));
        byte[] bye = await peer.ReadPacketAsync();
        Assert.Equal((0xE0, ReasonCode.AdministrativeAction), (bye[0], bye[2]));
        Assert.Empty(await peer.ReadPacketAsync());
    }

    [Fact]
    public async Task Peers_that_stall_in_the_handshake_hold_up_nobody_and_are_closed_in_time()
    {
        await using EndpointUnderTest test = await StartAsync();
        List<RawPeer> stalling = [];
        for (int i = 0; i < (MqttLimits.TlsHandshakesAtOnce * 4) + 1; i++)
        {
            RawPeer peer = await RawPeer.OpenAsync(test.Endpoint.TlsPort!.Value);
            stalling.Add(peer);

            // The head of a TLS record and half of a ClientHello.
            await peer.SendAsync([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, .. new byte[60]]);
        }

        await using RawPeer honest = new(await OpenAsync(test));
        await honest.SendAsync(RawPeer.Connect(MqttVersion.V311, "S07", "p"));
        Assert.Equal(0x20, (await honest.ReadPacketAsync())[0]);

        // Its handshake is over for certain once it is answered after the CONNACK.
        await honest.SendAsync(RawPeer.Packet(0xC0));
        Assert.Equal(0xD0, (await honest.ReadPacketAsync())[0]);
        test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.ConnectTimeoutMs + 2000));
        foreach (RawPeer peer in stalling)
        {
            Assert.Empty(await peer.ReadToEndAsync());
            await peer.DisposeAsync();
        }

        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Count == 1);
        Assert.Equal(stalling.Count, test.RefusalsOf(MqttRefusal.ConnectTimeout));
    }

    [Fact]
    public async Task A_certificate_that_was_replaced_is_shown_without_a_restart_and_open_connections_stay()
    {
        await using EndpointUnderTest test = await StartAsync();
        await using SslStream before = await OpenAsync(test);
        Assert.Equal("CN=first", before.RemoteCertificate!.Subject);

        certificates.WriteServer("server", "second");
        Look(test);
        await using SslStream after = await OpenAsync(test);
        Assert.Equal("CN=second", after.RemoteCertificate!.Subject);
        Assert.Null(test.Endpoint.Note);

        await using RawPeer peer = new(before);
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V311, "S07", "p"));
        Assert.Equal(0x20, (await peer.ReadPacketAsync())[0]);
    }

    [Theory]
    [InlineData("server.pem", "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----")]
    [InlineData("server.pem", "")]
    [InlineData("server.pem", null)]
    [InlineData("server.key", "")]
    [InlineData("server.key", null)]
    [InlineData("root.pem", "")]
    [InlineData("root.pem", null)]
    public async Task A_broken_file_keeps_the_earlier_certificate_and_says_so_until_it_is_mended(string file, string? content)
    {
        await using EndpointUnderTest test = await StartAsync();
        string path = Path.Combine(certificates.Directory, file);
        string whole = await File.ReadAllTextAsync(path);
        if (content is null)
        {
            File.Delete(path);
        }
        else
        {
            await File.WriteAllTextAsync(path, content);
        }

        Look(test);
        Assert.Contains(path, test.Endpoint.Note, StringComparison.Ordinal);
        await using SslStream still = await OpenAsync(test);
        Assert.Equal("CN=first", still.RemoteCertificate!.Subject);

        await File.WriteAllTextAsync(path, whole);
        Look(test);
        Assert.Null(test.Endpoint.Note);
    }

    [Fact]
    public async Task A_key_of_another_certificate_is_not_taken()
    {
        await using EndpointUnderTest test = await StartAsync();
        certificates.WriteServer("other", "other");
        File.Copy(Path.Combine(certificates.Directory, "other.key"), certificates.ServerKey, overwrite: true);
        Look(test);
        Assert.Contains("private key", test.Endpoint.Note, StringComparison.Ordinal);
        await using SslStream still = await OpenAsync(test);
        Assert.Equal("CN=first", still.RemoteCertificate!.Subject);
    }

    [Fact]
    public async Task A_certificate_with_its_key_may_be_pkcs12_with_a_password()
    {
        using X509Certificate2 made = certificates.Issue("CN=packed", TestCertificates.ServerUse);
        string path = Path.Combine(certificates.Directory, "server.p12");
        await File.WriteAllBytesAsync(path, made.Export(X509ContentType.Pkcs12, "secret"));
        TlsOptions options = new() { Port = 0, CertificateFile = path, Password = "secret" };
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync(tls: options);
        await using SslStream stream = await OpenAsync(test);
        Assert.Equal("CN=packed", stream.RemoteCertificate!.Subject);
        InvalidDataException wrong = Assert.Throws<InvalidDataException>(() => TlsMaterial.Load(options with { Password = "other" }, TlsMaterial.Read(options)));
        Assert.Contains(path, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_a_certificate_is_announced()
    {
        using X509Certificate2 made = certificates.Issue("CN=short", TestCertificates.ServerUse, until: new DateTimeOffset(2026, 11, 25, 0, 0, 0, TimeSpan.Zero));
        certificates.Write("server.pem", made.ExportCertificatePem());
        certificates.Write("server.key", made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await using EndpointUnderTest test = await StartAsync();
        Assert.Contains("expires at 2026-11-25", test.Endpoint.Note, StringComparison.Ordinal);
        test.Time.Advance(TimeSpan.FromDays(5));
        Assert.Contains("expired at 2026-11-25", test.Endpoint.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_the_authority_issued_lets_the_device_in_that_it_names_without_a_password()
    {
        using X509Certificate2 station = certificates.Issue("CN=S07", TestCertificates.ClientUse);
        await using EndpointUnderTest test = await StartAsync();
        test.Access.Certificates[TestCertificates.FingerprintOf(station)] = "S07";
        await using RawPeer peer = new(await OpenAsync(test, station));
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "", ""));
        Assert.Equal(0, (await peer.ReadPacketAsync())[3]);
        ConnectionInfo shown = Assert.Single(test.Endpoint.ConnectionsOf("S07"));
        Assert.Equal(TestCertificates.FingerprintOf(station), shown.Certificate);
    }

    [Fact]
    public async Task A_certificate_and_a_user_name_that_differ_are_refused_even_with_the_right_password()
    {
        using X509Certificate2 station = certificates.Issue("CN=S07", TestCertificates.ClientUse);
        await using EndpointUnderTest test = await StartAsync();
        test.Access.Certificates[TestCertificates.FingerprintOf(station)] = "S07";
        await using RawPeer peer = new(await OpenAsync(test, station));
        await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "C07", "p"));
        Assert.Equal(ReasonCode.NotAuthorized, (await peer.ReadPacketAsync())[3]);
        await EndpointUnderTest.UntilAsync(() => test.RefusalsOf(MqttRefusal.CertificateDiffers) == 1);
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.LastRefusalOf("C07") is not null);
        Assert.Equal("CertificateDiffers", test.Endpoint.LastRefusalOf("C07")!.Refusal);
    }

    [Fact]
    public async Task What_a_certificate_says_is_read_and_judged()
    {
        using X509Certificate2 issued = certificates.Issue("CN=S07,O=City", TestCertificates.ClientUse, names =>
        {
            names.AddDnsName("gate-7");
            names.AddUri(new Uri("urn:dev:ow:10e2073a01080063"));
            names.AddEmailAddress("nobody@example.org");
        });
        using X509Certificate2 forServers = certificates.Issue("CN=S07", TestCertificates.ServerUse);
        using X509Certificate2 expired = certificates.Issue("CN=S07", TestCertificates.ClientUse, until: new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using X509Certificate2 own = TestCertificates.SelfSigned("CN=S07");
        Assert.Equal(["S07", "gate-7", "urn:dev:ow:10e2073a01080063"], CertificateNames.Of(issued));
        foreach ((X509Certificate2 shown, bool chains, bool inForce) in new[] { (issued, true, true), (forServers, false, true), (expired, false, false), (own, false, true) })
        {
            await using EndpointUnderTest test = await StartAsync();
            await using RawPeer peer = new(await OpenAsync(test, shown));
            await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, "S07", "p"));
            Assert.Equal(0, (await peer.ReadPacketAsync())[3]);
            Assert.Equal((chains, inForce), (test.Access.Shown!.Chains, test.Access.Shown.InForce));
        }
    }

    private async Task<EndpointUnderTest> StartAsync() => await EndpointUnderTest.StartAsync(tls: certificates.Options);

    /// <summary>Lets the endpoint look at its files once.</summary>
    private static void Look(EndpointUnderTest test) => test.Time.Advance(TimeSpan.FromMilliseconds(MqttLimits.CertificateCheckMs + MqttLimits.HeartbeatMs));

    private static async Task<SslStream> OpenAsync(EndpointUnderTest test, X509Certificate2? client = null, SslProtocols protocol = SslProtocols.None)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", test.Endpoint.TlsPort!.Value);
        SslStream stream = new(new NetworkStream(socket, ownsSocket: true));
        using CancellationTokenSource patience = new(Waits.Longest);
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    EnabledSslProtocols = protocol,
                    ClientCertificates = client is null ? null : [client],
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
                },
                patience.Token);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        return stream;
    }
}
