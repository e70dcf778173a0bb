using System.Collections.Concurrent;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo.Host;

namespace Streaming.Silo.Views;

/// <summary>
/// MQTT sessions and their queues of messages: changes are commands to the session's actor, or to that of the topics. Whether there is a session is read from the list that it shows, since most who ask have none and that is cheap; what it keeps, from the actor
/// itself, which has handled everything that was durable when it is asked. The list is waited for up to the newest change made here, and up to what the journal had when this began.
/// </summary>
/// <param name="host">Runs the actors.</param>
/// <param name="reader">Reads the lists.</param>
/// <param name="position">How far the lists are.</param>
/// <param name="from">The end of the journal before the first client comes.</param>
/// <param name="complete">Adds to a message what is sent and never kept; null where there is nothing. The same message comes out the same each time.</param>
internal sealed class SessionBook(IActorHost host, ViewReader reader, ViewPosition position, long from, Func<MessageItem, MessageItem>? complete = null) : ISessions, IMessages
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> arrivals = new(StringComparer.Ordinal);
    private long newest = from;

    public async ValueTask<IReadOnlyList<SessionRow>> AllAsync(CancellationToken cancellation)
    {
        await position.WaitAsync(Volatile.Read(ref newest), cancellation).ConfigureAwait(false);
        return [.. reader.All(View.Sessions).Select(row => JsonSerializer.Deserialize(row.Value, GrainsJson.Default.SessionRow)).OfType<SessionRow>()];
    }

    public async ValueTask<SessionRow?> FindAsync(string key, CancellationToken cancellation)
    {
        await position.WaitAsync(Volatile.Read(ref newest), cancellation).ConfigureAwait(false);
        if (await reader.FindAsync(View.Sessions, key, cancellation).ConfigureAwait(false) is null)
        {
            return null;
        }

        byte[]? json = await host.DescribeAsync(ActorKind.Session, key, cancellation).ConfigureAwait(false);
        return json is null ? null : JsonSerializer.Deserialize(json, GrainsJson.Default.SessionRow);
    }

    /// <summary>Takes in an applied batch: wakes who waits for a message. On the projector's thread.</summary>
    public void Apply(ViewBatch batch)
    {
        if (arrivals.IsEmpty)
        {
            return;
        }

        foreach (ViewChange change in batch.Changes)
        {
            if (change.View == View.Messages && change.Json is not null && FeedKey.TrySplit(change.Key, out string session, out _) && arrivals.TryRemove(session, out TaskCompletionSource? arrival))
            {
                arrival.TrySetResult();
            }
        }
    }

    public async ValueTask<IReadOnlyList<MessageItem>> ReadAsync(string session, long after, int most, CancellationToken cancellation)
    {
        IReadOnlyList<MessageItem> kept = await reader.MessagesAsync(session, after, most, cancellation).ConfigureAwait(false);
        return complete is null ? kept : [.. kept.Select(complete)];
    }

    /// <summary>Who waits is listed before it looks, and a batch is in the lists before it wakes anybody: so no message is missed. What an earlier session of the same name left behind is off the lists by then.</summary>
    public async Task WaitAsync(string session, long after, CancellationToken cancellation)
    {
        await position.WaitAsync(Volatile.Read(ref newest), cancellation).ConfigureAwait(false);
        while (true)
        {
            TaskCompletionSource arrival = arrivals.GetOrAdd(session, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            try
            {
                if ((await reader.MessagesAsync(session, after, 1, cancellation).ConfigureAwait(false)).Count > 0)
                {
                    return;
                }

                await arrival.Task.WaitAsync(cancellation).ConfigureAwait(false);
            }
            finally
            {
                // Another that waits on the same one looks again.
                arrivals.TryRemove(new KeyValuePair<string, TaskCompletionSource>(session, arrival));
                arrival.TrySetResult();
            }
        }
    }

    public ValueTask SubscribeAsync(TopicSubscribed subscribed, CancellationToken cancellation) =>
        CommandAsync(ActorKind.Topics, Topics.City, MessageKind.SubscribeTopic, JsonSerializer.SerializeToUtf8Bytes(subscribed, GrainsJson.Default.TopicSubscribed), cancellation);

    public ValueTask UnsubscribeAsync(TopicUnsubscribed ended, CancellationToken cancellation) =>
        CommandAsync(ActorKind.Topics, Topics.City, MessageKind.UnsubscribeTopic, JsonSerializer.SerializeToUtf8Bytes(ended, GrainsJson.Default.TopicUnsubscribed), cancellation);

    public ValueTask LeaveAsync(string key, SessionLeft left, CancellationToken cancellation) =>
        CommandAsync(key, MessageKind.LeaveSession, JsonSerializer.SerializeToUtf8Bytes(left, GrainsJson.Default.SessionLeft), cancellation);

    public ValueTask OpenAsync(string key, SessionOpened opened, CancellationToken cancellation) =>
        CommandAsync(key, MessageKind.OpenSession, JsonSerializer.SerializeToUtf8Bytes(opened, GrainsJson.Default.SessionOpened), cancellation);

    public ValueTask SubscribeAsync(string key, SessionSubscribed subscription, CancellationToken cancellation) =>
        CommandAsync(key, MessageKind.SubscribeSession, JsonSerializer.SerializeToUtf8Bytes(subscription, GrainsJson.Default.SessionSubscribed), cancellation);

    public ValueTask AcknowledgeAsync(string key, SessionAcknowledged acknowledged, CancellationToken cancellation) =>
        CommandAsync(key, MessageKind.AcknowledgeSession, JsonSerializer.SerializeToUtf8Bytes(acknowledged, GrainsJson.Default.SessionAcknowledged), cancellation);

    public ValueTask EndAsync(string key, CancellationToken cancellation) => CommandAsync(key, MessageKind.EndSession, ReadOnlyMemory<byte>.Empty, cancellation);

    private ValueTask CommandAsync(string key, MessageKind message, ReadOnlyMemory<byte> body, CancellationToken cancellation) => CommandAsync(ActorKind.Session, key, message, body, cancellation);

    private async ValueTask CommandAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        CommandResult result = await host.CommandAsync(kind, key, message, body, cancellation).ConfigureAwait(false);
        long seen = Volatile.Read(ref newest);
        while (result.Position > seen)
        {
            long before = Interlocked.CompareExchange(ref newest, result.Position, seen);
            if (before == seen)
            {
                break;
            }

            seen = before;
        }

        // What is no longer there needs no acknowledgement; all else that is refused would be missing after a reconnect.
        if (result.Reply is { Status: not (ReplyStatus.Done or ReplyStatus.NotFound) } refused)
        {
            throw new InvalidOperationException(refused.Text);
        }
    }
}
