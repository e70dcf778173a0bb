using System.Text.Json;

namespace Streaming.Models.Learned.Training;

/// <summary>
/// Collects labelled rows from JSON lines, of every kind: <c>{"kind":"over-road-limit","at":"2026-11-20T08:00:00Z","source":"S07","features":{"overPct":12.5},"label":true}</c>. A feature that a line does not have
/// takes its value for "absent". A line that is not right is left out and named; empty lines are nothing.
/// </summary>
/// <param name="kind">Rows of this kind alone are kept; null for all.</param>
public sealed class TrainingReader(string? kind)
{
    private readonly Dictionary<string, List<TrainingRow>> rows = new(StringComparer.Ordinal);
    private readonly List<string> problems = [];

    /// <summary>The first problems, as <c>cases.jsonl:12: ...</c>.</summary>
    public IReadOnlyList<string> Problems => problems;

    /// <summary>Lines that were left out, those of the problems that are not listed too.</summary>
    public int LinesLeftOut { get; private set; }

    /// <summary>What was read of a kind; null where there is no row of it.</summary>
    public TrainingSet? Of(FeatureSet features) => rows.TryGetValue(features.Kind, out List<TrainingRow>? its) ? new TrainingSet(features, its) : null;

    /// <summary>Reads one file to its end.</summary>
    /// <param name="name">As problems name it.</param>
    /// <param name="stream">UTF-8.</param>
    public void Read(string name, Stream stream)
    {
        byte[] buffer = new byte[ModelLimits.TrainingLineBytes + 1];
        int filled = 0;
        int line = 0;
        bool tooLong = false;
        while (true)
        {
            int read = stream.Read(buffer, filled, buffer.Length - filled);
            filled += read;
            int begin = 0;
            for (int end; (end = buffer.AsSpan(begin, filled - begin).IndexOf((byte)'\n')) >= 0; begin += end + 1)
            {
                Take(name, ++line, buffer.AsMemory(begin, end), tooLong);
                tooLong = false;
            }

            buffer.AsSpan(begin, filled - begin).CopyTo(buffer);
            filled -= begin;
            if (read == 0)
            {
                break;
            }

            // A line longer than the buffer is thrown away piece by piece, and complained of once, at its end.
            if (filled == buffer.Length)
            {
                (filled, tooLong) = (0, true);
            }
        }

        if (filled > 0 || tooLong)
        {
            Take(name, ++line, buffer.AsMemory(0, filled), tooLong);
        }
    }

    private void Take(string name, int line, ReadOnlyMemory<byte> text, bool tooLong)
    {
        if (!tooLong && text.Span.Trim(" \t\r"u8).IsEmpty)
        {
            return;
        }

        string? problem = tooLong ? $"The line has more than {ModelLimits.TrainingLineBytes} bytes." : Take(text);
        if (problem is null)
        {
            return;
        }

        LinesLeftOut++;
        if (problems.Count < ModelLimits.LearnedProblems)
        {
            problems.Add($"{name}:{line}: {problem}");
        }
    }

    private string? Take(ReadOnlyMemory<byte> text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 4 });
            return Take(document.RootElement);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return "This is not a JSON object of one line, in UTF-8.";
        }
    }

    private string? Take(JsonElement root)
    {
        JsonFields fields = new(1);
        if (!fields.IsObject(root, "$"))
        {
            return fields.Problems[0];
        }

        fields.Only(root, "$", "kind", "at", "source", "features", "label");
        string its = fields.Text(root, "$", "kind");
        if (fields.Problems.Count > 0)
        {
            return fields.Problems[0];
        }

        if (FeatureSet.Of(its) is not { } features)
        {
            return $"$.kind is \"{its}\"; {string.Join(" or ", FeatureSet.All.Select(set => set.Kind))} expected.";
        }

        if (kind is not null && its != kind)
        {
            return null;
        }

        long atMs = fields.Time(root, "$", "at");
        string source = fields.Text(root, "$", "source");
        bool label = Label(fields, root);
        float[] vector = Vector(fields, root, features);
        if (fields.Problems.Count > 0)
        {
            return fields.Problems[0];
        }

        if (!rows.TryGetValue(its, out List<TrainingRow>? list))
        {
            rows.Add(its, list = []);
        }

        if (list.Count == ModelLimits.TrainingRows)
        {
            return $"There are already {ModelLimits.TrainingRows} rows of {its}.";
        }

        list.Add(new TrainingRow(atMs, source, vector, label));
        return null;
    }

    private static bool Label(JsonFields fields, JsonElement root)
    {
        JsonElement? label = fields.Member(root, "$", "label");
        if (label is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
        {
            fields.Add("$.label must be true or false.");
        }

        return label is { ValueKind: JsonValueKind.True };
    }

    private static float[] Vector(JsonFields fields, JsonElement root, FeatureSet features)
    {
        const string Path = "$.features";
        float[] vector = [.. features.Features.Select(feature => feature.WhenAbsent)];
        if (fields.Member(root, "$", "features") is not { } element || !fields.IsObject(element, Path))
        {
            return vector;
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            int index = features.IndexOf(property.Name);
            if (index < 0)
            {
                fields.Add($"{Path} has \"{(property.Name.Length <= 40 ? property.Name : property.Name[..40] + "...")}\", which is no feature of {features.Kind}; there are {string.Join(", ", features.Features.Select(feature => feature.Name))}.");
                return vector;
            }

            // Out of its range a figure was not made by the feature's function: clamped, it would teach what never comes.
            vector[index] = (float)fields.Number(element, Path, property.Name, features.Features[index].Least, features.Features[index].Most);
        }

        return vector;
    }
}
