using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Streaming.Ingest.City;

/// <summary>A device could not be registered; the message says why and what to do.</summary>
internal sealed class RegistrationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Registers devices over the HTTP interface, as their owner would.</summary>
internal sealed class DeviceRegistrar : IDisposable
{
    private readonly HttpClient http;

    /// <param name="address">Of the HTTP interface, as <c>http://localhost:8080</c>.</param>
    /// <param name="adminToken">An administrator's token.</param>
    public DeviceRegistrar(Uri address, string adminToken)
    {
        http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", adminToken);
    }

    public void Dispose() => http.Dispose();

    /// <summary>Registers a device, or anew where it is registered already, and returns the secret that was generated for it.</summary>
    public async Task<string> RegisterAsync(CityDevice device, CancellationToken cancellation)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(
            new Request(device.Id, device.Topics, device.Kind, device.District, device.AccuracyPct, device.Enterprise, device.Place, device.Latitude, device.Longitude),
            RegistrarJson.Default.Request);
        using ByteArrayContent content = new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        try
        {
            using HttpResponseMessage response = await http.PostAsync(new Uri("/api/devices", UriKind.Relative), content, cancellation).ConfigureAwait(false);
            string text = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            return response.StatusCode == HttpStatusCode.Created && JsonSerializer.Deserialize(text, RegistrarJson.Default.Created) is { Password: { } password }
                ? password
                : throw new RegistrationException($"{http.BaseAddress} did not register {device.Id}: {(int)response.StatusCode} {Detail(text)}");
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException)
        {
            throw new RegistrationException($"{http.BaseAddress} did not register {device.Id}: {failure.Message}", failure);
        }
    }

    /// <summary>What a problem says of itself; the whole text where it is none.</summary>
    private static string Detail(string text)
    {
        const int shown = 300;
        try
        {
            if (JsonSerializer.Deserialize(text, RegistrarJson.Default.Problem) is { Detail: { Length: > 0 } detail })
            {
                return detail;
            }
        }
        catch (JsonException)
        {
            // Not ours, then: some proxy's page. Its beginning is shown as it is.
            return text.Length > shown ? text[..shown] : text;
        }

        return text.Length > shown ? text[..shown] : text;
    }

    internal sealed record Request(string Id, string[] Topics, string Kind, string District, double? AccuracyPct, string? Enterprise, string? Place, double? Latitude, double? Longitude);

    internal sealed record Created(string? Password);

    internal sealed record Problem(string? Detail);
}

/// <summary>JSON of the calls above. Fields of answers that are not needed are passed over.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeviceRegistrar.Request))]
[JsonSerializable(typeof(DeviceRegistrar.Created))]
[JsonSerializable(typeof(DeviceRegistrar.Problem))]
internal sealed partial class RegistrarJson : JsonSerializerContext;
