using Streaming.Grains.Turns;

namespace Streaming.Grains.Rules;

/// <summary>Checks a scene: its own bounds, and that every department, district and workflow that it names is in the rulebook.</summary>
internal static class SceneReferences
{
    private static readonly string[] Subjects = [ActorId.Prefix(ActorKind.Place), ActorId.Prefix(ActorKind.Enterprise)];

    /// <summary>Checks all scenes in force.</summary>
    public static void Check(Rulebook rulebook, IReadOnlyList<SceneRule> scenes, string file, string path, List<RulebookProblem> problems)
    {
        if (scenes.Count > GrainLimits.Scenes)
        {
            problems.Add(new RulebookProblem(file, path, $"{scenes.Count} scenes in force", $"at most {GrainLimits.Scenes}", "Withdraw one that is not needed any more: each event of a camera is held against all of them."));
        }

        for (int i = 0; i < scenes.Count; i++)
        {
            Check(rulebook, scenes[i], file, $"{path}[{i}]", problems);
            if (scenes.Take(i).Any(other => other.Id == scenes[i].Id))
            {
                problems.Add(new RulebookProblem(file, $"{path}[{i}].id", $"\"{scenes[i].Id}\" again", "each once", "Rename or remove one of the two."));
            }
        }
    }

    public static void Check(Rulebook rulebook, SceneRule scene, string file, string path, List<RulebookProblem> problems)
    {
        if (!RuleReader.IsId(scene.Id) || scene.Id.Length > GrainLimits.SceneIdChars)
        {
            problems.Add(new RulebookProblem(file, $"{path}.id", $"\"{scene.Id}\"", $"an id of at most {GrainLimits.SceneIdChars} lower-case letters, digits and hyphens that begins with a letter", "Choose another id; the name for people goes into the name field."));
        }

        CheckText(scene.Name?.En, $"{path}.name.en");
        CheckText(scene.Name?.Zh, $"{path}.name.zh");
        CheckDepartment(scene.Department, $"{path}.department");
        if (scene.Districts is not { Count: <= GrainLimits.SceneDistricts })
        {
            problems.Add(new RulebookProblem(file, $"{path}.districts", $"{scene.Districts?.Count ?? 0} districts", $"at most {GrainLimits.SceneDistricts}", "Leave the list empty for the whole city."));
        }

        Each(scene.Districts, $"{path}.districts", rulebook.HasDistrict, "district", () => rulebook.Districts.Select(known => known.Id), "Correct the name, or add it to districts.json.");
        if (scene.Subjects is not { Count: > 0 })
        {
            problems.Add(new RulebookProblem(file, $"{path}.subjects", "nothing", string.Join(" or ", Subjects), "Say what it is of."));
        }

        Each(scene.Subjects, $"{path}.subjects", name => Array.IndexOf(Subjects, name) >= 0, "kind of subject", () => Subjects, "Use one of these words.");
        foreach (string problem in scene.Thresholds?.Problems($"{path}.thresholds") ?? [$"{path}.thresholds is null."])
        {
            problems.Add(RulebookReferences.OfModel(file, "", problem));
        }

        if (scene.Route is null)
        {
            problems.Add(new RulebookProblem(file, $"{path}.route", "null", "a lead and a workflow", "Say who handles its cases."));
            return;
        }

        CheckDepartment(scene.Route.Lead, $"{path}.route.lead");
        Each(scene.Route.CoHandlers, $"{path}.route.coHandlers", rulebook.HasDepartment, "department", () => rulebook.Departments.Select(known => known.Id), "Correct the name, or add it to departments.json.");
        if (scene.Route.CoHandlers?.Count > GrainLimits.CoHandlers)
        {
            problems.Add(new RulebookProblem(file, $"{path}.route.coHandlers", $"{scene.Route.CoHandlers.Count} departments", $"at most {GrainLimits.CoHandlers}", "Name those who have work to do; the others can read the case."));
        }

        if (scene.Route.Workflow is null || rulebook.FindWorkflow(scene.Route.Workflow) is null)
        {
            Unknown($"{path}.route.workflow", scene.Route.Workflow, "workflow", rulebook.Workflows.Select(known => known.Id), "Correct the name, or add it to workflows.json.");
        }

        void CheckText(string? text, string place)
        {
            if (text is not { Length: > 0 and <= GrainLimits.SceneNameChars })
            {
                problems.Add(new RulebookProblem(file, place, text is null ? "nothing" : $"{text.Length} characters", $"a text of 1 to {GrainLimits.SceneNameChars} characters", "A scene has a name in both languages: its warnings are explained with it."));
            }
        }

        void CheckDepartment(string? department, string place)
        {
            if (department is null || !rulebook.HasDepartment(department))
            {
                Unknown(place, department, "department", rulebook.Departments.Select(known => known.Id), "Correct the name, or add it to departments.json.");
            }
        }

        void Each(IReadOnlyList<string>? names, string place, Func<string, bool> known, string what, Func<IEnumerable<string>> all, string advice)
        {
            if (names is null)
            {
                problems.Add(new RulebookProblem(file, place, "null", "a list", "Leave the field out to keep its default."));
            }

            for (int i = 0; i < names?.Count; i++)
            {
                if (names[i] is null || !known(names[i]))
                {
                    Unknown($"{place}[{i}]", names[i], what, all(), advice);
                }
                else if (names.Take(i).Contains(names[i]))
                {
                    problems.Add(new RulebookProblem(file, $"{place}[{i}]", $"\"{names[i]}\" again", "each once", "Remove the repetition."));
                }
            }
        }

        void Unknown(string place, string? found, string what, IEnumerable<string> known, string advice) =>
            problems.Add(new RulebookProblem(file, place, $"\"{found}\"", $"a {what}: one of {string.Join(", ", known)}", advice));
    }
}
