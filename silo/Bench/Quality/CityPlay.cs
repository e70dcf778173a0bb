using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Ingest;
using Streaming.Ingest.City;
using Streaming.Ingest.Formats;
using Streaming.Models.Readings;
using Streaming.Silo.Registers;

namespace Streaming.Silo.Bench.Quality;

/// <summary>One PUBLISH of the play.</summary>
/// <param name="ArrivalMs">When it comes in, ms since 1970.</param>
/// <param name="Number">Its place among all that were made: decides between equal times.</param>
/// <param name="IsBroken">True where it is to be refused.</param>
internal sealed record PlayedMessage(long ArrivalMs, int Number, SourceContext Source, byte[] Topic, byte[] Payload, bool IsBroken);

/// <summary>A vehicle of the play.</summary>
/// <param name="Plate">Without its colour.</param>
internal sealed record PlayedTruck(string Plate, CityTruckType Type)
{
    /// <summary>Key of its actor.</summary>
    public string Key { get; } = $"{Plate}-{Type.PlateColor}";
}

/// <summary>How a plate came out at a station or camera.</summary>
/// <param name="Delivery">What became of the message.</param>
/// <param name="IsIts">True where it was read right and well enough to be the vehicle's.</param>
internal readonly record struct Sight(Delivery Delivery, bool IsIts)
{
    /// <summary>True where the vehicle's actor gets it, late or not.</summary>
    public bool Reaches => Delivery != Delivery.Lost && IsIts;

    /// <summary>True where the vehicle's actor gets it before what came after it.</summary>
    public bool ReachesInOrder => Delivery == Delivery.InTime && IsIts;
}

/// <summary>What is asked of the play's readings when they are decoded: as a silo asks it.</summary>
internal sealed class PlayedReadingRules : IReadingRules
{
    public required int LeastPlatePermille { get; init; }

    public long IdentitiesSinceMs => long.MinValue;

    /// <summary>The registered sites, as they follow from what was played so far.</summary>
    public SiteMap? Sites { get; set; }

    private readonly PlateMemory plates = new();

    /// <summary>The registered roads and zones likewise.</summary>
    public ZoneMap? Zones { get; set; }

    public SiteReference SiteAt(GeoPosition position, long atMs) => Sites is { } map ? map.At(position, atMs) : default;

    public ReadOnlySpan<byte> LikelyPlate(scoped ReadOnlySpan<byte> key, int permille, GeoPosition position, long atMs) => plates.Read(key, permille, position, atMs);

    public Surroundings AroundAt(GeoPosition position, long atMs) => Zones is { } map ? map.At(position, atMs) : default;
}

/// <summary>
/// All that is played: the messages of every device with their times of arrival, and what is true. Made before anything runs, from the seed alone; the stations, cameras and types of truck are those of the simulated city, who drives is the scenarios' own.
/// </summary>
internal sealed partial class CityPlay
{
    /// <summary>2026-11-02T00:00:00Z, ms since 1970: registers come in before it, everything else after.</summary>
    public const long StartMs = 1_793_577_600_000;

    /// <summary>Days in which things happen; what is late comes in after them.</summary>
    public const int Days = 5;

    public const long DayMs = 86_400_000;

    /// <summary>Distance by road from one station of the ring to the next, km.</summary>
    public const double StationSpacingKm = 1.25;

    /// <summary>How far a loading and unloading place reaches, m. Each enterprise of the city has one.</summary>
    private const int SiteRadiusM = 300;

    private const double LeastDegreesFromSites = 0.01;
    private const string PlateSigns = "0123456789";
    private readonly List<PlayedMessage> messages = [];
    private readonly Dictionary<string, SourceContext> sources = new(StringComparer.Ordinal);
    private readonly HashSet<string> plates = new(StringComparer.Ordinal);
    private readonly CityPayloads payloads = new();
    private readonly double[] typeWeights;
    private readonly double[] provinceWeights;
    private int ids;
    private int names;

    /// <param name="city">The definition of the city.</param>
    /// <param name="rulebook">By which it will be judged: what is over a limit follows from it.</param>
    public CityPlay(CityDefinition city, Rulebook rulebook)
    {
        City = city;
        Rulebook = rulebook;
        Reading = new PlayedReadingRules { LeastPlatePermille = rulebook.MinimumPlatePermille };
        typeWeights = [.. city.Fleet.Types.Select(type => type.Weight)];
        provinceWeights = [.. city.Fleet.Provinces.Select(province => province.Weight)];
        foreach (CityEnterprise enterprise in city.Enterprises)
        {
            Register(
                "sites", null, ("id", $"site-{enterprise.Id}"), ("name", enterprise.Name.En), ("enterprise", enterprise.Id), ("kinds", "load,unload"),
                ("lat", enterprise.Latitude), ("lon", enterprise.Longitude), ("radiusM", SiteRadiusM));
        }

        RegisterDistances();
    }

    public CityDefinition City { get; }

    public Rulebook Rulebook { get; }

    /// <summary>What decoding asks of readings; whoever runs the play gives it the sites.</summary>
    public PlayedReadingRules Reading { get; }

    public List<Truth> Truths { get; } = [];

    /// <summary>Stations that a host knows of from before the play, and watches.</summary>
    public List<SourceRegistration> Watched { get; } = [];

    /// <summary>Messages in the order of their arrival.</summary>
    public IEnumerable<PlayedMessage> Messages => messages.OrderBy(message => message.ArrivalMs).ThenBy(message => message.Number);

    public int Count => messages.Count;

    /// <summary>A time within the play that leaves room for what follows it, ms.</summary>
    public static long Moment(Chance chance, double lastDay = Days - 1) => StartMs + (long)(chance.Share() * lastDay * DayMs);

    /// <summary>An hour of a day by the city's clock, ms.</summary>
    public long Local(int day, double hour) => StartMs + ((day + 1) * DayMs) + (long)(hour * 3_600_000) - (Rulebook.Calendar.UtcOffsetMinutes * 60_000L);

    /// <summary>A day of the play, RFC 3339.</summary>
    public static string Day(int number) => CityPayloads.Time(StartMs + (number * DayMs));

    /// <summary>Adds a truth and returns it.</summary>
    public Truth Add(Truth truth)
    {
        Truths.Add(truth);
        return truth;
    }

    /// <summary>A name that nobody else has.</summary>
    public string NewName(string prefix) => $"{prefix}{++names:D6}";

    /// <summary>A truck with a plate that nobody else has.</summary>
    public PlayedTruck NewTruck(Chance chance, CityTruckType? type = null) => new(NewPlate(chance), type ?? City.Fleet.Types[chance.Weighted(typeWeights)]);

    /// <summary>A truck of a type whose number of axles fits.</summary>
    public PlayedTruck NewTruck(Chance chance, Func<CityTruckType, bool> fits) => NewTruck(chance, chance.Of([.. City.Fleet.Types.Where(fits)]));

    /// <summary>The stations that a truck passes one after another on the ring, with the time at each, ms.</summary>
    public IReadOnlyList<(CityStation Station, long AtMs)> Drive(Chance chance, int stations, long fromMs, double speedKmh = 0)
    {
        int place = chance.Below(City.Stations.Count);
        int step = chance.Happens(0.5) ? 1 : City.Stations.Count - 1;
        double speed = speedKmh > 0 ? speedKmh : chance.Between(38, 66);
        List<(CityStation, long)> passed = [];
        long atMs = fromMs;
        for (int i = 0; i < stations; i++)
        {
            // A truck does not leave the ring at every station, so some are passed on the way.
            int on = 1 + chance.Below(3);
            passed.Add((City.Stations[place], atMs));
            place = (place + (step * on)) % City.Stations.Count;
            atMs += (long)(on * StationSpacingKm / (speed * chance.Between(0.92, 1.08)) * 3_600_000);
        }

        return passed;
    }

    /// <summary>A point of the ring, from 0 to below the number of stations; the whole numbers are the stations.</summary>
    public (double Lat, double Lon) OnRoad(double place)
    {
        int count = City.Stations.Count;
        CityStation before = City.Stations[(int)place % count];
        CityStation after = City.Stations[((int)place + 1) % count];
        double part = place - Math.Floor(place);
        return (before.Latitude + ((after.Latitude - before.Latitude) * part), before.Longitude + ((after.Longitude - before.Longitude) * part));
    }

    /// <summary>A place by the road with no registered one near.</summary>
    public (double Lat, double Lon) Away(Chance chance)
    {
        while (true)
        {
            (double lat, double lon) = OnRoad(chance.Share() * City.Stations.Count);
            if (City.Enterprises.All(site => Math.Abs(site.Latitude - lat) > LeastDegreesFromSites || Math.Abs(site.Longitude - lon) > LeastDegreesFromSites))
            {
                return (lat, lon);
            }
        }
    }

    /// <summary>Sends a message as it would come in, or not.</summary>
    /// <param name="isKept">True where the sender keeps it until it is acknowledged: then it is not lost.</param>
    /// <param name="heldMs">How long the sender has it before it sends it, ms.</param>
    /// <param name="isBroken">True where it is to be refused.</param>
    public Delivery Send(Chance chance, SourceContext source, string topic, byte[] payload, long atMs, bool isKept = false, long heldMs = 0, bool isBroken = false)
    {
        if (chance.Happens(Noise.LostShare) && !isKept)
        {
            return Delivery.Lost;
        }

        bool late = chance.Happens(Noise.LateShare);
        long arrivalMs = atMs + heldMs + (long)(late ? chance.Between(Noise.LateFromMs, Noise.LateToMs) : chance.Between(200, 3_000));
        Add(source, topic, payload, arrivalMs, isBroken);
        if (chance.Happens(Noise.DuplicateShare))
        {
            Add(source, topic, payload, arrivalMs + (long)(chance.Happens(0.2) ? chance.Between(3_600_000, Noise.LateToMs) : chance.Between(500, 60_000)), isBroken);
        }

        return late || heldMs > 0 ? Delivery.Late : Delivery.InTime;
    }

    private void Add(SourceContext source, string topic, byte[] payload, long arrivalMs, bool isBroken = false) =>
        messages.Add(new PlayedMessage(arrivalMs, messages.Count, source, Encoding.UTF8.GetBytes(topic), payload, isBroken));

    private string NewId() => $"Q{++ids:D7}";

    /// <summary>The shorter way round the ring, from each station to each other.</summary>
    private void RegisterDistances()
    {
        int count = City.Stations.Count;
        for (int from = 0; from < count; from++)
        {
            for (int to = 0; to < count; to++)
            {
                int stations = Math.Min((from - to + count) % count, (to - from + count) % count);
                if (stations > 0)
                {
                    Register("distances", null, ("from", City.Stations[from].Id), ("to", City.Stations[to].Id), ("distanceM", (int)(stations * StationSpacingKm * 1000)));
                }
            }
        }
    }

    /// <summary>A device, registered as one of its kind is.</summary>
    private SourceContext Source(string id, Func<string, SourceRegistration> register)
    {
        if (!sources.TryGetValue(id, out SourceContext? source))
        {
            sources[id] = source = new SourceContext(register(id)) { Rules = Reading };
        }

        return source;
    }

    private string NewPlate(Chance chance)
    {
        while (true)
        {
            CityProvince province = City.Fleet.Provinces[chance.Weighted(provinceWeights)];
            StringBuilder plate = new();
            plate.Append(province.Prefix).Append(province.Letters[chance.Below(province.Letters.Length)]);
            for (int i = 0; i < 5; i++)
            {
                plate.Append(PlateSigns[chance.Below(PlateSigns.Length)]);
            }

            if (plates.Add(plate.ToString()))
            {
                return plate.ToString();
            }
        }
    }
}
