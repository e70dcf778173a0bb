using Streaming.Models.Geography;
using Streaming.Models.Readings;
using Xunit;

namespace Streaming.Tests.Models;

public sealed class GeoDistanceTests
{
    /// <summary>The library's own functions, which no turn may use, on positions all over the Earth: the chord of the angle that the spherical law of haversines gives.</summary>
    [Fact]
    public void It_is_the_chord_of_the_great_circle()
    {
        Random random = new(7);
        for (int i = 0; i < 10_000; i++)
        {
            GeoPosition one = new(random.Next(-90_000_000, 90_000_001), random.Next(-180_000_000, 180_000_001));
            GeoPosition other = i % 2 == 0
                ? new(random.Next(-90_000_000, 90_000_001), random.Next(-180_000_000, 180_000_001))
                : new(Math.Clamp(one.LatitudeE6 + random.Next(-200_000, 200_001), -90_000_000, 90_000_000), one.LongitudeE6 + random.Next(-200_000, 200_001));
            double expected = 2 * 6_371_008.8 * Math.Sin(Angle(one, other) / 2);
            Assert.Equal(expected, GeoDistance.StraightM(one, other), 0.001);
        }
    }

    [Fact]
    public void A_degree_of_a_meridian_is_as_long_as_the_radius_says_and_of_the_sixtieth_parallel_half_as_long()
    {
        Assert.Equal(111_195.08, GeoDistance.StraightM(new(0, 0), new(1_000_000, 0)), 2.0);
        Assert.Equal(111_195.08 / 2, GeoDistance.StraightM(new(60_000_000, 0), new(60_000_000, 1_000_000)), 2.0);
        Assert.Equal(22_239.0, GeoDistance.StraightM(new(0, 179_900_000), new(0, -179_900_000)), 1.0);
    }

    [Fact]
    public void A_position_that_is_not_known_is_at_no_distance() => Assert.True(double.IsNaN(GeoDistance.StraightM(GeoPosition.Unknown, new(0, 0))));

    private static double Angle(GeoPosition one, GeoPosition other)
    {
        static double Radians(int e6) => e6 * Math.PI / 180e6;
        double north = Math.Sin((Radians(one.LatitudeE6) - Radians(other.LatitudeE6)) / 2);
        double east = Math.Sin((Radians(one.LongitudeE6) - Radians(other.LongitudeE6)) / 2);
        return 2 * Math.Asin(Math.Min(1, Math.Sqrt((north * north) + (Math.Cos(Radians(one.LatitudeE6)) * Math.Cos(Radians(other.LatitudeE6)) * east * east))));
    }
}
