using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Silo.Access;
using Streaming.Silo.Host;

namespace Streaming.Silo.Api;

/// <summary>
/// The command centre's rulings, offered as rules of the responsibility matrix: what was ruled the same way again and again need not come again. An offer follows from the cases of the lists, so it needs no keeping; what was dismissed is in the rulebook's decisions, with who did so and why.
/// </summary>
internal sealed class RoutingRuleOffers(ApiServices services, RoutingRuleRoutes rules)
{
    private const int IdDigits = 16;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/routing-rules/offers", (Delegate)ListAsync)
            .WithSummary($"Rulings of the command centre's newest {ApiLimits.RoutingCasesTried} cases as rules that would have made them unnecessary, those that were ruled most often first, each with the cases that it would have caught. What is in force already or was dismissed is not among them.")
            .Produces<RoutingOffers>().ProducesProblem(403).NotAudited("rules, and ids of cases");
        routes.MapPost("/api/routing-rules/offers/{id}/accept", (HttpContext context, string id) => AcceptAsync(context, id))
            .WithSummary("Adds the offered rule before all others: {\"reason\":\"...\"}, and a 'name' of the own where the offered one is not liked.")
            .Accepts<OfferRequest>("application/json", RequestBody.AnyType).Produces<RoutingRuleAdded>(StatusCodes.Status201Created).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503).AuditedAsChange("routing-offer", "id");
        routes.MapPost("/api/routing-rules/offers/{id}/dismiss", (HttpContext context, string id) => DismissAsync(context, id))
            .WithSummary("Says that it is no rule: {\"reason\":\"...\"}. It is not offered again.")
            .Accepts<OfferRequest>("application/json", RequestBody.AnyType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503).AuditedAsChange("routing-offer", "id");
    }

    /// <summary>The offers that cases make under a rulebook, those ruled most often first, then the newest.</summary>
    public static IReadOnlyList<RoutingOffer> Of(Rulebook rulebook, IReadOnlyList<CentreCase> cases)
    {
        HashSet<string> dismissed = [.. rulebook.Decisions.DismissedOffers.Select(offer => offer.Offer)];
        List<RoutingOffer> offers = [];
        foreach (IGrouping<string, CentreCase> same in cases.Where(each => each.Ruling is not null && each.Ruling.Lead != Rulebook.CommandCentre).GroupBy(each => Says(rulebook, each)))
        {
            CentreCase first = same.First();
            CaseRuling ruling = first.Ruling!;
            string id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(same.Key)))[..IdDigits];
            RoutingRule rule = new(
                $"ruling-{id[..8]}", [first.Kind], [first.District], same.Min(each => each.Severity), ProvinceOf(rulebook, first) is { } province ? [province] : [], ruling.Lead, ruling.CoHandlers,
                rulebook.FindWorkflow(first.Workflow) is null ? Rulebook.SimpleWorkflow : first.Workflow, OpensWhenLate: false);
            bool isInForce = same.All(each => rulebook.Route(each.Kind, each.District, each.Severity, each.Province, each.OpenedMs).Lead == rule.Lead);
            if (dismissed.Contains(id) || isInForce)
            {
                continue;
            }

            SortedDictionary<string, int> why = new(StringComparer.Ordinal);
            foreach (CentreCase each in same)
            {
                why[each.Ruling!.Why] = why.GetValueOrDefault(each.Ruling.Why) + 1;
            }

            offers.Add(new RoutingOffer(id, rule, same.Count(), why, same.Max(each => each.Ruling!.At), [.. same.Select(each => each.Id).Take(ApiLimits.RoutingCasesShown)], RoutingRuleRoutes.Try(rulebook, rule, cases)));
        }

        return [.. offers.OrderByDescending(offer => offer.Rulings).ThenByDescending(offer => offer.Newest).ThenBy(offer => offer.Id, StringComparer.Ordinal).Take(ApiLimits.RoutingOffers)];
    }

    /// <summary>What a ruling says: two that say it are one offer. How grave the case was is not in it; the rule begins with the least grave that was ruled so.</summary>
    private static string Says(Rulebook rulebook, CentreCase each) => string.Create(
        CultureInfo.InvariantCulture, $"{each.Kind}\n{each.District}\n{ProvinceOf(rulebook, each)}\n{each.Ruling!.Lead}\n{string.Join(',', each.Ruling.CoHandlers.Order(StringComparer.Ordinal))}\n{each.Workflow}");

    /// <summary>Departments tell local trucks from others, not provinces from one another.</summary>
    private static string? ProvinceOf(Rulebook rulebook, CentreCase each) => each.Province is not { } province ? null : province == rulebook.HomeProvince ? RoutingRule.LocalProvince : RoutingRule.OtherProvince;

    private async Task<IResult> ListAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (!caller.SettlesForTheCity && !(caller.Role == Role.Inspector && caller.Scope == default))
        {
            return Refusal.Forbidden("Offers are for the command centre's supervisors, administrators and inspectors of the whole city.");
        }

        Rulebook rulebook = services.Rules();
        IReadOnlyList<CentreCase> cases = await rules.CentreCasesAsync(context.RequestAborted).ConfigureAwait(false);
        return new RawJson(ApiJson.Bytes(new RoutingOffers(rulebook.Version, cases.Count, [.. Of(rulebook, cases)]), ApiJson.Default.RoutingOffers));
    }

    private async Task<IResult> AcceptAsync(HttpContext context, string id)
    {
        (RoutingOffer? offer, OfferRequest? request, Refusal? refusal) = await FindAsync(context, id).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        RoutingRule rule = request!.Name is { Length: > 0 } name ? offer!.Rule with { Name = name } : offer!.Rule;
        if (Rulebook.ReadRoutingRule(Encoding.UTF8.GetString(ApiJson.Bytes(rule, ApiJson.Default.RoutingRule)), out IReadOnlyList<RulebookProblem> problems) is not { } read)
        {
            return Refusal.Invalid(string.Join(" ", problems.Select(problem => problem.ToString())), "name");
        }

        return await rules.PutAsync(context, read, request.Reason!, dryRun: false).ConfigureAwait(false);
    }

    private async Task<IResult> DismissAsync(HttpContext context, string id)
    {
        (RoutingOffer? offer, OfferRequest? request, Refusal? refusal) = await FindAsync(context, id).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        AuditedCall call = AuditedCall.Of(context);
        call.GiveReason(request!.Reason!);
        call.What = $"dismissed: a rule for {offer!.Rule.Lead}";
        await call.BeginAsync().ConfigureAwait(false);
        DismissedOffer dismissed = new(id, Gate.Caller(context).Name, services.Time.GetUtcNow(), request.Reason!);
        Decided done = await services.Host.DecideAsync(
            rulebook => rulebook.Decisions with { DismissedOffers = [.. rulebook.Decisions.DismissedOffers.Where(other => other.Offer != id).Prepend(dismissed).Take(GrainLimits.DismissedOffers)] },
            context.RequestAborted).ConfigureAwait(false);
        return done.Problems.Count > 0 ? Refusal.Invalid(string.Join(" ", done.Problems.Select(problem => problem.ToString())), "reason") : Results.NoContent();
    }

    private async Task<(RoutingOffer? Offer, OfferRequest? Request, Refusal? Refusal)> FindAsync(HttpContext context, string id)
    {
        if (!Gate.Caller(context).SettlesForTheCity)
        {
            return (null, null, RoutingRuleRoutes.Forbidden());
        }

        (OfferRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.OfferRequest).ConfigureAwait(false);
        refusal ??= Validation.First(("reason", string.IsNullOrWhiteSpace(request!.Reason) ? "Say in 'reason' why." : Validation.Text(request.Reason, "The reason", GrainLimits.RuleTextChars)));
        if (refusal is not null)
        {
            return (null, null, refusal);
        }

        RoutingOffer? offer = Of(services.Rules(), await rules.CentreCasesAsync(context.RequestAborted).ConfigureAwait(false)).FirstOrDefault(offer => offer.Id == id);
        return offer is null
            ? (null, null, Refusal.NotFound($"There is no offer '{id}': it is in force already, was dismissed, or its cases are too old. Read the offers again."))
            : services.Host.NotReady is { } notReady ? (null, null, Refusal.Unavailable(notReady)) : (offer, request, null);
    }
}

/// <summary>Rulings offered as rules.</summary>
/// <param name="Version">The rulebook's version.</param>
/// <param name="Cases">Cases of the command centre that were looked at, the newest.</param>
internal sealed record RoutingOffers(int Version, int Cases, RoutingOffer[] Items);

/// <summary>A ruling, or several that say the same, as a rule.</summary>
/// <param name="Id">Follows from what it says.</param>
/// <param name="Rulings">How many cases were ruled so.</param>
/// <param name="Why">Why those came to the command centre: <c>unmatched</c>, <c>disputed</c>, <c>returned</c>.</param>
/// <param name="Newest">When the newest was ruled.</param>
/// <param name="RuledCases">The newest of them.</param>
/// <param name="Trial">What the rule would have done with the cases that came to the command centre.</param>
internal sealed record RoutingOffer(string Id, RoutingRule Rule, int Rulings, SortedDictionary<string, int> Why, DateTimeOffset Newest, string[] RuledCases, RoutingRuleTrial Trial);

/// <summary>Body of accepting or dismissing an offer.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Name">Of accepting: a name for the rule; null for the offered one.</param>
internal sealed record OfferRequest(string? Reason, string? Name = null);
