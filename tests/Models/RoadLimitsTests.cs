using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Xunit;

namespace Streaming.Tests.Models;

public sealed class RoadLimitsTests
{
    private readonly RoadLimits limits = new();

    [Theory]
    [InlineData(2, VehicleClass.Rigid, 18_000, LimitRule.Rigid)]
    [InlineData(2, VehicleClass.Combination, 18_000, LimitRule.OneLimit)]
    [InlineData(2, VehicleClass.Unknown, 18_000, LimitRule.OneLimit)]
    [InlineData(3, VehicleClass.Rigid, 25_000, LimitRule.Rigid)]
    [InlineData(3, VehicleClass.Combination, 27_000, LimitRule.Combination)]
    [InlineData(3, VehicleClass.Unknown, 27_000, LimitRule.UnknownBody)]
    [InlineData(3, VehicleClass.Tanker, 27_000, LimitRule.UnknownBody)]
    [InlineData(3, VehicleClass.Other, 27_000, LimitRule.UnknownBody)]
    [InlineData(4, VehicleClass.Rigid, 31_000, LimitRule.Rigid)]
    [InlineData(4, VehicleClass.Combination, 36_000, LimitRule.Combination)]
    [InlineData(4, VehicleClass.Unknown, 36_000, LimitRule.UnknownBody)]
    [InlineData(5, VehicleClass.Rigid, 43_000, LimitRule.NoRigidRow)]
    [InlineData(5, VehicleClass.Combination, 43_000, LimitRule.Combination)]
    [InlineData(5, VehicleClass.Unknown, 43_000, LimitRule.OneLimit)]
    [InlineData(6, VehicleClass.Rigid, 49_000, LimitRule.NoRigidRow)]
    [InlineData(6, VehicleClass.Combination, 49_000, LimitRule.Combination)]
    [InlineData(6, VehicleClass.Unknown, 49_000, LimitRule.OneLimit)]
    [InlineData(9, VehicleClass.Combination, 49_000, LimitRule.Combination)]
    [InlineData(16, VehicleClass.Unknown, 49_000, LimitRule.OneLimit)]
    public void Axles_and_body_give_the_limit_of_the_table(int axles, VehicleClass body, int limitKg, LimitRule rule)
    {
        RoadJudgement at = limits.Judge(limitKg, axles, body);
        RoadJudgement above = limits.Judge(limitKg + 1, axles, body);

        Assert.Equal(limitKg, at.LimitKg);
        Assert.Equal(rule, at.Rule);
        Assert.False(at.IsOver);
        Assert.True(above.IsOver);
        Assert.Equal(1, above.OverKg);
    }

    [Fact]
    public void Sixty_tonnes_on_six_axles_are_11000_kg_or_22_45_percent_over()
    {
        RoadJudgement judgement = limits.Judge(60_000, 6, VehicleClass.Combination);

        Assert.Equal(49_000, judgement.LimitKg);
        Assert.Equal(11_000, judgement.OverKg);
        Assert.Equal(22.45, judgement.OverPct);
        Assert.Equal(2, limits.Severity(judgement));
        Assert.Equal(5_500, limits.PenaltyCny(judgement.OverKg));
        Assert.True(judgement.DriveAxlesUnknown);
        Assert.Contains("in the driver's favour", judgement.BasisEn(6), StringComparison.Ordinal);
        Assert.Contains("对驾驶人有利", judgement.BasisZh(6), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VehicleClass.Combination, 1, 46_000, LimitRule.SingleDriveAxle, false)]
    [InlineData(VehicleClass.Combination, 2, 49_000, LimitRule.Combination, false)]
    [InlineData(VehicleClass.Combination, 0, 49_000, LimitRule.Combination, true)]
    [InlineData(VehicleClass.Tanker, 1, 46_000, LimitRule.SingleDriveAxle, false)]
    [InlineData(VehicleClass.Rigid, 1, 49_000, LimitRule.NoRigidRow, false)]
    public void The_lower_limit_of_six_axles_takes_a_single_drive_axle_in_the_register(VehicleClass registered, int driveAxles, int limitKg, LimitRule rule, bool unknown)
    {
        RoadJudgement judgement = limits.Judge(47_000, 6, VehicleClass.Unknown, new RegisteredBuild(registered, driveAxles));

        Assert.Equal(limitKg, judgement.LimitKg);
        Assert.Equal(rule, judgement.Rule);
        Assert.Equal(unknown, judgement.DriveAxlesUnknown);
    }

    [Fact]
    public void The_register_goes_before_the_class_in_the_record()
    {
        RoadJudgement judgement = limits.Judge(26_000, 3, VehicleClass.Combination, new RegisteredBuild(VehicleClass.Rigid, 1));

        Assert.Equal(25_000, judgement.LimitKg);
        Assert.Equal(BodySource.Register, judgement.BodySource);
        Assert.Contains("register", judgement.BasisEn(3), StringComparison.Ordinal);
    }

    [Fact]
    public void A_register_that_says_tanker_leaves_the_body_to_the_record()
    {
        RoadJudgement judgement = limits.Judge(26_000, 3, VehicleClass.Rigid, new RegisteredBuild(VehicleClass.Tanker, 0));

        Assert.Equal(25_000, judgement.LimitKg);
        Assert.Equal(BodySource.Record, judgement.BodySource);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Without_axles_nothing_is_judged(int axles)
    {
        RoadJudgement judgement = limits.Judge(99_000, axles, VehicleClass.Rigid);

        Assert.False(judgement.IsJudged);
        Assert.False(judgement.IsOver);
        Assert.Equal(LimitRule.NoAxles, judgement.Rule);
        Assert.Equal(0, judgement.OverPct);
    }

    [Theory]
    [InlineData(VehicleClass.Car, 3_500, LimitRule.NotGoodsVehicle)]
    [InlineData(VehicleClass.Car, 3_501, LimitRule.OneLimit)]
    [InlineData(VehicleClass.Car, 19_000, LimitRule.OneLimit)]
    [InlineData(VehicleClass.Bus, 19_000, LimitRule.NotGoodsVehicle)]
    public void Buses_are_not_judged_and_cars_only_at_a_mass_no_car_has(VehicleClass body, int grossKg, LimitRule rule) =>
        Assert.Equal(rule, limits.Judge(grossKg, 2, body).Rule);

    [Fact]
    public void A_registered_car_is_not_judged_at_any_mass() =>
        Assert.False(limits.Judge(19_000, 2, VehicleClass.Unknown, new RegisteredBuild(VehicleClass.Car, 1)).IsJudged);

    [Theory]
    [InlineData(18_001, 1)]
    [InlineData(18_900, 1)]
    [InlineData(18_901, 2)]
    [InlineData(23_400, 2)]
    [InlineData(23_401, 3)]
    [InlineData(36_000, 3)]
    [InlineData(36_001, 4)]
    public void Severity_steps_at_5_30_and_100_percent_over(int grossKg, int severity) =>
        Assert.Equal(severity, limits.Severity(limits.Judge(grossKg, 2, VehicleClass.Rigid)));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1_000, 0)]
    [InlineData(1_001, 500)]
    [InlineData(1_999, 500)]
    [InlineData(2_000, 1_000)]
    [InlineData(11_000, 5_500)]
    [InlineData(59_999, 29_500)]
    [InlineData(60_000, 30_000)]
    [InlineData(70_000, 30_000)]
    public void The_penalty_counts_full_thousands_up_to_its_maximum(int overKg, int cny) => Assert.Equal(cny, limits.PenaltyCny(overKg));

    [Fact]
    public void Probability_rises_with_the_mass_and_is_one_half_on_the_limit()
    {
        double before = 0;
        for (int grossKg = 40_000; grossKg <= 62_000; grossKg += 50)
        {
            double probability = limits.Probability(grossKg, 49_000, 5);
            Assert.InRange(probability, before, 0.9999);
            before = probability;
        }

        Assert.Equal(0.5, limits.Probability(49_000, 49_000, 5));
        Assert.Equal(0.9999, limits.Probability(60_000, 49_000, 5));
    }

    [Fact]
    public void A_less_accurate_station_is_less_sure()
    {
        // One two-sided 95 % deviation above the limit is a probability of 97.5 %: 50,000 kg ± 2 % against 49,000 kg.
        Assert.Equal(0.975, limits.Probability(50_000, 49_000, 2), 4);
        Assert.True(limits.Probability(50_000, 49_000, 5) < limits.Probability(50_000, 49_000, 2));
        Assert.Equal(limits.Probability(50_000, 49_000, 10), limits.Probability(50_000, 49_000, 0));
    }

    [Fact]
    public void What_is_shipped_has_no_problems() => Assert.Empty(limits.Problems());

    [Fact]
    public void Each_wrong_figure_is_named()
    {
        RoadLimits wrong = limits with
        {
            Rows = [new() { Axles = 2 }, new() { Axles = 4, RigidKg = -1, SingleDriveAxleKg = 5 }],
            LegalSource = " ",
            DefaultAccuracyPct = double.NaN,
            Severity2UpToPct = 5,
        };
        string problems = string.Join('\n', wrong.Problems());

        Assert.Contains("rows[0] has neither", problems, StringComparison.Ordinal);
        Assert.Contains("rows[1].axles is 4", problems, StringComparison.Ordinal);
        Assert.Contains("rows[1].rigidKg is -1", problems, StringComparison.Ordinal);
        Assert.Contains("rows[1].singleDriveAxleKg", problems, StringComparison.Ordinal);
        Assert.Contains("legalSource", problems, StringComparison.Ordinal);
        Assert.Contains("defaultAccuracyPct", problems, StringComparison.Ordinal);
        Assert.Contains("severity1UpToPct", problems, StringComparison.Ordinal);
        Assert.NotEmpty((limits with { Rows = [] }).Problems());
    }
}
