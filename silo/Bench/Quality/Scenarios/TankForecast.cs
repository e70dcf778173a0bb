using Streaming.Models.Tanks;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A figure of a plant's tank that rises slowly and evenly until it is over its limit, hours later: a warning at any time of the rise is right. Near misses rise as steeply and flatten well below the limit, or swing with the day.
/// </summary>
internal sealed class TankForecast : Scenario
{
    public const string Name = "tank-forecast";

    private const long EveryMs = PlayedTank.EveryMs;
    private const long BeforeMs = 3_600_000;
    private const int LeastReports = 20;
    private static readonly TankFigure[] Figures = [TankFigure.Pressure, TankFigure.Temperature, TankFigure.Pressure, TankFigure.Temperature, TankFigure.Level];

    public override string Kind => Name;

    public override TimeSpan Slack => TimeSpan.FromMinutes(2);

    public override bool Matches(string warningKind) => warningKind.EndsWith("-forecast", StringComparison.Ordinal) || warningKind.Contains("-forecast-", StringComparison.Ordinal);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        (PlayedTank tank, TankFigure figure, double high) = Draw(city, chance, number);
        long fromMs = CityPlay.Moment(chance);
        double hours = chance.Between(1, 2.5);
        double usual = tank.Usual(figure);
        long riseMs = fromMs + BeforeMs;
        long reachesMs = riseMs + (long)(hours * 3_600_000);
        Truth truth = city.Add(new Truth(Kind, riseMs, reachesMs, tank.Subject) { Needed = LeastReports });
        city.Add(new Truth("tank-limits", reachesMs - (15 * 60_000), reachesMs + BeforeMs, tank.Subject) { Wanted = false });
        city.Add(new Truth(TankAnomaly.Name, riseMs, reachesMs + BeforeMs, tank.Subject) { Wanted = false });
        for (long atMs = fromMs; atMs < reachesMs + (10 * EveryMs); atMs += EveryMs)
        {
            double value = atMs < riseMs ? usual : usual + ((high - usual) * (atMs - riseMs) / (reachesMs - riseMs));
            Delivery delivery = tank.Report(city, chance, tank.Measure(chance, figure, value, high), atMs);
            truth.Show(atMs > riseMs && atMs < reachesMs && delivery == Delivery.InTime);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        (PlayedTank tank, TankFigure figure, double high) = Draw(city, chance, number);
        long fromMs = CityPlay.Moment(chance);
        double usual = tank.Usual(figure);
        double room = high - usual;
        double part = chance.Between(0.15, 0.4);
        double hours = chance.Between(1, 2.5);
        for (long atMs = fromMs; atMs < fromMs + (4 * 3_600_000); atMs += EveryMs)
        {
            double inH = Math.Max(0, (atMs - fromMs - BeforeMs) / 3_600_000.0);

            // Half of them rise as a truth does and stop; the others go up and down again as with the sun.
            double value = number % 2 == 0
                ? usual + (room * Math.Min(part, inH / hours))
                : usual + (room * part * Math.Max(0, 1 - ((inH - 1.5) * (inH - 1.5) / 2.25)));
            tank.Report(city, chance, tank.Measure(chance, figure, value, high), atMs);
        }
    }

    private static (PlayedTank Tank, TankFigure Figure, double High) Draw(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.InPlant(city, chance);
        TankFigure figure = Figures[number % Figures.Length];
        return (tank, figure, city.Rulebook.TankLimits.Of($"{tank.Subject}/{tank.Unit}", tank.Substance).Of(figure)!.High!.Value);
    }
}
