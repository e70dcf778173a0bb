namespace Streaming.Ingest.City;

/// <summary>A device of the simulated city, as it is registered with the silo.</summary>
/// <param name="Id">Its MQTT user name.</param>
/// <param name="Topics">Filters of the topics that it publishes on.</param>
internal sealed record CityDevice(string Id, string Kind, string[] Topics, string District, double? AccuracyPct, string? Enterprise, string? Place, double? Latitude, double? Longitude)
{
    /// <summary>Readings it has sent so far: the number in their ids.</summary>
    public long Sent { get; set; }
}

/// <summary>
/// Who publishes: every station and every camera by itself, the tanks of an enterprise through its gateway, tank trucks through the gateway of the district that they are in.
/// </summary>
internal sealed class CityDevices
{
    private readonly Dictionary<string, CityDevice> byId;

    public CityDevices(CityDefinition city)
    {
        List<CityDevice> all = [];
        foreach (CityStation station in city.Stations)
        {
            all.Add(new CityDevice(station.Id, "wim", [$"v1/wim/{station.Id}/+", Status(station.Id)], station.District, station.AccuracyPct, null, null, station.Latitude, station.Longitude));
        }

        foreach (CityCamera camera in city.Cameras)
        {
            string? enterprise = camera.Watches == "enterprise" ? camera.Target : null;
            string? place = camera.Watches == "place" ? camera.Target : null;
            all.Add(new CityDevice(camera.Id, "video", [$"v1/video/{camera.Id}", Status(camera.Id)], camera.District, null, enterprise, place, camera.Latitude, camera.Longitude));
        }

        foreach (CityEnterprise enterprise in city.Enterprises)
        {
            string id = PlantGateway(enterprise);
            string[] topics = [$"v1/hazmat/plant/{enterprise.Id}/+", $"v1/ledger/{enterprise.Id}", Status(id)];
            all.Add(new CityDevice(id, "hazmat", topics, enterprise.District, null, enterprise.Id, null, enterprise.Latitude, enterprise.Longitude));
        }

        foreach (string district in city.Stations.Select(station => station.District).Distinct(StringComparer.Ordinal))
        {
            string id = TruckGateway(district);
            all.Add(new CityDevice(id, "hazmat", ["v1/hazmat/vehicle/+", Status(id)], district, null, null, null, null, null));
        }

        All = all;
        byId = all.ToDictionary(device => device.Id, StringComparer.Ordinal);
    }

    public IReadOnlyList<CityDevice> All { get; }

    public CityDevice this[string id] => byId[id];

    public CityDevice Plant(CityEnterprise enterprise) => byId[PlantGateway(enterprise)];

    public CityDevice Trucks(string district) => byId[TruckGateway(district)];

    private static string PlantGateway(CityEnterprise enterprise) => $"plant-{enterprise.Id}";

    private static string TruckGateway(string district) => $"trucks-{district}";

    private static string Status(string id) => $"v1/status/{id}";
}
