using Streaming.Grains.Rules;
using Xunit;

namespace Streaming.Tests.Rules;

public class SupervisionRulesTests
{
    [Fact]
    public void What_is_hasty_is_the_citys_to_say_and_absent_from_the_canonical_form_where_it_is_the_default()
    {
        Rulebook city = Rulebook.Load(CityRules.Files("limits.json", "\"hastyMinutes\": 5, \"lookNeeded\": true", "\"hastyMinutes\": 30, \"lookNeeded\": false"), out _)!;
        Assert.Equal(new SupervisionRules { HastyMinutes = 30, LookNeeded = false }, Rulebook.Parse(city.ToJson()).Supervision);
        Assert.DoesNotContain("\"supervision\"", System.Text.Encoding.UTF8.GetString(CityRules.Shipped.ToJson()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"hastyMinutes\": 1441", "$.supervision.hastyMinutes: found 1441; expected it must be 0 to 1440")]
    [InlineData("\"hastyMinutes\": -1", "$.supervision.hastyMinutes: found -1")]
    [InlineData("\"hastyMinuts\": 5", "Did you mean \"hastyMinutes\"?")]
    [InlineData("\"hastyMinutes\": \"5\"", "a whole number")]
    public void A_value_that_makes_no_sense_is_refused_with_its_place(string replace, string said)
    {
        Assert.Null(Rulebook.Load(CityRules.Files("limits.json", "\"hastyMinutes\": 5", replace), out IReadOnlyList<RulebookProblem> problems));
        Assert.Contains(problems, problem => problem.File == "limits.json" && problem.ToString().Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void Dismissed_offers_are_part_of_what_was_decided()
    {
        DismissedOffer dismissed = new("0123456789abcdef", "chief", new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero), "a single fair");
        Rulebook decided = CityRules.Shipped.With(new RulebookDecisions { DismissedOffers = [dismissed] }).WithVersion(8);
        Assert.False(decided.Decisions.IsEmpty);
        Assert.Equal(dismissed, Assert.Single(Rulebook.Parse(decided.ToJson()).Decisions.DismissedOffers));
        Assert.NotEqual(CityRules.Shipped.ContentHash, decided.ContentHash);
    }
}
