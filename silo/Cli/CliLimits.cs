namespace Streaming.Silo.Cli;

/// <summary>Bounds and defaults of the command line.</summary>
internal static class CliLimits
{
    /// <summary>Time that a verb has to end by itself after Ctrl+C or SIGTERM; then the process ends without it, and the next start recovers.</summary>
    public static readonly TimeSpan Termination = TimeSpan.FromSeconds(30);

    public const int HttpPort = 8080;

    public const int MqttPort = 1883;

    /// <summary>Readings a second of the simulated city.</summary>
    public const double DemoReadingsPerSecond = 200;

    /// <summary>The least journal that may be kept: four segments.</summary>
    public const long LeastRetentionBytes = 4L * SiloLimits.JournalSegmentBytes;

    /// <summary>Free space below which <c>doctor</c> calls a disk full.</summary>
    public const long LeastFreeBytes = 1024L * 1024 * 1024;

    /// <summary>Writes that <c>doctor</c> times, and the bytes of each.</summary>
    public const int DoctorWrites = 50;

    public const int DoctorWriteBytes = 4096;

    /// <summary>A flush slower than this, ms at the 99th percentile, makes every acknowledgement late.</summary>
    public const double SlowFlushMs = 25;

    /// <summary>How much of the journal's newest part <c>doctor</c> reads; <c>verify</c> reads all of it.</summary>
    public const long DoctorJournalBytes = 256L * 1024 * 1024;

    /// <summary>A store larger than this is not checked page by page.</summary>
    public const long DoctorStoreBytes = 1024L * 1024 * 1024;

    /// <summary>How much of the newest identity files is read.</summary>
    public const long DoctorHistoryBytes = 256L * 1024 * 1024;

    /// <summary>Open files below which a city's stations and cameras do not all fit.</summary>
    public const int OpenFiles = 20_000;

    /// <summary>Readings of one PUBLISH of the benches' load: the buffers of the bare server hold such a packet several times over.</summary>
    public const int BenchBatchReadings = 100;

    /// <summary>Vehicles of the benches of recovery and memory.</summary>
    public const int BenchVehicles = 1_000_000;

    /// <summary>Vehicles of the bench of turns: those that are about in a city at a time.</summary>
    public const int BenchTurnVehicles = 100_000;

    /// <summary>The most vehicles that a bench makes states of: each takes some hundred bytes of disk.</summary>
    public const int BenchMostVehicles = 20_000_000;

    /// <summary>Readings that the bench of recovery replays: the longest tail that there may be.</summary>
    public const long BenchReadings = 10_000_000;

    /// <summary>Connections of the bench of many stations.</summary>
    public const int BenchConnections = 20_000;

    /// <summary>Vehicles of the registers that <c>bench registers</c> loads: those of a city.</summary>
    public const int BenchRegistered = 200_000;

    /// <summary>Cases of <c>bench lists</c>: what lists are held to.</summary>
    public const int BenchCases = 200_000;

    /// <summary>Seed of <c>bench quality</c>.</summary>
    public const int BenchSeed = 1;

    /// <summary>Truths of each kind in <c>bench quality</c>.</summary>
    public const int BenchTruths = 200;

    /// <summary>The most truths of each kind that it plays: all messages are in memory.</summary>
    public const int BenchMostTruths = 5_000;

    /// <summary>The most: what the endpoint takes.</summary>
    public const int BenchMostConnections = 50_000;

    /// <summary>How long latency, queries and many stations are measured, s.</summary>
    public const int BenchSeconds = 30;

    /// <summary>The longest, s.</summary>
    public const int BenchMostSeconds = 3_600;

    /// <summary>Readings a second beside them.</summary>
    public const int BenchRate = 100_000;

    /// <summary>An administrator's token shorter than this can be guessed.</summary>
    public const int TokenCharacters = 16;
}
