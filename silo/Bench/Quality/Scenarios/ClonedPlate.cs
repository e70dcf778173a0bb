using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// Two trucks with one plate, weighed on opposite sides of the ring within minutes, several times in a day. Near misses are fast trucks, a station whose clock is ahead, and a plate that is misread once as that of a truck that is elsewhere: none of them accuses.
/// </summary>
internal sealed class ClonedPlate : Scenario
{
    private const int FarStations = 20;
    private const long MostApartMs = 4 * 60_000;
    private const long ClockAheadMs = 70_000;

    /// <summary>Both are on the road on one and the same day.</summary>
    private const long DayInUseMs = 18 * 3_600_000;

    public override string Kind => "cloned-plate";

    public override bool Matches(string warningKind) => warningKind.Contains("cloned", StringComparison.Ordinal);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTruck truck = city.NewTruck(chance);
        double mineKg = OrdinaryTraffic.GrossKg(chance, truck.Type);
        double othersKg = OrdinaryTraffic.GrossKg(chance, truck.Type);
        long fromMs = CityPlay.Moment(chance);
        long[] times = [.. Enumerable.Range(0, 4 + chance.Below(4)).Select(_ => fromMs + (long)(chance.Share() * DayInUseMs)).Order()];
        Truth truth = city.Add(new Truth(Kind, times[0], times[^1] + MostApartMs, truck.Key) { Needed = 2 });
        city.Add(new Truth(Evasion.Name, times[0], times[^1] + MostApartMs, truck.Key) { Wanted = false });
        city.Add(new Truth(AxleSignature.Name, times[0], times[^1] + MostApartMs, truck.Key) { Wanted = false });
        foreach (long atMs in times)
        {
            int place = chance.Below(city.City.Stations.Count);
            Sight mine = city.Weigh(chance, truck, Station(city, place), mineKg, atMs);
            Sight others = city.Weigh(chance, truck, Station(city, place + FarStations + chance.Below(11)), othersKg, atMs + (long)(MostApartMs * chance.Share()));
            truth.Show(mine.Reaches && others.Reaches);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTruck truck = city.NewTruck(chance);
        double grossKg = OrdinaryTraffic.GrossKg(chance, truck.Type);
        if (number % 3 == 2)
        {
            long atMs = CityPlay.Moment(chance);
            int place = chance.Below(city.City.Stations.Count);
            city.Weigh(chance, truck, Station(city, place), grossKg, atMs);

            // Somebody else's truck, whose plate differs by one sign and is read as this one's.
            city.Weigh(chance, city.NewTruck(chance, truck.Type), Station(city, place + FarStations), grossKg, atMs + 60_000, plate: truck.Plate);
            return;
        }

        for (int trip = 0; trip < 3; trip++)
        {
            IReadOnlyList<(CityStation Station, long AtMs)> passes = city.Drive(chance, 4, CityPlay.StartMs + (long)((trip + (0.8 * chance.Share())) * CityPlay.DayMs), number % 3 == 0 ? chance.Between(85, 95) : 0);
            for (int i = 0; i < passes.Count; i++)
            {
                city.Weigh(chance, truck, passes[i].Station, grossKg, passes[i].AtMs - (number % 3 == 1 && i == 2 ? ClockAheadMs : 0));
            }
        }
    }

    private static CityStation Station(CityPlay city, int place) => city.City.Stations[place % city.City.Stations.Count];
}
