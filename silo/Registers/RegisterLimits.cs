namespace Streaming.Silo.Registers;

/// <summary>Every bound of the map of sites, in one place.</summary>
internal static class RegisterLimits
{
    /// <summary>Sites on the map; further ones are not looked up.</summary>
    public const int MappedSites = 100_000;

    /// <summary>Cells that a site may reach into; one that reaches further is compared with every position.</summary>
    public const int CellsPerSite = 1_024;

    /// <summary>How far a site reaches whose entry does not say, m. Not verified.</summary>
    public const int SiteRadiusM = 300;
}
