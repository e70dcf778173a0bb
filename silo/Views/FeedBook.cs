using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Streaming.Grains.Turns;
using Streaming.Ingest;

namespace Streaming.Silo.Views;

/// <summary>
/// The feeds of departments and resources: the number of the newest item of each, its newest items, and who waits for the next. Older items are read from the lists.
/// </summary>
/// <remarks>
/// The projector calls <see cref="Apply"/> after the transaction that stored the items, and it sees durable records only; so an item that a reader gets is durable, and one that <see cref="Last"/> counts can be read.
/// Waiters of a feed share one task: a wake-up says only "look again", so it may be early and is never missed, because the number is read and the task taken under the same lock that moves both.
/// </remarks>
internal sealed partial class FeedBook : IFeeds
{
    private readonly ConcurrentDictionary<string, Feed> feeds = new(StringComparer.Ordinal);
    private readonly ViewReader reader;
    private readonly ILogger<FeedBook> logger;

    public FeedBook(ViewReader reader, ILogger<FeedBook> logger)
    {
        this.reader = reader;
        this.logger = logger;
        foreach ((string feed, long number) in reader.LastOfFeeds())
        {
            feeds[feed] = new Feed(number);
        }
    }

    /// <summary>Feeds that have an item or a waiter.</summary>
    public int Count => feeds.Count;

    public int WaitersOf(string feed) => feeds.TryGetValue(feed, out Feed? known) ? known.Waiters : 0;

    public long Last(string feed) => feeds.TryGetValue(feed, out Feed? known) ? known.Last : 0;

    public ValueTask<IReadOnlyList<FeedItem>> ReadAsync(string feed, long after, int most, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        if (!feeds.TryGetValue(feed, out Feed? known) || known.Last <= after)
        {
            return ValueTask.FromResult<IReadOnlyList<FeedItem>>([]);
        }

        return known.Recent(after, most) is { } recent ? ValueTask.FromResult<IReadOnlyList<FeedItem>>(recent) : ReadStoredAsync(feed, after, most, cancellation);
    }

    /// <summary>Where the items that come next are not kept any more, an item says so in their place, under the number of the last of them: a reader must not take what it gets for all there was.</summary>
    private async ValueTask<IReadOnlyList<FeedItem>> ReadStoredAsync(string feed, long after, int most, CancellationToken cancellation)
    {
        IReadOnlyList<FeedItem> items = await reader.FeedAsync(feed, after, most, cancellation).ConfigureAwait(false);
        return items.Count == 0 || items[0].Number == after + 1 ? items : [FeedGap.Item(feed, after + 1, items[0]), .. items.Take(most - 1)];
    }

    public async Task WaitAsync(string feed, long after, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Feed? joined = null;
        while (joined is null)
        {
            Feed candidate = feeds.GetOrAdd(feed, _ => new Feed(0));
            joined = candidate.Join() ? candidate : null;
        }

        try
        {
            while (joined.Next(after) is { } next)
            {
                await next.WaitAsync(cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            // A feed nobody has written to is forgotten with its last waiter, so that asking for feeds that do not exist leaves nothing behind.
            if (joined.Leave())
            {
                feeds.TryRemove(new KeyValuePair<string, Feed>(feed, joined));
            }
        }
    }

    /// <summary>Takes in the feed items of an applied batch. Projector only.</summary>
    public void Apply(ViewBatch batch)
    {
        foreach (ViewChange change in batch.Changes)
        {
            if (change.View != View.Feed || change.Json is null || !FeedKey.TrySplit(change.Key, out string name, out long number))
            {
                continue;
            }

            while (true)
            {
                Feed feed = feeds.GetOrAdd(name, _ => new Feed(0));
                long before = feed.Last;
                if (!feed.Put(new FeedItem(number, AlertFields.District(change.Json), change.Json)))
                {
                    continue;
                }

                if (number != before + 1)
                {
                    // Whoever watches is better served by an alert behind a wrong number than by none; the journal still says what happened.
                    Log.WrongNumber(logger, name, number, before + 1, change.Position);
                }

                break;
            }
        }
    }

    private sealed class Feed(long last)
    {
        private readonly Lock gate = new();
        private readonly Queue<FeedItem> recent = new();
        private long last = last;
        private TaskCompletionSource? arrival;
        private int waiters;
        private bool forgotten;

        public long Last => Volatile.Read(ref last);

        public int Waiters => Volatile.Read(ref waiters);

        /// <summary>The items after a number, if all of them are at hand; else null.</summary>
        public List<FeedItem>? Recent(long after, int most)
        {
            lock (gate)
            {
                if (recent.Count == 0 || recent.Peek().Number > after + 1)
                {
                    return null;
                }

                List<FeedItem> items = [];
                foreach (FeedItem item in recent)
                {
                    if (item.Number > after && items.Count < most)
                    {
                        items.Add(item);
                    }
                }

                return items;
            }
        }

        public bool Join()
        {
            lock (gate)
            {
                waiters += forgotten ? 0 : 1;
                return !forgotten;
            }
        }

        /// <summary>True where the feed has nothing and nobody is left.</summary>
        public bool Leave()
        {
            lock (gate)
            {
                waiters--;
                forgotten = waiters == 0 && last == 0;
                return forgotten;
            }
        }

        /// <summary>What to wait for; null where there is an item after the number already.</summary>
        public Task? Next(long after)
        {
            lock (gate)
            {
                return last > after ? null : (arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }

        /// <summary>False where the feed was forgotten meanwhile: a new one takes the item.</summary>
        public bool Put(FeedItem item)
        {
            lock (gate)
            {
                if (forgotten)
                {
                    return false;
                }

                if (item.Number <= last)
                {
                    recent.Clear();
                    return true;
                }

                if (item.Number != last + 1)
                {
                    recent.Clear();
                }

                Volatile.Write(ref last, item.Number);
                recent.Enqueue(item);
                if (recent.Count > ViewLimits.RecentFeedItems)
                {
                    recent.Dequeue();
                }

                arrival?.SetResult();
                arrival = null;
                return true;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Feed {Feed} got item {Number} where {Expected} was next (record {Position}). The item is shown; readers of the feed see the wrong number.")]
        public static partial void WrongNumber(ILogger logger, string feed, long number, long expected, long position);
    }
}
