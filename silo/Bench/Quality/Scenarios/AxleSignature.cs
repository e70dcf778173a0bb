using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A truck that is weighed for days with axles that are its own, and then with others that fit no vehicle of its kind: a load that has shifted to the front, a scale that weighs one axle double, a record put together of it and of the truck that followed it
/// closely. Near misses change their load alone, which moves the shares as loads do.
/// </summary>
internal sealed class AxleSignature : Scenario
{
    public const string Name = "axle-signature";

    private const int Before = 10;
    private const int During = 3;
    private const long EveryMs = 7 * 3_600_000;

    public override string Kind => Name;

    public override bool Matches(string warningKind) => warningKind.StartsWith(Name, StringComparison.Ordinal);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTruck truck = Draw(city, chance);
        long fromMs = CityPlay.StartMs + (long)(chance.Share() * CityPlay.DayMs / 2);
        long beginsMs = fromMs + (Before * EveryMs);
        long endsMs = beginsMs + (During * EveryMs);
        Truth truth = city.Add(new Truth(Kind, beginsMs, endsMs, truck.Key) { Needed = During - 1 });
        city.Add(new Truth(Evasion.Name, beginsMs, endsMs, truck.Key) { Wanted = false });
        city.Add(new Truth("over-road-limit", beginsMs, endsMs, truck.Key) { Wanted = false });
        double own = Usual(city, chance, truck, fromMs, Before);
        double shift = chance.Between(0.10, 0.18);
        for (int i = 0; i < During; i++)
        {
            double grossKg = OrdinaryTraffic.GrossKg(chance, truck.Type);
            double[] shares = Noise.Shares(truck.Type, grossKg);
            Move(shares, 0, own);
            (PlayedTruck weighed, double weighedKg, double[] asShares) = (number % 3) switch
            {
                0 => (truck, grossKg, Moved(shares, shift)),
                1 => Doubled(truck, grossKg, shares),
                _ => Joined(city, chance, truck, grossKg, shares),
            };
            truth.Show(city.Weigh(chance, weighed, chance.Of(city.City.Stations), weighedKg, beginsMs + (i * EveryMs), asShares).Reaches);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number) =>
        Usual(city, chance, Draw(city, chance), CityPlay.StartMs + (long)(chance.Share() * CityPlay.DayMs / 2), Before + During);

    private static PlayedTruck Draw(CityPlay city, Chance chance) => city.NewTruck(chance, type => type.Axles.Count >= 3);

    /// <summary>Weighs it as it usually is; returns how its own way to carry a load moves the first axle's share.</summary>
    private static double Usual(CityPlay city, Chance chance, PlayedTruck truck, long fromMs, int weighings)
    {
        double own = chance.Between(-0.02, 0.02);
        for (int i = 0; i < weighings; i++)
        {
            double grossKg = OrdinaryTraffic.GrossKg(chance, truck.Type);
            double[] shares = Noise.Shares(truck.Type, grossKg);
            Move(shares, 0, own);
            city.Weigh(chance, truck, chance.Of(city.City.Stations), grossKg, fromMs + (i * EveryMs), shares);
        }

        return own;
    }

    private static double[] Moved(double[] shares, double part)
    {
        Move(shares, 0, part);
        return shares;
    }

    /// <summary>The last axle is weighed double.</summary>
    private static (PlayedTruck, double, double[]) Doubled(PlayedTruck truck, double grossKg, double[] shares)
    {
        double sum = 1 + shares[^1];
        shares[^1] *= 2;
        return (truck, grossKg * sum, [.. shares.Select(share => share / sum)]);
    }

    /// <summary>Two axles of a light truck, close behind, come into the record of this one.</summary>
    private static (PlayedTruck, double, double[]) Joined(CityPlay city, Chance chance, PlayedTruck truck, double grossKg, double[] shares)
    {
        CityTruckType two = city.City.Fleet.Types.First(type => type.Axles.Count == 2);
        double secondKg = two.EmptyKg * chance.Between(1, 1.5);
        double from = truck.Type.Axles[^1].OffsetM + chance.Between(5.5, 8);
        CityTruckType joined = truck.Type with { Axles = [.. truck.Type.Axles, .. two.Axles.Select(axle => axle with { OffsetM = Math.Round(from + axle.OffsetM, 2) })] };
        double grossOfBothKg = grossKg + secondKg;
        double[] both = [.. shares.Select(share => share * grossKg / grossOfBothKg), .. two.Axles.Select(axle => axle.Share * secondKg / grossOfBothKg)];
        return (truck with { Type = joined }, grossOfBothKg, both);
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
