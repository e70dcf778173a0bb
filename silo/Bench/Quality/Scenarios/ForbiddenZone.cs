using System.Globalization;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A truck of dangerous goods that drives through a zone that is closed to it, always or at hours. Near misses drive through it when it is open, with a permit, or just outside of it, or have one position that jumped into it.
/// </summary>
internal sealed class ForbiddenZone : Scenario
{
    private const int Reports = 30;

    /// <summary>Half the side of a zone, degrees; a degree of latitude is 111 km.</summary>
    private const double HalfDeg = 0.01;

    /// <summary>Deviation of a receiver, some 10 m.</summary>
    private const double PositionDeg = 0.0001;

    /// <summary>The zones lie within the ring, where no other truck drives or stands.</summary>
    private static readonly (string Id, double Lat, double Lon, string? Hours)[] Zones = [("Z-centre", 23.1, 112.4, null), ("Z-school", 23.07, 112.4, "07:00-09:00,16:30-18:30")];

    private static readonly (int North, int East)[] Corners = [(-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1)];

    public override string Kind => "forbidden-zone";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        if (number == 0)
        {
            Register(city);
        }

        (string _, double lat, double lon, string? hours) = Zones[number % Zones.Length];
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        int enters = 8 + chance.Below(5);
        int leaves = enters + 4 + chance.Below(8);

        // Into the middle of the hours: 07:00 to 09:00.
        long fromMs = hours is null ? CityPlay.Moment(chance) : city.Local(chance.Below(CityPlay.Days - 1), 7.1 + chance.Between(0, 1.4)) - (enters * PlayedTank.EveryMs);
        Truth truth = city.Add(new Truth(Kind, fromMs + (enters * PlayedTank.EveryMs), fromMs + (leaves * PlayedTank.EveryMs), tank.Subject) { Needed = 3 });
        for (int i = 0; i < Reports; i++)
        {
            bool inside = i >= enters && i < leaves;
            Delivery delivery = Drive(city, chance, tank, fromMs, i, inside ? (lat, lon + (HalfDeg * (((double)(i - enters) / (leaves - enters) * 1.8) - 0.9))) : null);
            truth.Show(inside && delivery == Delivery.InTime);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        (string id, double lat, double lon, string? _) = Zones[number % 4 == 0 ? 1 : 0];
        long fromMs = number % 4 == 0 ? city.Local(chance.Below(CityPlay.Days - 1), chance.Between(9.5, 15.5)) : CityPlay.Moment(chance);
        if (number % 4 == 1)
        {
            city.Register("permits", null, ("number", city.NewName("P")), ("plate", tank.Subject), ("zones", id), ("validFrom", "2026-01-01"), ("validTo", "2026-12-31"));
        }

        for (int i = 0; i < Reports; i++)
        {
            (double, double)? place = (number % 4, i) switch
            {
                (2, >= 10 and < 20) => (lat + HalfDeg + (4 * PositionDeg), lon + ((i - 15) * HalfDeg / 10)),
                (3, 15) or (0 or 1, >= 10 and < 20) => (lat, lon),
                _ => null,
            };
            Drive(city, chance, tank, fromMs, i, place);
        }
    }

    private static Delivery Drive(CityPlay city, Chance chance, PlayedTank tank, long fromMs, int report, (double Lat, double Lon)? place) => tank.Report(
        city, chance, tank.Measure(chance), fromMs + (report * PlayedTank.EveryMs),
        position: place is { } at ? (at.Lat + (PositionDeg * chance.Normal()), at.Lon + (PositionDeg * chance.Normal())) : null);

    private static void Register(CityPlay city)
    {
        foreach ((string id, double lat, double lon, string? hours) in Zones)
        {
            string corners = string.Join(',', Corners.Select(corner => string.Create(CultureInfo.InvariantCulture, $"[{lon + (corner.East * HalfDeg):F4},{lat + (corner.North * HalfDeg):F4}]")));
            city.Register("zones", null, [("id", id), ("rule", "restricted"), ("geometry", $$"""{"type":"Polygon","coordinates":[[{{corners}}]]}"""), .. hours is null ? Array.Empty<(string, object)>() : [("hours", hours)]]);
        }
    }
}
