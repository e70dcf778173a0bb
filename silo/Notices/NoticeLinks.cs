using System.Text.Json;
using System.Text.Json.Nodes;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Ingest;

namespace Streaming.Silo.Notices;

/// <summary>Links of notices, and what leaves the process with one in it.</summary>
/// <param name="key">Makes their secrets.</param>
/// <param name="publicUrl">Where the outside reaches this silo; null where nobody has said.</param>
internal sealed class NoticeLinks(LinkKey key, Uri? publicUrl)
{
    public const string Path = "/notice/";

    private readonly string before = (publicUrl?.AbsoluteUri.TrimEnd('/') ?? "") + Path;

    /// <summary>The link of a notice; a path where <c>publicUrl</c> is not configured.</summary>
    public string Of(string notice, DateTimeOffset issued) => before + key.Secret(notice, issued);

    /// <summary>SHA-256 of the secret in it.</summary>
    public string HashOf(string notice, DateTimeOffset issued) => LinkKey.HashOf(key.Secret(notice, issued))!;

    /// <summary>Body of a notice to a gateway.</summary>
    /// <param name="to">Number or address at the gateway.</param>
    public byte[] Letter(NoticeRow notice, string to) => Write(notice, to, Of(notice.Id, notice.Issued));

    /// <summary>Payload of a notice to a terminal as it is journaled: without the link.</summary>
    public static byte[] Payload(NoticeRow notice) => Write(notice, null, null);

    /// <summary>
    /// What is sent to a terminal: messages on topics of notices get their link here, on the way out, because queues and journal are kept and copied, and a link is a key. The same message gets the same link however often it is sent.
    /// </summary>
    public MessageItem Complete(MessageItem item)
    {
        if (!NoticeTopics.Is(item.Message.Topic) || JsonNode.Parse(item.Message.Payload) is not JsonObject letter)
        {
            return item;
        }

        letter["link"] = Of(letter["id"]!.GetValue<string>(), letter["issued"]!.GetValue<DateTimeOffset>());
        return item with { Message = item.Message with { Payload = Api.ApiJson.Write(json => letter.WriteTo(json)) } };
    }

    private static byte[] Write(NoticeRow notice, string? to, string? link) => Api.ApiJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", notice.Id);
        if (to is not null)
        {
            json.WriteString("to", to);
        }

        json.WriteString("subject", notice.Subject);
        json.WriteString("subjectKind", notice.SubjectKind);
        json.WriteString("kind", notice.Kind);
        json.WriteString("issued", notice.Issued);
        json.WriteString("until", notice.Until);
        Text(json, "text", notice.Text);
        Text(json, "explanation", notice.Warning.Explanation);
        if (notice.Warning.Evidence.Limit is { } limit)
        {
            json.WriteString("limit", limit);
        }

        if (notice.Warning.Evidence.LegalSource is { } source)
        {
            json.WriteString("legalSource", source);
        }

        if (link is not null)
        {
            json.WriteString("link", link);
        }

        json.WriteEndObject();
    });

    private static void Text(Utf8JsonWriter json, string name, Explanation? text)
    {
        if (text is null)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("en", text.En);
        json.WriteString("zh", text.Zh);
        json.WriteEndObject();
    }
}
