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

    /// <summary>Set for a device: it may publish.</summary>
    public required SourceContext? Device { get; init; }

    /// <summary>Set for a token: it may subscribe.</summary>
    public required TokenRegistration? Token { get; init; }

    public required Will? Will { get; init; }

    /// <summary>Milliseconds; 0 where none was agreed.</summary>
    public required int KeepAliveMs { get; init; }

    /// <summary>QoS 1 packets that it takes before it acknowledges.</summary>
    public required int ReceiveMaximum { get; init; }

    /// <summary>The largest packet that it takes.</summary>
    public required uint MaximumPacketBytes { get; init; }

    /// <summary>Whether it asked for reason strings on anything but CONNACK and DISCONNECT, and has room for them.</summary>
    public required bool WantsReasons { get; init; }

    /// <summary>Seconds that the session outlives the connection; 0 for a device, which has nothing to keep.</summary>
    public required uint SessionExpirySeconds { get; init; }

    /// <summary>Where its subscriptions are stored; null where they end with the connection.</summary>
    public string? SessionKey => SessionExpirySeconds > 0 ? KeyOf(User, ClientId) : null;

    public static bool HasRoomForReasons(uint maximumPacketBytes) => maximumPacketBytes >= RoomForReasons;

    /// <summary><c>{user}/{clientId}</c>. A slash in the user's name is escaped, so that no two pairs have one key.</summary>
    public static string KeyOf(string user, string clientId) =>
        string.Concat(user.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal), "/", clientId);
}
