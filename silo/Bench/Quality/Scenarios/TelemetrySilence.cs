namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>A loaded truck of which nothing is heard for half an hour or more while it is under way. Near misses are silent for a tunnel's length, or after they have parked.</summary>
internal sealed class TelemetrySilence : Scenario
{
    private const int Before = 15;
    private const int After = 8;

    public override string Kind => "telemetry-silence";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        long silentMs = fromMs + (Before * PlayedTank.EveryMs);
        long againMs = silentMs + (long)(chance.Between(28, 240) * 60_000);
        Truth truth = city.Add(new Truth(Kind, silentMs, againMs, tank.Subject));
        truth.Show(Drive(city, chance, tank, fromMs, Before) == Delivery.InTime);
        Drive(city, chance, tank, againMs, After);
        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        Drive(city, chance, tank, fromMs, Before);
        long silentMs = fromMs + (Before * PlayedTank.EveryMs);
        if (number % 2 == 0)
        {
            Drive(city, chance, tank, silentMs + (long)(chance.Between(6, 17) * 60_000), After);
        }
        else
        {
            city.Park(chance, tank.Subject);
            Drive(city, chance, tank, silentMs + (long)(chance.Between(60, 300) * 60_000), After);
        }
    }

    /// <summary>Drives and reports; what became of the last report.</summary>
    private static Delivery Drive(CityPlay city, Chance chance, PlayedTank tank, long fromMs, int reports)
    {
        Delivery last = Delivery.Lost;
        for (int i = 0; i < reports; i++)
        {
            last = tank.Report(city, chance, tank.Measure(chance), fromMs + (i * PlayedTank.EveryMs));
        }

        return last;
    }
}
