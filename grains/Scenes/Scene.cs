using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Scenes;

/// <summary>
/// The life of a scene: drafted, back-tested, proposed by its department, approved or returned by the command centre, changed (a new revision, which needs approval again while the old one stays in force), withdrawn. What is in force is in the rulebook; the
/// scene keeps who did what and when. Who may do what is decided before a command is sent.
/// </summary>
/// <remarks>
/// An approval comes here after the rulebook has it, so that what is called approved is in force. A process that ends between the two leaves a scene that is proposed and in force; the next call that concerns it sends the command again
/// (with whoever the rulebook says approved it), and a repeated command changes nothing.
/// </remarks>
public sealed class Scene : Actor
{
    private const byte StateVersion = 1;
    private SceneState? state;

    public override bool Exists => state is not null;

    private SceneState Now => state ?? throw new InvalidOperationException("The scene has not been drafted.");

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.DraftScene:
                Draft(turn, message.Read<SceneDrafted>());
                break;
            case MessageKind.TestScene:
                Test(turn, message.Read<SceneTested>().Test);
                break;
            case MessageKind.ActOnScene:
                Act(turn, message.Read<SceneAction>());
                break;
            default:
                throw new InvalidDataException($"A scene does not handle {message.Kind}.");
        }
    }

    public override void Write(ByteWriter writer) => StateJson.WriteOrForgotten(writer, StateVersion, state, ScenesJson.Default.SceneState);

    public override void Read(ref ByteReader reader) => state = StateJson.ReadOrForgotten(ref reader, StateVersion, ScenesJson.Default.SceneState);

    public override void Describe(Utf8JsonWriter json, string key) => JsonSerializer.Serialize(json, Row(), GrainsJson.Default.SceneRow);

    private void Draft(scoped in Turn turn, SceneDrafted drafted)
    {
        if (state is null)
        {
            if (drafted.Expected is not null)
            {
                turn.Effects.Reply(ReplyStatus.NotFound, $"There is no scene '{turn.Key}'.");
                return;
            }

            state = new SceneState { Rule = drafted.Rule with { Id = turn.Key, Revision = 1, ApprovedBy = "", ApprovedMs = 0 } };
            Step(turn, drafted.By, SceneActions.Change, null);
            return;
        }

        if (drafted.Expected is null)
        {
            Refuse(turn, $"There is a scene '{turn.Key}' already, of {Now.Rule.Department}. An id is never used again; choose another.");
            return;
        }

        if (Refused(turn, SceneActions.Change, drafted.Expected))
        {
            return;
        }

        if (drafted.Rule.Department != Now.Rule.Department)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"The scene is {Now.Rule.Department}'s and stays theirs; draft another for {drafted.Rule.Department}.");
            return;
        }

        if (Now.Rule.SaysTheSame(drafted.Rule with { Id = turn.Key }))
        {
            turn.Effects.Reply(ReplyStatus.Done, "Nothing is different.");
            return;
        }

        Now.Rule = drafted.Rule with { Id = turn.Key, Revision = Now.Rule.Revision + 1, ApprovedBy = "", ApprovedMs = 0 };
        Now.State = SceneStates.Draft;
        Now.Test = null;
        Now.Note = null;
        Step(turn, drafted.By, SceneActions.Change, null);
    }

    private void Test(scoped in Turn turn, SceneTest test)
    {
        if (state is null || test.Revision != Now.Rule.Revision || Now.State == SceneStates.Withdrawn)
        {
            turn.Effects.Reply(ReplyStatus.Conflict, $"Revision {test.Revision} of the scene '{turn.Key}' was tried, and it has another by now.");
            return;
        }

        if (JsonSerializer.SerializeToUtf8Bytes(test, GrainsJson.Default.SceneTest).Length > GrainLimits.SceneTestBytes)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"What a back-test found is longer than {GrainLimits.SceneTestBytes} bytes.");
            return;
        }

        Now.Test = test;
        if (Now.State is SceneStates.Draft or SceneStates.Returned)
        {
            Now.State = SceneStates.Tested;
            Now.Note = null;
        }

        Step(turn, test.By, SceneActions.BackTest, null);
    }

    private void Act(scoped in Turn turn, SceneAction action)
    {
        if (state is null)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, $"There is no scene '{turn.Key}'.");
            return;
        }

        if (action.Action == SceneActions.Approve && Now.State != SceneStates.Withdrawn)
        {
            Approve(turn, action);
            return;
        }

        if (action.Action == SceneActions.Withdraw && Now.State == SceneStates.Withdrawn)
        {
            turn.Effects.Reply(ReplyStatus.Done, "It is withdrawn.");
            return;
        }

        if (Refused(turn, action.Action, action.Expected))
        {
            return;
        }

        switch (action.Action)
        {
            case SceneActions.Propose:
                Now.State = SceneStates.Proposed;
                Now.Note = null;
                break;
            case SceneActions.Return when string.IsNullOrWhiteSpace(action.Note):
                turn.Effects.Reply(ReplyStatus.Invalid, "Say in 'note' what is to be mended.");
                return;
            case SceneActions.Return:
                Now.State = SceneStates.Returned;
                Now.Note = action.Note;
                break;
            case SceneActions.Withdraw:
                Now.State = SceneStates.Withdrawn;
                Now.Note = action.Note;
                Now.InForce = null;
                Now.Rulebook = 0;
                break;
            default:
                turn.Effects.Reply(ReplyStatus.Invalid, $"There is no step '{action.Action}'.", Allowed());
                return;
        }

        Step(turn, action.By, action.Action, action.Note);
    }

    /// <summary>Takes over what the rulebook has in force: it was decided there. A scene that was changed meanwhile keeps its newer draft.</summary>
    private void Approve(scoped in Turn turn, SceneAction action)
    {
        if (turn.Rules.FindScene(turn.Key) is not { } inForce)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"The rulebook has no scene '{turn.Key}' in force.");
            return;
        }

        if (Now.InForce?.Revision == inForce.Revision)
        {
            turn.Effects.Reply(ReplyStatus.Done, "It is in force.");
            return;
        }

        Now.InForce = inForce;
        Now.Rulebook = action.Rulebook;
        if (inForce.Revision == Now.Rule.Revision)
        {
            Now.State = SceneStates.Approved;
            Now.Note = null;
        }

        Step(turn, action.By, SceneActions.Approve, action.Note);
    }

    private bool Refused(scoped in Turn turn, string action, long? expected)
    {
        if (expected is { } version && version != Now.Version)
        {
            Refuse(turn, $"The scene '{turn.Key}' was changed since: it is at version {Now.Version}, not {version}. Read it again.");
            return true;
        }

        if (Array.IndexOf(Allowed(), action) < 0)
        {
            string why = action == SceneActions.Propose && Now.State is SceneStates.Draft or SceneStates.Returned ? $" Back-test revision {Now.Rule.Revision} first: the centre decides by what it would have raised." : "";
            Refuse(turn, $"The scene '{turn.Key}' is {Now.State}; '{action}' is not possible now.{why}");
            return true;
        }

        return false;
    }

    private void Refuse(scoped in Turn turn, string why) => turn.Effects.Reply(ReplyStatus.Conflict, why, Allowed());

    private string[] Allowed() => Now.State switch
    {
        SceneStates.Draft or SceneStates.Returned or SceneStates.Approved => [SceneActions.Change, SceneActions.BackTest, SceneActions.Withdraw],
        SceneStates.Tested => [SceneActions.Change, SceneActions.BackTest, SceneActions.Propose, SceneActions.Withdraw],
        SceneStates.Proposed => [SceneActions.Change, SceneActions.BackTest, SceneActions.Approve, SceneActions.Return, SceneActions.Withdraw],
        _ => [],
    };

    private void Step(scoped in Turn turn, string by, string action, string? note)
    {
        Now.Version++;
        Now.History.Add(new SceneStep(DateTimeOffset.FromUnixTimeMilliseconds(turn.NowMs), by, action, Now.Rule.Revision, note));
        if (Now.History.Count > GrainLimits.SceneHistory)
        {
            Now.History.RemoveAt(0);
        }

        turn.Effects.Show(View.Scenes, turn.Key, Row());
        turn.Effects.Reply(ReplyStatus.Done);
    }

    private SceneRow Row() => new(
        Now.Rule.Id, Now.Rule.Name, Now.Rule.Department, Now.State, Now.Rule.Revision, Now.Version, Allowed(), Now.Rule, Now.InForce, Now.Rulebook == 0 ? null : Now.Rulebook, Now.Test, Now.Note, [.. Now.History]);
}
