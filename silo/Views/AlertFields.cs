using System.Text.Json;

namespace Streaming.Silo.Views;

/// <summary>Reads single fields of a row's document without making objects of the rest.</summary>
internal static class AlertFields
{
    /// <summary>The district that an alert concerns; empty where it names none.</summary>
    public static string District(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
            {
                continue;
            }

            bool found = reader.ValueTextEquals("district"u8);
            reader.Read();
            if (found)
            {
                return reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
            }

            reader.TrySkip();
        }

        return "";
    }
}
