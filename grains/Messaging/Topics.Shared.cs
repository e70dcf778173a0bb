using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Messaging;

/// <summary>
/// Shared subscriptions (MQTT 5.0 section 4.8.2): each message goes to one session of the group, in turn, and to one whose client is there where any is. Whose turn it is, is a keyed row of the group.
/// </summary>
public sealed partial class Topics
{
    private List<MessageCopy> SharedCopies(scoped in Turn turn, List<(string Session, TopicSubscription Subscription)> matching, PlainMessage message)
    {
        List<MessageCopy> copies = [];
        SortedDictionary<string, List<(string Session, TopicSubscription Subscription)>> groups = new(StringComparer.Ordinal);
        foreach ((string session, TopicSubscription subscription) in matching)
        {
            if (SharedFilter.Is(subscription.Filter))
            {
                if (!groups.TryGetValue(subscription.Filter, out List<(string, TopicSubscription)>? group))
                {
                    groups[subscription.Filter] = group = [];
                }

                group.Add((session, subscription));
            }
        }

        foreach ((string filter, List<(string Session, TopicSubscription Subscription)> group) in groups)
        {
            List<(string Session, TopicSubscription Subscription)> there = group.FindAll(member => !tree!.IsAway(member.Session));
            List<(string Session, TopicSubscription Subscription)> candidates = there.Count > 0 ? there : group;
            (string session, TopicSubscription subscription) = candidates[(int)(TakeTurn(turn, filter) % (ulong)candidates.Count)];
            copies.Add(new MessageCopy(
                session, (byte)Math.Min(message.Qos, subscription.Qos), message.Retain && subscription.RetainAsPublished, subscription.Identifier is { } identifier ? [identifier] : []));
        }

        return copies;
    }

    private void Move(scoped in Turn turn, SubscriberMoved moved)
    {
        TopicTree subscriptions = Tree(turn);
        subscriptions.Move(moved.Session, moved.Away);
        foreach (string filter in subscriptions.FiltersOf(moved.Session).ToArray())
        {
            WriteBucket(turn, moved.Session, filter, subscriptions.Find(moved.Session, filter));
        }
    }

    private static ulong TakeTurn(scoped in Turn turn, string filter)
    {
        ulong taken = 0;
        if (turn.Rows.Find(TurnRow(filter)) is { } row)
        {
            ByteReader reader = new(row);
            RequireVersion(reader.ReadByte());
            taken = reader.ReadVar();
        }

        ByteWriter next = new(16);
        next.WriteByte(RowVersion);
        next.WriteVar(taken + 1);
        turn.Rows.Put(TurnRow(filter), next.Written.ToArray());
        return taken;
    }

    private static string TurnRow(string filter) => $"t/{filter}";
}
