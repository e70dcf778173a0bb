using Streaming.Silo.Host;
using Streaming.Silo.Journal.Archives;

namespace Streaming.Silo.Cli;

/// <summary>What <c>up</c> was asked to do.</summary>
internal sealed record UpOptions
{
    /// <summary>Where journal, state and lists are kept; a full path.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>0 takes a free one.</summary>
    public required int HttpPort { get; init; }

    /// <summary>0 takes a free one.</summary>
    public required int MqttPort { get; init; }

    /// <summary>The encrypted MQTT port with its certificate; null for none.</summary>
    public required Ingest.Mqtt.Doors.TlsOptions? MqttTls { get; init; }

    /// <summary>Address to listen on; <c>0.0.0.0</c> and <c>::</c> are all.</summary>
    public required System.Net.IPAddress Bind { get; init; }

    /// <summary>Directory of the rulebook and of the simulated city; a full path.</summary>
    public required string CityDirectory { get; init; }

    /// <summary>Journal kept on disk for history, bytes.</summary>
    public required long RetentionBytes { get; init; }

    /// <summary>How long archives of the journal keep each stream.</summary>
    public required RetentionAges Keep { get; init; }

    /// <summary>True to run the simulated city beside it.</summary>
    public required bool Demo { get; init; }

    /// <summary>True for interoperability suites alone: MQTT clients need no name.</summary>
    public bool MqttTestProfile { get; init; }

    /// <summary>Readings a second of the simulated city.</summary>
    public required double DemoReadingsPerSecond { get; init; }

    /// <summary>The administrator's token from the environment (<c>STREAMING_ADMIN_TOKEN</c>); null to have one made at the first start.</summary>
    public required string? AdminToken { get; init; }

    /// <summary>What runs the actors.</summary>
    public required HostKind Host { get; init; }

    /// <summary>Connection string of the PostgreSQL database that keeps states, reminders and members, a secret; null for the data directory's own store. With the Orleans host only.</summary>
    public required string? Cluster { get; init; }

    /// <summary>File that names the brokers to subscribe to, a full path; null for none.</summary>
    public string? BrokersFile { get; init; }

    /// <summary>File that names the gateways of notices, a full path; null for none.</summary>
    public string? GatewaysFile { get; init; }

    /// <summary>Networks that receivers of webhooks may be in though they are not public.</summary>
    public IReadOnlyList<System.Net.IPNetwork> WebhookNetworks { get; init; } = [];

    /// <summary>File that names the hosts of pictures, a full path; null for none.</summary>
    public string? PicturesFile { get; init; }

    /// <summary>Folder that tables of registers are put into, a full path; null for none.</summary>
    public string? TablesDirectory { get; init; }

    /// <summary>Days that the list of the audit keeps an entry.</summary>
    public int AuditKeepDays { get; init; } = new Views.ViewRetention().AuditDays;

    /// <summary>Looks that are made only with a reason.</summary>
    public IReadOnlyList<string> AuditReasons { get; init; } = [];
}
