using Streaming.Grains.Messages;
using Streaming.Ingest.Mqtt.Client;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// What an interoperability suite needs and a city must not have: clients without a name, who may publish and subscribe to everything outside <c>v1/</c>. Whoever sets it sees to it that only this machine can connect and that nothing
/// of value is in the data directory; there is no other way to any of this.
/// </summary>
internal sealed record MqttTestProfile
{
    public const string Warning = "The MQTT test profile is on: anybody on this machine publishes and subscribes without a name. It is for interoperability suites, never for a city.";

    /// <summary>Who has no name.</summary>
    public TokenRegistration Anonymous { get; } = new("anonymous", "member", "none", "none", "", 0, Publishes: ["#"], Receives: ["#"]);

    /// <summary>The one filter that is refused, as suites want one.</summary>
    public string RefusedFilter { get; } = "test/nosubscribe";

    /// <summary>No reason strings in acknowledgements: the client of the Eclipse Paho suite takes them for malformed.</summary>
    public bool SendsReasons { get; }

    /// <summary>A 3.1.1 client gets its acknowledgement for a publish that is not allowed and goes nowhere, which section 3.3.5 of 3.1.1 leaves open: a suite publishes on a topic with $ and goes on. Elsewhere its connection ends.</summary>
    public bool AcknowledgesWhatItDrops { get; } = true;

    /// <summary>The longest keep alive, seconds: a suite waits for it.</summary>
    public int KeepAliveSeconds { get; } = 60;

    /// <summary>
    /// Goes once the way of a subscription and its end. A suite that does not wait for UNSUBACK takes a server that is still compiling the code for its first UNSUBSCRIBE for one that does not obey it.
    /// </summary>
    public static async Task WarmUpAsync(string host, int port, CancellationToken cancellation)
    {
        await using MqttPublisher client = await MqttPublisher.ConnectAsync(host, port, "warm-up", user: "", password: "", cancellation: cancellation);
        await client.SubscribeAsync("warm/up", cancellation: cancellation);
        await client.UnsubscribeAsync("warm/up", cancellation);
        await client.DisconnectAsync();
    }
}
