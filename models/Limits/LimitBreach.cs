namespace Streaming.Models.Limits;

/// <summary>What a limit is a limit of. Persisted: numbers are never reused.</summary>
public enum LimitCriterion : byte
{
    /// <summary>Nothing was judged.</summary>
    None = 0,

    /// <summary>The gross mass of the vehicle.</summary>
    Gross = 1,

    /// <summary>One axle that stands alone.</summary>
    Axle = 2,

    /// <summary>Axles that stand together: a tandem or a tri-axle.</summary>
    Group = 3,

    /// <summary>Consecutive axles, by their number and the distance that they spread their mass over.</summary>
    Bridge = 4,
}

/// <summary>One limit beside the mass that it was held against. The default value is a limit that was not judged.</summary>
/// <param name="Criterion">What the limit is of.</param>
/// <param name="FirstAxle">The first axle concerned, from 0.</param>
/// <param name="AxleCount">How many axles from there on.</param>
/// <param name="MassKg">Measured mass of them, kg.</param>
/// <param name="LimitKg">Limit, kg. A limit that is not whole in kg, as one in pounds, is the whole number below: for masses in whole kg that decides the same.</param>
/// <param name="IsAdvisory">The limit is not verified, or the city takes it as advice: to be shown, never a reason to accuse.</param>
public readonly record struct LimitBreach(LimitCriterion Criterion, int FirstAxle, int AxleCount, int MassKg, int LimitKg, bool IsAdvisory)
{
    /// <summary>True where a limit applies.</summary>
    public bool IsJudged => LimitKg > 0;

    /// <summary>Kg over the limit; 0 where it is kept or none applies.</summary>
    public int OverKg => IsJudged ? Math.Max(0, MassKg - LimitKg) : 0;

    /// <summary>True where the measured mass is over the limit.</summary>
    public bool IsOver => OverKg > 0;

    /// <summary>Share over the limit in hundredths of a percent, half up.</summary>
    public long OverHundredthPct => IsJudged ? ((OverKg * 10_000L) + (LimitKg / 2)) / LimitKg : 0;

    /// <summary>Share over the limit, percent, to two decimals.</summary>
    public double OverPct => OverHundredthPct / 100.0;

    /// <summary>Which axles the limit is of and what as, in English. Axles are counted from 1, front first.</summary>
    public string BasisEn => Criterion switch
    {
        LimitCriterion.Gross => "gross mass",
        LimitCriterion.Axle when AxleCount == 1 => $"single axle {First}",
        LimitCriterion.Axle => $"axles {First} to {Last}, which are so close that they count as a single one",
        LimitCriterion.Group when AxleCount == 2 => $"axles {First} and {Last}, a tandem",
        LimitCriterion.Group => $"axles {First} to {Last}, a group",
        LimitCriterion.Bridge => $"axles {First} to {Last} by the bridge formula",
        _ => "not judged",
    };

    /// <summary>Which axles the limit is of and what as, in Chinese.</summary>
    public string BasisZh => Criterion switch
    {
        LimitCriterion.Gross => "总质量",
        LimitCriterion.Axle when AxleCount == 1 => $"第{First}轴（单轴）",
        LimitCriterion.Axle => $"第{First}至{Last}轴（轴距过近，按单轴计）",
        LimitCriterion.Group when AxleCount == 2 => $"第{First}、{Last}轴（二联轴）",
        LimitCriterion.Group => $"第{First}至{Last}轴（并装轴组）",
        LimitCriterion.Bridge => $"第{First}至{Last}轴（按桥梁公式）",
        _ => "未判定",
    };

    private string First => Wording.FigureText.Whole(FirstAxle + 1);

    private string Last => Wording.FigureText.Whole(FirstAxle + AxleCount);

    /// <summary>The one of two whose mass is the larger share of its limit; this one where both are the same. One that was not judged gives way.</summary>
    public LimitBreach OrWorse(in LimitBreach other) =>
        other.IsJudged && (!IsJudged || (long)other.MassKg * LimitKg > (long)MassKg * other.LimitKg) ? other : this;
}
