using Streaming.Silo.Access;

namespace Streaming.Silo.Api;

/// <summary>Signing a browser in and out, for the pages that it loads by itself.</summary>
internal sealed class SessionRoutes(BrowserSessions sessions)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/session", (Delegate)SignInAsync).WithSummary("Signs the browser in with its bearer token: sets a cookie that opens pages such as /orleans/ to an administrator, and nothing else.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(403).ProducesProblem(503).AuditedAsChange("browser");
        routes.MapDelete("/api/session", (Delegate)SignOutAsync).WithSummary("Signs the browser out, by bearer token or by the cookie itself.")
            .WithMetadata(new BrowserAccess(AdministratorsOnly: false)).Produces(StatusCodes.Status204NoContent).ProducesProblem(403).AuditedAsChange("browser");
    }

    private async Task<IResult> SignInAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role != Role.Administrator)
        {
            return Refusal.Forbidden("Only administrators sign in with a browser: there are no pages behind it for anybody else.");
        }

        await AuditedCall.Of(context).BeginAsync().ConfigureAwait(false);
        if (!sessions.Open(context, caller))
        {
            return Refusal.Unavailable($"{ApiLimits.BrowserSessions} browsers are signed in; sign one out, or try again later.");
        }

        return Results.NoContent();
    }

    private async Task<IResult> SignOutAsync(HttpContext context)
    {
        await AuditedCall.Of(context).BeginAsync().ConfigureAwait(false);
        sessions.Close(context);
        return Results.NoContent();
    }
}
