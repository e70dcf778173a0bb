namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A tank truck that drives at 86 to 105 km/h for ten minutes, where no register has the road: the limit is that of expressways. Near misses drive at 70 to 81, and every third of them has one reading that is a fault of the receiver.
/// </summary>
internal sealed class HazmatSpeed : Scenario
{
    private const int Reports = 30;
    private const int FastFrom = 10;
    private const int FastTo = 20;

    public override string Kind => "speed";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        Truth truth = city.Add(new Truth(Kind, fromMs + (FastFrom * PlayedTank.EveryMs), fromMs + (FastTo * PlayedTank.EveryMs), tank.Subject) { Needed = 3 });
        for (int i = 0; i < Reports; i++)
        {
            bool fast = i is >= FastFrom and < FastTo;
            Delivery delivery = tank.Report(city, chance, tank.Measure(chance), fromMs + (i * PlayedTank.EveryMs), fast ? chance.Between(86, 105) : chance.Between(40, 65));
            truth.Show(fast && delivery == Delivery.InTime);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        for (int i = 0; i < Reports; i++)
        {
            tank.Report(city, chance, tank.Measure(chance), fromMs + (i * PlayedTank.EveryMs), number % 3 == 0 && i == FastFrom ? chance.Between(100, 160) : chance.Between(70, 81));
        }
    }
}
