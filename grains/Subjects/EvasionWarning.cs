using System.Text;
using Streaming.Grains.Messages;
using Streaming.Models.Encoding;
using Streaming.Models.Evasion;
using Streaming.Models.Readings;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>Puts an evasion into the figures and words of a warning. Each way that a weighing shows has a sentence.</summary>
internal static class EvasionWarning
{
    public const string Kind = "evasion";
    private const string Model = "evasion/1";

    /// <summary>What one weighing showed.</summary>
    public static Finding Find(scoped in WeighedMass weighed, scoped in EvasionFinding found)
    {
        WeighReading weighing = weighed.Weighing;
        string station = Encoding.UTF8.GetString(weighed.Station);
        string lane = Encoding.UTF8.GetString(weighing.Lane);
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal) { ["grossKg"] = weighing.GrossKg, ["axles"] = weighing.AxleCount };
        StringBuilder en = new();
        StringBuilder zh = new();
        List<string> limits = [];
        List<string> namesEn = [];
        List<string> namesZh = [];
        foreach (EvasionWays way in EvasionWayNames.All)
        {
            if ((found.Ways & way) != 0)
            {
                namesEn.Add(way.English());
                namesZh.Add(way.Chinese());
                (Explanation words, string limit) = Words(way, weighed, found, figures);
                en.Append(words.En);
                zh.Append(words.Zh);
                limits.Add(limit);
            }
        }

        string gross = FigureText.Whole(weighing.GrossKg);
        return new Finding(
            Kind,
            found.Severity,
            found.Confidence,
            Model,
            new Explanation(
                $"Evasion of weighing ({string.Join(", ", namesEn)}) at station {station}{(lane.Length > 0 ? $", lane {lane}" : "")}, {gross} kg gross. {en}Check before acting.",
                $"疑似规避称重（{string.Join("、", namesZh)}）：检测站{station}{(lane.Length > 0 ? $"{lane}车道" : "")}，总质量{gross} kg。{zh}处理前须核实。"),
            figures,
            string.Join("; ", limits),
            weighed.Rules.Evasion.LegalSource);
    }

    /// <summary>A camera saw it, and no station weighed it.</summary>
    public static Finding FindUnweighed(EvasionRules rules, in KeptReading seen, int times)
    {
        string camera = Encoding.UTF8.GetString(seen.Source);
        (int first, int count) = rules.StationsOf(seen.Source);
        string stations = string.Join(" / ", Enumerable.Range(first, count).Select(i => rules.Watches[i].Station));
        int withinS = rules.LongestS(seen.Source);
        string seconds = FigureText.Whole(withinS);
        string at = FigureText.Time(seen.AtMs);
        return new Finding(
            Kind,
            rules.Unweighed.Severity,
            rules.Unweighed.Confidence,
            Model,
            new Explanation(
                $"Evasion of weighing ({EvasionWays.Unweighed.English()}): camera {camera}, which watches the approach to station {stations}, saw it at {at}, and within {seconds} s no weighing followed there. Passages without a weighing: {FigureText.Whole(times)}. It may have turned off, or the station did not read its plate. Check before acting.",
                $"疑似规避称重（{EvasionWays.Unweighed.Chinese()}）：监视检测站{stations}来车方向的摄像头{camera}于{at}拍到该车，其后{seconds}秒内该站无称重记录。此类未称重通行共{FigureText.Whole(times)}次。车辆可能驶离，或检测站未识别号牌。处理前须核实。"),
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["withinS"] = withinS, ["passages"] = times },
            $"weighed within {seconds} s of the camera",
            rules.LegalSource);
    }

    private static (Explanation Words, string Limit) Words(EvasionWays way, scoped in WeighedMass weighed, scoped in EvasionFinding found, SortedDictionary<string, double> figures) => way switch
    {
        EvasionWays.Straddling => Straddling(weighed.Rules.Evasion.Straddling!, weighed.Weighing, figures),
        EvasionWays.Speed => Speed(weighed.Rules.Evasion.Speed!, weighed, figures),
        EvasionWays.Stations => Stations(weighed.Rules.Evasion.Disagreement!, weighed, found, figures),
        EvasionWays.RegisteredAxles => RegisteredAxles(weighed, found, figures),
        _ => StationAxles(weighed.Rules.Evasion.AxleCount!, weighed, found, figures),
    };

    private static (Explanation Words, string Limit) Straddling(StraddlingRule rule, scoped in WeighReading weighing, SortedDictionary<string, double> figures)
    {
        figures["leftRightRatio"] = weighing.LeftRightPermille / 1000.0;
        string ratio = FigureText.Measured(weighing.LeftRightPermille / 1000.0);
        string least = FigureText.Measured(rule.LeastPermille / 1000.0);
        string most = FigureText.Measured(rule.MostPermille / 1000.0);
        return (
            new Explanation(
                $"Its left wheels weighed {ratio} times its right ones, outside {least} to {most}: one side may have passed beside the scale, and the mass is then not the true one. ",
                $"左右轮荷之比为{ratio}，超出{least}至{most}：可能一侧未经过秤台，所测质量可能不实。"),
            $"left to right wheels {least} to {most}");
    }

    private static (Explanation Words, string Limit) Speed(SpeedRule rule, scoped in WeighedMass weighed, SortedDictionary<string, double> figures)
    {
        (double leastKmh, double mostKmh) = rule.Of(weighed.Station);
        figures["speedKmh"] = weighed.Weighing.SpeedTenthKmh / 10.0;
        string speed = FigureText.Measured(weighed.Weighing.SpeedTenthKmh / 10.0);
        string least = FigureText.Measured(leastKmh);
        string most = FigureText.Measured(mostKmh);
        return (
            new Explanation($"It passed at {speed} km/h, and the station weighs truly at {least} to {most} km/h. ", $"通过车速{speed} km/h，超出该站有效称重车速范围{least}至{most} km/h。"),
            $"weighed at {least} to {most} km/h");
    }

    private static (Explanation Words, string Limit) Stations(DisagreementRule rule, scoped in WeighedMass weighed, scoped in EvasionFinding found, SortedDictionary<string, double> figures)
    {
        int differenceKg = Math.Abs(found.Earlier.GrossKg - weighed.Weighing.GrossKg);
        int heavierKg = Math.Max(found.Earlier.GrossKg, weighed.Weighing.GrossKg);
        long hundredthPct = ((differenceKg * 10_000L) + (heavierKg / 2)) / heavierKg;
        Earlier(weighed, found, figures);
        figures["differenceKg"] = differenceKg;
        figures["differencePct"] = hundredthPct / 100.0;
        figures["accuracyPct"] = weighed.AccuracyPct;
        figures["earlierAccuracyPct"] = found.Earlier.AccuracyPct;
        string before = Encoding.UTF8.GetString(found.EarlierStation);
        string difference = FigureText.Whole(differenceKg);
        string pct = FigureText.HundredthPct(hundredthPct);
        string earlier = FigureText.Whole(found.Earlier.GrossKg);
        string apart = FigureText.Whole((weighed.AtMs - found.Earlier.AtMs) / 1000);
        string above = FigureText.Measured(rule.AbovePct);
        string accuracy = FigureText.Measured(weighed.AccuracyPct);
        string accuracyBefore = FigureText.Measured(found.Earlier.AccuracyPct);
        string sure = FigureText.Probability(found.Probability);
        return (
            new Explanation(
                $"Station {before} weighed {earlier} kg {apart} s before: {difference} kg ({pct} %) apart, which is more than {above} % and more than the stations err. With their accuracies of ±{accuracyBefore} % and ±{accuracy} %, the true masses differ with a probability of {sure} %. "
                + "Which of the two is the true one is not known; nothing says that it was at a registered place of loading or unloading between them. ",
                $"检测站{before}在{apart}秒前测得{earlier} kg，相差{difference} kg（{pct} %），超过{above} %且超出两站误差。按两站准确度±{accuracyBefore} %和±{accuracy} %计，真实质量不同的概率为{sure} %。"
                + "无法得知何者为实；无信息表明其间曾在登记装卸点停留。"),
            $"two stations within {above} %");
    }

    private static (Explanation Words, string Limit) RegisteredAxles(scoped in WeighedMass weighed, scoped in EvasionFinding found, SortedDictionary<string, double> figures)
    {
        int axles = weighed.Registration?.AxlesAt(weighed.AtMs) ?? 0;
        int overKg = Math.Max(0, weighed.Weighing.GrossKg - found.RegisteredLimitKg);
        figures["registeredAxles"] = axles;
        figures["registeredLimitKg"] = found.RegisteredLimitKg;
        figures["hiddenOverKg"] = overKg;
        string weighedAxles = FigureText.Whole(weighed.Weighing.AxleCount);
        string registered = FigureText.Whole(axles);
        string limit = FigureText.Whole(found.RegisteredLimitKg);
        string over = FigureText.Whole(overKg);
        return (
            new Explanation(
                $"It was weighed with {weighedAxles} axles and is registered as a rigid truck with {registered}, whose limit is {limit} kg: {(overKg > 0 ? $"{over} kg over that is hidden" : "nothing is hidden by it")}. ",
                $"称重轴数为{weighedAxles}，登记为{registered}轴载货汽车，其限值为{limit} kg：{(overKg > 0 ? $"掩盖超限{over} kg" : "未掩盖超限")}。"),
            $"{registered} axles as registered");
    }

    private static (Explanation Words, string Limit) StationAxles(AxleCountRule rule, scoped in WeighedMass weighed, scoped in EvasionFinding found, SortedDictionary<string, double> figures)
    {
        Earlier(weighed, found, figures);
        figures["earlierAxles"] = found.Earlier.AxleCount;
        string before = Encoding.UTF8.GetString(found.EarlierStation);
        string earlier = FigureText.Whole(found.Earlier.GrossKg);
        string axlesBefore = FigureText.Whole(found.Earlier.AxleCount);
        string axles = FigureText.Whole(weighed.Weighing.AxleCount);
        string apart = FigureText.Whole((weighed.AtMs - found.Earlier.AtMs) / 1000);
        string same = FigureText.Measured(rule.SameGrossPct);
        return (
            new Explanation(
                $"Station {before} counted {axlesBefore} axles {apart} s before and this one {axles}, at the same gross mass within {same} % ({earlier} kg there). An axle may have been lifted. ",
                $"检测站{before}在{apart}秒前测得{axlesBefore}轴、{earlier} kg，本站测得{axles}轴，总质量相差不超过{same} %。可能有提升轴。"),
            $"the same axles at the same gross mass within {same} %");
    }

    private static void Earlier(scoped in WeighedMass weighed, scoped in EvasionFinding found, SortedDictionary<string, double> figures)
    {
        figures["earlierGrossKg"] = found.Earlier.GrossKg;
        figures["apartS"] = (weighed.AtMs - found.Earlier.AtMs) / 1000.0;
    }
}
