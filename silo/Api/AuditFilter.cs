using Streaming.Silo.Host;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Api;

/// <summary>
/// Stands before every route that says it is audited: sees that there is a reason where one is needed, and lets no answer to a look out before its entry is durable.
/// </summary>
internal sealed partial class AuditFilter(ILogger<AuditFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        AuditedAs declared = http.GetEndpoint()!.Metadata.GetMetadata<AuditedAs>()!;
        if (!declared.Applies(http.Request))
        {
            return await next(context).ConfigureAwait(false);
        }

        AuditedCall call = AuditedCall.Of(http);
        Refusal? refusal = call.ReadReason();
        object? result;
        try
        {
            result = refusal ?? await next(context).ConfigureAwait(false);
        }
        catch (Exception error) when (call.HasBegun)
        {
            await EndFailedAsync(call, error).ConfigureAwait(false);
            throw;
        }

        int status = result is IStatusCodeHttpResult { StatusCode: { } said } ? said : http.Response.StatusCode;
        try
        {
            await call.EndAsync(status).ConfigureAwait(false);
            return result;
        }
        catch (Exception error) when (error is HostUnavailableException or JournalFailedException)
        {
            if (call.HasBegun)
            {
                // It was made, and that it was begun is safe; the caller is to know how it ended.
                Log.EndLost(logger, http.TraceIdentifier, error);
                return result;
            }

            return Refusal.Unavailable($"What is looked at or changed here is audited first, and that cannot be done now, so there is no answer: {error.Message}");
        }
    }

    /// <summary>Where the caller went away, or nothing answered, nobody knows how the change ended: it may still be made.</summary>
    private async ValueTask EndFailedAsync(AuditedCall call, Exception error)
    {
        if (error is OperationCanceledException or HostUnavailableException or JournalFailedException)
        {
            return;
        }

        try
        {
            await call.EndAsync(StatusCodes.Status500InternalServerError).ConfigureAwait(false);
        }
        catch (Exception second) when (second is HostUnavailableException or JournalFailedException)
        {
            Log.EndLost(logger, "", second);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The audit has the beginning of a change and not its end ({Trace}).")]
        public static partial void EndLost(ILogger logger, string trace, Exception error);
    }
}
