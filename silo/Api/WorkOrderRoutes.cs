using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Host;

namespace Streaming.Silo.Api;

/// <summary>What a department does with its work orders. The case decides; who may even ask is decided here.</summary>
internal sealed partial class WorkOrderRoutes(ApiServices services, ILogger<WorkOrderRoutes> logger)
{
    public static readonly string[] Actions = ["accept", "return", "complete", "comment"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/workorders/{id}", FindAsync).WithSummary("One work order.").ProducesProblem(403).ProducesProblem(404);
        foreach (string action in Actions)
        {
            routes.MapPost($"/api/workorders/{{id}}/{action}", (HttpContext context, string id) => ActAsync(context, id, action))
                .WithSummary($"Does '{action}' and returns the work order as it is then.")
                .Accepts<ActionRequest>("application/json", RequestBody.AnyType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        }
    }

    private async Task<IResult> FindAsync(HttpContext context, string id)
    {
        byte[]? row = await services.Lists.FindAsync(View.WorkOrders, id, context.RequestAborted).ConfigureAwait(false);
        if (row is null)
        {
            return Unknown(id);
        }

        return Others(row, Gate.Caller(context)) ?? (IResult)new RawJson(row);
    }

    private async Task<IResult> ActAsync(HttpContext context, string id, string action)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role is not (Role.Member or Role.Administrator))
        {
            return Refusal.Forbidden($"A token with role '{Roles.Name(caller.Role)}' reads; acting on a work order takes a member of its department.");
        }

        (ActionRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.ActionRequest, mayBeEmpty: true).ConfigureAwait(false);
        (string[]? evidence, refusal) = refusal is null ? Evidence(request!.Evidence) : (null, refusal);
        refusal ??= Check(request!);
        if (refusal is not null)
        {
            return refusal;
        }

        if (CaseOf(id) is not { } caseId)
        {
            return Unknown(id);
        }

        refusal = await MayAskAsync(id, caseId, caller, context.RequestAborted).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        if (services.Host.NotReady is { } reason)
        {
            return Refusal.Unavailable(reason);
        }

        WorkOrderAction command = new(id, action, caller.Name, caller.DepartmentScope, request!.Note, request.Outcome, evidence);
        CommandResult result = await services.Host.CommandAsync(
            ActorKind.Case, caseId, MessageKind.ActOnWorkOrder, ApiJson.Bytes(command, GrainsJson.Default.WorkOrderAction), context.RequestAborted).ConfigureAwait(false);
        if (Replies.Refusal(result.Reply) is { } refused)
        {
            return refused;
        }

        Log.Acted(logger, caller.Name, action, id);
        if (!await services.ShownAsync(result.Position, context.RequestAborted).ConfigureAwait(false))
        {
            return new RawJson("{\"detail\":\"Done and safe. The lists are behind, so the work order as it is now cannot be shown yet; read it again later.\"}"u8.ToArray(), StatusCodes.Status202Accepted);
        }

        byte[]? row = await services.Lists.FindAsync(View.WorkOrders, id, context.RequestAborted).ConfigureAwait(false);
        return row is null ? Unknown(id) : new RawJson(row);
    }

    /// <summary>
    /// Checks against the list before anything is journaled, so that guessed ids fill no journal. A work order so new that the list does not have it yet is looked for in its case.
    /// </summary>
    private async ValueTask<Refusal?> MayAskAsync(string id, string caseId, Principal caller, CancellationToken cancellation)
    {
        byte[]? row = await services.Lists.FindAsync(View.WorkOrders, id, cancellation).ConfigureAwait(false);
        if (row is not null)
        {
            return Others(row, caller);
        }

        byte[]? document = await services.Host.Case(caseId).DescribeAsync(cancellation).ConfigureAwait(false);
        if (document is null)
        {
            return Unknown(id);
        }

        return CaseScope.Read(document).IsVisibleTo(caller) ? null : Refusal.Forbidden("This work order is another department's or district's.");
    }

    private static Refusal? Others(byte[] row, Principal caller)
    {
        WorkOrderRow? order = JsonSerializer.Deserialize(row, GrainsJson.Default.WorkOrderRow);
        bool visible = order is not null
            && (caller.DepartmentScope is not { } department || department == order.Department)
            && (caller.DistrictScope is not { } district || district == order.District);
        return visible ? null : Refusal.Forbidden("This work order is another department's or district's.");
    }

    /// <summary>The case id is what stands before the last <c>-w{number}</c>.</summary>
    private static string? CaseOf(string id)
    {
        int mark = id.LastIndexOf("-w", StringComparison.Ordinal);
        return mark > 0 && mark + 2 < id.Length && id.AsSpan(mark + 2).IndexOfAnyExceptInRange('0', '9') < 0 && Encoding.UTF8.GetByteCount(id) <= GrainLimits.KeyBytes
            ? id[..mark]
            : null;
    }

    private static Refusal? Check(ActionRequest request) =>
        Validation.Text(request.Note, "The note", GrainLimits.NoteChars) is { } note ? Refusal.Invalid(note, "note")
        : Validation.Text(request.Outcome, "The outcome", ApiLimits.TextLength) is { } outcome ? Refusal.Invalid(outcome, "outcome")
        : null;

    private static (string[]? Evidence, Refusal? Refusal) Evidence(JsonElement? evidence)
    {
        if (evidence is not { } given || given.ValueKind == JsonValueKind.Null)
        {
            return (null, null);
        }

        List<string> items = [];
        foreach (JsonElement item in given.ValueKind == JsonValueKind.Array ? given.EnumerateArray().ToArray() : [given])
        {
            string? text = item.ValueKind switch
            {
                JsonValueKind.String => item.GetString(),
                JsonValueKind.Object => item.GetRawText(),
                _ => null,
            };
            if (text is null || Validation.Text(text, "Evidence", GrainLimits.EvidenceChars) is not null || items.Count == GrainLimits.EvidenceItems)
            {
                return (null, Refusal.Invalid($"Expected at most {GrainLimits.EvidenceItems} texts or objects, each of at most {GrainLimits.EvidenceChars} characters.", "evidence"));
            }

            items.Add(text);
        }

        return ([.. items], null);
    }

    private static Refusal Unknown(string id) => Refusal.NotFound($"There is no work order '{id}'. Its id is in the alert and in the list of work orders.");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Audit: {Caller} did '{Action}' on work order {WorkOrder}.")]
        public static partial void Acted(ILogger logger, string caller, string action, string workOrder);
    }
}
