using System.Globalization;
using System.Text;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Silo.History;

namespace Streaming.Silo.Api;

/// <summary>Reads what is asked of a subject's history.</summary>
internal static class HistoryQuery
{
    public const string TimeExpected = "Expected a time with its offset, as 2026-11-20T08:00:00Z or 2026-11-20T16:00:00%2B08:00 ('+' in an address means a space).";

    private static readonly string[] Names = ["from", "to", "kinds", "order", "limit", "cursor", "format"];

    /// <summary>An unknown parameter is refused: one that is passed over would show what was not asked for.</summary>
    public static (SubjectQuery? Query, Refusal? Refusal) Read(HttpRequest request, ActorKind kind, string id)
    {
        IQueryCollection values = request.Query;
        foreach (string name in values.Keys)
        {
            if (name == AuditReason.Parameter)
            {
                continue;
            }

            if (!Names.Contains(name))
            {
                return (null, Refusal.Invalid($"There is no '{name}' here; there are {string.Join(", ", Names)}.", name));
            }

            if (values[name].Count != 1)
            {
                return (null, Refusal.Invalid($"Give '{name}' once.", name));
            }
        }

        SubjectQuery query = new(kind, id) { MostEntries = ApiLimits.DefaultPageRows, MostRecords = ApiLimits.HistoryPageRecords, NewestFirst = true };
        foreach (string name in Names)
        {
            if (ListQuery.Value(values, name) is not { } text)
            {
                continue;
            }

            (SubjectQuery? with, string? problem) = With(query, name, text);
            if (with is null)
            {
                return (null, Refusal.Invalid(problem!, name));
            }

            query = with;
        }

        return query is { FromMs: { } from, ToMs: { } to } && from >= to
            ? (null, Refusal.Invalid("Expected 'to' after 'from'; what is at 'to' is not in the range.", "to"))
            : (query, null);
    }

    public static bool WantsTable(HttpRequest request) => ListQuery.Value(request.Query, "format") is { } format
        ? format == "csv"
        : request.Headers.Accept.Any(accept => accept is not null && accept.Contains("text/csv", StringComparison.OrdinalIgnoreCase));

    public static bool TryTime(string text, out long ms)
    {
        ms = 0;
        return text.Length is > 0 and <= 40 && Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out ms);
    }

    /// <summary>Where to go on, as the caller is to give it back.</summary>
    public static string Write(SubjectCursor cursor) => string.Create(CultureInfo.InvariantCulture, $"{cursor.Position}-{cursor.Entry}");

    private static (SubjectQuery? Query, string? Problem) With(SubjectQuery query, string name, string text)
    {
        long ms;
        switch (name)
        {
            case "from":
                return TryTime(text, out ms) ? (query with { FromMs = ms }, null) : (null, TimeExpected);
            case "to":
                return TryTime(text, out ms) ? (query with { ToMs = ms }, null) : (null, TimeExpected);
            case "kinds":
                string[] kinds = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                return kinds.Length > 0 && kinds.All(SubjectEntries.Kinds.Contains) ? (query with { Kinds = kinds }, null) : (null, $"Expected some of {string.Join(", ", SubjectEntries.Kinds)}, with commas between them.");
            case "order":
                return text is "asc" or "desc" ? (query with { NewestFirst = text == "desc" }, null) : (null, "Expected order=desc, the newest first, or order=asc.");
            case "limit":
                return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit >= 1
                    ? (query with { MostEntries = Math.Min(limit, ApiLimits.HistoryPageLines) }, null)
                    : (null, $"Expected a limit from 1 to {ApiLimits.HistoryPageLines}.");
            case "cursor":
                string[] parts = text.Split('-');
                return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long position) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int entry)
                    ? (query with { Cursor = new SubjectCursor(position, entry) }, null)
                    : (null, "Expected the 'next' of an earlier page, with the other parameters as they were.");
            default:
                return text is "csv" or "json" ? (query, null) : (null, "Expected format=json or format=csv.");
        }
    }
}
