using System.Text;
using Streaming.Grains.Messages;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>Puts an overload into the figures and words of a warning.</summary>
internal static class RoadLimitWarning
{
    public const string Kind = "over-road-limit";
    private const string Model = "road-limit/1";

    public static Finding Find(scoped in WeighedMass weighed)
    {
        RoadLimits limits = weighed.Rules.RoadLimits;
        WeighReading weighing = weighed.Weighing;
        RoadJudgement judgement = weighed.Road;
        double accuracyPct = weighed.AccuracyPct;
        double confidence = limits.Probability(weighing.GrossKg, judgement.LimitKg, accuracyPct);
        int penaltyCny = limits.PenaltyCny(judgement.OverKg);

        SortedDictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            ["grossKg"] = weighing.GrossKg,
            ["limitKg"] = judgement.LimitKg,
            ["overKg"] = judgement.OverKg,
            ["overPct"] = judgement.OverPct,
            ["axles"] = weighing.AxleCount,
            ["accuracyPct"] = accuracyPct,
            ["penaltyEstimateCny"] = penaltyCny,
        };
        if (weighing.SpeedTenthKmh >= 0)
        {
            figures["speedKmh"] = weighing.SpeedTenthKmh / 10.0;
        }

        for (int i = 0; i < weighing.AxleCount; i++)
        {
            // Two digits, so that the axles stand in order.
            figures[$"axle{(char)('0' + ((i + 1) / 10))}{(char)('0' + ((i + 1) % 10))}Kg"] = weighing.Axles[i].MassKg;
        }

        return new Finding(
            Kind,
            limits.Severity(judgement),
            confidence,
            Model,
            Explain(limits, Encoding.UTF8.GetString(weighed.Station), weighing, judgement, accuracyPct, weighed.AccuracyHundredthPct > 0, confidence, penaltyCny, PermitWords(weighed.Registration, weighed.AtMs)),
            figures,
            $"{FigureText.Whole(judgement.LimitKg)} kg: {judgement.BasisEn(weighing.AxleCount)}",
            limits.LegalSource);
    }

    /// <summary>What a weighing comes to now, as a sentence.</summary>
    public static Explanation Now(scoped in WeighedMass weighed)
    {
        WeighReading weighing = weighed.Weighing;
        RoadJudgement judgement = weighed.Road;
        string gross = FigureText.Whole(weighing.GrossKg);
        string limit = FigureText.Whole(judgement.LimitKg);
        return new Explanation(
            judgement.IsJudged ? $"the limit is {limit} kg ({judgement.BasisEn(weighing.AxleCount)}), and {gross} kg is {(judgement.IsOver ? $"{FigureText.Whole(judgement.OverKg)} kg over it" : "within it")}." : $"{judgement.BasisEn(weighing.AxleCount)}.",
            judgement.IsJudged ? $"限值为{limit} kg（{judgement.BasisZh(weighing.AxleCount)}），{gross} kg{(judgement.IsOver ? $"超出{FigureText.Whole(judgement.OverKg)} kg" : "未超限")}。" : $"{judgement.BasisZh(weighing.AxleCount)}。");
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

    private static Explanation Explain(
        RoadLimits limits, string station, scoped in WeighReading weighing, in RoadJudgement judgement, double accuracyPct, bool known, double confidence, int penaltyCny, Explanation permits)
    {
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
            + $"Estimate by {limits.PenaltySource}: {(penaltyCny > 0 ? $"CNY {penalty}" : "a warning")}. "
            + permits.En;
        string zh = $"检测站{station}{(lane.Length > 0 ? $"{lane}车道" : "")}测得总质量{gross} kg，超过公路限值{limit} kg达{over} kg（{pct} %）。"
            + $"限值：{judgement.BasisZh(weighing.AxleCount)}（{limits.LegalSource}）。"
            + $"按检测站准确度±{accuracy} %{(known ? "" : "（未登记，取默认值）")}计，真实质量超限的概率为{sure} %。"
            + $"依据{limits.PenaltySource}估算：{(penaltyCny > 0 ? $"罚款{penalty}元" : "警告")}。"
            + permits.Zh;
        return new Explanation(en, zh);
    }
}
