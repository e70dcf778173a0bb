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

        bool decision = action.Action is WorkOrderActions.Approve or WorkOrderActions.Refuse;
        bool claims = action.Action == WorkOrderActions.Claim && IsOfferedTo(action.Department);
        if (decision ? !MayDecide(order, action) : !claims && action.Department is not null && action.Department != order.Department)
        {
            turn.Effects.Reply(ReplyStatus.Forbidden, decision ? $"What work order {action.WorkOrder} asks for is decided by {Decider(order)}." : $"Work order {action.WorkOrder} is of another department.");
            return;
        }

        if (Refusal(action) is { } refusal)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, refusal);
            return;
        }

        if (WrongFiles(action.Attachments) is { } wrongFiles)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, wrongFiles);
            return;
        }

        if (WasDone(action.Key))
        {
            turn.Effects.Reply(ReplyStatus.Done, $"Done already; work order {action.WorkOrder} is {order.State}.", Allowed(order));
            return;
        }

        Speaks(action.By, action.Salt, action.Attachments);
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

        bool done = action.Action switch
        {
            WorkOrderActions.Accept => Accept(turn, order, action),
            WorkOrderActions.Claim => Claim(turn, order, action),
            WorkOrderActions.Comment => Comment(turn, order, action),
            WorkOrderActions.Complete => Complete(turn, order, action),
            WorkOrderActions.Return => Return(turn, order, action),
            WorkOrderActions.Assign => Assign(turn, order, action),
            WorkOrderActions.HandOn => HandOn(turn, order, action),
            WorkOrderActions.Dispute => Dispute(turn, order, action),
            WorkOrderActions.Rule => Rule(turn, order, action),
            WorkOrderActions.Ask => Ask(turn, order, action),
            WorkOrderActions.Extend or WorkOrderActions.Park => Request(turn, order, action),
            WorkOrderActions.Resume => GoOn(turn, order, action),
            _ => Decide(turn, order, action),
        };
        if (done)
        {
            Remember(action.Key);
            order.Attached += action.Evidence?.Length ?? 0;
            KeepFiles(turn, order, action.Attachments);
            Touch(order);
            ShowChanges(turn);
            turn.Effects.Reply(ReplyStatus.Done, $"Work order {action.WorkOrder} is {order.State}.", Allowed(order));
        }
    }

    /// <summary>What does not make sense whatever the state; null where it does.</summary>
    private static string? Refusal(WorkOrderAction action)
    {
        if (Array.IndexOf(WorkOrderActions.All, action.Action) < 0)
        {
            return $"\"{action.Action}\" is no action; use one of {string.Join(", ", WorkOrderActions.All)}.";
        }

        if (action.Action == WorkOrderActions.Notify && (string.IsNullOrWhiteSpace(action.Note) || action.Note.Length > GrainLimits.NoticeTextChars))
        {
            return $"A notice says what is asked of the subject, in 1 to {GrainLimits.NoticeTextChars} characters.";
        }

        if ((WrongWith(action.Note, action.Key) ?? WrongWith(action.Record)) is { } wrong)
        {
            return wrong;
        }

        if (action.Evidence?.Length > GrainLimits.EvidenceItems || action.Evidence?.Any(item => item is null || item.Length > GrainLimits.EvidenceChars) == true)
        {
            return $"Attach at most {GrainLimits.EvidenceItems} pieces of evidence of at most {GrainLimits.EvidenceChars} characters each.";
        }

        return action.Action == WorkOrderActions.Comment && string.IsNullOrWhiteSpace(action.Note) && action.Evidence is null or [] && action.Attachments is null or []
            ? "A comment needs a note or evidence."
            : null;
    }

    private bool Accept(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        TakeOn(turn, order, action.By);
        Record(turn, "accepted", action.By, action.Note, order, action.Evidence);
        return true;
    }

    private static void TakeOn(scoped in Turn turn, WorkOrder order, string by)
    {
        order.State = WorkOrderStates.Accepted;
        order.AcceptedBy = by;
        order.AcceptedMs = turn.NowMs;
        ForgetAccepting(turn, order);
    }

    private bool Comment(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        Record(turn, "comment", action.By, action.Note, order, action.Evidence);
        return true;
    }

    private bool GoOn(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        Resume(turn, order, action.By, action.Note);
        return true;
    }

    private bool Assign(scoped in Turn turn, WorkOrder order, WorkOrderAction action)
    {
        if (string.IsNullOrWhiteSpace(action.To) || action.To.Length > GrainLimits.PersonChars)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"Name in 'to' who does it, in at most {GrainLimits.PersonChars} characters.");
            return false;
        }

        order.Assignee = action.To;
        Record(turn, "assigned", action.By, action.Note is null ? action.To : $"{action.To}: {action.Note}", order, action.Evidence);
        return true;
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

        if (order.IsLead && !TakeRecord(turn, order, stage, code, action.Record))
        {
            return false;
        }

        order.Outcome = code;
        order.Note = action.Note;
        order.FinishedBy = action.By;
        Finish(turn, order, WorkOrderStates.Completed);
        string said = order.Record is null ? "" : $" [{string.Join("; ", order.Record.Select(field => $"{field.Key}: {field.Value}"))}]";
        Record(turn, "completed", action.By, $"{(action.Note is null ? code : $"{code}: {action.Note}")}{said}", order, action.Evidence);
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

        Leave(turn, order, action, named is null ? "returned" : "handed-on", named, named);
        if (order.IsLead && named is null && stage.OnReturn is { } back && !Now.ReturnedBy.Contains(order.Department))
        {
            NoteReturn(order.Department);
            Begin(turn, Now.Workflow.Find(back)!);
        }
        else if (order.IsLead)
        {
            if (named is not null)
            {
                NoteRuling(turn, stage, action.By, named, []);
            }

            GiveLead(turn, stage, named ?? NextLead(turn, stage, order.Department), because: RulingReasons.Returned);
        }

        return true;
    }

    private string NextLead(scoped in Turn turn, Stage stage, string returnedBy)
    {
        NoteReturn(returnedBy);
        if (stage.Department != Stage.LeadDepartment || Now.Returns > 0)
        {
            return Rulebook.CommandCentre;
        }

        string? province = Rulebook.ProvinceOf(Now.SubjectKind, Now.Warning.Subject);
        return turn.Rules.Route(Now.Warning.Kind, Now.District, Now.Severity, province, turn.NowMs, Now.ReturnedBy).Lead;
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

        if (!order.IsOpen)
        {
            return [WorkOrderActions.Comment];
        }

        List<string> allowed = [];
        if (order.State == WorkOrderStates.Parked)
        {
            allowed.AddRange([WorkOrderActions.Resume, WorkOrderActions.Comment]);
        }
        else
        {
            if (order.State == WorkOrderStates.Issued)
            {
                allowed.Add(WorkOrderActions.Accept);
            }

            if (order.Assignee is null)
            {
                allowed.Add(WorkOrderActions.Claim);
            }

            allowed.Add(WorkOrderActions.Return);
            if (!Awaits(order).Any())
            {
                allowed.Add(WorkOrderActions.Complete);
            }

            allowed.AddRange([WorkOrderActions.Comment, WorkOrderActions.Assign]);
            bool centre = order.Department == Rulebook.CommandCentre;
            if (order.IsLead && centre)
            {
                allowed.Add(WorkOrderActions.Rule);
            }

            if (!centre)
            {
                allowed.Add(WorkOrderActions.HandOn);
                if (order.IsLead)
                {
                    allowed.Add(WorkOrderActions.Dispute);
                }
            }

            if (order.IsLead)
            {
                allowed.Add(WorkOrderActions.Ask);
            }

            if (order.Request is null)
            {
                allowed.AddRange(order.DueMs is null ? [WorkOrderActions.Park] : [WorkOrderActions.Extend, WorkOrderActions.Park]);
            }
        }

        if (order.Request is not null)
        {
            allowed.AddRange([WorkOrderActions.Approve, WorkOrderActions.Refuse]);
        }

        return [.. allowed];
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
            : order.IsOpen && action is WorkOrderActions.Approve or WorkOrderActions.Refuse
                ? $"Work order {OrderId(order)} asks for nothing, or it was decided already."
            : order.IsOpen && action is WorkOrderActions.Extend or WorkOrderActions.Park && order.Request is { } request
                ? $"Work order {OrderId(order)} waits for a decision already ({request.Kind})."
            : order.IsOpen && action == WorkOrderActions.Claim && order.Assignee is { } assignee
                ? $"Work order {OrderId(order)} is {assignee}'s already."
            : order.State == WorkOrderStates.Accepted && action == WorkOrderActions.Accept
                ? $"Work order {OrderId(order)} was accepted already, by {order.AcceptedBy}."
                : $"Work order {OrderId(order)} is {order.State}.";
    }

    private Explanation Said(WorkOrder order, string en, string zh) => new($"Work order {OrderId(order)} was {en}.", $"工单 {OrderId(order)} {zh}。");
}
