using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Models.Encoding;

namespace Streaming.Ingest.Mqtt;

/// <summary>
/// An alert as a CloudEvents 1.0 event in the binary form (CloudEvents MQTT Protocol Binding 1.0.2, 3.1): the attributes are properties of the PUBLISH, and the payload is the alert, as it is without them. <c>source</c> is the feed and <c>id</c> the number in it, so that both together are unique; the type is that of a webhook's event.
/// </summary>
internal static class AlertProperties
{
    /// <summary>Before the type of an alert, in the type of its event.</summary>
    public const string TypePrefix = "streaming.alert.";

    private const string ContentType = "application/json";

    /// <summary>The properties, encoded; none for a line that has no type and time.</summary>
    public static byte[] Of(string feed, long number, ReadOnlySpan<byte> json)
    {
        string? type;
        DateTimeOffset at;
        try
        {
            if (!TryRead(json, out type, out at))
            {
                return [];
            }
        }
        catch (JsonException)
        {
            // What is shown is JSON. Should it not be, whoever reads the payload finds out; the connection is not ended for it.
            return [];
        }

        ByteWriter properties = new(256);
        properties.WriteByte(PropertySet.ContentTypeId);
        WriteText(properties, ContentType);
        WritePair(properties, "specversion", "1.0");
        WritePair(properties, "id", number.ToString(CultureInfo.InvariantCulture));
        WritePair(properties, "source", $"/departments/{feed}");
        WritePair(properties, "type", TypePrefix + type);
        WritePair(properties, "time", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        return properties.Written.ToArray();
    }

    /// <summary>Type and time of an alert, without reading what is in it.</summary>
    private static bool TryRead(ReadOnlySpan<byte> json, out string? type, out DateTimeOffset at)
    {
        type = null;
        at = default;
        bool timed = false;
        Utf8JsonReader reader = new(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while ((type is null || !timed) && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = reader.ValueTextEquals("type"u8);
            bool isAt = reader.ValueTextEquals("at"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
            {
                type = reader.GetString();
            }
            else if (isAt && reader.TokenType == JsonTokenType.String)
            {
                timed = reader.TryGetDateTimeOffset(out at);
            }
            else
            {
                reader.Skip();
            }
        }

        return type is not null && timed;
    }

    /// <summary>MQTT 5.0 section 2.2.2.2, user property.</summary>
    private static void WritePair(ByteWriter properties, string name, string value)
    {
        properties.WriteByte(PropertySet.UserPropertyId);
        WriteText(properties, name);
        WriteText(properties, value);
    }

    /// <summary>MQTT 5.0 section 1.5.4.</summary>
    private static void WriteText(ByteWriter properties, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteUInt16BigEndian(properties.Take(2), checked((ushort)utf8.Length));
        properties.WriteRaw(utf8);
    }
}
