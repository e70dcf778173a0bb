using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Geography;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Silo.Views;

namespace Streaming.Silo.Registers;

/// <summary>
/// The registered sites by where they are, so that a truck's reading can say at which of them it was. It follows the lists.
/// </summary>
/// <remarks>
/// What it answers is recorded with the reading, and turns see only that: so it may be behind the register by what the lists are behind, and a replay sees what was seen. Readers take an array of a cell as it stands; one writer, the
/// projector's thread, puts new arrays in their place.
/// </remarks>
internal sealed class SiteMap
{
    /// <summary>Side of a cell, millionths of a degree: about 1.1 km from south to north.</summary>
    private const int CellE6 = 10_000;

    /// <summary>A degree of latitude, m.</summary>
    private const double MetresPerDegree = 111_195;

    private static readonly string Prefix = RegisterSchema.Of(Register.Sites).Name + "/";

    private readonly Dictionary<string, Site[]> byKey = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(int North, int East), Site[]> cells = [];

    /// <summary>Sites that reach over too many cells.</summary>
    private volatile Site[] wide = [];

    /// <summary>Sites at which unloading is permitted at some time. As long as there is none, nothing is said of where a truck is.</summary>
    private volatile int unloading;

    /// <summary>A site for a span of time.</summary>
    private sealed record Site(byte[] Id, GeoPosition Position, int RadiusM, SiteUses Uses, long FromMs, long ToMs);

    /// <summary>Takes over what is on the list.</summary>
    public void Load(ViewReader lists)
    {
        foreach ((string key, byte[] json) in lists.AllOf(RegisterSchema.Of(Register.Sites).Name))
        {
            Put(key, json);
        }
    }

    /// <summary>Takes over what has changed on the list.</summary>
    public void Apply(ViewBatch batch)
    {
        foreach (ViewChange change in batch.Changes)
        {
            if (change.View == View.Registers && change.Key.StartsWith(Prefix, StringComparison.Ordinal))
            {
                Put(change.Key, change.Json);
            }
        }
    }

    /// <summary>The site that a position lies in at a time.</summary>
    public SiteReference At(GeoPosition position, long atMs)
    {
        if (unloading == 0 || !position.IsKnown)
        {
            return default;
        }

        Site? nearest = null;
        double nearestM = double.MaxValue;
        SiteUses uses = SiteUses.None;
        Look(cells.GetValueOrDefault(CellOf(position)) ?? []);
        Look(wide);
        return nearest is null ? new SiteReference { LookUp = SiteLookUp.Nowhere } : new SiteReference { LookUp = SiteLookUp.AtSite, Uses = uses, Id = nearest.Id };

        void Look(Site[] sites)
        {
            foreach (Site site in sites)
            {
                if (site.FromMs <= atMs && atMs < site.ToMs && GeoDistance.StraightM(site.Position, position) is double metres && metres <= site.RadiusM)
                {
                    uses |= site.Uses;
                    (nearest, nearestM) = metres < nearestM ? (site, metres) : (nearest, nearestM);
                }
            }
        }
    }

    private static (int North, int East) CellOf(GeoPosition position) => ((int)Math.Floor(position.LatitudeE6 / (double)CellE6), (int)Math.Floor(position.LongitudeE6 / (double)CellE6));

    private void Put(string key, byte[]? json)
    {
        Site[] after = json is null ? [] : Read(JsonSerializer.Deserialize(json, GrainsJson.Default.EntryRow)!);
        if (byKey.Remove(key, out Site[]? before))
        {
            foreach (Site site in before)
            {
                Place(site, static (there, gone) => [.. there.Where(other => !ReferenceEquals(other, gone))]);
            }
        }

        int unloadingBefore = before is not null && Array.Exists(before, Unloads) ? 1 : 0;
        if (after.Length > 0 && byKey.Count < RegisterLimits.MappedSites)
        {
            byKey.Add(key, after);
            foreach (Site site in after)
            {
                Place(site, static (there, added) => [.. there, added]);
            }
        }

        unloading += (byKey.TryGetValue(key, out Site[]? kept) && Array.Exists(kept, Unloads) ? 1 : 0) - unloadingBefore;
    }

    private static bool Unloads(Site site) => (site.Uses & SiteUses.Unload) != 0;

    /// <summary>Changes what there is of every cell that a site reaches into.</summary>
    private void Place(Site site, Func<Site[], Site, Site[]> change)
    {
        int north = (int)(site.RadiusM / MetresPerDegree * 1e6) + 1;
        double shrink = Math.Max(GeoDistance.Cosine(site.Position.LatitudeE6), 0.001);
        int east = (int)(north / shrink) + 1;
        if ((2L * north / CellE6) * (2L * east / CellE6) > RegisterLimits.CellsPerSite)
        {
            wide = change(wide, site);
            return;
        }

        (int North, int East) low = CellOf(new GeoPosition(site.Position.LatitudeE6 - north, site.Position.LongitudeE6 - east));
        (int North, int East) high = CellOf(new GeoPosition(site.Position.LatitudeE6 + north, site.Position.LongitudeE6 + east));
        for (int y = low.North; y <= high.North; y++)
        {
            for (int x = low.East; x <= high.East; x++)
            {
                Site[] after = change(cells.GetValueOrDefault((y, x)) ?? [], site);
                if (after.Length > 0)
                {
                    cells[(y, x)] = after;
                }
                else
                {
                    cells.TryRemove((y, x), out _);
                }
            }
        }
    }

    /// <summary>The spans that say where the site is; the others tell nothing.</summary>
    private static Site[] Read(EntryRow row)
    {
        byte[] id = Encoding.UTF8.GetBytes(row.Key);
        List<Site> sites = [];
        foreach (EntrySpan span in row.Spans)
        {
            if (!span.Values.TryGetValue("lat", out JsonElement latitude) || !span.Values.TryGetValue("lon", out JsonElement longitude))
            {
                continue;
            }

            SiteUses uses = SiteUses.None;
            if (span.Values.TryGetValue("kinds", out JsonElement kinds))
            {
                foreach (JsonElement kind in kinds.EnumerateArray())
                {
                    uses |= kind.GetString() switch { "load" => SiteUses.Load, "unload" => SiteUses.Unload, _ => SiteUses.None };
                }
            }

            sites.Add(new Site(
                id,
                new GeoPosition((int)Math.Round(latitude.GetDouble() * 1e6), (int)Math.Round(longitude.GetDouble() * 1e6)),
                span.Values.TryGetValue("radiusM", out JsonElement radius) ? radius.GetInt32() : RegisterLimits.SiteRadiusM,
                uses,
                span.From?.ToUnixTimeMilliseconds() ?? long.MinValue,
                span.To?.ToUnixTimeMilliseconds() ?? long.MaxValue));
        }

        return [.. sites];
    }
}
