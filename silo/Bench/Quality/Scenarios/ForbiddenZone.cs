using System.Globalization;

namespace Streaming.Silo.Bench.Quality.Scenarios;

/// <summary>
/// A tank truck that drives through a zone that is closed to it, far from the ring, each through one of its own. Near misses pass 300 m beside it, are in it by one reading that jumped, have a permit that names it, or pass outside its hours.
/// </summary>
internal sealed class ForbiddenZone : Scenario
{
    private const int Reports = 24;
    private const int EntersAt = 8;
    private const int LeavesAt = 16;
    private const double SouthDeg = 25;
    private const double HalfDeg = 0.01;

    /// <summary>Hours of the local day that are far from any that a passage of less than half an hour is in.</summary>
    private const int HoursAway = 6;

    public override string Kind => "forbidden-zone";

    protected override Truth PlayTruth(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        (double Lat, double Lon) centre = Close(city, out _, null);
        Truth truth = city.Add(new Truth(Kind, fromMs + (EntersAt * PlayedTank.EveryMs), fromMs + (LeavesAt * PlayedTank.EveryMs), tank.Subject) { Needed = 3 });
        for (int i = 0; i < Reports; i++)
        {
            bool inside = i is >= EntersAt and < LeavesAt;
            Delivery delivery = tank.Report(city, chance, tank.Measure(chance), fromMs + (i * PlayedTank.EveryMs), position: (centre.Lat + (0.004 * chance.Normal() * 0.3), inside ? centre.Lon : centre.Lon + (5 * HalfDeg)));
            truth.Show(inside && delivery == Delivery.InTime);
        }

        return truth;
    }

    protected override void PlayNearMiss(CityPlay city, Chance chance, int number)
    {
        PlayedTank tank = PlayedTank.OnTruck(city, chance);
        long fromMs = CityPlay.Moment(chance);
        int hour = (int)((((fromMs / 60_000) + city.Rulebook.Calendar.UtcOffsetMinutes) / 60) + HoursAway) % 24;
        string? hours = number % 4 == 3 ? string.Create(CultureInfo.InvariantCulture, $"{hour:D2}:00-{(hour + 4) % 24:D2}:00") : null;
        (double Lat, double Lon) centre = Close(city, out string zone, hours);
        if (number % 4 == 2)
        {
            city.Register("permits", null, ("number", $"permit-{zone}"), ("plate", tank.Subject), ("zones", zone));
        }

        for (int i = 0; i < Reports; i++)
        {
            bool there = number % 4 switch { 0 => false, 1 => i == EntersAt, _ => i is >= EntersAt and < LeavesAt };
            tank.Report(city, chance, tank.Measure(chance), fromMs + (i * PlayedTank.EveryMs), position: (centre.Lat, there ? centre.Lon : centre.Lon + HalfDeg + 0.003));
        }
    }

    /// <summary>Registers a closed square of some two kilometres, and returns its middle.</summary>
    private static (double Lat, double Lon) Close(CityPlay city, out string zone, string? hours)
    {
        zone = city.NewName("zone-");
        int number = int.Parse(zone["zone-".Length..], CultureInfo.InvariantCulture);
        (double lat, double lon) = (SouthDeg + (number / 100 % 100 * 0.1), 110 + (number % 100 * 0.1));
        string square = string.Create(
            CultureInfo.InvariantCulture,
            $"[[{lon - HalfDeg},{lat - HalfDeg}],[{lon + HalfDeg},{lat - HalfDeg}],[{lon + HalfDeg},{lat + HalfDeg}],[{lon - HalfDeg},{lat + HalfDeg}],[{lon - HalfDeg},{lat - HalfDeg}]]");
        string geometry = """{"type":"Polygon","coordinates":[""" + square + "]}";
        if (hours is null)
        {
            city.Register("zones", null, ("id", zone), ("rule", "restricted"), ("geometry", geometry));
        }
        else
        {
            city.Register("zones", null, ("id", zone), ("rule", "restricted"), ("hours", hours), ("geometry", geometry));
        }

        return (lat, lon);
    }
}
