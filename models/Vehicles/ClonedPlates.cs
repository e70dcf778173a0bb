using Streaming.Models.Geography;
using Streaming.Models.Readings;

namespace Streaming.Models.Vehicles;

/// <summary>Whether one vehicle can have made two passages.</summary>
public enum Travel : byte
{
    /// <summary>It can, or nobody can tell.</summary>
    Possible = 0,

    /// <summary>It can along the straight line; by road perhaps not, so the distance by road is worth asking for.</summary>
    Doubtful = 1,

    /// <summary>Not even along the shortest way there is.</summary>
    Impossible = 2,
}

/// <summary>
/// One plate at two places, too far apart for the time between: it is on two vehicles, or was misread. A pair is impossible where the shortest time (distance ÷ highest speed, times a correction) is more than the time between the two readings;
/// a warning takes several such pairs, each of plates that were read with confidence. By CN102881169A and ECNU 25489.
/// </summary>
public sealed record ClonedPlates
{
    /// <summary>The speed that nobody is assumed to drive faster than, km/h. Not verified.</summary>
    public int MaximumKmh { get; init; } = 120;

    /// <summary>Of the shortest time so many percent count, for those who drive faster all the same. Not verified.</summary>
    public int CorrectionPct { get; init; } = 80;

    /// <summary>How far off a place may be, m, of each pair: it is taken off the distance. Not verified.</summary>
    public int PositionErrorM { get; init; } = 300;

    /// <summary>How far two devices' clocks may differ, s: it is added to the time between. Not verified.</summary>
    public int ClockErrorS { get; init; } = 30;

    /// <summary>A plate read with less confidence contradicts nothing, per mille. Not verified.</summary>
    public int CertainPermille { get; init; } = 850;

    /// <summary>Contradictions, without a passage in common, that it takes. Not verified.</summary>
    public int Repeats { get; init; } = 2;

    /// <summary>Time within which they must come, h. Not verified.</summary>
    public int WithinHours { get; init; } = 24;

    /// <summary>A road that is so much longer than the straight line, percent of it, is not out of the ordinary: where it would make the pair impossible, the register of distances is asked. Not verified.</summary>
    public int DetourPct { get; init; } = 140;

    /// <summary>A vehicle asks for a distance no more often than this, s: who drives fast between gantries would ask at each.</summary>
    public int AskEveryS { get; init; } = 600;

    /// <summary>Severity of the warning, 1 to 4.</summary>
    public int Severity { get; init; } = 3;

    /// <summary>Contradictions of body and axles; absent for not judged.</summary>
    public PlateLooks? Looks { get; init; }

    /// <summary>The shortest time for a distance, s.</summary>
    public double LeastS(double distanceM) => Math.Max(0, distanceM - PositionErrorM) * 3.6 / MaximumKmh * CorrectionPct / 100;

    /// <summary>Judges by the straight line.</summary>
    /// <param name="from">The one place.</param>
    /// <param name="to">The other.</param>
    /// <param name="betweenMs">Time between the two, ms.</param>
    /// <param name="straightM">The straight line, m; not a number where either place is unknown.</param>
    public Travel Judge(GeoPosition from, GeoPosition to, long betweenMs, out double straightM)
    {
        straightM = GeoDistance.StraightM(from, to);
        if (double.IsNaN(straightM))
        {
            return Travel.Possible;
        }

        return IsImpossible(straightM, betweenMs) ? Travel.Impossible : IsImpossible(straightM * DetourPct / 100, betweenMs) ? Travel.Doubtful : Travel.Possible;
    }

    /// <summary>True where the time does not do for the distance.</summary>
    public bool IsImpossible(double distanceM, long betweenMs) => LeastS(distanceM) > (Math.Abs(betweenMs) / 1000.0) + ClockErrorS;

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach ((string name, int value, int least, int most) in new[]
        {
            ("maximumKmh", MaximumKmh, 20, 500), ("correctionPct", CorrectionPct, 10, 100), ("positionErrorM", PositionErrorM, 0, 100_000), ("clockErrorS", ClockErrorS, 0, 3_600),
            ("certainPermille", CertainPermille, 0, 1_000), ("repeats", Repeats, 1, 100), ("withinHours", WithinHours, 1, 24 * 365), ("detourPct", DetourPct, 100, 1_000),
            ("askEveryS", AskEveryS, 1, ModelLimits.RuleSeconds), ("severity", Severity, 1, 4),
        })
        {
            if (value < least || value > most)
            {
                yield return $"clonedPlates.{name} is {value}; it must be {least} to {most}.";
            }
        }

        foreach (string problem in Looks?.Problems() ?? [])
        {
            yield return problem;
        }
    }
}
