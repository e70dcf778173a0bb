using System.Text;
using Streaming.Grains.Messaging;
using Xunit;

namespace Streaming.Tests.Messaging;

public class TopicFiltersTests
{
    [Theory]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "#", true)]
    [InlineData("#", "+/b", true)]
    [InlineData("#", "$SYS/#", false)]
    [InlineData("+/b", "$SYS/b", false)]
    [InlineData("$SYS/#", "$SYS/b", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/#", true)]
    [InlineData("a/#", "ab", false)]
    [InlineData("a/#", "#", false)]
    [InlineData("a/+", "a/#", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/+", true)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/b", "a/+", false)]
    [InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a", false)]
    [InlineData("+/+", "a", false)]
    [InlineData("+", "/", false)]
    [InlineData("+/+", "/", true)]
    public void A_filter_covers_what_matches_no_more_than_it_does(string wider, string filter, bool covers) =>
        Assert.Equal(covers, TopicFilters.Covers(Encoding.UTF8.GetBytes(wider), Encoding.UTF8.GetBytes(filter)));

    /// <summary>Over all filters and topics of a few levels: whatever a covered filter matches, the wider one matches; and where one is not covered, some topic says so.</summary>
    [Fact]
    public void Covering_agrees_with_matching()
    {
        string[] filters = [.. Words(["a", "b", "+", "#"], 3).Where(IsFilter)];
        string[] topics = [.. Words(["a", "b", "c", ""], 4).Where(topic => topic.Length > 0)];
        foreach (string wider in filters)
        {
            foreach (string filter in filters)
            {
                bool holds = topics.All(topic => !Matches(filter, topic) || Matches(wider, topic));
                Assert.True(holds == TopicFilters.Covers(Encoding.UTF8.GetBytes(wider), Encoding.UTF8.GetBytes(filter)), $"{wider} and {filter}: {holds}");
            }
        }
    }

    [Theory]
    [InlineData("v1", true)]
    [InlineData("v1/wim/S07/1", true)]
    [InlineData("v10/wim", false)]
    [InlineData("v", false)]
    [InlineData("a/v1", false)]
    public void The_citys_own_topics_are_those_under_v1(string topic, bool isOwn) => Assert.Equal(isOwn, TopicFilters.IsOwn(Encoding.UTF8.GetBytes(topic)));

    private static bool Matches(string filter, string topic) => TopicFilters.Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic));

    private static bool IsFilter(string text) => text.IndexOf('#', StringComparison.Ordinal) is var hash && (hash < 0 || hash == text.Length - 1);

    private static IEnumerable<string> Words(string[] levels, int most) =>
        most == 1 ? levels : levels.Concat(from head in levels from tail in Words(levels, most - 1) select $"{head}/{tail}");
}
