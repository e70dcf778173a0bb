using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;
using Streaming.Models.Tanks;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>What a warning of an unusual tank says, in figures and in words.</summary>
internal static class TankAnomalyText
{
    /// <summary>Features that an explanation names.</summary>
    private const int FeaturesNamed = 3;

    /// <summary>A temperature is named from this many deviations on: what is named is what is off.</summary>
    private const double NamedFromSd = TankNormFeatures.LeastDeviation;

    public static double Rounded(double value) => Math.Round(value, 4, MidpointRounding.AwayFromZero);

    public static void AddFigures(in Unusual unusual, string prefix, SortedDictionary<string, double> figures)
    {
        if (!unusual.IsOfNorm)
        {
            FeatureSet features = unusual.Model.Features;
            for (int i = 0; i < features.Count; i++)
            {
                figures[prefix + features.Features[i].Name] = Rounded(unusual.Deviations[i]);
            }

            return;
        }

        TankDeparture departure = unusual.Departure;
        Add("pressureKpa", unusual.Figures.PressureKpa);
        Add("temperatureC", unusual.Figures.TemperatureC);
        figures[prefix + "pressureUsualKpa"] = Rounded(departure.PressureUsualKpa);
        figures[prefix + "pressureOffSd"] = Rounded(departure.PressureSd);
        figures[prefix + "pressureOffPct"] = Rounded(departure.PressurePct);
        figures[prefix + "temperatureUsualC"] = Rounded(departure.TemperatureUsualC);
        figures[prefix + "temperatureOffSd"] = Rounded(departure.TemperatureSd);
        figures[prefix + "temperatureOffC"] = Rounded(departure.TemperatureC);
        figures[prefix + "contentOffPct"] = Rounded(departure.ContentPct);
        figures[prefix + "contentMovesPct"] = Rounded(departure.ContentMovesPct);
        figures[prefix + "gasSd"] = Rounded(departure.GasSd);

        void Add(string name, double value)
        {
            if (!double.IsNaN(value))
            {
                figures[prefix + name] = Rounded(value);
            }
        }
    }

    public static Explanation Explain(string unit, TankStream stream, in Unusual unusual, TankAnomalies rules, string source, List<string> also)
    {
        string content = Encoding.UTF8.GetString(stream.Substance);
        string score = FigureText.Measured(Rounded(unusual.Score));
        string threshold = FigureText.Measured(Rounded(unusual.Threshold));
        (string offEn, string offZh) = unusual.IsOfNorm ? Norm(unusual) : Behaviour(unusual);
        string en = $"Tank{(unit.Length > 0 ? $" {unit}" : "")}{(content.Length > 0 ? $" ({content})" : "")} behaves unusually: {FigureText.Whole(unusual.Count)} of its last {FigureText.Whole(rules.Window)} readings (reported by {source}). "
            + $"The newest scores {score}, where {threshold} and more is unusual. {offEn}"
            + (also.Count > 0 ? $" Also unusual: {string.Join(", ", also)}." : "")
            + " A learned model says so; no limit is broken by that alone.";
        string zh = $"储罐{unit}{(content.Length > 0 ? $"（{content}）" : "")}行为异常：最近{FigureText.Whole(rules.Window)}个读数中有{FigureText.Whole(unusual.Count)}个异常（由{source}上报）。"
            + $"最新读数得分{score}，达到{threshold}即为异常。{offZh}"
            + (also.Count > 0 ? $"同时异常：{string.Join("、", also)}。" : "")
            + "该结论由学习模型给出，并不表示已超出限值。";
        return new Explanation(en, zh);
    }

    private static (string En, string Zh) Behaviour(in Unusual unusual)
    {
        TankDeviations deviations = unusual.Deviations;
        int[] most = [.. Enumerable.Range(0, unusual.Model.Features.Count).Where(i => Math.Abs(deviations[i]) >= TankBehaviourFeatures.LeastDeviation).OrderByDescending(i => Math.Abs(deviations[i])).ThenBy(i => i).Take(FeaturesNamed)];
        return (
            $"Furthest from this tank's own past: {string.Join("; ", most.Select(i => $"{TankBehaviourFeatures.English(i)} {Signed(deviations[i])} standard deviations"))}.",
            $"与该罐自身历史偏离最大的是：{string.Join("；", most.Select(i => $"{TankBehaviourFeatures.Chinese(i)}{Signed(deviations[i])}个标准差"))}。");
    }

    private static (string En, string Zh) Norm(in Unusual unusual)
    {
        TankDeparture departure = unusual.Departure;
        List<string> en = [];
        List<string> zh = [];
        if (Math.Abs(departure.PressureSd) >= NamedFromSd)
        {
            (string measured, string usual, string percent, string sd) = (OneDecimal(unusual.Figures.PressureKpa), OneDecimal(departure.PressureUsualKpa), Signed(departure.PressurePct), Signed(departure.PressureSd));
            en.Add($"pressure {measured} kPa, where {usual} kPa would be usual at its temperature and filling ({percent} %, {sd} standard deviations)");
            zh.Add($"压力{measured} kPa，按其温度与存量通常为{usual} kPa（{percent} %，{sd}个标准差）");
        }

        if (Math.Abs(departure.TemperatureSd) >= NamedFromSd)
        {
            (string measured, string usual, string sd) = (OneDecimal(unusual.Figures.TemperatureC), OneDecimal(departure.TemperatureUsualC), Signed(departure.TemperatureSd));
            en.Add($"temperature {measured} °C, where {usual} °C is usual ({sd} standard deviations)");
            zh.Add($"温度{measured} °C，通常为{usual} °C（{sd}个标准差）");
        }

        if (departure.GasSd >= NamedFromSd)
        {
            en.Add($"gas {Signed(departure.GasSd)} standard deviations above its mean");
            zh.Add($"气体高于均值{Signed(departure.GasSd)}个标准差");
        }

        return ($"By this tank's own last day: {string.Join("; ", en)}.", $"与该罐最近一天相比：{string.Join("；", zh)}。");
    }

    private static string OneDecimal(double value) => FigureText.Measured(Math.Round(value, 1, MidpointRounding.AwayFromZero));

    private static string Signed(double value) => (value > 0 ? "+" : "") + OneDecimal(value);
}
