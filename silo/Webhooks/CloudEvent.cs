using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Webhooks;

/// <summary>
/// An item of a feed as a CloudEvents 1.0 event in the structured JSON form (CloudEvents JSON Event Format 1.0, 3). <c>id</c> is the webhook's with the item's number, so that one sent again is known; <c>source</c> and <c>id</c> together are unique, as the specification asks (3.1).
/// </summary>
internal static class CloudEvent
{
    public static MediaTypeHeaderValue ContentType => new("application/cloudevents+json", "utf-8");

    public static string IdOf(string webhook, long number) => string.Create(CultureInfo.InvariantCulture, $"{webhook}-{number}");

    /// <summary>The type of an event, from the type of an alert.</summary>
    public static string TypeOf(string alertType) => Ingest.Mqtt.AlertProperties.TypePrefix + alertType;

    /// <summary>The body of a request: the attributes, and the alert as <c>data</c>, as every other channel has it.</summary>
    public static byte[] Write(WebhookRow webhook, long number, Alert item)
    {
        ByteWriter bytes = new(2048);
        using (Utf8JsonWriter json = new(bytes, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", IdOf(webhook.Id, number));
            json.WriteString("source", $"/departments/{webhook.Department}/{webhook.District}");
            json.WriteString("type", TypeOf(item.Type));
            if (item.Case.Length > 0)
            {
                json.WriteString("subject", item.Case);
            }

            json.WriteString("time", item.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("datacontenttype", "application/json");

            // Extension attribute: the item's place in the feed, by which a receiver orders what it has.
            json.WriteString("sequence", number.ToString(CultureInfo.InvariantCulture));
            json.WritePropertyName("data");
            JsonSerializer.Serialize(json, item, GrainsJson.Default.Alert);
            json.WriteEndObject();
        }

        return bytes.Written.ToArray();
    }
}
