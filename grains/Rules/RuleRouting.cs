using Streaming.Grains.Turns;

namespace Streaming.Grains.Rules;

/// <summary>Who handles a case, and why.</summary>
/// <param name="Lead">Department that leads.</param>
/// <param name="CoHandlers">Departments beside it, the lead not among them.</param>
/// <param name="Workflow">Id of the workflow.</param>
/// <param name="Reason">The rule and what of it matched, as the case shows it.</param>
/// <param name="OpensWhenLate">See <see cref="RoutingRule"/>.</param>
public sealed record RoutingDecision(string Lead, string[] CoHandlers, string Workflow, string Reason, bool OpensWhenLate)
{
    /// <summary>Departments that may claim the case until its lead has accepted it; null for none.</summary>
    public string[]? OfferedTo { get; init; }
}

/// <summary>The responsibility matrix at work.</summary>
public sealed partial class Rulebook
{
    /// <summary>
    /// A scene's own route; else the first rule that matches, those decided over the API before those of the files. Where none does, or every match is led by a department in <paramref name="returnedBy"/>, the command centre leads.
    /// </summary>
    /// <param name="province">Province of the subject's plate; null for anything but a vehicle.</param>
    /// <param name="atMs">When it is routed, ms: some rules hold at certain hours.</param>
    /// <param name="returnedBy">Departments that have said that it is not theirs.</param>
    public RoutingDecision Route(string kind, string district, int severity, string? province, long atMs, params IReadOnlyList<string> returnedBy)
    {
        if (RouteOfScene(kind, district, severity, returnedBy) is { } ofScene)
        {
            return ofScene;
        }

        for (int i = 0; i < Decisions.Routing.Count; i++)
        {
            RoutingRule rule = Decisions.Routing[i].Rule;
            if (Matches(rule, kind, district, severity, province, atMs) && !returnedBy.Contains(rule.Lead))
            {
                return Decide(rule, $"rule {rule.Name}, decided by {Decisions.Routing[i].By}", kind, district, severity, province);
            }
        }

        for (int i = 0; i < Routing.Count; i++)
        {
            RoutingRule rule = Routing[i];
            if (Matches(rule, kind, district, severity, province, atMs) && !returnedBy.Contains(rule.Lead))
            {
                return Decide(rule, $"rule {i + 1} ({rule.Name})", kind, district, severity, province);
            }
        }

        string why = returnedBy.Count > 0 ? $"returned by {string.Join(", ", returnedBy)}" : $"kind {kind}, district {district}, severity {severity}";
        return new RoutingDecision(CommandCentre, [], SimpleWorkflow, $"no rule ({why}): the command centre decides", OpensWhenLate: false);
    }

    /// <summary>True where a rule matches, whatever stands before it.</summary>
    public bool Catches(RoutingRule rule, string kind, string district, int severity, string? province, long atMs) => Matches(rule, kind, district, severity, province, atMs);

    private RoutingDecision Decide(RoutingRule rule, string name, string kind, string district, int severity, string? province)
    {
        string place = province is null ? "" : $", plate of {province}{(province == HomeProvince ? " (local)" : " (other)")}";
        return new RoutingDecision(
            rule.Lead,
            [.. rule.CoHandlers.Where(department => department != rule.Lead)],
            rule.Workflow,
            $"{name}: kind {kind}, district {district}, severity {severity}{place}",
            rule.OpensWhenLate)
        {
            OfferedTo = rule.OfferedTo is null ? null : [.. rule.OfferedTo.Where(department => department != rule.Lead)],
        };
    }

    /// <summary>The province of a vehicle's plate: its first character. Null for any other subject.</summary>
    public static string? ProvinceOf(ActorKind subjectKind, string subject) =>
        subjectKind == ActorKind.Vehicle && subject.Length > 0 ? FirstCharacter(subject) : null;

    private static string FirstCharacter(string text) =>
        text[..(char.IsHighSurrogate(text[0]) && text.Length > 1 ? 2 : 1)];

    private bool Matches(RoutingRule rule, string kind, string district, int severity, string? province, long atMs) =>
        severity >= rule.MinSeverity
        && (rule.Kinds.Length == 0 || Array.Exists(rule.Kinds, pattern => MatchesKind(pattern, kind)))
        && (rule.Districts.Length == 0 || Array.Exists(rule.Districts, area => DistrictPath.Covers(area, district)))
        && (rule.HomeProvinces.Length == 0 || (province is not null && Array.Exists(rule.HomeProvinces, wanted => MatchesProvince(wanted, province))))
        && (rule.Hours is null || Array.Exists(rule.Hours, hours => hours.Has(Calendar, atMs)));

    private static bool MatchesKind(string pattern, string kind) =>
        pattern.EndsWith('*') ? kind.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == kind;

    private bool MatchesProvince(string wanted, string province) => wanted switch
    {
        RoutingRule.LocalProvince => province == HomeProvince,
        RoutingRule.OtherProvince => province != HomeProvince,
        _ => wanted == province,
    };
}
