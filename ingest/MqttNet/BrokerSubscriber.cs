using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Streaming.Grains.Messages;
using Streaming.Ingest.Brokers;
using Streaming.Ingest.Mqtt;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.MqttNet;

/// <summary>Keeps one outside broker subscribed to: connects, and connects again with growing pauses whenever the connection ends, until it is disposed.</summary>
internal sealed partial class BrokerSubscriber : IAsyncDisposable
{
    private readonly BrokerOptions broker;
    private readonly IIntake intake;
    private readonly Func<string, SourceRegistration?> devices;
    private readonly IReadingRules rules;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly BrokerMetrics metrics;
    private readonly PublishBatchPool batches = new();
    private readonly BackOff pauses;
    private readonly CancellationTokenSource stopping = new();
    private volatile BrokerIntake? taking;
    private volatile string? note;
    private long attempts;
    private Task running = Task.CompletedTask;

    /// <param name="broker">Which one.</param>
    /// <param name="intake">Where records go.</param>
    /// <param name="devices">Finds a device by its id as it is registered now; null where there is none.</param>
    /// <param name="rules">What is asked of readings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where it is said what goes on.</param>
    public BrokerSubscriber(BrokerOptions broker, IIntake intake, Func<string, SourceRegistration?> devices, IReadingRules rules, TimeProvider time, ILoggerFactory logs)
    {
        this.broker = broker;
        this.intake = intake;
        this.devices = devices;
        this.rules = rules;
        this.time = time;
        logger = logs.CreateLogger<BrokerSubscriber>();
        metrics = new BrokerMetrics(broker.Name, () => IsSubscribed, () => taking?.InFlight ?? 0, () => Attempts);
        pauses = new BackOff(StableHash.Of(Encoding.UTF8.GetBytes($"{broker.ClientId}@{broker.Host}:{broker.PortInForce}")));
        note = NoteOf("not connected yet");
    }

    /// <summary>Whether the broker has granted every subscription and the connection stands.</summary>
    public bool IsSubscribed => note is null;

    /// <summary>What is not as it should be, and what becomes of it, for people; null while all is well.</summary>
    public string? Note => note;

    /// <summary>Attempts to connect since the start.</summary>
    public long Attempts => Volatile.Read(ref attempts);

    public void Start() => running = RunAsync();

    /// <summary>Acknowledges what is durable, leaves the broker in order, and keeps the session there.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        metrics.Dispose();
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!stopping.IsCancellationRequested)
        {
            Interlocked.Increment(ref attempts);
            long? subscribedAt = null;
            string reason;
            BrokerTopics topics = new(broker, devices, rules);
            await using (BrokerIntake current = new(intake, topics, batches, metrics, time))
            {
                taking = current;
                reason = await new BrokerConnection(broker, current, time).RunAsync(
                    hadSession =>
                    {
                        subscribedAt = time.GetTimestamp();
                        note = null;
                        Log.Subscribed(logger, broker, hadSession ? "its session goes on" : "with a new session");
                    },
                    stopping.Token);
                taking = null;
            }

            if (stopping.IsCancellationRequested)
            {
                return;
            }

            if (subscribedAt is { } since && time.GetElapsedTime(since) >= TimeSpan.FromMilliseconds(BrokerLimits.SteadyMs))
            {
                pauses.Reset();
            }

            TimeSpan pause = pauses.Next();
            Task paused = Task.Delay(pause, time, stopping.Token);
            note = NoteOf(reason);
            Log.Lost(logger, broker, reason, pause.TotalSeconds);
            await paused.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private string NoteOf(string reason) => string.Create(
        CultureInfo.InvariantCulture,
        $"The broker {broker} is not subscribed to: {reason}. What is published there waits at the broker, as long as it keeps the session of {broker.ClientId}; it is tried again at least every {BrokerLimits.LongestPauseMs / 1000} s.");

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Subscribed to the broker {Broker}, {Session}")]
        public static partial void Subscribed(ILogger logger, BrokerOptions broker, string session);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The broker {Broker} is not subscribed to: {Reason}. Next attempt in {Seconds:F1} s")]
        public static partial void Lost(ILogger logger, BrokerOptions broker, string reason, double seconds);
    }
}
