using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Dispatch;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Sealing;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>What a case rests on: its dossier, the copies that it keeps, the erasing of what a person wrote, and the keys by which signatures are checked. Who sees a case sees all of it.</summary>
internal sealed class EvidenceRoutes(ApiServices services)
{
    private static readonly AuditedAs Look = new(AuditAct.Look) { Look = static _ => AuditLooks.Cases, SubjectKind = static _ => "case", Subject = static request => Auditing.Value(request, "id") };

    private readonly Dossier dossier = new(services);

    /// <summary>A dossier is made in memory.</summary>
    private readonly SemaphoreSlim making = new(EvidenceLimits.DossiersAtOnce, EvidenceLimits.DossiersAtOnce);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/cases/{id}/dossier", DossierAsync)
            .WithSummary("Everything that a case rests on, signed, to be checked by anybody's program (silo/Sealing/FORMAT.md): readings, rule, law, decision, every action, work orders, notices, and who looked at it, for those who see the audit. With include=pictures pictures and attachments too. Accept: text/html for a page to print.")
            .Produces(200, contentType: "application/json", additionalContentTypes: "text/html").ProducesProblem(400).ProducesProblem(404).ProducesProblem(503).AuditedAs(Look);
        routes.MapGet("/api/cases/{id}/evidence", ListAsync)
            .WithSummary("What the case keeps copies of, or wants to: readings, pictures, register entries, attachments, each with its state (wanted, kept, failed) and why.").ProducesProblem(404).AuditedAs(Look);
        routes.MapGet("/api/cases/{id}/evidence/{sha256}", FileAsync)
            .WithSummary("One copy of the case, by its SHA-256.").Produces(200, contentType: "application/octet-stream", additionalContentTypes: ["image/jpeg", "image/png", "application/pdf", "application/json"]).ProducesProblem(404).AuditedAs(Look);
        routes.MapPost("/api/cases/{id}/record/{number}/erase", EraseAsync)
            .WithSummary("Erases what a person wrote in an entry of the record; the entry and the hash stay, and 'reason' with them. For the command centre and administrators.")
            .Accepts<EraseRequest>("application/json", RequestBody.AnyType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503).AuditedAsChange("case", "id");
        routes.MapGet("/api/evidence/keys", Keys).WithSummary("The public keys of every signature there ever was, the oldest first; 'current' signs now.").NotAudited("public keys");
        routes.MapPost("/api/evidence/keys", (Delegate)RotateAsync)
            .WithSummary("Signs with a new key from now on; the old public ones stay. For administrators.").ProducesProblem(403).ProducesProblem(503).AuditedAsChange("evidence-key");
    }

    private async Task<IResult> DossierAsync(HttpContext context, string id)
    {
        string? include = ListQuery.Value(context.Request.Query, "include");
        if (include is not (null or "pictures"))
        {
            return await FindAsync(context, id).ConfigureAwait(false) is null ? Unknown(id) : Refusal.Invalid("There is include=pictures, or nothing.", "include");
        }

        if (await FindAsync(context, id).ConfigureAwait(false) is null)
        {
            return Unknown(id);
        }

        await making.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            byte[]? made = await dossier.MakeAsync(Gate.Caller(context), id, include is not null, context.RequestAborted).ConfigureAwait(false);
            if (made is null)
            {
                return Refusal.Unavailable("The lists are too far behind to make a dossier of now; ask again in a moment.");
            }

            return WantsPage(context.Request) ? new HtmlPage(DossierHtml.Write(made, services.Rules()), DossierHtml.Policy) : new RawJson(made);
        }
        finally
        {
            making.Release();
        }
    }

    private async Task<IResult> ListAsync(HttpContext context, string id) => await FindAsync(context, id).ConfigureAwait(false) is null
        ? Unknown(id)
        : new PageResult(new Page<byte[]>(await services.Lists.OfCaseAsync(View.Evidence, id, context.RequestAborted).ConfigureAwait(false), null));

    private async Task<IResult> FileAsync(HttpContext context, string id, string sha256)
    {
        if (await FindAsync(context, id).ConfigureAwait(false) is null)
        {
            return Unknown(id);
        }

        // Only what is this case's: a hash that somebody knows from elsewhere opens nothing.
        IReadOnlyList<byte[]> rows = await services.Lists.OfCaseAsync(View.Evidence, id, context.RequestAborted).ConfigureAwait(false);
        EvidenceRow? copy = rows.Select(row => JsonSerializer.Deserialize(row, GrainsJson.Default.EvidenceRow)!).FirstOrDefault(row => row.State == EvidenceStates.Kept && (row.Sha256 == sha256 || row.DecodedSha256 == sha256));
        if (copy is null || services.Copies.Open(sha256) is not { } file)
        {
            return Refusal.NotFound($"The case '{id}' has no copy of that hash{(copy is null ? "" : " any more: its file is gone from the data directory")}. GET /api/cases/{id}/evidence lists them.");
        }

        string type = copy.DecodedSha256 == sha256 ? "application/json" : copy.Type ?? "application/octet-stream";
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers.ContentDisposition = $"{(FileTypes.IsPicture(type) ? "inline" : "attachment")}; filename=\"{copy.Id}.{FileTypes.Extension(type)}\"";
        return Results.Stream(file, type);
    }

    private async Task<IResult> EraseAsync(HttpContext context, string id, string number)
    {
        Principal caller = Gate.Caller(context);
        if (!caller.Decides)
        {
            return Refusal.Forbidden("What was written in a record is erased by the command centre and administrators.");
        }

        (EraseRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.EraseRequest).ConfigureAwait(false);
        refusal ??= string.IsNullOrWhiteSpace(request!.Reason) ? Refusal.Invalid("Say in 'reason' why it is erased.", "reason")
            : Validation.Text(request.Reason, "The reason", GrainLimits.NoteChars) is { } wrong ? Refusal.Invalid(wrong, "reason") : null;
        if (await FindAsync(context, id).ConfigureAwait(false) is null)
        {
            return Unknown(id);
        }

        if (refusal is not null)
        {
            return refusal;
        }

        AuditedCall.Of(context).GiveReason(request!.Reason!);
        AuditedCall.Of(context).What = $"erase entry {number}";
        bool known = long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long entry)
            && await services.Lists.FindAsync(View.CaseTexts, CaseChain.TextKey(id, entry), context.RequestAborted).ConfigureAwait(false) is not null;
        if (!known)
        {
            return Refusal.Conflict($"Nothing that a person wrote is kept of entry {number} of case '{id}': there is no such entry, it has none, or it was erased already.", []);
        }

        (CommandResult result, refusal) = await services.CommandAsync(context, ActorKind.Case, id, MessageKind.EraseText, ApiJson.Bytes(new EraseText(entry, caller.Name, request.Reason!), GrainsJson.Default.EraseText)).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        await services.ShownAsync(result.Position, context.RequestAborted).ConfigureAwait(false);
        return new RawJson((await services.Host.Case(id).DescribeAsync(context.RequestAborted).ConfigureAwait(false))!);
    }

    private RawJson Keys(HttpContext context) => new(ApiJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("items");
        foreach (EvidenceKey key in services.Keys.All())
        {
            Write(json, key);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }));

    private async Task<IResult> RotateAsync(HttpContext context)
    {
        if (Gate.Caller(context).Role != Role.Administrator)
        {
            return Refusal.Forbidden("An administrator gives the record a new key.");
        }

        await AuditedCall.Of(context).BeginAsync().ConfigureAwait(false);
        try
        {
            EvidenceKey made = services.Keys.Rotate();
            AuditedCall.Of(context).What = $"key {made.Id}";
            return new RawJson(ApiJson.Write(json => Write(json, made)), StatusCodes.Status201Created);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Refusal.Unavailable($"The key cannot be written: {failure.Message} The old one goes on signing.");
        }
    }

    private static void Write(Utf8JsonWriter json, EvidenceKey key)
    {
        json.WriteStartObject();
        json.WriteString("id", key.Id);
        json.WriteString("publicKey", key.PublicKey);
        json.WriteString("since", key.Since);
        json.WriteBoolean("current", key.Current);
        json.WriteEndObject();
    }

    /// <summary>The case as it is now, where the caller may see it.</summary>
    private async ValueTask<byte[]?> FindAsync(HttpContext context, string id)
    {
        byte[]? document = Encoding.UTF8.GetByteCount(id) <= GrainLimits.KeyBytes ? await services.Host.Case(id).DescribeAsync(context.RequestAborted).ConfigureAwait(false) : null;
        return document is not null && CaseScope.Read(document).IsVisibleTo(Gate.Caller(context)) ? document : null;
    }

    private static bool WantsPage(HttpRequest request)
    {
        string accept = request.Headers.Accept.ToString();
        int page = accept.IndexOf("text/html", StringComparison.OrdinalIgnoreCase);
        int json = accept.IndexOf("application/json", StringComparison.OrdinalIgnoreCase);
        return page >= 0 && (json < 0 || page < json);
    }

    private static Refusal Unknown(string id) => Refusal.NotFound($"There is no case '{id}'.");
}

/// <summary>A page of its own: nothing is loaded and no script runs.</summary>
internal sealed class HtmlPage(byte[] html, string policy) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => StatusCodes.Status200OK;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.Headers.ContentSecurityPolicy = policy;
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.XFrameOptions = "DENY";
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = html.Length;
        await response.BodyWriter.WriteAsync(html, httpContext.RequestAborted).ConfigureAwait(false);
    }
}
