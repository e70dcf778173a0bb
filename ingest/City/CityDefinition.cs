using System.Text.Json.Serialization;

namespace Streaming.Ingest.City;

/// <summary>The city that is simulated, as <c>deploy/city</c> describes it.</summary>
internal sealed record CityDefinition(
    IReadOnlyList<CityStation> Stations,
    IReadOnlyList<CityCamera> Cameras,
    IReadOnlyList<CityEnterprise> Enterprises,
    CityFleet Fleet,
    CityIncidents Incidents);

/// <summary>A name in the two languages of the console.</summary>
internal sealed record CityName(string En, string Zh);

/// <summary>A weigh station on the ring road; the next in the list is the next on the road.</summary>
/// <param name="AccuracyPct">± percent of the gross mass that 95 % of its records keep to.</param>
internal sealed record CityStation(string Id, CityName Name, string District, int Lanes, double AccuracyPct, double Latitude, double Longitude);

/// <summary>A camera.</summary>
/// <param name="Watches"><c>station</c>, <c>enterprise</c> or <c>place</c>.</param>
/// <param name="Target">Id of what it watches.</param>
internal sealed record CityCamera(string Id, string Watches, string Target, string District, double Latitude, double Longitude);

/// <summary>A hazmat enterprise.</summary>
/// <param name="Id">Unified social credit code.</param>
internal sealed record CityEnterprise(string Id, CityName Name, string District, double Latitude, double Longitude, IReadOnlyList<CityTank> Tanks);

/// <summary>A tank in its ordinary state.</summary>
/// <param name="Substance">UN number as <c>UN1017</c>.</param>
internal sealed record CityTank(string Unit, string Substance, double PressureKpa, double TemperatureC, double MassKg);

/// <summary>What drives about.</summary>
/// <param name="OverloadPct">Share of trips that are over the road limit, percent.</param>
internal sealed record CityFleet(
    int Trucks,
    int Cars,
    int TankTrucks,
    double OverloadPct,
    IReadOnlyList<CityProvince> Provinces,
    IReadOnlyList<CityTruckType> Types,
    IReadOnlyList<CityTankerLoad> TankerLoads);

/// <summary>Where plates come from: the province's character, the letters of its cities, and how common they are here.</summary>
internal sealed record CityProvince(string Prefix, string Letters, double Weight);

/// <summary>A kind of truck.</summary>
/// <param name="Weight">How common it is.</param>
/// <param name="LimitKg">Gross limit of the road for it.</param>
internal sealed record CityTruckType(string Name, string VehicleClass, string PlateColor, double Weight, int LimitKg, int EmptyKg, IReadOnlyList<CityAxle> Axles);

/// <summary>An axle: distance behind the first, m, and its share of the gross mass.</summary>
internal sealed record CityAxle(double OffsetM, double Share);

/// <summary>What a tank truck carries.</summary>
internal sealed record CityTankerLoad(string Substance, string HazardPlate, double PressureKpa, double TemperatureC);

/// <summary>What goes wrong, when, and what should be warned of.</summary>
internal sealed record CityIncidents(IReadOnlyList<CityIncident> Scripted, CityRepeatedIncidents Repeated);

/// <summary>One incident. Which fields it needs follows from its kind.</summary>
/// <param name="Kind"><c>overload</c>, <c>tank</c>, <c>tank-truck</c> or <c>camera</c>.</param>
/// <param name="AfterS">Seconds after the start.</param>
/// <param name="Warns">Kind of the warning that it should raise.</param>
internal sealed record CityIncident(string Kind, double AfterS, string Warns)
{
    /// <summary>Overload: where it is weighed.</summary>
    public string? Station { get; init; }

    public int? Lane { get; init; }

    public string? Plate { get; init; }

    /// <summary>Overload: name of a truck type of the fleet.</summary>
    public string? TruckType { get; init; }

    public int? GrossKg { get; init; }

    /// <summary>Tank: whose.</summary>
    public string? Enterprise { get; init; }

    public string? Unit { get; init; }

    /// <summary>Tank truck: its place in the fleet, from 0.</summary>
    public int? Truck { get; init; }

    /// <summary>Tank and tank truck: what changes, <c>pressureKpa</c>, <c>temperatureC</c>, <c>gasPpm</c> or <c>gasPctLel</c>.</summary>
    public string? Figure { get; init; }

    /// <summary>The value it rises to.</summary>
    public double? To { get; init; }

    /// <summary>The limit: a reading at or above it should be warned of.</summary>
    public double? Limit { get; init; }

    /// <summary>Seconds that it rises, and again seconds that it stays there before it falls back as it rose.</summary>
    public double? RisingS { get; init; }

    public double? HoldingS { get; init; }

    /// <summary>Camera: which one, and what it sees.</summary>
    public string? Camera { get; init; }

    public string? Event { get; init; }

    public double? Confidence { get; init; }

    /// <summary>Camera: how often it sees it, and seconds between.</summary>
    public int? Times { get; init; }

    public double? EveryS { get; init; }
}

/// <summary>After the script something goes wrong again and again, drawn from these.</summary>
/// <param name="FirstS">Seconds after the start.</param>
/// <param name="EveryS">Seconds between.</param>
internal sealed record CityRepeatedIncidents(double FirstS, double EveryS, IReadOnlyList<CityTankPattern> Tanks, IReadOnlyList<CityCameraPattern> Cameras);

/// <summary>What may happen to a tank of a substance.</summary>
internal sealed record CityTankPattern(string Substance, string Figure, double To, double Limit, double RisingS, double HoldingS, string Warns);

/// <summary>What a camera that watches an <c>enterprise</c> or a <c>place</c> may see.</summary>
internal sealed record CityCameraPattern(string Watches, string Event, double Confidence, int Times, double EveryS, string Warns);

/// <summary>The files' outermost objects.</summary>
internal sealed record CityStationsFile(IReadOnlyList<CityStation> Stations);

internal sealed record CityCamerasFile(IReadOnlyList<CityCamera> Cameras);

internal sealed record CityEnterprisesFile(IReadOnlyList<CityEnterprise> Enterprises);

/// <summary>Camel case; a field that nobody knows is a typing error and refused, like one that is missing.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    ReadCommentHandling = System.Text.Json.JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(CityStationsFile))]
[JsonSerializable(typeof(CityCamerasFile))]
[JsonSerializable(typeof(CityEnterprisesFile))]
[JsonSerializable(typeof(CityFleet))]
[JsonSerializable(typeof(CityIncidents))]
internal sealed partial class CityJson : JsonSerializerContext;
