using Streaming.Models.Readings;

namespace Streaming.Models.Driving;

/// <summary>What a speed limit follows from.</summary>
public enum SpeedBasis : byte
{
    /// <summary>An expressway.</summary>
    Expressway = 1,

    /// <summary>Another road.</summary>
    OtherRoad = 2,

    /// <summary>It is not known which road it is: the higher limit, in the driver's favour.</summary>
    UnknownRoad = 3,

    /// <summary>The limit posted on the road is lower.</summary>
    Posted = 4,

    /// <summary>A zone's limit is lower.</summary>
    Zone = 5,
}

/// <summary>
/// How fast a truck of dangerous goods may drive: 80 km/h on expressways, 60 elsewhere, lower where posted (危货办法 Art. 46). Speeds are the receiver's, km/h. Where the road is not known the higher limit holds, also beside a registered road:
/// a register need not have all roads.
/// </summary>
public sealed record SpeedRules
{
    /// <summary>Limit on expressways, km/h.</summary>
    public int ExpresswayKmh { get; init; } = 80;

    /// <summary>Limit on other roads, km/h.</summary>
    public int OtherKmh { get; init; } = 60;

    /// <summary>Faster by no more than this is not accused, km/h: a receiver's error. Not verified.</summary>
    public double ToleranceKmh { get; init; } = 3;

    /// <summary>It is over once it is so far below the limit, km/h. Not verified.</summary>
    public double HysteresisKmh { get; init; } = 2;

    /// <summary>Readings in a row that have to be over. Not verified.</summary>
    public int Readings { get; init; } = 2;

    /// <summary>Readings further apart are not in a row, s. Not verified.</summary>
    public int WithinS { get; init; } = 180;

    /// <summary>And for so long, s; 0 for readings alone. Not verified.</summary>
    public int ForS { get; init; } = 10;

    /// <summary>Severity, 1 to 4. Not verified.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>Over by more than this, percent of the limit, is grave. Not verified.</summary>
    public double GraveFromPct { get; init; } = 20;

    /// <summary>Severity of that, 1 to 4. Not verified.</summary>
    public int GraveSeverity { get; init; } = 3;

    /// <summary>Confidence, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.9;

    /// <summary>One that lasts is told anew at most this often, s of turn time.</summary>
    public int UpdateEveryS { get; init; } = 120;

    /// <summary>Where the rule comes from.</summary>
    public string LegalSource { get; init; } = "危险货物道路运输安全管理办法 Art. 46";

    /// <summary>The limit where a truck is, km/h.</summary>
    /// <param name="around">Its road and zones.</param>
    /// <param name="minute">Minute of the local day, 0 to 1439.</param>
    /// <param name="whom">Whom of zones it is: see <see cref="ZoneReference.For"/>.</param>
    /// <param name="basis">What the limit follows from.</param>
    public int LimitKmh(scoped in Surroundings around, int minute, uint whom, out SpeedBasis basis)
    {
        bool other = around.Road is RoadKind.Trunk or RoadKind.Urban or RoadKind.Rural;
        basis = around.Road == RoadKind.Expressway ? SpeedBasis.Expressway : other ? SpeedBasis.OtherRoad : SpeedBasis.UnknownRoad;
        int limitKmh = other ? OtherKmh : ExpresswayKmh;
        if (around.RoadSpeedKmh > 0 && around.RoadSpeedKmh < limitKmh)
        {
            (limitKmh, basis) = (around.RoadSpeedKmh, SpeedBasis.Posted);
        }

        foreach (ZoneReference zone in around)
        {
            if (zone.Rule == ZoneRule.Slow && zone.SpeedKmh > 0 && zone.SpeedKmh < limitKmh && (zone.For & whom) != 0 && zone.HoldsAt(minute))
            {
                (limitKmh, basis) = (zone.SpeedKmh, SpeedBasis.Zone);
            }
        }

        return limitKmh;
    }

    internal IEnumerable<string> Problems() => VehicleRules.Check(
        "speed", LegalSource, ("expresswayKmh", ExpresswayKmh, 1, ModelLimits.SpeedKmh), ("otherKmh", OtherKmh, 1, ModelLimits.SpeedKmh), ("toleranceKmh", ToleranceKmh, 0, 50), ("hysteresisKmh", HysteresisKmh, 0, 50),
        ("readings", Readings, 1, 16), ("withinS", WithinS, 1, ModelLimits.RuleSeconds), ("forS", ForS, 0, ModelLimits.RuleSeconds), ("severity", Severity, 1, 4), ("graveFromPct", GraveFromPct, 0, 1_000),
        ("graveSeverity", GraveSeverity, 1, 4), ("confidence", Confidence, 0.01, 1), ("updateEveryS", UpdateEveryS, 0, ModelLimits.RuleSeconds));
}
