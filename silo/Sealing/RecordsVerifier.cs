using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Streaming.Grains.Dispatch;
using Streaming.Models.Encoding;
using Streaming.Silo.Api;

namespace Streaming.Silo.Sealing;

/// <summary>
/// Checks the records of all cases in a data directory: each chain from its first entry to the head that the case shows, what people wrote by its hashes, and every copy that is kept. It changes nothing, and a silo may be running: the lists are read as of one moment.
/// </summary>
internal sealed class RecordsVerifier(string directory, TextWriter output)
{
    private const string ListsFile = "views.db";

    /// <summary>The layout of the lists in which records came.</summary>
    private const int FirstLayout = 12;

    private long cases;
    private long entries;
    private long flaws;

    /// <summary>Prints what was found; 0 where nothing is damaged, 1 where something is.</summary>
    public int Run()
    {
        string path = Path.Combine(directory, ListsFile);
        if (!File.Exists(path))
        {
            return 0;
        }

        try
        {
            using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 5 }.ToString());
            connection.Open();
            using SqliteTransaction moment = connection.BeginTransaction(deferred: true);
            using (SqliteCommand layout = Command(connection, "PRAGMA user_version"))
            {
                if ((long)layout.ExecuteScalar()! < FirstLayout)
                {
                    return 0;
                }
            }

            CheckRecords(connection);
            CheckTexts(connection);
        }
        catch (SqliteException failure)
        {
            output.WriteLine($"DAMAGED: {ListsFile} cannot be read: {failure.Message}");
            flaws++;
        }

        long files = CheckFiles();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(flaws == 0 ? "The records of cases are sound" : "Records of cases are damaged")}: {cases} cases, {entries} entries, {files} copies."));
        return flaws == 0 ? 0 : 1;
    }

    private void CheckRecords(SqliteConnection connection)
    {
        using SqliteCommand command = Command(connection, "SELECT r.case_id, r.json, c.json -> '$.chain' FROM case_records r LEFT JOIN cases c ON c.key = r.case_id ORDER BY r.case_id, r.key");
        using SqliteDataReader reader = command.ExecuteReader();
        string? current = null;
        string? shown = null;
        byte[] head = [];
        long number = 0;
        while (reader.Read())
        {
            string id = reader.IsDBNull(0) ? "?" : reader.GetString(0);
            if (id != current)
            {
                End(current, number, head, shown);
                (current, number, head) = (id, 0, CaseChain.Genesis(id));
                shown = reader.IsDBNull(2) ? null : reader.GetString(2);
                cases++;
            }

            (number, head) = CheckSheet(id, reader.GetString(1), number, head);
        }

        End(current, number, head, shown);
    }

    private (long Number, byte[] Head) CheckSheet(string id, string sheet, long number, byte[] head)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(sheet);
            foreach (JsonElement each in document.RootElement.GetProperty("entries").EnumerateArray())
            {
                number++;
                entries++;
                JsonElement entry = each.GetProperty("entry");
                string hash = each.GetProperty("hash").GetString()!;
                if (Convert.ToHexStringLower(CaseChain.Next(head, CanonicalJson.Of(entry))) != hash)
                {
                    Damaged(id, number, "its hash is not that of its content behind the entry before it");
                }
                else if (entry.GetProperty("number").GetInt64() != number)
                {
                    Damaged(id, number, $"it says that it is entry {entry.GetProperty("number").GetRawText()}");
                }

                head = Convert.FromHexString(hash);
            }
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            Damaged(id, number + 1, $"it does not read as an entry ({failure.Message})");
        }

        return (number, head);
    }

    /// <summary>The record ends where the case says, as long as the lists have the case.</summary>
    private void End(string? id, long number, byte[] head, string? shown)
    {
        if (id is null || shown is null)
        {
            return;
        }

        JsonElement chain = JsonSerializer.Deserialize(shown, ApiJson.Default.JsonElement);
        if (chain.GetProperty("entries").GetInt64() != number || chain.GetProperty("head").GetString() != Convert.ToHexStringLower(head))
        {
            Damaged(id, number, $"the record ends here, and the case says that it ends with entry {chain.GetProperty("entries").GetRawText()} and another hash");
        }
    }

    private void CheckTexts(SqliteConnection connection)
    {
        const string hashes = "SELECT t.case_id, t.key, t.json, (SELECT e.value ->> '$.entry.textSha256' FROM case_records r, json_each(r.json, '$.entries') e WHERE r.case_id = t.case_id AND e.value ->> '$.entry.number' = t.json ->> '$.number') FROM case_texts t";
        using SqliteCommand command = Command(connection, hashes);
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            using JsonDocument text = JsonDocument.Parse(reader.GetString(2));
            if (reader.IsDBNull(3) || CanonicalJson.HashOf(text.RootElement) != reader.GetString(3))
            {
                string key = reader.GetString(1);
                Damaged(reader.GetString(0), long.Parse(key.AsSpan(key.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture), "what was written in it was changed");
            }
        }
    }

    private long CheckFiles()
    {
        string copies = Path.Combine(directory, "evidence");
        long files = 0;
        foreach (string file in Directory.Exists(copies) ? Directory.GetFiles(copies).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            string name = Path.GetFileName(file);
            if (name.Length != 64)
            {
                continue;
            }

            files++;
            using FileStream content = File.OpenRead(file);
            if (Convert.ToHexStringLower(SHA256.HashData(content)) != name)
            {
                output.WriteLine($"DAMAGED: {Path.Combine("evidence", name)}: it was changed: its content has another SHA-256.");
                flaws++;
            }
        }

        return files;
    }

    private void Damaged(string id, long number, string what)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"DAMAGED: case {id}, entry {number}: {what}."));
        flaws++;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
