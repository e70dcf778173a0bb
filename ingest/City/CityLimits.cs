namespace Streaming.Ingest.City;

/// <summary>Every bound of the simulated city.</summary>
internal static class CityLimits
{
    /// <summary>Readings a second that the simulated city may be asked for. It is a city, not a load generator; <c>bench</c> is that.</summary>
    public const int ReadingsPerSecond = 20_000;

    /// <summary>A file of the city's definition.</summary>
    public const int FileBytes = 4 * 1024 * 1024;

    /// <summary>Stations, cameras, enterprises, incidents: entries of one list.</summary>
    public const int Entries = 5_000;

    /// <summary>Trucks and cars.</summary>
    public const int Vehicles = 500_000;

    /// <summary>Goods on the road between enterprises; past that they arrive sooner.</summary>
    public const int ShipmentsUnderWay = 10_000;

    /// <summary>How far behind the generator may fall before it skips ahead, ms: a process that was stopped for an hour must not pour out the hour at once.</summary>
    public const long CatchUpMs = 5_000;

    /// <summary>Devices registered at the same time.</summary>
    public const int RegistrationsAtOnce = 8;

    /// <summary>Readings of one device that wait for their acknowledgement. Past that the device's newer readings are dropped and counted: it is a demonstration, and memory is not.</summary>
    public const int InFlightPerDevice = 1_000;
}
