using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>What drives in order: trucks up to <see cref="FullShare"/> of their limit, on several trips each, weighed and now and then seen by cameras. Whatever is raised of them is false.</summary>
internal static class OrdinaryTraffic
{
    /// <summary>The fullest that an honest truck drives, as a share of its limit: as in the simulated city.</summary>
    public const double FullShare = Fleet.FullShare;

    private const int TrucksATruth = 6;
    private const int TripsATruck = 2;
    private const double RegisteredShare = 0.6;
    private const double SeenShare = 0.3;

    public static void Play(CityPlay city, int seed, int truths)
    {
        Chance chance = new(seed, "ordinary-traffic");
        for (int i = 0; i < TrucksATruth * truths; i++)
        {
            PlayedTruck truck = city.NewTruck(chance);
            if (chance.Happens(RegisteredShare))
            {
                city.RegisterVehicle(truck, truck.Type.Axles.Count, truck.Type.Axles.Count >= 6 ? 2 : 1, truck.Type.LimitKg - truck.Type.EmptyKg, truck.Type.EmptyKg);
            }

            for (int trip = 0; trip < TripsATruck; trip++)
            {
                double grossKg = GrossKg(chance, truck.Type);
                long fromMs = CityPlay.StartMs + (long)(((trip * 2) + chance.Share()) * CityPlay.DayMs);
                foreach ((CityStation station, long atMs) in city.Drive(chance, 1 + chance.Below(4), fromMs))
                {
                    if (chance.Happens(SeenShare))
                    {
                        city.See(chance, truck, station, atMs - (long)chance.Between(3_000, 15_000));
                    }

                    city.Weigh(chance, truck, station, grossKg, atMs);
                }
            }
        }
    }

    /// <summary>A quarter empty, the others well filled.</summary>
    public static double GrossKg(Chance chance, CityTruckType type) => chance.Happens(0.25)
        ? type.EmptyKg * chance.Between(1, 1.05)
        : type.EmptyKg + (((type.LimitKg * FullShare) - type.EmptyKg) * chance.Between(0.35, 1));
}
