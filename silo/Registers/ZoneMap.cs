using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Silo.Views;

namespace Streaming.Silo.Registers;

/// <summary>The registered zones and roads by where they are, so that a truck's reading can say what it was in and on. It follows the lists.</summary>
/// <remarks>Concurrency as of <see cref="SiteMap"/>: one writer puts new arrays into the place of old ones; what is answered is recorded, so being a little behind does no harm.</remarks>
internal sealed class ZoneMap
{
    private static readonly string ZonePrefix = RegisterSchema.Of(Register.Zones).Name + "/";
    private static readonly string RoadPrefix = RegisterSchema.Of(Register.Roads).Name + "/";

    private readonly ShapeMap<Zone> zones = new();
    private readonly ShapeMap<Road> roads = new();

    /// <summary>Takes over what is on the lists.</summary>
    public void Load(ViewReader lists)
    {
        foreach (Register register in new[] { Register.Zones, Register.Roads })
        {
            foreach ((string key, byte[] json) in lists.AllOf(RegisterSchema.Of(register).Name))
            {
                Put(key, json);
            }
        }
    }

    /// <summary>Takes over what has changed on the lists.</summary>
    public void Apply(ViewBatch batch)
    {
        foreach (ViewChange change in batch.Changes)
        {
            if (change.View == View.Registers)
            {
                Put(change.Key, change.Json);
            }
        }
    }

    /// <summary>What a position lies in and on at a time.</summary>
    public Surroundings At(GeoPosition position, long atMs)
    {
        Surroundings around = default;
        if (!position.IsKnown)
        {
            return around;
        }

        if (!zones.IsEmpty)
        {
            around.ZonesKnown = true;
            around.ZoneBytes = ZonesAt(position, atMs);
        }

        if (!roads.IsEmpty)
        {
            SetRoad(ref around, position, atMs);
        }

        return around;
    }

    private ReadOnlySpan<byte> ZonesAt(GeoPosition position, long atMs)
    {
        Zone? only = null;
        List<Zone>? several = null;
        Look(zones.Near(position), ref only, ref several);
        Look(zones.Wide, ref only, ref several);
        if (several is null)
        {
            return only is null ? default : only.Bytes;
        }

        several.Sort(static (one, other) => one.Rule == ZoneRule.Slow != (other.Rule == ZoneRule.Slow) ? (one.Rule == ZoneRule.Slow).CompareTo(other.Rule == ZoneRule.Slow) : string.CompareOrdinal(one.Key, other.Key));
        return several.Take(Surroundings.Zones).SelectMany(static zone => zone.Bytes).ToArray();

        void Look(Zone[] near, ref Zone? only, ref List<Zone>? several)
        {
            foreach (Zone zone in near)
            {
                if (zone.FromMs > atMs || atMs >= zone.ToMs || !zone.Shape.Contains(position))
                {
                    continue;
                }

                if (only is null)
                {
                    only = zone;
                    continue;
                }

                (several ??= [only]).Add(zone);
            }
        }
    }

    /// <summary>Of the roads within reach the one whose limits are the highest: a position does not tell a ramp from the expressway beside it, and the doubt is the driver's.</summary>
    private void SetRoad(ref Surroundings around, GeoPosition position, long atMs)
    {
        Road? best = null;
        bool unposted = false;
        int speedKmh = 0;
        Look(roads.Near(position), ref best, ref unposted, ref speedKmh);
        Look(roads.Wide, ref best, ref unposted, ref speedKmh);
        around.Road = best?.Kind ?? RoadKind.Nowhere;
        around.RoadId = best is null ? default : best.Id;
        around.RoadSpeedKmh = unposted ? 0 : speedKmh;

        void Look(Road[] near, ref Road? best, ref bool unposted, ref int speedKmh)
        {
            foreach (Road road in near)
            {
                if (road.FromMs <= atMs && atMs < road.ToMs && road.Shape.IsWithin(position, RegisterLimits.RoadReachM))
                {
                    best = best is null || Favour(road.Kind) > Favour(best.Kind) || (Favour(road.Kind) == Favour(best.Kind) && road.SpeedKmh > best.SpeedKmh) ? road : best;
                    unposted |= road.SpeedKmh == 0;
                    speedKmh = Math.Max(speedKmh, road.SpeedKmh);
                }
            }
        }
    }

    private static int Favour(RoadKind kind) => kind is RoadKind.Expressway or RoadKind.Unsaid ? 1 : 0;

    private void Put(string key, byte[]? json)
    {
        if (key.StartsWith(ZonePrefix, StringComparison.Ordinal))
        {
            zones.Put(key, json is null ? [] : ReadZones(JsonSerializer.Deserialize(json, GrainsJson.Default.EntryRow)!));
        }
        else if (key.StartsWith(RoadPrefix, StringComparison.Ordinal))
        {
            roads.Put(key, json is null ? [] : ReadRoads(JsonSerializer.Deserialize(json, GrainsJson.Default.EntryRow)!));
        }
    }

    private static Zone[] ReadZones(EntryRow row)
    {
        List<Zone> read = [];
        foreach (EntrySpan span in row.Spans)
        {
            if (!span.Values.TryGetValue("geometry", out JsonElement geometry) || GeoShape.Read(geometry) is not { } shape || !shape.HasArea || !span.Values.TryGetValue("rule", out JsonElement rule))
            {
                continue;
            }

            byte[]? hours = ZoneHours.Read(span.Values.TryGetValue("hours", out JsonElement text) ? text.GetString() : null);
            ZoneRule holds = rule.GetString() switch { "restricted" => ZoneRule.Restricted, "slow" => ZoneRule.Slow, _ => ZoneRule.Hours };
            if (hours is null)
            {
                // Hours that nobody can read are those of nobody: a zone closed at unknown hours closes at none.
                (holds, hours) = (ZoneRule.Hours, []);
            }

            ByteWriter bytes = new(64);
            new ZoneReference
            {
                Rule = holds,
                SpeedKmh = span.Values.TryGetValue("speedKmh", out JsonElement speed) ? speed.GetInt32() : 0,
                For = ForWhom(span),
                Hours = hours,
                Id = System.Text.Encoding.UTF8.GetBytes(row.Key),
            }.Write(bytes);
            read.Add(new Zone(row.Key, holds, bytes.Written.ToArray(), shape, span.From?.ToUnixTimeMilliseconds() ?? long.MinValue, span.To?.ToUnixTimeMilliseconds() ?? long.MaxValue));
        }

        return [.. read];
    }

    private static uint ForWhom(EntrySpan span)
    {
        uint whom = 0;
        if (span.Values.TryGetValue("for", out JsonElement words))
        {
            foreach (JsonElement word in words.EnumerateArray())
            {
                whom |= 1u << (int)VehicleClassNames.Parse(word.GetString());
            }
        }

        return whom == 0 ? 1 : whom;
    }

    private static Road[] ReadRoads(EntryRow row)
    {
        List<Road> read = [];
        foreach (EntrySpan span in row.Spans)
        {
            if (!span.Values.TryGetValue("geometry", out JsonElement geometry) || GeoShape.Read(geometry) is not { } shape)
            {
                continue;
            }

            RoadKind kind = !span.Values.TryGetValue("kind", out JsonElement word) ? RoadKind.Unsaid : word.GetString() switch
            {
                "expressway" => RoadKind.Expressway,
                "trunk" => RoadKind.Trunk,
                "urban" => RoadKind.Urban,
                "rural" => RoadKind.Rural,
                _ => RoadKind.Unsaid,
            };
            read.Add(new Road(
                System.Text.Encoding.UTF8.GetBytes(row.Key), kind, span.Values.TryGetValue("speedKmh", out JsonElement speed) ? speed.GetInt32() : 0, shape.Widened(RegisterLimits.RoadReachM),
                span.From?.ToUnixTimeMilliseconds() ?? long.MinValue, span.To?.ToUnixTimeMilliseconds() ?? long.MaxValue));
        }

        return [.. read];
    }

    /// <summary>A zone for a span of time, with what readings carry of it.</summary>
    private sealed record Zone(string Key, ZoneRule Rule, byte[] Bytes, GeoShape Shape, long FromMs, long ToMs) : IShaped;

    /// <summary>A road for a span of time.</summary>
    private sealed record Road(byte[] Id, RoadKind Kind, int SpeedKmh, GeoShape Shape, long FromMs, long ToMs) : IShaped;
}
