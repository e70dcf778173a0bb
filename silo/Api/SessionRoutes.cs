namespace Streaming.Silo.Api;

/// <summary>Signing a browser in and out.</summary>
internal sealed class SessionRoutes(BrowserSessions sessions)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/session", (Delegate)SignInAsync).WithSummary($"Signs the browser in with its bearer token: sets a cookie that opens what the token opens, for {ApiLimits.BrowserSessionLifetime.TotalHours:F0} hours, as long as the token is in force. What changes something by cookie has to come from a page of the same origin.")
            .WithMetadata(new TokenOnly()).Produces(StatusCodes.Status204NoContent).ProducesProblem(503).AuditedAsChange("browser");
        routes.MapDelete("/api/session", (Delegate)SignOutAsync).WithSummary("Signs the browser out, by bearer token or by the cookie itself.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(403).AuditedAsChange("browser");
    }

    private async Task<IResult> SignInAsync(HttpContext context)
    {
        await AuditedCall.Of(context).BeginAsync().ConfigureAwait(false);
        try
        {
            return sessions.Open(context, Gate.Caller(context))
                ? Results.NoContent()
                : Refusal.Unavailable($"{ApiLimits.BrowserSessions} browsers are signed in; sign one out, or try again later.");
        }
        catch (IOException failure)
        {
            return Refusal.Unavailable($"The session cannot be kept: {failure.Message}");
        }
    }

    private async Task<IResult> SignOutAsync(HttpContext context)
    {
        await AuditedCall.Of(context).BeginAsync().ConfigureAwait(false);
        try
        {
            sessions.Close(context);
            return Results.NoContent();
        }
        catch (IOException failure)
        {
            return Refusal.Unavailable($"It cannot be kept that the session is over: {failure.Message}");
        }
    }
}
