using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// Trips over the limit of the road by more than the accuracy of every station that weighs them. Of the near misses some are truly over and too little for the instrument to tell (a warning of those is neither right nor false), most just under,
/// and some over with a permit.
/// </summary>
internal sealed class OverRoadLimit : Scenario
{
    private const double HeaviestShare = 1.75;
    private const int SingleDriveLimitKg = 46_000;
    private const int SingleDriveRatedKg = 40_000;

    public override string Kind => "over-road-limit";

    public override bool IsRanked => true;

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        // Every sixth is a combination that only its registration makes overloaded: it has one drive axle.
        bool singleDrive = number % 6 == 5;
        PlayedTruck truck = singleDrive ? city.NewTruck(chance, type => type.Axles.Count == 6) : city.NewTruck(chance);
        if (singleDrive)
        {
            city.RegisterVehicle(truck, 6, 1, SingleDriveRatedKg, truck.Type.EmptyKg);
        }

        int limitKg = singleDrive ? SingleDriveLimitKg : truck.Type.LimitKg;
        IReadOnlyList<(CityStation Station, long AtMs)> trip = city.Drive(chance, 1 + chance.Below(4), CityPlay.Moment(chance));
        double least = 1 + (trip.Max(pass => pass.Station.AccuracyPct) / 100);
        double over = chance.Share();
        double share = least + ((HeaviestShare - least) * over * over);
        if (singleDrive && limitKg * share > SingleDriveRatedKg + truck.Type.EmptyKg)
        {
            city.Add(new Truth("over-rated-load", trip[0].AtMs, trip[^1].AtMs, truck.Key) { Wanted = false });
        }

        return Play(city, chance, truck, limitKg * share, trip, wanted: true);
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTruck truck = city.NewTruck(chance);
        IReadOnlyList<(CityStation Station, long AtMs)> trip = city.Drive(chance, 1 + chance.Below(3), CityPlay.Moment(chance));
        switch (number % 6)
        {
            case 0 or 1 or 2:
                double underKg = truck.Type.LimitKg * chance.Between(OrdinaryTraffic.FullShare, 0.995);
                foreach ((CityStation station, long atMs) in trip)
                {
                    city.Weigh(chance, truck, station, underKg, atMs);
                }

                break;
            case 3:
                Permit(city, chance, truck, trip);
                break;
            default:
                double least = trip.Min(pass => pass.Station.AccuracyPct) / 100;
                Play(city, chance, truck, truck.Type.LimitKg * (1 + (least * chance.Share())), trip, wanted: false);
                break;
        }
    }

    /// <summary>Weighs a trip of a truck that another kind is about; this one is not measured by it. True where the truck's actor gets a weighing.</summary>
    public static bool PlayOther(CityPlay city, Chance chance, PlayedTruck truck, double grossKg, IReadOnlyList<(CityStation Station, long AtMs)> trip)
    {
        city.Add(new Truth("over-road-limit", trip[0].AtMs, trip[^1].AtMs, truck.Key) { IsApart = true });
        bool reaches = false;
        foreach ((CityStation station, long atMs) in trip)
        {
            reaches |= city.Weigh(chance, truck, station, grossKg, atMs, isClear: true).Reaches;
        }

        return reaches;
    }

    /// <summary>Weighs a trip over the limit and says so.</summary>
    private Truth Play(CityPlay city, Chance chance, PlayedTruck truck, double grossKg, IReadOnlyList<(CityStation Station, long AtMs)> trip, bool wanted)
    {
        Truth truth = city.Add(new Truth(Kind, trip[0].AtMs, trip[^1].AtMs, truck.Key) { Wanted = wanted });
        foreach ((CityStation station, long atMs) in trip)
        {
            truth.Show(city.Weigh(chance, truck, station, grossKg, atMs).Reaches);
        }

        return truth;
    }

    /// <summary>Over the limit by a permit that allows it, with as much room as honest trucks leave.</summary>
    private static void Permit(CityPlay city, Chance chance, PlayedTruck truck, IReadOnlyList<(CityStation Station, long AtMs)> trip)
    {
        double allowedKg = truck.Type.LimitKg * chance.Between(1.2, 1.6);
        city.Register("permits", null, ("number", city.NewName("P")), ("plate", truck.Key), ("grossKg", (int)allowedKg), ("validFrom", "2026-01-01"), ("validTo", "2026-12-31"));
        double grossKg = allowedKg * chance.Between(0.8, OrdinaryTraffic.FullShare);
        foreach ((CityStation station, long atMs) in trip)
        {
            city.Weigh(chance, truck, station, grossKg, atMs);
        }
    }
}
