using System.Text.Json.Serialization;
using Streaming.Models.Learned;
using Streaming.Models.Learned.Features;

namespace Streaming.Models.Tanks;

/// <summary>When unusual readings of a tank become a warning. How unusual one is, a learned model says: one of kind <c>tank-norm</c> of a tank that is elsewhere than usual, one of kind <c>tank-behaviour</c> of a tank that moves as others do not. No figure here was verified: all are configuration.</summary>
public sealed record TankAnomalies : ModelRule
{
    /// <summary>By default a score from 0.95 on is unusual. Below a model's own threshold more is found, and the window keeps what does not last away.</summary>
    public TankAnomalies() => Threshold = 0.95;

    /// <summary>A tank is listened to for so long before anything is said of it, s: a day, so that it has known a noon.</summary>
    public int LearningS { get; init; } = ModelLimits.RuleSeconds;

    /// <summary>The newest readings that are looked at together.</summary>
    public int Window { get; init; } = 10;

    /// <summary>So many unusual ones among them open the warning.</summary>
    public int Open { get; init; } = 5;

    /// <summary>The time for which there have to have been unusual ones among the newest, s: a tank that reports every second is not unusual for longer.</summary>
    public int LeastS { get; init; } = 180;

    /// <summary>With no more than so many it clears.</summary>
    public int Clear { get; init; } = 1;

    /// <summary>Severity, 1 to 4.</summary>
    public int Severity { get; init; } = 2;

    /// <summary>Confidence, 0 to 1: a score orders readings and is no probability.</summary>
    public double Confidence { get; init; } = 0.6;

    /// <summary>One that lasts is told anew at most this often, s of turn time.</summary>
    public int UpdateEveryS { get; init; } = 300;

    /// <summary>What is wrong with this section of a rulebook, one sentence each; empty where nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (string problem in ModelProblems("tankAnomalies", optional: true, TankBehaviourFeatures.Set.Kind, TankNormFeatures.Set.Kind))
        {
            yield return problem;
        }

        if (Window is < 1 or > 16)
        {
            yield return $"tankAnomalies.window is {Window}; it must be 1 to 16.";
        }

        if (!(Clear >= 0 && Clear < Open && Open <= Window))
        {
            yield return $"tankAnomalies.open is {Open}; it must be above clear, which is 0 or more, and at most window.";
        }

        if (Severity is < 1 or > 4)
        {
            yield return $"tankAnomalies.severity is {Severity}; severities are 1 to 4.";
        }

        if (Confidence is not (> 0 and <= 1))
        {
            yield return $"tankAnomalies.confidence is {Confidence}; it must be above 0 and at most 1.";
        }

        if (LeastS is < 0 or > ModelLimits.RuleSeconds)
        {
            yield return $"tankAnomalies.leastS is {LeastS}; it must be 0 to {ModelLimits.RuleSeconds}.";
        }

        if (LearningS is < 0 or > ModelLimits.RuleSeconds)
        {
            yield return $"tankAnomalies.learningS is {LearningS}; it must be 0 to {ModelLimits.RuleSeconds}.";
        }

        if (UpdateEveryS is < 0 or > ModelLimits.RuleSeconds)
        {
            yield return $"tankAnomalies.updateEveryS is {UpdateEveryS}; it must be 0 to {ModelLimits.RuleSeconds}.";
        }
    }
}
