using System.Text;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Mqtt;

/// <summary>Paho for Python at QoS 2 with sessions that last, disconnected again and again: it keeps its part of each exchange in memory and comes back by itself.</summary>
public sealed class PahoSessionTests
{
    private const int Count = 300;
    private const string Filter = "v1/departments/transport/+/alerts";

    private const string Publisher = """
        import sys
        import paho.mqtt.client as mqtt
        port, user, password, topic, payload, count = sys.argv[1:7]
        version = getattr(mqtt, "CallbackAPIVersion", None)
        first = [version.VERSION2] if version else []
        client = mqtt.Client(*first, client_id="gateway", clean_session=False, protocol=mqtt.MQTTv311)
        client.username_pw_set(user, password)
        client.reconnect_delay_set(1, 1)
        client.connect("127.0.0.1", int(port))
        client.loop_start()
        sent = [client.publish(topic, payload.replace("000000", "%06d" % number), qos=2) for number in range(int(count))]
        for each in sent:
            each.wait_for_publish(40)
        print("published" if all(each.is_published() for each in sent) else "lost")
        client.disconnect()
        client.loop_stop()
        """;

    private const string Subscriber = """
        import sys, threading
        import paho.mqtt.client as mqtt
        from paho.mqtt.properties import Properties
        from paho.mqtt.packettypes import PacketTypes
        port, user, password, filter, count = sys.argv[1:6]
        version = getattr(mqtt, "CallbackAPIVersion", None)
        first = [version.VERSION2] if version else []
        client = mqtt.Client(*first, client_id="desk", protocol=mqtt.MQTTv5)
        client.username_pw_set(user, password)
        client.reconnect_delay_set(1, 1)
        connected, done, got = threading.Event(), threading.Event(), []
        client.on_connect = lambda *rest: connected.set()
        def take(client, data, message):
            got.append(message.payload.decode())
            if got[-1] == count:
                done.set()
        client.on_message = take
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = 3600
        client.connect("127.0.0.1", int(port), clean_start=False, properties=session)
        client.loop_start()
        connected.wait(40)
        client.subscribe(filter, qos=2)
        done.wait(40)
        print(" ".join(got))
        client.disconnect()
        client.loop_stop()
        """;

    [PythonPahoFact]
    public async Task Every_publish_is_taken_once_over_connections_that_break()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        Task<(int Exit, string Output)> run = ForeignClient.RunAsync(
            ForeignClient.Paho!, Waits.Longest, "-c", Publisher, $"{test.Port}", "S07", "p", "v1/wim/S07/2", Encoding.UTF8.GetString(EndpointUnderTest.Weighing(0)), $"{Count}");
        foreach (int arrived in new[] { 20, 120, 220 })
        {
            await test.Intake.WaitForAsync(arrived);
            test.Endpoint.Disconnect("S07");
        }

        (int exit, string output) = await run;
        Assert.True(exit == 0 && output.Contains("published", StringComparison.Ordinal), output);
        Assert.Equal(
            Enumerable.Range(0, Count).Select(number => Encoding.UTF8.GetString(EndpointUnderTest.Weighing(number))), test.Intake.Arrived.Select(each => each.Payload).Order(StringComparer.Ordinal));
        Assert.Null(test.Sessions["S07/gateway"]!.Taken);
    }

    [PythonPahoFact]
    public async Task Every_alert_comes_once_and_in_order_over_connections_that_break()
    {
        await using EndpointUnderTest test = await EndpointUnderTest.StartAsync();
        Task<(int Exit, string Output)> run = ForeignClient.RunAsync(
            ForeignClient.Paho!, Waits.Longest, "-c", Subscriber, $"{test.Port}", "t1", "t", Filter, $"{Count}");
        await EndpointUnderTest.UntilAsync(() => test.Endpoint.Connections.Any(each => each.Subscriptions == 1));
        int shown = 0;
        foreach (int upTo in new[] { 100, 200, Count })
        {
            for (; shown < upTo; shown++)
            {
                test.Feeds.Add("transport/*", "harbour", $"{shown + 1}");
            }

            // Some of it is on its way when the connection breaks; what is shown next is while the client is away.
            int before = upTo - 60;
            await EndpointUnderTest.UntilAsync(() => test.Sessions["t1/desk"]!.Subscriptions is [{ } subscription] && subscription.Passed >= before);
            test.Endpoint.Disconnect("t1");
        }

        (int exit, string output) = await run;
        Assert.True(exit == 0, output);
        Assert.Equal(string.Join(' ', Enumerable.Range(1, Count)), output.Trim());
    }
}
