using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Access;

/// <summary>
/// What happens after the client has gone: its will (MQTT 5.0 section 3.1.2.5) and the session's end (section 3.1.2.11.2), as reminders by the time of the record that said so. They hold over a restart, and a client that is back in
/// time takes them back.
/// </summary>
public sealed partial class Session
{
    private const string WillDue = "will";
    private const string ExpiryDue = "expiry";

    private void Open(scoped in Turn turn, SessionOpened opened)
    {
        bool wasAway = Agreed.Left == true;
        Agreed.ExpirySeconds = opened.ExpirySeconds;
        Agreed.Will = opened.Will;
        Agreed.Connected = opened.Tracked ? true : null;
        Agreed.Left = null;
        if (wasAway)
        {
            turn.Effects.Forget(WillDue);
            turn.Effects.Forget(ExpiryDue);
            TellTopics(turn, away: false);
        }

        Show(turn);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Leave(scoped in Turn turn, SessionLeft left)
    {
        if (!Exists || Agreed.Connected != true)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, "The session does not know of its client.");
            return;
        }

        Agreed.Connected = null;
        Agreed.Left = true;
        Agreed.ExpirySeconds = left.ExpirySeconds;
        Agreed.Will = left.KeepsWill ? Agreed.Will : null;
        if (left.ExpirySeconds == 0)
        {
            End(turn);
            Show(turn);
            turn.Effects.Reply(ReplyStatus.Done);
            return;
        }

        if (Agreed.Will is { DelaySeconds: 0 })
        {
            PublishWill(turn);
        }
        else if (Agreed.Will is { } will)
        {
            turn.Effects.RemindAt(WillDue, turn.NowMs + (Math.Min(will.DelaySeconds, left.ExpirySeconds) * 1000));
        }

        turn.Effects.RemindAt(ExpiryDue, turn.NowMs + (left.ExpirySeconds * 1000));
        TellTopics(turn, away: true);
        Show(turn);
        turn.Effects.Reply(ReplyStatus.Done);
    }

    private void Remind(scoped in Turn turn, string name)
    {
        if (Agreed.Left != true)
        {
            return;
        }

        if (name == WillDue)
        {
            PublishWill(turn);
            return;
        }

        turn.Effects.Forget(WillDue);
        End(turn);
        Show(turn);
    }

    private void PublishWill(scoped in Turn turn)
    {
        if (Agreed.Will is not { } will)
        {
            return;
        }

        long? expires = will.MessageExpirySeconds is { } seconds ? turn.NowMs + (seconds * 1000) : null;
        ByteWriter message = new(64 + will.Payload.Length);
        PlainMessage.Write(
            message, Encoding.UTF8.GetBytes(turn.Key), Encoding.UTF8.GetBytes(will.Topic), (byte)will.Qos, will.Retain, expires, will.Properties ?? [], will.Payload);
        turn.Effects.Tell(ActorKind.Topics, Topics.City, MessageKind.PublishMessage, message.Written);
        Agreed.Will = null;
    }

    /// <summary>Only shared subscriptions go by who is there.</summary>
    private void TellTopics(scoped in Turn turn, bool away)
    {
        if (Agreed.Topics?.Exists(each => SharedFilter.Is(each.Filter)) == true)
        {
            turn.Effects.Tell(ActorKind.Topics, Topics.City, MessageKind.MoveSubscriber, new SubscriberMoved(turn.Key, away));
        }
    }
}
