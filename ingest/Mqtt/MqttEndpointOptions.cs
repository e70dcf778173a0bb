using System.Net;
using Streaming.Ingest.Mqtt.Doors;

namespace Streaming.Ingest.Mqtt;

/// <summary>What a site sets about its endpoint; bounds that nobody needs to set are in <see cref="MqttLimits"/>.</summary>
internal sealed record MqttEndpointOptions
{
    /// <summary>Address to listen on; null for every address of the machine, IPv4 and IPv6.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>TCP port, 0 to 65535; 0 lets the system choose.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>The encrypted door; null for none.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>What is asked of readings when they are decoded.</summary>
    public IReadingRules Rules { get; init; } = FixedReadingRules.Shipped;

    /// <summary>For interoperability suites alone; null for everything else.</summary>
    public MqttTestProfile? TestProfile { get; init; }

    /// <summary>Connections taken at once; one more is closed at once.</summary>
    public int MaxConnections { get; init; } = 50_000;
}
