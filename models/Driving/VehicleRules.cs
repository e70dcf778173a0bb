namespace Streaming.Models.Driving;

/// <summary>
/// What vehicles, above all those with dangerous goods, are held to on the road. A part that a rulebook says nothing of is not judged, so that a rulebook of before there was one judges as it did. Each part names its own source; figures that
/// were not verified say so and are configuration.
/// </summary>
public sealed record VehicleRules
{
    /// <summary>Zones that are closed to a vehicle.</summary>
    public ForbiddenZoneRules? ForbiddenZones { get; init; }

    /// <summary>Speed of trucks of dangerous goods.</summary>
    public SpeedRules? Speed { get; init; }

    /// <summary>Driving without a rest.</summary>
    public DrivingTimeRules? DrivingTime { get; init; }

    /// <summary>What the terminal says of areas and routes.</summary>
    public RouteRules? Routes { get; init; }

    /// <summary>Standing with dangerous goods outside registered places.</summary>
    public StopRules? Stops { get; init; }

    /// <summary>A truck of dangerous goods that falls silent on its way.</summary>
    public SilenceRules? Silence { get; init; }

    /// <summary>Alarms of the terminal itself.</summary>
    public TerminalAlarmRules? TerminalAlarms { get; init; }

    /// <summary>Overloads found true, over and over.</summary>
    public RepeatOffenceRules? RepeatOffences { get; init; }

    /// <summary>Permits and licences that have run out.</summary>
    public ExpiredPermitRules? ExpiredPermits { get; init; }

    /// <summary>True where anything of a truck's telemetry is judged.</summary>
    public bool JudgesTelemetry => (ForbiddenZones ?? Speed ?? DrivingTime ?? Routes ?? Stops ?? Silence ?? (object?)TerminalAlarms ?? ExpiredPermits) is not null;

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems() =>
        (ForbiddenZones?.Problems() ?? [])
            .Concat(Speed?.Problems() ?? [])
            .Concat(DrivingTime?.Problems() ?? [])
            .Concat(Routes?.Problems() ?? [])
            .Concat(Stops?.Problems() ?? [])
            .Concat(Silence?.Problems() ?? [])
            .Concat(TerminalAlarms?.Problems() ?? [])
            .Concat(RepeatOffences?.Problems() ?? [])
            .Concat(ExpiredPermits?.Problems() ?? []);

    /// <summary>A sentence for each value out of its range, and one where no source is named.</summary>
    internal static IEnumerable<string> Check(string section, string legalSource, params (string Name, double Value, double Least, double Most)[] values)
    {
        foreach ((string name, double value, double least, double most) in values)
        {
            if (!(value >= least && value <= most))
            {
                yield return $"vehicles.{section}.{name} is {value}; it must be {least} to {most}.";
            }
        }

        if (string.IsNullOrWhiteSpace(legalSource))
        {
            yield return $"vehicles.{section}.legalSource is empty: a warning has to cite where its rule comes from.";
        }
    }
}

/// <summary>
/// A vehicle in a zone that is closed to it, within the zone's hours where it has hours (local time, by the calendar's offset). A zone is for trucks of dangerous goods unless its entry says otherwise. Arts. 47 to 49 have restricted zones; the
/// other figures are not verified.
/// </summary>
public sealed record ForbiddenZoneRules
{
    /// <summary>Readings in a row that have to be inside: one may be a position that jumped. Not verified.</summary>
    public int Readings { get; init; } = 2;

    /// <summary>Severity, 1 to 4.</summary>
    public int Severity { get; init; } = 3;

    /// <summary>Confidence in a receiver's position and in the register, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.9;

    /// <summary>One that lasts is told anew at most this often, s of turn time.</summary>
    public int UpdateEveryS { get; init; } = 300;

    /// <summary>Where the rule comes from.</summary>
    public string LegalSource { get; init; } = "危险货物道路运输安全管理办法 Arts. 47-49";

    internal IEnumerable<string> Problems() => VehicleRules.Check(
        "forbiddenZones", LegalSource, ("readings", Readings, 1, 16), ("severity", Severity, 1, 4), ("confidence", Confidence, 0.01, 1), ("updateEveryS", UpdateEveryS, 0, ModelLimits.RuleSeconds));
}

/// <summary>What a terminal says of areas and routes, as JT/T 808 numbers its alarms: 20 and 21 area and route entered or left, 22 time on a segment, 23 off the route. The route is the one set in the terminal: no register has routes as lines.</summary>
public sealed record RouteRules
{
    /// <summary>Off the route.</summary>
    public const uint OffRoute = 1u << 23;

    /// <summary>All that are judged.</summary>
    public const uint Bits = (1u << 20) | (1u << 21) | (1u << 22) | OffRoute;

    /// <summary>Severity of being off the route, 1 to 4. Not verified.</summary>
    public int OffRouteSeverity { get; init; } = 3;

    /// <summary>Severity of the others, 1 to 4: a terminal reports an area that it enters lawfully as well. Not verified.</summary>
    public int Severity { get; init; } = 1;

    /// <summary>Confidence in the terminal and the route that is set in it, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.7;

    /// <summary>Where the rule comes from.</summary>
    public string LegalSource { get; init; } = "危险货物道路运输安全管理办法 Arts. 47-49";

    internal IEnumerable<string> Problems() => VehicleRules.Check(
        "routes", LegalSource, ("offRouteSeverity", OffRouteSeverity, 1, 4), ("severity", Severity, 1, 4), ("confidence", Confidence, 0.01, 1));
}

/// <summary>Standing with a dangerous load where no place is registered. No figure was verified. The places of rest have to be among the registered sites, whatever their use: where no site is registered nothing is concluded.</summary>
public sealed record StopRules
{
    /// <summary>Standing so long is a matter, s. The rest of 20 minutes that drivers have to take is well below it.</summary>
    public int AfterS { get; init; } = 3_600;

    /// <summary>As fast as this it stands, km/h: a receiver at rest is not quite at 0.</summary>
    public double StandingKmh { get; init; } = 3;

    /// <summary>Faster than this it has driven on, km/h.</summary>
    public double MovingAboveKmh { get; init; } = 10;

    /// <summary>A tank is loaded from this level on, percent of its volume.</summary>
    public double LoadedFromPct { get; init; } = 10;

    /// <summary>Where nothing was heard for longer, nobody knows whether it stood, s: the time begins anew.</summary>
    public int GapS { get; init; } = 1_200;

    /// <summary>Severity, 1 to 4.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>Confidence, 0 to 1.</summary>
    public double Confidence { get; init; } = 0.7;

    /// <summary>One that lasts is told anew at most this often, s of turn time.</summary>
    public int UpdateEveryS { get; init; } = 1_800;

    /// <summary>Where the rule comes from.</summary>
    public string LegalSource { get; init; } = "configuration of the city (not verified)";

    internal IEnumerable<string> Problems() => VehicleRules.Check(
        "stops", LegalSource, ("afterS", AfterS, 1, ModelLimits.RuleSeconds), ("standingKmh", StandingKmh, 0, 50), ("movingAboveKmh", MovingAboveKmh, StandingKmh, 100), ("loadedFromPct", LoadedFromPct, 0, 100),
        ("gapS", GapS, 1, ModelLimits.RuleSeconds), ("severity", Severity, 1, 4), ("confidence", Confidence, 0.01, 1), ("updateEveryS", UpdateEveryS, 0, ModelLimits.RuleSeconds));
}

/// <summary>A truck of dangerous goods that was moving with a load, or on a waybill, and of which nothing more is heard. No figure was verified: tunnels and cells without a signal decide how long is ordinary.</summary>
public sealed record SilenceRules
{
    /// <summary>So long without a reading is silence, s.</summary>
    public int AfterS { get; init; } = 1_200;

    /// <summary>Faster than this it was under way, km/h.</summary>
    public double MovingAboveKmh { get; init; } = 10;

    /// <summary>A tank is loaded from this level on, percent of its volume.</summary>
    public double LoadedFromPct { get; init; } = 10;

    /// <summary>Severity, 1 to 4.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>Confidence that the truck and not the network is the cause, 0 to 1.</summary>
    public double Confidence { get; init; } = 0.5;

    /// <summary>Where the rule comes from.</summary>
    public string LegalSource { get; init; } = "configuration of the city (not verified)";

    internal IEnumerable<string> Problems() => VehicleRules.Check(
        "silence", LegalSource, ("afterS", AfterS, 60, ModelLimits.RuleSeconds), ("movingAboveKmh", MovingAboveKmh, 0, 100), ("loadedFromPct", LoadedFromPct, 0, 100), ("severity", Severity, 1, 4),
        ("confidence", Confidence, 0.01, 1));
}

/// <summary>Alarms that the terminal raises by itself, numbered as JT/T 808 numbers them. A severity of 0 is not judged. Severities are not verified.</summary>
public sealed record TerminalAlarmRules
{
    /// <summary>Bit 0: the driver pressed the button.</summary>
    public int SosSeverity { get; init; } = 4;

    /// <summary>Bit 28: moved while the engine was off.</summary>
    public int IllegalMoveSeverity { get; init; } = 2;

    /// <summary>Bit 29: a collision.</summary>
    public int CollisionSeverity { get; init; } = 3;

    /// <summary>Bit 30: a rollover.</summary>
    public int RolloverSeverity { get; init; } = 4;

    /// <summary>Bit 31: a door opened.</summary>
    public int DoorSeverity { get; init; } = 2;

    /// <summary>Confidence in the terminal, 0 to 1. Not verified.</summary>
    public double Confidence { get; init; } = 0.7;

    /// <summary>Where the alarms are defined.</summary>
    public string LegalSource { get; init; } = "JT/T 808 (alarm flags of 0x0200)";

    /// <summary>Severity of one bit, 1 to 4; 0 where it is not judged.</summary>
    public int SeverityOf(int bit) => bit switch
    {
        0 => SosSeverity,
        28 => IllegalMoveSeverity,
        29 => CollisionSeverity,
        30 => RolloverSeverity,
        31 => DoorSeverity,
        _ => 0,
    };

    internal IEnumerable<string> Problems() => VehicleRules.Check(
        "terminalAlarms", LegalSource, ("sosSeverity", SosSeverity, 0, 4), ("illegalMoveSeverity", IllegalMoveSeverity, 0, 4), ("collisionSeverity", CollisionSeverity, 0, 4), ("rolloverSeverity", RolloverSeverity, 0, 4),
        ("doorSeverity", DoorSeverity, 0, 4), ("confidence", Confidence, 0.01, 1));
}

/// <summary>More overloads in a year than the law lets pass (Art. 46: over 3 a year per vehicle). What counts is a case that was closed with an outcome that says that it was found true.</summary>
public sealed record RepeatOffenceRules
{
    /// <summary>More than so many within the time is a matter.</summary>
    public int MoreThan { get; init; } = 3;

    /// <summary>The time, days: a year.</summary>
    public int WithinDays { get; init; } = 365;

    /// <summary>Severity, 1 to 4.</summary>
    public int Severity { get; init; } = 3;

    /// <summary>Where the rule comes from.</summary>
    public string LegalSource { get; init; } = "超限运输车辆行驶公路管理规定 Art. 46";

    internal IEnumerable<string> Problems() => VehicleRules.Check(
        "repeatOffences", LegalSource, ("moreThan", MoreThan, 1, ModelLimits.OffencesKept - 1), ("withinDays", WithinDays, 1, 3_660), ("severity", Severity, 1, 4));
}

/// <summary>
/// A vehicle that works by a permit that has run out: it is over the limit of the road by a mass that the permit allowed, or carries dangerous goods and its licence for them in the register of vehicles is over. Figures are not verified.
/// </summary>
public sealed record ExpiredPermitRules
{
    /// <summary>A register may hear of a renewal so late, days: till then nothing is said.</summary>
    public int GraceDays { get; init; } = 3;

    /// <summary>An over-limit permit that ran out longer ago is no reason for today's trip, days.</summary>
    public int PermitWithinDays { get; init; } = 365;

    /// <summary>A tank is loaded from this level on, percent of its volume.</summary>
    public double LoadedFromPct { get; init; } = 10;

    /// <summary>Faster than this it is under way, km/h.</summary>
    public double MovingAboveKmh { get; init; } = 10;

    /// <summary>Severity, 1 to 4.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>Confidence in the register, 0 to 1.</summary>
    public double Confidence { get; init; } = 0.7;

    /// <summary>One that lasts is told anew at most this often, s of turn time.</summary>
    public int UpdateEveryS { get; init; } = 21_600;

    /// <summary>Where the rule on over-limit permits comes from.</summary>
    public string LegalSource { get; init; } = "超限运输车辆行驶公路管理规定 (article not verified)";

    /// <summary>Where the rule on licences for dangerous goods comes from.</summary>
    public string HazmatLegalSource { get; init; } = "危险货物道路运输安全管理办法 (article not verified)";

    internal IEnumerable<string> Problems() => VehicleRules.Check(
        "expiredPermits", string.IsNullOrWhiteSpace(HazmatLegalSource) ? "" : LegalSource, ("graceDays", GraceDays, 0, 366), ("permitWithinDays", PermitWithinDays, 1, 3_660), ("loadedFromPct", LoadedFromPct, 0, 100),
        ("movingAboveKmh", MovingAboveKmh, 0, 100), ("severity", Severity, 1, 4), ("confidence", Confidence, 0.01, 1), ("updateEveryS", UpdateEveryS, 0, ModelLimits.RuleSeconds));
}
