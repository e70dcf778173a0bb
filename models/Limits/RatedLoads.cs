using Streaming.Models.Wording;

namespace Streaming.Models.Limits;

/// <summary>Whether a load could be judged by the registration, or why not.</summary>
public enum RatedLoadRule : byte
{
    /// <summary>Nothing was weighed, or nothing is registered.</summary>
    None = 0,

    /// <summary>The registration has no rated load.</summary>
    NoRatedLoad = 1,

    /// <summary>The registration has no curb mass, so the load is not known.</summary>
    NoCurbMass = 2,

    /// <summary>The registration does not say how many axles the vehicle has, or another number was weighed: what crossed the scale is not, or not alone, what is registered.</summary>
    OtherAxles = 3,

    /// <summary>The load is the gross mass less the curb mass.</summary>
    Judged = 4,
}

/// <summary>What a registration says that a load is judged by. The default value says nothing.</summary>
/// <param name="Axles">Axles of the vehicle as registered; 0 where unknown.</param>
/// <param name="RatedLoadKg">Rated load (核定载质量), kg; 0 where unknown.</param>
/// <param name="CurbKg">Curb mass (整备质量), kg; 0 where unknown.</param>
public readonly record struct RegisteredLoad(int Axles, int RatedLoadKg, int CurbKg);

/// <summary>Outcome of <see cref="RatedLoads.Judge"/>.</summary>
/// <param name="RatedLoadKg">Rated load, kg; 0 where the weighing could not be judged.</param>
/// <param name="CurbKg">Curb mass, kg.</param>
/// <param name="LoadKg">What it carried, kg; 0 where it weighed less than its curb mass.</param>
/// <param name="Rule">How it was judged.</param>
public readonly record struct RatedLoadJudgement(int RatedLoadKg, int CurbKg, int LoadKg, RatedLoadRule Rule)
{
    /// <summary>True where a rated load applies.</summary>
    public bool IsJudged => Rule == RatedLoadRule.Judged;

    /// <summary>Kg over the rated load; 0 where it is kept or none applies.</summary>
    public int OverKg => IsJudged ? Math.Max(0, LoadKg - RatedLoadKg) : 0;

    /// <summary>True where it carried more than its rated load.</summary>
    public bool IsOver => OverKg > 0;

    /// <summary>Share over the rated load in hundredths of a percent, half up.</summary>
    public long OverHundredthPct => RatedLoadKg > 0 ? ((OverKg * 10_000L) + (RatedLoadKg / 2)) / RatedLoadKg : 0;

    /// <summary>Share over the rated load, percent, to two decimals.</summary>
    public double OverPct => OverHundredthPct / 100.0;

    /// <summary>The gross mass up to which the load is within the rating, kg: what the scale can tell apart.</summary>
    public int AllowedGrossKg => IsJudged ? CurbKg + RatedLoadKg : 0;

    /// <summary>How it was judged, in English.</summary>
    public string BasisEn => Rule switch
    {
        RatedLoadRule.NoRatedLoad => "not judged: no rated load is registered",
        RatedLoadRule.NoCurbMass => "not judged: no curb mass is registered, so the load is not known",
        RatedLoadRule.OtherAxles => "not judged: the vehicle as weighed has other axles than the one registered",
        RatedLoadRule.Judged => $"rated load {FigureText.Whole(RatedLoadKg)} kg, curb mass {FigureText.Whole(CurbKg)} kg (from the register)",
        _ => "not judged: nothing is registered",
    };

    /// <summary>How it was judged, in Chinese.</summary>
    public string BasisZh => Rule switch
    {
        RatedLoadRule.NoRatedLoad => "未判定：未登记核定载质量",
        RatedLoadRule.NoCurbMass => "未判定：未登记整备质量，无法得知载质量",
        RatedLoadRule.OtherAxles => "未判定：称重车辆的轴数与登记不符",
        RatedLoadRule.Judged => $"核定载质量{FigureText.Whole(RatedLoadKg)} kg，整备质量{FigureText.Whole(CurbKg)} kg（据登记信息）",
        _ => "未判定：无登记信息",
    };
}

/// <summary>
/// The rated load of the vehicle (超载), which is its registration's and not the road's (超限): a truck may be over the one and within the other. The load is the measured gross mass less the registered curb mass, with no deduction; how sure that is says the
/// probability. Nothing is judged where what was weighed may not be what is registered: a tractor with a trailer that its registration does not have weighs more and carries no more.
/// </summary>
public sealed record RatedLoads
{
    /// <summary>Where the rule comes from, as evidence cites it in either language.</summary>
    public string LegalSource { get; init; } = "道路交通安全法 Art. 92";

    /// <summary>More than this share over the rated load is the heavier class of Art. 92, percent.</summary>
    public double HeavierAbovePct { get; init; } = 30;

    /// <summary>Over the rated load by at most this share is severity 1, percent; up to <see cref="HeavierAbovePct"/> 2. Not verified.</summary>
    public double Severity1UpToPct { get; init; } = 10;

    /// <summary>Over the rated load by at most this share is severity 3, percent; above, 4. Not verified.</summary>
    public double Severity3UpToPct { get; init; } = 100;

    /// <summary>Judges one weighing.</summary>
    /// <param name="grossKg">Measured gross mass, kg.</param>
    /// <param name="axleCount">Axles weighed; 0 where the record has none.</param>
    /// <param name="registered">What the register said at the time.</param>
    public static RatedLoadJudgement Judge(int grossKg, int axleCount, RegisteredLoad registered)
    {
        RatedLoadRule rule = registered == default ? RatedLoadRule.None
            : registered.RatedLoadKg <= 0 ? RatedLoadRule.NoRatedLoad
            : registered.CurbKg <= 0 ? RatedLoadRule.NoCurbMass
            : registered.Axles != axleCount || axleCount == 0 ? RatedLoadRule.OtherAxles
            : RatedLoadRule.Judged;
        return rule == RatedLoadRule.Judged
            ? new RatedLoadJudgement(registered.RatedLoadKg, registered.CurbKg, Math.Max(0, grossKg - registered.CurbKg), rule)
            : new RatedLoadJudgement(0, 0, 0, rule);
    }

    /// <summary>True where it is the heavier class of the law.</summary>
    public bool IsHeavier(in RatedLoadJudgement judgement) => judgement.OverKg * 100.0 > HeavierAbovePct * judgement.RatedLoadKg;

    /// <summary>Severity 1 to 4 of a load over the rating. Compared as products, so that a load exactly on a boundary is on its lower side.</summary>
    public int Severity(in RatedLoadJudgement judgement)
    {
        double over = judgement.OverKg * 100.0;
        return over <= Severity1UpToPct * judgement.RatedLoadKg ? 1
            : !IsHeavier(judgement) ? 2
            : over <= Severity3UpToPct * judgement.RatedLoadKg ? 3
            : 4;
    }

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Severity1UpToPct > 0 && Severity1UpToPct <= HeavierAbovePct && HeavierAbovePct <= Severity3UpToPct && Severity3UpToPct <= ModelLimits.RatedLoadPct))
        {
            yield return $"ratedLoads.severity1UpToPct, heavierAbovePct and severity3UpToPct are {Severity1UpToPct}, {HeavierAbovePct} and {Severity3UpToPct}; they must be above 0, not fall, and be at most {ModelLimits.RatedLoadPct}.";
        }

        if (string.IsNullOrWhiteSpace(LegalSource))
        {
            yield return "ratedLoads.legalSource is empty: a warning has to cite where its limit comes from.";
        }
    }
}
