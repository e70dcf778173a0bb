using System.Globalization;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Subjects;
using Streaming.Ingest;

namespace Streaming.Silo.Views;

/// <summary>What a feed says in place of items that it does not keep any more. It has the form of an alert, so that whoever reads the feed can read it.</summary>
internal static class FeedGap
{
    /// <summary>Type of the alert. Published: the name is never reused.</summary>
    public const string Type = "gap";

    /// <param name="feed">The feed.</param>
    /// <param name="from">The first number that the reader misses.</param>
    /// <param name="kept">The first item that is kept.</param>
    public static FeedItem Item(string feed, long from, in FeedItem kept)
    {
        if (feed.StartsWith(Source.WaysBack + "/", StringComparison.Ordinal))
        {
            return OfResource(from, kept);
        }

        int slash = feed.IndexOf('/', StringComparison.Ordinal);
        (string department, string district) = slash < 0 ? (feed, "") : (feed[..slash], feed[(slash + 1)..]);
        long number = kept.Number - 1;
        string range = string.Create(CultureInfo.InvariantCulture, $"{from} to {number}");
        Alert alert = new(
            number,
            Type,
            department,
            district,
            Case: "",
            WorkOrder: "",
            Subject: "",
            SubjectKind: "",
            Kind: "",
            Severity: 1,
            Confidence: 1,
            Stage: "",
            Role: "",
            At: JsonSerializer.Deserialize(kept.Json.Span, GrainsJson.Default.Alert)!.At,
            Deadline: null,
            new Explanation(
                $"Items {range} of this feed are not kept any more. What is still open is in the lists of cases and work orders.",
                string.Create(CultureInfo.InvariantCulture, $"本通道第{from}至{number}条已不再保存。未办结事项请查看案件与工单列表。")),
            new Evidence([], [], null, null),
            Live: false);
        return new FeedItem(number, district, JsonSerializer.SerializeToUtf8Bytes(alert, GrainsJson.Default.Alert));
    }

    private static FeedItem OfResource(long from, in FeedItem kept)
    {
        JoinedItem first = JsonSerializer.Deserialize(kept.Json.Span, GrainsJson.Default.JoinedItem)!;
        long number = kept.Number - 1;
        string range = string.Create(CultureInfo.InvariantCulture, $"{from} to {number}");
        JoinedItem gap = new(number, Type, first.Resource, first.District, first.At)
        {
            Text = new Explanation(
                $"Items {range} of this feed are not kept any more. What holds now is in the register.",
                string.Create(CultureInfo.InvariantCulture, $"本通道第{from}至{number}条已不再保存。现行内容请查看登记库。")),
        };
        return new FeedItem(number, first.District, JsonSerializer.SerializeToUtf8Bytes(gap, GrainsJson.Default.JoinedItem));
    }
}
