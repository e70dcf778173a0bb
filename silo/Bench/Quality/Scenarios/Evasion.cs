using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// Trucks that cheat the scale: between two lanes, so that half of it is weighed; braking on one of several scales; with more axles on the record than the vehicle has; or past the scale, seen by its camera alone. Near misses drive a little off the
/// middle, unload on their way, pull a trailer that their registration does not have, or are seen once where the weigh record was lost.
/// </summary>
internal sealed class Evasion : Scenario
{
    public const string Name = "evasion";

    private const int Ways = 4;
    private const double HeavyFrom = 1.02;
    private const double HeavyTo = 1.3;

    public override string Kind => Name;

    public override bool Matches(string warningKind) => warningKind.StartsWith(Name, StringComparison.Ordinal) || warningKind is "straddling" or "unweighed";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        int way = number % Ways;
        PlayedTruck truck = way == 2 ? MoreAxles(city, chance) : city.NewTruck(chance);
        double grossKg = truck.Type.LimitKg * chance.Between(HeavyFrom, HeavyTo);
        IReadOnlyList<(CityStation Station, long AtMs)> trip = city.Drive(chance, 4, CityPlay.Moment(chance));
        Truth truth = city.Add(new Truth(Kind, trip[0].AtMs, trip[^1].AtMs, truck.Key) { Needed = way is 1 or 3 ? 3 : 1 });
        city.Add(new Truth("over-road-limit", trip[0].AtMs, trip[^1].AtMs, truck.Key) { Wanted = false });
        city.Add(new Truth(AxleSignature.Name, trip[0].AtMs, trip[^1].AtMs, truck.Key) { Wanted = false });
        for (int i = 0; i < trip.Count; i++)
        {
            (CityStation station, long atMs) = trip[i];
            bool cheats = i is 1 or 2;
            switch (way)
            {
                case 0:
                    double off = chance.Between(1.8, 2.8);
                    Sight straddled = city.Weigh(
                        chance, truck, station, cheats ? grossKg * chance.Between(0.5, 0.75) : grossKg, atMs, leftRightRatio: cheats ? (chance.Happens(0.5) ? off : 1 / off) : null);
                    truth.Show(cheats && straddled.Reaches);
                    break;
                case 1:
                    // All but one must be there, or there is nothing to disagree with.
                    truth.Show(city.Weigh(chance, truck, station, i == 1 ? grossKg * chance.Between(0.55, 0.72) : grossKg, atMs).Reaches);
                    break;
                case 2:
                    truth.Show(city.Weigh(chance, truck, station, grossKg, atMs).Reaches);
                    break;
                default:
                    truth.Show(city.See(chance, truck, station, atMs).Reaches);
                    break;
            }
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTruck truck = number % Ways == 2 ? city.NewTruck(chance, type => type.VehicleClass == "combination") : city.NewTruck(chance);
        if (number % Ways == 2)
        {
            city.RegisterVehicle(truck, 3, 2, 16_000, 8_800);
        }

        double grossKg = truck.Type.LimitKg * chance.Between(0.7, OrdinaryTraffic.FullShare);
        IReadOnlyList<(CityStation Station, long AtMs)> trip = city.Drive(chance, 4, CityPlay.Moment(chance));
        double off = chance.Between(0.85, 1.18);
        for (int i = 0; i < trip.Count; i++)
        {
            (CityStation station, long atMs) = trip[i];
            bool after = number % Ways == 1 && i >= 2;

            // Behind the second station it stood at a site for hours.
            long thenMs = atMs + (after ? 3 * 3_600_000 : 0);
            bool lost = number % Ways == 3 && i == 1;
            if (number % Ways == 3)
            {
                city.See(chance, truck, station, thenMs - 8_000);
            }

            if (!lost)
            {
                city.Weigh(chance, truck, station, after ? truck.Type.EmptyKg * 1.02 : grossKg, thenMs, leftRightRatio: number % Ways == 0 ? off : null);
            }
        }
    }

    /// <summary>A rigid truck of four axles that passes as one of six: it reversed on the scale.</summary>
    private static PlayedTruck MoreAxles(CityPlay city, Chance chance)
    {
        CityTruckType four = city.City.Fleet.Types.First(type => type.VehicleClass == "rigid" && type.Axles.Count == 4);
        PlayedTruck truck = city.NewTruck(chance, four with
        {
            Axles = [new CityAxle(0, 0.17), new CityAxle(1.95, 0.17), new CityAxle(5.45, 0.165), new CityAxle(6.8, 0.165), new CityAxle(8.1, 0.165), new CityAxle(9.4, 0.165)],
        });
        city.RegisterVehicle(truck, 4, 2, four.LimitKg - four.EmptyKg, four.EmptyKg);
        return truck;
    }
}
