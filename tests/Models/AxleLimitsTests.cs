using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Xunit;

namespace Streaming.Tests.Models;

/// <summary>Limits of 96/53/EC as transportxxl.eu/axle_loads-9.html has them; those of GB 1589-2016 were not verified.</summary>
public sealed class AxleLimitsTests
{
    private readonly AxleLimits eu = LimitProfiles.Eu.Axles!;

    [Fact]
    public void Axles_closer_than_the_bound_are_one_group()
    {
        AxleGroup[] groups = new AxleGroup[6];
        int count = AxleGroups.Find(Axles((7_000, 0), (9_000, 3_600), (8_000, 4_900), (7_500, 9_000), (7_600, 10_310), (7_700, 11_630)), 1_800, groups);

        Assert.Equal(
            [new AxleGroup(0, 1, 7_000, 0), new AxleGroup(1, 2, 17_000, 1_300), new AxleGroup(3, 3, 22_800, 1_320)],
            groups[..count]);
        Assert.Equal([AxleGroupKind.Single, AxleGroupKind.Tandem, AxleGroupKind.TriAxle], groups[..count].Select(group => group.Kind));

        // A single axle, a tandem and a tri-axle count as six, as in the table of gross limits.
        Assert.Equal(6, groups[..count].Sum(group => group.Count));
        Assert.Equal(6, AxleGroups.Find(Axles((1, 0), (1, 1_800), (1, 3_600), (1, 5_400), (1, 7_200), (1, 9_000)), 1_800, groups));
        Assert.Equal(1, AxleGroups.Find(Axles((1, 0), (1, 1_799), (1, 3_598), (1, 5_397)), 1_800, groups));
        Assert.Equal(AxleGroupKind.Larger, groups[0].Kind);
        Assert.Equal(0, AxleGroups.Find(Axles((1, 0), (1, 0)), 1_800, groups));
        Assert.Equal(0, AxleGroups.Find([], 1_800, groups));
    }

    [Theory]
    [InlineData(999, true, 11_000)]
    [InlineData(999, false, 11_500)]
    [InlineData(1_000, true, 16_000)]
    [InlineData(1_299, false, 16_000)]
    [InlineData(1_300, true, 18_000)]
    [InlineData(1_300, false, 19_000)]
    [InlineData(1_799, true, 18_000)]
    public void Tandem_has_the_limit_of_its_spacing(int spacingMm, bool trailer, int limitKg) =>
        Assert.Equal(limitKg, eu.GroupKg(new AxleGroup(1, 2, 0, spacingMm), trailer));

    [Theory]
    [InlineData(1_300, 21_000)]
    [InlineData(1_301, 24_000)]
    [InlineData(1_400, 24_000)]
    [InlineData(1_401, 0)]
    public void Tri_axle_has_the_limit_of_its_spacing(int spacingMm, int limitKg) =>
        Assert.Equal(limitKg, eu.GroupKg(new AxleGroup(3, 3, 0, spacingMm), trailer: true));

    [Fact]
    public void The_last_group_of_a_combination_is_the_trailers_and_any_other_may_be_driven()
    {
        Axle[] axles = Axles((6_000, 0), (11_000, 3_700), (11_000, 9_000));

        LimitBreach combination = eu.Worst(axles, VehicleClass.Combination);
        Assert.Equal(new LimitBreach(LimitCriterion.Axle, 2, 1, 11_000, 10_000, false), combination);
        Assert.True(combination.IsOver);
        Assert.False(eu.Worst(axles, VehicleClass.Rigid).IsOver);
        Assert.False(eu.Worst(axles, VehicleClass.Unknown).IsOver);
    }

    [Fact]
    public void A_group_without_a_limit_is_judged_axle_by_axle()
    {
        LimitBreach four = eu.Worst(Axles((9_000, 0), (9_000, 1_400), (12_000, 2_800), (9_000, 4_200)), VehicleClass.Rigid);
        Assert.Equal(new LimitBreach(LimitCriterion.Axle, 2, 1, 12_000, 11_500, false), four);

        LimitBreach wide = eu.Worst(Axles((6_000, 0), (9_900, 4_000), (9_900, 5_500), (10_001, 7_000)), VehicleClass.Combination);
        Assert.Equal(new LimitBreach(LimitCriterion.Axle, 3, 1, 10_001, 10_000, false), wide);
    }

    [Fact]
    public void The_largest_share_of_a_limit_is_the_worst_and_the_first_of_equals()
    {
        LimitBreach worst = eu.Worst(Axles((6_000, 0), (11_600, 3_700), (11_000, 9_000), (11_000, 10_310)), VehicleClass.Combination);

        // 22 t on a tandem of 18 t is 122 %, 11.6 t on an axle of 11.5 t not 101 %.
        Assert.Equal(new LimitBreach(LimitCriterion.Group, 2, 2, 22_000, 18_000, false), worst);
        Assert.Equal(4_000, worst.OverKg);
        Assert.Equal(0, eu.Worst(Axles((8_000, 0), (8_000, 5_000)), VehicleClass.Rigid).FirstAxle);
    }

    [Fact]
    public void An_axle_is_judged_beside_the_gross_mass_and_the_worse_is_told()
    {
        RoadLimits limits = new() { Profile = "eu" };
        RoadJudgement axle = limits.JudgeWithAxles(Weighing(17_500, VehicleClass.Rigid, (5_000, 0), (12_500, 4_500)));
        Assert.False(axle.IsOver);
        Assert.Equal(new LimitBreach(LimitCriterion.Axle, 1, 1, 12_500, 11_500, false), axle.Worst);

        RoadJudgement gross = limits.JudgeWithAxles(Weighing(20_000, VehicleClass.Rigid, (8_400, 0), (11_600, 4_500)));
        Assert.True(gross.OnAxles.IsOver);
        Assert.Equal(new LimitBreach(LimitCriterion.Gross, 0, 0, 20_000, 18_000, false), gross.Worst);
        Assert.Equal(limits.Severity(gross), limits.Severity(gross.Worst));

        RoadJudgement kept = limits.JudgeWithAxles(Weighing(16_000, VehicleClass.Rigid, (6_000, 0), (10_000, 4_500)));
        Assert.False(kept.Worst.IsJudged);
        Assert.True(kept.OnAxles.IsJudged);
    }

    [Fact]
    public void Nobody_is_accused_by_advice_nor_with_a_permit_nor_in_a_bus()
    {
        RoadLimits cn = new() { Profile = "cn" };
        RoadJudgement advice = cn.JudgeWithAxles(Weighing(17_500, VehicleClass.Rigid, (5_000, 0), (12_500, 4_500)));
        Assert.True(advice.OnAxles is { IsOver: true, IsAdvisory: true, LimitKg: 11_500 });
        Assert.False(advice.Worst.IsJudged);

        RoadLimits eu = new() { Profile = "eu" };
        Assert.False(eu.JudgeWithAxles(Weighing(17_500, VehicleClass.Rigid, (5_000, 0), (12_500, 4_500)), permitKg: 30_000).OnAxles.IsJudged);
        Assert.False(eu.JudgeWithAxles(Weighing(17_500, VehicleClass.Bus, (5_000, 0), (12_500, 4_500))).OnAxles.IsJudged);
        Assert.False(new RoadLimits().JudgeWithAxles(Weighing(17_500, VehicleClass.Rigid, (5_000, 0), (12_500, 4_500))).OnAxles.IsJudged);
    }

    [Fact]
    public void Advice_does_not_hide_what_is_law()
    {
        RoadLimits both = new() { Profile = "us", Axles = new AxleLimits { SingleKg = 5_000, DriveKg = 5_000, Advisory = true } };

        RoadJudgement lawKept = both.JudgeWithAxles(Weighing(12_000, VehicleClass.Rigid, (4_000, 0), (8_000, 4_000)));
        Assert.Equal(new LimitBreach(LimitCriterion.Axle, 1, 1, 8_000, 5_000, true), lawKept.OnAxles);
        Assert.False(lawKept.Worst.IsJudged);

        RoadJudgement lawBroken = both.JudgeWithAxles(Weighing(13_500, VehicleClass.Rigid, (4_000, 0), (9_500, 4_000)));
        Assert.Equal(new LimitBreach(LimitCriterion.Axle, 1, 1, 9_500, 9_071, false), lawBroken.OnAxles);
        Assert.Equal(lawBroken.OnAxles, lawBroken.Worst);
    }

    [Fact]
    public void Each_wrong_figure_is_named()
    {
        AxleLimits wrong = eu with
        {
            GroupBelowMm = 0,
            SingleKg = -1,
            Tandem = [new() { BelowMm = 1_300, TrailerKg = 1, MotorKg = 1 }, new() { BelowMm = 1_000, TrailerKg = 0, MotorKg = 1 }],
            LegalSource = " ",
        };
        string problems = string.Join('\n', new RoadLimits { Profile = "eu", Axles = wrong }.Problems());

        Assert.Contains("axles.groupBelowMm is 0", problems, StringComparison.Ordinal);
        Assert.Contains("axles.singleKg is -1", problems, StringComparison.Ordinal);
        Assert.Contains("axles.tandem[1].belowMm is 1000", problems, StringComparison.Ordinal);
        Assert.Contains("axles.tandem[1] has trailerKg 0", problems, StringComparison.Ordinal);
        Assert.Contains("axles.legalSource", problems, StringComparison.Ordinal);
        Assert.All(LimitProfiles.Names, name => Assert.Empty(new RoadLimits { Profile = name }.Problems()));
        Assert.Contains("profile is \"EU\"; it must be one of cn, eu, us", string.Join('\n', new RoadLimits { Profile = "EU" }.Problems()), StringComparison.Ordinal);
    }

    internal static WeighReading Weighing(int grossKg, VehicleClass body, params (int Kg, int Mm)[] axles)
    {
        WeighReading reading = new() { GrossKg = grossKg, AxleCount = axles.Length, VehicleClass = body };
        for (int i = 0; i < axles.Length; i++)
        {
            reading.Axles[i] = new Axle { MassKg = axles[i].Kg, OffsetMm = axles[i].Mm };
        }

        return reading;
    }

    private static Axle[] Axles(params (int Kg, int Mm)[] axles) => [.. axles.Select(axle => new Axle { MassKg = axle.Kg, OffsetMm = axle.Mm })];
}
