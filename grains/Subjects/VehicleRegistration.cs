using System.Buffers;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Models.Encoding;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Models.Registers;

namespace Streaming.Grains.Subjects;

/// <summary>How a vehicle is registered for a span of time. 0 stands for what is not said.</summary>
/// <param name="FromMs">The first moment that it holds for.</param>
/// <param name="ToMs">The first moment that it does not hold for any more.</param>
/// <param name="Class">Body.</param>
/// <param name="Axles">Axles.</param>
/// <param name="DriveAxles">Drive axles.</param>
/// <param name="RatedLoadKg">Rated load, kg.</param>
/// <param name="CurbKg">Curb mass, kg.</param>
internal sealed record RegisteredSpan(long FromMs, long ToMs, VehicleClass Class, int Axles, int DriveAxles, int RatedLoadKg, int CurbKg)
{
    /// <summary>Whether it is licensed for dangerous goods; null where nothing is said.</summary>
    public bool? Hazmat { get; init; }
}

/// <summary>A permit to exceed the limit of the road, or to enter zones that are closed, for a span of time.</summary>
/// <param name="Number">Its number.</param>
/// <param name="FromMs">The first moment that it holds for.</param>
/// <param name="ToMs">The first moment that it does not hold for any more.</param>
/// <param name="GrossKg">The gross mass that it allows, kg; 0 where it allows none above the limit.</param>
internal sealed record PermitSpan(string Number, long FromMs, long ToMs, int GrossKg)
{
    /// <summary>Keys of the zones that it opens, with a space between; empty for none.</summary>
    public string Zones { get; init; } = "";
}

/// <summary>
/// What the registers say of a vehicle, as far as it judges by it: how it is built, and what it is permitted. It goes by the time of a weighing, not by when either was heard of: a permit that is registered late was valid all the
/// same.
/// </summary>
internal sealed class VehicleRegistration
{
    private RegisteredSpan[] builds = [];
    private PermitSpan[] permits = [];
    private long changedMs;

    private VehicleRegistration()
    {
    }

    /// <summary>True where the register of vehicles has it.</summary>
    public bool IsRegistered => builds.Length > 0;

    /// <summary>True where something of it holds still when nothing has been heard of the vehicle, or of this, for so long.</summary>
    public bool HoldsAfter(long lastSeenMs, long idleMs) => HoldsAt(Math.Max(lastSeenMs, changedMs) + idleMs);

    private bool HoldsAt(long ms) => Array.Exists(builds, span => span.ToMs > ms) || Array.Exists(permits, span => span.ToMs > ms);

    /// <summary>How it was built at a time; the default value where nothing is said.</summary>
    public RegisteredBuild BuildAt(long ms) => At(ms) is { } span ? new RegisteredBuild(span.Class, span.DriveAxles) : default;

    /// <summary>What its load was judged by at a time; the default value where nothing is said.</summary>
    public RegisteredLoad LoadAt(long ms) => At(ms) is { } span ? new RegisteredLoad(span.Axles, span.RatedLoadKg, span.CurbKg) : default;

    /// <summary>Axles as registered at a time; 0 where nothing is said.</summary>
    public int AxlesAt(long ms) => At(ms)?.Axles ?? 0;

    /// <summary>The permit of the highest gross mass that was valid at a time; null where there was none.</summary>
    public PermitSpan? PermitAt(long ms)
    {
        PermitSpan? found = null;
        foreach (PermitSpan permit in permits)
        {
            if (permit.FromMs <= ms && ms < permit.ToMs && permit.GrossKg > (found?.GrossKg ?? 0))
            {
                found = permit;
            }
        }

        return found;
    }

    /// <summary>Whether it is licensed for dangerous goods at a time; null where nothing is said.</summary>
    public bool? HazmatAt(long ms) => At(ms)?.Hazmat;

    /// <summary>When its licence for dangerous goods ran out: the end of the last one that was over at a time. Null where it has one then, never had one, or nothing was said.</summary>
    public long? HazmatEndedMs(long ms)
    {
        long? endedMs = null;
        foreach (RegisteredSpan span in builds)
        {
            if (span.Hazmat != true)
            {
                continue;
            }

            if (span.FromMs <= ms && ms < span.ToMs)
            {
                return null;
            }

            endedMs = span.ToMs <= ms && span.ToMs > (endedMs ?? long.MinValue) ? span.ToMs : endedMs;
        }

        return endedMs;
    }

    /// <summary>The permit for so much mass that ran out last before a time; null where one is valid or none was.</summary>
    public PermitSpan? EndedPermit(int grossKg, long ms)
    {
        PermitSpan? ended = null;
        foreach (PermitSpan permit in permits)
        {
            if (permit.GrossKg < grossKg)
            {
                continue;
            }

            if (permit.FromMs <= ms && ms < permit.ToMs)
            {
                return null;
            }

            ended = permit.ToMs <= ms && permit.ToMs > (ended?.ToMs ?? long.MinValue) ? permit : ended;
        }

        return ended;
    }

    /// <summary>The permit that opens a zone at a time; null where none does.</summary>
    /// <param name="zone">Key of the zone, UTF-8.</param>
    /// <param name="ms">When.</param>
    public PermitSpan? Opens(scoped ReadOnlySpan<byte> zone, long ms)
    {
        foreach (PermitSpan permit in permits)
        {
            if (permit.Zones.Length > 0 && permit.FromMs <= ms && ms < permit.ToMs && Names(permit.Zones, zone))
            {
                return permit;
            }
        }

        return null;
    }

    /// <summary>True where a list of zones, as a permit has it, names one. It is asked of each reading within a closed zone, and so makes no strings.</summary>
    private static bool Names(ReadOnlySpan<char> zones, scoped ReadOnlySpan<byte> zone)
    {
        foreach (Range range in zones.SplitAny(" ,;，；、"))
        {
            if (IsSame(zones[range], zone))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSame(ReadOnlySpan<char> text, scoped ReadOnlySpan<byte> utf8)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.DecodeFromUtf8(utf8, out Rune other, out int length) != OperationStatus.Done || other != rune)
            {
                return false;
            }

            utf8 = utf8[length..];
        }

        return utf8.IsEmpty;
    }

    /// <summary>What is known once an entry has changed; null where nothing is any more.</summary>
    public static VehicleRegistration? With(VehicleRegistration? before, EntryChanged changed, long nowMs)
    {
        VehicleRegistration after = new() { builds = before?.builds ?? [], permits = before?.permits ?? [], changedMs = nowMs };
        if (changed.Register == Register.Vehicles)
        {
            RegisteredSpan[] all = [.. changed.Spans.Select(Build)];
            after.builds = all.Length > GrainLimits.BuildsPerVehicle ? all[^GrainLimits.BuildsPerVehicle..] : all;
        }
        else if (changed.Register == Register.Permits)
        {
            PermitSpan[] all =
            [
                .. after.permits.Where(permit => permit.Number != changed.Key)
                    .Concat(changed.Spans.Select(span => Permit(changed.Key, span)))
                    .OrderBy(permit => permit.ToMs).ThenBy(permit => permit.FromMs).ThenBy(permit => permit.Number, StringComparer.Ordinal),
            ];
            after.permits = all.Length > GrainLimits.PermitsPerVehicle ? all[^GrainLimits.PermitsPerVehicle..] : all;
        }

        return after.builds.Length + after.permits.Length > 0 ? after : null;
    }

    public static void Write(VehicleRegistration? registration, ByteWriter writer)
    {
        writer.WriteVar((uint)(registration?.builds.Length ?? 0));
        foreach (RegisteredSpan span in registration?.builds ?? [])
        {
            writer.WriteInt64(span.FromMs);
            writer.WriteInt64(span.ToMs);
            writer.WriteByte((byte)span.Class);
            writer.WriteVar((uint)span.Axles);
            writer.WriteVar((uint)span.DriveAxles);
            writer.WriteVar((uint)span.RatedLoadKg);
            writer.WriteVar((uint)span.CurbKg);
        }

        writer.WriteVar((uint)(registration?.permits.Length ?? 0));
        foreach (PermitSpan permit in registration?.permits ?? [])
        {
            writer.WriteText(permit.Number);
            writer.WriteInt64(permit.FromMs);
            writer.WriteInt64(permit.ToMs);
            writer.WriteVar((uint)permit.GrossKg);
        }

        if (registration is not null)
        {
            writer.WriteInt64(registration.changedMs);
        }
    }

    public static VehicleRegistration? Read(scoped ref ByteReader reader)
    {
        VehicleRegistration read = new();
        int count = (int)reader.ReadVar();
        read.builds = count > 0 ? new RegisteredSpan[count] : [];
        for (int i = 0; i < count; i++)
        {
            read.builds[i] = new RegisteredSpan(
                reader.ReadInt64(), reader.ReadInt64(), (VehicleClass)reader.ReadByte(), (int)reader.ReadVar(), (int)reader.ReadVar(), (int)reader.ReadVar(), (int)reader.ReadVar());
        }

        count = (int)reader.ReadVar();
        read.permits = count > 0 ? new PermitSpan[count] : [];
        for (int i = 0; i < count; i++)
        {
            read.permits[i] = new PermitSpan(reader.ReadText(), reader.ReadInt64(), reader.ReadInt64(), (int)reader.ReadVar());
        }

        if (read.builds.Length + read.permits.Length == 0)
        {
            return null;
        }

        read.changedMs = reader.ReadInt64();
        return read;
    }

    /// <summary>What a state of before version 5 did not have: the licence for dangerous goods, and the zones of permits.</summary>
    public static void WriteLicences(VehicleRegistration? registration, ByteWriter writer)
    {
        bool any = registration is not null && (Array.Exists(registration.builds, static span => span.Hazmat is not null) || Array.Exists(registration.permits, static permit => permit.Zones.Length > 0));
        writer.WriteBool(any);
        if (!any)
        {
            return;
        }

        foreach (RegisteredSpan span in registration!.builds)
        {
            writer.WriteByte(span.Hazmat switch { null => 0, true => 1, false => 2 });
        }

        foreach (PermitSpan permit in registration.permits)
        {
            writer.WriteText(permit.Zones);
        }
    }

    public static void ReadLicences(VehicleRegistration? registration, scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return;
        }

        for (int i = 0; i < registration!.builds.Length; i++)
        {
            registration.builds[i] = registration.builds[i] with { Hazmat = reader.ReadByte() switch { 1 => true, 2 => false, _ => null } };
        }

        for (int i = 0; i < registration.permits.Length; i++)
        {
            registration.permits[i] = registration.permits[i] with { Zones = reader.ReadText() };
        }
    }

    public void Describe(Utf8JsonWriter json)
    {
        json.WriteStartArray("registered");
        foreach (RegisteredSpan span in builds)
        {
            json.WriteStartObject();
            Registers.RegisterJson.WriteSpan(json, span.FromMs, span.ToMs);
            ReadingJson.Class(json, span.Class);
            Figure(json, "axles", span.Axles);
            Figure(json, "driveAxles", span.DriveAxles);
            Figure(json, "ratedLoadKg", span.RatedLoadKg);
            Figure(json, "curbKg", span.CurbKg);
            if (span.Hazmat is { } hazmat)
            {
                json.WriteBoolean("hazmat", hazmat);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("permits");
        foreach (PermitSpan permit in permits)
        {
            json.WriteStartObject();
            json.WriteString("number", permit.Number);
            Registers.RegisterJson.WriteSpan(json, permit.FromMs, permit.ToMs);
            Figure(json, "grossKg", permit.GrossKg);
            if (permit.Zones.Length > 0)
            {
                json.WriteString("zones", permit.Zones);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private RegisteredSpan? At(long ms)
    {
        foreach (RegisteredSpan span in builds)
        {
            if (span.FromMs <= ms && ms < span.ToMs)
            {
                return span;
            }
        }

        return null;
    }

    private static void Figure(Utf8JsonWriter json, string name, int value)
    {
        if (value > 0)
        {
            json.WriteNumber(name, value);
        }
    }

    private static RegisteredSpan Build(HeldSpan span)
    {
        RegisteredSpan build = new(span.FromMs, span.ToMs, VehicleClass.Unknown, 0, 0, 0, 0);
        foreach (RegisterValue value in new RegisterValues(RegisterSchema.Of(Register.Vehicles), span.Fields))
        {
            build = value.Field.Name switch
            {
                "vehicleClass" => build with { Class = VehicleClassNames.Parse(value.Bytes) },
                "axles" => build with { Axles = (int)value.Number },
                "driveAxles" => build with { DriveAxles = (int)value.Number },
                "ratedLoadKg" => build with { RatedLoadKg = (int)value.Number },
                "curbKg" => build with { CurbKg = (int)value.Number },
                "hazmat" => build with { Hazmat = value.Bytes.SequenceEqual("yes"u8) },
                _ => build,
            };
        }

        return build;
    }

    private static PermitSpan Permit(string number, HeldSpan span)
    {
        PermitSpan permit = new(number, span.FromMs, span.ToMs, 0);
        foreach (RegisterValue value in new RegisterValues(RegisterSchema.Of(Register.Permits), span.Fields))
        {
            permit = value.Field.Name switch
            {
                "grossKg" => permit with { GrossKg = (int)value.Number },
                "zones" => permit with { Zones = Encoding.UTF8.GetString(value.Bytes) },
                _ => permit,
            };
        }

        return permit;
    }
}
