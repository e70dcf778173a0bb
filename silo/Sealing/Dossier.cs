using System.Security.Cryptography;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Silo.Access;
using Streaming.Silo.Api;
using Streaming.Silo.Views;

namespace Streaming.Silo.Sealing;

/// <summary>
/// Makes the dossier of a case: everything that its record rests on, in one JSON document that somebody else's program can check without this silo. What it holds, byte for byte, stands in <c>FORMAT.md</c>.
/// </summary>
internal sealed class Dossier(ApiServices services)
{
    public const string Format = "streaming-dossier/1";

    /// <summary>Name of the way in which a probability was worked out from a mass, a limit and an accuracy; FORMAT.md has it.</summary>
    private const string NormalFormula = "normal/1";

    /// <summary>The rows of a case at one moment.</summary>
    private sealed record Parts(JsonElement Case, IReadOnlyList<JsonElement> Entries, IReadOnlyDictionary<long, JsonElement> Texts, IReadOnlyList<EvidenceRow> Copies, IReadOnlyList<byte[]> CopyRows, IReadOnlyList<byte[]> Notices, IReadOnlyList<byte[]>? Looks);

    /// <summary>The dossier as JSON; null where the lists are too far behind to wait for.</summary>
    /// <param name="caller">Who asks; whoever does not supervise is not told who looked.</param>
    /// <param name="id">A case that the caller may see.</param>
    /// <param name="pictures">Whether pictures and attachments go into it, beside their hashes.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<byte[]?> MakeAsync(Principal caller, string id, bool pictures, CancellationToken cancellation)
    {
        if (await ReadAsync(caller, id, cancellation).ConfigureAwait(false) is not { } parts)
        {
            return null;
        }

        List<(string Sha256, byte[] Data)> files = await FilesAsync(parts, pictures, cancellation).ConfigureAwait(false);
        byte[] sealedPart = ApiJson.Write(json =>
        {
            json.WriteStartObject();
            Write(json, caller, id, parts, files);
            json.WriteEndObject();
        });
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(sealedPart)));
        EvidenceSignature signature = services.Keys.Sign(EvidenceKeys.DossierStatement(id, sha256));
        ByteWriter whole = new(sealedPart.Length + 1024);
        whole.WriteRaw(sealedPart.AsSpan(..^1));
        whole.WriteRaw(",\"seal\":"u8);
        whole.WriteRaw(ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("sha256", sha256);
            WriteSignature(json, signature);
            json.WriteEndObject();
        }));
        whole.WriteRaw(",\"files\":"u8);
        whole.WriteRaw(ApiJson.Write(json =>
        {
            json.WriteStartArray();
            foreach ((string name, byte[] data) in files)
            {
                json.WriteStartObject();
                json.WriteString("sha256", name);
                json.WriteBase64String("data", data);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }));
        whole.WriteRaw("}"u8);
        return whole.Written.ToArray();
    }

    /// <summary>State and rows that belong together: the lists follow the state within a moment, and are waited for.</summary>
    private async Task<Parts?> ReadAsync(Principal caller, string id, CancellationToken cancellation)
    {
        long began = services.Time.GetTimestamp();
        while (true)
        {
            byte[]? described = await services.Host.DescribeAsync(ActorKind.Case, id, cancellation).ConfigureAwait(false);
            IReadOnlyList<byte[]> sheets = await services.Lists.OfCaseAsync(View.CaseRecords, id, cancellation).ConfigureAwait(false);
            List<JsonElement> entries = [.. sheets.SelectMany(sheet => Parse(sheet).GetProperty("entries").EnumerateArray())];
            JsonElement now = Parse(described ?? "{}"u8.ToArray());
            string? head = now.TryGetProperty("chain", out JsonElement chain) ? chain.GetProperty("head").GetString() : null;
            if (head == (entries.Count == 0 ? null : entries[^1].GetProperty("hash").GetString()))
            {
                IReadOnlyList<byte[]> copies = await services.Lists.OfCaseAsync(View.Evidence, id, cancellation).ConfigureAwait(false);
                IReadOnlyList<byte[]> texts = await services.Lists.OfCaseAsync(View.CaseTexts, id, cancellation).ConfigureAwait(false);
                Page<byte[]> notices = await services.Lists.ListAsync(new ViewQuery(View.Notices) { Case = id, Limit = ViewLimits.PageRows }, cancellation).ConfigureAwait(false);
                return new Parts(
                    now,
                    entries,
                    texts.Select(Parse).ToDictionary(text => text.GetProperty("number").GetInt64()),
                    [.. copies.Select(row => JsonSerializer.Deserialize(row, GrainsJson.Default.EvidenceRow)!)],
                    copies,
                    [.. notices.Items.Reverse()],
                    await LooksAsync(caller, id, cancellation).ConfigureAwait(false));
            }

            if (services.Time.GetElapsedTime(began) >= ViewLimits.ListsWait)
            {
                return null;
            }

            await Task.Delay(ApiLimits.LookAgain, services.Time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Who looked at the case and changed it, as far as the caller sees the audit; null where it does not.</summary>
    private async Task<IReadOnlyList<byte[]>?> LooksAsync(Principal caller, string id, CancellationToken cancellation)
    {
        (ViewQuery? query, Refusal? refusal) = ListQuery.Restrict(new ViewQuery(View.Audit) { Subject = id, Limit = EvidenceLimits.LooksListed }, caller);
        return !caller.Supervises || refusal is not null ? null : [.. (await services.Lists.ListAsync(query!, cancellation).ConfigureAwait(false)).Items.Reverse()];
    }

    /// <summary>All of it that the seal is over.</summary>
    private void Write(Utf8JsonWriter json, Principal caller, string id, Parts parts, List<(string Sha256, byte[] Data)> files)
    {
        json.WriteString("format", Format);
        json.WriteNumber("madeMs", services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        json.WriteString("madeBy", caller.Name);
        json.WritePropertyName("case");
        parts.Case.WriteTo(json);
        WriteRecord(json, id, parts);
        WriteDecisions(json, parts);
        Documents(json, "copies", parts.CopyRows);
        Documents(json, "notices", parts.Notices);
        if (parts.Looks is { } looks)
        {
            Documents(json, "audit", looks);
        }

        json.WriteStartArray("included");
        foreach ((string sha256, _) in files)
        {
            json.WriteStringValue(sha256);
        }

        json.WriteEndArray();
        json.WriteStartArray("keys");
        foreach (EvidenceKey key in services.Keys.All())
        {
            json.WriteStartObject();
            json.WriteString("id", key.Id);
            json.WriteString("publicKey", key.PublicKey);
            json.WriteNumber("sinceMs", key.Since.ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteRecord(Utf8JsonWriter json, string id, Parts parts)
    {
        json.WriteStartObject("record");
        json.WriteString("case", id);
        json.WriteStartArray("entries");
        foreach (JsonElement each in parts.Entries)
        {
            JsonElement entry = each.GetProperty("entry");
            json.WriteStartObject();
            json.WriteString("hash", each.GetProperty("hash").GetString());
            json.WritePropertyName("entry");
            entry.WriteTo(json);
            if (entry.TryGetProperty("textSha256", out _))
            {
                // Absent where it was erased; the record says when, by whom and why.
                if (parts.Texts.TryGetValue(entry.GetProperty("number").GetInt64(), out JsonElement text))
                {
                    json.WritePropertyName("text");
                    text.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (parts.Entries.Count > 0)
        {
            string head = parts.Entries[^1].GetProperty("hash").GetString()!;
            json.WriteNumber("count", parts.Entries.Count);
            json.WriteString("head", head);
            WriteSignature(json, services.Keys.Sign(EvidenceKeys.HeadStatement(id, parts.Entries.Count, head)));
        }

        json.WriteEndObject();
    }

    /// <summary>Each warning of the record with what it was judged by, so that another program can judge it again.</summary>
    private static void WriteDecisions(Utf8JsonWriter json, Parts parts)
    {
        json.WriteStartArray("decisions");
        JsonElement? rule = null;
        string? register = parts.Copies.FirstOrDefault(copy => copy is { Kind: EvidenceKinds.Register, State: EvidenceStates.Kept })?.Sha256;
        foreach (JsonElement each in parts.Entries)
        {
            JsonElement entry = each.GetProperty("entry");
            rule = entry.TryGetProperty("rule", out JsonElement found) ? found : rule;
            if (!entry.TryGetProperty("warning", out JsonElement warning))
            {
                continue;
            }

            json.WriteStartObject();
            json.WriteNumber("entry", entry.GetProperty("number").GetInt64());
            foreach (string name in (string[])["id", "kind", "model", "rulebook", "severity", "confidence"])
            {
                json.WritePropertyName(name == "id" ? "warning" : name);
                warning.GetProperty(name).WriteTo(json);
            }

            foreach (string name in (string[])["figures", "limit", "legalSource"])
            {
                if (warning.GetProperty("evidence").TryGetProperty(name, out JsonElement value))
                {
                    json.WritePropertyName(name);
                    value.WriteTo(json);
                }
            }

            if (warning.TryGetProperty("scores", out JsonElement scores))
            {
                json.WritePropertyName("scores");
                scores.WriteTo(json);
            }

            if (warning.GetProperty("kind").GetString() is "over-road-limit" or "over-rated-load")
            {
                json.WriteString("formula", NormalFormula);
            }

            if (rule is { } by)
            {
                json.WritePropertyName("rule");
                by.WriteTo(json);
            }

            if (register is not null)
            {
                json.WriteString("register", register);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Documents(Utf8JsonWriter json, string name, IReadOnlyList<byte[]> documents)
    {
        json.WriteStartArray(name);
        foreach (byte[] document in documents)
        {
            json.WriteRawValue(document, skipInputValidation: true);
        }

        json.WriteEndArray();
    }

    private async Task<List<(string Sha256, byte[] Data)>> FilesAsync(Parts parts, bool pictures, CancellationToken cancellation)
    {
        List<(string, byte[])> files = [];
        HashSet<string> seen = [];
        long bytes = 0;
        foreach (EvidenceRow copy in parts.Copies.Where(copy => copy.State == EvidenceStates.Kept))
        {
            bool wanted = pictures || copy.Kind is EvidenceKinds.Reading or EvidenceKinds.Register;
            foreach (string? name in wanted ? (string?[])[copy.Sha256, copy.DecodedSha256] : [])
            {
                if (name is null || bytes + (copy.Bytes ?? 0) > EvidenceLimits.DossierBytes || !seen.Add(name))
                {
                    continue;
                }

                if (await services.Copies.ReadAsync(name, cancellation).ConfigureAwait(false) is { } data)
                {
                    bytes += data.Length;
                    files.Add((name, data));
                }
            }
        }

        return files;
    }

    private static JsonElement Parse(byte[] json) => JsonSerializer.Deserialize(json, ApiJson.Default.JsonElement);

    private static void WriteSignature(Utf8JsonWriter json, EvidenceSignature signature)
    {
        json.WriteString("key", signature.Key);
        json.WriteString("signature", signature.Value);
    }
}
