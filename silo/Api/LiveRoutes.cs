using System.Buffers;
using System.Globalization;
using System.Reactive.Linq;
using System.Text.Json;
using System.Threading.Channels;
using Streaming.Grains.Messages;
using Streaming.Ingest;
using Streaming.Silo.Access;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>Live streams: a department's alerts and the city's figures.</summary>
internal sealed class LiveRoutes(ApiServices services, ApiMetrics metrics, IHostApplicationLifetime lifetime)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/departments/{id}/alerts", AlertsAsync)
            .WithSummary("Live alerts of a department as server-sent events, resumed after Last-Event-ID (or ?lastEventId=, ?from=). Without either, new alerts only. ?district= names a district; the token's own by default.")
            .Produces(200, contentType: "text/event-stream").ProducesProblem(400).ProducesProblem(403).ProducesProblem(503);
        routes.MapGet("/api/city/figures", (Delegate)FiguresAsync).WithSummary("What is open now: warnings by severity, cases, overdue cases, per district.").ProducesProblem(403);
        routes.MapGet("/api/city/figures/live", (Delegate)LiveFiguresAsync).WithSummary("The same as server-sent events, at most twice a second.").Produces(200, contentType: "text/event-stream").ProducesProblem(403).ProducesProblem(503);
    }

    private async Task<IResult> AlertsAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        string district = ListQuery.Value(context.Request.Query, "district") ?? caller.District;
        string? wrong = Validation.Name(id, "The department") ?? Validation.District(district);
        if (wrong is not null)
        {
            return Refusal.Invalid(wrong);
        }

        if (caller.DepartmentScope is { } department && department != id)
        {
            return Refusal.Forbidden($"This token hears the department '{department}' only.");
        }

        if (caller.DistrictScope is { } own && own != district)
        {
            return Refusal.Forbidden($"This token hears the district '{own}' only.");
        }

        string feed = $"{id}/{district}";
        (long after, Refusal? refusal) = Start(context.Request, feed);
        if (refusal is not null)
        {
            return refusal;
        }

        return await StreamAsync(context, (stream, cancellation) => SendAlertsAsync(stream, caller, feed, after, cancellation)).ConfigureAwait(false);
    }

    /// <summary>
    /// The feed is the queue: what a reader has not taken waits there, under its number, and not in memory. The loop ends with the reader, with the process, or when the token is no longer in force.
    /// </summary>
    private async Task SendAlertsAsync(EventStream stream, Principal caller, string feed, long after, CancellationToken cancellation)
    {
        bool alive = await stream.BeginAsync(Newest(feed), cancellation).ConfigureAwait(false);
        while (alive && services.Access.IsCurrent(caller))
        {
            IReadOnlyList<FeedItem> items = await services.Feeds.ReadAsync(feed, after, ApiLimits.FeedItemsPerWrite, cancellation).ConfigureAwait(false);
            foreach (FeedItem item in items)
            {
                stream.Event(item.Number, "alert"u8, item.Json.Span);
                after = item.Number;
            }

            if (items.Count == 0 && !await WaitAsync(feed, after, cancellation).ConfigureAwait(false))
            {
                stream.Comment(Newest(feed));
            }

            alive = await stream.FlushAsync(cancellation).ConfigureAwait(false);
            metrics.Sent(items.Count);
        }
    }

    /// <summary>False after the time of a heartbeat.</summary>
    private async Task<bool> WaitAsync(string feed, long after, CancellationToken cancellation)
    {
        using CancellationTokenSource quiet = new(ApiLimits.Heartbeat, services.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, cancellation);
        try
        {
            await services.Feeds.WaitAsync(feed, after, either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>A reader that holds a higher number than this comes from another data directory and should begin anew.</summary>
    private string Newest(string feed) => string.Create(CultureInfo.InvariantCulture, $"newest {services.Feeds.Last(feed)}");

    private (long After, Refusal? Refusal) Start(HttpRequest request, string feed)
    {
        string? given = request.Headers["Last-Event-ID"] is [{ Length: > 0 } header]
            ? header
            : ListQuery.Value(request.Query, "lastEventId") ?? ListQuery.Value(request.Query, "from");
        if (given is null)
        {
            return (services.Feeds.Last(feed), null);
        }

        return long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out long after)
            ? (after, null)
            : (0, Refusal.Invalid("Last-Event-ID is the number of the last alert seen, from its 'id:' line; 0 begins with the first.", "lastEventId"));
    }

    private async Task<IResult> FiguresAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        return caller.Role == Role.Member
            ? Refusal.Forbidden("The city's figures are for operators and above.")
            : new RawJson(Write(await services.Figures.NowAsync(context.RequestAborted).ConfigureAwait(false), caller));
    }

    private async Task<IResult> LiveFiguresAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        return caller.Role == Role.Member
            ? Refusal.Forbidden("The city's figures are for operators and above.")
            : await StreamAsync(context, (stream, cancellation) => SendFiguresAsync(stream, caller, cancellation)).ConfigureAwait(false);
    }

    private async Task SendFiguresAsync(EventStream stream, Principal caller, CancellationToken cancellation)
    {
        // Only the newest figures matter: a slow reader skips some.
        Channel<IReadOnlyList<DistrictFigures>> newest = Channel.CreateBounded<IReadOnlyList<DistrictFigures>>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        using IDisposable subscription = services.Figures.Live.Subscribe(figures => newest.Writer.TryWrite(figures), _ => newest.Writer.TryComplete(), () => newest.Writer.TryComplete());
        newest.Writer.TryWrite(await services.Figures.NowAsync(cancellation).ConfigureAwait(false));
        bool alive = await stream.BeginAsync("figures", cancellation).ConfigureAwait(false);
        while (alive && services.Access.IsCurrent(caller))
        {
            using CancellationTokenSource quiet = new(ApiLimits.Heartbeat, services.Time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, cancellation);
            try
            {
                IReadOnlyList<DistrictFigures> figures = await newest.Reader.ReadAsync(either.Token).ConfigureAwait(false);
                stream.Event(null, "figures"u8, Write(figures, caller));
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                stream.Comment("alive");
            }
            catch (ChannelClosedException)
            {
                return;
            }

            alive = await stream.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<IResult> StreamAsync(HttpContext context, Func<EventStream, CancellationToken, Task> send)
    {
        if (!metrics.TryOpenStream())
        {
            return Refusal.Unavailable($"{ApiLimits.LiveStreams} live streams are open already; try again later or close some.");
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await send(new EventStream(context, services.Time), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The reader left or the process ends: the stream simply ends, and resumes elsewhere by its number.
        }
        finally
        {
            metrics.CloseStream();
        }

        return Results.Empty;
    }

    private static byte[] Write(IReadOnlyList<DistrictFigures> figures, Principal caller)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartArray("districts");
            foreach (DistrictFigures district in figures.Where(district => caller.DistrictScope is not { } own || own == district.District))
            {
                json.WriteStartObject();
                json.WriteString("district", district.District);
                json.WriteStartArray("warnings");
                foreach (long count in district.Warnings)
                {
                    json.WriteNumberValue(count);
                }

                json.WriteEndArray();
                json.WriteNumber("cases", district.Cases);
                json.WriteNumber("overdue", district.Overdue);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
