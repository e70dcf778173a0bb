using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A truck that is driven for over four hours with no rest that is long enough, though with short ones. Near misses are driven for less, or twice for less with a rest of 23 minutes or more between.
/// </summary>
internal sealed class DrivingTime : Scenario
{
    private const long EveryMs = 2 * 60_000;
    private const long Hour = 3_600_000;

    public override string Kind => "driving-time";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long mostMs = city.Rulebook.Vehicles.DrivingTime!.MostS * 1000L;
        long fromMs = CityPlay.Moment(chance);
        long restsMs = (number % 2) * (long)(chance.Between(5, 14) * 60_000);
        long before = (long)(chance.Between(1, 3) * Hour);
        long after = mostMs - before + (long)(chance.Between(0.4, 1.5) * Hour);
        long overMs = fromMs + mostMs + restsMs;
        Truth truth = city.Add(new Truth(Kind, overMs, fromMs + before + restsMs + after, tank.Subject) { Needed = 8 });
        Drive(city, chance, tank, fromMs, before, null);
        Rest(city, chance, tank, fromMs + before, restsMs);
        Drive(city, chance, tank, fromMs + before + restsMs, after, delivered => truth.Show(delivered.AtMs > overMs && delivered.Delivery == Delivery.InTime));
        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        long firstMs = (long)(chance.Between(3.2, 3.95) * Hour);
        Drive(city, chance, tank, fromMs, firstMs, null);
        if (number % 2 == 0)
        {
            long restMs = (long)(chance.Between(23, 45) * 60_000);
            Rest(city, chance, tank, fromMs + firstMs, restMs);
            Drive(city, chance, tank, fromMs + firstMs + restMs, (long)(chance.Between(1, 3) * Hour), null);
        }
    }

    private static void Drive(CityPlay city, Chance chance, PlayedTank tank, long fromMs, long forMs, Action<(long AtMs, Delivery Delivery)>? told)
    {
        for (long atMs = fromMs; atMs < fromMs + forMs; atMs += EveryMs)
        {
            Delivery delivery = tank.Report(city, chance, tank.Measure(chance), atMs);
            told?.Invoke((atMs, delivery));
        }
    }

    private static void Rest(CityPlay city, Chance chance, PlayedTank tank, long fromMs, long forMs)
    {
        CityEnterprise site = chance.Of(city.City.Enterprises);
        for (long atMs = fromMs; atMs < fromMs + forMs; atMs += EveryMs)
        {
            tank.Report(city, chance, tank.Measure(chance), atMs, 0, (site.Latitude, site.Longitude));
        }
    }
}
