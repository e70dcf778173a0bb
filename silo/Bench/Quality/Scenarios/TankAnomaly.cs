using Streaming.Models.Tanks;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A tank whose figures leave what is usual for it and stay within every limit: pressure that drops or rises while the temperature stays, a level that creeps off. A day of ordinary reports and two hours go before. Near misses are the swing of a day and a change of
/// filling that takes its hour.
/// </summary>
internal sealed class TankAnomaly : Scenario
{
    public const string Name = "tank-anomaly";

    private const long EveryMs = 5 * PlayedTank.EveryMs;
    private const int Before = 312;
    private const int During = 24;
    private const int After = 12;

    public override string Kind => Name;

    public override TimeSpan Slack => TimeSpan.FromMinutes(30);

    public override double NearMisses => 0.5;

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = number % 2 == 0 ? PlayedTank.InPlant(city, chance, "UN1017") : PlayedTank.InPlant(city, chance, "UN1005");
        long fromMs = CityPlay.Moment(chance, CityPlay.Days - 2);
        long beginsMs = fromMs + (Before * EveryMs);
        TankFigure figure = number % 3 == 2 ? TankFigure.Temperature : TankFigure.Pressure;
        double usual = tank.Usual(figure);
        double off = figure == TankFigure.Pressure ? usual * chance.Between(0.08, 0.2) * (number % 3 == 0 ? -1 : 1) : chance.Between(4, 9);
        Truth truth = city.Add(new Truth(Kind, beginsMs, beginsMs + (During * EveryMs), tank.Subject) { Needed = During / 2 });
        city.Add(new Truth(TankForecast.Name, beginsMs - EveryMs, beginsMs + ((During + After) * EveryMs), tank.Subject) { Wanted = false });
        for (int i = 0; i < Before + During + After; i++)
        {
            bool during = i >= Before && i < Before + During;
            Delivery delivery = tank.Report(city, chance, tank.Measure(chance, figure, usual + (during ? off : 0)), fromMs + (i * EveryMs));
            truth.Show(during && delivery == Delivery.InTime);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.InPlant(city, chance);
        long fromMs = CityPlay.Moment(chance, CityPlay.Days - 2);
        TankFigure figure = number % 2 == 0 ? TankFigure.Temperature : TankFigure.Level;
        double usual = tank.Usual(figure);
        for (int i = 0; i < Before + During + After; i++)
        {
            double hour = i * EveryMs / 3_600_000.0 % 24;
            double value = figure == TankFigure.Temperature
                ? usual + (2 * Math.Max(0, 1 - ((hour - 12) * (hour - 12) / 36)))
                : usual - (i > Before ? 10 * Math.Min(1, (i - Before) / 12.0) : 0);
            tank.Report(city, chance, tank.Measure(chance, figure, value), fromMs + (i * EveryMs));
        }
    }
}
