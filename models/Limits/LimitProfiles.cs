namespace Streaming.Models.Limits;

/// <summary>What a country's limits put in place of the defaults of <see cref="RoadLimits"/>.</summary>
/// <param name="Rows">Gross limits by number of axles.</param>
/// <param name="LegalSource">Where they come from.</param>
/// <param name="PenaltySource">Where the penalty comes from.</param>
/// <param name="PenaltyFreeKg">Up to this much over the limit the penalty is a warning, kg.</param>
/// <param name="PenaltyPerTonneCny">Penalty for each full 1,000 kg over, CNY; 0 where none is known.</param>
/// <param name="MaximumPenaltyCny">The highest penalty, CNY.</param>
/// <param name="Axles">Limits of axles and their groups by spacing; null where there are none.</param>
/// <param name="Bridge">Limits of consecutive axles by a formula; null where there are none.</param>
public sealed record LimitProfile(
    IReadOnlyList<RoadLimitRow> Rows,
    string LegalSource,
    string PenaltySource,
    int PenaltyFreeKg,
    int PenaltyPerTonneCny,
    int MaximumPenaltyCny,
    AxleLimits? Axles,
    BridgeLimits? Bridge);

/// <summary>The limits that a rulebook can name instead of writing them out. Whatever it does write out goes before its profile's.</summary>
public static class LimitProfiles
{
    private const string NationalPenalties = "national law; no estimate";

    /// <summary>China: Art. 3 and 43 of 超限运输车辆行驶公路管理规定. What a rulebook has that names no profile, and then without limits of axles.</summary>
    public static LimitProfile Default { get; } = new(
        [
            new() { Axles = 2, RigidKg = 18_000 },
            new() { Axles = 3, RigidKg = 25_000, CombinationKg = 27_000 },
            new() { Axles = 4, RigidKg = 31_000, CombinationKg = 36_000 },
            new() { Axles = 5, CombinationKg = 43_000 },
            new() { Axles = 6, CombinationKg = 49_000, SingleDriveAxleKg = 46_000 },
        ],
        "超限运输车辆行驶公路管理规定 Art. 3",
        "超限运输车辆行驶公路管理规定 Art. 43",
        PenaltyFreeKg: 1_000,
        PenaltyPerTonneCny: 500,
        MaximumPenaltyCny: 30_000,
        Axles: null,
        Bridge: null);

    /// <summary>
    /// The default, with the limits of axles of GB 1589-2016 as advice: they were not verified, so nobody is accused by them. The 7 t of a single axle with single tyres need its tyres, which no record has.
    /// </summary>
    public static LimitProfile Cn { get; } = Default with
    {
        Axles = new AxleLimits
        {
            Tandem =
            [
                new() { BelowMm = 1_000, TrailerKg = 11_500, MotorKg = 11_500 },
                new() { BelowMm = 1_300, TrailerKg = 16_000, MotorKg = 16_000 },
                new() { BelowMm = 1_800, TrailerKg = 18_000, MotorKg = 19_000 },
            ],
            Advisory = true,
            LegalSource = "GB 1589-2016 (not verified)",
        },
    };

    /// <summary>
    /// European Union: Annex I of 96/53/EC (transportxxl.eu/vehicle_weights-3.html, axle_loads-9.html). Of 25 or 26 t for 3 axles and 36 or 38 t for combinations of 4 the higher, for both depend on tyres, suspension and
    /// spacing that no record has. 44 t instead of 40 takes an ISO container: that is a permit in the register, as it depends on the load and not on the vehicle.
    /// </summary>
    public static LimitProfile Eu { get; } = new(
        [
            new() { Axles = 2, RigidKg = 18_000 },
            new() { Axles = 3, RigidKg = 26_000 },
            new() { Axles = 4, RigidKg = 32_000, CombinationKg = 38_000 },
            new() { Axles = 5, CombinationKg = 40_000 },
        ],
        "96/53/EC Annex I",
        NationalPenalties,
        PenaltyFreeKg: 0,
        PenaltyPerTonneCny: 0,
        MaximumPenaltyCny: 0,
        new AxleLimits(),
        Bridge: null);

    /// <summary>United States, federal: 80,000 lb gross, and for axles the bridge formula with its caps (osowloads.com; wideloadshipping.com).</summary>
    public static LimitProfile Us { get; } = new(
        [new() { Axles = 2, RigidKg = BridgeFormula.FloorKg(80_000) }],
        "23 U.S.C. 127, 23 CFR 658.17",
        NationalPenalties,
        PenaltyFreeKg: 0,
        PenaltyPerTonneCny: 0,
        MaximumPenaltyCny: 0,
        Axles: null,
        new BridgeLimits());

    /// <summary>The names that a rulebook can use.</summary>
    public static IReadOnlyList<string> Names { get; } = ["cn", "eu", "us"];

    /// <summary>The profile of a name; the default for none, and for one that there is not, which <see cref="RoadLimits.Problems"/> tells.</summary>
    public static LimitProfile Of(string? name) => name switch
    {
        null => Default,
        "cn" => Cn,
        "eu" => Eu,
        "us" => Us,
        _ => Default,
    };
}
