using Streaming.Models.Readings;
using Streaming.Models.Video;

namespace Streaming.Models.Scenes;

/// <summary>When what cameras see at one subject makes a scene. The figures are a department's own choice; the defaults are not verified.</summary>
public sealed record SceneThresholds
{
    /// <summary>In <see cref="Days"/>: whatever the calendar says.</summary>
    public const string EveryDay = "every";

    /// <summary>In <see cref="Days"/>: days that the calendar has as worked.</summary>
    public const string WorkingDays = "working";

    /// <summary>In <see cref="Days"/>: weekends and holidays.</summary>
    public const string DaysOff = "off";

    /// <summary>Events of cameras that count, by their names in readings, as <c>street-stall</c>.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>An event that the camera is less sure of does not count, 0 to 1000 per mille.</summary>
    public int MinimumPermille { get; init; } = 600;

    /// <summary>Events it takes.</summary>
    public int Times { get; init; } = 3;

    /// <summary>Time within which they must come, minutes.</summary>
    public int WithinMinutes { get; init; } = 120;

    /// <summary>True where they must come from one and the same camera.</summary>
    public bool SameCamera { get; init; }

    /// <summary>First hour of the day that counts, local time, 0 to 23.</summary>
    public int FromHour { get; init; }

    /// <summary>Hour at which it ends, 1 to 24. One that is not after <see cref="FromHour"/> is of the next morning: 22 to 6 is the night.</summary>
    public int ToHour { get; init; } = 24;

    /// <summary><see cref="EveryDay"/>, <see cref="WorkingDays"/> or <see cref="DaysOff"/>: the day on which the event was seen, also after midnight.</summary>
    public string Days { get; init; } = EveryDay;

    /// <summary>Severity of the warning, 1 to 4.</summary>
    public int Severity { get; init; } = 1;

    /// <summary>The warning clears when nothing that counts was seen for so long, minutes; 0 where it ends with its case alone.</summary>
    public int ClearAfterMinutes { get; init; }

    /// <summary>True where an event of this kind and sureness, seen at this time of day, counts.</summary>
    /// <param name="seen">What was seen.</param>
    /// <param name="permille">How sure the camera is, per mille.</param>
    /// <param name="hour">Hour of the day, local time.</param>
    /// <param name="worked">Whether the calendar has the day as worked.</param>
    public bool Counts(VideoEvent seen, int permille, int hour, bool worked)
    {
        if (permille < MinimumPermille || !(Days == EveryDay || worked == (Days == WorkingDays)))
        {
            return false;
        }

        bool inTime = FromHour < ToHour ? hour >= FromHour && hour < ToHour : hour >= FromHour || hour < ToHour;
        return inTime && Names(seen.Kind());
    }

    /// <summary>What is wrong with it, one sentence each.</summary>
    /// <param name="where">Its place, which each sentence begins with.</param>
    public IEnumerable<string> Problems(string where)
    {
        if (Events is not { Count: > 0 and < VideoEventNames.Count })
        {
            yield return $"{where}.events is {Events?.Count ?? 0} kinds; it must be 1 to {VideoEventNames.Count - 1} kinds of events.";
        }

        for (int i = 0; i < Events?.Count; i++)
        {
            if (!IsEvent(Events[i]))
            {
                yield return $"{where}.events[{i}] is \"{Events[i]}\"; it must be one of {string.Join(", ", EventNames)}.";
            }
        }

        foreach ((string name, int value, int least, int most) in new[]
        {
            ("minimumPermille", MinimumPermille, 0, 1000), ("times", Times, 1, ModelLimits.SceneTimes), ("withinMinutes", WithinMinutes, 1, ModelLimits.SceneMinutes), ("fromHour", FromHour, 0, 23), ("toHour", ToHour, 1, 24),
            ("severity", Severity, 1, 4), ("clearAfterMinutes", ClearAfterMinutes, 0, ModelLimits.SceneClearMinutes),
        })
        {
            if (value < least || value > most)
            {
                yield return $"{where}.{name} is {value}; it must be {least} to {most}.";
            }
        }

        if (FromHour == ToHour)
        {
            yield return $"{where}.toHour is {ToHour}; it must differ from fromHour.";
        }

        if (Days is not (EveryDay or WorkingDays or DaysOff))
        {
            yield return $"{where}.days is \"{Days}\"; it must be {EveryDay}, {WorkingDays} or {DaysOff}.";
        }
    }

    /// <summary>Events that a scene may be about. A vehicle that was seen is that vehicle's, not the place's.</summary>
    public static IReadOnlyList<string> EventNames { get; } =
        [.. Enumerable.Range(0, VideoEventNames.Count).Select(number => (VideoEvent)number).Where(seen => seen != VideoEvent.Vehicle && seen.Kind() != "unknown").Select(seen => seen.Kind())];

    private static bool IsEvent(string? name) => EventNames.Contains(name);

    private bool Names(string kind)
    {
        for (int i = 0; i < Events.Count; i++)
        {
            if (Events[i] == kind)
            {
                return true;
            }
        }

        return false;
    }
}
