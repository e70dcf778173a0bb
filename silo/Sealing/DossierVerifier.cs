using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Streaming.Grains.Dispatch;
using Streaming.Grains.Messages;
using Streaming.Models.Encoding;

namespace Streaming.Silo.Sealing;

/// <summary>
/// Checks a dossier without a silo, as <c>FORMAT.md</c> says: the chain and its order, the signatures, what people wrote, the files by their hashes. Each flaw is named with its case and entry. A signature is checked with the keys that the dossier itself brings: that they are the city's own, whoever
/// checks has to see by <c>GET /api/evidence/keys</c>, or by a key that was received earlier.
/// </summary>
internal sealed class DossierVerifier
{
    private readonly List<string> flaws = [];
    private string id = "?";

    private DossierVerifier()
    {
    }

    /// <summary>What is wrong with a dossier; nothing where it holds.</summary>
    public static IReadOnlyList<string> Check(ReadOnlySpan<byte> json, out string summary)
    {
        DossierVerifier verifier = new();
        summary = "";
        try
        {
            Utf8JsonReader reader = new(json);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            verifier.CheckAll(document.RootElement, out summary);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            verifier.flaws.Add($"case {verifier.id}: it does not read as a dossier: {failure.Message}");
        }

        return verifier.flaws;
    }

    /// <summary>Checks a file and prints what was found; the exit code.</summary>
    public static int Run(string file, TextWriter output, TextWriter error)
    {
        try
        {
            if (new FileInfo(file).Length > EvidenceLimits.DossierFileBytes)
            {
                error.WriteLine($"{file} has over {EvidenceLimits.DossierFileBytes} bytes.");
                return 1;
            }

            IReadOnlyList<string> found = Check(File.ReadAllBytes(file), out string summary);
            foreach (string flaw in found)
            {
                output.WriteLine($"DAMAGED: {flaw}");
            }

            output.WriteLine(found.Count == 0 ? $"The dossier holds: {summary}." : "The dossier does not hold.");
            return found.Count == 0 ? 0 : 1;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"{file} cannot be read: {failure.Message}");
            return 1;
        }
    }

    private void CheckAll(JsonElement all, out string summary)
    {
        string format = all.GetProperty("format").GetString()!;
        JsonElement record = all.GetProperty("record");
        id = record.GetProperty("case").GetString()!;
        Expect(format == Dossier.Format, $"its format is {format}, and {Dossier.Format} is read");
        Expect(Text(all.GetProperty("case"), "id") == id, "the case and its record are of different cases");
        Dictionary<string, string> keys = all.GetProperty("keys").EnumerateArray().ToDictionary(key => Text(key, "id")!, key => Text(key, "publicKey")!, StringComparer.Ordinal);
        foreach ((string name, string key) in keys)
        {
            Expect(EvidenceKeys.IdOf(key) == name, $"key {name} is not the key of that name");
        }

        JsonElement seal = all.GetProperty("seal");
        string sha256 = Text(seal, "sha256")!;
        Expect(Convert.ToHexStringLower(SHA256.HashData(SealedPart(all))) == sha256, "the dossier was changed after it was made: its hash is another");
        Expect(Verify(keys, seal, EvidenceKeys.DossierStatement(id, sha256)), "the signature of the dossier does not hold");
        (long entries, string head) = CheckEntries(record);
        if (entries > 0)
        {
            Expect(record.GetProperty("count").GetInt64() == entries && Text(record, "head") == head, "the record does not end as it says");
            Expect(Verify(keys, record, EvidenceKeys.HeadStatement(id, entries, head)), "the signature of the chain's head does not hold");
            JsonElement chain = all.GetProperty("case").GetProperty("chain");
            Expect(Text(chain, "head") == head && chain.GetProperty("entries").GetInt64() == entries, "the case's state has another head");
        }

        CheckCopies(all, record);
        CheckDecisions(all, record);
        int files = CheckFiles(all);
        summary = string.Create(CultureInfo.InvariantCulture, $"case {id}, {entries} entries, {files} files, head {head}");
    }

    /// <summary>What the seal is over: all but the seal itself and the files, which are checked by their hashes.</summary>
    private static byte[] SealedPart(JsonElement all)
    {
        ByteWriter bytes = new(64 * 1024);
        using (Utf8JsonWriter json = new(bytes, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            foreach (JsonProperty member in all.EnumerateObject().Where(member => member.Name is not ("seal" or "files")))
            {
                json.WritePropertyName(member.Name);
                json.WriteRawValue(member.Value.GetRawText(), skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        return CanonicalJson.Of(bytes.Written);
    }

    private (long Entries, string Head) CheckEntries(JsonElement record)
    {
        byte[] head = CaseChain.Genesis(id);
        long number = 0;
        long atMs = long.MinValue;
        HashSet<long> erased = [.. record.GetProperty("entries").EnumerateArray().Select(each => each.GetProperty("entry")).Where(entry => entry.TryGetProperty("erased", out _)).Select(entry => entry.GetProperty("erased").GetInt64())];
        foreach (JsonElement each in record.GetProperty("entries").EnumerateArray())
        {
            number++;
            JsonElement entry = each.GetProperty("entry");
            head = CaseChain.Next(head, CanonicalJson.Of(entry));
            Expect(Text(each, "hash") == Convert.ToHexStringLower(head), "its hash is not that of its content behind the entry before it", number);
            Expect(entry.GetProperty("number").GetInt64() == number, $"it says that it is entry {entry.GetProperty("number").GetRawText()}", number);
            Expect(entry.GetProperty("atMs").GetInt64() >= atMs, "it is older than the entry before it", number);
            atMs = entry.GetProperty("atMs").GetInt64();
            CheckText(each, entry, erased.Contains(number), number);

            // Who goes on from a broken link names every entry after it: one is enough.
            head = Convert.FromHexString(Text(each, "hash")!);
        }

        return (number, Convert.ToHexStringLower(head));
    }

    private void CheckText(JsonElement each, JsonElement entry, bool isErased, long number)
    {
        bool has = each.TryGetProperty("text", out JsonElement text);
        if (!entry.TryGetProperty("textSha256", out JsonElement expected))
        {
            Expect(!has, "it has a text that nothing vouches for", number);
            return;
        }

        if (has)
        {
            Expect(CanonicalJson.HashOf(text) == expected.GetString(), "what was written in it was changed", number);
        }
        else
        {
            Expect(isErased, "what was written in it is missing, and no entry says that it was erased", number);
        }
    }

    /// <summary>Each copy is as the record has it, and whatever the record has is there.</summary>
    private void CheckCopies(JsonElement all, JsonElement record)
    {
        Dictionary<string, JsonElement> rows = all.GetProperty("copies").EnumerateArray().ToDictionary(row => Text(row, "id")!, StringComparer.Ordinal);
        foreach (JsonElement entry in record.GetProperty("entries").EnumerateArray().Select(each => each.GetProperty("entry")))
        {
            long number = entry.GetProperty("number").GetInt64();
            if (entry.TryGetProperty("item", out JsonElement item))
            {
                bool same = rows.TryGetValue(Text(item, "id")!, out JsonElement row)
                    && item.EnumerateObject().All(member => row.TryGetProperty(member.Name, out JsonElement value) && CanonicalJson.HashOf(value) == CanonicalJson.HashOf(member.Value));
                Expect(same, $"its copy {Text(item, "id")} is not there as the record has it", number);
            }

            foreach (JsonElement file in entry.TryGetProperty("attachments", out JsonElement files) ? files.EnumerateArray() : default)
            {
                Expect(rows.Values.Any(row => Text(row, "sha256") == Text(file, "sha256")), $"its attachment {Text(file, "sha256")} is not among the copies", number);
            }
        }
    }

    private void CheckDecisions(JsonElement all, JsonElement record)
    {
        List<JsonElement> entries = [.. record.GetProperty("entries").EnumerateArray().Select(each => each.GetProperty("entry"))];
        foreach (JsonElement decision in all.GetProperty("decisions").EnumerateArray())
        {
            long number = decision.GetProperty("entry").GetInt64();
            bool same = number >= 1 && number <= entries.Count && entries[(int)number - 1].TryGetProperty("warning", out JsonElement warning)
                && Text(warning, "id") == Text(decision, "warning")
                && CanonicalJson.HashOf(warning.GetProperty("evidence").GetProperty("figures")) == CanonicalJson.HashOf(decision.GetProperty("figures"))
                && warning.GetProperty("confidence").GetRawText() == decision.GetProperty("confidence").GetRawText();
            Expect(same, "the decision is not that of the warning in it", number);
        }
    }

    private int CheckFiles(JsonElement all)
    {
        List<string> included = [.. all.GetProperty("included").EnumerateArray().Select(each => each.GetString()!)];
        List<string> found = [];
        foreach (JsonElement file in all.GetProperty("files").EnumerateArray())
        {
            string name = Text(file, "sha256")!;
            byte[] data = file.GetProperty("data").GetBytesFromBase64();
            Expect(Convert.ToHexStringLower(SHA256.HashData(data)) == name && Convert.ToBase64String(data) == Text(file, "data"), $"the file {name} was changed");
            found.Add(name);
        }

        Expect(included.SequenceEqual(found, StringComparer.Ordinal), "the files are not those that the dossier was made with");
        return found.Count;
    }

    private static bool Verify(Dictionary<string, string> keys, JsonElement signed, byte[] statement) =>
        keys.TryGetValue(Text(signed, "key") ?? "", out string? key) && EvidenceKeys.Verify(key, statement, Text(signed, "signature") ?? "");

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private void Expect(bool holds, string flaw, long? entry = null)
    {
        if (!holds)
        {
            flaws.Add(entry is null ? $"case {id}: {flaw}." : string.Create(CultureInfo.InvariantCulture, $"case {id}, entry {entry}: {flaw}."));
        }
    }
}
