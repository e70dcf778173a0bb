using Streaming.Ingest.Brokers;
using Xunit;

namespace Streaming.Tests.Brokers;

public sealed class TopicTemplateTests
{
    [Theory]
    [InlineData("plant/+/wim/{station}/{lane}", "plant/+/wim/+/+")]
    [InlineData("v1/#", "v1/#")]
    [InlineData("a//{b}", "a//+")]
    [InlineData("#", "#")]
    public void A_template_subscribes_with_a_plus_for_each_name(string template, string filter) =>
        Assert.Equal(filter, Parsed(template).Filter);

    [Theory]
    [InlineData("plant/+/wim/{station}/{lane}", "plant/9/wim/S07/2", "S07,2")]
    [InlineData("plant/+/wim/{station}/{lane}", "plant//wim/S07/2", "S07,2")]
    [InlineData("plant/+/wim/{station}/{lane}", "plant/9/wim//2", null)]
    [InlineData("plant/+/wim/{station}/{lane}", "plant/9/wim/S07", null)]
    [InlineData("plant/+/wim/{station}/{lane}", "plant/9/wim/S07/2/3", null)]
    [InlineData("plant/+/wim/{station}/{lane}", "Plant/9/wim/S07/2", null)]
    [InlineData("{a}/#", "x", "x")]
    [InlineData("{a}/#", "x/y/z", "x")]
    [InlineData("x/{a}/#", "x", null)]
    public void A_topic_fits_level_by_level_and_gives_the_named_ones(string template, string topic, string? values)
    {
        bool fits = Parsed(template).Matches(topic, out string[] found);
        Assert.Equal(values is not null, fits);
        Assert.Equal(values ?? "", string.Join(',', found));
    }

    [Theory]
    [InlineData("", "a topic is expected")]
    [InlineData("a/b+", "level \"b+\"")]
    [InlineData("a/#/b", "level \"#\"")]
    [InlineData("a/x{b}", "level \"x{b}\"")]
    [InlineData("a/{}", "level \"{}\"")]
    [InlineData("a/{b}/{b}", "twice")]
    [InlineData("$share/g/a", "shareGroup")]
    public void What_is_no_template_is_said(string text, string problem)
    {
        Assert.Null(TopicTemplate.Parse(text, out string said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_filled_in_is_not_filled_again()
    {
        TopicTemplate template = Parsed("{station}/{lane}");
        Assert.Equal("v1/wim/{lane}/2", template.Fill("v1/wim/{station}/{lane}", ["{lane}", "2"]));
        Assert.Equal("gate-S07", template.Fill("gate-{station}", ["S07", "2"]));
    }

    [Theory]
    [InlineData("v1/wim/{station}", null)]
    [InlineData("{unit}", "{unit} is not a level")]
    [InlineData("{station", "do not pair")]
    [InlineData("station}", "do not pair")]
    [InlineData("", "empty")]
    public void A_text_to_be_filled_is_checked_before(string text, string? problem)
    {
        string? said = Parsed("{station}/{lane}").ProblemOf(text);
        Assert.Equal(problem is null, said is null);
        Assert.Contains(problem ?? "", said ?? "", StringComparison.Ordinal);
    }

    private static TopicTemplate Parsed(string text) => TopicTemplate.Parse(text, out string problem) ?? throw new InvalidOperationException(problem);
}
