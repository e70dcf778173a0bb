using Streaming.Ingest.City;
using Streaming.Models.Tanks;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A tank truck that stands by the road, far from every registered place, with its valve open, or its level falling, or both. Near misses unload at a registered place, rest by the road with everything shut, or shake their level as they drive.
/// </summary>
internal sealed class UnloadingOutsideSite : Scenario
{
    private const int Stands = 10;
    private const int Reports = 45;

    public override string Kind => "unloading-outside-site";

    public override bool Matches(string warningKind) => warningKind.Contains("unloading", StringComparison.Ordinal);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        int leaves = Stands + 15 + chance.Below(15);
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        Truth truth = city.Add(new Truth(Kind, fromMs + (Stands * PlayedTank.EveryMs), fromMs + (leaves * PlayedTank.EveryMs), tank.Subject) { Needed = 8 });
        city.Add(new Truth(TankAnomaly.Name, fromMs, fromMs + (Reports * PlayedTank.EveryMs), tank.Subject) { Wanted = false });
        Play(city, chance, tank, fromMs, leaves, city.Away(chance), falls: number % 3 != 1, valve: number % 3 != 2 ? "open" : "unknown", truth);
        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        CityEnterprise site = chance.Of(city.City.Enterprises);
        city.Add(new Truth(TankAnomaly.Name, fromMs, fromMs + (Reports * PlayedTank.EveryMs), tank.Subject) { Wanted = false });
        if (number % 3 == 0)
        {
            Play(city, chance, tank, fromMs, Stands + 25, (site.Latitude, site.Longitude), falls: true, valve: "open", null);
        }
        else
        {
            Play(city, chance, tank, fromMs, Stands + 25, city.Away(chance), falls: false, valve: "closed", null, shakes: number % 3 == 1);
        }
    }

    private static void Play(CityPlay city, Chance chance, PlayedTank tank, long fromMs, int leaves, (double, double) place, bool falls, string valve, Truth? truth, bool shakes = false)
    {
        double full = tank.Usual(TankFigure.Level);
        double off = chance.Between(20, 45);
        for (int i = 0; i < Reports; i++)
        {
            bool standing = i >= Stands && i < leaves;
            double gone = falls ? off * Math.Clamp((double)(i - Stands) / (leaves - Stands), 0, 1) : 0;
            double level = full - gone + (shakes && !standing ? 2 * chance.Normal() : 0);
            Delivery delivery = tank.Report(
                city, chance, tank.Measure(chance, TankFigure.Level, level), fromMs + (i * PlayedTank.EveryMs), standing ? 0 : null, standing ? place : null,
                standing && i > Stands && i < leaves - 1 ? valve : "closed");
            truth?.Show(standing && delivery == Delivery.InTime);
        }
    }
}
