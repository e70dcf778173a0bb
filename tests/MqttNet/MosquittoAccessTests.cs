using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Grains.Messages;
using Streaming.Ingest;
using Streaming.Ingest.Brokers;
using Streaming.Ingest.Mqtt.Client;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Ingest.MqttNet;
using Streaming.Tests.Mqtt;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.MqttNet;

/// <summary>A real Mosquitto that lets in whom it should: by TLS with certificates on both sides, by passwords as the shipped configuration has it, and members of a shared subscription.</summary>
public sealed class MosquittoAccessTests : IAsyncDisposable
{
    private readonly FakeIntake journal = new();
    private readonly List<IAsyncDisposable> open = [];

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable part in Enumerable.Reverse(open))
        {
            await part.DisposeAsync();
        }
    }

    [MosquittoBrokerFact]
    public async Task Over_TLS_both_sides_show_a_certificate_and_a_foreign_one_is_refused()
    {
        MosquittoBroker broker = Keep(new MosquittoBroker("""
            allow_anonymous true
            cafile {0}/ca.pem
            certfile {0}/broker.pem
            keyfile {0}/broker.key
            require_certificate true
            """));
        using Authority authority = new();
        using Authority foreign = new();
        File.WriteAllText(Path.Combine(broker.Folder, "ca.pem"), authority.Pem);
        File.WriteAllText(Path.Combine(broker.Folder, "foreign.pem"), foreign.Pem);
        authority.Issue("localhost", broker.Folder, "broker");
        authority.Issue("silo", broker.Folder, "silo");
        await broker.StartAsync();
        BrokerTls tls = new() { CaFile = Path.Combine(broker.Folder, "ca.pem"), CertificateFile = Path.Combine(broker.Folder, "silo.pem"), KeyFile = Path.Combine(broker.Folder, "silo.key") };
        BrokerOptions options = new("tls", "localhost", "silo", [new("v1/wim/{station}/{lane}")]) { Port = broker.Port, Tls = tls };

        await SubscribedAsync(Subscribe(options));
        BrokerSubscriber distrusting = Subscribe(options with { ClientId = "distrusting", Tls = tls with { CaFile = Path.Combine(broker.Folder, "foreign.pem") } });
        await EndpointUnderTest.UntilAsync(() => distrusting.Note?.Contains("certificate", StringComparison.OrdinalIgnoreCase) == true);
        BrokerSubscriber misnamed = Subscribe(options with { ClientId = "misnamed", Host = "127.0.0.1" });
        await EndpointUnderTest.UntilAsync(() => misnamed.Note?.Contains("certificate", StringComparison.OrdinalIgnoreCase) == true);
        await EndpointUnderTest.UntilAsync(() => misnamed.Attempts > 1);
        Assert.False(misnamed.IsSubscribed);
        BrokerSubscriber nameless = Subscribe(options with { ClientId = "nameless", Tls = tls with { CertificateFile = null, KeyFile = null } });
        await EndpointUnderTest.UntilAsync(() => nameless.Attempts > 1);
        Assert.False(nameless.IsSubscribed);
    }

    [MosquittoBrokerFact]
    public async Task The_shipped_configuration_lets_a_device_publish_on_its_own_topics_alone()
    {
        string shipped = Path.Combine(AppContext.BaseDirectory, "deploy");
        string[] lines = File.ReadAllLines(Path.Combine(shipped, "mosquitto.conf"));
        MosquittoBroker broker = Keep(new MosquittoBroker(string.Join('\n', lines
            .Where(line => !line.StartsWith("listener", StringComparison.Ordinal) && !line.StartsWith("persistence", StringComparison.Ordinal) && !line.StartsWith("max_", StringComparison.Ordinal))
            .Select(line => line.Replace("/mosquitto/data", "{0}", StringComparison.Ordinal).Replace("/mosquitto/config", shipped, StringComparison.Ordinal)))));
        await AddUserAsync(broker, "silo", "s", create: true);
        await AddUserAsync(broker, "S07", "p", create: false);
        await broker.StartAsync();
        string password = Path.Combine(broker.Folder, "silo-password");
        File.WriteAllText(password, "s\n");
        BrokerOptions options = new("mosquitto", "127.0.0.1", "silo", [new("v1/wim/{station}/{lane}"), new("plant/+/wim/{station}/{lane}") { To = "v1/wim/{station}/{lane}", Source = "{station}" }]) { Port = broker.Port, User = "silo", PasswordFile = password };
        await SubscribedAsync(Subscribe(options));
        BrokerSubscriber wrong = Subscribe(options with { ClientId = "wrong", PasswordFile = null, Password = "guess" });
        await EndpointUnderTest.UntilAsync(() => wrong.Note?.Contains("NotAuthorized", StringComparison.Ordinal) == true);

        // Some versions of Mosquitto end a connection after such a refusal, so it gets one of its own.
        await using (MqttPublisher intruder = await MqttPublisher.ConnectAsync("127.0.0.1", broker.Port, "S07", "S07", "p", MqttVersion.V5))
        {
            MqttAnswer foreign = await intruder.PublishAndWaitAsync("v1/wim/S08/1"u8.ToArray(), EndpointUnderTest.Weighing(1));
            Assert.False(foreign.IsSuccess);
        }

        await using MqttPublisher device = await MqttPublisher.ConnectAsync("127.0.0.1", broker.Port, "S07", "S07", "p", MqttVersion.V5);
        Assert.True((await device.PublishAndWaitAsync("v1/wim/S07/1"u8.ToArray(), EndpointUnderTest.Weighing(2))).IsSuccess);
        Assert.True((await device.PublishAndWaitAsync("plant/3/wim/S07/2"u8.ToArray(), EndpointUnderTest.Weighing(3))).IsSuccess);
        IReadOnlyList<Arrived> arrived = await journal.WaitForAsync(2);
        Assert.Equal([("v1/wim/S07/1", 1), ("v1/wim/S07/2", 1)], arrived.Select(each => (each.Topic, each.Readings)));
    }

    [MosquittoBrokerFact]
    public async Task Members_of_a_shared_subscription_share_the_messages_in_both_versions()
    {
        MosquittoBroker broker = Keep(new MosquittoBroker());
        await broker.StartAsync();
        foreach (string version in (string[])["5.0", "3.1.1"])
        {
            BrokerOptions options = new("shared", "127.0.0.1", "one", [new("v1/wim/{station}/{lane}")], version) { Port = broker.Port, ShareGroup = "silos" };
            BrokerSubscriber one = Subscribe(options with { ClientId = $"one-{version}" });
            BrokerSubscriber two = Subscribe(options with { ClientId = $"two-{version}" });
            await SubscribedAsync(one);
            await SubscribedAsync(two);
            int before = journal.Arrived.Count;
            await using (MqttPublisher device = await MqttPublisher.ConnectAsync("127.0.0.1", broker.Port, "S07", "any", "any", MqttVersion.V5))
            {
                for (int i = 0; i < 500; i++)
                {
                    await device.PublishAsync("v1/wim/S07/1"u8.ToArray(), EndpointUnderTest.Weighing(before + i));
                }

                await device.FlushAsync();
            }

            await journal.WaitForAsync(before + 500);
            await one.DisposeAsync();
            await two.DisposeAsync();
            open.Remove(one);
            open.Remove(two);

            // One group over both versions: those that are away would get their share at their next connection.
            await ForgetAsync(broker, $"one-{version}");
            await ForgetAsync(broker, $"two-{version}");
            Assert.Equal(before + 500, journal.Arrived.Count);
        }

        string[] ids = [.. journal.Arrived.Select(each => each.Payload[..20])];
        Assert.Equal(1000, ids.Distinct().Count());
    }

    /// <summary>Ends a session at the broker: a clean start does.</summary>
    private static async Task ForgetAsync(MosquittoBroker broker, string clientId)
    {
        await using MqttPublisher client = await MqttPublisher.ConnectAsync("127.0.0.1", broker.Port, clientId, "any", "any", MqttVersion.V5);
    }

    private static Task SubscribedAsync(BrokerSubscriber subscriber) => EndpointUnderTest.UntilAsync(() => subscriber.IsSubscribed);

    private static async Task AddUserAsync(MosquittoBroker broker, string user, string password, bool create)
    {
        string[] arguments = [.. create ? (string[])["-c"] : [], "-b", Path.Combine(broker.Folder, "passwords"), user, password];
        using Process run = Process.Start(MosquittoFactAttribute.Find("mosquitto_passwd")!, arguments);
        await run.WaitForExitAsync();
        Assert.Equal(0, run.ExitCode);
    }

    private BrokerSubscriber Subscribe(BrokerOptions options)
    {
        SourceRegistration station = new("S07", "wim", ["v1/wim/S07/+"], "harbour", 5, "");
        BrokerSubscriber subscriber = Keep(new BrokerSubscriber(options, journal, id => id == "S07" ? station : null, FixedReadingRules.Shipped, TimeProvider.System, NullLoggerFactory.Instance));
        subscriber.Start();
        return subscriber;
    }

    private T Keep<T>(T part) where T : IAsyncDisposable
    {
        open.Add(part);
        return part;
    }

    /// <summary>An authority that certifies whom it is asked to.</summary>
    private sealed class Authority : IDisposable
    {
        private static int serial;
        private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly X509Certificate2 certificate;

        public Authority()
        {
            CertificateRequest request = new("CN=authority", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            (DateTimeOffset from, DateTimeOffset to) = Validity(days: 2);
            certificate = request.CreateSelfSigned(from, to);
        }

        public string Pem => certificate.ExportCertificatePem();

        public void Issue(string name, string folder, string file)
        {
            using ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new(string.Create(CultureInfo.InvariantCulture, $"CN={name}"), own, HashAlgorithmName.SHA256);
            SubjectAlternativeNameBuilder names = new();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
            (DateTimeOffset from, DateTimeOffset to) = Validity(days: 1);
            using X509Certificate2 issued = request.Create(certificate, from, to, BitConverter.GetBytes(Interlocked.Increment(ref serial)));
            File.WriteAllText(Path.Combine(folder, $"{file}.pem"), issued.ExportCertificatePem());
            File.WriteAllText(Path.Combine(folder, $"{file}.key"), own.ExportPkcs8PrivateKeyPem());
        }

        public void Dispose()
        {
            certificate.Dispose();
            key.Dispose();
        }

        private static (DateTimeOffset From, DateTimeOffset To) Validity(int days)
        {
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            return (now.AddDays(-days), now.AddDays(days));
        }
    }
}
