using Streaming.Grains.Messages;
using Streaming.Ingest.Formats;
using Streaming.Ingest.Mqtt.Packets;

namespace Streaming.Ingest.Mqtt;

/// <summary>Who is at the other end of an admitted connection, and what was agreed with it.</summary>
internal sealed record AdmittedClient
{
    /// <summary>Below this a client's Maximum Packet Size leaves no room for reason strings.</summary>
    private const uint RoomForReasons = 64 + MqttLimits.ReasonStringBytes;

    public required MqttVersion Version { get; init; }

    public required string ClientId { get; init; }

    public required string User { get; init; }

    public required SessionKey Key { get; init; }

    /// <summary>Set for a device: it may publish.</summary>
    public required SourceContext? Device { get; init; }

    /// <summary>Set for a token: it may subscribe.</summary>
    public required TokenRegistration? Token { get; init; }

    public required Will? Will { get; init; }

    /// <summary>Milliseconds; 0 where none was agreed.</summary>
    public required int KeepAliveMs { get; init; }

    /// <summary>QoS 1 and 2 packets that it takes before it acknowledges.</summary>
    public required int ReceiveMaximum { get; init; }

    /// <summary>The largest packet that it takes.</summary>
    public required uint MaximumPacketBytes { get; init; }

    /// <summary>Topic aliases that it takes; 0 for none.</summary>
    public required ushort TopicAliasMaximum { get; init; }

    /// <summary>Whether it asked for reason strings on anything but CONNACK and DISCONNECT, and has room for them.</summary>
    public required bool WantsReasons { get; init; }

    /// <summary>Seconds that the session outlives the connection; 0 where it does not.</summary>
    public required uint SessionExpirySeconds { get; init; }

    /// <summary>True where its session outlives a connection: this one or the last.</summary>
    public bool IsSessionKept { get; init; }

    /// <summary>True where the session was told at CONNECT that its client is there, and has to be told when it goes.</summary>
    public bool IsTracked { get; init; }

    /// <summary>True where <see cref="Will"/> is the session's to publish.</summary>
    public bool IsWillKept { get; init; }

    public static bool HasRoomForReasons(uint maximumPacketBytes) => maximumPacketBytes >= RoomForReasons;
}
