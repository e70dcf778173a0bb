namespace Streaming.Models;

/// <summary>Every bound of the models, in one place.</summary>
public static class ModelLimits
{
    /// <summary>Rows of a table of road limits.</summary>
    public const int RoadLimitRows = 16;

    /// <summary>A distance between neighbouring axles that a limit may name, mm.</summary>
    public const int AxleSpacingMm = 20_000;

    /// <summary>A length of a group of axles that a limit may name, inches.</summary>
    public const int AxleGroupIn = 600;

    /// <summary>A length of two tandems that a limit may name, feet.</summary>
    public const int TwoTandemsFt = 200;

    /// <summary>Substances, and tanks, with limits of their own.</summary>
    public const int TankProfiles = 10_000;

    /// <summary>A gross mass that a limit may name, kg. No road vehicle comes near it.</summary>
    public const int GrossKg = 1_000_000;

    /// <summary>A share over the rated load that a rule may name, percent.</summary>
    public const int RatedLoadPct = 1_000;

    /// <summary>A stored mass that is counted as more than this counts as this much, kg. Ten million tonnes: no unit holds as much.</summary>
    public const long StoredKg = 10_000_000_000;

    /// <summary>Events that a rule may ask for before it believes a camera; a place remembers the times of this many.</summary>
    public const int VideoConfirmations = 8;

    /// <summary>Times of a rulebook that are given in seconds: one day.</summary>
    public const int RuleSeconds = 86_400;
}
