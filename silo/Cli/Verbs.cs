using System.Net;
using Streaming.Ingest.Formats;
using Streaming.Ingest.Mqtt.Doors;
using Streaming.Silo.Host;

namespace Streaming.Silo.Cli;

/// <summary>What <c>bench</c> was asked to measure.</summary>
/// <param name="Name">One of <see cref="Names"/>.</param>
/// <param name="Json">True to print one JSON line and nothing else.</param>
/// <param name="Host">What runs the actors.</param>
/// <param name="Batch">Readings of one vehicle in each PUBLISH of the load.</param>
internal sealed record BenchOptions(string Name, bool Json, HostKind Host, int Batch)
{
    /// <summary>The measurements that there are.</summary>
    public static readonly string[] Names = [.. Everywhere, .. Hosts.BuiltIn.Contains(HostKind.Orleans) ? ["grains"] : Array.Empty<string>()];

    /// <summary>Vehicles: in the store for <c>recovery</c>, in memory for <c>memory</c> and <c>turn</c>.</summary>
    public int Vehicles { get; init; } = CliLimits.BenchVehicles;

    /// <summary>For <c>recovery</c>: readings to replay.</summary>
    public long Readings { get; init; } = CliLimits.BenchReadings;

    /// <summary>For <c>ingest</c>: vehicles that the store knows when the load begins.</summary>
    public int VehiclesEver { get; init; }

    /// <summary>Threads that run turns; 0: as many as the host takes of itself.</summary>
    public int Workers { get; init; }

    /// <summary>For <c>latency</c>, <c>query</c>, <c>fanin</c>, <c>registers</c> and <c>lists</c>: how long is measured, s.</summary>
    public int Seconds { get; init; } = CliLimits.BenchSeconds;

    /// <summary>For <c>latency</c> and <c>query</c>: readings a second beside what is measured.</summary>
    public int Rate { get; init; } = CliLimits.BenchRate;

    /// <summary>For <c>fanin</c>: stations, each with a connection of its own; fewer where the limit of open files allows no more.</summary>
    public int Connections { get; init; } = CliLimits.BenchConnections;

    /// <summary>For <c>registers</c>: vehicles.</summary>
    public int Registered { get; init; } = CliLimits.BenchRegistered;

    /// <summary>For <c>lists</c>: cases.</summary>
    public int Cases { get; init; } = CliLimits.BenchCases;

    /// <summary>For <c>reports</c>: the texts that it was tuned on, instead of those that it is judged by.</summary>
    public bool Building { get; init; }

    /// <summary>For <c>quality</c> and <c>reports</c>: what the city that is played is drawn from.</summary>
    public int Seed { get; init; } = CliLimits.BenchSeed;

    /// <summary>For <c>quality</c>: truths of each kind; for <c>reports</c>: events, besides those that are easily taken for them.</summary>
    public int Truths { get; init; } = CliLimits.BenchTruths;

    /// <summary>For <c>quality</c>: where the overloads go as labelled rows; null for nowhere.</summary>
    public string? RowsFile { get; init; }

    /// <summary>For <c>fanin</c>: be the load of the server on this port, in a process of its own; null to be the measurement.</summary>
    public int? LoadPort { get; init; }

    private static ReadOnlySpan<string> Everywhere => new[] { "ingest", "fanin", "latency", "query", "recovery", "memory", "turn", "registers", "soak", "quality", "lists", "reports" };
}

/// <summary>What <c>replay</c> was asked to publish, and where to.</summary>
/// <param name="Source">Device that it is published as.</param>
/// <param name="Speed">1 is as fast as it happened, 10 ten times as fast; null is as fast as it is taken.</param>
/// <param name="Password">The device's; null to register the device first, with the administrator's token.</param>
/// <param name="UtcOffset">For MON: what the file's clock was ahead of UTC.</param>
/// <param name="KeepTimes">True to leave the recorded times as they are; false to move them by whole days, so that the last lies within the past day.</param>
internal sealed record ReplayOptions(
    string File,
    FileFormat Format,
    string Source,
    double? Speed,
    string Host,
    int MqttPort,
    int HttpPort,
    string? Password,
    string? AdminToken,
    string District,
    double? AccuracyPct,
    TimeSpan UtcOffset,
    bool KeepTimes);

/// <summary>What <c>decode</c> was asked to show.</summary>
internal sealed record DecodeOptions(string File, FileDecoderOptions Decoder);

/// <summary>What <c>backtest</c> was asked to try.</summary>
/// <param name="Directory">The data directory.</param>
/// <param name="CityDirectory">The rulebook to be tried.</param>
/// <param name="FromMs">Inputs at or after this time, ms since 1970; null for all.</param>
/// <param name="ToMs">Inputs before this time; null for all.</param>
/// <param name="Json">True to print one JSON line and nothing else.</param>
internal sealed record BackTestOptions(string Directory, string CityDirectory, long? FromMs, long? ToMs, bool Json);

/// <summary>What <c>redecode</c> was asked to compare.</summary>
/// <param name="Directory">The data directory, or the journal in it.</param>
/// <param name="Source">Payloads of this source alone; null for all.</param>
internal sealed record RedecodeOptions(string Directory, string? Source, long? FromMs, long? ToMs, bool Json);

/// <summary>What <c>train</c> was asked to learn from.</summary>
/// <param name="Directory">Directory of the training files.</param>
/// <param name="Kind">Rows of this kind alone; null for all.</param>
/// <param name="OutDirectory">Where the model files go; null to compare and write none.</param>
/// <param name="Json">True to print one JSON line and nothing else.</param>
/// <param name="CasesOf">Data directory whose closed cases are made rows of first; null for none.</param>
internal sealed record TrainOptions(string Directory, string? Kind, string? OutDirectory, bool Json, string? Data = null, string? CasesOf = null);

/// <summary>What <c>scoreboard</c> was asked to compute.</summary>
/// <param name="Directory">The data directory.</param>
/// <param name="Group">What its lines are by.</param>
/// <param name="Json">True to print one JSON line and nothing else.</param>
internal sealed record ScoreboardOptions(string Directory, string Group, bool Json);

/// <summary>What <c>doctor</c> looks at.</summary>
internal sealed record DoctorOptions(string DataDirectory, int HttpPort, int MqttPort, IPAddress Bind, string CityDirectory, long RetentionBytes, string? AdminToken)
{
    /// <summary>The encrypted MQTT port, and its certificate; null for none.</summary>
    public TlsOptions? MqttTls { get; init; }

    /// <summary>File that names the brokers to subscribe to; null for none.</summary>
    public string? BrokersFile { get; init; }

    /// <summary>File that names the gateways of notices; null for none.</summary>
    public string? GatewaysFile { get; init; }

    /// <summary>File that names the hosts of pictures; null for none.</summary>
    public string? PicturesFile { get; init; }
}

/// <summary>What each verb does; the process composes them, tests put their own in. Each returns the exit code.</summary>
internal sealed record Verbs
{
    public required Func<UpOptions, CancellationToken, Task<int>> Up { get; init; }

    public required Func<BenchOptions, CancellationToken, Task<int>> Bench { get; init; }

    public required Func<ReplayOptions, CancellationToken, Task<int>> Replay { get; init; }

    public required Func<DecodeOptions, int> Decode { get; init; }

    /// <summary>Takes the directory.</summary>
    public required Func<string, int> Verify { get; init; }

    /// <summary>Takes the dossier's file.</summary>
    public required Func<string, int> VerifyDossier { get; init; }

    public required Func<BackTestOptions, CancellationToken, int> BackTest { get; init; }

    public required Func<RedecodeOptions, CancellationToken, int> Redecode { get; init; }

    public required Func<TrainOptions, CancellationToken, int> Train { get; init; }

    public required Func<ScoreboardOptions, CancellationToken, int> Scoreboard { get; init; }

    public required Func<DoctorOptions, int> Doctor { get; init; }
}
