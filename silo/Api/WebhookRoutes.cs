using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Dispatch;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Grains.Webhooks;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Notices;
using Streaming.Silo.Views;
using Streaming.Silo.Webhooks;

namespace Streaming.Silo.Api;

/// <summary>Webhooks of departments: registered, looked at, stopped and removed by their supervisors, inspected by inspectors; what could not be delivered is shown and sent again.</summary>
internal sealed class WebhookRoutes(ApiServices services) : IDisposable
{
    private readonly SemaphoreSlim registering = new(1);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/webhooks", (Delegate)ListAsync).WithSummary("Webhooks that the caller may see, newest first: how far each is, and what it fails with.").ProducesProblem(400).ProducesProblem(403).NotAudited("addresses of receivers, without whereabouts");
        routes.MapPost("/api/webhooks", (Delegate)RegisterAsync)
            .WithSummary("Registers a webhook of a department's feed: {\"url\":\"https://...\",\"department\":\"...\",\"district\":\"*\",\"types\":[...],\"minSeverity\":1}. The answer shows the secret of its signatures, once. With a 'key' of the client's own it is registered once, however often it is sent. 'after' begins behind that number of the feed; without it, with what comes from now on.")
            .Accepts<WebhookRequest>("application/json", RequestBody.AnyType).Produces<WebhookCreated>(StatusCodes.Status201Created).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(503).AuditedAsChange("webhook");
        routes.MapGet("/api/webhooks/{id}", FindAsync).WithSummary("One webhook.").Produces<WebhookRow>().ProducesProblem(403).ProducesProblem(404).NotAudited("the address of a receiver, without whereabouts");
        routes.MapDelete("/api/webhooks/{id}", (HttpContext context, string id) => ActAsync(context, id, WebhookActions.Remove, null)).WithSummary("Removes a webhook with its dead letters.")
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(503).AuditedAsChange("webhook", "id");
        foreach ((string action, string what) in new[]
        {
            (WebhookActions.Enable, "Goes on where it was stopped, also after the receiver answered 410."),
            (WebhookActions.Disable, "Stops it; the feed keeps what comes meanwhile."),
            (WebhookActions.Secret, "Makes a new secret and shows it, once; the one before is good for nothing."),
        })
        {
            routes.MapPost($"/api/webhooks/{{id}}/{action}", (HttpContext context, string id) => ActAsync(context, id, action, null)).WithSummary(what)
                .Produces<WebhookRow>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(503).AuditedAsChange("webhook", "id");
        }

        routes.MapGet("/api/webhooks/{id}/dead-letters", DeadLettersAsync).WithSummary($"What could not be delivered within {WebhookLimits.GiveUpAfter.TotalHours:0} hours, newest first, with the item and why. Filters: limit, after.").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).NotAudited("a department's own feed");
        routes.MapPost("/api/webhooks/{id}/dead-letters/resend", (HttpContext context, string id) => ActAsync(context, id, WebhookActions.Resend, null)).WithSummary("Sends all dead letters again, under the ids that they had.")
            .Produces<WebhookRow>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(503).AuditedAsChange("webhook", "id");
        routes.MapPost("/api/webhooks/{id}/dead-letters/{number:long}/resend", (HttpContext context, string id, long number) => ActAsync(context, id, WebhookActions.Resend, number)).WithSummary("Sends one dead letter again, under the id that it had.")
            .Produces<WebhookRow>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(503).AuditedAsChange("webhook", "id");
    }

    public void Dispose() => registering.Dispose();

    private async Task<IResult> ListAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (!MayLook(caller))
        {
            return LookersOnly();
        }

        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, View.Webhooks, ["state", "department"]);
        (query, refusal) = refusal is null ? ListQuery.Restrict(query!, caller) : (query, refusal);
        return refusal as IResult ?? new PageResult(await services.Lists.ListAsync(query!, context.RequestAborted).ConfigureAwait(false));
    }

    private async Task<IResult> FindAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        return !MayLook(caller) ? LookersOnly()
            : await VisibleAsync(caller, id, context.RequestAborted).ConfigureAwait(false) is { } row ? new RawJson(ApiJson.Bytes(row, GrainsJson.Default.WebhookRow))
            : Unknown(id);
    }

    private async Task<IResult> DeadLettersAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        if (!MayLook(caller))
        {
            return LookersOnly();
        }

        if (await VisibleAsync(caller, id, context.RequestAborted).ConfigureAwait(false) is null)
        {
            return Unknown(id);
        }

        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, View.DeadLetters, []);
        return refusal as IResult ?? new PageResult(await services.Lists.ListAsync(query! with { Webhook = id }, context.RequestAborted).ConfigureAwait(false));
    }

    private async Task<IResult> RegisterAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (!MayChange(caller))
        {
            return ChangersOnly();
        }

        (WebhookRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.WebhookRequest).ConfigureAwait(false);
        string department = request?.Department ?? caller.Scope.Department ?? "";
        string district = request?.District ?? caller.District;
        refusal ??= WrongWith(request!, department, district);
        if (refusal is not null)
        {
            return refusal;
        }

        if (!caller.Scope.HasDepartment(department) || ListQuery.OfAnother(district, caller) is not null)
        {
            return Refusal.Forbidden($"This token registers webhooks of {(caller.Scope.Department is { } own ? $"the department '{own}'" : "any department")} in {(caller.Scope.District is { } within ? $"the district '{within}'" : "the whole city")} only.");
        }

        string feed = $"{department}/{district}";
        WebhookRegistered registered = new(request!.Url!, department, district, [.. (request.Types ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], request.MinSeverity ?? 1, request.After ?? services.Feeds.Last(feed), caller.Name);
        string id = "wh-" + (request.Key is { } key ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.Name}\n{key}")))[..20] : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10)));
        AuditedCall call = AuditedCall.Of(context);
        call.Names("webhook", id);
        call.What = $"a webhook of {feed}";
        await registering.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            if (services.Lists.All(View.Webhooks).Count >= WebhookLimits.Webhooks)
            {
                return Refusal.Conflict($"There are {WebhookLimits.Webhooks} webhooks, which is as many as there may be; remove one that is not needed.", []);
            }

            (CommandResult result, Refusal? refused) = await services.CommandAsync(context, ActorKind.Webhook, id, MessageKind.RegisterWebhook, ApiJson.Bytes(registered, GrainsJson.Default.WebhookRegistered)).ConfigureAwait(false);
            if (refused is not null)
            {
                return refused;
            }

            await services.ShownAsync(result.Position, context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            registering.Release();
        }

        return new RawJson(ApiJson.Bytes(new WebhookCreated(id, services.Webhooks.WebhookSecret(id, 1), department, district), ApiJson.Default.WebhookCreated), StatusCodes.Status201Created);
    }

    private async Task<IResult> ActAsync(HttpContext context, string id, string action, long? number)
    {
        Principal caller = Gate.Caller(context);
        if (!MayChange(caller))
        {
            return ChangersOnly();
        }

        if (await VisibleAsync(caller, id, context.RequestAborted).ConfigureAwait(false) is null)
        {
            return Unknown(id);
        }

        AuditedCall.Of(context).What = action;
        (CommandResult result, Refusal? refusal) = await services.CommandAsync(context, ActorKind.Webhook, id, MessageKind.ActOnWebhook, ApiJson.Bytes(new WebhookAction(action, caller.Name, number), GrainsJson.Default.WebhookAction)).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        await services.ShownAsync(result.Position, context.RequestAborted).ConfigureAwait(false);
        if (action == WebhookActions.Remove || await VisibleAsync(caller, id, context.RequestAborted).ConfigureAwait(false) is not { } row)
        {
            return Results.NoContent();
        }

        return action == WebhookActions.Secret
            ? new RawJson(ApiJson.Bytes(new WebhookCreated(id, services.Webhooks.WebhookSecret(id, row.SecretVersion), row.Department, row.District), ApiJson.Default.WebhookCreated))
            : new RawJson(ApiJson.Bytes(row, GrainsJson.Default.WebhookRow));
    }

    private Refusal? WrongWith(WebhookRequest request, string department, string district)
    {
        string[] types = request.Types ?? [];
        return Validation.First(
            ("url", WrongWithUrl(request.Url)),
            ("department", Validation.Name(department, "The department") ?? (services.Rules().HasDepartment(department) ? null : $"There is no department '{department}'.")),
            ("district", Validation.DistrictOrCity(district)),
            ("types", Array.Find(types, type => Array.IndexOf(AlertTypes.All, type) < 0) is { } unknown ? $"There is no type '{unknown}'; there are {string.Join(", ", AlertTypes.All)}." : null),
            ("minSeverity", request.MinSeverity is < 1 or > GrainLimits.GravestSeverity ? $"Severities are 1 to {GrainLimits.GravestSeverity}." : null),
            ("after", request.After < 0 ? "'after' is a number of the feed; 0 begins with the first item that is kept." : null),
            ("key", request.Key is { Length: 0 or > GrainLimits.ActionKeyChars } ? $"A key has 1 to {GrainLimits.ActionKeyChars} characters." : null));
    }

    /// <summary>An address in words that may not be used is refused at once; where a name leads is looked at whenever it is connected to.</summary>
    private string? WrongWithUrl(string? text)
    {
        if (text is not { Length: > 0 and <= WebhookLimits.UrlChars } || !Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp) || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            return $"Give in 'url' an https address of at most {WebhookLimits.UrlChars} characters, without a user or fragment in it.";
        }

        bool isAddress = IPAddress.TryParse(url.Host.Trim('[', ']'), out IPAddress? address);
        if (isAddress && !OutsideAddress.MayBe(address!, services.WebhookNetworks))
        {
            return $"{url.Host} is not a public address, and the networks that webhooks may be in (--webhook-networks) do not have it.";
        }

        return url.Scheme == Uri.UriSchemeHttp && services.WebhookNetworks.Count == 0 ? "http can be read by others on the way; give an https address. http is for the city's own networks, which the administrator names with --webhook-networks." : null;
    }

    private async ValueTask<WebhookRow?> VisibleAsync(Principal caller, string id, CancellationToken cancellation) =>
        id.Length is > 0 and <= GrainLimits.RuleIdChars && await services.Lists.FindAsync(View.Webhooks, id, cancellation).ConfigureAwait(false) is { } json
            && JsonSerializer.Deserialize(json, GrainsJson.Default.WebhookRow) is { } row && caller.Scope.HasDepartment(row.Department) && caller.Scope.HasDistrict(row.District)
            ? row
            : null;

    private static bool MayLook(Principal caller) => caller.Role is Role.Supervisor or Role.Inspector or Role.Administrator;

    private static bool MayChange(Principal caller) => caller.Role is Role.Supervisor or Role.Administrator;

    private static Refusal LookersOnly() => Refusal.Forbidden("Supervisors, inspectors and administrators see webhooks.");

    private static Refusal ChangersOnly() => Refusal.Forbidden("A department's supervisors and administrators change its webhooks.");

    private static Refusal Unknown(string id) => Refusal.NotFound($"There is no webhook '{id}'.");
}

/// <summary>Body of <c>POST /api/webhooks</c>.</summary>
internal sealed record WebhookRequest(string? Url = null, string? Department = null, string? District = null, string[]? Types = null, int? MinSeverity = null, long? After = null, string? Key = null);

/// <summary>A webhook as registered, or with a new secret. The secret is shown here and nowhere else.</summary>
internal sealed record WebhookCreated(string Id, string Secret, string Department, string District);
