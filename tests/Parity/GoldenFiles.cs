using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Streaming.Tests.Parity;

/// <summary>What the script gave when it was recorded: a file for each list, a line for each row.</summary>
internal static class GoldenFiles
{
    private const int DifferencesPrinted = 5;

    /// <summary>Chinese as itself, so that a difference can be read.</summary>
    public static JsonSerializerOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Directory => Path.Combine(ParityScript.Directory, "golden");

    /// <summary>Rewrites all files.</summary>
    public static void Write(ParityOutcome outcome)
    {
        System.IO.Directory.CreateDirectory(Directory);
        foreach (string path in System.IO.Directory.GetFiles(Directory, "*.jsonl"))
        {
            File.Delete(path);
        }

        foreach ((string file, string[] lines) in outcome.Files)
        {
            File.WriteAllText(PathOf(file), string.Concat(lines.Select(line => line + "\n")), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
    }

    /// <summary>Empty where all lines are as recorded; otherwise the first that are not, both as they are and as they should be.</summary>
    public static string Differences(ParityOutcome outcome)
    {
        StringBuilder said = new();
        string[] recorded = System.IO.Directory.Exists(Directory) ? [.. System.IO.Directory.GetFiles(Directory, "*.jsonl").Select(path => Path.GetFileNameWithoutExtension(path)!)] : [];
        foreach (string file in recorded.Union(outcome.Files.Keys).Order(StringComparer.Ordinal))
        {
            string[] expected = File.Exists(PathOf(file)) ? File.ReadAllLines(PathOf(file)) : [];
            Compare(file, expected, outcome.Files.GetValueOrDefault(file, []), said);
        }

        return said.ToString();
    }

    private static void Compare(string file, string[] expected, string[] actual, StringBuilder said)
    {
        int differing = 0;
        for (int i = 0; i < Math.Max(expected.Length, actual.Length); i++)
        {
            string wanted = i < expected.Length ? expected[i] : "(no line)";
            string got = i < actual.Length ? actual[i] : "(no line)";
            if (wanted != got && ++differing <= DifferencesPrinted)
            {
                int same = wanted.AsSpan().CommonPrefixLength(got);
                said.Append($"golden/{file}.jsonl, line {i + 1}, from character {same + 1} on:\n  recorded: {wanted}\n  now:      {got}\n");
            }
        }

        if (differing > DifferencesPrinted)
        {
            said.Append($"golden/{file}.jsonl: {differing} lines differ; {expected.Length} are recorded, now there are {actual.Length}.\n");
        }
    }

    private static string PathOf(string file) => Path.Combine(Directory, file + ".jsonl");
}
