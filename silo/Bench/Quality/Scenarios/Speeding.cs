using Streaming.Models.Driving;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A truck of dangerous goods above the limit of an expressway for some minutes. Near misses drive just below the limit, or have one speed that a receiver made up. Above it by no more than the tolerance may be warned of and need not be.
/// </summary>
internal sealed class Speeding : Scenario
{
    private const int Reports = 40;
    private const double DeviationKmh = 1;

    public override string Kind => "speed";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        SpeedRules rules = city.Rulebook.Vehicles.Speed!;
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        int begins = 5 + chance.Below(10);
        int ends = begins + 6 + chance.Below(15);
        double kmh = rules.ExpresswayKmh + rules.ToleranceKmh + chance.Between(4, 30);
        Truth truth = city.Add(new Truth(Kind, fromMs + (begins * PlayedTank.EveryMs), fromMs + (ends * PlayedTank.EveryMs), tank.Subject) { Needed = 4 });
        for (int i = 0; i < Reports; i++)
        {
            bool fast = i >= begins && i < ends;
            Delivery delivery = Drive(city, chance, tank, fromMs, i, fast ? kmh : chance.Between(50, 75));
            truth.Show(fast && delivery == Delivery.InTime);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        SpeedRules rules = city.Rulebook.Vehicles.Speed!;
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        double kmh = rules.ExpresswayKmh + (number % 3) switch { 0 => -chance.Between(0, 4), 1 => -chance.Between(10, 20), _ => chance.Between(0.5, rules.ToleranceKmh) };
        if (kmh > rules.ExpresswayKmh)
        {
            city.Add(new Truth(Kind, fromMs, fromMs + (Reports * PlayedTank.EveryMs), tank.Subject) { Wanted = false });
        }

        for (int i = 0; i < Reports; i++)
        {
            Drive(city, chance, tank, fromMs, i, number % 3 == 1 && i == 20 ? chance.Between(100, 140) : kmh);
        }
    }

    private static Delivery Drive(CityPlay city, Chance chance, PlayedTank tank, long fromMs, int report, double kmh) =>
        tank.Report(city, chance, tank.Measure(chance), fromMs + (report * PlayedTank.EveryMs), kmh + (DeviationKmh * chance.Normal()));
}
