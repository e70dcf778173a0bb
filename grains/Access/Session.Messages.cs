using System.Globalization;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Access;

/// <summary>
/// The queue of messages between clients. Each gets a number and is shown as a row of a list, which the endpoint reads and sends; the marks that tell of a feed's items tell of these too, under <see cref="SessionQueue.Name"/>.
/// </summary>
public sealed partial class Session
{
    /// <summary>MQTT 5.0 section 4.4 and 4.9: what does not reach the client now waits for it. At QoS 0 only a client that is connected gets anything.</summary>
    private void Enqueue(scoped in Turn turn, ReadOnlySpan<byte> body)
    {
        if (!Exists)
        {
            // Ended meanwhile; topics are about to hear of it.
            return;
        }

        ByteReader reader = new(body);
        int count = checked((int)reader.ReadVar());
        for (int i = 0; i < count; i++)
        {
            (MessageCopy copy, PlainMessage message) = MessageDelivery.Read(ref reader, turn.Key);
            if (message.IsExpired(turn.NowMs) || (copy.Qos == 0 && Agreed.Connected != true) || state.Queue.Add(message.Bytes) is not { } number)
            {
                continue;
            }

            turn.Effects.Show(View.Messages, RowKey(turn.Key, number), new QueuedMessage(
                message.Topic,
                copy.Qos,
                copy.Retain,
                copy.Identifiers.Length == 0 ? null : copy.Identifiers,
                message.ExpiresMs,
                message.Properties.Length == 0 ? null : message.Properties.ToArray(),
                message.Payload.ToArray()));
        }
    }

    private void Keep(scoped in Turn turn, TopicSubscription subscription)
    {
        if (!Exists)
        {
            // Topics kept it for a session that ended meanwhile, and heard of that end before.
            turn.Effects.Tell(ActorKind.Topics, Topics.City, MessageKind.ForgetSubscriber, new SubscriberEnded(turn.Key));
            return;
        }

        Agreed.Topics ??= [];
        int index = Agreed.Topics.FindIndex(each => each.Filter == subscription.Filter);
        if (index < 0)
        {
            Agreed.Topics.Add(subscription);
        }
        else
        {
            Agreed.Topics[index] = subscription;
        }

        Show(turn);
    }

    private void Drop(scoped in Turn turn, string filter)
    {
        if (Agreed.Topics?.RemoveAll(each => each.Filter == filter) > 0)
        {
            Agreed.Topics = Agreed.Topics.Count == 0 ? null : Agreed.Topics;
            Show(turn);
        }
    }

    /// <summary>Everything up to the number was sent at QoS 0 or passed over, but what is in flight.</summary>
    private void AcknowledgeQueue(scoped in Turn turn, long number)
    {
        state.Queue.Pass(number);
        state.Queue.RemoveThrough(number, each => state.InFlight.Exists(delivery => delivery.Filter == SessionQueue.Name && delivery.Number == each));
        HideMessages(turn);
    }

    private void HideMessages(scoped in Turn turn)
    {
        if (state.Queue.Hide() is { } through)
        {
            turn.Effects.Hide(View.Messages, RowKey(turn.Key, through));
        }
    }

    /// <summary>The session ends: its will is published where the client has left one, topics forget it, and its messages go.</summary>
    private void End(scoped in Turn turn)
    {
        PublishWill(turn);
        if (Agreed.Topics is not null)
        {
            turn.Effects.Tell(ActorKind.Topics, Topics.City, MessageKind.ForgetSubscriber, new SubscriberEnded(turn.Key));
        }

        state.Queue.RemoveThrough(long.MaxValue, static _ => false);
        HideMessages(turn);
        state = new SessionState();
    }

    private static string RowKey(string session, long number) => string.Create(CultureInfo.InvariantCulture, $"{session}/{number}");
}
