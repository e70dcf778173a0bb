using System.Text;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Xunit;

namespace Streaming.Tests.Mqtt;

public sealed class TopicNamesTests
{
    [Theory]
    [InlineData("v1/wim/S07/+", "v1/wim/S07/2", true)]
    [InlineData("v1/wim/S07/+", "v1/wim/S07", false)]
    [InlineData("v1/wim/S07/+", "v1/wim/S07/2/3", false)]
    [InlineData("v1/wim/S07/+", "v1/wim/S070/2", false)]
    [InlineData("v1/wim/S07/+", "v1/wim/S07/", true)]
    [InlineData("v1/#", "v1/wim/S07/2", true)]
    [InlineData("v1/#", "v1", true)]
    [InlineData("v1/#", "v10", false)]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("+/x", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/x", true)]
    [InlineData("+/+", "/a", true)]
    [InlineData("/+", "/a", true)]
    [InlineData("+", "/a", false)]
    [InlineData("a/+/c", "a//c", true)]
    [InlineData("a", "a", true)]
    [InlineData("a", "a/", false)]
    [InlineData("a/", "a", false)]
    public void Filters_match_as_the_specification_says(string filter, string topic, bool matches) =>
        Assert.Equal(matches, TopicNames.Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(topic)));

    [Theory]
    [InlineData("", false)]
    [InlineData("#", true)]
    [InlineData("a/#", true)]
    [InlineData("a/#/b", false)]
    [InlineData("a#", false)]
    [InlineData("a/b+", false)]
    [InlineData("+/+", true)]
    [InlineData("/", true)]
    public void Wildcards_fill_whole_levels(string filter, bool valid) => Assert.Equal(valid, TopicNames.IsFilter(Encoding.UTF8.GetBytes(filter)));

    [Fact]
    public void A_permission_is_the_same_when_it_is_remembered_as_when_it_is_worked_out()
    {
        TopicPermissions permissions = new(["v1/wim/S07/+", "not/a#filter"]);
        for (int round = 0; round < 3; round++)
        {
            // More topics than are remembered, so that places are given up and taken again.
            for (int lane = 0; lane < 3 * MqttLimits.RememberedTopics; lane++)
            {
                Assert.Equal(MqttRefusal.None, permissions.Judge(Encoding.UTF8.GetBytes($"v1/wim/S07/{lane}"), out bool own));
                Assert.True(own, $"lane {lane} in round {round}");
                Assert.Equal(MqttRefusal.None, permissions.Judge(Encoding.UTF8.GetBytes($"v1/wim/S08/{lane}"), out bool other));
                Assert.False(other, $"lane {lane} in round {round}");
            }
        }

        Assert.Equal(MqttRefusal.TextNotUtf8, permissions.Judge([0xC3, 0x28], out _));
        Assert.Equal(MqttRefusal.TextHasNul, permissions.Judge([(byte)'a', 0], out _));
        Assert.Equal(MqttRefusal.TopicNameInvalid, permissions.Judge("v1/wim/S07/+"u8, out _));
    }
}
