using Microsoft.AspNetCore.Http.Features;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Streaming.Silo.Api;

/// <summary>
/// What every call passes: bounds on its body, the bearer token or the cookie of a signed-in browser, and answers where no route gave one. Only health, the console's own files and the addresses of its pages, the door of MQTT, behind which a CONNECT says who comes, and the page of a notice, whose address is a secret, need neither, so a new route is closed without anyone remembering to close it.
/// A cookie opens what its token opens; what changes something by cookie has to come from a page of ours. A route that does not say how it is audited (<see cref="AuditedAs"/>) is closed to everybody.
/// </summary>
internal sealed partial class Gate(AccessBook access, ConsoleFiles console, BrowserSessions sessions, AuditTrail trail, ILogger<Gate> logger)
{
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = ApiLimits.BodyBytes;
        }

        try
        {
            if (context.GetEndpoint() is null && console.IsPage(context.Request))
            {
                await console.SendPageAsync(context).ConfigureAwait(false);
                return;
            }

            if (!IsOpen(context.Request))
            {
                (Principal? caller, Refusal? refusal) = Identify(context);
                if (refusal is not null)
                {
                    await refusal.ExecuteAsync(context).ConfigureAwait(false);
                    return;
                }

                context.Features.Set(caller);
                Audit(context, caller!);
            }

            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null })
            {
                await Unanswered(context).ExecuteAsync(context).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away; there is nobody to answer.
        }
        catch (BadHttpRequestException error) when (!context.Response.HasStarted)
        {
            string detail = error.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"A body may have {ApiLimits.BodyBytes} bytes at most." : "The request breaks HTTP.";
            await new Refusal(error.StatusCode, detail).ExecuteAsync(context).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HostUnavailableException or Journal.JournalFailedException && !context.Response.HasStarted)
        {
            await Refusal.Unavailable(error.Message).ExecuteAsync(context).ConfigureAwait(false);
        }
        catch (Views.ViewStoreException error) when (!context.Response.HasStarted)
        {
            Log.Failed(logger, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "", context.TraceIdentifier, error);
            await Refusal.Unavailable($"The lists cannot be read at present. /health/ready says what is to be done, and the log has it under {context.TraceIdentifier}.").ExecuteAsync(context).ConfigureAwait(false);
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            Log.Failed(logger, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "", context.TraceIdentifier, error);
            await new Refusal(StatusCodes.Status500InternalServerError, $"Something went wrong here, not in the call. The log has it under {context.TraceIdentifier}.").ExecuteAsync(context).ConfigureAwait(false);
        }
    }

    /// <summary>Who makes this call. Every route behind the gate has one.</summary>
    public static Principal Caller(HttpContext context) => context.Features.GetRequiredFeature<Principal>();

    /// <summary>False once what the call was let in by is not in force any more: a stream that it opened ends then.</summary>
    public static bool IsCurrent(HttpContext context) => context.Features.GetRequiredFeature<Standing>().Holds();

    /// <summary>Either who calls, or why that one may not. A token that was sent decides alone: a wrong one is not made good by a cookie.</summary>
    private (Principal? Caller, Refusal? Refusal) Identify(HttpContext context)
    {
        HttpRequest request = context.Request;
        EndpointMetadataCollection? route = context.GetEndpoint()?.Metadata;
        BrowserAccess? browser = route?.GetMetadata<BrowserAccess>();
        bool byCookie = request.Headers.Authorization.Count == 0 && BrowserSessions.HasCookie(request) && route?.GetMetadata<TokenOnly>() is null;
        Principal? caller = byCookie ? BySession(context) : Token(request) is { } token ? ByToken(context, token) : null;
        if (browser is { AdministratorsOnly: true })
        {
            context.Response.Headers.XFrameOptions = "DENY";
        }

        if (caller is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"streaming\"";
            if (byCookie)
            {
                BrowserSessions.Forget(context);
            }

            return (null, new Refusal(StatusCodes.Status401Unauthorized, browser is { AdministratorsOnly: true }
                ? "Sign in on the console, at /, with an administrator's token, or load it again where you are signed in; then open this page again."
                : "Send 'Authorization: Bearer TOKEN' with a token that is in force, or sign in on the console, at /. An administrator issues tokens with POST /api/tokens."));
        }

        if (byCookie && !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !BrowserSessions.IsFromOwnPage(request))
        {
            return (null, Refusal.Forbidden("A browser's cookie changes nothing for pages of another origin; call from the console's own pages, or send a bearer token."));
        }

        return browser is { AdministratorsOnly: true } && caller.Role != Role.Administrator
            ? (null, Refusal.Forbidden("This page is for administrators."))
            : (caller, null);
    }

    private Principal? BySession(HttpContext context)
    {
        if (sessions.Find(context.Request) is not { } found)
        {
            return null;
        }

        context.Features.Set(new Standing(() => sessions.IsCurrent(found.Session)));
        return found.Holder;
    }

    private Principal? ByToken(HttpContext context, string token)
    {
        Principal? caller = access.Find(token);
        context.Features.Set(new Standing(() => caller is not null && access.IsCurrent(caller)));
        return caller;
    }

    /// <summary>Gets the call ready to be audited, as its route says it is.</summary>
    private void Audit(HttpContext context, Principal caller)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return;
        }

        string route = endpoint.RoutePattern.RawText ?? "";
        AuditedAs declared = endpoint.Metadata.GetMetadata<AuditedAs>() ?? throw new InvalidOperationException($"The route {route} does not say whether it is audited. See Auditing.");
        if (declared.Act != AuditAct.None)
        {
            context.Features.Set(new AuditedCall(trail, context, caller, declared, route.Replace("{**", "{", StringComparison.Ordinal)));
        }
    }

    private bool IsOpen(HttpRequest request) =>
        request.Path.StartsWithSegments("/health", StringComparison.Ordinal) || request.Path == MqttRoute.Path || NoticePage.IsPage(request.Path) || ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && console.Has(request.Path));

    private static string? Token(HttpRequest request)
    {
        string? header = request.Headers.Authorization.Count == 1 ? request.Headers.Authorization[0] : null;
        return header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && header.Length - Scheme.Length is > 0 and <= AccessLimits.PasswordBytes
            ? header[Scheme.Length..].Trim()
            : null;
    }

    private static Refusal Unanswered(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => Refusal.NotFound($"There is no address {context.Request.Path}. GET /openapi/v1.json lists them."),
        StatusCodes.Status405MethodNotAllowed => new Refusal(StatusCodes.Status405MethodNotAllowed, $"This address does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}."),
        int status => new Refusal(status, "The call was refused before it reached its address; check method, headers and body."),
    };

    /// <summary>Whether what a call was let in by still holds.</summary>
    private sealed record Standing(Func<bool> Holds);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Route} failed ({Trace}).")]
        public static partial void Failed(ILogger logger, string method, string route, string trace, Exception error);
    }
}
