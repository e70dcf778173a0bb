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
    [InlineData("operator", null, "*", "v1/departments/police/harbour/alerts", null)]
    [InlineData("member", null, "*", "v1/departments/police/harbour/alerts", null)]
    [InlineData("administrator", null, "*", "v1/departments/+/harbour/alerts", null)]
    [InlineData("supervisor", "transport", "*", "v1/departments/police/harbour/alerts", null)]
    public void A_token_reads_its_own_departments_and_districts_feeds(string role, string? department, string district, string filter, string? feed)
    {
        TokenRegistration token = new("t", role, department, district, "", 0);

        Assert.Equal(feed is not null, SubscriptionRules.TryResolve(token, filter, out string found));
        Assert.Equal(feed ?? "", found);
    }

    [Fact]
    public void A_device_reads_no_feed() => Assert.False(SubscriptionRules.TryResolve(null, "v1/departments/transport/harbour/alerts", out _));
}
