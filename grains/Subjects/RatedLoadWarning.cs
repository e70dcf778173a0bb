using System.Text;
using Streaming.Grains.Messages;
using Streaming.Models.Limits;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>Puts a load over the vehicle's rating into the figures and words of a warning.</summary>
internal static class RatedLoadWarning
{
    public const string Kind = "over-rated-load";
    private const string Model = "rated-load/1";

    public static Finding Find(scoped in WeighedMass weighed)
    {
        RatedLoadJudgement judgement = weighed.RatedLoad;
        double confidence = weighed.Rules.RoadLimits.Probability(weighed.Weighing.GrossKg, judgement.AllowedGrossKg, weighed.AccuracyPct);
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            ["grossKg"] = weighed.Weighing.GrossKg,
            ["curbKg"] = judgement.CurbKg,
            ["loadKg"] = judgement.LoadKg,
            ["ratedLoadKg"] = judgement.RatedLoadKg,
            ["limitKg"] = judgement.AllowedGrossKg,
            ["overKg"] = judgement.OverKg,
            ["overPct"] = judgement.OverPct,
            ["axles"] = weighed.Weighing.AxleCount,
            ["accuracyPct"] = weighed.AccuracyPct,
        };
        return new Finding(
            Kind,
            weighed.Rules.RatedLoads.Severity(judgement),
            confidence,
            Model,
            Explain(weighed, judgement, confidence),
            figures,
            judgement.BasisEn,
            weighed.Rules.RatedLoads.LegalSource);
    }

    /// <summary>What a weighing comes to now, as a sentence.</summary>
    public static Explanation Now(scoped in WeighedMass weighed)
    {
        RatedLoadJudgement judgement = weighed.RatedLoad;
        string over = FigureText.Whole(judgement.OverKg);
        return judgement.IsJudged
            ? new Explanation(
                $"{judgement.BasisEn}, and a load of {FigureText.Whole(judgement.LoadKg)} kg is {(judgement.IsOver ? $"{over} kg over it" : "within it")}.",
                $"{judgement.BasisZh}，载质量{FigureText.Whole(judgement.LoadKg)} kg{(judgement.IsOver ? $"超出{over} kg" : "未超载")}。")
            : new Explanation($"{judgement.BasisEn}.", $"{judgement.BasisZh}。");
    }

    private static Explanation Explain(scoped in WeighedMass weighed, in RatedLoadJudgement judgement, double confidence)
    {
        RatedLoads rules = weighed.Rules.RatedLoads;
        string station = Encoding.UTF8.GetString(weighed.Station);
        string lane = Encoding.UTF8.GetString(weighed.Weighing.Lane);
        string gross = FigureText.Whole(weighed.Weighing.GrossKg);
        string load = FigureText.Whole(judgement.LoadKg);
        string rated = FigureText.Whole(judgement.RatedLoadKg);
        string curb = FigureText.Whole(judgement.CurbKg);
        string over = FigureText.Whole(judgement.OverKg);
        string pct = FigureText.HundredthPct(judgement.OverHundredthPct);
        string accuracy = FigureText.Measured(weighed.AccuracyPct);
        string sure = FigureText.Probability(confidence);
        string heavier = FigureText.Measured(rules.HeavierAbovePct);
        bool known = weighed.AccuracyHundredthPct > 0;
        bool isHeavier = rules.IsHeavier(judgement);

        string en = $"{gross} kg gross at station {station}{(lane.Length > 0 ? $", lane {lane}" : "")}; less the registered curb mass of {curb} kg it carried {load} kg, {over} kg ({pct} %) over its rated load of {rated} kg ({rules.LegalSource}). "
            + $"That is {(isHeavier ? "" : "not ")}more than {heavier} % over, where the law's heavier class begins. "
            + $"With the station's accuracy of ±{accuracy} %{(known ? "" : " (none registered; assumed)")}, the true load is over the rating with a probability of {sure} %. "
            + "An over-limit transport permit does not raise the rated load.";
        string zh = $"检测站{station}{(lane.Length > 0 ? $"{lane}车道" : "")}测得总质量{gross} kg，扣除登记的整备质量{curb} kg，载质量为{load} kg，超过核定载质量{rated} kg达{over} kg（{pct} %）（{rules.LegalSource}）。"
            + $"{(isHeavier ? "已" : "未")}超过核定载质量的{heavier} %，{(isHeavier ? "适用" : "不适用")}较重一档处罚。"
            + $"按检测站准确度±{accuracy} %{(known ? "" : "（未登记，取默认值）")}计，真实载质量超载的概率为{sure} %。"
            + "超限运输车辆通行证不提高核定载质量。";
        return new Explanation(en, zh);
    }
}
