using System.Globalization;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>Reads a list's filters and cuts them down to what the caller may see.</summary>
internal static class ListQuery
{
    private const int MaxValueLength = 256;

    /// <summary>Filters that are true or false.</summary>
    private static readonly string[] Flags = ["open", "differs"];

    /// <summary>An unknown filter is refused: one that is passed over would show rows that were not asked for.</summary>
    public static (ViewQuery? Query, Refusal? Refusal) Read(IQueryCollection values, View view, string[] filters)
    {
        foreach (string name in values.Keys)
        {
            if (name == AuditReason.Parameter)
            {
                continue;
            }

            if (name is not ("limit" or "after") && !filters.Contains(name))
            {
                return (null, Refusal.Invalid($"There is no filter '{name}' here; there are {string.Join(", ", [.. filters, "limit", "after"])}.", name));
            }

            if (values[name].Count != 1 || values[name][0]!.Length > MaxValueLength)
            {
                return (null, Refusal.Invalid($"Give '{name}' once, with at most {MaxValueLength} characters.", name));
            }
        }

        foreach (string flag in Flags)
        {
            if (Value(values, flag) is not null && Flag(values, flag) is null)
            {
                return (null, Refusal.Invalid($"Expected {flag}=true or {flag}=false.", flag));
            }
        }

        (int limit, long? after, Refusal? refusal) = Paging(values, ViewLimits.PageRows);
        return refusal is not null ? (null, refusal) : (new ViewQuery(view)
        {
            Subject = Value(values, "subject"),
            Kind = Value(values, "kind"),
            State = Value(values, "state"),
            District = Value(values, "district") is "*" ? null : Value(values, "district"),
            Department = Value(values, "department"),
            Case = Value(values, "case"),
            Owner = Value(values, "owner"),
            Open = Flag(values, "open"),
            Differs = Flag(values, "differs"),
            Limit = limit,
            After = after,
        }, null);
    }

    public static (int Limit, long? After, Refusal? Refusal) Paging(IQueryCollection values, int most)
    {
        int limit = Math.Min(ApiLimits.DefaultPageRows, most);
        if (Value(values, "limit") is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 1))
        {
            return (0, null, Refusal.Invalid($"Expected a limit from 1 to {most}.", "limit"));
        }

        long? after = null;
        if (Value(values, "after") is { } from)
        {
            if (!long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out long seq))
            {
                return (0, null, Refusal.Invalid("Expected the 'next' of an earlier page.", "after"));
            }

            after = seq;
        }

        return (Math.Min(limit, most), after, null);
    }

    /// <summary>Adds the caller's own department and district; asking for another one is refused.</summary>
    public static (ViewQuery? Query, Refusal? Refusal) Restrict(ViewQuery query, Principal caller)
    {
        if (caller.Scope.Department is { } department)
        {
            if (query.Department is not null && query.Department != department)
            {
                return (null, Refusal.Forbidden($"This token sees the department '{department}' only."));
            }

            query = query with { Department = department };
        }

        return OfAnother(query.District, caller) is { } refusal ? (null, refusal) : (query with { District = query.District ?? caller.Scope.District }, null);
    }

    /// <summary>Why a caller may not ask for a district; null where it may, or asks for none.</summary>
    public static Refusal? OfAnother(string? district, Principal caller) =>
        district is null || caller.Scope.HasDistrict(district) ? null : Refusal.Forbidden($"This token sees the district '{caller.Scope.District}' only.");

    private static bool? Flag(IQueryCollection values, string name) => Value(values, name) switch { "true" or "1" => true, "false" or "0" => false, _ => null };

    public static string? Value(IQueryCollection values, string name) => values.TryGetValue(name, out var found) && found.Count > 0 && found[0] is { Length: > 0 } value ? value : null;
}
