using System.Globalization;
using System.Reactive.Linq;
using System.Text.Json;
using System.Threading.Channels;
using Streaming.Grains.Access;
using Streaming.Grains.Messages;
using Streaming.Grains.Registers;
using Streaming.Ingest;
using Streaming.Ingest.Mqtt;
using Streaming.Silo.Access;
using Streaming.Silo.Supervision;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>Live streams: a department's alerts, a resource's way back, and the city's figures.</summary>
internal sealed class LiveRoutes(ApiServices services, ApiMetrics metrics, IHostApplicationLifetime lifetime)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/departments/{id}/alerts", AlertsAsync)
            .WithSummary("Live alerts of a department as server-sent events, resumed after Last-Event-ID (or ?lastEventId=, ?from=). Without either, new alerts only. ?district= names a district; the token's own by default.")
            .Produces(200, contentType: "text/event-stream").ProducesProblem(400).ProducesProblem(403).ProducesProblem(503).NotAudited("a department's own feed");
        routes.MapGet("/api/catalogue/{id}/joined", JoinedAsync)
            .WithSummary("The way back of a resource as server-sent events, resumed after Last-Event-ID (or ?lastEventId=, ?from=): what others say of the entries that it speaks of. Without either, new items only.")
            .Produces(200, contentType: "text/event-stream").ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503).NotAudited("a department's own registers, masked as looked up");
        routes.MapGet("/api/city/figures", (Delegate)FiguresAsync).WithSummary("What is open now: warnings by severity, cases, overdue cases, per district and street and in all; of the department that the token is kept to, or else of all together. overloadRate: what was weighed and over the limit today (the city's day, so far) and on the whole of the same weekday a week ago, in the token's district. readingsPerSecond (over ten seconds) and silentSources are null but for who sees the whole city.").NotAudited("figures");
        routes.MapGet("/api/city/figures/live", (Delegate)LiveFiguresAsync).WithSummary("The same as server-sent events: with every change, at most twice a second, and every ten seconds besides.").Produces(200, contentType: "text/event-stream").ProducesProblem(503).NotAudited("figures");
    }

    private async Task<IResult> AlertsAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        string district = ListQuery.Value(context.Request.Query, "district") ?? caller.District;
        string? wrong = Validation.Name(id, "The department") ?? Validation.DistrictOrCity(district);
        if (wrong is not null)
        {
            return Refusal.Invalid(wrong);
        }

        if (caller.Scope.Department is { } department && department != id)
        {
            return Refusal.Forbidden($"This token hears the department '{department}' only.");
        }

        if (ListQuery.OfAnother(district, caller) is { } another)
        {
            return another;
        }

        string feed = $"{id}/{district}";
        (long after, Refusal? refusal) = Start(context.Request, feed);
        if (refusal is not null)
        {
            return refusal;
        }

        return await StreamAsync(context, (stream, cancellation) => SendFeedAsync(stream, feed, after, "alert"u8.ToArray(), () => Gate.IsCurrent(context), item => item, cancellation)).ConfigureAwait(false);
    }

    /// <summary>What the caller would not see in the register is left out of each item as it is read. Whether the caller may still hear it goes by the registration of the resource as it is then.</summary>
    private async Task<IResult> JoinedAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        SourceRegistration? resource = services.Access.FindDevice(id);
        if (resource is null || !ResourceRights.MaySee(caller.Scope, resource.Owner, resource.District))
        {
            return CatalogueRoutes.Unknown(id);
        }

        if (!MayHear())
        {
            return Refusal.Forbidden($"The register {resource.Register} is about persons; supervisors, inspectors and administrators hear what is joined with it.");
        }

        string feed = ResourceFeeds.FeedOf(id);
        (long after, Refusal? refusal) = Start(context.Request, feed);
        return refusal is not null
            ? refusal
            : await StreamAsync(context, (stream, cancellation) => SendFeedAsync(
                stream, feed, after, "joined"u8.ToArray(), () => Gate.IsCurrent(context) && MayHear(), item => JoinedView.Read(item, caller.Supervises, caller.Scope.District), cancellation)).ConfigureAwait(false);

        bool MayHear() => services.Access.FindDevice(id) is { } now && ResourceRights.MayHear(caller.Scope, caller.Supervises, now);
    }

    /// <summary>
    /// The feed is the queue: what a reader has not taken waits there, under its number, and not in memory. The loop ends with the reader, with the process, or when the reader may not hear it any more.
    /// </summary>
    private async Task SendFeedAsync(EventStream stream, string feed, long after, byte[] name, Func<bool> mayHear, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> mask, CancellationToken cancellation)
    {
        bool alive = await stream.BeginAsync(Newest(feed), cancellation).ConfigureAwait(false);
        while (alive && mayHear())
        {
            IReadOnlyList<FeedItem> items = await services.Feeds.ReadAsync(feed, after, ApiLimits.FeedItemsPerWrite, cancellation).ConfigureAwait(false);
            foreach (FeedItem item in items)
            {
                stream.Event(item.Number, name, mask(item.Json).Span);
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
            : (0, Refusal.Invalid("Last-Event-ID is the number of the last item seen, from its 'id:' line; 0 begins with the first.", "lastEventId"));
    }

    private async Task<IResult> FiguresAsync(HttpContext context) => new RawJson(await WriteAsync(await services.Figures.NowAsync(context.RequestAborted).ConfigureAwait(false), Gate.Caller(context), context.RequestAborted).ConfigureAwait(false));

    private Task<IResult> LiveFiguresAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        return StreamAsync(context, (stream, cancellation) => SendFiguresAsync(stream, caller, () => Gate.IsCurrent(context), cancellation));
    }

    private async Task SendFiguresAsync(EventStream stream, Principal caller, Func<bool> mayHear, CancellationToken cancellation)
    {
        // Only the newest figures matter: a slow reader skips some.
        Channel<IReadOnlyList<DistrictFigures>> newest = Channel.CreateBounded<IReadOnlyList<DistrictFigures>>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        using IDisposable subscription = services.Figures.Live.Subscribe(figures => newest.Writer.TryWrite(figures), _ => newest.Writer.TryComplete(), () => newest.Writer.TryComplete());
        newest.Writer.TryWrite(await services.Figures.NowAsync(cancellation).ConfigureAwait(false));
        bool alive = await stream.BeginAsync("figures", cancellation).ConfigureAwait(false);
        IReadOnlyList<DistrictFigures> figures = [];
        while (alive && mayHear())
        {
            using CancellationTokenSource quiet = new(ApiLimits.FiguresEvery, services.Time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, cancellation);
            try
            {
                figures = await newest.Reader.ReadAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Nothing was opened or closed; what comes in and what is weighed goes on.
            }
            catch (ChannelClosedException)
            {
                return;
            }

            byte[] written = await WriteAsync(figures, caller, cancellation).ConfigureAwait(false);
            stream.Event(null, "figures"u8, written);
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

    private async ValueTask<byte[]> WriteAsync(IReadOnlyList<DistrictFigures> figures, Principal caller, CancellationToken cancellation)
    {
        DistrictFigures[] shown = [.. figures.Where(district => district.Department == caller.Scope.Department && caller.Scope.HasDistrict(district.District))];
        long today = ScoreFold.DayOf(services.Time.GetUtcNow().ToUnixTimeMilliseconds(), services.Rules().Calendar.UtcOffsetMinutes);
        OverloadFigures overloads = await services.Figures.OverloadsAsync(caller.Scope.District, today, cancellation).ConfigureAwait(false);
        long[] bySeverity = new long[4];
        foreach (DistrictFigures district in shown)
        {
            for (int i = 0; i < bySeverity.Length; i++)
            {
                bySeverity[i] += district.Warnings[i];
            }
        }

        return ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("districts");
            foreach (DistrictFigures district in shown)
            {
                json.WriteStartObject();
                json.WriteString("district", district.District);
                Numbers(json, "warnings", district.Warnings);
                json.WriteNumber("cases", district.Cases);
                json.WriteNumber("overdue", district.Overdue);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Numbers(json, "bySeverity", bySeverity);
            json.WriteNumber("cases", shown.Sum(district => district.Cases));
            json.WriteNumber("overdue", shown.Sum(district => district.Overdue));
            json.WriteStartObject("overloadRate");
            Weighed(json, "today", overloads.Today);
            Weighed(json, "weekAgo", overloads.WeekAgo);
            json.WriteEndObject();
            if (caller.Scope == default)
            {
                json.WriteNumber("readingsPerSecond", services.Traffic.ReadingsPerSecond);
                json.WriteNumber("silentSources", services.MapBook.Silent);
            }
            else
            {
                json.WriteNull("readingsPerSecond");
                json.WriteNull("silentSources");
            }

            json.WriteEndObject();
        });
    }

    private static void Numbers(Utf8JsonWriter json, string name, long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static void Weighed(Utf8JsonWriter json, string name, WeighedDay day)
    {
        json.WriteStartObject(name);
        json.WriteNumber("weighed", day.Weighed);
        json.WriteNumber("over", day.Over);
        json.WriteEndObject();
    }
}
