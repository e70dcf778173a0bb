using System.Text.Json;
using System.Text.Json.Serialization;
using Streaming.Grains.Turns;
using Streaming.Models.Scenes;

namespace Streaming.Grains.Rules;

/// <summary>
/// A scene that a department drafted: what cameras see at a place or an enterprise, how often and when, and who is to handle it. In force it is part of the rulebook, by its own kind of warning (<see cref="Kind"/>) and with a route of its own.
/// </summary>
/// <remarks>
/// One kind a scene, and not one for all of them: a subject has one open warning of a kind, and a case is of one subject and kind. Two scenes at one place have two leads and two workflows, so they are two matters.
/// </remarks>
public sealed record SceneRule
{
    /// <summary>What the kinds of scenes begin with.</summary>
    public const string KindPrefix = "scene-";

    /// <summary>Lower-case letters, digits and hyphens. Never used again, so that a kind of warning has one meaning for ever.</summary>
    public string Id { get; init; } = "";

    /// <summary>As people read it.</summary>
    public LocalName Name { get; init; } = new("", "");

    /// <summary>The department that drafted it and answers for it.</summary>
    public string Department { get; init; } = "";

    /// <summary>Districts, or streets of them, whose cameras count; empty for the whole city.</summary>
    public IReadOnlyList<string> Districts { get; init; } = [];

    /// <summary>What it is of: <c>place</c>, <c>enterprise</c> or both.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = ["place"];

    public SceneThresholds Thresholds { get; init; } = new();

    public SceneRoute Route { get; init; } = new();

    /// <summary>Number of its wording, from 1; every change is a new one.</summary>
    public int Revision { get; init; }

    /// <summary>Who approved it; empty in a draft.</summary>
    public string ApprovedBy { get; init; } = "";

    /// <summary>When it was approved, ms; 0 in a draft.</summary>
    public long ApprovedMs { get; init; }

    /// <summary>Kind of its warnings.</summary>
    [JsonIgnore]
    public string Kind => KindPrefix + Id;

    /// <summary>Model that its warnings name: the scene and its revision.</summary>
    [JsonIgnore]
    public string Model => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Kind}/{Revision}");

    /// <summary>True where it is of subjects of this kind.</summary>
    public bool IsOf(ActorKind subject)
    {
        string name = ActorId.Prefix(subject);
        for (int i = 0; i < Subjects.Count; i++)
        {
            if (Subjects[i] == name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True where what a camera of this district sees counts.</summary>
    public bool IsIn(string district)
    {
        for (int i = 0; i < Districts.Count; i++)
        {
            if (DistrictPath.Covers(Districts[i], district))
            {
                return true;
            }
        }

        return Districts.Count == 0;
    }

    /// <summary>True where both say the same, whoever approved which revision when.</summary>
    public bool SaysTheSame(SceneRule other) => Json(Plain(this)).AsSpan().SequenceEqual(Json(Plain(other)));

    /// <summary>Reads a draft as a department sends it; null where there is a problem, and <paramref name="problems"/> names every one, also of what the rulebook does not know.</summary>
    public static SceneRule? TryRead(JsonElement element, Rulebook rulebook, List<RulebookProblem> problems)
    {
        using JsonDocument wrapped = JsonDocument.Parse($$"""{"scene":{{element.GetRawText()}}}""");
        SceneRule draft = SectionReader.Read(new RuleReader("scene", "$", wrapped.RootElement, problems), "scene", new SceneRule());
        if (problems.Count > 0)
        {
            return null;
        }

        draft = Plain(draft);
        SceneReferences.Check(rulebook, draft, "scene", "$.scene", problems);
        return problems.Count > 0 ? null : draft;
    }

    /// <summary>The canonical JSON.</summary>
    public byte[] ToJson() => Json(this);

    private static SceneRule Plain(SceneRule rule) => rule with { Revision = 0, ApprovedBy = "", ApprovedMs = 0 };

    private static byte[] Json(SceneRule rule) => JsonSerializer.SerializeToUtf8Bytes(rule, RulebookJson.Default.SceneRule);
}

/// <summary>Who handles the cases of a scene.</summary>
public sealed record SceneRoute
{
    /// <summary>Department that leads.</summary>
    public string Lead { get; init; } = "";

    /// <summary>Departments that work beside it.</summary>
    public IReadOnlyList<string> CoHandlers { get; init; } = [];

    /// <summary>Workflow of the case.</summary>
    public string Workflow { get; init; } = Rulebook.SimpleWorkflow;

    /// <summary>True where an event that came in over ten minutes late still opens a case.</summary>
    public bool OpensWhenLate { get; init; }
}
