using Streaming.Ingest.City;
using Streaming.Models.Tanks;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>A loaded truck that stands by the road for more than an hour, far from every registered place. Near misses stand there for less, at a registered place, or empty.</summary>
internal sealed class HazmatStop : Scenario
{
    private const long EveryMs = 2 * 60_000;
    private const int Before = 8;
    private const double EmptyPct = 2;

    public override string Kind => "hazmat-stop";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        int stands = 38 + chance.Below(80);
        long overMs = fromMs + (Before * EveryMs) + (city.Rulebook.Vehicles.Stops!.AfterS * 1000L);
        Truth truth = city.Add(new Truth(Kind, overMs, fromMs + ((Before + stands) * EveryMs), tank.Subject) { Needed = 4 });
        Play(city, chance, tank, fromMs, stands, city.Away(chance), null, delivered => truth.Show(delivered.AtMs > overMs && delivered.Delivery == Delivery.InTime));
        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        CityEnterprise site = chance.Of(city.City.Enterprises);
        int stands = number % 3 == 0 ? 10 + chance.Below(18) : 45 + chance.Below(60);
        Play(city, chance, tank, CityPlay.Moment(chance), stands, number % 3 == 1 ? (site.Latitude, site.Longitude) : city.Away(chance), number % 3 == 2 ? EmptyPct : null, null);
    }

    /// <param name="levelPct">Of its tank, %; null for what it usually has.</param>
    private static void Play(CityPlay city, Chance chance, PlayedTank tank, long fromMs, int stands, (double, double) place, double? levelPct, Action<(long AtMs, Delivery Delivery)>? told)
    {
        for (int i = 0; i < Before + stands + Before; i++)
        {
            bool standing = i >= Before && i < Before + stands;
            long atMs = fromMs + (i * EveryMs);
            TankState measured = tank.Measure(chance, TankFigure.Level, levelPct ?? tank.Usual(TankFigure.Level));
            Delivery delivery = tank.Report(city, chance, measured, atMs, standing ? 0 : null, standing ? place : null);
            if (standing)
            {
                told?.Invoke((atMs, delivery));
            }
        }
    }
}
