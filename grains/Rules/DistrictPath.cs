namespace Streaming.Grains.Rules;

/// <summary>
/// Where something belongs: a district, as <c>harbour</c>, or a street of it, as <c>harbour.pier</c>. A district has all of its streets, a street itself alone, so who is for the district sees what concerns its streets.
/// The name says its level, hence nobody has to know the city's districts to judge whose something is: neither a filter of a list nor a turn.
/// </summary>
public static class DistrictPath
{
    /// <summary>Between a district and its street.</summary>
    public const char Separator = '.';

    /// <summary>Whether <paramref name="path"/> is <paramref name="area"/> or a street of it.</summary>
    public static bool Covers(string area, string path) =>
        path.StartsWith(area, StringComparison.Ordinal) && (path.Length == area.Length || path[area.Length] == Separator);

    /// <summary>The district that a path lies in: itself, or that of the street.</summary>
    public static string DistrictOf(string path) => path.IndexOf(Separator, StringComparison.Ordinal) is var end and >= 0 ? path[..end] : path;

    public static bool IsStreet(string path) => path.Contains(Separator, StringComparison.Ordinal);

    /// <summary>A district, or a district and one street of it, neither of them empty.</summary>
    public static bool IsWellFormed(string path) => path.Split(Separator) is { Length: 1 or 2 } parts && Array.TrueForAll(parts, part => part.Length > 0);
}
