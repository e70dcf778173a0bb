using Streaming.Ingest.City;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A truck over the limit of the road with a permit for its mass that has run out, or a loaded tank truck whose licence for dangerous goods has, or a substance in a tank whose permit has.
/// Near misses have one that is valid, or that ran out within the days of grace, or do not need it.
/// </summary>
internal sealed class ExpiredPermit : Scenario
{
    public const string Name = "expired-permit";

    private const int Reports = 20;
    private const string Substance = "UN1230";

    public override string Kind => Name;

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number) => (number % 3) switch
    {
        0 => Overloaded(city, chance, chance.Between(5, 200), chance.Between(1.12, 1.4), isTrue: true),
        1 => Carrying(city, chance, chance.Between(5, 200), isTrue: true),
        _ => Storing(city, chance, chance.Between(5, 200), isTrue: true),
    };

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        switch (number % 4)
        {
            case 0:
                Overloaded(city, chance, chance.Between(0.1, 2.9), chance.Between(1.12, 1.4), isTrue: false);
                break;
            case 1:
                Overloaded(city, chance, chance.Between(5, 200), chance.Between(0.6, OrdinaryTraffic.FullShare), isTrue: false);
                break;
            case 2:
                Carrying(city, chance, chance.Between(-9, 2.9), isTrue: false);
                break;
            default:
                // It is said that one runs out from a month before on.
                Storing(city, chance, chance.Between(-200, -40), isTrue: false);
                break;
        }
    }

    /// <param name="endedDays">How long ago the permit ran out, days.</param>
    /// <param name="share">Of the limit that the truck weighs.</param>
    private Truth Overloaded(CityPlay city, Chance chance, double endedDays, double share, bool isTrue)
    {
        PlayedTruck truck = city.NewTruck(chance);
        IReadOnlyList<(CityStation Station, long AtMs)> trip = city.Drive(chance, 2 + chance.Below(2), CityPlay.Moment(chance));
        city.Register("permits", null, ("number", city.NewName("P")), ("plate", truck.Key), ("grossKg", (int)(truck.Type.LimitKg * 1.6)), ("validFrom", "2025-01-01"), ("validTo", Ended(trip[0].AtMs, endedDays)));
        Truth truth = Adding(city, trip[0].AtMs, trip[^1].AtMs, truck.Key, 1, isTrue);
        truth.Show(OverRoadLimit.PlayOther(city, chance, truck, truck.Type.LimitKg * share, trip));
        return truth;
    }

    private Truth Carrying(CityPlay city, Chance chance, double endedDays, bool isTrue)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        city.Register("vehicles", null, ("plate", tank.Subject), ("vehicleClass", tank.Truck.Type.VehicleClass), ("hazmat", "yes"), ("validFrom", "2024-01-01"), ("validTo", Ended(fromMs, endedDays)));
        Truth truth = Adding(city, fromMs, fromMs + (Reports * PlayedTank.EveryMs), tank.Subject, 2, isTrue);
        for (int i = 0; i < Reports; i++)
        {
            truth.Show(tank.Report(city, chance, tank.Measure(chance), fromMs + (i * PlayedTank.EveryMs)) == Delivery.InTime);
        }

        return truth;
    }

    private Truth Storing(CityPlay city, Chance chance, double endedDays, bool isTrue)
    {
        string enterprise = city.NewName("9144120G");
        long fromMs = CityPlay.Moment(chance);
        StoredMass.Permit(city, enterprise, Substance, null, to: Ended(fromMs, endedDays));
        Truth truth = Adding(city, fromMs, StoredMass.EndsMs(fromMs), enterprise, 2, isTrue);
        StoredMass.Fill(city, chance, enterprise, Substance, 10_000, 20_000, fromMs, truth);
        return truth;
    }

    private static string Ended(long beforeMs, double days) => CityPayloads.Time(beforeMs - (long)(days * CityPlay.DayMs));

    private Truth Adding(CityPlay city, long fromMs, long toMs, string subject, int needed, bool isTrue)
    {
        Truth truth = new(Kind, fromMs, toMs, subject) { Needed = needed };
        return isTrue ? city.Add(truth) : truth;
    }
}
