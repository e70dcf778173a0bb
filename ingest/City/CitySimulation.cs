using System.Globalization;

namespace Streaming.Ingest.City;

/// <summary>One reading, ready to publish.</summary>
internal readonly record struct CityMessage(CityDevice Device, string Topic, ReadOnlyMemory<byte> Payload, long AtMs);

/// <summary>What decides, with the definition, everything that the simulated city does.</summary>
/// <param name="Seed">Another seed is another fleet and other luck.</param>
/// <param name="ReadingsPerSecond">1 to <see cref="CityLimits.ReadingsPerSecond"/>, incidents not counted.</param>
/// <param name="StartMs">Time of its beginning, milliseconds since 1970-01-01T00:00Z; also part of every reading's id, so that a later run repeats none.</param>
internal sealed record CitySettings(ulong Seed, double ReadingsPerSecond, long StartMs);

/// <summary>
/// The simulated city: which device sends which reading at which moment, and what should be warned of. No clock, no I/O: the same definition, settings and questions give the same bytes, and asking
/// often or seldom makes no difference. Not thread-safe.
/// </summary>
internal sealed partial class CitySimulation
{
    /// <summary>The largest error of a weighing, as a share: within what the stations' accuracy allows, and small enough that the error alone takes no truck over a limit or back.</summary>
    public const double LargestError = 0.03;

    /// <summary>How long one driver of a tank truck drives, s: three hours.</summary>
    private const double ShiftS = 10_800;

    private const double WeighShare = 0.40;
    private const double SightingShare = 0.30;
    private const double CarShare = 0.10;
    private const double PlantShare = 0.12;
    private const double TankerShare = 0.06;
    private const double LedgerShare = 0.02;

    /// <summary>A truck needs about this long from one station to the next, so that many trucks more are made where more readings are asked for.</summary>
    private const double PassEveryS = 75;

    /// <summary>How long goods are on the road, s.</summary>
    private const double TravelS = 300;

    private readonly CityDefinition city;
    private readonly CitySettings settings;
    private readonly Fleet fleet;
    private readonly CityPayloads payloads = new();
    private readonly PriorityQueue<Step, (long AtUs, long Order)> steps = new();
    private readonly CityCamera?[] stationCameras;
    private readonly (CityEnterprise Enterprise, CityTank Tank, List<TankRise> Rises)[] tanks;
    private readonly List<TankRise>[] tankerRises;
    private readonly string run;

    /// <summary>Goods on the road, in the order in which they arrive.</summary>
    private readonly Queue<Shipment> underWay = new();
    private CityRandom random;
    private long startMs;
    private long order;
    private long weighings;
    private long carsSeen;
    private long tankReadings;
    private long tankerReadings;
    private long ledgerLines;

    public CitySimulation(CityDefinition city, CitySettings settings)
    {
        if (settings.ReadingsPerSecond is not (>= 1 and <= CityLimits.ReadingsPerSecond))
        {
            throw new ArgumentOutOfRangeException(nameof(settings), $"{settings.ReadingsPerSecond} readings a second; 1 to {CityLimits.ReadingsPerSecond} expected.");
        }

        this.city = city;
        this.settings = settings;
        startMs = settings.StartMs;
        random = new CityRandom(settings.Seed);
        run = (settings.StartMs / 1000).ToString("x", CultureInfo.InvariantCulture);
        Devices = new CityDevices(city);
        int trucks = Math.Min(CityLimits.Vehicles, Math.Max(city.Fleet.Trucks, (int)(settings.ReadingsPerSecond * WeighShare * PassEveryS)));
        int cars = Math.Min(CityLimits.Vehicles, Math.Max(city.Fleet.Cars, (int)(settings.ReadingsPerSecond * CarShare * PassEveryS)));
        fleet = new Fleet(city, trucks, cars, ref random);
        stationCameras = [.. city.Stations.Select(station => city.Cameras.FirstOrDefault(camera => camera.Watches == "station" && camera.Target == station.Id))];
        tanks = [.. city.Enterprises.SelectMany(enterprise => enterprise.Tanks.Select(tank => (enterprise, tank, new List<TankRise>())))];
        tankerRises = [.. fleet.TankTrucks.Select(_ => new List<TankRise>())];
        foreach ((StepKind kind, double share) in Streams)
        {
            Enqueue(new Step(kind, 0), PeriodUs(share));
        }

        for (int i = 0; i < city.Incidents.Scripted.Count; i++)
        {
            Enqueue(new Step(StepKind.Scripted, i), Us(city.Incidents.Scripted[i].AfterS));
        }

        if (city.Incidents.Repeated.Tanks.Count + city.Incidents.Repeated.Cameras.Count > 0)
        {
            Enqueue(new Step(StepKind.Repeated, 0), Us(city.Incidents.Repeated.FirstS));
        }
    }

    public CityDevices Devices { get; }

    /// <summary>What should be warned of, as far as readings have been handed out.</summary>
    public CityTruth Truth { get; } = new();

    /// <summary>Trucks, cars and tank trucks.</summary>
    public Fleet Fleet => fleet;

    private static ReadOnlySpan<(StepKind Kind, double Share)> Streams => new[]
    {
        (StepKind.Weigh, WeighShare),
        (StepKind.Car, CarShare),
        (StepKind.Tank, PlantShare),
        (StepKind.Tanker, TankerShare),
        (StepKind.Ledger, LedgerShare),
    };

    /// <summary>The readings of the time since the last call, in the order of their times, the last at or before <paramref name="nowMs"/>.</summary>
    public IReadOnlyList<CityMessage> NextBatch(long nowMs)
    {
        long untilUs = (nowMs - startMs) * 1000;
        List<CityMessage> batch = [];
        while (steps.TryPeek(out Step step, out (long AtUs, long Order) at) && at.AtUs <= untilUs)
        {
            steps.Dequeue();
            Take(step, at.AtUs, batch);
        }

        return batch;
    }

    /// <summary>Sets the city's clock back by a time in which nobody asked, so that it is left out instead of made up for.</summary>
    public void Skip(long ms) => startMs += ms;

    private void Take(Step step, long atUs, List<CityMessage> batch)
    {
        switch (step.Kind)
        {
            case StepKind.Weigh:
                Enqueue(step, atUs + PeriodUs(WeighShare));
                Weigh(atUs, batch);
                break;
            case StepKind.Car:
                Enqueue(step, atUs + PeriodUs(CarShare));
                SeeCar(atUs, batch);
                break;
            case StepKind.Tank:
                Enqueue(step, atUs + PeriodUs(PlantShare));
                ReadTank((int)(tankReadings++ % tanks.Length), atUs, batch);
                break;
            case StepKind.Tanker:
                Enqueue(step, atUs + PeriodUs(TankerShare));
                ReadTanker((int)(tankerReadings++ % fleet.TankTrucks.Length), atUs, batch);
                break;
            case StepKind.Ledger:
                Enqueue(step, atUs + PeriodUs(LedgerShare));
                WriteLedger(atUs, batch);
                break;
            case StepKind.Sighting:
                SeeTruck(step.Sighting!, atUs, batch);
                break;
            case StepKind.Scripted:
                Begin(city.Incidents.Scripted[step.Index], atUs, batch);
                break;
            case StepKind.Repeated:
                Enqueue(step, atUs + Us(city.Incidents.Repeated.EveryS));
                BeginAnother(atUs);
                break;
            case StepKind.TankRise:
                if (Continue(tanks[step.Index].Rises, step, atUs))
                {
                    ReadTank(step.Index, atUs, batch);
                }

                break;
            case StepKind.TankerRise:
                if (Continue(tankerRises[step.Index], step, atUs))
                {
                    ReadTanker(step.Index, atUs, batch);
                }

                break;
            default:
                SeeEvent(step.Seen!, atUs, batch);
                break;
        }
    }

    private void Weigh(long atUs, List<CityMessage> batch)
    {
        ref Truck truck = ref fleet.Trucks[weighings++ % fleet.Trucks.Length];
        CityStation station = city.Stations[truck.Station];
        CityTruckType type = city.Fleet.Types[truck.Type];
        double error = Math.Min(LargestError, 0.6 * station.AccuracyPct / 100) * random.Wobble();
        Weigh(station, 1 + random.Below(station.Lanes), truck.Plate, type, truck.GrossKg * (1 + error), atUs, batch);
        if (stationCameras[truck.Station] is { } camera && random.Share() < SightingShare / WeighShare)
        {
            Sighting sighting = new(camera, truck.Plate, type.PlateColor, type.VehicleClass, null);
            Enqueue(new Step(StepKind.Sighting, 0) { Sighting = sighting }, atUs + Us(random.Between(1.5, 4)));
        }

        truck.Station = Next(truck.Station, truck.Direction);
        if (--truck.PassesLeft == 0)
        {
            fleet.Depart(ref truck, ref random);
        }
    }

    private void Weigh(CityStation station, int lane, string plate, CityTruckType type, double measuredKg, long atUs, List<CityMessage> batch)
    {
        Span<double> shares = stackalloc double[type.Axles.Count];
        double total = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            shares[i] = type.Axles[i].Share * (1 + (0.04 * random.Wobble()));
            total += shares[i];
        }

        Span<int> axlesKg = stackalloc int[shares.Length];
        int grossKg = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            axlesKg[i] = (int)Math.Round(measuredKg * shares[i] / total);
            grossKg += axlesKg[i];
        }

        CityDevice device = Devices[station.Id];
        long atMs = AtMs(atUs);
        string topic = string.Create(CultureInfo.InvariantCulture, $"v1/wim/{station.Id}/{lane}");
        byte[] payload = payloads.Weighing(NextId(device), atMs, plate, type.PlateColor, random.Between(0.9, 0.999), random.Between(38, 72), type, axlesKg, grossKg);
        batch.Add(new CityMessage(device, topic, payload, atMs));
        if (grossKg > type.LimitKg)
        {
            Truth.Add($"{plate}-{type.PlateColor}", "vehicle", "over-road-limit", atMs, device.Id);
        }
    }

    private void SeeCar(long atUs, List<CityMessage> batch)
    {
        ref Car car = ref fleet.Cars[carsSeen++ % fleet.Cars.Length];
        if (stationCameras[car.Station] is { } camera)
        {
            SeeTruck(new Sighting(camera, car.Plate, "blue", "car", null), atUs, batch);
        }

        car.Station = Next(car.Station, car.Direction);
    }

    private void SeeTruck(Sighting sighting, long atUs, List<CityMessage> batch)
    {
        CityCamera camera = sighting.Camera;
        CityDevice device = Devices[camera.Id];
        long atMs = AtMs(atUs);
        byte[] payload = payloads.VehicleSeen(NextId(device), atMs, sighting.Plate, sighting.PlateColor, sighting.VehicleClass, sighting.HazardPlate, random.Between(0.86, 0.995), camera.Latitude, camera.Longitude);
        batch.Add(new CityMessage(device, $"v1/video/{camera.Id}", payload, atMs));
    }

    private void SeeEvent(SeenEvent seen, long atUs, List<CityMessage> batch)
    {
        CityCamera camera = seen.Camera;
        CityDevice device = Devices[camera.Id];
        long atMs = AtMs(atUs);
        byte[] payload = payloads.Event(NextId(device), atMs, seen.Event, Math.Clamp(seen.Confidence + (0.02 * random.Wobble()), 0, 1), camera.Latitude, camera.Longitude);
        batch.Add(new CityMessage(device, $"v1/video/{camera.Id}", payload, atMs));
        string subject = camera.Watches == "station" ? $"camera:{camera.Id}" : camera.Target;
        Truth.Add(subject, camera.Watches == "enterprise" ? "enterprise" : "place", seen.Warns, atMs, device.Id);
        if (seen.Left > 1)
        {
            Enqueue(new Step(StepKind.Event, 0) { Seen = seen with { Left = seen.Left - 1 } }, atUs + Us(seen.EveryS));
        }
    }

    private void ReadTank(int index, long atUs, List<CityMessage> batch)
    {
        (CityEnterprise enterprise, CityTank tank, List<TankRise> rises) = tanks[index];
        TankState state = new(
            tank.PressureKpa * (1 + (0.01 * random.Wobble())),
            tank.TemperatureC + (0.4 * random.Wobble()),
            null,
            tank.MassKg * (1 + (0.002 * random.Wobble())),
            0.02 * random.Share(),
            0.5 * random.Share());
        CityDevice device = Devices.Plant(enterprise);
        long atMs = AtMs(atUs);
        state = Raise(state, rises, atUs, atMs, enterprise.Id, "enterprise", device);
        batch.Add(new CityMessage(device, $"v1/hazmat/plant/{enterprise.Id}/{tank.Unit}", payloads.TankTelemetry(NextId(device), atMs, tank.Substance, state), atMs));
    }

    private void ReadTanker(int index, long atUs, List<CityMessage> batch)
    {
        ref TankTruck truck = ref fleet.TankTrucks[index];
        CityTankerLoad load = city.Fleet.TankerLoads[truck.Load];
        double place = Place(truck, atUs);
        int before = (int)place;
        CityStation from = city.Stations[before];
        CityStation to = city.Stations[Next(before, 1)];
        double share = place - before;
        TankState state = new(
            load.PressureKpa * (1 + (0.01 * random.Wobble())),
            load.TemperatureC + (0.4 * random.Wobble()),
            truck.LevelPct + (0.2 * random.Wobble()),
            null,
            null,
            null);
        CityDevice device = Devices.Trucks(from.District);
        long atMs = AtMs(atUs);
        string key = $"{truck.Plate}-yellow";
        state = Raise(state, tankerRises[index], atUs, atMs, key, "vehicle", device);
        byte[] payload = payloads.TruckTelemetry(
            NextId(device),
            atMs,
            from.Latitude + ((to.Latitude - from.Latitude) * share),
            from.Longitude + ((to.Longitude - from.Longitude) * share),
            truck.SpeedKmh + (2 * random.Wobble()),
            load.Substance,
            state,
            Driver(truck, atUs),
            truck.Waybill);
        batch.Add(new CityMessage(device, $"v1/hazmat/vehicle/{key}", payload, atMs));
    }

    /// <summary>Who drives: tank trucks never stop here, so two drivers take turns, which keeps each below the four hours that one may drive without a rest.</summary>
    private static string Driver(in TankTruck truck, long atUs) => ((atUs / Us(ShiftS)) + (long)truck.Place) % 2 == 0 ? truck.Driver : $"{truck.Driver}R";

    /// <summary>One line: goods that have arrived, as much as was sent, or others that set out.</summary>
    private void WriteLedger(long atUs, List<CityMessage> batch)
    {
        if (underWay.TryPeek(out Shipment? first) && (first.ArrivesUs <= atUs || underWay.Count == CityLimits.ShipmentsUnderWay))
        {
            underWay.Dequeue();
            WriteLedger(first.To, "receive", first, first.From, atUs, batch);
            return;
        }

        CityEnterprise enterprise = city.Enterprises[(int)(ledgerLines % city.Enterprises.Count)];
        CityEnterprise other = city.Enterprises[(int)((ledgerLines + 1 + random.Below(city.Enterprises.Count - 1)) % city.Enterprises.Count)];
        CityTank tank = enterprise.Tanks[random.Below(enterprise.Tanks.Count)];
        TankTruck truck = fleet.TankTrucks[random.Below(fleet.TankTrucks.Length)];
        ledgerLines++;
        Shipment shipment = new(enterprise, other, tank.Substance, 100 * Math.Round(random.Between(80, 220)), truck.Plate, string.Create(CultureInfo.InvariantCulture, $"{truck.Waybill}-{run}-{ledgerLines}"), atUs + Us(TravelS));
        underWay.Enqueue(shipment);
        WriteLedger(enterprise, "ship", shipment, other, atUs, batch);
    }

    private void WriteLedger(CityEnterprise enterprise, string action, Shipment shipment, CityEnterprise other, long atUs, List<CityMessage> batch)
    {
        CityDevice device = Devices.Plant(enterprise);
        long atMs = AtMs(atUs);
        byte[] payload = payloads.LedgerLine(NextId(device), atMs, action, shipment.Substance, shipment.MassKg, other.Id, shipment.Plate, shipment.Waybill);
        batch.Add(new CityMessage(device, $"v1/ledger/{enterprise.Id}", payload, atMs));
    }

    /// <summary>The figures under every rise that is going on; the first sent figure at the limit makes the warning due.</summary>
    private TankState Raise(TankState state, List<TankRise> rises, long atUs, long atMs, string subject, string subjectKind, CityDevice device)
    {
        foreach (TankRise rise in rises)
        {
            state = rise.Apply(state, atUs / 1e6);
        }

        state = state.Rounded();
        foreach (TankRise rise in rises)
        {
            if (rise.IsOver(state))
            {
                Truth.Add(subject, subjectKind, rise.Warns, atMs, device.Id);
            }
        }

        return state;
    }

    /// <summary>Where a tank truck is at a moment, in stations from the first, 0 to below their number.</summary>
    private double Place(in TankTruck truck, long atUs)
    {
        double stationsPerS = truck.SpeedKmh / 3600 / StationSpacingKm;
        double place = (truck.Place + (truck.Direction * stationsPerS * atUs / 1e6)) % city.Stations.Count;
        return place < 0 ? Math.Min(place + city.Stations.Count, Math.BitDecrement((double)city.Stations.Count)) : place;
    }

    private int Next(int station, int direction) => (station + direction + city.Stations.Count) % city.Stations.Count;

    private string NextId(CityDevice device) => string.Create(CultureInfo.InvariantCulture, $"{device.Id}-{run}-{++device.Sent}");

    private long AtMs(long atUs) => startMs + (atUs / 1000);

    private long PeriodUs(double share) => Math.Max(1, (long)(1e6 / (settings.ReadingsPerSecond * share)));

    private void Enqueue(Step step, long atUs) => steps.Enqueue(step, (atUs, order++));

    private static long Us(double seconds) => (long)(seconds * 1e6);
}
