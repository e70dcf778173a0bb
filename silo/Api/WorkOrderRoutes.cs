using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>What a department does with its work orders. The case decides; who may even ask is decided here.</summary>
internal sealed class WorkOrderRoutes(ApiServices services)
{
    /// <summary>What each action does, and which fields it takes besides note and evidence.</summary>
    public static readonly (string Name, string Does)[] Actions =
    [
        ("accept", "Takes it on"),
        ("claim", "Takes it on for oneself; or for the department that it is offered to, as long as its lead has not accepted it"),
        ("return", "Says that it is not the department's; the matrix or the command centre names another. The command centre names it as 'outcome'"),
        ("complete", "Ends it with an 'outcome' of the stage, and in 'record' what the stage asks to be said"),
        ("comment", "Adds a note or evidence"),
        ("assign", "Gives it to the person named in 'to'"),
        ("hand-on", "Says that the department named in 'to' should do it; the second time the command centre decides"),
        ("dispute", "Lets the command centre rule whose it is"),
        ("rule", "The command centre's ruling: lead in 'to', co-handlers in 'departments', time to accept in 'until'"),
        ("ask", "Asks the 'departments' to work beside the lead"),
        ("extend", "Asks for the deadline 'until'; the lead decides for its co-handlers, the command centre for the lead"),
        ("park", "Asks to let it rest 'until'; decided as extensions are"),
        ("resume", "Goes on before the date until which it was parked"),
        ("approve", "Grants what was asked for"),
        ("refuse", "Does not"),
    ];

    /// <summary>Address of the action that asks the subject; it answers with the notice.</summary>
    public const string Notify = "notify";

    /// <summary>Header of a client's own key of an action: sent again with it, the action is done once.</summary>
    public const string KeyHeader = "Idempotency-Key";

    private static readonly string[] Decisions = ["approve", "refuse"];

    /// <summary>Address of the action that adds files; to the case it is a comment.</summary>
    public const string Attachments = "attachments";

    private readonly EvidenceForm forms = new(services.Copies);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/workorders/{id}", FindAsync).WithSummary("One work order.").ProducesProblem(403).ProducesProblem(404).NotAudited("a department's own work, without whereabouts");
        routes.MapPost($"/api/workorders/{{id}}/{Notify}", NotifyAsync)
            .WithSummary("Sends a notice to the subject of the case: 'text' says what is asked of it, 'answerUntil' until when it may answer (three days, where it is left out). Returns the notice with its link.")
            .Accepts<NotifyRequest>("application/json", RequestBody.AnyType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).AuditedAsChange("work-order", "id");
        routes.MapPost($"/api/workorders/{{id}}/{Attachments}", (HttpContext context, string id) => ActAsync(context, id, Attachments))
            .WithSummary($"Attaches pictures (JPEG, PNG) and documents (PDF), up to 10 MiB each, kept by their SHA-256: a form with files and a 'note', or one file as the body. Every action takes such a form, with its own fields and the stage's record as 'record.FIELD', so that picture, handling and record are one call. With the header {KeyHeader} it is done once.")
            .Accepts<IFormFile>(EvidenceForm.Multipart, RequestBody.AnyType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).AuditedAsChange("work-order", "id");
        foreach ((string action, string does) in Actions)
        {
            routes.MapPost($"/api/workorders/{{id}}/{action}", (HttpContext context, string id) => ActAsync(context, id, action))
                .WithSummary($"{does}. Returns the work order as it is then; with the header {KeyHeader} it is done once, however often it is sent.")
                .Accepts<ActionRequest>("application/json", RequestBody.AnyType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).AuditedAsChange("work-order", "id");
        }

        routes.MapPost("/api/workorders/bulk", (Delegate)BulkAsync)
            .WithSummary($"Does one 'action' on the work orders 'ids', at most {ApiLimits.BulkWorkOrders}, each as it would be done alone and whatever becomes of the others; says of each what became of it. With the header {KeyHeader} each is done once.")
            .Accepts<BulkRequest>("application/json", RequestBody.AnyType).Produces<BulkAnswer>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(503).AuditedAsChange("work-orders");
    }

    /// <summary>Sends a notice to the subject, and answers with it and its link, which the department may hand over itself.</summary>
    private async Task<IResult> NotifyAsync(HttpContext context, string id)
    {
        (NotifyRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.NotifyRequest).ConfigureAwait(false);
        refusal ??= Validation.First(
            ("text", string.IsNullOrWhiteSpace(request!.Text) ? "Say in 'text' what is asked of the subject." : Validation.Text(request.Text, "The text", GrainLimits.NoticeTextChars)));
        if (refusal is not null)
        {
            return MayAct(Gate.Caller(context)) ?? refusal;
        }

        AuditedCall.Of(context).What = Notify;
        (CommandResult result, refusal) = await CommandAsync(context, id, caller => new WorkOrderAction(id, Notify, caller.Name, caller.Scope.Department, request!.Text, null, null, request.AnswerUntil) { Salt = Salt() }).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        string made = result.Reply!.Made!;
        if (await ShownNoticeAsync(made, context.RequestAborted).ConfigureAwait(false) is not { } row)
        {
            return new RawJson(ApiJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteString("id", made);
                json.WriteString("detail", $"Done and safe. The lists are behind, so the notice cannot be shown yet; read /api/notices/{made} later.");
                json.WriteEndObject();
            }), StatusCodes.Status202Accepted);
        }

        return new RawJson(NoticeView.Show(row, services.Links), StatusCodes.Status201Created);
    }

    /// <summary>The row of a notice that was just made; null where the lists are too far behind to wait for. Its case tells it, so it is shown some turns later than the case answers.</summary>
    private async ValueTask<byte[]?> ShownNoticeAsync(string id, CancellationToken cancellation)
    {
        long began = services.Time.GetTimestamp();
        while (true)
        {
            byte[]? row = await services.Lists.FindAsync(View.Notices, id, cancellation).ConfigureAwait(false);
            if (row is not null || services.Time.GetElapsedTime(began) >= ViewLimits.ListsWait)
            {
                return row;
            }

            await Task.Delay(ApiLimits.LookAgain, services.Time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<IResult> FindAsync(HttpContext context, string id)
    {
        byte[]? row = await services.Lists.FindAsync(View.WorkOrders, id, context.RequestAborted).ConfigureAwait(false);
        if (row is null)
        {
            return Unknown(id);
        }

        return IsVisible(row, Gate.Caller(context)) ? new RawJson(row) : Unknown(id);
    }

    private async Task<IResult> ActAsync(HttpContext context, string id, string action)
    {
        (ActionRequest? request, EvidenceParts? parts, Refusal? refusal) = await ReadAsync(context, action).ConfigureAwait(false);
        (string[]? evidence, refusal) = refusal is null ? Evidence(request!.Evidence) : (null, refusal);
        refusal ??= Check(request!);
        if (refusal is not null)
        {
            return MayAct(Gate.Caller(context)) ?? refusal;
        }

        AuditedCall.Of(context).What = request!.Outcome is null ? action : $"{action}: {request.Outcome}";
        (CommandResult result, refusal) = await DoAsync(context, id, action, request, evidence, parts).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        if (!await services.ShownAsync(result.Position, context.RequestAborted).ConfigureAwait(false))
        {
            return new RawJson("{\"detail\":\"Done and safe. The lists are behind, so the work order as it is now cannot be shown yet; read it again later.\"}"u8.ToArray(), StatusCodes.Status202Accepted);
        }

        byte[]? row = await services.Lists.FindAsync(View.WorkOrders, id, context.RequestAborted).ConfigureAwait(false);
        return row is null ? Unknown(id) : new RawJson(row);
    }

    private Task<(CommandResult Result, Refusal? Refusal)> DoAsync(HttpContext context, string id, string action, ActionRequest request, string[]? evidence, EvidenceParts? parts = null)
    {
        Attachment[]? files = null;
        Refusal? Keep()
        {
            (files, Refusal? full) = parts is { Files.Count: > 0 } ? forms.Keep(parts) : (null, null);
            return full;
        }

        return CommandAsync(context, id, caller => new WorkOrderAction(id, action == Attachments ? "comment" : action, caller.Name, caller.Scope.Department, request.Note, request.Outcome, WithFiles(evidence, files))
        {
            Attachments = files,
            Salt = Salt(),
            To = request.To,
            Departments = request.Departments,
            Until = request.Until,
            Key = KeyOf(context.Request),
            Decides = caller.Decides,
            Record = request.Record,
        }, isDecision: Decisions.Contains(action), isClaim: action == "claim", keep: Keep);
    }

    /// <summary>A reviewer with two hundred records before lunch: each is its case's to decide, so one that cannot be done keeps no other from it.</summary>
    private async Task<IResult> BulkAsync(HttpContext context)
    {
        (BulkRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.BulkRequest).ConfigureAwait(false);
        (string[]? evidence, refusal) = refusal is null ? Evidence(request!.Evidence) : (null, refusal);
        refusal ??= Check(request!) ?? Validation.First(
            ("action", Actions.Any(action => action.Name == request!.Action) ? null : $"Name the action: {string.Join(", ", Actions.Select(action => action.Name))}."),
            ("ids", request!.Ids is { Length: > 0 and <= ApiLimits.BulkWorkOrders } ids && ids.Distinct(StringComparer.Ordinal).Count() == ids.Length ? null : $"Name 1 to {ApiLimits.BulkWorkOrders} work orders, each once."));
        if ((MayAct(Gate.Caller(context), Decisions.Contains(request?.Action)) ?? refusal) is { } refused)
        {
            return refused;
        }

        string action = request!.Action!;
        AuditedCall.Of(context).What = string.Create(CultureInfo.InvariantCulture, $"{action}{(request.Outcome is null ? "" : $": {request.Outcome}")}, {request.Ids!.Length} work orders");
        List<BulkItem> items = [];
        long position = 0;
        foreach (string id in request.Ids)
        {
            (CommandResult result, Refusal? why) = await DoAsync(context, id ?? "", action, request, evidence).ConfigureAwait(false);
            items.Add(why is null ? new BulkItem(id!, StatusCodes.Status200OK) : new BulkItem(id ?? "", why.Status, why.Detail, why.Allowed));
            position = Math.Max(position, why is null ? result.Position : 0);
        }

        await services.ShownAsync(position, context.RequestAborted).ConfigureAwait(false);
        return new RawJson(ApiJson.Bytes(new BulkAnswer(items.Count(item => item.Status == StatusCodes.Status200OK), [.. items]), ApiJson.Default.BulkAnswer));
    }


    /// <summary>What an action says: as JSON, as a form with files, or, where files are attached alone, one file as the body. Files are read from whoever may act at all.</summary>
    private async Task<(ActionRequest? Request, EvidenceParts? Parts, Refusal? Refusal)> ReadAsync(HttpContext context, string action)
    {
        bool form = EvidenceForm.IsForm(context.Request);
        if (!form && action != Attachments)
        {
            (ActionRequest? request, Refusal? wrong) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.ActionRequest, mayBeEmpty: true).ConfigureAwait(false);
            return (request, null, wrong);
        }

        if (MayAct(Gate.Caller(context), Decisions.Contains(action)) is { } reads)
        {
            return (null, null, reads);
        }

        EvidenceForm.Admit(context.Request);
        (EvidenceParts? parts, Refusal? refusal) = await forms.WithPlaceAsync(() => form ? EvidenceForm.ReadFormAsync(context.Request) : EvidenceForm.ReadFileAsync(context.Request)).ConfigureAwait(false);
        return refusal is null && action == Attachments && parts!.Files.Count == 0
            ? (null, null, Refusal.Invalid("No file came: send a form with files, or one file as the body."))
            : (parts?.Fields, parts, refusal);
    }

    /// <summary>Files stand in the history by their hashes, beside what else was named.</summary>
    private static string[]? WithFiles(string[]? evidence, Attachment[]? files) => files is null or [] ? evidence : [.. evidence ?? [], .. files.Select(file => $"sha256:{file.Sha256}")];

    /// <summary>Makes the hash of what a person wrote say nothing of it once it is erased.</summary>
    public static string Salt() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));

    /// <summary>The client's own key of the action; null where it has none.</summary>
    public static string? KeyOf(HttpRequest request) => request.Headers[KeyHeader] is [{ Length: > 0 } key] ? key : null;

    private static Refusal? MayAct(Principal caller, bool isDecision = false) => caller.Role is Role.Member or Role.Administrator || (isDecision && caller.Decides)
        ? null
        : Refusal.Forbidden($"A token with role '{Roles.Name(caller.Role)}' reads; acting on a work order takes a member of its department.");

    /// <summary>Does it, or says why not.</summary>
    private async Task<(CommandResult Result, Refusal? Refusal)> CommandAsync(HttpContext context, string id, Func<Principal, WorkOrderAction> command, bool isDecision = false, bool isClaim = false, Func<Refusal?>? keep = null)
    {
        Principal caller = Gate.Caller(context);
        if (MayAct(caller, isDecision) is { } reads)
        {
            return (default, reads);
        }

        if (CaseOf(id) is not { } caseId)
        {
            return (default, Unknown(id));
        }

        if (await MayAskAsync(id, caseId, caller, isDecision || isClaim, context.RequestAborted).ConfigureAwait(false) is { } refusal)
        {
            return (default, refusal);
        }

        if (keep?.Invoke() is { } full)
        {
            return (default, full);
        }

        return await services.CommandAsync(context, ActorKind.Case, caseId, MessageKind.ActOnWorkOrder, ApiJson.Bytes(command(caller), GrainsJson.Default.WorkOrderAction)).ConfigureAwait(false);
    }

    /// <summary>
    /// Checks against the list before anything is journaled, so that guessed ids fill no journal. A work order so new that the list does not have it yet is looked for in its case.
    /// </summary>
    private async ValueTask<Refusal?> MayAskAsync(string id, string caseId, Principal caller, bool mayBeOthers, CancellationToken cancellation)
    {
        byte[]? row = await services.Lists.FindAsync(View.WorkOrders, id, cancellation).ConfigureAwait(false);
        if (row is not null && (IsVisible(row, caller) || !mayBeOthers))
        {
            return IsVisible(row, caller) ? null : Unknown(id);
        }

        // Who decides about another department's work order, or may claim it, sees its case.
        byte[]? document = await services.Host.Case(caseId).DescribeAsync(cancellation).ConfigureAwait(false);
        return document is not null && CaseScope.Read(document).IsVisibleTo(caller) ? null : Unknown(id);
    }

    /// <summary>What a caller may not see is not there for it.</summary>
    private static bool IsVisible(byte[] row, Principal caller) =>
        JsonSerializer.Deserialize(row, GrainsJson.Default.WorkOrderRow) is { } order && caller.Scope.Has(order.Department, order.District);

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
        : Validation.Text(request.To, "The name", ApiLimits.TextLength) is { } to ? Refusal.Invalid(to, "to")
        : request.Departments?.Length > GrainLimits.Departments || request.Departments?.Any(department => Validation.Name(department, "The department") is not null) == true ? Refusal.Invalid("Name departments by their ids.", "departments")
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
}
