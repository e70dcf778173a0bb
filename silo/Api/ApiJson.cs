using System.Text.Json;
using System.Text.Json.Serialization;

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
    string? Owner);

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
    string? Password);

/// <summary>Body of <c>POST /api/tokens</c>.</summary>
internal sealed record TokenRequest(string? Name, string? Role, string? Department, string? District);

/// <summary>Answer to <c>POST /api/tokens</c>: the token is not shown again.</summary>
internal sealed record TokenCreated(string Name, string Role, string? Department, string District, string Token);

/// <summary>Answer to <c>GET /health/live</c> and <c>/health/ready</c>.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
/// <param name="Host">What runs the actors: <c>standalone</c> or <c>orleans</c>.</param>
/// <param name="Trouble">What does not work though readings are accepted, and what to do; null where all does.</param>
internal sealed record HealthAnswer(string Status, string Host, string? Trouble);

/// <summary>Answer to <c>GET /api/me</c>.</summary>
internal sealed record Me(string Name, string Role, string? Department, string District);

/// <summary>Body of an action on a work order. Evidence is a text, an object, or an array of them; objects are kept as their JSON.</summary>
internal sealed record ActionRequest(string? Note, string? Outcome, JsonElement? Evidence);

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
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>A document with Chinese as itself.</summary>
    public static byte[] Bytes<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        Models.Encoding.ByteWriter buffer = new();
        using (Utf8JsonWriter json = new(buffer, Grains.Messages.GrainsJson.WriterOptions))
        {
            JsonSerializer.Serialize(json, value, type);
        }

        return buffer.Written.ToArray();
    }
}
