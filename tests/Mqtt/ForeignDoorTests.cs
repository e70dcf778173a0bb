using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Streaming.Tests.Api;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Mqtt;

/// <summary>Clients of others through the encrypted door and the WebSocket.</summary>
public sealed class ForeignDoorTests
{
    private const string Topic = "v1/wim/S07/2";

    private const string Paho = """
        import sys, ssl
        import paho.mqtt.client as mqtt
        transport, port, user, password, authority, topic, payload = sys.argv[1:8]
        version = getattr(mqtt, "CallbackAPIVersion", None)
        first = [version.VERSION2] if version else []
        client = mqtt.Client(*first, client_id="paho", transport=transport, protocol=mqtt.MQTTv5)
        client.username_pw_set(user, password)
        if transport == "websockets":
            client.ws_set_options(path="/mqtt")
        if authority:
            client.tls_set(ca_certs=authority)
        client.connect("127.0.0.1", int(port))
        client.loop_start()
        sent = client.publish(topic, payload, qos=1)
        sent.wait_for_publish(40)
        print("published" if sent.is_published() else "lost")
        client.disconnect()
        client.loop_stop()
        """;

    private const string MqttJs = """
        const [url, username, password, authority, topic, payload] = process.argv.slice(1);
        const client = require('mqtt').connect(url, { username, password, protocolVersion: 5, clientId: 'js', reconnectPeriod: 0, ca: authority ? require('fs').readFileSync(authority) : undefined });
        client.on('error', error => { console.log(error.message); process.exit(1); });
        client.on('connect', () => client.publish(topic, payload, { qos: 1 }, error => { console.log(error ? error.message : 'published'); client.end(); }));
        """;

    private static string Reading => Encoding.UTF8.GetString(EndpointUnderTest.Weighing(1));

    [MosquittoFact]
    public async Task Mosquitto_publishes_over_tls_with_a_password_and_with_a_certificate_alone()
    {
        using TestCertificates certificates = new();
        using X509Certificate2 station = certificates.Issue("CN=S07", TestCertificates.ClientUse);
        string certificate = certificates.Write("S07.pem", station.ExportCertificatePem());
        string key = certificates.Write("S07.key", station.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync(tls: certificates.Options);
        test.Access.Certificates[TestCertificates.FingerprintOf(station)] = "S07";
        string[] common = ["-h", "127.0.0.1", "-p", $"{test.Endpoint.TlsPort}", "--cafile", certificates.Root, "-q", "1", "-t", Topic, "-m", Reading];
        foreach (string[] way in new[] { (string[])["-V", "mqttv5", "-u", "S07", "-P", "p"], ["-V", "mqttv311", "--tls-version", "tlsv1.2", "-u", "S07", "-P", "p"], ["-V", "mqttv5", "--cert", certificate, "--key", key] })
        {
            (int exit, string output) = await ForeignClient.RunAsync(MosquittoFactAttribute.Find("mosquitto_pub")!, Waits.Longest, [.. common, .. way]);
            Assert.True(exit == 0, output);
        }

        Assert.Equal(3, test.Intake.Arrived.Sum(each => each.Readings));
    }

    [MosquittoFact]
    public async Task Mosquitto_does_not_trust_a_certificate_of_another_authority()
    {
        using TestCertificates certificates = new();
        using TestCertificates others = new();
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync(tls: certificates.Options);
        (int exit, _) = await ForeignClient.RunAsync(
            MosquittoFactAttribute.Find("mosquitto_pub")!, Waits.Longest, "-h", "127.0.0.1", "-p", $"{test.Endpoint.TlsPort}", "--cafile", others.Root, "-u", "S07", "-P", "p", "-t", Topic, "-m", Reading);
        Assert.NotEqual(0, exit);
        Assert.Empty(test.Intake.Arrived);
    }

    [PythonPahoFact]
    public async Task Paho_publishes_over_tls()
    {
        using TestCertificates certificates = new();
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync(tls: certificates.Options);
        await PublishAsync(ForeignClient.Paho!, "-c", Paho, "tcp", $"{test.Endpoint.TlsPort}", "S07", "p", certificates.Root, Topic, Reading);
        Assert.Equal(1, Assert.Single(test.Intake.Arrived).Readings);
    }

    [PythonPahoFact]
    public async Task Paho_publishes_over_a_websocket()
    {
        await using ApiBench api = await OpenAsync();
        await PublishAsync(ForeignClient.Paho!, "-c", Paho, "websockets", $"{api.Client.BaseAddress!.Port}", "S07", "p", "", Topic, Reading);
        Assert.Equal(1, Assert.Single(api.Intake.Arrived).Readings);
    }

    [MqttJsFact]
    public async Task Mqtt_js_publishes_over_tls()
    {
        using TestCertificates certificates = new();
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync(tls: certificates.Options);
        await PublishAsync(ForeignClient.MqttJs!, "-e", MqttJs, $"mqtts://127.0.0.1:{test.Endpoint.TlsPort}", "S07", "p", certificates.Root, Topic, Reading);
        Assert.Equal(1, Assert.Single(test.Intake.Arrived).Readings);
    }

    [MqttJsFact]
    public async Task Mqtt_js_publishes_over_a_websocket()
    {
        await using ApiBench api = await OpenAsync();
        await PublishAsync(ForeignClient.MqttJs!, "-e", MqttJs, $"ws://127.0.0.1:{api.Client.BaseAddress!.Port}/mqtt", "S07", "p", "", Topic, Reading);
        Assert.Equal(1, Assert.Single(api.Intake.Arrived).Readings);
    }

    private static async Task PublishAsync(string program, params string[] arguments)
    {
        (int exit, string output) = await ForeignClient.RunAsync(program, Waits.Longest, arguments);
        Assert.True(exit == 0 && output.Contains("published", StringComparison.Ordinal), output);
    }

    private static async Task<ApiBench> OpenAsync()
    {
        ApiBench api = await ApiBench.StartAsync(opensMqtt: true);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/devices", """{"id":"S07","password":"p","topics":["v1/wim/S07/+"],"kind":"wim","district":"harbour"}""")).Status);
        return api;
    }
}
