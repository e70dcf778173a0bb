namespace Streaming.Models.Tanks;

/// <summary>
/// What a truck with dangerous goods is held to by its waybill: one a vehicle and trip, with goods, times and places. Off unless a city has a register of waybills: without one every truck would be accused. Figures are not verified: they are
/// configuration.
/// </summary>
public sealed record WaybillRules
{
    /// <summary>True where the city has a register of waybills that is complete enough to accuse by.</summary>
    public bool Enabled { get; init; }

    /// <summary>A waybill may be registered so long after the truck was seen, s.</summary>
    public int GraceS { get; init; } = 1_800;

    /// <summary>A truck may be under way so long before the departure and after the arrival of its waybill, s.</summary>
    public int ToleranceS { get; init; } = 7_200;

    /// <summary>How long a waybill without an arrival holds after its departure, hours.</summary>
    public int TripHours { get; init; } = 48;

    /// <summary>A tank is loaded from this level on, percent of its volume.</summary>
    public double LoadedFromPct { get; init; } = 10;

    /// <summary>Faster than this a truck is in transit, km/h.</summary>
    public double TransitAboveKmh { get; init; } = 10;

    /// <summary>An orange plate read with less confidence says nothing, 0 to 1000 per mille.</summary>
    public int MinimumPermille { get; init; } = 600;

    /// <summary>Readings that have to say the same before goods or number contradict a waybill.</summary>
    public int Readings { get; init; } = 2;

    /// <summary>An orange plate read with at least this confidence needs no second, 0 to 1000 per mille.</summary>
    public int CertainPermille { get; init; } = 950;

    /// <summary>True where waybills name the unloading place by its key in the register of sites; a name or an address cannot be compared with it.</summary>
    public bool UnloadSiteIsKey { get; init; }

    /// <summary>Severity of no waybill, 1 to 4.</summary>
    public int MissingSeverity { get; init; } = 2;

    /// <summary>Severity of one that is contradicted, 1 to 4.</summary>
    public int ContradictedSeverity { get; init; } = 3;

    /// <summary>Confidence where nothing better is known, 0 to 1.</summary>
    public double Confidence { get; init; } = 0.8;

    /// <summary>One that lasts is told anew at most this often, s of turn time.</summary>
    public int UpdateEveryS { get; init; } = 600;

    /// <summary>Where the rule comes from.</summary>
    public string LegalSource { get; init; } = "危险货物道路运输安全管理办法 Art. 24";

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach ((string name, double value, double least, double most) in new[]
        {
            ("graceS", GraceS, 1, ModelLimits.RuleSeconds), ("toleranceS", ToleranceS, 0, ModelLimits.RuleSeconds), ("tripHours", TripHours, 1, 720), ("loadedFromPct", LoadedFromPct, 0, 100),
            ("transitAboveKmh", TransitAboveKmh, 0, 200), ("minimumPermille", MinimumPermille, 0, 1_000), ("readings", Readings, 1, 16), ("certainPermille", CertainPermille, MinimumPermille, 1_001),
            ("missingSeverity", MissingSeverity, 1, 4), ("contradictedSeverity", ContradictedSeverity, 1, 4), ("confidence", Confidence, 0.01, 1), ("updateEveryS", UpdateEveryS, 0, ModelLimits.RuleSeconds),
        })
        {
            if (!(value >= least && value <= most))
            {
                yield return $"waybills.{name} is {value}; it must be {least} to {most}.";
            }
        }

        if (string.IsNullOrWhiteSpace(LegalSource))
        {
            yield return "waybills.legalSource is empty: a warning has to cite where its rule comes from.";
        }
    }
}
