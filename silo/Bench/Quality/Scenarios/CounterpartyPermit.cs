using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>A shipment to an enterprise whose permits are for other substances, or ran out before. Near misses go to one with a permit that is valid.</summary>
internal sealed class CounterpartyPermit : Scenario
{
    private const long Hour = 3_600_000;
    private const string Shipped = "UN1230";
    private const string Other = "UN1203";

    public override string Kind => "counterparty-no-permit";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number) => Ship(city, chance, number % 2 == 0 ? null : "2026-06-30", isTrue: true);

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number) => Ship(city, chance, "2028-01-01", isTrue: false);

    /// <param name="permittedTo">When the receiver's permit for what is shipped runs out; null where it never had one.</param>
    private Truth Ship(CityPlay city, Chance chance, string? permittedTo, bool isTrue)
    {
        string consignor = city.NewName("9144120K");
        string consignee = city.NewName("9144120L");
        PlayedTruck truck = city.NewTruck(chance, type => type.Axles.Count == 6);
        string waybill = city.NewName("WK");
        double massKg = Math.Round(chance.Between(15_000, 25_000));
        long fromMs = CityPlay.Moment(chance, CityPlay.Days - 2);
        long arrivesMs = fromMs + (long)(chance.Between(2, 6) * Hour);
        StoredMass.Permit(city, consignee, Other, null);
        if (permittedTo is not null)
        {
            StoredMass.Permit(city, consignee, Shipped, null, to: permittedTo);
        }

        city.Register(
            "waybills", fromMs - Hour,
            ("number", waybill), ("plate", truck.Key), ("substance", Shipped), ("massKg", massKg), ("driver", "D001"), ("consignor", consignor), ("consignee", consignee),
            ("departure", CityPayloads.Time(fromMs)), ("arrival", CityPayloads.Time(fromMs + (8 * Hour))));
        city.Enter(chance, consignor, "purchase", Shipped, massKg * 2, fromMs - (2 * Hour));
        Delivery shipped = city.Enter(chance, consignor, "ship", Shipped, massKg, fromMs, consignee, truck, waybill);
        Delivery received = city.Enter(chance, consignee, "receive", Shipped, massKg, arrivesMs, consignor, truck, waybill);
        Truth truth = new(Kind, fromMs, arrivesMs, consignor);
        truth.Show(shipped != Delivery.Lost && received != Delivery.Lost);
        if (isTrue)
        {
            city.Add(truth);

            // The receiver's own part of it.
            city.Add(new Truth(UnpermittedSubstance.Name, fromMs, arrivesMs, consignee) { Wanted = false });
            city.Add(new Truth(ExpiredPermit.Name, fromMs, arrivesMs, consignee) { Wanted = false });
        }

        return truth;
    }
}
