using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Driving;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Models.Wording;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Whether a vehicle is in a zone that is closed to it. Which zones a reading was in stands in the reading; hours, whom a zone is for and permits are judged here. Where nobody could tell, nothing changes. The warning is cleared once the vehicle is
/// outside or the hours are over, and where a register now says that a permit opens the zone; its case stays.
/// </summary>
internal sealed class ZoneWatch
{
    public const string Kind = "forbidden-zone";
    private const string Model = "forbidden-zone/1";

    /// <summary>Readings in a row inside, and outside.</summary>
    private byte inside;
    private byte outside;

    /// <summary>The zone that the open warning names last, UTF-8; null while there is none.</summary>
    private byte[]? zone;

    /// <summary>When it was seen inside first and last, ms since 1970.</summary>
    private long firstMs;
    private long newestMs;

    public static void Hear(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, scoped in TripView view, ref ZoneWatch? watch, ref OpenWarnings? warnings)
    {
        if (turn.Rules.Vehicles.ForbiddenZones is not { } rules || !truck.Around.ZonesKnown)
        {
            return;
        }

        scoped ZoneReference closed = default;
        bool within = false, still = false;
        foreach (ZoneReference here in truck.Around)
        {
            bool mine = (here.For & view.Whom) != 0 && here.Rule != ZoneRule.Slow;
            still |= watch?.zone is { } warned && here.Id.SequenceEqual(warned);
            if (!within && mine && here.IsClosedAt(view.Minute) && view.Registration?.Opens(here.Id, view.AtMs) is null)
            {
                closed = here;
                within = true;
            }
        }

        if (!within && watch is null)
        {
            return;
        }

        watch ??= new ZoneWatch();
        if (within)
        {
            watch.Enter(turn, message, truck, closed, rules, ref warnings);
        }
        else
        {
            watch.Leave(turn, message.Header.AtMs, still, rules, warnings);
        }
    }

    private void Enter(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, scoped in ZoneReference closed, ForbiddenZoneRules rules, ref OpenWarnings? warnings)
    {
        outside = 0;
        inside = (byte)Math.Min(byte.MaxValue, inside + 1);
        if (inside < rules.Readings)
        {
            return;
        }

        warnings ??= new OpenWarnings();
        bool other = zone is null || !closed.Id.SequenceEqual(zone);
        newestMs = message.Header.AtMs;
        if (!warnings.IsToTell(Kind, other, turn.NowMs, rules.UpdateEveryS, message.Header.AtMs))
        {
            return;
        }

        firstMs = warnings.Find(Kind) is null ? message.Header.AtMs : firstMs;
        zone = other ? closed.Id.ToArray() : zone;
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal);
        if (truck.Position.IsKnown)
        {
            figures["latitudeDeg"] = truck.Position.LatitudeE6 / 1e6;
            figures["longitudeDeg"] = truck.Position.LongitudeE6 / 1e6;
        }

        if (truck.SpeedTenthKmh >= 0)
        {
            figures["speedKmh"] = truck.SpeedTenthKmh / 10.0;
        }

        string id = Encoding.UTF8.GetString(closed.Id);
        string at = FigureText.Time(message.Header.AtMs);
        bool hours = closed.Hours.Length > 0;
        bool hazmat = (closed.For & 1) != 0;
        warnings.Raise(turn, ActorKind.Vehicle, message, default, new Finding(
            Kind,
            rules.Severity,
            rules.Confidence,
            Model,
            new Explanation(
                $"At {at} the vehicle was in zone {id}, which is closed to {(hazmat ? "trucks of dangerous goods" : "its class of vehicle")}{(hours ? " at this time of the day" : "")}. No permit that opens the zone and was valid then is registered ({rules.LegalSource}).",
                $"{at}，车辆位于区域{id}内，该区域{(hours ? "此时段" : "")}禁止{(hazmat ? "危险货物运输车辆" : "该类车辆")}通行。未登记当时有效的该区域通行许可（{rules.LegalSource}）。"),
            figures,
            $"zone {id} closed{(hours ? " at this time of the day" : "")}",
            rules.LegalSource));
    }

    private void Leave(scoped in Turn turn, long atMs, bool still, ForbiddenZoneRules rules, OpenWarnings? warnings)
    {
        inside = 0;
        outside = (byte)Math.Min(byte.MaxValue, outside + 1);
        if (zone is null || outside < rules.Readings)
        {
            return;
        }

        string id = Encoding.UTF8.GetString(zone);
        zone = null;
        warnings?.Clear(turn, ActorKind.Vehicle, Kind, atMs, still
            ? new Explanation($"Cleared: zone {id} is not closed to the vehicle any more.", $"已解除：区域{id}已不再对该车禁行。")
            : new Explanation($"Cleared: the vehicle has left zone {id}.", $"已解除：车辆已驶离区域{id}。"));
    }

    public void Reconsider(scoped in Turn turn, EntryChanged changed, VehicleRegistration? registration, OpenWarnings? warnings)
    {
        if (zone is null || registration is null || warnings?.Find(Kind) is null || registration.Opens(zone, newestMs) is not { } permit || registration.Opens(zone, firstMs) is null)
        {
            return;
        }

        string id = Encoding.UTF8.GetString(zone);
        string entry = $"{RegisterSchema.Of(changed.Register).Name}/{changed.Key}";
        zone = null;
        warnings.Clear(turn, ActorKind.Vehicle, Kind, turn.NowMs, new Explanation(
            $"Cleared, since {changed.By} changed the entry {entry}: permit {permit.Number} opens zone {id}.", $"已解除：{changed.By}变更了登记{entry}，许可{permit.Number}允许进入区域{id}。"));
    }

    public static void Write(ZoneWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is null)
        {
            return;
        }

        writer.WriteByte(watch.inside);
        writer.WriteByte(watch.outside);
        writer.WriteBool(watch.zone is not null);
        if (watch.zone is not null)
        {
            writer.WriteBytes(watch.zone);
            writer.WriteInt64(watch.firstMs);
            writer.WriteInt64(watch.newestMs);
        }
    }

    public static ZoneWatch? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        ZoneWatch watch = new() { inside = reader.ReadByte(), outside = reader.ReadByte() };
        if (reader.ReadBool())
        {
            (watch.zone, watch.firstMs, watch.newestMs) = (reader.ReadBytes().ToArray(), reader.ReadInt64(), reader.ReadInt64());
        }

        return watch;
    }
}
