using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Streaming.Ingest;

/// <summary>Reads a file that a person has written, and says what keeps it from being read.</summary>
internal static class JsonFile
{
    /// <summary>What the file holds; null where it cannot be read, with the reason added to <paramref name="problems"/>. No problem cites a value.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">Most bytes that it may have.</param>
    /// <param name="type">How it is read.</param>
    /// <param name="purpose">Ends the sentence "… does not exist; …".</param>
    /// <param name="problems">Where the reason goes.</param>
    public static T? Read<T>(string path, long bytes, JsonTypeInfo<T> type, string purpose, List<string> problems)
        where T : class
    {
        try
        {
            FileInfo file = new(path);
            if (!file.Exists)
            {
                problems.Add($"{path} does not exist; {purpose}.");
                return null;
            }

            if (file.Length > bytes)
            {
                problems.Add($"{path} has {file.Length} bytes; at most {bytes} expected.");
                return null;
            }

            T? read = JsonSerializer.Deserialize(File.ReadAllBytes(path), type);
            if (read is null)
            {
                problems.Add($"{path} holds null; an object was expected.");
            }

            return read;
        }
        catch (JsonException failure)
        {
            // The parser names line and path, and cites nothing of the value: a password that is not a text stays unsaid.
            problems.Add($"{path}, line {failure.LineNumber + 1}, {failure.Path}: {failure.Message}");
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{path} cannot be read: {failure.Message}");
            return null;
        }
    }
}
