using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;

namespace Streaming.Silo.Api;

/// <summary>The state of one vehicle, enterprise, place, source or case, as its actor describes it. Reading a vehicle's whereabouts is written to the log.</summary>
internal sealed partial class SubjectRoutes(ApiServices services, ILogger<SubjectRoutes> logger)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        MapSubject(routes, "/api/vehicles/{id}", ActorKind.Vehicle, services.Host.Vehicle, "A vehicle: plate and colour, as 粤H12345-yellow.");
        MapSubject(routes, "/api/enterprises/{id}", ActorKind.Enterprise, services.Host.Enterprise, "An enterprise by its unified social credit code or id.");
        MapSubject(routes, "/api/places/{id}", ActorKind.Place, services.Host.Place, "A place.");
        routes.MapGet("/api/sources/{id}", SourceAsync).WithSummary("A station, camera or feed: what it published and when it was last heard.").ProducesProblem(403).ProducesProblem(404);
        routes.MapGet("/api/cases/{id}", CaseAsync).WithSummary("A case: stage, work orders, deadlines, history, evidence.").ProducesProblem(403).ProducesProblem(404);
    }

    private void MapSubject(IEndpointRouteBuilder routes, string pattern, ActorKind kind, Func<string, IActor> find, string summary) =>
        routes.MapGet(pattern, (HttpContext context, string id) => SubjectAsync(context, kind, find, Unescape(id))).WithSummary(summary).ProducesProblem(404);

    private async Task<IResult> SubjectAsync(HttpContext context, ActorKind kind, Func<string, IActor> find, string id)
    {
        Principal caller = Gate.Caller(context);
        Log.Read(logger, caller.Name, Roles.Name(caller.Role), ActorId.Prefix(kind), id);
        byte[]? json = await DescribeAsync(find, id, context.RequestAborted).ConfigureAwait(false);
        return json is null ? Unknown(kind, id) : new RawJson(json);
    }

    private async Task<IResult> SourceAsync(HttpContext context, string id)
    {
        id = Unescape(id);
        Principal caller = Gate.Caller(context);
        if (caller.DistrictScope is { } district && services.Access.FindDevice(id) is { } device && device.District != district)
        {
            return Refusal.Forbidden($"This token sees the district '{district}' only.");
        }

        byte[]? json = await DescribeAsync(services.Host.Source, id, context.RequestAborted).ConfigureAwait(false);
        return json is null ? Unknown(ActorKind.Source, id) : new RawJson(json);
    }

    private async Task<IResult> CaseAsync(HttpContext context, string id)
    {
        id = Unescape(id);
        byte[]? json = await DescribeAsync(services.Host.Case, id, context.RequestAborted).ConfigureAwait(false);
        if (json is null)
        {
            return Unknown(ActorKind.Case, id);
        }

        return CaseScope.Read(json).IsVisibleTo(Gate.Caller(context)) ? new RawJson(json) : Refusal.Forbidden("This case is another department's or district's.");
    }

    /// <summary>What the actor says of itself; an id that no actor can have is nobody's.</summary>
    private static async ValueTask<byte[]?> DescribeAsync(Func<string, IActor> find, string id, CancellationToken cancellation) =>
        id.Length is 0 or > GrainLimits.KeyBytes || Encoding.UTF8.GetByteCount(id) > GrainLimits.KeyBytes
            ? null
            : await find(id).DescribeAsync(cancellation).ConfigureAwait(false);

    private static Refusal Unknown(ActorKind kind, string id) => Refusal.NotFound($"Nothing is known of the {ActorId.Prefix(kind)} '{id}'. Check the id; characters outside ASCII are percent-encoded UTF-8.");

    /// <summary>The server leaves an encoded slash in a path as it is; it belongs to the id.</summary>
    private static string Unescape(string id) => id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Audit: {Caller} ({Role}) read {Kind} {Id}.")]
        public static partial void Read(ILogger logger, string caller, string role, string kind, string id);
    }
}

/// <summary>Whom a case concerns, read from its own document.</summary>
internal readonly record struct CaseScope(string? District, IReadOnlyList<string> Departments)
{
    public static CaseScope Read(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        List<string> departments = [];
        if (document.RootElement.TryGetProperty("departments", out JsonElement all) && all.ValueKind == JsonValueKind.Array)
        {
            departments.AddRange(all.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!));
        }

        if (Text(document.RootElement, "lead") is { } lead)
        {
            departments.Add(lead);
        }

        return new CaseScope(Text(document.RootElement, "district"), departments);
    }

    public bool IsVisibleTo(Principal caller) =>
        (caller.DistrictScope is not { } district || district == District) && (caller.DepartmentScope is not { } department || Departments.Contains(department));

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
