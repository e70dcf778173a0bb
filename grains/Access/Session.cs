using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Access;

/// <summary>What a persistent MQTT session keeps: its subscriptions, in the order they began.</summary>
internal sealed class SessionState
{
    public List<SessionSubscription> Subscriptions { get; set; } = [];
}

/// <summary>
/// A persistent MQTT session: its subscriptions to feeds, and for each the number up to which the client has acknowledged. The feed itself is the queue, so nothing else is kept.
/// The acknowledged number never goes back: an acknowledgement that comes late, or a second time, changes nothing.
/// </summary>
public sealed class Session : Actor
{
    private const byte StateVersion = 1;

    /// <summary>In <see cref="SessionAcknowledged.Number"/>: the subscription ends.</summary>
    private const long Ended = -1;

    private SessionState state = new();

    public override bool Exists => state.Subscriptions.Count > 0;

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.SubscribeSession:
                Subscribe(turn, message.Read<SessionSubscribed>());
                break;
            case MessageKind.AcknowledgeSession:
                Acknowledge(turn, message.Read<SessionAcknowledged>());
                break;
            case MessageKind.EndSession:
                state = new SessionState();
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
            turn.Effects.Hide(View.Sessions, turn.Key);
        }
    }

    public override void Write(ByteWriter writer) => StateJson.Write(writer, StateVersion, state, AccessJson.Default.SessionState);

    public override void Read(ref ByteReader reader) => state = StateJson.Read(ref reader, StateVersion, AccessJson.Default.SessionState);

    public override void Describe(Utf8JsonWriter json, string key) => JsonSerializer.Serialize(json, Row(key), GrainsJson.Default.SessionRow);

    /// <summary>A new subscription begins after the number given. One that is there already goes on from what was acknowledged, unless it now names another feed, whose numbers are others.</summary>
    private void Subscribe(scoped in Turn turn, SessionSubscribed subscribed)
    {
        if (subscribed.Filter.Length is 0 or > GrainLimits.FilterChars || subscribed.Feed.Length is 0 or > GrainLimits.FilterChars || subscribed.Qos is < 0 or > 1 || subscribed.From < 0)
        {
            turn.Effects.Reply(
                ReplyStatus.Invalid,
                $"A subscription needs a filter and a feed of at most {GrainLimits.FilterChars} characters, a quality of service of 0 or 1, and a number of 0 or more to begin after.");
            return;
        }

        int index = Find(subscribed.Filter);
        if (index < 0)
        {
            if (state.Subscriptions.Count >= GrainLimits.SubscriptionsPerSession)
            {
                turn.Effects.Reply(ReplyStatus.Conflict, $"The session has {GrainLimits.SubscriptionsPerSession} subscriptions, which is as many as one may have; end one first.");
                return;
            }

            state.Subscriptions.Add(new SessionSubscription(subscribed.Filter, subscribed.Feed, subscribed.Qos, subscribed.From));
        }
        else
        {
            SessionSubscription existing = state.Subscriptions[index];
            long acknowledged = existing.Feed == subscribed.Feed ? existing.Acknowledged : subscribed.From;
            state.Subscriptions[index] = existing with { Feed = subscribed.Feed, Qos = subscribed.Qos, Acknowledged = acknowledged };
        }

        Show(turn);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Acknowledge(scoped in Turn turn, SessionAcknowledged acknowledged)
    {
        int index = Find(acknowledged.Filter);
        if (index < 0)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, $"The session has no subscription {acknowledged.Filter}.");
            return;
        }

        if (acknowledged.Number == Ended)
        {
            state.Subscriptions.RemoveAt(index);
            Show(turn);
        }
        else if (acknowledged.Number > state.Subscriptions[index].Acknowledged)
        {
            state.Subscriptions[index] = state.Subscriptions[index] with { Acknowledged = acknowledged.Number };
            Show(turn);
        }

        turn.Effects.Reply(ReplyStatus.Done);
    }

    private int Find(string filter) => state.Subscriptions.FindIndex(subscription => subscription.Filter == filter);

    private void Show(scoped in Turn turn)
    {
        if (state.Subscriptions.Count == 0)
        {
            turn.Effects.Hide(View.Sessions, turn.Key);
        }
        else
        {
            turn.Effects.Show(View.Sessions, turn.Key, Row(turn.Key));
        }
    }

    private SessionRow Row(string key) => new(key, [.. state.Subscriptions]);
}
