using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>A connection as people see it.</summary>
/// <param name="User">Device id or token name; null during the handshake.</param>
/// <param name="Version">Null during the handshake.</param>
/// <param name="Address">Remote address and port.</param>
/// <param name="Since">When it was accepted.</param>
/// <param name="Publishes">Publishes received.</param>
/// <param name="InFlight">Publishes received and not yet acknowledged.</param>
/// <param name="Subscriptions">Feeds subscribed to.</param>
/// <param name="LastRefusal">The last thing that was refused to it, with its detail; null where nothing was.</param>
internal sealed record ConnectionInfo(
    string? ClientId,
    string? User,
    MqttVersion? Version,
    string Address,
    DateTimeOffset Since,
    long Publishes,
    int InFlight,
    int Subscriptions,
    string? LastRefusal)
{
    public required TransportKind Transport { get; init; }

    /// <summary>As <c>1.3</c>; null where it is not encrypted by the endpoint.</summary>
    public required string? TlsVersion { get; init; }

    /// <summary>SHA-256 of the certificate that the client has shown; null where it showed none.</summary>
    public required string? Certificate { get; init; }

    /// <summary>Seconds that its session outlives the connection; 0 where it does not.</summary>
    public required uint SessionExpirySeconds { get; init; }

    /// <summary>Agreed with the client; 0 for none.</summary>
    public required int KeepAliveSeconds { get; init; }

    /// <summary>As it was over the last seconds.</summary>
    public required double ReadingsPerSecond { get; init; }

    /// <summary>As it was over the last seconds, everything received.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>When <see cref="LastRefusal"/> was; without meaning where nothing was refused.</summary>
    public required DateTimeOffset? LastRefusalAt { get; init; }
}

/// <summary>A connection that was refused or ended by the endpoint.</summary>
internal sealed record RefusedConnection(DateTimeOffset At, string? ClientId, string? User, string Address, MqttRefusal Refusal, string Detail);
