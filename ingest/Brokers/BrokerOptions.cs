using System.Text.Json.Serialization;

namespace Streaming.Ingest.Brokers;

/// <summary>The file that <c>--brokers</c> names.</summary>
internal sealed record BrokersDocument(IReadOnlyList<BrokerOptions> Brokers);

/// <summary>A broker that the city has already, and what is subscribed to at it.</summary>
/// <param name="Name">By which metrics, notes and quarantine speak of it.</param>
/// <param name="Host">Where it listens.</param>
/// <param name="ClientId">By which the broker knows the session: it must stay the same from start to start, and no two silos may have the same.</param>
/// <param name="Subscriptions">What is subscribed to. The first one that fits a message says what becomes of it.</param>
/// <param name="Version"><c>5.0</c> or <c>3.1.1</c>.</param>
/// <param name="SessionExpirySeconds">How long the broker keeps what comes while the silo is away, seconds. With 3.1.1 the broker alone decides.</param>
/// <param name="ReceiveMaximum">Messages that the broker may have on their way. With 3.1.1 the broker alone decides.</param>
internal sealed record BrokerOptions(
    string Name,
    string Host,
    string ClientId,
    IReadOnlyList<BrokerSubscription> Subscriptions,
    string Version = "5.0",
    uint SessionExpirySeconds = BrokerLimits.SessionExpirySeconds,
    int ReceiveMaximum = BrokerLimits.ReceiveMaximum)
{
    /// <summary>Absent: 1883, or 8883 with TLS.</summary>
    public int? Port { get; init; }

    public string? User { get; init; }

    /// <summary>A secret: neither logged nor shown.</summary>
    public string? Password { get; init; }

    /// <summary>A file that holds the password alone, read anew at each attempt to connect.</summary>
    public string? PasswordFile { get; init; }

    public BrokerTls? Tls { get; init; }

    /// <summary>The group of a shared subscription, <c>$share/{group}/{filter}</c>: each message goes to one of its members. Absent: this subscriber gets them all.</summary>
    public string? ShareGroup { get; init; }

    [JsonIgnore]
    public int PortInForce => Port ?? (Tls is null ? 1883 : 8883);

    [JsonIgnore]
    public bool IsVersion5 => Version == "5.0";

    /// <summary>Where it is, for people. Records print all they hold, and this one holds a password.</summary>
    public override string ToString() => $"{Name} ({Host}:{PortInForce})";
}

/// <summary>TLS to a broker; its certificate is always checked. Files are read anew at each attempt to connect, so renewed ones need no restart.</summary>
internal sealed record BrokerTls
{
    /// <summary>PEM file of the authorities that the broker's certificate must come from. Absent: those of the machine.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of the client certificate, with whatever is between it and its authority.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of its key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Name that the broker's certificate must have. Absent: the host.</summary>
    public string? ServerName { get; init; }
}

/// <summary>One subscription, and what becomes of its messages.</summary>
/// <param name="From">Topics at the broker, a level that is needed in braces: <c>plant/+/wim/{station}/{lane}</c>.</param>
/// <param name="Format">How the payload is written: <c>native</c>.</param>
internal sealed record BrokerSubscription(string From, string Format = "native")
{
    /// <summary>The topic that the silo knows, made of the levels in braces: <c>v1/wim/{station}/{lane}</c>. Absent: the topic stays as it is.</summary>
    public string? To { get; init; }

    /// <summary>The registered device that the message is of: <c>{station}</c>. Absent: the station, camera, enterprise, vehicle or source that the topic names.</summary>
    public string? Source { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    ReadCommentHandling = System.Text.Json.JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(BrokersDocument))]
internal sealed partial class BrokersJson : JsonSerializerContext;
