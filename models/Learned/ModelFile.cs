using System.Buffers;
using System.Text.Json;
using Streaming.Models.Learned.Training;

namespace Streaming.Models.Learned;

/// <summary>A learned model as a file; <c>FORMAT.md</c> beside this says what is in it.</summary>
public static class ModelFile
{
    /// <summary>First property of the file.</summary>
    public const string FormatName = "streaming-model";

    /// <summary>What this version writes, and the only one it reads.</summary>
    public const int FormatVersion = 1;

    /// <summary>How the name of a file ends.</summary>
    public const string Extension = ".model.json";

    private static readonly JsonWriterOptions WriterOptions = new() { Indented = false, NewLine = "\n" };

    /// <summary>Reads a file and checks all of it but the golden rows' scores, which <see cref="LearnedModel.Verify"/> does. Null where anything is wrong.</summary>
    /// <param name="utf8">The whole file.</param>
    /// <param name="problems">What is wrong and where, a sentence each, at most <see cref="ModelLimits.LearnedProblems"/>.</param>
    public static LearnedModel? Read(ReadOnlyMemory<byte> utf8, out IReadOnlyList<string> problems)
    {
        if (utf8.Length > ModelLimits.LearnedFileBytes)
        {
            problems = [$"The file has {utf8.Length} bytes; at most {ModelLimits.LearnedFileBytes} expected."];
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            ModelFileReader reader = new();
            LearnedModel? model = reader.Read(document.RootElement);
            problems = reader.Problems;
            return model;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            problems = [$"The file is not JSON: {failure.Message}"];
            return null;
        }
    }

    /// <summary>Writes a model: one line, the same bytes for the same model.</summary>
    public static byte[] Write(LearnedModel model)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("format", FormatName);
            json.WriteNumber("version", FormatVersion);
            json.WriteString("kind", model.Features.Kind);
            json.WriteString("algorithm", model.Scorer.Algorithm);
            json.WriteNumber("threshold", model.Threshold);
            json.WriteStartObject("features");
            json.WriteNumber("version", model.Features.Version);
            json.WriteStartArray("names");
            foreach (Feature feature in model.Features.Features)
            {
                json.WriteStringValue(feature.Name);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("parameters");
            WriteParameters(json, model.Scorer);
            json.WriteEndObject();
            WriteCard(json, model.Card);
            json.WriteStartArray("golden");
            foreach (GoldenRow row in model.Golden)
            {
                json.WriteStartObject();
                Write(json, "vector", row.Vector);
                json.WriteNumber("score", row.Score);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static void WriteParameters(Utf8JsonWriter json, IScorer scorer)
    {
        switch (scorer)
        {
            case LogisticScorer logistic:
                Write(json, logistic.Standardisation);
                Write(json, "weights", logistic.Weights);
                json.WriteNumber("bias", logistic.Bias);
                break;
            case TreeScorer ensemble:
                json.WriteNumber("bias", ensemble.Bias);
                json.WriteNumber("slope", ensemble.Slope);
                json.WriteNumber("offset", ensemble.Offset);
                json.WriteStartArray("trees");
                foreach (DecisionTree tree in ensemble.Trees)
                {
                    json.WriteStartObject();
                    json.WriteNumber("weight", tree.Weight);
                    Write(json, "feature", tree.Feature);
                    Write(json, "threshold", tree.Threshold);
                    Write(json, "left", tree.Left);
                    Write(json, "right", tree.Right);
                    Write(json, "leaf", tree.Leaf);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                break;
            case PcaScorer pca:
                Write(json, pca.Standardisation);
                Write(json, "centre", pca.Centre);
                json.WriteStartArray("components");
                foreach (IReadOnlyList<double> component in pca.Components)
                {
                    json.WriteStartArray();
                    foreach (double value in component)
                    {
                        json.WriteNumberValue(value);
                    }

                    json.WriteEndArray();
                }

                json.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"A model file has no algorithm {scorer.Algorithm}.");
        }
    }

    private static void WriteCard(Utf8JsonWriter json, ModelCard card)
    {
        json.WriteStartObject("card");
        json.WriteString("trainer", card.Trainer);
        json.WriteString("trainerDetail", card.TrainerDetail);
        json.WriteString("date", Wording.FigureText.Time(card.DateMs));
        json.WriteString("dataSha256", card.DataSha256);
        if (card.Data is { } data)
        {
            json.WriteString("data", data);
        }

        Write(json, "trained", card.Trained);
        Write(json, "compared", card.Compared);
        Metrics metrics = card.Metrics;
        json.WriteStartObject("metrics");
        json.WriteNumber("truePositives", metrics.TruePositives);
        json.WriteNumber("falsePositives", metrics.FalsePositives);
        json.WriteNumber("falseNegatives", metrics.FalseNegatives);
        json.WriteNumber("trueNegatives", metrics.TrueNegatives);
        WriteOptional(json, "precision", metrics.Precision);
        WriteOptional(json, "recall", metrics.Recall);
        WriteOptional(json, "auc", metrics.Auc);
        WriteOptional(json, "brier", metrics.Brier);
        json.WriteStartArray("calibration");
        foreach (CalibrationBin bin in metrics.Calibration)
        {
            json.WriteStartObject();
            json.WriteNumber("rows", bin.Rows);
            json.WriteNumber("positives", bin.Positives);
            json.WriteNumber("meanScore", bin.MeanScore);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, CardRows rows)
    {
        json.WriteStartObject(name);
        json.WriteNumber("rows", rows.Rows);
        json.WriteNumber("positives", rows.Positives);
        json.WriteString("from", Wording.FigureText.Time(rows.FromMs));
        json.WriteString("to", Wording.FigureText.Time(rows.ToMs));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Standardisation standardisation)
    {
        Write(json, "means", standardisation.Means);
        Write(json, "deviations", standardisation.Deviations);
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } known)
        {
            json.WriteNumber(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<float> values)
    {
        json.WriteStartArray(name);
        foreach (float value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<int> values)
    {
        json.WriteStartArray(name);
        foreach (int value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
