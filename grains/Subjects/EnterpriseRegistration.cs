using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Registers;

namespace Streaming.Grains.Subjects;

/// <summary>How an enterprise is registered for a span of time.</summary>
/// <param name="FromMs">The first moment that it holds for.</param>
/// <param name="ToMs">The first moment that it does not hold for any more.</param>
/// <param name="People">People within 500 m; -1 where not said.</param>
/// <param name="HazardLevel">Registered grade of its major hazard, 0 for none; -1 where not said.</param>
internal readonly record struct SiteSpan(long FromMs, long ToMs, int People, int HazardLevel);

/// <summary>An entry that is about one substance for a span of time: a permit, or a tank that holds it.</summary>
/// <param name="Key">Number of the permit; name of the tank.</param>
/// <param name="FromMs">The first moment that it holds for.</param>
/// <param name="ToMs">The first moment that it does not hold for any more.</param>
/// <param name="Grams">Most that may be stored, or the capacity; -1 where not said.</param>
internal readonly record struct SubstanceSpan(string Key, long FromMs, long ToMs, long Grams)
{
    public bool HoldsAt(long ms) => FromMs <= ms && ms < ToMs;
}

/// <summary>What permits say of a substance at a time.</summary>
internal enum PermitStanding : byte
{
    /// <summary>No permit of any substance is registered for the enterprise: the register does not speak of it, and nothing follows.</summary>
    NotSaid = 0,

    /// <summary>A permit was valid.</summary>
    Valid = 1,

    /// <summary>None was registered for the substance.</summary>
    None = 2,

    /// <summary>One had ended, and none had followed.</summary>
    Expired = 3,

    /// <summary>One begins later.</summary>
    NotYet = 4,
}

/// <summary>The permits of a substance as they stood at a time.</summary>
/// <param name="Standing">Whether there was one.</param>
/// <param name="Number">The permit that decides: the valid one that allows most, the one that ended last, or the one that begins first.</param>
/// <param name="EdgeMs">When it ended, or begins; 0 where neither is in question.</param>
/// <param name="StorageGrams">Most that may be stored; -1 where the permit does not say.</param>
internal readonly record struct PermitAnswer(PermitStanding Standing, string Number, long EdgeMs, long StorageGrams);

/// <summary>
/// What the registers say of an enterprise, as far as its limits go by it. It goes by the time of a reading or line, not by when either was heard of. Of an enterprise that is only registered the state has its site and two counts; permits and tanks are
/// rows by substance, each read where that substance is in question, and a row by entry says under which substance it stands.
/// </summary>
internal sealed class EnterpriseRegistration
{
    private SiteSpan[] sites = [];

    private EnterpriseRegistration()
    {
    }

    /// <summary>Permits for substances that are registered.</summary>
    public long Permits { get; private set; }

    /// <summary>Tanks that are registered.</summary>
    public long Tanks { get; private set; }

    /// <summary>Its site at a time; null where nothing is said.</summary>
    public SiteSpan? SiteAt(long ms)
    {
        foreach (SiteSpan span in sites)
        {
            if (span.FromMs <= ms && ms < span.ToMs)
            {
                return span;
            }
        }

        return null;
    }

    /// <summary>What is known once an entry has changed; null where nothing is any more. The substances that it is and was about are put into <paramref name="substances"/>.</summary>
    public static EnterpriseRegistration? With(EnterpriseRegistration? before, EntryChanged changed, IActorRows rows, List<string> substances)
    {
        EnterpriseRegistration after = new() { sites = before?.sites ?? [], Permits = before?.Permits ?? 0, Tanks = before?.Tanks ?? 0 };
        switch (changed.Register)
        {
            case Register.Enterprises:
                SiteSpan[] all = [.. changed.Spans.Select(Site)];
                after.sites = all.Length > GrainLimits.SitesPerEnterprise ? all[^GrainLimits.SitesPerEnterprise..] : all;
                break;
            case Register.SubstancePermits:
                after.Permits += File(changed, "permit", changed.Key, "storageKg", rows, substances);
                break;
            case Register.Tanks:
                after.Tanks += File(changed, "tank", changed.Key[(changed.Key.IndexOf('/') + 1)..], "capacityKg", rows, substances);
                break;
        }

        return after.sites.Length > 0 || after.Permits + after.Tanks > 0 ? after : null;
    }

    /// <summary>What permits say of a substance at a time.</summary>
    public static PermitAnswer PermitAt(EnterpriseRegistration? registration, IActorRows rows, string substance, long ms)
    {
        if (registration is not { Permits: > 0 })
        {
            return default;
        }

        SubstanceSpan? valid = null, ended = null, later = null;
        foreach (SubstanceSpan span in Spans(rows, "permit", substance))
        {
            if (span.HoldsAt(ms))
            {
                valid = valid is { } other && (other.Grams < 0 || (span.Grams >= 0 && other.Grams >= span.Grams)) ? valid : span;
            }
            else if (span.ToMs <= ms)
            {
                ended = ended is { } other && other.ToMs >= span.ToMs ? ended : span;
            }
            else
            {
                later = later is { } other && other.FromMs <= span.FromMs ? later : span;
            }
        }

        return valid is { } it ? new PermitAnswer(PermitStanding.Valid, it.Key, 0, it.Grams)
            : ended is { } over ? new PermitAnswer(PermitStanding.Expired, over.Key, over.ToMs, -1)
            : later is { } next ? new PermitAnswer(PermitStanding.NotYet, next.Key, next.FromMs, -1)
            : new PermitAnswer(PermitStanding.None, "", 0, -1);
    }

    /// <summary>Of permits that follow one another without a gap from a time on at which one is valid, the last and when it ends, ms; <see cref="RegisterStatement.Open"/> where one has no end.</summary>
    public static (string Number, long EndMs) CoveredUntil(IActorRows rows, string substance, long ms)
    {
        (string Number, long EndMs) last = ("", ms);
        SubstanceSpan[] spans = Spans(rows, "permit", substance);
        for (bool goesOn = true; goesOn;)
        {
            goesOn = false;
            foreach (SubstanceSpan span in spans)
            {
                if (span.FromMs <= last.EndMs && span.ToMs > last.EndMs)
                {
                    last = (span.Key, span.ToMs);
                    goesOn = true;
                }
            }
        }

        return last;
    }

    /// <summary>How many tanks are registered for a substance at a time.</summary>
    public static int TanksAt(EnterpriseRegistration? registration, IActorRows rows, string substance, long ms) =>
        registration is { Tanks: > 0 } ? Spans(rows, "tank", substance).Where(span => span.HoldsAt(ms)).Select(span => span.Key).Distinct().Count() : 0;

    public static void Write(EnterpriseRegistration? registration, ByteWriter writer)
    {
        writer.WriteBool(registration is not null);
        if (registration is null)
        {
            return;
        }

        writer.WriteVar((uint)registration.sites.Length);
        foreach (SiteSpan span in registration.sites)
        {
            writer.WriteInt64(span.FromMs);
            writer.WriteInt64(span.ToMs);
            writer.WriteSigned(span.People);
            writer.WriteSigned(span.HazardLevel);
        }

        writer.WriteVar((ulong)registration.Permits);
        writer.WriteVar((ulong)registration.Tanks);
    }

    public static EnterpriseRegistration? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        EnterpriseRegistration read = new();
        int count = (int)reader.ReadVar();
        read.sites = count > 0 ? new SiteSpan[count] : [];
        for (int i = 0; i < count; i++)
        {
            read.sites[i] = new SiteSpan(reader.ReadInt64(), reader.ReadInt64(), (int)reader.ReadSigned(), (int)reader.ReadSigned());
        }

        read.Permits = (long)reader.ReadVar();
        read.Tanks = (long)reader.ReadVar();
        return read;
    }

    public void Describe(Utf8JsonWriter json)
    {
        json.WriteStartArray("registered");
        foreach (SiteSpan span in sites)
        {
            json.WriteStartObject();
            Registers.RegisterJson.WriteSpan(json, span.FromMs, span.ToMs);
            if (span.People >= 0)
            {
                json.WriteNumber("peopleWithin500M", span.People);
            }

            if (span.HazardLevel >= 0)
            {
                json.WriteNumber("majorHazardLevel", span.HazardLevel);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("substancePermits", Permits);
        json.WriteNumber("registeredTanks", Tanks);
    }

    /// <summary>Puts an entry under its substances, and takes it from where it stood; returns by how much the number of entries grew.</summary>
    private static int File(EntryChanged changed, string kind, string name, string quantity, IActorRows rows, List<string> substances)
    {
        string key = $"{kind}/{name}";
        string[] before = Texts(rows.Find(key));
        SortedDictionary<string, List<SubstanceSpan>> now = new(StringComparer.Ordinal);
        foreach (HeldSpan span in changed.Spans)
        {
            string substance = "";
            long grams = -1;
            foreach (RegisterValue value in new RegisterValues(RegisterSchema.Of(changed.Register), span.Fields))
            {
                substance = value.Field.Name == "substance" ? SubstanceOf(value.Bytes) : substance;
                grams = value.Field.Name == quantity ? value.Number : grams;
            }

            if (substance.Length > 0)
            {
                (now.TryGetValue(substance, out List<SubstanceSpan>? spans) ? spans : now[substance] = []).Add(new SubstanceSpan(name, span.FromMs, span.ToMs, grams));
            }
        }

        foreach (string substance in before.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            SubstanceSpan[] all =
            [
                .. Spans(rows, kind, substance).Where(span => span.Key != name).Concat(now.GetValueOrDefault(substance) ?? [])
                    .OrderBy(span => span.ToMs).ThenBy(span => span.FromMs).ThenBy(span => span.Key, StringComparer.Ordinal),
            ];
            Put(rows, kind, substance, all.Length > GrainLimits.EntriesPerSubstance ? all[^GrainLimits.EntriesPerSubstance..] : all);
            substances.Add(substance);
        }

        if (now.Count > 0)
        {
            ByteWriter writer = new(64);
            writer.WriteVar((uint)now.Count);
            foreach (string substance in now.Keys)
            {
                writer.WriteText(substance);
            }

            rows.Put(key, writer.Written.ToArray());
        }
        else if (before.Length > 0)
        {
            rows.Remove(key);
        }

        return (now.Count > 0 ? 1 : 0) - (before.Length > 0 ? 1 : 0);
    }

    /// <summary>A register writes UN numbers as it likes; readings have them in capitals.</summary>
    private static string SubstanceOf(ReadOnlySpan<byte> text)
    {
        string substance = Encoding.UTF8.GetString(text).Trim(' ');
        return substance.Length == 6 && substance.StartsWith("un", StringComparison.OrdinalIgnoreCase) ? $"UN{substance[2..]}" : substance;
    }

    private static string[] Texts(byte[]? row)
    {
        if (row is null)
        {
            return [];
        }

        ByteReader reader = new(row);
        string[] texts = new string[reader.ReadVar()];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.ReadText();
        }

        return texts;
    }

    private static SubstanceSpan[] Spans(IActorRows rows, string kind, string substance)
    {
        if (rows.Find($"{kind}s/{substance}") is not { } row)
        {
            return [];
        }

        ByteReader reader = new(row);
        SubstanceSpan[] spans = new SubstanceSpan[reader.ReadVar()];
        for (int i = 0; i < spans.Length; i++)
        {
            spans[i] = new SubstanceSpan(reader.ReadText(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadSigned());
        }

        return spans;
    }

    private static void Put(IActorRows rows, string kind, string substance, SubstanceSpan[] spans)
    {
        string key = $"{kind}s/{substance}";
        if (spans.Length == 0)
        {
            rows.Remove(key);
            return;
        }

        ByteWriter writer = new(spans.Length * 40);
        writer.WriteVar((uint)spans.Length);
        foreach (SubstanceSpan span in spans)
        {
            writer.WriteText(span.Key);
            writer.WriteInt64(span.FromMs);
            writer.WriteInt64(span.ToMs);
            writer.WriteSigned(span.Grams);
        }

        rows.Put(key, writer.Written.ToArray());
    }

    private static SiteSpan Site(HeldSpan span)
    {
        SiteSpan site = new(span.FromMs, span.ToMs, -1, -1);
        foreach (RegisterValue value in new RegisterValues(RegisterSchema.Of(Register.Enterprises), span.Fields))
        {
            site = value.Field.Name switch
            {
                "peopleWithin500M" => site with { People = (int)value.Number },
                "majorHazardLevel" => site with { HazardLevel = (int)value.Number },
                _ => site,
            };
        }

        return site;
    }
}
