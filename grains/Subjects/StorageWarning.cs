using Streaming.Grains.Messages;
using Streaming.Models.Enterprises;
using Streaming.Models.Limits;
using Streaming.Models.Wording;
using static Streaming.Grains.Subjects.MassText;

namespace Streaming.Grains.Subjects;

/// <summary>Puts what an enterprise stores, against its permits and as a hazard, into the figures and words of warnings.</summary>
internal static class StorageWarning
{
    public const string HazardKind = "major-hazard";
    public const string OverKind = "storage-over-permit";
    public const string LackKind = "no-substance-permit";
    public const string ExpiryKind = "expired-permit";
    private const string HazardModel = "major-hazard/1";
    private const string PermitModel = "substance-permits/1";

    public static Finding Hazard(MajorHazardRules rules, HazardGrade grade, int people, int? declared, IReadOnlyList<Stock> stocks)
    {
        decimal alpha = rules.Alpha(people);
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            ["r"] = (double)grade.R,
            ["ratio"] = (double)grade.Ratio,
            ["level"] = grade.Level,
            ["alpha"] = (double)alpha,
            ["people"] = people,
            ["notCounted"] = grade.UnknownCount,
        };
        if (declared is { } registered)
        {
            figures["registeredLevel"] = registered;
        }

        List<string> terms = [];
        foreach (Stock stock in stocks)
        {
            if (stock.Grams > 0 && rules.Substances.TryGetValue(stock.Substance, out HazardSubstance? known) && known.ThresholdTonnes is { } q)
            {
                figures[$"{stock.Substance}.storedKg"] = stock.Grams / 1000.0;
                if (terms.Count < GrainLimits.ShipmentsExplained)
                {
                    terms.Add($"{stock.Substance} {Kg(stock.Grams)} kg (β {FigureText.Measured((double)known.Beta)}, Q {FigureText.Measured((double)q)} t)");
                }
            }
        }

        string r = FigureText.Measured((double)grade.R);
        string ratio = FigureText.Measured((double)grade.Ratio);
        string a = FigureText.Measured((double)alpha);
        string near = FigureText.Whole(people);
        string all = string.Join(", ", terms);
        string en = $"A major hazard of level {Roman(grade.Level)}: R = α·Σβq/Q = {r} (Σq/Q = {ratio}, α {a} for {near} people within 500 m by the register), with {all}. "
            + (declared switch { null => "No grade is registered.", 0 => "The site is registered as no major hazard.", { } level => $"Level {Roman(level)} is registered." })
            + (grade.UnknownCount > 0 ? $" {FigureText.Whole(grade.UnknownCount)} substances without a threshold were not counted." : "")
            + $" Graded by {rules.LegalSource}.";
        string zh = $"构成{Roman(grade.Level)}级重大危险源：R = α·Σβq/Q = {r}（Σq/Q = {ratio}，登记500米内常住人口{near}人，α取{a}），其中{string.Join("，", terms)}。"
            + (declared switch { null => "未备案等级。", 0 => "备案为非重大危险源。", { } level => $"备案等级为{Roman(level)}级。" })
            + (grade.UnknownCount > 0 ? $"另有{FigureText.Whole(grade.UnknownCount)}种物质无临界量，未计入。" : "")
            + $"依据{rules.LegalSource}分级。";
        string limit = declared is { } from ? from == 0 ? "no major hazard registered" : $"registered level {Roman(from)}" : $"level {Roman(rules.WarnFromLevel)} or graver, where none is registered";
        return new Finding(HazardKind, 5 - Math.Max(1, grade.Level == 0 ? 4 : grade.Level), rules.Confidence, HazardModel, new Explanation(en, zh), figures, limit, rules.LegalSource);
    }

    public static Explanation HazardBack(HazardGrade grade) => new(
        $"Cleared: R = {FigureText.Measured((double)grade.R)}, Σq/Q = {FigureText.Measured((double)grade.Ratio)}.",
        $"已解除：R = {FigureText.Measured((double)grade.R)}，Σq/Q = {FigureText.Measured((double)grade.Ratio)}。");

    public static Finding Over(SubstancePermitRules rules, IReadOnlyList<Stock> over)
    {
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal);
        int severity = 1;
        foreach (Stock stock in over)
        {
            severity = Math.Max(severity, rules.Severity(stock.Grams, stock.OverPermitGrams));
        }

        foreach (Stock stock in over.Take(GrainLimits.ShipmentsExplained))
        {
            figures[$"{stock.Substance}.storedKg"] = stock.Grams / 1000.0;
            figures[$"{stock.Substance}.limitKg"] = stock.OverPermitGrams / 1000.0;
            figures[$"{stock.Substance}.overKg"] = (stock.Grams - stock.OverPermitGrams) / 1000.0;
        }

        IEnumerable<Stock> named = over.Take(GrainLimits.ShipmentsExplained);
        string en = string.Join(" ", named.Select(stock =>
            $"{stock.Substance}: {Kg(stock.Grams)} kg stored ({ByEn(stock)}), {Kg(stock.Grams - stock.OverPermitGrams)} kg over the {Kg(stock.OverPermitGrams)} kg that its permit allows."));
        string zh = string.Concat(named.Select(stock =>
            $"{stock.Substance}：储存{Kg(stock.Grams)} kg（{ByZh(stock)}），超过许可的最大储存量{Kg(stock.OverPermitGrams)} kg达{Kg(stock.Grams - stock.OverPermitGrams)} kg。"));
        return new Finding(
            OverKind,
            severity,
            rules.Confidence,
            PermitModel,
            new Explanation(en + MoreEn(over.Count - GrainLimits.ShipmentsExplained), zh + MoreZh(over.Count - GrainLimits.ShipmentsExplained)),
            figures,
            $"{over[0].Substance} at most {Kg(over[0].OverPermitGrams)} kg",
            rules.LegalSource);
    }

    public static Explanation OverBack(Stock stock) => new(
        $"Cleared: {stock.Substance} is within its permit, {Kg(stock.Grams)} kg stored.",
        $"已解除：{stock.Substance}储存{Kg(stock.Grams)} kg，在许可范围内。");

    public static Finding Lack(SubstancePermitRules rules, IReadOnlyList<(Stock Stock, PermitAnswer Permit)> lacking, int more)
    {
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal);
        foreach ((Stock stock, _) in lacking)
        {
            figures[$"{stock.Substance}.storedKg"] = stock.Grams / 1000.0;
        }

        return new Finding(
            LackKind,
            rules.UnpermittedSeverity,
            rules.Confidence,
            PermitModel,
            new Explanation(
                string.Join(" ", lacking.Select(it => LackEn(it.Stock, it.Permit))) + MoreEn(more),
                string.Concat(lacking.Select(it => LackZh(it.Stock, it.Permit))) + MoreZh(more)),
            figures,
            "a valid permit for the substance",
            rules.LegalSource);
    }

    /// <summary>Permits that have run out, or do so soon.</summary>
    /// <param name="rules">On permits.</param>
    /// <param name="ahead">On permits that run out soon.</param>
    /// <param name="expiring">The substances with their permits; of those that run out soon the edge is the end to come.</param>
    /// <param name="more">How many more there are.</param>
    /// <param name="nowMs">What is soon is so by this time, ms.</param>
    public static Finding Expiry(SubstancePermitRules rules, PermitExpiryRule ahead, IReadOnlyList<(Stock Stock, PermitAnswer Permit)> expiring, int more, long nowMs)
    {
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal);
        foreach ((Stock stock, PermitAnswer permit) in expiring)
        {
            figures[$"{stock.Substance}.storedKg"] = stock.Grams / 1000.0;
            figures[$"{stock.Substance}.leftDays"] = Math.Floor((permit.EdgeMs - nowMs) / 86_400_000.0);
        }

        bool hasEnded = expiring.Any(it => it.Stock.Lack == PermitStanding.Expired);
        return new Finding(
            ExpiryKind,
            hasEnded ? rules.UnpermittedSeverity : ahead.Severity,
            rules.Confidence,
            PermitModel,
            new Explanation(
                string.Join(" ", expiring.Select(it => it.Stock.Lack == PermitStanding.Expired ? LackEn(it.Stock, it.Permit)
                    : $"{it.Stock.Substance} is stored or moved, and permit {it.Permit.Number} for it ends at {FigureText.Time(it.Permit.EdgeMs)}; no other is registered that follows it.")) + MoreEn(more),
                string.Concat(expiring.Select(it => it.Stock.Lack == PermitStanding.Expired ? LackZh(it.Stock, it.Permit)
                    : $"{it.Stock.Substance}仍在储存或流转，其许可证{it.Permit.Number}将于{FigureText.Time(it.Permit.EdgeMs)}到期，未登记后续许可证。")) + MoreZh(more)),
            figures,
            "a valid permit for the substance",
            rules.LegalSource);
    }

    public static Explanation LackBack(Stock stock) => new($"Cleared: {stock.Substance} has a valid permit, or none of it is stored any more.", $"已解除：{stock.Substance}已有有效许可，或已不再储存。");

    /// <summary>What is wrong with a permit, in English.</summary>
    public static string StandingEn(PermitStanding standing, string number, long edgeMs) => standing switch
    {
        PermitStanding.Expired => $"permit {number} expired at {FigureText.Time(edgeMs)}",
        PermitStanding.NotYet => $"permit {number} begins only at {FigureText.Time(edgeMs)}",
        _ => "no permit for it is registered",
    };

    /// <summary>What is wrong with a permit, in Chinese.</summary>
    public static string StandingZh(PermitStanding standing, string number, long edgeMs) => standing switch
    {
        PermitStanding.Expired => $"许可证{number}已于{FigureText.Time(edgeMs)}到期",
        PermitStanding.NotYet => $"许可证{number}自{FigureText.Time(edgeMs)}起方有效",
        _ => "未登记该物质的许可证",
    };

    private static string LackEn(Stock stock, PermitAnswer permit) =>
        $"{stock.Substance} was {(stock.IsLackMoved ? "moved" : "stored")} at {FigureText.Time(stock.LackMs)} without a permit: {StandingEn(permit.Standing, permit.Number, permit.EdgeMs)}.";

    private static string LackZh(Stock stock, PermitAnswer permit) =>
        $"{stock.Substance}于{FigureText.Time(stock.LackMs)}无证{(stock.IsLackMoved ? "流转" : "储存")}：{StandingZh(permit.Standing, permit.Number, permit.EdgeMs)}。";

    private static string ByEn(Stock stock) => stock.TankCount > 0 ? $"by {FigureText.Whole(stock.TankCount)} tanks" : "by the ledger";

    private static string ByZh(Stock stock) => stock.TankCount > 0 ? $"据{FigureText.Whole(stock.TankCount)}个储罐" : "据台账";

    private static string Roman(int level) => level switch { 1 => "I", 2 => "II", 3 => "III", 4 => "IV", _ => "none" };
}
