using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo.Host;
using Streaming.Silo.Notices;
using Streaming.Silo.Views;

namespace Streaming.Silo.Webhooks;

/// <summary>What the deliverer works with.</summary>
internal sealed record WebhookParts
{
    public required IActorHost Host { get; init; }

    public required ViewReader Lists { get; init; }

    public required ViewPosition Position { get; init; }

    public required IFeeds Feeds { get; init; }

    public required LinkKey Key { get; init; }

    /// <summary>Networks that receivers may be in though they are not public.</summary>
    public IReadOnlyList<System.Net.IPNetwork> Networks { get; init; } = [];

    public required TimeProvider Time { get; init; }
}

/// <summary>
/// Delivers feeds to webhooks: a lane for each, begun, changed and ended as the list of webhooks says. So a receiver that is down or slow holds up its own items alone, and nothing here holds up a turn, the journal or a call.
/// </summary>
internal sealed partial class WebhookDeliverer : IAsyncDisposable
{
    private readonly WebhookParts parts;
    private readonly ILogger<WebhookDeliverer> logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim slots = new(WebhookLimits.SentAtOnce);
    private readonly SignedPost post;
    private readonly Lock gate = new();
    private readonly Dictionary<string, WebhookLane> lanes = new(StringComparer.Ordinal);
    private readonly List<Task> ended = [];

    public WebhookDeliverer(WebhookParts parts, ILogger<WebhookDeliverer> logger)
    {
        this.parts = parts;
        this.logger = logger;
        post = new SignedPost(parts.Networks, 1, "--webhook-networks", parts.Time);
    }

    /// <summary>Begins a lane for each webhook that there is.</summary>
    public void Start()
    {
        foreach (KeyValuePair<string, byte[]> row in parts.Lists.All(View.Webhooks))
        {
            lock (gate)
            {
                // A row that was shown meanwhile is newer than the one that was read.
                if (!lanes.ContainsKey(row.Key))
                {
                    Take(row.Key, row.Value);
                }
            }
        }
    }

    /// <summary>Takes in an applied batch. On the projector's thread.</summary>
    public void Apply(ViewBatch batch)
    {
        foreach (ViewChange change in batch.Changes)
        {
            if (change.View == View.Webhooks)
            {
                Take(change.Key, change.Json);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (gate)
        {
            stopping.Cancel();
            running = [.. lanes.Values.Select(lane => lane.Done), .. ended];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        post.Dispose();
        slots.Dispose();
        stopping.Dispose();
    }

    private void Take(string id, byte[]? json)
    {
        lock (gate)
        {
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            WebhookRow? row = json is null ? null : JsonSerializer.Deserialize(json, GrainsJson.Default.WebhookRow);
            if (lanes.TryGetValue(id, out WebhookLane? lane))
            {
                lane.Change(row);
                if (row is null)
                {
                    lanes.Remove(id);
                    ended.RemoveAll(task => task.IsCompleted);
                    ended.Add(lane.Done);
                }
            }
            else if (row is not null)
            {
                lane = new WebhookLane(parts, post, slots, row, failure => Log.LaneFailed(logger, id, failure));
                lanes.Add(id, lane);
                lane.Start(stopping.Token);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Webhook {Webhook} waits.")]
        public static partial void LaneFailed(ILogger logger, string webhook, Exception failure);
    }
}
