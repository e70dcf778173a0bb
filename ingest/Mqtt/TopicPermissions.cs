using System.Text;
using System.Text.Unicode;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// Whether a device or token may publish on a topic, by the filters of its registration. A topic that begins with $ is nobody's. A device publishes on a handful of topics, so the answer is remembered by the topic's bytes; a topic
/// that was seen is neither checked for UTF-8 nor matched again. Used by the receiving loop alone.
/// </summary>
internal sealed class TopicPermissions(IReadOnlyList<string> filters)
{
    private readonly byte[][] filters = [.. filters.Select(Encoding.UTF8.GetBytes).Where(filter => TopicNames.IsFilter(filter))];
    private Remembered[]? remembered;

    private readonly record struct Remembered(byte[] Topic, bool Allowed);

    /// <summary>None where the topic is a topic name at all; <paramref name="allowed"/> says whether it is one of the device's.</summary>
    public MqttRefusal Judge(ReadOnlySpan<byte> topic, out bool allowed)
    {
        remembered ??= new Remembered[MqttLimits.RememberedTopics];
        ref Remembered place = ref remembered[StableHash.Of(topic) & (MqttLimits.RememberedTopics - 1)];
        if (place.Topic is not null && topic.SequenceEqual(place.Topic))
        {
            allowed = place.Allowed;
            return MqttRefusal.None;
        }

        allowed = false;
        if (!Utf8.IsValid(topic))
        {
            return MqttRefusal.TextNotUtf8;
        }

        if (topic.Contains((byte)0))
        {
            return MqttRefusal.TextHasNul;
        }

        if (!TopicNames.IsName(topic))
        {
            return MqttRefusal.TopicNameInvalid;
        }

        foreach (byte[] filter in filters)
        {
            allowed |= topic[0] != (byte)'$' && TopicNames.Matches(filter, topic);
        }

        place = new Remembered(topic.ToArray(), allowed);
        return MqttRefusal.None;
    }
}
