using Streaming.Grains.Messages;

namespace Streaming.Grains.Rules;

/// <summary>
/// How many warnings of one cause become one case and few messages, and what holds warnings back. Written in <c>routing.json</c> as <c>storms</c>. All its figures are configuration.
/// </summary>
public sealed record StormRules
{
    /// <summary>Warnings that join one case of the first; the first group that a warning fits decides.</summary>
    public StormGroup[] Groups { get; init; } = [];

    /// <summary>Lesser warnings that wait while a graver one is open.</summary>
    public InhibitionRule[] Inhibitions { get; init; } = [];

    /// <summary>
    /// Minutes from the first warning that joined since the last message to the message that sums up: of the first sum-up, the second, and so on, growing. With the work order itself a person gets one message more than there are figures, and no further one of what joins.
    /// </summary>
    public int[] TellAfterMinutes { get; init; } = [2, 15];

    /// <summary>The longest silence, days.</summary>
    public int MostSilenceDays { get; init; } = 7;

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Groups.Length > GrainLimits.StormRules || Inhibitions.Length > GrainLimits.StormRules)
        {
            yield return $"storms has {Groups.Length} groups and {Inhibitions.Length} inhibitions; each is at most {GrainLimits.StormRules}.";
        }

        for (int i = 0; i < Groups.Length; i++)
        {
            StormGroup? group = Groups[i];
            string place = $"storms.groups[{i}]";
            if (group is null)
            {
                yield return $"{place} is null; an object was expected.";
                continue;
            }

            if (Array.FindIndex(Groups, other => other?.Name == group.Name) < i || !RuleReader.IsId(group.Name))
            {
                yield return $"{place}.name is \"{group.Name}\"; it must be an id that no other group has.";
            }

            if (group.Kinds.Length is 0 or > GrainLimits.StormKinds || !Array.TrueForAll(group.Kinds, KindPattern.IsWellFormed))
            {
                yield return $"{place}.kinds is not usable; it must be 1 to {GrainLimits.StormKinds} kinds, or beginnings of them with one * at the end.";
            }

            if (group.By is not (StormGroup.District or StormGroup.Street or StormGroup.Subject))
            {
                yield return $"{place}.by is \"{group.By}\"; it must be {StormGroup.District}, {StormGroup.Street} or {StormGroup.Subject}.";
            }

            if (group.WithinMinutes is < 1 or > GrainLimits.StormMinutes)
            {
                yield return $"{place}.withinMinutes is {group.WithinMinutes}; it must be 1 to {GrainLimits.StormMinutes}.";
            }
        }

        for (int i = 0; i < Inhibitions.Length; i++)
        {
            InhibitionRule? rule = Inhibitions[i];
            string place = $"storms.inhibitions[{i}]";
            if (rule is null)
            {
                yield return $"{place} is null; an object was expected.";
                continue;
            }

            if (Array.FindIndex(Inhibitions, other => other?.Name == rule.Name) < i || !RuleReader.IsId(rule.Name))
            {
                yield return $"{place}.name is \"{rule.Name}\"; it must be an id that no other inhibition has.";
            }

            if (!Named(rule.Graver) || !Named(rule.Holds) || rule.Graver.Intersect(rule.Holds, StringComparer.Ordinal).Any())
            {
                yield return $"{place}.graver and holds do not hold together; each must be 1 to {GrainLimits.StormKinds} kinds, written out, and none in both.";
            }

            if (rule.By is not (StormGroup.District or StormGroup.Subject))
            {
                yield return $"{place}.by is \"{rule.By}\"; it must be {StormGroup.District} or {StormGroup.Subject}.";
            }
        }

        if (TellAfterMinutes.Length > GrainLimits.StormSumUps || TellAfterMinutes.Where((minutes, i) => minutes < 1 || minutes > GrainLimits.StormMinutes || (i > 0 && minutes < TellAfterMinutes[i - 1])).Any())
        {
            yield return $"storms.tellAfterMinutes is not usable; it must be at most {GrainLimits.StormSumUps} figures from 1 to {GrainLimits.StormMinutes}, none below the one before.";
        }

        if (MostSilenceDays is < 1 or > GrainLimits.MostSilenceDays)
        {
            yield return $"storms.mostSilenceDays is {MostSilenceDays}; it must be 1 to {GrainLimits.MostSilenceDays}.";
        }
    }

    private static bool Named(string[] kinds) => kinds.Length is > 0 and <= GrainLimits.StormKinds && Array.TrueForAll(kinds, kind => kind.Length > 0 && !kind.Contains('*', StringComparison.Ordinal));
}

/// <summary>Warnings of the same cause: they join the case of the first.</summary>
public sealed record StormGroup
{
    /// <summary>The same district, its streets included.</summary>
    public const string District = "district";

    /// <summary>The same district or street, as the warning names it.</summary>
    public const string Street = "street";

    /// <summary>The same subject: several kinds of warning about it are one case.</summary>
    public const string Subject = "subject";

    /// <summary>An id, as the case shows it.</summary>
    public string Name { get; init; } = "";

    /// <summary>Kinds, or beginnings with one <c>*</c> at the end.</summary>
    public string[] Kinds { get; init; } = [];

    /// <summary>What they have in common.</summary>
    public string By { get; init; } = District;

    /// <summary>A warning joins where the one before came at most so many minutes earlier.</summary>
    public int WithinMinutes { get; init; } = 10;
}

/// <summary>While a graver warning is open, lesser ones are recorded with its case and alert nobody. What is still open after it gets its case then.</summary>
public sealed record InhibitionRule
{
    /// <summary>An id, as shown on what it held back.</summary>
    public string Name { get; init; } = "";

    /// <summary>Kinds that hold others back.</summary>
    public string[] Graver { get; init; } = [];

    /// <summary>Kinds that wait. A warning of severity 4 never does.</summary>
    public string[] Holds { get; init; } = [];

    /// <summary><see cref="StormGroup.Subject"/> or <see cref="StormGroup.District"/>: where the graver one has to be open.</summary>
    public string By { get; init; } = StormGroup.Subject;
}

/// <summary>A kind of warning, or the beginning of kinds with one <c>*</c> at the end.</summary>
public static class KindPattern
{
    public static bool IsWellFormed(string pattern) => pattern is { Length: > 0 } && !pattern.AsSpan(0, pattern.Length - 1).Contains('*');

    public static bool Fits(string pattern, string kind) => pattern.EndsWith('*') ? kind.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : pattern == kind;
}

/// <summary>
/// A silence that somebody decided: warnings that it fits open no case and alert nobody until it ends. They stay in every list. All that is said has to fit; what is left out fits anything.
/// </summary>
public sealed record Silence
{
    /// <summary>Unique: the version of the rulebook that it began with.</summary>
    public string Id { get; init; } = "";

    /// <summary>Kinds, or beginnings with one <c>*</c> at the end; empty for any.</summary>
    public string[] Kinds { get; init; } = [];

    /// <summary>Key of the subject; null for any.</summary>
    public string? Subject { get; init; }

    /// <summary>A source that is the subject itself, or that a cited reading came from; null for any.</summary>
    public string? Source { get; init; }

    /// <summary>A district with its streets, or a street; null for the whole city.</summary>
    public string? District { get; init; }

    /// <summary>Only what this department would lead; null for anybody's.</summary>
    public string? Department { get; init; }

    /// <summary>True where warnings of severity 4 are silenced as well, which only the command centre says.</summary>
    public bool Gravest { get; init; }

    /// <summary>Name of the token that began it.</summary>
    public string By { get; init; } = "";

    public string Reason { get; init; } = "";

    /// <summary>The client's own key: sent again with it, the silence is begun once.</summary>
    public string? Key { get; init; }

    public DateTimeOffset From { get; init; }

    public DateTimeOffset Until { get; init; }

    /// <summary>When it was ended before its time; null where it was not.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Name of the token that ended it.</summary>
    public string? EndedBy { get; init; }

    public string? EndReason { get; init; }

    /// <summary>When it is over, ms since 1970.</summary>
    public long OverMs => (Ended ?? Until).ToUnixTimeMilliseconds();

    /// <summary>True from its beginning until it is over.</summary>
    public bool IsInForce(long nowMs) => nowMs >= From.ToUnixTimeMilliseconds() && nowMs < OverMs;

    /// <summary>Whether a warning is silenced, by whoever would lead its case.</summary>
    public bool Fits(Warning warning, string lead) =>
        (warning.Severity < GrainLimits.GravestSeverity || Gravest)
        && (Kinds.Length == 0 || Array.Exists(Kinds, pattern => KindPattern.Fits(pattern, warning.Kind)))
        && (Subject is null || Subject == warning.Subject)
        && (Source is null || IsOf(warning, Source))
        && (District is null || DistrictPath.Covers(District, warning.District))
        && (Department is null || Department == lead);

    private static bool IsOf(Warning warning, string source) =>
        (warning.SubjectKind == Turns.ActorId.Prefix(Turns.ActorKind.Source) && warning.Subject == source) || Array.Exists(warning.Evidence.Readings, reading => reading.Source == source);
}
