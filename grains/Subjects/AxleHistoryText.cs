using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Vehicles;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>What a warning says of axles that are not as the vehicle's own usually are.</summary>
internal static class AxleHistoryText
{
    public static Finding Find(scoped in WeighedMass weighed, AnomalyRule rule, in AxleDeparture departure, int axles, double score, double threshold)
    {
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            ["grossKg"] = weighed.Weighing.GrossKg,
            ["axles"] = weighed.Weighing.AxleCount,
            ["score"] = Math.Round(score, 4),
            ["threshold"] = Math.Round(threshold, 4),
            ["weighingsKnown"] = departure.Weighings,
            ["axle"] = departure.WorstAxle + 1,
            ["sharePct"] = Rounded(departure.WorstShare * 100),
            ["usualSharePct"] = Rounded(departure.UsualShare * 100),
            ["shareOffSd"] = Rounded(departure.WorstSd),
            ["spacingOffM"] = Rounded(departure.SpacingOffM),
            ["axlesMore"] = departure.AxlesMore,
            ["gapM"] = Rounded(departure.GapM),
        };
        string station = Encoding.UTF8.GetString(weighed.Station);
        string lane = Encoding.UTF8.GetString(weighed.Weighing.Lane);
        string gross = FigureText.Whole(weighed.Weighing.GrossKg);
        string known = FigureText.Whole(departure.Weighings);
        string scored = FigureText.Measured(Math.Round(score, 3));
        string from = FigureText.Measured(Math.Round(threshold, 3));
        (string en, string zh) = Describe(departure, axles);
        return new Finding(
            AxleSignatureWarning.Kind,
            rule.Severity,
            rule.Confidence,
            rule.Model,
            new Explanation(
                $"The axles that station {station}{(lane.Length > 0 ? $", lane {lane}" : "")} weighed at {gross} kg gross are not as this vehicle's usually are, by {known} of its weighings: score {scored}, unusual from {from} (learned model {rule.Model}). {en}Look whether load, plate, vehicle and scale are in order.",
                $"检测站{station}{(lane.Length > 0 ? $"{lane}车道" : "")}测得总质量{gross} kg，其轴荷与轴距同该车以往{known}次称重不符：得分{scored}，{from}起为异常（学习模型{rule.Model}）。{zh}请核对载荷、号牌、车辆与称重设备。"),
            figures,
            $"score below {from}",
            null);
    }

    private static (string En, string Zh) Describe(in AxleDeparture departure, int axles)
    {
        StringBuilder en = new();
        StringBuilder zh = new();
        if (departure.AxlesMore > 0)
        {
            string own = FigureText.Whole(axles);
            string more = FigureText.Whole(departure.AxlesMore);
            string gap = FigureText.Measured(Math.Round(departure.GapM, 2));
            en.Append($"Its {own} axles stand as ever, and {more} more begin {gap} m behind them: perhaps of another vehicle. ");
            zh.Append($"其{own}根车轴位置如常，其后{gap} m处另有{more}根车轴，可能属于另一车辆。");
        }

        if (Math.Abs(departure.WorstSd) >= AxleHistoryFeatures.LeastSd)
        {
            string axle = FigureText.Whole(departure.WorstAxle + 1);
            string carries = FigureText.Measured(Math.Round(departure.WorstShare * 100, 1));
            string usual = FigureText.Measured(Math.Round(departure.UsualShare * 100, 1));
            string sd = (departure.WorstSd > 0 ? "+" : "") + FigureText.Measured(Math.Round(departure.WorstSd, 1));
            en.Append($"Axle {axle} carries {carries} % of it, and {usual} % would be usual at this load ({sd} standard deviations). ");
            zh.Append($"第{axle}轴占总质量{carries} %，在此载荷下通常为{usual} %（{sd}个标准差）。");
        }

        if (departure.SpacingOffM >= AxleHistoryFeatures.LeastSpacingM)
        {
            string off = FigureText.Measured(Math.Round(departure.SpacingOffM, 2));
            en.Append($"Two axles stand {off} m nearer or further apart than ever. ");
            zh.Append($"两轴间距与以往相差{off} m。");
        }

        return (en.ToString(), zh.ToString());
    }

    private static double Rounded(double value) => Math.Round(value, 3, MidpointRounding.AwayFromZero);
}
