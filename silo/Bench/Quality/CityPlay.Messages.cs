using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Ingest.City;
using Streaming.Ingest.Formats;
using Streaming.Silo.Bench.Quality.Scenarios;

namespace Streaming.Silo.Bench.Quality;

/// <summary>What the devices send, in the forms that they send it in.</summary>
internal sealed partial class CityPlay
{
    private const long RegistersMs = StartMs - DayMs;

    /// <summary>Reports of a truck that has parked: with this many not all are lost or late.</summary>
    private const int ParkedReports = 3;

    /// <summary>Accuracy of the stations that are watched, ± %.</summary>
    private const double WatchedAccuracyPct = 5;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What each tank truck reported last, in the order of their first reports.</summary>
    private readonly OrderedDictionary<string, LastReport> onTheRoad = new(StringComparer.Ordinal);

    private sealed record LastReport(PlayedTruck Truck, string Substance, TankState Tank, string? Waybill, long AtMs);

    /// <summary>A station weighs a truck.</summary>
    /// <param name="grossKg">What it truly weighs, kg.</param>
    /// <param name="shares">Of the mass on each axle; null for what its type and load give.</param>
    /// <param name="leftRightRatio">Left by right; null for what a truck in its lane gives.</param>
    /// <param name="plate">What its plate says; null for its own.</param>
    /// <param name="isClear">True where its plate is always read right: an overload that another kind is about must not raise false ones of overloads.</param>
    public Sight Weigh(Chance chance, PlayedTruck truck, CityStation station, double grossKg, long atMs, ReadOnlySpan<double> shares = default, double? leftRightRatio = null, string? plate = null, bool isClear = false)
    {
        int[] axles = Noise.Weigh(chance, station.AccuracyPct, grossKg, shares.IsEmpty ? Noise.Shares(truck.Type, grossKg) : shares);
        (string text, double confidence, bool right) = isClear ? (truck.Plate, 0.95, true) : Noise.Read(chance, plate ?? truck.Plate);
        CityTruckType type = chance.Happens(Noise.ClassUnknownShare) ? truck.Type with { VehicleClass = "unknown" } : truck.Type;
        double ratio = leftRightRatio ?? 1 + (0.04 * chance.Normal());
        byte[] payload = payloads.Weighing(NewId(), atMs, text, type.PlateColor, confidence, chance.Between(38, 72), type, axles, axles.Sum(), ratio);
        SourceContext source = Source(station.Id, id => new SourceRegistration(id, "wim", [$"v1/wim/{id}/+"], station.District, station.AccuracyPct, "", Latitude: station.Latitude, Longitude: station.Longitude));
        Delivery delivery = Send(chance, source, $"v1/wim/{station.Id}/{1 + chance.Below(station.Lanes)}", payload, atMs);
        return new Sight(delivery, IsIts(right, confidence));
    }

    /// <summary>A weigh station of its own, registered with a host as the others are not: what it sends is watched.</summary>
    /// <param name="silentAfterS">How long nothing may come from it, s; null where nothing is expected.</param>
    public void Watch(string station, int? silentAfterS)
    {
        SourceRegistration registration = Station(station) with { Expected = silentAfterS is { } seconds ? new ResourceExpectation(SilentAfterS: seconds) : null };
        Watched.Add(registration);
        Source(station, _ => registration);
    }

    /// <summary>A watched station weighs a truck whose plate nobody can read.</summary>
    /// <param name="aheadMs">How far its clock is ahead, ms.</param>
    /// <param name="shares">Of the mass on each axle; null for what the type and the load give.</param>
    public Delivery WeighUnread(Chance chance, string station, CityTruckType type, double grossKg, long atMs, long heldMs = 0, long aheadMs = 0, double[]? shares = null)
    {
        int[] axles = Noise.Weigh(chance, WatchedAccuracyPct, grossKg, shares ?? Noise.Shares(type, grossKg));
        byte[] payload = payloads.Weighing(NewId(), atMs + aheadMs, "", type.PlateColor, chance.Between(0.05, 0.3), chance.Between(38, 72), type, axles, axles.Sum(), 1 + (0.04 * chance.Normal()));
        return Send(chance, Source(station, Station), $"v1/wim/{station}/1", payload, atMs, heldMs: heldMs);
    }

    /// <summary>A watched station sends what does not fit.</summary>
    public Delivery SendBroken(Chance chance, string station, long atMs)
    {
        string payload = $$"""{"id":"{{NewId()}}","at":"{{CityPayloads.Time(atMs)}}","grossKg":"heavy"}""";
        return Send(chance, Source(station, Station), $"v1/wim/{station}/1", Encoding.UTF8.GetBytes(payload), atMs, isBroken: true);
    }

    /// <summary>The camera before a station sees a vehicle, some seconds before it is weighed.</summary>
    public Sight See(Chance chance, PlayedTruck truck, CityStation station, long atMs, string? hazardPlate = null)
    {
        CityCamera camera = CameraOf(station);
        (string text, double confidence, bool right) = Noise.Read(chance, truck.Plate);
        byte[] payload = payloads.VehicleSeen(NewId(), atMs, text, truck.Type.PlateColor, truck.Type.VehicleClass, hazardPlate, confidence, camera.Latitude, camera.Longitude);
        Delivery delivery = Send(chance, Camera(camera), $"v1/video/{camera.Id}", payload, atMs);
        return new Sight(delivery, IsIts(right, confidence));
    }

    /// <summary>A camera sees something happen at the place that it watches. Each such place has a camera of its own.</summary>
    public Delivery SeeEvent(Chance chance, string place, string what, double confidence, long atMs)
    {
        string id = $"camera-{place}";
        SourceContext source = Source(id, _ => new SourceRegistration(id, "video", [$"v1/video/{id}"], DistrictOf(place), null, "", Place: place));
        byte[] payload = payloads.Event(NewId(), atMs, what, Math.Clamp(confidence, 0.01, 0.999), 23.1, 112.4);
        return Send(chance, source, $"v1/video/{id}", payload, atMs);
    }

    /// <summary>A tank truck reports.</summary>
    public Delivery Telemeter(Chance chance, PlayedTruck truck, string substance, in TankState tank, double speedKmh, (double Lat, double Lon) position, string? waybill, long atMs, string valve = "closed", uint? alarmBits = null)
    {
        const string Gateway = "trucks-gateway";
        SourceContext source = Source(Gateway, id => new SourceRegistration(id, "hazmat", ["v1/hazmat/vehicle/+"], "harbour", null, ""));
        byte[] payload = payloads.TruckTelemetry(NewId(), atMs, position.Lat, position.Lon, Math.Max(0, speedKmh), substance, tank.Rounded(), "D001", waybill, valve, alarmBits);
        if (!onTheRoad.TryGetValue(truck.Key, out LastReport? last) || last.AtMs < atMs)
        {
            onTheRoad[truck.Key] = new LastReport(truck, substance, tank, waybill, atMs);
        }

        return Send(chance, source, $"v1/hazmat/vehicle/{truck.Key}", payload, atMs);
    }

    /// <summary>A tank truck drives to a registered place after what it reported last, and stands there: whoever falls silent on its way would be warned of.</summary>
    public void Park(Chance chance, string truck)
    {
        LastReport last = onTheRoad[truck];
        CityEnterprise place = City.Enterprises[onTheRoad.IndexOf(truck) % City.Enterprises.Count];
        for (int i = 1; i <= ParkedReports; i++)
        {
            Telemeter(chance, last.Truck, last.Substance, last.Tank, 0, (place.Latitude, place.Longitude), last.Waybill, last.AtMs + (i * PlayedTank.EveryMs));
        }
    }

    /// <summary>All tank trucks park after what they reported last.</summary>
    public void ParkAll(Chance chance)
    {
        foreach (string truck in (string[])[.. onTheRoad.Keys])
        {
            Park(chance, truck);
        }
    }

    /// <summary>A tank of a plant reports.</summary>
    public Delivery Telemeter(Chance chance, string enterprise, string unit, string substance, in TankState tank, long atMs) =>
        Send(chance, Plant(enterprise), $"v1/hazmat/plant/{enterprise}/{unit}", payloads.TankTelemetry(NewId(), atMs, substance, tank.Rounded()), atMs);

    /// <summary>An enterprise writes a line into its ledger. Its system keeps a line until it is acknowledged.</summary>
    /// <param name="heldMs">How long after the deed it is sent, ms.</param>
    public Delivery Enter(Chance chance, string enterprise, string action, string substance, double massKg, long atMs, string? counterparty = null, PlayedTruck? truck = null, string? waybill = null, long heldMs = 0, bool isWaste = false) =>
        Send(chance, Plant(enterprise), $"v1/ledger/{enterprise}", payloads.LedgerLine(NewId(), atMs, action, substance, massKg, counterparty, truck?.Key, waybill, isWaste), atMs, isKept: true, heldMs);

    /// <summary>A department's record of a register. It is neither lost nor late, unless a time is given: registers are loaded whole.</summary>
    public void Register(string register, long? atMs, params ReadOnlySpan<(string Name, object Value)> fields)
    {
        string id = $"{register}-register";
        SourceContext source = Source(id, _ => new SourceRegistration(id, "register", [$"v1/records/{id}"], "harbour", null, "", Register: register));
        ArrayBufferWriter<byte> buffer = new(256);
        using (Utf8JsonWriter json = new(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("at", CityPayloads.Time(atMs ?? RegistersMs));
            foreach ((string name, object value) in fields)
            {
                json.WritePropertyName(name);
                switch (value)
                {
                    case int whole:
                        json.WriteNumberValue(whole);
                        break;
                    case double number:
                        json.WriteNumberValue(number);
                        break;
                    default:
                        json.WriteStringValue((string)value);
                        break;
                }
            }

            json.WriteEndObject();
        }

        Add(source, $"v1/records/{id}", buffer.WrittenSpan.ToArray(), atMs ?? RegistersMs);
    }

    /// <summary>The registration of a vehicle, from long before the play.</summary>
    public void RegisterVehicle(PlayedTruck truck, int axles, int driveAxles, int ratedLoadKg, int curbKg) => Register(
        "vehicles", null,
        ("plate", truck.Key), ("vehicleClass", truck.Type.VehicleClass), ("axles", axles), ("driveAxles", driveAxles), ("ratedLoadKg", ratedLoadKg), ("curbKg", curbKg), ("validFrom", "2025-01-01"));

    private static SourceRegistration Station(string id) => new(id, "wim", [$"v1/wim/{id}/+"], "harbour", WatchedAccuracyPct, "");

    /// <summary>The camera at a station.</summary>
    private CityCamera CameraOf(CityStation station) => City.Cameras.First(camera => camera.Watches == "station" && camera.Target == station.Id);

    private SourceContext Camera(CityCamera camera) =>
        Source(camera.Id, id => new SourceRegistration(id, "video", [$"v1/video/{id}"], camera.District, null, "", Latitude: camera.Latitude, Longitude: camera.Longitude));

    private SourceContext Plant(string enterprise) => Source(
        $"plant-{enterprise}", id => new SourceRegistration(id, "hazmat", [$"v1/hazmat/plant/{enterprise}/+", $"v1/ledger/{enterprise}"], DistrictOf(enterprise), null, "", Enterprise: enterprise));

    /// <summary>Any district, always the same for a name.</summary>
    private string DistrictOf(string name) => City.Stations[(int)(Models.Encoding.StableHash.Of(Encoding.UTF8.GetBytes(name)) % (ulong)City.Stations.Count)].District;

    private bool IsIts(bool right, double confidence) => right && Math.Round(confidence, 3) * 1000 >= Reading.LeastPlatePermille;
}
