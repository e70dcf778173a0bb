using Streaming.Silo.Access;

namespace Streaming.Silo.Api;

/// <summary>Signing a browser in and out, for the pages that it loads by itself.</summary>
internal sealed partial class SessionRoutes(BrowserSessions sessions, ILogger<SessionRoutes> logger)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/session", (Delegate)SignIn).WithSummary("Signs the browser in with its bearer token: sets a cookie that opens pages such as /orleans/ to an administrator, and nothing else.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(403).ProducesProblem(503);
        routes.MapDelete("/api/session", (Delegate)SignOut).WithSummary("Signs the browser out, by bearer token or by the cookie itself.")
            .WithMetadata(new BrowserAccess(AdministratorsOnly: false)).Produces(StatusCodes.Status204NoContent).ProducesProblem(403);
    }

    private IResult SignIn(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role != Role.Administrator)
        {
            return Refusal.Forbidden("Only administrators sign in with a browser: there are no pages behind it for anybody else.");
        }

        if (!sessions.Open(context, caller))
        {
            return Refusal.Unavailable($"{ApiLimits.BrowserSessions} browsers are signed in; sign one out, or try again later.");
        }

        Log.SignedIn(logger, caller.Name, Roles.Name(caller.Role));
        return Results.NoContent();
    }

    private IResult SignOut(HttpContext context)
    {
        sessions.Close(context);
        Log.SignedOut(logger, Gate.Caller(context).Name);
        return Results.NoContent();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Audit: {Caller} ({Role}) signed in with a browser.")]
        public static partial void SignedIn(ILogger logger, string caller, string role);

        [LoggerMessage(2, LogLevel.Information, "Audit: {Caller} signed out with a browser.")]
        public static partial void SignedOut(ILogger logger, string caller);
    }
}
