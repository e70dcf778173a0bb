namespace Streaming.Grains.Rules;

/// <summary>The scenes that departments drafted and the command centre approved.</summary>
public sealed partial class Rulebook
{
    /// <summary>Scenes in force, by id, ordinal.</summary>
    public IReadOnlyList<SceneRule> Scenes => Decisions.Scenes;

    /// <summary>The scene in force of this id, or null.</summary>
    public SceneRule? FindScene(string id)
    {
        for (int i = 0; i < Scenes.Count; i++)
        {
            if (Scenes[i].Id == id)
            {
                return Scenes[i];
            }
        }

        return null;
    }

    /// <summary>The scene in force whose kind of warning this is, or null.</summary>
    public SceneRule? SceneOf(string kind) => kind.StartsWith(SceneRule.KindPrefix, StringComparison.Ordinal) ? FindScene(kind[SceneRule.KindPrefix.Length..]) : null;

    /// <summary>A scene's own route, before the matrix: it was approved for that. Where its lead has returned the case, the matrix decides.</summary>
    private RoutingDecision? RouteOfScene(string kind, string district, int severity, IReadOnlyList<string> returnedBy)
    {
        if (SceneOf(kind) is not { } scene || returnedBy.Contains(scene.Route.Lead))
        {
            return null;
        }

        return new RoutingDecision(
            scene.Route.Lead,
            [.. scene.Route.CoHandlers.Where(department => department != scene.Route.Lead)],
            scene.Route.Workflow,
            $"scene \"{scene.Name.En}\" (\"{scene.Name.Zh}\", {scene.Id}, revision {scene.Revision}, drafted by {scene.Department}, approved by {scene.ApprovedBy}): district {district}, severity {severity}",
            scene.Route.OpensWhenLate);
    }
}
