using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>An enterprise of whose trucks three to five are well over the limit of the road. Near misses have two.</summary>
internal sealed class SourceControl : Scenario
{
    public override string Kind => "source-control";

    /// <summary>The truck that makes it a matter is weighed at the end of its trip as well.</summary>
    public override TimeSpan Slack => TimeSpan.FromHours(1);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        int least = city.Rulebook.Enterprises.SourceControl.Overloads;
        string enterprise = city.NewName("9144120N");
        List<(long AtMs, bool Reaches)> trips = Play(city, chance, enterprise, least + (number % 3));
        Truth truth = city.Add(new Truth(Kind, trips[least - 1].AtMs, trips[^1].AtMs, enterprise) { Needed = least });
        foreach ((long _, bool reaches) in trips)
        {
            truth.Show(reaches);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number) => Play(city, chance, city.NewName("9144120N"), city.Rulebook.Enterprises.SourceControl.Overloads - 1);

    private static List<(long AtMs, bool Reaches)> Play(CityPlay city, Chance chance, string enterprise, int trucks)
    {
        List<(long AtMs, bool Reaches)> trips = [];
        long fromMs = CityPlay.Moment(chance, CityPlay.Days - 2);
        for (int i = 0; i < trucks; i++)
        {
            PlayedTruck truck = city.NewTruck(chance);
            city.Register("vehicles", null, ("plate", truck.Key), ("enterprise", enterprise), ("validFrom", "2025-01-01"));
            IReadOnlyList<(CityStation Station, long AtMs)> trip = city.Drive(chance, 2, fromMs + (long)((i + chance.Share()) * 3_600_000));
            double share = 1.2 + (trip.Max(pass => pass.Station.AccuracyPct) / 100) + (0.3 * chance.Share());
            trips.Add((trip[0].AtMs, OverRoadLimit.PlayOther(city, chance, truck, truck.Type.LimitKg * share, trip)));
        }

        return trips;
    }
}
