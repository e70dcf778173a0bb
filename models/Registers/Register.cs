namespace Streaming.Models.Registers;

/// <summary>The registers of a city: what its departments know of subjects beyond readings. Persisted: numbers are never reused.</summary>
public enum Register : byte
{
    None = 0,

    /// <summary>Vehicles, by plate and colour.</summary>
    Vehicles = 1,

    /// <summary>Over-limit transport permits (超限运输车辆通行证), by number.</summary>
    Permits = 2,

    /// <summary>Enterprises, by unified social credit code.</summary>
    Enterprises = 3,

    /// <summary>Permits of an enterprise to handle a substance, by number.</summary>
    SubstancePermits = 4,

    /// <summary>Tanks and process units, by enterprise and unit.</summary>
    Tanks = 5,

    /// <summary>Drivers and escorts, by number of their qualification.</summary>
    Drivers = 6,

    /// <summary>Waybills (危险货物道路运输运单), by number.</summary>
    Waybills = 7,

    /// <summary>Loading and unloading places, by id.</summary>
    Sites = 8,

    /// <summary>Roads, by id.</summary>
    Roads = 9,

    /// <summary>Zones: restricted, slow or closed at hours, by id.</summary>
    Zones = 10,

    /// <summary>Weigh stations, by id.</summary>
    Stations = 11,

    /// <summary>Distances by road between two stations, by both ids.</summary>
    Distances = 12,

    /// <summary>People of the departments, by id.</summary>
    Staff = 13,
}

/// <summary>What the value of a field is, and so how it stands in a statement. Persisted by way of the schema: a field never changes its kind.</summary>
public enum RegisterFieldKind : byte
{
    /// <summary>A text without control characters.</summary>
    Text = 1,

    /// <summary>A number, kept as a whole multiple of its unit's power of ten.</summary>
    Number = 2,

    /// <summary>One of a few words.</summary>
    Word = 3,

    /// <summary>Several of a few words, kept with commas between and in the schema's order.</summary>
    Words = 4,

    /// <summary>A day or time, kept in ms since 1970-01-01T00:00Z.</summary>
    Time = 5,

    /// <summary>A GeoJSON geometry (RFC 7946), kept as it came.</summary>
    Geometry = 6,

    /// <summary>A vehicle: plate, with its colour behind a hyphen where known.</summary>
    Plate = 7,
}
