using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>Puts an overload into the figures and words of a warning.</summary>
internal static class RoadLimitWarning
{
    public const string Kind = "over-road-limit";
    private const string Model = "road-limit/1";

    public static Finding Find(RoadLimits limits, scoped in Origin origin, scoped in WeighReading weighing, in RoadJudgement judgement)
    {
        bool registered = origin.AccuracyHundredthPct > 0;
        double accuracyPct = registered ? origin.AccuracyHundredthPct / 100.0 : limits.DefaultAccuracyPct;
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
            Explain(limits, origin, weighing, judgement, accuracyPct, registered, confidence, penaltyCny),
            figures,
            $"{FigureText.Whole(judgement.LimitKg)} kg: {judgement.BasisEn(weighing.AxleCount)}",
            limits.LegalSource);
    }

    private static Explanation Explain(
        RoadLimits limits, scoped in Origin origin, scoped in WeighReading weighing, in RoadJudgement judgement, double accuracyPct, bool registered, double confidence, int penaltyCny)
    {
        string station = Encoding.UTF8.GetString(origin.Source);
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
            + $"With the station's accuracy of ±{accuracy} %{(registered ? "" : " (none registered; assumed)")}, the true mass is over the limit with a probability of {sure} %. "
            + $"Estimate by {limits.PenaltySource}: {(penaltyCny > 0 ? $"CNY {penalty}" : "a warning")}. "
            + "Whether the vehicle has an over-limit transport permit was not looked up: check before acting.";
        string zh = $"检测站{station}{(lane.Length > 0 ? $"{lane}车道" : "")}测得总质量{gross} kg，超过公路限值{limit} kg达{over} kg（{pct} %）。"
            + $"限值：{judgement.BasisZh(weighing.AxleCount)}（{limits.LegalSource}）。"
            + $"按检测站准确度±{accuracy} %{(registered ? "" : "（未登记，取默认值）")}计，真实质量超限的概率为{sure} %。"
            + $"依据{limits.PenaltySource}估算：{(penaltyCny > 0 ? $"罚款{penalty}元" : "警告")}。"
            + "尚未核查该车是否持有超限运输车辆通行证，处理前须核实。";
        return new Explanation(en, zh);
    }
}
