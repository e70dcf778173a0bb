using Streaming.Models.Registers;

namespace Streaming.Grains.Rules;

/// <summary>Whose word counts where several sources speak of one subject of a register.</summary>
public sealed record RegisterRules
{
    /// <summary>The rules; for each field the first that names it decides. A field of no rule goes by the latest statement.</summary>
    public IReadOnlyList<RegisterPrecedence> Precedence { get; init; } = [];

    /// <summary>The sources whose word counts for a field, the first before the second; empty where the latest statement counts.</summary>
    public IReadOnlyList<string> Order(string register, string field)
    {
        foreach (RegisterPrecedence rule in Precedence)
        {
            if (rule.Register == register && (rule.Fields.Count == 0 || rule.Fields.Contains(field)))
            {
                return rule.Sources;
            }
        }

        return [];
    }

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (Precedence is null || Precedence.Count > GrainLimits.RuleListItems)
        {
            yield return $"registers.precedence must be a list of at most {GrainLimits.RuleListItems} rules.";
            yield break;
        }

        for (int i = 0; i < Precedence.Count; i++)
        {
            RegisterPrecedence rule = Precedence[i];
            if (RegisterSchema.Find(rule.Register) is not { } schema)
            {
                yield return $"registers.precedence[{i}].register is \"{rule.Register}\"; there are {string.Join(", ", RegisterSchema.All.Select(each => each.Name))}.";
                continue;
            }

            foreach (string field in rule.Fields.Where(field => schema.Fields.All(each => each.Name != field)))
            {
                yield return $"registers.precedence[{i}].fields names \"{field}\", which the register {schema.Name} does not have; it has {string.Join(", ", schema.Fields.Select(each => each.Name))}.";
            }

            if (rule.Sources.Count is 0 or > GrainLimits.SourcesPerEntry)
            {
                yield return $"registers.precedence[{i}].sources must name 1 to {GrainLimits.SourcesPerEntry} sources, the first before the second.";
            }
        }
    }
}

/// <summary>One rule of precedence.</summary>
public sealed record RegisterPrecedence
{
    /// <summary>Name of the register, as <c>vehicles</c>.</summary>
    public string Register { get; init; } = "";

    /// <summary>Names of its fields; none for all of them.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Ids of the sources, the first before the second; one that is not named comes after all that are.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];
}
