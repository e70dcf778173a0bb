using Streaming.Ingest.City;
using Streaming.Models.Tanks;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>What stands behind a tank truck's waybill.</summary>
internal enum WaybillState
{
    /// <summary>It is registered, over the whole play, for the truck and what is in it.</summary>
    Registered,

    /// <summary>It is registered for another substance.</summary>
    OfAnother,

    /// <summary>The truck reports one that no register has.</summary>
    Unregistered,

    /// <summary>The truck reports none, and none is registered.</summary>
    None,
}

/// <summary>
/// A tank of the play, of a truck or of a plant, with its ordinary figures. A truck drives round the ring on a registered waybill that says what is in it; where it stands, or what it carries instead, is the scenario's.
/// </summary>
internal sealed class PlayedTank
{
    /// <summary>Between two reports, ms.</summary>
    public const long EveryMs = 60_000;

    private static readonly string[] Substances = ["UN1017", "UN1005", "UN1965", "UN1203", "UN1230", "UN1830"];
    private readonly PlayedTruck? truck;
    private readonly double beginsAt;
    private TankState ordinary;

    private PlayedTank(PlayedTruck? truck, string subject, string unit, string substance, double beginsAt) =>
        (this.truck, Subject, Unit, Substance, this.beginsAt) = (truck, subject, unit, substance, beginsAt);

    /// <summary>Key of its subject.</summary>
    public string Subject { get; }

    public string Unit { get; }

    public string Substance { get; }

    public bool IsTruck => truck is not null;

    public PlayedTruck Truck => truck ?? throw new InvalidOperationException("A tank of a plant is on no truck.");

    /// <summary>Number of the waybill that its truck reports; null where it reports none.</summary>
    public string? Waybill { get; private init; }

    /// <summary>A truck of a type that carries a tank, on a waybill.</summary>
    public static PlayedTank OnTruck(CityPlay city, Chance chance, string? substance = null, WaybillState waybill = WaybillState.Registered)
    {
        PlayedTruck truck = city.NewTruck(chance, type => type.Axles.Count == 6);
        CityTankerLoad load = substance is null ? chance.Of(city.City.Fleet.TankerLoads) : city.City.Fleet.TankerLoads.First(load => load.Substance == substance);
        string number = city.NewName("WB");
        if (waybill is WaybillState.Registered or WaybillState.OfAnother)
        {
            RegisterWaybill(city, number, truck, waybill == WaybillState.Registered ? load.Substance : chance.Of([.. city.City.Fleet.TankerLoads.Where(other => other != load)]).Substance);
        }

        PlayedTank tank = new(truck, truck.Key, "", load.Substance, chance.Below(city.City.Stations.Count)) { Waybill = waybill == WaybillState.None ? null : number };
        tank.ordinary = new TankState(load.PressureKpa * chance.Between(0.95, 1.02), load.TemperatureC * chance.Between(0.95, 1.02), chance.Between(60, 80), null, null, null);
        return tank;
    }

    /// <summary>A tank of an enterprise that has no other.</summary>
    public static PlayedTank InPlant(CityPlay city, Chance chance, string? substance = null)
    {
        string of = substance ?? chance.Of(Substances);
        CityTankerLoad load = city.City.Fleet.TankerLoads.First(load => load.Substance == of);
        PlayedTank tank = new(null, city.NewName("9144120Q"), "T1", of, 0);
        tank.ordinary = new TankState(load.PressureKpa * chance.Between(0.95, 1.02), load.TemperatureC * chance.Between(0.95, 1.02), chance.Between(50, 75), null, null, null);
        return tank;
    }

    public static void RegisterWaybill(CityPlay city, string number, PlayedTruck truck, string substance, long? atMs = null) => city.Register(
        "waybills", atMs,
        ("number", number), ("plate", truck.Key), ("substance", substance), ("massKg", 24_000), ("driver", "D001"), ("departure", CityPlay.Day(0)), ("arrival", CityPlay.Day(CityPlay.Days + 1)));

    /// <summary>What it measures when nothing is the matter, with the sensors' noise: what they do not measure it does not have.</summary>
    /// <param name="chance">Noise.</param>
    /// <param name="figure">A figure that is other than usual; null for none.</param>
    /// <param name="value">Its true value.</param>
    /// <param name="limit">The scale of the noise of a gas sensor, which measures nothing most of the time.</param>
    public TankState Measure(Chance chance, TankFigure? figure = null, double value = 0, double limit = 0)
    {
        double Of(TankFigure which, double usual) => figure == which ? value : usual;
        double pressure = Of(TankFigure.Pressure, ordinary.PressureKpa!.Value);
        return new TankState(
            pressure * (1 + (NoiseOf(TankFigure.Pressure, 1) * chance.Normal())),
            Of(TankFigure.Temperature, ordinary.TemperatureC!.Value) + (NoiseOf(TankFigure.Temperature, 0) * chance.Normal()),
            Math.Clamp(Of(TankFigure.Level, ordinary.LevelPct!.Value) + (NoiseOf(TankFigure.Level, 0) * chance.Normal()), 0, 100),
            null,
            figure == TankFigure.ToxicGas ? Math.Max(0, value + (NoiseOf(TankFigure.ToxicGas, limit) * chance.Normal())) : null,
            figure == TankFigure.CombustibleGas ? Math.Max(0, value + (NoiseOf(TankFigure.CombustibleGas, limit) * chance.Normal())) : null);
    }

    /// <summary>One deviation of a sensor, in the figure's unit; of pressure and gas for a value or limit of <paramref name="scale"/>.</summary>
    public static double NoiseOf(TankFigure figure, double scale) => figure switch
    {
        TankFigure.Pressure => 0.005 * scale,
        TankFigure.Temperature => 0.2,
        TankFigure.Level => 0.3,
        _ => 0.01 * scale,
    };

    /// <summary>The ordinary value of a figure.</summary>
    public double Usual(TankFigure figure) => figure switch
    {
        TankFigure.Pressure => ordinary.PressureKpa!.Value,
        TankFigure.Temperature => ordinary.TemperatureC!.Value,
        TankFigure.Level => ordinary.LevelPct!.Value,
        _ => 0,
    };

    /// <summary>Reports what was measured.</summary>
    /// <param name="speedKmh">Of a truck; null for what it drives at.</param>
    /// <param name="position">Of a truck; null for where it has come to on the ring.</param>
    /// <param name="alarmBits">What its terminal says, by the bits of JT/T 808; null where it says nothing.</param>
    public Delivery Report(CityPlay city, Chance chance, in TankState measured, long atMs, double? speedKmh = null, (double Lat, double Lon)? position = null, string valve = "closed", uint? alarmBits = null)
    {
        if (truck is null)
        {
            return city.Telemeter(chance, Subject, Unit, Substance, measured, atMs);
        }

        const double UsualKmh = 50;
        double place = beginsAt + ((atMs - CityPlay.StartMs) / 3_600_000.0 * UsualKmh / CityPlay.StationSpacingKm);
        double speed = speedKmh ?? (UsualKmh + (3 * chance.Normal()));
        return city.Telemeter(chance, truck, Substance, measured, speed, position ?? city.OnRoad(place % city.City.Stations.Count), Waybill, atMs, valve, alarmBits);
    }
}
