using System.Text.Json;
using System.Text.Json.Serialization;
using Streaming.Grains.Messages;
using Streaming.Ingest.Registers;

namespace Streaming.Silo.Api;

/// <summary>Body of <c>POST /api/devices</c>.</summary>
/// <param name="Id">Id of the device, its MQTT user name.</param>
/// <param name="Password">A chosen password; without one, a secret is generated and returned once.</param>
/// <param name="Topics">MQTT topic filters that the device may publish on.</param>
/// <param name="Kind">What it is, as <c>wim</c> or <c>video</c>.</param>
/// <param name="District">Where it stands.</param>
/// <param name="AccuracyPct">For a weigh station: ± percent of the gross mass that 95 % of its records keep to.</param>
/// <param name="Enterprise">The enterprise it belongs to.</param>
/// <param name="Place">The place it watches.</param>
/// <param name="Latitude">Degrees, -90 to 90.</param>
/// <param name="Longitude">Degrees, -180 to 180.</param>
/// <param name="Owner">The department that answers for it.</param>
/// <param name="Certificate">SHA-256 of the certificate that lets it in without a password, as hexadecimal digits, with or without colons. Without <paramref name="Password"/> it has no password then.</param>
/// <param name="ReadingsPerSecond">Readings a second that it may send for long.</param>
/// <param name="BytesPerSecond">Bytes a second that it may send for long.</param>
/// <param name="PayloadBytes">Largest payload that it may send.</param>
/// <param name="Expected">How much is expected of it: <c>perMinute</c> or <c>perDay</c>, and after how long it is silent (<c>silentAfterS</c>, else derived).</param>
/// <param name="Joined">True where its owner asks to be told what others say of the entries that it speaks of.</param>
/// <param name="AccuracyClass">For a weigh station without a percentage: its class, as <c>COST 323 B+(7)</c> or <c>JJG 907 5</c>.</param>
internal sealed record DeviceRequest(
    string? Id,
    string? Password,
    string[]? Topics,
    string? Kind,
    string? District,
    double? AccuracyPct,
    string? Enterprise,
    string? Place,
    double? Latitude,
    double? Longitude,
    string? Owner,
    string? Certificate = null,
    int? ReadingsPerSecond = null,
    int? BytesPerSecond = null,
    int? PayloadBytes = null,
    string[]? Receives = null,
    string? Register = null,
    RegisterMapping? Mapping = null,
    ResourceExpectation? Expected = null,
    bool? Joined = null,
    string? AccuracyClass = null);

/// <summary>Answer to <c>POST /api/devices</c>: <see cref="Password"/> only where it was generated.</summary>
internal sealed record DeviceCreated(
    string Id,
    string Kind,
    string[] Topics,
    string District,
    double? AccuracyPct,
    string? Enterprise,
    string? Place,
    double? Latitude,
    double? Longitude,
    string? Owner,
    string? Password,
    string? Certificate,
    int? ReadingsPerSecond,
    int? BytesPerSecond,
    int? PayloadBytes,
    string[]? Receives = null,
    string? Register = null,
    RegisterMapping? Mapping = null,
    ResourceExpectation? Expected = null,
    bool? Joined = null,
    string? AccuracyClass = null);

/// <summary>Body of <c>POST /api/tokens</c>.</summary>
internal sealed record TokenRequest(string? Name, string? Role, string? Department, string? District, string[]? Publishes = null, string[]? Receives = null);

/// <summary>Answer to <c>POST /api/tokens</c>: the token is not shown again.</summary>
internal sealed record TokenCreated(string Name, string Role, string? Department, string District, string Token, string[]? Publishes = null, string[]? Receives = null);

/// <summary>A connection of a device or token. What is absent does not apply.</summary>
/// <param name="Transport"><c>tcp</c>, <c>tls</c> or <c>websocket</c>.</param>
/// <param name="Tls">Version of TLS.</param>
/// <param name="Certificate">SHA-256 of the certificate shown.</param>
/// <param name="Mqtt">Version of MQTT.</param>
/// <param name="SessionExpirySeconds">How long its session outlives the connection; 0: not.</param>
/// <param name="Since">When it was accepted.</param>
/// <param name="Publishes">Publishes taken.</param>
/// <param name="InFlight">Publishes taken and not yet acknowledged.</param>
/// <param name="Subscriptions">Subscriptions that it has.</param>
/// <param name="ReadingsPerSecond">Over the last seconds.</param>
/// <param name="BytesPerSecond">Over the last seconds.</param>
internal sealed record ConnectionRow(
    string? ClientId,
    string Address,
    string Transport,
    string? Tls,
    string? Certificate,
    string? Mqtt,
    uint SessionExpirySeconds,
    int KeepAliveSeconds,
    DateTimeOffset Since,
    long Publishes,
    int InFlight,
    int Subscriptions,
    double ReadingsPerSecond,
    double BytesPerSecond,
    RefusalRow? LastRefusal);

/// <summary>What was refused last, with its reason and time.</summary>
internal sealed record RefusalRow(DateTimeOffset At, string Refusal, string Detail, string? Address, string? ClientId);

/// <summary>Answer to <c>GET /api/devices/{id}/connections</c> and <c>/api/tokens/{name}/connections</c>.</summary>
/// <param name="Disabled">True while an administrator has cut the device off; absent for a token.</param>
/// <param name="LastRefusal">What was refused to it last, also where it is not connected now. Kept in memory: a restart forgets it.</param>
internal sealed record ConnectionsAnswer(string Id, bool? Disabled, IReadOnlyList<ConnectionRow> Connections, RefusalRow? LastRefusal);

/// <summary>Answer to <c>DELETE /api/devices/{id}/connections</c>: how many ended.</summary>
internal sealed record ConnectionsEnded(int Ended);

/// <summary>Answer to <c>GET /health/live</c> and <c>/health/ready</c>.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
/// <param name="Host">What runs the actors: <c>standalone</c> or <c>orleans</c>.</param>
/// <param name="Notes">What is not as it should be though readings are accepted, and what to do; absent where all is well.</param>
internal sealed record HealthAnswer(string Status, string Host, IReadOnlyList<string>? Notes = null);

/// <summary>Answer to <c>GET /api/me</c>.</summary>
/// <param name="Level"><c>city</c>, <c>district</c> or <c>street</c>: how much of the city the token is for.</param>
internal sealed record Me(string Name, string Role, string? Department, string District, string Level);

/// <summary>Body of an action on a work order. Evidence is a text, an object, or an array of them; objects are kept as their JSON.</summary>
internal record ActionRequest(string? Note, string? Outcome, JsonElement? Evidence, string? To = null, string[]? Departments = null, DateTimeOffset? Until = null, SortedDictionary<string, string>? Record = null);

/// <summary>Body of <c>POST /api/workorders/bulk</c>: one action on many work orders.</summary>
internal sealed record BulkRequest(
    string? Action, string[]? Ids, string? Note, string? Outcome, JsonElement? Evidence, string? To = null, string[]? Departments = null, DateTimeOffset? Until = null, SortedDictionary<string, string>? Record = null)
    : ActionRequest(Note, Outcome, Evidence, To, Departments, Until, Record);

/// <summary>What became of one work order of a bulk action.</summary>
/// <param name="Status">As the same action alone would have been answered: 200, 400, 403, 404, 409 or 503.</param>
/// <param name="Detail">Why it was not done; absent where it was.</param>
/// <param name="Allowed">What its state allows instead.</param>
internal sealed record BulkItem(string Id, int Status, string? Detail = null, string[]? Allowed = null);

/// <summary>Answer to a bulk action.</summary>
/// <param name="Done">How many were done.</param>
/// <param name="Items">In the order of the ids.</param>
internal sealed record BulkAnswer(int Done, BulkItem[] Items);

/// <summary>Body of an action on a closed case.</summary>
/// <param name="Report">Of <c>call-back</c>: the report whose reporter was called.</param>
internal sealed record CaseActionRequest(string? Note, string? Outcome, string? Report = null);

/// <summary>Body of <c>POST /api/reports</c>.</summary>
/// <param name="Text">What is reported, in Chinese or English.</param>
/// <param name="Channel"><c>hotline</c>, <c>grid</c>, <c>app</c>, or the name of another system.</param>
/// <param name="Place">Where.</param>
/// <param name="Kind">Kind of event; null to have it found in the text.</param>
/// <param name="District">District or street; null to have it found by the position, or for the token's own.</param>
/// <param name="At">When it was so; null for now.</param>
/// <param name="Pictures">JPEG or PNG, as base64.</param>
/// <param name="Reporter">Who reports it.</param>
/// <param name="Reference">The other system's own reference: sent again with it, the report is filed once.</param>
internal sealed record ReportRequest(
    string? Text,
    string? Channel,
    ReportPlaceRequest? Place,
    string? Kind = null,
    string? District = null,
    DateTimeOffset? At = null,
    byte[][]? Pictures = null,
    ReporterRequest? Reporter = null,
    string? Reference = null);

/// <summary>Where something is: an address, a position, or the id of a place.</summary>
internal sealed record ReportPlaceRequest(string? Id = null, string? Address = null, double? Latitude = null, double? Longitude = null);

/// <summary>Who reports something, and how to reach them.</summary>
internal sealed record ReporterRequest(string? Name = null, string? Contact = null);

/// <summary>Body of <c>POST /api/cases/{id}/split</c>.</summary>
internal sealed record SplitRequest(string[]? Reports, string? Reason);

/// <summary>Answer to it.</summary>
/// <param name="From">The case that they were in.</param>
/// <param name="Case">The case that they have now; null where it cannot be shown yet.</param>
internal sealed record SplitDone(string From, string? Case, string[] Reports, string? Detail);

/// <summary>Body of <c>POST /api/cases/{id}/merge</c>.</summary>
internal sealed record MergeRequest(string? Into, string? Reason);

/// <summary>Body of <c>POST /api/cases/{id}/record/{number}/erase</c>.</summary>
/// <param name="Reason">Why; it stays in the record.</param>
internal sealed record EraseRequest(string? Reason);

/// <summary>Body of <c>POST /api/workorders/{id}/notify</c>.</summary>
/// <param name="Text">What is asked of the subject.</param>
/// <param name="AnswerUntil">Until when it may answer; null for three days.</param>
internal sealed record NotifyRequest(string? Text, DateTimeOffset? AnswerUntil = null);

/// <summary>Body of <c>POST /api/models/{kind}/shadow</c>, <c>/promote</c> and <c>/roll-back</c>.</summary>
/// <param name="Model">Kind and version; to promote, null for the one in shadow; to put into shadow, null to take out the one that is there.</param>
/// <param name="Reason">Why, for the audit and the rulebook.</param>
/// <param name="Threshold">From this score on it says yes, above 0 to 1; null for the model's own.</param>
/// <param name="Override">True to promote a model that was not in shadow.</param>
internal sealed record ModelRequest(string? Model = null, string? Reason = null, double? Threshold = null, bool? Override = null);

/// <summary>JSON of the HTTP interface. An unknown or repeated field is an error: a misspelt "accuracyPct" that went unnoticed would end in wrong fines.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DeviceRequest))]
[JsonSerializable(typeof(DeviceCreated))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(Me))]
[JsonSerializable(typeof(TokenCreated))]
[JsonSerializable(typeof(ActionRequest))]
[JsonSerializable(typeof(BulkRequest))]
[JsonSerializable(typeof(BulkAnswer))]
[JsonSerializable(typeof(CaseActionRequest))]
[JsonSerializable(typeof(NotifyRequest))]
[JsonSerializable(typeof(ConnectionsAnswer))]
[JsonSerializable(typeof(ConnectionsEnded))]
[JsonSerializable(typeof(LoadOutcome))]
[JsonSerializable(typeof(DelegationRequest))]
[JsonSerializable(typeof(DelegationCreated))]
[JsonSerializable(typeof(DelegationList))]
[JsonSerializable(typeof(RoutingRuleRequest))]
[JsonSerializable(typeof(RoutingRuleList))]
[JsonSerializable(typeof(RoutingRuleAdded))]
[JsonSerializable(typeof(Registers.TableRefused))]
[JsonSerializable(typeof(ModelRequest))]
[JsonSerializable(typeof(JsonDocument))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(EraseRequest))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(SceneActionRequest))]
[JsonSerializable(typeof(SceneTestRequest))]
[JsonSerializable(typeof(SceneTestState))]
[JsonSerializable(typeof(SceneSummary))]
[JsonSerializable(typeof(SilenceRequest))]
[JsonSerializable(typeof(SilenceView))]
[JsonSerializable(typeof(SilenceList))]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(WebhookCreated))]
[JsonSerializable(typeof(ScoreboardAnswer))]
[JsonSerializable(typeof(PrecisionAnswer))]
[JsonSerializable(typeof(OverloadAnswer))]
[JsonSerializable(typeof(RoutingOffers))]
[JsonSerializable(typeof(OfferRequest))]
[JsonSerializable(typeof(Cli.ScoreboardCheck))]
[JsonSerializable(typeof(ReportRequest))]
[JsonSerializable(typeof(SplitRequest))]
[JsonSerializable(typeof(SplitDone))]
[JsonSerializable(typeof(MergeRequest))]
[JsonSerializable(typeof(BrowserSession))]
[JsonSerializable(typeof(SearchAnswer))]
[JsonSerializable(typeof(RulebookFileRequest))]
[JsonSerializable(typeof(ResubmitRequest))]
[JsonSerializable(typeof(Resubmission))]
[JsonSerializable(typeof(Views.QuarantineMark))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>A document with Chinese as itself.</summary>
    public static byte[] Bytes<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => Write(json => JsonSerializer.Serialize(json, value, type));

    /// <summary>A document as <paramref name="write"/> writes it.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        Models.Encoding.ByteWriter buffer = new();
        using (Utf8JsonWriter json = new(buffer, Grains.Messages.GrainsJson.WriterOptions))
        {
            write(json);
        }

        return buffer.Written.ToArray();
    }
}
