using System.Text;
using System.Text.Json;
using Streaming.Grains.Access;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Mqtt;
using Streaming.Models.Registers;
using Streaming.Silo.Access;
using Streaming.Silo.Catalogue;
using Streaming.Silo.Views;

namespace Streaming.Silo.Api;

/// <summary>
/// The catalogue: every registered source as a resource, with what it sends, how well, and who uses it; and what is sent by nobody who is registered. The list has rows that are up to five minutes old in their figures; one resource is as its actor has it.
/// </summary>
internal sealed class CatalogueRoutes(ApiServices services)
{
    /// <summary>The address that no device may be called by.</summary>
    public const string Unregistered = "unregistered";

    private const long HourMs = 3_600_000;
    private const long DayMs = 24 * HourMs;

    private static readonly string[] Bands = ["within1S", "within10S", "within1Min", "within10Min", "within1H", "later"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/catalogue", (Delegate)ListAsync)
            .WithSummary($"Data resources, the one registered last first. Filters: owner, district, kind, state ({string.Join(", ", ResourceStates.All)}), limit, after.").ProducesProblem(400).ProducesProblem(403).NotAudited("what is measured of resources");
        routes.MapGet($"/api/catalogue/{Unregistered}", (Delegate)UnregisteredAsync)
            .WithSummary("What is sent and unregistered: sign-ins under unknown names, topics that a device may not publish on or that there are none of, messages of outside brokers without a device. Newest first.").ProducesProblem(403).NotAudited("who sends what nobody registered");
        routes.MapGet("/api/catalogue/{id}", (HttpContext context, string id) => ResourceAsync(context, id))
            .WithSummary("One resource: owner, what it sends, how much is expected of it, its measured volume, timeliness and accuracy, and who uses it.").ProducesProblem(404).NotAudited("what is measured of a resource");
    }

    public static Refusal Unknown(string id) => Refusal.NotFound($"There is no resource '{id}' in the catalogue. Check the id; what is sent by nobody who is registered is under /api/catalogue/{Unregistered}.");

    private async Task<IResult> ListAsync(HttpContext context)
    {
        (ViewQuery? query, Refusal? refusal) = ListQuery.Read(context.Request.Query, View.Resources, ["owner", "district", "kind", "state"]);
        if (refusal is not null)
        {
            return refusal;
        }

        if (query!.State is { } state && !ResourceStates.All.Contains(state))
        {
            return Refusal.Invalid($"There is no state '{state}'; there are {string.Join(", ", ResourceStates.All)}.", "state");
        }

        TokenScope scope = Gate.Caller(context).Scope;
        if (query.Owner is { } owner && !scope.HasDepartment(owner))
        {
            return Refusal.Forbidden($"This token sees the resources of the department '{scope.Department}' only.");
        }

        if (query.District is { } district && !scope.HasDistrict(district))
        {
            return Refusal.Forbidden($"This token sees the district '{scope.District}' only.");
        }

        query = query with { Owner = query.Owner ?? scope.Department, District = query.District ?? scope.District };
        return new PageResult(await services.Lists.ListAsync(query, context.RequestAborted).ConfigureAwait(false));
    }

    private async Task<IResult> ResourceAsync(HttpContext context, string id)
    {
        byte[]? shown = Encoding.UTF8.GetByteCount(id) <= ApiLimits.NameBytes ? await services.Lists.FindAsync(View.Resources, id, context.RequestAborted).ConfigureAwait(false) : null;
        ResourceRow? row = shown is null ? null : JsonSerializer.Deserialize(shown, GrainsJson.Default.ResourceRow);
        if (row is null || !ResourceRights.MaySee(Gate.Caller(context).Scope, row.Owner, row.District))
        {
            return Unknown(id);
        }

        byte[]? described = await services.Host.DescribeAsync(ActorKind.Source, id, context.RequestAborted).ConfigureAwait(false);
        using JsonDocument? source = described is null ? null : JsonDocument.Parse(described);
        IReadOnlyList<ResourceUse> uses = await services.Lists.UsesAsync(id, context.RequestAborted).ConfigureAwait(false);
        long? differing = row.Register is { } register ? await services.Lists.DifferingAsync(register, id, context.RequestAborted).ConfigureAwait(false) : null;
        long nowMs = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        return new RawJson(ApiJson.Write(json =>
        {
            json.WriteStartObject();
            WriteHead(json, row, source?.RootElement);
            WriteSends(json, services.Access.FindDevice(id));
            WriteExpected(json, row.Expected);
            WriteQuality(json, row, source?.RootElement, differing, nowMs);
            WriteConsumers(json, id, uses);
            json.WriteEndObject();
        }));
    }

    private static void WriteHead(Utf8JsonWriter json, ResourceRow row, JsonElement? source)
    {
        json.WriteString("id", row.Id);
        json.WriteString("kind", row.Kind);
        Word(json, "owner", row.Owner);
        json.WriteString("district", row.District);
        string state = Member(source, "state")?.GetString() ?? row.State;
        json.WriteString("state", state);
        JsonElement? lastSeen = Member(source, "lastSeen");
        if (lastSeen is { } seen)
        {
            Copy(json, "lastSeen", seen);
            if (state == ResourceStates.Silent)
            {
                Copy(json, "silentSince", seen);
            }
        }

        foreach (string name in (string[])["online", "statusAt"])
        {
            if (Member(source, name) is { } value)
            {
                Copy(json, name, value);
            }
        }

        if (row.Joined == true)
        {
            json.WriteBoolean("joined", true);
        }

        if (Member(source, "told") is { } told)
        {
            Copy(json, "told", told);
        }
    }

    /// <summary>Topics and formats of a device; the register, its fields and what the source calls them.</summary>
    private static void WriteSends(Utf8JsonWriter json, SourceRegistration? registration)
    {
        if (registration is null)
        {
            return;
        }

        json.WriteStartObject("sends");
        json.WriteStartArray("topics");
        foreach (string topic in registration.Topics)
        {
            json.WriteStringValue(topic);
        }

        json.WriteEndArray();
        json.WriteStartArray("formats");
        foreach (ResourceFormat format in ResourceFormat.Of(registration))
        {
            json.WriteStartObject();
            json.WriteString("topic", format.Topic);
            json.WriteString("format", format.Format);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (registration.Register is { } register && RegisterSchema.Find(register) is { } schema)
        {
            json.WriteString("register", schema.Name);
            json.WriteStartArray("fields");
            foreach (RegisterField field in schema.Fields)
            {
                RegisterRoutes.Write(json, field);
            }

            json.WriteEndArray();
            if (registration.Mapping is { } mapping)
            {
                json.WritePropertyName("mapping");
                JsonSerializer.Serialize(json, mapping, GrainsJson.Default.RegisterMapping);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>The threshold as it is in force, given or derived.</summary>
    private static void WriteExpected(Utf8JsonWriter json, ResourceExpectation? expected)
    {
        if (expected is null)
        {
            return;
        }

        json.WriteStartObject("expected");
        Number(json, "perMinute", expected.PerMinute);
        Number(json, "perDay", expected.PerDay);
        Number(json, "silentAfterS", expected.SilentAfterMs() / 1000);
        json.WriteEndObject();
    }

    private static void WriteQuality(Utf8JsonWriter json, ResourceRow row, JsonElement? source, long? differing, long nowMs)
    {
        if (source is not { } state || Member(source, "quality") is not { } quality)
        {
            return;
        }

        long accepted = state.GetProperty("accepted").GetInt64();
        long rejected = state.GetProperty("rejected").GetInt64();
        json.WriteStartObject("volume");
        Copy(json, "since", quality.GetProperty("since"));
        Copy(json, "publishes", state.GetProperty("publishes"));
        json.WriteNumber("accepted", accepted);
        WriteLast24Hours(json, row.Expected, quality, nowMs);
        Copy(json, "hours", quality.GetProperty("hours"));
        Copy(json, "days", quality.GetProperty("days"));
        json.WriteEndObject();

        json.WriteStartObject("timeliness");
        int band = 0;
        foreach (JsonElement count in quality.GetProperty("late").EnumerateArray())
        {
            Copy(json, Bands[band++], count);
        }

        json.WriteEndObject();

        json.WriteStartObject("accuracy");
        json.WriteNumber("rejected", rejected);
        if (accepted + rejected > 0)
        {
            json.WriteNumber("rejectedPermille", rejected * 1000 / (accepted + rejected));
        }

        Copy(json, "rejectedBy", quality.GetProperty("rejectedBy"));
        Copy(json, "unidentified", state.GetProperty("unidentified"));
        Number(json, "differing", differing);
        json.WriteEndObject();
    }

    /// <summary>The 24 clock hours (UTC) up to and with the present one, against what was expected in that time as far as it was measured.</summary>
    private static void WriteLast24Hours(Utf8JsonWriter json, ResourceExpectation? expected, JsonElement quality, long nowMs)
    {
        long fromMs = Math.Max(quality.GetProperty("since").GetDateTimeOffset().ToUnixTimeMilliseconds(), ((nowMs / HourMs) - 23) * HourMs);
        long accepted = 0;
        long rejected = 0;
        foreach (JsonElement hour in quality.GetProperty("hours").EnumerateArray())
        {
            if (hour.GetProperty("from").GetDateTimeOffset().ToUnixTimeMilliseconds() > nowMs - DayMs)
            {
                accepted += hour.GetProperty("accepted").GetInt64();
                rejected += hour.GetProperty("rejected").GetInt64();
            }
        }

        json.WriteStartObject("last24Hours");
        json.WriteString("from", DateTimeOffset.FromUnixTimeMilliseconds(fromMs));
        json.WriteNumber("accepted", accepted);
        json.WriteNumber("rejected", rejected);
        long? wanted = expected?.Within(Math.Max(0, nowMs - fromMs));
        Number(json, "expected", wanted);
        if (wanted > 0)
        {
            json.WriteNumber("permille", accepted * 1000 / wanted.Value);
        }

        json.WriteEndObject();
    }

    private void WriteConsumers(Utf8JsonWriter json, string id, IReadOnlyList<ResourceUse> uses)
    {
        json.WriteStartObject("consumers");
        json.WriteStartArray("cited");
        foreach (ResourceUse use in uses)
        {
            Write(json, DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(use.Day * DayMs).UtcDateTime), use.Consumer, use.Uses);
        }

        json.WriteEndArray();
        json.WriteStartObject("lookUps");
        json.WriteString("since", services.LookUps.Since);
        json.WriteStartArray("days");
        foreach (ResourceLookUp look in services.LookUps.Of(id))
        {
            Write(json, look.Day, look.Consumer, look.Uses);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteNumber("listening", services.Feeds.WaitersOf(ResourceFeeds.FeedOf(id)));
        json.WriteEndObject();

        static void Write(Utf8JsonWriter json, DateOnly day, string consumer, long uses)
        {
            json.WriteStartObject();
            json.WriteString("day", day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteString("consumer", consumer);
            json.WriteNumber("uses", uses);
            json.WriteEndObject();
        }
    }

    private async Task<IResult> UnregisteredAsync(HttpContext context)
    {
        Principal caller = Gate.Caller(context);
        if (caller.Role == Role.Member || caller.Scope != default)
        {
            return Refusal.Forbidden("What is sent and unregistered is nobody's district and department; operators and above of the whole city see it.");
        }

        (IReadOnlyList<UnregisteredTopic> topics, long dropped) = await services.Lists.UnregisteredAsync(ApiLimits.UnregisteredRows, context.RequestAborted).ConfigureAwait(false);
        return new RawJson(ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("signIns");
            foreach (Stranger stranger in services.Access.Strangers.Newest(ApiLimits.UnregisteredRows))
            {
                json.WriteStartObject();
                json.WriteString("name", stranger.Name);
                json.WriteNumber("count", stranger.Count);
                json.WriteString("first", stranger.First);
                json.WriteString("last", stranger.Last);
                Word(json, "from", stranger.Address);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("signInsDropped", services.Access.Strangers.Dropped);
            json.WriteStartArray("topics");
            foreach (UnregisteredTopic topic in topics)
            {
                json.WriteStartObject();
                json.WriteString("topic", topic.Topic);
                json.WriteString("from", topic.Source);
                json.WriteString("reason", JsonNamingPolicy.CamelCase.ConvertName(topic.Reason.ToString()));
                json.WriteNumber("count", topic.Count);
                json.WriteString("first", DateTimeOffset.FromUnixTimeMilliseconds(topic.FirstMs));
                json.WriteString("last", DateTimeOffset.FromUnixTimeMilliseconds(topic.LastMs));
                json.WriteString("detail", topic.Detail);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("topicsDropped", dropped);
            json.WriteEndObject();
        }));
    }

    private static JsonElement? Member(JsonElement? element, string name) => element is { } known && known.TryGetProperty(name, out JsonElement value) ? value : null;

    private static void Copy(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        value.WriteTo(json);
    }

    private static void Word(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void Number(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
