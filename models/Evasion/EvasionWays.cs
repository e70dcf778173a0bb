namespace Streaming.Models.Evasion;

/// <summary>How a vehicle seems to have got round being weighed, or being weighed truly. One weighing may show several. Persisted: numbers are never reused.</summary>
[Flags]
public enum EvasionWays : byte
{
    None = 0,

    /// <summary>One side passed beside the scale.</summary>
    Straddling = 1,

    /// <summary>It passed slower or faster than the station weighs truly.</summary>
    Speed = 2,

    /// <summary>Two stations weighed it differently by more than they err.</summary>
    Stations = 4,

    /// <summary>It was weighed with other axles than it is registered with, which raises its limit.</summary>
    RegisteredAxles = 8,

    /// <summary>Two stations counted its axles differently at the same gross mass.</summary>
    StationAxles = 16,

    /// <summary>A camera before a station saw it, and the station did not weigh it.</summary>
    Unweighed = 32,
}

/// <summary>What a way of evasion is called in either language.</summary>
public static class EvasionWayNames
{
    /// <summary>Every way, in the order that explanations have them.</summary>
    public static ReadOnlySpan<EvasionWays> All =>
        [EvasionWays.Straddling, EvasionWays.Speed, EvasionWays.Stations, EvasionWays.RegisteredAxles, EvasionWays.StationAxles, EvasionWays.Unweighed];

    /// <summary>One way in English.</summary>
    public static string English(this EvasionWays way) => way switch
    {
        EvasionWays.Straddling => "straddling",
        EvasionWays.Speed => "speed",
        EvasionWays.Stations => "stations disagreeing",
        EvasionWays.RegisteredAxles => "axles other than registered",
        EvasionWays.StationAxles => "axles added or lost between stations",
        EvasionWays.Unweighed => "seen but not weighed",
        _ => "unknown",
    };

    /// <summary>One way in Chinese.</summary>
    public static string Chinese(this EvasionWays way) => way switch
    {
        EvasionWays.Straddling => "跨道或偏载通过秤台",
        EvasionWays.Speed => "车速异常",
        EvasionWays.Stations => "各站称重结果不一致",
        EvasionWays.RegisteredAxles => "轴数与登记不符",
        EvasionWays.StationAxles => "站间轴数增减",
        EvasionWays.Unweighed => "见车未称重",
        _ => "未知",
    };
}
