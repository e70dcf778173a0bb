using System.Globalization;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;

namespace Streaming.Grains.Dispatch;

/// <summary>What departments do with their work orders.</summary>
public sealed partial class Case
{
    private void Act(scoped in Turn turn, WorkOrderAction action)
    {
        WorkOrder? order = state is null ? null : FindOrder(action.WorkOrder);
        if (order is null)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, $"There is no work order {action.WorkOrder}.");
            return;
        }

        if (action.Department is not null && action.Department != order.Department)
        {
            turn.Effects.Reply(ReplyStatus.Forbidden, $"Work order {action.WorkOrder} is of another department.");
            return;
        }

        if (Refusal(action) is { } refusal)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, refusal);
            return;
        }

        if (action.Action == WorkOrderActions.Notify)
        {
            Notify(turn, order, action);
            return;
        }

        string[] allowed = Allowed(order);
        if (Array.IndexOf(allowed, action.Action) < 0)
        {
            turn.Effects.Reply(ReplyStatus.Conflict, WhyNot(order, action.Action), allowed);
            return;
        }

        bool done = true;
        switch (action.Action)
        {
            case WorkOrderActions.Accept:
                order.State = WorkOrderStates.Accepted;
                order.AcceptedBy = action.By;
                Record(turn, "accepted", action.By, action.Note, order, action.Evidence);
                break;
            case WorkOrderActions.Comment:
                Record(turn, "comment", action.By, action.Note, order, action.Evidence);
                break;
            case WorkOrderActions.Complete:
                done = Complete(turn, order, action);
                break;
            default:
                done = Return(turn, order, action);
                break;
        }

        if (done)
        {
            Touch(order);
            ShowChanges(turn);
            turn.Effects.Reply(ReplyStatus.Done, $"Work order {action.WorkOrder} is {order.State}.", Allowed(order));
        }
    }

    /// <summary>What does not make sense whatever the state; null where it does.</summary>
    private static string? Refusal(WorkOrderAction action)
    {
        if (action.Action is not (WorkOrderActions.Accept or WorkOrderActions.Return or WorkOrderActions.Complete or WorkOrderActions.Comment or WorkOrderActions.Notify))
        {
            return $"\"{action.Action}\" is no action; use accept, return, complete, comment or notify.";
        }

        if (action.Action == WorkOrderActions.Notify && (string.IsNullOrWhiteSpace(action.Note) || action.Note.Length > GrainLimits.NoticeTextChars))
        {
            return $"A notice says what is asked of the subject, in 1 to {GrainLimits.NoticeTextChars} characters.";
        }

        if (action.Note?.Length > GrainLimits.NoteChars)
        {
            return $"The note has {action.Note.Length} characters; at most {GrainLimits.NoteChars} are kept. Attach what is longer as evidence.";
        }

        if (action.Evidence?.Length > GrainLimits.EvidenceItems || action.Evidence?.Any(item => item is null || item.Length > GrainLimits.EvidenceChars) == true)
        {
            return $"Attach at most {GrainLimits.EvidenceItems} pieces of evidence of at most {GrainLimits.EvidenceChars} characters each.";
        }

        return action.Action == WorkOrderActions.Comment && string.IsNullOrWhiteSpace(action.Note) && action.Evidence is null or []
            ? "A comment needs a note or evidence."
            : null;
    }

    private bool Complete(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        Stage stage = Now.Workflow.Find(order.Stage)!;
        string[] codes = order.IsLead ? [.. stage.Outcomes.Select(outcome => outcome.Code)] : stage.CoHandlerOutcomes;
        string? otherwise = order.IsLead ? stage.DefaultOutcome : codes.FirstOrDefault();
        string? code = string.IsNullOrEmpty(action.Outcome) ? otherwise : action.Outcome;
        if (code is null || Array.IndexOf(codes, code) < 0)
        {
            string found = code is null ? "No outcome is given" : $"\"{code}\" is no outcome";
            turn.Effects.Reply(ReplyStatus.Invalid, $"{found} of stage {stage.Id}; complete with one of: {string.Join(", ", codes)}.", codes);
            return false;
        }

        order.Outcome = code;
        order.Note = action.Note;
        Finish(turn, order, WorkOrderStates.Completed);
        Record(turn, "completed", action.By, action.Note is null ? code : $"{code}: {action.Note}", order, action.Evidence);
        Alert(turn, AlertTypes.Completed, order, order.Department, order.Role, Said(order, $"completed: {code}", $"已办结：{OutcomeNameZh(turn.Rules, code)}"));
        if (order.IsLead)
        {
            EndStage(turn, stage, code);
        }

        return true;
    }

    private void EndStage(scoped in Turn turn, Stage stage, string code)
    {
        if (turn.Rules.Outcomes.FirstOrDefault(outcome => outcome.Code == code) is not { Result: false })
        {
            Now.Outcome = code;
        }

        string next = Array.Find(stage.Outcomes, outcome => outcome.Code == code)!.Next;
        if (Now.SubjectKind == ActorKind.Enterprise && next != Stage.Close && turn.Rules.Enterprises.StopOrders.Outcomes.Contains(code))
        {
            // The order holds from now on, while later stages go on for days.
            turn.Effects.Tell(ActorKind.Enterprise, Now.Warning.Subject, MessageKind.OutcomeDecided, new OutcomeDecided(Now.Id, code));
        }

        if (next == Stage.Close)
        {
            Close(turn, code);
        }
        else
        {
            Begin(turn, Now.Workflow.Find(next)!);
        }
    }

    /// <summary>
    /// A department says that the work is not its own. A co-handler's return is shown to the lead and counts as its part done. The lead's first return of a stage
    /// that follows the matrix goes to the next rule's lead that has not returned the case; any other (a second one, or of a stage that the workflow gives to a named department) goes to the
    /// command centre. The command centre hands its work order on by naming the department as the outcome.
    /// </summary>
    private bool Return(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        Stage stage = Now.Workflow.Find(order.Stage)!;
        string? named = null;
        if (order.IsLead && order.Department == Rulebook.CommandCentre)
        {
            string[] departments = [.. turn.Rules.Departments.Select(department => department.Id).Where(id => id != Rulebook.CommandCentre)];
            named = action.Outcome;
            if (named is null || Array.IndexOf(departments, named) < 0)
            {
                string found = named is null ? "No department is named" : $"\"{named}\" is no department";
                turn.Effects.Reply(ReplyStatus.Invalid, $"{found}; the command centre hands a work order on by naming one as the outcome: {string.Join(", ", departments)}.", departments);
                return false;
            }
        }

        order.Note = action.Note;
        order.Outcome = named;
        Finish(turn, order, WorkOrderStates.Returned);
        Record(turn, named is null ? "returned" : "handed-on", action.By, named is null ? action.Note : $"{named}: {action.Note}", order, action.Evidence);
        Explanation said = Said(order, $"returned by {order.Department}", "已退单");
        Alert(turn, AlertTypes.Returned, order, order.Department, order.Role, said);
        if (!order.IsLead)
        {
            if (CurrentLead() is { } lead && lead.Department != order.Department)
            {
                Alert(turn, AlertTypes.Returned, order, lead.Department, Roles.Informed, said);
            }

            return true;
        }

        string next = named ?? NextLead(turn.Rules, stage, order.Department);
        Now.Returns++;
        if (stage.Department == Stage.LeadDepartment)
        {
            Now.Lead = next;
        }

        foreach (WorkOrder own in Now.AwaitedCoHandlers().Where(own => own.Department == next).ToArray())
        {
            Withdraw(turn, own, "the department leads now");
        }

        Issue(turn, stage, next, Roles.Lead);
        return true;
    }

    private string NextLead(Rulebook rules, Stage stage, string returnedBy)
    {
        if (!Now.ReturnedBy.Contains(returnedBy))
        {
            Now.ReturnedBy.Add(returnedBy);
        }

        if (stage.Department != Stage.LeadDepartment || Now.Returns > 0)
        {
            return Rulebook.CommandCentre;
        }

        string? province = Rulebook.ProvinceOf(Now.SubjectKind, Now.Warning.Subject);
        return rules.Route(Now.Warning.Kind, Now.District, Now.Severity, province, Now.ReturnedBy).Lead;
    }

    /// <summary>The unfinished work order of the lead in the stage as it is visited now; there is one as long as the case is open.</summary>
    private WorkOrder? CurrentLead() => Now.WorkOrders.LastOrDefault(order => order.IsOpen && order.IsLead && order.StageVisit == Now.StageVisit);

    private WorkOrder? FindOrder(string id)
    {
        string prefix = Now.Id + "-w";
        return id.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(id.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? Now.WorkOrders.Find(order => order.Number == number && OrderId(order) == id)
            : null;
    }

    /// <summary>What the state of the work order, and of its stage, allows now.</summary>
    private string[] Allowed(WorkOrder order)
    {
        if (!Now.IsOpen)
        {
            return [];
        }

        bool mayComplete = order.IsOpen && !Awaits(order).Any();
        return order.State switch
        {
            WorkOrderStates.Issued when mayComplete => [WorkOrderActions.Accept, WorkOrderActions.Return, WorkOrderActions.Complete, WorkOrderActions.Comment],
            WorkOrderStates.Issued => [WorkOrderActions.Accept, WorkOrderActions.Return, WorkOrderActions.Comment],
            WorkOrderStates.Accepted when mayComplete => [WorkOrderActions.Return, WorkOrderActions.Complete, WorkOrderActions.Comment],
            WorkOrderStates.Accepted => [WorkOrderActions.Return, WorkOrderActions.Comment],
            _ => [WorkOrderActions.Comment],
        };
    }

    /// <summary>The co-handlers whose part has to be done before this work order may be completed.</summary>
    private IEnumerable<WorkOrder> Awaits(WorkOrder order) =>
        order.IsLead && Now.Current.JointSignOff ? Now.AwaitedCoHandlers() : [];

    private string WhyNot(WorkOrder order, string action)
    {
        if (!Now.IsOpen)
        {
            return $"Case {Now.Id} is closed; nothing more can be done with work order {OrderId(order)}.";
        }

        WorkOrder[] awaited = [.. Awaits(order)];
        return order.IsOpen && action == WorkOrderActions.Complete && awaited.Length > 0
            ? $"The stage is signed off jointly; still to complete: {string.Join(", ", awaited.Select(other => $"{other.Department} ({OrderId(other)})"))}."
            : order.State == WorkOrderStates.Accepted && action == WorkOrderActions.Accept
                ? $"Work order {OrderId(order)} was accepted already, by {order.AcceptedBy}."
                : $"Work order {OrderId(order)} is {order.State}.";
    }

    private Explanation Said(WorkOrder order, string en, string zh) => new($"Work order {OrderId(order)} was {en}.", $"工单 {OrderId(order)} {zh}。");
}
