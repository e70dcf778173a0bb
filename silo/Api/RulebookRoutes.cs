using System.Text;
using System.Text.Json;
using Streaming.Grains;
using Streaming.Grains.Rules;

namespace Streaming.Silo.Api;

/// <summary>
/// Tries one file of the rulebook against what is in force, as a start would take it over: what is wrong with it, and what it would change. Nothing is changed; files come into force at a start, since what is decided over the API
/// and would be undone by the files of the next start would be no decision.
/// </summary>
internal sealed class RulebookRoutes(ApiServices services)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/rulebook/validate", (Delegate)ValidateAsync)
        .WithSummary($"Tries one file of the rulebook ('file', one of {string.Join(", ", Rulebook.FileNames)}, and its 'text') against what is in force: 'problems' with file, path, what was found and expected and what to do; 'changes' with path, from and to. Nothing is changed.")
        .Accepts<RulebookFileRequest>("application/json", RequestBody.AnyType).ProducesProblem(400).NotAudited("everybody's rules, and nothing is changed");

    private async Task<IResult> ValidateAsync(HttpContext context)
    {
        (RulebookFileRequest? request, Refusal? refusal) = await RequestBody.ReadAsync(context.Request, ApiJson.Default.RulebookFileRequest).ConfigureAwait(false);
        refusal ??= request!.File is null || !Rulebook.FileNames.Contains(request.File) ? Refusal.Invalid($"There is no file '{request.File}' of a rulebook; there are {string.Join(", ", Rulebook.FileNames)}.", "file")
            : request.Text is null ? Refusal.Invalid("Give the file's text.", "text")
            : Encoding.UTF8.GetByteCount(request.Text) > GrainLimits.RuleFileBytes ? Refusal.Invalid($"A file may have {GrainLimits.RuleFileBytes} bytes at most.", "text")
            : null;
        if (refusal is not null)
        {
            return refusal;
        }

        Rulebook inForce = services.Rules();
        Rulebook? tried = inForce.WithFile(request!.File!, request.Text!, out IReadOnlyList<RulebookProblem> problems);
        using JsonDocument from = JsonDocument.Parse(inForce.ToWholeJson());
        using JsonDocument? to = tried is null ? null : JsonDocument.Parse(tried.ToWholeJson());
        IReadOnlyList<RulebookChange> changes = to is null ? [] : RulebookDifference.Of(from.RootElement, to.RootElement, ApiLimits.RulebookChanges);
        return new RawJson(ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("valid", tried is not null);
            json.WriteNumber("version", inForce.Version);
            json.WriteStartArray("problems");
            foreach (RulebookProblem problem in problems)
            {
                json.WriteStartObject();
                json.WriteString("file", problem.File);
                json.WriteString("path", problem.Path);
                json.WriteString("message", $"Found {problem.Found}; expected {problem.Expected}. {problem.Advice}");
                json.WriteString("found", problem.Found);
                json.WriteString("expected", problem.Expected);
                json.WriteString("advice", problem.Advice);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("changes");
            foreach (RulebookChange change in changes)
            {
                json.WriteStartObject();
                json.WriteString("path", change.Path);
                Value(json, "from", change.From);
                Value(json, "to", change.To);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    private static void Value(Utf8JsonWriter json, string name, JsonElement? value)
    {
        json.WritePropertyName(name);
        if (value is { } element)
        {
            element.WriteTo(json);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}

/// <summary>One file of a rulebook.</summary>
internal sealed record RulebookFileRequest(string? File = null, string? Text = null);
