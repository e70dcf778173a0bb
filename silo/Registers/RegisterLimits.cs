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
}
