using Streaming.Grains.Turns;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>Lists of warnings, cases and work orders, each cut down to what the caller may see.</summary>
internal sealed class ListRoutes(ApiServices services)
{
    /// <summary>Going through what is to be done is nobody's whereabouts; asking what is known of one subject is, also where its whole plate or code is the text that is looked for.</summary>
    public static readonly AuditedAs OfOne = new(AuditAct.Look)
    {
        Look = static _ => AuditLooks.Lists,
        Applies = static request => OneSubject(request.Query) is not null,
        Subject = static request => OneSubject(request.Query),
    };

    /// <summary>Signs of the shortest plate, and of an enterprise's code.</summary>
    private const int PlateSigns = 7;
    private const int CodeSigns = 18;

    private static readonly string[] OfAll = ["subject", "kind", "open", "state", "department", "district", "case", "severity"];
    private static readonly string[] OfWork = [.. OfAll, "overdue", "q", "order"];

    private const string Filters = "Filters, which combine: subject, kind, open (true or false), state, department, district (a street, or a district with its streets), case, severity (1 to 4: that one and graver ones)";
    private const string More = "overdue (true or false: the row says so, or its deadline runs and is past by the server's clock), q (2 to 64 characters that stand in the id, the subject or the name of who has it; capitals, spaces and the dots of plates do not matter). "
        + "order=deadline: what is to be worked at, soonest due first, then what is parked or has no deadline, then what is over; else newest first";

    private const string Pages = "Pages: limit (1 to 1000), after (the 'next' of the page before, of the same filters and order).";

    public void Map(IEndpointRouteBuilder routes)
    {
        MapList(routes, "/api/warnings", View.Warnings, $"Warnings, newest first. {Filters}. {Pages}", OfAll);
        MapList(routes, "/api/cases", View.Cases, $"Cases. {Filters}, {More}. {Pages}", OfWork);
        MapList(routes, "/api/workorders", View.WorkOrders, $"Work orders. {Filters}, {More}. {Pages}", OfWork);
    }

    private void MapList(IEndpointRouteBuilder routes, string path, View view, string summary, string[] filters) =>
        routes.MapGet(path, (Delegate)((HttpContext context) => ListAsync(context, view, filters)))
            .WithSummary(summary).ProducesProblem(400).ProducesProblem(403).AuditedAs(OfOne);

    private async Task<IResult> ListAsync(HttpContext context, View view, string[] filters)
    {
        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, view, filters, services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        (query, refusal) = refusal is null ? ListQuery.Restrict(query!, Gate.Caller(context)) : (query, refusal);
        return refusal as IResult ?? new PageResult(await services.Lists.ListAsync(query!, context.RequestAborted).ConfigureAwait(false));
    }

    /// <summary>The one subject that is asked for, null where none is. A part of a plate may be of many.</summary>
    private static string? OneSubject(IQueryCollection values)
    {
        string? q = ListQuery.Value(values, "q");
        return ListQuery.Value(values, "subject") ?? (q is not null && IsWhole(ListText.Fold(q)) ? q : null);
    }

    private static bool IsWhole(string text)
    {
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        string signs = dash < 0 ? text : text[..dash];
        return signs.All(char.IsLetterOrDigit) && (signs.Length >= CodeSigns || (signs.Length >= PlateSigns && !char.IsAscii(signs[0])));
    }
}
