using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Streaming.Ingest.City;
using Streaming.Ingest.Mqtt.Doors;
using Streaming.Silo.Api;
using Streaming.Silo.Host;
using Streaming.Silo.Journal.Archives;
using Streaming.Silo.Views;
using Streaming.Silo.Webhooks;

namespace Streaming.Silo.Cli;

/// <summary>One setting in force, and who set it.</summary>
internal readonly record struct Setting(string Name, string Value, string Origin);

/// <summary>
/// The options of <c>up</c>, shared with <c>config</c> and <c>doctor</c>, which speak of the same ones. Each may also stand in the environment; the command line goes before it.
/// </summary>
internal sealed class UpArguments
{
    public const string AdminTokenVariable = "STREAMING_ADMIN_TOKEN";

    /// <summary>Password of the certificate's key; never on the command line, which others on the machine see.</summary>
    public const string TlsPasswordVariable = "STREAMING_TLS_PASSWORD";

    private const string MqttsVariable = "STREAMING_MQTTS";
    private const string TlsCertVariable = "STREAMING_TLS_CERT";
    private const string TlsKeyVariable = "STREAMING_TLS_KEY";
    private const string TlsClientAuthorityVariable = "STREAMING_TLS_CLIENT_CA";
    private const string BindVariable = "STREAMING_BIND";
    private const string HostVariable = "STREAMING_HOST";
    private const string ClusterVariable = "STREAMING_CLUSTER";

    private static readonly (string Suffix, long Bytes)[] Units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("TiB", 1L << 40), ("GB", 1_000_000_000), ("MB", 1_000_000), ("TB", 1_000_000_000_000), ("", 1)];

    private readonly Func<string, string?> environment;
    private readonly List<(Option Option, string Variable, Func<ParseResult, string> Show)> known = [];
    private readonly Option<bool> demo = new("--demo") { Description = "Run the simulated city beside it." };
    private readonly Option<bool> testProfile = new("--mqtt-test-profile") { Description = "For interoperability suites only: MQTT clients need no name. Listens on loopback, and wants an empty data directory." };
    private readonly Option<string> data;
    private readonly Option<int> http;
    private readonly Option<int> mqtt;
    private readonly Option<int?> mqtts;
    private readonly Option<string?> tlsCert;
    private readonly Option<string?> tlsKey;
    private readonly Option<string?> tlsClientAuthority;
    private readonly Option<IPAddress> bind;
    private readonly Option<string> city;
    private readonly Option<long> retention;
    private readonly Option<RetentionAges> keep;
    private readonly Option<double> rate;
    private readonly Option<HostKind> host;
    private readonly Option<string?> cluster;
    private readonly Option<string> brokers;
    private readonly Option<string?> tables;
    private readonly Option<int> auditKeep;
    private readonly Option<string> auditReasons;
    private readonly Option<string?> gateways;
    private readonly Option<string> webhookNetworks;
    private readonly Option<string?> pictures;

    public UpArguments(Func<string, string?> environment)
    {
        this.environment = environment;
        data = Add("--data", "STREAMING_DATA", "DIR", "Where journal, state and lists are kept.", "./data", Text);
        http = Add("--http", "STREAMING_HTTP", "PORT", "Port of the HTTP interface and the console; 0 takes a free one.", CliLimits.HttpPort.ToString(CultureInfo.InvariantCulture), Port);
        mqtt = Add("--mqtt", "STREAMING_MQTT", "PORT", "Port of the MQTT endpoint; 0 takes a free one.", CliLimits.MqttPort.ToString(CultureInfo.InvariantCulture), Port);
        mqtts = AddOptional<int?>("--mqtts", MqttsVariable, "PORT", "Port of MQTT over TLS 1.2 and 1.3; 0 takes a free one. Needs --tls-cert.", text => Port(text) is (int port, null) ? (port, null) : (null, Port(text).Problem));
        tlsCert = AddOptional<string?>("--tls-cert", TlsCertVariable, "FILE", $"Certificate of --mqtts with its intermediates, PEM; or PKCS#12 with its key where the name ends in .p12 or .pfx. It may be replaced while running. A password of the key stands in {TlsPasswordVariable}.", FullPath);
        tlsKey = AddOptional<string?>("--tls-key", TlsKeyVariable, "FILE", "Private key of --tls-cert, PEM; not needed where that file holds it.", FullPath);
        tlsClientAuthority = AddOptional<string?>("--tls-client-ca", TlsClientAuthorityVariable, "FILE", "Root certificates, PEM. A client whose certificate leads to one of them and names a registered device is let in as that device without a password.", FullPath);
        bind = Add("--bind", BindVariable, "ADDRESS", "Address to listen on; 127.0.0.1 keeps to this machine.", "0.0.0.0", Address);
        city = Add("--city", "STREAMING_CITY", "DIR", "Rulebook and simulated city.", CityFiles.ShippedDirectory, Text);
        retention = Add("--retention", "STREAMING_RETENTION", "SIZE", "Journal kept on disk for history, as 16GiB.", Size(SiloLimits.JournalRetentionBytes), Bytes);
        keep = Add("--keep", "STREAMING_KEEP", "AGES", "How long the journal's archives keep each stream, raw payloads apart, within --retention: as weigh=400d,weigh.raw=30d,raw=7d. Streams are core, weigh, video, truck, tank, ledger and other; what is left out keeps its default.", RetentionAges.Default.ToString(), RetentionAges.Parse);
        rate = Add("--rate", "STREAMING_RATE", "N", "Readings a second of the simulated city.", CliLimits.DemoReadingsPerSecond.ToString(CultureInfo.InvariantCulture), Rate);
        host = Add("--host", HostVariable, "HOST", HostDescription, Hosts.Name(Hosts.Default), Hosts.Parse);
        brokers = Add<string>("--brokers", "STREAMING_BROKERS", "FILE", "Outside brokers to subscribe to, and what their topics mean here.", "", static text => (text, null), "none");
        tables = AddOptional<string?>("--tables", "STREAMING_TABLES", "DIR", "Folder that departments put tables of their registers into, as DIR/SOURCE/vehicles.csv; what was taken goes to DIR/SOURCE/done.", FullPath);
        auditKeep = Add("--audit-keep", "STREAMING_AUDIT_KEEP", "DAYS", $"Days that the list of the audit keeps an entry, {ViewLimits.LeastAuditDays} to {ViewLimits.MostAuditDays}; the journal has it as long as it reaches back.", new ViewRetention().AuditDays.ToString(CultureInfo.InvariantCulture), AuditDays);
        auditReasons = Add("--audit-reasons", "STREAMING_AUDIT_REASONS", "LOOKS", $"Looks that are made only with a reason, with commas between them: {string.Join(", ", AuditLooks.Names)}.", "", static text => (text, AuditLooks.Parse(text).Problem), "none");
        gateways = AddOptional<string?>("--gateways", "STREAMING_GATEWAYS", "FILE", "Gateways that notices to subjects go out by, and where the outside reaches this silo; each gateway's secret stands in a file or variable that this one names.", FullPath);
        webhookNetworks = Add("--webhook-networks", "STREAMING_WEBHOOK_NETWORKS", "NETWORKS", "Networks of the city's own that receivers of webhooks may be in though they are not public, with commas between them, as 10.2.0.0/16; http is allowed only where there are any.", "", static text => (text, WebhookNetworks.Parse(text).Problem), "none");
        pictures = AddOptional<string?>("--pictures", "STREAMING_PICTURES", "FILE", "Hosts that pictures of readings are fetched from, for cases; without it none is fetched, and each case says so.", FullPath);
        cluster = new Option<string?>("--cluster")
        {
            HelpName = "POSTGRESQL",
            Description = $"Connection string of a PostgreSQL database for states, reminders and members, in place of the data directory's own store; with --host orleans only. Other users of this machine see a command line, so it is better kept in the variable. [{ClusterVariable}; none]",
            CustomParser = result => Cluster(result, result.Tokens[0].Value, "--cluster"),
            DefaultValueFactory = result => environment(ClusterVariable) is { Length: > 0 } text ? Cluster(result, text, ClusterVariable) : null,
        };
        known.Add((cluster, ClusterVariable, parsed => parsed.GetValue(cluster) is { } given ? ClusterText.Show(given) : "(none: the states are in the data directory)"));
    }

    public void AddTo(Command command)
    {
        command.Add(demo);
        command.Add(testProfile);
        command.Validators.Add(result =>
        {
            if (result.GetValue(testProfile) && IsGiven(result, bind, BindVariable) && CommandLine.TryValue(() => BindOf(result), out IPAddress? address) && address is not null && !IPAddress.IsLoopback(address))
            {
                result.AddError("--mqtt-test-profile lets anybody in, so it listens on a loopback address only: leave --bind out, or give 127.0.0.1.");
            }
        });
        AddShared(command);
    }

    /// <summary>All but <c>--demo</c>.</summary>
    public void AddShared(Command command)
    {
        foreach ((Option option, _, _) in known)
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            bool door = IsGiven(result, mqtts, MqttsVariable);
            bool certificate = IsGiven(result, tlsCert, TlsCertVariable);
            if (door && !certificate)
            {
                result.AddError("--mqtts needs a certificate: give --tls-cert FILE.pem --tls-key FILE.pem.");
            }
            else if (!door && (certificate || IsGiven(result, tlsKey, TlsKeyVariable) || IsGiven(result, tlsClientAuthority, TlsClientAuthorityVariable)))
            {
                result.AddError("--tls-cert, --tls-key and --tls-client-ca are for MQTT over TLS; say on which port with --mqtts PORT.");
            }

            // Defaults are not there yet when a command is checked, so the environment is asked here.
            bool given = result.GetResult(cluster) is not null;
            if ((given || environment(ClusterVariable) is { Length: > 0 }) && CommandLine.TryValue(() => HostOf(result), out HostKind kind) && kind != HostKind.Orleans)
            {
                result.AddError($"{(given ? "--cluster" : ClusterVariable)} is for the Orleans host, and the host is {Hosts.Name(kind)}. Leave it out{(Hosts.BuiltIn.Contains(HostKind.Orleans) ? ", or run with --host orleans" : ": this build has no other host")}.");
            }
        });
    }

    /// <summary>The options in force. To be called only where the parse had no errors.</summary>
    public UpOptions Read(ParseResult parsed) => new()
    {
        DataDirectory = Path.GetFullPath(parsed.GetRequiredValue(data)),
        HttpPort = parsed.GetRequiredValue(http),
        MqttPort = parsed.GetRequiredValue(mqtt),
        MqttTls = parsed.GetValue(mqtts) is not { } tlsPort ? null : new TlsOptions
        {
            Port = tlsPort,
            CertificateFile = parsed.GetRequiredValue(tlsCert)!,
            KeyFile = parsed.GetValue(tlsKey),
            Password = environment(TlsPasswordVariable) is { Length: > 0 } password ? password : null,
            ClientAuthorityFile = parsed.GetValue(tlsClientAuthority),
        },
        Bind = parsed.GetValue(testProfile) && Origin(parsed, bind, BindVariable) == "default" ? IPAddress.Loopback : parsed.GetRequiredValue(bind),
        MqttTestProfile = parsed.GetValue(testProfile),
        CityDirectory = Path.GetFullPath(parsed.GetRequiredValue(city)),
        RetentionBytes = parsed.GetRequiredValue(retention),
        Keep = parsed.GetRequiredValue(keep),
        Demo = parsed.GetValue(demo),
        DemoReadingsPerSecond = parsed.GetRequiredValue(rate),
        AdminToken = AdminToken,
        Host = parsed.GetRequiredValue(host),
        Cluster = parsed.GetValue(cluster),
        TablesDirectory = parsed.GetValue(tables),
        AuditKeepDays = parsed.GetRequiredValue(auditKeep),
        AuditReasons = AuditLooks.Parse(parsed.GetRequiredValue(auditReasons)).Names,
        GatewaysFile = parsed.GetValue(gateways),
        WebhookNetworks = WebhookNetworks.Parse(parsed.GetRequiredValue(webhookNetworks)).Networks,
        PicturesFile = parsed.GetValue(pictures),
        BrokersFile = parsed.GetRequiredValue(brokers) is { Length: > 0 } file ? Path.GetFullPath(file) : null,
    };

    /// <summary>The options in force, and whether each comes from the command line, the environment or is the default.</summary>
    public IReadOnlyList<Setting> Explain(ParseResult parsed)
    {
        List<Setting> settings = [.. known.Select(entry => new Setting(entry.Option.Name[2..], entry.Show(parsed), Origin(parsed, entry.Option, entry.Variable)))];
        settings.Add(AdminToken is { } token
            ? new Setting("admin token", string.Create(CultureInfo.InvariantCulture, $"({token.Length} characters, not shown)"), $"environment, {AdminTokenVariable}")
            : new Setting("admin token", "(made and printed once at the first start)", "default"));
        return settings;
    }

    /// <summary>A size as people write it; null where it is none.</summary>
    public static long? ParseSize(string text)
    {
        foreach ((string suffix, long bytes) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                bool isNumber = double.TryParse(text.AsSpan(0, text.Length - suffix.Length).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number);
                return isNumber && number * bytes < long.MaxValue ? (long)(number * bytes) : null;
            }
        }

        return null;
    }

    /// <summary>A size as <see cref="ParseSize"/> reads it.</summary>
    public static string Size(long bytes)
    {
        foreach ((string suffix, long unit) in new[] { ("GiB", 1L << 30), ("MiB", 1L << 20) })
        {
            if (bytes >= unit && bytes % unit == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / unit}{suffix}");
            }
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>What <c>--host</c> says of itself, where it is an option of a silo.</summary>
    public static string HostDescription => $"What runs the actors: {string.Join(" or ", Hosts.BuiltIn.Select(Hosts.Name))}.";

    private string? AdminToken => environment(AdminTokenVariable) is { Length: > 0 } token ? token : null;

    private Option<T> Add<T>(string name, string variable, string placeholder, string description, string otherwise, Func<string, (T Value, string? Problem)> parse, string? shown = null)
    {
        Option<T> option = new(name)
        {
            HelpName = placeholder,
            Description = $"{description} [{variable}; {shown ?? (otherwise == CityFiles.ShippedDirectory ? "as shipped" : otherwise)}]",
            CustomParser = result => Parse(result, result.Tokens[0].Value, name, parse),
            DefaultValueFactory = result => environment(variable) is { Length: > 0 } text ? Parse(result, text, variable, parse) : parse(otherwise).Value,
        };
        known.Add((option, variable, parsed => parsed.GetValue(option) switch
        {
            long bytes => Size(bytes),
            HostKind kind => Hosts.Name(kind),
            "" => $"({shown})",
            T value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
            null => "",
        }));
        return option;
    }

    /// <summary>An option that is absent where nobody gave it.</summary>
    private Option<T?> AddOptional<T>(string name, string variable, string placeholder, string description, Func<string, (T? Value, string? Problem)> parse)
    {
        Option<T?> option = new(name)
        {
            HelpName = placeholder,
            Description = $"{description} [{variable}; none]",
            CustomParser = result => Parse(result, result.Tokens[0].Value, name, parse),
            DefaultValueFactory = result => environment(variable) is { Length: > 0 } text ? Parse(result, text, variable, parse) : default,
        };
        known.Add((option, variable, parsed => parsed.GetValue(option) is { } given ? Convert.ToString(given, CultureInfo.InvariantCulture) ?? "" : "(none)"));
        return option;
    }

    /// <summary>Defaults are not there yet when a command is checked, so the environment is asked here.</summary>
    private bool IsGiven(SymbolResult result, Option option, string variable) => result.GetResult(option) is not null || environment(variable) is { Length: > 0 };

    /// <summary>Reads one value; what is wrong with it is said with where it stood.</summary>
    public static T Parse<T>(ArgumentResult result, string text, string from, Func<string, (T Value, string? Problem)> parse)
    {
        (T value, string? problem) = parse(text);
        if (problem is not null)
        {
            result.AddError($"{from} is \"{text}\"; {problem}");
        }

        return value;
    }

    private string Origin(ParseResult parsed, Option option, string variable) =>
        parsed.GetResult(option) is { Implicit: false } ? "command line"
        : environment(variable) is { Length: > 0 } ? $"environment, {variable}"
        : "default";

    private HostKind HostOf(SymbolResult result) =>
        result.GetResult(host) is not null ? result.GetValue(host) : environment(HostVariable) is { Length: > 0 } text ? Hosts.Parse(text).Host : Hosts.Default;

    private IPAddress BindOf(SymbolResult result) => result.GetResult(bind) is not null ? result.GetRequiredValue(bind) : Address(environment(BindVariable) ?? "").Value;

    private static (string? Value, string? Problem) FullPath(string text) => string.IsNullOrWhiteSpace(text) ? (null, "a file expected.") : (Path.GetFullPath(text), null);

    private static (string Value, string? Problem) Text(string text) => (text, string.IsNullOrWhiteSpace(text) ? "a directory expected." : null);

    private static (int Value, string? Problem) Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port <= 65_535 ? (port, null) : (0, "a port from 0 to 65535 expected.");

    private static (IPAddress Value, string? Problem) Address(string text) =>
        IPAddress.TryParse(text == "localhost" ? "127.0.0.1" : text, out IPAddress? address) ? (address, null) : (IPAddress.Any, "an address of this machine expected, as 0.0.0.0, 127.0.0.1 or ::.");

    private static (int Value, string? Problem) AuditDays(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int days) && days is >= ViewLimits.LeastAuditDays and <= ViewLimits.MostAuditDays
            ? (days, null)
            : (0, $"{ViewLimits.LeastAuditDays} to {ViewLimits.MostAuditDays} days expected.");

    private static (long Value, string? Problem) Bytes(string text) =>
        ParseSize(text) is { } bytes && bytes >= CliLimits.LeastRetentionBytes ? (bytes, null) : (0, $"a size of at least {Size(CliLimits.LeastRetentionBytes)} expected, as 16GiB.");

    private static (double Value, string? Problem) Rate(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double rate) && rate is >= 1 and <= CityLimits.ReadingsPerSecond
            ? (rate, null)
            : (0, $"1 to {CityLimits.ReadingsPerSecond} readings a second expected.");

    /// <summary>A connection string holds a password, so a refusal does not cite it.</summary>
    private static string? Cluster(ArgumentResult result, string text, string from)
    {
        if (ClusterText.Problem(text) is { } problem)
        {
            result.AddError($"{from} {problem}");
        }

        return text;
    }
}
