using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Silo.Registers;
using Streaming.Silo.Views;
using Xunit;

namespace Streaming.Tests.Registers;

/// <summary>Zones and roads by where they are. A thousandth of a degree of latitude is 111.2 m, one of longitude at 23.1 degrees 102.3 m.</summary>
public sealed class ZoneMapTests
{
    private const string Square = """{"type":"Polygon","coordinates":[[[112.40,23.10],[112.42,23.10],[112.42,23.12],[112.40,23.12],[112.40,23.10]],[[112.405,23.105],[112.415,23.105],[112.415,23.115],[112.405,23.115],[112.405,23.105]]]}""";
    private const string Line = """{"type":"LineString","coordinates":[[112.40,23.10],[112.50,23.10]]}""";
    private readonly ZoneMap map = new();
    private long position;

    [Fact]
    public void A_position_is_in_the_area_that_holds_it_and_not_in_its_hole()
    {
        Assert.False(map.At(new GeoPosition(23_101_000, 112_401_000), 0).ZonesKnown);
        Put("zones", "Z1", $$"""{"rule":"restricted","geometry":{{Square}}}""");
        Assert.Equal(["Z1"], ZonesAt(23_100_001, 112_400_001));
        Assert.Equal([], ZonesAt(23_099_999, 112_401_000));
        Assert.Equal([], ZonesAt(23_110_000, 112_410_000));
        Assert.Equal(["Z1"], ZonesAt(23_118_000, 112_410_000));
        Assert.True(map.At(new GeoPosition(24_000_000, 112_400_000), 0).ZonesKnown);
        Assert.False(map.At(GeoPosition.Unknown, 0).ZonesKnown);
    }

    [Fact]
    public void A_zone_is_for_trucks_of_dangerous_goods_unless_it_says_for_whom_and_carries_its_speed_and_hours()
    {
        Put("zones", "Z1", $$"""{"rule":"slow","speedKmh":30,"hours":"07:00-09:00, 22:30-06:00","geometry":{{Square}}}""");
        Put("zones", "Z2", $$"""{"rule":"restricted","for":["hazmat","rigid"],"geometry":{{Square}}}""");
        Surroundings around = map.At(new GeoPosition(23_101_000, 112_401_000), 0);
        List<(string Id, ZoneRule Rule, int SpeedKmh, uint For, string Holds)> found = [];
        foreach (ZoneReference zone in around)
        {
            string holds = "";
            foreach (int minute in new[] { 419, 420, 539, 540, 1_349, 1_350, 0, 359, 360 })
            {
                holds += zone.HoldsAt(minute) ? "1" : "0";
            }

            found.Add((Encoding.UTF8.GetString(zone.Id), zone.Rule, zone.SpeedKmh, zone.For, holds));
        }

        Assert.Equal([("Z2", ZoneRule.Restricted, 0, 1u | (1u << (int)VehicleClass.Rigid), "111111111"), ("Z1", ZoneRule.Slow, 30, 1u, "011001110")], found);
    }

    [Theory]
    [InlineData("7-9")]
    [InlineData("07:00-25:00")]
    [InlineData("07:00-07:00")]
    [InlineData("1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00,9:00-10:00")]
    public void Hours_that_cannot_be_read_close_a_zone_at_no_time(string hours)
    {
        Put("zones", "Z1", $$"""{"rule":"restricted","hours":"{{hours}}","geometry":{{Square}}}""");
        foreach (ZoneReference zone in map.At(new GeoPosition(23_101_000, 112_401_000), 0))
        {
            Assert.False(zone.IsClosedAt(480));
        }
    }

    [Fact]
    public void A_reading_names_four_zones_at_most_and_closed_ones_first()
    {
        foreach (string key in new[] { "A", "B", "C", "D" })
        {
            Put("zones", key, $$"""{"rule":"slow","geometry":{{Square}}}""");
        }

        Put("zones", "Y", $$"""{"rule":"restricted","geometry":{{Square}}}""");
        Put("zones", "X", $$"""{"rule":"hours","geometry":{{Square}}}""");
        Assert.Equal(["X", "Y", "A", "B"], ZonesAt(23_101_000, 112_401_000));
    }

    [Fact]
    public void A_zone_that_is_changed_or_withdrawn_is_no_longer_where_it_was_and_holds_for_its_time_only()
    {
        Put("zones", "Z1", $$"""{"rule":"restricted","geometry":{{Square}}}""");
        Put("zones", "Z1", $$"""{"rule":"restricted","geometry":{{Square.Replace("23.1", "24.1", StringComparison.Ordinal)}}}""", DateTimeOffset.FromUnixTimeMilliseconds(5_000));
        Assert.Equal([], ZonesAt(23_101_000, 112_401_000));
        Assert.Equal(["Z1"], ZonesAt(24_101_000, 112_401_000, 4_999));
        Assert.Equal([], ZonesAt(24_101_000, 112_401_000, 5_000));
        Apply(new ViewChange(View.Registers, "zones/Z1", null, ++position));
        Assert.False(map.At(new GeoPosition(24_101_000, 112_401_000), 0).ZonesKnown);
    }

    /// <summary>40 m are 359.7 millionths of a degree of latitude.</summary>
    [Fact]
    public void A_position_is_on_a_road_within_its_reach_and_on_none_beside_it()
    {
        Assert.Equal(RoadKind.Unknown, map.At(new GeoPosition(23_100_000, 112_450_000), 0).Road);
        Put("roads", "G4", $$"""{"kind":"expressway","speedKmh":100,"geometry":{{Line}}}""");
        Surroundings on = map.At(new GeoPosition(23_100_359, 112_450_000), 0);
        Assert.Equal((RoadKind.Expressway, 100, "G4"), (on.Road, on.RoadSpeedKmh, Encoding.UTF8.GetString(on.RoadId)));
        Assert.Equal(RoadKind.Nowhere, map.At(new GeoPosition(23_100_361, 112_450_000), 0).Road);
        Assert.Equal(RoadKind.Nowhere, map.At(new GeoPosition(23_100_000, 112_399_000), 0).Road);
    }

    [Fact]
    public void Of_two_roads_side_by_side_the_doubt_is_the_drivers()
    {
        Put("roads", "urban", $$"""{"kind":"urban","speedKmh":40,"geometry":{{Line}}}""");
        Put("roads", "fast", $$"""{"kind":"expressway","speedKmh":70,"geometry":{{Line.Replace("23.10", "23.1001", StringComparison.Ordinal)}}}""");
        Surroundings on = map.At(new GeoPosition(23_100_000, 112_450_000), 0);
        Assert.Equal((RoadKind.Expressway, 70), (on.Road, on.RoadSpeedKmh));
        Put("roads", "third", $$"""{"kind":"rural","geometry":{{Line}}}""");
        on = map.At(new GeoPosition(23_100_000, 112_450_000), 0);
        Assert.Equal((RoadKind.Expressway, 0), (on.Road, on.RoadSpeedKmh));
    }

    /// <summary>Of convex areas a position is inside where it is on one side of all edges.</summary>
    [Fact]
    public void The_map_finds_what_a_walk_through_all_zones_finds()
    {
        Random random = new(7);
        List<(int South, int North, int West, int East)> boxes = [];
        for (int i = 0; i < 200; i++)
        {
            int south = 23_000_000 + random.Next(300_000), west = 112_000_000 + random.Next(300_000), size = i % 20 == 0 ? 700_000 : 20_000;
            (int South, int North, int West, int East) box = (south, south + 1 + random.Next(size), west, west + 1 + random.Next(size));
            boxes.Add(box);
            string[] corners = [.. new[] { (box.West, box.South), (box.East, box.South), (box.East, box.North), (box.West, box.North), (box.West, box.South) }.Select(corner => string.Create(CultureInfo.InvariantCulture, $"[{corner.Item1 / 1e6},{corner.Item2 / 1e6}]"))];
            Put("zones", $"Z{i:D3}", """{"rule":"restricted","geometry":{"type":"MultiPolygon","coordinates":[[[""" + string.Join(',', corners) + "]]]}}");
        }

        int found = 0;
        for (int i = 0; i < 5_000; i++)
        {
            int latitude = 23_000_000 + random.Next(400_000), longitude = 112_000_000 + random.Next(400_000);
            string[] expected = [.. boxes.Select((box, n) => (box, n)).Where(each => latitude >= each.box.South && latitude < each.box.North && longitude >= each.box.West && longitude < each.box.East).Select(each => $"Z{each.n:D3}").Order(StringComparer.Ordinal).Take(4)];
            Assert.Equal(expected, ZonesAt(latitude, longitude));
            found += expected.Length > 0 ? 1 : 0;
        }

        Assert.InRange(found, 500, 4_900);
    }

    private string[] ZonesAt(int latitudeE6, int longitudeE6, long atMs = 0)
    {
        List<string> found = [];
        foreach (ZoneReference zone in map.At(new GeoPosition(latitudeE6, longitudeE6), atMs))
        {
            found.Add(Encoding.UTF8.GetString(zone.Id));
        }

        return [.. found];
    }

    private void Put(string register, string key, string values, DateTimeOffset? to = null)
    {
        ByField<JsonElement> fields = [];
        foreach (JsonProperty property in JsonDocument.Parse(values).RootElement.EnumerateObject())
        {
            fields[property.Name] = property.Value;
        }

        EntryRow row = new(register, key, [new EntrySpan(null, to, fields, [])], [], null, [], false, DateTimeOffset.UnixEpoch);
        Apply(new ViewChange(View.Registers, $"{register}/{key}", JsonSerializer.SerializeToUtf8Bytes(row, GrainsJson.Default.EntryRow), ++position));
    }

    private void Apply(ViewChange change)
    {
        ViewBatch batch = new() { Position = change.Position };
        batch.Changes.Add(change);
        map.Apply(batch);
    }
}
