namespace Streaming.Silo.Registers;

/// <summary>Every bound of the maps of sites, zones and roads, in one place.</summary>
internal static class RegisterLimits
{
    /// <summary>Sites on the map, and zones and roads on theirs; further ones are not looked up.</summary>
    public const int MappedSites = 100_000;

    /// <summary>Cells that a site, zone or road may reach into; one that reaches further is compared with every position.</summary>
    public const int CellsPerSite = 1_024;

    /// <summary>How far a site reaches whose entry does not say, m. Not verified.</summary>
    public const int SiteRadiusM = 300;

    /// <summary>A position so near to a registered road's line may be on it, m: half the width of a wide road, and the error of a receiver. Not verified.</summary>
    public const int RoadReachM = 40;

    /// <summary>Plates that are remembered for a while, in slots by hash: 2 MB.</summary>
    public const int RememberedPlates = 65_536;

    /// <summary>The longest key of a plate that is looked for, bytes of UTF-8.</summary>
    public const int PlateBytes = 48;

    /// <summary>A plate read with less confidence may be another one, per mille; one read with as much is remembered. Not verified.</summary>
    public const int SurePlatePermille = 950;

    /// <summary>A plate was plausible at a place where it was read near there within this time, s. Not verified.</summary>
    public const int PlausibleWithinS = 600;

    /// <summary>And this distance, m. Not verified.</summary>
    public const int PlausibleWithinM = 5_000;

    /// <summary>And could have come there at this speed, m/s: 180 km/h, in the driver's favour. Not verified.</summary>
    public const int PlausibleMetresPerS = 50;

    /// <summary>By so much the clocks of two devices may differ, s. Not verified.</summary>
    public const int PlausibleClockS = 30;
}
