using Streaming.Models.Readings;

namespace Streaming.Models.Limits;

/// <summary>
/// The federal limits of the United States for axles: every single axle, every tandem, and every other group of consecutive axles by the bridge formula. 23 U.S.C. 127 and 23 CFR 658.17;
/// what is a single and what a tandem axle as the FHWA answers it (ops.fhwa.dot.gov/freight/sw/faqs).
/// </summary>
public sealed record BridgeLimits
{
    /// <summary>Limit of a single axle, lb.</summary>
    public int SingleLb { get; init; } = 20_000;

    /// <summary>Limit of a tandem axle, lb.</summary>
    public int TandemLb { get; init; } = 34_000;

    /// <summary>The most that any group may weigh, lb.</summary>
    public int GrossLb { get; init; } = 80_000;

    /// <summary>Axles whose outer ones are at most this far apart are a single axle, inches.</summary>
    public int SingleUpToIn { get; init; } = 40;

    /// <summary>Axles whose outer ones are further apart than that and at most this far are a tandem, however many they are, inches.</summary>
    public int TandemUpToIn { get; init; } = 96;

    /// <summary>Two consecutive tandems whose outer axles are at least this far apart, in feet, may carry the limit of a tandem each, whatever the formula says; 0 for no such exception.</summary>
    public int TwoTandemsFromFt { get; init; } = 36;

    /// <summary>True where an axle over its limit is shown and nobody is accused of it.</summary>
    public bool Advisory { get; init; }

    /// <summary>Where the limits come from.</summary>
    public string LegalSource { get; init; } = "23 U.S.C. 127, 23 CFR 658.17";

    /// <summary>
    /// The group of consecutive axles that is the largest share of its limit, over it or not; not judged where the record has no axles with rising offsets. Distances are taken as measured,
    /// not rounded to whole feet as in printed tables.
    /// </summary>
    /// <param name="axles">The axles, front first; at most <see cref="Axles.Capacity"/>.</param>
    public LimitBreach Worst(ReadOnlySpan<Axle> axles)
    {
        LimitBreach worst = default;
        if (!AxleGroups.Rise(axles))
        {
            return worst;
        }

        for (int first = 0; first < axles.Length; first++)
        {
            int massKg = 0;
            for (int last = first; last < axles.Length; last++)
            {
                massKg += axles[last].MassKg;
                (LimitCriterion criterion, int lb) = Limit(axles, first, last);
                worst = worst.OrWorse(new LimitBreach(criterion, first, last - first + 1, massKg, BridgeFormula.FloorKg(lb), Advisory));
            }
        }

        return worst;
    }

    /// <summary>Limit of the consecutive axles from <paramref name="first"/> to <paramref name="last"/>, lb, and what it is a limit of.</summary>
    public (LimitCriterion Criterion, int Lb) Limit(ReadOnlySpan<Axle> axles, int first, int last)
    {
        int spanTenthMm = SpanTenthMm(axles, first, last);
        if (spanTenthMm <= SingleUpToIn * BridgeFormula.InchTenthMm)
        {
            return (LimitCriterion.Axle, SingleLb);
        }

        if (spanTenthMm <= TandemUpToIn * BridgeFormula.InchTenthMm)
        {
            return (LimitCriterion.Group, TandemLb);
        }

        int count = last - first + 1;
        int lb = BridgeFormula.FormulaLb(count, spanTenthMm);
        if (count == 4 && TwoTandemsFromFt > 0 && spanTenthMm >= TwoTandemsFromFt * BridgeFormula.FootTenthMm && IsTandem(axles, first) && IsTandem(axles, first + 2))
        {
            lb = Math.Max(lb, 2 * TandemLb);
        }

        // No group may carry more than its axles may one by one, which is where the printed table ends for two and three axles.
        return (LimitCriterion.Bridge, Math.Min(lb, Math.Min(GrossLb, count * SingleLb)));
    }

    /// <summary>What is wrong with this part of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(SingleLb > 0 && SingleLb <= TandemLb && TandemLb <= GrossLb && GrossLb <= ModelLimits.GrossKg))
        {
            yield return $"roadLimits.bridge.singleLb, tandemLb and grossLb are {SingleLb}, {TandemLb} and {GrossLb}; they must rise in that order, from 1 to {ModelLimits.GrossKg}.";
        }

        if (!(SingleUpToIn >= 0 && SingleUpToIn < TandemUpToIn && TandemUpToIn <= ModelLimits.AxleGroupIn))
        {
            yield return $"roadLimits.bridge.singleUpToIn and tandemUpToIn are {SingleUpToIn} and {TandemUpToIn}; they must rise in that order, from 0 to {ModelLimits.AxleGroupIn}.";
        }

        if (TwoTandemsFromFt is < 0 or > ModelLimits.TwoTandemsFt)
        {
            yield return $"roadLimits.bridge.twoTandemsFromFt is {TwoTandemsFromFt}; it must be 0 to {ModelLimits.TwoTandemsFt}.";
        }

        if (string.IsNullOrWhiteSpace(LegalSource))
        {
            yield return "roadLimits.bridge.legalSource is empty: a warning has to cite where its limit comes from.";
        }
    }

    private bool IsTandem(ReadOnlySpan<Axle> axles, int first)
    {
        int spanTenthMm = SpanTenthMm(axles, first, first + 1);
        return spanTenthMm > SingleUpToIn * BridgeFormula.InchTenthMm && spanTenthMm <= TandemUpToIn * BridgeFormula.InchTenthMm;
    }

    /// <summary>A vehicle is never as long as a formula could not take; one that claims to be is taken at that length, which favours the driver.</summary>
    private static int SpanTenthMm(ReadOnlySpan<Axle> axles, int first, int last) => Math.Min(axles[last].OffsetMm - axles[first].OffsetMm, 1_000_000) * 10;
}
