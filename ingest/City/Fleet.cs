using System.Globalization;

namespace Streaming.Ingest.City;

/// <summary>A truck on the ring road. Its load belongs to its trip; after <see cref="PassesLeft"/> more weighings the trip ends and another begins.</summary>
internal struct Truck
{
    public string Plate;
    public int Type;
    /// <summary>Index of the station that it passes next.</summary>
    public int Station;
    /// <summary>1 or -1: the way it goes round.</summary>
    public int Direction;
    public int PassesLeft;
    /// <summary>True mass of the present trip, kg.</summary>
    public int GrossKg;
}

/// <summary>A car: seen by cameras, never weighed.</summary>
internal struct Car
{
    public string Plate;
    public int Station;
    public int Direction;
}

/// <summary>A tank truck: sends its own telemetry.</summary>
internal struct TankTruck
{
    public string Plate;
    public int Load;
    /// <summary>Where on the ring road it is, in stations, 0 to below their number.</summary>
    public double Place;
    public int Direction;
    public double SpeedKmh;
    public double LevelPct;
    public string Driver;
    public string Waybill;
}

/// <summary>
/// Everything that drives. Trucks take turns in a fixed order and each passes the next station at its turn, so two weighings of one truck are as far apart in time as they are
/// on the road: no truck is in two places at once.
/// </summary>
internal sealed class Fleet
{
    /// <summary>The fullest that an honest truck drives, as a share of its limit. With the measuring error capped (<see cref="CitySimulation.LargestError"/>) no honest truck is measured above its limit.</summary>
    public const double FullShare = 0.90;

    /// <summary>The least that an overloaded truck is over, as a share of its limit: above the limit whatever the measuring error.</summary>
    public const double OverloadShare = 1.12;

    private const double HeaviestShare = 1.75;
    private const int PassesPerTrip = 20;
    private const string PlateSigns = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    private readonly CityFleet fleet;
    private readonly HashSet<string> plates = new(StringComparer.Ordinal);

    public Fleet(CityDefinition city, int trucks, int cars, ref CityRandom random)
    {
        fleet = city.Fleet;
        double[] provinces = [.. fleet.Provinces.Select(province => province.Weight)];
        double[] types = [.. fleet.Types.Select(type => type.Weight)];

        // The plate that the documentation weighs by hand, and those of the script, belong to nobody else.
        plates.Add("粤H12345");
        foreach (CityIncident incident in city.Incidents.Scripted.Where(incident => incident.Plate is not null))
        {
            plates.Add(incident.Plate!);
        }

        Trucks = new Truck[trucks];
        for (int i = 0; i < trucks; i++)
        {
            Truck truck = new()
            {
                Plate = NewPlate(ref random, provinces),
                Type = random.Weighted(types),
                Station = random.Below(city.Stations.Count),
                Direction = random.Below(2) == 0 ? 1 : -1,
            };
            Depart(ref truck, ref random);
            truck.PassesLeft = 1 + random.Below(PassesPerTrip);
            Trucks[i] = truck;
        }

        Cars = new Car[cars];
        for (int i = 0; i < cars; i++)
        {
            Cars[i] = new Car { Plate = NewPlate(ref random, provinces), Station = random.Below(city.Stations.Count), Direction = random.Below(2) == 0 ? 1 : -1 };
        }

        TankTrucks = new TankTruck[fleet.TankTrucks];
        for (int i = 0; i < TankTrucks.Length; i++)
        {
            TankTrucks[i] = new TankTruck
            {
                Plate = NewPlate(ref random, provinces),
                Load = i % fleet.TankerLoads.Count,
                Place = random.Share() * city.Stations.Count,
                Direction = random.Below(2) == 0 ? 1 : -1,
                SpeedKmh = random.Between(42, 57),
                LevelPct = random.Between(81, 88),
                Driver = string.Create(CultureInfo.InvariantCulture, $"D{i + 1:000}"),
                Waybill = string.Create(CultureInfo.InvariantCulture, $"W{random.Below(1_000_000):000000}"),
            };
        }
    }

    public Truck[] Trucks { get; }

    public Car[] Cars { get; }

    public TankTruck[] TankTrucks { get; }

    /// <summary>Begins a trip: a quarter of them empty, most well filled, a few over the limit.</summary>
    public void Depart(ref Truck truck, ref CityRandom random)
    {
        CityTruckType type = fleet.Types[truck.Type];
        double kind = random.Share() * 100;
        double fill = random.Share();
        double fullKg = type.LimitKg * FullShare;
        double gross = kind < fleet.OverloadPct
            ? type.LimitKg * (OverloadShare + ((HeaviestShare - OverloadShare) * fill * fill))
            : kind < 25 ? type.EmptyKg * (1 + (0.05 * fill))
            : type.EmptyKg + ((fullKg - type.EmptyKg) * (0.35 + (0.65 * fill)));
        truck.GrossKg = (int)gross;
        truck.PassesLeft = PassesPerTrip;
    }

    private string NewPlate(ref CityRandom random, ReadOnlySpan<double> provinces)
    {
        while (true)
        {
            CityProvince province = fleet.Provinces[random.Weighted(provinces)];
            char[] plate = new char[7];
            plate[0] = province.Prefix[0];
            plate[1] = province.Letters[random.Below(province.Letters.Length)];
            for (int i = 2; i < plate.Length; i++)
            {
                // Letters are rare, and stand in front.
                plate[i] = PlateSigns[random.Below(i == 2 && random.Below(4) == 0 ? PlateSigns.Length : 10)];
            }

            string text = new(plate);
            if (plates.Add(text))
            {
                return text;
            }
        }
    }
}
