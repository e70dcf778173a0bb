using System.Text.Json;
using System.Threading.Channels;
using Orleans;
using Orleans.Runtime;
using Orleans.Streams;
using Streaming.Grains.Messages;
using Streaming.Grains.Orleans;
using Streaming.Grains.Turns;
using Streaming.Ingest.Mqtt;
using Streaming.Silo.Views;

namespace Streaming.Silo.Orleans;

/// <summary>Publishes to Orleans streams what the projector has put into the lists: each warning that changed, and up to where each feed of a department or resource can be read.</summary>
/// <remarks>
/// The projector's thread only puts events into a bounded channel; one task publishes them, in order. Where publishing is slower than the lists the oldest events are dropped, and an event that cannot be published is not
/// tried again. Neither loses anything: an event only wakes readers, who then read the feed, which has no holes, from the number that they have.
/// </remarks>
internal sealed partial class WakeUps : IObserver<ViewBatch>, IAsyncDisposable
{
    /// <summary>Namespace of the streams of warnings; the key is the district.</summary>
    public const string Warnings = "warnings";

    /// <summary>Namespace of the streams of feeds; the key is the feed, <c>{department}/{district}</c>.</summary>
    public const string Departments = "departments";

    /// <summary>Namespace of the streams of ways back; the key is the resource.</summary>
    public const string Resources = "resources";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IClusterClient client;
    private readonly ILogger logger;
    private readonly WakeUpMetrics metrics = new();
    private readonly Channel<Event> events;
    private readonly Dictionary<string, long> grown = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource ending = new();
    private readonly IDisposable subscription;
    private readonly Task pump;
    private bool failing;
    private long published;
    private long failed;
    private long dropped;

    public WakeUps(IClusterClient client, IObservable<ViewBatch> shown, ILogger<WakeUps> logger, int capacity = SiloLimits.StreamEvents)
    {
        this.client = client;
        this.logger = logger;
        BoundedChannelOptions bounded = new(capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true };
        events = Channel.CreateBounded<Event>(bounded, _ =>
        {
            Interlocked.Increment(ref dropped);
            metrics.Dropped();
        });
        pump = Task.Run(PumpAsync);
        subscription = shown.Subscribe(this);
    }

    public long Published => Volatile.Read(ref published);

    /// <summary>Events that could not be published.</summary>
    public long Failed => Volatile.Read(ref failed);

    /// <summary>Events dropped because too many waited.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>On the projector's thread.</summary>
    public void OnNext(ViewBatch value)
    {
        foreach (ViewChange change in value.Changes)
        {
            if (change.Json is null)
            {
                continue;
            }

            if (change.View == View.Warnings)
            {
                events.Writer.TryWrite(new Event("", 0, change.Json));
            }
            else if (change.View == View.Feed && FeedKey.TrySplit(change.Key, out string feed, out long number))
            {
                grown[feed] = Math.Max(grown.GetValueOrDefault(feed), number);
            }
        }

        foreach ((string feed, long number) in grown)
        {
            events.Writer.TryWrite(new Event(feed, number, null));
        }

        grown.Clear();
    }

    public void OnError(Exception error)
    {
    }

    public void OnCompleted()
    {
    }

    /// <summary>Publishes what waits, as far as that is quick, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        subscription.Dispose();
        events.Writer.TryComplete();
        ending.CancelAfter(Patience);
        await pump;
        ending.Dispose();
        metrics.Dispose();
    }

    private async Task PumpAsync()
    {
        await foreach (Event each in events.Reader.ReadAllAsync())
        {
            if (ending.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await PublishAsync(each).WaitAsync(ending.Token);
                failing = false;
                Interlocked.Increment(ref published);
                metrics.Published();
            }
#pragma warning disable CA1031 // Whatever it is: an event is no more than a wake-up, and the next one may get through.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Interlocked.Increment(ref failed);
                metrics.Failed();
                if (!failing)
                {
                    failing = true;
                    Log.NotPublished(logger, error);
                }
            }
        }
    }

    private Task PublishAsync(in Event each)
    {
        IStreamProvider streams = client.GetStreamProvider(OrleansSilo.StreamProvider);
        if (each.Warning is not { } json)
        {
            StreamId stream = ResourceFeeds.ResourceOf(each.Feed) is { } resource ? StreamId.Create(Resources, resource) : StreamId.Create(Departments, each.Feed);
            return streams.GetStream<FeedGrown>(stream).OnNextAsync(new FeedGrown(each.Feed, each.Number));
        }

        Warning warning = JsonSerializer.Deserialize(json, GrainsJson.Default.Warning) ?? throw new InvalidDataException("A warning's row is empty.");
        WarningShown shown = new(warning.Id, warning.Subject, warning.Kind, warning.Severity, warning.Open, warning.Live, json);
        return streams.GetStream<WarningShown>(StreamId.Create(Warnings, warning.District)).OnNextAsync(shown);
    }

    /// <summary>A warning's row, or up to where a feed can be read.</summary>
    private readonly record struct Event(string Feed, long Number, byte[]? Warning);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "An event could not be published to its Orleans stream; nothing else is said about it until one can be. Readers find the feed itself complete")]
        public static partial void NotPublished(ILogger logger, Exception error);
    }
}
