using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>
/// Rules of the responsibility matrix that the command centre adds while the city runs: what came to it because no rule matched need not come again. They stand before the rules of the files, the newest first, and are tried out on the cases that the centre had.
/// </summary>
internal sealed class RoutingRuleRoutes(ApiServices services)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/routing-rules", List).WithSummary("Rules that were added over the API, in the order in which they are asked, before those of the files.").Produces<RoutingRuleList>().NotAudited("everybody's rules");
        routes.MapPost("/api/routing-rules", (Delegate)((HttpContext context, bool? dryRun) => AddAsync(context, dryRun == true)))
            .WithSummary($"Adds a rule, before all others: {{\"rule\":{{...}},\"reason\":\"...\"}}, the rule as in routing.json. dryRun=true changes nothing and shows which of the command centre's newest {ApiLimits.RoutingCasesTried} cases it would have caught.")
            .Accepts<RoutingRuleRequest>("application/json", RequestBody.AnyType).Produces<RoutingRuleAdded>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(503)
            .AuditedAs(new AuditedAs(AuditAct.Change) { SubjectKind = _ => "routing-rule" });
        routes.MapDelete("/api/routing-rules/{name}", (HttpContext context, string name) => RemoveAsync(context, name))
            .WithSummary("Takes back a rule that was added over the API. Cases stay where they are.").ProducesProblem(403).ProducesProblem(404).ProducesProblem(503).AuditedAsChange("routing-rule", "name");
    }

    private RawJson List()
    {
        Rulebook rules = services.Rules();
        return new RawJson(ApiJson.Bytes(new RoutingRuleList(rules.Version, [.. rules.Decisions.Routing]), ApiJson.Default.RoutingRuleList));
    }

    private async Task<IResult> AddAsync(HttpContext context, bool dryRun)
    {
        Principal caller = Gate.Caller(context);
        if (!caller.SettlesForTheCity)
        {
            return Forbidden();
        }

        (RoutingRuleRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.RoutingRuleRequest).ConfigureAwait(false);
        refusal ??= Validation.First(("reason", string.IsNullOrWhiteSpace(request!.Reason) ? "Say in 'reason' why the rule is added." : Validation.Text(request.Reason, "The reason", GrainLimits.RuleTextChars)));
        if (refusal is not null)
        {
            return refusal;
        }

        if (Rulebook.ReadRoutingRule(request!.Rule?.GetRawText() ?? "null", out IReadOnlyList<RulebookProblem> problems) is not { } rule)
        {
            return Invalid(problems);
        }

        return await PutAsync(context, rule, request.Reason!, dryRun).ConfigureAwait(false);
    }

    /// <summary>Adds a rule before all others, or only shows what it would have caught. The caller has looked whether whoever asks may.</summary>
    public async Task<IResult> PutAsync(HttpContext context, RoutingRule rule, string reason, bool dryRun)
    {
        Principal caller = Gate.Caller(context);
        AuditedCall call = AuditedCall.Of(context);
        call.Names("routing-rule", rule.Name);
        call.GiveReason(reason);
        call.What = $"a rule for {rule.Lead}{(dryRun ? ", tried out" : "")}";
        DecidedRule decided = new(rule, caller.Name, services.Time.GetUtcNow(), reason);
        Rulebook before = services.Rules();
        if (WhyNot(before, rule) is { } taken)
        {
            return taken;
        }

        if (before.With(Before(before.Decisions, decided)).Check() is { Count: > 0 } amiss)
        {
            return Invalid(amiss);
        }

        RoutingRuleTrial trial = Try(before, rule, await CentreCasesAsync(context.RequestAborted).ConfigureAwait(false));
        if (dryRun)
        {
            return new RawJson(ApiJson.Bytes(new RoutingRuleAdded(before.Version, decided, trial), ApiJson.Default.RoutingRuleAdded));
        }

        if (services.Host.NotReady is { } notReady)
        {
            return Refusal.Unavailable(notReady);
        }

        await call.BeginAsync().ConfigureAwait(false);
        Refusal? overtaken = null;
        Decided done = await services.Host.DecideAsync(
            rules =>
            {
                // Somebody else may have taken the name, or the last place, meanwhile; then nothing changes.
                overtaken = WhyNot(rules, rule);
                return overtaken is null ? Before(rules.Decisions, decided) : rules.Decisions;
            },
            context.RequestAborted).ConfigureAwait(false);
        return overtaken ?? (done.Problems.Count > 0
            ? Invalid(done.Problems)
            : (IResult)new RawJson(ApiJson.Bytes(new RoutingRuleAdded(done.Version, decided, trial), ApiJson.Default.RoutingRuleAdded), StatusCodes.Status201Created));
    }

    private async Task<IResult> RemoveAsync(HttpContext context, string name)
    {
        if (!Gate.Caller(context).SettlesForTheCity)
        {
            return Forbidden();
        }

        if (!Has(services.Rules(), name))
        {
            return Refusal.NotFound($"No rule '{name}' was added over the API. Rules of routing.json are changed there.");
        }

        if (services.Host.NotReady is { } notReady)
        {
            return Refusal.Unavailable(notReady);
        }

        AuditedCall call = AuditedCall.Of(context);
        call.What = "taken back";
        await call.BeginAsync().ConfigureAwait(false);
        Decided done = await services.Host.DecideAsync(rules => rules.Decisions with { Routing = [.. rules.Decisions.Routing.Where(decided => decided.Rule.Name != name)] }, context.RequestAborted).ConfigureAwait(false);
        return done.Problems.Count > 0 ? Invalid(done.Problems) : Results.NoContent();
    }

    /// <summary>The command centre's newest cases, newest first: what a rule is tried on.</summary>
    public async Task<IReadOnlyList<CentreCase>> CentreCasesAsync(CancellationToken cancellation)
    {
        List<CentreCase> cases = [];
        long? after = null;
        do
        {
            Page<byte[]> page = await services.Lists.ListAsync(new ViewQuery(View.Cases) { Department = Rulebook.CommandCentre, After = after, Limit = ViewLimits.PageRows }, cancellation).ConfigureAwait(false);
            foreach (byte[] json in page.Items)
            {
                CaseRow row = JsonSerializer.Deserialize(json, GrainsJson.Default.CaseRow)!;
                string? province = row.SubjectKind == ActorId.Prefix(ActorKind.Vehicle) ? Rulebook.ProvinceOf(ActorKind.Vehicle, row.Subject) : null;
                cases.Add(new CentreCase(row.Id, row.Kind, row.District, row.Severity, province, row.Opened.ToUnixTimeMilliseconds(), row.Workflow, row.Ruling));
            }

            after = page.Next;
        }
        while (after is not null && cases.Count < ApiLimits.RoutingCasesTried);

        return cases;
    }

    /// <summary>Which of the cases that came to the command centre the rule would have led elsewhere.</summary>
    public static RoutingRuleTrial Try(Rulebook rules, RoutingRule rule, IReadOnlyList<CentreCase> cases)
    {
        string[] caught = [.. cases.Where(each => rules.Catches(rule, each.Kind, each.District, each.Severity, each.Province, each.OpenedMs)).Select(each => each.Id)];
        return new RoutingRuleTrial(cases.Count, caught.Length, [.. caught.Take(ApiLimits.RoutingCasesShown)]);
    }

    private static RulebookDecisions Before(RulebookDecisions decisions, DecidedRule added) => decisions with { Routing = [added, .. decisions.Routing] };

    private static bool Has(Rulebook rules, string name) => rules.Decisions.Routing.Any(decided => decided.Rule.Name == name);

    private static Refusal? WhyNot(Rulebook rules, RoutingRule rule)
    {
        if (Has(rules, rule.Name) || rules.Routing.Any(other => other.Name == rule.Name))
        {
            return Refusal.Conflict($"There is a rule '{rule.Name}' already; choose another name, or take that one back first.", []);
        }

        return rules.Decisions.Routing.Count >= GrainLimits.DecidedRules
            ? Refusal.Conflict($"{GrainLimits.DecidedRules} rules were added over the API, which is as many as there may be; move some to routing.json and take them back here.", [])
            : null;
    }

    private static Refusal Invalid(IReadOnlyList<RulebookProblem> problems) => Refusal.Invalid(string.Join(" ", problems.Select(problem => problem.ToString())), "rule");

    public static Refusal Forbidden() => Refusal.Forbidden("Only the command centre's supervisors and administrators change who is responsible.");
}

/// <summary>Body of <c>POST /api/routing-rules</c>.</summary>
/// <param name="Rule">The rule, as <c>routing.json</c> has them.</param>
/// <param name="Reason">Why it is added.</param>
internal sealed record RoutingRuleRequest(JsonElement? Rule, string? Reason);

/// <summary>Rules that were added over the API.</summary>
/// <param name="Version">The rulebook's version.</param>
/// <param name="Items">In the order in which they are asked.</param>
internal sealed record RoutingRuleList(int Version, DecidedRule[] Items);

/// <summary>A rule that was added, or tried out.</summary>
/// <param name="Version">The rulebook's version.</param>
internal sealed record RoutingRuleAdded(int Version, DecidedRule Added, RoutingRuleTrial Trial);

/// <summary>What a rule would have done with cases that came to the command centre.</summary>
/// <param name="Cases">Cases looked at, the newest.</param>
/// <param name="Caught">Those that it matches.</param>
/// <param name="First">The newest of them.</param>
internal sealed record RoutingRuleTrial(int Cases, int Caught, string[] First);

/// <summary>A case that the command centre had, as far as rules go by it.</summary>
/// <param name="Province">Home province of its vehicle; null for anything else.</param>
/// <param name="Ruling">The centre's newest ruling; null where there was none.</param>
internal sealed record CentreCase(string Id, string Kind, string District, int Severity, string? Province, long OpenedMs, string Workflow, CaseRuling? Ruling);
