using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// Tank trucks that are on the road without a registered waybill, or with one that says something else than their telemetry or their orange plate. Near misses have one that was registered minutes after they left, or an orange plate of which one digit
/// was misread once.
/// </summary>
internal sealed class WaybillTruth : Scenario
{
    private const int Reports = 30;
    private const int Passes = 4;
    private const int Ways = 4;

    public override string Kind => "waybill";

    public override bool Matches(string warningKind) => warningKind.Contains("waybill", StringComparison.Ordinal) || warningKind.StartsWith("orange-plate", StringComparison.Ordinal);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        int way = number % Ways;
        PlayedTank tank = PlayedTank.OnTruck(city, chance, waybill: way switch { 0 => WaybillState.Unregistered, 1 => WaybillState.None, 2 => WaybillState.Registered, _ => WaybillState.OfAnother });
        long fromMs = CityPlay.Moment(chance);
        Truth truth = city.Add(new Truth(Kind, fromMs, fromMs + (Reports * PlayedTank.EveryMs), tank.Subject) { Needed = 3 });
        string orange = OrangePlate(city, way == 2 ? Other(city, chance, tank.Substance) : tank.Substance);
        if (way == 2)
        {
            Pass(city, chance, tank, fromMs, orange, orange, truth);
        }
        else
        {
            Drive(city, chance, tank, fromMs, truth);
            Pass(city, chance, tank, fromMs, orange, orange, null);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        long fromMs = CityPlay.Moment(chance);
        PlayedTank tank = PlayedTank.OnTruck(city, chance, waybill: number % 3 == 0 ? WaybillState.Unregistered : WaybillState.Registered);
        if (number % 3 == 0)
        {
            PlayedTank.RegisterWaybill(city, tank.Waybill!, tank.Truck, tank.Substance, fromMs + (long)chance.Between(60_000, 5 * 60_000));
        }

        Drive(city, chance, tank, fromMs, null);
        string orange = OrangePlate(city, tank.Substance);
        Pass(city, chance, tank, fromMs, orange, number % 3 == 1 ? Misread(chance, orange) : orange, null);
    }

    private static void Drive(CityPlay city, Chance chance, PlayedTank tank, long fromMs, Truth? truth)
    {
        for (int i = 0; i < Reports; i++)
        {
            Delivery delivery = tank.Report(city, chance, tank.Measure(chance), fromMs + (i * PlayedTank.EveryMs));
            truth?.Show(delivery == Delivery.InTime);
        }
    }

    /// <summary>Passes stations and their cameras, which read its orange plate, at one of them otherwise.</summary>
    private static void Pass(CityPlay city, Chance chance, PlayedTank tank, long fromMs, string orange, string once, Truth? truth)
    {
        IReadOnlyList<(CityStation Station, long AtMs)> trip = city.Drive(chance, Passes, fromMs + 30_000);
        for (int i = 0; i < trip.Count; i++)
        {
            Sight seen = city.See(chance, tank.Truck, trip[i].Station, trip[i].AtMs - 8_000, i == 1 ? once : orange);
            city.Weigh(chance, tank.Truck, trip[i].Station, 40_000, trip[i].AtMs);
            truth?.Show(seen.Reaches);
        }
    }

    private static string OrangePlate(CityPlay city, string substance) => city.City.Fleet.TankerLoads.First(load => load.Substance == substance).HazardPlate;

    private static string Other(CityPlay city, Chance chance, string substance) => chance.Of([.. city.City.Fleet.TankerLoads.Where(load => load.Substance != substance)]).Substance;

    /// <summary>One digit of the UN number is another.</summary>
    private static string Misread(Chance chance, string orange)
    {
        char[] signs = orange.ToCharArray();
        int place = signs.Length - 1 - chance.Below(4);
        signs[place] = (char)('0' + ((signs[place] - '0' + 1 + chance.Below(9)) % 10));
        return new string(signs);
    }
}
