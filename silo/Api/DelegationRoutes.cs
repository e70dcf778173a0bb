using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Wording;
using Streaming.Silo.Access;

namespace Streaming.Silo.Api;

/// <summary>
/// Rights given to another for a time: for a leave, a shift, an operation. Whoever has a token gives at most what it has, in its own district or a part of what it sees, never longer than <see cref="ApiLimits.DelegationDays"/> days. It ends then, when it
/// is taken back, and with the token that gave it; nobody gives on what was given to them, and an administrator's rights cannot be given, because they would outlast it in what they issue.
/// </summary>
internal sealed class DelegationRoutes(ApiServices services)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/delegations", (Delegate)List).WithSummary("What this token has given to others and is still in force.").Produces<DelegationList>().NotAudited("one's own delegations");
        routes.MapPost("/api/delegations", (Delegate)GiveAsync).WithSummary("Gives another a token with at most the own rights, for a time. It is shown once. Fields: to, until, reason; district and department to give less.")
            .Accepts<DelegationRequest>("application/json", RequestBody.AnyType).Produces<DelegationCreated>(StatusCodes.Status201Created).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(503).AuditedAsChange("token");
        routes.MapDelete("/api/delegations/{to}", (HttpContext context, string to) => TakeBackAsync(context, to)).WithSummary("Takes back what was given; connections and streams in its name end.").ProducesProblem(404).ProducesProblem(503).AuditedAsChange("token", "to");
    }

    private RawJson List(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        return new RawJson(ApiJson.Bytes(
            new DelegationList([.. InForce(caller).Select(token => Describe(caller, token))]), ApiJson.Default.DelegationList));
    }

    private async Task<IResult> GiveAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role == Role.Administrator || caller.IsDelegated)
        {
            return Refusal.Forbidden(caller.IsDelegated
                ? "This token was given for a time itself, and cannot be given on."
                : "An administrator's rights are not given for a time: what they issue would outlast it. Issue a token with fewer (POST /api/tokens).");
        }

        (DelegationRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.DelegationRequest).ConfigureAwait(false);
        refusal ??= Check(request!, caller);
        if (refusal is not null)
        {
            return refusal;
        }

        TokenRegistration own = services.Access.FindToken(caller.Name)!;
        string name = NameOf(caller, request!.To!);
        if (Encoding.UTF8.GetByteCount(name) > ApiLimits.NameBytes)
        {
            return Refusal.Invalid($"The name of the token, {name}, is longer than {ApiLimits.NameBytes} bytes; choose a shorter one.", "to");
        }

        if (services.Access.FindDevice(name) is not null || (services.Access.FindToken(name) is { } taken && taken.Delegation?.By != caller.Name))
        {
            return Refusal.Conflict($"There is a device or token '{name}' already; choose another name.", []);
        }

        IReadOnlyList<(TokenRegistration Token, bool InForce)> all = services.Access.DelegationsOf(caller.Name);
        if (all.Count(given => given.InForce && given.Token.Name != name) >= ApiLimits.Delegations)
        {
            return Refusal.Conflict($"{ApiLimits.Delegations} of this token's delegations are in force, which is as many as there may be; take one back first.", []);
        }

        if (all.Count(given => given.Token.Name != name) >= ApiLimits.DelegationNames)
        {
            return Refusal.Conflict($"This token has given to {ApiLimits.DelegationNames} others so far, which is as many names as are kept; use one of those again.", []);
        }

        string secret = Secrets.Generate();
        TokenRegistration token = new(
            name, own.Role, request.Department ?? own.Department, request.District ?? own.District, Secrets.HashGenerated(Encoding.UTF8.GetBytes(secret)), services.Time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            Delegation = new Delegation(caller.Name, own.IssuedMs, request.Until!.Value.ToUniversalTime(), request.Reason!),
        };
        AuditedCall call = AuditedCall.Of(context);
        call.Names("token", name);
        call.GiveReason(request.Reason!);
        call.What = $"{TokenRights.Of(token.Role, token.Department, token.District)} until {FigureText.Time(request.Until.Value.ToUnixTimeMilliseconds())}";
        refusal = await IssueAsync(context, token).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        return new RawJson(ApiJson.Bytes(new DelegationCreated(name, secret, token.Role, token.Department, token.District, token.Delegation.Until, token.Delegation.Reason), ApiJson.Default.DelegationCreated), StatusCodes.Status201Created);
    }

    private async Task<IResult> TakeBackAsync(HttpContext context, string to)
    {
        Principal caller = Gate.Caller(context);
        TokenRegistration? given = InForce(caller).FirstOrDefault(token => token.Name == NameOf(caller, to));
        if (given is null)
        {
            return Refusal.NotFound($"This token has given nothing to '{to}' that is in force.");
        }

        AuditedCall.Of(context).Names("token", given.Name);
        Refusal? refusal = await IssueAsync(context, given with { Delegation = given.Delegation! with { Until = services.Time.GetUtcNow() } }).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        return Microsoft.AspNetCore.Http.Results.NoContent();
    }

    private Task<Refusal?> IssueAsync(HttpContext context, TokenRegistration token) =>
        services.RegisterAsync(context, ActorKind.Token, token.Name, MessageKind.IssueToken, ApiJson.Bytes(token, GrainsJson.Default.TokenRegistration));

    private Refusal? Check(DelegationRequest request, Principal caller)
    {
        DateTimeOffset now = services.Time.GetUtcNow();
        return Validation.First(
            ("to", Validation.Name(request.To, "Whom it is for ('to')")),
            ("until", request.Until is not { } until || until <= now || until > now.AddDays(ApiLimits.DelegationDays) ? $"Expected a time to come, at most {ApiLimits.DelegationDays} days ahead, as 2026-12-01T08:00:00Z." : null),
            ("reason", string.IsNullOrWhiteSpace(request.Reason) ? "Say why, as \"on leave until Monday\"; it is kept for the audit." : Validation.Text(request.Reason, "The reason", GrainLimits.NoteChars)),
            ("department", request.Department is null ? null : Validation.Name(request.Department, "The department")),
            ("department", request.Department is null || caller.Scope.HasDepartment(request.Department) ? null : $"This token sees the department '{caller.Scope.Department}' only, and gives no other."),
            ("district", request.District is null ? null : Validation.DistrictOrCity(request.District)),
            ("district", request.District is null || caller.Scope.HasDistrict(request.District) ? null : $"This token sees the district '{caller.Scope.District}' only, and gives no other."));
    }

    private IEnumerable<TokenRegistration> InForce(Principal caller) => services.Access.DelegationsOf(caller.Name).Where(given => given.InForce).Select(given => given.Token);

    private static string NameOf(Principal caller, string to) => $"{caller.Name}.{to}";

    private static DelegationRow Describe(Principal caller, TokenRegistration token) =>
        new(token.Name[(caller.Name.Length + 1)..], token.Name, token.Role, token.Department, token.District, token.Delegation!.Until, token.Delegation.Reason);
}

/// <summary>Body of <c>POST /api/delegations</c>.</summary>
/// <param name="To">Whom it is for; the token is named <c>{own name}.{to}</c>.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Reason">Why, for the audit.</param>
/// <param name="Department">One of those that the giver sees; its own where absent.</param>
/// <param name="District">One of those that the giver sees; its own where absent.</param>
internal sealed record DelegationRequest(string? To, DateTimeOffset? Until, string? Reason, string? Department = null, string? District = null);

/// <summary>Answer to <c>POST /api/delegations</c>: the token is not shown again.</summary>
internal sealed record DelegationCreated(string Name, string Token, string Role, string? Department, string District, DateTimeOffset Until, string Reason);

/// <summary>Something given that is in force.</summary>
internal sealed record DelegationRow(string To, string Name, string Role, string? Department, string District, DateTimeOffset Until, string Reason);

/// <summary>What a token has given.</summary>
internal sealed record DelegationList(IReadOnlyList<DelegationRow> Items);
