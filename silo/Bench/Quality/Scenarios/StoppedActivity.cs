using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>An enterprise that was ordered to stop and produces or uses all the same. Near misses shut down in the time they have, ship what is there, or work again once the order is over.</summary>
internal sealed class StoppedActivity : Scenario
{
    private const long Hour = 3_600_000;
    private const int Lines = 6;
    private const string Substance = "UN1230";

    public override string Kind => "activity-while-stopped";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        string enterprise = city.NewName("9144120M");
        long orderMs = CityPlay.Moment(chance, CityPlay.Days - 3);
        long fromMs = orderMs + (long)((city.Rulebook.Enterprises.StopOrders.GraceHours + chance.Between(1, 20)) * Hour);
        Order(city, enterprise, orderMs, null);
        Truth truth = city.Add(new Truth(Kind, fromMs, fromMs + (Lines * Hour), enterprise));
        for (int i = 0; i < Lines; i++)
        {
            truth.Show(city.Enter(chance, enterprise, i % 2 == 0 ? "produce" : "use", Substance, 4_000, fromMs + (i * Hour)) != Delivery.Lost);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        string enterprise = city.NewName("9144120M");
        long orderMs = CityPlay.Moment(chance, CityPlay.Days - 3);
        double graceHours = city.Rulebook.Enterprises.StopOrders.GraceHours;
        (string action, double fromHours, double? endsHours) = (number % 3) switch
        {
            0 => ("use", graceHours - Lines - chance.Between(1, 10), (double?)null),
            1 => ("ship", graceHours + 4, null),
            _ => ("produce", graceHours + 20, graceHours + 16),
        };
        Order(city, enterprise, orderMs, endsHours);
        for (int i = 0; i < Lines; i++)
        {
            city.Enter(chance, enterprise, action, Substance, 4_000, orderMs + (long)((fromHours + i) * Hour));
        }
    }

    private static void Order(CityPlay city, string enterprise, long orderMs, double? endsHours) => city.Register(
        "enterprises", null,
        [("creditCode", enterprise), ("name", enterprise), ("stopped", "yes"), ("validFrom", CityPayloads.Time(orderMs)), .. endsHours is { } hours ? [("validTo", CityPayloads.Time(orderMs + (long)(hours * Hour)))] : Array.Empty<(string, object)>()]);
}
