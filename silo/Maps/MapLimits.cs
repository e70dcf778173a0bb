namespace Streaming.Silo.Maps;

/// <summary>Every bound of the map and the search, in one place.</summary>
internal static class MapLimits
{
    /// <summary>Points of one answer; further ones are left out, and the answer says so.</summary>
    public const int Points = 100_000;

    /// <summary>Open cases that are on the map, those opened last.</summary>
    public const int Cases = 20_000;

    /// <summary>Open cases above <see cref="Cases"/> before the oldest are dropped, so that it does not have to be done for every one.</summary>
    public const int CasesSlack = 2_000;

    /// <summary>Enterprises and stations of the registers that are known by name and position.</summary>
    public const int Entries = 100_000;

    /// <summary>Trucks of dangerous goods that are known at a time.</summary>
    public const int Trucks = 20_000;

    /// <summary>A truck is on the map for so long after its last telemetry, ms.</summary>
    public const long TruckMs = 30 * 60 * 1000;

    /// <summary>Telemetry from so far ahead of our clock, ms, is not believed.</summary>
    public const long AheadMs = 5 * 60 * 1000;

    /// <summary>A truck is in the district of the nearest registered device that is no farther away than this, m.</summary>
    public const int DistrictNearM = 5_000;

    /// <summary>Cells of the map of which the district is remembered.</summary>
    public const int Cells = 20_000;

    /// <summary>Answers that are kept for whoever asks the same within the same state of the city.</summary>
    public const int Answers = 16;

    /// <summary>Bytes of all answers that are kept.</summary>
    public const int AnswerBytes = 64 * 1024 * 1024;

    /// <summary>An answer is made anew at most this often for the same question: a map is looked at, not read.</summary>
    public static readonly TimeSpan AnswerFor = TimeSpan.FromSeconds(1);

    /// <summary>A look at the trucks on the map is in the audit once for so long, of one caller.</summary>
    public static readonly TimeSpan LookFor = TimeSpan.FromMinutes(15);

    /// <summary>Callers whose last look at the trucks is remembered.</summary>
    public const int Lookers = 10_000;

    /// <summary>Bytes of the base map's file.</summary>
    public const long BaseBytes = 8 * 1024 * 1024;

    /// <summary>Bytes of the file that says how the map looks.</summary>
    public const long StyleBytes = 64 * 1024;
}
