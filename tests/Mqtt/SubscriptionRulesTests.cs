using Streaming.Grains.Messages;
using Streaming.Ingest.Mqtt;
using Xunit;

namespace Streaming.Tests.Mqtt;

public sealed class SubscriptionRulesTests
{
    [Theory]
    [InlineData("member", "transport", "*", "v1/departments/transport/harbour/alerts", "transport/harbour")]
    [InlineData("member", "transport", "*", "v1/departments/transport/+/alerts", "transport/*")]
    [InlineData("member", "transport", "*", "v1/departments/transport/#", "transport/*")]
    [InlineData("member", "transport", "*", "v1/departments/transport/+/#", "transport/*")]
    [InlineData("member", "transport", "harbour", "v1/departments/transport/harbour/alerts", "transport/harbour")]
    [InlineData("member", "transport", "harbour", "v1/departments/transport/+/alerts", "transport/harbour")]
    [InlineData("member", "transport", "harbour", "v1/departments/transport/#", "transport/harbour")]
    [InlineData("member", "transport", "harbour", "v1/departments/transport/north/alerts", null)]
    [InlineData("member", "transport", "*", "v1/departments/police/harbour/alerts", null)]
    [InlineData("member", "transport", "*", "v1/departments/+/harbour/alerts", null)]
    [InlineData("member", "transport", "*", "v1/departments/#", null)]
    [InlineData("member", "transport", "*", "v1/departments/transport", null)]
    [InlineData("member", "transport", "*", "v1/departments/transport/*/alerts", null)]
    [InlineData("member", "transport", "*", "v1/departments/transport/harbour/acks", null)]
    [InlineData("member", "transport", "*", "v1/departments/transport//alerts", null)]
    [InlineData("member", "transport", "*", "v1/departments/transport/harbour/alerts/x", null)]
    [InlineData("member", "transport", "*", "v1/wim/S07/2", null)]
    [InlineData("member", "transport", "*", "#", null)]
    [InlineData("member", "transport", "*", "v1/subjects/x/notices", null)]
    [InlineData("administrator", null, "*", "v1/departments/police/harbour/alerts", "police/harbour")]
    [InlineData("supervisor", null, "*", "v1/departments/police/+/alerts", "police/*")]
    [InlineData("operator", null, "*", "v1/departments/police/harbour/alerts", "police/harbour")]
    [InlineData("operator", null, "harbour", "v1/departments/police/+/alerts", "police/harbour")]
    [InlineData("operator", null, "harbour", "v1/departments/police/north/alerts", null)]
    [InlineData("inspector", null, "north", "v1/departments/police/north/alerts", "police/north")]
    [InlineData("administrator", "transport", "harbour", "v1/departments/police/north/alerts", "police/north")]
    [InlineData("member", null, "*", "v1/departments/police/harbour/alerts", null)]
    [InlineData("administrator", null, "*", "v1/departments/+/harbour/alerts", null)]
    [InlineData("supervisor", "transport", "*", "v1/departments/police/harbour/alerts", null)]
    public void A_token_reads_its_own_departments_and_districts_feeds(string role, string? department, string district, string filter, string? feed)
    {
        TokenRegistration token = new("t", role, department, district, "", 0);

        Assert.Equal(feed is not null, SubscriptionRules.TryResolve(token, filter, out string found));
        Assert.Equal(feed ?? "", found);
    }

    /// <summary>What is delivered has to match the filter that it was subscribed by: a district's subscriber gets its streets' alerts under the district's topic.</summary>
    [Theory]
    [InlineData("transport/*", "harbour.pier", "v1/departments/transport/harbour.pier/alerts")]
    [InlineData("transport/harbour", "harbour.pier", "v1/departments/transport/harbour/alerts")]
    [InlineData("transport/harbour.pier", "harbour.pier", "v1/departments/transport/harbour.pier/alerts")]
    public void An_items_topic_matches_what_was_subscribed_to(string feed, string district, string topic) => Assert.Equal(topic, SubscriptionRules.TopicOf(feed, district));

    [Fact]
    public void A_device_reads_no_feed() => Assert.False(SubscriptionRules.TryResolve(null, "v1/departments/transport/harbour/alerts", out _));
}
