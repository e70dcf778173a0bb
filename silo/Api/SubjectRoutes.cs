using System.Buffers;
using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Access;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.History;

namespace Streaming.Silo.Api;

/// <summary>
/// One vehicle, enterprise, place, source or case: its state, as its actor describes it now or did at a time (<c>?at=</c>), and its history. A look at any of them but a source is audited; a case shows where its vehicle was caught. Who may not see the state as it is now sees nothing of what was either.
/// </summary>
internal sealed class SubjectRoutes(ApiServices services)
{
    private const string AtSummary = "With at=TIME as it was then, with asOf: at, position of the last record in it, reachesBackTo.";

    public void Map(IEndpointRouteBuilder routes)
    {
        MapSubject(routes, "/api/vehicles/{id}", ActorKind.Vehicle, AuditLooks.Vehicles, "A vehicle: plate and colour, as 粤H12345-yellow.");
        MapSubject(routes, "/api/enterprises/{id}", ActorKind.Enterprise, AuditLooks.Enterprises, "An enterprise by its unified social credit code or id.");
        MapSubject(routes, "/api/places/{id}", ActorKind.Place, AuditLooks.Places, "A place.");
        MapSubject(routes, "/api/sources/{id}", ActorKind.Source, null, "A station, camera or feed: what it published and when it was last heard.");
        MapSubject(routes, "/api/cases/{id}", ActorKind.Case, AuditLooks.Cases, "A case: stage, work orders, deadlines, history, evidence.");
    }

    private void MapSubject(IEndpointRouteBuilder routes, string pattern, ActorKind kind, string? look, string summary)
    {
        RouteHandlerBuilder state = routes.MapGet(pattern, (HttpContext context, string id, string? at) => StateAsync(context, kind, Unescape(id), at))
            .WithSummary($"{summary} {AtSummary}").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(410).ProducesProblem(422).ProducesProblem(503);
        RouteHandlerBuilder history = routes.MapGet(pattern + "/history", (HttpContext context, string id, string? from, string? to, string? kinds, string? order, string? limit, string? cursor, string? format) => HistoryAsync(context, kind, Unescape(id)))
            .WithSummary($"What came in about it and what followed. Filters: from, to (of a reading its own time, otherwise the record's), kinds ({string.Join(", ", SubjectEntries.Kinds)}), order=desc|asc, limit, cursor; format=csv or Accept: text/csv for the whole range as a table.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
        if (look is null)
        {
            state.NotAudited("a device, not a person or vehicle");
            history.NotAudited("a device, not a person or vehicle");
            return;
        }

        AuditedAs now = new(AuditAct.Look)
        {
            Look = request => request.Query.ContainsKey("at") ? look + AuditLooks.Past : look,
            SubjectKind = _ => ActorId.Prefix(kind),
            Subject = request => Auditing.Value(request, "id"),
        };
        state.AuditedAs(now);
        history.AuditedAs(now with { Look = _ => look + AuditLooks.Past });
    }

    private async Task<IResult> StateAsync(HttpContext context, ActorKind kind, string id, string? at)
    {
        if (!context.Request.Query.ContainsKey("at"))
        {
            (byte[]? now, Refusal? refusal) = await AdmitAsync(context, kind, id).ConfigureAwait(false);
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

        (_, Refusal? notAdmitted) = await AdmitAsync(context, kind, id).ConfigureAwait(false);
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
            _ when kind == ActorKind.Case && !CaseScope.Read(answer.Json).IsVisibleTo(Gate.Caller(context)) => Unknown(kind, id),
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

        (_, Refusal? refusal) = await AdmitAsync(context, kind, id).ConfigureAwait(false);
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
    private async Task<(byte[]? Now, Refusal? Refusal)> AdmitAsync(HttpContext context, ActorKind kind, string id)
    {
        Principal caller = Gate.Caller(context);
        if (!await IsOfScopeAsync(kind, id, caller.Scope, context.RequestAborted).ConfigureAwait(false))
        {
            return (null, Unknown(kind, id));
        }

        if (kind == ActorKind.Source && services.Access.FindDevice(id) is not null)
        {
            services.LookUps.Count([id], caller);
        }

        byte[]? now = IsKey(id) ? await services.Host.DescribeAsync(kind, id, context.RequestAborted).ConfigureAwait(false) : null;
        if (kind != ActorKind.Case)
        {
            // Of what is no more nobody can say whose it was; it is shown to those who see all.
            return now is null && caller.Scope.District is not null && kind != ActorKind.Vehicle ? (null, Unknown(kind, id)) : (now, null);
        }

        // Whose a case is stands in its state; where there is none any more, it is shown to those who see all.
        return now is null
            ? (null, caller.Scope == default ? null : Unknown(kind, id))
            : CaseScope.Read(now).IsVisibleTo(caller) ? (now, null) : (null, Unknown(kind, id));
    }

    /// <summary>
    /// What a caller may not see is not there for it. A source has the district that it is registered in, an enterprise or place those of its sources and of its entry in the register; where nobody has said one it is everybody's, and so is a
    /// vehicle, which drives through all of them.
    /// </summary>
    private async ValueTask<bool> IsOfScopeAsync(ActorKind kind, string id, TokenScope scope, CancellationToken cancellation)
    {
        if (scope.District is null || kind is not (ActorKind.Source or ActorKind.Enterprise or ActorKind.Place))
        {
            return true;
        }

        if (kind == ActorKind.Source)
        {
            return services.Access.FindDevice(id) is not { } device || scope.HasDistrict(device.District);
        }

        IReadOnlyCollection<string> districts = services.Access.DistrictsOf(kind, id);
        if (districts.Any(scope.HasDistrict))
        {
            return true;
        }

        byte[]? row = await services.Lists.FindAsync(View.Registers, $"{(kind == ActorKind.Enterprise ? "enterprises" : "sites")}/{id}", cancellation).ConfigureAwait(false);
        string? registered = row is null ? null : JsonSerializer.Deserialize(row, GrainsJson.Default.EntryRow)!.District;
        return registered is null ? districts.Count == 0 : scope.HasDistrict(registered);
    }

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
        caller.Scope.HasDistrict(District) && (caller.Scope.Department is not { } department || Departments.Contains(department));

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
