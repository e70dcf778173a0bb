using System.Text.Json;

namespace Streaming.Models.Learned;

/// <summary>Times in model and training files: RFC 3339 with an offset, because a time without one would mean another on every machine.</summary>
internal static class JsonTime
{
    /// <summary>Reads a time, ms since 1970.</summary>
    public static bool TryRead(JsonElement value, out long ms)
    {
        ms = 0;
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: >= 20 and <= 40 } text)
        {
            return false;
        }

        bool hasOffset = text[^1] == 'Z' || (text[^6] is '+' or '-' && text[^3] == ':');
        if (!hasOffset || !value.TryGetDateTimeOffset(out DateTimeOffset time))
        {
            return false;
        }

        ms = time.ToUnixTimeMilliseconds();
        return true;
    }
}
