using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Host;

namespace Streaming.Silo.Api;

/// <summary>What follows a case's end. The case decides; who may even ask is decided here.</summary>
internal sealed class CaseRoutes(ApiServices services)
{
    public static readonly (string Name, string Does)[] Actions =
    [
        ("reopen", "Opens a closed case again, at its first stage: for the command centre, which says why in 'note'"),
        ("call-back", "Records what who reported or suffers said when asked: 'outcome' satisfied or dissatisfied, which opens it again; of a case with several reports, 'report' is the one whose reporter was called"),
        ("archive", "Ends it for good"),
    ];

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach ((string action, string does) in Actions)
        {
            routes.MapPost($"/api/cases/{{id}}/{action}", (HttpContext context, string id) => ActAsync(context, id, action))
                .WithSummary($"{does}. Returns the case as it is then; with the header {WorkOrderRoutes.KeyHeader} it is done once, however often it is sent.")
                .Accepts<CaseActionRequest>("application/json", RequestBody.AnyType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503).AuditedAsChange("case", "id");
        }
    }

    private async Task<IResult> ActAsync(HttpContext context, string id, string action)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role is not (Role.Member or Role.Administrator) && !caller.Decides)
        {
            return Refusal.Forbidden($"A token with role '{Roles.Name(caller.Role)}' reads; this takes a member of the department that led the case, or the command centre.");
        }

        (CaseActionRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.CaseActionRequest, mayBeEmpty: true).ConfigureAwait(false);
        refusal ??= Validation.First(
            ("note", Validation.Text(request!.Note, "The note", GrainLimits.NoteChars)),
            ("outcome", Validation.Text(request.Outcome, "The outcome", ApiLimits.TextLength)),
            ("report", Validation.Text(request.Report, "The id of a report", GrainLimits.KeyBytes)));
        if (refusal is not null)
        {
            return refusal;
        }

        byte[]? document = await services.Host.Case(id).DescribeAsync(context.RequestAborted).ConfigureAwait(false);
        if (document is null || !CaseScope.Read(document).IsVisibleTo(caller))
        {
            return Refusal.NotFound($"There is no case '{id}'.");
        }

        AuditedCall.Of(context).What = request!.Outcome is null ? action : $"{action}: {request.Outcome}";
        CaseAction command = new(action, caller.Name, caller.Scope.Department, request.Note, request.Outcome, WorkOrderRoutes.KeyOf(context.Request), caller.Decides, request.Report) { Salt = WorkOrderRoutes.Salt() };
        (_, refusal) = await services.CommandAsync(context, ActorKind.Case, id, MessageKind.ActOnCase, ApiJson.Bytes(command, GrainsJson.Default.CaseAction)).ConfigureAwait(false);
        return refusal as IResult ?? new RawJson((await services.Host.Case(id).DescribeAsync(context.RequestAborted).ConfigureAwait(false))!);
    }
}
