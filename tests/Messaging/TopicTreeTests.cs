using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Xunit;

namespace Streaming.Tests.Messaging;

public class TopicTreeTests
{
    /// <summary>The tree against the plain rule of one filter and one topic, over everything of a few levels.</summary>
    [Fact]
    public void What_the_tree_finds_is_what_each_filter_matches()
    {
        string[] filters = ["#", "+", "+/#", "a", "a/#", "a/+", "a/b", "a/b/#", "+/b", "+/+", "/#", "/+", "/a", "a//b", "a/+/b", "$x/#", "$x/a", "+/a"];
        TopicTree tree = new();
        foreach (string filter in filters)
        {
            tree.Put($"s-{filter}", new TopicSubscription(filter, 1));
        }

        string[] topics = ["a", "b", "a/b", "a/b/c", "a/a", "/", "/a", "a//b", "a/c/b", "$x", "$x/a", "$y/a", "a/"];
        foreach (string topic in topics)
        {
            string[] expected = [.. filters.Where(filter => TopicFilters.Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic))).Order(StringComparer.Ordinal)];
            Assert.Equal(expected, tree.Match(topic).Select(each => each.Subscription.Filter).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void What_is_removed_leaves_nothing_behind()
    {
        TopicTree tree = new();
        tree.Put("s1", new TopicSubscription("a/+/c", 0));
        tree.Put("s2", new TopicSubscription("a/+/c", 1));
        tree.Put("s1", new TopicSubscription("a/+/c", 2));
        Assert.Equal(2, tree.Count);
        Assert.Equal(2, tree.Find("s1", "a/+/c")!.Qos);
        tree.Remove("s1", "a/b/c");
        tree.Remove("s1", "a/+/c");
        tree.Remove("s1", "a/+/c");
        Assert.Equal(["s2"], tree.Match("a/b/c").Select(each => each.Session));
        tree.Remove("s2", "a/+/c");
        Assert.Empty(tree.Match("a/b/c"));
        Assert.Equal((0, 0), (tree.Count, tree.FiltersOf("s1").Count));
    }
}
