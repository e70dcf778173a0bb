using System.Text.Json;
using Streaming.Grains.Rules;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Training;
using Streaming.Models.Wording;
using Streaming.Silo.Training;

namespace Streaming.Silo.Api;

/// <summary>Learned models as the interface shows them.</summary>
internal static class ModelView
{
    /// <summary>Every model, and every kind.</summary>
    public static byte[] List(Rulebook rules) => ApiJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("kinds");
        foreach (LearnedKind kind in LearnedKind.All)
        {
            Write(json, kind, rules);
        }

        json.WriteEndArray();
        json.WriteStartArray("items");
        foreach (TrainedModel shipped in TrainedModels.Shipped.All)
        {
            Write(json, shipped.Name, shipped.Model, null, rules);
        }

        foreach (UploadedModel uploaded in rules.Decisions.Models.Uploaded)
        {
            Write(json, uploaded.Name, rules.Decisions.Models.Read(uploaded.Name), uploaded, rules);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>A kind: who judges, who is in shadow, and what a roll-back goes back to.</summary>
    public static void Write(Utf8JsonWriter json, LearnedKind kind, Rulebook rules)
    {
        KindModels? decided = rules.Decisions.Models.Of(kind.Name);
        json.WriteStartObject();
        json.WriteString("kind", kind.Name);
        json.WriteString("task", kind.Task == LearningTask.Confidence ? "confidence" : "anomaly");
        Write(json, "judge", rules.Judges.Judge(kind), decided?.Judge, rules.Version);
        Write(json, "shadow", rules.Judges.Shadow(kind), decided?.Shadow, rules.Version);
        json.WriteString("namedByFiles", ModelsInForce.NamedBy(rules.Learned, rules.TankAnomalies, kind)?.Name);
        json.WriteStartArray("earlier");
        foreach (ChosenModel earlier in decided?.Earlier ?? [])
        {
            json.WriteStartObject();
            json.WriteString("model", earlier.Model.Length > 0 ? earlier.Model : null);
            Write(json, earlier);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A model with its card.</summary>
    /// <param name="json">Goes here.</param>
    /// <param name="name">Kind and version.</param>
    /// <param name="model">Null where this build cannot read it.</param>
    /// <param name="uploaded">By whom; null for a shipped one.</param>
    /// <param name="rules">Says what part it has.</param>
    public static void Write(Utf8JsonWriter json, string name, LearnedModel? model, UploadedModel? uploaded, Rulebook rules)
    {
        LearnedKind? kind = LearnedKind.OfModel(name);
        json.WriteStartObject();
        json.WriteString("model", name);
        json.WriteString("kind", kind?.Name);
        json.WriteString("origin", uploaded is null ? "shipped" : "uploaded");
        if (uploaded is not null)
        {
            json.WriteString("by", uploaded.By);
            json.WriteString("at", FigureText.Time(uploaded.AtMs));
        }

        json.WriteString("part", kind is null ? null : rules.Judges.Judge(kind)?.Name == name ? "judge" : rules.Judges.Shadow(kind)?.Name == name ? "shadow" : null);
        json.WriteBoolean("usable", model is not null);
        if (model is not null)
        {
            json.WriteString("algorithm", model.Scorer.Algorithm);
            json.WriteNumber("threshold", model.Threshold);
            Write(json, model.Card);
        }

        json.WriteEndObject();
    }

    /// <summary>Judge and shadow on later cases.</summary>
    public static void Write(Utf8JsonWriter json, LearnedKind kind, ModelComparison comparison, long sinceMs, bool isCut)
    {
        json.WriteStartObject();
        json.WriteString("kind", kind.Name);
        json.WriteString("from", FigureText.Time(sinceMs));
        json.WriteNumber("closed", comparison.Closed);
        json.WriteBoolean("cut", isCut);
        json.WriteNumber("unlabelled", comparison.Unlabelled);
        json.WriteNumber("unscored", comparison.Unscored);
        json.WriteNumber("cases", comparison.Compared);
        json.WriteNumber("foundTrue", comparison.FoundTrue);
        json.WriteNumber("foundFalse", comparison.Compared - comparison.FoundTrue);
        json.WriteStartArray("models");
        foreach (ModelOnCases each in comparison.Models)
        {
            json.WriteStartObject();
            json.WriteString("model", each.Model.Length > 0 ? each.Model : null);
            json.WriteString("part", each.Part);
            json.WriteNumber("threshold", each.Threshold);
            Write(json, each.Metrics);
            json.WriteStartArray("calibration");
            for (int i = 0; i < each.Metrics.Calibration.Count; i++)
            {
                CalibrationBin bin = each.Metrics.Calibration[i];
                json.WriteStartObject();
                json.WriteNumber("from", i / (double)Metrics.Bins);
                json.WriteNumber("cases", bin.Rows);
                json.WriteNumber("foundTrue", bin.Positives);
                json.WriteNumber("meanScore", bin.MeanScore);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("stations");
            foreach (StationMetrics station in each.Stations)
            {
                json.WriteStartObject();
                json.WriteString("source", station.Source);
                json.WriteNumber("cases", station.Metrics.Rows);
                json.WriteNumber("foundTrue", station.Metrics.Positives);
                Write(json, station.Metrics);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string part, ScoringModel? model, ChosenModel? decided, int version)
    {
        if (model is null && decided is null)
        {
            json.WriteNull(part);
            return;
        }

        json.WriteStartObject(part);
        json.WriteString("model", model?.Name ?? decided!.Model);
        json.WriteBoolean("inForce", model is not null);
        if (model is not null)
        {
            json.WriteNumber("threshold", model.Threshold);
        }

        if (decided is null)
        {
            json.WriteString("by", "files");
        }
        else
        {
            Write(json, decided);
        }

        json.WriteNumber("rulebook", version);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ChosenModel decided)
    {
        // What the files named before anybody decided has no time.
        json.WriteString("by", decided.AtMs > 0 ? decided.By : "files");
        if (decided.AtMs > 0)
        {
            json.WriteString("since", FigureText.Time(decided.AtMs));
            json.WriteString("reason", decided.Reason);
        }

        if (decided.Overridden == true)
        {
            json.WriteBoolean("overridden", true);
        }
    }

    private static void Write(Utf8JsonWriter json, ModelCard card)
    {
        json.WriteStartObject("card");
        json.WriteString("trainer", card.Trainer);
        json.WriteString("trainerDetail", card.TrainerDetail);
        json.WriteString("date", FigureText.Time(card.DateMs));
        json.WriteString("data", card.Data);
        json.WriteString("dataSha256", card.DataSha256);
        json.WriteNumber("trainedRows", card.Trained.Rows);
        json.WriteNumber("trainedPositives", card.Trained.Positives);
        json.WriteNumber("comparedRows", card.Compared.Rows);
        json.WriteNumber("comparedPositives", card.Compared.Positives);
        Write(json, card.Metrics);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Metrics metrics)
    {
        foreach ((string name, double? value) in new[] { ("precision", metrics.Precision), ("recall", metrics.Recall), ("auc", metrics.Auc), ("brier", metrics.Brier) })
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
}
