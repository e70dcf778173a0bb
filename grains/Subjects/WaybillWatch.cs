using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Models.Tanks;

namespace Streaming.Grains.Subjects;

/// <summary>
/// A vehicle's waybills, and what was seen of it that they do not cover or that contradicts them: an orange plate, or telemetry of a loaded tank in transit. That none is registered, or another number, is judged once the time for registering
/// late is over, by a reminder; other goods, another time and another place at once. A register that changes judges the open warning anew by what it rests on. It goes by the order of time for camera and telemetry apart.
/// </summary>
internal sealed class WaybillWatch
{
    public const string Kind = "waybill";
    public const string Reminder = "waybill";
    private const int Camera = 0;
    private const int Telemetry = 1;

    private RegisteredWaybill[] waybills = [];
    private long changedMs;

    /// <summary>Of camera and telemetry: the newest that was judged, and how many in a row came to the same.</summary>
    private readonly Support[] supports = new Support[2];

    /// <summary>Waits for a waybill that is registered late.</summary>
    private WaybillEvidence? pending;

    /// <summary>What opened the warning, and the newest that supports it.</summary>
    private WaybillEvidence? first;
    private WaybillEvidence? newest;

    private struct Support
    {
        public long NewestMs;
        public ulong Same;
        public byte Count;
    }

    /// <summary>True where a waybill is known, or something waits to be judged.</summary>
    public bool Exists => waybills.Length > 0 || pending is not null;

    /// <summary>The numbers of its waybills.</summary>
    public IEnumerable<string> Numbers => waybills.Select(waybill => Encoding.UTF8.GetString(waybill.Number)).Distinct();

    /// <summary>The number of the waybill that covers a time, of several the one that departed last; null where none does.</summary>
    public string? NumberAt(long atMs, WaybillRules rules) => Array.FindLast(waybills, waybill => waybill.Covers(atMs, rules)) is { } waybill ? Encoding.UTF8.GetString(waybill.Number) : null;

    /// <summary>True where a waybill goes on still when nothing has been heard for so long.</summary>
    public bool HoldsAfter(long lastSeenMs, long idleMs) => Array.Exists(waybills, waybill => Math.Min(waybill.ToMs, waybill.ArrivalMs == long.MaxValue ? waybill.StartMs : waybill.ArrivalMs) > Math.Max(lastSeenMs, changedMs) + idleMs);

    /// <summary>True where a waybill with a departure covers a moment, without tolerance.</summary>
    public bool CoversAt(long atMs, WaybillRules rules)
    {
        foreach (RegisteredWaybill waybill in waybills)
        {
            if (waybill.DepartureMs != long.MinValue && waybill.StartMs <= atMs && atMs <= waybill.EndMs(rules))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A camera saw an orange plate.</summary>
    public static void See(scoped in Turn turn, scoped in Message message, scoped in VideoReading seen, ref WaybillWatch? watch, ref OpenWarnings? warnings)
    {
        WaybillRules rules = turn.Rules.Waybills;
        Span<byte> substance = stackalloc byte[6];
        if (!rules.Enabled || seen.ConfidencePermille < rules.MinimumPermille || !TryReadPlate(seen.HazardPlate, substance))
        {
            return;
        }

        WaybillClaim claim = new() { AtMs = message.Header.AtMs, Substance = substance };
        (watch ??= new WaybillWatch()).Judge(turn, message, claim, Camera, seen.ConfidencePermille, ref warnings);
    }

    /// <summary>A truck reported; <paramref name="unloaded"/> says that it was found to have been emptied at a proper site.</summary>
    public static void Hear(scoped in Turn turn, scoped in Message message, scoped in TruckReading truck, bool unloaded, ref WaybillWatch? watch, ref OpenWarnings? warnings)
    {
        WaybillRules rules = turn.Rules.Waybills;
        bool loaded = truck.Tank.LevelPct >= rules.LoadedFromPct || (double.IsNaN(truck.Tank.LevelPct) && truck.Tank.MassKg > 0);
        bool transit = loaded && truck.SpeedTenthKmh > rules.TransitAboveKmh * 10;
        if (!rules.Enabled || (!transit && !unloaded))
        {
            return;
        }

        WaybillClaim claim = new() { AtMs = message.Header.AtMs, Substance = truck.Substance, Number = truck.Waybill, UnloadedAt = unloaded ? truck.Site.Id : default };
        (watch ??= new WaybillWatch()).Judge(turn, message, claim, Telemetry, unloaded ? int.MaxValue : 0, ref warnings);
    }

    /// <summary>A waybill was registered, changed or withdrawn.</summary>
    public static WaybillWatch With(WaybillWatch? watch, scoped in Turn turn, EntryChanged changed, OpenWarnings? warnings)
    {
        watch ??= new WaybillWatch();
        byte[] number = Encoding.UTF8.GetBytes(changed.Key);
        RegisteredWaybill[] all =
        [
            .. watch.waybills.Where(waybill => !waybill.Number.AsSpan().SequenceEqual(number))
                .Concat(changed.Spans.Select(span => Waybill(number, span)))
                .OrderBy(waybill => waybill.StartMs).ThenBy(waybill => Encoding.UTF8.GetString(waybill.Number), StringComparer.Ordinal).ThenBy(waybill => waybill.ToMs),
        ];
        watch.waybills = all.Length > GrainLimits.WaybillsPerVehicle ? all[^GrainLimits.WaybillsPerVehicle..] : all;
        watch.changedMs = turn.NowMs;
        watch.Reconsider(turn, changed, warnings);
        return watch;
    }

    /// <summary>The time for registering late is over.</summary>
    public void Remind(scoped in Turn turn, ref OpenWarnings? warnings)
    {
        if (pending is not { } waited)
        {
            return;
        }

        pending = null;
        if (turn.Rules.Waybills.Enabled && Judge(waited, turn.Rules.Waybills, out RegisteredWaybill? against) is var fault and not WaybillFault.None)
        {
            Raise(turn, waited, fault, against, ref warnings);
        }
    }

    private void Judge(scoped in Turn turn, scoped in Message message, scoped in WaybillClaim claim, int by, int permille, ref OpenWarnings? warnings)
    {
        ref Support support = ref supports[by];
        if (claim.AtMs < support.NewestMs)
        {
            return;
        }

        support.NewestMs = claim.AtMs;
        WaybillRules rules = turn.Rules.Waybills;
        WaybillFault fault = RegisteredWaybill.Judge(waybills, claim, rules, out RegisteredWaybill? against);
        if (fault == WaybillFault.None)
        {
            support.Count = 0;
            return;
        }

        ulong same = StableHash.Combine((ulong)fault, StableHash.Combine(StableHash.Of(claim.Substance), StableHash.Of(claim.Number)));
        support.Count = support.Same == same ? (byte)Math.Min(byte.MaxValue, support.Count + 1) : (byte)1;
        support.Same = same;
        if (permille < rules.CertainPermille && support.Count < rules.Readings)
        {
            return;
        }

        bool open = warnings?.Find(Kind) is not null;
        if (open && !warnings!.IsToTell(Kind, isNew: false, turn.NowMs, rules.UpdateEveryS, claim.AtMs))
        {
            return;
        }

        bool waits = fault is WaybillFault.Missing or WaybillFault.Number;
        if (!open && waits && pending is not null)
        {
            return;
        }

        WaybillEvidence evidence = WaybillEvidence.Of(message, claim, by == Camera, turn.NowMs);
        if (open || !waits)
        {
            Raise(turn, evidence, fault, against, ref warnings);
            return;
        }

        pending = evidence;
        turn.Effects.RemindAt(Reminder, turn.NowMs + (rules.GraceS * 1000L));
    }

    private WaybillFault Judge(WaybillEvidence evidence, WaybillRules rules, out RegisteredWaybill? against) => RegisteredWaybill.Judge(waybills, evidence.Claim, rules, out against);

    private void Raise(scoped in Turn turn, WaybillEvidence evidence, WaybillFault fault, RegisteredWaybill? against, ref OpenWarnings? warnings)
    {
        warnings ??= new OpenWarnings();
        first = warnings.Find(Kind) is null ? evidence : first ?? evidence;
        newest = evidence;
        warnings.Raise(turn, ActorKind.Vehicle, evidence.Cited, Encoding.UTF8.GetString(evidence.District), evidence.AtMs, WaybillWarning.Find(turn.Rules.Waybills, evidence, fault, against), evidence.HeardMs);
    }

    private void Reconsider(scoped in Turn turn, EntryChanged changed, OpenWarnings? warnings)
    {
        WaybillRules rules = turn.Rules.Waybills;
        if (pending is { } waited && Judge(waited, rules, out _) == WaybillFault.None)
        {
            pending = null;
            turn.Effects.Forget(Reminder);
        }

        if (warnings?.Find(Kind) is null)
        {
            (first, newest) = (null, null);
            return;
        }

        if (first is null || newest is null)
        {
            return;
        }

        // It clears when a waybill covers what opened it and what was seen last.
        WaybillFault ofNewest = Judge(newest, rules, out RegisteredWaybill? against);
        WaybillEvidence worse = ofNewest == WaybillFault.None ? first : newest;
        WaybillFault fault = ofNewest == WaybillFault.None ? Judge(first, rules, out against) : ofNewest;
        Explanation why = WaybillWarning.Anew(changed, against, fault);
        if (fault == WaybillFault.None)
        {
            warnings.Clear(turn, ActorKind.Vehicle, Kind, turn.NowMs, new Explanation(why.En.TrimStart(), why.Zh));
            (first, newest) = (null, null);
        }
        else if (WaybillWarning.Find(rules, worse, fault, against) is var finding && warnings.Find(Kind)!.Evidence.Figures.GetValueOrDefault(WaybillWarning.FaultField) != (double)fault)
        {
            warnings.Revise(turn, ActorKind.Vehicle, finding, why);
        }
    }

    private static RegisteredWaybill Waybill(byte[] number, HeldSpan span)
    {
        RegisteredWaybill waybill = new(number, span.FromMs, span.ToMs, long.MinValue, long.MaxValue, [], [], []);
        foreach (RegisterValue value in new RegisterValues(RegisterSchema.Of(Register.Waybills), span.Fields))
        {
            waybill = value.Field.Name switch
            {
                "substance" => waybill with { Substance = value.Bytes.ToArray() },
                "loadSite" => waybill with { LoadSite = value.Bytes.ToArray() },
                "unloadSite" => waybill with { UnloadSite = value.Bytes.ToArray() },
                "departure" => waybill with { DepartureMs = value.Number },
                "arrival" => waybill with { ArrivalMs = value.Number },
                _ => waybill,
            };
        }

        return waybill;
    }

    /// <summary>The UN number of an orange plate, "hazard number/UN number", as <c>UN1203</c>. False where it is not one.</summary>
    private static bool TryReadPlate(ReadOnlySpan<byte> plate, Span<byte> substance)
    {
        int slash = plate.IndexOf((byte)'/');
        ReadOnlySpan<byte> number = slash < 0 ? default : plate[(slash + 1)..];
        if (number.Length != 4 || number.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            return false;
        }

        "UN"u8.CopyTo(substance);
        number.CopyTo(substance[2..]);
        return true;
    }

    public void Describe(Utf8JsonWriter json)
    {
        json.WriteStartArray("waybills");
        foreach (RegisteredWaybill waybill in waybills)
        {
            json.WriteStartObject();
            json.WriteString("number", waybill.Number);
            Registers.RegisterJson.WriteSpan(json, waybill.FromMs, waybill.ToMs);
            ReadingJson.Text(json, "substance", waybill.Substance);
            if (waybill.DepartureMs != long.MinValue)
            {
                ReadingJson.Time(json, "departure", waybill.DepartureMs);
            }

            if (waybill.ArrivalMs != long.MaxValue)
            {
                ReadingJson.Time(json, "arrival", waybill.ArrivalMs);
            }

            ReadingJson.Text(json, "loadSite", waybill.LoadSite);
            ReadingJson.Text(json, "unloadSite", waybill.UnloadSite);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void Write(WaybillWatch? watch, ByteWriter writer)
    {
        writer.WriteBool(watch is not null);
        if (watch is null)
        {
            return;
        }

        writer.WriteVar((uint)watch.waybills.Length);
        foreach (RegisteredWaybill waybill in watch.waybills)
        {
            writer.WriteBytes(waybill.Number);
            writer.WriteInt64(waybill.FromMs);
            writer.WriteInt64(waybill.ToMs);
            writer.WriteInt64(waybill.DepartureMs);
            writer.WriteInt64(waybill.ArrivalMs);
            writer.WriteBytes(waybill.Substance);
            writer.WriteBytes(waybill.LoadSite);
            writer.WriteBytes(waybill.UnloadSite);
        }

        writer.WriteInt64(watch.changedMs);
        foreach (Support support in watch.supports)
        {
            writer.WriteInt64(support.NewestMs);
            writer.WriteUInt64(support.Same);
            writer.WriteByte(support.Count);
        }

        WaybillEvidence.Write(watch.pending, writer);
        WaybillEvidence.Write(watch.first, writer);
        WaybillEvidence.Write(watch.newest, writer);
    }

    public static WaybillWatch? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        WaybillWatch watch = new() { waybills = new RegisteredWaybill[reader.ReadVar()] };
        for (int i = 0; i < watch.waybills.Length; i++)
        {
            watch.waybills[i] = new RegisteredWaybill(
                reader.ReadBytes().ToArray(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadBytes().ToArray(), reader.ReadBytes().ToArray(), reader.ReadBytes().ToArray());
        }

        watch.changedMs = reader.ReadInt64();
        for (int i = 0; i < watch.supports.Length; i++)
        {
            watch.supports[i] = new Support { NewestMs = reader.ReadInt64(), Same = reader.ReadUInt64(), Count = reader.ReadByte() };
        }

        watch.pending = WaybillEvidence.Read(ref reader);
        watch.first = WaybillEvidence.Read(ref reader);
        watch.newest = WaybillEvidence.Read(ref reader);
        return watch;
    }
}
