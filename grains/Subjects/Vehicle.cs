using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Models.Vehicles;

namespace Streaming.Grains.Subjects;

/// <summary>
/// One vehicle, by plate and colour: its weighings, sightings and telemetry, and the warnings that follow. A weighing within the limit and a sighting allocate nothing but, now and then, a longer buffer for the newest of each.
/// </summary>
public sealed class Vehicle : Actor
{
    private const byte Version = 5;

    /// <summary>Readings about the vehicle by others. Its own telemetry has a memory apart: a reading a second would leave no room for anything else.</summary>
    private RecentReadings recent;
    private KeptReading lastWeighing;
    private KeptReading lastSighting;
    private RoadJudgement judgement;
    private RatedLoadJudgement ratedLoad;
    private StationAccuracy stationAccuracy;
    private long weighings;
    private long sightings;
    private long telemetryReadings;
    private long uncertain;
    private long lastSeenMs;
    private TruckTelemetry? telemetry;
    private VideoWatch? video;
    private OpenWarnings? warnings;
    private VehicleRegistration? registration;

    private MassWarnings? masses;
    private PlateWatch? plates;

    /// <summary>Where its plate was read last; null where that was never with a position.</summary>
    internal PlateWatch? Plates => plates;

    /// <summary>The last weighing's axles beside their limits.</summary>
    private WeighedAxles? axles;
    private EvasionWatch? evasion;
    private WaybillWatch? waybills;
    private TripWatch? trip;
    private OffenceRecord? offences;
    private ExpiredPermitWatch? expired;
    private LooksWatch? looks;

    /// <summary>How its axles usually are; null as long as it was weighed once, or nothing asks for it.</summary>
    private AxleHistory? axleHistory;

    public override bool Exists => weighings > 0 || sightings > 0 || telemetryReadings > 0 || registration is not null || waybills?.Exists == true;

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Reading when message.ReadingKind == ReadingKind.Weigh:
                HandleWeighing(turn, message);
                break;
            case MessageKind.Reading when message.ReadingKind == ReadingKind.Video:
                HandleVideo(turn, message);
                break;
            case MessageKind.Reading when message.ReadingKind == ReadingKind.Truck:
                HandleTelemetry(turn, message);
                break;
            case MessageKind.EntryChanged:
                HandleEntry(turn, EntryChanged.Read(message.Body));
                break;
            case MessageKind.CaseClosed:
                HandleClosed(turn, message.Read<CaseClosed>());
                break;
            case MessageKind.DistanceTold:
                plates?.Told(turn, message.Read<DistanceTold>());
                break;
            case MessageKind.Reminded:
                Remind(turn, Encoding.UTF8.GetString(message.Body));
                break;
            default:
                throw new InvalidOperationException($"Vehicle {turn.Key} got {message.Kind} {message.ReadingKind} at position {turn.Position}; it takes weighings, camera events, telemetry, entries of registers, distances, reminders and the end of a case.");
        }
    }

    public override bool IsExpired(long idleMs, Rulebook rules) =>
        warnings?.AnyOpen != true && registration?.HoldsAfter(lastSeenMs, idleMs) != true && waybills?.HoldsAfter(lastSeenMs, idleMs) != true && !rules.Expiry.Keeps(idleMs, onceSeen: weighings + sightings + telemetryReadings == 1, warned: warnings?.Ever == true);

    private void HandleClosed(scoped in Turn turn, CaseClosed closed)
    {
        OffenceRecord.Closed(turn, closed, lastWeighing, ref offences, ref warnings);
        warnings?.Close(turn, closed);
        OverloadTrace.Closed(turn, closed, registration is not null, waybills);
        masses = masses?.Without(warnings);
        plates?.Close(closed);
        looks?.Close(closed);
        evasion?.Without(warnings);
    }

    private void Remind(scoped in Turn turn, string name)
    {
        switch (name)
        {
            case EvasionWatch.Reminder:
                evasion?.Remind(turn, ref warnings);
                break;
            case WaybillWatch.Reminder:
                waybills?.Remind(turn, ref warnings);
                break;
            case SilenceWatch.Reminder when telemetry is not null:
                trip?.Remind(turn, telemetry.Last, ref warnings);
                break;
        }
    }

    private void HandleWeighing(scoped in Turn turn, scoped in Message message)
    {
        ByteReader reader = new(message.Body);
        WeighReading weighing = WeighReading.Read(ref reader);
        if (IsUncertain(turn, message, weighing.PlatePermille) || !IsNew(turn, message))
        {
            return;
        }

        recent.Accept(message.Header, turn.NowMs);
        weighings++;
        lastSeenMs = Math.Max(lastSeenMs, message.Header.AtMs);
        WeighedMass weighed = new(turn.Rules, weighing, message.Origin.Source, StationAccuracy.Of(message), message.Header.AtMs, registration);
        AxleSignatureWarning.Judge(turn, message, weighed, lastWeighing, ref axleHistory, ref warnings);
        EvasionWatch.Weighed(turn, message, weighed, lastWeighing, stationAccuracy.HundredthPct, ref warnings, ref evasion);
        OverloadTrace.Mark before = OverloadTrace.Before(warnings);
        MassWarnings.Raise(turn, message, weighed, lastWeighing, stationAccuracy.HundredthPct, ref warnings, ref masses);
        OverloadTrace.Found(turn, message, weighed, before, warnings, registration is not null, waybills);
        if (lastWeighing.Precedes(message))
        {
            lastWeighing.Keep(message);
            judgement = weighed.Road;
            ratedLoad = weighed.RatedLoad;
            WeighedAxles.Keep(weighed, ref axles);
            stationAccuracy = StationAccuracy.Of(message);
        }

        ExpiredPermitWatch.Weighed(turn, message, weighed, ref expired, ref warnings);
        if (weighing.LikelyPlate.Length == 0)
        {
            PlateWatch.Pass(turn, message, message.Origin.Position, weighing.PlatePermille, weighing.Image, ref plates, ref warnings);
            LooksWatch.See(turn, message, new SeenLook(weighing.VehicleClass, weighing.AxleCount, weighing.GrossKg), weighing.PlatePermille, weighing.Image, registration, ref looks, ref warnings);
        }
    }

    /// <summary>A register has changed: what was weighed before is judged anew by it, and so is the warning that is open.</summary>
    private void HandleEntry(scoped in Turn turn, EntryChanged changed)
    {
        if (changed.Register == Register.Waybills)
        {
            waybills = WaybillWatch.With(waybills, turn, changed, warnings);
            return;
        }

        registration = VehicleRegistration.With(registration, changed, turn.NowMs);
        evasion?.Reconsider(turn, changed, registration, warnings);
        trip?.Reconsider(turn, changed, registration, warnings);
        ExpiredPermitWatch.Reconsider(turn, changed, registration, ref expired, warnings);
        looks?.Reconsider(turn, changed, registration, plates?.Contradicted == true, warnings);
        if (!lastWeighing.IsKept)
        {
            return;
        }

        WeighedMass last = MassWarnings.Weighed(turn, lastWeighing, stationAccuracy, registration);
        judgement = last.Road;
        ratedLoad = last.RatedLoad;
        WeighedAxles.Keep(last, ref axles);
        if (warnings is not null)
        {
            OverloadTrace.Mark before = OverloadTrace.Before(warnings);
            masses?.Reconsider(turn, changed, last, warnings);
            OverloadTrace.Cleared(turn, before, warnings, waybills);
            masses = masses?.Without(warnings);
        }
    }

    private static WeighReading Weighing(in KeptReading kept)
    {
        ByteReader reader = new(kept.Body);
        return WeighReading.Read(ref reader);
    }

    private void HandleVideo(scoped in Turn turn, scoped in Message message)
    {
        ByteReader reader = new(message.Body);
        VideoReading seen = VideoReading.Read(ref reader);
        if (IsUncertain(turn, message, seen.PlatePermille))
        {
            return;
        }

        if (seen.Event != VideoEvent.Vehicle && turn.Rules.VideoRules.Of(seen.Event) is not null)
        {
            video ??= new VideoWatch();
            if (video.Handle(turn, message, ActorKind.Vehicle, ref warnings))
            {
                Sight(message);
            }

            return;
        }

        if (IsNew(turn, message))
        {
            recent.Accept(message.Header, turn.NowMs);
            Sight(message);
            if (seen.LikelyPlate.Length == 0)
            {
                PlateWatch.Pass(turn, message, seen.Position.IsKnown ? seen.Position : message.Origin.Position, seen.PlatePermille, seen.Image, ref plates, ref warnings);
                VehicleClass body = seen.ConfidencePermille >= (turn.Rules.ClonedPlates.Looks?.ClassPermille ?? 0) ? seen.VehicleClass : VehicleClass.Unknown;
                LooksWatch.See(turn, message, new SeenLook(body, 0, 0), seen.PlatePermille, seen.Image, registration, ref looks, ref warnings);
            }

            EvasionWatch.Seen(turn, message, seen.VehicleClass, lastWeighing, registration, ref evasion);
            if (seen.HazardPlate.Length > 0)
            {
                WaybillWatch.See(turn, message, seen, ref waybills, ref warnings);
                ExpiredPermitWatch.Seen(turn, message, seen, registration, ref expired, ref warnings);
            }
        }
    }

    private void HandleTelemetry(scoped in Turn turn, scoped in Message message)
    {
        telemetry ??= new TruckTelemetry();
        if (telemetry.Handle(turn, message, ref warnings, ref waybills))
        {
            telemetryReadings++;
            lastSeenMs = Math.Max(lastSeenMs, message.Header.AtMs);
            ByteReader reader = new(message.Body);
            TruckReading truck = TruckReading.Read(ref reader);
            EvasionWatch.AtSite(turn, message.Header.AtMs, truck.Site, warnings, ref evasion);
            if (message.Header.AtMs >= telemetry.Last.AtMs)
            {
                TripWatch.Hear(turn, message, truck, registration, waybills, ref trip, ref warnings);
                ExpiredPermitWatch.Heard(turn, message, truck, registration, ref expired, ref warnings);
            }
        }
    }

    private void Sight(scoped in Message message)
    {
        sightings++;
        lastSeenMs = Math.Max(lastSeenMs, message.Header.AtMs);
        if (lastSighting.Precedes(message))
        {
            lastSighting.Keep(message);
        }
    }

    private bool IsNew(scoped in Turn turn, scoped in Message message)
    {
        switch (recent.Recognise(message.Header, message.SeenBefore, turn.NowMs))
        {
            case Recognition.New:
                return true;
            case Recognition.Unknown:
                turn.Effects.LookUp();
                return false;
            default:
                return false;
        }
    }

    /// <summary>
    /// True where the plate was read with too little confidence to be this vehicle's: then the reading is no fact about it. A vehicle that is known counts it; one that is not stays unknown. Decoding leaves such readings with
    /// their source, by the limit in force then; only where the rulebook was changed on the way does one come here.
    /// </summary>
    private bool IsUncertain(scoped in Turn turn, scoped in Message message, int permille)
    {
        if (permille >= turn.Rules.MinimumPlatePermille)
        {
            return false;
        }

        if (Exists && IsNew(turn, message))
        {
            recent.Accept(message.Header, turn.NowMs);
            uncertain++;
        }

        return true;
    }

    public override void Write(ByteWriter writer)
    {
        writer.WriteByte(Version);
        recent.Write(writer);
        lastWeighing.Write(writer);
        lastSighting.Write(writer);
        writer.WriteVar((uint)judgement.LimitKg);
        writer.WriteVar((uint)judgement.OverKg);
        writer.WriteByte((byte)judgement.Rule);
        writer.WriteByte((byte)judgement.BodySource);
        writer.WriteBool(judgement.DriveAxlesUnknown);
        writer.WriteVar(stationAccuracy.Number);
        writer.WriteVar((ulong)weighings);
        writer.WriteVar((ulong)sightings);
        writer.WriteVar((ulong)telemetryReadings);
        writer.WriteVar((ulong)uncertain);
        writer.WriteSigned(lastSeenMs);
        TruckTelemetry.Write(telemetry, writer);
        VideoWatch.Write(video, writer);
        OpenWarnings.Write(warnings, writer);
        MassWarnings.Write(masses, writer);
        VehicleRegistration.Write(registration, writer);
        writer.WriteVar((uint)ratedLoad.RatedLoadKg);
        writer.WriteVar((uint)ratedLoad.CurbKg);
        writer.WriteVar((uint)ratedLoad.LoadKg);
        writer.WriteByte((byte)ratedLoad.Rule);
        PlateWatch.Write(plates, writer);
        WeighedAxles.Write(axles, writer);
        EvasionWatch.Write(evasion, writer);
        TruckTelemetry.WriteWatches(telemetry, writer);
        WaybillWatch.Write(waybills, writer);
        VehicleRegistration.WriteLicences(registration, writer);
        TripWatch.Write(trip, writer);
        OffenceRecord.Write(offences, writer);
        ExpiredPermitWatch.Write(expired, writer);
        LooksWatch.Write(looks, writer);
        TruckTelemetry.WriteNorm(telemetry, writer);
        AxleHistory.Write(axleHistory, writer);
    }

    public override void Read(ref ByteReader reader)
    {
        byte version = StateVersion.Read(ref reader, Version, nameof(Vehicle));
        recent = RecentReadings.Read(ref reader);
        lastWeighing = KeptReading.Read(ref reader);
        lastSighting = KeptReading.Read(ref reader);
        judgement = new RoadJudgement((int)reader.ReadVar(), (int)reader.ReadVar(), (LimitRule)reader.ReadByte(), (BodySource)reader.ReadByte(), reader.ReadBool());
        stationAccuracy = StationAccuracy.OfNumber(reader.ReadVar());
        weighings = (long)reader.ReadVar();
        sightings = (long)reader.ReadVar();
        telemetryReadings = (long)reader.ReadVar();
        uncertain = (long)reader.ReadVar();
        lastSeenMs = reader.ReadSigned();
        telemetry = TruckTelemetry.Read(ref reader);
        video = VideoWatch.Read(ref reader);
        warnings = OpenWarnings.Read(ref reader);
        if (version >= 2)
        {
            masses = version >= 3 ? MassWarnings.Read(ref reader) : MassWarnings.ReadRoad(ref reader);
            registration = VehicleRegistration.Read(ref reader);
        }

        if (version >= 3)
        {
            ratedLoad = new RatedLoadJudgement((int)reader.ReadVar(), (int)reader.ReadVar(), (int)reader.ReadVar(), (RatedLoadRule)reader.ReadByte());
        }

        if (version >= 4)
        {
            plates = PlateWatch.Read(ref reader);
            axles = WeighedAxles.Read(ref reader);
            evasion = EvasionWatch.Read(ref reader);
            TruckTelemetry.ReadWatches(telemetry, ref reader);
            waybills = WaybillWatch.Read(ref reader);
        }

        if (version >= 5)
        {
            VehicleRegistration.ReadLicences(registration, ref reader);
            trip = TripWatch.Read(ref reader);
            offences = OffenceRecord.Read(ref reader);
            expired = ExpiredPermitWatch.Read(ref reader);
            looks = LooksWatch.Read(ref reader);
            TruckTelemetry.ReadNorm(telemetry, ref reader);
            axleHistory = AxleHistory.Read(ref reader);
        }
    }

    public override void Describe(Utf8JsonWriter json, string key)
    {
        json.WriteStartObject();
        json.WriteString("id", key);
        if (lastSeenMs > 0)
        {
            ReadingJson.Time(json, "lastSeen", lastSeenMs);
        }

        registration?.Describe(json);
        waybills?.Describe(json);
        json.WriteNumber("weighings", weighings);
        DescribeWeighing(json);
        AxleSignatureWarning.Describe(axleHistory, json);
        json.WriteNumber("sightings", sightings);
        if (lastSighting.IsKept)
        {
            json.WriteStartObject("lastSighting");
            ReadingJson.Video(json, lastSighting);
            json.WriteEndObject();
        }

        json.WriteNumber("uncertainPlates", uncertain);
        telemetry?.Describe(json);
        if (video is not null)
        {
            VideoWatch.Describe(video, json);
        }

        evasion?.Describe(json);
        OpenWarnings.Describe(warnings, json);
        json.WriteEndObject();
    }

    private void DescribeWeighing(Utf8JsonWriter json)
    {
        if (!lastWeighing.IsKept)
        {
            return;
        }

        WeighReading weighing = Weighing(lastWeighing);
        json.WriteStartObject("lastWeighing");
        ReadingJson.Head(json, lastWeighing);
        json.WriteString("station", lastWeighing.Source);
        ReadingJson.Text(json, "lane", weighing.Lane);
        json.WriteNumber("grossKg", weighing.GrossKg);
        json.WriteNumber("axleCount", weighing.AxleCount);
        json.WriteStartArray("axles");
        for (int i = 0; i < weighing.AxleCount; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("massKg", weighing.Axles[i].MassKg);
            json.WriteNumber("offsetM", weighing.Axles[i].OffsetMm / 1000.0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        ReadingJson.Class(json, weighing.VehicleClass);
        ReadingJson.Speed(json, weighing.SpeedTenthKmh);
        json.WriteNumber("plateConfidence", weighing.PlatePermille / 1000.0);
        if (weighing.LeftRightPermille >= 0)
        {
            json.WriteNumber("leftRightRatio", weighing.LeftRightPermille / 1000.0);
        }

        ReadingJson.Image(json, weighing.Image);
        if (stationAccuracy.HundredthPct > 0)
        {
            json.WriteNumber("accuracyPct", stationAccuracy.HundredthPct / 100.0);
        }

        if (judgement.IsJudged)
        {
            json.WriteNumber("limitKg", judgement.LimitKg);
            json.WriteNumber("overKg", judgement.OverKg);
            json.WriteNumber("overPct", judgement.OverPct);
        }
        else
        {
            json.WriteNull("limitKg");
            json.WriteNull("overKg");
            json.WriteNull("overPct");
        }

        json.WriteString("limitBasis", judgement.BasisEn(weighing.AxleCount));
        json.WriteString("limitBasisZh", judgement.BasisZh(weighing.AxleCount));
        WeighedAxles.Describe(axles, json);
        if (ratedLoad.Rule != RatedLoadRule.None)
        {
            json.WriteStartObject("ratedLoad");
            if (ratedLoad.IsJudged)
            {
                json.WriteNumber("loadKg", ratedLoad.LoadKg);
                json.WriteNumber("ratedLoadKg", ratedLoad.RatedLoadKg);
                json.WriteNumber("overKg", ratedLoad.OverKg);
                json.WriteNumber("overPct", ratedLoad.OverPct);
            }

            json.WriteString("basis", ratedLoad.BasisEn);
            json.WriteString("basisZh", ratedLoad.BasisZh);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
