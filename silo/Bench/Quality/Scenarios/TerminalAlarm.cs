namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>A truck's terminal reports, by the bits of JT/T 808, that it is off its route, that its driver calls for help, or that it collides or turns over. Near misses report what a terminal says of itself: a fault of its receiver, of its power, of its camera.</summary>
internal sealed class TerminalAlarm : Scenario
{
    private const int Reports = 20;
    private const int Rises = 8;

    /// <summary>Emergency 0, off route 23, collision 29, rollover 30.</summary>
    private static readonly int[] Told = [0, 23, 29, 30];

    /// <summary>Faults of the receiver 4 and its aerial 5, main power low 7, display 9, camera 11.</summary>
    private static readonly int[] Faults = [4, 5, 7, 9, 11];

    public override string Kind => "terminal-alarms";

    public override bool Matches(string warningKind) => warningKind is "terminal-alarm" or "route-deviation";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        int falls = Rises + 3 + chance.Below(8);
        Truth truth = city.Add(new Truth(Kind, fromMs + (Rises * PlayedTank.EveryMs), fromMs + (falls * PlayedTank.EveryMs), tank.Subject) { Needed = 2 });
        Play(city, chance, tank, fromMs, falls, 1u << Told[number % Told.Length], truth);
        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number) =>
        Play(city, chance, PlayedTank.OnTruck(city, chance), CityPlay.Moment(chance), Rises + 6, 1u << Faults[number % Faults.Length], null);

    private static void Play(CityPlay city, Chance chance, PlayedTank tank, long fromMs, int falls, uint bit, Truth? truth)
    {
        for (int i = 0; i < Reports; i++)
        {
            uint bits = i >= Rises && i < falls ? bit : 0;
            Delivery delivery = tank.Report(city, chance, tank.Measure(chance), fromMs + (i * PlayedTank.EveryMs), alarmBits: bits);
            truth?.Show(bits != 0 && delivery == Delivery.InTime);
        }
    }
}
