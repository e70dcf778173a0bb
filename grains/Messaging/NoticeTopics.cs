namespace Streaming.Grains.Messaging;

/// <summary>
/// The topics on which a subject's own terminal gets its notices, <c>v1/subjects/{subject}/notices</c>. They are messages between clients of which the silo is the only publisher, and are subscribed to one by one: no wildcard matches them.
/// </summary>
public static class NoticeTopics
{
    private const string Before = "v1/subjects/";
    private const string Behind = "/notices";

    /// <summary>The topic of a subject; null where its key cannot be a level of one.</summary>
    public static string? Of(string subject) => Before + subject + Behind is var topic && Is(topic) ? topic : null;

    /// <summary>Whether a topic, or a filter, is that of one subject.</summary>
    public static bool Is(string topic) =>
        topic.Length > Before.Length + Behind.Length
        && topic.StartsWith(Before, StringComparison.Ordinal)
        && topic.EndsWith(Behind, StringComparison.Ordinal)
        && topic.AsSpan(Before.Length, topic.Length - Before.Length - Behind.Length).IndexOfAny("/+#\0") < 0;
}
