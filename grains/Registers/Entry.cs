using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;

namespace Streaming.Grains.Registers;

/// <summary>
/// One entry of a register: a vehicle, a permit, a waybill. It keeps what each source says and for when, joins it by the rulebook's precedence, shows the result, and tells the subjects that it is about. A statement that says
/// nothing new changes nothing, so that a file may be loaded twice; statements come to the same in whatever order they arrive.
/// </summary>
public sealed class Entry : Actor
{
    private const byte Version = 2;

    /// <summary>By id of the source, ordinal.</summary>
    private readonly List<EntryStatements> sources = [];

    /// <summary>Subjects that were told of it, ordinal: a permit may have been another's. The register says what kind of subject they are.</summary>
    private string[] told = [];
    private Register register;
    private long outdated;
    private long refused;
    private long changedMs;

    public override bool Exists => register != Register.None;

    /// <summary>What is over is forgotten like a vehicle; of what has no end nobody knows whether it is over.</summary>
    public override bool IsExpired(long idleMs, Rulebook rules) =>
        !rules.Expiry.Keeps(idleMs, onceSeen: false, warned: true)
        && sources.TrueForAll(source => source.EndMs < changedMs + idleMs);

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        if (message.Kind == MessageKind.AskDistance)
        {
            Answer(turn, message.Read<DistanceAsked>());
            return;
        }

        if (message.Kind == MessageKind.OverloadFound)
        {
            Trace(turn, message.Read<Overload>());
            return;
        }

        if (message.Kind != MessageKind.Reading || message.ReadingKind != ReadingKind.Register)
        {
            throw new InvalidOperationException($"Entry {turn.Key} got {message.Kind} {message.ReadingKind} at position {turn.Position}; it takes statements of registers, questions for a distance and overloads of its vehicle.");
        }

        ByteReader reader = new(message.Body);
        RegisterStatement said = RegisterStatement.Read(ref reader);
        register = said.Register;
        if (SourceOf(message.Origin.Source) is not { } source)
        {
            refused++;
            return;
        }

        // What is said again is as new as when it was said last, and so may count before what another said meanwhile.
        RegisterSchema schema = RegisterSchema.Of(register);
        List<Span>? before = sources.Count > 1 ? EntrySpans.Join(schema, sources, turn.Rules.Registers) : null;
        source.Joined = said.Joined;
        StatementOutcome outcome = source.Take(said);
        switch (outcome)
        {
            case StatementOutcome.Known when before is null && IsToldOf:
                return;
            case StatementOutcome.Outdated:
                outdated++;
                return;
        }

        Trim();
        List<Span> joined = EntrySpans.Join(schema, sources, turn.Rules.Registers);
        if (outcome == StatementOutcome.Known && (before is null || EntrySpans.AreSame(before, joined)))
        {
            if (!IsToldOf)
            {
                // Said before enterprises, or stations, were told; who says it again makes up for it.
                TellSubjects(turn, joined, source.Source);
            }

            return;
        }

        changedMs = turn.NowMs;
        Publish(turn, schema, joined, source.Source);
        if (before is not null)
        {
            TellOthers(turn, schema, before, joined, source);
        }
    }

    /// <summary>Takes the row off the list; nobody else has to hear, since what is over judges nothing any more.</summary>
    public override void Expire(scoped in Turn turn) => turn.Effects.Hide(View.Registers, turn.Key);

    public override void Write(ByteWriter writer)
    {
        writer.WriteByte(Version);
        writer.WriteByte((byte)register);
        writer.WriteVar((ulong)outdated);
        writer.WriteVar((ulong)refused);
        writer.WriteInt64(changedMs);
        writer.WriteVar((uint)told.Length);
        foreach (string subject in told)
        {
            writer.WriteText(subject);
        }

        writer.WriteVar((uint)sources.Count);
        foreach (EntryStatements source in sources)
        {
            source.Write(writer);
        }
    }

    public override void Read(ref ByteReader reader)
    {
        byte version = Subjects.StateVersion.Read(ref reader, Version, nameof(Entry));
        register = (Register)reader.ReadByte();
        outdated = (long)reader.ReadVar();
        refused = (long)reader.ReadVar();
        changedMs = reader.ReadInt64();
        told = new string[reader.ReadVar()];
        for (int i = 0; i < told.Length; i++)
        {
            told[i] = reader.ReadText();
        }

        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            sources.Add(EntryStatements.Read(ref reader, hasJoined: version >= 2));
        }
    }

    /// <summary>Every statement as its source made it; what follows from all of them stands in the list, since joining them takes the rulebook.</summary>
    public override void Describe(Utf8JsonWriter json, string key)
    {
        RegisterSchema schema = RegisterSchema.Of(register);
        json.WriteStartObject();
        json.WriteString("register", schema.Name);
        json.WriteString("key", KeyOf(key));
        Subjects.ReadingJson.Time(json, "changed", changedMs);
        json.WriteStartArray("statements");
        foreach (EntryStatements source in sources)
        {
            foreach (EntryStatement statement in source.Statements)
            {
                json.WriteStartObject();
                json.WriteString("source", source.Source);
                Subjects.ReadingJson.Time(json, "at", statement.SaidMs);
                RegisterJson.WriteSpan(json, statement.FromMs, statement.ToMs);
                if (statement.Removed)
                {
                    json.WriteBoolean("removed", true);
                }

                json.WritePropertyName("values");
                RegisterJson.WriteValues(json, schema, statement.Fields);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteNumber("outdated", outdated);
        json.WriteNumber("refused", refused);
        json.WriteEndObject();
    }

    /// <summary>What is registered for the time of the journey; an entry that has nothing for it does not answer.</summary>
    private void Answer(scoped in Turn turn, DistanceAsked asked)
    {
        if (register != Register.Distances)
        {
            return;
        }

        foreach (Span span in EntrySpans.Join(RegisterSchema.Of(register), sources, turn.Rules.Registers))
        {
            if (span.FromMs <= asked.FromMs && asked.FromMs < span.ToMs && span.Values.FirstOrDefault(value => value.Field.Name == "distanceM") is { Number: > 0 } metres)
            {
                turn.Effects.Tell(ActorKind.Vehicle, asked.Vehicle, MessageKind.DistanceTold, new DistanceTold(asked.From, asked.To, asked.FromMs, asked.ToMs, metres.Number));
            }
        }
    }

    /// <summary>
    /// Passes an overload on to who loaded the vehicle, by a waybill, or to whose it is. A waybill that names no consignor leaves it to the vehicle's own entry. What is withdrawn goes to whoever the entry ever named, since it may have changed meanwhile.
    /// </summary>
    private void Trace(scoped in Turn turn, Overload overload)
    {
        string field = overload.Waybill is null ? "enterprise" : "consignor";
        long atMs = overload.At.ToUnixTimeMilliseconds();
        SortedSet<string> enterprises = new(StringComparer.Ordinal);
        foreach (Span span in register == Register.None ? [] : EntrySpans.Join(RegisterSchema.Of(register), sources, turn.Rules.Registers))
        {
            if ((overload.Withdrawn || (span.FromMs <= atMs && atMs < span.ToMs)) && TextOf(span, value => value.Field.Name == field) is { Length: > 0 } enterprise)
            {
                enterprises.Add(enterprise);
            }
        }

        foreach (string enterprise in enterprises.Where(enterprise => Encoding.UTF8.GetByteCount(enterprise) <= GrainLimits.KeyBytes))
        {
            turn.Effects.Tell(ActorKind.Enterprise, enterprise, MessageKind.OverloadTraced, overload);
        }

        if (enterprises.Count == 0 && overload is { Waybill: not null, Withdrawn: false })
        {
            turn.Effects.Tell(ActorKind.Entry, $"vehicles/{overload.Vehicle}", MessageKind.OverloadFound, overload with { Waybill = null });
        }
    }

    /// <summary>What the source said so far; a new one where there is room; null where there is not.</summary>
    private EntryStatements? SourceOf(ReadOnlySpan<byte> id)
    {
        string name = Encoding.UTF8.GetString(id);
        int place = 0;
        while (place < sources.Count && string.CompareOrdinal(sources[place].Source, name) < 0)
        {
            place++;
        }

        if (place < sources.Count && sources[place].Source == name)
        {
            return sources[place];
        }

        if (sources.Count == GrainLimits.SourcesPerEntry)
        {
            return null;
        }

        EntryStatements added = new(name);
        sources.Insert(place, added);
        return added;
    }

    /// <summary>Keeps the state within its bound: the statement with the earliest beginning goes first, of the source with the most of them.</summary>
    private void Trim()
    {
        while (sources.Sum(source => source.Bytes) > GrainLimits.StatementBytes)
        {
            EntryStatements longest = sources[0];
            foreach (EntryStatements source in sources)
            {
                longest = source.Bytes > longest.Bytes ? source : longest;
            }

            longest.DropOldest();
        }

        sources.RemoveAll(source => source.Statements.Count == 0);
    }

    private void Publish(scoped in Turn turn, RegisterSchema schema, List<Span> joined, string by)
    {
        turn.Effects.ShowWritten(View.Registers, turn.Key, Row(schema, KeyOf(turn.Key), joined, turn.NowMs));
        TellSubjects(turn, joined, by);
    }

    /// <summary>False where the entry is of a register whose subjects were not told yet: it was loaded by a version that told vehicles alone, or no stations.</summary>
    private bool IsToldOf => told.Length > 0 || register is not (Register.Enterprises or Register.SubstancePermits or Register.Tanks or Register.Stations);

    /// <summary>A message to each subject that the entry is about, or was: one, unless it changed hands.</summary>
    private void TellSubjects(scoped in Turn turn, List<Span> joined, string by)
    {
        string key = KeyOf(turn.Key);
        string[] subjects = SubjectsOf(key, joined);
        ActorKind kind = register is Register.Vehicles or Register.Permits or Register.Waybills ? ActorKind.Vehicle : register == Register.Stations ? ActorKind.Source : ActorKind.Enterprise;
        bool isNew = told.Length == 0 || told.AsSpan().SequenceEqual(subjects);
        ByteWriter body = new();
        foreach (string subject in isNew ? subjects : [.. subjects.Union(told).Order(StringComparer.Ordinal)])
        {
            // A subject hears only of the time in which the entry is about it.
            List<HeldSpan> its = [];
            foreach (Span span in joined)
            {
                if (IsAbout(span, subject))
                {
                    body.Clear();
                    its.Add(Hold(span, body));
                }
            }

            body.Clear();
            new EntryChanged(register, key, [.. its], by).Write(body);
            turn.Effects.Tell(kind, subject, MessageKind.EntryChanged, body.Written);
        }

        told = subjects;
    }

    private bool IsAbout(Span span, string subject) => register switch
    {
        Register.Permits or Register.Waybills => PlateOf(span) == subject,
        Register.SubstancePermits => EnterpriseOf(span) == subject,
        _ => true,
    };

    /// <summary>
    /// The ways back: every other source that still speaks of the entry and asked for it hears what now holds. At most one tell a source, of which there are <see cref="GrainLimits.SourcesPerEntry"/>; where nobody asked, nothing is compared.
    /// </summary>
    private void TellOthers(scoped in Turn turn, RegisterSchema schema, List<Span> before, List<Span> joined, EntryStatements by)
    {
        EntryJoined? body = null;
        foreach (EntryStatements other in sources)
        {
            if (other == by || !other.Joined || !other.Speaks)
            {
                continue;
            }

            if (body is null)
            {
                string[] changed = EntrySpans.Changed(before, joined);
                if (changed.Length == 0)
                {
                    return;
                }

                body = new EntryJoined(schema.Name, KeyOf(turn.Key), by.Source, changed, [.. joined.Select(Tell)]);
            }

            turn.Effects.Tell(ActorKind.Source, other.Source, MessageKind.EntryJoined, body);
        }
    }

    /// <summary>The subjects that have to know: the vehicle, enterprise or station that is registered, those that a permit or a waybill was given to, the enterprise that a tank stands at, whose code its key begins with.</summary>
    private string[] SubjectsOf(string key, List<Span> joined) => register switch
    {
        Register.Vehicles or Register.Enterprises or Register.Stations => [key],
        Register.Permits or Register.Waybills => [.. joined.Select(PlateOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
        Register.SubstancePermits => [.. joined.Select(EnterpriseOf).OfType<string>().Where(enterprise => enterprise.Length > 0).Distinct().Order(StringComparer.Ordinal)],
        Register.Tanks when key.IndexOf('/') is > 0 and var end => [key[..end]],
        _ => [],
    };

    private static string? EnterpriseOf(Span span) => TextOf(span, static value => value.Field.Name == "enterprise");

    private static string? PlateOf(Span span) => TextOf(span, static value => value.Field.Kind == RegisterFieldKind.Plate);

    /// <summary>The first value of a kind, as a text; null where the span has none.</summary>
    private static string? TextOf(Span span, Func<SpanValue, bool> isIt) => span.Values.FirstOrDefault(isIt) is { } value ? Encoding.UTF8.GetString(value.Bytes) : null;

    /// <summary>An <see cref="EntryRow"/>, written without making one: a load of a register is one for each record.</summary>
    private ReadOnlySpan<byte> Row(RegisterSchema schema, string key, List<Span> joined, long nowMs)
    {
        List<string> refs = [];
        List<string> resources = [];
        string? district = null;
        bool differs = false;
        foreach (EntryStatements source in sources)
        {
            if (source.Speaks)
            {
                refs.Add($"source={source.Source}");
                resources.Add(source.Source);
            }
        }

        foreach (Span span in joined)
        {
            foreach (SpanValue value in span.Values)
            {
                if (value.Field.IsReference)
                {
                    refs.Add($"{value.Field.Name}={Encoding.UTF8.GetString(value.Bytes)}");
                }

                district = value.Field.Name == "district" ? Encoding.UTF8.GetString(value.Bytes) : district;
                differs |= value.Others.Count > 0;
            }
        }

        // Each once, ordinal.
        refs.Sort(StringComparer.Ordinal);
        for (int i = refs.Count - 1; i > 0; i--)
        {
            if (refs[i] == refs[i - 1])
            {
                refs.RemoveAt(i);
            }
        }

        return RegisterJson.Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteString("register", schema.Name);
            json.WriteString("key", key);
            json.WriteStartArray("spans");
            foreach (Span span in joined)
            {
                RegisterJson.WriteSpan(json, span);
            }

            json.WriteEndArray();
            RegisterJson.WriteTexts(json, "refs", refs);
            if (district is not null)
            {
                json.WriteString("district", district);
            }

            RegisterJson.WriteTexts(json, "resources", resources);
            json.WriteBoolean("differs", differs);
            json.WriteString("changed", DateTimeOffset.FromUnixTimeMilliseconds(nowMs));
            json.WriteEndObject();
        });
    }

    private static HeldSpan Hold(Span span, ByteWriter fields)
    {
        foreach (SpanValue value in span.Values)
        {
            new RegisterValue(value.Field, value.Number, value.Bytes).Write(fields);
        }

        return new HeldSpan(span.FromMs, span.ToMs, fields.Written.ToArray());
    }

    private static EntrySpan Tell(Span span) => JsonSerializer.Deserialize(RegisterJson.Bytes(json => RegisterJson.WriteSpan(json, span)), GrainsJson.Default.EntrySpan)!;

    /// <summary>The key within the register: what stands behind the first slash.</summary>
    private static string KeyOf(string key) => key[(key.IndexOf('/') + 1)..];
}
