using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Models.Encoding;
using Streaming.Tests.Support;

namespace Streaming.Tests.Mqtt;

/// <summary>A publish as it arrived in the journal.</summary>
internal sealed record Arrived(long Position, string Source, string Topic, string Payload, int Readings, RejectReason? Rejection);

/// <summary>The journal's part, in memory. The test says when it is durable, when it is full and when it is behind.</summary>
internal sealed class FakeIntake : IIntake
{
    private readonly Lock gate = new();
    private readonly List<byte[]> journal = [];
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

    /// <summary>How many appends were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Whether an append waits because the silo is behind.</summary>
    public bool IsWaitedFor { get; private set; }

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

    /// <summary>Completes with the next append or the next record that becomes durable.</summary>
    public Task NextChange
    {
        get
        {
            lock (gate)
            {
                return changed.Task;
            }
        }
    }

    /// <summary>What is left of it after a failure of power: what was durable.</summary>
    public FakeIntake AfterPowerFailure()
    {
        lock (gate)
        {
            FakeIntake left = new() { last = durable, durable = durable };
            left.journal.AddRange(journal.Take((int)durable));
            left.arrived.AddRange(arrived.Where(each => each.Position <= durable));
            return left;
        }
    }

    /// <summary>Every record so far, oldest first; the first is at position 1.</summary>
    public IReadOnlyList<byte[]> Journal
    {
        get
        {
            lock (gate)
            {
                return [.. journal];
            }
        }
    }

    /// <summary>From here on the disk holds nothing up.</summary>
    public void Settle()
    {
        IsDurableAtOnce = true;
        Refusal = null;
        CatchUp();
        MakeDurable(last);
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

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (gate)
        {
            journal.Clear();
            arrived.Clear();
            durable = last = 0;
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
            IsWaitedFor = true;
            await wait.WaitAsync(cancellation);
            IsWaitedFor = false;
        }

        lock (gate)
        {
            if (Refusal is not null)
            {
                Refused++;
                return new Appended(0, Refusal);
            }

            Appends++;
            LargestBatch = Math.Max(LargestBatch, records.Length);
            ReadOnlySpan<byte> rest = records.Span;
            while (!rest.IsEmpty)
            {
                ReadOnlySpan<byte> before = rest;
                Record record = Record.Next(ref rest);
                journal.Add(before[..^rest.Length].ToArray());
                last++;
                if (record.Kind != InputKind.Publish)
                {
                    continue;
                }

                PublishRecord publish = PublishRecord.Read(record.Body);
                RejectReason? rejection = null;
                foreach (Rejection each in publish.GetRejections())
                {
                    rejection ??= each.Reason;
                }

                arrived.Add(new Arrived(last, Encoding.UTF8.GetString(publish.Origin.Source), Encoding.UTF8.GetString(publish.Topic), Encoding.UTF8.GetString(publish.Raw), publish.Readings, rejection));
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
            changed.SetResult();
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
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

            await next.WaitAsync(Waits.Longest);
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

    public void AddDevice(SourceRegistration registration, string password) => users[registration.Id] = (password, new Admission(registration, null, null));

    public void AddToken(string name, string password, string role, string? department, string district, string[]? publishes = null, string[]? receives = null, Delegation? delegation = null) =>
        users[name] = (password, new Admission(null, new TokenRegistration(name, role, department, district, "", 0, publishes, receives) { Delegation = delegation }, null));

    /// <summary>Who a certificate lets in, by its fingerprint.</summary>
    public Dictionary<string, string> Certificates { get; } = [];

    public bool Knows(string user) => users.ContainsKey(user);

    public SourceRegistration? FindDevice(string id) => users.TryGetValue(id, out (string Password, Admission Admission) known) ? known.Admission.Device : null;

    /// <summary>Those whose rights have ended.</summary>
    public HashSet<string> Ended { get; } = [];

    public bool IsCurrent(Admission admission) => !Ended.Contains(admission.Token?.Name ?? "");

    /// <summary>The certificate that was asked about last.</summary>
    public ClientCertificate? Shown { get; private set; }

    public Admission? AdmitByCertificate(ClientCertificate certificate, string user)
    {
        Shown = certificate;
        return !Certificates.TryGetValue(certificate.Fingerprint, out string? holder) ? null
            : user.Length == 0 || user == holder ? users[holder].Admission
            : new Admission(null, null, $"the certificate is of {holder}");
    }

    public ValueTask<Admission> AuthenticateAsync(string user, ReadOnlyMemory<byte> password, System.Net.IPAddress? address, CancellationToken cancellation)
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

    public int WaitersOf(string feed) => 0;

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

/// <summary>Sessions, their queues and the topics as the journal in memory makes them, by the actors that the silo runs.</summary>
internal sealed class FakeSessions(FakeIntake intake) : ISessions, IMessages
{
    private readonly Lock gate = new();
    private FakeActors actors = new();

    /// <summary>The session with all that is durable; null where there is none.</summary>
    public SessionRow? this[string key]
    {
        get
        {
            lock (gate)
            {
                return Played().Find(key);
            }
        }
    }

    /// <summary>What the city's topics say of themselves.</summary>
    public string Topics
    {
        get
        {
            lock (gate)
            {
                return Played().DescribeTopics();
            }
        }
    }

    private FakeActors Played()
    {
        IReadOnlyList<byte[]> journal = intake.Journal;
        if (journal.Count < actors.Position)
        {
            actors = new FakeActors();
        }

        foreach (byte[] record in journal.Take((int)intake.DurablePosition).Skip(actors.Position))
        {
            actors.Play(record);
        }

        return actors;
    }

    public ValueTask<IReadOnlyList<SessionRow>> AllAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            FakeActors played = Played();
            return ValueTask.FromResult<IReadOnlyList<SessionRow>>([.. played.Sessions.Select(played.Find).OfType<SessionRow>()]);
        }
    }

    public ValueTask SubscribeAsync(TopicSubscribed subscribed, CancellationToken cancellation) =>
        CommandAsync(ActorKind.Topics, Streaming.Grains.Messaging.Topics.City, MessageKind.SubscribeTopic, JsonSerializer.SerializeToUtf8Bytes(subscribed, GrainsJson.Default.TopicSubscribed));

    public ValueTask UnsubscribeAsync(TopicUnsubscribed ended, CancellationToken cancellation) =>
        CommandAsync(ActorKind.Topics, Streaming.Grains.Messaging.Topics.City, MessageKind.UnsubscribeTopic, JsonSerializer.SerializeToUtf8Bytes(ended, GrainsJson.Default.TopicUnsubscribed));

    public ValueTask<IReadOnlyList<MessageItem>> ReadAsync(string session, long after, int most, CancellationToken cancellation)
    {
        lock (gate)
        {
            return ValueTask.FromResult<IReadOnlyList<MessageItem>>([.. Played().Messages(session, after).Take(most)]);
        }
    }

    public async Task WaitAsync(string session, long after, CancellationToken cancellation)
    {
        while (true)
        {
            Task change = intake.NextChange;
            if ((await ReadAsync(session, after, 1, cancellation)).Count > 0)
            {
                return;
            }

            await change.WaitAsync(cancellation);
        }
    }

    public ValueTask LeaveAsync(string key, SessionLeft left, CancellationToken cancellation) =>
        CommandAsync(key, MessageKind.LeaveSession, JsonSerializer.SerializeToUtf8Bytes(left, GrainsJson.Default.SessionLeft));

    public ValueTask<SessionRow?> FindAsync(string key, CancellationToken cancellation) => ValueTask.FromResult(this[key]);

    public ValueTask OpenAsync(string key, SessionOpened opened, CancellationToken cancellation) =>
        CommandAsync(key, MessageKind.OpenSession, JsonSerializer.SerializeToUtf8Bytes(opened, GrainsJson.Default.SessionOpened));

    public ValueTask SubscribeAsync(string key, SessionSubscribed subscription, CancellationToken cancellation) =>
        CommandAsync(key, MessageKind.SubscribeSession, JsonSerializer.SerializeToUtf8Bytes(subscription, GrainsJson.Default.SessionSubscribed));

    public ValueTask AcknowledgeAsync(string key, SessionAcknowledged acknowledged, CancellationToken cancellation) =>
        CommandAsync(key, MessageKind.AcknowledgeSession, JsonSerializer.SerializeToUtf8Bytes(acknowledged, GrainsJson.Default.SessionAcknowledged));

    public ValueTask EndAsync(string key, CancellationToken cancellation) => CommandAsync(key, MessageKind.EndSession, []);

    /// <summary>All marks of a session so far, one line a record.</summary>
    public List<string> Marks(string key)
    {
        List<string> lines = [];
        byte[] wanted = Encoding.UTF8.GetBytes(key);
        foreach (byte[] bytes in intake.Journal)
        {
            ReadOnlySpan<byte> rest = bytes;
            Record record = Record.Next(ref rest);
            if (record.Kind != InputKind.Command)
            {
                continue;
            }

            ByteReader body = new(record.Body);
            AddressedRecord addressed = AddressedRecord.Read(ref body);
            if (addressed.Message != MessageKind.MarkSession || !addressed.Key.SequenceEqual(wanted))
            {
                continue;
            }

            SessionMarks marks = new(addressed.Body);
            List<string> each = [];
            while (marks.MoveNext())
            {
                each.Add(marks.Mark == SessionMark.Sent ? $"{marks.Mark} {marks.PacketId}={marks.Number}" : $"{marks.Mark} {marks.PacketId}");
            }

            lines.Add(string.Join(", ", each));
        }

        return lines;
    }

    private ValueTask CommandAsync(string key, MessageKind kind, byte[] body) => CommandAsync(ActorKind.Session, key, kind, body);

    private async ValueTask CommandAsync(ActorKind actor, string key, MessageKind kind, byte[] body)
    {
        ByteWriter writer = new();
        int start = Record.Begin(writer, InputKind.Command, Partition.Of(actor, key));
        AddressedRecord.Write(writer, actor, kind, Encoding.UTF8.GetBytes(key), body);
        Record.End(writer, start);
        Appended appended = await intake.AppendAsync(writer.WrittenMemory, CancellationToken.None);
        if (appended.Refusal is not null)
        {
            throw new InvalidOperationException(appended.Refusal);
        }

        await intake.WaitDurableAsync(appended.LastPosition);
    }
}
