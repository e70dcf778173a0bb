using Streaming.Models.Limits;
using Xunit;

namespace Streaming.Tests.Models;

/// <summary>Worked by hand from the grading annex (危险化学品重大危险源分级方法): α, β and the levels as it prints them, thresholds as GB 18218 does. No published worked example was found.</summary>
public sealed class MajorHazardTests
{
    private readonly MajorHazardRules rules = new();

    [Theory]
    [InlineData("UN1017", 5_000, 100, 1, 8, 4)]         // Chlorine, 5 t of 5: 2 · 4 · 1.
    [InlineData("UN1017", 62_500, 100, 12.5, 100, 1)]   // 12.5 · 4 · 2, exactly level 1.
    [InlineData("UN1017", 62_499, 100, 12.4998, 99.9984, 2)]
    [InlineData("UN1017", 31_250, 100, 6.25, 50, 2)]
    [InlineData("UN1005", 50_000, 99, 5, 15, 3)]        // Ammonia, 50 t of 10: 1.5 · 2 · 5.
    [InlineData("UN1005", 50_000, 49, 5, 12, 3)]        // 1.2 · 2 · 5.
    [InlineData("UN1005", 50_000, 29, 5, 10, 3)]        // 1 · 2 · 5, exactly level 3.
    [InlineData("UN1005", 50_000, 0, 5, 5, 4)]          // 0.5 · 2 · 5.
    [InlineData("UN1075", 100_000, 100, 2, 6, 4)]       // LPG, 100 t of 50: 2 · 1.5 · 2.
    [InlineData("UN1053", 5_000, 50, 1, 7.5, 4)]        // Hydrogen sulphide: 1.5 · 5 · 1.
    [InlineData("UN1971", 50_000, 1, 1, 1.5, 4)]        // Methane.
    [InlineData("UN1049", 10_000, 1, 2, 3, 4)]          // Hydrogen, 10 t of 5.
    [InlineData("UN1203", 400_000, 30, 2, 2.4, 4)]      // Petrol, 400 t of 200: 1.2 · 1 · 2.
    [InlineData("UN1230", 500_000, 100, 1, 2, 4)]       // Methanol.
    [InlineData("UN1017", 4_999, 100, 0.9998, 7.9984, 0)]
    public void One_substance_is_graded_as_by_hand(string substance, long kg, int people, double ratio, double r, int level) =>
        Assert.Equal(new HazardGrade((decimal)ratio, (decimal)r, level, 0), rules.Grade([new StoredMass(substance, kg)], people));

    [Fact]
    public void Substances_add_up()
    {
        // Chlorine 2 t of 5 and ammonia 6 t of 10, neither a major hazard alone: 0.4 + 0.6 = 1; with 60 people 1.5 · (4 · 0.4 + 2 · 0.6) = 4.2.
        HazardGrade both = rules.Grade([new StoredMass("UN1017", 2_000), new StoredMass("UN1005", 6_000)], 60);
        Assert.Equal(new HazardGrade(1, 4.2m, 4, 0), both);
        Assert.True(both.IsMajor);
        Assert.False(rules.Grade([new StoredMass("UN1017", 2_000)], 60).IsMajor);
        Assert.False(rules.Grade([new StoredMass("UN1005", 6_000)], 60).IsMajor);
        Assert.Equal(both, rules.Grade([new StoredMass("UN1005", 2_500), new StoredMass("UN1017", 2_000), new StoredMass("UN1005", 3_500)], 60));
    }

    [Fact]
    public void Thirds_add_up_to_a_whole()
    {
        MajorHazardRules thirds = rules with { Substances = new(StringComparer.Ordinal) { ["X"] = new() { ThresholdTonnes = 3 } } };
        Assert.Equal(new HazardGrade(1, 1, 4, 0), thirds.Grade([new StoredMass("X", 1_000), new StoredMass("X", 1_000), new StoredMass("X", 1_000)], 1));
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 1)]
    [InlineData(29, 1)]
    [InlineData(30, 1.2)]
    [InlineData(49, 1.2)]
    [InlineData(50, 1.5)]
    [InlineData(99, 1.5)]
    [InlineData(100, 2)]
    [InlineData(100_000, 2)]
    public void People_give_alpha(int people, double alpha) => Assert.Equal((decimal)alpha, rules.Alpha(people));

    [Theory]
    [InlineData("UN1016", 2)]
    [InlineData("UN1079", 2)]
    [InlineData("UN1005", 2)]
    [InlineData("UN1040", 2)]
    [InlineData("UN1050", 3)]
    [InlineData("UN1062", 3)]
    [InlineData("UN1017", 4)]
    [InlineData("UN1053", 5)]
    [InlineData("UN1052", 5)]
    [InlineData("UN1067", 10)]
    [InlineData("UN1051", 10)]
    [InlineData("UN1076", 20)]
    [InlineData("UN2199", 20)]
    [InlineData("UN2480", 20)]
    public void Toxic_gases_have_the_annexs_beta(string substance, int beta) => Assert.Equal(beta, rules.Substances[substance].Beta);

    [Fact]
    public void A_substance_without_a_threshold_is_told_and_not_counted()
    {
        Assert.Equal(new HazardGrade(1, 4, 4, 2), rules.Grade([new StoredMass("UN1017", 5_000), new StoredMass("UN1076", 9_000), new StoredMass("UN9999", 1)], 1));
        Assert.Equal(new HazardGrade(0, 0, 0, 0), rules.Grade([new StoredMass("UN1017", -5_000), new StoredMass("UN9999", 0)], 1));
        Assert.Equal(new HazardGrade(0, 0, 0, 0), rules.Grade([], 1));
        Assert.Equal(1, rules.Grade([new StoredMass("UN1017", long.MaxValue)], 1).Level);
    }

    [Fact]
    public void Each_wrong_figure_is_named()
    {
        MajorHazardRules wrong = rules with
        {
            Substances = new(StringComparer.Ordinal) { ["UN1"] = new() { ThresholdTonnes = 0, Beta = 1 } },
            Exposure = [new() { FromPeople = 1, Alpha = 0 }, new() { FromPeople = 1, Alpha = 1 }, new() { FromPeople = 0, Alpha = 1 }],
            Level2From = 100,
            LegalSource = "",
        };
        string problems = string.Join('\n', wrong.Problems());

        Assert.Empty(rules.Problems());
        Assert.Contains("substances.UN1 has thresholdTonnes 0", problems, StringComparison.Ordinal);
        Assert.Contains("exposure[0].alpha is 0", problems, StringComparison.Ordinal);
        Assert.Contains("exposure[1].fromPeople is 1", problems, StringComparison.Ordinal);
        Assert.Contains("level3From, level2From and level1From", problems, StringComparison.Ordinal);
        Assert.Contains("legalSource", problems, StringComparison.Ordinal);
        Assert.NotEmpty((rules with { Exposure = [] }).Problems());
        Assert.NotEmpty((rules with { Exposure = [new() { FromPeople = 5, Alpha = 1 }] }).Problems());
    }
}
