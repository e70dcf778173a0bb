using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>A truck that is overloaded on four trips or five, each found true. Near misses are overloaded three times, which the law lets pass.</summary>
internal sealed class RepeatOffender : Scenario
{
    private const long Hour = 3_600_000;

    /// <summary>From one trip to the next, so that the case of the one before is closed.</summary>
    private const long TripsMs = 20 * Hour;

    public override string Kind => "repeat-offender";

    /// <summary>An offence counts once its case is closed.</summary>
    public override TimeSpan Slack => TimeSpan.FromMilliseconds(CityRun.CaseMs + Hour);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number) => Play(city, chance, 4 + (number % 2), isTrue: true);

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number) => Play(city, chance, 3, isTrue: false);

    private Truth Play(CityPlay city, Chance chance, int trips, bool isTrue)
    {
        int most = city.Rulebook.Vehicles.RepeatOffences!.MoreThan;
        PlayedTruck truck = city.NewTruck(chance);
        long fromMs = CityPlay.StartMs + (long)(chance.Share() * 12 * Hour);
        Truth truth = new(Kind, fromMs + (most * TripsMs), fromMs + (trips * TripsMs), truck.Key) { Needed = most + 1 };
        if (isTrue)
        {
            city.Add(truth);
        }

        for (int i = 0; i < trips; i++)
        {
            IReadOnlyList<(CityStation Station, long AtMs)> trip = city.Drive(chance, 2, fromMs + (i * TripsMs) + (long)(chance.Share() * Hour));
            double share = 1.04 + (trip.Max(pass => pass.Station.AccuracyPct) / 100) + (0.3 * chance.Share());
            truth.Show(OverRoadLimit.PlayOther(city, chance, truck, truck.Type.LimitKg * share, trip));
        }

        return truth;
    }
}
