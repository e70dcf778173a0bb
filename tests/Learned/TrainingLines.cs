using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Models.Learned.Training;

namespace Streaming.Tests.Learned;

/// <summary>Made rows as a training file has them. Where <see cref="Variable"/> names a directory, the tests write there what the shipped models were trained on; models/README.md has the whole command.</summary>
internal static class TrainingLines
{
    public const string Variable = "STREAMING_TRAINING_ROWS";

    /// <summary>The rows, one a line.</summary>
    public static string Of(TrainingSet rows)
    {
        StringBuilder lines = new();
        foreach (TrainingRow row in rows.Rows)
        {
            string features = string.Join(',', rows.Features.Features.Select((feature, i) => $"\"{feature.Name}\":{row.Vector[i].ToString("R", CultureInfo.InvariantCulture)}"));
            string at = DateTimeOffset.FromUnixTimeMilliseconds(row.AtMs).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            lines.Append($$"""{"kind":"{{rows.Features.Kind}}","at":"{{at}}","source":{{JsonSerializer.Serialize(row.Source)}},"features":{{{features}}},"label":{{(row.Label ? "true" : "false")}}}""").Append('\n');
        }

        return lines.ToString();
    }

    /// <summary>Writes them where that is asked for.</summary>
    public static void WriteWhereAsked(TrainingSet rows)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
            File.WriteAllText(Path.Combine(directory, $"{rows.Features.Kind}.jsonl"), Of(rows));
        }
    }
}
