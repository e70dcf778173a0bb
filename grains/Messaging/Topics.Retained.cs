using System.Globalization;
using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Messaging;

/// <summary>Retained messages (MQTT 5.0 section 3.3.1.3).</summary>
public sealed partial class Topics
{
    /// <summary>Replaces the retained message of its topic; an empty payload removes it. Where there is no room for another, it is delivered and not retained, which is counted.</summary>
    private void Retain(scoped in Turn turn, PlainMessage message)
    {
        int bucket = BucketOf(message.Topic);
        SortedDictionary<string, int> names = ReadNames(turn, bucket);
        bool known = names.TryGetValue(message.Topic, out int before);
        if (message.Payload.Length == 0)
        {
            if (known)
            {
                Drop(turn, bucket, names, message.Topic);
            }

            return;
        }

        int bytes = message.Bytes;
        if ((!known && state.Retained >= GrainLimits.RetainedMessages) || state.RetainedBytes + bytes - before > GrainLimits.RetainedBytes)
        {
            if (known)
            {
                // What is retained must not be older than what was published last.
                Drop(turn, bucket, names, message.Topic);
            }

            state = state with { NotRetained = state.NotRetained + 1 };
            return;
        }

        ByteWriter row = new(64 + bytes);
        message.Write(row);
        turn.Rows.Put(MessageRow(message.Topic), row.Written.ToArray());
        names[message.Topic] = bytes;
        WriteNames(turn, bucket, names);
        state = state with { Retained = state.Retained + (known ? 0 : 1), RetainedBytes = state.RetainedBytes + bytes - before };
    }

    /// <summary>Sends a session what is retained under its filter, as few messages as effects have room for. What has expired goes on the way.</summary>
    private void SendRetained(scoped in Turn turn, string session, TopicSubscription subscription)
    {
        List<PlainMessage> messages = [];
        byte[] filter = Encoding.UTF8.GetBytes(subscription.Filter);
        bool exact = filter.AsSpan().IndexOfAny((byte)'+', (byte)'#') < 0;
        for (int bucket = exact ? BucketOf(subscription.Filter) : 0; bucket < Buckets; bucket += exact ? Buckets : 1)
        {
            if ((state.RetainedBuckets & (1UL << bucket)) == 0)
            {
                continue;
            }

            SortedDictionary<string, int> names = ReadNames(turn, bucket);
            foreach (string topic in names.Keys.ToArray())
            {
                byte[] name = Encoding.UTF8.GetBytes(topic);
                if (!TopicFilters.Matches(filter, name) || (TopicFilters.IsOwn(name) && !TopicFilters.IsOwn(filter)))
                {
                    continue;
                }

                PlainMessage message = PlainMessage.Read(turn.Rows.Find(MessageRow(topic)) ?? throw new InvalidDataException($"The retained message of {topic} is not there."));
                if (message.IsExpired(turn.NowMs))
                {
                    Drop(turn, bucket, names, topic);
                }
                else
                {
                    messages.Add(message);
                }
            }
        }

        messages.Sort(static (left, right) => string.CompareOrdinal(left.Topic, right.Topic));
        int[] identifiers = subscription.Identifier is { } identifier ? [identifier] : [];
        for (int next = 0; next < messages.Count;)
        {
            int end = next;
            for (int bytes = 0; end < messages.Count && end - next < GrainLimits.MessagesPerDelivery && bytes < GrainLimits.DeliveryBytes; end++)
            {
                bytes += messages[end].Bytes;
            }

            ByteWriter body = new(1024);
            body.WriteVar((uint)(end - next));
            for (; next < end; next++)
            {
                MessageDelivery.Write(body, new MessageCopy(session, (byte)Math.Min(messages[next].Qos, subscription.Qos), Retain: true, identifiers), messages[next]);
            }

            turn.Effects.Tell(ActorKind.Session, session, MessageKind.DeliverMessages, body.Written);
        }
    }

    private void Drop(scoped in Turn turn, int bucket, SortedDictionary<string, int> names, string topic)
    {
        state = state with { Retained = state.Retained - 1, RetainedBytes = state.RetainedBytes - names[topic] };
        names.Remove(topic);
        turn.Rows.Remove(MessageRow(topic));
        WriteNames(turn, bucket, names);
    }

    /// <summary>The retained topics of a bucket, and what the message of each takes.</summary>
    private SortedDictionary<string, int> ReadNames(scoped in Turn turn, int bucket)
    {
        SortedDictionary<string, int> names = new(StringComparer.Ordinal);
        if ((state.RetainedBuckets & (1UL << bucket)) == 0 || turn.Rows.Find(NamesRow(bucket)) is not { } row)
        {
            return names;
        }

        ByteReader reader = new(row);
        RequireVersion(reader.ReadByte());
        int count = checked((int)reader.ReadVar());
        for (int i = 0; i < count; i++)
        {
            string topic = reader.ReadText();
            names[topic] = checked((int)reader.ReadVar());
        }

        return names;
    }

    private void WriteNames(scoped in Turn turn, int bucket, SortedDictionary<string, int> names)
    {
        if (names.Count == 0)
        {
            turn.Rows.Remove(NamesRow(bucket));
            state = state with { RetainedBuckets = state.RetainedBuckets & ~(1UL << bucket) };
            return;
        }

        ByteWriter row = new(32 * names.Count);
        row.WriteByte(RowVersion);
        row.WriteVar((uint)names.Count);
        foreach ((string topic, int bytes) in names)
        {
            row.WriteText(topic);
            row.WriteVar((uint)bytes);
        }

        turn.Rows.Put(NamesRow(bucket), row.Written.ToArray());
        state = state with { RetainedBuckets = state.RetainedBuckets | (1UL << bucket) };
    }

    private static string NamesRow(int bucket) => string.Create(CultureInfo.InvariantCulture, $"n/{bucket:D2}");

    private static string MessageRow(string topic) => $"m/{topic}";
}
