using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// Registered trucks with more than their rated load: by more than the accuracy of every station that weighs them, in gross mass. Near misses are loads just under the rating, loads truly over it by less than can be told, and vehicles with more
/// axles on the scale than are registered, of which nobody can say what the registered part carries.
/// </summary>
internal sealed class OverRatedLoad : Scenario
{
    public override string Kind => "over-rated-load";

    public override bool IsRanked => true;

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTruck truck = city.NewTruck(chance);
        IReadOnlyList<(CityStation Station, long AtMs)> trip = city.Drive(chance, 1 + chance.Below(4), CityPlay.Moment(chance));
        double least = 1 + (trip.Max(pass => pass.Station.AccuracyPct) / 100);
        return Play(city, chance, truck, Rate(city, chance, truck) * chance.Between(least, least + 0.35), trip, wanted: true);
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        IReadOnlyList<(CityStation Station, long AtMs)> trip = city.Drive(chance, 1 + chance.Below(3), CityPlay.Moment(chance));
        switch (number % 6)
        {
            case 0 or 1 or 2:
                PlayedTruck full = city.NewTruck(chance);
                double underKg = Rate(city, chance, full) * chance.Between(OrdinaryTraffic.FullShare, 0.995);
                foreach ((CityStation station, long atMs) in trip)
                {
                    city.Weigh(chance, full, station, underKg, atMs);
                }

                break;
            case 3:
                PlayedTruck tractor = city.NewTruck(chance, type => type.VehicleClass == "combination");
                city.RegisterVehicle(tractor, 3, 2, 16_000, 8_800);
                double loadedKg = tractor.Type.LimitKg * chance.Between(0.7, OrdinaryTraffic.FullShare);
                foreach ((CityStation station, long atMs) in trip)
                {
                    city.Weigh(chance, tractor, station, loadedKg, atMs);
                }

                break;
            default:
                PlayedTruck little = city.NewTruck(chance);
                double least = trip.Min(pass => pass.Station.AccuracyPct) / 100;
                Play(city, chance, little, Rate(city, chance, little) * (1 + (least * chance.Share())), trip, wanted: false);
                break;
        }
    }

    /// <summary>Registers a truck with a rating below the limit of the road; returns the gross mass that it comes to, kg.</summary>
    private static double Rate(CityPlay city, Chance chance, PlayedTruck truck)
    {
        int allowedKg = (int)(truck.Type.LimitKg * chance.Between(0.6, 0.95));
        city.RegisterVehicle(truck, truck.Type.Axles.Count, truck.Type.Axles.Count >= 6 ? 2 : 1, allowedKg - truck.Type.EmptyKg, truck.Type.EmptyKg);
        return allowedKg;
    }

    private Truth Play(CityPlay city, Chance chance, PlayedTruck truck, double grossKg, IReadOnlyList<(CityStation Station, long AtMs)> trip, bool wanted)
    {
        Truth truth = city.Add(new Truth(Kind, trip[0].AtMs, trip[^1].AtMs, truck.Key) { Wanted = wanted });
        if (grossKg > truck.Type.LimitKg)
        {
            // It is over the limit of the road as well; how far, that scenario does not ask.
            city.Add(new Truth("over-road-limit", trip[0].AtMs, trip[^1].AtMs, truck.Key) { Wanted = false });
        }

        foreach ((CityStation station, long atMs) in trip)
        {
            truth.Show(city.Weigh(chance, truck, station, grossKg, atMs).Reaches);
        }

        return truth;
    }
}
