using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Models.Readings;
using Streaming.Models.Scenes;
using Streaming.Models.Video;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>A scene's warning in words and figures.</summary>
internal static class SceneWarning
{
    /// <summary>By an event in hand.</summary>
    public static Finding Found(SceneRule scene, SceneWindow window, VideoEvent seen, string camera) => Make(
        scene, window, $" Camera {camera} saw {seen.English()} last.", $"最近由摄像头{camera}发现{seen.Chinese()}。");

    /// <summary>By what is known already.</summary>
    public static Finding Known(SceneRule scene, SceneWindow window) => Make(scene, window, "", "");

    private static Finding Make(SceneRule scene, SceneWindow window, string lastEn, string lastZh)
    {
        SceneThresholds asked = scene.Thresholds;
        long spanMin = (window.LastMs - window.FirstMs + 59_999) / 60_000;
        string events = FigureText.Whole(window.Events);
        string span = FigureText.Whole(spanMin);
        string sure = FigureText.Probability(window.Permille / 1000.0);
        return new Finding(
            scene.Kind,
            asked.Severity,
            window.Permille / 1000.0,
            scene.Model,
            new Explanation(
                $"{scene.Name.En}: {events} event{(window.Events == 1 ? "" : "s")} within {span} min, with up to {sure} % confidence; asked are {AskedEn(asked)}.{lastEn}",
                $"{scene.Name.Zh}：{span}分钟内{events}次，最高置信度{sure} %；阈值为{AskedZh(asked)}。{lastZh}"),
            new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["askedEvents"] = asked.Times,
                ["askedWithinMin"] = asked.WithinMinutes,
                ["confidencePct"] = window.Permille / 10.0,
                ["events"] = window.Events,
                ["spanMin"] = spanMin,
            },
            AskedEn(asked),
            null);
    }

    private static string AskedEn(SceneThresholds asked)
    {
        string days = asked.Days switch { SceneThresholds.WorkingDays => " on working days", SceneThresholds.DaysOff => " on days off", _ => "" };
        string hours = asked is { FromHour: 0, ToHour: 24 } ? "" : $" from {Hour(asked.FromHour)} to {Hour(asked.ToHour)}";
        return $"{FigureText.Whole(asked.Times)} within {FigureText.Whole(asked.WithinMinutes)} min{(asked.SameCamera ? " by the same camera" : "")}, each with at least {FigureText.Probability(asked.MinimumPermille / 1000.0)} % confidence{hours}{days}";
    }

    private static string AskedZh(SceneThresholds asked)
    {
        string days = asked.Days switch { SceneThresholds.WorkingDays => "（工作日）", SceneThresholds.DaysOff => "（休息日）", _ => "" };
        string hours = asked is { FromHour: 0, ToHour: 24 } ? "" : $"，时段{Hour(asked.FromHour)}至{(asked.FromHour < asked.ToHour ? "" : "次日")}{Hour(asked.ToHour)}";
        return $"{(asked.SameCamera ? "同一摄像头" : "")}{FigureText.Whole(asked.WithinMinutes)}分钟内{FigureText.Whole(asked.Times)}次，每次置信度不低于{FigureText.Probability(asked.MinimumPermille / 1000.0)} %{hours}{days}";
    }

    private static string Hour(int hour) => hour < 10 ? $"0{FigureText.Whole(hour)}:00" : $"{FigureText.Whole(hour)}:00";
}
