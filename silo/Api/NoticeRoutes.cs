using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>
/// Notices to subjects, for the departments. Who sees a case sees its notices and the pictures of their answers. The link, which lets its holder answer for the subject, is for those alone who may act on the work order.
/// </summary>
internal sealed class NoticeRoutes(ApiServices services)
{
    private static readonly AuditedAs OfOne = new(AuditAct.Look) { Look = static _ => AuditLooks.Cases, SubjectKind = static _ => "notice", Subject = static request => Auditing.Value(request, "id") };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/notices", (Delegate)ListAsync)
            .WithSummary("Notices to subjects, newest first. Filters: subject, kind, open, state, department, district, case, limit, after.").ProducesProblem(400).ProducesProblem(403).AuditedAs(ListRoutes.OfOne);
        routes.MapGet("/api/notices/{id}", FindAsync).WithSummary("One notice: channels, whether it was opened, the answer; with its link for those who may act on its work order.").ProducesProblem(404).AuditedAs(OfOne);
        routes.MapGet("/api/notices/{id}/picture", PictureAsync).WithSummary("The picture that came with its answer.").Produces(200, contentType: "image/jpeg", additionalContentTypes: "image/png").ProducesProblem(404).AuditedAs(OfOne);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, View.Notices, ["subject", "kind", "open", "state", "department", "district", "case"]);
        (query, refusal) = refusal is null ? ListQuery.Restrict(query!, Gate.Caller(context)) : (query, refusal);
        return refusal as IResult ?? new PageResult(await services.Lists.ListAsync(query!, context.RequestAborted).ConfigureAwait(false));
    }

    private async Task<IResult> FindAsync(HttpContext context, string id)
    {
        (byte[]? row, NoticeRow? notice) = await VisibleAsync(context, id).ConfigureAwait(false);
        if (row is null)
        {
            return Unknown(id);
        }

        Principal caller = Gate.Caller(context);
        bool mayHandOver = caller.Role is Role.Member or Role.Administrator && caller.Scope.Has(notice!.Department, notice.District);
        return new RawJson(NoticeView.Show(row, mayHandOver ? services.Links : null));
    }

    private async Task<IResult> PictureAsync(HttpContext context, string id)
    {
        (_, NoticeRow? notice) = await VisibleAsync(context, id).ConfigureAwait(false);
        if (notice is null)
        {
            return Unknown(id);
        }

        if (notice.Answer?.PictureSha256 is not { } sha256 || services.Pictures.Open(sha256) is not { } picture)
        {
            return Refusal.NotFound($"The notice '{id}' has no picture{(notice.Answer?.PictureSha256 is null ? "" : " any more: its file is gone from the data directory")}.");
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers.ContentDisposition = $"inline; filename=\"{id}.{(notice.Answer.PictureType == "image/png" ? "png" : "jpg")}\"";
        return Results.Stream(picture, notice.Answer.PictureType);
    }

    /// <summary>A notice that the caller may see, and nothing where there is none or it may not: whose the case is decides.</summary>
    private async ValueTask<(byte[]? Row, NoticeRow? Notice)> VisibleAsync(HttpContext context, string id)
    {
        byte[]? row = await services.Lists.FindAsync(View.Notices, id, context.RequestAborted).ConfigureAwait(false);
        if (row is null)
        {
            return (null, null);
        }

        NoticeRow notice = JsonSerializer.Deserialize(row, GrainsJson.Default.NoticeRow)!;
        Principal caller = Gate.Caller(context);
        byte[]? ofCase = await services.Lists.FindAsync(View.Cases, notice.Case, context.RequestAborted).ConfigureAwait(false);
        bool visible = ofCase is null ? caller.Scope == default : CaseScope.Read(ofCase).IsVisibleTo(caller);
        return visible ? (row, notice) : (null, null);
    }

    private static Refusal Unknown(string id) => Refusal.NotFound($"There is no notice '{id}'. GET /api/notices lists them.");
}
