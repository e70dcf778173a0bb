using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Messaging;
using Streaming.Grains.Turns;
using Streaming.Silo.Access;
using Streaming.Silo.Views;

namespace Streaming.Silo.Notices;

/// <summary>
/// How a subject is reached: by the telephone in its register entry, over the gateway that the entry names or else the first; and by its own terminal, where a device is registered that may receive its topic. Numbers are read when they are
/// needed and kept nowhere else.
/// </summary>
internal sealed class SubjectChannels(ViewReader lists, AccessBook access, Gateways gateways)
{
    public const string Mqtt = "mqtt";

    /// <summary>Channel of a subject whose entry names a gateway that is not configured. No gateway can be named so.</summary>
    public const string Unknown = "webhook:(unknown)";

    private const string Phone = "phone";
    private const string NoticeGateway = "noticeGateway";

    /// <summary>The channels of a notice, in the order in which they are shown.</summary>
    public async ValueTask<string[]> FindAsync(NoticeRow notice, DateTimeOffset now, CancellationToken cancellation)
    {
        List<string> channels = [];
        if (await EntryAsync(notice, now, cancellation).ConfigureAwait(false) is { } entry && Text(entry, Phone) is not null && ChannelOf(entry) is { } webhook)
        {
            channels.Add(webhook);
        }

        if (NoticeTopics.Of(notice.Subject) is { } topic && access.IsReceived(topic))
        {
            channels.Add(Mqtt);
        }

        return [.. channels];
    }

    /// <summary>The subject's number at a gateway now; null where there is none any more.</summary>
    public async ValueTask<string?> NumberAsync(NoticeRow notice, DateTimeOffset now, CancellationToken cancellation) =>
        await EntryAsync(notice, now, cancellation).ConfigureAwait(false) is { } entry ? Text(entry, Phone) : null;

    /// <summary>A gateway that the entry names and that is not configured is said to have failed, not passed over: somebody has to mend the one or the other.</summary>
    private string? ChannelOf(EntrySpan entry) =>
        Text(entry, NoticeGateway) is { } name ? gateways.Find(name)?.Channel ?? Unknown
        : gateways.All.Count > 0 ? gateways.All[0].Channel
        : null;

    /// <summary>What the register says of the subject now.</summary>
    private async ValueTask<EntrySpan?> EntryAsync(NoticeRow notice, DateTimeOffset now, CancellationToken cancellation)
    {
        string? register = notice.SubjectKind switch
        {
            "vehicle" => "vehicles",
            "enterprise" => "enterprises",
            "place" => "sites",
            _ => null,
        };
        byte[]? row = register is null ? null : await lists.FindAsync(View.Registers, $"{register}/{notice.Subject}", cancellation).ConfigureAwait(false);
        return row is null
            ? null
            : Array.Find(JsonSerializer.Deserialize(row, GrainsJson.Default.EntryRow)!.Spans, span => (span.From is null || span.From <= now) && (span.To is null || now < span.To));
    }

    private static string? Text(EntrySpan entry, string field) => entry.Values.TryGetValue(field, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
