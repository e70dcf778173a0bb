using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// Shipments that arrive short by more than meters differ, or never. Near misses arrive with what meters make of the same mass, or many hours late.
/// </summary>
internal sealed class ShipmentTruth : Scenario
{
    private const long Hour = 3_600_000;

    public override string Kind => "shipment";

    /// <summary>That something did not arrive is known only once it should have.</summary>
    public override TimeSpan Slack => TimeSpan.FromDays(3);

    public override bool Matches(string warningKind) => warningKind.StartsWith("shipment", StringComparison.Ordinal);

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number) => Ship(city, chance, number % 3 == 0 ? null : 1 - chance.Between(0.08, 0.2), chance.Between(2, 6), isTrue: true)!;

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number) => Ship(city, chance, 1 + (0.003 * chance.Normal()), number % 2 == 0 ? chance.Between(2, 6) : chance.Between(8, 11), isTrue: false);

    /// <param name="arrives">Share that arrives; null where nothing does.</param>
    private Truth? Ship(CityPlay city, Chance chance, double? arrives, double hours, bool isTrue)
    {
        string consignor = city.NewName("9144120C");
        string consignee = city.NewName("9144120D");
        PlayedTruck truck = city.NewTruck(chance, type => type.Axles.Count == 6);
        string waybill = city.NewName("WS");
        const string Substance = "UN1230";
        double massKg = Math.Round(chance.Between(15_000, 25_000));
        long fromMs = CityPlay.Moment(chance, CityPlay.Days - 2);
        long arrivesMs = fromMs + (long)(hours * Hour);
        city.Register(
            "waybills", fromMs - Hour,
            ("number", waybill), ("plate", truck.Key), ("substance", Substance), ("massKg", massKg), ("driver", "D001"), ("consignor", consignor), ("consignee", consignee),
            ("departure", CityPayloads.Time(fromMs)), ("arrival", CityPayloads.Time(fromMs + (6 * Hour))));
        // One that reports what it receives: of any other nobody can say that something is missing.
        city.Enter(chance, consignee, "receive", Substance, 5_000, fromMs - (3 * Hour), city.NewName("9144120C"), waybill: city.NewName("WS"));
        city.Enter(chance, consignor, "purchase", Substance, massKg * 2, fromMs - (2 * Hour));
        Delivery shipped = city.Enter(chance, consignor, "ship", Substance, massKg, fromMs, consignee, truck, waybill);
        city.Weigh(chance, truck, chance.Of(city.City.Stations), truck.Type.EmptyKg + massKg, fromMs + (Hour / 2));
        Delivery received = arrives is { } share ? city.Enter(chance, consignee, "receive", Substance, massKg * share, arrivesMs, consignor, truck, waybill) : Delivery.InTime;
        if (!isTrue)
        {
            return null;
        }

        Truth truth = city.Add(new Truth(Kind, fromMs, arrivesMs, consignor, consignee, truck.Key));
        truth.Show(shipped != Delivery.Lost && received != Delivery.Lost);
        return truth;
    }
}
