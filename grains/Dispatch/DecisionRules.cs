using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Models.Learned;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// What a warning was judged by, as its case seals it: the rulebook's version and hash, of the kinds that can be worked out again the section of it, and the files of the learned models that scored.
/// </summary>
internal static class DecisionRules
{
    private const string RoadLimit = "over-road-limit";
    private const string RatedLoad = "over-rated-load";

    /// <summary>Writes the member <c>rule</c>.</summary>
    public static void Write(Utf8JsonWriter json, Rulebook rules, Warning warning)
    {
        json.WriteStartObject("rule");
        json.WriteNumber("rulebook", rules.Version);
        json.WriteString("rulebookSha256", rules.ContentHash);
        json.WriteStartObject("parameters");
        if (warning.Kind is RoadLimit or RatedLoad)
        {
            // Of the classes of stations those that the warning cites: a city has thousands.
            Section(json, "roadLimits", rules.RoadLimits with
            {
                StationClasses = rules.RoadLimits.StationClasses?.Where(known => Array.Exists(warning.Evidence.Readings, reading => reading.Source == known.Station)).ToArray(),
            });
        }

        if (warning.Kind == RatedLoad)
        {
            Section(json, "ratedLoads", rules.RatedLoads);
        }

        json.WriteEndObject();
        WriteModels(json, rules, warning);
        json.WriteEndObject();
    }

    private static void WriteModels(Utf8JsonWriter json, Rulebook rules, Warning warning)
    {
        if (warning.Scores is not { Length: > 0 } scores)
        {
            return;
        }

        json.WriteStartArray("models");
        foreach (ModelScore score in scores)
        {
            foreach (LearnedKind kind in LearnedKind.All)
            {
                ScoringModel? model = rules.Judges.Judge(kind)?.Name == score.Model ? rules.Judges.Judge(kind) : rules.Judges.Shadow(kind)?.Name == score.Model ? rules.Judges.Shadow(kind) : null;
                if (model is not null)
                {
                    json.WriteStartObject();
                    json.WriteString("model", model.Name);
                    json.WriteString("fileSha256", model.FileSha256());
                    json.WriteEndObject();
                    break;
                }
            }
        }

        json.WriteEndArray();
    }

    private static void Section<T>(Utf8JsonWriter json, string name, T value)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value, (JsonTypeInfo<T>)RulebookJson.Default.GetTypeInfo(typeof(T))!);
    }
}
