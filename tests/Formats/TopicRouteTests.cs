using Streaming.Grains.Inputs;
using Streaming.Ingest.Formats;
using Xunit;

namespace Streaming.Tests.Formats;

public sealed class TopicRouteTests
{
    [Theory]
    [InlineData("v1/wim/S07/2", TopicKind.Weigh, "S07", "2")]
    [InlineData("v1/video/C07", TopicKind.Video, "C07", "")]
    [InlineData("v1/hazmat/vehicle/粤H12345-yellow", TopicKind.HazmatVehicle, "粤H12345-yellow", "")]
    [InlineData("v1/hazmat/plant/91440300/T-3", TopicKind.HazmatPlant, "91440300", "T-3")]
    [InlineData("v1/ledger/91440300", TopicKind.Ledger, "91440300", "")]
    [InlineData("v1/status/S07", TopicKind.Status, "S07", "")]
    public void Topic_is_taken_apart(string topic, object kind, string subject, string part)
    {
        Assert.True(TopicRoute.TryParse(Payloads.Utf8(topic), out TopicRoute route, out string problem), problem);
        Assert.Equal((TopicKind)kind, route.Kind);
        Assert.Equal(subject, Payloads.Text(route.Subject));
        Assert.Equal(part, Payloads.Text(route.Part));
    }

    [Theory]
    [InlineData("", "the topic does not start with v1/")]
    [InlineData("v1", "no such topic")]
    [InlineData("v1/", "no such topic")]
    [InlineData("v2/wim/S07/2", "the topic does not start with v1/")]
    [InlineData("/v1/wim/S07/2/", "v1/wim/{station}/{lane} expected")]
    [InlineData("V1/wim/S07/2", "the topic does not start with v1/")]
    [InlineData("v1/wim/S07", "v1/wim/{station}/{lane} expected")]
    [InlineData("v1/wim/S07/", "v1/wim/{station}/{lane} expected")]
    [InlineData("v1/wim//2", "v1/wim/{station}/{lane} expected")]
    [InlineData("v1/wim/S07/2/3", "v1/wim/{station}/{lane} expected")]
    [InlineData("v1/wim/S07/2/", "v1/wim/{station}/{lane} expected")]
    [InlineData("v1/video", "v1/video/{camera} expected")]
    [InlineData("v1/video/C07/x", "v1/video/{camera} expected")]
    [InlineData("v1/video/C07/", "v1/video/{camera} expected")]
    [InlineData("v1/video/+", "v1/video/{camera} expected")]
    [InlineData("v1/video/#", "v1/video/{camera} expected")]
    [InlineData("v1/video/a\u0001", "v1/video/{camera} expected")]
    [InlineData("v1/video/a\u0085", "v1/video/{camera} expected")]
    [InlineData("v1/hazmat/boat/1", "v1/hazmat/vehicle/{plate} or v1/hazmat/plant/{enterprise}/{unit} expected")]
    [InlineData("v1/hazmat/vehicle", "v1/hazmat/vehicle/{plate} expected")]
    [InlineData("v1/hazmat/plant/91440300", "v1/hazmat/plant/{enterprise}/{unit} expected")]
    [InlineData("v1/ledger", "v1/ledger/{enterprise} expected")]
    [InlineData("v1/status/", "v1/status/{source} expected")]
    [InlineData("v1/records", "v1/records/{resource} expected")]
    [InlineData("v1/departments/transport/harbour/acks", "no such topic")]
    public void Other_topics_are_refused_with_what_was_expected(string topic, string problem)
    {
        Assert.False(TopicRoute.TryParse(Payloads.Utf8(topic), out _, out string found));
        Assert.StartsWith(problem, found, StringComparison.Ordinal);
        Rejection rejection = Payloads.Decode(topic, Payloads.Weigh).OnlyRejection;
        Assert.Equal((RejectReason.UnknownTopic, found), (rejection.Reason, rejection.Detail));
    }

    [Fact]
    public void Level_has_a_length_and_is_utf8()
    {
        Assert.True(TopicRoute.TryParse(Payloads.Utf8("v1/video/" + new string('c', 64)), out _, out _));
        Assert.False(TopicRoute.TryParse(Payloads.Utf8("v1/video/" + new string('c', 65)), out _, out _));
        Assert.False(TopicRoute.TryParse([.. "v1/video/"u8, 0xC3], out _, out string problem));
        Assert.Equal("the topic is not UTF-8", problem);
    }

    [Fact]
    public void Taking_apart_allocates_nothing()
    {
        byte[] topic = Payloads.Utf8("v1/hazmat/plant/91440300/T-3");
        byte[] wrong = Payloads.Utf8("v1/hazmat/boat/1");
        bool asExpected = TopicRoute.TryParse(topic, out _, out _) && !TopicRoute.TryParse(wrong, out _, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            asExpected &= TopicRoute.TryParse(topic, out _, out _) && !TopicRoute.TryParse(wrong, out _, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(asExpected);
    }
}
