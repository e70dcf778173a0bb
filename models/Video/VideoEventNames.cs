using Streaming.Models.Readings;

namespace Streaming.Models.Video;

/// <summary>What an event is called: in topics, warnings and the API, and in either language.</summary>
public static class VideoEventNames
{
    /// <summary>One more than the greatest number of <see cref="VideoEvent"/>.</summary>
    public const int Count = 10;

    /// <summary>Name in readings and the API; kind of the warning.</summary>
    public static string Kind(this VideoEvent seen) => seen switch
    {
        VideoEvent.Vehicle => "vehicle",
        VideoEvent.Smoke => "smoke",
        VideoEvent.Fire => "fire",
        VideoEvent.Leak => "leak",
        VideoEvent.Intrusion => "intrusion",
        VideoEvent.IllegalParking => "illegal-parking",
        VideoEvent.StreetStall => "street-stall",
        VideoEvent.Construction => "construction",
        VideoEvent.Crowding => "crowding",
        _ => "unknown",
    };

    public static string English(this VideoEvent seen) => seen switch
    {
        VideoEvent.IllegalParking => "illegal parking",
        VideoEvent.StreetStall => "a street stall",
        VideoEvent.Leak => "a leak",
        VideoEvent.Intrusion => "an intrusion",
        VideoEvent.Construction => "unpermitted construction",
        _ => seen.Kind(),
    };

    public static string Chinese(this VideoEvent seen) => seen switch
    {
        VideoEvent.Vehicle => "车辆",
        VideoEvent.Smoke => "烟雾",
        VideoEvent.Fire => "明火",
        VideoEvent.Leak => "泄漏",
        VideoEvent.Intrusion => "入侵",
        VideoEvent.IllegalParking => "违法停车",
        VideoEvent.StreetStall => "占道经营",
        VideoEvent.Construction => "违法建设",
        VideoEvent.Crowding => "人员聚集",
        _ => "未知事件",
    };
}
