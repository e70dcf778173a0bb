namespace Streaming.Models.Limits;

/// <summary>A substance as the grading of major hazards takes it.</summary>
public sealed record HazardSubstance
{
    /// <summary>Q: the mass from which a unit with this substance alone is a major hazard, tonnes; null where it is not known, and then the substance is not counted and the outcome says so.</summary>
    public decimal? ThresholdTonnes { get; init; }

    /// <summary>β: toxic gases by name, explosives 2, flammable gases 1.5, all else 1.</summary>
    public decimal Beta { get; init; } = 1;
}

/// <summary>α of a range of people.</summary>
public sealed record ExposureStep
{
    /// <summary>From so many people within 500 m on.</summary>
    public int FromPeople { get; init; }

    /// <summary>The factor.</summary>
    public decimal Alpha { get; init; }
}

/// <summary>A stored mass. Masses of one substance may come in several.</summary>
/// <param name="Substance">UN number as "UN1017".</param>
/// <param name="MassKg">Kg, 0 or more; less, which only a wrong ledger has, counts as 0.</param>
public readonly record struct StoredMass(string Substance, long MassKg);

/// <summary>How grave a unit's hazard is.</summary>
/// <param name="Ratio">Σq/Q, to six decimals; a major hazard from 1 on.</param>
/// <param name="R">R = α·Σβq/Q, to six decimals.</param>
/// <param name="Level">1, the gravest, to 4; 0 where the unit is no major hazard.</param>
/// <param name="UnknownCount">Masses that were not counted, for their substance has no threshold here. Where there are any, all figures are lower bounds and the level may be a graver one.</param>
public readonly record struct HazardGrade(decimal Ratio, decimal R, int Level, int UnknownCount)
{
    /// <summary>True where the unit is a major hazard (重大危险源).</summary>
    public bool IsMajor => Level > 0;
}

/// <summary>
/// Major hazards: 2011 grading annex (危险化学品重大危险源分级方法), whose method GB 18218-2018 keeps (not verified). In decimals, so that a unit exactly on a bound is on the same side everywhere. A unit is
/// identified at Σq/Q ≥ 1 (not verified, but configuration nowhere has another).
/// </summary>
public sealed record MajorHazardRules
{
    /// <summary>
    /// By UN number. β is the annex's; so are the thresholds of chlorine, ammonia, LPG, hydrogen sulphide, methane and hydrogen. Those of petrol and methanol were not verified. The other toxic gases of the annex have β
    /// alone: their thresholds are the city's to add. UN numbers are not of the annex, which goes by name.
    /// </summary>
    public SortedDictionary<string, HazardSubstance> Substances
    {
        get;
        init => field = value is null ? null! : new SortedDictionary<string, HazardSubstance>(value, StringComparer.Ordinal);
    } = new(StringComparer.Ordinal)
    {
        ["UN1005"] = new() { ThresholdTonnes = 10, Beta = 2 },     // Ammonia.
        ["UN1016"] = new() { Beta = 2 },                           // Carbon monoxide.
        ["UN1017"] = new() { ThresholdTonnes = 5, Beta = 4 },      // Chlorine.
        ["UN1040"] = new() { Beta = 2 },                           // Ethylene oxide.
        ["UN1049"] = new() { ThresholdTonnes = 5, Beta = 1.5m },   // Hydrogen.
        ["UN1050"] = new() { Beta = 3 },                           // Hydrogen chloride.
        ["UN1051"] = new() { Beta = 10 },                          // Hydrogen cyanide.
        ["UN1052"] = new() { Beta = 5 },                           // Hydrogen fluoride.
        ["UN1053"] = new() { ThresholdTonnes = 5, Beta = 5 },      // Hydrogen sulphide.
        ["UN1062"] = new() { Beta = 3 },                           // Methyl bromide.
        ["UN1067"] = new() { Beta = 10 },                          // Nitrogen dioxide.
        ["UN1075"] = new() { ThresholdTonnes = 50, Beta = 1.5m },  // Liquefied petroleum gas.
        ["UN1076"] = new() { Beta = 20 },                          // Phosgene.
        ["UN1079"] = new() { Beta = 2 },                           // Sulphur dioxide.
        ["UN1203"] = new() { ThresholdTonnes = 200, Beta = 1 },    // Petrol.
        ["UN1230"] = new() { ThresholdTonnes = 500, Beta = 1 },    // Methanol.
        ["UN1971"] = new() { ThresholdTonnes = 50, Beta = 1.5m },  // Methane.
        ["UN2199"] = new() { Beta = 20 },                          // Phosphine.
        ["UN2480"] = new() { Beta = 20 },                          // Methyl isocyanate.
    };

    /// <summary>α by people within 500 m of the site, falling; the last from 0 people.</summary>
    public IReadOnlyList<ExposureStep> Exposure { get; init; } =
    [
        new() { FromPeople = 100, Alpha = 2 },
        new() { FromPeople = 50, Alpha = 1.5m },
        new() { FromPeople = 30, Alpha = 1.2m },
        new() { FromPeople = 1, Alpha = 1 },
        new() { FromPeople = 0, Alpha = 0.5m },
    ];

    /// <summary>R of level 1.</summary>
    public decimal Level1From { get; init; } = 100;

    /// <summary>R of level 2.</summary>
    public decimal Level2From { get; init; } = 50;

    /// <summary>R of level 3; below it is level 4.</summary>
    public decimal Level3From { get; init; } = 10;

    /// <summary>Where no grade is registered, a hazard of this grade or a graver one is warned of, 1 to 4; where one is, any graver than that. Not verified.</summary>
    public int WarnFromLevel { get; init; } = 3;

    /// <summary>The warning stays until R, and Σq/Q where that decides, is below this share of its bound, percent. Not verified.</summary>
    public decimal ClearAtPct { get; init; } = 95;

    /// <summary>How sure a grade is, 0 to 1: the masses are the enterprise's own. Not verified.</summary>
    public double Confidence { get; init; } = 0.9;

    /// <summary>The shortest time between two looks at what an enterprise stores, s.</summary>
    public int JudgeEveryS { get; init; } = 60;

    /// <summary>The shortest time between two tellings of one open warning, s.</summary>
    public int UpdateEveryS { get; init; } = 3_600;

    /// <summary>Where the method comes from.</summary>
    public string LegalSource { get; init; } = "危险化学品重大危险源分级方法 (2011)";

    /// <summary>Grades one unit.</summary>
    /// <param name="stored">What it holds.</param>
    /// <param name="people">People within 500 m of the site, 0 or more. Who does not know gives 100, which is the gravest.</param>
    public HazardGrade Grade(ReadOnlySpan<StoredMass> stored, int people)
    {
        decimal ratio = 0;
        decimal weighted = 0;
        int unknown = 0;
        foreach (StoredMass mass in stored)
        {
            if (mass.MassKg <= 0)
            {
                continue;
            }

            if (!Substances.TryGetValue(mass.Substance, out HazardSubstance? substance) || substance.ThresholdTonnes is not { } thresholdTonnes)
            {
                unknown++;
                continue;
            }

            decimal share = Math.Min(mass.MassKg, ModelLimits.StoredKg) / (thresholdTonnes * 1000);
            ratio += share;
            weighted += share * substance.Beta;
        }

        // A share such as one third has no last digit; six decimals put a sum of them back where it belongs.
        ratio = decimal.Round(ratio, 6);
        decimal r = decimal.Round(weighted * Alpha(people), 6);
        int level = ratio < 1 ? 0 : r >= Level1From ? 1 : r >= Level2From ? 2 : r >= Level3From ? 3 : 4;
        return new HazardGrade(ratio, r, level, unknown);
    }

    /// <summary>True where a grade is to be warned of.</summary>
    /// <param name="grade">As it stands.</param>
    /// <param name="declared">The grade that is registered, 1 to 4; 0 where the site is registered as no major hazard; null where nothing is registered.</param>
    /// <param name="wasWarned">It was warned of before: then it has to fall below <see cref="ClearAtPct"/> of the bound.</param>
    public bool IsWarned(HazardGrade grade, int? declared, bool wasWarned)
    {
        int from = declared switch { null => WarnFromLevel, 0 => 4, { } level => level - 1 };
        decimal share = wasWarned ? ClearAtPct / 100 : 1;
        return from > 0 && grade.Ratio >= share && grade.R >= LevelFrom(from) * share;
    }

    /// <summary>R from which a level begins; 0 for the last, which Σq/Q alone decides.</summary>
    public decimal LevelFrom(int level) => level switch { 1 => Level1From, 2 => Level2From, 3 => Level3From, _ => 0 };

    /// <summary>α of a number of people.</summary>
    public decimal Alpha(int people)
    {
        for (int i = 0; i < Exposure.Count; i++)
        {
            if (people >= Exposure[i].FromPeople)
            {
                return Exposure[i].Alpha;
            }
        }

        return Exposure[^1].Alpha;
    }

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (Substances is null || Substances.Count > ModelLimits.TankProfiles)
        {
            yield return $"majorHazards.substances must have at most {ModelLimits.TankProfiles} entries.";
        }

        foreach ((string un, HazardSubstance substance) in Substances ?? [])
        {
            if (substance is null)
            {
                yield return $"majorHazards.substances.{un} is null.";
            }
            else if (substance.ThresholdTonnes is < 0.001m or > 1_000_000m || substance.Beta is <= 0 or > 1_000m)
            {
                yield return FormattableString.Invariant($"majorHazards.substances.{un} has thresholdTonnes {substance.ThresholdTonnes} and beta {substance.Beta}; they must be 0.001 to 1000000 and above 0 to 1000.");
            }
        }

        foreach (string problem in ExposureProblems())
        {
            yield return problem;
        }

        if (!(Level3From > 0 && Level3From < Level2From && Level2From < Level1From))
        {
            yield return "majorHazards.level3From, level2From and level1From must rise in that order, from above 0.";
        }

        if (WarnFromLevel is < 1 or > 4)
        {
            yield return $"majorHazards.warnFromLevel is {WarnFromLevel}; grades are 1 to 4.";
        }

        if (ClearAtPct is <= 0 or > 100)
        {
            yield return FormattableString.Invariant($"majorHazards.clearAtPct is {ClearAtPct}; it must be above 0 and at most 100.");
        }

        if (!(Confidence is > 0 and <= 1))
        {
            yield return $"majorHazards.confidence is {Confidence}; it must be above 0 and at most 1.";
        }

        if (JudgeEveryS is < 1 or > ModelLimits.RuleSeconds || UpdateEveryS is < 1 or > ModelLimits.RuleSeconds)
        {
            yield return $"majorHazards.judgeEveryS and updateEveryS are {JudgeEveryS} and {UpdateEveryS}; they must be 1 to {ModelLimits.RuleSeconds}.";
        }

        if (string.IsNullOrWhiteSpace(LegalSource))
        {
            yield return "majorHazards.legalSource is empty: a warning has to cite where its limit comes from.";
        }
    }

    private IEnumerable<string> ExposureProblems()
    {
        if (Exposure is null || Exposure.Count is 0 or > ModelLimits.RoadLimitRows || Exposure.Any(step => step is null) || Exposure[^1].FromPeople != 0)
        {
            yield return $"majorHazards.exposure must have 1 to {ModelLimits.RoadLimitRows} steps, the last from 0 people.";
            yield break;
        }

        for (int i = 0; i < Exposure.Count; i++)
        {
            if (i > 0 && Exposure[i].FromPeople >= Exposure[i - 1].FromPeople)
            {
                yield return $"majorHazards.exposure[{i}].fromPeople is {Exposure[i].FromPeople}; steps fall from the most people to none.";
            }

            if (Exposure[i].Alpha is <= 0 or > 100)
            {
                yield return FormattableString.Invariant($"majorHazards.exposure[{i}].alpha is {Exposure[i].Alpha}; it must be above 0 and at most 100.");
            }
        }
    }
}
