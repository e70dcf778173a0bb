using System.Text.Json.Serialization.Metadata;

namespace Streaming.Ingest.City;

/// <summary>Reads a city's definition from its five files and says everything that is wrong with it at once.</summary>
internal static class CityFiles
{
    /// <summary>Where the city that is shipped lies: the build copies it beside the program.</summary>
    public static string ShippedDirectory => Path.Combine(AppContext.BaseDirectory, "city");

    private static readonly string[] Watched = ["station", "enterprise", "place"];

    private static readonly string[] Figures = ["pressureKpa", "temperatureC", "gasPpm", "gasPctLel"];

    /// <summary>The definition, or null with the problems: each names file, place, what is there and what was expected.</summary>
    public static CityDefinition? Load(string directory, out IReadOnlyList<string> problems)
    {
        List<string> found = [];
        problems = found;
        CityStationsFile? stations = Read(directory, "stations.json", CityJson.Default.CityStationsFile, found);
        CityCamerasFile? cameras = Read(directory, "cameras.json", CityJson.Default.CityCamerasFile, found);
        CityEnterprisesFile? enterprises = Read(directory, "enterprises.json", CityJson.Default.CityEnterprisesFile, found);
        CityFleet? fleet = Read(directory, "fleet.json", CityJson.Default.CityFleet, found);
        CityIncidents? incidents = Read(directory, "incidents.json", CityJson.Default.CityIncidents, found);
        if (stations is null || cameras is null || enterprises is null || fleet is null || incidents is null)
        {
            return null;
        }

        CityDefinition city = new(stations.Stations, cameras.Cameras, enterprises.Enterprises, fleet, incidents);
        CheckStations(city, found);
        CheckCameras(city, found);
        CheckEnterprises(city, found);
        CheckFleet(city.Fleet, found);
        CheckIncidents(city, found);
        return found.Count == 0 ? city : null;
    }

    private static T? Read<T>(string directory, string name, JsonTypeInfo<T> type, List<string> problems)
        where T : class =>
        JsonFile.Read(Path.Combine(directory, name), CityLimits.FileBytes, type, "the simulated city needs it (deploy/city has one to begin with)", problems);

    private static void CheckStations(CityDefinition city, List<string> problems)
    {
        CheckCount(city.Stations.Count, "stations.json: stations", problems);
        CheckUnique(city.Stations.Select(station => station.Id), "stations.json", problems);
        foreach (CityStation station in city.Stations)
        {
            string where = $"stations.json: {station.Id}";
            CheckPlace(where, station.Id, station.District, station.Latitude, station.Longitude, problems);
            Expect(station.Lanes is >= 1 and <= 16, $"{where}: lanes is {station.Lanes}; 1 to 16 expected.", problems);
            Expect(station.AccuracyPct is > 0 and <= 25, $"{where}: accuracyPct is {station.AccuracyPct}; above 0 and at most 25 expected.", problems);
        }
    }

    private static void CheckCameras(CityDefinition city, List<string> problems)
    {
        CheckCount(city.Cameras.Count, "cameras.json: cameras", problems);
        CheckUnique(city.Cameras.Select(camera => camera.Id), "cameras.json", problems);
        foreach (CityCamera camera in city.Cameras)
        {
            string where = $"cameras.json: {camera.Id}";
            CheckPlace(where, camera.Id, camera.District, camera.Latitude, camera.Longitude, problems);
            Expect(Watched.Contains(camera.Watches), $"{where}: watches is \"{camera.Watches}\"; station, enterprise or place expected.", problems);
            bool known = camera.Watches switch
            {
                "station" => city.Stations.Any(station => station.Id == camera.Target),
                "enterprise" => city.Enterprises.Any(enterprise => enterprise.Id == camera.Target),
                _ => camera.Target.Length > 0,
            };
            Expect(known, $"{where}: target is \"{camera.Target}\"; the id of a {camera.Watches} expected.", problems);
        }
    }

    private static void CheckEnterprises(CityDefinition city, List<string> problems)
    {
        CheckCount(city.Enterprises.Count, "enterprises.json: enterprises", problems);
        CheckUnique(city.Enterprises.Select(enterprise => enterprise.Id), "enterprises.json", problems);
        foreach (CityEnterprise enterprise in city.Enterprises)
        {
            string where = $"enterprises.json: {enterprise.Id}";
            CheckPlace(where, enterprise.Id, enterprise.District, enterprise.Latitude, enterprise.Longitude, problems);
            Expect(enterprise.Tanks.Count is >= 1 and <= 100, $"{where}: {enterprise.Tanks.Count} tanks; 1 to 100 expected.", problems);
            CheckUnique(enterprise.Tanks.Select(tank => tank.Unit), where, problems);
            foreach (CityTank tank in enterprise.Tanks)
            {
                Expect(IsTopicLevel(tank.Unit), $"{where}: unit is \"{tank.Unit}\"; 1 to 64 characters without /, + and # expected.", problems);
                Expect(tank.MassKg > 0, $"{where}, {tank.Unit}: massKg is {tank.MassKg}; more than 0 expected.", problems);
            }
        }
    }

    private static void CheckFleet(CityFleet fleet, List<string> problems)
    {
        Expect(fleet.Trucks is >= 1 and <= CityLimits.Vehicles, $"fleet.json: trucks is {fleet.Trucks}; 1 to {CityLimits.Vehicles} expected.", problems);
        Expect(fleet.Cars is >= 1 and <= CityLimits.Vehicles, $"fleet.json: cars is {fleet.Cars}; 1 to {CityLimits.Vehicles} expected.", problems);
        Expect(fleet.TankTrucks is >= 1 and <= CityLimits.Entries, $"fleet.json: tankTrucks is {fleet.TankTrucks}; 1 to {CityLimits.Entries} expected.", problems);
        Expect(fleet.OverloadPct is >= 0 and <= 100, $"fleet.json: overloadPct is {fleet.OverloadPct}; 0 to 100 expected.", problems);
        Expect(fleet.TankerLoads.Count > 0, "fleet.json: tankerLoads is empty; at least one expected.", problems);
        Expect(fleet.Provinces.Count > 0, "fleet.json: provinces is empty; at least one expected.", problems);
        foreach (CityProvince province in fleet.Provinces)
        {
            Expect(province.Prefix.Length == 1 && province.Letters.Length > 0 && province.Weight > 0, $"fleet.json: province \"{province.Prefix}\" needs one character, letters and a weight above 0.", problems);
        }

        CheckCount(fleet.Types.Count, "fleet.json: types", problems);
        CheckUnique(fleet.Types.Select(type => type.Name), "fleet.json: types", problems);
        foreach (CityTruckType type in fleet.Types)
        {
            string where = $"fleet.json: type \"{type.Name}\"";
            Expect(type.Weight > 0, $"{where}: weight is {type.Weight}; more than 0 expected.", problems);
            Expect(type.EmptyKg > 0 && type.EmptyKg < type.LimitKg * Fleet.FullShare, $"{where}: emptyKg is {type.EmptyKg}; more than 0 and clearly less than limitKg expected.", problems);
            Expect(type.Axles.Count is >= 2 and <= 16, $"{where}: {type.Axles.Count} axles; 2 to 16 expected.", problems);
            Expect(Math.Abs(type.Axles.Sum(axle => axle.Share) - 1) < 0.001, $"{where}: the axles' shares add up to {type.Axles.Sum(axle => axle.Share):0.###}; 1 expected.", problems);
        }
    }

    private static void CheckIncidents(CityDefinition city, List<string> problems)
    {
        for (int i = 0; i < city.Incidents.Scripted.Count; i++)
        {
            CityIncident incident = city.Incidents.Scripted[i];
            string where = $"incidents.json: scripted[{i}] ({incident.Kind})";
            Expect(incident.AfterS >= 0, $"{where}: afterS is {incident.AfterS}; 0 or more expected.", problems);
            switch (incident.Kind)
            {
                case "overload":
                    CityStation? station = city.Stations.FirstOrDefault(candidate => candidate.Id == incident.Station);
                    Expect(station is not null, $"{where}: station is \"{incident.Station}\"; the id of a station expected.", problems);
                    Expect(incident.Lane >= 1 && incident.Lane <= (station?.Lanes ?? int.MaxValue), $"{where}: lane is {incident.Lane}; a lane of the station expected.", problems);
                    Expect(!string.IsNullOrEmpty(incident.Plate), $"{where}: plate is missing.", problems);
                    CityTruckType? type = city.Fleet.Types.FirstOrDefault(candidate => candidate.Name == incident.TruckType);
                    Expect(type is not null, $"{where}: truckType is \"{incident.TruckType}\"; the name of a type of fleet.json expected.", problems);
                    Expect(incident.GrossKg > (type?.LimitKg ?? 0), $"{where}: grossKg is {incident.GrossKg}; more than the type's limit expected.", problems);
                    break;
                case "tank":
                    CityEnterprise? owner = city.Enterprises.FirstOrDefault(candidate => candidate.Id == incident.Enterprise);
                    Expect(owner?.Tanks.Any(tank => tank.Unit == incident.Unit) == true, $"{where}: \"{incident.Enterprise}\", \"{incident.Unit}\"; an enterprise and one of its units expected.", problems);
                    CheckRise(where, incident, problems);
                    break;
                case "tank-truck":
                    Expect(incident.Truck >= 0 && incident.Truck < city.Fleet.TankTrucks, $"{where}: truck is {incident.Truck}; 0 to {city.Fleet.TankTrucks - 1} expected.", problems);
                    CheckRise(where, incident, problems);
                    break;
                case "camera":
                    Expect(city.Cameras.Any(camera => camera.Id == incident.Camera), $"{where}: camera is \"{incident.Camera}\"; the id of a camera expected.", problems);
                    Expect(!string.IsNullOrEmpty(incident.Event), $"{where}: event is missing.", problems);
                    Expect(incident.Confidence is > 0 and <= 1, $"{where}: confidence is {incident.Confidence}; above 0 and at most 1 expected.", problems);
                    Expect(incident.Times >= 1 && incident.EveryS > 0, $"{where}: times and everyS are needed, 1 or more and above 0.", problems);
                    break;
                default:
                    problems.Add($"{where}: overload, tank, tank-truck or camera expected.");
                    break;
            }
        }

        CityRepeatedIncidents repeated = city.Incidents.Repeated;
        Expect(repeated.FirstS >= 0 && repeated.EveryS >= 1, "incidents.json: repeated: firstS of 0 or more and everyS of 1 or more expected.", problems);
        foreach (CityTankPattern pattern in repeated.Tanks)
        {
            bool present = city.Enterprises.Any(enterprise => enterprise.Tanks.Any(tank => tank.Substance == pattern.Substance));
            Expect(present, $"incidents.json: repeated.tanks: no tank of enterprises.json holds {pattern.Substance}.", problems);
            Expect(Figures.Contains(pattern.Figure), $"incidents.json: repeated.tanks: figure is \"{pattern.Figure}\"; one of {string.Join(", ", Figures)} expected.", problems);
            Expect(pattern.To >= pattern.Limit && pattern.RisingS > 0 && pattern.HoldingS >= 0, $"incidents.json: repeated.tanks, {pattern.Substance}: to must reach limit, risingS must be above 0.", problems);
        }

        foreach (CityCameraPattern pattern in repeated.Cameras)
        {
            Expect(city.Cameras.Any(camera => camera.Watches == pattern.Watches), $"incidents.json: repeated.cameras: no camera watches a \"{pattern.Watches}\".", problems);
            Expect(pattern.Times >= 1 && pattern.EveryS > 0, $"incidents.json: repeated.cameras, {pattern.Event}: times of 1 or more and everyS above 0 expected.", problems);
        }
    }

    private static void CheckRise(string where, CityIncident incident, List<string> problems)
    {
        Expect(Figures.Contains(incident.Figure), $"{where}: figure is \"{incident.Figure}\"; one of {string.Join(", ", Figures)} expected.", problems);
        Expect(incident.To >= incident.Limit, $"{where}: to is {incident.To} and limit {incident.Limit}; to must reach the limit, or there is nothing to warn of.", problems);
        Expect(incident.RisingS > 0 && incident.HoldingS >= 0, $"{where}: risingS above 0 and holdingS of 0 or more expected.", problems);
    }

    private static void CheckPlace(string where, string id, string district, double latitude, double longitude, List<string> problems)
    {
        Expect(IsTopicLevel(id), $"{where}: id is \"{id}\"; 1 to 64 characters without /, + and # expected.", problems);
        Expect(district.Length > 0, $"{where}: district is empty.", problems);
        Expect(latitude is >= -90 and <= 90 && longitude is >= -180 and <= 180, $"{where}: {latitude}, {longitude} is no position; degrees expected.", problems);
    }

    private static bool IsTopicLevel(string text) => text.Length is >= 1 and <= 64 && text.IndexOfAny(['/', '+', '#']) < 0;

    private static void CheckCount(int count, string what, List<string> problems) =>
        Expect(count is >= 1 and <= CityLimits.Entries, $"{what}: {count} entries; 1 to {CityLimits.Entries} expected.", problems);

    private static void CheckUnique(IEnumerable<string> ids, string where, List<string> problems)
    {
        foreach (IGrouping<string, string> repeated in ids.GroupBy(id => id, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            problems.Add($"{where}: \"{repeated.Key}\" stands there {repeated.Count()} times; each once expected.");
        }
    }

    private static void Expect(bool holds, string problem, List<string> problems)
    {
        if (!holds)
        {
            problems.Add(problem);
        }
    }
}
