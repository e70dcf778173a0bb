using Streaming.Grains.Turns;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>Lists of warnings, cases and work orders, each cut down to what the caller may see.</summary>
internal sealed class ListRoutes(ApiServices services)
{
    /// <summary>Going through what is to be done is nobody's whereabouts; asking what is known of one subject is.</summary>
    public static readonly AuditedAs OfOne = new(AuditAct.Look)
    {
        Look = static _ => AuditLooks.Lists,
        Applies = static request => ListQuery.Value(request.Query, "subject") is not null,
        Subject = static request => ListQuery.Value(request.Query, "subject"),
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        MapList(routes, "/api/warnings", View.Warnings, "Warnings, newest first.");
        MapList(routes, "/api/cases", View.Cases, "Cases, newest first.");
        MapList(routes, "/api/workorders", View.WorkOrders, "Work orders, newest first.");
    }

    private void MapList(IEndpointRouteBuilder routes, string path, View view, string summary) =>
        routes.MapGet(path, (Delegate)((HttpContext context) => ListAsync(context, view)))
            .WithSummary($"{summary} Filters: subject, kind, open, state, department, district, case, limit, after.").ProducesProblem(400).ProducesProblem(403).AuditedAs(OfOne);

    private async Task<IResult> ListAsync(HttpContext context, View view)
    {
        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, view, ["subject", "kind", "open", "state", "department", "district", "case"]);
        (query, refusal) = refusal is null ? ListQuery.Restrict(query!, Gate.Caller(context)) : (query, refusal);
        return refusal as IResult ?? new PageResult(await services.Lists.ListAsync(query!, context.RequestAborted).ConfigureAwait(false));
    }
}
