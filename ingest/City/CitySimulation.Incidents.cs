namespace Streaming.Ingest.City;

/// <summary>What goes wrong: by the script first, then again and again.</summary>
internal sealed partial class CitySimulation
{
    /// <summary>The stations stand about this far apart; a tank truck's speed is told from it.</summary>
    private const double StationSpacingKm = 1.25;

    /// <summary>A tank in trouble reports this often, s.</summary>
    private const double TroubledEveryS = 2;

    private enum StepKind : byte
    {
        Weigh,
        Car,
        Tank,
        Tanker,
        Ledger,
        Sighting,
        Scripted,
        Repeated,
        TankRise,
        TankerRise,
        Event,
    }

    private void Begin(CityIncident incident, long atUs, List<CityMessage> batch)
    {
        switch (incident.Kind)
        {
            case "overload":
                CityStation station = city.Stations.First(candidate => candidate.Id == incident.Station);
                CityTruckType type = city.Fleet.Types.First(candidate => candidate.Name == incident.TruckType);
                Weigh(station, incident.Lane!.Value, incident.Plate!, type, incident.GrossKg!.Value, atUs, batch);
                break;
            case "tank":
                int tank = Array.FindIndex(tanks, candidate => candidate.Enterprise.Id == incident.Enterprise && candidate.Tank.Unit == incident.Unit);
                Begin(StepKind.TankRise, tank, tanks[tank].Rises, RiseOf(incident, atUs), atUs);
                break;
            case "tank-truck":
                Begin(StepKind.TankerRise, incident.Truck!.Value, tankerRises[incident.Truck.Value], RiseOf(incident, atUs), atUs);
                break;
            default:
                CityCamera camera = city.Cameras.First(candidate => candidate.Id == incident.Camera);
                See(camera, incident.Event!, incident.Confidence!.Value, incident.Times!.Value, incident.EveryS!.Value, incident.Warns, atUs);
                break;
        }
    }

    private void BeginAnother(long atUs)
    {
        CityRepeatedIncidents repeated = city.Incidents.Repeated;
        int drawn = random.Below(repeated.Tanks.Count + repeated.Cameras.Count);
        if (drawn < repeated.Tanks.Count)
        {
            CityTankPattern pattern = repeated.Tanks[drawn];
            int[] holding = [.. Enumerable.Range(0, tanks.Length).Where(index => tanks[index].Tank.Substance == pattern.Substance)];
            int tank = holding[random.Below(holding.Length)];
            TankRise rise = new(pattern.Figure, pattern.To, pattern.Limit, atUs / 1e6, pattern.RisingS, pattern.HoldingS, pattern.Warns);
            Begin(StepKind.TankRise, tank, tanks[tank].Rises, rise, atUs);
        }
        else
        {
            CityCameraPattern pattern = repeated.Cameras[drawn - repeated.Tanks.Count];
            CityCamera[] watching = [.. city.Cameras.Where(camera => camera.Watches == pattern.Watches)];
            See(watching[random.Below(watching.Length)], pattern.Event, pattern.Confidence, pattern.Times, pattern.EveryS, pattern.Warns, atUs);
        }
    }

    private static TankRise RiseOf(CityIncident incident, long atUs) =>
        new(incident.Figure!, incident.To!.Value, incident.Limit!.Value, atUs / 1e6, incident.RisingS!.Value, incident.HoldingS!.Value, incident.Warns);

    private void Begin(StepKind kind, int index, List<TankRise> rises, TankRise rise, long atUs)
    {
        rises.Add(rise);
        Enqueue(new Step(kind, index) { Rise = rise }, atUs + Us(TroubledEveryS));
    }

    private void See(CityCamera camera, string what, double confidence, int times, double everyS, string warns, long atUs) =>
        Enqueue(new Step(StepKind.Event, 0) { Seen = new SeenEvent(camera, what, confidence, times, everyS, warns) }, atUs);

    /// <summary>True while the rise goes on. The reading after its end, of a tank back to normal, is still sent; then it is forgotten.</summary>
    private bool Continue(List<TankRise> rises, Step step, long atUs)
    {
        if (atUs > Us(step.Rise!.EndS + TroubledEveryS))
        {
            rises.Remove(step.Rise);
            return false;
        }

        Enqueue(step, atUs + Us(TroubledEveryS));
        return true;
    }

    private readonly record struct Step(StepKind Kind, int Index)
    {
        public Sighting? Sighting { get; init; }

        public SeenEvent? Seen { get; init; }

        public TankRise? Rise { get; init; }
    }

    /// <summary>Goods that one enterprise has sent to another.</summary>
    private sealed record Shipment(CityEnterprise From, CityEnterprise To, string Substance, double MassKg, string Plate, string Waybill, long ArrivesUs);

    private sealed record Sighting(CityCamera Camera, string Plate, string PlateColor, string VehicleClass, string? HazardPlate);

    private sealed record SeenEvent(CityCamera Camera, string Event, double Confidence, int Left, double EveryS, string Warns);
}
