using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>Devices and tokens: who may publish, and who may call.</summary>
internal sealed partial class DeviceRoutes(ApiServices services, ILogger<DeviceRoutes> logger)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/devices", (Delegate)PostDeviceAsync).WithSummary("Registers a device, or replaces its registration.")
            .Accepts<DeviceRequest>("application/json", RequestBody.AnyType).Produces<DeviceCreated>(StatusCodes.Status201Created).ProducesProblem(400).ProducesProblem(403);
        routes.MapGet("/api/devices", (Delegate)ListDevicesAsync).WithSummary("Registered devices, newest first; never their secrets.").ProducesProblem(403);
        routes.MapPost("/api/tokens", (Delegate)PostTokenAsync).WithSummary("Issues a token, or replaces the one of that name. It is shown once.")
            .Accepts<TokenRequest>("application/json", RequestBody.AnyType).Produces<TokenCreated>(StatusCodes.Status201Created).ProducesProblem(400).ProducesProblem(403);
        routes.MapGet("/api/tokens", (Delegate)ListTokensAsync).WithSummary("Tokens by name and right; never the tokens.").ProducesProblem(403);
    }

    private async Task<IResult> PostDeviceAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role != Role.Administrator)
        {
            return Refusal.Forbidden("Only an administrator registers devices.");
        }

        (DeviceRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.DeviceRequest).ConfigureAwait(false);
        refusal ??= Check(request!);
        if (refusal is not null)
        {
            return refusal;
        }

        string id = request!.Id!;
        string? generated = request.Password is null ? Secrets.Generate() : null;
        string? hash = generated is null
            ? await services.Access.Passwords.HashAsync(id, request.Password!, context.RequestAborted).ConfigureAwait(false)
            : Secrets.HashGenerated(Encoding.UTF8.GetBytes(generated));
        if (hash is null)
        {
            return Refusal.Unavailable("Too many passwords are being checked; try again in a few seconds, or leave 'password' out to get a generated secret.");
        }

        SourceRegistration registration = new(
            id, request.Kind!, request.Topics!, request.District!, request.AccuracyPct, hash, request.Enterprise, request.Place, request.Latitude, request.Longitude, request.Owner);
        refusal = await CommandAsync(ActorKind.Source, id, MessageKind.RegisterSource, ApiJson.Bytes(registration, GrainsJson.Default.SourceRegistration), context.RequestAborted).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        Log.DeviceRegistered(logger, caller.Name, id);
        DeviceCreated created = new(
            id, registration.Kind, registration.Topics, registration.District, registration.AccuracyPct, registration.Enterprise, registration.Place, registration.Latitude, registration.Longitude, registration.Owner, generated);
        return new RawJson(ApiJson.Bytes(created, ApiJson.Default.DeviceCreated), StatusCodes.Status201Created);
    }

    private async Task<IResult> PostTokenAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role != Role.Administrator)
        {
            return Refusal.Forbidden("Only an administrator issues tokens.");
        }

        (TokenRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.TokenRequest).ConfigureAwait(false);
        refusal ??= Check(request!);
        if (refusal is not null)
        {
            return refusal;
        }

        string secret = Secrets.Generate();
        TokenRegistration token = new(
            request!.Name!, request.Role!, request.Department, request.District ?? Principal.WholeCity, Secrets.HashGenerated(Encoding.UTF8.GetBytes(secret)), services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        refusal = await CommandAsync(ActorKind.Token, token.Name, MessageKind.IssueToken, ApiJson.Bytes(token, GrainsJson.Default.TokenRegistration), context.RequestAborted).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        Log.TokenIssued(logger, caller.Name, token.Name, token.Role);
        return new RawJson(ApiJson.Bytes(new TokenCreated(token.Name, token.Role, token.Department, token.District, secret), ApiJson.Default.TokenCreated), StatusCodes.Status201Created);
    }

    private async Task<IResult> ListDevicesAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role == Role.Member)
        {
            return Refusal.Forbidden("A department's member does not see the list of devices; operators and above do.");
        }

        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, View.Devices, ["district", "kind"]);
        (query, refusal) = refusal is null ? ListQuery.Restrict(query!, caller) : (query, refusal);
        return refusal as IResult ?? new PageResult(await services.Lists.ListAsync(query!, context.RequestAborted).ConfigureAwait(false));
    }

    private async Task<IResult> ListTokensAsync(HttpContext context)
    {
        if (!Gate.Caller(context).SeesAll)
        {
            return Refusal.Forbidden("Only administrators, supervisors and inspectors see who has tokens.");
        }

        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, View.Tokens, []);
        return refusal as IResult ?? new PageResult(await services.Lists.ListAsync(query!, context.RequestAborted).ConfigureAwait(false));
    }

    /// <summary>Sends a command and waits until the lists and the access book show what it did, so that who was just registered can sign in at once.</summary>
    private async Task<Refusal?> CommandAsync(ActorKind kind, string key, MessageKind message, byte[] body, CancellationToken cancellation)
    {
        if (services.Host.NotReady is { } reason)
        {
            return Refusal.Unavailable(reason);
        }

        CommandResult result = await services.Host.CommandAsync(kind, key, message, body, cancellation).ConfigureAwait(false);
        if (Replies.Refusal(result.Reply) is { } refusal)
        {
            return refusal;
        }

        await services.ShownAsync(result.Position, cancellation).ConfigureAwait(false);
        return null;
    }

    private static Refusal? Check(DeviceRequest request)
    {
        (string Field, string? Wrong)[] checks =
        [
            ("id", Validation.Name(request.Id, "The device id")),
            ("id", request.Id == AccessBook.AdministratorName ? "The name 'admin' is the administrator's; choose another." : null),
            ("password", Password(request.Password)),
            ("topics", request.Topics is not { Length: > 0 and <= ApiLimits.Topics } ? $"Expected 1 to {ApiLimits.Topics} topic filters that the device may publish on, as [\"v1/wim/S07/+\"]." : null),
            ("topics", request.Topics?.Select(Validation.TopicFilter).FirstOrDefault(wrong => wrong is not null)),
            ("kind", Validation.Name(request.Kind, "The kind (as wim, video, hazmat)")),
            ("district", Validation.Name(request.District, "The district")),
            ("accuracyPct", request.AccuracyPct is not (null or (> 0 and <= 50)) ? "Expected ± percent of the gross mass, above 0 and at most 50." : null),
            ("enterprise", Validation.Text(request.Enterprise, "The enterprise", ApiLimits.TextLength)),
            ("place", Validation.Text(request.Place, "The place", ApiLimits.TextLength)),
            ("owner", Validation.Text(request.Owner, "The owner", ApiLimits.TextLength)),
            ("latitude", request.Latitude is not (null or (>= -90 and <= 90)) ? "Expected degrees from -90 to 90." : null),
            ("longitude", request.Longitude is not (null or (>= -180 and <= 180)) ? "Expected degrees from -180 to 180." : null),
            ("latitude", request.Latitude is null != request.Longitude is null ? "Latitude and longitude come together." : null),
        ];
        return First(checks);
    }

    private static Refusal? Check(TokenRequest request)
    {
        bool needsDepartment = request.Role == Roles.Name(Role.Member);
        (string Field, string? Wrong)[] checks =
        [
            ("name", Validation.Name(request.Name, "The token's name")),
            ("name", request.Name == AccessBook.AdministratorName ? "The name 'admin' is kept for the first administrator; set STREAMING_ADMIN_TOKEN to change that token." : null),
            ("role", request.Role is null || Roles.Parse(request.Role) is null ? $"Expected one of {string.Join(", ", Roles.Names)}." : null),
            ("department", request.Department is null && !needsDepartment ? null : Validation.Name(request.Department, "The department, which a member needs,")),
            ("district", request.District is null && !needsDepartment ? null : Validation.District(request.District)),
        ];
        return First(checks);
    }

    private static Refusal? First((string Field, string? Wrong)[] checks)
    {
        (string field, string? wrong) = checks.FirstOrDefault(check => check.Wrong is not null);
        return wrong is null ? null : Refusal.Invalid(wrong, field);
    }

    private static string? Password(string? password) => password switch
    {
        null => null,
        "" => "An empty password is none; leave the field out to get a generated secret.",
        _ => Encoding.UTF8.GetByteCount(password) > AccessLimits.PasswordBytes ? $"A password may have {AccessLimits.PasswordBytes} bytes at most." : null,
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Audit: {Caller} registered device {Device}.")]
        public static partial void DeviceRegistered(ILogger logger, string caller, string device);

        [LoggerMessage(2, LogLevel.Information, "Audit: {Caller} issued token {Token} with role {Role}.")]
        public static partial void TokenIssued(ILogger logger, string caller, string token, string role);
    }
}
