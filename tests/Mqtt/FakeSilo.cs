using System.Text;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Ingest;

namespace Streaming.Tests.Mqtt;

/// <summary>A publish as it arrived in the journal.</summary>
internal sealed record Arrived(long Position, string Topic, string Payload, int Readings, RejectReason? Rejection);

/// <summary>The journal's part, in memory. The test says when it is durable, when it is full and when it is behind.</summary>
internal sealed class FakeIntake : IIntake
{
    private readonly Lock gate = new();
    private readonly List<Arrived> arrived = [];
    private readonly List<(long Position, TaskCompletionSource Reached)> waiting = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? behind;
    private long durable;
    private long last;

    /// <summary>Whether what is appended is durable at once.</summary>
    public bool IsDurableAtOnce { get; set; } = true;

    /// <summary>Why nothing is taken; null where it is.</summary>
    public string? Refusal { get; set; }

    public int Appends { get; private set; }

    public int LargestBatch { get; private set; }

    public long DurablePosition => Volatile.Read(ref durable);

    public IReadOnlyList<Arrived> Arrived
    {
        get
        {
            lock (gate)
            {
                return [.. arrived];
            }
        }
    }

    /// <summary>From now on appends wait, as they do while the silo is behind.</summary>
    public void FallBehind()
    {
        lock (gate)
        {
            behind = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void CatchUp()
    {
        lock (gate)
        {
            behind?.SetResult();
            behind = null;
        }
    }

    public async ValueTask<Appended> AppendAsync(ReadOnlyMemory<byte> records, CancellationToken cancellation)
    {
        Task? wait;
        lock (gate)
        {
            wait = behind?.Task;
        }

        if (wait is not null)
        {
            await wait.WaitAsync(cancellation);
        }

        lock (gate)
        {
            if (Refusal is not null)
            {
                return new Appended(0, Refusal);
            }

            Appends++;
            LargestBatch = Math.Max(LargestBatch, records.Length);
            ReadOnlySpan<byte> rest = records.Span;
            while (!rest.IsEmpty)
            {
                Record record = Record.Next(ref rest);
                PublishRecord publish = PublishRecord.Read(record.Body);
                RejectReason? rejection = null;
                foreach (Rejection each in publish.GetRejections())
                {
                    rejection ??= each.Reason;
                }

                arrived.Add(new Arrived(++last, Encoding.UTF8.GetString(publish.Topic), Encoding.UTF8.GetString(publish.Raw), publish.Readings, rejection));
            }

            if (IsDurableAtOnce)
            {
                durable = last;
            }

            changed.SetResult();
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new Appended(last, null);
        }
    }

    public void MakeDurable(long position)
    {
        lock (gate)
        {
            durable = position;
            foreach ((long Position, TaskCompletionSource Reached) entry in waiting.Where(entry => entry.Position <= position).ToList())
            {
                waiting.Remove(entry);
                entry.Reached.SetResult();
            }
        }
    }

    public async ValueTask WaitDurableAsync(long position)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (durable >= position)
            {
                return;
            }

            waiting.Add((position, reached));
        }

        await reached.Task;
    }

    /// <summary>Waits until this many publishes have arrived.</summary>
    public async Task<IReadOnlyList<Arrived>> WaitForAsync(int count)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (arrived.Count >= count)
                {
                    return [.. arrived];
                }

                next = changed.Task;
            }

            await next.WaitAsync(EndpointUnderTest.Patience);
        }
    }
}

/// <summary>Devices and tokens by name, with their passwords.</summary>
internal sealed class FakeAccess : IAccess
{
    private readonly Dictionary<string, (string Password, Admission Admission)> users = [];

    /// <summary>Set where nobody can be looked up.</summary>
    public bool IsDown { get; set; }

    public void AddDevice(string id, string password, params string[] topics) =>
        users[id] = (password, new Admission(new SourceRegistration(id, "wim", topics, "harbour", 5, ""), null, null));

    public void AddToken(string name, string password, string role, string? department, string district) =>
        users[name] = (password, new Admission(null, new TokenRegistration(name, role, department, district, "", 0), null));

    public ValueTask<Admission> AuthenticateAsync(string user, ReadOnlyMemory<byte> password, CancellationToken cancellation)
    {
        if (IsDown)
        {
            throw new InvalidOperationException("The store is down.");
        }

        return ValueTask.FromResult(users.TryGetValue(user, out (string Password, Admission Admission) known) && Encoding.UTF8.GetString(password.Span) == known.Password
            ? known.Admission
            : new Admission(null, null, "no such user, or another password"));
    }
}

/// <summary>Feeds in memory.</summary>
internal sealed class FakeFeeds : IFeeds
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<FeedItem>> feeds = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Add(string feed, string district, string json)
    {
        lock (gate)
        {
            List<FeedItem> items = Of(feed);
            items.Add(new FeedItem(items.Count + 1, district, Encoding.UTF8.GetBytes(json)));
            changed.SetResult();
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public long Last(string feed)
    {
        lock (gate)
        {
            return Of(feed).Count;
        }
    }

    public ValueTask<IReadOnlyList<FeedItem>> ReadAsync(string feed, long after, int most, CancellationToken cancellation)
    {
        lock (gate)
        {
            return ValueTask.FromResult<IReadOnlyList<FeedItem>>([.. Of(feed).Skip((int)after).Take(most)]);
        }
    }

    public async Task WaitAsync(string feed, long after, CancellationToken cancellation)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (Of(feed).Count > after)
                {
                    return;
                }

                next = changed.Task;
            }

            await next.WaitAsync(cancellation);
        }
    }

    private List<FeedItem> Of(string feed)
    {
        if (!feeds.TryGetValue(feed, out List<FeedItem>? items))
        {
            feeds[feed] = items = [];
        }

        return items;
    }
}

/// <summary>Sessions in memory.</summary>
internal sealed class FakeSessions : ISessions
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, SessionRow> rows = [];

    /// <summary>How often a number was stored.</summary>
    public int Stores { get; private set; }

    public SessionRow? this[string key]
    {
        get
        {
            lock (gate)
            {
                return rows.GetValueOrDefault(key);
            }
        }
    }

    public ValueTask<SessionRow?> FindAsync(string key, CancellationToken cancellation) => ValueTask.FromResult(this[key]);

    public ValueTask SubscribeAsync(string key, SessionSubscribed subscription, CancellationToken cancellation)
    {
        Change(key, all => [.. all.Where(each => each.Filter != subscription.Filter), new SessionSubscription(subscription.Filter, subscription.Feed, subscription.Qos, subscription.From)]);
        return ValueTask.CompletedTask;
    }

    public ValueTask AcknowledgeAsync(string key, SessionAcknowledged acknowledged, CancellationToken cancellation)
    {
        Stores++;
        Change(key, all => acknowledged.Number < 0
            ? [.. all.Where(each => each.Filter != acknowledged.Filter)]
            : [.. all.Select(each => each.Filter == acknowledged.Filter ? each with { Acknowledged = acknowledged.Number } : each)]);
        return ValueTask.CompletedTask;
    }

    public ValueTask EndAsync(string key, CancellationToken cancellation)
    {
        lock (gate)
        {
            rows.Remove(key);
        }

        return ValueTask.CompletedTask;
    }

    private void Change(string key, Func<SessionSubscription[], SessionSubscription[]> change)
    {
        lock (gate)
        {
            rows[key] = new SessionRow(key, change(rows.GetValueOrDefault(key)?.Subscriptions ?? []));
        }
    }
}
