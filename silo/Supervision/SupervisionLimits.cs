namespace Streaming.Silo.Supervision;

/// <summary>Every bound of the scoreboard, in one place.</summary>
internal static class SupervisionLimits
{
    /// <summary>Days that the scoreboard goes back: this year and the one before it, which it is compared with.</summary>
    public const int ScoreDays = 800;

    /// <summary>Days that one scoreboard may be of.</summary>
    public const int PeriodDays = 400;

    /// <summary>Rows of one table of the scoreboard; the total counts the others too.</summary>
    public const int Rows = 2_000;

    /// <summary>Names of stations and districts that are remembered while records are read.</summary>
    public const int StationNames = 10_000;

    /// <summary>Differences that are printed where two scoreboards do not agree.</summary>
    public const int Differences = 20;
}
