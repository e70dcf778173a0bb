using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Geography;
using Streaming.Models.Readings;
using Streaming.Silo.Registers;
using Streaming.Silo.Views;
using Xunit;

namespace Streaming.Tests.Registers;

public sealed class SiteMapTests
{
    private readonly SiteMap sites = new();
    private long position;

    [Fact]
    public void A_position_is_at_the_site_that_it_is_in_and_nowhere_just_outside()
    {
        Put("L1", """{"lat":23.1,"lon":112.4,"radiusM":200,"kinds":["unload"]}""");

        // 200 m are 1,798.6 millionths of a degree along a meridian.
        Assert.Equal((SiteLookUp.AtSite, SiteUses.Unload, "L1"), At(23_101_798, 112_400_000));
        Assert.Equal((SiteLookUp.Nowhere, SiteUses.None, ""), At(23_101_799, 112_400_000));
        Assert.Equal(SiteLookUp.None, sites.At(GeoPosition.Unknown, 0).LookUp);
    }

    [Fact]
    public void Nothing_is_said_as_long_as_no_site_to_unload_at_is_registered_or_once_none_is_any_more()
    {
        Put("L1", """{"lat":23.1,"lon":112.4,"radiusM":200,"kinds":["load"]}""");
        Assert.Equal(SiteLookUp.None, At(23_100_000, 112_400_000).LookUp);
        Put("U1", """{"lat":24.1,"lon":112.4,"kinds":["unload"]}""");
        Assert.Equal((SiteLookUp.AtSite, SiteUses.Load, "L1"), At(23_100_000, 112_400_000));
        Put("U1", """{"lat":24.1,"lon":112.4,"kinds":["unload"]}""");
        Take("U1");
        Assert.Equal(SiteLookUp.None, At(23_100_000, 112_400_000).LookUp);
    }

    [Fact]
    public void Where_sites_overlap_all_that_may_be_done_there_counts_and_the_nearest_has_its_name()
    {
        Put("A", """{"lat":23.1,"lon":112.4,"radiusM":2000,"kinds":["unload"]}""");
        Put("B", """{"lat":23.101,"lon":112.4,"radiusM":500,"kinds":["load"]}""");
        Assert.Equal((SiteLookUp.AtSite, SiteUses.Load | SiteUses.Unload, "B"), At(23_101_100, 112_400_000));
    }

    [Fact]
    public void A_site_that_is_moved_is_no_longer_where_it_was_and_holds_for_its_time_only()
    {
        Put("A", """{"lat":23.1,"lon":112.4,"radiusM":200,"kinds":["unload"]}""");
        Put("A", """{"lat":23.5,"lon":112.4,"radiusM":200,"kinds":["unload"]}""", to: DateTimeOffset.FromUnixTimeMilliseconds(5_000));
        Assert.Equal(SiteLookUp.Nowhere, At(23_100_000, 112_400_000).LookUp);
        Assert.Equal(SiteLookUp.AtSite, At(23_500_000, 112_400_000, 4_999).LookUp);
        Assert.Equal(SiteLookUp.Nowhere, At(23_500_000, 112_400_000, 5_000).LookUp);
    }

    [Fact]
    public void The_map_finds_what_a_walk_through_all_sites_finds()
    {
        Random random = new(11);
        List<(GeoPosition Position, int RadiusM)> all = [];
        for (int i = 0; i < 400; i++)
        {
            GeoPosition centre = new(random.Next(-80_000_000, 80_000_000), random.Next(-170_000_000, 170_000_000));
            centre = i % 2 == 0 ? new(23_000_000 + random.Next(200_000), 112_000_000 + random.Next(200_000)) : centre;
            int radiusM = random.Next(10) == 0 ? random.Next(1, 100_000) : random.Next(1, 3_000);
            all.Add((centre, radiusM));
            Put($"S{i}", string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"lat":{{centre.LatitudeE6 / 1e6}},"lon":{{centre.LongitudeE6 / 1e6}},"radiusM":{{radiusM}},"kinds":["unload"]}"""));
        }

        int found = 0;
        for (int i = 0; i < 20_000; i++)
        {
            (GeoPosition near, int radiusM) = all[random.Next(all.Count)];
            int about = Math.Max(100, radiusM * 12);
            GeoPosition position = new(Math.Clamp(near.LatitudeE6 + random.Next(-about, about), -90_000_000, 90_000_000), near.LongitudeE6 + random.Next(-about, about));
            bool expected = all.Exists(site => GeoDistance.StraightM(site.Position, position) <= site.RadiusM);
            Assert.Equal(expected ? SiteLookUp.AtSite : SiteLookUp.Nowhere, sites.At(position, 0).LookUp);
            found += expected ? 1 : 0;
        }

        Assert.InRange(found, 2_000, 18_000);
    }

    private (SiteLookUp LookUp, SiteUses Uses, string Id) At(int latitudeE6, int longitudeE6, long atMs = 0)
    {
        SiteReference found = sites.At(new GeoPosition(latitudeE6, longitudeE6), atMs);
        return (found.LookUp, found.Uses, Encoding.UTF8.GetString(found.Id));
    }

    private void Put(string key, string values, DateTimeOffset? to = null)
    {
        ByField<JsonElement> fields = [];
        foreach (JsonProperty property in JsonDocument.Parse(values).RootElement.EnumerateObject())
        {
            fields[property.Name] = property.Value;
        }

        EntryRow row = new("sites", key, [new EntrySpan(null, to, fields, [])], [], null, [], false, DateTimeOffset.UnixEpoch);
        Apply(new ViewChange(View.Registers, $"sites/{key}", JsonSerializer.SerializeToUtf8Bytes(row, GrainsJson.Default.EntryRow), ++position));
    }

    private void Take(string key) => Apply(new ViewChange(View.Registers, $"sites/{key}", null, ++position));

    private void Apply(ViewChange change)
    {
        ViewBatch batch = new() { Position = change.Position };
        batch.Changes.Add(change);
        sites.Apply(batch);
    }
}
