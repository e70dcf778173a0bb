using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>A tank of an enterprise that is filled, measured by its mass, and then stays as it is.</summary>
internal static class StoredMass
{
    public const string Unit = "T1";

    private const long EveryMs = 5 * 60_000;

    /// <summary>Reports of filling, and after it.</summary>
    private const int Filling = 24;
    private const int Filled = 30;

    /// <summary>One deviation of a tank's mass.</summary>
    private const double MeterDeviation = 0.002;

    /// <summary>From when on a tank that is filled evenly has more than a mass, ms.</summary>
    public static long ReachesMs(long fromMs, double beginsKg, double endsKg, double massKg) => fromMs + (long)(Filling * EveryMs * Math.Clamp((massKg - beginsKg) / (endsKg - beginsKg), 0, 1));

    /// <summary>When the last report is over, ms.</summary>
    public static long EndsMs(long fromMs) => fromMs + ((Filling + Filled) * EveryMs);

    /// <summary>Fills and reports; counts for the truth what was delivered of the time in which it is so.</summary>
    public static void Fill(CityPlay city, Chance chance, string enterprise, string substance, double beginsKg, double endsKg, long fromMs, Truth? truth)
    {
        for (int i = 0; i < Filling + Filled; i++)
        {
            double massKg = beginsKg + ((endsKg - beginsKg) * Math.Min(1, (double)i / Filling));
            TankState tank = new(5, 25 + (0.2 * chance.Normal()), null, massKg * (1 + (MeterDeviation * chance.Normal())), null, null);
            long atMs = fromMs + (i * EveryMs);
            Delivery delivery = city.Telemeter(chance, enterprise, Unit, substance, tank, atMs);
            truth?.Show(atMs > truth.FromMs && delivery == Delivery.InTime);
        }
    }

    /// <summary>A permit to store a substance; <paramref name="storageKg"/> null for any mass.</summary>
    public static void Permit(CityPlay city, string enterprise, string substance, double? storageKg, string from = "2025-01-01", string to = "2028-01-01") => city.Register(
        "substance-permits", null,
        [("number", city.NewName("SP")), ("enterprise", enterprise), ("substance", substance), ("actions", "store,use,trade"), ("validFrom", from), ("validTo", to), .. storageKg is { } most ? [("storageKg", most)] : Array.Empty<(string, object)>()]);
}
