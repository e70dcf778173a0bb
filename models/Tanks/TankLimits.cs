namespace Streaming.Models.Tanks;

/// <summary>The limits of a tank's figures. A figure without limits is not watched.</summary>
public sealed record TankProfile
{
    public TankThresholds? PressureKpa { get; init; }

    public TankThresholds? TemperatureC { get; init; }

    public TankThresholds? LevelPct { get; init; }

    public TankThresholds? GasPpm { get; init; }

    public TankThresholds? GasPctLel { get; init; }

    /// <summary>The limits of one figure; null where it is not watched.</summary>
    public TankThresholds? Of(TankFigure figure) => figure switch
    {
        TankFigure.Pressure => PressureKpa,
        TankFigure.Temperature => TemperatureC,
        TankFigure.Level => LevelPct,
        TankFigure.ToxicGas => GasPpm,
        TankFigure.CombustibleGas => GasPctLel,
        _ => null,
    };

    /// <summary>This profile, with what it leaves out taken from <paramref name="wider"/>.</summary>
    public TankProfile Over(TankProfile wider) => new()
    {
        PressureKpa = PressureKpa ?? wider.PressureKpa,
        TemperatureC = TemperatureC ?? wider.TemperatureC,
        LevelPct = LevelPct ?? wider.LevelPct,
        GasPpm = GasPpm ?? wider.GasPpm,
        GasPctLel = GasPctLel ?? wider.GasPctLel,
    };

    /// <summary>What is wrong with it, one sentence each.</summary>
    /// <param name="where">Path of this section in the rulebook.</param>
    public IEnumerable<string> Problems(string where)
    {
        for (int i = 0; i < TankFigureNames.Count; i++)
        {
            TankFigure figure = (TankFigure)i;
            foreach (string problem in Of(figure)?.Problems($"{where}.{figure.Field()}") ?? [])
            {
                yield return problem;
            }
        }
    }
}

/// <summary>
/// Limits of tanks, of trucks and plants. No figure holds for every tank, so each may have its own; what a tank leaves out comes from its substance, what that leaves out from the default.
/// The figures shipped are not verified: they are there to be replaced by a city's own.
/// </summary>
public sealed record TankLimits
{
    /// <summary>Limits where neither the tank nor its substance has any.</summary>
    public TankProfile Default { get; init; } = new()
    {
        PressureKpa = new TankThresholds { High = 1_400, HighHigh = 1_600, Hysteresis = 50 },
        TemperatureC = new TankThresholds { High = 45, HighHigh = 50, Hysteresis = 2 },
        LevelPct = new TankThresholds { High = 90, HighHigh = 95, Hysteresis = 2 },
        GasPpm = new TankThresholds { High = 10, HighHigh = 20, Hysteresis = 2, LegalSource = "GB/T 50493" },
        GasPctLel = new TankThresholds { High = 25, HighHigh = 50, Hysteresis = 3, LegalSource = "GB/T 50493" },
    };

    /// <summary>Limits by substance: UN number as <c>UN1017</c>.</summary>
    public SortedDictionary<string, TankProfile> Substances
    {
        get;
        init => field = Ordinal(value);
    } = Ordinal(new SortedDictionary<string, TankProfile>(StringComparer.Ordinal)
    {
        ["UN1005"] = new() { PressureKpa = new TankThresholds { High = 1_300, HighHigh = 1_550, Hysteresis = 50 }, GasPpm = Toxic(25) },
        ["UN1017"] = new() { PressureKpa = new TankThresholds { High = 1_100, HighHigh = 1_400, Hysteresis = 50 }, GasPpm = Toxic(0.5) },
        ["UN1053"] = new() { GasPpm = Toxic(10) },
        ["UN1075"] = new() { PressureKpa = new TankThresholds { High = 1_400, HighHigh = 1_700, Hysteresis = 50 }, LevelPct = new TankThresholds { High = 85, HighHigh = 90, Hysteresis = 2 } },
    });

    /// <summary>Limits of single tanks: <c>{enterprise}/{unit}</c> of a plant, the vehicle's key of a truck.</summary>
    public SortedDictionary<string, TankProfile> Tanks
    {
        get;
        init => field = Ordinal(value);
    } = new(StringComparer.Ordinal);

    /// <summary>Above this speed a truck with an open valve is in transit, km/h.</summary>
    public double ValveOpenAboveKmh { get; init; } = 10;

    /// <summary>Down to this speed it is standing again, km/h.</summary>
    public double ValveStandingKmh { get; init; } = 3;

    /// <summary>Severity of an open valve in transit, 1 to 4.</summary>
    public int ValveOpenSeverity { get; init; } = 3;

    /// <summary>Where the rule on valves comes from.</summary>
    public string ValveLegalSource { get; init; } = "危险货物道路运输安全管理办法 Art. 47";

    /// <summary>Confidence in a tank's own sensors, 0 to 1.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>An alarm that lasts is told anew at most this often, in seconds of turn time; a change of its band is told at once.</summary>
    public int UpdateEveryS { get; init; } = 60;

    /// <summary>Resolves the limits of one tank. Not for every reading: whoever watches a tank keeps the outcome until the rulebook or the substance changes.</summary>
    /// <param name="tank">As a key of <see cref="Tanks"/>.</param>
    /// <param name="substance">As a key of <see cref="Substances"/>; empty where unknown.</param>
    public TankProfile Of(string tank, string substance)
    {
        TankProfile wider = Substances.TryGetValue(substance, out TankProfile? bySubstance) ? bySubstance.Over(Default) : Default;
        return Tanks.TryGetValue(tank, out TankProfile? own) ? own.Over(wider) : wider;
    }

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (string problem in Default?.Problems("tankLimits.default") ?? ["tankLimits.default is null."])
        {
            yield return problem;
        }

        foreach ((string name, SortedDictionary<string, TankProfile> profiles) in new[] { ("substances", Substances), ("tanks", Tanks) })
        {
            if (profiles.Count > ModelLimits.TankProfiles)
            {
                yield return $"tankLimits.{name} has {profiles.Count} entries; at most {ModelLimits.TankProfiles} are taken.";
            }

            foreach ((string key, TankProfile profile) in profiles)
            {
                foreach (string problem in profile?.Problems($"tankLimits.{name}.{key}") ?? [$"tankLimits.{name}.{key} is null."])
                {
                    yield return problem;
                }
            }
        }

        if (!(ValveStandingKmh >= 0 && ValveStandingKmh <= ValveOpenAboveKmh && double.IsFinite(ValveOpenAboveKmh)))
        {
            yield return "tankLimits.valveStandingKmh must be 0 or more and at most valveOpenAboveKmh.";
        }

        if (ValveOpenSeverity is < 1 or > 4)
        {
            yield return $"tankLimits.valveOpenSeverity is {ValveOpenSeverity}; severities are 1 to 4.";
        }

        if (string.IsNullOrWhiteSpace(ValveLegalSource))
        {
            yield return "tankLimits.valveLegalSource is empty: a warning has to cite where its rule comes from.";
        }

        if (Confidence is not (> 0 and <= 1))
        {
            yield return $"tankLimits.confidence is {Confidence}; it must be above 0 and at most 1.";
        }

        if (UpdateEveryS is < 0 or > ModelLimits.RuleSeconds)
        {
            yield return $"tankLimits.updateEveryS is {UpdateEveryS}; it must be 0 to {ModelLimits.RuleSeconds}.";
        }
    }

    /// <summary>Level 1 at the occupational exposure limit, level 2 at twice it.</summary>
    private static TankThresholds Toxic(double exposureLimitPpm) =>
        new() { High = exposureLimitPpm, HighHigh = 2 * exposureLimitPpm, Hysteresis = exposureLimitPpm / 5, LegalSource = "GB/T 50493" };

    /// <summary>A dictionary read from JSON compares by culture; keys are compared byte by byte here.</summary>
    private static SortedDictionary<string, TankProfile> Ordinal(SortedDictionary<string, TankProfile>? profiles) =>
        profiles is null ? new(StringComparer.Ordinal) : new(profiles, StringComparer.Ordinal);
}
