using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Models.Wording;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>A document that is JSON already, sent as it is.</summary>
internal sealed class RawJson(ReadOnlyMemory<byte> json, int status = StatusCodes.Status200OK) : IResult, IStatusCodeHttpResult
{
    public const string ContentType = "application/json; charset=utf-8";

    public int? StatusCode => status;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = ContentType;
        httpContext.Response.ContentLength = json.Length;
        await httpContext.Response.BodyWriter.WriteAsync(json, httpContext.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>A page of rows that are JSON already: <c>{"items":[...],"next":...}</c>.</summary>
/// <param name="page">The rows.</param>
/// <param name="reachesBackToMs">How far back the list reaches, ms since 1970, where it says so.</param>
internal sealed class PageResult(Page<byte[]> page, long? reachesBackToMs = null) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = RawJson.ContentType;
        PipeWriter body = httpContext.Response.BodyWriter;
        body.Write("{\"items\":["u8);
        for (int i = 0; i < page.Items.Count; i++)
        {
            if (i > 0)
            {
                body.Write(","u8);
            }

            body.Write(page.Items[i]);
        }

        body.Write("],\"next\":"u8);
        body.Write(page.Next is { } next ? System.Text.Encoding.ASCII.GetBytes(page.NextDue is { } due ? string.Create(CultureInfo.InvariantCulture, $"\"{due}.{next}\"") : string.Create(CultureInfo.InvariantCulture, $"\"{next}\"")) : "null"u8);
        if (reachesBackToMs is { } ms)
        {
            body.Write(",\"reachesBackTo\":"u8);
            body.Write(System.Text.Encoding.ASCII.GetBytes($"\"{FigureText.Time(ms)}\""));
        }

        body.Write("}"u8);
        await body.FlushAsync(httpContext.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>A document that may be large, compressed for who takes it, and told by a tag from other versions of itself.</summary>
/// <param name="bytes">The document.</param>
/// <param name="zipped">The document in gzip.</param>
/// <param name="contentType">What it is.</param>
/// <param name="tag">Its entity tag.</param>
internal sealed class TaggedBytes(ReadOnlyMemory<byte> bytes, Func<byte[]> zipped, string contentType, string tag) : IResult
{
    /// <summary>Smaller documents are sent as they are.</summary>
    private const int WorthBytes = 1024;

    /// <summary>True where a browser may keep it, and asks whether it is still the same.</summary>
    public bool MayBeKept { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        IHeaderDictionary headers = httpContext.Response.Headers;
        headers.ETag = tag;
        headers.Vary = "Accept-Encoding, Authorization, Cookie";
        if (MayBeKept)
        {
            headers.CacheControl = "private, no-cache";
        }

        if (httpContext.Request.Headers.IfNoneMatch.ToString().Contains(tag, StringComparison.Ordinal))
        {
            httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        ReadOnlyMemory<byte> body = bytes;
        if (bytes.Length >= WorthBytes && ConsoleFiles.Takes(httpContext.Request, "gzip"))
        {
            headers.ContentEncoding = "gzip";
            body = zipped();
        }

        httpContext.Response.ContentType = contentType;
        httpContext.Response.ContentLength = body.Length;
        await httpContext.Response.BodyWriter.WriteAsync(body, httpContext.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>Why a call was not done, as RFC 9457 problem details; <c>detail</c> says what to do.</summary>
internal sealed record Refusal(int Status, string Detail, string? Field = null, string[]? Allowed = null) : IResult, IStatusCodeHttpResult
{
    int? IStatusCodeHttpResult.StatusCode => Status;

    /// <summary>For a question about the past: how far back it can be answered, ms since 1970.</summary>
    public long? ReachesBackToMs { get; init; }

    public const string ContentType = "application/problem+json; charset=utf-8";

    public static Refusal Invalid(string detail, string? field = null) => new(StatusCodes.Status400BadRequest, detail, field);

    public static Refusal Forbidden(string detail) => new(StatusCodes.Status403Forbidden, detail);

    public static Refusal NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);

    public static Refusal Conflict(string detail, string[] allowed) => new(StatusCodes.Status409Conflict, detail, null, allowed);

    /// <summary>Not now: the caller should come again after a few seconds.</summary>
    public static Refusal Unavailable(string detail) => new(StatusCodes.Status503ServiceUnavailable, detail);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", Title(Status));
            json.WriteNumber("status", Status);
            json.WriteString("detail", Detail);
            if (Field is not null)
            {
                json.WriteString("field", Field);
            }

            if (ReachesBackToMs is { } reachesBackToMs)
            {
                json.WriteString("reachesBackTo", DateTimeOffset.FromUnixTimeMilliseconds(reachesBackToMs));
            }

            if (Allowed is not null)
            {
                json.WriteStartArray("allowed");
                foreach (string action in Allowed)
                {
                    json.WriteStringValue(action);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        HttpResponse response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.ContentLength = buffer.WrittenCount;
        if (Status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = "5";
        }

        await response.BodyWriter.WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted).ConfigureAwait(false);
    }

    private static string Title(int status) => status switch
    {
        400 => "The request does not make sense",
        401 => "A token is needed",
        403 => "Not allowed",
        404 => "Not found",
        405 => "Not a way to call this address",
        409 => "The state does not allow it",
        410 => "Not kept any more",
        413 => "The body is too large",
        415 => "The body is not JSON",
        422 => "Too much to go through",
        503 => "Not now",
        >= 500 => "Internal error",
        _ => "The request was refused",
    };
}
