using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Rules;
using Streaming.Models;
using Streaming.Models.Learned;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Training;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>
/// The life of learned models: uploaded, in shadow, compared on later cases, promoted, rolled back. Each of these is a decision of the rulebook (<see cref="ModelDecisions"/>), journaled, and in force from its record on.
/// </summary>
internal sealed class ModelRoutes(ApiServices services)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/models", (Delegate)List)
            .WithSummary("Learned models, shipped and uploaded, with their cards; and for each kind which one judges, which is in shadow, since when, by whom and why.").NotAudited("everybody's rules");
        routes.MapPost("/api/models", (Delegate)UploadAsync)
            .WithSummary("Uploads a model file, as train writes it. It is taken where its golden rows score here as they did for its trainer; it judges nothing yet.")
            .Accepts<JsonElement>("application/json", RequestBody.AnyType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).AuditedAsChange("model");
        routes.MapDelete("/api/models/{kind}/{version}", (HttpContext context, string kind, string version) => RemoveAsync(context, $"{kind}/{version}"))
            .WithSummary("Removes an uploaded model that neither judges nor is in shadow, and that no roll-back would go back to.").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).AuditedAsChange("model");
        routes.MapGet("/api/models/{kind}/comparison", (HttpContext context, string kind, double? threshold, DateTimeOffset? from) => CompareAsync(context, kind, threshold, from))
            .WithSummary("Judge and shadow on the cases closed since the shadow began: found true and false, precision and recall at a threshold (threshold=, else each one's own), Brier score, calibration by tenths, and all of it by station. from= for another beginning.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).NotAudited("figures of closed cases");
        foreach ((string action, string does) in ((string, string)[])
        [
            ("shadow", "Puts a model into shadow: it scores what the judge scores, beside it, and nobody is told anything else for it. Without 'model' the one that is there is taken out. Fields: model, threshold, reason."),
            ("promote", "Lets the model in shadow judge, from this record on; the one that judged goes into shadow. Fields: reason; model, threshold, and override to promote one that was not in shadow."),
            ("roll-back", "Lets judge again who did before the last promotion. Field: reason."),
        ])
        {
            routes.MapPost($"/api/models/{{kind}}/{action}", (HttpContext context, string kind) => ChangeAsync(context, kind, action))
                .WithSummary(does).Accepts<ModelRequest>("application/json", RequestBody.AnyType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).AuditedAsChange("model", "kind");
        }
    }

    /// <summary>The comparison is of the whole city's cases, so whoever sees it is of the whole city; inspectors too, who decide nothing.</summary>
    private static bool IsOfCity(Principal caller) => caller.Scope is { District: null, Department: null or Rulebook.CommandCentre };

    private static Refusal Closed => Refusal.Forbidden("Only an administrator, or a supervisor of the command centre or of all departments, in the whole city, decides on learned models.");

    private static Refusal UnknownKind(string kind) => Refusal.NotFound($"Nothing is learned of '{kind}'; there are {string.Join(", ", LearnedKind.All.Select(each => each.Name))}.");

    private RawJson List() => new(ModelView.List(services.Rules()));

    private async Task<IResult> UploadAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (!caller.SettlesForTheCity)
        {
            return Closed;
        }

        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        byte[] file = body.ToArray();
        if (file.Length > ModelLimits.UploadedModelBytes)
        {
            return Refusal.Invalid(string.Create(CultureInfo.InvariantCulture, $"The file has {file.Length} bytes; at most {ModelLimits.UploadedModelBytes} are taken."));
        }

        if (ModelDecisions.Read(file, out string problem) is not { } model)
        {
            return Refusal.Invalid($"The model is not taken: {problem}");
        }

        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(file);
        }
        catch (DecoderFallbackException)
        {
            return Refusal.Invalid("The file is not UTF-8.");
        }

        UploadedModel uploaded = new() { Name = TrainedModels.NameOf(model, file), File = text, AtMs = Now, By = caller.Name };
        AuditedCall.Of(context).Names("model", uploaded.Name);
        Refusal? refusal = await DecideAsync(context, (Rulebook rules, out string why) => rules.Decisions.Models.Upload(uploaded, out why)).ConfigureAwait(false);
        return refusal as IResult ?? new RawJson(ApiJson.Write(json => ModelView.Write(json, uploaded.Name, model, uploaded, services.Rules())), StatusCodes.Status201Created);
    }

    private async Task<IResult> RemoveAsync(HttpContext context, string name)
    {
        if (!Gate.Caller(context).SettlesForTheCity)
        {
            return Closed;
        }

        if (services.Rules().Decisions.Models.Uploaded.All(model => model.Name != name))
        {
            return Refusal.NotFound($"No model '{name}' is uploaded; GET /api/models lists those that are. Shipped models stay.");
        }

        AuditedCall.Of(context).Names("model", name);
        Refusal? refusal = await DecideAsync(context, (Rulebook rules, out string why) => rules.Decisions.Models.Remove(name, out why)).ConfigureAwait(false);
        return refusal as IResult ?? Microsoft.AspNetCore.Http.Results.NoContent();
    }

    private async Task<IResult> ChangeAsync(HttpContext context, string kind, string action)
    {
        Principal caller = Gate.Caller(context);
        if (!caller.SettlesForTheCity)
        {
            return Closed;
        }

        if (LearnedKind.Of(kind) is not { } learned)
        {
            return UnknownKind(kind);
        }

        (ModelRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.ModelRequest).ConfigureAwait(false);
        refusal ??= Validation.First(
            ("reason", string.IsNullOrWhiteSpace(request!.Reason) ? "Say why; it is kept in the rulebook and the audit." : Validation.Text(request.Reason, "The reason", GrainLimits.NoteChars)),
            ("model", request.Model is { } named && !services.Rules().Decisions.Models.Has(named) ? $"There is no model '{named}'; GET /api/models lists those that there are." : null),
            ("threshold", request.Threshold is not (null or (> 0 and <= 1)) ? "Expected a threshold above 0 and at most 1." : null));
        if (refusal is not null)
        {
            return refusal;
        }

        AuditedCall call = AuditedCall.Of(context);
        call.GiveReason(request!.Reason!);
        call.What = request.Model is { } model ? $"{action} {model}{(request.Override == true ? ", overriding the shadow" : "")}" : action;
        refusal = await DecideAsync(context, (Rulebook rules, out string why) => Change(rules, learned, action, request, caller, out why)).ConfigureAwait(false);
        return refusal as IResult ?? new RawJson(ApiJson.Write(json => ModelView.Write(json, learned, services.Rules())));
    }

    private ModelDecisions? Change(Rulebook rules, LearnedKind kind, string action, ModelRequest request, Principal caller, out string why)
    {
        ModelDecisions before = rules.Decisions.Models;
        NamedModel? named = ModelsInForce.NamedBy(rules.Learned, rules.TankAnomalies, kind);
        string? judging = rules.Judges.Judge(kind)?.Name;
        ChosenModel chosen = new() { Model = request.Model ?? "", Threshold = request.Threshold, AtMs = Now, By = caller.Name, Reason = request.Reason!, Overridden = request.Override == true ? true : null };
        switch (action)
        {
            case "roll-back":
                return before.RollBack(kind.Name, chosen, named is { Enabled: true } ? named.Name : null, out why);
            case "shadow":
                // A shadow of an anomaly scores the vector that the judge warned of.
                if (kind.Task == LearningTask.Anomaly && request.Model is { } name && rules.Judges.Judge(kind) is { } judge && !name.StartsWith(judge.Model.Features.Kind + "/", StringComparison.Ordinal))
                {
                    why = $"The model {name} goes by other figures than {judge.Name}, which judges, so the two cannot be compared on the same readings. Promote it with \"override\": true and a reason.";
                    return null;
                }

                return before.PutInShadow(kind.Name, chosen, judging, out why);
            default:
                if (named is { Enabled: false } || (named is null && kind.Task == LearningTask.Anomaly))
                {
                    why = $"The rulebook's files do not have {kind.Name} judged by a model, so none would; change that in limits.json.";
                    return null;
                }

                if (chosen.Model.Length == 0 && before.Of(kind.Name)?.Shadow is not { })
                {
                    why = $"Nothing is in shadow for {kind.Name}: name the model to promote.";
                    return null;
                }

                return before.Promote(kind.Name, chosen.Model.Length > 0 ? chosen : chosen with { Model = before.Of(kind.Name)!.Shadow!.Model }, judging, out why);
        }
    }

    private async Task<IResult> CompareAsync(HttpContext context, string kind, double? threshold, DateTimeOffset? from)
    {
        Principal caller = Gate.Caller(context);
        if (!caller.Supervises || !IsOfCity(caller))
        {
            return Refusal.Forbidden("The comparison is of the whole city's cases: administrators, and supervisors and inspectors of the command centre or of all departments, in the whole city, see it.");
        }

        if (LearnedKind.Of(kind) is not { } learned)
        {
            return UnknownKind(kind);
        }

        if (threshold is not (null or (> 0 and <= 1)))
        {
            return Refusal.Invalid("Expected a threshold above 0 and at most 1.", "threshold");
        }

        Rulebook rules = services.Rules();
        if (rules.Judges.Shadow(learned) is not { } shadow)
        {
            return Refusal.Conflict($"No model is in shadow for {kind}, so there is nothing to compare. Put one there with POST /api/models/{kind}/shadow.", []);
        }

        long sinceMs = from?.ToUnixTimeMilliseconds() ?? rules.Decisions.Models.Of(kind)!.Shadow!.AtMs;
        IReadOnlyList<ScoredCase> cases = await services.Lists.ScoredCasesAsync(kind, sinceMs, ViewLimits.ScoredCases, context.RequestAborted).ConfigureAwait(false);
        ModelComparison comparison = ModelComparison.Of(learned, rules.Judges.Judge(learned), shadow, threshold, cases, rules.Outcomes);
        return new RawJson(ApiJson.Write(json => ModelView.Write(json, learned, comparison, sinceMs, cases.Count == ViewLimits.ScoredCases)));
    }

    private long Now => services.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private delegate ModelDecisions? Decision(Rulebook rules, out string why);

    /// <summary>Journals what was decided and waits until it is in force. Why it was not done, or null.</summary>
    private async Task<Refusal?> DecideAsync(HttpContext context, Decision decide)
    {
        if (services.Host.NotReady is { } reason)
        {
            return Refusal.Unavailable(reason);
        }

        // What speaks against it now is said before anything is written; it may still change until it is the decision's turn.
        if (decide(services.Rules(), out string problem) is null)
        {
            return Refusal.Conflict(problem, []);
        }

        await AuditedCall.Of(context).BeginAsync().ConfigureAwait(false);
        string why = "";
        Decided decided = await services.Host.DecideAsync(
            newest =>
            {
                ModelDecisions? after = decide(newest, out why);
                return after is null ? newest.Decisions : newest.Decisions with { Models = after };
            },
            context.RequestAborted).ConfigureAwait(false);
        return why.Length > 0 ? Refusal.Conflict(why, [])
            : decided.Problems.Count > 0 ? Refusal.Conflict(string.Join(" ", decided.Problems), [])
            : null;
    }
}
