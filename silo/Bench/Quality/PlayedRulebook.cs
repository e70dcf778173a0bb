using System.Text.Json;
using System.Text.Json.Nodes;
using Streaming.Grains.Rules;
using Streaming.Ingest.City;
using Streaming.Silo.Bench.Quality.Scenarios;

namespace Streaming.Silo.Bench.Quality;

/// <summary>
/// The rulebook that is shipped, with what a city adds of its own once its devices stand as those of the play do: which camera stands before which scale, that masses of two stations are compared, for which it takes a register of sites, that the front axles of a station are held against a band, that trucks are held against the register of waybills, and a scene that a department drafted.
/// Nothing of it changes a threshold.
/// </summary>
internal static class PlayedRulebook
{
    private const string Limits = "limits.json";

    /// <summary>A scale weighs what its camera saw within this time, seconds.</summary>
    private const int WeighedWithinS = 120;

    private static readonly string[] Files = ["districts.json", "departments.json", "workflows.json", "routing.json", "calendar.json", Limits];
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads it from the files beside the program.</summary>
    public static Rulebook Load()
    {
        string directory = CityFiles.ShippedDirectory;
        Dictionary<string, string> texts = Files.ToDictionary(name => name, name => File.ReadAllText(Path.Combine(directory, name)), StringComparer.Ordinal);
        CityDefinition city = CityFiles.Load(directory, out _) ?? throw new InvalidDataException($"The city in {directory} is not valid.");
        texts[Limits] = Adapt(texts[Limits], city);
        Rulebook rules = Rulebook.Load(texts, out IReadOnlyList<RulebookProblem> problems)
            ?? throw new InvalidDataException($"The rulebook in {directory} is not valid: {string.Join(" ", problems)}");
        return rules.With(rules.Decisions with { Scenes = [StayingStall.Scene] });
    }

    private static string Adapt(string limits, CityDefinition city)
    {
        JsonNode root = JsonNode.Parse(limits, documentOptions: Lenient)!;
        if (root["evasion"] is JsonObject evasion)
        {
            evasion["disagreement"] ??= new JsonObject();
            evasion["watches"] ??= new JsonArray(
                [.. city.Cameras.Where(camera => camera.Watches == "station").Select(camera => new JsonObject { ["camera"] = camera.Id, ["station"] = camera.Target, ["withinS"] = WeighedWithinS })]);
        }

        // Its tractors are those that the band of front axles is of.
        JsonObject sources = ((root["sources"] ??= new JsonObject()) as JsonObject)!;
        sources["drift"] ??= new JsonObject();

        // The play has a register of waybills.
        ((root["waybills"] ??= new JsonObject()) as JsonObject)!["enabled"] = true;
        return root.ToJsonString();
    }
}
