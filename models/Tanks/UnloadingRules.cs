using Streaming.Models.Readings;

namespace Streaming.Models.Tanks;

/// <summary>When a truck is said to unload outside an unloading place. No figure here was verified: all are configuration.</summary>
public sealed record UnloadingRules
{
    /// <summary>A level that falls by more than this while the truck stands, percent of the tank's volume.</summary>
    public double DropPct { get; init; } = 3;

    /// <summary>The same at speed, where the content sloshes and the tank leans, percent.</summary>
    public double MovingDropPct { get; init; } = 10;

    /// <summary>What a degree of cooling may take off the level, percent of the level. Liquefied gases shrink by about this much, petrol by less than half of it.</summary>
    public double ShrinksPctPerC { get; init; } = 0.3;

    /// <summary>Readings in a row that have to say the same, of the level and of the valve alike.</summary>
    public int Readings { get; init; } = 3;

    /// <summary>What a level is compared with follows it with this time constant, s: what goes slower is no unloading.</summary>
    public int FollowsS { get; init; } = 7_200;

    /// <summary>Where nothing was heard for longer than this when the level was found lower, nobody knows where it fell, s.</summary>
    public int GapS { get; init; } = 900;

    /// <summary>Below this level a tank is empty, and its open valve is nobody's matter, percent.</summary>
    public double EmptyBelowPct { get; init; } = 1;

    /// <summary>A valve that is shut, with a level that does not fall, for this long ends a warning of an open valve, s.</summary>
    public int StableS { get; init; } = 300;

    /// <summary>Severity, 1 to 4.</summary>
    public int Severity { get; init; } = 3;

    /// <summary>Confidence in the tank's sensors and the truck's position, 0 to 1.</summary>
    public double Confidence { get; init; } = 0.85;

    /// <summary>One that lasts is told anew at most this often, s of turn time.</summary>
    public int UpdateEveryS { get; init; } = 120;

    /// <summary>Where the rule comes from: closures of a tank stay shut until it is unloaded.</summary>
    public string LegalSource { get; init; } = "危险货物道路运输安全管理办法 Art. 47";

    /// <summary>What cooling alone may have taken off a level, percent of the tank's volume.</summary>
    public double Shrinkage(double levelPct, double cooledC) => cooledC > 0 ? levelPct * ShrinksPctPerC / 100 * cooledC : 0;

    /// <summary>True where unloading is permitted at a site.</summary>
    public static bool Permits(SiteUses uses) => (uses & SiteUses.Unload) != 0;

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach ((string name, double value, double least, double most) in new[]
        {
            ("dropPct", DropPct, 0.1, 100), ("movingDropPct", MovingDropPct, DropPct, 100), ("shrinksPctPerC", ShrinksPctPerC, 0, 10), ("emptyBelowPct", EmptyBelowPct, 0, 100),
            ("readings", Readings, 1, 16), ("followsS", FollowsS, 60, ModelLimits.RuleSeconds), ("gapS", GapS, 1, ModelLimits.RuleSeconds), ("stableS", StableS, 0, ModelLimits.RuleSeconds), ("severity", Severity, 1, 4),
            ("confidence", Confidence, 0.01, 1), ("updateEveryS", UpdateEveryS, 0, ModelLimits.RuleSeconds),
        })
        {
            if (!(value >= least && value <= most))
            {
                yield return $"unloading.{name} is {value}; it must be {least} to {most}.";
            }
        }

        if (string.IsNullOrWhiteSpace(LegalSource))
        {
            yield return "unloading.legalSource is empty: a warning has to cite where its rule comes from.";
        }
    }
}
