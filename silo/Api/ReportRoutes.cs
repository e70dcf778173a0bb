using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Readings;
using Streaming.Models.Reports;
using Streaming.Silo.Access;
using Streaming.Silo.Host;
using Streaming.Silo.Notices;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>
/// What people and other systems report. Who sees a case sees its reports, and who filed one sees that; who reported it is shown to those alone who work on the case, and to the filer. People say by hand what was brought together wrongly.
/// </summary>
/// <remarks>
/// A report's id is made of channel and reference, or of the caller's name and key, so that what is sent again meets the report that there is; where there is neither, it is drawn. Pictures are on the disk before the report is journaled.
/// </remarks>
internal sealed class ReportRoutes(ApiServices services)
{
    private static readonly AuditedAs OfOne = new(AuditAct.Look) { Look = static _ => AuditLooks.Cases, SubjectKind = static _ => "report", Subject = static request => Auditing.Value(request, "id") };
    private readonly SemaphoreSlim filing = new(ApiLimits.ReportsAtOnce, ApiLimits.ReportsAtOnce);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/reports", (Delegate)FileAsync)
            .WithSummary($"Reports something: text, channel (hotline, grid, app, or another system's name), place (id, address, latitude and longitude), at, kind (found in the text where it is left out), district (likewise by the position), pictures (base64), reporter (name, contact), reference. With a reference or the header {WorkOrderRoutes.KeyHeader} it is done once, however often it is sent. Returns the report with its case and why it is in that.")
            .Accepts<ReportRequest>("application/json", RequestBody.AnyType).Produces<ReportRow>(StatusCodes.Status201Created).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(503).AuditedAsChange("report");
        routes.MapGet("/api/reports", (Delegate)ListAsync).WithSummary("Reports, newest first, without who reported them. Filters: kind, state, channel, department, district, case, limit, after.").ProducesProblem(400).ProducesProblem(403).NotAudited("what was reported, without who did");
        routes.MapGet("/api/reports/{id}", FindAsync).WithSummary("One report: its case and why it is in that; with who reported it for those who work on the case.").Produces<ReportRow>().ProducesProblem(404).AuditedAs(OfOne);
        routes.MapGet("/api/reports/{id}/pictures/{number}", PictureAsync).WithSummary("A picture of a report, by its number from 1.").Produces(200, contentType: "image/jpeg", additionalContentTypes: "image/png").ProducesProblem(404).AuditedAs(OfOne);
        routes.MapPost("/api/cases/{id}/split", SplitAsync).WithSummary("Gives the named 'reports' of a case a case of their own, with the 'reason'; they do not come together again by themselves. For the command centre and the lead.")
            .Accepts<SplitRequest>("application/json", RequestBody.AnyType).Produces<SplitDone>(StatusCodes.Status201Created).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).AuditedAsChange("case", "id");
        routes.MapPost("/api/cases/{id}/merge", MergeAsync).WithSummary("Closes a case whose reports, warnings and history go on in the case named in 'into', with the 'reason'; its open work orders are withdrawn. For the command centre, and the lead of both.")
            .Accepts<MergeRequest>("application/json", RequestBody.AnyType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).AuditedAsChange("case", "id");
    }

    private async Task<IResult> FileAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (MayNot(caller, "filing a report takes a member of a department") is { } reads)
        {
            return reads;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = ApiLimits.ReportBodyBytes;
        }

        if (!filing.Wait(0, CancellationToken.None))
        {
            return Refusal.Unavailable($"{ApiLimits.ReportsAtOnce} reports are being taken at this moment; send it again.");
        }

        try
        {
            return await TakeAsync(context, caller).ConfigureAwait(false);
        }
        finally
        {
            filing.Release();
        }
    }

    private async Task<IResult> TakeAsync(HttpContext context, Principal caller)
    {
        (ReportRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.ReportRequest).ConfigureAwait(false);
        refusal ??= Check(request!, services.Time.GetUtcNow());
        if (refusal is not null)
        {
            return refusal;
        }

        (string? district, refusal) = District(request!, caller);
        if (refusal is not null)
        {
            return refusal;
        }

        string? key = WorkOrderRoutes.KeyOf(context.Request);
        if (key?.Length > GrainLimits.ActionKeyChars)
        {
            return Refusal.Invalid($"The header {WorkOrderRoutes.KeyHeader} has at most {GrainLimits.ActionKeyChars} characters.");
        }

        (ReportPicture[] pictures, refusal) = Keep(request!.Pictures ?? []);
        if (refusal is not null)
        {
            return refusal;
        }

        string id = request.Reference is { } reference ? IdOf("reference", request.Channel!, reference) : key is not null ? IdOf("key", caller.Name, key) : $"r-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10))}";
        string kind = request.Kind ?? ReportText.Of(request.Text!, request.Place?.Address).Kind;
        ReportPlace place = new(request.Place?.Id, request.Place?.Address, request.Place?.Latitude, request.Place?.Longitude);
        ReportFacts facts = new(id, request.Channel!, district!, kind, request.Text!.Trim(), place, (request.At ?? services.Time.GetUtcNow()).ToUniversalTime(), pictures);
        Reporter? reporter = request.Reporter is { } who && (who.Name ?? who.Contact) is not null ? new Reporter(who.Name, who.Contact) : null;
        ReportFiled filed = new(facts, request.Kind is null, request.Reference, reporter, caller.Name, Digest(request, district!, pictures));
        AuditedCall.Of(context).Names("report", id);
        (CommandResult result, refusal) = await services.CommandAsync(context, ActorKind.Report, id, MessageKind.FileReport, ApiJson.Bytes(filed, GrainsJson.Default.ReportFiled)).ConfigureAwait(false);
        return refusal as IResult ?? await ShowAsync(context, id, isNew: result.Reply is null or { Text.Length: 0 }).ConfigureAwait(false);
    }

    /// <summary>The report with its case, which is found some turns after it was taken.</summary>
    private async Task<IResult> ShowAsync(HttpContext context, string id, bool isNew)
    {
        (byte[]? row, ReportRow? report) = await UntilAsync(id, row => row.Case is not null, context.RequestAborted).ConfigureAwait(false);
        return report?.Case is null
            ? new RawJson(ApiJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteString("detail", $"Taken and safe. The lists are behind, so its case cannot be shown yet; read /api/reports/{id} later.");
                json.WriteEndObject();
            }), StatusCodes.Status202Accepted)
            : new RawJson(row, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, View.Reports, ["kind", "state", "channel", "department", "district", "case"]);
        (query, refusal) = refusal is null ? ListQuery.Restrict(query! with { Channel = ListQuery.Value(context.Request.Query, "channel") }, Gate.Caller(context)) : (query, refusal);
        return refusal as IResult ?? new PageResult(await services.Lists.ListAsync(query!, context.RequestAborted).ConfigureAwait(false));
    }

    private async Task<IResult> FindAsync(HttpContext context, string id)
    {
        (ReportRow? report, bool works) = await VisibleAsync(context, id).ConfigureAwait(false);
        return report is null ? Unknown(id) : new RawJson(ApiJson.Bytes(works ? report : report with { Reporter = null }, GrainsJson.Default.ReportRow));
    }

    private async Task<IResult> PictureAsync(HttpContext context, string id, string number)
    {
        (ReportRow? report, _) = await VisibleAsync(context, id).ConfigureAwait(false);
        if (report is null)
        {
            return Unknown(id);
        }

        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int which) || which < 1 || which > report.Pictures.Length || services.Pictures.Open(report.Pictures[which - 1].Sha256) is not { } picture)
        {
            return Refusal.NotFound($"The report '{id}' has no picture {(which > 0 && which <= report.Pictures.Length ? $"{which} any more: its file is gone from the data directory" : number)}.");
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers.ContentDisposition = $"inline; filename=\"{id}-{which}.{(report.Pictures[which - 1].Type == "image/png" ? "png" : "jpg")}\"";
        return Results.Stream(picture, report.Pictures[which - 1].Type);
    }

    private async Task<IResult> SplitAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        if (MayNot(caller, "this takes a member of the department that leads the case, or the command centre") is { } reads)
        {
            return reads;
        }

        (SplitRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.SplitRequest, mayBeEmpty: true).ConfigureAwait(false);
        if (refusal is not null || await CaseAsync(context, id).ConfigureAwait(false) is null)
        {
            return refusal ?? UnknownCase(id);
        }

        refusal = Validation.First(
            ("reports", request!.Reports is not { Length: > 0 and <= GrainLimits.ReportsPerCase } ? $"Name 1 to {GrainLimits.ReportsPerCase} of the case's reports by their ids." : request.Reports.Any(report => report is null || report.Length > GrainLimits.KeyBytes) ? "A report is named by its id." : null),
            ("reason", Reason(request.Reason)));
        if (refusal is not null)
        {
            return refusal;
        }

        AuditedCall.Of(context).What = $"split: {string.Join(", ", request.Reports!)}";
        CaseSplit command = new(request.Reports!, request.Reason!, caller.Name, caller.Scope.Department, WorkOrderRoutes.KeyOf(context.Request), caller.Decides);
        (_, refusal) = await services.CommandAsync(context, ActorKind.Case, id, MessageKind.SplitCase, ApiJson.Bytes(command, GrainsJson.Default.CaseSplit)).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        (_, ReportRow? report) = await UntilAsync(request.Reports![0], row => row.Case != id, context.RequestAborted).ConfigureAwait(false);
        bool shown = report?.Case is { } now && now != id;
        return new RawJson(ApiJson.Bytes(new SplitDone(id, shown ? report!.Case : null, request.Reports, shown ? null : "Done and safe. The lists are behind; read the reports again later."), ApiJson.Default.SplitDone), shown ? StatusCodes.Status201Created : StatusCodes.Status202Accepted);
    }

    private async Task<IResult> MergeAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        if (MayNot(caller, "this takes a member of the department that leads both cases, or the command centre") is { } reads)
        {
            return reads;
        }

        (MergeRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.MergeRequest, mayBeEmpty: true).ConfigureAwait(false);
        if (refusal is not null || await CaseAsync(context, id).ConfigureAwait(false) is null)
        {
            return refusal ?? UnknownCase(id);
        }

        refusal = Validation.First(("into", Validation.Text(request!.Into, "The id of a case", GrainLimits.KeyBytes) ?? (string.IsNullOrEmpty(request.Into) ? "Name in 'into' the case that it goes on in." : null)), ("reason", Reason(request.Reason)));
        if (refusal is not null)
        {
            return refusal;
        }

        if (await CaseAsync(context, request.Into!).ConfigureAwait(false) is not { } other)
        {
            return UnknownCase(request.Into!) with { Field = "into" };
        }

        if (!caller.Decides && other.Lead != caller.Scope.Department)
        {
            return Refusal.Forbidden($"Case {other.Id} is led by {other.Lead}; who leads both cases, and the command centre, merges them.");
        }

        if (other.State != "open")
        {
            return Refusal.Conflict(other.MergedInto is { } further ? $"Case {other.Id} goes on in case {further}; merge into that." : $"Case {other.Id} is {other.State}; open it again first.", []);
        }

        AuditedCall.Of(context).What = $"merge into {other.Id}";
        CaseMerge command = new(other.Id, request.Reason!, caller.Name, caller.Scope.Department, WorkOrderRoutes.KeyOf(context.Request), caller.Decides);
        (_, refusal) = await services.CommandAsync(context, ActorKind.Case, id, MessageKind.MergeCase, ApiJson.Bytes(command, GrainsJson.Default.CaseMerge)).ConfigureAwait(false);
        return refusal as IResult ?? new RawJson((await services.Host.Case(id).DescribeAsync(context.RequestAborted).ConfigureAwait(false))!);
    }

    private static Refusal? MayNot(Principal caller, string takes) => caller.Role is Role.Member or Role.Administrator || caller.Decides
        ? null
        : Refusal.Forbidden($"A token with role '{Roles.Name(caller.Role)}' reads; {takes}.");

    private static string? Reason(string? reason) => string.IsNullOrWhiteSpace(reason) ? "Say in 'reason' why." : Validation.Text(reason, "The reason", GrainLimits.NoteChars);

    private static Refusal? Check(ReportRequest request, DateTimeOffset now)
    {
        ReportPlaceRequest? place = request.Place;
        return Validation.First(
            ("text", string.IsNullOrWhiteSpace(request.Text) ? "Say in 'text' what is reported." : Validation.Text(request.Text, "The text", GrainLimits.ReportTextChars)),
            ("channel", Validation.Name(request.Channel, "The channel (hotline, grid, app, or another system's name)")),
            ("kind", request.Kind is null ? null : IsKind(request.Kind) ? null : "A kind is of lower-case letters, digits and hyphens, as street-stall; leave it out to have it found in the text."),
            ("reference", request.Reference is "" ? "A reference is not empty; leave it out where there is none." : Validation.Text(request.Reference, "The reference", ApiLimits.TextLength)),
            ("place", place is null || (place.Id is null && string.IsNullOrWhiteSpace(place.Address) && place.Latitude is null && place.Longitude is null) ? "Say where: an address, a position (latitude and longitude), or the id of a place." : null),
            ("place.id", place?.Id is "" || (place?.Id is { } id && Encoding.UTF8.GetByteCount(id) > GrainLimits.KeyBytes) ? $"The id of a place has 1 to {GrainLimits.KeyBytes} bytes." : Validation.Text(place?.Id, "The id of a place", GrainLimits.KeyBytes)),
            ("place.address", Validation.Text(place?.Address, "The address", GrainLimits.ReportAddressChars)),
            ("place.latitude", place?.Latitude is { } latitude ? latitude is >= -90 and <= 90 ? place.Longitude is null ? "Give the longitude too." : null : "Expected -90 to 90 degrees." : null),
            ("place.longitude", place?.Longitude is { } longitude ? longitude is >= -180 and <= 180 ? place.Latitude is null ? "Give the latitude too." : null : "Expected -180 to 180 degrees." : null),
            ("at", request.At is { } at && at > now.AddMilliseconds(GrainLimits.ClockAheadMs) ? "That time is still to come." : request.At is { Year: < 2000 } ? "Expected a time after 2000." : null),
            ("pictures", request.Pictures?.Length > GrainLimits.ReportPictures ? $"At most {GrainLimits.ReportPictures} pictures are kept." : null),
            ("reporter.name", Validation.Text(request.Reporter?.Name, "The name", GrainLimits.ReporterChars)),
            ("reporter.contact", Validation.Text(request.Reporter?.Contact, "The contact", GrainLimits.ReporterChars)));
    }

    private static bool IsKind(string kind) => kind.Length is > 0 and <= GrainLimits.RuleIdChars && char.IsAsciiLetterLower(kind[0]) && kind.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>As it was given; else that of the nearest registered device, or that of the token.</summary>
    private (string? District, Refusal? Refusal) District(ReportRequest request, Principal caller)
    {
        string? district = request.District;
        if (district is null && request.Place is { Latitude: { } latitude, Longitude: { } longitude })
        {
            district = services.Access.DistrictNear(new GeoPosition((int)Math.Round(latitude * 1e6), (int)Math.Round(longitude * 1e6)), ApiLimits.DistrictNearM);
        }

        district ??= caller.District == Principal.WholeCity ? null : caller.District;
        Rulebook rules = services.Rules();
        if (district is null || !rules.HasDistrict(district))
        {
            string found = district is null ? "The district is missing, and the position is near no registered device" : $"There is no district '{district}'";
            return (null, Refusal.Invalid($"{found}; name one of: {string.Join(", ", rules.Districts.Select(known => known.Id).Where(caller.Scope.HasDistrict))}.", "district"));
        }

        return caller.Scope.HasDistrict(district) ? (district, null) : (null, Refusal.Forbidden($"This token is for the district '{caller.District}'; what is elsewhere is reported by those of that district, or of the whole city."));
    }

    private (ReportPicture[] Pictures, Refusal? Refusal) Keep(byte[][] pictures)
    {
        List<ReportPicture> kept = [];
        for (int i = 0; i < pictures.Length; i++)
        {
            try
            {
                (KeptPicture picture, PictureRefusal refused) = services.Pictures.Keep(pictures[i] ?? []);
                if (refused != PictureRefusal.None)
                {
                    return ([], refused == PictureRefusal.Full
                        ? Refusal.Unavailable("There is no room for more pictures; send the report without them.")
                        : Refusal.Invalid(refused == PictureRefusal.TooLarge ? $"A picture has at most {NoticeLimits.PictureBytes / (1024 * 1024)} MiB." : "A picture is JPEG or PNG, as base64.", $"pictures[{i}]"));
                }

                kept.Add(new ReportPicture(picture.Sha256, picture.Type));
            }
            catch (IOException)
            {
                return ([], Refusal.Unavailable("The picture cannot be kept now; send the report again, or without it."));
            }
        }

        return ([.. kept], null);
    }

    /// <summary>A report that the caller may see, and whether it works on its case; nothing where there is none or it may not.</summary>
    private async ValueTask<(ReportRow? Report, bool Works)> VisibleAsync(HttpContext context, string id)
    {
        byte[]? row = await services.Lists.FindAsync(View.Reports, id, context.RequestAborted).ConfigureAwait(false);
        if (row is null)
        {
            return (null, false);
        }

        ReportRow report = JsonSerializer.Deserialize(row, GrainsJson.Default.ReportRow)!;
        Principal caller = Gate.Caller(context);
        bool own = report.By == caller.Name;
        byte[]? ofCase = report.Case is null ? null : await services.Lists.FindAsync(View.Cases, report.Case, context.RequestAborted).ConfigureAwait(false);
        bool visible = ofCase is null ? caller.Scope == default : CaseScope.Read(ofCase).IsVisibleTo(caller);
        return visible || own ? (report, own || caller.Role is Role.Member or Role.Administrator || caller.Decides) : (null, false);
    }

    /// <summary>A case that the caller may see; null where there is none.</summary>
    private async ValueTask<CaseRow?> CaseAsync(HttpContext context, string id)
    {
        byte[]? document = id.Length is > 0 and <= GrainLimits.KeyBytes ? await services.Host.Case(id).DescribeAsync(context.RequestAborted).ConfigureAwait(false) : null;
        return document is not null && CaseScope.Read(document).IsVisibleTo(Gate.Caller(context)) ? JsonSerializer.Deserialize(document, GrainsJson.Default.CaseRow) : null;
    }

    /// <summary>The row of a report once it is as expected; as it stands where the lists are too far behind to wait for.</summary>
    private async ValueTask<(byte[]? Row, ReportRow? Report)> UntilAsync(string id, Func<ReportRow, bool> expected, CancellationToken cancellation)
    {
        long began = services.Time.GetTimestamp();
        while (true)
        {
            byte[]? row = await services.Lists.FindAsync(View.Reports, id, cancellation).ConfigureAwait(false);
            ReportRow? report = row is null ? null : JsonSerializer.Deserialize(row, GrainsJson.Default.ReportRow);
            if ((report is not null && expected(report)) || services.Time.GetElapsedTime(began) >= ViewLimits.ListsWait)
            {
                return (row, report);
            }

            await Task.Delay(ApiLimits.LookAgain, services.Time, cancellation).ConfigureAwait(false);
        }
    }

    private static string IdOf(string what, string whose, string name) => $"r-{Hash($"{what}\n{whose}\n{name}")[..20]}";

    /// <summary>Of all that was sent: without a time, that of its arrival is none of it.</summary>
    private static string Digest(ReportRequest request, string district, ReportPicture[] pictures) =>
        Hash(Encoding.UTF8.GetString(ApiJson.Bytes(request with { Pictures = null, District = district }, ApiJson.Default.ReportRequest)) + string.Join(',', pictures.Select(picture => picture.Sha256)));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static Refusal Unknown(string id) => Refusal.NotFound($"There is no report '{id}'. GET /api/reports lists them.");

    private static Refusal UnknownCase(string id) => Refusal.NotFound($"There is no case '{id}'.");
}
