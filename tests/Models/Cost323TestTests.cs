using Streaming.Models.Limits;
using Streaming.Models.Statistics;
using Xunit;

namespace Streaming.Tests.Models;

/// <summary>The worked example of OpenWIM/pywim, notebooks/AccuracyCalculationCOST323.ipynb: test plan R2, environment I, in service. Its figures only.</summary>
public sealed class Cost323TestTests
{
    private static readonly Cost323Test Plan = new(TestPlan.FullReproducibility, TestEnvironment.Repeatability);
    private static readonly RelativeErrors Gross = new(86, -2.27, 6.09);
    private static readonly RelativeErrors Group = new(66, 1.00, 8.44);
    private static readonly RelativeErrors SingleAxle = new(197, -3.92, 7.66);
    private static readonly RelativeErrors AxleOfGroup = new(169, -0.19, 10.07);

    [Theory]
    [InlineData(86, 92.584)]
    [InlineData(66, 92.060)]
    [InlineData(197, 93.704)]
    [InlineData(169, 93.542)]
    public void The_least_confidence_is_that_of_the_worked_example(int number, double pct) => Assert.InRange(100 * Plan.LeastConfidence(number), pct - 0.001, pct + 0.001);

    [Fact]
    public void The_confidence_within_class_c_is_that_of_the_worked_example()
    {
        Assert.InRange(100 * Cost323Test.Confidence(Gross, 15), 96.275, 96.277);
        Assert.InRange(100 * Cost323Test.Confidence(Group, 18), 93.460, 93.462);
        Assert.InRange(100 * Cost323Test.Confidence(SingleAxle, 20), 97.259, 97.261);
        Assert.InRange(100 * Cost323Test.Confidence(AxleOfGroup, 25), 97.901, 97.903);
    }

    [Fact]
    public void The_least_tolerance_of_the_worked_example_just_reaches_the_least_confidence()
    {
        foreach ((RelativeErrors errors, double tolerancePct) in new[] { (Gross, 13.0293783341772), (Group, 17.2176428723888), (SingleAxle, 17.0913086307026), (AxleOfGroup, 20.2663837816549) })
        {
            Assert.True(Cost323Test.Confidence(errors, tolerancePct - 0.001) < Plan.LeastConfidence(errors.Number));
            Assert.True(Cost323Test.Confidence(errors, tolerancePct + 0.001) > Plan.LeastConfidence(errors.Number));
        }
    }

    [Fact]
    public void The_station_of_the_worked_example_is_class_c_by_every_criterion()
    {
        Assert.Equal("COST 323 C(15)", Plan.Classify(AccuracyCriterion.Gross, Gross)!.Name);
        Assert.Equal("COST 323 C(15)", Plan.Classify(AccuracyCriterion.Group, Group)!.Name);
        Assert.Equal("COST 323 C(15)", Plan.Classify(AccuracyCriterion.SingleAxle, SingleAxle)!.Name);
        Assert.Equal("COST 323 C(15)", Plan.Classify(AccuracyCriterion.AxleOfGroup, AxleOfGroup)!.Name);
        Assert.Equal("COST 323 C(15)", Plan.Classify(Gross, Group, SingleAxle, AxleOfGroup)!.Name);
    }

    [Fact]
    public void The_worst_criterion_is_the_stations()
    {
        Assert.Equal("COST 323 D(25)", Plan.Classify(Gross with { MeanPct = 12 }, Group, SingleAxle, AxleOfGroup)!.Name);
        Assert.Null(Plan.Classify(Gross with { MeanPct = 30 }, Group, SingleAxle, AxleOfGroup));
        Assert.Null(Plan.Classify(Gross, Group, SingleAxle, default));
    }

    [Fact]
    public void A_stricter_plan_asks_for_more_and_a_harder_climate_for_less()
    {
        double before = 1;
        foreach (TestPlan plan in Enum.GetValues<TestPlan>())
        {
            double confidence = new Cost323Test(plan, TestEnvironment.Repeatability).LeastConfidence(50);
            Assert.True(confidence < before);
            Assert.True(new Cost323Test(plan, TestEnvironment.FullReproducibility).LeastConfidence(50) < new Cost323Test(plan, TestEnvironment.LimitedReproducibility).LeastConfidence(50));
            before = confidence;
        }
    }

    [Fact]
    public void Errors_have_their_mean_and_deviation()
    {
        // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares 32, over 7.
        RelativeErrors errors = RelativeErrors.Of([2, 4, 4, 4, 5, 5, 7, 9]);
        Assert.Equal((8, 5.0), (errors.Number, errors.MeanPct));
        Assert.Equal(2.138089935, errors.DeviationPct, 9);
        Assert.Equal(default, RelativeErrors.Of([]));
        Assert.Equal(0, Cost323Test.Confidence(RelativeErrors.Of([3]), 5));
        Assert.Equal(0, Plan.LeastConfidence(1));
    }

    /// <summary>Every printed table of Student's distribution.</summary>
    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(2, 4.303)]
    [InlineData(3, 3.182)]
    [InlineData(4, 2.776)]
    [InlineData(5, 2.571)]
    [InlineData(10, 2.228)]
    [InlineData(29, 2.045)]
    [InlineData(30, 2.042)]
    [InlineData(60, 2.000)]
    [InlineData(120, 1.980)]
    [InlineData(100_000, 1.960)]
    public void Students_deviation_is_that_of_the_tables(int degrees, double deviation) => Assert.Equal(deviation, StudentT.TwoSided95(degrees), 3);

    [Fact]
    public void Students_distribution_has_its_closed_forms()
    {
        // One degree is Cauchy's: a quarter lies above 1. Two: 1/2 + t / (2 √(2 + t²)).
        Assert.Equal(0.75, StudentT.Below(1, 1), 12);
        Assert.Equal(0.25, StudentT.Below(-1, 1), 12);
        for (double t = -30; t <= 30; t += 0.25)
        {
            Assert.Equal(0.5 + (t / (2 * Math.Sqrt(2 + (t * t)))), StudentT.Below(t, 2), 12);
            Assert.Equal(0.5 + (Math.Atan(t) / Math.PI), StudentT.Below(t, 1), 12);
        }

        Assert.Equal((0.0, 0.5, 1.0), (StudentT.Below(double.NegativeInfinity, 7), StudentT.Below(0, 7), StudentT.Below(double.PositiveInfinity, 7)));
        Assert.True(double.IsNaN(StudentT.Below(double.NaN, 7)));
    }
}
