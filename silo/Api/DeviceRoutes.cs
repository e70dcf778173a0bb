using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Turns;
using Streaming.Ingest.Formats;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>Devices and tokens: who may publish, and who may call.</summary>
internal sealed class DeviceRoutes(ApiServices services)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/devices", (Delegate)PostDeviceAsync).WithSummary("Registers a device, or replaces its registration.")
            .Accepts<DeviceRequest>("application/json", RequestBody.AnyType).Produces<DeviceCreated>(StatusCodes.Status201Created).ProducesProblem(400).ProducesProblem(403).AuditedAsChange("device");
        routes.MapGet("/api/devices", (Delegate)ListDevicesAsync).WithSummary("Registered devices, newest first; never their secrets.").ProducesProblem(403).NotAudited("devices, no persons or vehicles");
        routes.MapPost("/api/tokens", (Delegate)PostTokenAsync).WithSummary("Issues a token, or replaces the one of that name. It is shown once.")
            .Accepts<TokenRequest>("application/json", RequestBody.AnyType).Produces<TokenCreated>(StatusCodes.Status201Created).ProducesProblem(400).ProducesProblem(403).AuditedAsChange("token");
        routes.MapGet("/api/tokens", (Delegate)ListTokensAsync).WithSummary("Tokens by name and right; never the tokens.").ProducesProblem(403).NotAudited("who may call, not whereabouts");
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
        AuditedCall call = AuditedCall.Of(context);
        call.Names("device", id);
        call.What = $"{request.Kind} in {request.District}{(request.Owner is { } owner ? $", of {owner}" : "")}";
        string? certificate = request.Certificate?.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
        string? generated = request.Password is null && certificate is null ? Secrets.Generate() : null;
        string? hash = request.Password is null && certificate is not null ? "" : generated is null
            ? await services.Access.Passwords.HashAsync(id, request.Password!, context.RequestAborted).ConfigureAwait(false)
            : Secrets.HashGenerated(Encoding.UTF8.GetBytes(generated));
        if (hash is null)
        {
            return Refusal.Unavailable("Too many passwords are being checked; try again in a few seconds, or leave 'password' out to get a generated secret.");
        }

        SourceRegistration registration = new(
            id, request.Kind!, request.Topics!, request.District!, request.AccuracyPct, hash, request.Enterprise, request.Place, request.Latitude, request.Longitude, request.Owner,
            certificate, request.ReadingsPerSecond, request.BytesPerSecond, request.PayloadBytes, Receives: request.Receives, Register: request.Register, Mapping: request.Mapping, Expected: request.Expected,
            Joined: request.Joined == true ? true : null, AccuracyClass: request.AccuracyClass);
        refusal = await services.RegisterAsync(context, ActorKind.Source, id, MessageKind.RegisterSource, ApiJson.Bytes(registration, GrainsJson.Default.SourceRegistration)).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        DeviceCreated created = new(
            id, registration.Kind, registration.Topics, registration.District, registration.AccuracyPct, registration.Enterprise, registration.Place, registration.Latitude, registration.Longitude, registration.Owner, generated,
            registration.Certificate, registration.ReadingsPerSecond, registration.BytesPerSecond, registration.PayloadBytes, registration.Receives, registration.Register, registration.Mapping,
            registration.Expected, registration.Joined, registration.AccuracyClass);
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

        AuditedCall call = AuditedCall.Of(context);
        call.Names("token", request!.Name!);
        call.What = TokenRights.Of(request.Role!, request.Department, request.District ?? Principal.WholeCity);
        string secret = Secrets.Generate();
        TokenRegistration token = new(
            request.Name!, request.Role!, request.Department, request.District ?? Principal.WholeCity, Secrets.HashGenerated(Encoding.UTF8.GetBytes(secret)), services.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            request.Publishes, request.Receives);
        refusal = await services.RegisterAsync(context, ActorKind.Token, token.Name, MessageKind.IssueToken, ApiJson.Bytes(token, GrainsJson.Default.TokenRegistration)).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        return new RawJson(ApiJson.Bytes(new TokenCreated(token.Name, token.Role, token.Department, token.District, secret, token.Publishes, token.Receives), ApiJson.Default.TokenCreated), StatusCodes.Status201Created);
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
        if (!Gate.Caller(context).Supervises || Gate.Caller(context).Scope != default)
        {
            return Refusal.Forbidden("Only administrators, and supervisors and inspectors of the whole city, see who has tokens.");
        }

        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, View.Tokens, []);
        return refusal as IResult ?? new PageResult(await services.Lists.ListAsync(query!, context.RequestAborted).ConfigureAwait(false));
    }

    private static Refusal? Check(DeviceRequest request)
    {
        (string Field, string? Wrong)[] checks =
        [
            ("id", Validation.Name(request.Id, "The device id")),
            ("id", request.Id == AccessBook.AdministratorName ? "The name 'admin' is the administrator's; choose another." : null),
            ("id", request.Id == CatalogueRoutes.Unregistered ? $"The name '{CatalogueRoutes.Unregistered}' is an address of the catalogue; choose another." : null),
            ("password", Password(request.Password)),
            ("topics", request.Topics is not { Length: > 0 and <= ApiLimits.Topics } ? $"Expected 1 to {ApiLimits.Topics} topic filters that the device may publish on, as [\"v1/wim/S07/+\"]." : null),
            ("topics", request.Topics?.Select(Validation.TopicFilter).FirstOrDefault(wrong => wrong is not null)),
            ("receives", Filters(request.Receives, mayHaveNotices: true)),
            ("kind", Validation.Name(request.Kind, "The kind (as wim, video, hazmat)")),
            ("district", Validation.District(request.District)),
            ("accuracyPct", request.AccuracyPct is not (null or (> 0 and <= 50)) ? "Expected ± percent of the gross mass, above 0 and at most 50." : null),
            ("accuracyClass", request.AccuracyClass is { } name && !Models.Limits.AccuracyClass.TryParse(name, out _) ? "Expected a class by its standard, as \"COST 323 B+(7)\", \"ASTM E1318 Type I\" or \"JJG 907 5\"; give 'accuracyPct' where it has another." : null),
            ("enterprise", Validation.Text(request.Enterprise, "The enterprise", ApiLimits.TextLength)),
            ("place", Validation.Text(request.Place, "The place", ApiLimits.TextLength)),
            ("owner", Validation.Text(request.Owner, "The owner", ApiLimits.TextLength)),
            ("latitude", request.Latitude is not (null or (>= -90 and <= 90)) ? "Expected degrees from -90 to 90." : null),
            ("longitude", request.Longitude is not (null or (>= -180 and <= 180)) ? "Expected degrees from -180 to 180." : null),
            ("certificate", Certificate(request.Certificate)),
            ("readingsPerSecond", request.ReadingsPerSecond is <= 0 ? "Expected 1 reading a second or more." : null),
            ("bytesPerSecond", request.BytesPerSecond is < ApiLimits.LeastBytesPerSecond ? $"Expected {ApiLimits.LeastBytesPerSecond} bytes a second or more." : null),
            ("register", RegisterMap.Problem(request.Register, request.Mapping)),
            ("mapping", request.Mapping is { } mapping && (mapping.Columns?.Length > ApiLimits.MappedNames || mapping.Words?.Length > ApiLimits.MappedNames) ? $"Expected at most {ApiLimits.MappedNames} columns and as many words." : null),
            ("expected", Expected(request.Expected)),
            ("joined", request.Joined == true && request.Register is null ? "Only a source of a register is told what was joined with its data." : null),
            ("payloadBytes", request.PayloadBytes is <= 0 ? "Expected 1 byte or more." : null),
            ("latitude", request.Latitude is null != request.Longitude is null ? "Latitude and longitude come together." : null),
        ];
        return Validation.First(checks);
    }

    private static Refusal? Check(TokenRequest request)
    {
        bool needsDepartment = request.Role == Roles.Name(Role.Member);
        (string Field, string? Wrong)[] checks =
        [
            ("name", Validation.Name(request.Name, "The token's name")),
            ("name", request.Name == AccessBook.AdministratorName ? "The name 'admin' is kept for the first administrator; set STREAMING_ADMIN_TOKEN to change that token." : null),
            ("role", request.Role is null || Roles.Parse(request.Role) is null ? $"Expected one of {string.Join(", ", Roles.Names)}." : null),
            ("publishes", Filters(request.Publishes)),
            ("receives", Filters(request.Receives)),
            ("department", request.Department is null && !needsDepartment ? null : Validation.Name(request.Department, "The department, which a member needs,")),
            ("district", request.District is null && !needsDepartment ? null : Validation.DistrictOrCity(request.District)),
        ];
        return Validation.First(checks);
    }

    /// <summary>Filters of messages between clients: none of the city's own topics, which have rules of their own, and none of the server's.</summary>
    /// <param name="mayHaveNotices">True for a device, which may be a subject's terminal and get its notices.</param>
    private static string? Filters(string[]? filters, bool mayHaveNotices = false) =>
        filters is { Length: > ApiLimits.Topics } ? $"Expected at most {ApiLimits.Topics} topic filters."
        : filters?.Select(Validation.TopicFilter).FirstOrDefault(wrong => wrong is not null)
            ?? filters?.Where(filter => filter.StartsWith('$') || (TopicFilters.IsOwn(Encoding.UTF8.GetBytes(filter)) && !(mayHaveNotices && NoticeTopics.Is(filter))))
                .Select(filter => $"The filter '{filter}' is not one of messages between clients: v1/ has rules of its own, and $ is the server's.{(mayHaveNotices ? " A subject's terminal may have v1/subjects/{subject}/notices, with the subject's key in it." : "")}").FirstOrDefault();

    private static string? Expected(ResourceExpectation? expected) => expected switch
    {
        null => null,
        { PerMinute: null, PerDay: null, SilentAfterS: null } => "Expected perMinute or perDay, or silentAfterS, or more than one of them; leave 'expected' out where nothing is.",
        { PerMinute: not null, PerDay: not null } => "Expected perMinute or perDay, not both.",
        { PerMinute: < 1 or > ApiLimits.ExpectedPerMinute } => $"Expected perMinute from 1 to {ApiLimits.ExpectedPerMinute}; of fewer give perDay.",
        { PerDay: < 1 or > ApiLimits.ExpectedPerDay } => $"Expected perDay from 1 to {ApiLimits.ExpectedPerDay}.",
        { SilentAfterS: < ApiLimits.LeastSilenceS or > ApiLimits.MostSilenceS } => $"Expected silentAfterS from {ApiLimits.LeastSilenceS} to {ApiLimits.MostSilenceS}.",
        _ => null,
    };

    private static string? Certificate(string? certificate) =>
        certificate is null || certificate.Replace(":", "", StringComparison.Ordinal) is { Length: 64 } digits && digits.All(char.IsAsciiHexDigit)
            ? null
            : "Expected the SHA-256 of the certificate as 64 hexadecimal digits, as 'openssl x509 -noout -fingerprint -sha256' prints them.";

    private static string? Password(string? password) => password switch
    {
        null => null,
        "" => "An empty password is none; leave the field out to get a generated secret.",
        _ => Encoding.UTF8.GetByteCount(password) > AccessLimits.PasswordBytes ? $"A password may have {AccessLimits.PasswordBytes} bytes at most." : null,
    };
}

/// <summary>What a token may do, in a few words for the audit.</summary>
internal static class TokenRights
{
    public static string Of(string role, string? department, string district) =>
        $"{role}{(department is null ? "" : $" of {department}")} {(district == Principal.WholeCity ? "for the whole city" : $"in {district}")}";
}
