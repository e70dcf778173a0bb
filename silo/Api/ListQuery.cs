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
    private static readonly string[] Flags = ["open", "differs", "overdue"];

    /// <summary>An unknown filter is refused: one that is passed over would show rows that were not asked for.</summary>
    /// <param name="values">What was asked.</param>
    /// <param name="view">The list.</param>
    /// <param name="filters">What it can be filtered by.</param>
    /// <param name="nowMs">What is overdue goes by, ms since 1970.</param>
    public static (ViewQuery? Query, Refusal? Refusal) Read(IQueryCollection values, View view, string[] filters, long nowMs = 0)
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

        (int? severity, string? text, bool byDeadline, Refusal? wrong) = Looked(values);
        if (wrong is not null)
        {
            return (null, wrong);
        }

        (int limit, long? after, long? afterDue, Refusal? refusal) = Paging(values, ViewLimits.PageRows, byDeadline);
        return refusal is not null ? (null, refusal) : (new ViewQuery(view)
        {
            Severity = severity,
            Overdue = Flag(values, "overdue"),
            NowMs = nowMs,
            Text = text,
            ByDeadline = byDeadline,
            AfterDue = afterDue,
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
        (int limit, long? after, _, Refusal? refusal) = Paging(values, most, byDeadline: false);
        return (limit, after, refusal);
    }

    private static (int Limit, long? After, long? AfterDue, Refusal? Refusal) Paging(IQueryCollection values, int most, bool byDeadline)
    {
        int limit = Math.Min(ApiLimits.DefaultPageRows, most);
        if (Value(values, "limit") is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 1))
        {
            return (0, null, null, Refusal.Invalid($"Expected a limit from 1 to {most}.", "limit"));
        }

        long? after = null;
        long? afterDue = null;
        if (Value(values, "after") is { } from)
        {
            // In the order of deadlines a place has two parts: the deadline, and where the row stands among those that have the same.
            int dot = byDeadline ? from.IndexOf('.', StringComparison.Ordinal) : -1;
            if ((byDeadline && dot < 0) || !long.TryParse(from.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long seq)
                || (byDeadline && !long.TryParse(from.AsSpan(0, dot), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
            {
                return (0, null, null, Refusal.Invalid($"Expected the 'next' of an earlier page{(byDeadline ? " of the same order" : "")}.", "after"));
            }

            after = seq;
            afterDue = byDeadline ? long.Parse(from.AsSpan(0, dot), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : null;
        }

        return (Math.Min(limit, most), after, afterDue, null);
    }

    /// <summary>How grave, which text and in which order.</summary>
    private static (int? Severity, string? Text, bool ByDeadline, Refusal? Refusal) Looked(IQueryCollection values)
    {
        int? severity = null;
        if (Value(values, "severity") is { } grave)
        {
            if (grave is not [>= '1' and <= '4'])
            {
                return (null, null, false, Refusal.Invalid("Expected a severity from 1 to 4: that one and graver ones are shown.", "severity"));
            }

            severity = grave[0] - '0';
        }

        if (Value(values, "order") is { } order and not ("deadline" or "newest"))
        {
            return (null, null, false, Refusal.Invalid($"There is no order '{order}'; there are newest, which is the order where none is given, and deadline.", "order"));
        }

        string? text = null;
        if (values.ContainsKey("q"))
        {
            string given = Value(values, "q") ?? "";
            text = ListText.Fold(given);
            if (text.Length < 2 || given.Length > ApiLimits.SearchChars || text.Any(char.IsControl))
            {
                return (null, null, false, Refusal.Invalid($"Expected q with 2 to {ApiLimits.SearchChars} characters, spaces and the dots of plates not counted.", "q"));
            }
        }

        return (severity, text, Value(values, "order") == "deadline", null);
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
