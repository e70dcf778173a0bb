using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Access;

/// <summary>
/// An MQTT session: its subscriptions to feeds, how far each was sent and acknowledged, its subscriptions to topics with the messages that wait for the client, what is in flight under which packet identifier, and which identifiers of
/// the client's own QoS 2 publishes are in use. A feed is its own queue, so nothing of it is kept. The acknowledged number never goes back: an acknowledgement that comes late, or a second time, changes nothing.
/// <para>
/// Identifiers are marked without an answer (<see cref="MessageKind.MarkSession"/>): the endpoint needs the mark durable, not the turn over. A mark may come a second time and may be behind what
/// has ended; it is then passed over. Marks for a session that is not there, since it was ended meanwhile, change nothing either: its client finds no session and begins anew.
/// </para>
/// </summary>
public sealed partial class Session : Actor
{
    /// <summary>In <see cref="SessionAcknowledged.Number"/>: the subscription ends.</summary>
    private const long Ended = -1;

    private SessionState state = new();

    public override bool Exists => Agreed.Subscriptions.Count > 0 || Agreed.ExpirySeconds is not null || Agreed.Topics is not null;

    private SessionAgreement Agreed => state.Agreed;

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.OpenSession:
                Open(turn, message.Read<SessionOpened>());
                break;
            case MessageKind.SubscribeSession:
                Subscribe(turn, message.Read<SessionSubscribed>());
                break;
            case MessageKind.AcknowledgeSession:
                Acknowledge(turn, message.Read<SessionAcknowledged>());
                break;
            case MessageKind.MarkSession:
                Mark(turn, new SessionMarks(message.Body));
                break;
            case MessageKind.LeaveSession:
                Leave(turn, message.Read<SessionLeft>());
                break;
            case MessageKind.Reminded:
                Remind(turn, System.Text.Encoding.UTF8.GetString(message.Body));
                break;
            case MessageKind.DeliverMessages:
                Enqueue(turn, message.Body);
                break;
            case MessageKind.KeepSubscription:
                Keep(turn, message.Read<TopicSubscription>());
                break;
            case MessageKind.DropSubscription:
                Drop(turn, message.Read<TopicUnsubscribed>().Filter);
                break;
            case MessageKind.EndSession:
                if (Agreed.Left == true)
                {
                    turn.Effects.Forget(WillDue);
                    turn.Effects.Forget(ExpiryDue);
                }

                End(turn);
                Show(turn);
                turn.Effects.Reply(ReplyStatus.Done);
                break;
            default:
                throw new InvalidDataException($"A session does not handle {message.Kind}.");
        }
    }

    /// <summary>A client that neither came back nor acknowledged anything for so long has gone for good; should it come back, it finds no session and subscribes anew, as MQTT has it.</summary>
    public override bool IsExpired(long idleMs, Rulebook rules) => !rules.Expiry.Keeps(idleMs, onceSeen: false, warned: false);

    public override void Expire(scoped in Turn turn)
    {
        if (Exists)
        {
            End(turn);
            turn.Effects.Hide(View.Sessions, turn.Key);
        }
    }

    public override void Write(ByteWriter writer) => state.Write(writer);

    public override void Read(ref ByteReader reader) => state = SessionState.Read(ref reader);

    public override void Describe(Utf8JsonWriter json, string key)
    {
        SessionRow row = Row(key) with
        {
            Taken = state.Taken.Count > 0 ? [.. state.Taken] : null,
            InFlight = state.InFlight.Count > 0 ? [.. state.InFlight] : null,
            QueuePassed = state.Queue.Last > 0 ? state.Queue.Passed : null,
            Queued = state.Queue.Count > 0 ? state.Queue.Count : null,
            Dropped = state.Queue.Dropped > 0 ? state.Queue.Dropped : null,
        };
        JsonSerializer.Serialize(json, row, GrainsJson.Default.SessionRow);
    }

    /// <summary>A new subscription begins after the number given. One that is there already goes on from what was sent, unless it now names another feed, whose numbers are others.</summary>
    private void Subscribe(scoped in Turn turn, SessionSubscribed subscribed)
    {
        if (subscribed.Filter.Length is 0 or > GrainLimits.FilterChars || subscribed.Feed.Length is 0 or > GrainLimits.FilterChars || subscribed.Qos is < 0 or > 2 || subscribed.From < 0)
        {
            turn.Effects.Reply(
                ReplyStatus.Invalid,
                $"A subscription needs a filter and a feed of at most {GrainLimits.FilterChars} characters, a quality of service of 0, 1 or 2, and a number of 0 or more to begin after.");
            return;
        }

        int index = Find(subscribed.Filter);
        if (index < 0)
        {
            if (Agreed.Subscriptions.Count >= GrainLimits.SubscriptionsPerSession)
            {
                turn.Effects.Reply(ReplyStatus.Conflict, $"The session has {GrainLimits.SubscriptionsPerSession} subscriptions, which is as many as one may have; end one first.");
                return;
            }

            Agreed.Subscriptions.Add(new SessionSubscription(subscribed.Filter, subscribed.Feed, subscribed.Qos, subscribed.From, null, subscribed.Identifier));
        }
        else
        {
            SessionSubscription existing = Agreed.Subscriptions[index] with { Qos = subscribed.Qos, Identifier = subscribed.Identifier };
            if (existing.Feed != subscribed.Feed)
            {
                LeaveToItself(existing.Filter);
                existing = existing with { Feed = subscribed.Feed, Acknowledged = subscribed.From, Sent = null };
            }

            Agreed.Subscriptions[index] = existing;
        }

        Show(turn);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Acknowledge(scoped in Turn turn, SessionAcknowledged acknowledged)
    {
        if (acknowledged.Filter == SessionQueue.Name)
        {
            AcknowledgeQueue(turn, acknowledged.Number);
            turn.Effects.Reply(ReplyStatus.Done);
            return;
        }

        int index = Find(acknowledged.Filter);
        if (index < 0)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, $"The session has no subscription {acknowledged.Filter}.");
            return;
        }

        if (acknowledged.Number == Ended)
        {
            Agreed.Subscriptions.RemoveAt(index);
            LeaveToItself(acknowledged.Filter);
            if (!Exists)
            {
                End(turn);
            }

            Show(turn);
        }
        else if (acknowledged.Number > Agreed.Subscriptions[index].Passed && Pass(index, acknowledged.Number))
        {
            Show(turn);
        }

        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Mark(scoped in Turn turn, SessionMarks marks)
    {
        bool acknowledged = false;
        while (Exists && marks.MoveNext())
        {
            switch (marks.Mark)
            {
                case SessionMark.Taken:
                    Take(marks.PacketId);
                    break;
                case SessionMark.Released:
                    int taken = state.Taken.BinarySearch(marks.PacketId);
                    if (taken >= 0)
                    {
                        state.Taken.RemoveAt(taken);
                    }

                    break;
                case SessionMark.Sent:
                    Send(marks);
                    break;
                case SessionMark.Received:
                    int received = FindInFlight(marks.PacketId);
                    if (received >= 0)
                    {
                        state.InFlight[received] = state.InFlight[received] with { Received = true };
                    }

                    break;
                case SessionMark.Completed:
                    acknowledged |= Complete(marks.PacketId);
                    break;
                default:
                    throw new InvalidDataException($"A session does not know the mark {(byte)marks.Mark}. It was written by a newer version; use that one.");
            }
        }

        HideMessages(turn);

        // Only what people look at in the list; a mark that moves nothing there costs its record alone.
        if (acknowledged)
        {
            Show(turn);
        }
    }

    /// <summary>The endpoint takes no more than its limit, so what is above it here is left out: should it come again, its readings' ids tell.</summary>
    private void Take(ushort packetId)
    {
        int index = state.Taken.BinarySearch(packetId);
        if (index < 0 && state.Taken.Count < GrainLimits.PublishesTaken)
        {
            state.Taken.Insert(~index, packetId);
        }
    }

    private void Send(scoped in SessionMarks marks)
    {
        bool queued = marks.Filter == SessionQueue.Name;
        int index = queued ? -1 : Find(marks.Filter);
        if (queued ? !state.Queue.Contains(marks.Number) : index < 0)
        {
            return;
        }

        // An identifier that is sent under again was free: its completion is on its way here, or was never told because the connection broke.
        int before = FindInFlight(marks.PacketId);
        if (before >= 0)
        {
            Finish(before);
        }

        if (queued)
        {
            state.InFlight.Add(new SessionDelivery(marks.PacketId, SessionQueue.Name, SessionQueue.Name, marks.Number, marks.Qos, Received: false));
            state.Queue.Pass(marks.Number);
            return;
        }

        SessionSubscription subscription = Agreed.Subscriptions[index];
        state.InFlight.Add(new SessionDelivery(marks.PacketId, subscription.Filter, subscription.Feed, marks.Number, marks.Qos, Received: false));
        Pass(index, Math.Max(marks.Number, subscription.Passed));
    }

    /// <summary>True where an acknowledged number moved.</summary>
    private bool Complete(ushort packetId)
    {
        int index = FindInFlight(packetId);
        if (index < 0)
        {
            return false;
        }

        string? filter = Finish(index).Filter;
        int subscription = filter is null ? -1 : Find(filter);
        return subscription >= 0 && Pass(subscription, Agreed.Subscriptions[subscription].Passed);
    }

    /// <summary>The exchange is over, or its identifier was free for another.</summary>
    private SessionDelivery Finish(int index)
    {
        SessionDelivery delivery = state.InFlight[index];
        state.InFlight.RemoveAt(index);
        if (delivery.Filter == SessionQueue.Name)
        {
            state.Queue.Remove(delivery.Number);
        }

        return delivery;
    }

    /// <summary>Everything up to <paramref name="sent"/> is done with or in flight; what is below the oldest in flight is done with. True where that moved.</summary>
    private bool Pass(int index, long sent)
    {
        SessionSubscription subscription = Agreed.Subscriptions[index];
        long acknowledged = sent;
        foreach (SessionDelivery delivery in state.InFlight)
        {
            if (delivery.Filter == subscription.Filter)
            {
                acknowledged = Math.Min(acknowledged, delivery.Number - 1);
            }
        }

        acknowledged = Math.Max(acknowledged, subscription.Acknowledged);
        Agreed.Subscriptions[index] = subscription with { Acknowledged = acknowledged, Sent = sent > acknowledged ? sent : null };
        return acknowledged > subscription.Acknowledged;
    }

    /// <summary>The subscription has ended: what it has in flight is completed all the same (MQTT 5.0 section 3.10.4), and counts for no other.</summary>
    private void LeaveToItself(string filter)
    {
        for (int i = 0; i < state.InFlight.Count; i++)
        {
            if (state.InFlight[i].Filter == filter)
            {
                state.InFlight[i] = state.InFlight[i] with { Filter = null };
            }
        }
    }

    private int Find(string filter) => Agreed.Subscriptions.FindIndex(subscription => subscription.Filter == filter);

    private int FindInFlight(ushort packetId) => state.InFlight.FindIndex(delivery => delivery.Id == packetId);

    private void Show(scoped in Turn turn)
    {
        if (Exists)
        {
            turn.Effects.Show(View.Sessions, turn.Key, Row(turn.Key));
        }
        else
        {
            turn.Effects.Hide(View.Sessions, turn.Key);
        }
    }

    private SessionRow Row(string key) => new(key, [.. Agreed.Subscriptions], Agreed.ExpirySeconds, Topics: Agreed.Topics is null ? null : [.. Agreed.Topics]) { Connected = Agreed.Connected, Left = Agreed.Left };
}
