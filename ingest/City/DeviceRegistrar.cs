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
    public Task<string> RegisterAsync(CityDevice device, CancellationToken cancellation) =>
        RegisterAsync(new Request(device.Id, device.Topics, device.Kind, device.District, device.AccuracyPct, device.Enterprise, device.Place, device.Latitude, device.Longitude), cancellation);

    /// <summary>Registers a source that speaks of a register, and loads its table of JSON lines.</summary>
    public async Task LoadAsync(string source, string register, string district, byte[] lines, CancellationToken cancellation)
    {
        await RegisterAsync(new Request(source, [$"v1/records/{source}"], "register", district) { Register = register }, cancellation).ConfigureAwait(false);
        (HttpStatusCode status, string text) = await PostAsync($"/api/registers/{register}/records?source={source}", lines, "application/jsonl", source, cancellation).ConfigureAwait(false);
        if (status != HttpStatusCode.OK)
        {
            throw new RegistrationException($"{http.BaseAddress} did not take the table of {source}: {(int)status} {Detail(text)}");
        }
    }

    private async Task<string> RegisterAsync(Request request, CancellationToken cancellation)
    {
        (HttpStatusCode status, string text) = await PostAsync("/api/devices", JsonSerializer.SerializeToUtf8Bytes(request, RegistrarJson.Default.Request), "application/json", request.Id, cancellation).ConfigureAwait(false);
        try
        {
            if (status == HttpStatusCode.Created && JsonSerializer.Deserialize(text, RegistrarJson.Default.Created) is { Password: { } password })
            {
                return password;
            }
        }
        catch (JsonException)
        {
            // Not ours, then; what was answered is said below.
        }

        throw new RegistrationException($"{http.BaseAddress} did not register {request.Id}: {(int)status} {Detail(text)}");
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string path, byte[] body, string type, string of, CancellationToken cancellation)
    {
        using ByteArrayContent content = new(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        try
        {
            using HttpResponseMessage response = await http.PostAsync(new Uri(path, UriKind.Relative), content, cancellation).ConfigureAwait(false);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false));
        }
        catch (HttpRequestException failure)
        {
            throw new RegistrationException($"{http.BaseAddress} could not be asked about {of}: {failure.Message}", failure);
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

    internal sealed record Request(string Id, string[] Topics, string Kind, string District, double? AccuracyPct = null, string? Enterprise = null, string? Place = null, double? Latitude = null, double? Longitude = null)
    {
        public string? Register { get; init; }
    }

    internal sealed record Created(string? Password);

    internal sealed record Problem(string? Detail);
}

/// <summary>JSON of the calls above. Fields of answers that are not needed are passed over.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeviceRegistrar.Request))]
[JsonSerializable(typeof(DeviceRegistrar.Created))]
[JsonSerializable(typeof(DeviceRegistrar.Problem))]
internal sealed partial class RegistrarJson : JsonSerializerContext;
