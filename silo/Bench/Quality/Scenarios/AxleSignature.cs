namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A truck that is weighed for days with shares of the axles that are its own, and then with others: another body behind the plate, or a load that has shifted. Near misses change their load alone, which moves the shares as loads do.
/// </summary>
internal sealed class AxleSignature : Scenario
{
    public const string Name = "axle-signature";

    private const int Before = 16;
    private const int During = 3;
    private const long EveryMs = 5 * 3_600_000;

    public override string Kind => Name;

    public override bool Matches(string warningKind) => warningKind.StartsWith(Name, StringComparison.Ordinal);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTruck truck = city.NewTruck(chance, type => type.Axles.Count >= 3);
        long fromMs = CityPlay.StartMs + (long)(chance.Share() * CityPlay.DayMs / 2);
        long beginsMs = fromMs + (Before * EveryMs);
        Truth truth = city.Add(new Truth(Kind, beginsMs, beginsMs + (During * EveryMs), truck.Key) { Needed = During - 1 });
        Weigh(city, chance, truck, fromMs, truth);
        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number) =>
        Weigh(city, chance, city.NewTruck(chance, type => type.Axles.Count >= 3), CityPlay.StartMs + (long)(chance.Share() * CityPlay.DayMs / 2), null);

    private static void Weigh(CityPlay city, Chance chance, PlayedTruck truck, long fromMs, Truth? truth)
    {
        // Each truck has its own way to carry a load.
        double own = chance.Between(-0.02, 0.02);
        double shift = chance.Between(0.09, 0.16);
        for (int i = 0; i < Before + During; i++)
        {
            double grossKg = OrdinaryTraffic.GrossKg(chance, truck.Type);
            double[] shares = Noise.Shares(truck.Type, grossKg);
            bool other = truth is not null && i >= Before;
            Move(shares, 0, own + (other ? shift : 0));
            Sight sight = city.Weigh(chance, truck, chance.Of(city.City.Stations), grossKg, fromMs + (i * EveryMs), shares);
            if (other)
            {
                truth!.Show(sight.Reaches);
            }
        }
    }

    /// <summary>Puts a part of the mass on one axle, off all others in proportion.</summary>
    private static void Move(double[] shares, int axle, double part)
    {
        double rest = 1 - shares[axle];
        for (int i = 0; i < shares.Length; i++)
        {
            shares[i] = i == axle ? shares[i] + part : shares[i] * (rest - part) / rest;
        }
    }
}
