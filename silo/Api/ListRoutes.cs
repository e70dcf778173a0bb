using System.Buffers;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>Lists of warnings, cases, work orders and quarantined payloads, each cut down to what the caller may see.</summary>
internal sealed class ListRoutes(ApiServices services)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    /// <summary>Going through what is to be done is nobody's whereabouts; asking what is known of one subject is.</summary>
    public static readonly AuditedAs OfOne = new(AuditAct.Look)
    {
        Look = static _ => AuditLooks.Lists,
        Applies = static request => ListQuery.Value(request.Query, "subject") is not null,
        Subject = static request => ListQuery.Value(request.Query, "subject"),
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        MapList(routes, "/api/warnings", View.Warnings, "Warnings, newest first.");
        MapList(routes, "/api/cases", View.Cases, "Cases, newest first.");
        MapList(routes, "/api/workorders", View.WorkOrders, "Work orders, newest first.");
        routes.MapGet("/api/quarantine", (Delegate)QuarantineAsync).WithSummary("Payloads that did not fit, newest first, with the reason. Filters: source, limit, after.").ProducesProblem(403).NotAudited("what could not be read");
    }

    private void MapList(IEndpointRouteBuilder routes, string path, View view, string summary) =>
        routes.MapGet(path, (Delegate)((HttpContext context) => ListAsync(context, view)))
            .WithSummary($"{summary} Filters: subject, kind, open, state, department, district, case, limit, after.").ProducesProblem(400).ProducesProblem(403).AuditedAs(OfOne);

    private async Task<IResult> ListAsync(HttpContext context, View view)
    {
        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, view, ["subject", "kind", "open", "state", "department", "district", "case"]);
        (query, refusal) = refusal is null ? ListQuery.Restrict(query!, Gate.Caller(context)) : (query, refusal);
        return refusal as IResult ?? new PageResult(await services.Lists.ListAsync(query!, context.RequestAborted).ConfigureAwait(false));
    }

    private async Task<IResult> QuarantineAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role == Role.Member)
        {
            return Refusal.Forbidden("A department's member does not see quarantined payloads; operators and above do.");
        }

        (_, Refusal? refusal) = ListQuery.Read(context.Request.Query, View.Devices, ["source"]);
        (int limit, long? after, Refusal? paging) = ListQuery.Paging(context.Request.Query, ViewLimits.QuarantinePageRows);
        if ((refusal ?? paging) is { } wrong)
        {
            return wrong;
        }

        Page<QuarantineItem> page = await services.Lists.QuarantineAsync(ListQuery.Value(context.Request.Query, "source"), caller.Scope.District, after, limit, context.RequestAborted).ConfigureAwait(false);
        List<byte[]> items = [];
        foreach (QuarantineItem item in page.Items)
        {
            items.Add(Write(item));
        }

        return new PageResult(new Page<byte[]>(items, page.Next));
    }

    private static byte[] Write(QuarantineItem item)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("reason", JsonNamingPolicy.KebabCaseLower.ConvertName(item.Reason.ToString()));
            json.WriteString("detail", item.Detail);
            json.WriteString("source", item.Source);
            json.WriteString("topic", item.Topic);
            json.WriteString("time", DateTimeOffset.FromUnixTimeMilliseconds(item.TimeMs));
            if (Text(item.Payload) is { } text)
            {
                json.WriteString("payload", text);
            }
            else
            {
                json.WriteBase64String("payload", item.Payload);
                json.WriteString("encoding", "base64");
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The payload as text; null where it is not UTF-8, or holds a NUL, which many readers of JSON do not survive.</summary>
    private static string? Text(byte[] payload)
    {
        try
        {
            string text = StrictUtf8.GetString(payload);
            return text.Contains('\0') ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
