using Streaming.Models.Readings;

namespace Streaming.Models.Video;

/// <summary>When a camera's event becomes a warning.</summary>
public sealed record VideoRule
{
    /// <summary>Severity of the warning, 1 to 4.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>An event that the camera is less sure of is only counted, 0 to 1000 per mille.</summary>
    public int MinimumPermille { get; init; } = 500;

    /// <summary>An event that the camera is at least this sure of needs no confirmation, per mille.</summary>
    public int CertainPermille { get; init; } = 850;

    /// <summary>Events it otherwise takes, this one included.</summary>
    public int Confirmations { get; init; } = 2;

    /// <summary>Time within which they must come, seconds.</summary>
    public int WithinS { get; init; } = 300;

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IEnumerable<string> Problems(string where)
    {
        if (Severity is < 1 or > 4)
        {
            yield return $"{where}.severity is {Severity}; severities are 1 to 4.";
        }

        if (!(MinimumPermille >= 0 && MinimumPermille <= CertainPermille && CertainPermille <= 1000))
        {
            yield return $"{where}.minimumPermille must be 0 or more and at most certainPermille, which is at most 1000.";
        }

        if (Confirmations is < 1 or > ModelLimits.VideoConfirmations)
        {
            yield return $"{where}.confirmations is {Confirmations}; it must be 1 to {ModelLimits.VideoConfirmations}.";
        }

        if (WithinS is < 1 or > ModelLimits.RuleSeconds)
        {
            yield return $"{where}.withinS is {WithinS}; it must be 1 to {ModelLimits.RuleSeconds}.";
        }
    }
}

/// <summary>Rules on what cameras see. Fire and leaks endanger life at once, smoke is their sign; the rest is disorder. The figures are not verified.</summary>
public sealed record VideoRules
{
    public VideoRule Smoke { get; init; } = new() { Severity = 3 };

    public VideoRule Fire { get; init; } = new() { Severity = 4 };

    public VideoRule Leak { get; init; } = new() { Severity = 4 };

    public VideoRule Intrusion { get; init; } = new() { Severity = 2 };

    public VideoRule IllegalParking { get; init; } = new() { Severity = 1 };

    public VideoRule StreetStall { get; init; } = new() { Severity = 1 };

    public VideoRule Construction { get; init; } = new() { Severity = 2 };

    public VideoRule Crowding { get; init; } = new() { Severity = 2 };

    /// <summary>Where an event keeps being seen, its warning is told anew at most this often, in seconds of turn time.</summary>
    public int UpdateEveryS { get; init; } = 60;

    /// <summary>The rule on an event; null for a vehicle seen, which is no event to warn of.</summary>
    public VideoRule? Of(VideoEvent seen) => seen switch
    {
        VideoEvent.Smoke => Smoke,
        VideoEvent.Fire => Fire,
        VideoEvent.Leak => Leak,
        VideoEvent.Intrusion => Intrusion,
        VideoEvent.IllegalParking => IllegalParking,
        VideoEvent.StreetStall => StreetStall,
        VideoEvent.Construction => Construction,
        VideoEvent.Crowding => Crowding,
        _ => null,
    };

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach ((string name, VideoRule rule) in new[]
        {
            ("smoke", Smoke), ("fire", Fire), ("leak", Leak), ("intrusion", Intrusion),
            ("illegalParking", IllegalParking), ("streetStall", StreetStall), ("construction", Construction), ("crowding", Crowding),
        })
        {
            foreach (string problem in rule?.Problems($"video.{name}") ?? [$"video.{name} is null."])
            {
                yield return problem;
            }
        }

        if (UpdateEveryS is < 0 or > ModelLimits.RuleSeconds)
        {
            yield return $"video.updateEveryS is {UpdateEveryS}; it must be 0 to {ModelLimits.RuleSeconds}.";
        }
    }
}
