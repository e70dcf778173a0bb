using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Streaming.Ingest.City;
using Streaming.Silo.Host;
using Streaming.Silo.Journal.Archives;

namespace Streaming.Silo.Cli;

/// <summary>One setting in force, and who set it.</summary>
internal readonly record struct Setting(string Name, string Value, string Origin);

/// <summary>
/// The options of <c>up</c>, shared with <c>config</c> and <c>doctor</c>, which speak of the same ones. Each may also stand in the environment; the command line goes before it.
/// </summary>
internal sealed class UpArguments
{
    public const string AdminTokenVariable = "STREAMING_ADMIN_TOKEN";

    private const string HostVariable = "STREAMING_HOST";
    private const string ClusterVariable = "STREAMING_CLUSTER";

    private static readonly (string Suffix, long Bytes)[] Units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("TiB", 1L << 40), ("GB", 1_000_000_000), ("MB", 1_000_000), ("TB", 1_000_000_000_000), ("", 1)];

    private readonly Func<string, string?> environment;
    private readonly List<(Option Option, string Variable, Func<ParseResult, string> Show)> known = [];
    private readonly Option<bool> demo = new("--demo") { Description = "Run the simulated city beside it." };
    private readonly Option<string> data;
    private readonly Option<int> http;
    private readonly Option<int> mqtt;
    private readonly Option<IPAddress> bind;
    private readonly Option<string> city;
    private readonly Option<long> retention;
    private readonly Option<RetentionAges> keep;
    private readonly Option<double> rate;
    private readonly Option<HostKind> host;
    private readonly Option<string?> cluster;

    public UpArguments(Func<string, string?> environment)
    {
        this.environment = environment;
        data = Add("--data", "STREAMING_DATA", "DIR", "Where journal, state and lists are kept.", "./data", Text);
        http = Add("--http", "STREAMING_HTTP", "PORT", "Port of the HTTP interface and the console; 0 takes a free one.", CliLimits.HttpPort.ToString(CultureInfo.InvariantCulture), Port);
        mqtt = Add("--mqtt", "STREAMING_MQTT", "PORT", "Port of the MQTT endpoint; 0 takes a free one.", CliLimits.MqttPort.ToString(CultureInfo.InvariantCulture), Port);
        bind = Add("--bind", "STREAMING_BIND", "ADDRESS", "Address to listen on; 127.0.0.1 keeps to this machine.", "0.0.0.0", Address);
        city = Add("--city", "STREAMING_CITY", "DIR", "Rulebook and simulated city.", CityFiles.ShippedDirectory, Text);
        retention = Add("--retention", "STREAMING_RETENTION", "SIZE", "Journal kept on disk for history, as 16GiB.", Size(SiloLimits.JournalRetentionBytes), Bytes);
        keep = Add("--keep", "STREAMING_KEEP", "AGES", "How long the journal's archives keep each stream, raw payloads apart, within --retention: as weigh=400d,weigh.raw=30d,raw=7d. Streams are core, weigh, video, truck, tank, ledger and other; what is left out keeps its default.", RetentionAges.Default.ToString(), RetentionAges.Parse);
        rate = Add("--rate", "STREAMING_RATE", "N", "Readings a second of the simulated city.", CliLimits.DemoReadingsPerSecond.ToString(CultureInfo.InvariantCulture), Rate);
        host = Add("--host", HostVariable, "HOST", HostDescription, Hosts.Name(Hosts.Default), Hosts.Parse);
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
        Bind = parsed.GetRequiredValue(bind),
        CityDirectory = Path.GetFullPath(parsed.GetRequiredValue(city)),
        RetentionBytes = parsed.GetRequiredValue(retention),
        Keep = parsed.GetRequiredValue(keep),
        Demo = parsed.GetValue(demo),
        DemoReadingsPerSecond = parsed.GetRequiredValue(rate),
        AdminToken = AdminToken,
        Host = parsed.GetRequiredValue(host),
        Cluster = parsed.GetValue(cluster),
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

    private Option<T> Add<T>(string name, string variable, string placeholder, string description, string otherwise, Func<string, (T Value, string? Problem)> parse)
    {
        Option<T> option = new(name)
        {
            HelpName = placeholder,
            Description = $"{description} [{variable}; {(otherwise == CityFiles.ShippedDirectory ? "as shipped" : otherwise)}]",
            CustomParser = result => Parse(result, result.Tokens[0].Value, name, parse),
            DefaultValueFactory = result => environment(variable) is { Length: > 0 } text ? Parse(result, text, variable, parse) : parse(otherwise).Value,
        };
        known.Add((option, variable, parsed => parsed.GetValue(option) switch
        {
            long bytes => Size(bytes),
            HostKind kind => Hosts.Name(kind),
            T value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
            null => "",
        }));
        return option;
    }

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

    private static (string Value, string? Problem) Text(string text) => (text, string.IsNullOrWhiteSpace(text) ? "a directory expected." : null);

    private static (int Value, string? Problem) Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port <= 65_535 ? (port, null) : (0, "a port from 0 to 65535 expected.");

    private static (IPAddress Value, string? Problem) Address(string text) =>
        IPAddress.TryParse(text == "localhost" ? "127.0.0.1" : text, out IPAddress? address) ? (address, null) : (IPAddress.Any, "an address of this machine expected, as 0.0.0.0, 127.0.0.1 or ::.");

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
