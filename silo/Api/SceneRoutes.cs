using System.Globalization;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Scenes;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>
/// Scenes: a department's people draft and back-test them, its supervisor proposes, the command centre's supervisor approves or returns. Who may see a scene, and do what with it, is decided here; whether its state allows it, by the scene itself.
/// </summary>
/// <remarks>
/// Changes are made one after another, all of them. An approval is first decided in the rulebook and then told to the scene. A process that ends between the two leaves a scene that does not know; the next change of that scene begins with telling it.
/// </remarks>
internal sealed class SceneRoutes(ApiServices services) : IDisposable
{
    private readonly SemaphoreSlim changing = new(1);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/scenes", (Delegate)ListAsync).WithSummary("Scenes that the caller may see, newest first. Filters: state, department.").ProducesProblem(400).ProducesProblem(403).NotAudited("a department's rules, without whereabouts");
        routes.MapGet("/api/scenes/{id}", FindAsync)
            .WithSummary("One scene: its newest revision, the one in force, its back-test, its history, and what can be done with it now. The ETag is what changes name in If-Match.").Produces<SceneRow>().ProducesProblem(404).NotAudited("a department's rules, without whereabouts");
        routes.MapPost("/api/scenes", (Delegate)DraftAsync).WithSummary("Drafts a scene: id, name, department, districts, subjects, thresholds, route. Every problem of it is named.")
            .Accepts<SceneRule>("application/json", RequestBody.AnyType).Produces<SceneRow>(StatusCodes.Status201Created).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(503).AuditedAsChange("scene");
        routes.MapPut("/api/scenes/{id}", ChangeAsync).WithSummary("Gives a scene another wording, which is a new revision and needs approval again; what is in force stays. If-Match has to name the version that was read.")
            .Accepts<SceneRule>("application/json", RequestBody.AnyType).Produces<SceneRow>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(428).AuditedAsChange("scene", "id");
        routes.MapPost("/api/scenes/{id}/back-test", BackTestAsync)
            .WithSummary($"Runs the recorded camera events from 'from' to 'to' (the last {SceneLimits.DefaultRangeDays} days where left out, {SceneLimits.RangeDays} at most) under the newest rulebook with the scene's newest revision; one at a time, beside everything else. GET shows how far it is, and then what it found.")
            .Accepts<SceneTestRequest>("application/json", RequestBody.AnyType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).AuditedAsChange("scene", "id");
        routes.MapDelete("/api/scenes/{id}/back-test", GiveUpAsync).WithSummary("Gives the back-test of a scene up.").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).AuditedAsChange("scene", "id");
        foreach ((string action, string what) in new[]
        {
            (SceneActions.Propose, "Proposes the newest revision to the command centre; it has to be back-tested."),
            (SceneActions.Approve, "Takes the proposed revision into force, as a new version of the rulebook."),
            (SceneActions.Return, "Gives the proposed revision back; 'note' says what is to be mended."),
            (SceneActions.Withdraw, "Ends the scene for ever, also what is in force; its open warnings end with their subjects' next readings."),
        })
        {
            routes.MapPost($"/api/scenes/{{id}}/{action}", (HttpContext context, string id) => ActAsync(context, id, action)).WithSummary($"{what} If-Match has to name the version that was read.")
                .Accepts<SceneActionRequest>("application/json", RequestBody.AnyType).Produces<SceneRow>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(428).AuditedAsChange("scene", "id");
        }
    }

    public void Dispose() => changing.Dispose();

    private async Task<IResult> ListAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, View.Scenes, ["state", "department"]);
        if (refusal is not null)
        {
            return refusal;
        }

        if (query!.Department is { } department && !SceneRights.IsCentre(caller) && !caller.Scope.HasDepartment(department))
        {
            return Refusal.Forbidden($"This token sees the department '{caller.Scope.Department}' only.");
        }

        List<byte[]> items = [];
        Page<byte[]> page = await services.Lists.ListAsync(query, context.RequestAborted).ConfigureAwait(false);
        foreach (byte[] json in page.Items)
        {
            SceneRow row = JsonSerializer.Deserialize(json, GrainsJson.Default.SceneRow)!;
            if (SceneRights.Sees(caller, row))
            {
                items.Add(ApiJson.Bytes(new SceneSummary(row.Id, row.Name, row.Department, row.Scene.Districts, row.State, row.Revision, row.Version, row.Allowed, row.InForce?.Revision, row.Scene.Kind), ApiJson.Default.SceneSummary));
            }
        }

        return new PageResult(new Page<byte[]>(items, page.Next));
    }

    private async Task<IResult> FindAsync(HttpContext context, string id) =>
        await VisibleAsync(context, id).ConfigureAwait(false) is { } row ? Show(context, row) : Unknown(id);

    private async Task<IResult> DraftAsync(HttpContext context)
    {
        (SceneRule? draft, Refusal? refusal) = await ReadAsync(context, null).ConfigureAwait(false);
        if ((refusal ?? SceneRights.MayWrite(Gate.Caller(context), draft!)) is { } wrong)
        {
            return wrong;
        }

        AuditedCall.Of(context).Names("scene", draft!.Id);
        await changing.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            if (await services.Host.DescribeAsync(ActorKind.Scene, draft.Id, context.RequestAborted).ConfigureAwait(false) is null && await CountAsync(context.RequestAborted).ConfigureAwait(false) >= GrainLimits.ScenesEver)
            {
                return Refusal.Conflict($"There were {GrainLimits.ScenesEver} scenes, which is as many as there may be: their ids are kept for ever. Change one of those that are there.", []);
            }

            return await CommandAsync(context, draft.Id, MessageKind.DraftScene, ApiJson.Bytes(new SceneDrafted(draft, Gate.Caller(context).Name, null), GrainsJson.Default.SceneDrafted), StatusCodes.Status201Created).ConfigureAwait(false);
        }
        finally
        {
            changing.Release();
        }
    }

    private Task<IResult> ChangeAsync(HttpContext context, string id) => SceneRights.Writes(Gate.Caller(context)) is { } reads
        ? Task.FromResult<IResult>(reads)
        : OnAsync(context, id, SceneActions.Change, async (row, version) =>
        {
            (SceneRule? draft, Refusal? refusal) = await ReadAsync(context, id).ConfigureAwait(false);
            return (refusal ?? SceneRights.MayWrite(Gate.Caller(context), draft!)) is { } wrong
                ? wrong
                : await CommandAsync(context, id, MessageKind.DraftScene, ApiJson.Bytes(new SceneDrafted(draft!, Gate.Caller(context).Name, version), GrainsJson.Default.SceneDrafted)).ConfigureAwait(false);
        });

    private async Task<IResult> BackTestAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        if (SceneRights.Tests(caller) is { } reads)
        {
            return reads;
        }

        if (await VisibleAsync(context, id).ConfigureAwait(false) is not { } row)
        {
            return Unknown(id);
        }

        if (!row.Allowed.Contains(SceneActions.BackTest))
        {
            return Refusal.Conflict($"The scene '{id}' is {row.State}; it is not tried any more.", row.Allowed);
        }

        (SceneTestRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.SceneTestRequest, mayBeEmpty: true).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        DateTimeOffset now = services.Time.GetUtcNow();
        DateTimeOffset to = request!.To is { } until && until < now ? until : now;
        DateTimeOffset from = request.From ?? to.AddDays(-SceneLimits.DefaultRangeDays);
        if (from >= to || to - from > TimeSpan.FromDays(SceneLimits.RangeDays))
        {
            return Refusal.Invalid($"Expected a range that begins before it ends and is at most {SceneLimits.RangeDays} days long; it is from {from:O} to {to:O}.", "from");
        }

        await AuditedCall.Of(context).BeginAsync().ConfigureAwait(false);
        SceneTrialOrder order = new(row.Scene, services.Rules(), caller.Name, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), services.DurablePosition());
        if (services.Scenes.TryBegin(order) is { } other)
        {
            return Refusal.Conflict($"A back-test is under way, and there is one at a time: of '{(other.Scene == id ? id : "another scene")}', begun at {Models.Wording.FigureText.Time(other.BegunMs)}. Try again when it is over.", []);
        }

        return Show(context, row, StatusCodes.Status202Accepted);
    }

    private async Task<IResult> GiveUpAsync(HttpContext context, string id)
    {
        if (SceneRights.Tests(Gate.Caller(context)) is { } reads)
        {
            return reads;
        }

        if (await VisibleAsync(context, id).ConfigureAwait(false) is null)
        {
            return Unknown(id);
        }

        await AuditedCall.Of(context).BeginAsync().ConfigureAwait(false);
        return services.Scenes.Cancel(id) ? Results.NoContent() : Refusal.Conflict($"No back-test of the scene '{id}' is under way.", []);
    }

    private async Task<IResult> ActAsync(HttpContext context, string id, string action)
    {
        Principal caller = Gate.Caller(context);
        if (SceneRights.May(caller, action) is { } refused)
        {
            return refused;
        }

        return await OnAsync(context, id, action, async (row, version) =>
        {
            (SceneActionRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.SceneActionRequest, mayBeEmpty: true).ConfigureAwait(false);
            refusal ??= Validation.Text(request!.Note, "The note", GrainLimits.SceneNoteChars) is { } note ? Refusal.Invalid(note, "note")
                : action == SceneActions.Return && string.IsNullOrWhiteSpace(request.Note) ? Refusal.Invalid("Say in 'note' what is to be mended.", "note")
                : null;
            if (refusal is not null)
            {
                return refusal;
            }

            await AuditedCall.Of(context).BeginAsync().ConfigureAwait(false);
            int rulebook = 0;
            if (action is SceneActions.Approve or SceneActions.Withdraw)
            {
                (rulebook, refusal) = await DecideAsync(row, action, caller, context.RequestAborted).ConfigureAwait(false);
                if (refusal is not null)
                {
                    return refusal;
                }
            }

            return await CommandAsync(context, id, MessageKind.ActOnScene, ApiJson.Bytes(new SceneAction(action, caller.Name, version, request!.Note, rulebook), GrainsJson.Default.SceneAction)).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Takes a scene into the rulebook, or out of it. Again, it changes nothing.</summary>
    private async ValueTask<(int Version, Refusal? Refusal)> DecideAsync(SceneRow row, string action, Principal caller, CancellationToken cancellation)
    {
        SceneRule approved = row.Scene with { ApprovedBy = caller.Name, ApprovedMs = services.Time.GetUtcNow().ToUnixTimeMilliseconds() };
        Decided decided = await services.Host.DecideAsync(
            rules => rules.Decisions with
            {
                Scenes = action == SceneActions.Approve
                    ? rules.FindScene(row.Id)?.Revision == approved.Revision ? rules.Scenes : [.. rules.Scenes.Where(scene => scene.Id != row.Id).Append(approved).OrderBy(scene => scene.Id, StringComparer.Ordinal)]
                    : [.. rules.Scenes.Where(scene => scene.Id != row.Id)],
            },
            cancellation).ConfigureAwait(false);
        return decided.Problems.Count == 0
            ? (decided.Version, null)
            : (0, Refusal.Conflict($"The rulebook does not hold with this: {string.Join(" ", decided.Problems)}", row.Allowed));
    }

    /// <summary>Changes a scene that the caller sees and has read as it is.</summary>
    private async Task<IResult> OnAsync(HttpContext context, string id, string action, Func<SceneRow, long, Task<IResult>> change)
    {
        if (await VisibleAsync(context, id).ConfigureAwait(false) is null)
        {
            return Unknown(id);
        }

        if (ReadVersion(context.Request, out long version) is { } unread)
        {
            return unread;
        }

        await changing.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            SceneRow? row = await VisibleAsync(context, id).ConfigureAwait(false);
            if (row is null)
            {
                return Unknown(id);
            }

            if (version != row.Version)
            {
                return Refusal.Conflict($"The scene '{id}' was changed since: it is {row.State} at version {row.Version}, not {version}. Read it again.", row.Allowed);
            }

            SceneRow known = await MakeUpAsync(context, row).ConfigureAwait(false);
            if (known.Version != version && (action, known.State) is (SceneActions.Approve, SceneStates.Approved) or (SceneActions.Withdraw, SceneStates.Withdrawn))
            {
                return Show(context, known);
            }

            if (known.Version != version || !known.Allowed.Contains(action))
            {
                string first = action == SceneActions.Propose && known.State is SceneStates.Draft or SceneStates.Returned ? $" Back-test revision {known.Revision} first: the centre decides by what it would have raised." : "";
                return Refusal.Conflict($"The scene '{id}' is {known.State} at version {known.Version}; '{action}' is not possible now.{first}", known.Allowed);
            }

            return await change(known, version).ConfigureAwait(false);
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>Tells a scene what the rulebook says of it, where a process ended before it could; the scene as it is then.</summary>
    private async ValueTask<SceneRow> MakeUpAsync(HttpContext context, SceneRow row)
    {
        Rulebook rules = services.Rules();
        SceneRule? inForce = rules.FindScene(row.Id);
        if (inForce?.Revision == row.InForce?.Revision)
        {
            return row;
        }

        SceneAction untold = inForce is not null
            ? new SceneAction(SceneActions.Approve, inForce.ApprovedBy, null, Rulebook: rules.Version)
            : new SceneAction(SceneActions.Withdraw, Gate.Caller(context).Name, null, "the rulebook has it no more");
        await services.CommandAsync(context, ActorKind.Scene, row.Id, MessageKind.ActOnScene, ApiJson.Bytes(untold, GrainsJson.Default.SceneAction)).ConfigureAwait(false);
        return await ReadRowAsync(row.Id, context.RequestAborted).ConfigureAwait(false) ?? row;
    }

    private async Task<IResult> CommandAsync(HttpContext context, string id, MessageKind message, byte[] body, int status = StatusCodes.Status200OK)
    {
        (CommandResult result, Refusal? refusal) = await services.CommandAsync(context, ActorKind.Scene, id, message, body).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        await services.ShownAsync(result.Position, context.RequestAborted).ConfigureAwait(false);
        return await ReadRowAsync(id, context.RequestAborted).ConfigureAwait(false) is { } row ? Show(context, row, status) : Unknown(id);
    }

    private async ValueTask<int> CountAsync(CancellationToken cancellation)
    {
        int count = 0;
        ViewQuery query = new(View.Scenes) { Limit = ViewLimits.PageRows };
        while (true)
        {
            Page<byte[]> page = await services.Lists.ListAsync(query, cancellation).ConfigureAwait(false);
            count += page.Items.Count;
            if (page.Next is null || count >= GrainLimits.ScenesEver)
            {
                return count;
            }

            query = query with { After = page.Next };
        }
    }

    /// <summary>A scene that the caller may see; null where there is none or it may not.</summary>
    private async ValueTask<SceneRow?> VisibleAsync(HttpContext context, string id) =>
        await ReadRowAsync(id, context.RequestAborted).ConfigureAwait(false) is { } row && SceneRights.Sees(Gate.Caller(context), row) ? row : null;

    private async ValueTask<SceneRow?> ReadRowAsync(string id, CancellationToken cancellation) =>
        id.Length is > 0 and <= GrainLimits.RuleIdChars && await services.Host.DescribeAsync(ActorKind.Scene, id, cancellation).ConfigureAwait(false) is { } json
            ? JsonSerializer.Deserialize(json, GrainsJson.Default.SceneRow)
            : null;

    private async ValueTask<(SceneRule? Draft, Refusal? Refusal)> ReadAsync(HttpContext context, string? id)
    {
        (JsonDocument? body, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.JsonDocument).ConfigureAwait(false);
        if (refusal is not null)
        {
            return (null, refusal);
        }

        using (body)
        {
            List<RulebookProblem> problems = [];
            SceneRule? draft = SceneRule.TryRead(body!.RootElement, services.Rules(), problems);
            if (draft is null)
            {
                return (null, Refusal.Invalid(string.Join(" ", problems.Select(problem => $"{problem.Path}: found {problem.Found}; expected {problem.Expected}. {problem.Advice}")), problems[0].Path["$.".Length..]));
            }

            return id is not null && draft.Id != id ? (null, Refusal.Invalid($"The scene is '{id}' and stays that; the body says '{draft.Id}'.", "id")) : (draft, null);
        }
    }

    /// <summary>The version that the caller has read, in If-Match or in the address; why not, or null.</summary>
    private static Refusal? ReadVersion(HttpRequest request, out long version)
    {
        string? text = request.Headers.IfMatch.Count == 1 ? request.Headers.IfMatch[0]!.Trim('"') : ListQuery.Value(request.Query, "version");
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version)
            ? null
            : new Refusal(StatusCodes.Status428PreconditionRequired, "Say which version of the scene you have read, as If-Match: \"7\" or ?version=7; GET /api/scenes/{id} shows it. So two who change it at once do not undo each other's work.", "If-Match");
    }

    private RawJson Show(HttpContext context, SceneRow row, int status = StatusCodes.Status200OK)
    {
        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{row.Version}\"");
        RunningTrial? running = services.Scenes.Running;
        SceneTestState? test = running?.Scene == row.Id
            ? new SceneTestState("running", running.Revision, running.By, Time(running.BegunMs), Time(running.FromMs), Time(running.ToMs), running.ReachedMs == 0 ? null : Time(running.ReachedMs), null)
            : services.Scenes.FailureOf(row.Id) is { } why ? new SceneTestState("failed", null, null, null, null, null, null, why) : null;
        return new RawJson(ApiJson.Write(json =>
        {
            json.WriteStartObject();
            using (JsonDocument document = JsonSerializer.SerializeToDocument(row, GrainsJson.Default.SceneRow))
            {
                foreach (JsonProperty property in document.RootElement.EnumerateObject())
                {
                    property.WriteTo(json);
                }
            }

            if (test is not null)
            {
                json.WritePropertyName("backTest");
                JsonSerializer.Serialize(json, test, ApiJson.Default.SceneTestState);
            }

            json.WriteEndObject();
        }), status);
    }

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    private static Refusal Unknown(string id) => Refusal.NotFound($"There is no scene '{id}'. GET /api/scenes lists them.");
}

/// <summary>Who may see a scene, and do what with it.</summary>
internal static class SceneRights
{
    /// <summary>True for who is of the command centre, whatever the role, and for an administrator.</summary>
    public static bool IsCentre(Principal caller) => caller.Role == Role.Administrator || caller.Department == Rulebook.CommandCentre;

    /// <summary>The scenes of the caller's department, or of all for the centre; who is for a district sees those of that district alone.</summary>
    public static bool Sees(Principal caller, SceneRow row) => (IsCentre(caller) || caller.Scope.HasDepartment(row.Department)) && IsWithin(caller, row.Scene);

    /// <summary>Why a caller may not draft or change anything; null where it may in its department.</summary>
    public static Refusal? Writes(Principal caller) => caller.Role == Role.Administrator || (caller.Role is Role.Member or Role.Operator or Role.Supervisor && caller.Department is not null)
        ? null
        : Refusal.Forbidden("A scene is drafted by a department's own people: it takes a member, operator or supervisor of it.");

    /// <summary>Why a caller may not give a scene this wording; null where it may.</summary>
    public static Refusal? MayWrite(Principal caller, SceneRule draft) => Writes(caller)
        ?? (caller.Role == Role.Administrator || caller.Department == draft.Department ? null : Refusal.Forbidden($"This token is of the department '{caller.Department}' and drafts for it alone."))
        ?? (IsWithin(caller, draft) ? null : Refusal.Forbidden($"This token is for the district '{caller.Scope.District}'; name in 'districts' that one or streets of it alone."));

    /// <summary>Why a caller may not back-test; null where it may what it sees.</summary>
    public static Refusal? Tests(Principal caller) => Writes(caller) is null || Decides(caller) ? null : Refusal.Forbidden("A back-test takes who may draft the scene, or who decides on it.");

    /// <summary>Why a caller may not take a step; null where it may with what it sees.</summary>
    public static Refusal? May(Principal caller, string action)
    {
        bool proposes = caller.Role == Role.Administrator || (caller.Role == Role.Supervisor && caller.Department is not null);
        return action switch
        {
            SceneActions.Propose => proposes ? null : Refusal.Forbidden("A scene is proposed by a supervisor of its department."),
            SceneActions.Withdraw => proposes || Decides(caller) ? null : Refusal.Forbidden("A scene is withdrawn by a supervisor of its department or of the command centre."),
            _ => Decides(caller) ? null : Refusal.Forbidden("The command centre's supervisor, or an administrator, decides on what is proposed."),
        };
    }

    private static bool Decides(Principal caller) => caller.Role == Role.Administrator || (caller.Role == Role.Supervisor && caller.Department == Rulebook.CommandCentre);

    private static bool IsWithin(Principal caller, SceneRule scene) => caller.Scope.District is null || (scene.Districts.Count > 0 && scene.Districts.All(caller.Scope.HasDistrict));
}

/// <summary>Body of a step of a scene's life.</summary>
/// <param name="Note">Why; a return needs it.</param>
internal sealed record SceneActionRequest(string? Note = null);

/// <summary>Body of <c>POST /api/scenes/{id}/back-test</c>.</summary>
internal sealed record SceneTestRequest(DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>A back-test that is under way, or came to nothing.</summary>
/// <param name="State"><c>running</c> or <c>failed</c>.</param>
/// <param name="Reached">Time of the record that it is at.</param>
/// <param name="Why">Why it came to nothing.</param>
internal sealed record SceneTestState(string State, int? Revision, string? By, DateTimeOffset? Begun, DateTimeOffset? From, DateTimeOffset? To, DateTimeOffset? Reached, string? Why);

/// <summary>A scene in the list.</summary>
/// <param name="InForce">Revision in force; null where none is.</param>
/// <param name="Kind">Kind of its warnings.</param>
internal sealed record SceneSummary(string Id, LocalName Name, string Department, IReadOnlyList<string> Districts, string State, int Revision, long Version, string[] Allowed, int? InForce, string Kind);
