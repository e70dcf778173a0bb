using System.Buffers;
using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.History;

namespace Streaming.Silo.Api;

/// <summary>
/// One vehicle, enterprise, place, source or case: its state, as its actor describes it now or did at a time (<c>?at=</c>), and its history. Reading a vehicle's whereabouts is written to the log. Who may not see the state as it is now sees nothing of
/// what was either.
/// </summary>
internal sealed partial class SubjectRoutes(ApiServices services, ILogger<SubjectRoutes> logger)
{
    private const string AtSummary = "With at=TIME as it was then, with asOf: at, position of the last record in it, reachesBackTo.";

    public void Map(IEndpointRouteBuilder routes)
    {
        MapSubject(routes, "/api/vehicles/{id}", ActorKind.Vehicle, "A vehicle: plate and colour, as 粤H12345-yellow.");
        MapSubject(routes, "/api/enterprises/{id}", ActorKind.Enterprise, "An enterprise by its unified social credit code or id.");
        MapSubject(routes, "/api/places/{id}", ActorKind.Place, "A place.");
        MapSubject(routes, "/api/sources/{id}", ActorKind.Source, "A station, camera or feed: what it published and when it was last heard.");
        MapSubject(routes, "/api/cases/{id}", ActorKind.Case, "A case: stage, work orders, deadlines, history, evidence.");
    }

    private void MapSubject(IEndpointRouteBuilder routes, string pattern, ActorKind kind, string summary)
    {
        routes.MapGet(pattern, (HttpContext context, string id, string? at) => StateAsync(context, kind, Unescape(id), at))
            .WithSummary($"{summary} {AtSummary}").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(410).ProducesProblem(422).ProducesProblem(503);
        routes.MapGet(pattern + "/history", (HttpContext context, string id, string? from, string? to, string? kinds, string? order, string? limit, string? cursor, string? format) => HistoryAsync(context, kind, Unescape(id)))
            .WithSummary($"What came in about it and what followed. Filters: from, to (of a reading its own time, otherwise the record's), kinds ({string.Join(", ", SubjectEntries.Kinds)}), order=desc|asc, limit, cursor; format=csv or Accept: text/csv for the whole range as a table.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
    }

    private async Task<IResult> StateAsync(HttpContext context, ActorKind kind, string id, string? at)
    {
        if (!context.Request.Query.ContainsKey("at"))
        {
            (byte[]? now, Refusal? refusal) = await AdmitAsync(context, kind, id, "state").ConfigureAwait(false);
            return refusal ?? (now is null ? Unknown(kind, id) : (IResult)new RawJson(now));
        }

        if (context.Request.Query["at"].Count > 1 || !HistoryQuery.TryTime(at ?? "", out long atMs))
        {
            return Refusal.Invalid(HistoryQuery.TimeExpected, "at");
        }

        if (atMs > services.Time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            return Refusal.Invalid("That time is still to come. Leave 'at' out for the state as it is now.", "at");
        }

        if (!await services.Past.WholeAsync(services.Time, context.RequestAborted).ConfigureAwait(false))
        {
            return HistoryResults.NotWhole;
        }

        (_, Refusal? notAdmitted) = await AdmitAsync(context, kind, id, "state as of then").ConfigureAwait(false);
        if (notAdmitted is not null)
        {
            return notAdmitted;
        }

        if (!IsKey(id))
        {
            return Unknown(kind, id);
        }

        PastAnswer? answer;
        try
        {
            answer = await services.Past.StateAsync(kind, id, atMs, context.RequestAborted).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            return HistoryResults.Moved(error);
        }

        return answer switch
        {
            null => HistoryResults.Busy,
            { Refusal: PastRefusal.BeforeReach } => new Refusal(StatusCodes.Status410Gone, answer.Text) { ReachesBackToMs = answer.ReachesBackToMs },
            { Refusal: PastRefusal.TooMany } => new Refusal(StatusCodes.Status422UnprocessableEntity, answer.Text) { ReachesBackToMs = answer.ReachesBackToMs },
            { Json: null } => Refusal.NotFound($"Nothing was known then of the {ActorId.Prefix(kind)} '{id}'.") with { ReachesBackToMs = answer.ReachesBackToMs },
            _ when kind == ActorKind.Case && !CaseScope.Read(answer.Json).IsVisibleTo(Gate.Caller(context)) => OthersCase,
            _ => new RawJson(AsOf(answer, atMs)),
        };
    }

    private async Task<IResult> HistoryAsync(HttpContext context, ActorKind kind, string id)
    {
        (SubjectQuery? query, Refusal? wrong) = HistoryQuery.Read(context.Request, kind, id);
        if (wrong is not null)
        {
            return wrong;
        }

        if (!await services.Past.WholeAsync(services.Time, context.RequestAborted).ConfigureAwait(false))
        {
            return HistoryResults.NotWhole;
        }

        (_, Refusal? refusal) = await AdmitAsync(context, kind, id, "history").ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        if (!IsKey(id))
        {
            return Unknown(kind, id);
        }

        try
        {
            return HistoryQuery.WantsTable(context.Request)
                ? await HistoryTable.BeginAsync(services.Past, query!, context.RequestAborted).ConfigureAwait(false) as IResult ?? HistoryResults.Busy
                : await services.Past.PageAsync(query!, context.RequestAborted).ConfigureAwait(false) is { } page
                    ? new RawJson(HistoryResults.Write(page, services.Past.Reach(kind)))
                    : HistoryResults.Busy;
        }
        catch (IOException error)
        {
            return HistoryResults.Moved(error);
        }
    }

    /// <summary>The state as it is now, null where there is none; or why the caller may not see it.</summary>
    private async Task<(byte[]? Now, Refusal? Refusal)> AdmitAsync(HttpContext context, ActorKind kind, string id, string what)
    {
        Principal caller = Gate.Caller(context);
        if (kind == ActorKind.Source)
        {
            if (caller.DistrictScope is { } district && services.Access.FindDevice(id) is { } device && device.District != district)
            {
                return (null, Refusal.Forbidden($"This token sees the district '{district}' only."));
            }
        }
        else if (kind != ActorKind.Case)
        {
            Log.Read(logger, caller.Name, Roles.Name(caller.Role), what, ActorId.Prefix(kind), id);
        }

        byte[]? now = IsKey(id) ? await services.Host.DescribeAsync(kind, id, context.RequestAborted).ConfigureAwait(false) : null;
        if (kind != ActorKind.Case)
        {
            return (now, null);
        }

        // Whose a case is stands in its state; where there is none any more, it is shown to those who see all.
        bool seesAll = caller.DistrictScope is null && caller.DepartmentScope is null;
        return now is null
            ? (null, seesAll ? null : Unknown(kind, id))
            : CaseScope.Read(now).IsVisibleTo(caller) ? (now, null) : (null, OthersCase);
    }

    private static Refusal OthersCase => Refusal.Forbidden("This case is another department's or district's.");

    /// <summary>The state with one member more, at its end: what stands before it is what would have been shown then.</summary>
    private static byte[] AsOf(PastAnswer answer, long atMs)
    {
        ArrayBufferWriter<byte> buffer = new(answer.Json!.Length + 128);
        buffer.Write(answer.Json.AsSpan(0, answer.Json.Length - 1));
        buffer.Write(answer.Json.Length > 2 ? ",\"asOf\":"u8 : "\"asOf\":"u8);
        using (Utf8JsonWriter json = new(buffer, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("at", DateTimeOffset.FromUnixTimeMilliseconds(atMs));
            json.WriteNumber("position", answer.Position);
            json.WriteString("reachesBackTo", DateTimeOffset.FromUnixTimeMilliseconds(answer.ReachesBackToMs));
            json.WriteEndObject();
        }

        buffer.Write("}"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>False for an id that no actor can have.</summary>
    private static bool IsKey(string id) => id.Length is > 0 and <= GrainLimits.KeyBytes && Encoding.UTF8.GetByteCount(id) <= GrainLimits.KeyBytes;

    private static Refusal Unknown(ActorKind kind, string id) => Refusal.NotFound($"Nothing is known of the {ActorId.Prefix(kind)} '{id}'. Check the id; characters outside ASCII are percent-encoded UTF-8.");

    /// <summary>The server leaves an encoded slash in a path as it is; it belongs to the id.</summary>
    private static string Unescape(string id) => id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Audit: {Caller} ({Role}) read the {What} of {Kind} {Id}.")]
        public static partial void Read(ILogger logger, string caller, string role, string what, string kind, string id);
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
