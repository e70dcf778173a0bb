namespace Streaming.Models.Readings;

/// <summary>Names of vehicle classes, in readings, registers and the API.</summary>
public static class VehicleClassNames
{
    private static readonly (VehicleClass Class, string Name, byte[] Utf8)[] Names =
        [.. Enum.GetValues<VehicleClass>().Where(each => each != VehicleClass.Unknown).Select(each => (each, Lower(each), System.Text.Encoding.UTF8.GetBytes(Lower(each))))];

    /// <summary>All names but that of the unknown class, in the order of their numbers.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.Select(each => each.Name)];

    /// <summary>The name; null for the unknown class.</summary>
    public static string? Name(this VehicleClass vehicleClass)
    {
        foreach ((VehicleClass known, string name, _) in Names)
        {
            if (known == vehicleClass)
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>The class of a name; unknown for any other word.</summary>
    public static VehicleClass Parse(string? name)
    {
        foreach ((VehicleClass known, string its, _) in Names)
        {
            if (its == name)
            {
                return known;
            }
        }

        return VehicleClass.Unknown;
    }

    /// <summary>The same for UTF-8.</summary>
    public static VehicleClass Parse(ReadOnlySpan<byte> utf8)
    {
        foreach ((VehicleClass known, _, byte[] its) in Names)
        {
            if (utf8.SequenceEqual(its))
            {
                return known;
            }
        }

        return VehicleClass.Unknown;
    }

    private static string Lower(VehicleClass vehicleClass) => vehicleClass.ToString().ToLowerInvariant();
}
