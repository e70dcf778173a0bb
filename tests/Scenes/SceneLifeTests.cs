using System.Text.Json.Serialization.Metadata;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Tests.Subjects;
using Xunit;
using static Streaming.Determinism.Readings;

namespace Streaming.Tests.Scenes;

/// <summary>What can become of a scene, and what cannot.</summary>
public sealed class SceneLifeTests
{
    private const long Noon = 1_795_262_400_000;
    private readonly SubjectStage stage = new(ActorKind.Scene, Stall.Id) { Rules = Stall.InForce() };

    /// <summary>Each state, how it is come to, and what can be done then.</summary>
    public static TheoryData<string, string[]> States => new()
    {
        { SceneStates.Draft, ["change", "back-test", "withdraw"] },
        { SceneStates.Tested, ["change", "back-test", "propose", "withdraw"] },
        { SceneStates.Proposed, ["change", "back-test", "approve", "return", "withdraw"] },
        { SceneStates.Returned, ["change", "back-test", "withdraw"] },
        { SceneStates.Approved, ["change", "back-test", "withdraw"] },
        { SceneStates.Withdrawn, [] },
    };

    [Fact]
    public void A_scene_is_drafted_tested_proposed_returned_mended_and_approved()
    {
        Assert.Equal((SceneStates.Draft, 1, 1), Draft(Stall.Rule));
        Assert.Equal((SceneStates.Tested, 1, 2), Test(1));
        Assert.Equal((SceneStates.Proposed, 1, 3), Act(SceneActions.Propose));
        Assert.Equal((SceneStates.Returned, 1, 4), Act(SceneActions.Return, "too many at night"));
        Assert.Equal("too many at night", Row.Note);
        stage.Reload();
        Assert.Equal((SceneStates.Draft, 2, 5), Draft(Stall.With(asked => asked with { ToHour = 22 }), expected: 4));
        Assert.Null(Row.Test);
        Assert.Equal((SceneStates.Tested, 2, 6), Test(2));
        Assert.Equal((SceneStates.Proposed, 2, 7), Act(SceneActions.Propose));
        Assert.Equal((SceneStates.Approved, 2, 8), Approve());
        Assert.Equal((2, 7, "chief"), (Row.InForce!.Revision, Row.Rulebook!.Value, Row.InForce.ApprovedBy));
        Assert.Equal(
            ["change 1", "back-test 1", "propose 1", "return 1", "change 2", "back-test 2", "propose 2", "approve 2"], Row.History.Select(step => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{step.Action} {step.Revision}")));
    }

    [Fact]
    public void A_changed_scene_needs_approval_again_while_the_old_revision_stays_in_force()
    {
        ComeTo(SceneStates.Approved);
        Assert.Equal((SceneStates.Draft, 2), (Draft(Stall.With(asked => asked with { Times = 5 }), expected: Row.Version).State, Row.Revision));
        Assert.Equal((1, 5), (Row.InForce!.Revision, Row.Scene.Thresholds.Times));
        Test(2);
        Act(SceneActions.Propose);
        Act(SceneActions.Return, "no");
        Assert.Equal((SceneStates.Returned, 1), (Row.State, Row.InForce!.Revision));
        Act(SceneActions.Withdraw);
        Assert.Equal((SceneStates.Withdrawn, null, null), (Row.State, Row.InForce, Row.Rulebook));
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Every_step_that_a_state_does_not_allow_is_refused_with_what_it_does_allow(string state, string[] allowed)
    {
        ComeTo(state);
        SceneRow before = Row;
        Assert.Equal(state, before.State);
        Assert.Equal(allowed, before.Allowed);
        foreach (string action in (string[])[SceneActions.Propose, SceneActions.Return, SceneActions.Withdraw])
        {
            if (!allowed.Contains(action) && !(action == SceneActions.Withdraw && state == SceneStates.Withdrawn))
            {
                stage.Play(Step(MessageKind.ActOnScene, new SceneAction(action, "li", null, "why"), GrainsJson.Default.SceneAction));
                Assert.Equal(ReplyStatus.Conflict, stage.Answer!.Status);
                Assert.Equal(allowed, stage.Answer.Allowed);
                Assert.Equal(before.Version, Row.Version);
            }
        }

        if (!allowed.Contains(SceneActions.Change))
        {
            stage.Play(Step(MessageKind.DraftScene, new SceneDrafted(Stall.With(asked => asked with { Times = 9 }), "li", before.Version), GrainsJson.Default.SceneDrafted));
            Assert.Equal(ReplyStatus.Conflict, stage.Answer!.Status);
            stage.Play(Step(MessageKind.TestScene, new SceneTested(Found(1)), GrainsJson.Default.SceneTested));
            Assert.Equal(ReplyStatus.Conflict, stage.Answer!.Status);
            Approving();
            Assert.Equal(ReplyStatus.Conflict, stage.Answer!.Status);
        }
    }

    [Fact]
    public void Whoever_has_read_another_version_is_told_and_changes_nothing()
    {
        ComeTo(SceneStates.Tested);
        stage.Play(Step(MessageKind.ActOnScene, new SceneAction(SceneActions.Propose, "li", 1), GrainsJson.Default.SceneAction));
        Assert.Equal(ReplyStatus.Conflict, stage.Answer!.Status);
        Assert.Contains("at version 2, not 1", stage.Answer.Text, StringComparison.Ordinal);
        stage.Play(Step(MessageKind.DraftScene, new SceneDrafted(Stall.With(asked => asked with { Times = 9 }), "li", 1), GrainsJson.Default.SceneDrafted));
        Assert.Equal(ReplyStatus.Conflict, stage.Answer!.Status);
        Assert.Equal((SceneStates.Tested, 1), (Row.State, Row.Revision));
    }

    [Fact]
    public void An_id_is_never_used_again_and_a_scene_stays_its_departments()
    {
        Draft(Stall.Rule);
        stage.Play(Step(MessageKind.DraftScene, new SceneDrafted(Stall.Rule, "li", null), GrainsJson.Default.SceneDrafted));
        Assert.Equal(ReplyStatus.Conflict, stage.Answer!.Status);
        stage.Play(Step(MessageKind.DraftScene, new SceneDrafted(Stall.Rule with { Department = "ecology" }, "li", 1), GrainsJson.Default.SceneDrafted));
        Assert.Equal(ReplyStatus.Invalid, stage.Answer!.Status);
        Act(SceneActions.Withdraw);
        stage.Play(Step(MessageKind.DraftScene, new SceneDrafted(Stall.Rule, "li", null), GrainsJson.Default.SceneDrafted));
        Assert.Equal(ReplyStatus.Conflict, stage.Answer!.Status);
    }

    [Fact]
    public void The_same_wording_again_changes_nothing()
    {
        ComeTo(SceneStates.Proposed);
        long version = Row.Version;
        stage.Play(Step(MessageKind.DraftScene, new SceneDrafted(Stall.Rule, "li", version), GrainsJson.Default.SceneDrafted));
        Assert.Equal((ReplyStatus.Done, SceneStates.Proposed, version), (stage.Answer!.Status, Row.State, Row.Version));
    }

    [Fact]
    public void A_return_needs_a_reason_and_an_approval_the_rulebook()
    {
        ComeTo(SceneStates.Proposed);
        stage.Play(Step(MessageKind.ActOnScene, new SceneAction(SceneActions.Return, "li", null, " "), GrainsJson.Default.SceneAction));
        Assert.Equal(ReplyStatus.Invalid, stage.Answer!.Status);
        Approving();
        Assert.Equal(ReplyStatus.Invalid, stage.Answer!.Status);
        Assert.Equal(SceneStates.Proposed, Row.State);
    }

    [Fact]
    public void An_approval_or_withdrawal_that_is_told_again_changes_nothing()
    {
        ComeTo(SceneStates.Approved);
        long version = Row.Version;
        Approving();
        Assert.Equal((ReplyStatus.Done, version), (stage.Answer!.Status, Row.Version));
        Act(SceneActions.Withdraw);
        version = Row.Version;
        stage.Play(Step(MessageKind.ActOnScene, new SceneAction(SceneActions.Withdraw, "li", null), GrainsJson.Default.SceneAction));
        Assert.Equal((ReplyStatus.Done, version), (stage.Answer!.Status, Row.Version));
    }

    [Fact]
    public void An_approval_that_was_not_told_before_a_change_leaves_the_newer_draft()
    {
        ComeTo(SceneStates.Proposed);
        Draft(Stall.With(asked => asked with { Times = 5 }), expected: Row.Version);
        stage.Rules = Stall.InForce(Stall.Rule);
        Approving();
        Assert.Equal((SceneStates.Draft, 2, 1), (Row.State, Row.Revision, Row.InForce!.Revision));
    }

    [Fact]
    public void What_a_back_test_found_of_another_revision_is_not_kept()
    {
        Draft(Stall.Rule);
        Draft(Stall.With(asked => asked with { Times = 5 }), expected: 1);
        stage.Play(Step(MessageKind.TestScene, new SceneTested(Found(1)), GrainsJson.Default.SceneTested));
        Assert.Equal((ReplyStatus.Conflict, SceneStates.Draft), (stage.Answer!.Status, Row.State));
    }

    [Fact]
    public void Its_state_is_bounded_whatever_people_write()
    {
        Draft(Stall.Rule with { Districts = [.. Enumerable.Range(0, GrainLimits.SceneDistricts).Select(number => $"d{number}{new string('x', 36)}")] });
        for (int i = 0; i < 2 * GrainLimits.SceneHistory; i++)
        {
            Test(1);
            Act(SceneActions.Propose);
            Act(SceneActions.Return, new string('改', GrainLimits.SceneNoteChars));
        }

        Assert.Equal(GrainLimits.SceneHistory, Row.History.Length);
        Assert.InRange(stage.State.Length, 1, GrainLimits.StateBytes - GrainLimits.SceneTestBytes);
    }

    [Fact]
    public void What_is_persisted_keeps_its_numbers() =>
        Assert.Equal((15, 14, 110, 111, 112), ((int)ActorKind.Scene, (int)View.Scenes, (int)MessageKind.DraftScene, (int)MessageKind.TestScene, (int)MessageKind.ActOnScene));

    private SceneRow Row => System.Text.Json.JsonSerializer.Deserialize(stage.DescribedText, GrainsJson.Default.SceneRow)!;

    private void ComeTo(string state)
    {
        Draft(Stall.Rule);
        if (state is SceneStates.Draft)
        {
            return;
        }

        Test(1);
        if (state is SceneStates.Proposed or SceneStates.Returned or SceneStates.Approved)
        {
            Act(SceneActions.Propose);
        }

        switch (state)
        {
            case SceneStates.Returned:
                Act(SceneActions.Return, "no");
                break;
            case SceneStates.Approved:
                Approve();
                break;
            case SceneStates.Withdrawn:
                Act(SceneActions.Withdraw);
                break;
        }
    }

    private (string State, int Revision, long Version) Draft(SceneRule rule, long? expected = null) => Done(MessageKind.DraftScene, new SceneDrafted(rule, "li", expected), GrainsJson.Default.SceneDrafted);

    private (string State, int Revision, long Version) Test(int revision) => Done(MessageKind.TestScene, new SceneTested(Found(revision)), GrainsJson.Default.SceneTested);

    private (string State, int Revision, long Version) Act(string action, string? note = null) => Done(MessageKind.ActOnScene, new SceneAction(action, "li", null, note), GrainsJson.Default.SceneAction);

    private (string State, int Revision, long Version) Approve()
    {
        stage.Rules = Stall.InForce(Row.Scene with { ApprovedBy = "chief", ApprovedMs = Noon });
        return Done(MessageKind.ActOnScene, new SceneAction(SceneActions.Approve, "chief", null, Rulebook: 7), GrainsJson.Default.SceneAction);
    }

    private void Approving() => stage.Play(Step(MessageKind.ActOnScene, new SceneAction(SceneActions.Approve, "chief", null, Rulebook: 9), GrainsJson.Default.SceneAction));

    private (string State, int Revision, long Version) Done<T>(MessageKind kind, T body, JsonTypeInfo<T> type)
    {
        stage.Play(Step(kind, body, type));
        Assert.True(stage.Answer!.Status == ReplyStatus.Done, stage.Answer.Text);
        return (Row.State, Row.Revision, Row.Version);
    }

    private static Streaming.Determinism.ScriptStep Step<T>(MessageKind kind, T body, JsonTypeInfo<T> type) => Tell(kind, Noon, body, type);

    private static SceneTest Found(int revision) =>
        new(revision, "li", DateTimeOffset.FromUnixTimeMilliseconds(Noon), 7, DateTimeOffset.FromUnixTimeMilliseconds(Noon - 1), DateTimeOffset.FromUnixTimeMilliseconds(Noon), null, 10, 5, 1, 240, false, [], [], 1, [], [], null, 12);
}
