using Streaming.Models.Limits;
using Xunit;

namespace Streaming.Tests.Models;

/// <summary>Road Traffic Safety Law Art. 92: over the rated load, and more than 30 % over it the heavier class.</summary>
public sealed class RatedLoadsTests
{
    /// <summary>A rigid truck of two axles: 5,875 kg empty, 9,925 kg rated, so 15,800 kg laden; the road would let it weigh 18,000.</summary>
    private static readonly RegisteredLoad Truck = new(2, 9_925, 5_875);

    private readonly RatedLoads rules = new();

    [Theory]
    [InlineData(15_799, 0)]
    [InlineData(15_800, 0)]
    [InlineData(15_801, 1)]
    [InlineData(18_000, 2_200)]
    [InlineData(4_000, 0)]
    public void The_load_is_the_gross_mass_less_the_curb_mass(int grossKg, int overKg)
    {
        RatedLoadJudgement judgement = RatedLoads.Judge(grossKg, 2, Truck);

        Assert.Equal((RatedLoadRule.Judged, Math.Max(0, grossKg - 5_875), overKg, overKg > 0), (judgement.Rule, judgement.LoadKg, judgement.OverKg, judgement.IsOver));
        Assert.Equal(15_800, judgement.AllowedGrossKg);
    }

    [Fact]
    public void What_is_not_registered_accuses_nobody()
    {
        Assert.Equal(RatedLoadRule.None, RatedLoads.Judge(60_000, 2, default).Rule);
        Assert.Equal(RatedLoadRule.NoRatedLoad, RatedLoads.Judge(60_000, 2, Truck with { RatedLoadKg = 0 }).Rule);
        Assert.Equal(RatedLoadRule.NoCurbMass, RatedLoads.Judge(60_000, 2, Truck with { CurbKg = 0 }).Rule);
        Assert.All([RatedLoads.Judge(60_000, 2, default), RatedLoads.Judge(60_000, 2, Truck with { CurbKg = 0 })], judgement => Assert.False(judgement.IsOver || judgement.IsJudged));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(4, 2)]
    [InlineData(2, 0)]
    public void What_crossed_the_scale_with_other_axles_is_not_what_is_registered(int weighed, int registered) =>
        Assert.Equal((RatedLoadRule.OtherAxles, 0), (RatedLoads.Judge(60_000, weighed, Truck with { Axles = registered }).Rule, RatedLoads.Judge(60_000, weighed, Truck with { Axles = registered }).OverKg));

    /// <summary>Of a rated load of 10,000 kg: 30 % are 3,000 kg, and only more than that is the heavier class.</summary>
    [Theory]
    [InlineData(1_000, 1, false)]
    [InlineData(1_001, 2, false)]
    [InlineData(3_000, 2, false)]
    [InlineData(3_001, 3, true)]
    [InlineData(10_000, 3, true)]
    [InlineData(10_001, 4, true)]
    public void More_than_thirty_percent_over_is_the_heavier_class(int overKg, int severity, bool heavier)
    {
        RatedLoadJudgement judgement = RatedLoads.Judge(5_000 + 10_000 + overKg, 3, new RegisteredLoad(3, 10_000, 5_000));

        Assert.Equal((severity, heavier), (rules.Severity(judgement), rules.IsHeavier(judgement)));
    }

    [Fact]
    public void A_share_is_rounded_half_up_in_whole_numbers()
    {
        Assert.Equal(22.17, RatedLoads.Judge(18_000, 2, Truck).OverPct);
        Assert.Equal(0.01, RatedLoads.Judge(15_801, 2, Truck).OverPct);
    }

    [Fact]
    public void Shares_that_fall_are_a_problem()
    {
        Assert.Empty(rules.Problems());
        Assert.Single((rules with { HeavierAbovePct = 5 }).Problems());
        Assert.Single((rules with { Severity3UpToPct = double.NaN }).Problems());
        Assert.Single((rules with { LegalSource = " " }).Problems());
    }
}
