using System.Text.Json;
using Streaming.Ingest;

namespace Streaming.Silo.Sealing;

/// <summary>
/// The feeds as they leave the process: an alert that says how far the chain of its case reached gets the signature of that. So what a department has received holds the record to what it was then, whoever may change the silo's own files later.
/// </summary>
internal sealed class SignedFeeds(IFeeds feeds, EvidenceKeys keys) : IFeeds
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Case, long Entries, string Head), EvidenceSignature> signed = [];

    public long Last(string feed) => feeds.Last(feed);

    public Task WaitAsync(string feed, long after, CancellationToken cancellation) => feeds.WaitAsync(feed, after, cancellation);

    public int WaitersOf(string feed) => feeds.WaitersOf(feed);

    public async ValueTask<IReadOnlyList<FeedItem>> ReadAsync(string feed, long after, int most, CancellationToken cancellation)
    {
        IReadOnlyList<FeedItem> items = await feeds.ReadAsync(feed, after, most, cancellation).ConfigureAwait(false);
        return items.Count == 0 ? items : [.. items.Select(item => item with { Json = Complete(item.Json) })];
    }

    /// <summary>The alert with the signature as its last member; what has no chain as it is.</summary>
    private ReadOnlyMemory<byte> Complete(ReadOnlyMemory<byte> json)
    {
        if (json.Span.IndexOf("\"chain\":{"u8) < 0 || Head(json.Span) is not { } head)
        {
            return json;
        }

        EvidenceSignature signature = Sign(head);
        byte[] member = System.Text.Encoding.ASCII.GetBytes($",\"signature\":{{\"key\":\"{signature.Key}\",\"value\":\"{signature.Value}\"}}}}");
        byte[] complete = new byte[json.Length - 1 + member.Length];
        json.Span[..^1].CopyTo(complete);
        member.CopyTo(complete.AsSpan(json.Length - 1));
        return complete;
    }

    private EvidenceSignature Sign((string Case, long Entries, string Head) head)
    {
        lock (gate)
        {
            if (signed.TryGetValue(head, out EvidenceSignature? known))
            {
                return known;
            }

            if (signed.Count >= EvidenceLimits.SignaturesKept)
            {
                signed.Clear();
            }

            return signed[head] = keys.Sign(EvidenceKeys.HeadStatement(head.Case, head.Entries, head.Head));
        }
    }

    /// <summary>The case and its head, from the alert's own members; null where it has none.</summary>
    private static (string Case, long Entries, string Head)? Head(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        string? id = null;
        string? head = null;
        long entries = 0;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (reader.CurrentDepth == 1 && reader.ValueTextEquals("case"u8))
            {
                reader.Read();
                id = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }
            else if (reader.CurrentDepth == 1 && !reader.ValueTextEquals("chain"u8))
            {
                reader.Skip();
            }
            else if (reader.CurrentDepth == 2 && reader.ValueTextEquals("head"u8))
            {
                reader.Read();
                head = reader.GetString();
            }
            else if (reader.CurrentDepth == 2 && reader.ValueTextEquals("entries"u8))
            {
                reader.Read();
                entries = reader.GetInt64();
            }
        }

        return id is not null && head is not null ? (id, entries, head) : null;
    }
}
