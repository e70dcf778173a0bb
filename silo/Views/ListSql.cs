using System.Text;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Views;

/// <summary>A way to a page: an index, and the one filter by which it is entered.</summary>
/// <param name="From">The table, and which of its indexes.</param>
/// <param name="Filter">Condition on its entries.</param>
/// <param name="Parameter">The condition's parameter; null where it has none.</param>
internal sealed record ListWay(string From, string Filter, string? Parameter = null, object? Value = null)
{
    /// <summary>The place of an entry in the list.</summary>
    public string Seq { get; init; } = "r.seq";

    /// <summary>What else is needed to filter by, beside the entries.</summary>
    public string Join { get; init; } = "";

    /// <summary>What has severity, deadline and text: the entries themselves, or what is joined to them.</summary>
    public string Facts { get; init; } = "r";
}

/// <summary>
/// Makes the statement of a page. Values are always bound, never written into it, so that there are no more statements than combinations of filters.
/// </summary>
/// <remarks>
/// Of warnings, cases and work orders a page is found in one index alone, which holds all that is filtered by; only the page's own rows are read. Which index, is not left to the planner, which has no figures of how often each value comes: where there are several ways,
/// the reader looks how far apart the next <see cref="ViewLimits.WayEntries"/> entries of each lie from where the page begins, and takes the way on which they lie farthest apart (<see cref="Probe"/>). What is open, one case and one subject are few, and go before all others.
/// Behind its value an index is ordered by <c>seq</c>, so a page far back costs what the first does.
/// </remarks>
internal static class ListSql
{
    /// <summary>From this severity on warnings have an index of their own.</summary>
    private const int GraveSeverity = 3;

    /// <summary>A case's own warnings, and those that joined it in a storm.</summary>
    private const string OfCase = "r.seq IN (SELECT w.seq FROM cases c CROSS JOIN warnings w ON w.subject = c.subject AND w.kind = c.kind WHERE c.key = @case "
        + "UNION SELECT w.seq FROM warning_handlings h CROSS JOIN warnings w ON w.key = h.key WHERE h.case_id = @case)";

    /// <summary>The ways to a page, none where the list has its own.</summary>
    public static IReadOnlyList<ListWay> Ways(ViewQuery query) => query.View switch
    {
        View.Warnings => WaysToWarnings(query),
        View.Cases => WaysToCases(query),
        View.WorkOrders => WaysToWorkOrders(query),
        _ => [],
    };

    /// <summary>Looks how dense a way is: how many entries it has behind the page's beginning, at most so many, and where the last of those lies.</summary>
    public static (string Sql, List<(string Name, object Value)> Values) Probe(ViewQuery query, ListWay way)
    {
        List<string> where = [way.Filter];
        List<(string, object)> values = way.Parameter is { } parameter ? [(parameter, way.Value!)] : [];
        Filter($"{way.Seq} < @after", "@after", query.After, where, values);
        return ($"SELECT count(*), coalesce(min(seq), 0), coalesce(max(seq), 0) FROM (SELECT {way.Seq} AS seq FROM {way.From} {Where(where)} ORDER BY {way.Seq} DESC LIMIT {ViewLimits.WayEntries})", values);
    }

    /// <param name="query">What is asked for.</param>
    /// <param name="way">The way to take; null for a list that has its own.</param>
    public static (string Sql, List<(string Name, object Value)> Values) Page(ViewQuery query, ListWay? way)
    {
        List<string> where = [];
        List<(string, object)> values = [];
        if (way is { } taken)
        {
            Work(query, taken, where, values);
            Filter($"{taken.Seq} < @after", "@after", query.After, where, values);
            values.Add(("@limit", query.Limit + 1));
            string row = query.View == View.Warnings ? "coalesce((SELECT json_set(t.json, '$.handling', json(h.json)) FROM warning_handlings h WHERE h.key = t.key), t.json)" : "t.json";
            return ($"SELECT t.seq, CAST({row} AS BLOB) FROM (SELECT {taken.Seq} AS seq FROM {taken.From}{taken.Join} {Where(where)} ORDER BY {taken.Seq} DESC LIMIT @limit) p CROSS JOIN {ViewSchema.Table(query.View)} t ON t.seq = p.seq ORDER BY p.seq DESC", values);
        }

        (string from, string seq) = Others(query, where, values);
        Filter($"{seq} < @after", "@after", query.After, where, values);
        values.Add(("@limit", query.Limit + 1));
        string json = query.View switch
        {
            View.Devices => "json_remove(r.json, '$.secretHash')",
            View.Tokens => "json_remove(r.json, '$.hash')",
            View.Reports => "json_remove(r.json, '$.reporter')",
            View.Notices => "json_remove(r.json, '$.linkSha256', '$.errands')",
            _ => "r.json",
        };
        return ($"SELECT r.seq, CAST({json} AS BLOB) FROM {from} {Where(where)} ORDER BY {seq} DESC LIMIT @limit", values);
    }

    /// <summary>A page of what is to be worked at, by deadline: rows, and the place of each in that order. One index has it, and what is to be worked at is few.</summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="text">The way by text where that leaves fewer.</param>
    public static (string Sql, List<(string Name, object Value)> Values) PageByDeadline(ViewQuery query, ListWay? text)
    {
        List<string> where = [];
        List<(string, object)> values = [];
        string table = query.View == View.Cases ? "case_facts" : "order_facts";
        ListWay way = text ?? new(query.Case is null && query.Subject is null ? $"{table} r INDEXED BY {table}_due" : $"{table} r NOT INDEXED", "r.active = 1");
        Work(query with { Open = true }, way, where, values);
        if (query.AfterDue is { } due)
        {
            where.Add("r.due >= @due AND (r.due > @due OR r.seq < @after)");
            values.Add(("@due", due));
            values.Add(("@after", query.After ?? 0));
        }

        values.Add(("@limit", query.Limit + 1));
        return ($"SELECT t.seq, CAST(t.json AS BLOB), p.due FROM (SELECT r.seq AS seq, r.due AS due FROM {way.From}{way.Join} {Where(where)} ORDER BY r.due, r.seq DESC LIMIT @limit) p CROSS JOIN {ViewSchema.Table(query.View)} t ON t.seq = p.seq ORDER BY p.due, p.seq DESC", values);
    }

    /// <summary><see cref="DistrictPath.Covers"/> as a range: what begins with a district's name and the separator is before all that begins with the name and the character after it.</summary>
    public static string IsIn(string column, string parameter) =>
        $"({column} = {parameter} OR ({column} > {parameter} || '{DistrictPath.Separator}' AND {column} < {parameter} || '{(char)(DistrictPath.Separator + 1)}'))";

    public static string Where(List<string> conditions)
    {
        StringBuilder text = new();
        foreach (string condition in conditions)
        {
            text.Append(text.Length == 0 ? "WHERE " : " AND ").Append(condition);
        }

        return text.ToString();
    }

    public static void Filter(string condition, string parameter, object? value, List<string> where, List<(string, object)> values)
    {
        if (value is not null)
        {
            where.Add(condition);
            values.Add((parameter, value));
        }
    }

    private static List<ListWay> WaysToWarnings(ViewQuery query)
    {
        if (query.Case is not null)
        {
            return [new ListWay("warnings r", OfCase, "@case", query.Case)];
        }

        if (query.Subject is not null)
        {
            return [new ListWay("warnings r INDEXED BY warnings_subject", "r.subject = @subject", "@subject", query.Subject)];
        }

        bool open = IsOpen(query);
        List<ListWay> ways = [];
        Add(ways, query.Department, open ? "warning_departments r INDEXED BY warning_departments_open" : "warning_departments r", open ? "r.open = 1 AND r.department = @department" : "r.department = @department", "@department");
        if (open)
        {
            ways.Add(new ListWay("warnings r INDEXED BY warnings_open", "r.open = 1"));
            return ways;
        }

        Add(ways, query.Kind, "warnings r INDEXED BY warnings_kind", "r.kind = @kind", "@kind");
        Add(ways, Area(query), "warnings r INDEXED BY warnings_area", "r.area = @area", "@area");
        if (query.Severity >= GraveSeverity)
        {
            ways.Add(new ListWay("warnings r INDEXED BY warnings_grave", "r.severity >= 3"));
        }

        return OrAll(ways, query, "warnings r NOT INDEXED");
    }

    private static List<ListWay> WaysToCases(ViewQuery query)
    {
        if (query.Case is not null || query.Subject is not null)
        {
            return [new ListWay("case_facts r NOT INDEXED", "1")];
        }

        bool open = IsOpen(query);
        List<ListWay> ways = [];
        if (query.Overdue == true)
        {
            ways.Add(open ? new ListWay("case_facts r INDEXED BY case_facts_active", "r.active = 1") : new ListWay("case_facts r INDEXED BY case_facts_late", "r.late IS NOT NULL"));
            return ways;
        }

        if (query.Department is { } department)
        {
            bool needsFacts = query.Severity is not null || query.Overdue is not null || query.Text is not null;
            ways.Add(new ListWay(open ? "case_departments r INDEXED BY case_departments_open" : "case_departments r", open ? "r.active = 1 AND r.department = @department" : "r.department = @department", "@department", department)
            {
                Join = needsFacts ? " CROSS JOIN case_facts f ON f.seq = r.seq" : "",
                Facts = needsFacts ? "f" : "r",
            });
        }

        if (open)
        {
            ways.Add(new ListWay("case_facts r INDEXED BY case_facts_active", "r.active = 1"));
            return ways;
        }

        Add(ways, query.Kind, "case_facts r INDEXED BY case_facts_kind", "r.kind = @kind", "@kind");
        Add(ways, Area(query), "case_facts r INDEXED BY case_facts_area", "r.area = @area", "@area");
        Add(ways, query.State, "case_facts r INDEXED BY case_facts_state", "r.state = @state", "@state");
        return OrAll(ways, query, "case_facts r NOT INDEXED");
    }

    private static List<ListWay> WaysToWorkOrders(ViewQuery query)
    {
        if (query.Case is not null || query.Subject is not null)
        {
            return [new ListWay("order_facts r NOT INDEXED", "1")];
        }

        List<ListWay> ways = [];
        if (IsOpen(query))
        {
            ways.Add(new ListWay("order_facts r INDEXED BY order_facts_active", "r.active = 1"));
            return ways;
        }

        if (query.Overdue == true)
        {
            ways.Add(new ListWay("order_facts r INDEXED BY order_facts_late", "r.late IS NOT NULL"));
        }

        Add(ways, query.Department, "order_facts r INDEXED BY order_facts_department", "r.department = @department", "@department");
        Add(ways, query.Kind, "order_facts r INDEXED BY order_facts_kind", "r.kind = @kind", "@kind");
        Add(ways, Area(query), "order_facts r INDEXED BY order_facts_area", "r.area = @area", "@area");
        Add(ways, query.State, "order_facts r INDEXED BY order_facts_state", "r.state = @state", "@state");
        return OrAll(ways, query, "order_facts r NOT INDEXED");
    }

    /// <summary>True where the list itself is few, whatever it is filtered by: one case, one subject, what is to be worked at.</summary>
    public static bool IsFew(ViewQuery query) => query.ByDeadline || IsOpen(query);

    /// <summary>The way by some pairs of signs, with what else the index of text has of the filters.</summary>
    public static ListWay ByText(ViewQuery query, IEnumerable<string> pairs) => Grams(query, [.. pairs, .. ListText.Facets(query.Kind, Area(query), query.View == View.WorkOrders ? query.Department : null)]);

    /// <summary>The way by one pair, to see how many rows have it.</summary>
    public static ListWay OfPair(ViewQuery query, string pair) => Grams(query, [pair]);

    private static ListWay Grams(ViewQuery query, IEnumerable<string> words)
    {
        string list = query.View == View.Cases ? "case" : "order";
        return new ListWay($"{list}_grams g", $"g.{list}_grams MATCH @grams", "@grams", ListText.Match(words)) { Seq = "g.rowid", Join = $" CROSS JOIN {list}_facts r ON r.seq = g.rowid" };
    }

    /// <summary>All filters, whichever way is taken; that of the way is one of them.</summary>
    private static void Work(ViewQuery query, ListWay way, List<string> where, List<(string, object)> values)
    {
        if (way.Parameter is null && way.Filter != "1")
        {
            // What an index of some rows alone is told by.
            where.Add(way.Filter);
        }
        else if (way.Parameter == "@grams")
        {
            Filter(way.Filter, way.Parameter, way.Value, where, values);
        }

        bool? byState = (query.View, query.State) switch
        {
            (_, "open") or (View.WorkOrders, "issued" or "accepted" or "parked") => true,
            (View.Warnings, "cleared") => false,
            _ => null,
        };
        bool? open = query.Open ?? byState;
        string column = query.View == View.Warnings ? "r.open" : "r.active";
        if (open is { } value)
        {
            // Written into the statement: an index of the open rows alone is not used otherwise.
            where.Add(value ? $"{column} = 1" : $"{column} = 0");
        }

        if (query.View == View.Warnings)
        {
            if (query.State is not (null or "open" or "cleared") || (byState is not null && byState != open))
            {
                // Nothing is in another state, nor in two. (A plain 0 would take the index's own condition with it, and then there is no way that the named index allows.)
                where.Add("r.seq < 0");
            }

            Filter(OfCase, "@case", query.Case, where, values);
        }
        else
        {
            Filter("r.state = @state", "@state", query.State, where, values);
            Filter(query.View == View.Cases ? "r.seq IN (SELECT seq FROM cases WHERE key = @case)" : "r.seq IN (SELECT seq FROM work_orders WHERE case_id = @case)", "@case", query.Case, where, values);
            Filter(query.Overdue == true ? $"{way.Facts}.late <= @now" : $"coalesce({way.Facts}.late, {ViewSchema.NoDeadline}) > @now", "@now", query.Overdue is null ? null : query.NowMs, where, values);
            Filter($"instr({way.Facts}.words, @text) > 0", "@text", query.Text, where, values);
        }

        string subjects = query.View == View.Cases ? "cases" : "work_orders";
        Filter(query.View == View.Warnings ? "r.subject = @subject" : $"r.seq IN (SELECT seq FROM {subjects} WHERE subject = @subject)", "@subject", query.Subject, where, values);
        Filter($"{way.Facts}.severity >= @severity", "@severity", query.Severity, where, values);
        Filter("r.kind = @kind", "@kind", query.Kind, where, values);
        Filter("r.area = @area", "@area", Area(query), where, values);
        Filter("r.district = @district", "@district", query.District is { } district && DistrictPath.IsStreet(district) ? district : null, where, values);
        bool ofOthers = query.View != View.WorkOrders && way.Parameter != "@department";
        Filter(
            !ofOthers ? "r.department = @department" : $"EXISTS (SELECT 1 FROM {(query.View == View.Cases ? "case_departments" : "warning_departments")} d WHERE d.department = @department AND d.seq = r.seq)",
            "@department", query.Department, where, values);
    }

    private static bool IsOpen(ViewQuery query) => query.Open ?? (query.State is "open" || (query.View == View.WorkOrders && query.State is "issued" or "accepted" or "parked"));

    /// <summary>A district is one value of <c>area</c>; a street is looked for within its district.</summary>
    private static string? Area(ViewQuery query) => query.District is { } district ? DistrictPath.DistrictOf(district) : null;

    private static void Add(List<ListWay> ways, string? value, string from, string filter, string parameter)
    {
        if (value is not null)
        {
            ways.Add(new ListWay(from, filter, parameter, value));
        }
    }

    /// <summary>Where nothing is filtered by that leaves few, the list itself: nearly all of it is over.</summary>
    private static List<ListWay> OrAll(List<ListWay> ways, ViewQuery query, string all)
    {
        if (ways.Count == 0)
        {
            ways.Add(new ListWay(all, "1"));
        }

        return ways;
    }

    private static (string From, string Seq) Others(ViewQuery query, List<string> where, List<(string, object)> values)
    {
        string from = ViewSchema.Table(query.View) + " r";
        string seq = "r.seq";
        Filter("r.subject = @subject", "@subject", query.Subject, where, values);
        Filter("r.kind = @kind", "@kind", query.Kind, where, values);
        Filter(IsIn("r.district", "@district"), "@district", query.District, where, values);
        Filter("r.open = @open", "@open", query.Open is { } open ? (open ? 1 : 0) : null, where, values);
        switch (query.View)
        {
            case View.Notices:
                // A notice is theirs whose its case is.
                Filter("r.state = @state", "@state", query.State, where, values);
                Filter("r.case_id = @case", "@case", query.Case, where, values);
                Filter("EXISTS (SELECT 1 FROM cases c JOIN case_departments d ON d.seq = c.seq WHERE c.key = r.case_id AND d.department = @department)", "@department", query.Department, where, values);
                break;
            case View.Reports:
                // A report is theirs whose its case is.
                Filter("r.state = @state", "@state", query.State, where, values);
                Filter("r.case_id = @case", "@case", query.Case, where, values);
                Filter("r.channel = @channel", "@channel", query.Channel, where, values);
                Filter("EXISTS (SELECT 1 FROM cases c JOIN case_departments d ON d.seq = c.seq WHERE c.key = r.case_id AND d.department = @department)", "@department", query.Department, where, values);
                break;
            case View.Webhooks:
                Filter("r.state = @state", "@state", query.State, where, values);
                Filter("r.department = @department", "@department", query.Department, where, values);
                break;
            case View.DeadLetters:
                Filter("r.webhook = @webhook", "@webhook", query.Webhook, where, values);
                break;
            case View.Scenes:
                Filter("r.state = @state", "@state", query.State, where, values);
                Filter("r.department = @department", "@department", query.Department, where, values);
                break;
            case View.Resources:
                Filter("r.owner = @owner", "@owner", query.Owner, where, values);
                Filter("r.state = @state", "@state", query.State, where, values);
                break;
            case View.Registers:
                return Registers(query, where, values);
            case View.Audit:
                Filter("r.who = @who", "@who", query.Who, where, values);
                Filter("r.act = @act", "@act", query.Act, where, values);
                Filter("r.verb = @verb", "@verb", query.Verb, where, values);
                Filter("r.department = @department", "@department", query.Department, where, values);
                Filter("+r.at >= @from", "@from", query.FromMs, where, values);
                Filter("+r.at < @to", "@to", query.ToMs, where, values);

                // Times and places in the list rise together but for a little: what is well before the time stands before all that is asked for, so no more has to be gone through.
                Filter("r.seq > coalesce((SELECT seq FROM audit WHERE at < @before ORDER BY at DESC LIMIT 1), 0)", "@before", query.FromMs - ViewLimits.AuditDisorderMs, where, values);
                Filter("r.seq < coalesce((SELECT seq FROM audit WHERE at > @behind ORDER BY at LIMIT 1), 9223372036854775807)", "@behind", query.ToMs + ViewLimits.AuditDisorderMs, where, values);
                break;
            default:
                break;
        }

        return (from, seq);
    }

    private static (string From, string Seq) Registers(ViewQuery query, List<string> where, List<(string, object)> values)
    {
        string from = "registers r";
        string seq = "r.seq";

        // By a value first, since that leaves the fewest rows.
        for (int i = 0; i < query.Refs.Count; i++)
        {
            if (i == 0)
            {
                from = "register_refs f CROSS JOIN registers r ON r.seq = f.seq";
                seq = "f.seq";
                Filter("f.register = @register", "@register", query.Register, where, values);
                Filter("f.ref = @ref0", "@ref0", query.Refs[i], where, values);
            }
            else
            {
                Filter($"EXISTS (SELECT 1 FROM register_refs o WHERE o.register = f.register AND o.ref = @ref{i} AND o.seq = f.seq)", $"@ref{i}", query.Refs[i], where, values);
            }
        }

        if (query.Refs.Count == 0)
        {
            Filter("r.register = @register", "@register", query.Register, where, values);
        }

        Filter($"(r.district IS NULL OR {IsIn("r.district", "@own")})", "@own", query.DistrictOrNone, where, values);
        Filter("r.differs = @differs", "@differs", query.Differs is { } differs ? (differs ? 1 : 0) : null, where, values);
        return (from, seq);
    }
}
