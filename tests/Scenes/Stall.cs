using Streaming.Grains.Rules;
using Streaming.Models.Scenes;
using Streaming.Tests.Rules;

namespace Streaming.Tests.Scenes;

/// <summary>The scene of these tests: a street stall seen by the same camera three times within two hours, to the street offices, by the graduated workflow.</summary>
internal static class Stall
{
    public const string Id = "stall-thrice";
    public const string Kind = "scene-stall-thrice";

    public static SceneRule Rule { get; } = new()
    {
        Id = Id,
        Name = new LocalName("A stall that stays", "占道经营滞留"),
        Department = "streets",
        Thresholds = new SceneThresholds { Events = ["street-stall"], MinimumPermille = 600, Times = 3, WithinMinutes = 120, SameCamera = true },
        Route = new SceneRoute { Lead = "streets", CoHandlers = ["fire-rescue"], Workflow = "graduated" },
        Revision = 1,
        ApprovedBy = "chief",
        ApprovedMs = 1,
    };

    /// <summary>The shipped rulebook with scenes in force.</summary>
    public static Rulebook InForce(params SceneRule[] scenes) => CityRules.Shipped.With(new RulebookDecisions { Scenes = scenes }).WithVersion(7);

    public static SceneRule With(Func<SceneThresholds, SceneThresholds> change, int revision = 1) => Rule with { Thresholds = change(Rule.Thresholds), Revision = revision };
}
