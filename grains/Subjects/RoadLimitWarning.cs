using System.Text;
using Streaming.Grains.Messages;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Puts an overload into the figures and words of a warning. The gross mass and the axles are two limits of one kind: the warning has both, and its severity, limit and law are those of what was broken worst by share.
/// </summary>
internal static class RoadLimitWarning
{
    public const string Kind = "over-road-limit";

    /// <summary>Name of the figure that has the limit of the axles that are over theirs.</summary>
    public const string AxlesLimit = "axlesLimitKg";

    private const string Model = "road-limit/1";

    /// <summary>The model where axles are over their limit.</summary>
    private const string AxlesModel = "road-limit-axles/1";

    public static Finding Find(scoped in WeighedMass weighed)
    {
        RoadLimits limits = weighed.Rules.RoadLimits;
        WeighReading weighing = weighed.Weighing;
        RoadJudgement judgement = weighed.Road;
        LimitBreach worst = judgement.Worst;
        LimitBreach axles = weighed.Axles;
        double accuracyPct = weighed.AccuracyPct;
        double grossConfidence = limits.Probability(weighing.GrossKg, judgement.LimitKg, accuracyPct);
        double axlesAccuracyPct = AxlesAccuracyPct(weighed, out AccuracyClass? accuracyClass);
        double axlesConfidence = axles.IsOver ? limits.Probability(axles.MassKg, axles.LimitKg, axlesAccuracyPct) : 0;
        int penaltyCny = limits.PenaltyCny(judgement.OverKg);

        SortedDictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            ["grossKg"] = weighing.GrossKg,
            ["limitKg"] = judgement.LimitKg,
            ["overKg"] = judgement.OverKg,
            ["overPct"] = judgement.OverPct,
            ["axles"] = weighing.AxleCount,
            ["accuracyPct"] = accuracyPct,
        };
        if (judgement.IsOver)
        {
            figures["penaltyEstimateCny"] = penaltyCny;
        }

        if (axles.IsOver)
        {
            figures["axlesFirst"] = axles.FirstAxle + 1;
            figures["axlesCount"] = axles.AxleCount;
            figures["axlesKg"] = axles.MassKg;
            figures[AxlesLimit] = axles.LimitKg;
            figures["axlesOverKg"] = axles.OverKg;
            figures["axlesOverPct"] = axles.OverPct;
            figures["axlesAccuracyPct"] = axlesAccuracyPct;
        }

        if (weighing.SpeedTenthKmh >= 0)
        {
            figures["speedKmh"] = weighing.SpeedTenthKmh / 10.0;
        }

        for (int i = 0; i < weighing.AxleCount; i++)
        {
            // Two digits, so that the axles stand in order.
            figures[$"axle{(char)('0' + ((i + 1) / 10))}{(char)('0' + ((i + 1) % 10))}Kg"] = weighing.Axles[i].MassKg;
        }

        Explanation gross = judgement.IsOver ? ExplainGross(weighed, accuracyPct, grossConfidence, penaltyCny) : ExplainWithin(weighed);
        Explanation onAxles = axles.IsOver ? ExplainAxles(weighed, axles, axlesAccuracyPct, accuracyClass, axlesConfidence) : new Explanation("", "");
        Explanation permits = PermitWords(weighed.Registration, weighed.AtMs);
        return new Finding(
            Kind,
            limits.Severity(worst),
            Math.Max(judgement.IsOver ? grossConfidence : 0, axlesConfidence),
            axles.IsOver ? AxlesModel : Model,
            new Explanation(gross.En + onAxles.En + permits.En, gross.Zh + onAxles.Zh + permits.Zh),
            figures,
            worst.Criterion == LimitCriterion.Gross ? $"{FigureText.Whole(judgement.LimitKg)} kg: {judgement.BasisEn(weighing.AxleCount)}" : $"{FigureText.Whole(worst.LimitKg)} kg: {worst.BasisEn}",
            limits.LegalSourceOf(worst));
    }

    /// <summary>What a weighing comes to now, as a sentence.</summary>
    public static Explanation Now(scoped in WeighedMass weighed)
    {
        WeighReading weighing = weighed.Weighing;
        RoadJudgement judgement = weighed.Road;
        LimitBreach axles = weighed.Axles;
        string gross = FigureText.Whole(weighing.GrossKg);
        string limit = FigureText.Whole(judgement.LimitKg);
        string axlesEn = axles.IsOver ? $" Of {axles.BasisEn}, {FigureText.Whole(axles.MassKg)} kg is {FigureText.Whole(axles.OverKg)} kg over {FigureText.Whole(axles.LimitKg)} kg." : "";
        string axlesZh = axles.IsOver ? $"{axles.BasisZh}{FigureText.Whole(axles.MassKg)} kg，超出限值{FigureText.Whole(axles.LimitKg)} kg达{FigureText.Whole(axles.OverKg)} kg。" : "";
        return new Explanation(
            (judgement.IsJudged ? $"the limit is {limit} kg ({judgement.BasisEn(weighing.AxleCount)}), and {gross} kg is {(judgement.IsOver ? $"{FigureText.Whole(judgement.OverKg)} kg over it" : "within it")}." : $"{judgement.BasisEn(weighing.AxleCount)}.") + axlesEn,
            (judgement.IsJudged ? $"限值为{limit} kg（{judgement.BasisZh(weighing.AxleCount)}），{gross} kg{(judgement.IsOver ? $"超出{FigureText.Whole(judgement.OverKg)} kg" : "未超限")}。" : $"{judgement.BasisZh(weighing.AxleCount)}。") + axlesZh);
    }

    /// <summary>
    /// The accuracy of what the axles weigh, ± percent: by the station's accuracy class, where one is known and says something of axles; else that of its gross mass. No standard says how the one follows from the other, so
    /// nothing is worked out from it.
    /// </summary>
    private static double AxlesAccuracyPct(scoped in WeighedMass weighed, out AccuracyClass? accuracyClass)
    {
        accuracyClass = weighed.Axles.IsOver ? weighed.Rules.RoadLimits.ClassOf(weighed.Station) : null;
        double pct = accuracyClass?.TolerancePct(weighed.Axles) ?? 0;
        if (pct > 0)
        {
            return pct;
        }

        accuracyClass = null;
        return weighed.AccuracyPct;
    }

    /// <summary>What is known of permits.</summary>
    private static Explanation PermitWords(VehicleRegistration? registration, long atMs)
    {
        if (registration?.PermitAt(atMs) is { } permit)
        {
            string allowed = FigureText.Whole(permit.GrossKg);
            return new Explanation($"Its over-limit transport permit {permit.Number} allows {allowed} kg.", $"该车持有超限运输车辆通行证{permit.Number}，允许总质量{allowed} kg。");
        }

        return registration is { IsRegistered: true }
            ? new Explanation("No over-limit transport permit that was valid then is registered.", "登记信息中无当时有效的超限运输车辆通行证。")
            : new Explanation("Whether the vehicle has an over-limit transport permit was not looked up: check before acting.", "尚未核查该车是否持有超限运输车辆通行证，处理前须核实。");
    }

    private static Explanation ExplainGross(scoped in WeighedMass weighed, double accuracyPct, double confidence, int penaltyCny)
    {
        RoadLimits limits = weighed.Rules.RoadLimits;
        WeighReading weighing = weighed.Weighing;
        RoadJudgement judgement = weighed.Road;
        bool known = weighed.AccuracyHundredthPct > 0;
        string station = Encoding.UTF8.GetString(weighed.Station);
        string lane = Encoding.UTF8.GetString(weighing.Lane);
        string gross = FigureText.Whole(weighing.GrossKg);
        string over = FigureText.Whole(judgement.OverKg);
        string pct = FigureText.HundredthPct(judgement.OverHundredthPct);
        string limit = FigureText.Whole(judgement.LimitKg);
        string accuracy = FigureText.Measured(accuracyPct);
        string sure = FigureText.Probability(confidence);
        string penalty = FigureText.Whole(penaltyCny);

        string en = $"{gross} kg gross at station {station}{(lane.Length > 0 ? $", lane {lane}" : "")}: {over} kg ({pct} %) over the road limit of {limit} kg. "
            + $"Limit: {judgement.BasisEn(weighing.AxleCount)} ({limits.LegalSource}). "
            + $"With the station's accuracy of ±{accuracy} %{(known ? "" : " (none registered; assumed)")}, the true mass is over the limit with a probability of {sure} %. "
            + $"Estimate by {limits.PenaltySource}: {(penaltyCny > 0 ? $"CNY {penalty}" : "a warning")}. ";
        string zh = $"检测站{station}{(lane.Length > 0 ? $"{lane}车道" : "")}测得总质量{gross} kg，超过公路限值{limit} kg达{over} kg（{pct} %）。"
            + $"限值：{judgement.BasisZh(weighing.AxleCount)}（{limits.LegalSource}）。"
            + $"按检测站准确度±{accuracy} %{(known ? "" : "（未登记，取默认值）")}计，真实质量超限的概率为{sure} %。"
            + $"依据{limits.PenaltySource}估算：{(penaltyCny > 0 ? $"罚款{penalty}元" : "警告")}。";
        return new Explanation(en, zh);
    }

    private static Explanation ExplainWithin(scoped in WeighedMass weighed)
    {
        WeighReading weighing = weighed.Weighing;
        RoadJudgement judgement = weighed.Road;
        string station = Encoding.UTF8.GetString(weighed.Station);
        string lane = Encoding.UTF8.GetString(weighing.Lane);
        string gross = FigureText.Whole(weighing.GrossKg);
        string limit = FigureText.Whole(judgement.LimitKg);
        return new Explanation(
            $"{gross} kg gross at station {station}{(lane.Length > 0 ? $", lane {lane}" : "")} is within the road limit of {limit} kg ({judgement.BasisEn(weighing.AxleCount)}), but not every axle is within its own. ",
            $"检测站{station}{(lane.Length > 0 ? $"{lane}车道" : "")}测得总质量{gross} kg，未超过公路限值{limit} kg（{judgement.BasisZh(weighing.AxleCount)}），但有车轴超过轴荷限值。");
    }

    private static Explanation ExplainAxles(scoped in WeighedMass weighed, in LimitBreach axles, double accuracyPct, AccuracyClass? accuracyClass, double confidence)
    {
        RoadLimits limits = weighed.Rules.RoadLimits;
        bool worst = weighed.Road.IsOver && weighed.Road.Worst.Criterion != LimitCriterion.Gross;
        string mass = FigureText.Whole(axles.MassKg);
        string over = FigureText.Whole(axles.OverKg);
        string pct = FigureText.HundredthPct(axles.OverHundredthPct);
        string limit = FigureText.Whole(axles.LimitKg);
        string accuracy = FigureText.Measured(accuracyPct);
        string sure = FigureText.Probability(confidence);
        string source = limits.LegalSourceOf(axles);
        string known = weighed.AccuracyHundredthPct > 0 ? "" : " (none registered; assumed)";
        string knownZh = weighed.AccuracyHundredthPct > 0 ? "" : "（未登记，取默认值）";
        string byEn = accuracyClass is null
            ? $"With the station's accuracy of ±{accuracy} % of the gross mass{known}, as none for axles is known"
            : $"With the accuracy of ±{accuracy} % that its class {accuracyClass.Name} has for them";
        string byZh = accuracyClass is null
            ? $"轴荷准确度未知，按检测站总质量准确度±{accuracy} %{knownZh}计"
            : $"按检测站准确度等级{accuracyClass.Name}对轴荷的±{accuracy} %计";
        return new Explanation(
            $"{mass} kg on {axles.BasisEn}: {over} kg ({pct} %) over the limit of {limit} kg ({source}){(worst ? ", which is the limit broken worst" : "")}. {byEn}, they are over it with a probability of {sure} %. ",
            $"{axles.BasisZh}测得{mass} kg，超过限值{limit} kg达{over} kg（{pct} %）（{source}）{(worst ? "，为超出比例最大的一项" : "")}。{byZh}，真实轴荷超限的概率为{sure} %。");
    }
}
