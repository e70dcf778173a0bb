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
    string? LastRefusal);

/// <summary>A connection that was refused or ended by the endpoint.</summary>
internal sealed record RefusedConnection(DateTimeOffset At, string? ClientId, string? User, string Address, MqttRefusal Refusal, string Detail);
