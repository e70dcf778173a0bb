using Microsoft.AspNetCore.Http.Features;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Streaming.Silo.Api;

/// <summary>
/// What every call passes: bounds on its body, the bearer token, and answers where no route gave one. Only health and the console's own files need no token, so a new route is closed without anyone remembering to close it.
/// </summary>
internal sealed partial class Gate(AccessBook access, ConsoleFiles console, ILogger<Gate> logger)
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
            if (!IsOpen(context.Request))
            {
                Principal? caller = Token(context.Request) is { } token ? access.Find(token) : null;
                if (caller is null)
                {
                    context.Response.Headers.WWWAuthenticate = "Bearer realm=\"streaming\"";
                    await new Refusal(StatusCodes.Status401Unauthorized, "Send 'Authorization: Bearer TOKEN' with a token that is in force. An administrator issues tokens with POST /api/tokens.").ExecuteAsync(context).ConfigureAwait(false);
                    return;
                }

                context.Features.Set(caller);
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
        catch (HostUnavailableException error) when (!context.Response.HasStarted)
        {
            await Refusal.Unavailable(error.Message).ExecuteAsync(context).ConfigureAwait(false);
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            Log.Failed(logger, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "", context.TraceIdentifier, error);
            await new Refusal(StatusCodes.Status500InternalServerError, $"Something went wrong here, not in the call. The log has it under {context.TraceIdentifier}.").ExecuteAsync(context).ConfigureAwait(false);
        }
    }

    /// <summary>Who makes this call. Every route behind the gate has one.</summary>
    public static Principal Caller(HttpContext context) => context.Features.GetRequiredFeature<Principal>();

    private bool IsOpen(HttpRequest request) =>
        request.Path.StartsWithSegments("/health", StringComparison.Ordinal) || (HttpMethods.IsGet(request.Method) && console.Has(request.Path));

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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Route} failed ({Trace}).")]
        public static partial void Failed(ILogger logger, string method, string route, string trace, Exception error);
    }
}
