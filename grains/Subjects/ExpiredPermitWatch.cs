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
/// Whether a vehicle works by a permit that has run out. An over-limit permit matters where a weighing is over the limit of the road and within what the permit allowed: who drives empty needs none. A licence for dangerous goods in the register of
/// vehicles matters where the truck is under way with a load, or shows an orange plate. A register that comes to know of a renewal clears the warning; otherwise it ends with its case.
/// </summary>
internal sealed class ExpiredPermitWatch
{
    public const string Kind = "expired-permit";
    private const string Model = "expired-permit/1";
    private const long DayMs = 86_400_000;

    /// <summary>The mass that a permit would have to allow, kg; 0 where it is about the licence for dangerous goods.</summary>
    private int grossKg;

    /// <summary>When it was found first and last, ms since 1970.</summary>
    private long firstMs;
    private long newestMs;

    /// <summary>A weighing.</summary>
    public static void Weighed(scoped in Turn turn, scoped in Message message, scoped in WeighedMass weighed, ref ExpiredPermitWatch? watch, ref OpenWarnings? warnings)
    {
        if (turn.Rules.Vehicles.ExpiredPermits is not { } rules || !weighed.Road.IsOver || weighed.Registration?.EndedPermit(weighed.Weighing.GrossKg, weighed.AtMs) is not { } permit)
        {
            return;
        }

        long agoMs = weighed.AtMs - permit.ToMs;
        if (agoMs < rules.GraceDays * DayMs || agoMs > rules.PermitWithinDays * DayMs)
        {
            return;
        }

        string gross = FigureText.Whole(weighed.Weighing.GrossKg), limit = FigureText.Whole(weighed.Road.LimitKg), allowed = FigureText.Whole(permit.GrossKg), ended = FigureText.Time(permit.ToMs), days = FigureText.Whole(agoMs / DayMs);
        Raise(turn, message, weighed.Weighing.Image, weighed.Weighing.GrossKg, rules, new Finding(
            Kind,
            rules.Severity,
            rules.Confidence,
            Model,
            new Explanation(
                $"The vehicle was weighed at {gross} kg, over the limit of {limit} kg. Its over-limit transport permit {permit.Number} for {allowed} kg ran out at {ended}, {days} days before, and none that was valid then is registered ({rules.LegalSource}).",
                $"车辆称重{gross} kg，超过限值{limit} kg。其超限运输车辆通行证{permit.Number}（{allowed} kg）已于{ended}到期，距当时{days}天，未登记当时有效的通行证（{rules.LegalSource}）。"),
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["grossKg"] = weighed.Weighing.GrossKg, ["limitKg"] = weighed.Road.LimitKg, ["permitKg"] = permit.GrossKg, ["expiredDays"] = Math.Floor(agoMs / (double)DayMs) },
            "a permit that is valid",
            rules.LegalSource), ref watch, ref warnings);
    }

    /// <summary>Telemetry of a truck that is its newest.</summary>
    public static void Heard(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, VehicleRegistration? registration, ref ExpiredPermitWatch? watch, ref OpenWarnings? warnings)
    {
        if (registration is not null && turn.Rules.Vehicles.ExpiredPermits is { } rules && truck.SpeedTenthKmh > rules.MovingAboveKmh * 10 && TripView.IsLoaded(truck, rules.LoadedFromPct))
        {
            Judge(turn, message, default, registration, byCamera: false, rules, ref watch, ref warnings);
        }
    }

    /// <summary>A camera saw the vehicle's orange plate.</summary>
    public static void Seen(scoped in Turn turn, scoped in Message message, scoped in VideoReading seen, VehicleRegistration? registration, ref ExpiredPermitWatch? watch, ref OpenWarnings? warnings)
    {
        if (registration is not null && turn.Rules.Vehicles.ExpiredPermits is { } rules && seen.ConfidencePermille >= turn.Rules.Waybills.CertainPermille)
        {
            Judge(turn, message, seen.Image, registration, byCamera: true, rules, ref watch, ref warnings);
        }
    }

    private static void Judge(
        scoped in Turn turn, scoped in Message message, ImageReference image, VehicleRegistration registration, bool byCamera, ExpiredPermitRules rules, ref ExpiredPermitWatch? watch, ref OpenWarnings? warnings)
    {
        long atMs = message.Header.AtMs;
        if (registration.HazmatEndedMs(atMs) is not { } endedMs || atMs - endedMs < rules.GraceDays * DayMs)
        {
            return;
        }

        warnings ??= new OpenWarnings();
        if (!warnings.IsToTell(Kind, isNew: false, turn.NowMs, rules.UpdateEveryS, atMs))
        {
            return;
        }

        string ended = FigureText.Time(endedMs), days = FigureText.Whole((atMs - endedMs) / DayMs);
        Raise(turn, message, image, 0, rules, new Finding(
            Kind,
            rules.Severity,
            rules.Confidence,
            Model,
            new Explanation(
                $"The truck {(byCamera ? "showed an orange plate" : "was under way with a load")} at {FigureText.Time(atMs)}. By the register of vehicles its licence for dangerous goods ran out at {ended}, {days} days before ({rules.HazmatLegalSource}).",
                $"车辆于{FigureText.Time(atMs)}{(byCamera ? "悬挂危险货物标志牌" : "载货行驶")}。按车辆登记，其危险货物运输资质已于{ended}到期，距当时{days}天（{rules.HazmatLegalSource}）。"),
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["expiredDays"] = Math.Floor((atMs - endedMs) / (double)DayMs) },
            "a licence that is valid",
            rules.HazmatLegalSource), ref watch, ref warnings);
    }

    private static void Raise(scoped in Turn turn, scoped in Message message, ImageReference image, int grossKg, ExpiredPermitRules rules, Finding finding, ref ExpiredPermitWatch? watch, ref OpenWarnings? warnings)
    {
        warnings ??= new OpenWarnings();
        long atMs = message.Header.AtMs;
        watch = warnings.Find(Kind) is null || watch is null
            ? new ExpiredPermitWatch { grossKg = grossKg, firstMs = atMs, newestMs = atMs }
            : new ExpiredPermitWatch { grossKg = grossKg, firstMs = Math.Min(watch.firstMs, atMs), newestMs = Math.Max(watch.newestMs, atMs) };
        warnings.Raise(turn, ActorKind.Vehicle, message, image, finding);
    }

    /// <summary>A register has changed: what is valid after all is cleared.</summary>
    public static void Reconsider(scoped in Turn turn, EntryChanged changed, VehicleRegistration? registration, ref ExpiredPermitWatch? watch, OpenWarnings? warnings)
    {
        if (watch is not { } rest || registration is null || warnings?.Find(Kind) is null)
        {
            return;
        }

        bool valid = rest.grossKg > 0
            ? registration.PermitAt(rest.firstMs)?.GrossKg >= rest.grossKg && registration.PermitAt(rest.newestMs)?.GrossKg >= rest.grossKg
            : registration.HazmatAt(rest.firstMs) == true && registration.HazmatAt(rest.newestMs) == true;
        if (valid)
        {
            watch = null;
            string entry = $"{RegisterSchema.Of(changed.Register).Name}/{changed.Key}";
            warnings.Clear(turn, ActorKind.Vehicle, Kind, turn.NowMs, new Explanation($"Cleared, since {changed.By} changed the entry {entry}: it was valid at the time.", $"已解除：{changed.By}变更了登记{entry}，当时有效。"));
        }
    }

    public static void Write(ExpiredPermitWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is not null)
        {
            writer.WriteVar((uint)watch.grossKg);
            writer.WriteInt64(watch.firstMs);
            writer.WriteInt64(watch.newestMs);
        }
    }

    public static ExpiredPermitWatch? Read(scoped ref ByteReader reader) =>
        !reader.ReadBool() ? null : new ExpiredPermitWatch { grossKg = (int)reader.ReadVar(), firstMs = reader.ReadInt64(), newestMs = reader.ReadInt64() };
}
