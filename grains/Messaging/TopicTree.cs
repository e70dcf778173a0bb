using System.Text;
using Streaming.Grains.Messages;

namespace Streaming.Grains.Messaging;

/// <summary>
/// Who subscribed to which topics, by the levels of the filters: matching a topic costs its levels, not the number of subscriptions. Made from the rows of <see cref="Topics"/> and never stored itself. Walked in ordinal order only,
/// so what a message is sent to, and in which order, follows from the subscriptions alone.
/// </summary>
internal sealed class TopicTree
{
    private static readonly Comparer<(string Filter, string Session)> ByFilterAndSession = Comparer<(string Filter, string Session)>.Create(static (left, right) =>
        string.CompareOrdinal(left.Filter, right.Filter) is var order && order != 0 ? order : string.CompareOrdinal(left.Session, right.Session));

    private readonly Node root = new();
    private readonly HashSet<string> away = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> filtersOf = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    /// <summary>Whether the client of a session with shared subscriptions has gone.</summary>
    public bool IsAway(string session) => away.Contains(session);

    public void Move(string session, bool isAway)
    {
        if (isAway)
        {
            away.Add(session);
        }
        else
        {
            away.Remove(session);
        }
    }

    /// <summary>True while a shared filter has anybody.</summary>
    public bool HasMembers(string filter) => NodeOf(filter)?.Own?.Keys.Any(own => own.Filter == filter) == true;

    /// <summary>Filters of one session, in the order they began.</summary>
    public IReadOnlyList<string> FiltersOf(string session) => filtersOf.TryGetValue(session, out List<string>? filters) ? filters : [];

    public TopicSubscription? Find(string session, string filter) => NodeOf(filter)?.Own?.GetValueOrDefault((filter, session));

    /// <summary>Adds a subscription, or replaces the one of the same session and filter.</summary>
    public void Put(string session, TopicSubscription subscription)
    {
        Node node = root;
        foreach (string level in SharedFilter.Inner(subscription.Filter).Split('/'))
        {
            node.Children ??= new(StringComparer.Ordinal);
            if (!node.Children.TryGetValue(level, out Node? child))
            {
                node.Children[level] = child = new Node();
            }

            node = child;
        }

        node.Own ??= new(ByFilterAndSession);
        if (node.Own.TryAdd((subscription.Filter, session), subscription))
        {
            Count++;
            if (!filtersOf.TryGetValue(session, out List<string>? filters))
            {
                filtersOf[session] = filters = [];
            }

            filters.Add(subscription.Filter);
        }
        else
        {
            node.Own[(subscription.Filter, session)] = subscription;
        }
    }

    public void Remove(string session, string filter)
    {
        if (Remove(root, SharedFilter.Inner(filter).Split('/'), 0, (filter, session)) && filtersOf.TryGetValue(session, out List<string>? filters))
        {
            Count--;
            filters.Remove(filter);
            if (filters.Count == 0)
            {
                filtersOf.Remove(session);
            }
        }
    }

    /// <summary>
    /// Every subscription that matches the topic (MQTT 5.0 section 4.7), in the order of the levels and then of the sessions. The city's own topics are as those that begin with $: who subscribed to everything did not mean a notice to somebody else.
    /// </summary>
    public List<(string Session, TopicSubscription Subscription)> Match(string topic)
    {
        List<(string, TopicSubscription)> found = [];
        Match(root, topic.Split('/'), 0, isOwn: topic.StartsWith('$') || TopicFilters.IsOwn(Encoding.UTF8.GetBytes(topic)), found);
        return found;
    }

    /// <summary>Where a filter's subscriptions stand; null where it has none.</summary>
    private Node? NodeOf(string filter)
    {
        Node? node = root;
        foreach (string level in SharedFilter.Inner(filter).Split('/'))
        {
            if (node.Children is null || !node.Children.TryGetValue(level, out node))
            {
                return null;
            }
        }

        return node;
    }

    private static void Match(Node node, string[] levels, int depth, bool isOwn, List<(string, TopicSubscription)> found)
    {
        bool wild = depth > 0 || !isOwn;
        if (wild && node.Children is not null && node.Children.TryGetValue("#", out Node? all))
        {
            all.AddTo(found);
        }

        if (depth == levels.Length)
        {
            node.AddTo(found);
            return;
        }

        if (node.Children is null)
        {
            return;
        }

        if (wild && node.Children.TryGetValue("+", out Node? any))
        {
            Match(any, levels, depth + 1, isOwn, found);
        }

        if (levels[depth] is not ("+" or "#") && node.Children.TryGetValue(levels[depth], out Node? named))
        {
            Match(named, levels, depth + 1, isOwn, found);
        }
    }

    private static bool Remove(Node node, string[] levels, int depth, (string Filter, string Session) own)
    {
        if (depth == levels.Length)
        {
            return node.Own?.Remove(own) ?? false;
        }

        if (node.Children is null || !node.Children.TryGetValue(levels[depth], out Node? child) || !Remove(child, levels, depth + 1, own))
        {
            return false;
        }

        if (child.IsEmpty)
        {
            node.Children.Remove(levels[depth]);
        }

        return true;
    }

    private sealed class Node
    {
        public SortedDictionary<string, Node>? Children { get; set; }

        /// <summary>Subscriptions whose filter ends here, by the whole filter, which names the group of a shared one, and session.</summary>
        public SortedDictionary<(string Filter, string Session), TopicSubscription>? Own { get; set; }

        public bool IsEmpty => Children is not { Count: > 0 } && Own is not { Count: > 0 };

        public void AddTo(List<(string, TopicSubscription)> found)
        {
            if (Own is null)
            {
                return;
            }

            foreach (((_, string session), TopicSubscription subscription) in Own)
            {
                found.Add((session, subscription));
            }
        }
    }
}
