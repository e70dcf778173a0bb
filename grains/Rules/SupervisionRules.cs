namespace Streaming.Grains.Rules;

/// <summary>
/// What supervision counts as a hasty completion: one that came too soon to have been work, or without anybody of the department having seen what it is about. Every figure is configuration. It is applied when a scoreboard is read, to what was done at any time, so that months can be compared.
/// </summary>
public sealed record SupervisionRules
{
    /// <summary>A work order that is completed within so many minutes of being accepted (of being issued, where it never was) is hasty; 0: however soon, it is not for that.</summary>
    public int HastyMinutes { get; init; } = 5;

    /// <summary>Completing without a look at the case or its subject, and without evidence of the own, is hasty too.</summary>
    public bool LookNeeded { get; init; } = true;

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (HastyMinutes is < 0 or > GrainLimits.MostHastyMinutes)
        {
            yield return $"supervision.hastyMinutes is {HastyMinutes}; it must be 0 to {GrainLimits.MostHastyMinutes}.";
        }
    }
}
