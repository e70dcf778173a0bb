using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>What follows a case's end: whoever suffers from it is called back, it is opened again if it was not over, and at last it is archived.</summary>
public sealed partial class Case
{
    private const string Satisfied = "satisfied";
    private const string Dissatisfied = "dissatisfied";

    private void ActOnCase(scoped in Turn turn, CaseAction action)
    {
        if (state is null)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, $"There is no case {turn.Key}.");
            return;
        }

        if (!action.Decides && (action.Action == CaseActions.Reopen || action.Department != Now.Lead))
        {
            turn.Effects.Reply(ReplyStatus.Forbidden, action.Action == CaseActions.Reopen ? "The command centre opens cases again." : $"Case {Now.Id} is led by {Now.Lead}; its people and the command centre's do this.");
            return;
        }

        if (Array.IndexOf(CaseActions.All, action.Action) < 0 || WrongWith(action.Note, action.Key) is not null)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, WrongWith(action.Note, action.Key) ?? $"\"{action.Action}\" is no action; use {string.Join(", ", CaseActions.All)}.");
            return;
        }

        if (WasDone(action.Key))
        {
            turn.Effects.Reply(ReplyStatus.Done, "Done already.", AllowedAfterwards(turn.NowMs));
            return;
        }

        if (Array.IndexOf(AllowedAfterwards(turn.NowMs), action.Action) < 0)
        {
            string over = Now.IsOpen ? $"Case {Now.Id} is open." : Now.Archived ? $"Case {Now.Id} is archived." : Now.MergedInto is { } into ? $"Case {Now.Id} goes on in case {into}." : $"Case {Now.Id} was closed over {GrainLimits.ReopenDays} days ago; report it anew.";
            turn.Effects.Reply(ReplyStatus.Conflict, over, AllowedAfterwards(turn.NowMs));
            return;
        }

        if (action.Action == CaseActions.Reopen && string.IsNullOrWhiteSpace(action.Note))
        {
            turn.Effects.Reply(ReplyStatus.Invalid, "Say in the note why the case was not over.");
            return;
        }

        if (action.Action == CaseActions.CallBack && action.Outcome is not (Satisfied or Dissatisfied))
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"Say as the outcome of the call what was said: {Satisfied} or {Dissatisfied}.", [Satisfied, Dissatisfied]);
            return;
        }

        if (action.Action == CaseActions.CallBack && !CalledBack(turn, action))
        {
            return;
        }

        Remember(action.Key);
        Speaks(action.By, action.Salt);
        switch (action.Action)
        {
            case CaseActions.Archive:
                Now.Archived = true;
                Record(turn, "archived", action.By, action.Note);
                break;
            case CaseActions.CallBack:
                string called = action.Report is null ? action.Outcome! : $"{action.Report}: {action.Outcome}";
                Record(turn, "called-back", action.By, action.Note is null ? called : $"{called}: {action.Note}");
                if (action.Outcome == Dissatisfied && MayReopen(turn.NowMs))
                {
                    Reopen(turn, action.By, action.Note);
                }

                break;
            default:
                Reopen(turn, action.By, action.Note);
                break;
        }

        ShowChanges(turn);
        turn.Effects.Reply(ReplyStatus.Done, $"Case {Now.Id} is {State()}.", AllowedAfterwards(turn.NowMs));
    }

    /// <summary>It begins again at its first stage, with the department that led it last; what was done stays in its history.</summary>
    private void Reopen(scoped in Turn turn, string by, string? note, MergeUndone? undone = null)
    {
        Now.ClosedMs = null;
        Now.Reopened++;
        Now.ReturnedBy.Clear();
        Record(turn, "reopened", by, note is null ? Now.Outcome : $"{Now.Outcome}: {note}");
        Now.Outcome = null;

        // Who was called back is called again when it ends again; what they said stays in the history.
        Now.Reports = [.. Now.Reports.Select(report => report with { CalledBack = null })];
        TellReports(turn);
        turn.Effects.Tell(ActorKind.Dispatcher, DistrictPath.DistrictOf(Now.District), MessageKind.CaseReopened, new CaseReopened(Now.Id, Now.Warning.Subject, Now.SubjectKind, Now.Warning.Kind, Now.Subjects.Count > 0 ? [.. Now.Subjects] : null, undone?.Into, undone?.IsClosed == true));
        Explanation said = new($"Case {Now.Id} is open again: {note}", $"案件 {Now.Id} 重新办理：{note}");
        foreach (string department in Now.Departments)
        {
            Alert(turn, AlertTypes.Reopened, null, department, Roles.Informed, said);
        }

        Begin(turn, Now.Workflow.Stages[0]);
    }

    private bool MayReopen(long nowMs) => Now.ClosedMs is { } closedMs && nowMs - closedMs <= GrainLimits.ReopenDays * 24 * WorkingCalendar.HourMs;

    private string[] AllowedAfterwards(long nowMs) =>
        Now.IsOpen || Now.Archived ? []
        : Now.MergedInto is not null ? [CaseActions.Archive]
        : MayReopen(nowMs) ? CaseActions.All
        : [.. CaseActions.All.Where(action => action != CaseActions.Reopen)];

    private string State() => Now.IsOpen ? "open" : Now.Archived ? "archived" : "closed";

    private bool WasDone(string? key) => key is not null && Now.Keys.Contains(key);

    private void Remember(string? key)
    {
        if (key is not null)
        {
            Now.Keys.Add(key);
            if (Now.Keys.Count > GrainLimits.ActionKeys)
            {
                Now.Keys.RemoveAt(0);
            }
        }
    }

    /// <summary>What is too long; null where nothing is.</summary>
    private static string? WrongWith(string? note, string? key) =>
        note?.Length > GrainLimits.NoteChars ? $"The note has {note.Length} characters; at most {GrainLimits.NoteChars} are kept. Attach what is longer as evidence."
        : key is not null && key.Length is 0 or > GrainLimits.ActionKeyChars ? $"The key of an action has 1 to {GrainLimits.ActionKeyChars} characters."
        : null;
}
