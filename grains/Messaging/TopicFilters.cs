namespace Streaming.Grains.Messaging;

/// <summary>MQTT 5.0 section 4.7: what a topic filter matches, on UTF-8 bytes.</summary>
public static class TopicFilters
{
    private const byte Separator = (byte)'/';

    /// <summary>Section 4.7.1 and 4.7.2: whether a valid filter matches a valid name. A filter that begins with a wildcard does not match names that begin with $.</summary>
    public static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> topic)
    {
        if (topic is [(byte)'$', ..] && filter is [(byte)'+' or (byte)'#', ..])
        {
            return false;
        }

        while (true)
        {
            int filterSlash = filter.IndexOf(Separator);
            int topicSlash = topic.IndexOf(Separator);
            ReadOnlySpan<byte> wanted = filterSlash < 0 ? filter : filter[..filterSlash];
            ReadOnlySpan<byte> level = topicSlash < 0 ? topic : topic[..topicSlash];
            if (wanted.SequenceEqual("#"u8))
            {
                return true;
            }

            if (!wanted.SequenceEqual("+"u8) && !wanted.SequenceEqual(level))
            {
                return false;
            }

            if (topicSlash < 0)
            {
                // "a/#" matches "a" as well: # includes the parent level.
                return filterSlash < 0 || filter[(filterSlash + 1)..].SequenceEqual("#"u8);
            }

            if (filterSlash < 0)
            {
                return false;
            }

            filter = filter[(filterSlash + 1)..];
            topic = topic[(topicSlash + 1)..];
        }
    }

    /// <summary>Whether every topic that <paramref name="filter"/> matches is matched by <paramref name="wider"/> too. Both are valid filters.</summary>
    public static bool Covers(ReadOnlySpan<byte> wider, ReadOnlySpan<byte> filter)
    {
        if (filter is [(byte)'$', ..] && wider is [(byte)'+' or (byte)'#', ..])
        {
            return false;
        }

        // Every topic has a first level, so these two are the same.
        if (wider.SequenceEqual("+/#"u8))
        {
            return true;
        }

        while (true)
        {
            int widerSlash = wider.IndexOf(Separator);
            int filterSlash = filter.IndexOf(Separator);
            ReadOnlySpan<byte> allowed = widerSlash < 0 ? wider : wider[..widerSlash];
            ReadOnlySpan<byte> wanted = filterSlash < 0 ? filter : filter[..filterSlash];
            if (allowed.SequenceEqual("#"u8))
            {
                return true;
            }

            bool fits = allowed.SequenceEqual("+"u8) ? !wanted.SequenceEqual("#"u8) : allowed.SequenceEqual(wanted);
            if (!fits)
            {
                return false;
            }

            if (filterSlash < 0)
            {
                return widerSlash < 0 || wider[(widerSlash + 1)..].SequenceEqual("#"u8);
            }

            if (widerSlash < 0)
            {
                return false;
            }

            wider = wider[(widerSlash + 1)..];
            filter = filter[(filterSlash + 1)..];
        }
    }

    /// <summary>Whether the topic or filter is one of the city's own, under <c>v1</c>: readings, status, feeds. All others are plain: messages between clients.</summary>
    public static bool IsOwn(ReadOnlySpan<byte> topic) => topic.StartsWith("v1"u8) && (topic.Length == 2 || topic[2] == Separator);
}
