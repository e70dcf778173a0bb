using Streaming.Grains.Messaging;

namespace Streaming.Ingest.Mqtt.Packets;

/// <summary>MQTT 5.0 section 4.7: topic names and topic filters, on their UTF-8 bytes.</summary>
internal static class TopicNames
{
    /// <summary>Section 4.7.1 and 4.7.3: at least one character, no wildcard; and no longer than we take.</summary>
    public static bool IsName(ReadOnlySpan<byte> topic) =>
        topic.Length is > 0 and <= MqttLimits.TopicBytes && topic.IndexOfAny((byte)'+', (byte)'#') < 0;

    /// <summary>Section 4.7.1: + and # fill a whole level, and # is the last one.</summary>
    public static bool IsFilter(ReadOnlySpan<byte> filter)
    {
        if (filter.Length is 0 or > MqttLimits.TopicBytes)
        {
            return false;
        }

        while (true)
        {
            int slash = filter.IndexOf((byte)'/');
            ReadOnlySpan<byte> level = slash < 0 ? filter : filter[..slash];
            if (level.Length > 1 && level.IndexOfAny((byte)'+', (byte)'#') >= 0)
            {
                return false;
            }

            if (slash < 0)
            {
                return true;
            }

            if (level.SequenceEqual("#"u8))
            {
                return false;
            }

            filter = filter[(slash + 1)..];
        }
    }

    /// <summary>Section 4.7.1 and 4.7.2: whether a valid filter matches a valid name.</summary>
    public static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> topic) => TopicFilters.Matches(filter, topic);
}
