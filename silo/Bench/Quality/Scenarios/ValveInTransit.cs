using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A tank truck that drives with its valve open. Near misses have it open where the truck stands at an unloading place, or moves no faster than one manoeuvres, or not known; and some have one reading that is a fault of the sensor.
/// </summary>
internal sealed class ValveInTransit : Scenario
{
    private const int GlitchEvery = 12;
    private const double ManoeuvreKmh = 6;
    private const int Reports = 40;

    public override string Kind => "valve-open-in-transit";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        int opens = 5 + chance.Below(10);
        int shuts = opens + 2 + chance.Below(15);
        Truth truth = city.Add(new Truth(Kind, fromMs + (opens * PlayedTank.EveryMs), fromMs + (shuts * PlayedTank.EveryMs), tank.Subject));
        for (int i = 0; i < Reports; i++)
        {
            bool open = i >= opens && i < shuts;
            Delivery delivery = tank.Report(city, chance, tank.Measure(chance), fromMs + (i * PlayedTank.EveryMs), chance.Between(25, 65), valve: open ? "open" : "closed");
            truth.Show(open && delivery == Delivery.InTime);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        CityEnterprise place = chance.Of(city.City.Enterprises);
        for (int i = 0; i < Reports; i++)
        {
            bool then = i is >= 12 and < 28;
            (double Speed, (double, double)? Position, string Valve) report = (number % GlitchEvery, number % 3) switch
            {
                (0, _) => (chance.Between(25, 65), null, i == 20 ? "open" : "closed"),
                (_, 0) => (chance.Between(25, 65), null, then ? "unknown" : "closed"),
                (_, 1) => (then ? 0 : chance.Between(25, 65), then ? (place.Latitude, place.Longitude) : null, i is >= 14 and < 26 ? "open" : "closed"),
                _ => (then ? ManoeuvreKmh * chance.Share() : chance.Between(25, 65), then ? (place.Latitude, place.Longitude) : null, i is >= 14 and < 26 ? "open" : "closed"),
            };
            tank.Report(city, chance, tank.Measure(chance), fromMs + (i * PlayedTank.EveryMs), report.Speed, report.Position, report.Valve);
        }
    }
}
