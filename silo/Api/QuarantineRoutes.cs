using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;
using Streaming.Silo.Access;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>
/// Payloads that did not fit: listed, shown one by one, and sent in once more, as they are or corrected. What is sent in once more takes the way of the source's own publish: by its registration as it is now, its topics, the decoder, the journal. That it was is in
/// the audit, and the list shows it from there; so it follows from the journal, as the list does.
/// </summary>
internal sealed class QuarantineRoutes(ApiServices services) : IDisposable
{
    /// <summary>Subject kind of the audit's entries about quarantined payloads.</summary>
    public const string SubjectKind = "quarantine";

    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    /// <summary>One at a time, so that two who press the same button do it once.</summary>
    private readonly SemaphoreSlim one = new(1, 1);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/quarantine", (Delegate)ListAsync)
            .WithSummary("Payloads that did not fit, newest first, with the reason; 'resubmitted' (by, at, accepted, refused) of one that was sent in once more. Filters: source, limit, after.").ProducesProblem(403).NotAudited("what could not be read");
        routes.MapGet("/api/quarantine/{id}", (HttpContext context, string id) => OneAsync(context, id))
            .WithSummary("One payload that did not fit: reason, detail, source, topic, time, payload (text, or base64 with encoding).").ProducesProblem(403).ProducesProblem(404).NotAudited("what could not be read");
        routes.MapPost("/api/quarantine/{id}/resubmit", (HttpContext context, string id) => ResubmitAsync(context, id))
            .WithSummary(
                "Sends a payload in once more as its source would now, as it is or corrected ('payload', with 'encoding': 'base64' where it is no text): accepted readings, and refused elements with reason and detail. Where nothing of it is accepted nothing is kept, and it may be tried again. Once something was accepted it is done, however often it "
                + "is sent. For administrators, and supervisors of the source's district.")
            .Accepts<ResubmitRequest>("application/json", RequestBody.AnyType).Produces<Resubmission>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503).AuditedAsChange(SubjectKind, "id");
    }

    public void Dispose() => one.Dispose();

    private async Task<IResult> ListAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (Closed(caller) is { } closed)
        {
            return closed;
        }

        (_, Refusal? refusal) = ListQuery.Read(context.Request.Query, Grains.Turns.View.Devices, ["source"]);
        (int limit, long? after, Refusal? paging) = ListQuery.Paging(context.Request.Query, ViewLimits.QuarantinePageRows);
        if ((refusal ?? paging) is { } wrong)
        {
            return wrong;
        }

        Page<QuarantineItem> page = await services.Lists.QuarantineAsync(ListQuery.Value(context.Request.Query, "source"), caller.Scope.District, after, limit, context.RequestAborted).ConfigureAwait(false);
        return new PageResult(new Page<byte[]>([.. page.Items.Select(Write)], page.Next));
    }

    private async Task<IResult> OneAsync(HttpContext context, string id)
    {
        (QuarantineItem? item, Refusal? refusal) = await FindAsync(context, id).ConfigureAwait(false);
        return refusal as IResult ?? new RawJson(Write(item!));
    }

    private async Task<IResult> ResubmitAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role is not (Role.Administrator or Role.Supervisor))
        {
            return Refusal.Forbidden("Administrators, and supervisors of the source's district, send payloads in once more.");
        }

        (ResubmitRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.ResubmitRequest, mayBeEmpty: true).ConfigureAwait(false);
        (byte[]? corrected, refusal) = refusal is null ? Corrected(request!) : (null, refusal);
        if (refusal is not null)
        {
            return refusal;
        }

        await one.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            (QuarantineItem? item, refusal) = await FindAsync(context, id).ConfigureAwait(false);
            if (refusal is not null)
            {
                return refusal;
            }

            if (item!.Resubmitted is { Accepted: > 0 } before)
            {
                return new RawJson(ApiJson.Bytes(new Resubmission(id, before.Accepted, before.Refused, [], before), ApiJson.Default.Resubmission));
            }

            return await SendAsync(context, item, corrected ?? item.Payload).ConfigureAwait(false);
        }
        finally
        {
            one.Release();
        }
    }

    private async Task<IResult> SendAsync(HttpContext context, QuarantineItem item, byte[] payload)
    {
        if (services.Access.FindDevice(item.Source) is not { } device)
        {
            return Refusal.Conflict($"No device is registered as '{item.Source}', so nobody could have sent this. Register it, then try again.", []);
        }

        if (device.Disabled == true)
        {
            return Refusal.Conflict($"The device '{item.Source}' is cut off. Enable it, then try again.", []);
        }

        byte[] topic = Encoding.UTF8.GetBytes(item.Topic);
        if (new TopicPermissions(device.Topics).Judge(topic, out bool allowed) != MqttRefusal.None || !allowed)
        {
            return Refusal.Conflict($"The device '{item.Source}' may not publish on {item.Topic}. Register it with that topic, then try again.", []);
        }

        if (services.Host.NotReady is { } reason)
        {
            return Refusal.Unavailable(reason);
        }

        ByteWriter record = new(payload.Length + 4 * 1024);
        SourceContext source = new(device) { Rules = services.ReadingRules };
        EncodeOutcome outcome = PublishEncoder.Encode(record, source, topic, payload, services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        RefusedElement[] refused = Rejections(record.Written);
        AuditedCall call = AuditedCall.Of(context);
        call.What = QuarantineMark.Text(outcome.Accepted, outcome.Rejected);
        await call.BeginAsync().ConfigureAwait(false);
        if (outcome.Accepted > 0)
        {
            Appended appended = await services.Intake.AppendAsync(record.Written.ToArray(), context.RequestAborted).ConfigureAwait(false);
            if (appended.Refusal is { } why)
            {
                return Refusal.Unavailable(why);
            }

            await services.Intake.WaitDurableAsync(appended.LastPosition).ConfigureAwait(false);

            // The entry's end is what the list shows; it is written now, so that who sends this again finds it.
            await call.EndAsync(StatusCodes.Status200OK).ConfigureAwait(false);
            call.IsCovered = true;
            await MarkedAsync(item, context.RequestAborted).ConfigureAwait(false);
        }

        return new RawJson(ApiJson.Bytes(new Resubmission(IdOf(item.Position, item.Element), outcome.Accepted, outcome.Rejected, refused, null), ApiJson.Default.Resubmission));
    }

    /// <summary>Waits until the list says that it was sent in, so that who sends it again is told so.</summary>
    private async ValueTask MarkedAsync(QuarantineItem item, CancellationToken cancellation)
    {
        long began = services.Time.GetTimestamp();
        while (await services.Lists.QuarantinedAsync(item.Position, item.Element, null, cancellation).ConfigureAwait(false) is { Resubmitted: null } && services.Time.GetElapsedTime(began) < ViewLimits.ListsWait)
        {
            await Task.Delay(ApiLimits.LookAgain, services.Time, cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask<(QuarantineItem? Item, Refusal? Refusal)> FindAsync(HttpContext context, string id)
    {
        Principal caller = Gate.Caller(context);
        if (Closed(caller) is { } closed)
        {
            return (null, closed);
        }

        string[] parts = id.Split('-');
        QuarantineItem? item = parts is [var at, var element] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out long position) && int.TryParse(element, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && IdOf(position, number) == id
            ? await services.Lists.QuarantinedAsync(position, number, caller.Scope.District, context.RequestAborted).ConfigureAwait(false)
            : null;
        return item is null ? (null, Refusal.NotFound($"There is no quarantined payload '{id}', or it is not kept any more.")) : (item, null);
    }

    private static Refusal? Closed(Principal caller) => caller.Role == Role.Member ? Refusal.Forbidden("A department's member does not see quarantined payloads; operators and above do.") : null;

    private static (byte[]? Payload, Refusal? Refusal) Corrected(ResubmitRequest request)
    {
        if (request.Payload is null)
        {
            return request.Encoding is null ? (null, null) : (null, Refusal.Invalid("An encoding goes with a payload.", "payload"));
        }

        if (request.Encoding is not (null or "base64"))
        {
            return (null, Refusal.Invalid("Expected encoding 'base64', or none for text.", "encoding"));
        }

        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(request.Payload)];
        if (request.Encoding is null)
        {
            Encoding.UTF8.GetBytes(request.Payload, bytes);
            return (bytes, null);
        }

        return Convert.TryFromBase64String(request.Payload, bytes, out int length) ? (bytes[..length], null) : (null, Refusal.Invalid("The payload is not base64.", "payload"));
    }

    private static RefusedElement[] Rejections(ReadOnlySpan<byte> records)
    {
        List<RefusedElement> refused = [];
        foreach (Rejection rejection in PublishRecord.Read(Record.Next(ref records).Body).GetRejections())
        {
            if (refused.Count == ViewLimits.QuarantineRowsPerRecord)
            {
                break;
            }

            refused.Add(new RefusedElement(Name(rejection.Reason), rejection.Detail));
        }

        return [.. refused];
    }

    /// <summary>Where it stands in the journal, in its one form: the audit names it by this.</summary>
    private static string IdOf(long position, int element) => string.Create(CultureInfo.InvariantCulture, $"{position}-{element}");

    private static string Name(RejectReason reason) => JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());

    private static byte[] Write(QuarantineItem item) => ApiJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", IdOf(item.Position, item.Element));
        json.WriteString("reason", Name(item.Reason));
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

        if (item.Resubmitted is { } mark)
        {
            json.WritePropertyName("resubmitted");
            JsonSerializer.Serialize(json, mark, ApiJson.Default.QuarantineMark);
        }

        json.WriteEndObject();
    });

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

/// <summary>A payload to be sent in once more.</summary>
/// <param name="Payload">As it is to be; null for as it came.</param>
/// <param name="Encoding"><c>base64</c>, or null for text.</param>
internal sealed record ResubmitRequest(string? Payload = null, string? Encoding = null);

/// <summary>What became of a payload that was sent in once more.</summary>
/// <param name="Accepted">Readings that were accepted.</param>
/// <param name="RefusedCount">Elements that were not; where others were accepted they are in the list anew.</param>
/// <param name="Refused">The first of them; none where it was sent in before.</param>
/// <param name="Resubmitted">Where it was sent in before: by whom and when. Nothing was done now.</param>
internal sealed record Resubmission(string Id, int Accepted, int RefusedCount, RefusedElement[] Refused, QuarantineMark? Resubmitted);

/// <summary>Why an element was refused.</summary>
internal sealed record RefusedElement(string Reason, string Detail);
