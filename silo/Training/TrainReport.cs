using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;
using Streaming.Models.Wording;

namespace Streaming.Silo.Training;

/// <summary>What <c>train</c> prints: a table for people, or one JSON line with the figures by station and the calibration too.</summary>
internal static class TrainReport
{
    public static void Print(TextWriter output, IReadOnlyList<Comparison> comparisons, IReadOnlyList<WrittenModel> written)
    {
        foreach (Comparison comparison in comparisons)
        {
            if (comparison.Models.Count == 0)
            {
                output.WriteLine($"{comparison.Features.Kind}: this build has no trainer for it.");
                continue;
            }

            ModelCard card = comparison.Models[0].Model.Card;
            output.WriteLine($"{comparison.Features.Kind}: trained on {Whole(card.Trained.Rows)} rows, {Whole(card.Trained.Positives)} positives, up to {FigureText.Time(card.Trained.ToMs)}; compared on later ones.");
            output.WriteLine(Line("trainer", "rows", "positives", "precision", "recall", "F1", "AUC", "Brier", "bytes"));
            foreach (ComparedModel compared in comparison.Models)
            {
                Metrics its = compared.Model.Card.Metrics;
                output.WriteLine(Line(
                    compared.Model.Card.Trainer, Whole(its.Rows), Whole(its.Positives), Figure(its.Precision), Figure(its.Recall), Figure(its.F1), Figure(its.Auc), Figure(its.Brier), Whole(compared.FileBytes)));
            }

            output.WriteLine(BestLine(comparison));
        }

        foreach (WrittenModel model in written)
        {
            output.WriteLine($"written: {model.Path}");
        }
    }

    public static string Json(TrainingReader reader, IReadOnlyList<Comparison> comparisons, IReadOnlyList<WrittenModel> written)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteNumber("linesLeftOut", reader.LinesLeftOut);
            json.WriteStartArray("kinds");
            foreach (Comparison comparison in comparisons)
            {
                Write(json, comparison, written);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static string BestLine(Comparison comparison)
    {
        if (comparison.Best() is not { } best)
        {
            return "The later rows have one label only: they do not tell which is best.";
        }

        Metrics its = best.Model.Model.Card.Metrics;
        return comparison.Features.Task == LearningTask.Confidence
            ? $"Best by {best.By}: {best.Model.Model.Card.Trainer}, {Figure(its.Brier)}. The share of the positives alone, said of every row, scores {Figure(comparison.BrierOfShare)}; less is better."
            : $"Best by {best.By}: {best.Model.Model.Card.Trainer}, {Figure(its.Auc)}. Chance scores 0.5; more is better.";
    }

    private static void Write(Utf8JsonWriter json, Comparison comparison, IReadOnlyList<WrittenModel> written)
    {
        json.WriteStartObject();
        json.WriteString("kind", comparison.Features.Kind);
        json.WriteString("best", comparison.Best()?.Model.Model.Card.Trainer);
        json.WriteString("bestBy", comparison.Best()?.By);
        json.WriteNumber("brierOfShare", comparison.BrierOfShare);
        json.WriteStartArray("trainers");
        foreach (ComparedModel compared in comparison.Models)
        {
            ModelCard card = compared.Model.Card;
            json.WriteStartObject();
            json.WriteString("trainer", card.Trainer);
            json.WriteNumber("trainedRows", card.Trained.Rows);
            json.WriteNumber("trainedPositives", card.Trained.Positives);
            Write(json, card.Metrics);
            json.WriteNumber("bytes", compared.FileBytes);
            json.WriteString("file", written.FirstOrDefault(file => ReferenceEquals(file.Model, compared.Model))?.Path);
            json.WriteStartArray("calibration");
            foreach (CalibrationBin bin in card.Metrics.Calibration)
            {
                json.WriteStartObject();
                json.WriteNumber("rows", bin.Rows);
                json.WriteNumber("positives", bin.Positives);
                json.WriteNumber("meanScore", bin.MeanScore);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("stations");
            foreach (StationMetrics station in compared.Stations)
            {
                json.WriteStartObject();
                json.WriteString("source", station.Source);
                Write(json, station.Metrics);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Metrics metrics)
    {
        json.WriteNumber("rows", metrics.Rows);
        json.WriteNumber("positives", metrics.Positives);
        foreach ((string name, double? value) in new[] { ("precision", metrics.Precision), ("recall", metrics.Recall), ("f1", metrics.F1), ("auc", metrics.Auc), ("brier", metrics.Brier) })
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
    }

    private static string Line(string trainer, params ReadOnlySpan<string> figures)
    {
        StringBuilder line = new(trainer.PadRight(20));
        foreach (string figure in figures)
        {
            line.Append(figure.PadLeft(11));
        }

        return line.ToString();
    }

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Figure(double? value) => value is { } known ? known.ToString("0.0000", CultureInfo.InvariantCulture) : "-";
}
