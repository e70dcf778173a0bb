using System.Net;
using Streaming.Ingest.Brokers;
using Streaming.Ingest.Mqtt.Doors;
using Streaming.Silo.Host;
using Streaming.Silo.Journal;
using Streaming.Silo.Notices;
using Streaming.Silo.Sealing;
using Streaming.Silo.Views;
using HostOptions = Streaming.Silo.Host.HostOptions;

namespace Streaming.Silo.Hosting;

/// <summary>What one process is told.</summary>
internal sealed record ServerOptions
{
    /// <summary>Where journal and stores lie; made where it does not exist.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The rulebook's files.</summary>
    public required string CityDirectory { get; init; }

    /// <summary>Address of both doors: loopback unless the operator says otherwise; null for every address of the machine.</summary>
    public IPAddress? Address { get; init; } = IPAddress.Loopback;

    /// <summary>HTTP port; 0 lets the system choose.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>MQTT port; 0 lets the system choose.</summary>
    public int MqttPort { get; init; } = 1883;

    /// <summary>The encrypted MQTT port with its certificate; null for none.</summary>
    public TlsOptions? MqttTls { get; init; }

    /// <summary>True for interoperability suites alone: MQTT clients need no name. On loopback and an empty data directory only.</summary>
    public bool MqttTestProfile { get; init; }

    /// <summary>The administrator's token as the environment gives it; null: one is made at the first start and printed once.</summary>
    public string? AdministratorToken { get; init; }

    /// <summary>What runs the actors.</summary>
    public HostKind HostKind { get; init; } = Hosts.Default;

    /// <summary>Connection string of the PostgreSQL database that keeps states, reminders and members, a secret; null for the data directory's own store. With the Orleans host only.</summary>
    public string? Cluster { get; init; }

    /// <summary>Brokers that the city has already, to be subscribed to.</summary>
    public IReadOnlyList<BrokerOptions> Brokers { get; init; } = [];

    /// <summary>What notices to subjects go out by.</summary>
    public Gateways Gateways { get; init; } = Gateways.None;

    /// <summary>Networks that receivers of webhooks may be in though they are not public.</summary>
    public IReadOnlyList<System.Net.IPNetwork> WebhookNetworks { get; init; } = [];

    /// <summary>Hosts that pictures of readings are fetched from, for cases.</summary>
    public PictureHosts Pictures { get; init; } = PictureHosts.None;

    /// <summary>Folder that tables of registers are put into; null for none.</summary>
    public string? TablesDirectory { get; init; }

    public HostOptions Host { get; init; } = new();

    public JournalOptions Journal { get; init; } = new() { ChecksAtOnce = Environment.ProcessorCount };

    /// <summary>Looks that are made only with a reason (<see cref="Api.AuditLooks"/>).</summary>
    public IReadOnlyList<string> AuditReasons { get; init; } = [];

    /// <summary>How long the lists keep what is over.</summary>
    public ViewRetention Lists { get; init; } = new();
}
