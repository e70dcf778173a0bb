using System.Text.Json;

namespace Streaming.Grains.Rules;

/// <summary>Checks what one file of a rulebook says about another: every department, district, workflow, stage and outcome that is named has to exist.</summary>
internal static class RulebookReferences
{
    /// <summary>In place of a file's name: the problem is in what was decided over the API.</summary>
    private const string Decided = "decisions";

    public static void Check(Rulebook rulebook, List<RulebookProblem> problems)
    {
        if (!rulebook.HasDepartment(Rulebook.CommandCentre))
        {
            problems.Add(new RulebookProblem("departments.json", "$.departments", $"no \"{Rulebook.CommandCentre}\"", "that department among them", "It settles what belongs to no one; add it."));
        }

        if (rulebook.FindWorkflow(Rulebook.SimpleWorkflow) is null)
        {
            problems.Add(new RulebookProblem("workflows.json", "$.workflows", $"no \"{Rulebook.SimpleWorkflow}\"", "that workflow among them", "Cases that no rule matches follow it; add it."));
        }

        for (int i = 0; i < rulebook.Districts.Count; i++)
        {
            string district = DistrictPath.DistrictOf(rulebook.Districts[i].Id);
            if (!rulebook.HasDistrict(district))
            {
                Unknown(problems, "districts.json", $"$.districts[{i}].id", district, "district", rulebook.Districts.Select(known => known.Id).Where(known => !DistrictPath.IsStreet(known)), "districts.json");
            }
        }

        CheckRouting(rulebook, problems);
        for (int i = 0; i < rulebook.Workflows.Count; i++)
        {
            CheckWorkflow(rulebook, rulebook.Workflows[i], $"$.workflows[{i}]", problems);
        }

        foreach (string problem in rulebook.SubjectProblems())
        {
            problems.Add(OfModel("limits.json", "$.", problem));
        }
    }

    /// <summary>The models say what is wrong with their sections in a sentence that begins with the place: "video.smoke.severity is 9; severities are 1 to 4."</summary>
    public static RulebookProblem OfModel(string file, string root, string sentence)
    {
        int place = sentence.IndexOf(' ', StringComparison.Ordinal);
        string rest = sentence[(place + 1)..].TrimEnd('.');
        string[] halves = rest.Split("; ", 2);
        bool says = halves.Length == 2 && halves[0].StartsWith("is ", StringComparison.Ordinal);
        return new RulebookProblem(
            file,
            root + sentence[..place],
            says ? halves[0]["is ".Length..] : "a value that does not hold",
            says ? halves[1] : rest,
            "Correct the value there.");
    }

    private static void CheckRouting(Rulebook rulebook, List<RulebookProblem> problems)
    {
        for (int i = 0; i < rulebook.Routing.Count; i++)
        {
            CheckRule(rulebook, rulebook.Routing[i], "routing.json", $"$.rules[{i}]", problems);
        }

        for (int i = 0; i < rulebook.Decisions.Routing.Count; i++)
        {
            CheckRule(rulebook, rulebook.Decisions.Routing[i].Rule, Decided, $"$.routing[{i}].rule", problems);
        }

        SceneReferences.Check(rulebook, rulebook.Scenes, Decided, "$.scenes", problems);
        foreach (string problem in rulebook.Storms?.Problems() ?? ["storms is null."])
        {
            problems.Add(OfModel("routing.json", "$.", problem));
        }
    }

    private static void CheckRule(Rulebook rulebook, RoutingRule rule, string file, string path, List<RulebookProblem> problems)
    {
        CheckDepartment(rulebook, file, $"{path}.lead", rule.Lead, problems);
        for (int j = 0; j < rule.CoHandlers.Length; j++)
        {
            CheckDepartment(rulebook, file, $"{path}.coHandlers[{j}]", rule.CoHandlers[j], problems);
        }

        for (int j = 0; j < rule.OfferedTo?.Length; j++)
        {
            CheckDepartment(rulebook, file, $"{path}.offeredTo[{j}]", rule.OfferedTo[j], problems);
        }

        for (int j = 0; j < rule.Districts.Length; j++)
        {
            if (!rulebook.HasDistrict(rule.Districts[j]))
            {
                Unknown(problems, file, $"{path}.districts[{j}]", rule.Districts[j], "district", rulebook.Districts.Select(district => district.Id), "districts.json");
            }
        }

        for (int j = 0; j < rule.HomeProvinces.Length; j++)
        {
            string province = rule.HomeProvinces[j];
            if (province is not (RoutingRule.LocalProvince or RoutingRule.OtherProvince) && province.Length != 1)
            {
                problems.Add(new RulebookProblem(file, $"{path}.homeProvinces[{j}]", $"\"{province}\"", "local, other, or the first character of a plate", "Use one of these."));
            }
        }

        if (rulebook.FindWorkflow(rule.Workflow) is null)
        {
            Unknown(problems, file, $"{path}.workflow", rule.Workflow, "workflow", rulebook.Workflows.Select(workflow => workflow.Id), "workflows.json");
        }
    }

    /// <summary>Where a return and a lapse lead.</summary>
    private static void CheckTurns(Workflow workflow, Stage stage, string at, List<RulebookProblem> problems)
    {
        const string file = "workflows.json";
        foreach ((string field, string? next) in ((string, string?)[])[("onReturn", stage.OnReturn), ("onLapse", stage.OnLapse)])
        {
            if (next is not null && (next == stage.Id || workflow.Find(next) is null))
            {
                Unknown(problems, file, $"{at}.{field}", next, "other stage of this workflow", workflow.Stages.Select(other => other.Id).Where(id => id != stage.Id), file);
            }
        }

        if (stage.OnLapse is not null && stage.Deadline is null)
        {
            problems.Add(new RulebookProblem(file, $"{at}.onLapse", $"\"{stage.OnLapse}\" without a deadline", "a deadline that can pass", "Give the stage a deadline, or leave onLapse out."));
        }

        // A case that nobody touches must come to rest somewhere, and be urged there.
        Stage? lapses = stage;
        for (int steps = 0; lapses?.OnLapse is not null; steps++)
        {
            if (steps == workflow.Stages.Length)
            {
                problems.Add(new RulebookProblem(file, $"{at}.onLapse", "stages that lapse into one another without end", "a stage at the end that does not lapse", "Leave onLapse out of one of them."));
                break;
            }

            lapses = workflow.Find(lapses.OnLapse);
        }
    }

    private static void CheckWorkflow(Rulebook rulebook, Workflow workflow, string path, List<RulebookProblem> problems)
    {
        const string file = "workflows.json";
        for (int i = 0; i < workflow.Stages.Length; i++)
        {
            Stage stage = workflow.Stages[i];
            string at = $"{path}.stages[{i}]";
            if (stage.Department != Stage.LeadDepartment)
            {
                CheckDepartment(rulebook, file, $"{at}.department", stage.Department, problems);
            }

            for (int j = 0; j < stage.CoHandlers.Length; j++)
            {
                if (stage.CoHandlers[j] != Stage.RoutedCoHandlers)
                {
                    CheckDepartment(rulebook, file, $"{at}.coHandlers[{j}]", stage.CoHandlers[j], problems);
                }
            }

            for (int j = 0; j < stage.Outcomes.Length; j++)
            {
                CheckOutcome(rulebook, $"{at}.outcomes[{j}].code", stage.Outcomes[j].Code, problems);
                if (stage.Outcomes[j].Next != Stage.Close && workflow.Find(stage.Outcomes[j].Next) is null)
                {
                    Unknown(problems, file, $"{at}.outcomes[{j}].next", stage.Outcomes[j].Next, "stage of this workflow", workflow.Stages.Select(other => other.Id).Append(Stage.Close), file);
                }
            }

            for (int j = 0; j < stage.CoHandlerOutcomes.Length; j++)
            {
                CheckOutcome(rulebook, $"{at}.coHandlerOutcomes[{j}]", stage.CoHandlerOutcomes[j], problems);
            }

            if (stage.CoHandlers.Length > 0 && stage.CoHandlerOutcomes.Length == 0)
            {
                problems.Add(new RulebookProblem(file, $"{at}.coHandlerOutcomes", "nothing", "at least one code", "Without one the co-handlers could never complete their work orders."));
            }

            if (stage.DefaultOutcome is { } code && !Array.Exists(stage.Outcomes, outcome => outcome.Code == code))
            {
                Unknown(problems, file, $"{at}.defaultOutcome", code, "outcome of this stage", stage.Outcomes.Select(outcome => outcome.Code), file);
            }

            CheckTurns(workflow, stage, at, problems);
            for (int j = 0; j < stage.Record?.Length; j++)
            {
                foreach (string outcome in stage.Record[j].Outcomes ?? [])
                {
                    if (!Array.Exists(stage.Outcomes, other => other.Code == outcome))
                    {
                        Unknown(problems, file, $"{at}.record[{j}].outcomes", outcome, "outcome of this stage", stage.Outcomes.Select(other => other.Code), file);
                    }
                }
            }
        }

        int bytes = JsonSerializer.SerializeToUtf8Bytes(workflow, RulebookJson.Default.Workflow).Length;
        if (bytes > GrainLimits.WorkflowBytes)
        {
            problems.Add(new RulebookProblem(file, path, $"a workflow of {bytes} bytes", $"at most {GrainLimits.WorkflowBytes}", "Each case keeps a copy of its workflow; shorten names and lists, or split it."));
        }

        CheckEnds(workflow, path, problems);
    }

    /// <summary>From every stage that a case can come to, some run of outcomes has to close it.</summary>
    private static void CheckEnds(Workflow workflow, string path, List<RulebookProblem> problems)
    {
        HashSet<string> ending = [];
        bool grew = true;
        while (grew)
        {
            grew = false;
            foreach (Stage stage in workflow.Stages)
            {
                if (!ending.Contains(stage.Id) && Array.Exists(stage.Outcomes, outcome => outcome.Next == Stage.Close || ending.Contains(outcome.Next)))
                {
                    grew = ending.Add(stage.Id);
                }
            }
        }

        for (int i = 0; i < workflow.Stages.Length; i++)
        {
            if (!ending.Contains(workflow.Stages[i].Id))
            {
                problems.Add(new RulebookProblem(
                    "workflows.json",
                    $"{path}.stages[{i}].outcomes",
                    "no way from this stage to the end",
                    $"some outcome that leads, at last, to \"{Stage.Close}\"",
                    $"Let an outcome's next be \"{Stage.Close}\"."));
            }
        }
    }

    private static void CheckDepartment(Rulebook rulebook, string file, string path, string department, List<RulebookProblem> problems)
    {
        if (!rulebook.HasDepartment(department))
        {
            Unknown(problems, file, path, department, "department", rulebook.Departments.Select(known => known.Id), "departments.json");
        }
    }

    private static void CheckOutcome(Rulebook rulebook, string path, string code, List<RulebookProblem> problems)
    {
        if (!rulebook.Outcomes.Any(outcome => outcome.Code == code))
        {
            Unknown(problems, "workflows.json", path, code, "outcome code", rulebook.Outcomes.Select(outcome => outcome.Code), "workflows.json");
        }
    }

    private static void Unknown(List<RulebookProblem> problems, string file, string path, string found, string what, IEnumerable<string> known, string definedIn) =>
        problems.Add(new RulebookProblem(file, path, $"\"{found}\"", $"a {what}: one of {string.Join(", ", known)}", $"Correct the name, or add it to {definedIn}."));
}
