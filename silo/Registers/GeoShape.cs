using System.Text.Json;
using Streaming.Models.Geography;
using Streaming.Models.Readings;

namespace Streaming.Silo.Registers;

/// <summary>What <see cref="ShapeMap{T}"/> keeps.</summary>
internal interface IShaped
{
    GeoShape Shape { get; }
}

/// <summary>
/// A geometry of RFC 7946, section 3.1, in millionths of a degree. Lines between its positions are straight on the map of degrees, as the RFC has them; distances take a degree of longitude as shorter by the cosine of the latitude, which within a
/// few kilometres is off by less than a metre.
/// </summary>
internal sealed class GeoShape
{
    /// <summary>A millionth of a degree of latitude, m.</summary>
    private const double MetresPerE6 = 0.111195;

    /// <summary>Lines; of an area its rings: a position within an odd number of them is inside, which is how holes and several polygons come out right.</summary>
    private readonly List<GeoPosition[]> lines = [];

    private GeoShape(bool hasArea) => HasArea = hasArea;

    /// <summary>True where it has an inside.</summary>
    public bool HasArea { get; }

    public int SouthE6 { get; private set; } = int.MaxValue;

    public int NorthE6 { get; private set; } = int.MinValue;

    public int WestE6 { get; private set; } = int.MaxValue;

    public int EastE6 { get; private set; } = int.MinValue;

    /// <summary>Reads a geometry; null where it is none of those that have a length.</summary>
    public static GeoShape? Read(JsonElement geometry)
    {
        if (geometry.ValueKind != JsonValueKind.Object || !geometry.TryGetProperty("type", out JsonElement type) || !geometry.TryGetProperty("coordinates", out JsonElement coordinates))
        {
            return null;
        }

        (bool area, int depth) = type.GetString() switch
        {
            "LineString" => (false, 0),
            "MultiLineString" => (false, 1),
            "Polygon" => (true, 1),
            "MultiPolygon" => (true, 2),
            _ => (false, -1),
        };
        GeoShape shape = new(area);
        return depth >= 0 && shape.TryAdd(coordinates, depth) && shape.lines.Count > 0 ? shape : null;
    }

    /// <summary>The same with a border around the box that it is looked for in, m.</summary>
    public GeoShape Widened(int metres)
    {
        int north = (int)(metres / MetresPerE6) + 1;
        int east = (int)(north / Math.Max(GeoDistance.Cosine(Math.Max(Math.Abs(NorthE6), Math.Abs(SouthE6))), 0.01)) + 1;
        (SouthE6, NorthE6, WestE6, EastE6) = (SouthE6 - north, NorthE6 + north, WestE6 - east, EastE6 + east);
        return this;
    }

    /// <summary>True where a position is inside, by the number of times that a ray to the east crosses its rings.</summary>
    public bool Contains(GeoPosition at)
    {
        if (!HasArea || !IsInBox(at))
        {
            return false;
        }

        bool inside = false;
        foreach (GeoPosition[] ring in lines)
        {
            for (int i = 0, before = ring.Length - 1; i < ring.Length; before = i++)
            {
                (GeoPosition one, GeoPosition other) = (ring[i], ring[before]);
                if (one.LatitudeE6 > at.LatitudeE6 != other.LatitudeE6 > at.LatitudeE6)
                {
                    double share = ((double)at.LatitudeE6 - one.LatitudeE6) / ((double)other.LatitudeE6 - one.LatitudeE6);
                    inside ^= at.LongitudeE6 < one.LongitudeE6 + (share * ((double)other.LongitudeE6 - one.LongitudeE6));
                }
            }
        }

        return inside;
    }

    /// <summary>True where a position is inside, or so near to a line, m.</summary>
    public bool IsWithin(GeoPosition at, int metres)
    {
        if (!IsInBox(at))
        {
            return false;
        }

        double shrink = GeoDistance.Cosine(at.LatitudeE6);
        double most = metres / MetresPerE6;
        foreach (GeoPosition[] line in lines)
        {
            for (int i = 1; i < line.Length; i++)
            {
                if (SquareE6(at, line[i - 1], line[i], shrink) <= most * most)
                {
                    return true;
                }
            }
        }

        return Contains(at);
    }

    /// <summary>Square of the distance from a position to a straight piece, in millionths of a degree of latitude.</summary>
    private static double SquareE6(GeoPosition at, GeoPosition from, GeoPosition to, double shrink)
    {
        double x = ((double)at.LongitudeE6 - from.LongitudeE6) * shrink, y = (double)at.LatitudeE6 - from.LatitudeE6;
        double alongX = ((double)to.LongitudeE6 - from.LongitudeE6) * shrink, alongY = (double)to.LatitudeE6 - from.LatitudeE6;
        double length = (alongX * alongX) + (alongY * alongY);
        double share = length > 0 ? Math.Clamp(((x * alongX) + (y * alongY)) / length, 0, 1) : 0;
        (x, y) = (x - (share * alongX), y - (share * alongY));
        return (x * x) + (y * y);
    }

    private bool IsInBox(GeoPosition at) => at.LatitudeE6 >= SouthE6 && at.LatitudeE6 <= NorthE6 && at.LongitudeE6 >= WestE6 && at.LongitudeE6 <= EastE6;

    private bool TryAdd(JsonElement coordinates, int depth)
    {
        if (coordinates.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        if (depth > 0)
        {
            foreach (JsonElement part in coordinates.EnumerateArray())
            {
                if (!TryAdd(part, depth - 1))
                {
                    return false;
                }
            }

            return true;
        }

        List<GeoPosition> line = [];
        foreach (JsonElement position in coordinates.EnumerateArray())
        {
            if (position.ValueKind != JsonValueKind.Array || position.GetArrayLength() < 2 || !position[0].TryGetDouble(out double east) || !position[1].TryGetDouble(out double north)
                || !(Math.Abs(east) <= 180 && Math.Abs(north) <= 90))
            {
                return false;
            }

            GeoPosition at = new((int)Math.Round(north * 1e6), (int)Math.Round(east * 1e6));
            line.Add(at);
            (SouthE6, NorthE6) = (Math.Min(SouthE6, at.LatitudeE6), Math.Max(NorthE6, at.LatitudeE6));
            (WestE6, EastE6) = (Math.Min(WestE6, at.LongitudeE6), Math.Max(EastE6, at.LongitudeE6));
        }

        lines.Add([.. line]);
        return line.Count >= 2;
    }
}
