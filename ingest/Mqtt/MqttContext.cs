namespace Streaming.Ingest.Mqtt;

/// <summary>What all connections of an endpoint share.</summary>
internal sealed class MqttContext(
    IIntake intake, IAccess access, IFeeds feeds, ISessions sessions, IMessages messages, TimeProvider time, MqttMetrics metrics, ConnectionRegistry registry, SessionExpiries expiries)
{
    private readonly long started = time.GetTimestamp();
    private long assigned;

    public IIntake Intake => intake;

    /// <summary>What is asked of readings.</summary>
    public IReadingRules Rules { get; init; } = FixedReadingRules.Shipped;

    /// <summary>For interoperability suites alone; null for everything else.</summary>
    public MqttTestProfile? Profile { get; init; }

    public IAccess Access => access;

    public IFeeds Feeds => feeds;

    public ISessions Sessions => sessions;

    public IMessages Messages => messages;

    public TimeProvider Time => time;

    public MqttMetrics Metrics => metrics;

    public ConnectionRegistry Registry => registry;

    public SessionExpiries Expiries => expiries;

    /// <summary>What is known of each user beyond its connections.</summary>
    public ClientBook Clients { get; } = new();

    public PublishBatchPool Batches { get; } = new();

    /// <summary>Permits for packets that need more than the wide receive buffer. Never disposed: no wait handle is ever asked of it.</summary>
    public SemaphoreSlim LargePackets { get; } = new(MqttLimits.LargePacketsAtOnce, MqttLimits.LargePacketsAtOnce);

    /// <summary>Milliseconds since the endpoint was made; for time limits, not for people.</summary>
    public long NowMs => (long)time.GetElapsedTime(started).TotalMilliseconds;

    /// <summary>A client identifier for a client that left the choice to us: never given twice, also not after a restart.</summary>
    public string AssignClientId() => $"auto-{time.GetUtcNow().ToUnixTimeMilliseconds():x}-{Interlocked.Increment(ref assigned):x}";
}
