using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>Who looked at what and changed what: for those who supervise, each as far as its token goes by the department and district of the callers.</summary>
internal sealed class AuditRoutes(ApiServices services)
{
    private static readonly string[] Acts = ["look", "change"];

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/audit", (Delegate)ListAsync)
        .WithSummary("Changes and looks at whereabouts, newest first: who, what, about which subject, with which outcome and why. Filters: who, subject, act=look|change, verb, from, to, department and district (of who called), limit, after.")
        .ProducesProblem(400).ProducesProblem(403).ProducesProblem(503)
        .AuditedAs(new AuditedAs(AuditAct.Look) { Look = static _ => AuditLooks.Audit, SubjectKind = static _ => "audit" });

    private async Task<IResult> ListAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (!caller.Supervises)
        {
            return Refusal.Forbidden("The audit is for administrators, supervisors and inspectors.");
        }

        IQueryCollection values = context.Request.Query;
        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(values, View.Audit, ["who", "subject", "act", "verb", "from", "to", "department", "district"]);
        (query, refusal) = refusal is null ? ListQuery.Restrict(query!, caller) : (query, refusal);
        (long? from, refusal) = refusal is null ? Time(values, "from") : (null, refusal);
        (long? to, refusal) = refusal is null ? Time(values, "to") : (null, refusal);
        if (refusal is not null)
        {
            return refusal;
        }

        string? act = ListQuery.Value(values, "act");
        if (act is not null && !Acts.Contains(act))
        {
            return Refusal.Invalid("Expected act=look or act=change.", "act");
        }

        if (from >= to)
        {
            return Refusal.Invalid("Expected 'to' after 'from'; what is at 'to' is not in the range.", "to");
        }

        query = query! with { Who = ListQuery.Value(values, "who"), Act = act, Verb = ListQuery.Value(values, "verb")?.ToUpperInvariant(), FromMs = from, ToMs = to };
        Page<byte[]> page = await services.Lists.ListAsync(query, context.RequestAborted).ConfigureAwait(false);
        return new PageResult(page, await services.Lists.OldestAuditAsync(context.RequestAborted).ConfigureAwait(false));
    }

    private static (long? Ms, Refusal? Refusal) Time(IQueryCollection values, string name) =>
        ListQuery.Value(values, name) is not { } text ? (null, null)
        : HistoryQuery.TryTime(text, out long ms) ? (ms, null)
        : (null, Refusal.Invalid(HistoryQuery.TimeExpected, name));
}
