using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Evasion;
using Streaming.Models.Limits;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>
/// Whether a vehicle got round being weighed truly. What one weighing shows by itself is judged in any order; what takes two is judged as they were taken, and a late one is skipped and counted. At most one such warning is open: it has
/// the way that was found last, and is cleared when the last of the reasons it rests on turns out to be none. Straddling, a speed and axles that two stations counted end with its case.
/// </summary>
internal sealed class EvasionWatch
{
    /// <summary>Name of the reminder at which sightings without a weighing are judged.</summary>
    public const string Reminder = "evasion";

    /// <summary>Ways that the open warning rests on.</summary>
    private EvasionWays ways;

    /// <summary>Pairs of weighings that disagree, of those the warning rests on, and when the last of them was.</summary>
    private int pairs;
    private long pairFromMs;
    private long pairToMs;

    /// <summary>The last weighing with axles other than registered.</summary>
    private AxlesWeighed axles;

    /// <summary>Sightings without a weighing that the warning rests on.</summary>
    private int unweighed;

    /// <summary>Weighings and sightings that came after newer ones, and were not compared.</summary>
    private long late;

    private AwaitedWeighings awaited;
    private SiteVisits visits;

    private record struct AxlesWeighed(long AtMs, int GrossKg, int Axles, VehicleClass Class);

    private bool IsEmpty => ways == EvasionWays.None && late == 0 && awaited.Count == 0 && visits.IsEmpty;

    /// <summary>Judges a weighing, before it takes the place of the last one.</summary>
    public static void Weighed(scoped in Turn turn, scoped in Message message, scoped in WeighedMass weighed, scoped in KeptReading last, int lastAccuracyHundredthPct, ref OpenWarnings? warnings, ref EvasionWatch? watch)
    {
        watch?.Settle(turn, message, warnings);
        EvasionRules rules = turn.Rules.Evasion;
        if (!rules.JudgesWeighings)
        {
            return;
        }

        bool older = last.IsKept && message.Header.AtMs < last.AtMs;
        if (older && (rules.Disagreement is not null || rules.AxleCount is not null))
        {
            watch ??= new EvasionWatch();
            watch.late++;
        }

        EvasionFinding found = new() { Severity = 1 };
        if (IsJudged(weighed))
        {
            EvasionFinding.JudgeAlone(rules, weighed, ref found);
            if (last.IsKept && message.Header.AtMs > last.AtMs && !message.Origin.Source.SequenceEqual(last.Source))
            {
                found.JudgePair(rules, weighed, last, lastAccuracyHundredthPct, watch?.visits.AnyWithin(last.AtMs, message.Header.AtMs) == true);
            }
        }

        if (found.Ways == EvasionWays.None)
        {
            return;
        }

        watch ??= new EvasionWatch();
        watch.Rest(found, weighed, last);
        Raise(turn, message, weighed.Weighing.Image, found.Severity, EvasionWarning.Find(weighed, found), ref warnings);
    }

    /// <summary>Takes a sighting by a camera that watches a station: the weighing that is to follow is waited for.</summary>
    public static void Seen(scoped in Turn turn, scoped in Message message, VehicleClass seen, scoped in KeptReading last, VehicleRegistration? registration, ref EvasionWatch? watch)
    {
        EvasionRules rules = turn.Rules.Evasion;
        long atMs = message.Header.AtMs;
        int withinS = rules.LongestS(message.Origin.Source);
        if (withinS == 0 || !EvasionRules.IsToBeWeighed(registration?.BuildAt(atMs).Class ?? default, registration?.AxlesAt(atMs) ?? 0, seen))
        {
            return;
        }

        if (last.IsKept && IsAnswer(rules, message.Origin.Source, atMs, last.Source, last.AtMs))
        {
            return;
        }

        for (int i = 0; i < watch?.awaited.Count; i++)
        {
            ref AwaitedWeighings.Awaited other = ref watch.awaited[i];
            if (other.Seen.Source.SequenceEqual(message.Origin.Source) && other.Seen.AtMs <= atMs && atMs <= other.UntilMs)
            {
                // The same passage.
                return;
            }
        }

        watch ??= new EvasionWatch();
        if (last.IsKept && atMs < last.AtMs)
        {
            // A weighing that answered it may have been followed by another since, and only the last is known.
            watch.late++;
            return;
        }

        // A sighting that comes late gives the station as long as itself: both may have been without a connection.
        long untilMs = atMs + (withinS * 1000L);
        watch.awaited.Add(message, untilMs, untilMs > turn.NowMs ? untilMs : turn.NowMs + (withinS * 1000L));
        watch.RemindNext(turn);
    }

    /// <summary>A truck said where it is: at a place of loading or unloading another mass is no wonder.</summary>
    public static void AtSite(scoped in Turn turn, long atMs, scoped in SiteReference site, OpenWarnings? warnings, ref EvasionWatch? watch)
    {
        if (turn.Rules.Evasion.Disagreement is null || (site.Uses & (SiteUses.Load | SiteUses.Unload)) == 0)
        {
            return;
        }

        watch ??= new EvasionWatch();
        watch.visits.Add(atMs);
        if (watch.pairs == 1 && watch.visits.AnyWithin(watch.pairFromMs, watch.pairToMs))
        {
            string id = Encoding.UTF8.GetString(site.Id);
            watch.Withdraw(turn, EvasionWays.Stations, warnings, new Explanation(
                $"Cleared: the truck was at the registered site {id} between the two weighings.", $"已解除：两次称重之间车辆曾在登记装卸点{id}停留。"));
        }
    }

    /// <summary>The time of a weighing that was to follow a sighting is over.</summary>
    public void Remind(scoped in Turn turn, ref OpenWarnings? warnings)
    {
        for (int i = 0; i < awaited.Count; i++)
        {
            ref AwaitedWeighings.Awaited item = ref awaited[i];
            if (item.Told || item.DueMs > turn.NowMs)
            {
                continue;
            }

            if (turn.Rules.Evasion.LongestS(item.Seen.Source) == 0)
            {
                // No rule says any more that the camera watches a station.
                awaited.Remove(i--);
                continue;
            }

            item.Told = true;
            bool isOpen = (ways & EvasionWays.Unweighed) != 0;
            int missed = Missed(item.Seen.AtMs, turn.Rules.Evasion.Unweighed.WithinHours);
            if (!isOpen && missed < turn.Rules.Evasion.Unweighed.Repeats)
            {
                continue;
            }

            ways |= EvasionWays.Unweighed;
            unweighed = isOpen ? unweighed + 1 : missed;
            Message seen = new()
            {
                Kind = MessageKind.Reading,
                ReadingKind = ReadingKind.Video,
                Body = item.Seen.Body,
                Header = new ReadingHeader(item.Seen.AtMs, 0, item.Seen.Id),
                Origin = new Origin { Source = item.Seen.Source, District = item.District, AccuracyHundredthPct = 0 },
            };
            ByteReader reader = new(item.Seen.Body);
            Raise(turn, seen, VideoReading.Read(ref reader).Image, turn.Rules.Evasion.Unweighed.Severity, EvasionWarning.FindUnweighed(turn.Rules.Evasion, item.Seen, unweighed), ref warnings);
        }

        RemindNext(turn);
    }

    /// <summary>A register has changed: axles that were not the registered ones may be now.</summary>
    public void Reconsider(scoped in Turn turn, EntryChanged changed, VehicleRegistration? registration, OpenWarnings? warnings)
    {
        if ((ways & EvasionWays.RegisteredAxles) == 0)
        {
            return;
        }

        long atMs = axles.AtMs;
        if (!AxleCountRule.RaisesLimit(
            turn.Rules.RoadLimits, axles.GrossKg, axles.Axles, axles.Class, registration?.BuildAt(atMs) ?? default, registration?.AxlesAt(atMs) ?? 0, registration?.PermitAt(atMs)?.GrossKg ?? 0, out _))
        {
            string entry = $"{Streaming.Models.Registers.RegisterSchema.Of(changed.Register).Name}/{changed.Key}";
            Withdraw(turn, EvasionWays.RegisteredAxles, warnings, new Explanation(
                $"Cleared: since {changed.By} changed the entry {entry}, the axles that were weighed raise no limit.", $"已解除：{changed.By}变更登记{entry}后，所称轴数未使限值提高。"));
        }
    }

    /// <summary>What the warning rested on goes with it, after its case was closed.</summary>
    public void Without(OpenWarnings? warnings)
    {
        if (warnings?.Find(EvasionWarning.Kind) is null)
        {
            Forget();
        }
    }

    public void Describe(Utf8JsonWriter json)
    {
        if (IsEmpty)
        {
            return;
        }

        json.WriteStartObject("evasion");
        json.WriteNumber("late", late);
        json.WriteStartArray("awaited");
        for (int i = 0; i < awaited.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("camera", awaited[i].Seen.Source);
            ReadingJson.Time(json, "seen", awaited[i].Seen.AtMs);
            ReadingJson.Time(json, "until", awaited[i].UntilMs);
            json.WriteBoolean("missed", awaited[i].Told);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(EvasionWatch? watch, ByteWriter writer)
    {
        bool any = watch is { IsEmpty: false };
        writer.WriteBool(any);
        if (!any)
        {
            return;
        }

        writer.WriteByte((byte)watch!.ways);
        writer.WriteVar((uint)watch.pairs);
        writer.WriteSigned(watch.pairFromMs);
        writer.WriteSigned(watch.pairToMs);
        writer.WriteSigned(watch.axles.AtMs);
        writer.WriteVar((uint)watch.axles.GrossKg);
        writer.WriteByte((byte)watch.axles.Axles);
        writer.WriteByte((byte)watch.axles.Class);
        writer.WriteVar((uint)watch.unweighed);
        writer.WriteVar((ulong)watch.late);
        watch.awaited.Write(writer);
        watch.visits.Write(writer);
    }

    public static EvasionWatch? Read(scoped ref ByteReader reader) => !reader.ReadBool() ? null : new EvasionWatch
    {
        ways = (EvasionWays)reader.ReadByte(),
        pairs = (int)reader.ReadVar(),
        pairFromMs = reader.ReadSigned(),
        pairToMs = reader.ReadSigned(),
        axles = new AxlesWeighed(reader.ReadSigned(), (int)reader.ReadVar(), reader.ReadByte(), (VehicleClass)reader.ReadByte()),
        unweighed = (int)reader.ReadVar(),
        late = (long)reader.ReadVar(),
        awaited = AwaitedWeighings.Read(ref reader),
        visits = SiteVisits.Read(ref reader),
    };

    /// <summary>Only goods vehicles are judged, as by the limits of the road; of a record without axles the body alone says which it is.</summary>
    private static bool IsJudged(scoped in WeighedMass weighed)
    {
        VehicleClass registered = weighed.Registration?.BuildAt(weighed.AtMs).Class ?? default;
        VehicleClass body = registered != VehicleClass.Unknown ? registered : weighed.Weighing.VehicleClass;
        return weighed.Road.IsJudged || (weighed.Road.Rule == LimitRule.NoAxles && body is not (VehicleClass.Car or VehicleClass.Bus));
    }

    /// <summary>Raises what was found, or only counts it where the like was told just now.</summary>
    private static void Raise(scoped in Turn turn, scoped in Message reading, ImageReference image, int severity, Finding finding, ref OpenWarnings? warnings)
    {
        warnings ??= new OpenWarnings();
        bool isNew = warnings.Find(EvasionWarning.Kind) is { } open && (open.Count < GrainLimits.OverloadsToldAtOnce || severity > open.Severity);
        if (!warnings.IsToTell(EvasionWarning.Kind, isNew, turn.NowMs, GrainLimits.OverloadTellEveryS, reading.Header.AtMs))
        {
            return;
        }

        warnings.Raise(turn, ActorKind.Vehicle, reading, image, finding);
    }

    /// <summary>True where a weighing is the one that a sighting by a camera was to be followed by.</summary>
    private static bool IsAnswer(EvasionRules rules, ReadOnlySpan<byte> camera, long seenMs, ReadOnlySpan<byte> station, long weighedMs)
    {
        int withinS = rules.WithinS(camera, station);
        return withinS > 0 && weighedMs >= seenMs - (rules.Unweighed.ClockToleranceS * 1000L) && weighedMs <= seenMs + (withinS * 1000L);
    }

    /// <summary>A weighing answers the sightings that it was awaited after, whenever it comes in.</summary>
    private void Settle(scoped in Turn turn, scoped in Message message, OpenWarnings? warnings)
    {
        bool waited = false;
        int missed = 0;
        for (int i = 0; i < awaited.Count; i++)
        {
            if (IsAnswer(turn.Rules.Evasion, awaited[i].Seen.Source, awaited[i].Seen.AtMs, message.Origin.Source, message.Header.AtMs))
            {
                waited |= !awaited[i].Told;
                missed += awaited[i].Told ? 1 : 0;
                awaited.Remove(i--);
            }
        }

        if (waited)
        {
            RemindNext(turn);
        }

        if (missed == 0 || (ways & EvasionWays.Unweighed) == 0)
        {
            return;
        }

        unweighed -= missed;
        if (unweighed < turn.Rules.Evasion.Unweighed.Repeats)
        {
            string station = Encoding.UTF8.GetString(message.Origin.Source);
            string at = Streaming.Models.Wording.FigureText.Time(message.Header.AtMs);
            Withdraw(turn, EvasionWays.Unweighed, warnings, new Explanation($"Cleared: station {station} weighed it at {at}; its record came late.", $"已解除：检测站{station}已于{at}称重，记录迟到。"));
        }
    }

    /// <summary>Sightings without a weighing around a time, of those that are remembered.</summary>
    private int Missed(long atMs, int withinHours)
    {
        int count = 0;
        for (int i = 0; i < awaited.Count; i++)
        {
            count += awaited[i].Told && Math.Abs(awaited[i].Seen.AtMs - atMs) <= withinHours * 3_600_000L ? 1 : 0;
        }

        return count;
    }

    /// <summary>Keeps what of a finding may turn out to be none.</summary>
    private void Rest(in EvasionFinding found, scoped in WeighedMass weighed, scoped in KeptReading last)
    {
        ways |= found.Ways;
        if ((found.Ways & EvasionWays.Stations) != 0)
        {
            pairs++;
            (pairFromMs, pairToMs) = (last.AtMs, weighed.AtMs);
        }

        if ((found.Ways & EvasionWays.RegisteredAxles) != 0 && weighed.AtMs >= axles.AtMs)
        {
            axles = new AxlesWeighed(weighed.AtMs, weighed.Weighing.GrossKg, weighed.Weighing.AxleCount, weighed.Weighing.VehicleClass);
        }
    }

    /// <summary>One way turned out to be none; with the last of them the warning ends.</summary>
    private void Withdraw(scoped in Turn turn, EvasionWays way, OpenWarnings? warnings, Explanation why)
    {
        ways &= ~way;
        pairs = way == EvasionWays.Stations ? 0 : pairs;
        axles = way == EvasionWays.RegisteredAxles ? default : axles;
        unweighed = way == EvasionWays.Unweighed ? 0 : unweighed;
        if (ways == EvasionWays.None)
        {
            warnings?.Clear(turn, ActorKind.Vehicle, EvasionWarning.Kind, turn.NowMs, why);
            Forget();
        }
    }

    private void Forget()
    {
        (ways, pairs, pairFromMs, pairToMs, axles, unweighed) = (EvasionWays.None, 0, 0, 0, default, 0);
        for (int i = awaited.Count - 1; i >= 0; i--)
        {
            if (awaited[i].Told)
            {
                awaited.Remove(i);
            }
        }
    }

    private void RemindNext(scoped in Turn turn)
    {
        if (awaited.NextDueMs is { } dueMs)
        {
            turn.Effects.RemindAt(Reminder, dueMs);
        }
        else
        {
            turn.Effects.Forget(Reminder);
        }
    }
}
