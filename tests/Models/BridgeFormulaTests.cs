using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Xunit;

namespace Streaming.Tests.Models;

/// <summary>
/// Figures are of published tables: California Vehicle Code § 35551 (leginfo.legislature.ca.gov, AB-1953), whose columns for 2, 3 and 4 axles are those of the federal table B; FHWA, Bridge Formula Weights
/// (FHWA-HOP-19-028), for the exception of two tandems. What is not there follows from the formula by hand and says so.
/// </summary>
public sealed class BridgeFormulaTests
{
    private readonly BridgeLimits limits = new();

    [Theory]
    [InlineData(2, 9, 39_000)]
    [InlineData(3, 9, 42_500)]
    [InlineData(3, 10, 43_500)]
    [InlineData(3, 11, 44_000)]
    [InlineData(3, 12, 45_000)]
    [InlineData(3, 13, 45_500)]
    [InlineData(3, 14, 46_500)]
    [InlineData(3, 15, 47_000)]
    [InlineData(3, 20, 51_000)]
    [InlineData(3, 21, 51_500)]
    [InlineData(3, 28, 57_000)]
    [InlineData(4, 12, 50_000)]
    [InlineData(4, 13, 50_500)]
    [InlineData(4, 14, 51_500)]
    [InlineData(4, 15, 52_000)]
    [InlineData(4, 16, 52_500)]
    [InlineData(4, 17, 53_500)]
    [InlineData(4, 18, 54_000)]
    [InlineData(4, 19, 54_500)]
    [InlineData(4, 20, 55_500)]
    [InlineData(4, 21, 56_000)]
    [InlineData(4, 22, 56_500)]
    [InlineData(4, 23, 57_500)]
    [InlineData(4, 24, 58_000)]
    [InlineData(4, 25, 58_500)]
    [InlineData(4, 26, 59_500)]
    [InlineData(4, 27, 60_000)]
    [InlineData(4, 28, 60_500)]
    [InlineData(4, 36, 66_000)] // FHWA-HOP-19-028: what the bare formula allows two tandems at 36 ft.
    [InlineData(5, 51, 80_000)] // 500 · (63.75 + 96) = 79,875, by hand.
    [InlineData(5, 41, 73_500)] // 500 · (51.25 + 96) = 73,625, by hand.
    [InlineData(2, 4, 34_000)]  // 500 · (8 + 60), by hand.
    [InlineData(2, 8, 38_000)]  // 500 · (16 + 60), by hand.
    public void Formula_gives_the_published_table(int axles, int feet, int lb) =>
        Assert.Equal(lb, BridgeFormula.FormulaLb(axles, feet * BridgeFormula.FootTenthMm));

    [Fact]
    public void Formula_agrees_with_decimals_everywhere()
    {
        for (int axles = 2; axles <= 16; axles++)
        {
            for (int mm = 0; mm <= 30_000; mm += 7)
            {
                decimal bracket = (mm / 304.8m * axles / (axles - 1)) + (12 * axles) + 36;
                decimal whole = Math.Floor(bracket);
                decimal rounded = bracket - whole > 0.5m ? whole + 1 : whole;
                Assert.Equal((int)rounded * 500, BridgeFormula.FormulaLb(axles, mm * 10));
            }
        }
    }

    [Theory]
    [InlineData(20_000, 9_071)]
    [InlineData(34_000, 15_422)]
    [InlineData(80_000, 36_287)]
    public void Pounds_become_the_whole_kg_below(int lb, int kg)
    {
        Assert.Equal(kg, BridgeFormula.FloorKg(lb));
        Assert.True(kg <= lb * 0.45359237m && kg + 1 > lb * 0.45359237m);
    }

    [Theory]
    [InlineData(40, LimitCriterion.Axle, 20_000)]
    [InlineData(41, LimitCriterion.Group, 34_000)]
    [InlineData(96, LimitCriterion.Group, 34_000)]
    [InlineData(108, LimitCriterion.Bridge, 39_000)]
    [InlineData(120, LimitCriterion.Bridge, 40_000)]
    [InlineData(240, LimitCriterion.Bridge, 40_000)] // The published table stays at 40,000 for two axles, which is 20,000 each.
    public void Two_axles_are_one_a_tandem_or_a_bridge_group_by_their_distance(int inches, LimitCriterion criterion, int lb) =>
        Assert.Equal((criterion, lb), limits.Limit(Feet((0, 0), (0, inches / 12m)), 0, 1));

    [Fact]
    public void Three_axles_within_eight_feet_are_a_tandem() =>
        Assert.Equal((LimitCriterion.Group, 34_000), limits.Limit(Feet((0, 0), (0, 4), (0, 7.8m)), 0, 2));

    [Theory]
    [InlineData(359, 66_000)] // 500 · (47.87 + 84) = 65,933, by hand.
    [InlineData(360, 68_000)]
    [InlineData(380, 68_000)]
    [InlineData(391, 68_000)] // 500 · (52.13 + 84) = 68,067, by hand: the formula itself.
    public void Two_tandems_36_feet_apart_carry_34000_each(int tenthFeet, int lb) =>
        Assert.Equal((LimitCriterion.Bridge, lb), limits.Limit(Feet((0, 0), (0, 4), (0, (tenthFeet / 10m) - 4), (0, tenthFeet / 10m)), 0, 3));

    [Fact]
    public void The_exception_takes_two_tandems() =>
        Assert.Equal((LimitCriterion.Bridge, 66_000), limits.Limit(Feet((0, 0), (0, 12), (0, 24), (0, 36)), 0, 3));

    [Fact]
    public void A_five_axle_semitrailer_of_80000_lb_over_51_feet_is_legal_and_one_over_41_feet_is_not()
    {
        // 12,000 + 34,000 + 34,000 lb, the tandems just over 36 ft or 30 ft overall. In kg rounded down, so that no group is over by the rounding.
        LimitBreach legal = limits.Worst(Feet((12_000, 0), (17_000, 14.9m), (17_000, 18.9m), (17_000, 47), (17_000, 51)));
        LimitBreach shorter = limits.Worst(Feet((12_000, 0), (17_000, 11), (17_000, 15), (17_000, 37), (17_000, 41)));

        Assert.False(legal.IsOver);

        // Axles 2 to 5 over 30 ft: 500 · (40 + 84) = 62,000 lb against 68,000, which is worse than 73,500 against 80,000.
        Assert.True(shorter.IsOver);
        Assert.Equal((LimitCriterion.Bridge, 1, 4), (shorter.Criterion, shorter.FirstAxle, shorter.AxleCount));
        Assert.Equal(BridgeFormula.FloorKg(62_000), shorter.LimitKg);
        Assert.Equal(4 * Kg(17_000), shorter.MassKg);
    }

    [Fact]
    public void The_worst_of_a_single_axle_a_tandem_and_a_bridge_group_is_told()
    {
        LimitBreach single = limits.Worst(Feet((10_000, 0), (25_000, 20)));
        LimitBreach tandem = limits.Worst(Feet((10_000, 0), (21_000, 20), (19_000, 24)));

        Assert.Equal((LimitCriterion.Axle, 1, 1, 9_071), (single.Criterion, single.FirstAxle, single.AxleCount, single.LimitKg));
        Assert.Equal((LimitCriterion.Group, 1, 2, 15_422), (tandem.Criterion, tandem.FirstAxle, tandem.AxleCount, tandem.LimitKg));
    }

    [Fact]
    public void Without_rising_offsets_nothing_is_judged()
    {
        Assert.False(limits.Worst([]).IsJudged);
        Assert.False(limits.Worst([new Axle { MassKg = 20_000 }, new Axle { MassKg = 20_000 }]).IsJudged);
    }

    [Fact]
    public void Each_wrong_figure_is_named()
    {
        string problems = string.Join('\n', (limits with { SingleLb = 0, TandemUpToIn = 30, TwoTandemsFromFt = -1, LegalSource = "" }).Problems());

        Assert.Empty(limits.Problems());
        Assert.Contains("bridge.singleLb, tandemLb and grossLb are 0, 34000 and 80000", problems, StringComparison.Ordinal);
        Assert.Contains("bridge.singleUpToIn and tandemUpToIn are 40 and 30", problems, StringComparison.Ordinal);
        Assert.Contains("bridge.twoTandemsFromFt is -1", problems, StringComparison.Ordinal);
        Assert.Contains("bridge.legalSource", problems, StringComparison.Ordinal);
    }

    private static int Kg(int lb) => (int)(lb * 0.45359237m);

    /// <summary>Axles of lb at feet behind the first; feet are rounded to the mm above, as a distance that is just reached is.</summary>
    private static Axle[] Feet(params (int Lb, decimal Feet)[] axles) =>
        [.. axles.Select(axle => new Axle { MassKg = Kg(axle.Lb), OffsetMm = (int)Math.Floor(axle.Feet * 304.8m) + (axle.Feet >= 9 ? 1 : 0) })];
}
