using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Messaging;

/// <summary>
/// The topics of messages between clients, for the whole city (key <see cref="City"/>): who subscribed to what, and the retained messages. A publish is one input; it sends each session that matches one copy.
/// <para>
/// Subscriptions and the names of retained topics are keyed rows, <see cref="Buckets"/> of each by hash, since a turn reads rows one by one and can list none; a retained message is a row of its own. The tree that matches topics
/// is made from the rows when it is first needed and kept in step with them, so it is no state.
/// </para>
/// <para>
/// One turn's effects are bounded. A message for more sessions than <see cref="GrainLimits.CopiesPerTurn"/> goes by way of relays, actors of this kind without a state, each session always by the same one: so copies of messages of one topic
/// arrive in the order of the messages, unless its subscribers cross that bound between two.
/// </para>
/// </summary>
public sealed partial class Topics : Actor
{
    /// <summary>The key of the one that has subscriptions and retained messages.</summary>
    public const string City = "city";

    private const string RelayPrefix = "relay-";
    private const byte RowVersion = 1;
    private const byte StateVersion = 1;
    private const int Buckets = 64;
    private TopicTree? tree;
    private TopicsState state = new();

    public override bool HasRows => true;

    public override bool Exists => state != new TopicsState();

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.PublishMessage:
                Publish(turn, PlainMessage.Read(message.Body));
                break;
            case MessageKind.SubscribeTopic:
                Subscribe(turn, message.Read<TopicSubscribed>());
                break;
            case MessageKind.UnsubscribeTopic:
                Unsubscribe(turn, message.Read<TopicUnsubscribed>());
                break;
            case MessageKind.ForgetSubscriber:
                Forget(turn, message.Read<SubscriberEnded>().Session);
                break;
            case MessageKind.MoveSubscriber:
                Move(turn, message.Read<SubscriberMoved>());
                break;
            case MessageKind.RelayMessage:
                Relay(turn, message.Body);
                break;
            default:
                throw new InvalidDataException($"Topics do not handle {message.Kind}.");
        }
    }

    public override void Write(ByteWriter writer)
    {
        writer.WriteByte(StateVersion);
        writer.WriteUInt64(state.SubscriptionBuckets);
        writer.WriteUInt64(state.RetainedBuckets);
        writer.WriteVar((uint)state.Subscriptions);
        writer.WriteVar((uint)state.Retained);
        writer.WriteVar((ulong)state.RetainedBytes);
        writer.WriteVar((ulong)state.NotRetained);
    }

    public override void Read(ref ByteReader reader)
    {
        byte version = reader.ReadByte();
        if (version != StateVersion)
        {
            throw new InvalidDataException($"State of version {version}; this build reads version {StateVersion}. Run the build that wrote it, or a newer one.");
        }

        tree = null;
        state = new TopicsState
        {
            SubscriptionBuckets = reader.ReadUInt64(),
            RetainedBuckets = reader.ReadUInt64(),
            Subscriptions = (int)reader.ReadVar(),
            Retained = (int)reader.ReadVar(),
            RetainedBytes = (long)reader.ReadVar(),
            NotRetained = (long)reader.ReadVar(),
        };
    }

    public override void Describe(Utf8JsonWriter json, string key)
    {
        json.WriteStartObject();
        json.WriteString("id", key);
        json.WriteNumber("subscriptions", state.Subscriptions);
        json.WriteNumber("retained", state.Retained);
        json.WriteNumber("retainedBytes", state.RetainedBytes);
        json.WriteNumber("notRetained", state.NotRetained);
        json.WriteEndObject();
    }

    /// <summary>MQTT 5.0 sections 3.3.1.3 and 3.3.4: a message is retained where it says so, and goes once to each session that matches, at the best QoS of its matching subscriptions and with all their identifiers.</summary>
    private void Publish(scoped in Turn turn, PlainMessage message)
    {
        if (message.IsExpired(turn.NowMs))
        {
            return;
        }

        if (message.Retain)
        {
            Retain(turn, message);
        }

        List<(string Session, TopicSubscription Subscription)> matching = Tree(turn).Match(message.Topic);
        List<MessageCopy> copies = Copies(matching, message);
        copies.AddRange(SharedCopies(turn, matching, message));
        if (copies.Count <= GrainLimits.CopiesPerTurn)
        {
            Send(turn, copies, message);
            return;
        }

        foreach (IGrouping<ulong, MessageCopy> group in copies.GroupBy(copy => StableHash.Of(Encoding.UTF8.GetBytes(copy.Session)) % GrainLimits.Relays).OrderBy(group => group.Key))
        {
            ByteWriter body = new(256 + message.Bytes);
            message.Write(body);
            body.WriteVar((uint)group.Count());
            foreach (MessageCopy copy in group)
            {
                body.WriteText(copy.Session);
                body.WriteByte(copy.Qos);
                body.WriteBool(copy.Retain);
                body.WriteVar((uint)copy.Identifiers.Length);
                foreach (int identifier in copy.Identifiers)
                {
                    body.WriteVar((uint)identifier);
                }
            }

            turn.Effects.Tell(ActorKind.Topics, $"{RelayPrefix}{group.Key}", MessageKind.RelayMessage, body.Written);
        }
    }

    private static void Relay(scoped in Turn turn, ReadOnlySpan<byte> body)
    {
        ByteReader reader = new(body);
        PlainMessage message = PlainMessage.Read(ref reader);
        MessageCopy[] copies = new MessageCopy[checked((int)reader.ReadVar())];
        for (int i = 0; i < copies.Length; i++)
        {
            string session = reader.ReadText();
            byte qos = reader.ReadByte();
            bool retain = reader.ReadBool();
            int[] identifiers = new int[checked((int)reader.ReadVar())];
            for (int j = 0; j < identifiers.Length; j++)
            {
                identifiers[j] = checked((int)reader.ReadVar());
            }

            copies[i] = new MessageCopy(session, qos, retain, identifiers);
        }

        Send(turn, copies, message);
    }

    private static void Send(scoped in Turn turn, IReadOnlyList<MessageCopy> copies, PlainMessage message)
    {
        foreach (MessageCopy copy in copies)
        {
            ByteWriter body = new(64 + message.Bytes);
            body.WriteVar(1);
            MessageDelivery.Write(body, copy, message);
            turn.Effects.Tell(ActorKind.Session, copy.Session, MessageKind.DeliverMessages, body.Written);
        }
    }

    private static List<MessageCopy> Copies(List<(string Session, TopicSubscription Subscription)> matching, PlainMessage message)
    {
        SortedDictionary<string, MessageCopy> bySession = new(StringComparer.Ordinal);
        foreach ((string session, TopicSubscription subscription) in matching)
        {
            if (SharedFilter.Is(subscription.Filter) || (subscription.NoLocal && session == message.Publisher))
            {
                continue;
            }

            byte qos = (byte)Math.Min(message.Qos, subscription.Qos);
            bool retain = message.Retain && subscription.RetainAsPublished;
            int[] identifiers = subscription.Identifier is { } identifier ? [identifier] : [];
            bySession[session] = bySession.TryGetValue(session, out MessageCopy? copy)
                ? new MessageCopy(session, Math.Max(copy.Qos, qos), copy.Retain || retain, [.. copy.Identifiers, .. identifiers])
                : new MessageCopy(session, qos, retain, identifiers);
        }

        return [.. bySession.Values];
    }

    private void Subscribe(scoped in Turn turn, TopicSubscribed wanted)
    {
        TopicSubscription subscription = wanted.Subscription;
        if (wanted.Session.Length == 0 || subscription.Qos is < 0 or > 2 || subscription.Filter.Length == 0 || Encoding.UTF8.GetByteCount(subscription.Filter) > GrainLimits.TopicFilterBytes
            || (SharedFilter.Is(subscription.Filter) && !SharedFilter.TrySplit(subscription.Filter, out _, out _)))
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"A subscription needs a session, a quality of service of 0, 1 or 2, and a filter of at most {GrainLimits.TopicFilterBytes} bytes.");
            return;
        }

        TopicTree subscriptions = Tree(turn);
        bool isNew = subscriptions.Find(wanted.Session, subscription.Filter) is null;
        if (isNew && state.Subscriptions >= GrainLimits.TopicSubscriptions)
        {
            turn.Effects.Reply(ReplyStatus.Conflict, $"There are {GrainLimits.TopicSubscriptions} subscriptions, which is as many as the city may have.");
            return;
        }

        if (isNew && subscriptions.FiltersOf(wanted.Session).Count >= GrainLimits.TopicSubscriptionsPerSession)
        {
            turn.Effects.Reply(ReplyStatus.Conflict, $"The session has {GrainLimits.TopicSubscriptionsPerSession} subscriptions to topics, which is as many as one may have; end one first.");
            return;
        }

        subscriptions.Put(wanted.Session, subscription);
        WriteBucket(turn, wanted.Session, subscription.Filter, subscription);
        turn.Effects.Tell(ActorKind.Session, wanted.Session, MessageKind.KeepSubscription, subscription);

        // MQTT 5.0 section 3.8.3.1: 0 sends what is retained at every SUBSCRIBE, 1 where the subscription is new, 2 never.
        // To a shared one nothing of it is sent.
        if (SharedFilter.Is(subscription.Filter))
        {
            if (subscriptions.IsAway(wanted.Session))
            {
                Move(turn, new SubscriberMoved(wanted.Session, Away: false));
            }
        }
        else if (wanted.RetainHandling == 0 || (wanted.RetainHandling == 1 && isNew))
        {
            SendRetained(turn, wanted.Session, subscription);
        }

        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Unsubscribe(scoped in Turn turn, TopicUnsubscribed ended)
    {
        TopicTree subscriptions = Tree(turn);
        if (subscriptions.Find(ended.Session, ended.Filter) is null)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, $"The session has no subscription to {ended.Filter}.");
            return;
        }

        Remove(turn, subscriptions, ended.Session, ended.Filter);
        turn.Effects.Tell(ActorKind.Session, ended.Session, MessageKind.DropSubscription, ended);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Forget(scoped in Turn turn, string session)
    {
        TopicTree subscriptions = Tree(turn);
        foreach (string filter in subscriptions.FiltersOf(session).ToArray())
        {
            Remove(turn, subscriptions, session, filter);
        }

        subscriptions.Move(session, isAway: false);
    }

    private void Remove(scoped in Turn turn, TopicTree subscriptions, string session, string filter)
    {
        subscriptions.Remove(session, filter);
        WriteBucket(turn, session, filter, null);
        if (SharedFilter.Is(filter) && !subscriptions.HasMembers(filter))
        {
            turn.Rows.Remove(TurnRow(filter));
        }
    }

    private TopicTree Tree(scoped in Turn turn)
    {
        if (tree is not null)
        {
            return tree;
        }

        TopicTree made = new();
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            if ((state.SubscriptionBuckets & (1UL << bucket)) != 0)
            {
                foreach ((string session, TopicSubscription subscription, bool isAway) in ReadBucket(turn, bucket))
                {
                    made.Put(session, subscription);
                    if (isAway)
                    {
                        made.Move(session, isAway: true);
                    }
                }
            }
        }

        return tree = made;
    }

    private static SortedDictionary<(string Session, string Filter), TopicSubscription> Empty() =>
        new(Comparer<(string Session, string Filter)>.Create(static (left, right) =>
            string.CompareOrdinal(left.Session, right.Session) is var order && order != 0 ? order : string.CompareOrdinal(left.Filter, right.Filter)));

    private static List<(string Session, TopicSubscription Subscription, bool IsAway)> ReadBucket(scoped in Turn turn, int bucket)
    {
        List<(string, TopicSubscription, bool)> found = [];
        if (turn.Rows.Find(SubscriptionRow(bucket)) is not { } row)
        {
            return found;
        }

        ByteReader reader = new(row);
        RequireVersion(reader.ReadByte());
        int count = checked((int)reader.ReadVar());
        for (int i = 0; i < count; i++)
        {
            string session = reader.ReadText();
            string filter = reader.ReadText();
            byte options = reader.ReadByte();
            int identifier = checked((int)reader.ReadVar());
            found.Add((session, new TopicSubscription(filter, options & 3, (options & 4) != 0, (options & 8) != 0, identifier == 0 ? null : identifier), (options & 16) != 0));
        }

        return found;
    }

    /// <summary>Puts a subscription into its row, or takes it out.</summary>
    private void WriteBucket(scoped in Turn turn, string session, string filter, TopicSubscription? subscription)
    {
        int bucket = BucketOf($"{session}\n{filter}");
        SortedDictionary<(string Session, string Filter), TopicSubscription> all = Empty();
        foreach ((string other, TopicSubscription kept, _) in ReadBucket(turn, bucket))
        {
            all[(other, kept.Filter)] = kept;
        }

        int before = all.Count;
        if (subscription is null)
        {
            all.Remove((session, filter));
        }
        else
        {
            all[(session, filter)] = subscription;
        }

        state = state with { Subscriptions = state.Subscriptions + all.Count - before };
        if (all.Count == 0)
        {
            turn.Rows.Remove(SubscriptionRow(bucket));
            state = state with { SubscriptionBuckets = state.SubscriptionBuckets & ~(1UL << bucket) };
            return;
        }

        ByteWriter row = new(64 * all.Count);
        row.WriteByte(RowVersion);
        row.WriteVar((uint)all.Count);
        foreach (((string other, _), TopicSubscription kept) in all)
        {
            row.WriteText(other);
            row.WriteText(kept.Filter);
            row.WriteByte((byte)(kept.Qos | (kept.NoLocal ? 4 : 0) | (kept.RetainAsPublished ? 8 : 0) | (tree!.IsAway(other) ? 16 : 0)));
            row.WriteVar((uint)(kept.Identifier ?? 0));
        }

        turn.Rows.Put(SubscriptionRow(bucket), row.Written.ToArray());
        state = state with { SubscriptionBuckets = state.SubscriptionBuckets | (1UL << bucket) };
    }

    private static void RequireVersion(byte version)
    {
        if (version != RowVersion)
        {
            throw new InvalidDataException($"Row of version {version}; this build reads version {RowVersion}.");
        }
    }

    private static int BucketOf(string name) => (int)(StableHash.Of(Encoding.UTF8.GetBytes(name)) % Buckets);

    private static string SubscriptionRow(int bucket) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"s/{bucket:D2}");
}

/// <summary>What <see cref="Topics"/> keep besides their rows.</summary>
internal sealed record TopicsState
{
    /// <summary>Which rows of subscriptions there are, a bit each.</summary>
    public ulong SubscriptionBuckets { get; init; }

    /// <summary>Which rows with names of retained topics there are, a bit each.</summary>
    public ulong RetainedBuckets { get; init; }

    public int Subscriptions { get; init; }

    public int Retained { get; init; }

    public long RetainedBytes { get; init; }

    /// <summary>Messages that were to be retained and found no room.</summary>
    public long NotRetained { get; init; }
}
