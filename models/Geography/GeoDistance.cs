using Streaming.Models.Readings;

namespace Streaming.Models.Geography;

/// <summary>Distances between positions, from operations whose last bit is the same on every machine: the library's sine is not one of them.</summary>
public static class GeoDistance
{
    /// <summary>Mean radius of the Earth, m: the mean of WGS 84's semi-axes (2a + b) / 3.</summary>
    private const double EarthRadiusM = 6_371_008.8;

    private const double RadiansPerE6 = Math.PI / 180e6;

    /// <summary>
    /// The straight line between two positions on the sphere, m: haversine's chord, which no road is shorter than. Up to 100 km it is less than 2 m short of the arc; the sphere itself is up to 0.5 % off the ellipsoid.
    /// Not a number where either is unknown.
    /// </summary>
    public static double StraightM(GeoPosition one, GeoPosition other)
    {
        if (!one.IsKnown || !other.IsKnown)
        {
            return double.NaN;
        }

        double north = Sine(((double)one.LatitudeE6 - other.LatitudeE6) * RadiansPerE6 / 2);
        double turn = Math.Abs((double)one.LongitudeE6 - other.LongitudeE6);
        double east = Sine((turn > 180e6 ? 360e6 - turn : turn) * RadiansPerE6 / 2);
        return 2 * EarthRadiusM * Math.Sqrt((north * north) + (Cosine(one.LatitudeE6) * Cosine(other.LatitudeE6) * east * east));
    }

    /// <summary>Cosine of a latitude in millionths of a degree, -90 to 90 degrees.</summary>
    public static double Cosine(int latitudeE6) => Sine((Math.PI / 2) - (Math.Abs((double)latitudeE6) * RadiansPerE6));

    /// <summary>Taylor's series up to the 15th power: within 1e-11 for an angle of at most a quarter turn.</summary>
    private static double Sine(double radians)
    {
        double square = radians * radians;
        double sum = 1;
        for (int factor = 15; factor > 1; factor -= 2)
        {
            sum = 1 - (square / (factor * (factor - 1)) * sum);
        }

        return radians * sum;
    }
}
