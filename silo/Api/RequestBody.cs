using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Streaming.Silo.Api;

/// <summary>Reads a request's JSON; what does not parse is refused with its place.</summary>
internal static class RequestBody
{
    /// <summary>
    /// A body is read as JSON whatever it is called: <c>curl -d</c> calls everything a form. Nothing is at risk, because a call with a body is known by its token, or by a cookie that is believed from our own pages alone.
    /// </summary>
    public const string AnyType = "*/*";

    /// <summary>Either a value or a refusal.</summary>
    public static async ValueTask<(T? Value, Refusal? Refusal)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, bool mayBeEmpty = false)
        where T : class
    {
        if (mayBeEmpty && request.ContentLength is null or 0 && request.Headers.TransferEncoding.Count == 0)
        {
            return (JsonSerializer.Deserialize("{}"u8, type), null);
        }

        try
        {
            T? value = await JsonSerializer.DeserializeAsync(request.Body, type, request.HttpContext.RequestAborted).ConfigureAwait(false);
            return value is null ? (null, Refusal.Invalid("The body is null; expected a JSON object.")) : (value, null);
        }
        catch (JsonException error)
        {
            string path = error.Path is { Length: > 2 } found ? found[2..] : "";
            string place = error.LineNumber is { } line ? $" at line {line + 1}, byte {error.BytePositionInLine + 1}" : "";
            return (null, Explain(error.Message, path, place));
        }
    }

    private static Refusal Explain(string message, string path, string place)
    {
        if (message.Contains("could not be mapped", StringComparison.Ordinal))
        {
            return Refusal.Invalid($"There is no field '{path}'{place}; check its spelling.", path);
        }

        if (message.Contains("Duplicate", StringComparison.OrdinalIgnoreCase))
        {
            return Refusal.Invalid($"The field '{path}' appears twice{place}.", path);
        }

        return message.Contains("could not be converted", StringComparison.Ordinal)
            ? Refusal.Invalid($"{(path.Length > 0 ? $"The field '{path}'" : "The body")} is of another type than expected{place}.", path.Length > 0 ? path : null)
            : Refusal.Invalid($"The body is not valid JSON{place}.", path.Length > 0 ? path : null);
    }
}
