using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Tests.Parity;

/// <summary>One line of the script. <c>README.md</c> has its forms.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="At">When it happens.</param>
internal abstract record Step(int Line, DateTimeOffset At);

/// <summary>Time passes: what falls due by then, does.</summary>
internal sealed record WaitStep(int Line, DateTimeOffset At) : Step(Line, At);

/// <summary>A command to an actor, and how it has to be answered.</summary>
internal sealed record CommandStep(int Line, DateTimeOffset At, ActorKind Kind, string Key, MessageKind Message, byte[] Body, ReplyStatus Answer) : Step(Line, At);

/// <summary>A device publishes.</summary>
internal sealed record PublishStep(int Line, DateTimeOffset At, string Source, string Topic, byte[] Payload) : Step(Line, At);

/// <summary>
/// Somebody acts on the newest work order about a subject and kind that a department has in a stage: by what does not depend on how cases are numbered. <see cref="Action"/> lacks only the
/// work order's id.
/// </summary>
internal sealed record ActStep(int Line, DateTimeOffset At, string Subject, string Kind, string Stage, string Department, WorkOrderAction Action, ReplyStatus Answer) : Step(Line, At);

/// <summary>The host is opened again with the changed files of another rulebook.</summary>
internal sealed record RulebookStep(int Line, DateTimeOffset At, string Directory) : Step(Line, At);

/// <summary>The recorded script and the rulebooks it is played under, as they lie in the repository.</summary>
internal static class ParityScript
{
    public static string Directory { get; } = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(Streaming.Determinism.ShippedCity.Directory))!, "tests", "Parity");

    public static IReadOnlyList<Step> Read()
    {
        List<Step> steps = [];
        int line = 0;
        foreach (string text in File.ReadLines(Path.Combine(Directory, "script.jsonl"), Encoding.UTF8))
        {
            line++;
            try
            {
                steps.Add(Parse(line, JsonNode.Parse(text)!.AsObject()));
            }
            catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
            {
                throw new InvalidDataException($"script.jsonl, line {line} is no step: {failure.Message}", failure);
            }

            if (steps.Count > 1 && steps[^1].At < steps[^2].At)
            {
                throw new InvalidDataException($"script.jsonl, line {line} is before the line above it.");
            }
        }

        return steps;
    }

    /// <summary>The rulebook of <c>city/</c>, with the files of another directory in place of its own where one is given.</summary>
    public static Rulebook Rulebook(string? changed = null)
    {
        Dictionary<string, string> files = [];
        foreach (string directory in changed is null ? ["city"] : new[] { "city", changed })
        {
            foreach (string path in System.IO.Directory.GetFiles(Path.Combine(Directory, directory), "*.json"))
            {
                files[Path.GetFileName(path)] = File.ReadAllText(path);
            }
        }

        return Grains.Rules.Rulebook.Load(files, out IReadOnlyList<RulebookProblem> problems)?.WithVersion(1)
            ?? throw new InvalidDataException(string.Join(Environment.NewLine, problems));
    }

    private static Step Parse(int line, JsonObject step)
    {
        DateTimeOffset at = Get<DateTimeOffset>(step, "at");
        string what = Get<string>(step, "do");
        return what switch
        {
            "wait" => new WaitStep(line, at),
            "command" => new CommandStep(
                line, at, Enum.Parse<ActorKind>(Get<string>(step, "actor")), Get<string>(step, "key"), Enum.Parse<MessageKind>(Get<string>(step, "message")),
                step["body"] is { } body ? Encoding.UTF8.GetBytes(body.ToJsonString()) : [], Enum.Parse<ReplyStatus>(Get<string>(step, "answer"))),
            "publish" => new PublishStep(line, at, Get<string>(step, "source"), Get<string>(step, "topic"), Payload(step)),
            "act" => new ActStep(
                line, at, Get<string>(step, "subject"), Get<string>(step, "kind"), Get<string>(step, "stage"), Get<string>(step, "department"), Action(step), Enum.Parse<ReplyStatus>(Get<string>(step, "answer"))),
            "rulebook" => new RulebookStep(line, at, Get<string>(step, "directory")),
            _ => throw new FormatException($"\"{what}\" is nothing to do; use wait, command, publish, act or rulebook."),
        };
    }

    /// <summary>The payload is JSON as it stands; where it is to be none, <c>text</c> has it, and <c>base64</c> where it is not even text.</summary>
    private static byte[] Payload(JsonObject step) =>
        step["payload"] is { } json ? Encoding.UTF8.GetBytes(json.ToJsonString(GoldenFiles.Json))
        : step["text"] is { } text ? Encoding.UTF8.GetBytes(text.GetValue<string>())
        : Convert.FromBase64String(Get<string>(step, "base64"));

    /// <summary>The department that acts is the work order's own unless <c>as</c> names another; an administrator's is null.</summary>
    private static WorkOrderAction Action(JsonObject step) => new(
        "",
        Get<string>(step, "action"),
        Get<string>(step, "by"),
        step.ContainsKey("as") ? step["as"]?.GetValue<string>() : Get<string>(step, "department"),
        step["note"]?.GetValue<string>(),
        step["outcome"]?.GetValue<string>(),
        step["evidence"] is JsonArray evidence ? [.. evidence.Select(item => item!.GetValue<string>())] : null);

    private static T Get<T>(JsonObject step, string name) =>
        step[name] is { } value ? value.GetValue<T>() : throw new KeyNotFoundException($"\"{name}\" is missing.");
}
