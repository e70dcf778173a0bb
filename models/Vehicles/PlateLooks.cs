using Streaming.Models.Evasion;
using Streaming.Models.Limits;
using Streaming.Models.Readings;

namespace Streaming.Models.Vehicles;

/// <summary>How what was seen under a plate differs from what the plate is registered for. Persisted: numbers are never reused.</summary>
public enum LookFault : byte
{
    None = 0,

    /// <summary>A car or bus under the plate of a truck, or the other way round.</summary>
    Class = 1,

    /// <summary>Other axles than the register has.</summary>
    Axles = 2,
}

/// <summary>What was seen under a plate.</summary>
/// <param name="Class">Body as a camera or scale took it; unknown where it says nothing.</param>
/// <param name="Axles">Axles weighed; 0 where none were.</param>
/// <param name="GrossKg">Mass weighed, kg; 0 where none was.</param>
public readonly record struct SeenLook(VehicleClass Class, int Axles, int GrossKg);

/// <summary>
/// A plate under which something else is seen than what it is registered for, again and again and by several devices: further grounds for a cloned plate. A body is a contradiction only between cars, buses and goods vehicles: rigid, combination and
/// tanker are told apart too badly, and a tractor drives without its trailer. Axles are one only of a registered rigid truck and by two or more: one may be lifted, and more axles that raise the limit are the matter of
/// <see cref="AxleCountRule"/>. The colour of a plate is part of a vehicle's key, and no reading has the colour of a body, so neither is compared. No figure is verified.
/// </summary>
public sealed record PlateLooks
{
    /// <summary>Contradictions that it takes.</summary>
    public int Repeats { get; init; } = 3;

    /// <summary>Different devices that they have to come from: one camera that takes a pick-up for a car accuses nobody.</summary>
    public int Sources { get; init; } = 2;

    /// <summary>Time within which they must come, h.</summary>
    public int WithinHours { get; init; } = 72;

    /// <summary>A body seen with less confidence says nothing, per mille.</summary>
    public int ClassPermille { get; init; } = 850;

    /// <summary>By so many the axles have to differ.</summary>
    public int AxlesApart { get; init; } = 2;

    /// <summary>Severity of the warning, 1 to 4.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>Confidence, 0 to 1: a register may be wrong as well.</summary>
    public double Confidence { get; init; } = 0.6;

    /// <summary>Holds what was seen against what is registered. Where the register does not say, nothing differs.</summary>
    public LookFault Judge(RoadLimits limits, RegisteredBuild build, int registeredAxles, SeenLook seen)
    {
        int registered = Group(build.Class), looks = Group(seen.Class);
        if (registered != 0 && looks != 0 && registered != looks)
        {
            return LookFault.Class;
        }

        bool axles = build.Class == VehicleClass.Rigid && registeredAxles > 0 && seen.Axles > 0 && Math.Abs(seen.Axles - registeredAxles) >= AxlesApart && seen.Class != VehicleClass.Combination;
        return axles && !AxleCountRule.RaisesLimit(limits, seen.GrossKg, seen.Axles, seen.Class, build, registeredAxles, 0, out _) ? LookFault.Axles : LookFault.None;
    }

    private static int Group(VehicleClass body) => body switch
    {
        VehicleClass.Rigid or VehicleClass.Combination or VehicleClass.Tanker => 1,
        VehicleClass.Bus => 2,
        VehicleClass.Car => 3,
        _ => 0,
    };

    internal IEnumerable<string> Problems()
    {
        foreach ((string name, double value, double least, double most) in new[]
        {
            ("repeats", Repeats, 1, 100), ("sources", Sources, 1, 2), ("withinHours", WithinHours, 1, 24 * 365), ("classPermille", ClassPermille, 0, 1_000), ("axlesApart", AxlesApart, 1, 15), ("severity", Severity, 1, 4), ("confidence", Confidence, 0.01, 1),
        })
        {
            if (!(value >= least && value <= most))
            {
                yield return $"clonedPlates.looks.{name} is {value}; it must be {least} to {most}.";
            }
        }
    }
}
