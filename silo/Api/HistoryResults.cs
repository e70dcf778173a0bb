using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Subjects;
using Streaming.Models.Wording;
using Streaming.Silo.History;

namespace Streaming.Silo.Api;

/// <summary>A subject's history as a page of JSON, and why there is none now.</summary>
internal static class HistoryResults
{
    public static Refusal Busy => Refusal.Unavailable($"{SiloLimits.LooksAtThePast} requests read the past already; try again.");

    public static Refusal NotWhole => Refusal.Unavailable("What was taken last is not on disk yet, so the past is not whole; try again, and see /health/ready.");

    /// <summary>What was about to be read went away meanwhile, or the disk failed; either way the next try tells.</summary>
    public static Refusal Moved(IOException error) => Refusal.Unavailable($"History could not be read ({error.Message}). Where the oldest part was being dropped, asking again helps.");

    public static byte[] Write(SubjectPage page, HistoryReach reach)
    {
        ArrayBufferWriter<byte> buffer = new(4096);
        using (Utf8JsonWriter json = new(buffer, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (SubjectEntry entry in page.Entries)
            {
                Write(json, entry);
            }

            json.WriteEndArray();
            if (page.Next is { } next)
            {
                json.WriteString("next", HistoryQuery.Write(next));
            }
            else
            {
                json.WriteNull("next");
            }

            json.WriteString("reachesBackTo", DateTimeOffset.FromUnixTimeMilliseconds(reach.TimeMs));
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, SubjectEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("kind", entry.Kind);
        json.WriteNumber("position", entry.Position);
        json.WriteString("received", DateTimeOffset.FromUnixTimeMilliseconds(entry.ReceivedMs));
        if (entry.AtMs is { } atMs)
        {
            json.WriteString("at", DateTimeOffset.FromUnixTimeMilliseconds(atMs));
        }

        if (entry.Late is { } late)
        {
            json.WriteBoolean("late", late);
        }

        Text(json, "source", entry.Source);
        Text(json, "id", entry.Id);
        Text(json, "change", entry.Change);
        if (entry.Figures.Count > 0)
        {
            json.WriteStartObject("figures");
            foreach (ReadingFigure figure in entry.Figures)
            {
                figure.Write(json);
            }

            json.WriteEndObject();
        }

        if (entry.Detail.Length > 0)
        {
            json.WritePropertyName("detail");
            json.WriteRawValue(entry.Detail.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }
}

/// <summary>
/// A subject's history over a whole range as one table: RFC 4180, a header row, UTF-8. Written page by page as it is read, so it takes the memory of a page. Where a table would be longer than it may, its last line is of the kind <c>cut</c> and has the cursor
/// to go on with as its id.
/// </summary>
internal sealed class HistoryTable : IResult
{
    private static readonly string[] Head = ["kind", "position", "received", "at", "late", "source", "id", "change"];
    private readonly SubjectPast past;
    private readonly SubjectQuery query;
    private readonly SubjectPage first;

    private HistoryTable(SubjectPast past, SubjectQuery query, SubjectPage first)
    {
        this.past = past;
        this.query = query;
        this.first = first;
    }

    /// <summary>Reads the first page, so that what cannot be read is still refused in words; null where too many read already.</summary>
    public static async Task<HistoryTable?> BeginAsync(SubjectPast past, SubjectQuery query, CancellationToken cancellation)
    {
        query = query with { MostEntries = ApiLimits.HistoryPageLines };
        return await past.PageAsync(query, cancellation).ConfigureAwait(false) is { } page ? new HistoryTable(past, query, page) : null;
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.ContentType = CsvText.ContentType;
        response.Headers.ContentDisposition = "attachment; filename=\"history.csv\"";
        PipeWriter body = response.BodyWriter;
        CsvText.WriteLine(body, [.. Head, .. ReadingFigures.Names, "detail"]);
        SubjectPage? page = first;
        int lines = 0;
        SubjectCursor? cut = null;
        while (cut is null && page is not null)
        {
            foreach (SubjectEntry entry in page.Entries)
            {
                CsvText.WriteLine(body, CellsOf(entry));
            }

            lines += page.Entries.Count;
            await body.FlushAsync(httpContext.RequestAborted).ConfigureAwait(false);
            if (page.Next is not { } next)
            {
                return;
            }

            page = lines < ApiLimits.HistoryTableLines ? await past.PageAsync(query with { Cursor = next }, httpContext.RequestAborted).ConfigureAwait(false) : null;
            cut = page is null ? next : null;
        }

        CsvText.WriteLine(body, ["cut", "", "", "", "", "", HistoryQuery.Write(cut!.Value), $"go on with cursor={HistoryQuery.Write(cut.Value)}", .. ReadingFigures.Names.Select(static _ => ""), ""]);
        await body.FlushAsync(httpContext.RequestAborted).ConfigureAwait(false);
    }

    private static IEnumerable<string> CellsOf(SubjectEntry entry) =>
    [
        entry.Kind,
        entry.Position.ToString(CultureInfo.InvariantCulture),
        FigureText.Time(entry.ReceivedMs),
        entry.AtMs is { } atMs ? FigureText.Time(atMs) : "",
        entry.Late is { } late ? (late ? "true" : "false") : "",
        CsvText.Safe(entry.Source),
        CsvText.Safe(entry.Id),
        CsvText.Safe(entry.Change),
        .. ReadingFigures.Names.Select(name => Figure(entry.Figures.FirstOrDefault(figure => figure.Name == name))),
        CsvText.Safe(Encoding.UTF8.GetString(entry.Detail.Span)),
    ];

    private static string Figure(ReadingFigure figure) => figure.Number is { } number ? number.ToString("R", CultureInfo.InvariantCulture) : CsvText.Safe(figure.Text);
}
