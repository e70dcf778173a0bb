using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Streaming.Grains.Messages;
using Streaming.Ingest.Registers;
using Streaming.Silo.Access;
using Streaming.Silo.Registers;

namespace Streaming.Silo.Api;

/// <summary>Tables of a register's records over HTTP: CSV or JSON lines, tried out or taken, whole or changes alone.</summary>
internal sealed class LoadRoutes(ApiServices services)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/registers/{register}/records", (HttpContext context, string register, string? source, bool? dryRun, bool? full, bool? again) => LoadAsync(context, register, source, dryRun == true, full == true, again == true))
            .WithSummary("Loads a table of records (text/csv with the columns' names first, or JSON lines) as the word of a registered source. dryRun=true lists every problem by line and changes nothing; full=true removes entries of the source that the table does not have. A table that was cut off is sent again: what was taken of it within the last day and a half is not taken once more, unless again=true.")
            .Produces<LoadOutcome>(StatusCodes.Status200OK).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503).AuditedAs(new AuditedAs(AuditAct.Change) { SubjectKind = _ => "source", Subject = request => ListQuery.Value(request.Query, "source") });

    private async Task<IResult> LoadAsync(HttpContext context, string register, string? source, bool dryRun, bool full, bool again)
    {
        Principal caller = Gate.Caller(context);
        SourceRegistration? registration = source is null ? null : services.Access.FindDevice(source);
        bool owns = registration?.Owner is { } owner && owner == caller.Department && caller.Role == Role.Member;
        if (caller.Role != Role.Administrator && !owns)
        {
            return Refusal.Forbidden("Only an administrator, or a member of the department that owns the source, loads a register.");
        }

        if (registration?.Register != register)
        {
            return registration is null
                ? Refusal.Invalid("Name the registered source whose word the table is, as source=police-vehicles; POST /api/devices with \"register\" registers one.", "source")
                : Refusal.Invalid($"The source '{source}' speaks of {registration.Register ?? "no register"}, not of {register}.", "source");
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = ApiLimits.LoadBodyBytes;
        }

        AuditedCall call = AuditedCall.Of(context);
        call.What = $"a table for {register}";
        if (!dryRun)
        {
            await call.BeginAsync().ConfigureAwait(false);
        }

        TableFormat format = context.Request.ContentType?.Contains("csv", StringComparison.OrdinalIgnoreCase) == true ? TableFormat.Csv : TableFormat.JsonLines;
        LoadOutcome outcome = await services.Loads.LoadAsync(registration, Open, new LoadRequest(format, full, dryRun, again), context.RequestAborted).ConfigureAwait(false);
        call.What = string.Create(CultureInfo.InvariantCulture, $"a table for {register}: {outcome.Taken} taken, {outcome.Refused} refused, {outcome.Removed} removed{(outcome.Stopped is null ? "" : ", then stopped")}{(dryRun ? ", tried out" : "")}");
        return new RawJson(ApiJson.Bytes(outcome, ApiJson.Default.LoadOutcome));

        Stream Open(bool seeks)
        {
            if (seeks)
            {
                context.Request.EnableBuffering(ApiLimits.LoadBufferBytes, ApiLimits.LoadBodyBytes);
            }

            return context.Request.Body;
        }
    }
}
