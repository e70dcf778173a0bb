using Streaming.Models.Limits;
using Xunit;

namespace Streaming.Tests.Models;

public sealed class AccuracyClassTests
{
    /// <summary>Tolerances as OpenWIM/pywim, notebooks/AccuracyCalculationCOST323.ipynb, prints them, and ASTM E1318-09 as the FHWA Traffic Monitoring Guide 2022, App. D.</summary>
    [Theory]
    [InlineData("A(5)", 5, 7, 8, 10)]
    [InlineData("B+(7)", 7, 10, 11, 14)]
    [InlineData("B(10)", 10, 13, 15, 20)]
    [InlineData("C(15)", 15, 18, 20, 25)]
    [InlineData("D+(20)", 20, 23, 25, 30)]
    [InlineData("D(25)", 25, 28, 30, 35)]
    [InlineData("Type I", 10, 15, 20, 20)]
    [InlineData("Type II", 15, 20, 30, 30)]
    [InlineData("JJG 907 5", 5, 0, 0, 0)]
    [InlineData("OIML R134 0.2", 0.2, 0, 0, 0)]
    public void A_class_has_its_standards_tolerances(string name, double gross, double group, double axle, double axleOfGroup)
    {
        Assert.True(AccuracyClass.TryParse(name, out AccuracyClass found));
        Assert.Equal(
            [gross, group, axle, axleOfGroup],
            new[] { AccuracyCriterion.Gross, AccuracyCriterion.Group, AccuracyCriterion.SingleAxle, AccuracyCriterion.AxleOfGroup }.Select(found.TolerancePct));
    }

    [Theory]
    [InlineData("COST 323 B+(7)", "COST 323 B+(7)")]
    [InlineData(" cost323 b+ (7) ", "COST 323 B+(7)")]
    [InlineData("astm e1318 type ii", "ASTM E1318 Type II")]
    [InlineData("TypeI", "ASTM E1318 Type I")]
    [InlineData("oimlr134 10", "OIML R134 10")]
    [InlineData("jjg907 2", "OIML R134 2")]
    public void Names_are_read_as_people_write_them(string text, string name)
    {
        Assert.True(AccuracyClass.TryParse(text, out AccuracyClass found));
        Assert.Equal(name, found.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("A")]
    [InlineData("B(7)")]
    [InlineData("A(5) or better")]
    [InlineData("Type III")]
    [InlineData("JJG 907 3")]
    public void What_is_no_class_is_none(string text) => Assert.False(AccuracyClass.TryParse(text, out _));

    [Fact]
    public void Every_class_is_read_back_by_its_own_name() =>
        Assert.All([.. AccuracyClass.Cost323, .. AccuracyClass.Astm, .. AccuracyClass.Oiml], each => Assert.True(AccuracyClass.TryParse(each.Name, out AccuracyClass found) && found == each));

    [Fact]
    public void An_axle_is_less_sure_than_a_gross_mass_of_the_same_share()
    {
        RoadLimits limits = new();
        AccuracyClass b = AccuracyClass.Cost323[2];
        LimitBreach gross = new(LimitCriterion.Gross, 0, 0, 55_000, 50_000, false);
        LimitBreach group = gross with { Criterion = LimitCriterion.Group, AxleCount = 2 };
        LimitBreach axle = gross with { Criterion = LimitCriterion.Axle, AxleCount = 1 };

        // 5,000 kg over; one deviation is 55,000 · 10 % / 1.96 = 2,806 kg, so 1.782 deviations, of which 96.26 % are below (table of the normal distribution). 13 %: 1.371, 91.48 %. 15 %: 1.188, 88.26 %.
        Assert.Equal(0.9626, limits.ProbabilityOf(gross, b), 3);
        Assert.Equal(0.9148, limits.ProbabilityOf(group, b), 3);
        Assert.Equal(0.8826, limits.ProbabilityOf(axle, b), 3);

        // A class without a figure for axles is taken as unknown, that is as the rulebook's default of 10 %.
        Assert.Equal(limits.Probability(55_000, 50_000, 0), limits.ProbabilityOf(axle, AccuracyClass.Oiml[4]));
    }
}
