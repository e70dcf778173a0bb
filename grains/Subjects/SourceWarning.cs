using Streaming.Grains.Messages;
using Streaming.Models.Sources;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>Puts what was found of a source itself into the figures and words of warnings. None cites a reading: they rest on many, or on none.</summary>
internal static class SourceWarning
{
    public const string SilenceKind = "source-silence";
    public const string CalibrationKind = "calibration-expired";
    public const string DriftKind = "calibration-drift";
    private const string SilenceModel = "source-silence/1";
    private const string ShareModel = "source-share/1";
    private const string CalibrationModel = "station-calibration/1";
    private const string DriftModel = "steering-axle-mean/1";

    /// <summary>The kinds that go by a share of what comes: late, rejected, of a clock that is off.</summary>
    public static readonly string[] ShareKinds = ["source-lateness", "source-rejects", "clock-off"];

    private static readonly Explanation[] Shares =
    [
        new("came in a minute or more after they were taken", "在采集一分钟或更久后才到达"),
        new("do not decode or do not fit", "无法解码或不合规范"),
        new("have a time over a minute ahead, or none that can be taken", "时间超前一分钟以上或无效"),
    ];

    public static Finding Silence(string source, SilenceRule rule, long lastSeenMs, long afterMs, long nowMs)
    {
        string since = FigureText.Time(lastSeenMs);
        string after = FigureText.Whole(afterMs / 1000);
        return new Finding(
            SilenceKind,
            rule.Severity,
            rule.Confidence,
            SilenceModel,
            new Explanation(
                $"Nothing has come from {source} since {since}; after {after} s it counts as silent. What passes there is not seen.",
                $"{source}自{since}起无数据，超过{after}秒即视为失联。其间情况无法掌握。"),
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["silentS"] = (nowMs - lastSeenMs) / 1000, ["limitS"] = afterMs / 1000 },
            $"{after} s, as its registration expects",
            null);
    }

    public static Explanation SilenceBack(long afterMs) => new(
        $"Cleared: it has been heard again for {FigureText.Whole(afterMs / 1000)} s without such a gap.", $"已解除：已恢复并持续{FigureText.Whole(afterMs / 1000)}秒无中断。");

    public static Explanation SilenceVoid { get; } = new("Cleared: nothing is expected of it any more, or something else.", "已解除：对其数据的期望已变更或取消。");

    /// <summary>A share of what came in a window.</summary>
    /// <param name="source">The source.</param>
    /// <param name="kind">Place in <see cref="ShareKinds"/>.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="some">Readings that are not as they should be.</param>
    /// <param name="all">All readings.</param>
    /// <param name="windowMs">Length of the window, ms.</param>
    public static Finding Share(string source, int kind, ShareRule rule, long some, long all, long windowMs)
    {
        string share = Pct(some, all);
        string limit = FigureText.Measured(rule.OpenPct);
        return new Finding(
            ShareKinds[kind],
            rule.Severity,
            1,
            ShareModel,
            new Explanation(
                $"Of {FigureText.Whole(all)} readings from {source} within {FigureText.Whole(windowMs / 60_000)} min, {FigureText.Whole(some)} ({share} %) {Shares[kind].En}; the limit is {limit} %.",
                $"{source}在{FigureText.Whole(windowMs / 60_000)}分钟内的{FigureText.Whole(all)}条数据中，有{FigureText.Whole(some)}条（{share} %）{Shares[kind].Zh}，限值为{limit} %。"),
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["readings"] = all, ["concerned"] = some, ["sharePct"] = Math.Round(100.0 * some / all, 2), ["limitPct"] = rule.OpenPct },
            $"{limit} % of the readings",
            null);
    }

    public static Explanation ShareBack(ShareRule rule, long some, long all) => new(
        $"Cleared: {Pct(some, all)} % of the newest, at most {FigureText.Measured(rule.ClearPct)} %.", $"已解除：最近一段占{Pct(some, all)} %，不超过{FigureText.Measured(rule.ClearPct)} %。");

    public static Finding Calibration(string source, CalibrationRule rule, in StationSpan station)
    {
        string due = FigureText.Time(station.DueMs);
        (string lastEn, string lastZh) = station.CalibratedMs != 0
            ? ($" It was last calibrated at {FigureText.Time(station.CalibratedMs)}.", $"上次检定时间为{FigureText.Time(station.CalibratedMs)}。")
            : ("", "");
        return new Finding(
            CalibrationKind,
            rule.Severity,
            rule.Confidence,
            CalibrationModel,
            new Explanation(
                $"The calibration of station {source} ran out at {due} by the register of stations.{lastEn} Warnings that rest on its weighings since then are advisory.",
                $"据检测站登记，{source}的检定有效期已于{due}届满。{lastZh}此后依据其称重作出的警告仅供参考。"),
            new SortedDictionary<string, double>(StringComparer.Ordinal),
            $"calibration due at {due}",
            rule.LegalSource);
    }

    public static Explanation CalibrationBack(in StationSpan station) => station.DueMs != 0
        ? new($"Cleared: its calibration is registered as valid until {FigureText.Time(station.DueMs)}.", $"已解除：登记的检定有效期至{FigureText.Time(station.DueMs)}。")
        : new("Cleared: the register says nothing of the end of its calibration any more.", "已解除：登记中已无检定有效期。");

    public static Finding Drift(string source, DriftRule rule, double meanKg, long trucks)
    {
        string mean = FigureText.Whole((long)Math.Round(meanKg));
        string band = $"{FigureText.Whole((long)rule.LeastKg)} – {FigureText.Whole((long)rule.MostKg)} kg";
        return new Finding(
            DriftKind,
            rule.Severity,
            rule.Confidence,
            DriftModel,
            new Explanation(
                $"The front axles of the last {FigureText.Whole(trucks)} combinations of {FigureText.Whole(rule.Axles)} axles at station {source} weighed {mean} kg on average; in order are {band}. The scale may have drifted: have it looked at.",
                $"{source}最近{FigureText.Whole(trucks)}辆{FigureText.Whole(rule.Axles)}轴列车的转向轴平均为{mean} kg，正常范围为{band}。衡器可能漂移，请核查。"),
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["meanKg"] = Math.Round(meanKg, 1), ["leastKg"] = rule.LeastKg, ["mostKg"] = rule.MostKg, ["trucks"] = trucks },
            band,
            null);
    }

    public static Explanation DriftBack(DriftRule rule, double meanKg) => new(
        $"Cleared: the mean is {FigureText.Whole((long)Math.Round(meanKg))} kg, {FigureText.Measured(rule.HysteresisKg)} kg or more within its band.",
        $"已解除：平均值为{FigureText.Whole((long)Math.Round(meanKg))} kg，已回到范围内{FigureText.Measured(rule.HysteresisKg)} kg以上。");

    public static Explanation DriftCalibrated(long calibratedMs) => new(
        $"Cleared: the station was calibrated at {FigureText.Time(calibratedMs)} by the register.", $"已解除：据登记，该站已于{FigureText.Time(calibratedMs)}检定。");

    private static string Pct(long some, long all) => FigureText.Measured(Math.Round(100.0 * some / Math.Max(1, all), 2));
}
