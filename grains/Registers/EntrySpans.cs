using Streaming.Grains.Rules;
using Streaming.Models.Encoding;
using Streaming.Models.Registers;

namespace Streaming.Grains.Registers;

/// <summary>The value of a field for a span, and who said it.</summary>
internal sealed record SpanValue(RegisterField Field, long Number, byte[] Bytes, string Source)
{
    /// <summary>Sources that say something else for the same span, in the order in which they would have been asked.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    public bool IsSame(SpanValue other) =>
        Field == other.Field && Number == other.Number && Bytes.AsSpan().SequenceEqual(other.Bytes) && Source == other.Source && Others.SequenceEqual(other.Others);
}

/// <summary>What holds from one moment to another, joined from all sources. Values in the order of the fields' numbers.</summary>
internal sealed record Span(long FromMs, long ToMs, IReadOnlyList<SpanValue> Values);

/// <summary>Joins what several sources say into what holds when.</summary>
internal static class EntrySpans
{
    /// <summary>
    /// The spans in rising order, without gaps where nothing is said; neighbours that say the same are one. For each field the rulebook names whose word counts; where it does not, or they are silent, the latest statement counts,
    /// and of statements of the same time that of the source with the lower id.
    /// </summary>
    public static List<Span> Join(RegisterSchema schema, IReadOnlyList<EntryStatements> sources, RegisterRules rules)
    {
        List<long> edges = [];
        foreach (EntryStatements source in sources)
        {
            foreach (EntryStatement statement in source.Statements)
            {
                edges.Add(statement.FromMs);
                edges.Add(statement.ToMs);
            }
        }

        edges.Sort();
        List<Span> spans = [];
        long? from = null;
        foreach (long edge in edges)
        {
            if (from is { } begin && begin < edge && ValuesAt(schema, sources, rules, begin) is { Count: > 0 } values)
            {
                if (spans.Count > 0 && spans[^1] is { } last && last.ToMs == begin && Same(last.Values, values))
                {
                    spans[^1] = last with { ToMs = edge };
                }
                else
                {
                    spans.Add(new Span(begin, edge, values));
                }
            }

            from = edge;
        }

        return spans.Count <= GrainLimits.SpansPerEntry ? spans : spans[^GrainLimits.SpansPerEntry..];
    }

    /// <summary>True where two joinings say the same.</summary>
    public static bool AreSame(List<Span> one, List<Span> other)
    {
        if (one.Count != other.Count)
        {
            return false;
        }

        for (int i = 0; i < one.Count; i++)
        {
            if (one[i].FromMs != other[i].FromMs || one[i].ToMs != other[i].ToMs || !Same(one[i].Values, other[i].Values))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Names of the fields that two joinings say differently: another value or another time, another whose word counts, or others who contradict it. Ordinal.</summary>
    public static string[] Changed(List<Span> one, List<Span> other)
    {
        SortedSet<string> changed = new(StringComparer.Ordinal);
        SortedDictionary<byte, RegisterField> fields = [];
        foreach (SpanValue value in one.Concat(other).SelectMany(span => span.Values))
        {
            fields[value.Field.Number] = value.Field;
        }

        foreach (RegisterField field in fields.Values)
        {
            List<(long FromMs, long ToMs, SpanValue Value)> before = Of(one, field);
            List<(long FromMs, long ToMs, SpanValue Value)> after = Of(other, field);
            bool same = before.Count == after.Count;
            for (int i = 0; same && i < before.Count; i++)
            {
                same = before[i].FromMs == after[i].FromMs && before[i].ToMs == after[i].ToMs && before[i].Value.IsSame(after[i].Value);
            }

            if (!same)
            {
                changed.Add(field.Name);
            }
        }

        return [.. changed];
    }

    /// <summary>One field alone: spans that are two because of another field are one.</summary>
    private static List<(long FromMs, long ToMs, SpanValue Value)> Of(List<Span> spans, RegisterField field)
    {
        List<(long FromMs, long ToMs, SpanValue Value)> line = [];
        foreach (Span span in spans)
        {
            SpanValue? value = null;
            foreach (SpanValue each in span.Values)
            {
                value = each.Field == field ? each : value;
            }

            if (value is not null && line.Count > 0 && line[^1] is var last && last.ToMs == span.FromMs && last.Value.IsSame(value))
            {
                line[^1] = last with { ToMs = span.ToMs };
            }
            else if (value is not null)
            {
                line.Add((span.FromMs, span.ToMs, value));
            }
        }

        return line;
    }

    private static List<SpanValue> ValuesAt(RegisterSchema schema, IReadOnlyList<EntryStatements> sources, RegisterRules rules, long ms)
    {
        // Mostly there is one source, whose values are what holds.
        if (sources.Count == 1)
        {
            return sources[0].At(ms) is { } only ? ValuesOf(schema, only, sources[0].Source) : [];
        }

        List<(SpanValue Value, long AtMs)> said = [];
        int speakers = 0;
        foreach (EntryStatements source in sources)
        {
            if (source.At(ms) is not { } statement)
            {
                continue;
            }

            speakers++;
            foreach (RegisterValue value in new RegisterValues(schema, statement.Fields))
            {
                said.Add((new SpanValue(value.Field, value.Number, value.Bytes.ToArray(), source.Source), statement.SaidMs));
            }
        }

        return speakers > 1 ? Choose(schema, said, rules) : said.ConvertAll(each => each.Value);
    }

    private static List<SpanValue> ValuesOf(RegisterSchema schema, EntryStatement statement, string source)
    {
        List<SpanValue> values = new(8);
        foreach (RegisterValue value in new RegisterValues(schema, statement.Fields))
        {
            values.Add(new SpanValue(value.Field, value.Number, value.Bytes.ToArray(), source));
        }

        return values;
    }

    /// <summary>Of what several sources say of each field, the word that counts.</summary>
    private static List<SpanValue> Choose(RegisterSchema schema, List<(SpanValue Value, long AtMs)> said, RegisterRules rules)
    {
        SortedDictionary<byte, List<(SpanValue Value, long AtMs)>> byField = [];
        foreach ((SpanValue Value, long AtMs) each in said)
        {
            if (!byField.TryGetValue(each.Value.Field.Number, out List<(SpanValue, long)>? all))
            {
                byField[each.Value.Field.Number] = all = [];
            }

            all.Add(each);
        }

        List<SpanValue> values = [];
        foreach (List<(SpanValue Value, long AtMs)> all in byField.Values)
        {
            RegisterField field = all[0].Value.Field;
            IReadOnlyList<string> order = rules.Order(schema.Name, field.Name);
            all.Sort((one, other) =>
            {
                int byRule = Rank(order, one.Value.Source).CompareTo(Rank(order, other.Value.Source));
                int byTime = byRule != 0 ? byRule : other.AtMs.CompareTo(one.AtMs);
                return byTime != 0 ? byTime : string.CompareOrdinal(one.Value.Source, other.Value.Source);
            });
            SpanValue chosen = all[0].Value;
            values.Add(chosen with
            {
                Others = [.. all.Where(each => each.Value.Number != chosen.Number || !each.Value.Bytes.AsSpan().SequenceEqual(chosen.Bytes)).Select(each => each.Value.Source)],
            });
        }

        return values;
    }

    private static int Rank(IReadOnlyList<string> order, string source)
    {
        for (int i = 0; i < order.Count; i++)
        {
            if (order[i] == source)
            {
                return i;
            }
        }

        return order.Count;
    }

    private static bool Same(IReadOnlyList<SpanValue> one, IReadOnlyList<SpanValue> other)
    {
        if (one.Count != other.Count)
        {
            return false;
        }

        for (int i = 0; i < one.Count; i++)
        {
            if (!one[i].IsSame(other[i]))
            {
                return false;
            }
        }

        return true;
    }
}
